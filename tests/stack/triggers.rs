//! Triggers in a sandbox: each is called when AWS calls it, with leave only, and what it answers counts.

use crate::support::{
    http,
    sandbox::Sandbox,
    story::handler,
    user::{PASSWORD, attribute},
};
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{AuthFlowType, ChallengeNameType},
};
use serde_json::Value;
use std::collections::HashMap;
use wsctl::identity::Token;

const EXAMPLE: &str = include_str!("../../examples/triggers.toml");
const HOOKS: &str = include_str!("triggers/hooks.mjs");
const STACK: &str = r#"
[stack]
name = "hooks"
region = "eu-west-1"

[user_pool]
name = "hooks"
sign_in = ["email"]
self_registration = true
auto_verify = ["email"]

[user_pool.triggers]
pre_sign_up = "hooks"
post_confirmation = "hooks"
pre_authentication = "hooks"
post_authentication = "hooks"
pre_token_generation = "hooks"
pre_token_generation_version = "V2_0"
custom_message = "hooks"
define_auth_challenge = "hooks"
create_auth_challenge = "hooks"
verify_auth_challenge_response = "hooks"
user_migration = "hooks"

[user_pool.clients.app]
name = "app"
auth_flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
oauth_grants = ["code"]
oauth_scopes = ["openid"]
callback_urls = ["http://localhost:3000/callback"]

[user_pool.domain]
prefix = "hooks-login"

[functions.hooks]
name = "hooks"
runtime = "nodejs22.x"
file = "hooks.mjs"
handler = "hooks.handler"
environment = { POOL = "${user_pool.id}" }
"#;

fn stack(text: &str) -> Sandbox {
    let sandbox = Sandbox::of(text, &[("hooks.mjs", HOOKS)]);
    sandbox.apply();
    sandbox.plan_is_empty();
    sandbox
}

/// A pool that people sign up to, by its client.
struct Pool {
    cognito: Client,
    client: String,
}

type Answer = Result<HashMap<String, String>, (String, String)>;

macro_rules! said {
    ($answer:expr) => {
        $answer.map_err(|error| {
            let error = error.into_service_error();
            let meta = error.meta();
            let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
            (text(meta.code()), text(meta.message()))
        })
    };
}

impl Pool {
    async fn of(sandbox: &Sandbox) -> Self {
        let outputs = sandbox.outputs();
        let cognito = outputs.aws().await.cognito.clone();
        let client = outputs.get("client_id_app");
        Self { cognito, client }
    }

    async fn sign_up(&self, email: &str, invited: &str) -> Result<bool, (String, String)> {
        let request = self
            .cognito
            .sign_up()
            .client_id(&self.client)
            .username(email)
            .password(PASSWORD);
        let request = request
            .user_attributes(attribute("email", email))
            .user_attributes(attribute("name", "Ann"));
        let request = request.validation_data(attribute("invited", invited));
        said!(request.send().await).map(|it| it.user_confirmed())
    }

    async fn confirm(&self, email: &str) -> Result<(), (String, String)> {
        let request = self
            .cognito
            .confirm_sign_up()
            .client_id(&self.client)
            .username(email);
        said!(request.confirmation_code("123456").send().await).map(|_| ())
    }

    /// The claims of both tokens.
    async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let request = self
            .cognito
            .initiate_auth()
            .client_id(&self.client)
            .auth_flow(AuthFlowType::UserPasswordAuth);
        let request = request
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", password);
        let answer = said!(request.send().await)?;
        let result = answer.authentication_result().unwrap();
        Ok(HashMap::from([
            ("id".to_owned(), result.id_token().unwrap().to_owned()),
            (
                "access".to_owned(),
                result.access_token().unwrap().to_owned(),
            ),
        ]))
    }
}

fn claims(tokens: &HashMap<String, String>, of: &str) -> Value {
    Value::Object(Token::parse(&tokens[of]).unwrap().claims)
}

