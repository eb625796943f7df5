//! A log group of CloudWatch Logs, such as the one a Lambda function writes to. Pure.

use crate::{
    owner::Tags,
    spec::{Produces, Spec, Stack, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a function's log lines go.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogGroup {
    /// The log group's name; Lambda writes to `/aws/lambda/` and the function's name.
    pub name: String,
    /// How many days log lines are kept. AWS keeps them forever unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// Tags of the log group, besides wsctl's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Whether it carries the stack's tag. Always wanted: a group that Lambda made gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owned: Option<bool>,
}

/// What a log group gives to others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LogGroupOutputs {
    /// Without the `:*` that CloudWatch Logs appends in some answers.
    pub arn: String,
    pub name: String,
}

impl Produces for LogGroup {
    const NAME: &'static str = "log group";
    type Outputs = LogGroupOutputs;
}

impl Spec for LogGroup {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        derived: &["owned"],
        rename_on: &["name"],
        whole: &["tags"],
        lost: "the lines written so far",
        ..Traits::of::<Self>()
    };
}
