//! Users of a pool, made and signed in by an administrator.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType};
use wsctl::aws::Aws;

pub(crate) const PASSWORD: &str = "Correct-horse-1";

pub(crate) fn attribute(name: &str, value: &str) -> AttributeType {
    let attribute = AttributeType::builder().name(name).value(value);
    attribute.build().unwrap()
}

/// Makes a confirmed user with this e-mail address and signs in: the ID token.
pub(crate) async fn id_token(aws: &Aws, pool: &str, client: &str, email: &str) -> String {
    let cognito = &aws.cognito;
    let create = cognito
        .admin_create_user()
        .user_pool_id(pool)
        .username(email);
    let create = create
        .user_attributes(attribute("email", email))
        .user_attributes(attribute("name", "Ann"))
        .user_attributes(attribute("phone_number", "+15555550100"));
    create.send().await.unwrap();
    let set = cognito
        .admin_set_user_password()
        .user_pool_id(pool)
        .username(email);
    set.password(PASSWORD).permanent(true).send().await.unwrap();
    sign_in(aws, pool, client, email).await
}

/// Signs in again, for a token with the groups of now.
pub(crate) async fn sign_in(aws: &Aws, pool: &str, client: &str, email: &str) -> String {
    let auth = aws
        .cognito
        .admin_initiate_auth()
        .user_pool_id(pool)
        .client_id(client);
    let auth = auth
        .auth_flow(AuthFlowType::AdminUserPasswordAuth)
        .auth_parameters("USERNAME", email)
        .auth_parameters("PASSWORD", PASSWORD);
    let answer = auth.send().await.unwrap();
    answer
        .authentication_result()
        .unwrap()
        .id_token()
        .unwrap()
        .to_owned()
}
