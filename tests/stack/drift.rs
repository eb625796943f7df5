//! What somebody changes behind wsctl's back is shown by the next plan and mended by the next
//! apply, also what was added without being declared.

use crate::support::story::Story;
use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_lambda::types::Environment;

/// The plan says every one of `expected`, an apply mends it, and the plan is empty again.
async fn is_seen_and_mended(story: &Story, expected: &[&str]) {
    let told = story.told().await;
    for line in expected {
        assert!(
            told.iter().any(|it| it.trim().starts_with(line)),
            "no {line:?} in {told:#?}"
        );
    }
    story.apply().await;
    story.plan_is_empty().await;
}

async fn applied() -> Story {
    let story = Story::workshop().await;
    story.apply().await;
    story
}

async fn resource(story: &Story, path: &str) -> (String, String) {
    let api = story.output("api", "id").await;
    let resources = story
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
    (api, found.id().unwrap().to_owned())
}

#[tokio::test]
async fn a_callback_url_changed_by_hand() {
    let story = applied().await;
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    let update = story
        .aws
        .cognito
        .update_user_pool_client()
        .user_pool_id(pool)
        .client_id(client);
    update
        .client_name("workshop-cognito-SPA")
        .callback_urls("https://evil.example.com/")
        .send()
        .await
        .unwrap();
    is_seen_and_mended(&story, &["Update user_pool.clients.spa", "callback_urls: "]).await;
}

#[tokio::test]
async fn an_authorizer_taken_off_a_route() {
    let story = applied().await;
    let (api, users) = resource(&story, "/users").await;
    let patch = |path: &str, value: &str| {
        PatchOperation::builder()
            .op(Op::Replace)
            .path(path)
            .value(value)
            .build()
    };
    let update = story
        .aws
        .apigateway
        .update_method()
        .rest_api_id(api)
        .resource_id(users)
        .http_method("GET");
    update
        .patch_operations(patch("/authorizationType", "NONE"))
        .send()
        .await
        .unwrap();
    let expected = [
        r#"Update api.routes."GET /users""#,
        "authorizer: \"none\"",
        "Update api.stage",
    ];
    is_seen_and_mended(&story, &expected).await;
}

#[tokio::test]
async fn what_the_file_has_no_word_for_set_by_hand() {
    let story = applied().await;
    let (api, users) = resource(&story, "/users").await;
    let patch = |path: &str, value: &str| {
        PatchOperation::builder()
            .op(Op::Replace)
            .path(path)
            .value(value)
            .build()
    };
    let update = story
        .aws
        .apigateway
        .update_method()
        .rest_api_id(&api)
        .resource_id(users)
        .http_method("GET");
    update
        .patch_operations(patch("/apiKeyRequired", "true"))
        .send()
        .await
        .unwrap();
    let deny = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let update = story.aws.apigateway.update_rest_api().rest_api_id(&api);
    update
        .patch_operations(patch("/policy", deny))
        .send()
        .await
        .unwrap();
    let stage = story.output("api.stage", "name").await;
    let update = story
        .aws
        .apigateway
        .update_stage()
        .rest_api_id(&api)
        .stage_name(stage);
    let update = update.patch_operations(patch("/~1users/GET/throttling/rateLimit", "0"));
    update
        .patch_operations(patch("/variables/mode", "canary-of-a-secret"))
        .send()
        .await
        .unwrap();
    let concurrency = story
        .aws
        .lambda
        .put_function_concurrency()
        .function_name("workshop-lambda-sm-rds");
    concurrency
        .reserved_concurrent_executions(0)
        .send()
        .await
        .unwrap();
    let told = story.told().await.join("\n");
    assert!(!told.contains("canary"), "{told}");
    let expected = [
        "api_key_required: ",
        "policy: ",
        "methods.",
        "variables.mode: ",
        "switched_off: ",
    ];
    is_seen_and_mended(&story, &expected).await;
}

#[tokio::test]
async fn memory_and_environment_changed_by_hand() {
    let story = applied().await;
    let environment = Environment::builder()
        .variables("DEBUG", "canary-of-a-secret")
        .build();
    let update = story
        .aws
        .lambda
        .update_function_configuration()
        .function_name("workshop-lambda-sm-rds");
    update
        .memory_size(512)
        .environment(environment)
        .send()
        .await
        .unwrap();
    let expected = [
        "memory: 512 → 128",
        "environment.ALLOWED_ORIGINS: null → ",
        "environment.DEBUG: \"(hidden)\" → null",
    ];
    let told = story.told().await.join("\n");
    assert!(!told.contains("canary"), "{told}");
    is_seen_and_mended(&story, &expected).await;
}

