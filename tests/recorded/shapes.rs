//! The answers of the AWS in memory, held against what the real AWS was recorded to answer.
//!
//! Every answer of every test is checked against the published model besides (`answer_faults`): unknown
//! members, wrong types and missing ones are faults of the account.

use super::{STACK, lines};
use crate::converges::world::World;
use serde_json::Value;
use std::{fs, sync::Arc};
use wsctl::aws::Trace;

/// An operation's answer: its status, and the members that it was never seen without.
struct Fact {
    operation: &'static str,
    status: u16,
    /// Where in the answer the members are; nowhere is the answer itself, `items` each of a list.
    at: &'static str,
    members: &'static [&'static str],
}

const fn fact(
    operation: &'static str,
    status: u16,
    at: &'static str,
    members: &'static [&'static str],
) -> Fact {
    Fact {
        operation,
        status,
        at,
        members,
    }
}

/// Recorded against accounts of AWS in 2024 to 2026 by LocalStack's tests (its `*.snapshot.json`),
/// retyped: members of botocore's names.
const RECORDED: [Fact; 29] = [
    fact("CreateRestApi", 201, "", API),
    fact("GetRestApis", 200, "items", API),
    fact("DeleteRestApi", 202, "", &[]),
    fact(
        "CreateResource",
        201,
        "",
        &["id", "parentId", "path", "pathPart"],
    ),
    fact("GetResources", 200, "items", &["id", "path"]),
    fact(
        "PutMethod",
        201,
        "",
        &["apiKeyRequired", "authorizationType", "httpMethod"],
    ),
    fact(
        "UpdateMethod",
        200,
        "",
        &["apiKeyRequired", "authorizationType", "httpMethod"],
    ),
    fact(
        "PutIntegration",
        201,
        "",
        &[
            "cacheKeyParameters",
            "cacheNamespace",
            "passthroughBehavior",
            "timeoutInMillis",
            "type",
        ],
    ),
    fact("PutMethodResponse", 201, "", &["statusCode"]),
    fact("PutIntegrationResponse", 201, "", &["statusCode"]),
    fact(
        "CreateAuthorizer",
        201,
        "",
        &["authType", "id", "identitySource", "name", "type"],
    ),
    fact(
        "GetAuthorizers",
        200,
        "items",
        &["authType", "id", "identitySource", "name", "type"],
    ),
    fact("CreateDeployment", 201, "", &["createdDate", "id"]),
    fact("GetDeployments", 200, "items", &["createdDate", "id"]),
    fact(
        "PutGatewayResponse",
        201,
        "",
        &["defaultResponse", "responseParameters", "responseType"],
    ),
    fact(
        "GetGatewayResponses",
        200,
        "items",
        &["defaultResponse", "responseType"],
    ),
    fact("UpdateStage", 200, "", STAGE),
    fact("GetStages", 200, "items", STAGE),
    fact("CreateFunction", 201, "", FUNCTION),
    fact(
        "CreateFunction",
        201,
        "",
        &["StateReason", "StateReasonCode"],
    ),
    fact("GetFunction", 200, "Configuration", FUNCTION),
    fact("UpdateFunctionConfiguration", 200, "", FUNCTION),
    fact(
        "UpdateFunctionConfiguration",
        200,
        "",
        &["LastUpdateStatusReason", "LastUpdateStatusReasonCode"],
    ),
    fact("AddPermission", 201, "", &["Statement"]),
    fact("GetPolicy", 200, "", &["Policy", "RevisionId"]),
    fact("DeleteFunction", 204, "", &[]),
    fact("CreateSecret", 200, "", &["ARN", "Name"]),
    fact("DescribeSecret", 200, "", &["ARN", "Name"]),
    fact("DeleteSecret", 200, "", &["ARN", "DeletionDate", "Name"]),
];

const API: &[&str] = &[
    "apiKeySource",
    "createdDate",
    "disableExecuteApiEndpoint",
    "endpointConfiguration",
    "id",
    "name",
    "rootResourceId",
];

const STAGE: &[&str] = &[
    "cacheClusterEnabled",
    "cacheClusterStatus",
    "createdDate",
    "deploymentId",
    "lastUpdatedDate",
    "methodSettings",
    "stageName",
    "tracingEnabled",
];

const FUNCTION: &[&str] = &[
    "Architectures",
    "CodeSha256",
    "CodeSize",
    "Description",
    "EphemeralStorage",
    "FunctionArn",
    "FunctionName",
    "Handler",
    "LastModified",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RevisionId",
    "Role",
    "Runtime",
    "SnapStart",
    "State",
    "Timeout",
    "TracingConfig",
    "Version",
];

/// A life of the stack: made, changed, looked at, destroyed.
fn lived() -> Vec<Value> {
    let worlds = [World::new(), World::with(|it| it.no_definitions = true)];
    worlds.into_iter().flat_map(lived_in).collect()
}

fn lived_in(mut world: World) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    world.trace = Some(Arc::new(Trace::create(&path).unwrap()));
    world.apply(STACK);
    world.later();
    let changed = STACK
        .replace("MODE = \"one\"", "MODE = \"other\"")
        .replace("\"none\"", "\"pool\"");
    world.apply(&changed);
    world.is_settled(&changed);
    world.destroy(&changed);
    world.is_innocent();
    lines(&fs::read_to_string(&path).unwrap())
}

/// Where the members of a fact have to be.
fn parts(answer: &Value, at: &str) -> Vec<Value> {
    match (at, &answer[at]) {
        ("", _) => vec![answer.clone()],
        (_, Value::Array(items)) => items.clone(),
        (_, part) => vec![part.clone()],
    }
}

#[test]
fn the_aws_in_memory_answers_with_what_the_real_one_always_does() {
    let lived = lived();
    let mut wrong = vec![];
    for Fact {
        operation,
        status,
        at,
        members,
    } in &RECORDED
    {
        // The index of tags has an operation of the name of one of API Gateway's.
        let is_meant = |it: &&Value| {
            it["op"] == *operation && it["service"] != "tagging" && it["code"].is_null()
        };
        let answers: Vec<_> = lived.iter().filter(is_meant).collect();
        if answers.is_empty() {
            wrong.push(format!("{operation}: never asked"));
        }
        for line in answers {
            if line["status"] != *status {
                wrong.push(format!("{operation}: {} is not {status}", line["status"]));
            }
            for part in parts(&line["answer"], at) {
                let lacks: Vec<_> = members.iter().filter(|it| part.get(it).is_none()).collect();
                if !lacks.is_empty() {
                    wrong.push(format!("{operation}: {lacks:?} is not in {part}"));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
