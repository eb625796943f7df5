//! Brings the users of another pool along: the function behind a user pool's triggers `user_migration`,
//! `post_authentication` and `post_confirmation`.
//!
//! Who signs in at the new pool for the first time is signed in at the old one with the same password, and
//! comes over with the attributes that the new pool has too. Who has forgotten the password comes over where
//! an address is verified, and sets a new one. Once signed in, whoever has the same verified address gets the
//! old user's groups, and the old user is disabled: it has moved (Amazon Cognito developer guide, "Migrate user
//! Lambda trigger").
//!
//! `event` reads what the pool sends and says what goes back, `people` holds what both pools are asked.

mod event;
mod people;

use event::{Event, Source};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use people::Pools;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let pools = Pools::from_environment().await;
    let pools = &pools;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        answer(pools, event.payload).await
    }))
    .await
}

/// An error turns the sign-in down; the pool then says that it knows no such user.
async fn answer(pools: &Pools, mut said: Value) -> Result<Value, Error> {
    let Some(event) = Event::parse(&said) else {
        return Ok(said);
    };
    match event.source {
        Source::SignIn => {
            pools.check()?;
            let status = pools.sign_in(&event).await?;
            let user = pools.old_user(&event.user_name).await?;
            said["response"] = event::response(&pools.brought(&event, user).await?, Some(status));
        }
        Source::ForgotPassword => {
            pools.check()?;
            let user = pools.old_user(&event.user_name).await?;
            if user.verified_address().is_none() {
                return Err("no address of the old user is verified: a code cannot be sent".into());
            }
            said["response"] = event::response(&pools.brought(&event, user).await?, None);
        }
        // Nobody is kept from signing in by what goes wrong here; the next sign-in tries again.
        Source::SignedIn => {
            if let Err(error) = pools.hand_over_groups(&event).await {
                eprintln!("the old user's groups are not handed over: {error}");
            }
        }
    }
    Ok(said)
}
