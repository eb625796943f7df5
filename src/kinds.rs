//! The kinds of AWS resources, one line each, in the order in which they are made.

use crate::kind::{AnyKind, erased};

pub mod authorizer;
pub mod branding;
pub mod client;
pub mod domain;
pub mod function;
pub mod gateway_response;
pub mod group;
pub mod log_group;
pub mod permission;
pub mod resource;
pub mod rest_api;
pub mod role;
pub mod route;
pub mod secret;
pub mod stage;
pub mod user_pool;

/// Every kind. Leftovers are deleted in the reverse of this order.
pub fn all() -> Vec<Box<dyn AnyKind>> {
    vec![
        Box::new(erased::<secret::Secret>()),
        Box::new(erased::<log_group::LogGroup>()),
        Box::new(erased::<role::Role>()),
        Box::new(erased::<function::Function>()),
        Box::new(erased::<permission::Permission>()),
        Box::new(erased::<user_pool::UserPool>()),
        Box::new(erased::<group::Group>()),
        Box::new(erased::<client::Client>()),
        Box::new(erased::<branding::Branding>()),
        Box::new(erased::<domain::Domain>()),
        Box::new(erased::<rest_api::RestApi>()),
        Box::new(erased::<authorizer::Authorizer>()),
        Box::new(erased::<resource::Resource>()),
        Box::new(erased::<route::Route>()),
        Box::new(erased::<gateway_response::GatewayResponse>()),
        Box::new(erased::<stage::Stage>()),
    ]
}

#[cfg(test)]
mod tests {
    use super::all;

    /// Kinds whose replacement nobody outside the stack notices.
    const HARMLESS: [&str; 1] = ["authorizer"];

    #[test]
    fn what_can_be_replaced_says_what_is_lost_or_is_known_to_lose_nothing() {
        for traits in all().iter().map(|it| it.traits()) {
            let is_replaced = !traits.replace_on.is_empty() || !traits.rename_on.is_empty();
            let is_harmless = HARMLESS.contains(&traits.name);
            assert_eq!(is_replaced && traits.lost.is_empty(), is_harmless, "{}", traits.name);
        }
    }
}
