//! Every stack file that comes with wsctl, through its whole life on every emulator.

mod blocks;

use crate::support::{
    deviations::runs_functions,
    place::{Emulator, Place},
    story::Story,
};
use aws_smithy_types::Blob;
use serde_json::json;
use wsctl::spec::{Produces, function::Function};

async fn lives_its_life(text: &str, emulator: Emulator) {
    let story = Story::at(Place::new(emulator).await, text);
    let made = story.apply().await.results.len();
    assert_eq!(story.owned().await.len(), made);
    story.plan_is_empty().await;
    assert_eq!(story.plan().await.notes, []);
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
    public_read_is_made_kept_and_destroyed: "../../examples/public-read.toml",
    two_clients_are_made_kept_and_destroyed: "../../examples/two-clients.toml",
}
