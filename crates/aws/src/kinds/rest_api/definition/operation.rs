//! A route as an operation. Pure.

use super::{Names, put};
use crate::{
    duration::Duration,
    kinds::route::wanted,
    spec::{
        authorizer::OF_DEFINITION,
        integration::{ANSWERS_HEADER, Integration, IntegrationResponse},
        route::{IAM, Route, uri},
    },
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn operation(route: &Route, region: &str, names: &Names<'_>) -> Value {
    let integration = wanted(route);
    let answers = integration.as_ref().map(|it| &it.responses);
    let answers = answers.into_iter().flatten();
    let mut operation = json!({
        "responses": answers.map(method_response).collect::<Map<_, _>>(),
        "x-amazon-apigateway-integration": match &integration {
            Some(integration) => declared(route, integration),
            None => proxy(route, region),
        },
    });
    put(&mut operation, "security", security(route, names));
    let validator = route.request_validator.as_deref();
    let validator = validator.map(|it| names.of(it));
    put(
        &mut operation,
        "x-amazon-apigateway-request-validator",
        validator,
    );
    put(&mut operation, "parameters", parameters(route));
    put(&mut operation, "requestBody", body(route));
    operation
}

/// Who may call it; nothing says everyone.
fn security(route: &Route, names: &Names<'_>) -> Option<Value> {
    let [signed, key] = OF_DEFINITION;
    let scheme = match route.authorization() {
        (IAM, _) => Some((signed.to_owned(), json!([]))),
        (_, Some(authorizer)) => Some((names.of(authorizer), json!(route.scopes))),
        _ => None,
    };
    let needs_key = route.api_key_required == Some(true);
    let key = needs_key.then(|| (key.to_owned(), json!([])));
    let all: Vec<_> = scheme
        .into_iter()
        .chain(key)
        .map(|(scheme, scopes)| json!({ scheme: scopes }))
        .collect();
    (!all.is_empty()).then(|| json!(all))
}

fn parameters(route: &Route) -> Option<Value> {
    let all = route.all_request_parameters();
    let all = all.iter().filter_map(|(name, is_required)| {
        let (place, name) = name.strip_prefix("method.request.")?.split_once('.')?;
        let place = if place == "querystring" {
            "query"
        } else {
            place
        };
        Some(json!({
            "name": name, "in": place, "required": is_required, "schema": { "type": "string" },
        }))
    });
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| json!(all))
}

fn body(route: &Route) -> Option<Value> {
    let models = route.request_models.as_ref().filter(|it| !it.is_empty())?;
    let content = models.iter().map(|(media, model)| {
        let schema = json!({ "$ref": format!("#/components/schemas/{model}") });
        (media.clone(), json!({ "schema": schema }))
    });
    Some(json!({ "content": content.collect::<Map<_, _>>(), "required": true }))
}

fn proxy(route: &Route, region: &str) -> Value {
    let mut integration = json!({
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": uri(&route.function, region),
        "passthroughBehavior": "when_no_match",
    });
    wait(&mut integration, route);
    integration
}

fn wait(integration: &mut Value, route: &Route) {
    let timeout = route.timeout.map(Duration::milliseconds);
    put(integration, "timeoutInMillis", timeout);
}

fn declared(route: &Route, wanted: &Integration) -> Value {
    let passthrough = wanted.passthrough_behavior.as_deref();
    let passthrough = passthrough.unwrap_or("when_no_match").to_lowercase();
    let mut integration = json!({
        "type": wanted.r#type.to_lowercase(), "passthroughBehavior": passthrough,
    });
    let it = &mut integration;
    put(it, "uri", wanted.uri.as_ref());
    put(it, "httpMethod", wanted.method.as_ref());
    put(it, "credentials", wanted.credentials.as_ref());
    put(it, "requestParameters", wanted.request_parameters.as_ref());
    put(it, "requestTemplates", wanted.request_templates.as_ref());
    put(it, "contentHandling", wanted.content_handling.as_ref());
    let responses: Map<_, _> = wanted.responses.iter().map(integration_response).collect();
    put(
        it,
        "responses",
        (!responses.is_empty()).then_some(responses),
    );
    if !wanted.is_mock() {
        wait(it, route);
    }
    integration
}

fn headers(response: &IntegrationResponse) -> impl Iterator<Item = (&String, &String)> {
    response.headers.iter().flatten()
}

fn method_response((status, response): (&String, &IntegrationResponse)) -> (String, Value) {
    let header =
        |(name, _): (&String, _)| (name.clone(), json!({ "schema": { "type": "string" } }));
    let headers: Map<_, _> = headers(response).map(header).collect();
    let answer = json!({ "description": format!("{status} response"), "headers": headers });
    (status.clone(), answer)
}

/// By its pattern; the one without is everything else's.
fn integration_response((status, response): (&String, &IntegrationResponse)) -> (String, Value) {
    let pattern = response.selection_pattern.as_deref().unwrap_or("default");
    let headers = headers(response).map(|(name, value)| (format!("{ANSWERS_HEADER}{name}"), value));
    let mut answer = json!({ "statusCode": status });
    answer["responseParameters"] = json!(headers.collect::<BTreeMap<_, _>>());
    put(
        &mut answer,
        "responseTemplates",
        response.templates.as_ref(),
    );
    put(
        &mut answer,
        "contentHandling",
        response.content_handling.as_ref(),
    );
    (pattern.to_owned(), answer)
}
