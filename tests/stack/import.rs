//! Import's round trip: what is in AWS, written down, plans empty against the same AWS.

use crate::support::{self, console::Console, program::Place, story::uncalled};
use aws_sdk_apigateway::types::{AuthorizerType, Op, PatchOperation};
use aws_sdk_lambda::{client::Waiters, types::Environment};
use serde_json::Value;
use std::{fs, time::Duration};

/// Applies, imports, and plans with the imported file in a folder of its own.
async fn comes_back(text: &str, options: &[&str]) -> String {
    let place = Place::of(text).await;
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let import = || place.run(&[&["import", "--region", support::REGION], options].concat());
    let imported = import();
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert!(
        !imported.err.contains("cannot say all of it"),
        "{}\n{}",
        imported.err,
        imported.out
    );
    assert_eq!(import().out, imported.out, "twice the same");

    let (account, endpoint) = (place.account.clone(), place.endpoint.clone());
    let copy = Place {
        folder: tempfile::tempdir().unwrap(),
        account,
        endpoint,
    };
    fs::write(copy.folder.path().join("stack.toml"), &imported.out).unwrap();
    let valid = copy.run(&["validate"]);
    assert_eq!(valid.code, 0, "{}\n{}", valid.err, imported.out);
    for line in imported
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("zip = \""))
    {
        fs::copy(
            &uncalled().path,
            copy.folder.path().join(line.trim_end_matches('"')),
        )
        .unwrap();
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
    the_workshops_stack_comes_back: "../../stack.toml",
    a_pool_alone_comes_back: "../../examples/pool-only.toml",
    social_login_comes_back: "../../examples/social-login.toml",
    machine_to_machine_comes_back: "../../examples/machine-to-machine.toml",
    two_clients_come_back: "../../examples/two-clients.toml",
    an_attendees_stack_comes_back: "../../examples/attendees/stack.toml",
}

#[tokio::test]
async fn without_being_asked_no_environment_is_written_and_secrets_never_are() {
    let text = include_str!("../../examples/public-read.toml")
        .replace("https://example.com\", S", "canary-value\", S");
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
    assert!(
        imported.contains("SIGNING_SECRET = \"${secrets.signing.arn}\""),
        "{imported}"
    );
}

