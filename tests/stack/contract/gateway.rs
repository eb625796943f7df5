//! REST APIs and what is in them.

use super::cognito::every_part_of;
use crate::support::{
    bench::{Bench, Made},
    samples::of_apis,
};
use serde_json::{Value, from_value, json};
use wsctl::spec::{
    api_key::ApiKey, authorizer::Authorizer, base_path_mapping::BasePathMapping,
    domain_name::DomainName, gateway_response::GatewayResponse, integration::Integration,
    model::Model, request_validator::RequestValidator, resource::Resource, rest_api::RestApi,
    route::Route, stage::Stage, usage_plan::UsagePlan,
};

pub(crate) async fn a_rest_api(bench: &Bench) {
    let sample = json!({
        "name": "contract",
        "description": "Users",
        "endpoint": "REGIONAL",
        "binary_media_types": ["image/png", "*/*"],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "description": "",
        "endpoint": "EDGE",
        "binary_media_types": ["application/pdf", "image/png"],
        "tags": { "team": "b", "new": "y" },
    });
    bench.keeps::<RestApi>(None, "api", sample, changed).await;
    let policy = |addresses: &str| {
        let statement = json!({
            "Effect": "Allow", "Principal": "*", "Action": ["execute-api:Invoke"],
            "Resource": "execute-api:/*", "Condition": { "IpAddress": { "aws:SourceIp": addresses } },
        });
        json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
    };
    let guarded = json!({ "name": "guarded", "policy": policy("192.0.2.0/24") });
    let changed = json!({ "name": "guarded", "policy": policy("198.51.100.0/24") });
    bench.keeps::<RestApi>(None, "api", guarded, changed).await;
    let private = |endpoints: &[&str]| {
        json!({ "name": "private", "endpoint": "PRIVATE", "vpc_endpoints": endpoints,
            "policy": policy("192.0.2.0/24") })
    };
    let (one, other) = ("vpce-0123456789abcdef0", "vpce-0fedcba9876543210");
    bench
        .keeps::<RestApi>(None, "api", private(&[one]), private(&[other]))
        .await;
    // The first tags of an API that had none but ours.
    let later = json!({ "name": "later", "tags": { "team": "b" } });
    bench
        .keeps::<RestApi>(None, "api", json!({ "name": "later" }), later)
        .await;
}

async fn api(bench: &Bench) -> Made {
    bench
        .make::<RestApi>(None, "api", json!({ "name": "contract" }))
        .await
}

fn pool_arn(bench: &Bench, id: &str) -> String {
    format!(
        "arn:aws:cognito-idp:eu-west-1:{}:userpool/eu-west-1_{id}",
        bench.account
    )
}

pub(crate) async fn an_authorizer(bench: &Bench) {
    let api = api(bench).await;
    let sample = json!({
        "name": "contract",
        "user_pool_arns": [pool_arn(bench, "Aaaaaaaaa"), pool_arn(bench, "Bbbbbbbbb")],
        "token_source": "Authorization",
        "validation_expression": "[a-z0-9]+",
        "ttl": "1m",
    });
    let changed = json!({
        "name": "renamed",
        "user_pool_arns": [pool_arn(bench, "Bbbbbbbbb"), pool_arn(bench, "Ccccccccc")],
        "token_source": "X-Token",
        "validation_expression": "",
        "ttl": "0s",
    });
    bench
        .keeps::<Authorizer>(Some(&api), "members", sample, changed)
        .await;
}

async fn resource(bench: &Bench, api: &Made) -> Made {
    let spec = json!({ "parent_id": api.output("root_resource_id"), "path_part": "users" });
    bench.make::<Resource>(Some(api), "/users", spec).await
}

pub(crate) async fn a_resource(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let sample = json!({ "parent_id": users.output("id"), "path_part": "{id}" });
    bench
        .keeps::<Resource>(Some(&api), "/users/{id}", sample, json!({}))
        .await;
}

fn function(bench: &Bench, name: &str) -> String {
    let account = &bench.account;
    format!("arn:aws:lambda:eu-west-1:{account}:function:{name}")
}

