//! A Lambda function packaged as a zip. Its environment may hold secrets, so no type of it has
//! `Debug`. Pure.

use crate::{
    duration::Duration,
    owner::Tags,
    shape,
    spec::{Produces, Spec, Stack, Traits},
};
use runtime::{HANDLER, RUNTIME};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub mod runtime;

/// The processor of a function that says none.
pub const ARCHITECTURE: &str = "x86_64";

/// Of all calls that X-Ray may be told of.
pub const ACTIVE: &str = "active";
/// Only of those whose caller is looked at.
pub const PASS_THROUGH: &str = "pass_through";

/// A Lambda function: code, how it runs, and as whom.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Function {
    /// The function's name in AWS, once per region.
    #[schemars(with = "shape::FunctionName")]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// The Lambda runtime: `nodejs22.x`, `python3.13`, `java21`, `ruby3.4`, `dotnet8` and others, or
    /// that of native programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Runtime>", extend("default" = RUNTIME))]
    pub runtime: Option<String>,
    /// What the runtime calls: `index.handler` is the function `handler` of the file `index.mjs`,
    /// `index.js` or `index.cjs`, or of `index.py`. A native program needs none; every other runtime does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Handler>", extend("default" = HANDLER))]
    pub handler: Option<String>,
    /// The processor; a native program must be for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["x86_64", "arm64"], "default" = ARCHITECTURE))]
    pub architecture: Option<String>,
    /// Memory in MB; more memory is also more processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 128, max = 10240), extend("default" = 128))]
    pub memory: Option<u32>,
    /// The longest that one call may take, in whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["1s", "15m"], "default" = "3s"))]
    pub timeout: Option<Duration>,
    /// ARNs of layers, each with its version: what is in a later one takes the place of what is in an
    /// earlier one. Left out, a function of the stack has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<shape::LayerVersionArn>>", length(max = 5))]
    pub layers: Option<Vec<String>>,
    /// Whether X-Ray is told of its calls: of all that it is asked to look at, or of what its caller was
    /// looked at for. The role that wsctl makes may write them when it is `active`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [ACTIVE, PASS_THROUGH], "default" = PASS_THROUGH))]
    pub tracing: Option<String>,
    /// What it may write to `/tmp`, in MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 512, max = 10240), extend("default" = 512))]
    pub ephemeral_storage: Option<u32>,
    /// How many calls at once are kept for it, and are the most that it gets; 0 keeps it from ever
    /// running, -1 takes the reservation off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1), extend("default" = -1))]
    pub reserved_concurrency: Option<i32>,
    /// Environment variables, 4 KB in all. Put the name of a secret here, never its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::keyed::<shape::EnvironmentVariableName, String>")]
    pub environment: Option<BTreeMap<String, String>>,
    /// The network it runs in, when it has to reach a database in a VPC; with empty lists, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc: Option<Vpc>,
    /// The ARN of a role to run as. Left out, wsctl makes one that may do the least it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::RoleArn>")]
    pub role: Option<String>,
    /// The base64 SHA-256 of its zip; the bytes lie where the engine is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub code: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
    /// Of a live function: whether a reserved concurrency of 0, which is not declared, keeps it from ever
    /// running.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub switched_off: Option<bool>,
}

/// Where in a VPC a function runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vpc {
    /// Subnet ids, `subnet-…`.
    #[schemars(with = "BTreeSet<shape::SubnetId>", length(max = 16))]
    pub subnet_ids: BTreeSet<String>,
    /// Security group ids, `sg-…`.
    #[schemars(with = "BTreeSet<shape::SecurityGroupId>", length(max = 5))]
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
        derived: &["code"],
        attachable: true,
        rename_on: &["name"],
        whole: &["environment", "tags"],
        hidden: &["environment"],
        beyond: &["switched_off", "layers"],
        lost: "its ARN changes, and its old versions go",
        ..Traits::of::<Self>()
    };
}
