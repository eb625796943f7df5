//! The workshop's users API as a Lambda function behind an API Gateway REST API (proxy
//! integration), with a table in PostgreSQL.
//!
//! From the outside in: `handler` answers a request, `event` and `input` read it, `trigger` reads what a
//! user pool sends, `caller` says
//! who asks, `users` holds the statements, `database` the connection, `secret` its password,
//! `answer` and `cors` what goes back. `settings` lists the environment's variables.

mod answer;
mod caller;
mod cors;
mod database;
mod event;
mod handler;
mod input;
mod log;
mod secret;
mod settings;
mod trigger;
mod users;

use answer::Reply;
use handler::Handler;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use settings::Settings;
use trigger::Trigger;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let handler = Handler::new(Settings::from_environment());
    handler.start().await;
    let handler = &handler;
    // Taken raw: an event that cannot be read is answered too, rather than failing the runtime.
    let serve = |event: LambdaEvent<Box<RawValue>>| async move {
        Ok::<Answer, Error>(answer(handler, event).await)
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// What goes back, by who asked.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    ToApi(Reply),
    /// Its own event.
    ToPool(Box<RawValue>),
}

async fn answer(handler: &Handler, event: LambdaEvent<Box<RawValue>>) -> Answer {
    let (event, context) = event.into_parts();
    match Trigger::parse(&event) {
        Some(trigger) => {
            handler.hear(&trigger, &context).await;
            Answer::ToPool(event)
        }
        None => Answer::ToApi(handler.answer(event.get(), &context).await),
    }
}
