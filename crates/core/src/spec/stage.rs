//! The stage of a REST API: its public URL, and the deployment that it serves. Pure.

use super::rest_api::RestApi;
use crate::{
    shape,
    spec::{FoundBy, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stage: what callers reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// The stage's name, the first part of every path: `dev`.
    #[schemars(with = "shape::StageName")]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// How many requests it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttling: Option<Throttling>,
    /// Whether every method has its own CloudWatch metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub metrics: Option<bool>,
    /// What API Gateway logs: OFF, ERROR or INFO. Needs the account's CloudWatch role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["OFF", "ERROR", "INFO"], "default" = "OFF"))]
    pub logging_level: Option<String>,
    /// Settings of single routes, by their names: `"GET /users" = { throttling = { … } }`. What one leaves out is
    /// as this table says, and AWS's default where that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "shape::keyed::<MethodName, MethodSettings>",
        extend("examples" = [
            { "GET /users": { "metrics": true } },
            { "GET /users": { "metrics": false, "logging_level": "OFF" } },
        ])
    )]
    pub methods: Option<BTreeMap<String, MethodSettings>>,
    /// One line for each request. Needs the account's CloudWatch role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_logs: Option<AccessLogs>,
    /// Values by name that integrations refer to, `$${stageVariables.NAME}`, and that functions are given with
    /// each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "shape::keyed::<VariableName, VariableValue>",
        extend("examples" = [{ "table": "users" }, { "mode": "quiet", "table": "people" }])
    )]
    pub variables: Option<BTreeMap<String, String>>,
    /// Whether the account may be given a role for logs where it has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(skip)]
    pub sets_logging_role: bool,
    /// The digest of the API as declared; of a live stage, that in its deployment's description, or
    /// empty where it has none.
    #[serde(default)]
    #[schemars(skip)]
    pub deployment: String,
    /// Which deployment it serves; stack.toml never says, but an attached stage is given back so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub deployment_id: Option<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub beyond: Beyond,
}

/// What holds for one route's requests in place of what the stage says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MethodSettings {
    /// How many requests it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttling: Option<Throttling>,
    /// Whether it has its own CloudWatch metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<bool>,
    /// What API Gateway logs of it: OFF, ERROR or INFO. Needs the account's CloudWatch role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["OFF", "ERROR", "INFO"]))]
    pub logging_level: Option<String>,
    /// What else a live one has, which stack.toml cannot declare.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub more: Option<String>,
    /// AWS's key of a live one, where that is another than the one that wsctl gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub key: Option<String>,
}

impl Stage {
    /// The settings of single methods, each with all that it has: what it leaves out is the stage's.
    pub fn of_each_method(&self) -> Option<BTreeMap<String, MethodSettings>> {
        let completed = |it: &MethodSettings| MethodSettings {
            throttling: it.throttling.clone().or_else(|| self.throttling.clone()),
            metrics: it.metrics.or(self.metrics).or(Some(false)),
            logging_level: it
                .logging_level
                .clone()
                .or_else(|| self.logging_level.clone())
                .or_else(|| Some(OFF.to_owned())),
            more: None,
            key: None,
        };
        let methods = self.methods.as_ref()?.iter();
        Some(
            methods
                .map(|(name, it)| (name.clone(), completed(it)))
                .collect(),
        )
    }
}

/// The level at which nothing is logged.
pub const OFF: &str = "OFF";

shape::shapes! {
    MethodName { length: (3, 1024) }
    /// The name of a stage variable (API Gateway developer guide, "Use stage variables").
    VariableName {
        pattern: "^[A-Za-z0-9_]+$",
        hint: "letters, digits and _",
        what: "a stage variable's name",
    }
    /// Its value.
    VariableValue {
        length: (1, 512),
        pattern: r"^[A-Za-z0-9._~:/?#&=,-]+$",
        hint: "letters, digits and . _ ~ : / ? # & = , -",
    }
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
        derived: &["deployment"],
        table: "stage",
        identity: Some("name"),
        whole: &["methods", "variables"],
        bindable: true,
        remembered: &["deployment_id"],
        rename_on: &["name"],
        after_siblings: true,
        // No setting of the stage itself.
        create_only: &["sets_logging_role"],
        beyond: &["methods", "variables", "canary", "logs_bodies", "cache"],
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Throttling {
    /// Requests a second. Where none is set, the account's own.
    #[schemars(range(min = 0), extend("default" = 10_000.0))]
    pub rate_limit: f64,
    /// Requests at once.
    #[schemars(range(min = 0), extend("default" = 5000))]
    pub burst_limit: i32,
}

/// Access logs of a stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccessLogs {
    /// The log group's ARN, without `:*` at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub log_group_arn: Option<String>,
    /// The line's format. Left out: a JSON line with request id, caller, method, path, status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::AccessLogFormat>")]
    pub format: Option<String>,
    /// How many days the lines are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::retention")]
    pub retention_days: Option<u32>,
}

/// What a live stage may have that stack.toml cannot declare, and that decides what callers meet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Beyond {
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
