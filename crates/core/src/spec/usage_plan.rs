//! A usage plan: how much each of its API keys may ask of the API: `[usage_plans.NAME]`. Pure.

use crate::{
    owner::Tags,
    shape::{self, shapes},
    spec::{FoundBy, Produces, Spec, Stack, Traits, arn::of_gateway},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much each API key in it may ask. A limit that is left out is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsagePlan {
    /// The plan's name in AWS.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// How fast each key may ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttling: Option<Throttling>,
    /// How often each key may ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// What it is for, each as `API:STAGE`.
    #[serde(default)]
    #[schemars(skip)]
    pub stages: BTreeSet<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::api_tags")]
    pub tags: Option<Tags>,
}

/// How fast each key may ask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Throttling {
    /// Requests a second.
    #[schemars(range(min = 0))]
    pub rate_limit: f64,
    /// Requests at once.
    #[schemars(range(min = 1))]
    pub burst_limit: i32,
}

/// How often each key may ask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Requests in a period.
    #[schemars(range(min = 1))]
    pub limit: i32,
    /// How long a period is.
    #[schemars(with = "Period")]
    pub period: String,
    /// How many requests less there are in the first period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub offset: Option<i32>,
}

shapes! {
    Period { words: &["DAY", "WEEK", "MONTH"] }
}

/// What a usage plan gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsagePlanOutputs {
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl UsagePlanOutputs {
    /// What AWS makes of these.
    pub fn new(region: &str, id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            arn: of_gateway(region, "usageplans", id),
            name: name.to_owned(),
        }
    }
}

impl Produces for UsagePlan {
    const NAME: &'static str = "usage plan";
    type Outputs = UsagePlanOutputs;
}

impl Spec for UsagePlan {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        whole: &["tags"],
        beyond: &["throttling", "quota"],
        found: FoundBy::List,
        ..Traits::of::<Self>()
    };
}
