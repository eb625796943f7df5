//! `wsctl verify` on the sandbox with the real handler and a real PostgreSQL: it passes, and it
//! names each of ten faults made by hand.
//!
//! MiniStack serves an API as it is, not as it was deployed, and lets API Gateway call every
//! function: there a stage that was not deployed again and a missing permission show in no answer,
//! only in the comparison with the file.

use crate::support::{
    program::Run,
    sandbox::{Outputs, Sandbox},
};
use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType;
use aws_sdk_lambda::primitives::Blob;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    io::Write,
    process::Stdio,
    time::{Duration, Instant},
};
use wsctl::{
    aws::Aws,
    verify::{MARK, checks},
};

const FUNCTION: &str = "workshop-lambda-sm-rds";

/// A stack that is there, and how to break it.
struct World {
    sandbox: Sandbox,
    outputs: Outputs,
    aws: Aws,
}

impl World {
    async fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.apply();
        let outputs = sandbox.outputs();
        let aws = outputs.aws().await;
        Self {
            sandbox,
            outputs,
            aws,
        }
    }

    fn verify(&self) -> Run {
        let said = self.sandbox.run(&["verify", "--sandbox", "--json"]);
        assert!(
            !said.out.contains("eyJ") && !said.err.contains("eyJ"),
            "a token was shown"
        );
        said
    }

    /// Nothing that a run makes is there.
    async fn is_clean(&self) {
        let pools = self
            .aws
            .cognito
            .list_user_pools()
            .max_results(60)
            .send()
            .await
            .unwrap();
        let pools: Vec<_> = pools
            .user_pools()
            .iter()
            .filter_map(|pool| pool.name())
            .collect();
        assert_eq!(pools, ["workshop-user-pool"]);
        assert_eq!(self.users().await, Vec::<String>::new());
    }

    async fn users(&self) -> Vec<String> {
        let users = self
            .aws
            .cognito
            .list_users()
            .user_pool_id(self.outputs.get("user_pool_id"));
        let users = users
            .filter(format!("email ^= \"{MARK}\""))
            .send()
            .await
            .unwrap();
        users
            .users()
            .iter()
            .filter_map(|it| it.username().map(ToOwned::to_owned))
            .collect()
    }

    async fn resource(&self, path: &str) -> String {
        let api = self.outputs.get("api_id");
        let resources = self
            .aws
            .apigateway
            .get_resources()
            .rest_api_id(&api)
            .send()
            .await
            .unwrap();
        let found = resources
            .items()
            .iter()
            .find(|it| it.path() == Some(path))
            .unwrap();
        found.id().unwrap().to_owned()
    }

    async fn deploy(&self) {
        let api = self.outputs.get("api_id");
        let deploy = self.aws.apigateway.create_deployment().rest_api_id(api);
        deploy.stage_name("dev").send().await.unwrap();
    }
}

fn replace(path: &str, value: &str) -> PatchOperation {
    PatchOperation::builder()
        .op(Op::Replace)
        .path(path)
        .value(value)
        .build()
}

