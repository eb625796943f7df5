//! Import's round trip: what is in AWS, written down, plans empty against the same AWS.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use support::{program::Place, story::handler};

/// Applies, imports, and plans with the imported file in a folder of its own.
async fn comes_back(text: &str, options: &[&str]) -> String {
    let place = Place::of(text).await;
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let import = || place.run(&[&["import", "--region", support::REGION], options].concat());
    let imported = import();
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert!(!imported.err.contains("cannot say all of it"), "{}\n{}", imported.err, imported.out);
    assert_eq!(import().out, imported.out, "twice the same");

    let (account, endpoint) = (place.account.clone(), place.endpoint.clone());
    let copy = Place { folder: tempfile::tempdir().unwrap(), account, endpoint };
    fs::write(copy.folder.path().join("stack.toml"), &imported.out).unwrap();
    let valid = copy.run(&["validate"]);
    assert_eq!(valid.code, 0, "{}\n{}", valid.err, imported.out);
    for line in imported.out.lines().filter_map(|line| line.strip_prefix("zip = \"")) {
        fs::copy(&handler().path, copy.folder.path().join(line.trim_end_matches('"'))).unwrap();
    }
    let plan = copy.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}\n{}", plan.out, plan.err, imported.out);
    imported.out
}

macro_rules! come_back {
    ($($name:ident: $file:literal,)*) => {$(
        #[tokio::test]
        async fn $name() {
            Box::pin(comes_back(include_str!($file), &["--environment"])).await;
        }
    )*};
}

come_back! {
    the_workshops_stack_comes_back: "../stack.toml",
    a_pool_alone_comes_back: "../examples/pool-only.toml",
    two_clients_come_back: "../examples/two-clients.toml",
    an_attendees_stack_comes_back: "../examples/attendees/stack.toml",
}

#[tokio::test]
async fn without_being_asked_no_environment_is_written_and_secrets_never_are() {
    let text =
        include_str!("../examples/public-read.toml").replace("https://example.com\", S", "canary-value\", S");
    assert!(text.contains("canary-value"));
    let imported = Box::pin(comes_back(&text, &["--stack", "public-read"])).await;
    assert!(!imported.contains("canary"), "{imported}");
    for line in [
        "values may be secrets",
        "ALLOWED_ORIGINS",
        "reads_secrets = [\"${secrets.signing.arn}\"]",
        "wsctl never reads it",
    ] {
        assert!(imported.contains(line), "no {line:?} in {imported}");
    }
    let imported = Box::pin(comes_back(&text, &["--environment"])).await;
    assert!(imported.contains("SIGNING_SECRET = \"${secrets.signing.arn}\""), "{imported}");
}

#[tokio::test]
async fn aws_s_defaults_are_left_out_and_tables_are_commented() {
    let imported = Box::pin(comes_back(include_str!("../stack.toml"), &[])).await;
    for usual in
        ["memory = 128", "minimum_length", "feature_plan", "[user_pool.mfa]", "id_token_validity", "ttl ="]
    {
        assert!(!imported.contains(usual), "{usual:?} in {imported}");
    }
    for line in [
        "refresh_token_validity = \"5d\"",
        "deletion_protection = true",
        "prefix = \"workshop-${stack.account}\"",
        "\"GET /users\" = { function = \"users\", authorizer = \"CognitoUserPoolAuthorizer\" }",
        "# Which stack this is, and where it lives.",
    ] {
        assert!(imported.contains(line), "no {line:?} in {imported}");
    }
}

#[tokio::test]
async fn what_is_named_has_to_be_there_and_be_one() {
    let place = Place::new().await;
    let none = place.run(&["import", "--region", support::REGION]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("0 stacks are in"), "{}", none.err);
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let wrong = place.run(&["import", "--pool", "nope"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.err.contains("no user pool of this name") && wrong.err.contains("workshop-user-pool"),
        "{}",
        wrong.err
    );
    let by_id = place.run(&["outputs", "--json"]).json()["user_pool_id"].as_str().unwrap().to_owned();
    let by_id = place.run(&["import", "--pool", &by_id]);
    assert_eq!(by_id.code, 0, "{}", by_id.err);
    assert_eq!(by_id.out, place.run(&["import", "--function", "workshop-lambda-sm-rds"]).out);
}