#[tokio::test]
async fn an_inline_policy_added_to_the_role() {
    let story = applied().await;
    let role = story.output("functions.users.role", "name").await;
    let all =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let put = story
        .aws
        .iam
        .put_role_policy()
        .role_name(&role)
        .policy_name("admin");
    put.policy_document(all).send().await.unwrap();
    is_seen_and_mended(&story, &["Update functions.users.role", "policies.admin: "]).await;
    let policies = story
        .aws
        .iam
        .list_role_policies()
        .role_name(&role)
        .send()
        .await
        .unwrap();
    assert_eq!(policies.policy_names(), ["wsctl"]);
}

#[tokio::test]
async fn a_secrets_new_value_is_a_note_and_no_change() {
    let story = Story::of(include_str!("../../examples/public-read.toml")).await;
    story.apply().await;
    let plan = story.plan().await;
    assert!(plan.is_empty() && plan.notes.is_empty(), "{:?}", plan.notes);
    let put = story
        .aws
        .secrets
        .put_secret_value()
        .secret_id("public-read/signing");
    put.secret_string("{\"key\":\"canary\"}")
        .send()
        .await
        .unwrap();
    let plan = story.plan().await;
    assert!(plan.is_empty());
    assert!(
        plan.notes[0].text.contains("changed since"),
        "{:?}",
        plan.notes
    );
    assert!(!serde_json::to_string(&plan).unwrap().contains("canary"));
}

#[tokio::test]
async fn an_open_route_added_by_hand() {
    let story = applied().await;
    let (api, root) = resource(&story, "/").await;
    let gateway = &story.aws.apigateway;
    let made = gateway
        .create_resource()
        .rest_api_id(&api)
        .parent_id(root)
        .path_part("admin")
        .send()
        .await
        .unwrap();
    let put = gateway
        .put_method()
        .rest_api_id(&api)
        .resource_id(made.id().unwrap())
        .http_method("GET");
    put.authorization_type("NONE").send().await.unwrap();
    let expected = [
        r#"Delete api.routes."GET /admin""#,
        r#"Delete api.resources."/admin""#,
        "Update api.stage",
    ];
    is_seen_and_mended(&story, &expected).await;
    let resources = gateway
        .get_resources()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    assert!(
        resources
            .items()
            .iter()
            .all(|it| it.path() != Some("/admin"))
    );
}

#[tokio::test]
async fn a_permission_for_everyone_and_our_own_removed() {
    let story = applied().await;
    let function = "workshop-lambda-sm-rds";
    let lambda = &story.aws.lambda;
    let add = lambda
        .add_permission()
        .function_name(function)
        .statement_id("everyone");
    add.principal("*")
        .action("lambda:InvokeFunction")
        .send()
        .await
        .unwrap();
    lambda
        .remove_permission()
        .function_name(function)
        .statement_id("wsctl-api")
        .send()
        .await
        .unwrap();
    let expected = [
        "Delete functions.users.permissions.everyone",
        "Create functions.users.permissions.wsctl-api",
    ];
    is_seen_and_mended(&story, &expected).await;
}

#[tokio::test]
async fn a_stage_moved_to_another_deployment() {
    let story = applied().await;
    let api = story.output("api", "id").await;
    let made = story
        .aws
        .apigateway
        .create_deployment()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    let patch = PatchOperation::builder()
        .op(Op::Replace)
        .path("/deploymentId")
        .value(made.id().unwrap())
        .build();
    let update = story
        .aws
        .apigateway
        .update_stage()
        .rest_api_id(&api)
        .stage_name("dev");
    update.patch_operations(patch).send().await.unwrap();
    is_seen_and_mended(&story, &["Update api.stage", "deployment: "]).await;
}

#[tokio::test]
async fn the_domain_and_the_client_deleted() {
    let story = applied().await;
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    let prefix = story.output("user_pool.domain", "prefix").await;
    let cognito = &story.aws.cognito;
    cognito
        .delete_user_pool_domain()
        .user_pool_id(&pool)
        .domain(prefix)
        .send()
        .await
        .unwrap();
    cognito
        .delete_user_pool_client()
        .user_pool_id(&pool)
        .client_id(client)
        .send()
        .await
        .unwrap();
    is_seen_and_mended(
        &story,
        &["Create user_pool.domain", "Create user_pool.clients.spa"],
    )
    .await;
}

#[tokio::test]
async fn a_root_deleted_behind_our_back_is_made_again_and_bound_again() {
    let story = applied().await;
    story
        .aws
        .lambda
        .delete_function()
        .function_name("workshop-lambda-sm-rds")
        .send()
        .await
        .unwrap();
    is_seen_and_mended(
        &story,
        &[
            "Create functions.users",
            "Create functions.users.permissions.wsctl-api",
        ],
    )
    .await;
    let api = story.output("api", "id").await;
    story
        .aws
        .apigateway
        .delete_rest_api()
        .rest_api_id(api)
        .send()
        .await
        .unwrap();
    is_seen_and_mended(&story, &["Create api", "Create api.stage"]).await;
}
