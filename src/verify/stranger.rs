//! Somebody from another pool, whose token the API has to refuse.

use super::{
    MARK,
    people::{Visitor, invitation},
};
use crate::{
    aws::{Aws, absent},
    error::{Error, ErrorKind, Result},
    identity::{Attributes, Flow, NonInteractive, SecretString, SignInTarget, Users, sign_in},
};
use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType;
use rand::RngExt;

/// A token that is good in every way, but from another pool: made for the run, and deleted with it.
pub(super) async fn strangers_token(
    aws: &Aws,
    pool_id: &mut Option<String>,
) -> Result<SecretString> {
    let name = format!("{MARK}{:08x}", rand::rng().random_range(0..u32::MAX));
    let made = aws
        .create("cognito-idp:CreateUserPool", || {
            aws.cognito.create_user_pool().pool_name(&name).send()
        })
        .await?;
    let id = made
        .user_pool
        .and_then(|it| it.id)
        .ok_or_else(|| not_found("pool"))?;
    *pool_id = Some(id.clone());
    let flow = ExplicitAuthFlowsType::AllowAdminUserPasswordAuth;
    let client = || {
        let request = aws
            .cognito
            .create_user_pool_client()
            .user_pool_id(&id)
            .client_name(&name);
        let request = request.explicit_auth_flows(flow.clone());
        request
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
            .send()
    };
    let client = aws
        .create("cognito-idp:CreateUserPoolClient", client)
        .await?;
    let client_id = client
        .user_pool_client
        .and_then(|it| it.client_id)
        .ok_or_else(|| not_found("client"))?;
    let (users, password) = (Users { aws, pool_id: &id }, SecretString::random_password());
    let stranger = Visitor {
        username: name,
        password,
        attributes: Attributes::new(),
        signs_up: false,
    };
    users.create(&invitation(&stranger)).await?;
    users
        .set_password(&stranger.username, &stranger.password, true)
        .await?;
    let target = SignInTarget {
        pool_id: id,
        client_id,
        client_secret: None,
    };
    let (flow, nobody) = (Flow::AdminPassword, &mut NonInteractive);
    Ok(sign_in(
        aws,
        &target,
        flow,
        &stranger.username,
        &stranger.password,
        nobody,
    )
    .await?
    .id)
}

fn not_found(what: &str) -> Error {
    Error::new(
        ErrorKind::Aws,
        format!("Cognito made a {what} and did not say which"),
    )
}

/// Deletes the stranger's pool; that it is gone already is success.
pub(super) async fn delete_pool(aws: &Aws, id: &str) -> Result<()> {
    let send = || aws.cognito.delete_user_pool().user_pool_id(id).send();
    absent(aws.write("cognito-idp:DeleteUserPool", send).await).map(|_| ())
}