/// What the function was asked since the last time, in order.
struct Asked(usize);

impl Asked {
    fn now(&mut self, sandbox: &Sandbox) -> Vec<String> {
        let said = sandbox.answer(0, &["logs", "hooks"], &[]).out;
        let all: Vec<_> = said
            .lines()
            .filter_map(|line| {
                Some(
                    line.split_once("asked ")?
                        .1
                        .split_once(" of ")?
                        .0
                        .to_owned(),
                )
            })
            .collect();
        let new = all[self.0..].to_vec();
        self.0 = all.len();
        new
    }
}

#[tokio::test]
async fn each_is_called_when_its_time_comes_and_can_refuse() {
    let sandbox = stack(STACK);
    let (pool, mut asked) = (Pool::of(&sandbox).await, Asked(0));
    let refused = |trigger: &str| {
        (
            "UserLambdaValidationException".to_owned(),
            format!("{trigger} failed with error not you."),
        )
    };

    assert_eq!(pool.sign_up("ann@example.com", "no").await, Ok(false));
    assert_eq!(
        asked.now(&sandbox),
        ["PreSignUp_SignUp", "CustomMessage_SignUp"]
    );
    assert_eq!(pool.confirm("ann@example.com").await, Ok(()));
    assert_eq!(asked.now(&sandbox), ["PostConfirmation_ConfirmSignUp"]);
    let tokens = pool.sign_in("ann@example.com", PASSWORD).await.unwrap();
    assert_eq!(
        asked.now(&sandbox),
        [
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            "TokenGeneration_Authentication"
        ]
    );
    let (id, access) = (claims(&tokens, "id"), claims(&tokens, "access"));
    assert_eq!((&id["plan"], &id["name"]), (&"gold".into(), &Value::Null));
    assert_eq!(
        (&access["plan"], &access["cognito:groups"][0]),
        (&Value::Null, &"readers".into())
    );
    assert!(
        access["scope"].as_str().unwrap().contains("notes/read"),
        "{access}"
    );

    assert_eq!(pool.sign_up("bob@example.com", "yes").await, Ok(true));
    assert_eq!(
        asked.now(&sandbox),
        ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]
    );
    assert_eq!(
        pool.sign_up("not-presignup@example.com", "no").await,
        Err(refused("PreSignUp"))
    );
    // Whom the last refuses is confirmed all the same.
    pool.sign_up("not-postconfirmation@example.com", "no")
        .await
        .unwrap();
    assert_eq!(
        pool.confirm("not-postconfirmation@example.com").await,
        Err(refused("PostConfirmation"))
    );
    assert!(
        pool.sign_in("not-postconfirmation@example.com", PASSWORD)
            .await
            .is_ok()
    );
    for trigger in ["PreAuthentication", "PostAuthentication", "TokenGeneration"] {
        let email = format!("not-{}@example.com", trigger.to_lowercase());
        pool.sign_up(&email, "yes").await.unwrap();
        let name = trigger.replace("TokenGeneration", "PreTokenGeneration");
        assert_eq!(pool.sign_in(&email, PASSWORD).await, Err(refused(&name)));
    }
    sandbox.run(&["destroy", "--sandbox", "--yes"]);
}

