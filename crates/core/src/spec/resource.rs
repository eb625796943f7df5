//! A resource of a REST API: one segment of its paths. The root `/` comes with the API and is none
//! of these. Pure.

use super::rest_api::RestApi;
use crate::spec::{Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One path segment below another resource. Its name is the whole path: `/users/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resource {
    pub parent_id: String,
    pub path_part: String,
}

/// What a resource gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceOutputs {
    pub id: String,
    pub path: String,
}

impl Produces for Resource {
    const NAME: &'static str = "resource";
    type Outputs = ResourceOutputs;
}

impl Spec for Resource {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        derived: &["parent_id", "path_part"],
        table: "resources",
        bindable: true,
        path: Some(whole),
        in_definition: Some(|_, _| true),
        says_little: Some(|_| true),
        ..Traits::of::<Self>()
    };
}

/// The path in a name that is nothing else.
fn whole(name: &str) -> (&str, &str) {
    ("", name)
}
