//! The contract of every kind, on both emulators: created, read back as declared, changed, read
//! back as changed, deleted, deleted again.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{
    bench::{Bench, Made},
    place::Emulator,
    story::handler,
};
use wsctl::{
    kind::Produces,
    kinds::{
        self, authorizer::Authorizer, branding::Branding, client::Client, domain::Domain, function::Function,
        gateway_response::GatewayResponse, group::Group, log_group::LogGroup, permission::Permission,
        resource::Resource, rest_api::RestApi, role::Role, route::Route, secret::Secret, stage::Stage,
        user_pool::UserPool,
    },
    package,
};

const LAMBDA: &str = "lambda.amazonaws.com";
const MANAGED: &str = "arn:aws:iam::aws:policy/service-role";

async fn a_secret(bench: &Bench) {
    let sample = json!({
        "name": "contract/db",
        "description": "The database's",
        "json": { "username": "postgres" },
        "generate": ["password"],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({ "description": "Another's", "tags": { "team": "b", "new": "y" } });
    bench.keeps::<Secret>(None, "secrets.db", sample, changed).await;
}

async fn a_log_group(bench: &Bench) {
    let sample = json!({
        "name": "/contract/logs",
        "retention_days": 14,
        "owned": true,
        "tags": { "team": "a", "old": "x" },
    });
    let changed =
        json!({ "name": "/contract/logs", "retention_days": 30, "tags": { "team": "b", "new": "y" } });
    bench.keeps::<LogGroup>(None, "functions.users.log_group", sample, changed).await;
}

fn policy(action: &str) -> Value {
    kinds::role::canonical_policy(json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" },
    }))
}

async fn a_role(bench: &Bench) {
    let sample = json!({
        "name": "contract",
        "service": LAMBDA,
        "description": "A function's",
        "policies": { "logs": policy("logs:PutLogEvents"), "old": policy("logs:CreateLogStream") },
        "attached": [format!("{MANAGED}/AWSLambdaBasicExecutionRole")],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "contract",
        "service": "apigateway.amazonaws.com",
        "description": "An API's",
        "policies": { "logs": policy("logs:CreateLogGroup"), "new": policy("logs:PutLogEvents") },
        "attached": [format!("{MANAGED}/AWSLambdaVPCAccessExecutionRole")],
        "tags": { "team": "b", "new": "y" },
    });
    bench.keeps::<Role>(None, "functions.users.role", sample, changed).await;
}

/// A function's spec, with the handler's zip and a role of its own.
async fn function_spec(bench: &Bench) -> Value {
    let role = json!({ "name": "contract", "service": LAMBDA });
    let role = bench.make::<Role>(None, "functions.users.role", role).await;
    let zip = handler();
    bench.aws.zips.write().unwrap().insert(zip.sha256.clone(), zip.path.clone());
    json!({
        "name": "contract",
        "runtime": "provided.al2023",
        "handler": "bootstrap",
        "architecture": "x86_64",
        "role": role.output("arn"),
        "code": zip.sha256,
    })
}

/// The digest of a second zip.
fn other_zip(bench: &Bench, folder: &std::path::Path) -> String {
    let bytes = package::zip(b"another program").unwrap();
    let (path, sha256) = (folder.join("other.zip"), package::sha256(&bytes));
    std::fs::write(&path, bytes).unwrap();
    bench.aws.zips.write().unwrap().insert(sha256.clone(), path);
    sha256
}

async fn a_function(bench: &Bench) {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = function_spec(bench).await;
    sample["description"] = json!("Users");
    sample["memory"] = json!(128);
    sample["timeout"] = json!(10);
    sample["environment"] = json!({ "A": "1", "OLD": "x" });
    sample["vpc"] = json!({ "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"] });
    sample["tags"] = json!({ "team": "a", "old": "x" });
    let changed = json!({
        "name": "contract",
        "description": "",
        "memory": 256,
        "timeout": 20,
        "environment": { "A": "2", "NEW": "y" },
        "vpc": { "subnet_ids": [], "security_group_ids": [] },
        "architecture": "x86_64",
        "code": other_zip(bench, folder.path()),
        "tags": { "team": "b", "new": "y" },
    });
    bench.keeps::<Function>(None, "functions.users", sample, changed).await;
}

