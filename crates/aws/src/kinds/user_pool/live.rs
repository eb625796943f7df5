//! What Cognito's description of a pool tells beside its spec. Pure.

use super::fields::protection;
use crate::{aws::Aws, kinds::tags, owner::Tags, spec::user_pool::UserPoolOutputs};
use aws_sdk_cognitoidentityprovider::types::{IssuerType, UserPoolType};

pub(super) fn outputs(pool: &UserPoolType, aws: &Aws) -> UserPoolOutputs {
    let id = pool.id().unwrap_or_default().to_owned();
    // A pool with the newer kind of issuer names it in its tokens (Cognito's IssuerConfigurationType).
    let is_updated = pool
        .issuer_configuration()
        .and_then(|it| it.r#type())
        .is_some_and(|it| *it == IssuerType::Updated);
    UserPoolOutputs {
        arn: pool.arn().unwrap_or_default().to_owned(),
        name: pool.name().unwrap_or_default().to_owned(),
        issuer: issuer(aws, &id, is_updated),
        deletion_protection: is_protected(pool),
        id,
    }
}

/// Whom the pool's tokens name, and where its keys are: a host of Cognito's, or the emulator.
pub(super) fn issuer(aws: &Aws, id: &str, is_updated: bool) -> String {
    let host = if is_updated {
        "issuer-cognito-idp"
    } else {
        "cognito-idp"
    };
    match &aws.endpoint_url {
        Some(endpoint) => format!("{endpoint}/{id}"),
        None => format!("https://{host}.{}.amazonaws.com/{id}", aws.region),
    }
}

/// All of the pool's tags, ours and AWS's included.
pub(super) fn tags(pool: &UserPoolType) -> Tags {
    tags::of(pool.user_pool_tags())
}

pub(super) fn is_protected(pool: &UserPoolType) -> bool {
    protection::read(&pool.deletion_protection) == Some(true)
}

/// "12 users", from Cognito's estimate; `None` for none.
pub(super) fn holds(pool: &UserPoolType) -> Option<String> {
    match pool.estimated_number_of_users() {
        ..=0 => None,
        1 => Some("1 user".into()),
        users => Some(format!("{users} users")),
    }
}

/// Why Cognito cannot send messages, where it says so.
pub(super) fn notes(pool: &UserPoolType) -> Vec<String> {
    let note = |medium: &str, failure: Option<&str>| {
        failure
            .filter(|it| !it.is_empty())
            .map(|it| format!("Cognito cannot send {medium}: {it}"))
    };
    let sms = note("text messages", pool.sms_configuration_failure());
    sms.into_iter()
        .chain(note("emails", pool.email_configuration_failure()))
        .collect()
}
