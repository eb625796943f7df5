//! The secrets of a client: Cognito lets it have two at once, and takes either.

use crate::{
    aws::{Aws, absent, is_unknown, pages},
    error::Result,
    spec::client::ClientOutputs,
};
use aws_sdk_cognitoidentityprovider::types::ClientSecretDescriptorType;
use aws_smithy_types::date_time::Format;

/// Tells of a second secret, by its id: its value is in no answer.
pub(super) async fn secrets(aws: &Aws, client: &ClientOutputs) -> Result<Vec<String>> {
    let all = pages(|token| async move {
        let request = aws.cognito.list_user_pool_client_secrets();
        let request = request
            .user_pool_id(&client.pool_id)
            .client_id(&client.id)
            .set_next_token(token);
        match aws
            .read("cognito-idp:ListUserPoolClientSecrets", || {
                request.clone().send()
            })
            .await
        {
            // Where there is no such operation there is no second secret.
            Err(error) if is_unknown(&error) => Ok((vec![], None)),
            page => {
                let page =
                    absent(page)?.map(|it| (it.client_secrets.unwrap_or_default(), it.next_token));
                Ok(page.unwrap_or_default())
            }
        }
    });
    let found: Vec<_> = all.await?.iter().map(text).collect();
    let text = || {
        format!(
            "it has {} secrets, and each lets a server in: {}",
            found.len(),
            found.join(", ")
        )
    };
    Ok((found.len() > 1).then(text).into_iter().collect())
}

fn text(secret: &ClientSecretDescriptorType) -> String {
    let id = secret.client_secret_id().unwrap_or_default();
    let made = secret
        .client_secret_create_date()
        .and_then(|date| date.fmt(Format::DateTime).ok());
    made.map_or_else(|| id.to_owned(), |date| format!("{id} of {date}"))
}