async fn a_permission(bench: &Bench) {
    let function = function_spec(bench).await;
    let function = bench.make::<Function>(None, "functions.users", function).await;
    let sample = json!({
        "principal": "apigateway.amazonaws.com",
        "action": "lambda:InvokeFunction",
        "source_arn": format!("arn:aws:execute-api:eu-west-1:{}:abcdef1234/dev/*/*", bench.account),
    });
    bench.keeps::<Permission>(Some(&function), "wsctl-api", sample, json!({})).await;
}

async fn a_user_pool(bench: &Bench) {
    let sample = json!({
        "name": "contract",
        "sign_in": ["email"],
        "case_sensitive": false,
        "self_registration": true,
        "required_attributes": ["email", "name"],
        "custom_attributes": { "tenant": { "type": "string", "mutable": true, "min": 1, "max": 20 } },
        "password_policy": { "minimum_length": 10, "require_symbols": true, "temporary_password_validity_days": 3 },
        "auto_verify": ["email"],
        "account_recovery": ["verified_email"],
        "mfa": { "mode": "off" },
        "feature_plan": "ESSENTIALS",
        "deletion_protection": false,
        "email": { "sender": "COGNITO_DEFAULT" },
        "verification_message": { "email_subject": "Your code", "email_message": "It is {####}." },
        "invitation_message": { "email_subject": "Come", "email_message": "{username}: {####}" },
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "self_registration": false,
        "custom_attributes": { "seats": { "type": "number", "mutable": true, "min": 0, "max": 9 } },
        "password_policy": { "minimum_length": 12 },
        "account_recovery": ["admin_only"],
        "mfa": { "mode": "optional", "totp": true },
        "feature_plan": "PLUS",
        "deletion_protection": true,
        "verification_message": { "email_subject": "Your new code" },
        "tags": { "team": "b", "new": "y" },
    });
    bench.keeps::<UserPool>(None, "user_pool", sample, changed).await;
}

async fn pool(bench: &Bench) -> Made {
    bench.make::<UserPool>(None, "user_pool", json!({ "name": "contract" })).await
}

async fn a_group(bench: &Bench) {
    let pool = pool(bench).await;
    let sample = json!({ "description": "May look", "precedence": 20 });
    bench.keeps::<Group>(Some(&pool), "readers", sample, json!({ "precedence": 0 })).await;
    let sample = json!({ "precedence": 20 });
    bench.keeps::<Group>(Some(&pool), "editors", sample, json!({ "description": "May change" })).await;
}

async fn a_client(bench: &Bench) {
    let pool = pool(bench).await;
    let sample = json!({
        "name": "contract",
        "secret": true,
        "auth_flows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "auth_session_validity": "3m",
        "access_token_validity": "15m",
        "id_token_validity": "1h",
        "refresh_token_validity": "5d",
        "oauth_grants": ["code"],
        "oauth_scopes": ["openid", "email"],
        "callback_urls": ["https://example.com/a", "https://example.com/b"],
        "logout_urls": ["https://example.com/"],
        "default_redirect_uri": "https://example.com/a",
        "identity_providers": ["COGNITO"],
        "prevent_user_existence_errors": true,
        "token_revocation": true,
        "read_attributes": ["email", "name"],
        "write_attributes": ["name"],
    });
    let changed = json!({
        "name": "renamed",
        "access_token_validity": "5m",
        "refresh_token_validity": "8h",
        "oauth_scopes": ["openid"],
        "callback_urls": ["https://example.com/b"],
        "default_redirect_uri": "https://example.com/b",
        "prevent_user_existence_errors": false,
        "write_attributes": ["name", "email"],
    });
    bench.keeps::<Client>(Some(&pool), "web", sample, changed).await;
}

