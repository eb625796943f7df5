//! An app client: the spec of `[user_pool.clients.NAME]`, and how it is found, made, changed and
//! deleted. Its secret is never read further than "there is one".

use super::user_pool::{UserPool, UserPoolOutputs};
use crate::{
    aws::{Aws, Reads, absent},
    diff::Change,
    duration::Duration,
    error::{Error, Kind as ErrorKind, Result},
    kind::{Found, FoundBy, Kind, Produces, Sighting, Wanted},
    shape,
};
use aws_sdk_cognitoidentityprovider::types::UserPoolClientType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

mod doors;
mod find;
mod live;
mod overlay;
mod validity;

/// An app client: one application that signs users in. What is left out keeps the value that it
/// has in AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Client {
    /// The client's name, as the console shows it.
    #[schemars(with = "shape::CognitoName")]
    pub name: String,
    /// Whether it has a client secret. Browsers and mobile apps cannot keep one. Fixed when the
    /// client is made: a change makes a new client with a new id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<bool>,
    /// The ways to sign in with the API: `ALLOW_USER_AUTH`, `ALLOW_USER_SRP_AUTH`,
    /// `ALLOW_USER_PASSWORD_AUTH`, `ALLOW_ADMIN_USER_PASSWORD_AUTH`, `ALLOW_CUSTOM_AUTH`,
    /// `ALLOW_REFRESH_TOKEN_AUTH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_flows: Option<BTreeSet<String>>,
    /// How long a sign-in that was begun may take: `3m` to `15m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_session_validity: Option<Duration>,
    /// How long an access token is good: `5m` to `1d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_validity: Option<Duration>,
    /// How long an ID token is good: `5m` to `1d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_validity: Option<Duration>,
    /// How long a refresh token is good: `1h` to `3650d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_validity: Option<Duration>,
    /// The OAuth grants of the login pages. Browsers want `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth_grants: Option<BTreeSet<Grant>>,
    /// The OAuth scopes that it may ask for: `openid`, `email`, `phone`, `profile`,
    /// `aws.cognito.signin.user.admin`, or `SERVER/SCOPE` of a resource server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::Scope>>", length(max = 50))]
    pub oauth_scopes: Option<BTreeSet<String>>,
    /// Where the login pages may send users back to, each to the letter; `http` for localhost only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::RedirectUrl>>", length(max = 100))]
    pub callback_urls: Option<BTreeSet<String>>,
    /// Where users may go after signing out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::RedirectUrl>>", length(max = 100))]
    pub logout_urls: Option<BTreeSet<String>>,
    /// Which of the callback URLs counts when the application names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::RedirectUrl>")]
    pub default_redirect_uri: Option<String>,
    /// Whose users may sign in: `COGNITO` for the pool's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::ProviderName>>")]
    pub identity_providers: Option<BTreeSet<String>>,
    /// Whether errors hide that a user does not exist; so in a client that wsctl makes, unless
    /// declared otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevent_user_existence_errors: Option<bool>,
    /// Whether refresh tokens can be revoked; so in a client that wsctl makes, unless declared
    /// otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_revocation: Option<bool>,
    /// The attributes that it may read; without any, the standard ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::AttributeName>>")]
    pub read_attributes: Option<BTreeSet<String>>,
    /// The attributes that it may write; without any, the standard ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::AttributeName>>")]
    pub write_attributes: Option<BTreeSet<String>>,
}

/// An OAuth grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The authorization code grant, with PKCE for browsers.
    Code,
    /// Tokens in the URL: kept for old applications.
    Implicit,
    /// For a server without a user. Goes alone, and needs a secret.
    ClientCredentials,
}

/// What a client gives to others; never its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientOutputs {
    pub id: String,
    pub name: String,
    pub pool_id: String,
    /// Whether a refresh token is good only once; said of a client of which it is so, and for plans
    /// alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rotates: bool,
}

impl Produces for Client {
    const NAME: &'static str = "user pool client";
    type Outputs = ClientOutputs;
}

