//! A user whom the file names, in a sandbox: signs in with the password of the environment, and is in the
//! groups.

use crate::support::{
    program::Run,
    sandbox::Sandbox,
    user::{self, PASSWORD},
};
use wsctl::identity::Token;

const STACK: &str = r#"
[stack]
name = "named"
region = "eu-west-1"

[user_pool]
name = "named"
sign_in = ["email"]
required_attributes = ["name"]

[user_pool.groups.admins]

[user_pool.users."admin@example.com"]
attributes = { name = "Ann" }
groups = ["admins"]
password = "${env.ADMIN_PASSWORD}"

[user_pool.clients.web]
name = "web"
auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
"#;

fn run(sandbox: &Sandbox, arguments: &[&str], password: &str) -> Run {
    let mut command = sandbox.command(&[arguments, &["--sandbox"]].concat());
    Run::from(command.env("ADMIN_PASSWORD", password).output().unwrap())
}

#[tokio::test]
async fn an_administrator_is_there_from_the_start_and_the_password_is_nowhere() {
    let sandbox = Sandbox::of(STACK, &[]);
    // Too short for the pool: the user is made, and the next apply goes on.
    let said = run(&sandbox, &["apply", "--yes"], "short");
    assert_eq!(said.code, 15, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("user_pool.users.\"admin@example.com\""),
        "{}",
        said.err
    );
    let said = run(&sandbox, &["apply", "--yes", "-v"], PASSWORD);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let plan = run(
        &sandbox,
        &["plan", "--detailed-exitcode", "--json"],
        PASSWORD,
    );
    assert_eq!(plan.code, 0, "{}", plan.out);
    for text in [&said.out, &said.err, &plan.out] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
    let outputs = sandbox.outputs_with("ADMIN_PASSWORD", PASSWORD);
    let (pool, client) = (outputs.get("user_pool_id"), outputs.get("client_id_web"));
    let aws = outputs.aws().await;
    let token = user::sign_in(&aws, &pool, &client, "admin@example.com").await;
    let claims = Token::parse(&token).unwrap().claims;
    assert_eq!(claims["cognito:groups"], serde_json::json!(["admins"]));
    assert_eq!(
        (&claims["email_verified"], &claims["name"]),
        (&true.into(), &"Ann".into())
    );
    // A pool with somebody in it goes only where that is said.
    let refused = run(&sandbox, &["destroy", "--yes"], PASSWORD);
    assert_eq!(refused.code, 14, "{}", refused.out);
    let said = run(
        &sandbox,
        &["destroy", "--yes", "--delete-users", "named"],
        PASSWORD,
    );
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}
