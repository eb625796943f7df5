//! The repository's own stack.toml, from the first apply to the last destroy.

use crate::support::{self, http, story::Story, user};
use aws_sdk_cognitoidentityprovider::types::{DeviceConfigurationType, ExplicitAuthFlowsType};
use serde_json::{Value, json};
use std::io::Read;

/// Makes a confirmed user and signs in: the ID token.
async fn id_token(story: &Story) -> String {
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    user::id_token(&story.aws, &pool, &client, "ann@example.com").await
}

#[tokio::test]
async fn the_api_answers_401_without_a_token_and_200_with_one() {
    let mut story = Story::workshop_that_is_called().await;
    story.edit("DB_USER = ", "ECHO_CLAIMS = \"true\"\nDB_USER = ");
    story.apply().await;
    let (api, endpoint) = (story.output("api", "id").await, support::ministack().await);
    let users = format!("{endpoint}/restapis/{api}/dev/_user_request_/users");
    let token = id_token(&story).await;
    assert_eq!(http::call("GET", &users, None, "").0, 401);
    let (status, body) = http::call("GET", &users, Some(&token), "");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["data"]["claims"]["email"], "ann@example.com", "{body}");
}

#[tokio::test]
async fn a_new_stack_takes_70_requests_and_a_look_at_it_23_each_made_once() {
    let story = Story::workshop().await;
    story.apply().await;
    let sent = story.sent();
    // The last 24 read again what was made: a wave of as many as a look at it takes, and one for the list
    // by which the next look finds the pool.
    assert!(sent.len() <= 70, "{} requests", sent.len());
    story.plan_is_empty().await;
    let sent = story.sent();
    let mut asked: Vec<_> = sent
        .iter()
        .map(|it| format!("{} {}", it.asked.name(), it.asked.body))
        .collect();
    assert!(asked.len() <= 23, "{asked:#?}");
    assert!(sent.iter().all(|it| !it.asked.writes()));
    asked.sort();
    let count = asked.len();
    asked.dedup();
    assert_eq!(asked.len(), count, "something was asked twice");
}

#[tokio::test]
async fn a_look_is_three_waves_deep() {
    let story = Story::workshop().await;
    story.apply().await;
    let waves = story.wire.in_waves();
    story.plan_is_empty().await;
    assert_eq!(waves.count(), 3);
}

/// Applies an edit of the file: what the plan says, and the writes.
async fn edited(story: &mut Story, old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    story.edit(old, new);
    let told = story.told().await;
    story.sent();
    story.apply().await;
    let writes = story.writes();
    story.plan_is_empty().await;
    (told, writes)
}

#[tokio::test]
async fn one_changed_field_is_one_line_of_plan_and_one_write() {
    let mut story = Story::workshop().await;
    story.edit(
        "name = \"workshop-user-api\"",
        "name = \"workshop-user-api\"\ntags = { team = \"a\" }",
    );
    story.apply().await;
    let api = story.output("api", "id").await;
    let stage = format!("apigateway:PATCH /restapis/{api}/stages/dev");
    for (old, new, address, change, write) in [
        (
            "3000/callback\"]",
            "3000/callback\", \"http://localhost:5173/\"]",
            "user_pool.clients.spa",
            "callback_urls: ",
            "cognito-idp:UpdateUserPoolClient",
        ),
        (
            "minimum_length = 8",
            "minimum_length = 10",
            "user_pool",
            "password_policy.minimum_length: 8 → 10",
            "cognito-idp:UpdateUserPool",
        ),
        (
            "memory = 128 ",
            "memory = 256 ",
            "functions.users",
            "memory: 128 → 256",
            "lambda:PUT /2015-03-31/functions/workshop-lambda-sm-rds/configuration",
        ),
        (
            "team = \"a\"",
            "team = \"b\"",
            "api",
            "tags.team: \"a\" → \"b\"",
            "apigateway:PUT /tags/",
        ),
        (
            "rate_limit = 1000",
            "rate_limit = 500",
            "api.stage",
            "throttling.rate_limit: 1000.0 → 500.0",
            &stage,
        ),
        (
            "log_retention_days = 14",
            "log_retention_days = 7",
            "functions.users.log_group",
            "retention_days: 14 → 7",
            "logs:PutRetentionPolicy",
        ),
        (
            "precedence = 1",
            "precedence = 2",
            "user_pool.groups.admin",
            "precedence: 1 → 2",
            "cognito-idp:UpdateGroup",
        ),
    ] {
        let (told, writes) = edited(&mut story, old, new).await;
        assert_eq!(told.len(), 2, "{told:#?}");
        assert_eq!(told[0], format!("Update {address}"));
        assert!(told[1].trim().starts_with(change), "{told:#?}");
        assert!(
            writes.len() == 1 && writes[0].starts_with(write),
            "{writes:#?}"
        );
    }
}

