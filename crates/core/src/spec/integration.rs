//! What answers a route in the place of a function's own answer: an address, a service of AWS, or API
//! Gateway itself. Pure.

use super::{rest_api::ANY_MEDIA, route::METHODS};
use crate::shape::{keyed, shapes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An address is called with what is made of a request, and its answer is made into the caller's.
pub const HTTP: &str = "HTTP";
/// An address is called with the request, and its answer is the caller's.
pub const HTTP_PROXY: &str = "HTTP_PROXY";
/// Nobody is called.
pub const MOCK: &str = "MOCK";
/// A service of AWS is called, or a function with what is made of a request.
pub const AWS: &str = "AWS";

/// What API Gateway does with a body for whose media type there is no template, where nothing is said.
pub const WHEN_NO_MATCH: &str = "WHEN_NO_MATCH";

/// The media type of a request that says none.
pub(super) const JSON: &str = "application/json";
/// What a MOCK makes of every request where nothing is said: it takes its status from it.
pub(super) const TAKES_200: &str = r#"{"statusCode":200}"#;

/// How API Gateway refers to a header of an answer.
pub const ANSWERS_HEADER: &str = "method.response.header.";

/// What answers a route that no function answers by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Integration {
    /// `HTTP_PROXY` hands requests on to an address, and its answers back, as they are. `HTTP` makes
    /// something else of both, and `AWS` does so with a service of AWS, or with the route's `function`.
    /// `MOCK` answers by itself.
    #[schemars(extend("enum" = [HTTP_PROXY, HTTP, AWS, MOCK]))]
    pub r#type: String,
    /// Where requests go: an address, in which `{NAME}` stands for an `integration.request.path.NAME`, or
    /// what a service does: `arn:aws:apigateway:REGION:SERVICE:action/ACTION`, or `…:path/PATH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uri>")]
    pub uri: Option<String>,
    /// The method with which requests go there. Left out, the route's own, and to AWS `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = METHODS))]
    pub method: Option<String>,
    /// A role of `[api.roles]` by its name there, or a role's ARN: what API Gateway may do in a service of
    /// AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// What goes along, and where it comes from: `integration.request.header.NAME`, `….querystring.NAME`
    /// or `….path.NAME`, each from a `method.request.…` of the same kinds, from `context.…`, or a text in
    /// single quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<RequestTarget, RequestSource>",
        extend("examples" = [
            { "integration.request.header.X-One": "'one'" },
            { "integration.request.header.X-One": "'two'", "integration.request.querystring.page": "method.request.querystring.page" },
        ])
    )]
    pub request_parameters: Option<BTreeMap<String, String>>,
    /// What is made of a request's body, by its media type (Velocity templates). A `MOCK` takes its status
    /// from it: left out, `{"statusCode":200}` is made of every JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<TemplateType, Template>",
        extend("examples" = [
            { "application/json": "{\"statusCode\":200}" },
            { "application/json": "{\"statusCode\":404}", "text/plain": "{\"statusCode\":200}" },
        ])
    )]
    pub request_templates: Option<BTreeMap<String, String>>,
    /// What becomes of a body for whose media type there is no template: it goes on as it is, does so only
    /// where there is no template at all, or is refused with a 415.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [WHEN_NO_MATCH, "WHEN_NO_TEMPLATES", "NEVER"], "default" = WHEN_NO_MATCH))]
    pub passthrough_behavior: Option<String>,
    /// Into what a request's body is turned first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ContentHandling>")]
    pub content_handling: Option<String>,
    /// What callers get, by its status. A proxy's answer is theirs as it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "keyed::<Status, IntegrationResponse>")]
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// One answer of a route, which goes out with its status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IntegrationResponse {
    /// When it is this one: a regular expression for the whole of the status that came back, or of a
    /// function's error message. One response has none, and is for everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub selection_pattern: Option<String>,
    /// Its headers, and where each comes from: `integration.response.header.NAME`,
    /// `integration.response.body.PATH`, `context.…`, or a text in single quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<HeaderName, ResponseSource>",
        extend("examples" = [{ "X-One": "'one'" }, { "X-One": "integration.response.header.X-One", "X-Two": "'two'" }])
    )]
    pub headers: Option<BTreeMap<String, String>>,
    /// What is made of what came back, by the media type that it goes out with (Velocity templates).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<TemplateType, Template>",
        extend("examples" = [{ "application/json": "{}" }, { "application/json": "[]", "text/plain": "none" }])
    )]
    pub templates: Option<BTreeMap<String, String>>,
    /// Into what its body is turned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ContentHandling>")]
    pub content_handling: Option<String>,
}

