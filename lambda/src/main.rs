//! The workshop's users API as a Lambda function behind an API Gateway REST API (proxy
//! integration), with a table in PostgreSQL.
//!
//! From the outside in: `handler` answers a request, `event` and `input` read it, `caller` says
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
mod users;

use answer::Reply;
use handler::Handler;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let handler = Handler::new(Settings::from_environment());
    handler.start().await;
    let handler = &handler;
    // Taken raw: an event that cannot be read is answered too, rather than failing the runtime.
    let serve = |event: LambdaEvent<Box<RawValue>>| async move {
        Ok::<Reply, Error>(handler.answer(event.payload.get(), &event.context).await)
    };
    lambda_runtime::run(service_fn(serve)).await
}
