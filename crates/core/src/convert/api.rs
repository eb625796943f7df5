//! APIs: stages, authorizers, routes and what answers them. Pure.

use super::{
    draft::Draft,
    fields::{As, Properties, list, not_said},
    other::name,
    places::{API, AUTHORIZER, Places, STAGE},
    template::{Resource, Template, referred_id},
    user_pool::{below, path},
    values::{Scope, is_open, text},
};
use crate::duration::{Duration, Unit};
use serde_json::{Map, Value, json};

pub(super) fn put(draft: &mut Draft, template: &Template, places: &Places) {
    let scope = Scope { template, places };
    for api in template.of_kind(API) {
        let Some(place) = places.path_of(api) else {
            continue;
        };
        draft.table(place);
        let mut properties = Properties::new(scope.properties(&api.properties));
        properties.fill(
            draft,
            place,
            &[
                ("Name", "name", As::Text),
                ("Description", "description", As::Text),
                ("EndpointConfiguration.Types", "endpoint", As::First),
                (
                    "EndpointConfiguration.VpcEndpointIds",
                    "vpc_endpoints",
                    As::List,
                ),
                ("BinaryMediaTypes", "binary_media_types", As::List),
                ("Tags", "tags", As::Map),
            ],
        );
        name(draft, api, place);
        if let Some(policy) = properties.take("Policy") {
            match is_open(&policy) {
                true => draft.comment(place, not_said("Policy", &policy)),
                false => draft.put(
                    &below(place, "policy"),
                    policy
                        .as_str()
                        .map_or_else(|| policy.to_string(), ToOwned::to_owned)
                        .into(),
                ),
            }
        }
        let cors = properties.take(super::sam::CORS);
        stage(draft, &scope, api, place);
        authorizers(draft, &scope, api);
        draft.table(&below(place, "routes"));
        routes(draft, &scope, api, place);
        if let Some(cors) = cors {
            draft.put(&below(place, "cors"), cors);
        }
        if properties.has("Body") {
            properties.take("Body");
            draft.comment(
                place,
                "Not said here: its OpenAPI document: write its paths as routes.",
            );
        }
        properties.rest(draft, place);
    }
}

fn is_of(scope: &Scope<'_>, resource: &Resource, api: &Resource) -> bool {
    scope
        .template
        .referred(resource.properties.get("RestApiId"))
        .is_some_and(|it| it.id == api.id)
}

/// The first stage of its own, or the one that a deployment makes.
fn stage(draft: &mut Draft, scope: &Scope<'_>, api: &Resource, place: &[String]) {
    let at = below(place, "stage");
    let mut stages = scope
        .template
        .of_kind(STAGE)
        .filter(|it| is_of(scope, it, api));
    let first = stages.next();
    for further in stages {
        draft.comment(
            &at,
            format!("Left out: the stage {}: an API has one here.", further.id),
        );
    }
    match first {
        Some(stage) => {
            let mut properties = Properties::new(scope.properties(&stage.properties));
            properties.fill(
                draft,
                &at,
                &[
                    ("StageName", "name", As::Text),
                    ("Description", "description", As::Text),
                    ("Variables", "variables", As::Map),
                ],
            );
            for implied in ["RestApiId", "DeploymentId"] {
                properties.take(implied);
            }
            let settings = properties.take("MethodSettings");
            settings_of_all(draft, &at, settings.as_ref());
            let extra = scope
                .template
                .of_kind("AWS::ApiGateway::MethodSettings")
                .filter(|it| is_of(scope, it, api));
            for it in extra {
                settings_of_all(draft, &at, Some(&json!([scope.properties(&it.properties)])));
            }
            properties.rest(draft, &at);
        }
        None => {
            let deployment = scope
                .template
                .of_kind("AWS::ApiGateway::Deployment")
                .filter(|it| is_of(scope, it, api));
            let named = deployment
                .filter_map(|it| {
                    scope
                        .properties(&it.properties)
                        .get("StageName")
                        .and_then(text)
                })
                .next();
            draft.put(
                &below(&at, "name"),
                named.unwrap_or_else(|| "prod".to_owned()).into(),
            );
        }
    }
    if draft.get(&below(&at, "name")).is_none() {
        draft.put(&below(&at, "name"), "prod".into());
    }
}

