//! What is there already is used, changed where the file declares something, and given back as it
//! was: section 5.2.7 of the workshop on what an attendee made in the console.

use crate::support::{
    self,
    clock::hurry,
    console::Console,
    http,
    program::Place,
    story::{Story, handler},
    user,
    wire::Verdict,
};
use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_cognitoidentityprovider::types::{PasswordPolicyType, UserPoolPolicyType};
use serde_json::Value;

const FUNCTION: &str = "workshop-lambda-sm-rds";

async fn attendee() -> (Console, Story) {
    attendee_in(support::account()).await
}

async fn attendee_in(account: String) -> (Console, Story) {
    let console = Console::of(&account).await;
    console.make().await;
    (
        console,
        Story::in_account(include_str!("../../examples/attach.toml"), account).await,
    )
}

fn replaced(path: &str, value: &str) -> PatchOperation {
    PatchOperation::builder()
        .op(Op::Replace)
        .path(path)
        .value(value)
        .build()
}

/// The API's resources by path, each with its id.
async fn resource(story: &Story, path: &str) -> (String, String) {
    let gateway = &story.aws.apigateway;
    let apis = gateway.get_rest_apis().send().await.unwrap();
    let api = apis
        .items()
        .iter()
        .find(|it| it.name() == Some("workshop-user-api"))
        .unwrap();
    let api = api.id().unwrap().to_owned();
    let all = gateway
        .get_resources()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    let found = all
        .items()
        .iter()
        .find(|it| it.path() == Some(path))
        .unwrap();
    (api, found.id().unwrap().to_owned())
}

