//! The stage of a REST API: its public URL, and the deployment that it serves. Pure.

use super::rest_api::RestApi;
use crate::spec::{FoundBy, Produces, Spec, Traits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stack.toml declares of the stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttling: Option<Throttling>,
    /// Whether CloudWatch gets detailed metrics, one set a method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<bool>,
    /// What execution logging writes: `OFF`, `ERROR` or `INFO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_logs: Option<AccessLogs>,
    /// The digest of the API as declared; of a live stage, that in its deployment's description, or
    /// empty where it has none.
    pub deployment: String,
    /// Which deployment it serves; stack.toml never says, but an attached stage is given back so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<String>,
    #[serde(flatten)]
    pub beyond: Beyond,
}

/// What a stage gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageOutputs {
    pub name: String,
    pub deployment_id: String,
    /// `https://ID.execute-api.REGION.amazonaws.com/STAGE`
    pub invoke_url: String,
    pub rest_api_id: String,
}

impl StageOutputs {
    /// What AWS makes of these.
    pub fn new(region: &str, api: &str, name: &str, deployment_id: &str) -> Self {
        Self {
            name: name.to_owned(),
            deployment_id: deployment_id.to_owned(),
            invoke_url: format!("https://{api}.execute-api.{region}.amazonaws.com/{name}"),
            rest_api_id: api.to_owned(),
        }
    }
}

impl Produces for Stage {
    const NAME: &'static str = "stage";
    type Outputs = StageOutputs;
}

impl Spec for Stage {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "stage",
        identity: Some("name"),
        bindable: true,
        remembered: &["deployment_id"],
        rename_on: &["name"],
        after_siblings: true,
        beyond: &["method_settings", "variables", "canary", "logs_bodies", "cache"],
        // People keep passwords in stage variables.
        hidden: &["variables"],
        // The stage itself has a name, the deployment that is made with it has none.
        found: FoundBy::List,
        // Where the deployment that it had is gone, it is given back with another.
        read_otherwise: &["deployment_id"],
        lost: "the API's URL changes",
        stays_with: Some(("access_logs", "log_group_arn")),
        ..Traits::of::<Self>()
    };
}

/// How many requests all methods of a stage take, each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttling {
    /// Requests a second.
    pub rate_limit: f64,
    /// Requests at once.
    pub burst_limit: i32,
}

/// Where a stage writes one line a request, and what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessLogs {
    /// The log group's ARN, without `:*` at its end.
    pub log_group_arn: String,
    /// One line with `$context.requestId` in it.
    pub format: String,
}

/// What a live stage may have that stack.toml cannot declare, and that decides what callers meet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Beyond {
    /// The settings of single methods, which take the place of those of all: `users/GET`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub method_settings: BTreeMap<String, String>,
    /// Values that the API's integrations may refer to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Another deployment that answers some of the callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
    /// Whether the execution log has whole requests and answers, tokens among them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub logs_bodies: bool,
    /// Whether it has a cache, from which one caller's answer may be given to another.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cache: bool,
}