fn settings_of_all(draft: &mut Draft, at: &[String], settings: Option<&Value>) {
    for setting in settings.and_then(Value::as_array).into_iter().flatten() {
        let is_of_all = ["ResourcePath", "HttpMethod"]
            .iter()
            .all(|key| text(&setting[*key]).is_none_or(|it| it.contains('*')));
        let Some(map) = setting.as_object().filter(|_| is_of_all) else {
            draft.comment(at, not_said("MethodSettings", setting));
            continue;
        };
        let mut setting = Properties::new(map.clone());
        for implied in ["ResourcePath", "HttpMethod", "RestApiId", "StageName"] {
            setting.take(implied);
        }
        setting.fill(
            draft,
            at,
            &[
                ("MetricsEnabled", "metrics", As::Flag),
                ("LoggingLevel", "logging_level", As::Text),
                ("ThrottlingRateLimit", "throttling.rate_limit", As::Number),
                ("ThrottlingBurstLimit", "throttling.burst_limit", As::Number),
            ],
        );
        setting.rest(draft, at);
    }
}

fn authorizers(draft: &mut Draft, scope: &Scope<'_>, api: &Resource) {
    for authorizer in scope
        .template
        .of_kind(AUTHORIZER)
        .filter(|it| is_of(scope, it, api))
    {
        let Some(place) = scope.places.path_of(authorizer) else {
            continue;
        };
        let mut properties = Properties::new(scope.properties(&authorizer.properties));
        properties.take("RestApiId");
        properties.fill(
            draft,
            place,
            &[
                ("Name", "name", As::Text),
                (
                    "AuthorizerResultTtlInSeconds",
                    "ttl",
                    As::Time(Unit::Seconds),
                ),
                (
                    "IdentityValidationExpression",
                    "validation_expression",
                    As::Text,
                ),
            ],
        );
        name(draft, authorizer, place);
        let kind = properties.text("Type").unwrap_or_default();
        let source = properties.text("IdentitySource");
        if kind == "COGNITO_USER_POOLS" {
            pools(draft, place, properties.take("ProviderARNs"));
        } else {
            draft.put(&below(place, "type"), kind.clone().into());
            let uri = properties.take("AuthorizerUri").unwrap_or_default();
            match function_in(&uri) {
                Some(function) => draft.put(&below(place, "function"), function.into()),
                None => draft.comment(place, not_said("AuthorizerUri", &uri)),
            }
        }
        match source.as_deref() {
            Some(many) if kind == "REQUEST" => {
                let each: Vec<_> = many.split(',').map(|it| Value::from(it.trim())).collect();
                draft.put(&below(place, "identity_sources"), each.into());
            }
            Some(one) => match one.strip_prefix("method.request.header.") {
                Some("Authorization") => {}
                Some(header) => draft.put(&below(place, "token_source"), header.into()),
                None => draft.comment(place, not_said("IdentitySource", &one.into())),
            },
            None => {}
        }
        properties.rest(draft, place);
    }
}

/// The file's own pool is meant anyway.
fn pools(draft: &mut Draft, place: &[String], arns: Option<Value>) {
    let arns = arns.unwrap_or_default();
    for arn in arns.as_array().into_iter().flatten() {
        match text(arn).as_deref() {
            Some("${user_pool.arn}") => {}
            Some(_) => draft.put(
                &below(place, "user_pool_arns"),
                list(&arns).unwrap_or_default(),
            ),
            None => draft.comment(place, not_said("ProviderARNs", arn)),
        }
    }
}

/// The function that an address of API Gateway's leads to, by its name in the file.
fn function_in(uri: &Value) -> Option<String> {
    let (_, rest) = uri.as_str()?.split_once("${functions.")?;
    rest.split('.').next().map(ToOwned::to_owned)
}

