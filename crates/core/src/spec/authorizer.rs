//! An authorizer of a REST API: before a method runs it checks the tokens of Cognito user pools, or asks
//! a Lambda function. Pure.

use super::rest_api::RestApi;
use crate::{
    duration::Duration,
    shape,
    spec::{Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Lets in who shows a token of the stack's user pool, or whom a function lets in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Authorizer {
    /// The authorizer's name in AWS.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// A function of this file by its name here, or a function's ARN, that decides in the place of a user
    /// pool. wsctl lets the API call one of the file; another's owner has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// What the function is given: `TOKEN` for what the token's header has, `REQUEST` for the whole
    /// request. Left out with a function, `TOKEN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [TOKEN, REQUEST]))]
    pub r#type: Option<String>,
    /// With `REQUEST`, what a request cannot be without, and by which a decision is remembered:
    /// `method.request.header.NAME`, `method.request.querystring.NAME`, `stageVariables.NAME` or
    /// `context.NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::IdentitySource>>")]
    pub identity_sources: Option<BTreeSet<String>>,
    /// Further pools whose tokens are let in: their ARNs.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::ProviderArn>")]
    pub user_pool_arns: BTreeSet<String>,
    /// The request header that carries the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::HeaderReference>", extend("default" = AUTHORIZATION, "explicit" = true))]
    pub token_source: Option<String>,
    /// A regular expression that the token's `aud` has to match, or before a function the token itself.
    /// Leave it out unless you know why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_expression: Option<String>,
    /// How long a decision is remembered; "0s" for not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["0s", "1h"], "default" = "5m"))]
    pub ttl: Option<Duration>,
}

/// The request header that carries the token where none is named.
pub const AUTHORIZATION: &str = "Authorization";

/// A function is given the token.
pub const TOKEN: &str = "TOKEN";
/// A function is given the request.
pub const REQUEST: &str = "REQUEST";

/// How API Gateway names a header of a request.
pub const HEADER: &str = "method.request.header.";

/// What a definition calls signatures of IAM's credentials, and API keys: no authorizer has these names there.
pub const OF_DEFINITION: [&str; 2] = ["sigv4", "api_key"];

impl Authorizer {
    /// The request header that carries the token, which a look at the whole request has none of.
    pub fn token_header(&self) -> Option<&str> {
        let is_request = self.r#type.as_deref() == Some(REQUEST);
        (!is_request).then(|| self.token_source.as_deref().unwrap_or(AUTHORIZATION))
    }

    /// The request headers without which nobody is let in.
    pub fn headers(&self) -> Vec<&str> {
        let sources = self.identity_sources.iter().flatten();
        let headers = sources.filter_map(|it| it.strip_prefix(HEADER));
        self.token_header().into_iter().chain(headers).collect()
    }

    /// Whether it takes the tokens of user pools.
    pub fn is_of_user_pools(&self) -> bool {
        self.function.is_none() && self.r#type.is_none()
    }
}

/// What an authorizer gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AuthorizerOutputs {
    pub id: String,
}

impl Produces for Authorizer {
    const NAME: &'static str = "authorizer";
    type Outputs = AuthorizerOutputs;
}

impl Spec for Authorizer {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "authorizers",
        identity: Some("name"),
        replace_on: &["type"],
        beyond: &["type"],
        in_definition: Some(is_key_of_definition),
        ..Traits::of::<Self>()
    };

    /// Each type has its own way to say where it looks.
    fn normal(self) -> Self {
        match self.r#type.as_deref() {
            Some(REQUEST) => Self {
                token_source: None,
                validation_expression: None,
                ..self
            },
            _ => Self {
                identity_sources: None,
                ..self
            },
        }
    }
}

/// Whether its name can be a key of a definition's `securitySchemes` (OpenAPI 3.0, "Components Object").
fn is_key_of_definition(_: &str, spec: &Value) -> bool {
    let is_of_key = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    let name = spec["name"].as_str().unwrap_or_default();
    name.chars().all(is_of_key) && !OF_DEFINITION.contains(&name)
}