#[tokio::test]
async fn people_come_over_with_their_passwords_and_answer_questions_of_ones_own() {
    let sandbox = stack(STACK);
    let (pool, mut asked) = (Pool::of(&sandbox).await, Asked(0));
    let wrong = pool
        .sign_in("old@example.com", "New-horse-1")
        .await
        .unwrap_err();
    assert!(
        wrong.0 == "UserNotFoundException" || wrong.0 == "NotAuthorizedException",
        "{wrong:?}"
    );
    assert!(pool.sign_in("old@example.com", "Old-horse-1").await.is_ok());
    asked.now(&sandbox);
    // Now the password is the pool's.
    assert!(pool.sign_in("old@example.com", "Old-horse-1").await.is_ok());
    assert!(
        !asked
            .now(&sandbox)
            .iter()
            .any(|it| it.starts_with("UserMigration"))
    );
    assert!(
        pool.sign_in("old@example.com", "New-horse-1")
            .await
            .is_err()
    );

    let start = pool
        .cognito
        .initiate_auth()
        .client_id(&pool.client)
        .auth_flow(AuthFlowType::CustomAuth);
    let start = start
        .auth_parameters("USERNAME", "old@example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(
        start.challenge_parameters().unwrap()["question"],
        "six by seven"
    );
    let respond = pool
        .cognito
        .respond_to_auth_challenge()
        .client_id(&pool.client);
    let respond = respond
        .challenge_name(ChallengeNameType::CustomChallenge)
        .session(start.session().unwrap());
    let respond = respond
        .challenge_responses("USERNAME", "old@example.com")
        .challenge_responses("ANSWER", "42");
    assert!(
        respond
            .send()
            .await
            .unwrap()
            .authentication_result()
            .is_some()
    );
    sandbox.run(&["destroy", "--sandbox", "--yes"]);
}

#[tokio::test]
async fn the_login_page_asks_them_too_and_says_why_it_turns_somebody_away() {
    let sandbox = stack(STACK);
    let (outputs, mut asked) = (sandbox.outputs(), Asked(0));
    let (issuer, client) = (outputs.get("issuer"), outputs.get("client_id_app"));
    let host = issuer.rsplit_once('/').unwrap().0;
    let log_in = |email: &str| {
        let form = format!(
            "client_id={client}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&scope=openid\
             &response_type=code&username={email}&password=Old-horse-1"
        );
        http::call("POST", &format!("{host}/login"), None, &form)
    };
    assert_eq!(log_in("old@example.com").0, 302);
    assert_eq!(
        asked.now(&sandbox),
        [
            "UserMigration_Authentication",
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication"
        ]
    );
    let (status, page) = log_in("not-preauthentication@example.com");
    assert_eq!(status, 200);
    assert!(
        page.contains("PreAuthentication failed with error not you."),
        "{page}"
    );
    sandbox.run(&["destroy", "--sandbox", "--yes"]);
}

#[tokio::test]
async fn without_leave_nobody_gets_in() {
    let sandbox = stack(STACK);
    let pool = Pool::of(&sandbox).await;
    let lambda = sandbox.outputs().aws().await.lambda.clone();
    let request = lambda
        .remove_permission()
        .function_name("hooks")
        .statement_id("wsctl-user-pool");
    request.send().await.unwrap();
    let denied = (
        "UnexpectedLambdaException".to_owned(),
        "PreSignUp invocation failed due to error AccessDeniedException.".to_owned(),
    );
    assert_eq!(pool.sign_up("ann@example.com", "yes").await, Err(denied));
    sandbox.apply();
    assert_eq!(pool.sign_up("ann@example.com", "yes").await, Ok(true));
}

/// examples/triggers.toml with the sandbox's database.
#[tokio::test]
async fn who_confirms_has_a_row_before_the_first_sign_in() {
    let text = EXAMPLE.replace(
        "crate = \"../lambda\"",
        &format!("zip = {:?}", handler().path),
    );
    let sandbox = stack(&text);
    let pool = Pool::of(&sandbox).await;
    pool.sign_up("ann@example.com", "no").await.unwrap();
    pool.confirm("ann@example.com").await.unwrap();
    let tokens = pool.sign_in("ann@example.com", PASSWORD).await.unwrap();
    let url = format!("{}/users", sandbox.outputs().get("api_url"));
    let (status, body) = http::call("GET", &url, Some(&tokens["id"]), "");
    assert_eq!(status, 200, "{body}");
    let rows: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(rows["data"][0]["email"], "ann@example.com", "{body}");
    assert_eq!(rows["data"].as_array().map(Vec::len), Some(1));
    sandbox.run(&["destroy", "--sandbox", "--yes"]);
}
