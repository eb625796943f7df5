//! A gateway response: what API Gateway itself answers (a 401 without token, a 502), and with which
//! headers. Without CORS headers on it a browser shows "Failed to fetch" instead of the error. Pure.

use super::rest_api::RestApi;
use crate::spec::{Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer of one type. Its name is the type: `DEFAULT_4XX`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GatewayResponse {
    /// Header → its fixed value, without the quotes that the wire wants.
    pub headers: BTreeMap<String, String>,
    /// Of a live one: a status that takes the place of every one of its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
}

/// What a gateway response gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GatewayResponseOutputs {
    pub response_type: String,
}

impl Produces for GatewayResponse {
    const NAME: &'static str = "gateway response";
    type Outputs = GatewayResponseOutputs;
}

impl Spec for GatewayResponse {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "gateway_responses",
        whole: &["headers"],
        beyond: &["status_code"],
        says_little: Some(|_| true),
        ..Traits::of::<Self>()
    };
}
