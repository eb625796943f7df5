//! A secret of AWS Secrets Manager. Its value is set once, when it is made, and never read. Pure.

use crate::{
    owner::Tags,
    shape,
    spec::{Produces, Spec, Stack, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A secret in AWS Secrets Manager, such as a database's password. Its value is set only when it
/// is made; wsctl never reads it, so it may be rotated or edited elsewhere.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Secret {
    /// The secret's name in AWS, once per region. Do not end it with a hyphen and six characters:
    /// AWS appends such a suffix itself.
    #[schemars(length(min = 1, max = 512), regex(pattern = "^[A-Za-z0-9/_+=.@!:-]+$"), extend("patternHint" = "write letters, digits and /_+=.@-"))]
    pub name: String,
    /// What the secret is for, as the console shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub description: Option<String>,
    /// Keys of the value that are no secrets themselves, such as `username`. Used only when the
    /// secret is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<BTreeMap<String, String>>,
    /// Keys of the value that get a generated password, such as `password`. Used only when the
    /// secret is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<BTreeSet<String>>,
    /// How many characters a generated password has; 32 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 8, max = 128))]
    pub password_length: Option<u32>,
    /// The environment variable that holds the whole value when the secret is made, instead of
    /// `json` and `generate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_env: Option<String>,
    /// Tags of the secret, besides wsctl's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// What a secret gives to others: never its value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SecretOutputs {
    pub arn: String,
    pub name: String,
}

impl Produces for Secret {
    const NAME: &'static str = "secret";
    type Outputs = SecretOutputs;
}

impl Spec for Secret {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        attachable: true,
        rename_on: &["name"],
        whole: &["tags"],
        lost: "its ARN changes, and a new value is made",
        used_by_name: true,
        create_only: &["json", "generate", "password_length", "from_env"],
        ..Traits::of::<Self>()
    };
}
