//! API Gateway's own answer to a browser's preflight: a MOCK integration with CORS headers.
//!
//! With one origin (or `*`) `Access-Control-Allow-Origin` is a fixed value. One response can name only
//! one origin, so with several a response template echoes the caller's where it is in the list, by
//! overriding the header, and the fixed value, the first origin, is for everyone else. Sources: Amazon
//! API Gateway developer guide, "Enable CORS" and "Override your API's request and response parameters
//! and status codes"; aws-cdk-lib's `Resource.addCorsPreflight` does the same.

use super::integration::Target;
use crate::{
    aws::absent,
    duration::{Duration, Unit},
    error::Result,
    spec::route::Preflight,
};
use aws_sdk_apigateway::types::{
    ContentHandlingStrategy, Integration as AwsIntegration, IntegrationType, Method,
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

const JSON: &str = "application/json";
const STATUS: &str = "200";
const REQUEST_TEMPLATE: &str = r#"{"statusCode":200}"#;

const ORIGIN: &str = "method.response.header.Access-Control-Allow-Origin";
const HEADERS: &str = "method.response.header.Access-Control-Allow-Headers";
const METHODS: &str = "method.response.header.Access-Control-Allow-Methods";
const CREDENTIALS: &str = "method.response.header.Access-Control-Allow-Credentials";
const MAX_AGE: &str = "method.response.header.Access-Control-Max-Age";

/// What the MOCK answers, as it is on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// `method.response.header.X` → its value in single quotes.
    parameters: HashMap<String, String>,
    /// The response template; only several origins need one.
    template: Option<String>,
}

impl Answer {
    pub(super) fn new(declared: &Preflight) -> Self {
        let Preflight {
            allow_origins: origins,
            allow_headers,
            allow_methods,
            allow_credentials,
            max_age,
        } = declared;
        let first = origins.first().cloned().unwrap_or_default();
        let always = [
            (ORIGIN, first),
            (HEADERS, join(allow_headers)),
            (METHODS, join(allow_methods)),
        ];
        let credentials = allow_credentials.then(|| (CREDENTIALS, "true".to_owned()));
        let max_age = max_age.map(|it| (MAX_AGE, it.seconds().to_string()));
        let all = always.into_iter().chain(credentials).chain(max_age);
        Self {
            parameters: all
                .map(|(name, value)| (name.to_owned(), format!("'{value}'")))
                .collect(),
            template: (origins.len() > 1).then(|| template(origins)),
        }
    }

    fn templates(&self) -> Option<HashMap<String, String>> {
        self.template
            .clone()
            .map(|template| HashMap::from([(JSON.to_owned(), template)]))
    }
}

