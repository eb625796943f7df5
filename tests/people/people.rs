//! The pool's people on the sandbox, as they and an administrator deal with it: signing up with a
//! code, lists, groups, passwords, second factors, clients with a secret.

use crate::support::{program::Run, sandbox::Sandbox, totp};
use serde_json::Value;

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";
const NEXT: &str = "Another-horse-2";
/// The sandbox sends nothing: every code is the same.
const CODE: &str = "123456";

const SERVER: &str = r#"
[user_pool.clients.server]
name = "server"
secret = true
auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

# Groups: their names"#;

const ROTATING: &str = r#"
[user_pool.clients.once]
name = "once"
auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
refresh_token_rotation = { enabled = true, retry_grace_period = "0s" }

# Groups: their names"#;

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn sign_up(sandbox: &Sandbox, client: &str) -> Run {
    let name = [
        "--name",
        "Ann",
        "--phone",
        "+15555550100",
        "--client",
        client,
        "--password-stdin",
    ];
    sandbox.answer(
        0,
        &[&["user", "sign-up", ANN], name.as_slice()].concat(),
        &[PASSWORD],
    )
}

#[test]
fn a_person_signs_up_and_confirms_with_the_code() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    let told = sign_up(&sandbox, "spa").out;
    assert!(
        told.starts_with("ann@example.com is signed up; a code was sent to a***"),
        "{told}"
    );
    let confirm = words("user confirm ann@example.com --code-stdin");
    let wrong = sandbox.answer(1, &confirm, &["000000"]).err;
    assert!(
        wrong.contains("CodeMismatchException") && wrong.contains("wsctl user resend"),
        "{wrong}"
    );
    let empty = sandbox.answer(1, &confirm, &[""]).err;
    assert!(empty.contains("the code is empty"), "{empty}");
    let again = sandbox
        .answer(0, &words("user resend ann@example.com --json"), &[])
        .json();
    assert!(
        again["code_sent_to"].as_str().unwrap().starts_with("a***"),
        "{again}"
    );
    sandbox.answer(0, &confirm, &[CODE]);
    let used = sandbox.answer(1, &confirm, &[CODE]).err;
    assert!(used.contains("confirmed already: wsctl token"), "{used}");
    sandbox.answer(
        0,
        &words("token ann@example.com --srp --password-stdin"),
        &[PASSWORD],
    );
    let shown = sandbox
        .answer(0, &words("user show ann@example.com --json"), &[])
        .json();
    assert_eq!(
        (&shown["status"], &shown["enabled"]),
        (&"CONFIRMED".into(), &true.into())
    );
}

#[test]
fn an_administrator_sets_passwords_and_groups_and_deletes() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    sign_up(&sandbox, "spa");
    sandbox.answer(0, &words("user confirm ann@example.com --admin"), &[]);
    let verified = sandbox
        .answer(0, &words("user show ann@example.com --json"), &[])
        .json();
    assert_eq!(verified["attributes"]["email_verified"], "true");
    sandbox.answer(
        0,
        &words("user set-password ann@example.com --password-stdin"),
        &[NEXT],
    );
    let token = words("token ann@example.com --password-stdin");
    sandbox.answer(1, &token, &[PASSWORD]);
    sandbox.answer(0, &token, &[NEXT]);
    let weak = sandbox
        .answer(
            1,
            &words("user set-password ann@example.com --password-stdin"),
            &["short"],
        )
        .err;
    assert!(
        weak.contains("[user_pool.password_policy]") && !weak.contains("short\""),
        "{weak}"
    );

    sandbox.answer(0, &words("user group add ann@example.com admin"), &[]);
    let groups = |code| {
        sandbox
            .answer(code, &words("user show ann@example.com --json"), &[])
            .json()["groups"]
            .clone()
    };
    assert_eq!(groups(0), serde_json::json!(["admin"]));
    sandbox.answer(0, &words("user group remove ann@example.com admin"), &[]);
    assert_eq!(groups(0), Value::Null);
    let missing = sandbox
        .answer(1, &words("user group add ann@example.com teachers"), &[])
        .err;
    assert!(
        missing.contains("[user_pool.groups] in stack.toml"),
        "{missing}"
    );

    let asks = sandbox
        .answer(14, &words("user delete ann@example.com"), &[])
        .err;
    assert!(asks.contains("--yes"), "{asks}");
    sandbox.answer(0, &words("user delete ann@example.com --yes"), &[]);
    let gone = sandbox
        .answer(1, &words("user delete ann@example.com --yes"), &[])
        .err;
    assert!(
        gone.contains("UserNotFoundException") && gone.contains("wsctl user list"),
        "{gone}"
    );
}

