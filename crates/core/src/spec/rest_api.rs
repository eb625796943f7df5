//! A REST API of Amazon API Gateway: the root of its resources, routes, authorizers and stage. Pure.

use crate::{
    owner::Tags,
    shape::{self, shapes},
    spec::{
        FoundBy, Produces, Spec, Stack, Traits,
        arn::{of_gateway, partition},
        role::canonical_policy,
    },
    value::Address,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where an API is served from that does not say.
pub const REGIONAL: &str = "REGIONAL";

/// What `[api]` is called among the APIs, whose names are those of their tables.
pub const ONLY_API: &str = "api";

/// The table of further APIs.
pub const APIS: &str = "apis";

/// The API's address that something in its tables begins with, and what stands behind.
pub fn split_api<T: AsRef<str>>(place: &[T]) -> Option<(Address, &[T])> {
    let words: Vec<_> = place.iter().map(AsRef::as_ref).take(2).collect();
    match words.as_slice() {
        [ONLY_API, ..] => Some((Address::new([ONLY_API]), &place[1..])),
        [APIS, name] => Some((Address::new([APIS, name]), &place[2..])),
        _ => None,
    }
}

/// Whether an API itself stands there.
pub fn is_api(place: &[String]) -> bool {
    split_api(place).is_some_and(|it| it.1.is_empty())
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
    /// Where it is served from: `REGIONAL`, `EDGE` for CloudFront's locations too, or `PRIVATE`, from
    /// inside VPCs alone, which needs a `policy`.
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
    /// Its resource policy, in JSON: who may call it, and from where, whatever a route says. `execute-api:/*` is all
    /// of the API itself. Left out, it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<PolicyText>",
        extend("examples" = [
            r#"{"Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Principal":"*","Resource":"execute-api:/*"}],"Version":"2012-10-17"}"#,
            r#"{"Statement":[{"Action":"execute-api:Invoke","Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}},"Effect":"Allow","Principal":"*","Resource":"execute-api:/*"}],"Version":"2012-10-17"}"#,
        ])
    )]
    pub policy: Option<String>,
    /// VPC endpoints by which a `PRIVATE` API has names of its own, by their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<VpcEndpoint>>",
        extend("examples" = [["vpce-0123456789abcdef0"], ["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"]])
    )]
    pub vpc_endpoints: Option<BTreeSet<String>>,
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
        deployed: &["binary_media_types", "policy"],
        ..Traits::of::<Self>()
    };

    /// An order of keys, of statements and of what they list says nothing. Only a private API has endpoints.
    fn normal(self) -> Self {
        let is_private = self.endpoint.as_deref() == Some(PRIVATE);
        let endpoints = self
            .vpc_endpoints
            .filter(|_| is_private || self.endpoint.is_none());
        Self {
            policy: self.policy.map(|it| plain_policy(&it)),
            vpc_endpoints: endpoints,
            ..self
        }
    }
}

/// The endpoint type of an API that is called from VPCs alone.
pub const PRIVATE: &str = "PRIVATE";

/// How a policy calls what is in its own API, which AWS answers with its ARN (docs/aws.md §5).
const OWN: &str = "execute-api:/";

fn plain_policy(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(policy @ Value::Object(_)) => canonical_policy(own_resources(policy)).to_string(),
        _ => text.to_owned(),
    }
}

/// With short names in the resources of its statements, and nowhere else.
fn own_resources(mut policy: Value) -> Value {
    let statements = match &mut policy["Statement"] {
        Value::Array(statements) => statements.iter_mut().collect(),
        statement => vec![statement],
    };
    for statement in statements.into_iter().filter_map(Value::as_object_mut) {
        for key in ["Resource", "NotResource"] {
            if let Some(resources) = statement.get_mut(key) {
                *resources = shortened(resources);
            }
        }
    }
    policy
}

fn shortened(resources: &Value) -> Value {
    match resources {
        Value::String(text) => match arn_of_own(text) {
            Some(path) => format!("{OWN}{path}").into(),
            None => resources.clone(),
        },
        Value::Array(items) => items.iter().map(shortened).collect(),
        other => other.clone(),
    }
}

/// What stands behind the API in `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
fn arn_of_own(text: &str) -> Option<&str> {
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn") && parts.nth(1) == Some("execute-api");
    let rest = parts.nth(2).filter(|_| is_arn)?;
    rest.split_once('/').map(|it| it.1)
}

shapes! {
    /// API Gateway's quotas: 8,192 bytes.
    PolicyText { length: (2, 8192) }
    VpcEndpoint {
        length: (6, 64),
        pattern: "^vpce-[0-9a-f]+$",
        hint: "the id of a VPC endpoint, such as vpce-0123456789abcdef0",
        what: "a VPC endpoint's id",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(policy: &Value) -> Value {
        let api = RestApi {
            policy: Some(policy.to_string()),
            ..RestApi::default()
        };
        serde_json::from_str(&api.normal().policy.unwrap()).unwrap()
    }

    #[test]
    fn a_policy_is_the_same_as_aws_answers_it() {
        let statement = |resource: &str| {
            json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource,
            }] })
        };
        let own = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5";
        for path in ["*", "dev/GET/users", "*/POST/*"] {
            let declared = plain(&statement(&format!("execute-api:/{path}")));
            let answered = plain(&statement(&format!("{own}/{path}")));
            assert_eq!(declared, answered, "{path}");
        }
        assert_ne!(
            plain(&statement("execute-api:/*")),
            plain(&statement("execute-api:/dev/*"))
        );
        let mut of_another = statement("execute-api:/*");
        of_another["Statement"][0]["Condition"] =
            json!({ "ArnLike": { "aws:SourceArn": format!("{own}/*") } });
        assert!(plain(&of_another).to_string().contains(own));
        let other = "arn:aws:lambda:eu-west-1:123456789012:function:a/b";
        assert!(plain(&statement(other)).to_string().contains(other));
    }
}