async fn a_branding(bench: &Bench) {
    let pool = pool(bench).await;
    let client = bench.make::<Client>(Some(&pool), "web", json!({ "name": "contract" })).await;
    bench.keeps::<Branding>(Some(&client), "", json!({}), json!({})).await;
}

async fn a_domain(bench: &Bench) {
    let pool = pool(bench).await;
    let prefix = format!("contract-{}", bench.account);
    let sample = json!({ "prefix": prefix, "managed_login_version": 1 });
    let changed = json!({ "prefix": prefix, "managed_login_version": 2 });
    bench.keeps::<Domain>(Some(&pool), "", sample, changed).await;
}

async fn a_rest_api(bench: &Bench) {
    let sample = json!({
        "name": "contract",
        "description": "Users",
        "endpoint": "REGIONAL",
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "description": "",
        "endpoint": "EDGE",
        "tags": { "team": "b", "new": "y" },
    });
    bench.keeps::<RestApi>(None, "api", sample, changed).await;
    // The first tags of an API that had none but ours.
    let later = json!({ "name": "later", "tags": { "team": "b" } });
    bench.keeps::<RestApi>(None, "api", json!({ "name": "later" }), later).await;
}

async fn api(bench: &Bench) -> Made {
    bench.make::<RestApi>(None, "api", json!({ "name": "contract" })).await
}

fn pool_arn(bench: &Bench, id: &str) -> String {
    format!("arn:aws:cognito-idp:eu-west-1:{}:userpool/eu-west-1_{id}", bench.account)
}

async fn an_authorizer(bench: &Bench) {
    let api = api(bench).await;
    let sample = json!({
        "name": "contract",
        "provider_arns": [pool_arn(bench, "Aaaaaaaaa"), pool_arn(bench, "Bbbbbbbbb")],
        "identity_source": "method.request.header.Authorization",
        "validation_expression": "[a-z0-9]+",
        "ttl": 60,
    });
    let changed = json!({
        "name": "renamed",
        "provider_arns": [pool_arn(bench, "Bbbbbbbbb"), pool_arn(bench, "Ccccccccc")],
        "identity_source": "method.request.header.X-Token",
        "validation_expression": "",
        "ttl": 0,
    });
    bench.keeps::<Authorizer>(Some(&api), "members", sample, changed).await;
}

async fn resource(bench: &Bench, api: &Made) -> Made {
    let spec = json!({ "parent_id": api.output("root_resource_id"), "path_part": "users" });
    bench.make::<Resource>(Some(api), "/users", spec).await
}

async fn a_resource(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let sample = json!({ "parent_id": users.output("id"), "path_part": "{id}" });
    bench.keeps::<Resource>(Some(&api), "/users/{id}", sample, json!({})).await;
}

fn proxy(bench: &Bench, function: &str, timeout: u32) -> Value {
    let function = format!("arn:aws:lambda:eu-west-1:{}:function:{function}", bench.account);
    let uri = format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations");
    json!({ "type": "aws_proxy", "uri": uri, "timeout_ms": timeout })
}

async fn authorizer(bench: &Bench, api: &Made, name: &str) -> Made {
    let spec = json!({ "name": name, "provider_arns": [pool_arn(bench, "Aaaaaaaaa")] });
    bench.make::<Authorizer>(Some(api), name, spec).await
}

async fn a_route(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let (one, other) = (authorizer(bench, &api, "one").await, authorizer(bench, &api, "other").await);
    let sample = json!({
        "resource_id": users.output("id"),
        "authorization": "COGNITO_USER_POOLS",
        "authorizer_id": one.output("id"),
        "scopes": ["read", "write"],
        "integration": proxy(bench, "one", 5000),
    });
    let changed = json!({
        "authorization": "COGNITO_USER_POOLS",
        "authorizer_id": other.output("id"),
        "scopes": ["write", "admin"],
        "integration": proxy(bench, "other", 7000),
    });
    bench.keeps::<Route>(Some(&api), "GET /users", sample.clone(), changed).await;
    let open = json!({ "authorization": "NONE", "authorizer_id": "", "scopes": [] });
    bench.keeps::<Route>(Some(&api), "GET /users", sample, open).await;
}

