//! The writes of a pool.

use super::{fields, find, mfa, requests, verification};
use crate::{
    aws::{Aws, absent},
    error::{Error, Result},
    kinds::{
        by_tag,
        tags::{as_map, kept, retag},
    },
    owner::Retag,
    spec::user_pool::UserPool,
};
use aws_sdk_cognitoidentityprovider::{
    operation::update_user_pool::builders::UpdateUserPoolFluentBuilder,
    types::{SchemaAttributeType, UserPoolType},
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use std::collections::HashMap;

/// How many attributes `AddCustomAttributes` takes at once (its model).
const ATTRIBUTES_AT_ONCE: usize = 25;

pub(super) async fn create(
    aws: &Aws,
    spec: &UserPool,
    tags: HashMap<String, String>,
) -> Result<UserPoolType> {
    let request = requests::create_request(aws.cognito.create_user_pool(), spec, tags)?;
    let role = mfa::sms_role(request.get_sms_configuration().as_ref());
    let send = || request.clone().customize().mutate_request(strip).send();
    let answer = aws.create_as(&role, "cognito-idp:CreateUserPool", send);
    let answer = answer.await?;
    answer
        .user_pool
        .ok_or_else(|| Error::internal("CreateUserPool gave no pool"))
}

/// Sends the pool as it is now, with everything declared laid over it.
pub(super) async fn update(aws: &Aws, id: &str, spec: &UserPool) -> Result<()> {
    let live = find::ask(aws, id)
        .await?
        .ok_or_else(|| by_tag::gone::<UserPool>(id))?;
    let is_renamed = live.name() != Some(&spec.name);
    let tags = kept(live.user_pool_tags.clone(), spec.tags.as_ref());
    let mut pool = fields::overlay(live, spec)?;
    pool.user_pool_tags = Some(tags);
    // A name that stays is not sent: that Cognito takes one at all is new (docs/aws.md §2).
    let name = is_renamed.then(|| spec.name.clone());
    let request = requests::update_request(aws.cognito.update_user_pool(), pool);
    send(aws, request.set_pool_name(name)).await
}

/// Turns deletion protection off and leaves everything else as it is.
pub(super) async fn unprotect(aws: &Aws, id: &str) -> Result<()> {
    let Some(mut pool) = find::ask(aws, id).await? else {
        return Ok(());
    };
    pool.verification_message_template = verification::template(&pool);
    pool.user_pool_tags = Some(kept(pool.user_pool_tags, None));
    fields::protection::write(&mut pool.deletion_protection, &Some(false));
    absent(
        send(
            aws,
            requests::update_request(aws.cognito.update_user_pool(), pool),
        )
        .await,
    )?;
    Ok(())
}

async fn send(aws: &Aws, request: UpdateUserPoolFluentBuilder) -> Result<()> {
    let role = mfa::sms_role(request.get_sms_configuration().as_ref());
    let send = || request.clone().customize().mutate_request(strip).send();
    aws.write_as(&role, "cognito-idp:UpdateUserPool", send)
        .await?;
    Ok(())
}

/// Takes out what Cognito refuses, before the request is signed.
fn strip(request: &mut HttpRequest) {
    let Some(body) = request.body().bytes().and_then(without_unused_days) else {
        return;
    };
    request
        .headers_mut()
        .insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

/// `body` without `UnusedAccountValidityDays`, which the SDK always writes; Cognito refuses it
/// beside `TemporaryPasswordValidityDays`, which has taken its place (docs/aws.md §2). `None` when it
/// is not there.
fn without_unused_days(body: &[u8]) -> Option<String> {
    let mut tree: Value = serde_json::from_slice(body).ok()?;
    let config = tree.get_mut("AdminCreateUserConfig")?.as_object_mut()?;
    config.remove("UnusedAccountValidityDays")?;
    Some(tree.to_string())
}

pub(super) async fn add_attributes(
    aws: &Aws,
    id: &str,
    added: &[SchemaAttributeType],
) -> Result<()> {
    for some in added.chunks(ATTRIBUTES_AT_ONCE) {
        let send = || {
            let request = aws.cognito.add_custom_attributes().user_pool_id(id);
            request.set_custom_attributes(Some(some.to_vec())).send()
        };
        // Repeated, it would fail with "already exists".
        aws.create("cognito-idp:AddCustomAttributes", send).await?;
    }
    Ok(())
}

pub(super) async fn retag(aws: &Aws, arn: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_map,
        "cognito-idp:TagResource": aws.cognito.tag_resource().resource_arn(arn),
        "cognito-idp:UntagResource": aws.cognito.untag_resource().resource_arn(arn)
    )
}

pub(super) async fn delete(aws: &Aws, id: &str) -> Result<()> {
    let send = || aws.cognito.delete_user_pool().user_pool_id(id).send();
    absent(aws.write("cognito-idp:DeleteUserPool", send).await)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_cognito_refuses_are_taken_out() {
        let body = r#"{"PoolName":"a","AdminCreateUserConfig":{"AllowAdminCreateUserOnly":true,"UnusedAccountValidityDays":0}}"#;
        let expected =
            r#"{"PoolName":"a","AdminCreateUserConfig":{"AllowAdminCreateUserOnly":true}}"#;
        assert_eq!(
            without_unused_days(body.as_bytes()).as_deref(),
            Some(expected)
        );
        assert_eq!(without_unused_days(expected.as_bytes()), None);
        assert_eq!(without_unused_days(b"{}"), None);
    }
}
