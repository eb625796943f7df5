//! Users and tokens of a pool that wsctl made: signing in, verifying, and going again.

use crate::support::{self, story::Story, wire::Verdict};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use wsctl::{
    aws::Reads,
    error::Result,
    identity::{
        Attributes, ChallengeResponder, Endpoints, EndpointsQuery, Expected, Flow, Http, NewUser,
        NonInteractive, Part, Request, SecretString, SignInTarget, Token, Tokens, Use, Users, What,
        authorizer, check, fetch_keys, refresh, sign_in, sign_up,
    },
};

/// A pool without an API, for a stack of its own.
const POOL: &str = r#"
[stack]
name = "STACK"
region = "eu-west-1"

[user_pool]
name = "STACK"
sign_in = ["email"]
required_attributes = ["name", "phone_number"]

[user_pool.clients.spa]
name = "spa"
auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[user_pool.groups.admin]
"#;
const PASSWORD: &str = "Correct-horse-1";
const ANN: &str = "ann@example.com";

async fn place(story: &Story, parts: &[Part]) -> Endpoints {
    let stack = story.stack();
    let reads = Reads::new(Arc::clone(&story.aws), stack.name());
    let look = EndpointsQuery {
        reads: &reads,
        stack: &stack,
        endpoint: Some(support::ministack().await),
    };
    look.at(parts).await.unwrap()
}

async fn http() -> Http {
    Http::to(Some(support::ministack().await))
}

