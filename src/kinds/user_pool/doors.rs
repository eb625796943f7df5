//! Who else signs people in to a pool. Facts: docs/aws.md §3.

use crate::{
    aws::{Aws, absent, pages},
    error::Result,
};
use aws_sdk_cognitoidentityprovider::types::ProviderDescription;
use aws_smithy_types::date_time::Format;

/// The most providers that a page may have (service model).
const PAGE: i32 = 60;

/// The identity providers, each as it is since its last change: a change is another text.
pub(super) async fn providers(aws: &Aws, pool: &str) -> Result<Vec<String>> {
    let all = pages(|token| async move {
        let request = aws
            .cognito
            .list_identity_providers()
            .user_pool_id(pool)
            .max_results(PAGE);
        let request = request.set_next_token(token);
        let page = aws
            .read("cognito-idp:ListIdentityProviders", || {
                request.clone().send()
            })
            .await;
        Ok(absent(page)?
            .map(|it| (it.providers, it.next_token))
            .unwrap_or_default())
    });
    Ok(all.await?.iter().map(text).collect())
}

fn text(provider: &ProviderDescription) -> String {
    let name = provider.provider_name().unwrap_or_default();
    let kind = provider
        .provider_type()
        .map_or("of no known type", |it| it.as_str());
    let changed = provider
        .last_modified_date()
        .and_then(|date| date.fmt(Format::DateTime).ok());
    match changed {
        Some(date) => {
            format!("its identity provider {name} ({kind}), as it is since {date}, signs people in")
        }
        None => format!("its identity provider {name} ({kind}) signs people in"),
    }
}
