//! Whose a resource is, and what may become of it, by the program as its user runs it.

use crate::support::{self, story::Story, user};
use std::process::{Command, Output, Stdio};

/// Runs the program on a story's file and account.
fn run(story: &Story, endpoint: &str, arguments: &[&str]) -> (i32, String, String) {
    let folder = story.folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command
        .args(["--endpoint-url", endpoint])
        .args(arguments)
        .current_dir(folder.path());
    command
        .env("AWS_ACCESS_KEY_ID", &story.account)
        .env("AWS_SECRET_ACCESS_KEY", support::key());
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

async fn applied() -> (Story, &'static str) {
    let story = Story::workshop().await;
    story.apply().await;
    (story, support::ministack().await)
}

#[tokio::test]
async fn a_replacement_says_what_is_lost_and_has_to_be_named() {
    let (mut story, endpoint) = applied().await;
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    user::id_token(&story.aws, &pool, &client, "ann@example.com").await;
    story.edit("sign_in = [\"email\"]", "sign_in = [\"phone_number\"]");
    let all = "add --delete-users workshop-user-pool --lift-deletion-protection --allow-replace user_pool";
    let (code, _, err) = run(&story, endpoint, &["apply", "--yes"]);
    assert!(
        code == 14 && err.contains(all),
        "every option that it needs is named at once: {err}"
    );
    let users = [
        "apply",
        "--yes",
        "--lift-deletion-protection",
        "--delete-users",
        "workshop-user-pool",
    ];
    let (code, out, err) = run(&story, endpoint, &users);
    assert_eq!(code, 14, "{out}");
    for text in [
        "1 user of `workshop-user-pool` are lost",
        "the client id changes",
        "the login's URL changes",
    ] {
        assert!(out.contains(text), "no {text:?} in {out}");
    }
    assert!(err.contains("--allow-replace user_pool"), "{err}");
    assert_eq!(
        story.output("user_pool", "id").await,
        pool,
        "nothing was done"
    );
    let named = [&users[..], &["--allow-replace", "user_pool"]].concat();
    let (code, out, err) = run(&story, endpoint, &named);
    assert_eq!(code, 0, "{out}{err}");
    assert_ne!(story.output("user_pool", "id").await, pool);
}

#[tokio::test]
async fn what_is_protected_goes_by_no_plan() {
    let (mut story, endpoint) = applied().await;
    story.edit(
        "name = \"workshop-cognito-SPA\"",
        "name = \"workshop-cognito-SPA\"\nprotect = true",
    );
    assert_eq!(
        run(&story, endpoint, &["plan", "--detailed-exitcode"]).0,
        0,
        "to protect is no change"
    );
    let flags = ["--yes", "--lift-deletion-protection"];
    let (code, _, err) = run(&story, endpoint, &[&["destroy"], &flags[..]].concat());
    assert_eq!(code, 14);
    assert!(
        err.contains("user_pool.clients.spa: protect = true"),
        "{err}"
    );
    story.edit("secret = false", "secret = true");
    let (code, out, err) = run(&story, endpoint, &["plan"]);
    assert!(
        code == 14 && out.contains("2 to replace") && err.contains("protect = true"),
        "{out}{err}"
    );
    let (code, _, _) = run(
        &story,
        endpoint,
        &["apply", "--yes", "--allow-replace", "user_pool.clients.spa"],
    );
    assert_eq!(code, 14);
    assert_eq!(story.owned().await.len(), 23);
}

#[tokio::test]
async fn a_renamed_table_keeps_its_resource() {
    let (mut story, _) = applied().await;
    let arn = story.output("functions.users", "arn").await;
    let client = story.output("user_pool.clients.spa", "id").await;
    story.text = story
        .text
        .replace("functions.users", "functions.people")
        .replace("function = \"users\"", "function = \"people\"");
    story.edit(
        "[functions.people]",
        "[functions.people]\nmoved_from = \"functions.users\"",
    );
    story.edit(
        "[user_pool.clients.spa]",
        "[user_pool.clients.web]\nmoved_from = \"user_pool.clients.workshop-cognito-SPA\"",
    );
    story.edit("name = \"workshop-cognito-SPA\"", "name = \"workshop-web\"");
    let told = story.told().await;
    assert!(
        !told.iter().any(|it| ["Create", "Delete", "Replace"]
            .iter()
            .any(|word| it.starts_with(word))),
        "{told:#?}"
    );
    story.apply().await;
    story.plan_is_empty().await;
    assert_eq!(story.output("functions.people", "arn").await, arn);
    assert_eq!(story.output("user_pool.clients.web", "id").await, client);
    story.edit("moved_from = \"functions.users\"\n", "");
    story.edit(
        "moved_from = \"user_pool.clients.workshop-cognito-SPA\"\n",
        "",
    );
    story.plan_is_empty().await;
    story.destroy().await;
    assert!(story.owned().await.is_empty());
}

#[tokio::test]
async fn what_is_there_is_adopted_and_released_by_its_tags_alone() {
    let mut story = Story::of(POOL).await;
    let endpoint = support::ministack().await;
    let cognito = &story.aws.cognito;
    let made = cognito
        .create_user_pool()
        .pool_name("people")
        .send()
        .await
        .unwrap();
    let pool = made.user_pool().unwrap().id().unwrap().to_owned();
    let client = cognito
        .create_user_pool_client()
        .user_pool_id(&pool)
        .client_name("theirs");
    client.send().await.unwrap();

    let (code, _, err) = run(&story, endpoint, &["plan"]);
    let adopt = format!("wsctl adopt --endpoint-url {endpoint} user_pool");
    assert!(
        code == 14 && err.contains(&adopt) && err.contains("existing = true"),
        "{err}"
    );
    let (code, out, err) = run(&story, endpoint, &["adopt", "user_pool"]);
    assert!(
        code == 14 && err.contains("--yes"),
        "nobody was there to ask: {err}"
    );
    assert!(
        out.contains(&pool)
            && out.contains("next apply deletes it")
            && out.contains("user_pool.clients.theirs"),
        "{out}"
    );
    story.sent();
    let (code, _, err) = run(&story, endpoint, &["adopt", "user_pool", "--yes"]);
    assert_eq!(code, 0, "{err}");
    story.edit(
        "name = \"people\"",
        "name = \"people\"\n\n[user_pool.clients.theirs]\nname = \"theirs\"",
    );
    story.plan_is_empty().await;
    assert_eq!(story.output("user_pool", "id").await, pool);

    let other = story.text.replace("name = \"adopts\"", "name = \"other\"");
    let mut other = Story::in_account(&other, story.account.clone()).await;
    let (code, _, err) = run(&other, endpoint, &["adopt", "user_pool", "--yes"]);
    assert!(
        code == 14 && err.contains("belongs to the wsctl stack `adopts`"),
        "{err}"
    );

    let (code, _, err) = run(&story, endpoint, &["release", "user_pool", "--yes"]);
    assert_eq!(code, 0, "{err}");
    assert!(story.owned().await.is_empty());
    let pools = story
        .aws
        .cognito
        .describe_user_pool()
        .user_pool_id(&pool)
        .send()
        .await
        .unwrap();
    assert!(
        pools
            .user_pool()
            .unwrap()
            .user_pool_tags()
            .is_none_or(|tags| tags.is_empty())
    );
    other.edit("name = \"other\"", "name = \"third\"");
    assert_eq!(
        run(&other, endpoint, &["adopt", "user_pool", "--yes"]).0,
        0,
        "it is free again"
    );
}

#[tokio::test]
async fn a_released_function_keeps_its_role_and_log_group() {
    let (mut story, endpoint) = applied().await;
    let (code, _, err) = run(&story, endpoint, &["release", "functions.users", "--yes"]);
    assert_eq!(code, 0, "{err}");
    story.text = POOL
        .replace("ap-southeast-1", support::REGION)
        .replace("\"adopts\"", "\"workshop\"");
    story.edit("name = \"people\"", "name = \"workshop-user-pool\"");
    story.apply().await;
    let roles = story
        .aws
        .iam
        .list_roles()
        .path_prefix("/wsctl/")
        .send()
        .await
        .unwrap();
    assert_eq!(roles.roles().len(), 1);
    assert_eq!(
        story
            .aws
            .lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .len(),
        1
    );
    assert_eq!(
        story
            .aws
            .logs
            .describe_log_groups()
            .send()
            .await
            .unwrap()
            .log_groups()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_released_function_is_adopted_again_with_its_role_and_log_group() {
    let (story, endpoint) = applied().await;
    let (code, out, err) = run(&story, endpoint, &["release", "functions.users", "--yes"]);
    assert!(code == 0 && out.contains("existing = true"), "{out}{err}");
    let (code, out, err) = run(&story, endpoint, &["adopt", "functions.users", "--yes"]);
    assert_eq!(code, 0, "{err}");
    for address in [
        "functions.users.role (role",
        "functions.users.log_group (log group",
    ] {
        assert!(out.contains(address), "no {address} in {out}");
    }
    story.plan_is_empty().await;
    let flags = ["--yes", "--lift-deletion-protection"];
    let (code, _, err) = run(
        &story,
        endpoint,
        &[&["destroy", "--stack", "workshop"], &flags[..]].concat(),
    );
    assert_eq!(code, 0, "{err}");
    let roles = story
        .aws
        .iam
        .list_roles()
        .path_prefix("/wsctl/")
        .send()
        .await
        .unwrap();
    assert!(roles.roles().is_empty(), "the role went too");
}

#[tokio::test]
async fn a_released_role_is_no_stacks_any_more_and_swept_by_its_name_alone() {
    let (story, endpoint) = applied().await;
    assert_eq!(
        run(&story, endpoint, &["release", "functions.users", "--yes"]).0,
        0
    );
    story
        .aws
        .lambda
        .delete_function()
        .function_name("workshop-lambda-sm-rds")
        .send()
        .await
        .unwrap();
    let flags = ["--yes", "--lift-deletion-protection"];
    let (code, _, err) = run(
        &story,
        endpoint,
        &[&["destroy", "--stack", "workshop"], &flags[..]].concat(),
    );
    assert_eq!(code, 0, "{err}");
    let (code, out, _) = run(&story, endpoint, &["list"]);
    assert!(code == 0 && out.contains("No wsctl stack is here"), "{out}");
    let (_, out, _) = run(&story, endpoint, &["sweep", "--yes", "--older-than", "0s"]);
    assert!(out.contains("wsctl made it, and it was released"), "{out}");
    let role = format!("workshop-lambda-sm-rds-{}", support::REGION);
    let (code, out, err) = run(
        &story,
        endpoint,
        &["sweep", &role, "--yes", "--older-than", "0s"],
    );
    assert!(code == 0 && out.contains("1 of 1 deleted"), "{out}{err}");
}

#[tokio::test]
async fn what_cannot_be_adopted_says_why() {
    let (story, endpoint) = applied().await;
    for (address, why) in [
        ("functions.users.role", "a role cannot be adopted"),
        ("user_pool.clients.spa", "it belongs to another resource"),
        ("user_pool", "the stack owns it already"),
        ("secrets.none", "stack.toml does not declare it"),
    ] {
        let (code, _, err) = run(&story, endpoint, &["adopt", address, "--yes"]);
        assert!(code == 14 && err.contains(why), "{address}: {err}");
    }
    let (code, _, err) = run(&story, endpoint, &["release", "secrets.none", "--yes"]);
    let is_told = err.contains("nothing there can be released") && err.contains("functions.users");
    assert!(code == 10 && is_told, "{err}");
}

const POOL: &str = r#"
[stack]
name = "adopts"
region = "ap-southeast-1"

[user_pool]
name = "people"
"#;