fn routes(draft: &mut Draft, scope: &Scope<'_>, api: &Resource, place: &[String]) {
    for method in scope
        .template
        .of_kind("AWS::ApiGateway::Method")
        .filter(|it| is_of(scope, it, api))
    {
        let written = scope.properties(&method.properties);
        let verb = written
            .get("HttpMethod")
            .and_then(text)
            .unwrap_or_default()
            .to_uppercase();
        let Some(of) = path_of(scope, method.properties.get("ResourceId"), api, 0) else {
            draft.comment(
                place,
                format!("Left out: the method {}: its path is not known.", method.id),
            );
            continue;
        };
        if verb.is_empty() {
            let verb = written.get("HttpMethod").cloned().unwrap_or_default();
            let why = not_said("HttpMethod", &verb);
            draft.comment(
                place,
                format!("Left out: the method {} of {of}. {why}", method.id),
            );
            continue;
        }
        let of = if of.is_empty() { "/".to_owned() } else { of };
        let integration = integration_of(scope, method, &written);
        let kind = text(&integration["Type"]).unwrap_or_default();
        if verb == "OPTIONS" && kind == "MOCK" {
            cors(draft, scope, place, method, &integration);
            continue;
        }
        let route = route(
            draft,
            scope,
            method,
            place,
            &integration,
            &format!("{verb} {of}"),
        );
        draft.put(
            &below(&below(place, "routes"), &format!("{verb} {of}")),
            route,
        );
    }
}

/// The path of a resource: its own part behind those above it.
fn path_of(
    scope: &Scope<'_>,
    resource: Option<&Value>,
    api: &Resource,
    depth: usize,
) -> Option<String> {
    if let Some(written) = resource.and_then(Value::as_str) {
        // As the translations write it.
        return Some(written.to_owned());
    }
    let above = scope.template.referred(resource)?;
    if above.id == api.id {
        return Some(String::new());
    }
    if depth > 64 {
        return None;
    }
    let part = scope
        .properties(&above.properties)
        .get("PathPart")
        .and_then(text)?;
    let before = path_of(scope, above.properties.get("ParentId"), api, depth + 1)?;
    Some(format!("{before}/{part}"))
}

/// The method's own, or the one that stands by itself.
fn integration_of(scope: &Scope<'_>, method: &Resource, written: &Map<String, Value>) -> Value {
    if let Some(own) = written.get("Integration") {
        return own.clone();
    }
    let mut all = scope.template.of_kind("AWS::ApiGateway::Integration");
    let found = all.find(|it| is_same_method(scope, it, method));
    found.map_or(Value::Null, |it| scope.properties(&it.properties).into())
}

/// Whether both are about one method of one path: Terraform refers to the method itself.
fn is_same_method(scope: &Scope<'_>, other: &Resource, method: &Resource) -> bool {
    let of = other.properties.get("HttpMethod");
    match scope.template.referred(of) {
        Some(it) => it.id == method.id,
        None => {
            let of_path = |it: &Resource| {
                it.properties
                    .get("ResourceId")
                    .and_then(referred_id)
                    .map(ToOwned::to_owned)
            };
            let verb = method
                .properties
                .get("HttpMethod")
                .map(|it| scope.value(it));
            of.map(|it| scope.value(it)) == verb && of_path(other) == of_path(method)
        }
    }
}

fn route(
    draft: &mut Draft,
    scope: &Scope<'_>,
    method: &Resource,
    place: &[String],
    integration: &Value,
    name: &str,
) -> Value {
    let at = below(&below(place, "routes"), name);
    let mut properties = Properties::new(scope.properties(&method.properties));
    let mut route = Map::new();
    let mut integration = Properties::new(integration.as_object().cloned().unwrap_or_default());
    let kind = integration.text("Type").unwrap_or_default();
    let uri = integration.take("Uri").unwrap_or_default();
    match function_in(&uri) {
        Some(function) if kind == "AWS_PROXY" => {
            route.insert("function".to_owned(), function.into());
        }
        function => {
            route.insert(
                "integration".to_owned(),
                other_integration(&kind, &uri, function.as_deref(), &mut integration),
            );
            if let Some(function) = function {
                route.insert("function".to_owned(), function.into());
            }
        }
    }
    // What is not known of who may call lets nobody in: such a route is refused, and becomes a comment.
    let says_who = ["AuthorizationType", "AuthorizationScopes", "ApiKeyRequired"];
    let is_unknown = says_who.iter().any(|it| properties.is_open(it));
    let authorizer = match properties.text("AuthorizationType").as_deref() {
        _ if is_unknown => "unknown".to_owned(),
        Some("AWS_IAM") => "AWS_IAM".to_owned(),
        Some("NONE") | None => "none".to_owned(),
        Some(_) => {
            let by = scope
                .template
                .referred(method.properties.get("AuthorizerId"));
            let key = by
                .and_then(|it| scope.places.path_of(it))
                .and_then(<[String]>::last);
            key.cloned().unwrap_or_else(|| "unknown".to_owned())
        }
    };
    route.insert("authorizer".to_owned(), authorizer.into());
    if let Some(scopes) = properties
        .take("AuthorizationScopes")
        .as_ref()
        .and_then(list)
    {
        route.insert("scopes".to_owned(), scopes);
    }
    if let Some(milliseconds) = integration
        .take("TimeoutInMillis")
        .and_then(|it| text(&it))
        .and_then(|it| it.parse().ok())
    {
        let timeout = Duration::of_milliseconds(milliseconds);
        if timeout.is_in_whole_seconds() {
            route.insert("timeout".to_owned(), timeout.to_string().into());
        }
    }
    if properties.text("ApiKeyRequired").as_deref() == Some("true") {
        route.insert("api_key_required".to_owned(), true.into());
    }
    for implied in [
        "HttpMethod",
        "ResourceId",
        "RestApiId",
        "AuthorizerId",
        "Integration",
        "MethodResponses",
        "OperationName",
    ] {
        properties.take(implied);
    }
    for implied in [
        "HttpMethod",
        "ResourceId",
        "RestApiId",
        "IntegrationHttpMethod",
        "IntegrationResponses",
        "Credentials",
        "PassthroughBehavior",
        "ContentHandling",
        "RequestTemplates",
        "RequestParameters",
        "CacheKeyParameters",
        "CacheNamespace",
    ] {
        integration.take(implied);
    }
    properties.rest(draft, &at);
    integration.rest(draft, &at);
    route.into()
}