async fn authorization(story: &Story, path: &str, method: &str) -> String {
    let (api, id) = resource(story, path).await;
    let get = story
        .aws
        .apigateway
        .get_method()
        .rest_api_id(api)
        .resource_id(id)
        .http_method(method);
    get.send()
        .await
        .unwrap()
        .authorization_type()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_page_is_done_on_what_the_console_made_and_destroy_takes_exactly_that_back() {
    let _alone = support::alone_in_unsigned().await;
    let (console, mut story) = attendee_in(support::UNSIGNED.into()).await;
    story.use_zip(&handler().path);
    let before = console.snapshot().await;
    story.sent();
    story.apply().await;
    let writes = story.writes();
    assert!(
        !writes.iter().any(|it| it.starts_with("secretsmanager:")),
        "{writes:#?}"
    );
    story.plan_is_empty().await;

    let function = story
        .aws
        .lambda
        .get_function_configuration()
        .function_name(FUNCTION)
        .send()
        .await
        .unwrap();
    assert_eq!(function.runtime().unwrap().as_str(), "provided.al2023");
    assert!(
        function
            .role()
            .unwrap()
            .ends_with("workshop-lamda-secretsmng-role")
    );
    assert_eq!(function.vpc_config().unwrap().subnet_ids(), ["subnet-1"]);
    let variables = function.environment().unwrap().variables().unwrap();
    assert_eq!(
        variables["RDS_HOST"], "db.example.com",
        "what was there stays"
    );
    assert!(
        variables["SECRET_NAME"].starts_with("arn:aws:secretsmanager:"),
        "what is declared is laid over it"
    );

    let (api, endpoint) = (resource(&story, "/").await.0, support::ministack().await);
    let url = format!("{endpoint}/restapis/{api}/dev/_user_request_/users");
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    let token = user::id_token(&story.aws, &pool, &client, "ann@example.com").await;
    assert_eq!(http::call("GET", &url, None, "").0, 401);
    let (status, body) = http::call("GET", &url, Some(&token), "");
    // The Rust handler was reached: it says so itself that it has no database here.
    assert!(
        status == 503 && body.contains("\"success\":false"),
        "{status} {body}"
    );

    story.destroy().await;
    console.is_as(&before).await;
    story.sent();
    story.destroy().await;
    assert_eq!(
        story.writes(),
        Vec::<String>::new(),
        "there is nothing left to do"
    );
}

#[tokio::test]
async fn the_function_can_start_at_every_moment_of_its_change() {
    let (_, story) = attendee().await;
    story.sent();
    story.apply().await;
    let writes = story.writes();
    let changes: Vec<_> = writes
        .iter()
        .filter_map(|it| it.split_once(FUNCTION))
        .map(|it| it.1)
        .collect();
    let changes: Vec<_> = changes
        .into_iter()
        .filter(|it| ["/code", "/configuration"].contains(it))
        .collect();
    assert_eq!(changes, ["/code", "/configuration", "/code"], "{writes:#?}");
}

#[tokio::test]
async fn a_run_cut_off_at_any_write_is_finished_or_taken_back_by_the_next() {
    hurry();
    for position in [2, 7, 12, 18] {
        let (console, story) = attendee().await;
        let before = console.snapshot().await;
        for is_destroy in [false, true] {
            let mut seen = 0;
            story.wire.on(move |asked| {
                seen += usize::from(asked.writes());
                if asked.writes() && seen >= position {
                    Verdict::RefuseConnection
                } else {
                    Verdict::Pass
                }
            });
            let _ = if is_destroy {
                story.try_destroy().await
            } else {
                story.try_apply().await
            };
            story.wire.on(|_| Verdict::Pass);
            match is_destroy {
                false => {
                    story.apply().await;
                    story.plan_is_empty().await;
                }
                true => story.destroy().await,
            }
        }
        console.is_as(&before).await;
    }
}

#[tokio::test]
async fn a_run_cut_off_right_after_the_functions_version_was_published_leaves_none() {
    hurry();
    for is_destroy in [false, true] {
        let (console, story) = attendee().await;
        let before = console.snapshot().await;
        let mut is_published = false;
        story.wire.on(move |asked| {
            let is_refused = is_published && asked.writes();
            is_published |= asked.operation.ends_with("/versions") && asked.writes();
            if is_refused {
                Verdict::RefuseConnection
            } else {
                Verdict::Pass
            }
        });
        let _ = story.try_apply().await;
        story.wire.on(|_| Verdict::Pass);
        assert_eq!(
            console.snapshot().await["versions"]
                .as_array()
                .unwrap()
                .len(),
            2,
            "$LATEST and it"
        );
        if !is_destroy {
            story.apply().await;
            story.plan_is_empty().await;
        }
        story.destroy().await;
        console.is_as(&before).await;
    }
}

#[tokio::test]
async fn what_the_file_does_not_name_stays_as_it_is() {
    let (_, story) = attendee().await;
    let (api, root) = resource(&story, "/").await;
    let gateway = &story.aws.apigateway;
    let made = gateway
        .create_resource()
        .rest_api_id(&api)
        .parent_id(root)
        .path_part("health")
        .send()
        .await
        .unwrap();
    let put = gateway
        .put_method()
        .rest_api_id(&api)
        .resource_id(made.id().unwrap())
        .http_method("GET");
    put.authorization_type("NONE").send().await.unwrap();
    let mock = gateway
        .put_integration()
        .rest_api_id(&api)
        .resource_id(made.id().unwrap())
        .http_method("GET");
    mock.r#type(aws_sdk_apigateway::types::IntegrationType::Mock)
        .send()
        .await
        .unwrap();
    story.apply().await;
    story.destroy().await;
    assert_eq!(authorization(&story, "/health", "GET").await, "NONE");
}

#[tokio::test]
async fn a_method_of_which_nothing_is_remembered_is_left_closed() {
    let (_, story) = attendee().await;
    story.apply().await;
    let (api, _) = resource(&story, "/").await;
    let arn = format!("arn:aws:apigateway:{}::/restapis/{api}", support::REGION);
    let tags = story
        .aws
        .apigateway
        .get_tags()
        .resource_arn(&arn)
        .send()
        .await
        .unwrap();
    let keys = tags
        .tags()
        .unwrap()
        .keys()
        .filter(|key| key.starts_with("wsctl:was:routes.GET"));
    let keys: Vec<_> = keys.cloned().collect();
    assert_eq!(keys.len(), 2, "{:?}", tags.tags());
    story
        .aws
        .apigateway
        .untag_resource()
        .resource_arn(&arn)
        .set_tag_keys(Some(keys))
        .send()
        .await
        .unwrap();
    let plan = story.plan_to_destroy().await;
    assert!(
        plan.warnings
            .iter()
            .any(|it| it.text.contains("left closed (AWS_IAM)")),
        "{:?}",
        plan.warnings
    );
    story.destroy().await;
    assert_eq!(authorization(&story, "/users", "GET").await, "AWS_IAM");
    assert_eq!(
        authorization(&story, "/users", "POST").await,
        "NONE",
        "of this one it is known"
    );
}

#[tokio::test]
async fn a_route_that_leaves_the_file_is_given_back_at_once() {
    let (_, mut story) = attendee().await;
    story.apply().await;
    story.edit(
        "\"POST /users\" = { function = \"users\", authorizer = \"cognito\" }\n",
        "",
    );
    story.apply().await;
    story.plan_is_empty().await;
    assert_eq!(authorization(&story, "/users", "POST").await, "NONE");
    assert_eq!(
        authorization(&story, "/users", "GET").await,
        "COGNITO_USER_POOLS"
    );
}

#[tokio::test]
async fn a_route_and_a_path_that_were_not_there_are_made_and_go_again() {
    let (console, mut story) = attendee().await;
    let before = console.snapshot().await;
    story.edit(
        "\"GET /users\" =",
        "\"GET /users/{id}/roles\" = { function = \"users\", authorizer = \"cognito\" }\n\"GET /users\" =",
    );
    story.apply().await;
    story.plan_is_empty().await;
    assert_eq!(
        authorization(&story, "/users/{id}/roles", "GET").await,
        "COGNITO_USER_POOLS"
    );
    story.destroy().await;
    console.is_as(&before).await;
}

#[tokio::test]
async fn several_of_one_name_are_listed_and_an_id_says_which() {
    let (_, mut story) = attendee().await;
    let (first, _) = resource(&story, "/").await;
    let second = story
        .aws
        .apigateway
        .create_rest_api()
        .name("workshop-user-api")
        .send()
        .await
        .unwrap();
    let error = story.try_plan().await.err().unwrap();
    assert!(
        error.message.contains(&first) && error.message.contains(second.id().unwrap()),
        "{error}"
    );
    assert!(
        error.hint.as_deref().unwrap().contains("id = "),
        "{error:?}"
    );
    story.edit("name = \"workshop-user-api\"", &format!("id = \"{first}\""));
    story.apply().await;
    story.plan_is_empty().await;
    assert_eq!(story.output_of_used("api", "id").await, first);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_attached() {
    let story = Story::of(include_str!("../../examples/attach.toml")).await;
    let error = story.try_plan().await.err().unwrap();
    assert!(error.message.contains("is not there"), "{error}");
}

#[tokio::test]
async fn an_attached_pool_gets_a_client_and_keeps_its_users_and_settings() {
    let mut story = Story::of(POOL).await;
    let cognito = &story.aws.cognito;
    let policy = PasswordPolicyType::builder()
        .minimum_length(10)
        .require_numbers(true)
        .build();
    let made = cognito.create_user_pool().pool_name("people").policies(
        UserPoolPolicyType::builder()
            .password_policy(policy)
            .build(),
    );
    let pool = made.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let theirs = cognito
        .create_user_pool_client()
        .user_pool_id(&pool)
        .client_name("theirs")
        .send()
        .await
        .unwrap();
    cognito
        .admin_create_user()
        .user_pool_id(&pool)
        .username("ann")
        .send()
        .await
        .unwrap();
    let described = || async {
        let it = cognito
            .describe_user_pool()
            .user_pool_id(&pool)
            .send()
            .await
            .unwrap()
            .user_pool
            .unwrap();
        let policy = it.policies.and_then(|it| it.password_policy).unwrap();
        let tags = it.user_pool_tags.unwrap_or_default().len();
        (
            policy.minimum_length,
            policy.require_numbers,
            it.domain.is_some(),
            tags,
        )
    };
    let before = described().await;
    story.apply().await;
    story.plan_is_empty().await;
    assert_ne!(described().await, before);
    assert!(!story.output("user_pool.clients.spa", "id").await.is_empty());
    story.destroy().await;
    assert_eq!(described().await, before);
    let clients = cognito
        .list_user_pool_clients()
        .user_pool_id(&pool)
        .max_results(60)
        .send()
        .await
        .unwrap();
    let ids: Vec<_> = clients
        .user_pool_clients()
        .iter()
        .map(|it| it.client_id().unwrap())
        .collect();
    assert_eq!(
        ids,
        [theirs.user_pool_client().unwrap().client_id().unwrap()]
    );
    assert_eq!(
        cognito
            .list_users()
            .user_pool_id(&pool)
            .send()
            .await
            .unwrap()
            .users()
            .len(),
        1
    );

    story.edit("name = \"web\"", "name = \"theirs\"");
    let error = story.try_plan().await.err().unwrap();
    assert!(error.message.contains("was not made by wsctl"), "{error}");
}

const POOL: &str = r#"
[stack]
name = "workshop"
region = "ap-southeast-1"

[user_pool]
existing = true
name = "people"

[user_pool.password_policy]
minimum_length = 12

[user_pool.domain]
prefix = "people-${stack.account}"

[user_pool.clients.spa]
name = "web"
"#;

#[tokio::test]
async fn a_method_opened_behind_our_back_is_bound_again() {
    let (console, story) = attendee().await;
    let before = console.snapshot().await;
    story.apply().await;
    let (api, users) = resource(&story, "/users").await;
    let update = story
        .aws
        .apigateway
        .update_method()
        .rest_api_id(api)
        .resource_id(users)
        .http_method("GET");
    update
        .patch_operations(replaced("/authorizationType", "NONE"))
        .send()
        .await
        .unwrap();
    story.apply().await;
    assert_eq!(
        authorization(&story, "/users", "GET").await,
        "COGNITO_USER_POOLS"
    );
    story.destroy().await;
    let after: Value = console.snapshot().await;
    assert_eq!(after["export"], before["export"]);
}

#[tokio::test]
async fn a_destroy_tells_what_was_kept_because_it_is_attached() {
    let account = support::account();
    Console::of(&account).await.make().await;
    let place = Place::in_account(include_str!("../../examples/attach.toml"), account).await;
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let destroyed = place.run(&["destroy", "--yes", "--json"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    let report = destroyed.json();
    let fates = |fate: &str| -> Vec<_> {
        let rows = report["proof"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["fate"] == fate);
        rows.map(|it| it["address"].as_str().unwrap().to_owned())
            .collect()
    };
    let (kept, gone) = (fates("attached"), fates("gone"));
    for address in [
        "api",
        "functions.users",
        "secrets.database",
        "api.routes.\"GET /users\"",
        "api.stage",
    ] {
        assert!(
            kept.contains(&address.to_owned()),
            "{address} is not told as kept: {kept:?}"
        );
    }
    for address in [
        "user_pool",
        "user_pool.clients.spa",
        "api.authorizers.cognito",
    ] {
        assert!(
            gone.contains(&address.to_owned()),
            "{address} is not told as gone: {gone:?}"
        );
    }
    assert_eq!(report["left"], serde_json::json!([]));
    let again = place.run(&["destroy", "--yes"]);
    let row = again
        .out
        .lines()
        .find(|it| it.starts_with("api "))
        .unwrap_or_default();
    assert!(
        row.contains("workshop-user-api") && row.ends_with("kept because attached"),
        "{}",
        again.out
    );
    assert!(
        again.out.ends_with("Nothing of the stack is left.\n"),
        "{}",
        again.out
    );
}