/// The names of the checks that failed.
fn failed(said: &Run) -> BTreeSet<String> {
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let failed = checks.iter().filter(|it| it["status"] == "failed");
    failed
        .map(|it| it["check"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn it_passes_on_a_whole_stack_and_leaves_nothing_behind() {
    let world = World::new().await;
    let report = world.sandbox.folder().join("report.xml");
    let arguments = [
        "verify",
        "--sandbox",
        "--json",
        "--write",
        "--junit",
        report.to_str().unwrap(),
    ];
    let said = world.sandbox.run(&arguments);
    assert_eq!(said.code, 0);
    let report = std::fs::read_to_string(report).unwrap();
    for text in [&said.out, &said.err, &report] {
        assert!(!text.contains("eyJ"), "a token was shown: {text}");
    }
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let of = |status: &str| {
        let found = checks.iter().filter(|it| it["status"] == status);
        found
            .map(|it| it["check"].as_str().unwrap())
            .collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<_> = checks::ALL
        .iter()
        .filter(|check| check.step != checks::BEYOND)
        .map(|check| check.name)
        .collect();
    assert_eq!(of("passed"), all);
    let skipped = checks.iter().filter(|it| it["status"] == "skipped");
    let skipped: Vec<_> = skipped.map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["every route refuses an expired token"]);
    assert!(
        report.contains(&format!(
            "tests=\"{}\" failures=\"0\" skipped=\"1\"",
            checks.len()
        )),
        "{report}"
    );
    assert!(
        checks
            .iter()
            .any(|it| it["subject"] == "a user signs up and is confirmed"),
        "{checks:#?}"
    );
    world.is_clean().await;

    let plain = world.sandbox.run(&["verify", "--sandbox"]);
    assert_eq!(plain.code, 0);
    assert!(
        plain.out.contains("GET /users is refused without a token"),
        "{}",
        plain.out
    );
    assert!(
        plain
            .out
            .contains("(skipped: it writes to the database: add --write)"),
        "{}",
        plain.out
    );
    assert!(
        plain.out.ends_with(" passed, 0 failed, 2 skipped.\n"),
        "{}",
        plain.out
    );
}

#[tokio::test]
async fn it_names_each_of_ten_faults() {
    let world = World::new().await;
    let World {
        sandbox,
        aws,
        outputs,
    } = &world;
    let (api, pool) = (outputs.get("api_id"), outputs.get("user_pool_id"));
    let client = outputs.get("client_id_spa");
    let (gateway, cognito) = (&aws.apigateway, &aws.cognito);
    // Each fault is named, and nothing else is.
    let expect = |fault: &str, names: &[&str]| {
        let said = world.verify();
        let found = failed(&said);
        assert_eq!(said.code, 1, "{fault}");
        assert_eq!(
            found,
            names.iter().map(|it| (*it).to_owned()).collect(),
            "{fault}"
        );
        sandbox.apply();
    };

    let update = gateway
        .update_method()
        .rest_api_id(&api)
        .resource_id(world.resource("/users").await);
    let update = update
        .http_method("GET")
        .patch_operations(replace("/authorizationType", "NONE"));
    update.send().await.unwrap();
    world.deploy().await;
    expect(
        "the authorizer off one method",
        &[
            "methods",
            "deployment",
            "without-token",
            "bad-token",
            "good-token",
        ],
    );

    let authorizers = gateway
        .get_authorizers()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    let authorizer = authorizers.items()[0].id().unwrap();
    let (right, wrong) = (
        outputs.get("user_pool_arn"),
        "arn:aws:cognito-idp:ap-southeast-1:000000000000:userpool/ap-southeast-1_Others",
    );
    let patch = |op, value: &str| {
        PatchOperation::builder()
            .op(op)
            .path("/providerARNs")
            .value(value)
            .build()
    };
    let update = gateway
        .update_authorizer()
        .rest_api_id(&api)
        .authorizer_id(authorizer);
    let update = update
        .patch_operations(patch(Op::Add, wrong))
        .patch_operations(patch(Op::Remove, &right));
    update.send().await.unwrap();
    world.deploy().await;
    expect(
        "the wrong pool in the authorizer",
        &["authorizer", "authorizer-test", "deployment", "good-token"],
    );

    let made = gateway
        .create_deployment()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    let update = gateway.update_stage().rest_api_id(&api).stage_name("dev");
    update
        .patch_operations(replace("/deploymentId", made.id().unwrap()))
        .send()
        .await
        .unwrap();
    expect("the stage on another deployment", &["deployment"]);

    // Cognito's update resets what it is not told, so the flows go along.
    let update = || {
        let update = cognito
            .update_user_pool_client()
            .user_pool_id(&pool)
            .client_id(&client);
        update.client_name("workshop-cognito-SPA")
    };
    update()
        .callback_urls("https://example.com/")
        .send()
        .await
        .unwrap();
    expect("a callback URL removed", &["client", "callback"]);

    update()
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth)
        .send()
        .await
        .unwrap();
    expect("a flow disabled", &["client", "tokens"]);

    let put = gateway
        .put_integration_response()
        .rest_api_id(&api)
        .http_method("OPTIONS")
        .status_code("200");
    let put = put.resource_id(world.resource("/users").await);
    let origin = "method.response.header.Access-Control-Allow-Origin";
    put.response_parameters(origin, "'https://example.com'")
        .send()
        .await
        .unwrap();
    world.deploy().await;
    expect(
        "another origin in CORS",
        &["methods", "deployment", "preflight"],
    );

    let remove = aws
        .lambda
        .remove_permission()
        .function_name(FUNCTION)
        .statement_id("wsctl-api");
    remove.send().await.unwrap();
    expect("the permission removed", &["permission"]);

    let broken = aws
        .lambda
        .update_function_code()
        .function_name(FUNCTION)
        .zip_file(Blob::new(broken()));
    broken.send().await.unwrap();
    expect("the function broken", &["good-token", "cors-headers"]);

    cognito
        .delete_user_pool_client()
        .user_pool_id(&pool)
        .client_id(&client)
        .send()
        .await
        .unwrap();
    expect("the client deleted", &["client", "tokens"]);

    cognito
        .delete_group()
        .user_pool_id(&pool)
        .group_name("admin")
        .send()
        .await
        .unwrap();
    expect("a group missing", &["group"]);

    assert_eq!(failed(&world.verify()), BTreeSet::new(), "all is mended");
    world.is_clean().await;
}

/// A zip whose program ends at once.
fn broken() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let mode = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", mode).unwrap();
    zip.write_all(b"#!/bin/sh\nexit 1\n").unwrap();
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn ctrl_c_and_a_request_to_end_remove_the_user_too() {
    let world = World::new().await;
    for signal in [Signal::INT, Signal::TERM] {
        let mut command = world.sandbox.command(&["verify", "--sandbox"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while world.users().await.is_empty() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "no user was made"
            );
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert_eq!(output.status.code(), Some(130), "{signal:?}: {err}");
        assert!(
            out.contains("the user of this run is gone again"),
            "{signal:?}: {out}"
        );
        world.is_clean().await;
    }
}

#[tokio::test]
async fn where_nobody_may_sign_up_an_administrator_makes_the_user_and_routes_get_their_key() {
    let sandbox = Sandbox::new();
    sandbox.edit("self_registration = true", "self_registration = false");
    let guarded = "{ function = \"users\", authorizer = \"cognito\" }";
    let with_key = guarded.replace(" }", ", api_key_required = true }");
    let usage = "[usage_plans.pages]\nname = \"pages\"\n[api_keys.page]\nname = \"page\"\nusage_plan = \"pages\"\n";
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let path = if method == "PUT" || method == "DELETE" {
            "/users/{id}"
        } else {
            "/users"
        };
        let route = format!("\"{method} {path}\" = ");
        sandbox.edit(&format!("{route}{guarded}"), &format!("{route}{with_key}"));
    }
    sandbox.edit("[api.routes]", &format!("{usage}\n[api.routes]"));
    sandbox.apply();
    let said = sandbox.run(&["verify", "--sandbox", "--write", "--json"]);
    assert_eq!(
        (said.code, failed(&said)),
        (0, BTreeSet::new()),
        "{}",
        said.out
    );
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let user = checks.iter().find(|it| it["check"] == "user").unwrap();
    assert_eq!(
        (&user["subject"], &user["status"]),
        (&"a user is made and is confirmed".into(), &"passed".into())
    );
}

#[tokio::test]
async fn without_a_database_it_passes_and_says_what_it_passed_over() {
    let sandbox = Sandbox::new();
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        Run::from(
            command
                .env("WSCTL_POSTGRES", "/nonexistent")
                .output()
                .unwrap(),
        )
    };
    let applied = run(&["apply", "--sandbox", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let said = run(&["verify", "--sandbox", "--write", "--json"]);
    assert_eq!(
        (said.code, failed(&said)),
        (0, BTreeSet::new()),
        "{}",
        said.out
    );
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let skipped = checks.iter().filter(|it| it["status"] == "skipped");
    let skipped: Vec<_> = skipped
        .filter(|it| it["detail"].as_str().unwrap().contains("db_host is empty"))
        .collect();
    let subjects: Vec<_> = skipped
        .iter()
        .map(|it| it["subject"].as_str().unwrap())
        .collect();
    assert_eq!(
        subjects,
        [
            "GET /users answers who has an ID token",
            "GET /users/{id} answers who has an ID token",
            "a row is registered once, changed and deleted"
        ]
    );
    assert!(
        checks
            .iter()
            .any(|it| it["check"] == "sub-logged" && it["status"] == "passed"),
        "{checks:#?}"
    );
}

#[tokio::test]
async fn pages_may_call_any_by_each_method_with_the_authorizers_own_header() {
    let sandbox = Sandbox::new();
    sandbox.edit("\"GET /users\" =", "\"ANY /users\" =");
    sandbox.edit(
        "token_source = \"Authorization\"",
        "token_source = \"X-Token\"",
    );
    sandbox.apply();
    let said = sandbox.run(&["verify", "--sandbox", "--json"]);
    assert_eq!(
        (said.code, failed(&said)),
        (0, BTreeSet::new()),
        "{}",
        said.out
    );
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let preflight = |subject: &str| {
        checks.iter().find(|it| it["subject"] == subject).unwrap()["status"].clone()
    };
    assert_eq!(
        preflight("a page of http://localhost:3000 may call ANY /users"),
        "passed"
    );
    assert_eq!(
        preflight("a page of https://foreign.example.com may not call ANY /users"),
        "passed"
    );

    // As it was made before: ANY to the letter, and only the workshop's headers.
    let world = World {
        outputs: sandbox.outputs(),
        aws: sandbox.outputs().aws().await,
        sandbox,
    };
    for (what, value) in [
        ("Methods", "'ANY,OPTIONS'"),
        ("Headers", "'Authorization,Content-Type'"),
    ] {
        let put = world
            .aws
            .apigateway
            .put_integration_response()
            .rest_api_id(world.outputs.get("api_id"));
        let put = put
            .resource_id(world.resource("/users").await)
            .http_method("OPTIONS")
            .status_code("200");
        let named = |name: &str| format!("method.response.header.Access-Control-Allow-{name}");
        let mut parameters = std::collections::HashMap::from([
            (named("Origin"), "'http://localhost:3000'".to_owned()),
            (
                named("Methods"),
                "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'".to_owned(),
            ),
            (named("Headers"), "'Content-Type,X-Token'".to_owned()),
        ]);
        parameters.insert(named(what), value.to_owned());
        put.set_response_parameters(Some(parameters))
            .send()
            .await
            .unwrap();
        world.deploy().await;
        let said = world.verify();
        assert!(failed(&said).contains("preflight"), "{what}: {}", said.out);
    }
}

#[tokio::test]
async fn before_the_first_apply_it_says_so_and_makes_nothing() {
    let sandbox = Sandbox::new();
    let said = sandbox.run(&["verify", "--sandbox"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(
        said.err.contains("nothing is there yet") && said.err.contains("wsctl apply"),
        "{}",
        said.err
    );
}
