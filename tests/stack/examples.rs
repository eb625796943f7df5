//! Every stack file that comes with wsctl, through its whole life on every emulator.

mod blocks;

use crate::support::{
    self,
    deviations::{runs_functions, tells_undeclared},
    http,
    place::{Emulator, Place},
    story::{Story, handler, told},
};
use aws_smithy_types::Blob;
use serde_json::{Value, json};
use wsctl::{
    cli::ImportArgs,
    commands::import::import,
    identity::Token,
    spec::{Produces, function::Function, user_pool::UserPool},
};

async fn lives_its_life(text: &str, emulator: Emulator) {
    let mut story = Story::at(Place::new(emulator).await, text);
    if runs_functions(emulator) {
        story.use_zip(&handler().path);
    }
    let made = story.apply().await.results.len();
    assert_eq!(story.owned().await.len(), made);
    story.plan_is_empty().await;
    assert_eq!(story.plan().await.notes, []);
    if tells_undeclared(emulator, UserPool::NAME) {
        comes_back(&story).await;
    }
    if runs_functions(emulator) {
        functions_start(&story).await;
    }
    story.writes();
    assert!(story.apply().await.results.is_empty());
    assert_eq!(story.writes(), Vec::<String>::new());
    story.destroy().await;
    let left = story.owned().await;
    assert!(
        left.is_empty(),
        "{:?}",
        left.iter()
            .map(|it| it.address.to_string())
            .collect::<Vec<_>>()
    );
    assert!(story.try_destroy().await.results.is_empty());
    assert!(!story.writes().is_empty(), "the wire was blind");
}

/// Written down from what is there, it plans empty again.
async fn comes_back(story: &Story) {
    let args = ImportArgs {
        environment: true,
        ..ImportArgs::default()
    };
    let imported = import(&story.aws, &args).await.unwrap();
    let plan = imported.plan.unwrap();
    assert!(plan.is_empty(), "{:#?}\n{}", told(&plan), imported.text);
}

/// Each function takes a request, whatever it says to it.
async fn functions_start(story: &Story) {
    let owned = story.owned().await;
    for function in owned.iter().filter(|it| it.kind == Function::NAME) {
        let name = function.outputs["name"].as_str().unwrap();
        let event = Blob::new(event().to_string());
        let answer = story
            .aws
            .lambda
            .invoke()
            .function_name(name)
            .payload(event)
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.function_error(),
            None,
            "{name}: {:?}",
            answer.payload()
        );
    }
}

/// What API Gateway sends for `GET /`.
fn event() -> serde_json::Value {
    json!({
        "resource": "/",
        "path": "/",
        "httpMethod": "GET",
        "headers": {},
        "multiValueHeaders": {},
        "isBase64Encoded": false,
        "requestContext": {
            "httpMethod": "GET", "path": "/", "resourcePath": "/", "stage": "dev", "identity": {},
            "accountId": "123456789012", "apiId": "api", "requestId": "id", "resourceId": "id",
        },
    })
}

/// The data path of examples/machine-to-machine.toml: no user, no browser.
#[tokio::test]
async fn a_program_gets_in_with_its_own_token_where_its_scope_says_so() {
    let text = include_str!("../../examples/machine-to-machine.toml");
    let _alone = support::alone_in_unsigned().await;
    let story = Story::that_is_called(text).await;
    story.apply().await;
    let pool = story.output("user_pool", "id").await;
    let client = story.output("user_pool.clients.nightly", "id").await;
    let request = story.aws.cognito.describe_user_pool_client();
    let answer = request.user_pool_id(pool).client_id(&client).send().await;
    let secret = answer.unwrap().user_pool_client.unwrap().client_secret;
    let secret = secret.expect("the client was made with one");
    let secret = urlencoding::encode(&secret).into_owned();
    let endpoint = support::ministack().await.to_owned();
    let ask = |scope: &str| {
        let scope = urlencoding::encode(scope);
        let form = format!(
            "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={scope}"
        );
        let (status, body) = http::call("POST", &format!("{endpoint}/oauth2/token"), None, &form);
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (read, write) = (
        "https://api.example.com/notes.read",
        "https://api.example.com/notes.write",
    );
    let (status, said) = ask(read);
    assert_eq!(status, 200, "{said}");
    let token = said["access_token"].as_str().unwrap().to_owned();
    let claims = Token::parse(&token).unwrap().claims;
    assert_eq!(
        (&claims["scope"], &claims["token_use"]),
        (&json!(read), &json!("access"))
    );
    let (status, said) = ask(write);
    assert_eq!(status, 400, "the client has not this scope: {said}");

    let api = story.output("api", "id").await;
    let url = format!("{endpoint}/restapis/{api}/dev/_user_request_/notes");
    let call = |method: &str, token: Option<&str>| http::call(method, &url, token, "").0;
    assert_eq!(call("GET", None), 401, "without a token");
    assert_eq!(call("POST", Some(&token)), 401, "without the scope");
    let status = call("GET", Some(&token));
    assert!(![401, 403, 500, 502].contains(&status), "with it: {status}");
    story.destroy().await;
}

/// moto has no roles of identity pools.
mod an_identity_pool_is_made_kept_and_destroyed {
    use super::{Emulator, lives_its_life};

    const TEXT: &str = include_str!("../../examples/identity-pool.toml");

    #[tokio::test]
    async fn on_ministack() {
        Box::pin(lives_its_life(TEXT, Emulator::MiniStack)).await;
    }

    #[tokio::test]
    async fn in_memory() {
        Box::pin(lives_its_life(TEXT, Emulator::Memory)).await;
    }
}

macro_rules! on_each {
    ($($name:ident: $file:literal,)*) => {$(
        mod $name {
            use super::{Emulator, lives_its_life};

            #[tokio::test]
            async fn on_ministack() {
                Box::pin(lives_its_life(include_str!($file), Emulator::MiniStack)).await;
            }

            #[tokio::test]
            async fn in_memory() {
                Box::pin(lives_its_life(include_str!($file), Emulator::Memory)).await;
            }

            #[tokio::test]
            async fn on_moto() {
                Box::pin(lives_its_life(include_str!($file), Emulator::Moto)).await;
            }
        }
    )*};
}

on_each! {
    the_workshops_stack_is_made_kept_and_destroyed: "../../stack.toml",
    a_pool_alone_is_made_kept_and_destroyed: "../../examples/pool-only.toml",
    social_login_is_made_kept_and_destroyed: "../../examples/social-login.toml",
    machine_to_machine_is_made_kept_and_destroyed: "../../examples/machine-to-machine.toml",
    integrations_are_made_kept_and_destroyed: "../../examples/integrations.toml",
    public_read_is_made_kept_and_destroyed: "../../examples/public-read.toml",
    triggers_are_made_kept_and_destroyed: "../../examples/triggers.toml",
    two_apis_are_made_kept_and_destroyed: "../../examples/two-apis.toml",
    two_clients_are_made_kept_and_destroyed: "../../examples/two-clients.toml",
}

/// moto keeps no certificate of a login's custom domain, and no passkeys.
mod custom_domains_are_made_kept_and_destroyed {
    use super::{Emulator, lives_its_life};

    #[tokio::test]
    async fn on_ministack() {
        let text = include_str!("../../examples/custom-domains.toml");
        Box::pin(lives_its_life(text, Emulator::MiniStack)).await;
    }

    #[tokio::test]
    async fn in_memory() {
        let text = include_str!("../../examples/custom-domains.toml");
        Box::pin(lives_its_life(text, Emulator::Memory)).await;
    }
}
