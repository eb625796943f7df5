//! Whether a pool has users. Cognito's number of them is an estimate that lags, so it never says
//! that there are none (API reference, `EstimatedNumberOfUsers`).

use crate::{
    aws::{Aws, absent, is_denied},
    error::Result,
};

/// What is lost with the pool; `None` where there is nobody in it.
///
/// Who may not list users cannot know, and has to say so: the pool may hold any number.
pub(super) async fn any(aws: &Aws, id: &str) -> Result<Option<String>> {
    // Of one user, the one attribute that says nothing of a person.
    let send = || {
        aws.cognito
            .list_users()
            .user_pool_id(id)
            .limit(1)
            .attributes_to_get("sub")
            .send()
    };
    match absent(aws.read("cognito-idp:ListUsers", send).await) {
        Ok(answer) => Ok(answer
            .filter(|it| !it.users().is_empty())
            .map(|_| "at least 1 user".into())),
        Err(error) if is_denied(&error) => Ok(Some(
            "an unknown number of users (cognito-idp:ListUsers is not allowed)".into(),
        )),
        Err(error) => Err(error),
    }
}
