//! An API key: which program calls: `[api_keys.NAME]`. Pure.

use crate::{
    owner::Tags,
    shape,
    spec::{FoundBy, Produces, Spec, Stack, Traits, arn::of_gateway},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A key that a program sends in the header `x-api-key`. AWS makes its value, which wsctl never shows: a key
/// counts and limits calls, and is no way to know who calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    /// The key's name in AWS.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// Whether it is good for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub enabled: Option<bool>,
    /// The usage plan that it is in, by its name in this file. A key in none opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_plan: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::api_tags")]
    pub tags: Option<Tags>,
}

/// What an API key gives to others: all but its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyOutputs {
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl ApiKeyOutputs {
    /// What AWS makes of these.
    pub fn new(region: &str, id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            arn: of_gateway(region, "apikeys", id),
            name: name.to_owned(),
        }
    }
}

impl Produces for ApiKey {
    const NAME: &'static str = "API key";
    type Outputs = ApiKeyOutputs;
}

impl Spec for ApiKey {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        whole: &["tags"],
        beyond: &["usage_plan"],
        found: FoundBy::List,
        ..Traits::of::<Self>()
    };
}