fn join(items: &BTreeSet<String>) -> String {
    items
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

/// HTTP/2 sends header names in lower case, so both spellings are looked for.
fn template(origins: &BTreeSet<String>) -> String {
    let conditions: Vec<_> = origins
        .iter()
        .map(|origin| format!(r#"$origin == "{origin}""#))
        .collect();
    let conditions = conditions.join(" || ");
    format!(
        r#"#set($origin = $input.params().header.get("Origin"))
#if(!$origin || $origin == "")
#set($origin = $input.params().header.get("origin"))
#end
#if({conditions})
#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end
"#
    )
}

/// The origins in a template of ours; of any other, perhaps none or wrong ones.
fn origins_in(template: &str) -> BTreeSet<String> {
    let parts = template.split(r#"$origin == ""#).skip(1);
    let quoted = parts.filter_map(|part| part.split_once('"').map(|(origin, _)| origin));
    quoted
        .filter(|origin| !origin.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// The preflight that a live MOCK is; or why it is none. Whatever wsctl would not have made the same
/// way is none, so that it differs and is put right.
pub(super) fn of(method: &Method, live: &AwsIntegration) -> Result<Preflight, &'static str> {
    if !answers_200(live) {
        return Err("whose request template does not choose status 200");
    }
    let answer = answer_of(live).ok_or("without the one integration response of a preflight")?;
    if !declares_headers(method, &answer) {
        return Err("whose method response lacks the CORS headers");
    }
    declared(&answer).ok_or("whose integration response is no preflight's")
}

fn answers_200(live: &AwsIntegration) -> bool {
    let template = live
        .request_templates()
        .and_then(|templates| templates.get(JSON));
    let parsed = template.and_then(|template| serde_json::from_str::<Value>(template).ok());
    parsed == Some(json!({"statusCode": 200}))
}

fn declares_headers(method: &Method, answer: &Answer) -> bool {
    let mut names = answer.parameters.keys();
    names.all(|name| declares(method, name))
}

/// Whether the method's response declares a header.
fn declares(method: &Method, name: &str) -> bool {
    let response = method
        .method_responses()
        .and_then(|responses| responses.get(STATUS));
    let declared = response.and_then(|response| response.response_parameters());
    declared.is_some_and(|declared| declared.contains_key(name))
}

/// Whether a header that is no longer sent stands there from before.
fn declares_more(method: &Method, answer: &Answer) -> bool {
    [CREDENTIALS, MAX_AGE]
        .into_iter()
        .any(|name| !answer.parameters.contains_key(name) && declares(method, name))
}

/// What a MOCK answers, if it has one response only, for every request.
fn answer_of(live: &AwsIntegration) -> Option<Answer> {
    let responses = live
        .integration_responses()
        .filter(|responses| responses.len() == 1)?;
    let response = responses.get(STATUS)?;
    if !response.selection_pattern().unwrap_or_default().is_empty() {
        return None;
    }
    let mut templates = response.response_templates().cloned().unwrap_or_default();
    templates.retain(|_, template| !template.is_empty());
    let template = templates.remove(JSON);
    let parameters = response.response_parameters().cloned().unwrap_or_default();
    templates.is_empty().then_some(Answer {
        parameters,
        template,
    })
}

/// Whether the request is turned into text: of bytes, which it is where every media type is binary, the request
/// template makes nothing, and the answer is a 500 (docs/aws.md §5).
pub(super) fn is_as_text(live: &AwsIntegration) -> bool {
    live.content_handling() == Some(&ContentHandlingStrategy::ConvertToText)
}

/// The declaration from which exactly this answer would be made. Lists may be in another order.
fn declared(answer: &Answer) -> Option<Preflight> {
    let plain = |name: &str| {
        answer
            .parameters
            .get(name)?
            .strip_prefix('\'')?
            .strip_suffix('\'')
    };
    let list = |name| plain(name).map(split);
    let origins = match &answer.template {
        Some(template) => origins_in(template),
        None => BTreeSet::from([plain(ORIGIN)?.to_owned()]),
    };
    let seconds = |it: &str| {
        it.parse()
            .ok()
            .map(|count| Duration::new(count, Unit::Seconds))
    };
    let preflight = Preflight {
        allow_origins: origins,
        allow_headers: list(HEADERS)?,
        allow_methods: list(METHODS)?,
        allow_credentials: plain(CREDENTIALS) == Some("true"),
        max_age: plain(MAX_AGE).and_then(seconds),
    };
    let remade = Answer::new(&preflight);
    let same = answer.template == remade.template
        && answer.parameters.get(ORIGIN) == remade.parameters.get(ORIGIN)
        && answer.parameters.len() == remade.parameters.len();
    same.then_some(preflight)
}

fn split(list: &str) -> BTreeSet<String> {
    list.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// Makes a method answer preflights so, whatever it had (`current`): what is right already stays.
pub(super) async fn put(
    target: &Target<'_>,
    wanted: &Answer,
    needs_text: bool,
    current: Option<&Method>,
) -> Result<()> {
    let live = current.and_then(Method::method_integration);
    delete_strays(target, live).await?;
    let is_so = |live: &AwsIntegration| {
        let is_mock = live.r#type() == Some(&IntegrationType::Mock);
        is_mock && answers_200(live) && (is_as_text(live) || !needs_text)
    };
    if !live.is_some_and(is_so) {
        put_mock(target).await?;
    }
    let is_as_new = |it: &Method| declares_headers(it, wanted) && !declares_more(it, wanted);
    if !current.is_some_and(is_as_new) {
        put_method_response(target, wanted, current).await?;
    }
    put_integration_response(target, wanted).await
}

/// A second response without pattern would make ours a conflict: "Integration response with selection
/// pattern default already exists".
async fn delete_strays(target: &Target<'_>, live: Option<&AwsIntegration>) -> Result<()> {
    let responses = live
        .and_then(AwsIntegration::integration_responses)
        .into_iter()
        .flatten();
    for (status, _) in responses.filter(|(status, _)| *status != STATUS) {
        let request = target
            .aws
            .apigateway
            .delete_integration_response()
            .rest_api_id(target.api);
        let request = request.resource_id(&target.outputs.resource_id);
        let request = request
            .http_method(&target.outputs.method)
            .status_code(status);
        let operation = "apigateway:DeleteIntegrationResponse";
        absent(target.aws.write(operation, || request.clone().send()).await)?;
    }
    Ok(())
}

/// Its request is always taken for text: somebody may have made all of an API's media types binary.
async fn put_mock(target: &Target<'_>) -> Result<()> {
    let request = target
        .aws
        .apigateway
        .put_integration()
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .r#type(IntegrationType::Mock)
        .request_templates(JSON, REQUEST_TEMPLATE)
        .content_handling(ContentHandlingStrategy::ConvertToText);
    target
        .aws
        .write("apigateway:PutIntegration", || request.clone().send())
        .await
        .map(drop)
}

/// PutMethodResponse makes and never replaces (docs/aws.md §5), so one without the headers goes first.
async fn put_method_response(
    target: &Target<'_>,
    wanted: &Answer,
    current: Option<&Method>,
) -> Result<()> {
    let there = current.and_then(Method::method_responses);
    if there.is_some_and(|responses| responses.contains_key(STATUS)) {
        delete_method_response(target).await?;
    }
    let names = wanted.parameters.keys();
    let declared = names.map(|name| (name.clone(), false)).collect();
    let request = target
        .aws
        .apigateway
        .put_method_response()
        .rest_api_id(target.api);
    let request = request
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method);
    let request = request
        .status_code(STATUS)
        .set_response_parameters(Some(declared));
    let operation = "apigateway:PutMethodResponse";
    target
        .aws
        .create(operation, || request.clone().send())
        .await
        .map(drop)
}

async fn delete_method_response(target: &Target<'_>) -> Result<()> {
    let request = target
        .aws
        .apigateway
        .delete_method_response()
        .rest_api_id(target.api);
    let request = request
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method);
    let request = request.status_code(STATUS);
    let operation = "apigateway:DeleteMethodResponse";
    absent(target.aws.write(operation, || request.clone().send()).await).map(drop)
}

async fn put_integration_response(target: &Target<'_>, wanted: &Answer) -> Result<()> {
    let request = target
        .aws
        .apigateway
        .put_integration_response()
        .rest_api_id(target.api);
    let request = request
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .status_code(STATUS)
        .set_response_parameters(Some(wanted.parameters.clone()))
        .set_response_templates(wanted.templates());
    let operation = "apigateway:PutIntegrationResponse";
    target
        .aws
        .write(operation, || request.clone().send())
        .await
        .map(drop)
}

#[cfg(test)]
mod tests;
