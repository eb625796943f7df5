//! Who else signs people in to a pool. Facts: dossier §3.

use crate::{
    aws::{Aws, absent},
    error::Result,
};
use aws_sdk_cognitoidentityprovider::types::ProviderDescription;
use aws_smithy_types::date_time::Format;

/// The most providers that a page may have (service model).
const PAGE: i32 = 60;

/// The identity providers, each as it is since its last change: a change is another text.
pub(super) async fn providers(aws: &Aws, pool: &str) -> Result<Vec<String>> {
    let (mut found, mut next) = (vec![], None::<String>);
    loop {
        let page = aws.read("cognito-idp:ListIdentityProviders", || {
            let request = aws.cognito.list_identity_providers().user_pool_id(pool);
            request.max_results(PAGE).set_next_token(next.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(vec![]) };
        found.extend(page.providers.iter().map(text));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn text(provider: &ProviderDescription) -> String {
    let name = provider.provider_name().unwrap_or_default();
    let kind = provider.provider_type().map_or("of no known type", |it| it.as_str());
    let changed = provider.last_modified_date().and_then(|date| date.fmt(Format::DateTime).ok());
    match changed {
        Some(date) => {
            format!("its identity provider {name} ({kind}), as it is since {date}, signs people in")
        }
        None => format!("its identity provider {name} ({kind}) signs people in"),
    }
}
