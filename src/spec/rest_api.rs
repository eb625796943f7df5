//! A REST API of Amazon API Gateway: the root of its resources, routes, authorizers and stage. Pure.

use crate::{
    owner::Tags,
    spec::{FoundBy, Produces, Spec, Stack, Traits},
};
use serde::{Deserialize, Serialize};

/// What stack.toml declares of the API itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestApi {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `REGIONAL`, `EDGE` or `PRIVATE`; a new API is REGIONAL unless declared otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Of a live API: its resource policy, which lets in or keeps out whatever a route says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Of a live API: whether its own URL, the one that wsctl tells, is switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_disabled: Option<bool>,
}

/// What a REST API gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RestApiOutputs {
    pub id: String,
    pub root_resource_id: String,
    /// `arn:aws:apigateway:REGION::/restapis/ID`: for tags and for IAM.
    pub arn: String,
    /// `arn:aws:execute-api:REGION:ACCOUNT:ID`: the start of what a function's permission names.
    pub execute_arn: String,
    pub name: String,
}

impl RestApiOutputs {
    /// What AWS makes of these.
    pub fn new(region: &str, account: &str, id: &str, root_resource_id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            root_resource_id: root_resource_id.to_owned(),
            arn: format!("arn:aws:apigateway:{region}::/restapis/{id}"),
            execute_arn: format!("arn:aws:execute-api:{region}:{account}:{id}"),
            name: name.to_owned(),
        }
    }
}

impl Produces for RestApi {
    const NAME: &'static str = "REST API";
    type Outputs = RestApiOutputs;
}

impl Spec for RestApi {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        whole: &["tags"],
        found: FoundBy::List,
        beyond: &["policy", "url_disabled"],
        ..Traits::of::<Self>()
    };
}
