//! A Lambda function packaged as a zip. Its environment may hold secrets, so no type of it has
//! `Debug`. Pure.

use crate::{
    owner::Tags,
    spec::{Produces, Spec, Stack, Traits},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A Lambda function: code, how it runs, and as whom.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Function {
    /// The function's name, at most 64 characters, once per region.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `provided.al2023` for a binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The entry point; any text for a binary, but AWS insists on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// `x86_64` or `arm64`; it must be the binary's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// In MB, 128 to 10240; AWS's default is 128.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,
    /// In seconds, 1 to 900; AWS's default is 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// Environment variables, 4 KB in all. Undeclared ones are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<BTreeMap<String, String>>,
    /// The network it runs in; empty lists take it out of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc: Option<Vpc>,
    /// The ARN of the role that it runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The base64 SHA-256 of its zip; the bytes lie where [`Aws::zips`] says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Of a live function: whether a reserved concurrency of 0 keeps it from ever running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switched_off: Option<bool>,
    /// Of a live function: the layers whose code runs with its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<String>>,
}

/// The subnets and security groups of a function inside a VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vpc {
    pub subnet_ids: BTreeSet<String>,
    pub security_group_ids: BTreeSet<String>,
}

/// What a function gives to others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FunctionOutputs {
    pub arn: String,
    pub name: String,
}

impl Produces for Function {
    const NAME: &'static str = "function";
    type Outputs = FunctionOutputs;
}

impl Spec for Function {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        rename_on: &["name"],
        whole: &["environment", "tags"],
        hidden: &["environment"],
        beyond: &["switched_off", "layers"],
        lost: "its ARN changes, and its old versions go",
        ..Traits::of::<Self>()
    };
}