shapes! {
    /// Where an integration goes.
    Uri {
        length: (1, 2048),
        pattern: r"^(?:https?://|arn:)[\x21-\x7E]+$",
        hint: "an address, https://HOST/PATH, or arn:aws:apigateway:REGION:SERVICE:action/ACTION",
    }
    /// What an integration is given (API Gateway developer guide, "Request and response parameters").
    RequestTarget {
        pattern: r"^integration\.request\.(?:path|querystring|header)\.[A-Za-z0-9._$-]+$",
        hint: "integration.request.path.NAME, integration.request.querystring.NAME or integration.request.header.NAME",
        what: "what an integration is given",
    }
    /// Where that comes from.
    RequestSource {
        pattern: r"^(?:method\.request\.(?:path|querystring|multivaluequerystring|header|multivalueheader)\.[A-Za-z0-9._$-]+|method\.request\.body(?:\..+)?|(?:context|stageVariables)\.[A-Za-z0-9._$-]+|'[^'\r\n]*')$",
        hint: "method.request.querystring.NAME, context.NAME, or a text in single quotes, '…'",
    }
    /// Where a header of an answer comes from.
    ResponseSource {
        pattern: r"^(?:integration\.response\.(?:header|multivalueheader)\.[A-Za-z0-9._$-]+|integration\.response\.body(?:\..+)?|(?:context|stageVariables)\.[A-Za-z0-9._$-]+|'[^'\r\n]*')$",
        hint: "integration.response.header.NAME, context.NAME, or a text in single quotes, '…'",
    }
    /// A header of an answer, as API Gateway refers to one.
    HeaderName {
        pattern: "^[A-Za-z0-9._$-]+$",
        hint: "a header's name, such as Location",
        what: "a header's name",
    }
    /// The media type that a template is for.
    TemplateType {
        length: (3, 128),
        pattern: r"^[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+$",
        hint: "a media type, such as application/json",
        what: "a template's media type",
    }
    /// An empty one is none, and reads back as none.
    Template { length: (1, 300_000) }
    /// An HTTP status.
    Status { pattern: "^[1-5][0-9]{2}$", hint: "a status, such as 200", what: "a status" }
    /// Into what a body is turned (`ContentHandlingStrategy`).
    ContentHandling { words: &["CONVERT_TO_BINARY", AS_TEXT] }
}

impl Integration {
    /// Whether API Gateway answers by itself.
    pub fn is_mock(&self) -> bool {
        self.r#type == MOCK
    }

    /// Whether what comes back is what callers get.
    pub fn is_proxy(&self) -> bool {
        self.r#type == HTTP_PROXY
    }

    /// As API Gateway keeps it: nothing that its type has no use for, and nothing that holds anyway.
    #[must_use]
    pub fn normal(self) -> Self {
        let (is_mock, is_proxy) = (self.is_mock(), self.is_proxy());
        let responses = self.responses.into_iter().filter(|_| !is_proxy);
        Self {
            uri: self.uri.filter(|_| !is_mock),
            method: self.method.filter(|_| !is_mock),
            credentials: self.credentials.filter(|_| !is_mock),
            request_parameters: said(self.request_parameters).filter(|_| !is_mock),
            request_templates: said(self.request_templates).filter(|_| !is_proxy),
            passthrough_behavior: self.passthrough_behavior.filter(|it| it != WHEN_NO_MATCH),
            responses: responses
                .map(|(it, response)| (it, response.normal()))
                .collect(),
            ..self
        }
    }

    /// With what a file may leave out: of a route with this method, in an API with these binary media types.
    #[must_use]
    pub fn completed(self, method: &str, binary_media_types: Option<&BTreeSet<String>>) -> Self {
        let usual = if self.r#type == AWS { "POST" } else { method };
        let is_mock = self.is_mock();
        let takes_200 = || BTreeMap::from([(JSON.to_owned(), TAKES_200.to_owned())]);
        let templates = self.request_templates;
        let is_bytes = is_mock && binary_media_types.is_some_and(|it| it.contains(ANY_MEDIA));
        let as_text = is_bytes.then(|| AS_TEXT.to_owned());
        Self {
            method: self.method.or_else(|| Some(usual.to_owned())),
            request_templates: templates.or_else(|| is_mock.then(takes_200)),
            content_handling: self.content_handling.or(as_text),
            ..self
        }
    }

    /// Without what a file may leave out: of a route with this method, which names a function that is called,
    /// or none.
    #[must_use]
    pub fn written(self, method: &str, names_function: bool) -> Self {
        let usual = Self {
            r#type: self.r#type.clone(),
            ..Self::default()
        };
        let usual = usual.completed(method, None);
        Self {
            uri: self.uri.filter(|_| !names_function),
            method: self.method.filter(|it| Some(it) != usual.method.as_ref()),
            request_templates: self
                .request_templates
                .filter(|it| Some(it) != usual.request_templates.as_ref()),
            ..self
        }
    }

