//! A REST API of Amazon API Gateway: the root of its resources, routes, authorizers and stage. Pure.

use crate::{
    owner::Tags,
    shape,
    spec::{
        FoundBy, Produces, Spec, Stack, Traits,
        arn::{of_gateway, partition},
    },
    value::Address,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where an API is served from that does not say.
pub const REGIONAL: &str = "REGIONAL";

/// What `[api]` is called among the APIs, whose names are those of their tables.
pub const ONLY_API: &str = "api";

/// The table of further APIs.
pub const APIS: &str = "apis";

/// The API's address that something in its tables begins with, and what stands behind.
pub fn split_api<'a, T: AsRef<str>>(place: &'a [T]) -> Option<(Address, &'a [T])> {
    let words: Vec<_> = place.iter().map(AsRef::as_ref).take(2).collect();
    match words.as_slice() {
        [ONLY_API, ..] => Some((Address::new([ONLY_API]), &place[1..])),
        [APIS, name] => Some((Address::new([APIS, name]), &place[2..])),
        _ => None,
    }
}

/// The API Gateway REST API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RestApi {
    /// The API's name in AWS.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// Where it is served from: `REGIONAL`, `EDGE` for CloudFront's locations too, or `PRIVATE`, which
    /// needs a resource policy that wsctl does not write.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["REGIONAL", "EDGE", "PRIVATE"], "default" = REGIONAL))]
    pub endpoint: Option<String>,
    /// Media types whose bodies are no text: a function gets and gives them in base64. `*/*` is every one, text too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<shape::MediaType>>",
        extend("default" = [], "examples" = [["image/png"], ["*/*"]])
    )]
    pub binary_media_types: Option<BTreeSet<String>>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::api_tags")]
    pub tags: Option<Tags>,
    /// Of a live API: its resource policy, which lets in or keeps out whatever a route says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub policy: Option<String>,
    /// Of a live API: whether its own URL, the one that wsctl tells, is switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub url_disabled: Option<bool>,
}

/// What IAM calls API Gateway.
pub const PRINCIPAL: &str = "apigateway.amazonaws.com";

/// Every media type.
pub const ANY_MEDIA: &str = "*/*";

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
        let partition = partition(region);
        Self {
            id: id.to_owned(),
            root_resource_id: root_resource_id.to_owned(),
            arn: of_gateway(region, "restapis", id),
            execute_arn: format!("arn:{partition}:execute-api:{region}:{account}:{id}"),
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
        attachable: true,
        whole: &["tags"],
        found: FoundBy::List,
        beyond: &["policy", "url_disabled"],
        deployed: &["binary_media_types"],
        ..Traits::of::<Self>()
    };
}
