//! Amazon API Gateway: REST APIs and what is in them (docs/aws.md §5, §6).

mod api;
mod authorizer;
mod definition;
mod deployment;
pub(crate) use deployment::content;
pub(crate) mod domain_name;
mod method;
pub(crate) mod requests;
mod resource;
mod stage;
pub(crate) mod usage;

use crate::{
    call::{Answer, Call, Refusal, refuse, refuse_with},
    cloud::{Cloud, Tags, unknown},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Default)]
pub(crate) struct Gateway {
    /// The role for logs that somebody has set.
    pub(crate) logging_role: Option<String>,
    pub(crate) apis: BTreeMap<String, Api>,
    pub(crate) usage: usage::Usage,
    pub(crate) domains: domain_name::Domains,
}

#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) made: Duration,
    /// `name`, `description`, `endpointConfiguration`.
    pub(crate) tree: Value,
    pub(crate) tags: Tags,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) authorizers: BTreeMap<String, Value>,
    /// By name.
    pub(crate) models: BTreeMap<String, Value>,
    pub(crate) validators: BTreeMap<String, Value>,
    pub(crate) responses: BTreeMap<String, Value>,
    /// In the order of their making.
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) stages: BTreeMap<String, Value>,
}

#[derive(Clone)]
pub(crate) struct Resource {
    pub(crate) parent: Option<String>,
    pub(crate) part: String,
    /// By HTTP method.
    pub(crate) methods: BTreeMap<String, Value>,
}

#[derive(Clone)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) description: Value,
    pub(crate) made: f64,
    /// The API as it was then.
    pub(crate) snapshot: Value,
}

impl Api {
    pub(crate) fn arn(&self, cloud: &Cloud, id: &str) -> String {
        format!("arn:aws:apigateway:{}::/restapis/{id}", cloud.region)
    }

    pub(crate) fn path(&self, id: &str) -> String {
        let resource = &self.resources[id];
        match &resource.parent {
            None => "/".into(),
            Some(parent) => format!(
                "{}/{}",
                self.path(parent).trim_end_matches('/'),
                resource.part
            ),
        }
    }
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateRestApi" | "GetRestApi" | "GetRestApis" | "UpdateRestApi" | "DeleteRestApi"
        | "TagResource" | "UntagResource" => api::answer(cloud, call),
        "PutRestApi" => definition::put(cloud, call),
        "GetAccount" => Ok(account(cloud)),
        "UpdateAccount" => update_account(cloud, call),
        "CreateResource" | "GetResources" | "UpdateResource" | "DeleteResource" => {
            resource::answer(cloud, call)
        }
        operation if operation.contains("DomainName") => domain_name::answer(cloud, call),
        operation if operation.contains("BasePath") => domain_name::mapping(cloud, call),
        operation if operation.contains("GatewayResponse") => api::response(cloud, call),
        operation if operation.contains("ApiKey") => usage::key(cloud, call),
        operation if operation.contains("UsagePlan") => usage::plan(cloud, call),
        operation if operation.contains("RequestValidator") => requests::validator(cloud, call),
        operation if operation.contains("Model") => requests::model(cloud, call),
        operation if operation.contains("Authorizer") => authorizer::answer(cloud, call),
        operation if operation.contains("Deployment") => deployment::answer(cloud, call),
        operation if operation.contains("Stage") => stage::answer(cloud, call),
        operation if operation.contains("Method") || operation.contains("Integration") => {
            method::answer(cloud, call)
        }
        _ => unknown(call),
    }
}

/// What belongs to no API (docs/aws.md §6).
fn account(cloud: &Cloud) -> Value {
    let throttle = json!({ "burstLimit": 5000, "rateLimit": 10000.0 });
    let mut tree = json!({ "apiKeyVersion": "4", "throttleSettings": throttle });
    if let Some(role) = logging_role(cloud) {
        tree["cloudwatchRoleArn"] = json!(role);
    }
    tree
}

fn logging_role(cloud: &Cloud) -> Option<String> {
    let usual = || (!cloud.strict.no_logging_role).then(|| cloud.arn("iam", "role/logs"));
    cloud.gateway.logging_role.clone().or_else(usual)
}

/// The role has to be there, and to be allowed to write (docs/aws.md §6).
fn update_account(cloud: &mut Cloud, call: &Call) -> Answer {
    for (_, path, value) in patches(call) {
        let name = value.rsplit('/').next().unwrap_or_default();
        let role = cloud.iam.roles.get(name);
        let writes = role.is_some_and(|it| {
            it.trust.contains("apigateway.amazonaws.com")
                && it
                    .attached
                    .iter()
                    .any(|it| it.ends_with("/AmazonAPIGatewayPushToCloudWatchLogs"))
        });
        match path.as_str() {
            "/cloudwatchRoleArn" if writes => cloud.gateway.logging_role = Some(value),
            "/cloudwatchRoleArn" => {
                return bad(
                    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
                );
            }
            _ => return bad(format!("Invalid patch path {path}")),
        }
    }
    Ok(account(cloud))
}

fn find<'a>(cloud: &'a mut Cloud, call: &Call) -> Result<&'a mut Api, Refusal> {
    let absent = || absent("Invalid API identifier specified");
    cloud
        .gateway
        .apis
        .get_mut(call.text("restApiId"))
        .map_or_else(absent, Ok)
}

fn absent<T>(message: &str) -> Result<T, Refusal> {
    refuse_with(404, "NotFoundException", message)
}

fn conflict<T>(message: impl Into<String>) -> Result<T, Refusal> {
    refuse_with(409, "ConflictException", message)
}

fn bad<T>(message: impl Into<String>) -> Result<T, Refusal> {
    refuse("BadRequestException", message)
}

/// The operations of a JSON Patch: what, where, and the value, always a text (docs/aws.md §5).
fn patches(call: &Call) -> Vec<(String, String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let all = call
        .get("patchOperations")
        .as_array()
        .cloned()
        .unwrap_or_default();
    all.iter()
        .map(|it| (text(&it["op"]), text(&it["path"]), text(&it["value"])))
        .collect()
}

/// Adds to or takes from a list of texts.
fn change_list(tree: &mut Value, field: &str, op: &str, value: &str) {
    if !tree[field].is_array() {
        tree[field] = json!([]);
    }
    let list = tree[field].as_array_mut().expect("just made");
    list.retain(|it| it != value);
    if op == "add" {
        list.push(json!(value));
    }
}
