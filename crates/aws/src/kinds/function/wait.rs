//! Waiting for a function: Lambda finishes creations and updates after it has answered.

use crate::{
    aws::{Aws, absent},
    error::{Error, ErrorKind, Result},
};
use aws_sdk_lambda::{
    operation::get_function_configuration::GetFunctionConfigurationOutput as Seen,
    types::{LastUpdateStatus, State},
};
use std::time::Duration;

/// How long a function is left alone that was made or changed: it never is ready at once, and a small one soon.
const FIRST: Duration = Duration::from_millis(600);
/// How often to ask then (docs/aws.md §8).
const EVERY: Duration = Duration::from_secs(1);
/// How long to ask, at most.
const BUDGET: Duration = Duration::from_secs(300);

/// Waits until a new function can be invoked, unless its creation's answer says so already.
pub(super) async fn until_active(aws: &Aws, name: &str, answered: Option<State>) -> Result<()> {
    if answered == Some(State::Active) {
        return Ok(());
    }
    aws.sleep(FIRST).await;
    let what = format!("function {name} becomes active");
    aws.wait(&what, EVERY, BUDGET, || async {
        is_active(name, &ask(aws, name).await?)
    })
    .await
}

fn is_active(name: &str, seen: &Seen) -> Result<Option<()>> {
    match seen.state() {
        Some(State::Pending) => Ok(None),
        Some(State::Failed) => Err(failed(name, "its creation failed", seen.state_reason())),
        // Newer states (ActiveNonInvocable, Deactivating…) end the wait too.
        _ => Ok(Some(())),
    }
}

/// Waits until an update has taken effect, unless its own answer says so already.
pub(super) async fn until_updated(
    aws: &Aws,
    name: &str,
    answered: Option<LastUpdateStatus>,
) -> Result<()> {
    if answered == Some(LastUpdateStatus::Successful) {
        return Ok(());
    }
    aws.sleep(FIRST).await;
    let what = format!("function {name} takes its update");
    aws.wait(&what, EVERY, BUDGET, || async {
        is_updated(name, &ask(aws, name).await?)
    })
    .await
}

fn is_updated(name: &str, seen: &Seen) -> Result<Option<()>> {
    match seen.last_update_status() {
        Some(LastUpdateStatus::InProgress) => Ok(None),
        Some(LastUpdateStatus::Failed) => Err(failed(
            name,
            "its update failed",
            seen.last_update_status_reason(),
        )),
        _ => Ok(Some(())),
    }
}

pub(super) async fn until_gone(aws: &Aws, name: &str) -> Result<()> {
    let what = format!("function {name} is deleted");
    aws.wait(&what, EVERY, BUDGET, || async {
        Ok(absent(ask(aws, name).await)?.is_none().then_some(()))
    })
    .await
}

async fn ask(aws: &Aws, name: &str) -> Result<Seen> {
    aws.read("lambda:GetFunctionConfiguration", || {
        aws.lambda
            .get_function_configuration()
            .function_name(name)
            .send()
    })
    .await
}

fn failed(name: &str, what: &str, reason: Option<&str>) -> Error {
    let reason = reason.unwrap_or("AWS gives no reason");
    Error::new(ErrorKind::Aws, format!("function {name}: {what}: {reason}"))
        .hint("correct what AWS names, then run the same command again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_creation_says_why() {
        let seen = Seen::builder()
            .state(State::Failed)
            .state_reason("The subnet has no addresses left");
        let error = is_active("users", &seen.build()).unwrap_err();
        assert!(
            error.message.contains("The subnet has no addresses left"),
            "{error}"
        );
    }

    #[test]
    fn a_failed_update_says_why() {
        let seen = Seen::builder()
            .last_update_status(LastUpdateStatus::Failed)
            .last_update_status_reason("The security group is gone");
        let error = is_updated("users", &seen.build()).unwrap_err();
        assert!(
            error.message.contains("The security group is gone"),
            "{error}"
        );
    }

    #[test]
    fn a_state_not_known_yet_ends_the_wait() {
        let seen = Seen::builder()
            .state(State::from("ActiveNonInvocable"))
            .build();
        assert_eq!(is_active("users", &seen).unwrap(), Some(()));
        let pending = Seen::builder().state(State::Pending).build();
        assert_eq!(is_active("users", &pending).unwrap(), None);
    }
}
