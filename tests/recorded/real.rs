//! Answers of the real AWS that somebody recorded, in a folder that is no part of the project: one JSON
//! object a line, with `op` and `answer` as botocore shows it, a file a service.

use super::STACK;
use crate::{
    converges::world::{World, models},
    support::wire::{Asked, Verdict},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use wsctl::error::ErrorKind;

/// The requests of one operation, by service and name or path: what is between ids.
const READ: [(&str, &str, &str); 17] = [
    ("apigateway", "GetRestApis", "GET /restapis?"),
    ("apigateway", "GetRestApi", "GET /restapis/*"),
    ("apigateway", "GetResources", "GET /restapis/*/resources?"),
    (
        "apigateway",
        "GetMethod",
        "GET /restapis/*/resources/*/methods/*",
    ),
    (
        "apigateway",
        "GetAuthorizers",
        "GET /restapis/*/authorizers?",
    ),
    (
        "apigateway",
        "GetAuthorizer",
        "GET /restapis/*/authorizers/*",
    ),
    (
        "apigateway",
        "GetDeployments",
        "GET /restapis/*/deployments?",
    ),
    ("apigateway", "GetStages", "GET /restapis/*/stages"),
    (
        "apigateway",
        "GetGatewayResponses",
        "GET /restapis/*/gatewayresponses?",
    ),
    ("lambda", "GetFunction", "GET /2015-03-31/functions/*"),
    ("lambda", "GetPolicy", "GET /2015-03-31/functions/*/policy"),
    ("logs", "DescribeLogGroups", "DescribeLogGroups"),
    ("logs", "ListTagsForResource", "ListTagsForResource"),
    ("secretsmanager", "DescribeSecret", "DescribeSecret"),
    ("cognito-idp", "DescribeUserPool", "DescribeUserPool"),
    (
        "cognito-idp",
        "DescribeUserPoolClient",
        "DescribeUserPoolClient",
    ),
    (
        "cognito-idp",
        "GetUserPoolMfaConfig",
        "GetUserPoolMfaConfig",
    ),
];

fn is_of(asked: &Asked, service: &str, pattern: &str) -> bool {
    let (path, query) = asked
        .operation
        .split_once('?')
        .map_or((asked.operation.as_str(), false), |it| (it.0, true));
    let (pattern, has_query) = pattern
        .split_once('?')
        .map_or((pattern, false), |it| (it.0, true));
    let (path, pattern): (Vec<_>, Vec<_>) =
        (path.split('/').collect(), pattern.split('/').collect());
    let fits = |(part, of): (&&str, &&str)| *of == "*" || part == of;
    asked.service == service
        && (query || !has_query)
        && path.len() == pattern.len()
        && path.iter().zip(&pattern).all(fits)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    all.filter(|it| it.extension().is_some_and(|it| it == "jsonl"))
        .collect()
}

/// Every recorded answer in the place of the one that the AWS in memory would give: it is read, and the
/// plan is one, or refuses for a reason of its own.
#[test]
#[ignore = "needs a folder of recordings, named by WSCTL_RECORDINGS"]
fn answers_that_were_recorded_are_read() {
    let folder = std::env::var_os("WSCTL_RECORDINGS")
        .expect("WSCTL_RECORDINGS names a folder of recordings");
    let world = World::new();
    world.apply(STACK);
    world.later();
    world.edit(|cloud| cloud.strict.incomplete = Some(3));
    let (mut tried, mut wrong) = (0, vec![]);
    for line in files(Path::new(&folder)).iter().flat_map(|it| {
        let text = fs::read_to_string(it).unwrap();
        text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    }) {
        let line: Value = serde_json::from_str(&line).unwrap();
        let status = &line["answer"]["ResponseMetadata"]["HTTPStatusCode"];
        let of = READ
            .iter()
            .find(|it| line["op"] == it.1)
            .filter(|_| status.as_u64().is_none_or(|it| it < 300));
        let Some((service, operation, pattern)) = of else {
            continue;
        };
        // Some recordings kept only the list out of an answer.
        let Some(answer) = Some(&line["answer"]).filter(|it| it.is_object()) else {
            continue;
        };
        let Some(body) = models().on_wire(service, operation, answer) else {
            continue;
        };
        tried += 1;
        // The next page would be this one again.
        let mut body = body;
        let members = body.as_object_mut().into_iter();
        members.for_each(|it| {
            it.retain(|name, _| !["position", "nextToken", "NextToken"].contains(&name.as_str()))
        });
        let sent = body.to_string();
        world
            .wire
            .on(move |asked| match is_of(asked, service, pattern) {
                true => Verdict::Answer(200, sent.clone(), vec![]),
                false => Verdict::Pass,
            });
        let Err(error) = world.plan(STACK) else {
            continue;
        };
        if error.kind == ErrorKind::Internal || error.message.contains("cannot be read") {
            wrong.push(format!("{}: {error}\n  {body}", line["from"]));
        }
    }
    println!("{tried} recorded answers were tried");
    assert!(tried > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
