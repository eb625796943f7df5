//! An authorizer of a REST API: it checks the tokens of Cognito user pools before a method runs. Pure.

use super::rest_api::RestApi;
use crate::{
    duration::Duration,
    shape,
    spec::{Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A Cognito authorizer: lets in who shows a token of the stack's user pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Authorizer {
    /// The authorizer's name in AWS.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Of a live authorizer that is none of user pools: its type, `TOKEN` or `REQUEST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub r#type: Option<String>,
    /// Further pools whose tokens are let in: their ARNs.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::ProviderArn>")]
    pub user_pool_arns: BTreeSet<String>,
    /// The request header that carries the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::HeaderReference>", extend("default" = AUTHORIZATION, "explicit" = true))]
    pub token_source: Option<String>,
    /// A regular expression that the token's `aud` has to match. Leave it out unless you know why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_expression: Option<String>,
    /// How long a decision is remembered; "0s" for not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["0s", "1h"], "default" = "5m"))]
    pub ttl: Option<Duration>,
}

/// The request header that carries the token where none is named.
pub const AUTHORIZATION: &str = "Authorization";

impl Authorizer {
    /// The request header that carries the token.
    pub fn token_header(&self) -> &str {
        self.token_source.as_deref().unwrap_or(AUTHORIZATION)
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
        ..Traits::of::<Self>()
    };
}
