//! Lambda functions, and what they need: roles, log groups, secrets.

use crate::support::{bench::Bench, story::uncalled};
use serde_json::{Value, json};
use std::path::Path;
use wsctl::{
    package,
    spec::{
        function::Function,
        log_group::LogGroup,
        permission::Permission,
        role::{Role, canonical_policy},
        secret::Secret,
    },
};

const LAMBDA: &str = "lambda.amazonaws.com";

pub(crate) async fn a_secret(bench: &Bench) {
    let sample = json!({
        "name": "contract/db",
        "description": "The database's",
        "json": { "username": "postgres" },
        "generate": ["password"],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({ "description": "Another's", "tags": { "team": "b", "new": "y" } });
    bench
        .keeps::<Secret>(None, "secrets.db", sample, changed)
        .await;
}

pub(crate) async fn a_log_group(bench: &Bench) {
    let sample = json!({
        "name": "/contract/logs",
        "retention_days": 14,
        "owned": true,
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({ "name": "/contract/logs", "retention_days": 30, "tags": { "team": "b", "new": "y" } });
    bench
        .keeps::<LogGroup>(None, "functions.users.log_group", sample, changed)
        .await;
}

fn policy(action: &str) -> Value {
    canonical_policy(json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" },
    }))
}

/// A managed policy of the account's own.
async fn managed_policy(bench: &Bench, name: &str) -> String {
    let document = policy("s3:GetObject").to_string();
    let request = bench.aws.iam.create_policy().policy_name(name);
    let made = request.policy_document(document).send().await.unwrap();
    made.policy.unwrap().arn.unwrap()
}

pub(crate) async fn a_role(bench: &Bench) {
    let one = managed_policy(bench, "contract-one").await;
    let other = managed_policy(bench, "contract-other").await;
    let sample = json!({
        "name": "contract",
        "assumed_by": LAMBDA,
        "description": "A function's",
        "policies": { "logs": policy("logs:PutLogEvents"), "old": policy("logs:CreateLogStream") },
        "attached": [one],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "contract",
        "assumed_by": "apigateway.amazonaws.com",
        "description": "An API's",
        "policies": { "logs": policy("logs:CreateLogGroup"), "new": policy("logs:PutLogEvents") },
        "attached": [other],
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<Role>(None, "functions.users.role", sample, changed)
        .await;
}

/// A function's spec, with the handler's zip and a role of its own.
async fn function_spec(bench: &Bench) -> Value {
    let role = json!({ "name": "contract", "assumed_by": LAMBDA });
    let role = bench.make::<Role>(None, "functions.users.role", role).await;
    let zip = uncalled();
    bench
        .aws
        .zips
        .write()
        .unwrap()
        .insert(zip.sha256.clone(), zip.path.clone());
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
fn other_zip(bench: &Bench, folder: &Path) -> String {
    let bytes = package::zip(b"another program").unwrap();
    let (path, sha256) = (folder.join("other.zip"), package::sha256(&bytes));
    std::fs::write(&path, bytes).unwrap();
    bench.aws.zips.write().unwrap().insert(sha256.clone(), path);
    sha256
}

pub(crate) async fn a_function(bench: &Bench) {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = function_spec(bench).await;
    sample["description"] = json!("Users");
    sample["memory"] = json!(128);
    sample["timeout"] = json!("10s");
    sample["environment"] = json!({ "MODE": "1", "OLD": "x" });
    sample["vpc"] =
        json!({ "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"] });
    sample["tracing"] = json!("active");
    sample["ephemeral_storage"] = json!(512);
    sample["reserved_concurrency"] = json!(5);
    sample["tags"] = json!({ "team": "a", "old": "x" });
    let changed = json!({
        "name": "contract",
        "tracing": "pass_through",
        "ephemeral_storage": 1024,
        "reserved_concurrency": -1,
        "description": "",
        "memory": 256,
        "timeout": "20s",
        "environment": { "MODE": "2", "NEW": "y" },
        "vpc": { "subnet_ids": [], "security_group_ids": [] },
        "architecture": "x86_64",
        "code": other_zip(bench, folder.path()),
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<Function>(None, "functions.users", sample, changed)
        .await;
}

pub(crate) async fn a_permission(bench: &Bench) {
    let function = function_spec(bench).await;
    let function = bench
        .make::<Function>(None, "functions.users", function)
        .await;
    let of_stage = |stage: &str| {
        json!({
            "principal": "apigateway.amazonaws.com",
            "action": "lambda:InvokeFunction",
            "source_arn": format!("arn:aws:execute-api:eu-west-1:{}:abcdef1234/{stage}/*/*", bench.account),
        })
    };
    bench
        .keeps::<Permission>(
            Some(&function),
            "wsctl-api",
            of_stage("dev"),
            of_stage("live"),
        )
        .await;
}
