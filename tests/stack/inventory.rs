//! What is in the account: list, destroy by name, the proof of a destroy, and sweep. Nobody else's is
//! touched.

use crate::support::{self, program::Place};
use serde_json::{Value, json};
use std::sync::Arc;
use wsctl::aws::Aws;

const ATTENDEES: &str = include_str!("../../examples/attendees/stack.toml");
const PUBLIC_READ: &str = include_str!("../../examples/public-read.toml");

/// A stack of this name in an account, made.
async fn made(name: &str, account: &str) -> Place {
    let place = Place::in_account(ATTENDEES, account.to_owned()).await;
    place.edit("name = \"attendee\"", &format!("name = {name:?}"));
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    place
}

fn is_untouched(place: &Place) {
    let plan = place.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
}

/// A folder without a file, in the same account.
fn elsewhere(place: &Place) -> Place {
    let (account, endpoint) = (place.account.clone(), place.endpoint.clone());
    Place {
        folder: tempfile::tempdir().unwrap(),
        account,
        endpoint,
    }
}

async fn logs(aws: &Aws) -> Vec<String> {
    let groups = aws.logs.describe_log_groups().send().await.unwrap();
    let mut names: Vec<_> = groups
        .log_groups()
        .iter()
        .map(|it| it.log_group_name().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

async fn make_log(aws: &Aws, name: &str) {
    aws.logs
        .create_log_group()
        .log_group_name(name)
        .send()
        .await
        .unwrap();
}

fn fates(proof: &Value, fate: &str) -> Vec<String> {
    let rows = proof
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["fate"] == fate);
    rows.map(|it| {
        it["address"]
            .as_str()
            .or(it["name"].as_str())
            .unwrap()
            .to_owned()
    })
    .collect()
}

#[tokio::test]
async fn a_destroy_proves_what_became_of_each_resource() {
    let place = Place::of(PUBLIC_READ).await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let aws = support::connect(place.account.clone(), None).await;
    let api = place.run(&["outputs", "--json"]).json()["api_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let execution = format!("API-Gateway-Execution-Logs_{api}/live");
    make_log(&aws, &execution).await;
    make_log(&aws, "API-Gateway-Execution-Logs_another/live").await;

    let destroyed = place.run(&["destroy", "--yes", "--json"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    let report = destroyed.json();
    assert_eq!(report["left"], json!([]));
    assert_eq!(fates(&report["proof"], "pending"), ["secrets.signing"]);
    assert!(
        fates(&report["proof"], "untagged").is_empty(),
        "{}",
        report["proof"]
    );
    let gone = fates(&report["proof"], "gone");
    for address in [
        "user_pool",
        "api",
        "functions.items",
        "functions.items.role",
        "functions.items.log_group",
    ] {
        assert!(
            gone.contains(&address.to_owned()),
            "{address} is not proved gone: {gone:?}"
        );
    }
    let left = logs(&aws).await;
    assert_eq!(
        left,
        ["API-Gateway-Execution-Logs_another/live"],
        "the API's own went with it"
    );

    let again = place.run(&["destroy", "--yes"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(again.out.contains("pending until "), "{}", again.out);
}

#[tokio::test]
async fn what_a_destroy_leaves_is_told_with_the_reason() {
    let place = Place::of(PUBLIC_READ).await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let aws = support::connect(place.account.clone(), None).await;
    let destroyed = place.run(&["destroy", "--yes", "--json"]).json();
    assert!(fates(&destroyed["proof"], "left").is_empty());
    // A pool with the stack's tag that turns up only afterwards.
    let tags = [
        ("wsctl:stack", "public-read"),
        ("wsctl:address", "user_pool"),
    ];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
    aws.cognito
        .create_user_pool()
        .pool_name("late")
        .set_user_pool_tags(Some(tags.into()))
        .send()
        .await
        .unwrap();
    let again = place.run(&["destroy", "--yes", "--json"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(fates(&again.json()["proof"], "gone"), ["user_pool"]);
}

#[tokio::test]
async fn a_stack_is_destroyed_by_its_name_alone_and_its_neighbour_stays() {
    let account = support::account();
    let (ann, bob) = (made("ann", &account).await, made("bob", &account).await);
    let elsewhere = elsewhere(&ann);

    let listed = elsewhere.run(&["list", "--region", support::REGION]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    for word in [
        "ann",
        "bob",
        "user pool, REST API, function, log group, role",
        "active in the month",
        "At rest about 0.00 USD",
    ] {
        assert!(listed.out.contains(word), "no {word:?} in {}", listed.out);
    }

    let nobody = elsewhere.run(&[
        "destroy",
        "--stack",
        "nobody",
        "--yes",
        "--region",
        support::REGION,
    ]);
    assert_eq!(nobody.code, 14, "{}", nobody.out);
    assert!(
        nobody.err.contains("nothing of it is there") && nobody.err.contains("wsctl list"),
        "{}",
        nobody.err
    );
    let unconfirmed = elsewhere.run(&["destroy", "--stack", "ann", "--region", support::REGION]);
    assert_eq!(unconfirmed.code, 14);
    is_untouched(&ann);

    let destroyed = elsewhere.run(&[
        "destroy",
        "--stack",
        "ann",
        "--yes",
        "--region",
        support::REGION,
    ]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    assert!(
        destroyed.out.contains("Nothing of the stack is left."),
        "{}",
        destroyed.out
    );
    is_untouched(&bob);
    let listed = elsewhere
        .run(&["list", "--json", "--region", support::REGION])
        .json()["stacks"]
        .take();
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["bob"]);
    assert_eq!(listed[0]["resources"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn every_region_is_listed_when_asked_for() {
    let account = support::account();
    let here = made("ann", &account).await;
    let there = Place::in_account(&ATTENDEES.replace("eu-west-1", "us-east-2"), account).await;
    assert_eq!(there.run(&["apply", "--yes"]).code, 0);
    let listed = elsewhere(&here).run(&["list", "--all-regions", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    let found = listed.json()["stacks"].take();
    let places: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["region"].as_str().unwrap()))
        .collect();
    assert_eq!(
        places,
        [("ann", support::REGION), ("attendee", "us-east-2")]
    );
    let both = elsewhere(&here).run(&["list", "--all-regions", "--region", "eu-west-1"]);
    assert_eq!(both.code, 10, "one excludes the other");
}

/// Deletes what a destroy that was cut off would have deleted first.
async fn half_destroy(aws: &Arc<Aws>, name: &str) {
    let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
    let api = apis
        .items()
        .iter()
        .find(|it| it.name() == Some(&format!("{name}-api")))
        .unwrap();
    aws.apigateway
        .delete_rest_api()
        .rest_api_id(api.id().unwrap())
        .send()
        .await
        .unwrap();
    aws.lambda
        .delete_function()
        .function_name(format!("{name}-users"))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn sweep_deletes_what_is_tagged_and_left_over_and_lists_what_only_looks_like_it() {
    let account = support::account();
    let (ann, bob) = (made("ann", &account).await, made("bob", &account).await);
    let aws = support::connect(account, None).await;
    half_destroy(&aws, "ann").await;
    for log in [
        "/aws/apigateway/welcome",
        "API-Gateway-Execution-Logs_gone/dev",
        "/aws/lambda/somebody",
    ] {
        make_log(&aws, log).await;
    }

    let young = ann.run(&["sweep", "--yes"]);
    assert_eq!(young.code, 0, "{}", young.err);
    assert!(young.out.contains("too young"), "{}", young.out);
    assert!(
        logs(&aws)
            .await
            .contains(&"/aws/lambda/ann-users".to_owned())
    );

    let asked = ann.run(&["sweep", "--older-than", "0s"]);
    assert_eq!(asked.code, 14, "{}", asked.out);
    assert!(asked.err.contains("no terminal to ask on"), "{}", asked.err);

    let swept = ann.run(&["sweep", "--older-than", "0s", "--yes", "--json"]);
    assert_eq!(swept.code, 0, "{}", swept.err);
    let report = swept.json();
    let deleted: Vec<_> = report["swept"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(deleted, ["/aws/lambda/ann-users", "ann-users-eu-west-1"]);
    let alike = report["leftovers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["sort"] == "looks_like");
    let alike: Vec<_> = alike.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        alike,
        [
            "/aws/apigateway/welcome",
            "API-Gateway-Execution-Logs_gone/dev"
        ]
    );
    is_untouched(&bob);

    let wrong = ann.run(&["sweep", "/aws/lambda/somebody", "--yes"]);
    assert_eq!(wrong.code, 10, "{}", wrong.out);
    assert!(wrong.err.contains("no such leftover"), "{}", wrong.err);
    assert_eq!(
        ann.run(&["sweep", "API-Gateway-Execution-Logs_gone/dev", "--yes"])
            .code,
        0
    );
    let left = logs(&aws).await;
    for log in [
        "/aws/apigateway/welcome",
        "/aws/lambda/bob-users",
        "/aws/lambda/somebody",
    ] {
        assert!(left.contains(&log.to_owned()), "no {log} in {left:?}");
    }
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(
        ann.run(&["destroy", "--yes"]).code,
        0,
        "the pool goes with its stack"
    );
    is_untouched(&bob);
}