    /// What of a request it hands on, as the method has to declare it, and whether there is no request
    /// without: only a parameter of the path is always there.
    pub fn needs_of_request(&self) -> BTreeMap<String, bool> {
        let sources = self.request_parameters.iter().flat_map(BTreeMap::values);
        let declared = sources.filter(|it| {
            it.starts_with("method.request.") && !it.starts_with("method.request.body")
        });
        declared
            .map(|it| (it.clone(), it.starts_with("method.request.path.")))
            .collect()
    }

    /// Whether a text goes along with requests, such as the key that an address wants.
    pub fn sends_texts(&self) -> bool {
        let mut sources = self.request_parameters.iter().flatten();
        sources.any(|(target, it)| it.starts_with('\'') && !target.ends_with(".Content-Type"))
    }

    /// What answers, in a few words; without what may be a secret in its address.
    pub fn told(&self) -> String {
        let by = self.method.iter().filter(|_| !self.is_mock());
        let by: String = by.map(|it| format!(" by {it}")).collect();
        let to = self
            .uri
            .iter()
            .map(|it| format!(" to {}", without_query(it)));
        format!("{}{by}{}", self.r#type, to.collect::<String>())
    }
}

impl IntegrationResponse {
    fn normal(self) -> Self {
        Self {
            headers: said(self.headers),
            templates: said(self.templates),
            ..self
        }
    }
}

/// An empty map is none.
fn said(map: Option<BTreeMap<String, String>>) -> Option<BTreeMap<String, String>> {
    map.filter(|it| !it.is_empty())
}

/// Of bytes a template makes nothing (docs/aws.md §5).
pub(super) const AS_TEXT: &str = "CONVERT_TO_TEXT";

/// An address without what may be a secret in it: its query, and who calls.
pub fn without_query(address: &str) -> String {
    let told = match address.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => address.to_owned(),
    };
    let Some((scheme, rest)) = told.split_once("://") else {
        return told;
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(address: &str) -> Integration {
        Integration {
            r#type: HTTP.into(),
            uri: Some(address.into()),
            method: Some("GET".into()),
            ..Integration::default()
        }
    }

    #[test]
    fn what_may_be_a_secret_in_an_address_is_not_told() {
        for (address, told) in [
            ("https://example.com/a?key=b", "https://example.com/a?…"),
            ("https://ann:pw@example.com/@a", "https://…@example.com/@a"),
            (
                "arn:aws:apigateway:eu-west-1:sqs:path/1/a",
                "arn:aws:apigateway:eu-west-1:sqs:path/1/a",
            ),
        ] {
            assert_eq!(to(address).told(), format!("HTTP by GET to {told}"));
        }
    }

    #[test]
    fn each_type_has_what_it_has_a_use_for() {
        let all = Integration {
            credentials: Some("arn:x".into()),
            request_parameters: Some(BTreeMap::from([("a".into(), "b".into())])),
            request_templates: Some(BTreeMap::from([("a/b".into(), "c".into())])),
            passthrough_behavior: Some(WHEN_NO_MATCH.into()),
            responses: BTreeMap::from([("200".into(), IntegrationResponse::default())]),
            ..to("https://example.com")
        };
        let of = |kind: &str| {
            Integration {
                r#type: kind.into(),
                ..all.clone()
            }
            .normal()
        };
        let kept = Integration {
            passthrough_behavior: None,
            ..all.clone()
        };
        assert_eq!(of(HTTP), kept);
        assert_eq!(
            of(AWS),
            Integration {
                r#type: AWS.into(),
                ..kept
            }
        );
        let proxy = of(HTTP_PROXY);
        assert!(
            proxy.uri.is_some() && proxy.request_templates.is_none() && proxy.responses.is_empty()
        );
        let mock = of(MOCK);
        assert!(mock.uri.is_none() && mock.method.is_none() && mock.credentials.is_none());
        assert!(mock.request_parameters.is_none() && mock.request_templates.is_some());
        assert_eq!(mock.told(), "MOCK");
    }

    #[test]
    fn what_a_file_leaves_out_is_what_the_type_needs() {
        let method = |kind: &str| {
            let it = Integration {
                r#type: kind.into(),
                ..Integration::default()
            };
            it.completed("GET", None).method
        };
        assert_eq!(method(HTTP_PROXY).as_deref(), Some("GET"));
        assert_eq!(method(AWS).as_deref(), Some("POST"));
        let mock = Integration {
            r#type: MOCK.into(),
            ..Integration::default()
        };
        let types = |one: &str| BTreeSet::from([one.to_owned()]);
        let usual = mock.clone().completed("GET", Some(&types("image/png")));
        assert_eq!(usual.content_handling, None);
        assert!(usual.request_templates.is_some());
        let bytes = mock.completed("GET", Some(&types(ANY_MEDIA)));
        assert_eq!(bytes.content_handling.as_deref(), Some("CONVERT_TO_TEXT"));
    }
}