#[tokio::test]
async fn aws_s_defaults_are_left_out_and_tables_are_commented() {
    let imported = Box::pin(comes_back(include_str!("../../stack.toml"), &[])).await;
    for usual in [
        "memory = 128",
        "minimum_length",
        "feature_plan",
        "[user_pool.mfa]",
        "id_token_validity",
        "ttl =",
    ] {
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
    assert_eq!(none.code, 14);
    assert!(none.err.contains("0 stacks are in"), "{}", none.err);
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let wrong = place.run(&["import", "--pool", "nope"]);
    assert_eq!(wrong.code, 14);
    assert!(
        wrong.err.contains("no user pool of this name") && wrong.err.contains("workshop-user-pool"),
        "{}",
        wrong.err
    );
    let by_id = place.run(&["outputs", "--json"]).json()["user_pool_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let existing = place.run(&["import", "--pool", &by_id, "--existing"]);
    assert!(
        existing.code == 14 && existing.err.contains("belongs to the wsctl stack"),
        "{}",
        existing.err
    );
    let by_id = place.run(&["import", "--pool", &by_id]);
    assert_eq!(by_id.code, 0, "{}", by_id.err);
    assert_eq!(
        by_id.out,
        place
            .run(&["import", "--function", "workshop-lambda-sm-rds"])
            .out
    );
}

/// What an attendee made in the console, and a folder without a stack.toml on the same account.
async fn by_hand() -> (Console, Place) {
    let account = support::account();
    let console = Console::of(&account).await;
    console.make().await;
    let endpoint = support::ministack().await.to_owned();
    (
        console,
        Place {
            folder: tempfile::tempdir().unwrap(),
            account,
            endpoint,
        },
    )
}

/// Imports, saves what is written as stack.toml, and validates it. What was written, and told.
fn import(place: &Place, options: &[&str]) -> (String, String) {
    let run = || place.run(&[&["import", "--region", support::REGION], options].concat());
    let imported = run();
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert_eq!(run().out, imported.out, "twice the same");
    fs::write(place.folder.path().join("stack.toml"), &imported.out).unwrap();
    let valid = place.run(&["validate"]);
    assert_eq!(valid.code, 0, "{}\n{}", valid.err, imported.out);
    (imported.out, imported.err)
}

const BY_HAND: [&str; 4] = [
    "--api",
    "workshop-user-api",
    "--function",
    "workshop-lambda-sm-rds",
];

fn plan_is_empty(place: &Place) {
    let plan = place.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
}

/// Destroys the stack, after which everything is as it was before it.
async fn is_given_back(console: &Console, place: &Place, before: &Value) {
    let destroyed = place.run(&["destroy", "--yes"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    console.is_as(before).await;
}

#[tokio::test]
async fn a_pool_made_by_hand_is_written_down_and_is_the_stacks_own_once_adopted() {
    let (console, place) = by_hand().await;
    let pool = console.make_pool().await;
    let (text, told) = import(&place, &["--pool", "people", "--stack", "mine"]);
    assert!(!told.contains("cannot say all of it"), "{told}{text}");
    assert!(!text.contains(pool["secret"].as_str().unwrap()), "{text}");
    for line in [
        "name = \"mine\"",
        "[user_pool.clients.My_app_web]",
        "[user_pool.groups.admin]",
    ] {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
    assert!(
        told.contains("  wsctl adopt user_pool --endpoint-url "),
        "{told}"
    );
    assert_eq!(place.run(&["adopt", "user_pool", "--yes"]).code, 0);
    plan_is_empty(&place);
    let again = place.run(&["import", "--pool", pool["pool"].as_str().unwrap()]);
    assert_eq!(
        again.out, text,
        "owned, it is written down the same: {}",
        again.err
    );
}

#[tokio::test]
async fn what_stays_its_owners_is_used_as_it_is() {
    let (console, place) = by_hand().await;
    console.make_pool().await;
    let before = console.snapshot().await;
    let all = [
        &BY_HAND[..],
        &["--pool", "people", "--existing", "--environment"],
    ]
    .concat();
    let (text, told) = import(&place, &all);
    assert!(told.is_empty(), "{told}{text}");
    plan_is_empty(&place);
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    console.is_as(&before).await;
    is_given_back(&console, &place, &before).await;
}

#[tokio::test]
async fn what_is_used_can_be_changed_by_a_line_and_is_given_back() {
    let (console, place) = by_hand().await;
    let before = console.snapshot().await;
    let (text, _) = import(&place, &[&BY_HAND[..], &["--existing"]].concat());
    place.edit("authorizer = \"none\"", "authorizer = \"AWS_IAM\"");
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}\n{text}", applied.out, applied.err);
    plan_is_empty(&place);
    assert_ne!(console.snapshot().await["resources"], before["resources"]);
    is_given_back(&console, &place, &before).await;
}

#[tokio::test]
async fn an_api_made_by_hand_is_adopted_and_what_the_file_cannot_say_was_told() {
    let (_, place) = by_hand().await;
    let aws = support::connect(place.account.clone(), None).await;
    let function = aws.lambda.update_function_configuration();
    let function = function.function_name("workshop-lambda-sm-rds");
    function.handler("handler").send().await.unwrap();
    let (text, told) = import(&place, &BY_HAND);
    assert!(
        text.contains("has the handler handler, in which nodejs22.x finds no file"),
        "{text}"
    );
    let (warning, adopt) = told.split_once("Saved as stack.toml").unwrap();
    assert!(
        adopt.contains("  wsctl adopt api --endpoint-url ") && !adopt.contains("functions"),
        "{adopt}"
    );
    assert_eq!(place.run(&["adopt", "api", "--yes"]).code, 0);
    let plan = place.run(&["plan"]);
    let steps = plan.out.split("\n\n").nth(1).unwrap();
    assert!(
        steps.contains("~ api.stage") && warning.contains(steps),
        "{warning}\n---\n{}",
        plan.out
    );
}

#[tokio::test]
async fn what_is_named_does_not_slip_into_a_stack_that_is_there() {
    let (console, place) = by_hand().await;
    console.make_pool().await;
    let (_, told) = import(&place, &["--pool", "people"]);
    assert!(told.contains("wsctl adopt user_pool"), "{told}");
    assert_eq!(place.run(&["adopt", "user_pool", "--yes"]).code, 0);
    let run = |more: &[&str]| place.run(&[&["import"], &BY_HAND[..], more].concat());
    let refused = run(&[]);
    assert!(
        refused.code == 14 && refused.err.contains("say with --stack NAME"),
        "{}",
        refused.err
    );
    let joined = run(&["--stack", "workshop"]);
    assert_eq!(joined.code, 0, "{}", joined.err);
    for table in ["[user_pool]", "[api]", "[functions.workshop-lambda-sm-rds]"] {
        assert!(joined.out.contains(table), "no {table} in {}", joined.out);
    }
    support::connect(place.account.clone(), None)
        .await
        .cognito
        .create_user_pool()
        .pool_name("others")
        .send()
        .await
        .unwrap();
    let other = place.run(&["import", "--pool", "others", "--stack", "workshop"]);
    assert!(
        other.code == 14 && other.err.contains("has another user pool"),
        "{}",
        other.err
    );
}

/// Puts an authorizer of the API's own before all of its methods, and gives its function a variable
/// that a file has to be careful with.
async fn guard(place: &Place) {
    let aws = support::connect(place.account.clone(), None).await;
    let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
    let api = apis.items()[0].id().unwrap();
    let authorizer = aws
        .apigateway
        .create_authorizer()
        .rest_api_id(api)
        .name("Tokens")
        .provider_arns(format!(
            "arn:aws:cognito-idp:{}:{}:userpool/{}_elsewhere",
            support::REGION,
            place.account,
            support::REGION
        ));
    let authorizer = authorizer.r#type(AuthorizerType::CognitoUserPools);
    let made = authorizer
        .identity_source("method.request.header.Authorization")
        .send()
        .await
        .unwrap();
    let replace = |path: &str, value: &str| {
        PatchOperation::builder()
            .op(Op::Replace)
            .path(path)
            .value(value)
            .build()
    };
    let resources = aws
        .apigateway
        .get_resources()
        .rest_api_id(api)
        .embed("methods")
        .send()
        .await
        .unwrap();
    for resource in resources.items() {
        for verb in resource
            .resource_methods()
            .into_iter()
            .flatten()
            .map(|it| it.0)
        {
            let method = aws.apigateway.update_method().rest_api_id(api);
            let method = method.resource_id(resource.id().unwrap()).http_method(verb);
            let method =
                method.patch_operations(replace("/authorizationType", "COGNITO_USER_POOLS"));
            let method = method.patch_operations(replace("/authorizerId", made.id().unwrap()));
            method.send().await.unwrap();
        }
    }
    let environment = Environment::builder().variables("TEXT", "${user_pool.id} $${x}\n\"quoted\"");
    let function = aws
        .lambda
        .update_function_configuration()
        .function_name("workshop-lambda-sm-rds");
    function
        .environment(environment.build())
        .send()
        .await
        .unwrap();
    // What it was is taken down next, and an update under way is no state to compare with.
    let updated = aws
        .lambda
        .wait_until_function_updated_v2()
        .function_name("workshop-lambda-sm-rds");
    updated.wait(Duration::from_secs(30)).await.unwrap();
}

#[tokio::test]
async fn an_api_whose_routes_have_its_own_authorizer_is_used_as_it_is() {
    let (console, place) = by_hand().await;
    console.make_pool().await;
    guard(&place).await;
    let before = console.snapshot().await;
    let all = [
        &BY_HAND[..],
        &["--pool", "people", "--existing", "--environment"],
    ]
    .concat();
    let (text, told) = import(&place, &all);
    assert!(told.is_empty(), "{told}{text}");
    assert!(
        text.contains("an authorizer of the API's own asks for a token: GET "),
        "{text}"
    );
    assert!(text.contains("$${user_pool.id} $$${x}"), "{text}");
    plan_is_empty(&place);
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    console.is_as(&before).await;
}