async fn authorizer(bench: &Bench, api: &Made, name: &str) -> Made {
    let spec = json!({ "name": name, "user_pool_arns": [pool_arn(bench, "Aaaaaaaaa")] });
    bench.make::<Authorizer>(Some(api), name, spec).await
}

pub(crate) async fn every_part(bench: &Bench) {
    every_part_of(bench, &api(bench).await, of_apis()).await;
}

pub(crate) async fn a_route(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let (one, other) = (
        authorizer(bench, &api, "one").await,
        authorizer(bench, &api, "other").await,
    );
    for name in ["Order", "Other"] {
        let spec = json!({ "schema": r#"{"type":"object"}"# });
        bench.make::<Model>(Some(&api), name, spec).await;
    }
    let validator = bench
        .make::<RequestValidator>(Some(&api), "all", json!({ "body": true }))
        .await;
    let sample = json!({
        "resource_id": users.output("id"),
        "function": function(bench, "one"),
        "authorizer": one.output("id"),
        "scopes": ["read", "write"],
        "timeout": "5s",
        "api_key_required": true,
        "request_validator": validator.output("id"),
        "request_models": { "application/json": "Order", "text/plain": "Order" },
        "request_parameters": { "method.request.querystring.a": true, "method.request.header.b": false },
    });
    let changed = json!({
        "function": function(bench, "other"),
        "authorizer": other.output("id"),
        "scopes": ["write", "admin"],
        "timeout": "7s",
        "api_key_required": false,
        "request_validator": "",
        "request_models": { "application/json": "Other", "$default": "Order" },
        "request_parameters": { "method.request.querystring.a": false, "method.request.header.c": true },
    });
    bench
        .keeps::<Route>(Some(&api), "GET /users", sample.clone(), changed)
        .await;
    let open = json!({ "function": function(bench, "one"), "authorizer": "none", "scopes": [] });
    bench
        .keeps::<Route>(Some(&api), "GET /users", sample, open)
        .await;
}

pub(crate) async fn a_preflight(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let preflight = |origins: &[&str], methods: &[&str]| {
        json!({
            "resource_id": users.output("id"),
            "function": "",
            "authorizer": "none",
            "preflight": {
                "allow_origins": origins,
                "allow_headers": ["Authorization", "Content-Type"],
                "allow_methods": methods,
            },
        })
    };
    let sample = preflight(&["https://example.com"], &["GET", "OPTIONS"]);
    let changed = preflight(
        &["https://example.com", "https://www.example.com"],
        &["OPTIONS", "PUT"],
    );
    both_ways(bench, &api, "OPTIONS /users", &sample, &changed).await;
}

/// A route, made into another one, and that into it.
async fn both_ways(bench: &Bench, api: &Made, name: &str, one: &Value, other: &Value) {
    for (from, to) in [(one, other), (other, one)] {
        let (from, to) = (from.clone(), to.clone());
        bench.keeps::<Route>(Some(api), name, from, to).await;
    }
}

/// Each type, made into each other. All hand the same header on: moto has no UpdateMethod.
pub(crate) async fn an_integration(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let route = |integration: Value, timeout: &str| {
        let integration: Integration = from_value(integration).unwrap();
        json!({
            "resource_id": users.output("id"),
            "function": integration.told(),
            "integration": integration,
            "authorizer": "none",
            "timeout": timeout,
        })
    };
    let key = "method.request.header.key";
    let to_address = json!({
        "type": "HTTP",
        "uri": "https://example.com/users",
        "method": "GET",
        "request_parameters": { "integration.request.querystring.key": key },
        "request_templates": { "application/json": "$input.body", "text/plain": "a" },
        "passthrough_behavior": "NEVER",
        "responses": {
            "200": { "headers": { "X-One": "integration.response.header.One", "X-Two": "'two'" } },
            "404": { "selection_pattern": "4..", "templates": { "application/json": "{}" } },
        },
    });
    let to_service = json!({
        "type": "AWS",
        "uri": "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/users",
        "method": "POST",
        "credentials": format!("arn:aws:iam::{}:role/api", bench.account),
        "request_parameters": { "integration.request.header.Key": key },
        "content_handling": "CONVERT_TO_TEXT",
        "responses": {
            "200": { "headers": { "X-One": "'one'" } },
            "500": { "selection_pattern": "5..", "content_handling": "CONVERT_TO_BINARY" },
        },
    });
    let proxy = json!({
        "type": "HTTP_PROXY",
        "uri": "https://example.com/users",
        "method": "ANY",
        "request_parameters": { "integration.request.header.Key": key },
    });
    let sample = route(to_address, "5s");
    for changed in [route(to_service, "7s"), route(proxy, "9s")] {
        both_ways(bench, &api, "GET /users", &sample, &changed).await;
    }
}

/// What API Gateway answers itself, in other words each time.
pub(crate) async fn a_mock(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let mock = |responses: Value| {
        json!({
            "resource_id": users.output("id"),
            "function": "MOCK",
            "integration": {
                "type": "MOCK",
                "request_templates": { "application/json": "{\"statusCode\":200}" },
                "responses": responses,
            },
            "authorizer": "none",
        })
    };
    let sample = mock(json!({ "200": { "templates": { "application/json": "{\"up\":true}" } } }));
    // The answer to everything else is another one.
    let changed = mock(json!({
        "200": { "selection_pattern": "2..", "headers": { "X-One": "'one'" } },
        "503": {},
    }));
    both_ways(bench, &api, "GET /users", &sample, &changed).await;
}

pub(crate) async fn a_gateway_response(bench: &Bench) {
    let api = api(bench).await;
    let sample = json!({ "headers": { "Access-Control-Allow-Origin": "'*'", "X-Old": "'x'" } });
    let changed = json!({
        "headers": { "Access-Control-Allow-Origin": "'https://example.com'", "X-New": "context.requestId" },
        "status_code": 404,
        "templates": { "application/json": "{}", "text/plain": "$context.error.message" },
    });
    for name in ["DEFAULT_4XX", "UNAUTHORIZED"] {
        let (sample, changed) = (sample.clone(), changed.clone());
        bench
            .keeps::<GatewayResponse>(Some(&api), name, sample, changed)
            .await;
    }
}

pub(crate) async fn a_stage(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let route = json!({
        "resource_id": users.output("id"),
        "function": function(bench, "users"),
        "authorizer": "none",
        "timeout": "5s",
    });
    bench.make::<Route>(Some(&api), "GET /users", route).await;
    let log_group = |name: &str| {
        format!(
            "arn:aws:logs:eu-west-1:{}:log-group:/contract/{name}",
            bench.account
        )
    };
    let of_method = |level: &str, metrics: bool, rate: f64| {
        json!({ "logging_level": level, "metrics": metrics,
            "throttling": { "rate_limit": rate, "burst_limit": 3 } })
    };
    let sample = json!({
        "name": "dev",
        "description": "For trying",
        "throttling": { "rate_limit": 10.0, "burst_limit": 20 },
        "metrics": true,
        "logging_level": "OFF",
        "variables": { "table": "users", "mode": "quiet" },
        "methods": { "GET /users": of_method("OFF", true, 5.0), "POST /users": of_method("OFF", false, 1.0) },
        "access_logs": { "log_group_arn": log_group("a"), "format": "$context.requestId" },
        "deployment": "one",
    });
    let changed = json!({
        "name": "dev",
        "description": "For all",
        "throttling": { "rate_limit": 0.5, "burst_limit": 0 },
        "metrics": false,
        "variables": { "table": "people", "more": "a/b?c=d" },
        "methods": { "GET /users": of_method("INFO", false, 0.5), "GET /users/{id}": of_method("OFF", true, 2.0) },
        "logging_level": "ERROR",
        "access_logs": { "log_group_arn": log_group("b"), "format": "$context.requestId $context.status" },
        "deployment": "two",
    });
    bench.keeps::<Stage>(Some(&api), "", sample, changed).await;
}

/// An API with two stages, each as a usage plan names it.
async fn stages(bench: &Bench) -> [String; 2] {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let route = json!({
        "resource_id": users.output("id"), "function": function(bench, "users"), "authorizer": "none",
    });
    bench.make::<Route>(Some(&api), "GET /users", route).await;
    for name in ["dev", "live"] {
        let spec = json!({ "name": name, "deployment": name });
        bench.make::<Stage>(Some(&api), "", spec).await;
    }
    ["dev", "live"].map(|it| format!("{}:{it}", api.output("id")))
}

pub(crate) async fn a_usage_plan(bench: &Bench) {
    let [dev, live] = stages(bench).await;
    let sample = json!({
        "name": "contract",
        "description": "For members",
        "throttling": { "rate_limit": 10.0, "burst_limit": 20 },
        "quota": { "limit": 1000, "period": "MONTH", "offset": 2 },
        "stages": [dev],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "description": "",
        "throttling": { "rate_limit": 0.5, "burst_limit": 1 },
        "quota": { "limit": 10, "period": "DAY", "offset": 0 },
        "stages": [live],
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<UsagePlan>(None, "usage_plans.members", sample.clone(), changed.clone())
        .await;
    let bare = json!({ "name": "bare", "stages": [] });
    bench
        .keeps::<UsagePlan>(None, "usage_plans.members", bare, changed)
        .await;
}

pub(crate) async fn an_api_key(bench: &Bench) {
    let [dev, _] = stages(bench).await;
    let plan = |name: &str| json!({ "name": name, "stages": [dev] });
    let one = bench
        .make::<UsagePlan>(None, "usage_plans.one", plan("one"))
        .await;
    let other = bench
        .make::<UsagePlan>(None, "usage_plans.other", plan("other"))
        .await;
    let sample = json!({
        "name": "contract",
        "description": "Of a page",
        "enabled": true,
        "usage_plan": one.output("id"),
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "description": "",
        "enabled": false,
        "usage_plan": other.output("id"),
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<ApiKey>(None, "api_keys.page", sample, changed.clone())
        .await;
    let bare = json!({ "name": "bare", "enabled": true, "usage_plan": "" });
    bench
        .keeps::<ApiKey>(None, "api_keys.page", bare, changed)
        .await;
}

fn certificate(region: &str, id: &str) -> String {
    format!("arn:aws:acm:{region}:123456789012:certificate/{id}")
}

pub(crate) async fn a_domain_name(bench: &Bench) {
    let sample = json!({
        "name": "contract.example.com",
        "certificate_arn": certificate(&bench.aws.region, "one"),
        "endpoint": "REGIONAL",
        "security_policy": "TLS_1_0",
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "contract.example.com",
        "certificate_arn": certificate(&bench.aws.region, "other"),
        "endpoint": "REGIONAL",
        "security_policy": "TLS_1_2",
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<DomainName>(None, "domain_names.public", sample, changed)
        .await;
    let edge = |id: &str| {
        json!({
            "name": "edge.example.com",
            "certificate_arn": certificate("us-east-1", id),
            "endpoint": "EDGE",
        })
    };
    bench
        .keeps::<DomainName>(None, "domain_names.public", edge("one"), edge("other"))
        .await;
}

pub(crate) async fn a_base_path_mapping(bench: &Bench) {
    let [dev, live] = stages(bench).await;
    let spec = json!({
        "name": "paths.example.com",
        "certificate_arn": certificate(&bench.aws.region, "one"),
    });
    let domain = bench
        .make::<DomainName>(None, "domain_names.public", spec)
        .await;
    let to = |stage: &str| {
        let (api, stage) = stage.split_once(':').unwrap();
        json!({ "api_id": api, "stage": stage })
    };
    for path in ["(none)", "v1"] {
        bench
            .keeps::<BasePathMapping>(Some(&domain), path, to(&dev), to(&live))
            .await;
    }
}
