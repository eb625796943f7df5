//! A gateway response: what API Gateway itself answers (a 401 without token, a 502), and with which
//! headers. Without CORS headers on it a browser shows "Failed to fetch" instead of the error. Pure.

use super::{
    integration::{HeaderName, Template, TemplateType},
    rest_api::RestApi,
};
use crate::{
    shape::{keyed, shapes},
    spec::{Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an error says where nobody says otherwise (recorded).
const OF_AWS: (&str, &str) = (
    "application/json",
    r#"{"message":$context.error.messageString}"#,
);

/// The answer of one type, in the place of API Gateway's own. Its name is the type: `DEFAULT_4XX`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GatewayResponse {
    /// Headers, and where each comes from: `method.request.header.NAME`, `context.…`, or a text in single
    /// quotes. With `[api.cors]` those that pages need come along.
    #[schemars(
        schema_with = "keyed::<HeaderName, Source>",
        extend("examples" = [{ "X-One": "'one'" }, { "X-One": "context.requestId", "X-Two": "'two'" }])
    )]
    pub headers: BTreeMap<String, String>,
    /// A status in the place of the type's own; on `DEFAULT_4XX` and `DEFAULT_5XX` of every error's that has
    /// no type of its own here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 599))]
    pub status_code: Option<u32>,
    /// What it says, by its media type (Velocity templates). Left out, `{"message": …}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<TemplateType, Template>",
        extend("examples" = [
            { "application/json": "{}" },
            { "application/json": "{\"error\":$context.error.messageString}", "text/plain": "$context.error.message" },
        ])
    )]
    pub templates: Option<BTreeMap<String, String>>,
}

/// Each type and its status; those for all others of their class have none (recorded).
const TYPES: [(&str, u32); 21] = [
    ("ACCESS_DENIED", 403),
    ("API_CONFIGURATION_ERROR", 500),
    ("AUTHORIZER_CONFIGURATION_ERROR", 500),
    ("AUTHORIZER_FAILURE", 500),
    ("BAD_REQUEST_BODY", 400),
    ("BAD_REQUEST_PARAMETERS", 400),
    (DEFAULT_4XX, 0),
    (DEFAULT_5XX, 0),
    ("EXPIRED_TOKEN", 403),
    ("INTEGRATION_FAILURE", 504),
    ("INTEGRATION_TIMEOUT", 504),
    ("INVALID_API_KEY", 403),
    ("INVALID_SIGNATURE", 403),
    ("MISSING_AUTHENTICATION_TOKEN", 403),
    ("QUOTA_EXCEEDED", 429),
    ("REQUEST_TOO_LARGE", 413),
    ("RESOURCE_NOT_FOUND", 404),
    ("THROTTLED", 429),
    ("UNAUTHORIZED", 401),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("WAF_FILTERED", 403),
];

/// The errors of callers that have no type of their own.
pub const DEFAULT_4XX: &str = "DEFAULT_4XX";
/// Those of what is called.
pub const DEFAULT_5XX: &str = "DEFAULT_5XX";

const NAMES: [&str; TYPES.len()] = {
    let mut names = [""; TYPES.len()];
    let mut index = 0;
    while index < TYPES.len() {
        names[index] = TYPES[index].0;
        index += 1;
    }
    names
};

shapes! {
    /// A type of what API Gateway answers itself (`GatewayResponseType`).
    ResponseType { words: &NAMES, what: "a gateway response" }
    /// Where a header of it comes from (API Gateway developer guide, "Gateway response types").
    Source {
        pattern: r"^(?:method\.request\.(?:header|querystring|path)\.[A-Za-z0-9._$-]+|(?:context|stageVariables)\.[A-Za-z0-9._$-]+|'[^'\r\n]*')$",
        hint: "context.NAME, method.request.header.NAME, or a text in single quotes, '…'",
    }
}

impl GatewayResponse {
    /// What AWS has of a type, without what holds where nothing is said.
    #[must_use]
    pub fn read(self, of_type: &str) -> Self {
        let usual = TYPES.iter().find(|it| it.0 == of_type).map(|it| it.1);
        let usual_text = BTreeMap::from([(OF_AWS.0.to_owned(), OF_AWS.1.to_owned())]);
        Self {
            status_code: self.status_code.filter(|it| Some(*it) != usual),
            templates: self
                .templates
                .filter(|it| !it.is_empty() && *it != usual_text),
            ..self
        }
    }

    /// Whether it says anything.
    pub fn says_something(&self) -> bool {
        !self.headers.is_empty() || self.status_code.is_some() || self.templates.is_some()
    }
}

/// Whether a type is for all that have none of their own.
pub fn is_default(of_type: &str) -> bool {
    [DEFAULT_4XX, DEFAULT_5XX].contains(&of_type)
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
        whole: &["headers", "templates"],
        beyond: &["status_code", "templates"],
        says_little: Some(|_| true),
        in_definition: Some(|_, _| true),
        ..Traits::of::<Self>()
    };
}