fn attributes() -> Attributes {
    let all = [
        ("email", ANN),
        ("name", "Ann"),
        ("phone_number", "+15555550100"),
    ];
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A stack with a pool, a door to it, and Ann in it.
struct Scene {
    story: Story,
    place: Endpoints,
    target: SignInTarget,
}

impl Scene {
    /// In the account that takes requests without a signature, such as a sign-in with SRP.
    async fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("people-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let story = Story::that_is_called(&POOL.replace("STACK", &name)).await;
        story.apply().await;
        Self::within(story).await
    }

    async fn within(story: Story) -> Self {
        let reads = [Part::Login, Part::Api];
        let place = place(&story, &reads).await;
        let pool = place.pool().unwrap();
        let client_id = pool.client(None).unwrap().id.clone();
        let target = SignInTarget {
            pool_id: pool.id.clone(),
            client_id,
            client_secret: None,
        };
        Self {
            story,
            place,
            target,
        }
    }

    fn users(&self) -> Users<'_> {
        Users {
            aws: &self.story.aws,
            pool_id: &self.target.pool_id,
        }
    }

    async fn make_ann(&self) {
        let new = NewUser {
            username: ANN.into(),
            attributes: attributes(),
            temporary_password: Some(SecretString::new("Temporary-1")),
            invites: false,
        };
        self.users().create(&new).await.unwrap();
    }

    async fn ann_with_password(&self) {
        self.make_ann().await;
        self.users()
            .set_password(ANN, &SecretString::new(PASSWORD), true)
            .await
            .unwrap();
    }

    async fn sign_in(
        &self,
        flow: Flow,
        password: &str,
        answers: &mut dyn ChallengeResponder,
    ) -> Result<Tokens> {
        sign_in(
            &self.story.aws,
            &self.target,
            flow,
            ANN,
            &SecretString::new(password),
            answers,
        )
        .await
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn a_password_and_srp_both_give_tokens_that_verify_against_the_pools_keys() {
    let scene = Scene::new().await;
    scene.ann_with_password().await;
    let pool = scene.place.pool().unwrap();
    let keys = fetch_keys(&http().await, &pool.keys_url).await.unwrap();
    for flow in [Flow::AdminPassword, Flow::Srp] {
        let tokens = scene
            .sign_in(flow, PASSWORD, &mut NonInteractive)
            .await
            .unwrap();
        for (text, token_use) in [(&tokens.id, Use::Id), (&tokens.access, Use::Access)] {
            let token = Token::parse(text.expose()).unwrap();
            let expected = Expected {
                issuer: Some(pool.issuer.clone()),
                clients: vec![scene.target.client_id.clone()],
                token_use: Some(token_use),
            };
            let checks = check(&token, &keys, &expected, now());
            assert!(
                checks.iter().all(|it| it.passed),
                "{flow:?} {token_use:?}: {checks:#?}"
            );
            let late = check(&token, &keys, &expected, now() + 100_000);
            let failed: Vec<_> = late
                .iter()
                .filter(|it| !it.passed)
                .map(|it| it.what)
                .collect();
            assert_eq!(failed, [What::Expiry]);
        }
        let fresh = refresh(&scene.story.aws, &scene.target, &tokens.refresh.unwrap())
            .await
            .unwrap();
        assert_ne!(fresh.id, tokens.id);
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_with_what_to_do_and_never_shown() {
    let scene = Scene::new().await;
    scene.ann_with_password().await;
    for flow in [Flow::AdminPassword, Flow::Srp] {
        let error = scene
            .sign_in(flow, "Wrong-horse-1", &mut NonInteractive)
            .await
            .unwrap_err();
        assert!(error.has_code("NotAuthorizedException"), "{error}");
        assert!(
            error.hint.as_ref().unwrap().contains("set-password"),
            "{error:?}"
        );
        assert!(!format!("{error:?}").contains("Wrong-horse-1"), "{error:?}");
    }
}

struct Ready(&'static str);

impl ChallengeResponder for Ready {
    fn new_password(&mut self, _: &[String]) -> Result<(SecretString, BTreeMap<String, String>)> {
        Ok((SecretString::new(self.0), BTreeMap::new()))
    }

    fn code(&mut self, from: &str) -> Result<SecretString> {
        panic!("nobody asked for a code from {from}")
    }
}

#[tokio::test]
async fn a_temporary_password_is_replaced_at_the_first_sign_in() {
    for flow in [Flow::AdminPassword, Flow::Srp] {
        let scene = Scene::new().await;
        scene.make_ann().await;
        let error = scene
            .sign_in(flow, "Temporary-1", &mut NonInteractive)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("new password"), "{error}");
        scene
            .sign_in(flow, "Temporary-1", &mut Ready(PASSWORD))
            .await
            .unwrap();
        scene
            .sign_in(flow, PASSWORD, &mut NonInteractive)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_user_comes_is_confirmed_joins_a_group_and_goes() {
    let scene = Scene::new().await;
    let users = scene.users();
    sign_up(
        &scene.story.aws,
        &scene.target,
        ANN,
        &SecretString::new(PASSWORD),
        &attributes(),
    )
    .await
    .unwrap();
    assert_eq!(users.required(ANN).await.unwrap().status, "UNCONFIRMED");
    let error = scene
        .sign_in(Flow::Srp, PASSWORD, &mut NonInteractive)
        .await
        .unwrap_err();
    assert!(
        error.hint.as_ref().unwrap().contains("wsctl user confirm"),
        "{error:?}"
    );
    users.confirm(ANN).await.unwrap();
    users.confirm(ANN).await.unwrap();
    let ann = users.required(ANN).await.unwrap();
    assert_eq!(
        (
            ann.status.as_str(),
            ann.attributes["email_verified"].as_str()
        ),
        ("CONFIRMED", "true")
    );
    users.add_to_group(ANN, "admin").await.unwrap();
    assert_eq!(users.groups(ANN).await.unwrap(), ["admin"]);
    let tokens = scene
        .sign_in(Flow::Srp, PASSWORD, &mut NonInteractive)
        .await
        .unwrap();
    let token = Token::parse(tokens.id.expose()).unwrap();
    assert_eq!(token.claims["cognito:groups"], serde_json::json!(["admin"]));
    users.remove_from_group(ANN, "admin").await.unwrap();
    assert!(users.groups(ANN).await.unwrap().is_empty());
    assert!(users.delete(ANN).await.unwrap());
    assert!(!users.delete(ANN).await.unwrap(), "it is gone already");
    assert_eq!(users.get(ANN).await.unwrap(), None);
}

#[tokio::test]
async fn the_api_found_from_the_file_lets_in_a_found_users_token_only() {
    let story = Story::workshop_that_is_called().await;
    story.apply().await;
    let scene = Scene::within(story).await;
    scene.ann_with_password().await;
    let tokens = scene
        .sign_in(Flow::AdminPassword, PASSWORD, &mut NonInteractive)
        .await
        .unwrap();
    let (api, url) = scene
        .place
        .api(&wsctl::value::Address::new(["api"]))
        .unwrap();
    assert_eq!(api.authorizers.keys().collect::<Vec<_>>(), ["cognito"]);
    let (http, url) = (http().await, format!("{url}/users"));
    let refused = http.send(Request::get(&url)).await.unwrap();
    assert_eq!(
        (refused.status, refused.text().trim()),
        (401, r#"{"message":"Unauthorized"}"#)
    );
    let answer = http
        .send(Request::get(&url).token("Authorization", &tokens.id))
        .await
        .unwrap();
    assert_eq!(
        answer.status,
        503,
        "let in, but there is no database: {}",
        answer.text()
    );
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/json")
    );

    let (story, authorizer) = (&scene.story, &api.authorizers["cognito"]);
    let test = || authorizer::test(&story.aws, &api.id, authorizer, "Authorization", &tokens.id);
    assert!(test().await.unwrap().unwrap().lets_in());
    story
        .wire
        .on(|asked| match asked.operation.contains("/authorizers/") {
            true => Verdict::refusal(404, "NotFoundException"),
            false => Verdict::Pass,
        });
    assert!(
        test().await.unwrap().is_none(),
        "an emulator that lacks the operation is no refusal"
    );
}

#[tokio::test]
async fn what_is_not_there_yet_is_said() {
    let story = Story::workshop().await;
    let place = place(&story, &[Part::Login, Part::Api]).await;
    assert!(
        place
            .pool()
            .unwrap_err()
            .to_string()
            .contains("no user pool of this stack yet")
    );
    assert_eq!(
        place
            .api(&wsctl::value::Address::new(["api"]))
            .unwrap_err()
            .hint
            .as_deref(),
        Some("run wsctl apply first")
    );
}