fn other_integration(
    kind: &str,
    uri: &Value,
    function: Option<&str>,
    from: &mut Properties,
) -> Value {
    let mut table = Map::new();
    table.insert("type".to_owned(), kind.into());
    if function.is_none() && !is_open(uri) && !uri.is_null() {
        table.insert("uri".to_owned(), uri.clone());
    }
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|it| !is_open(it)) {
            table.insert(key.to_owned(), value);
        }
    };
    // To a function API Gateway sends POST in any case.
    let method = from
        .take("IntegrationHttpMethod")
        .filter(|_| function.is_none() && kind != "MOCK");
    add("method", method);
    for (property, key) in [
        ("Credentials", "credentials"),
        ("RequestParameters", "request_parameters"),
        ("RequestTemplates", "request_templates"),
        ("PassthroughBehavior", "passthrough_behavior"),
        ("ContentHandling", "content_handling"),
    ] {
        add(key, from.take(property));
    }
    let responses = from.take("IntegrationResponses");
    let each = responses
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|it| {
            let mut response = Map::new();
            if let Some(pattern) = text(&it["SelectionPattern"]) {
                response.insert("selection_pattern".to_owned(), pattern.into());
            }
            if it["ResponseTemplates"].is_object() {
                response.insert("templates".to_owned(), it["ResponseTemplates"].clone());
            }
            Some((text(&it["StatusCode"])?, Value::from(response)))
        });
    let each: Map<_, _> = each.collect();
    if !each.is_empty() && kind != "HTTP_PROXY" {
        add("responses", Some(each.into()));
    }
    table.into()
}

/// An API's own answer to preflights is what `cors` makes.
fn cors(
    draft: &mut Draft,
    scope: &Scope<'_>,
    place: &[String],
    method: &Resource,
    integration: &Value,
) {
    let apart = scope
        .template
        .of_kind("AWS::ApiGateway::IntegrationResponse")
        .filter(|it| is_same_method(scope, it, method));
    let apart = apart.map(|it| Value::from(scope.properties(&it.properties)));
    let own = integration["IntegrationResponses"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let responses: Vec<_> = own.into_iter().chain(apart).collect();
    let header = |name: &str| {
        let key = format!("method.response.header.Access-Control-Allow-{name}");
        let found = responses
            .iter()
            .filter_map(|it| it["ResponseParameters"].as_object());
        let found = found.flatten().find(|it| it.0.eq_ignore_ascii_case(&key));
        found
            .and_then(|it| text(it.1))
            .map(|it| it.trim_matches('\'').to_owned())
    };
    let origin = header("Origin").unwrap_or_else(|| "*".to_owned());
    draft.put(&path(place, "cors.origins"), json!([origin]));
    if header("Credentials").as_deref() == Some("true") {
        draft.put(&path(place, "cors.credentials"), true.into());
    }
}
