//! A route of a REST API, `GET /users`: a method on a resource, who may call it, and what answers. Pure.

use super::rest_api::RestApi;
use crate::spec::{Closing, Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A method with its integration. Its name is the method and the whole path: `GET /users/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Route {
    pub resource_id: String,
    /// `NONE`, `AWS_IAM` or `COGNITO_USER_POOLS`; a live one may be `CUSTOM`.
    pub authorization: String,
    /// The authorizer that checks the token; null where none does.
    pub authorizer_id: Option<String>,
    /// Any of these lets an access token pass; with none, an ID token is wanted (docs/aws.md §6).
    pub scopes: BTreeSet<String>,
    pub integration: Integration,
    /// Of a live method: whether callers need an API key besides.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub api_key_required: bool,
    /// Of a live method: what refuses requests before the function sees them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_validator: Option<String>,
}

/// What a route gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteOutputs {
    pub resource_id: String,
    /// The HTTP method: `GET`.
    pub method: String,
}

impl Produces for Route {
    const NAME: &'static str = "route";
    type Outputs = RouteOutputs;
}

impl Spec for Route {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "routes",
        bindable: true,
        beyond: &[
            "api_key_required",
            "request_validator",
            "integration.credentials",
            "integration.content_handling",
        ],
        calls: true,
        closing: Some(Closing {
            closed,
            why: why_closed,
            asks: authorizer_of,
        }),
        path: Some(behind_method),
        open_to_everyone: Some(is_open_to_everyone),
        says_little: Some(is_for_browsers),
        ..Traits::of::<Self>()
    };
}

/// What answers a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Integration {
    /// A Lambda function, which gets the whole request and gives the whole response.
    AwsProxy {
        /// `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`
        uri: String,
        /// Milliseconds, 50 to 29000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("default" = 29_000))]
        timeout_ms: Option<u32>,
        /// Of a live one: as whom API Gateway calls the function, where its own leave is not used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credentials: Option<String>,
        /// Of a live one: into what a body is turned before the function sees it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_handling: Option<String>,
    },
    /// API Gateway's own answer to the OPTIONS request that a browser sends before a call from
    /// another origin.
    Preflight {
        allow_origins: BTreeSet<String>,
        allow_headers: BTreeSet<String>,
        allow_methods: BTreeSet<String>,
    },
    /// Something live that stack.toml cannot declare, in words.
    Other { description: String },
    /// Nothing: the method was made and its integration was not.
    #[default]
    None,
}

fn behind_method(name: &str) -> (&str, &str) {
    name.split_at(name.find(' ').map_or(0, |at| at + 1))
}

/// The same method, and nobody gets in but who signs with the account's credentials.
fn closed(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["authorization"] = json!("AWS_IAM");
    spec["authorizer_id"] = Value::Null;
    spec["scopes"] = json!([]);
    spec
}

fn why_closed(was: &Value, is_there: &dyn Fn(&str) -> bool) -> Option<String> {
    let integration = was["integration"]["type"].as_str().unwrap_or_default();
    if integration != "aws_proxy" {
        return Some(format!(
            "what answered it ({integration}) cannot be put back"
        ));
    }
    let authorizer = authorizer_of(was).filter(|id| !id.is_empty() && !is_there(id))?;
    Some(format!("its authorizer {authorizer} is gone"))
}

fn authorizer_of(spec: &Value) -> Option<&str> {
    spec["authorizer_id"].as_str()
}

/// Preflights are as plentiful as paths.
fn is_for_browsers(name: &str) -> bool {
    name.starts_with("OPTIONS ")
}

fn is_open_to_everyone(name: &str, spec: &Value) -> bool {
    let is_preflight = spec["integration"]["type"] == "preflight";
    spec["authorization"] == "NONE" && !is_preflight && !is_for_browsers(name)
}

/// Whether a method with this authorization has an authorizer.
pub fn has_authorizer(authorization: &str) -> bool {
    matches!(authorization, "COGNITO_USER_POOLS" | "CUSTOM")
}
