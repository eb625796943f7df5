//! The calls about one user of a pool, whoever makes them.

use crate::{
    aws::{Aws, pages},
    error::Result,
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        admin_create_user::{AdminCreateUserOutput, builders::AdminCreateUserFluentBuilder},
        admin_get_user::AdminGetUserOutput,
    },
    types::AttributeType,
};
use std::collections::BTreeMap;

/// Makes a user; `with` says what comes of it, a message for instance.
pub async fn create(
    aws: &Aws,
    pool_id: &str,
    username: &str,
    attributes: &BTreeMap<String, String>,
    with: impl Fn(AdminCreateUserFluentBuilder) -> AdminCreateUserFluentBuilder,
) -> Result<AdminCreateUserOutput> {
    let request = aws.cognito.admin_create_user().user_pool_id(pool_id);
    let request = request
        .username(username)
        .set_user_attributes(Some(listed(attributes)));
    let request = with(request);
    let send = || request.clone().send();
    aws.create("cognito-idp:AdminCreateUser", send).await
}

/// Sets a password; a permanent one confirms the user too.
pub async fn set_password(
    aws: &Aws,
    pool_id: &str,
    username: &str,
    password: &str,
    permanent: bool,
) -> Result<()> {
    aws.hide(password);
    let send = || {
        let request = aws.cognito.admin_set_user_password().user_pool_id(pool_id);
        let request = request.username(username).password(password);
        request.permanent(permanent).send()
    };
    aws.write("cognito-idp:AdminSetUserPassword", send)
        .await
        .map(drop)
}

/// Deletes a user; that there is none is success, and `false`.
pub async fn delete(aws: &Aws, pool_id: &str, username: &str) -> Result<bool> {
    let send = || {
        let request = aws.cognito.admin_delete_user().user_pool_id(pool_id);
        request.username(username).send()
    };
    let deleted = aws.write("cognito-idp:AdminDeleteUser", send).await;
    Ok(if_there(deleted)?.is_some())
}

/// A user, by name or alias, who has to be there.
pub async fn get(aws: &Aws, pool_id: &str, username: &str) -> Result<AdminGetUserOutput> {
    let send = || {
        let request = aws.cognito.admin_get_user().user_pool_id(pool_id);
        request.username(username).send()
    };
    aws.read("cognito-idp:AdminGetUser", send).await
}

/// The groups that a user is in.
pub async fn groups(aws: &Aws, pool_id: &str, username: &str) -> Result<Vec<String>> {
    pages(|next| async move {
        let request = aws
            .cognito
            .admin_list_groups_for_user()
            .user_pool_id(pool_id);
        let request = request.username(username).set_next_token(next);
        let page = aws
            .read("cognito-idp:AdminListGroupsForUser", || {
                request.clone().send()
            })
            .await?;
        let groups = page.groups.unwrap_or_default();
        let names = groups.into_iter().filter_map(|it| it.group_name);
        Ok((names.collect(), page.next_token))
    })
    .await
}

/// Puts a user into a group.
pub async fn add_to_group(aws: &Aws, pool_id: &str, username: &str, group: &str) -> Result<()> {
    let send = || {
        let request = aws.cognito.admin_add_user_to_group().user_pool_id(pool_id);
        request.username(username).group_name(group).send()
    };
    aws.write("cognito-idp:AdminAddUserToGroup", send)
        .await
        .map(drop)
}

/// `None` where there is no such user.
pub fn if_there<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.has_code("UserNotFoundException") => Ok(None),
        other => other.map(Some),
    }
}

/// Attributes as AWS takes them.
pub fn listed(attributes: &BTreeMap<String, String>) -> Vec<AttributeType> {
    let attribute = |(name, value): (&String, &String)| {
        AttributeType::builder()
            .name(name)
            .value(value)
            .build()
            .expect("the name is given")
    };
    attributes.iter().map(attribute).collect()
}

/// Attributes by their names.
pub fn mapped(attributes: Option<Vec<AttributeType>>) -> BTreeMap<String, String> {
    let all = attributes.into_iter().flatten();
    all.map(|it| (it.name, it.value.unwrap_or_default()))
        .collect()
}