impl Kind for Client {
    type Parent = UserPool;
    const TABLE: &'static str = "clients";
    const IDENTITY: Option<&'static str> = Some("name");
    const REPLACE_ON: &'static [&'static str] = &["secret"];
    const FOUND: FoundBy = FoundBy::List;
    const READ_BY_ID: bool = true;
    const LOST: &'static str = "the client id changes: whatever signs in with it needs the new one";

    fn normal(self) -> Self {
        let flows = self.auth_flows.map(|it| if it.is_empty() { live::default_flows() } else { it });
        Self { auth_flows: flows, ..self }
    }

    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Wanted<Self>,
    ) -> Result<Vec<Sighting<Self>>> {
        let there = reads.once(&format!("clients of {}", pool.id), find::list(reads, &pool.id)).await?;
        let named = find::name(there.to_vec(), wanted)?;
        Ok(named.into_iter().map(|(name, outputs)| Sighting::glimpse(name, outputs)).collect())
    }

    async fn read(
        reads: &Reads,
        _: &UserPoolOutputs,
        name: &str,
        outputs: &ClientOutputs,
    ) -> Result<Option<Found<Self>>> {
        let live = describe(&reads.aws, outputs).await?;
        Ok(live.map(|live| {
            let name_in_aws = live.client_name().unwrap_or_default().into();
            let outputs =
                ClientOutputs { name: name_in_aws, rotates: live::rotates(&live), ..outputs.clone() };
            Found::child(name, live::spec(&live), outputs)
        }))
    }

    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, _: &str) -> Result<ClientOutputs> {
        let input = overlay::create_input(&pool.id, self)?;
        let send = || input.clone().send_with(&aws.cognito);
        let answer = aws.create("cognito-idp:CreateUserPoolClient", send).await?;
        let id = answer.user_pool_client.and_then(|it| it.client_id);
        let id = id.ok_or_else(|| Error::internal("CreateUserPoolClient gave no id"))?;
        Ok(ClientOutputs { id, name: self.name.clone(), pool_id: pool.id.clone(), rotates: false })
    }

    /// Reads the client afresh and sends all of it: what `UpdateUserPoolClient` is not sent is
    /// reset (docs/aws.md §3).
    async fn update(&self, aws: &Aws, _: &UserPoolOutputs, live: &Found<Self>, _: &[Change]) -> Result<()> {
        let client = describe(aws, &live.outputs).await?.ok_or_else(|| gone(&live.outputs.id))?;
        let input = overlay::update_input(overlay::overlay(client, self)?);
        let send = || input.clone().send_with(&aws.cognito);
        aws.write("cognito-idp:UpdateUserPoolClient", send).await?;
        Ok(())
    }

    async fn is_there(aws: &Aws, live: &ClientOutputs) -> Result<bool> {
        Ok(describe(aws, live).await?.is_some())
    }

    async fn doors(aws: &Aws, live: &Found<Self>) -> Result<Vec<String>> {
        match live.spec.secret {
            Some(true) => doors::secrets(aws, &live.outputs).await,
            _ => Ok(vec![]),
        }
    }

    async fn delete(aws: &Aws, _: &UserPoolOutputs, live: &ClientOutputs) -> Result<()> {
        let send = || {
            let request = aws.cognito.delete_user_pool_client();
            request.user_pool_id(&live.pool_id).client_id(&live.id).send()
        };
        absent(aws.write("cognito-idp:DeleteUserPoolClient", send).await)?;
        Ok(())
    }
}

impl Client {
    #[cfg(test)]
    fn named(name: &str) -> Self {
        toml::from_str(&format!("name = {name:?}")).unwrap()
    }
}

/// Asks for a client afresh; `None` when it is gone, or its pool is.
async fn describe(aws: &Aws, outputs: &ClientOutputs) -> Result<Option<UserPoolClientType>> {
    let send = || {
        let request = aws.cognito.describe_user_pool_client();
        request.user_pool_id(&outputs.pool_id).client_id(&outputs.id).send()
    };
    let answer = absent(aws.read("cognito-idp:DescribeUserPoolClient", send).await)?;
    Ok(answer.and_then(|it| it.user_pool_client))
}

fn gone(id: &str) -> Error {
    Error::new(ErrorKind::Aws, format!("the user pool client {id} is gone"))
        .hint("it was deleted meanwhile; run the same command again")
}