#[tokio::test]
async fn a_list_of_more_than_a_page_is_read_to_its_limit() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    let (outputs, many) = (sandbox.outputs(), 130);
    let (aws, pool) = (outputs.aws().await, outputs.get("user_pool_id"));
    for number in 0..many {
        let create = aws.cognito.admin_create_user().user_pool_id(&pool);
        create
            .username(format!("user-{number}@example.com"))
            .send()
            .await
            .unwrap();
    }
    let count = |more: &[&str]| {
        let said = sandbox.answer(0, &[&["user", "list", "--json"], more].concat(), &[]);
        (said.json()["users"].as_array().unwrap().len(), said.err)
    };
    let (first, told) = count(&[]);
    assert_eq!(first, 60);
    assert!(
        told.contains("there are more than 60; --limit 0 lists all"),
        "{told}"
    );
    assert_eq!(count(&["--limit", "0"]), (many, String::new()));
    assert_eq!(count(&["--limit", "130"]), (many, String::new()));
    assert_eq!(count(&["--limit", "61"]).0, 61);
    assert_eq!(count(&["--filter", "email = \"user-7@example.com\""]).0, 1);
    assert_eq!(count(&["--filter", "email ^= \"user-12\""]).0, 11);
    let table = sandbox
        .answer(
            0,
            &["user", "list", "--filter", "email = \"user-7@example.com\""],
            &[],
        )
        .out;
    assert!(
        table.starts_with("USERNAME") && table.contains("FORCE_CHANGE_PASSWORD"),
        "{table}"
    );
}

#[test]
fn a_client_with_a_secret_proves_it_with_everything() {
    let sandbox = Sandbox::new();
    sandbox.edit("\n# Groups: their names", SERVER);
    sandbox.apply();
    sign_up(&sandbox, "server");
    sandbox.answer(
        0,
        &words("user resend ann@example.com --client server"),
        &[],
    );
    sandbox.answer(
        0,
        &words("user confirm ann@example.com --client server --code-stdin"),
        &[CODE],
    );
    for flow in ["", " --srp"] {
        let token = format!("token ann@example.com --client server --save --password-stdin{flow}");
        sandbox.answer(0, &words(&token), &[PASSWORD]);
        sandbox.answer(0, &words("token --refresh --client server"), &[]);
    }
    let ambiguous = sandbox
        .answer(
            1,
            &words("token ann@example.com --password-stdin"),
            &[PASSWORD],
        )
        .err;
    assert!(
        ambiguous.contains("server") && ambiguous.contains("spa"),
        "{ambiguous}"
    );
}

#[test]
fn a_client_that_rotates_takes_each_refresh_token_once_and_its_plan_is_empty() {
    let sandbox = Sandbox::new();
    sandbox.edit("\n# Groups: their names", ROTATING);
    sandbox.apply();
    sandbox.answer(0, &words("plan --detailed-exitcode"), &[]);
    sign_up(&sandbox, "once");
    sandbox.answer(0, &words("user confirm ann@example.com --admin"), &[]);
    sandbox.answer(
        0,
        &words("token ann@example.com --client once --save --password-stdin"),
        &[PASSWORD],
    );
    for _ in 0..2 {
        sandbox.answer(0, &words("token --refresh --client once --save"), &[]);
    }
    let signed_in = words("token ann@example.com --client once --json --password-stdin");
    let first = sandbox.answer(0, &signed_in, &[PASSWORD]).json();
    let first = first["refresh_token"].as_str().unwrap();
    let refresh = words("token --refresh-stdin --client once --json");
    let next = sandbox.answer(0, &refresh, &[first]).json();
    assert!(
        next["refresh_token"].as_str().is_some_and(|it| it != first),
        "another takes its place"
    );
    let used = sandbox.answer(1, &refresh, &[first]).err;
    assert!(used.contains("RefreshTokenReuseException"), "{used}");
    sandbox.edit(
        "enabled = true, retry_grace_period = \"0s\"",
        "enabled = false",
    );
    sandbox.apply();
    sandbox.answer(0, &words("plan --detailed-exitcode"), &[]);
}

#[tokio::test]
async fn an_authenticator_apps_code_is_asked_for_once_it_is_set_up() {
    let sandbox = Sandbox::new();
    sandbox.edit("mode = \"off\"", "mode = \"optional\"\ntotp = true");
    sandbox.apply();
    sign_up(&sandbox, "spa");
    sandbox.answer(0, &words("user confirm ann@example.com --admin"), &[]);
    let access = sandbox
        .answer(
            0,
            &words("token ann@example.com --access --password-stdin"),
            &[PASSWORD],
        )
        .out;
    let aws = sandbox.outputs().aws().await;
    let app = aws
        .cognito
        .associate_software_token()
        .access_token(access.trim())
        .send()
        .await
        .unwrap();
    let secret = app.secret_code().unwrap();
    let verify = aws
        .cognito
        .verify_software_token()
        .access_token(access.trim());
    verify.user_code(totp::code(secret)).send().await.unwrap();
    for flow in ["", " --srp"] {
        let token = format!("token ann@example.com --password-stdin{flow}");
        sandbox.answer(0, &words(&token), &[PASSWORD, &totp::code(secret)]);
        let wrong = sandbox
            .answer(1, &words(&token), &[PASSWORD, "no-code"])
            .err;
        assert!(
            wrong.contains("CodeMismatchException") && wrong.contains("sign in again"),
            "{wrong}"
        );
        assert!(!wrong.contains("no-code"), "{wrong}");
    }
}