#[tokio::test]
async fn another_zip_is_one_upload() {
    let mut story = Story::workshop().await;
    story.apply().await;
    // The same program with a byte after its end: a zip with another digest.
    let mut program = unzipped(&support::story::uncalled().path);
    program.push(0);
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("other.zip");
    std::fs::write(&zip, wsctl::package::zip(&program).unwrap()).unwrap();
    story.use_zip(&zip);
    let told = story.told().await;
    assert!(
        told.len() == 2 && told[1].trim().starts_with("code: "),
        "{told:#?}"
    );
    story.sent();
    story.apply().await;
    assert_eq!(
        story.writes(),
        ["lambda:PUT /2015-03-31/functions/workshop-lambda-sm-rds/code"]
    );
    story.plan_is_empty().await;
}

fn unzipped(zip: &std::path::Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut program = vec![];
    archive
        .by_name("bootstrap")
        .unwrap()
        .read_to_end(&mut program)
        .unwrap();
    program
}

#[tokio::test]
async fn another_authorizer_of_a_route_is_one_patch_one_deployment_and_one_move() {
    let mut story = Story::workshop().await;
    story.apply().await;
    let api = story.output("api", "id").await;
    let old = r#""GET /users" = { function = "users", authorizer = "cognito" }"#;
    let new = r#""GET /users" = { function = "users", authorizer = "none" }"#;
    let (told, writes) = edited(&mut story, old, new).await;
    assert!(told.contains(&"Update api.stage".to_owned()), "{told:#?}");
    assert_eq!(writes.len(), 3, "{writes:#?}");
    assert!(
        writes[0].starts_with(&format!("apigateway:PATCH /restapis/{api}/resources/"))
            && writes[0].ends_with("/methods/GET"),
        "{writes:#?}"
    );
    assert_eq!(
        writes[1],
        format!("apigateway:POST /restapis/{api}/deployments")
    );
    assert_eq!(
        writes[2],
        format!("apigateway:PATCH /restapis/{api}/stages/dev")
    );
}

#[tokio::test]
async fn what_the_file_does_not_manage_is_in_every_update() {
    let mut story = Story::workshop().await;
    story.apply().await;
    let (pool, client) = (
        story.output("user_pool", "id").await,
        story.output("user_pool.clients.spa", "id").await,
    );
    let update = story.aws.cognito.update_user_pool().user_pool_id(&pool);
    let devices = DeviceConfigurationType::builder().device_only_remembered_on_user_prompt(true);
    let update = update.device_configuration(devices.build());
    update.send().await.unwrap();
    let update = story
        .aws
        .cognito
        .update_user_pool_client()
        .user_pool_id(&pool)
        .client_id(&client);
    let update = update
        .client_name("workshop-cognito-SPA")
        .write_attributes("name")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth);
    update.send().await.unwrap();
    story.apply().await;
    story.sent();
    story.edit("minimum_length = 8", "minimum_length = 9");
    story.edit("id_token_validity = \"60m\"", "id_token_validity = \"30m\"");
    story.apply().await;
    let sent = story.sent();
    let body = |operation: &str| -> Value {
        let exchange = sent
            .iter()
            .find(|it| it.asked.operation == operation)
            .unwrap();
        serde_json::from_str(&exchange.asked.body).unwrap()
    };
    assert_eq!(
        body("UpdateUserPool")["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"],
        true
    );
    assert_eq!(
        body("UpdateUserPoolClient")["WriteAttributes"],
        json!(["name"])
    );
}

#[tokio::test]
async fn destroy_leaves_nothing_and_then_has_nothing_to_do() {
    let story = Story::workshop().await;
    story.apply().await;
    story.destroy().await;
    let left = story.owned().await;
    assert!(
        left.is_empty(),
        "{:?}",
        left.iter()
            .map(|it| it.address.to_string())
            .collect::<Vec<_>>()
    );
    story.sent();
    story.destroy().await;
    assert!(story.writes().is_empty());
    // By their names, whoever's they are.
    let aws = &story.aws;
    assert!(
        aws.cognito
            .list_user_pools()
            .max_results(60)
            .send()
            .await
            .unwrap()
            .user_pools()
            .is_empty()
    );
    assert!(
        aws.apigateway
            .get_rest_apis()
            .send()
            .await
            .unwrap()
            .items()
            .is_empty()
    );
    assert!(
        aws.lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty()
    );
    assert!(
        aws.logs
            .describe_log_groups()
            .send()
            .await
            .unwrap()
            .log_groups()
            .is_empty()
    );
    let roles = aws
        .iam
        .list_roles()
        .path_prefix("/wsctl/")
        .send()
        .await
        .unwrap();
    assert!(roles.roles().is_empty());
}

