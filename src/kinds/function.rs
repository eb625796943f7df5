//! A Lambda function packaged as a zip. Its environment may hold secrets, so no type of it has
//! `Debug`.
//!
//! Facts: docs/aws.md §8.

mod code;
mod doors;
mod read;
mod transition;
mod version;
mod wait;
mod write;

use crate::{
    aws::{Aws, Reads},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Found, Kind, Produces, Sighting, Stack, Wanted},
    owner::{Retag, StackOutputs, Tags},
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

/// The fields that UpdateFunctionConfiguration sets.
const CONFIGURATION: &[&str] =
    &["description", "runtime", "handler", "memory", "timeout", "environment", "vpc", "role", "layers"];
/// The fields that UpdateFunctionCode sets.
const CODE: &[&str] = &["code", "architecture"];

impl Kind for Function {
    type Parent = Stack;
    const TABLE: &'static str = "";
    const RENAME_ON: &'static [&'static str] = &["name"];
    const WHOLE: &'static [&'static str] = &["environment", "tags"];
    const HIDDEN: &'static [&'static str] = &["environment"];
    const BEYOND: &'static [&'static str] = &["switched_off", "layers"];
    const LOST: &'static str = "its ARN changes, and its old versions go";

    async fn find(reads: &Reads, _: &StackOutputs, wanted: &Wanted<Self>) -> Result<Vec<Sighting<Self>>> {
        let found = read::find(reads, wanted).await?;
        Ok(found.into_iter().map(Sighting::Whole).collect())
    }

    async fn create(&self, aws: &Aws, within: &StackOutputs, name: &str) -> Result<FunctionOutputs> {
        let made = write::create(self, aws, within, name).await?;
        wait::until_active(aws, &self.name, made.state).await?;
        Ok(FunctionOutputs { arn: made.arn, name: self.name.clone() })
    }

    /// Configuration first: a new program may need the new environment, role or network, and if
    /// AWS refuses the configuration the function still runs as before. Where both the runtime and
    /// the program change, one zip with both programs bridges them (see [`transition`]).
    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let before = transition::before(self, aws, live, changes).await?;
        if let Some(zip) = &before {
            // Without its architecture AWS would take the zip for x86_64.
            write::code(self, aws, zip, live.spec.architecture.as_deref()).await?;
        }
        if any_touches(changes, CONFIGURATION) {
            write::configuration(self, aws, changes).await?;
        }
        if any_touches(changes, CODE) {
            let zip = self.zip(aws, live).await?;
            write::code(self, aws, &zip, self.architecture.as_deref()).await?;
        }
        if any_touches(changes, &["switched_off"]) {
            write::switch_on(aws, &self.name).await?;
        }
        write::retag(aws, &live.outputs.arn, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &FunctionOutputs) -> Result<()> {
        write::delete(aws, &live.name).await
    }

    async fn remember(aws: &Aws, live: &Found<Self>) -> Result<Tags> {
        version::keep(aws, live).await
    }

    async fn let_go(aws: &Aws, live: &Found<Self>) -> Result<()> {
        version::delete(aws, live).await
    }

    async fn doors(aws: &Aws, live: &Found<Self>) -> Result<Vec<String>> {
        doors::all(aws, &live.outputs.name).await
    }

    async fn mark(aws: &Aws, live: &FunctionOutputs, tags: Retag) -> Result<()> {
        write::retag(aws, &live.arn, tags).await
    }
}

impl Function {
    /// Its zip: one of this machine, or that of the version which is given back.
    async fn zip(&self, aws: &Aws, live: &Found<Self>) -> Result<Vec<u8>> {
        let code = self.required("code", self.code.as_ref())?;
        let version = live.marks.get(version::TAG);
        if let Some(version) = version.filter(|_| !code::is_known(aws, code)) {
            return version::zip(aws, &live.outputs.name, version::number(version)).await;
        }
        code::bytes(aws, code)
    }

    /// A field without which AWS makes no function.
    fn required<'a>(&self, field: &str, value: Option<&'a String>) -> Result<&'a str> {
        value.map(String::as_str).ok_or_else(|| {
            Error::input(format!("function {}: {field} is not declared", self.name))
                .hint(format!("a function that wsctl makes needs its {field}"))
        })
    }
}
