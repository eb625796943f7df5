//! An authorizer of a REST API: it checks the tokens of Cognito user pools before a method runs. Pure.

use super::rest_api::RestApi;
use crate::spec::{Produces, Spec, Traits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The type of an authorizer that checks the tokens of user pools.
pub const COGNITO: &str = "COGNITO_USER_POOLS";

/// What stack.toml declares of an authorizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authorizer {
    /// Unique within the API.
    pub name: String,
    /// Always `COGNITO_USER_POOLS` where declared; a live one may be `TOKEN` or `REQUEST`.
    pub r#type: String,
    /// The user pools whose tokens pass; AWS wants one at least.
    pub provider_arns: BTreeSet<String>,
    /// Which header holds the token: `method.request.header.Authorization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_source: Option<String>,
    /// A regular expression that the token's `aud` must match. Access tokens have no `aud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_expression: Option<String>,
    /// Seconds for which a result is kept, 0 to 3600; 0 keeps none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
}

impl Default for Authorizer {
    fn default() -> Self {
        Self {
            name: String::new(),
            r#type: COGNITO.to_owned(),
            provider_arns: BTreeSet::new(),
            identity_source: None,
            validation_expression: None,
            ttl: None,
        }
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
        ..Traits::of::<Self>()
    };
}