#[tokio::test]
async fn a_pool_that_would_go_with_its_users_is_counted_as_a_loss() {
    let mut story = Story::workshop().await;
    story.apply().await;
    id_token(&story).await;
    story.edit("sign_in = [\"email\"]", "sign_in = [\"phone_number\"]");
    let plan = story.plan().await;
    assert_eq!(plan.losses.len(), 1);
    assert_eq!(plan.losses[0].name, "workshop-user-pool");
    assert_eq!(plan.losses[0].what, "1 user");
    assert_eq!(plan.protected.len(), 1, "deletion protection is on");
}

#[tokio::test]
async fn replacing_a_pool_makes_its_clients_and_domain_anew_and_updates_its_authorizer() {
    let mut story = Story::workshop().await;
    story.apply().await;
    let (old_pool, old_client) = (
        story.output("user_pool", "id").await,
        story.output("user_pool.clients.spa", "id").await,
    );
    story.edit("sign_in = [\"email\"]", "sign_in = [\"phone_number\"]");
    let told = story.told().await;
    for line in [
        "Replace user_pool",
        "Replace user_pool.clients.spa",
        "Replace user_pool.domain",
        "Update api.authorizers.cognito",
        "Update api.stage",
    ] {
        assert!(told.contains(&line.to_owned()), "no {line:?} in {told:#?}");
    }
    story.apply().await;
    story.plan_is_empty().await;
    assert_ne!(story.output("user_pool", "id").await, old_pool);
    assert_ne!(
        story.output("user_pool.clients.spa", "id").await,
        old_client
    );
    let pools = story
        .aws
        .cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap();
    assert_eq!(pools.user_pools().len(), 1);
}

#[tokio::test]
async fn a_renamed_function_is_bound_and_deployed_before_the_old_one_goes() {
    let mut story = Story::workshop().await;
    story.apply().await;
    story.edit("name = \"workshop-lambda-sm-rds\"", "name = \"renamed\"");
    story.sent();
    story.apply().await;
    let writes = story.writes();
    let place = |part: &str| {
        writes
            .iter()
            .position(|it| it.contains(part))
            .unwrap_or_else(|| panic!("no {part} in {writes:#?}"))
    };
    assert!(
        place("POST /2015-03-31/functions") < place("/deployments"),
        "{writes:#?}"
    );
    assert!(
        place("PATCH /restapis") < place("DELETE /2015-03-31/functions/workshop-lambda-sm-rds"),
        "{writes:#?}"
    );
    story.plan_is_empty().await;
    let functions = story.aws.lambda.list_functions().send().await.unwrap();
    let names: Vec<_> = functions
        .functions()
        .iter()
        .map(|it| it.function_name().unwrap())
        .collect();
    assert_eq!(names, ["renamed"]);
    let groups = story.aws.logs.describe_log_groups().send().await.unwrap();
    assert_eq!(groups.log_groups().len(), 1);
    assert_eq!(
        story
            .aws
            .iam
            .list_roles()
            .path_prefix("/wsctl/")
            .send()
            .await
            .unwrap()
            .roles()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_the_file_no_longer_names_goes() {
    let mut story = Story::workshop().await;
    story.edit(
        "[user_pool.groups.admin]",
        "[user_pool.groups.guests]\n\n[secrets.extra]\nname = \"extra\"\ngenerate = [\"key\"]\n\n[functions.spare]\nname = \"spare\"\ncrate = \"lambda\"\n\n[user_pool.groups.admin]",
    );
    story.apply().await;
    assert!(
        story
            .owned()
            .await
            .iter()
            .any(|it| it.address.to_string() == "functions.spare.role")
    );
    let workshop = include_str!("../../stack.toml").replace("ap-southeast-1", support::REGION);
    story.text = workshop;
    let told = story.told().await;
    for line in [
        "Delete user_pool.groups.guests",
        "Delete secrets.extra",
        "Delete functions.spare",
        "Delete functions.spare.role",
        "Delete functions.spare.log_group",
    ] {
        assert!(told.contains(&line.to_owned()), "no {line:?} in {told:#?}");
    }
    story.apply().await;
    story.plan_is_empty().await;
    assert_eq!(story.owned().await.len(), 23);
}
