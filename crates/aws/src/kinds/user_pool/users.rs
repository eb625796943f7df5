//! Whether a pool has users. Cognito's number of them is an estimate that lags, so it never says
//! that there are none (API reference, `EstimatedNumberOfUsers`).

use crate::{aws::Aws, error::Result, kinds::people::lost};

/// What is lost with the pool; `None` where there is nobody in it.
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
    let operation = "cognito-idp:ListUsers";
    let answer = aws.read(operation, send).await;
    lost(
        answer,
        |it| !it.users().is_empty(),
        ("user", "users"),
        operation,
    )
}