async fn a_preflight(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let preflight = |origins: &[&str], methods: &[&str]| {
        json!({
            "resource_id": users.output("id"),
            "authorization": "NONE",
            "integration": {
                "type": "preflight",
                "allow_origins": origins,
                "allow_headers": ["Authorization", "Content-Type"],
                "allow_methods": methods,
            },
        })
    };
    let sample = preflight(&["https://example.com"], &["GET", "OPTIONS"]);
    let changed = preflight(&["https://example.com", "https://www.example.com"], &["OPTIONS", "PUT"]);
    bench.keeps::<Route>(Some(&api), "OPTIONS /users", sample.clone(), changed.clone()).await;
    bench.keeps::<Route>(Some(&api), "OPTIONS /users", changed, sample).await;
}

async fn a_gateway_response(bench: &Bench) {
    let api = api(bench).await;
    let sample = json!({ "headers": { "Access-Control-Allow-Origin": "*", "X-Old": "x" } });
    let changed =
        json!({ "headers": { "Access-Control-Allow-Origin": "https://example.com", "X-New": "y" } });
    bench.keeps::<GatewayResponse>(Some(&api), "DEFAULT_4XX", sample, changed).await;
}

async fn a_stage(bench: &Bench) {
    let api = api(bench).await;
    let users = resource(bench, &api).await;
    let route = json!({
        "resource_id": users.output("id"),
        "authorization": "NONE",
        "integration": proxy(bench, "users", 5000),
    });
    bench.make::<Route>(Some(&api), "GET /users", route).await;
    let log_group =
        |name: &str| format!("arn:aws:logs:eu-west-1:{}:log-group:/contract/{name}", bench.account);
    let sample = json!({
        "name": "dev",
        "description": "For trying",
        "throttling": { "rate_limit": 10.0, "burst_limit": 20 },
        "metrics": true,
        "logging_level": "OFF",
        "access_logs": { "log_group_arn": log_group("a"), "format": "$context.requestId" },
        "deployment": "one",
    });
    let changed = json!({
        "name": "dev",
        "description": "For all",
        "throttling": { "rate_limit": 0.5, "burst_limit": 0 },
        "metrics": false,
        "logging_level": "ERROR",
        "access_logs": { "log_group_arn": log_group("b"), "format": "$context.requestId $context.status" },
        "deployment": "two",
    });
    bench.keeps::<Stage>(Some(&api), "", sample, changed).await;
}

macro_rules! on_both {
    ($($case:ident: $kind:ty,)*) => {
        /// The kinds whose contract is tried here.
        const TRIED: &[&str] = &[$(<$kind>::NAME),*];

        $(
            mod $case {
                use super::{Bench, Emulator};

                #[tokio::test]
                async fn keeps_its_contract_on_ministack() {
                    let bench = Bench::new(Emulator::MiniStack).await;
                    Box::pin(super::$case(&bench)).await;
                }

                #[tokio::test]
                async fn keeps_its_contract_on_moto() {
                    let bench = Bench::new(Emulator::Moto).await;
                    Box::pin(super::$case(&bench)).await;
                }
            }
        )*
    };
}

on_both! {
    a_secret: Secret,
    a_log_group: LogGroup,
    a_role: Role,
    a_function: Function,
    a_permission: Permission,
    a_user_pool: UserPool,
    a_group: Group,
    a_client: Client,
    a_branding: Branding,
    a_domain: Domain,
    a_rest_api: RestApi,
    an_authorizer: Authorizer,
    a_resource: Resource,
    a_route: Route,
    a_preflight: Route,
    a_gateway_response: GatewayResponse,
    a_stage: Stage,
}

#[test]
fn every_kind_is_tried() {
    for kind in kinds::all() {
        let name = kind.traits().name;
        assert!(TRIED.contains(&name), "{name}");
    }
}
