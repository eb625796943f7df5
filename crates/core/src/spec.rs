//! What stack.toml can say of each kind of resource, what a kind is like, and a resource as AWS has
//! it. Pure: the calls are in [`crate::kinds`].

pub mod api_key;
pub mod arn;
pub mod authorizer;
pub mod base_path_mapping;
pub mod branding;
pub mod client;
pub mod custom_domain;
mod defaults;
pub mod domain;
pub mod domain_name;
pub mod function;
pub mod gateway_response;
pub mod group;
pub mod identity_pool;
pub mod identity_provider;
pub mod integration;
mod live;
pub mod log_group;
pub mod model;
pub mod permission;
pub mod preflight;
pub mod request_validator;
pub mod resource;
pub mod resource_server;
pub mod rest_api;
pub mod risk_configuration;
pub mod role;
pub mod route;
pub mod secret;
pub mod stage;
mod traits;
pub mod usage_plan;
pub mod user;
pub mod user_pool;

use crate::{
    error::{Error, Result},
    owner::StackOutputs,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use defaults::{completed, defaults, explicit, required};
pub use live::{Found, Lack, Live, Obstacle, address_of};
pub use traits::{Closing, FoundBy, Part, Traits, WithNeeds, names_in_list};

/// The tables of roots, each under a name of the file's choice.
pub const NAMED_ROOTS: [&str; 6] = [
    "functions",
    "secrets",
    rest_api::APIS,
    "domain_names",
    "usage_plans",
    "api_keys",
];

/// Something that others can refer to: a resource, or the stack itself.
pub trait Produces: Send + Sync + 'static {
    /// The kind's name, as AWS calls it: `user pool client`.
    const NAME: &'static str;
    /// What it gives to others; never a secret.
    type Outputs: Serialize + DeserializeOwned + Default + Clone + Send + Sync;
}

/// The stack: the parent of every root resource.
pub struct Stack;

impl Produces for Stack {
    const NAME: &'static str = "stack";
    type Outputs = StackOutputs;
}

/// What can be said of one kind of AWS resource: the implementing type's fields.
pub trait Spec: Produces + Serialize + DeserializeOwned + JsonSchema + Clone {
    type Parent: Produces;
    /// What the planner has to know of the kind.
    const TRAITS: Traits;

    /// What is declared as AWS tells it once it is there: an empty list that stands for AWS's own
    /// default, say. Given with all references resolved, or as many as are known.
    fn normal(self) -> Self {
        self
    }

    /// What AWS makes of what stands by names of its own, beside the defaults in the schema.
    fn usual() -> Value {
        Value::Null
    }
}

/// What `$each` makes of every kind, in the order in which they are made. Leftovers are deleted in the
/// reverse of this order.
#[macro_export]
macro_rules! every_kind {
    ($each:path) => {{
        use $crate::spec;
        use $each as each;
        vec![
            each::<spec::secret::Secret>(),
            each::<spec::log_group::LogGroup>(),
            each::<spec::role::Role>(),
            each::<spec::function::Function>(),
            each::<spec::permission::Permission>(),
            each::<spec::user_pool::UserPool>(),
            each::<spec::risk_configuration::RiskConfiguration>(),
            each::<spec::group::Group>(),
            each::<spec::user::User>(),
            each::<spec::resource_server::ResourceServer>(),
            each::<spec::identity_provider::IdentityProvider>(),
            each::<spec::client::Client>(),
            each::<spec::branding::Branding>(),
            each::<spec::domain::Domain>(),
            each::<spec::custom_domain::CustomDomain>(),
            each::<spec::identity_pool::IdentityPool>(),
            each::<spec::rest_api::RestApi>(),
            each::<spec::authorizer::Authorizer>(),
            each::<spec::model::Model>(),
            each::<spec::request_validator::RequestValidator>(),
            each::<spec::resource::Resource>(),
            each::<spec::route::Route>(),
            each::<spec::gateway_response::GatewayResponse>(),
            each::<spec::stage::Stage>(),
            each::<spec::domain_name::DomainName>(),
            each::<spec::base_path_mapping::BasePathMapping>(),
            each::<spec::usage_plan::UsagePlan>(),
            each::<spec::api_key::ApiKey>(),
        ]
    }};
}
pub use every_kind;

/// What every kind is like.
pub fn all() -> Vec<Traits> {
    const fn traits<S: Spec>() -> Traits {
        S::TRAITS
    }
    every_kind!(traits)
}

/// The kinds that are no more than tables in a table of this kind's.
pub fn parts_of(parent: &str) -> impl Iterator<Item = (Traits, Part)> {
    let parts = all().into_iter().filter(move |it| it.parent == parent);
    parts.filter_map(|it| Some((it, it.part?)))
}

/// What the kind of this name is like.
pub fn traits_of(kind: &str) -> Option<Traits> {
    all().into_iter().find(|it| it.name == kind)
}

/// A value as a tree.
pub fn to_tree<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("a value has no tree").source(error))
}

/// A tree as a value.
pub fn from_tree<T: DeserializeOwned>(tree: &Value) -> Result<T> {
    // serde's message can quote the value, which may be a secret: the type is enough.
    T::deserialize(tree)
        .map_err(|_| Error::internal(format!("a tree is no {}", std::any::type_name::<T>())))
}

#[cfg(test)]
mod tests {
    use super::all;

    /// Kinds whose replacement nobody outside the stack notices.
    const HARMLESS: [&str; 1] = ["authorizer"];

    #[test]
    fn what_can_be_replaced_says_what_is_lost_or_is_known_to_lose_nothing() {
        for traits in all() {
            let is_replaced = !traits.replace_on.is_empty() || !traits.rename_on.is_empty();
            let is_harmless = HARMLESS.contains(&traits.name);
            assert_eq!(
                is_replaced && traits.lost.is_empty(),
                is_harmless,
                "{}",
                traits.name
            );
        }
    }
}
