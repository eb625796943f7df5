//! examples/migration.toml in a sandbox: the people of one pool come over to another one with their passwords,
//! attributes and groups.

use crate::support::{
    sandbox::Sandbox,
    story,
    user::{PASSWORD, attribute},
};
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{AuthFlowType, MessageActionType},
};
use serde_json::json;
use wsctl::identity::Token;

const NEW: &str = include_str!("../../examples/migration.toml");
const OLD: &str = r#"
[stack]
name = "old"
region = "ap-southeast-1"

[user_pool]
name = "old"
sign_in = ["username"]

[user_pool.custom_attributes.team]
type = "string"

[user_pool.groups.organisers]
[user_pool.groups.cooks]

[user_pool.clients.leaving]
name = "leaving"
auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
"#;

/// Both pools, by whoever signs in.
struct Pools {
    cognito: Client,
    old: String,
    new: String,
    app: String,
}

impl Pools {
    /// A user of the old pool, known there by the address.
    async fn grown_up(&self, email: &str, is_verified: bool, groups: &[&str]) {
        let verified = is_verified.to_string();
        let request = self
            .cognito
            .admin_create_user()
            .user_pool_id(&self.old)
            .username(email)
            .message_action(MessageActionType::Suppress);
        let request = request
            .user_attributes(attribute("email", email))
            .user_attributes(attribute("email_verified", &verified))
            .user_attributes(attribute("name", "Ann"))
            .user_attributes(attribute("custom:team", "a"));
        request.send().await.unwrap();
        let request = self
            .cognito
            .admin_set_user_password()
            .user_pool_id(&self.old);
        let request = request.username(email).password(PASSWORD).permanent(true);
        request.send().await.unwrap();
        for group in groups {
            let request = self
                .cognito
                .admin_add_user_to_group()
                .user_pool_id(&self.old);
            request
                .username(email)
                .group_name(*group)
                .send()
                .await
                .unwrap();
        }
    }

    /// The ID token of whoever gets in.
    async fn sign_in(&self, email: &str, password: &str) -> Option<Token> {
        let request = self
            .cognito
            .initiate_auth()
            .client_id(&self.app)
            .auth_flow(AuthFlowType::UserPasswordAuth);
        let request = request
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", password);
        let result = request.send().await.ok()?.authentication_result?;
        Some(Token::parse(result.id_token().unwrap()).unwrap())
    }

    async fn groups(&self, email: &str) -> Vec<String> {
        let request = self
            .cognito
            .admin_list_groups_for_user()
            .user_pool_id(&self.new);
        let answer = request.username(email).send().await.unwrap();
        let names = answer.groups().iter().filter_map(|it| it.group_name());
        names.map(ToOwned::to_owned).collect()
    }

    async fn is_enabled_in_old(&self, email: &str) -> bool {
        let request = self.cognito.admin_get_user().user_pool_id(&self.old);
        request.username(email).send().await.unwrap().enabled
    }
}

#[tokio::test]
async fn people_come_over_with_the_password_that_they_have() {
    let program = story::built("migration");
    let text = NEW.replace(
        "crate = \"../migration\"",
        &format!("zip = {:?}", program.path),
    );
    let sandbox = Sandbox::of(&text, &[("old.toml", OLD)]);
    let of_old = |line: &str| {
        let words: Vec<_> = line
            .split(' ')
            .chain(["--file", "old.toml", "--sandbox"])
            .collect();
        let said = sandbox.run(&words);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        said
    };
    of_old("apply --yes");
    let old = of_old("outputs --json").json();
    let old_id = old["user_pool_id"].as_str().unwrap().to_owned();
    sandbox.edit("old_pool = \"\"", &format!("old_pool = {old_id:?}"));
    sandbox.edit(
        "old_client = \"\"",
        &format!("old_client = {}", old["client_id_leaving"]),
    );
    of_old("release user_pool --yes");
    sandbox.apply();
    sandbox.plan_is_empty();
    let outputs = sandbox.outputs();
    let pools = Pools {
        cognito: outputs.aws().await.cognito.clone(),
        old: old_id.clone(),
        new: outputs.get("user_pool_id"),
        app: outputs.get("client_id_app"),
    };
    let (ann, bob, cleo) = ("ann@example.com", "bob@example.com", "cleo@example.com");
    pools.grown_up(ann, true, &["organisers", "cooks"]).await;
    pools.grown_up(bob, false, &["organisers"]).await;
    pools.grown_up(cleo, true, &["organisers"]).await;

    // Whoever does not know the password does not get in, and nobody has come for that.
    assert!(pools.sign_in(ann, "Another-horse-2").await.is_none());
    let migrate = |options: &[&str]| {
        let base = ["user", "migrate", "--from", old_id.as_str()];
        [base.as_slice(), options]
            .concat()
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<Vec<_>>()
    };
    let run = |code: i32, options: &[&str]| {
        let words = migrate(options);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        sandbox.answer(code, &words, &[])
    };
    let left = |come: u64, left: usize| {
        let told = run(0, &["--json"]).json();
        assert_eq!(told["come"], come, "{told}");
        assert_eq!(told["left"].as_array().map(Vec::len), Some(left), "{told}");
    };
    left(0, 3);

    let token = pools.sign_in(ann, PASSWORD).await.expect("Ann comes over");
    assert_eq!(token.claims["email"], ann);
    assert_eq!(token.claims["name"], "Ann");
    // The new pool has no cooks, and no teams.
    assert_eq!(pools.groups(ann).await, ["organisers"]);
    assert!(!token.claims.contains_key("custom:team"));
    assert!(!pools.is_enabled_in_old(ann).await);
    let token = pools.sign_in(ann, PASSWORD).await.expect("Ann stays");
    assert_eq!(token.claims["cognito:groups"], json!(["organisers"]));

    // Groups follow a verified address only.
    assert!(pools.sign_in(bob, PASSWORD).await.is_some());
    assert_eq!(pools.groups(bob).await, Vec::<String>::new());
    assert!(pools.is_enabled_in_old(bob).await);
    left(2, 1);

    let refused = run(1, &["--delete-old", "--yes"]).err;
    assert!(
        refused.contains("1 users are in") && refused.contains("--rest"),
        "{refused}"
    );
    run(0, &["--rest", "--yes"]);
    assert_eq!(pools.groups(cleo).await, ["organisers"]);
    left(3, 0);
    run(0, &["--delete-old", "--yes"]);
    let gone = pools
        .cognito
        .describe_user_pool()
        .user_pool_id(&old_id)
        .send()
        .await;
    assert!(gone.is_err());
    // Who has come is there for good, also without the old pool.
    assert!(pools.sign_in(ann, PASSWORD).await.is_some());
    sandbox.plan_is_empty();
    assert_eq!(
        sandbox
            .run(&[
                "destroy",
                "--sandbox",
                "--yes",
                "--delete-users",
                "migration"
            ])
            .code,
        0
    );
}
