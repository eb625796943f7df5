//! An identity pool in a sandbox: who gets which credentials, and who gets none.

use crate::support::{
    sandbox::Sandbox,
    user::{PASSWORD, attribute},
};
use aws_sdk_cognitoidentity::types::Credentials;
use std::collections::HashMap;
use wsctl::aws::Aws;

const EXAMPLE: &str = include_str!("../../examples/identity-pool.toml");

macro_rules! said {
    ($answer:expr) => {
        $answer.map_err(|error| {
            let error = error.into_service_error();
            error.meta().message().unwrap_or_default().to_owned()
        })
    };
}

/// What signs with them.
fn keys(credentials: &Credentials) -> aws_sdk_sts::config::Credentials {
    let text = |it: &Option<String>| it.clone().unwrap();
    aws_sdk_sts::config::Credentials::new(
        text(&credentials.access_key_id),
        text(&credentials.secret_key),
        credentials.session_token.clone(),
        None,
        "the identity pool",
    )
}

/// The example's stack, and who asks for credentials in it.
struct People {
    aws: Aws,
    pool: String,
    client: String,
    identities: String,
}

impl People {
    async fn of(sandbox: &Sandbox) -> Self {
        let outputs = sandbox.outputs();
        Self {
            aws: outputs.aws().await,
            pool: outputs.get("user_pool_id"),
            client: outputs.get("client_id_app"),
            identities: outputs.get("identity_pool_id"),
        }
    }

    async fn make(&self, email: &str, group: Option<&str>) {
        let cognito = &self.aws.cognito;
        let request = cognito.admin_create_user().user_pool_id(&self.pool);
        let request = request
            .username(email)
            .user_attributes(attribute("email", email))
            .message_action("SUPPRESS".into());
        request.send().await.unwrap();
        let request = cognito.admin_set_user_password().user_pool_id(&self.pool);
        let request = request.username(email).password(PASSWORD).permanent(true);
        request.send().await.unwrap();
        if let Some(group) = group {
            let request = cognito.admin_add_user_to_group().user_pool_id(&self.pool);
            let request = request.username(email).group_name(group);
            request.send().await.unwrap();
        }
    }

    /// The ID token and the access token.
    async fn tokens(&self, email: &str) -> (String, String) {
        let request = self.aws.cognito.initiate_auth().client_id(&self.client);
        let request = request
            .auth_flow("USER_PASSWORD_AUTH".into())
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", PASSWORD);
        let answer = request.send().await.unwrap();
        let result = answer.authentication_result.unwrap();
        (result.id_token.unwrap(), result.access_token.unwrap())
    }

    fn logins(&self, token: Option<&str>) -> Option<HashMap<String, String>> {
        let provider = format!("cognito-idp.eu-west-1.amazonaws.com/{}", self.pool);
        token.map(|token| HashMap::from([(provider, token.to_owned())]))
    }

    /// The id of somebody with this ID token, or of a guest; or why there is none. Nothing signs it.
    async fn id(&self, token: Option<&str>) -> Result<String, String> {
        let request = self.aws.identity.get_id();
        let request = request.identity_pool_id(&self.identities);
        let answer = request.set_logins(self.logins(token)).send().await;
        said!(answer).map(|it| it.identity_id.unwrap())
    }

    async fn credentials_of(&self, id: &str, token: Option<&str>) -> Result<Credentials, String> {
        let request = self.aws.identity.get_credentials_for_identity();
        let request = request.identity_id(id).set_logins(self.logins(token));
        said!(request.send().await).map(|it| it.credentials.unwrap())
    }

    async fn credentials(&self, token: Option<&str>) -> Result<Credentials, String> {
        let id = self.id(token).await?;
        self.credentials_of(&id, token).await
    }

    /// The role that the credentials are of, as AWS itself tells whose they are.
    async fn role(&self, credentials: &Credentials) -> String {
        let config = self.aws.sts.config().to_builder();
        let config = config.credentials_provider(keys(credentials)).build();
        let sts = aws_sdk_sts::Client::from_conf(config);
        let arn = sts.get_caller_identity().send().await.unwrap().arn.unwrap();
        arn.split('/').nth(1).unwrap().to_owned()
    }

    /// Whether they are good for anything else here.
    async fn may_list_secrets(&self, credentials: &Credentials) -> bool {
        let config = self.aws.secrets.config().to_builder();
        let config = config.credentials_provider(keys(credentials)).build();
        let secrets = aws_sdk_secretsmanager::Client::from_conf(config);
        secrets.list_secrets().send().await.is_ok()
    }
}

#[tokio::test]
async fn each_gets_the_role_that_is_theirs() {
    let sandbox = Sandbox::of(EXAMPLE, &[]);
    sandbox.apply();
    sandbox.plan_is_empty();
    let people = People::of(&sandbox).await;
    people.make("member@example.com", None).await;
    people.make("editor@example.com", Some("editors")).await;
    let role = |name: &str| format!("photos-{name}-eu-west-1");

    let guest = people.credentials(None).await.unwrap();
    assert_eq!(people.role(&guest).await, role("guest"));
    assert!(!people.may_list_secrets(&guest).await);
    let (member, access) = people.tokens("member@example.com").await;
    let theirs = people.credentials(Some(&member)).await.unwrap();
    assert_eq!(people.role(&theirs).await, role("member"));
    let (editor, _) = people.tokens("editor@example.com").await;
    let theirs = people.credentials(Some(&editor)).await.unwrap();
    assert_eq!(people.role(&theirs).await, role("editor"));

    let why = people.credentials(Some(&access)).await.unwrap_err();
    assert!(why.contains("not from a supported provider"), "{why}");
    let (content, _) = member.rsplit_once('.').unwrap();
    let forged = format!("{content}.{}", editor.rsplit_once('.').unwrap().1);
    let why = people.credentials(Some(&forged)).await.unwrap_err();
    assert!(why.contains("signature"), "{why}");

    // Whose an identity is says only a token.
    let id = people.id(Some(&member)).await.unwrap();
    let why = people.credentials_of(&id, None).await.unwrap_err();
    assert!(why.contains("forbidden"), "{why}");
    let why = people.credentials_of(&id, Some(&editor)).await.unwrap_err();
    assert!(why.contains("don't match"), "{why}");

    sandbox.edit("allow_unauthenticated = true\n", "");
    sandbox.edit("unauthenticated_role = \"guest\"\n", "");
    sandbox.apply();
    sandbox.plan_is_empty();
    let why = people.credentials(None).await.unwrap_err();
    assert!(why.contains("not supported"), "{why}");
}

/// Identities are lost with it, so that somebody has to say so.
#[tokio::test]
async fn one_with_identities_goes_only_where_that_is_said() {
    let sandbox = Sandbox::of(EXAMPLE, &[]);
    sandbox.apply();
    People::of(&sandbox).await.credentials(None).await.unwrap();
    let refused = sandbox.answer(14, &["destroy", "--yes"], &[]);
    assert!(
        refused.err.contains("at least 1 identity"),
        "{}",
        refused.err
    );
    let delete = ["destroy", "--yes", "--delete-users", "photos"];
    sandbox.answer(0, &delete, &[]);
}
