//! An app client: `[user_pool.clients.NAME]`. Pure.

use super::{
    identity_provider::IdentityProvider, resource_server::ResourceServer, user_pool::UserPool,
};
use crate::{
    duration::Duration,
    shape,
    spec::{FoundBy, Produces, Spec, Traits, names_in_list},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An app client: one application that signs users in. What is left out keeps the value that it
/// has in AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Client {
    /// The client's name, as the console shows it.
    #[schemars(with = "shape::CognitoName")]
    pub name: String,
    /// Whether it has a client secret. Browsers and mobile apps cannot keep one. Fixed when the
    /// client is made: a change makes a new client with a new id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub secret: Option<bool>,
    /// The ways to sign in with the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::AuthFlow>>", extend("default" = DEFAULT_FLOWS))]
    pub auth_flows: Option<BTreeSet<String>>,
    /// How long a sign-in that was begun may take, in whole minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["3m", "15m"], "step" = "1m", "default" = "3m", "explicit" = true))]
    pub auth_session_validity: Option<Duration>,
    /// How long an access token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["5m", "1d"], "default" = "1h", "explicit" = true))]
    pub access_token_validity: Option<Duration>,
    /// How long an ID token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["5m", "1d"], "default" = "1h", "explicit" = true))]
    pub id_token_validity: Option<Duration>,
    /// How long a refresh token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["1h", "3650d"], "default" = "30d", "explicit" = true))]
    pub refresh_token_validity: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_rotation: Option<Rotation>,
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
    /// Whether errors hide that a user does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true, "explicit" = true))]
    pub prevent_user_existence_errors: Option<bool>,
    /// Whether refresh tokens can be revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true, "explicit" = true))]
    pub token_revocation: Option<bool>,
    /// Whether its server may tell Cognito from which address and device each of its users comes, for threat
    /// protection. Needs a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub additional_user_context: Option<bool>,
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
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The authorization code grant, with PKCE for browsers.
    Code,
    /// Tokens in the URL: kept for old applications.
    Implicit,
    /// For a server without a user. Goes alone, and needs a secret.
    ClientCredentials,
}

/// Refresh tokens that are good only once: each use gives another. Such a client takes no
/// `ALLOW_REFRESH_TOKEN_AUTH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rotation {
    /// Whether they are.
    #[schemars(extend("default" = false))]
    pub enabled: bool,
    /// How long the former one is good still, for an answer that was lost on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["0s", "60s"], "default" = "0s"))]
    pub retry_grace_period: Option<Duration>,
}

/// What a client gives to others; never its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientOutputs {
    pub id: String,
    pub name: String,
    pub pool_id: String,
}

impl Client {
    /// One of which nothing but the name is said.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The flows that are declared.
    pub fn flows(&self) -> impl Iterator<Item = &String> + Clone {
        self.auth_flows.iter().flatten()
    }

    /// Whether it lets users sign in this way.
    pub fn allows(&self, flow: &str) -> bool {
        self.flows().any(|it| it == flow)
    }

    /// Whether it has the grant.
    pub fn has(&self, grant: Grant) -> bool {
        self.oauth_grants.iter().flatten().any(|it| *it == grant)
    }

    /// All that it may ask for.
    pub fn scopes(&self) -> impl Iterator<Item = &String> {
        self.oauth_scopes.iter().flatten()
    }

    /// Those in the form of a request.
    pub fn scope(&self) -> String {
        self.scopes().cloned().collect::<Vec<_>>().join(" ")
    }

    /// Where the login pages may send users back to.
    pub fn callbacks(&self) -> impl Iterator<Item = &String> {
        self.callback_urls.iter().flatten()
    }

    /// Where they send users that name no other place.
    pub fn callback(&self) -> Option<&String> {
        let default = self.default_redirect_uri.as_ref();
        default.or(self.callbacks().next())
    }
}

impl Produces for Client {
    const NAME: &'static str = "user pool client";
    type Outputs = ClientOutputs;
}

impl Spec for Client {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "clients",
        identity: Some("name"),
        replace_on: &["secret"],
        found: FoundBy::List,
        read_by_id: true,
        uses: &[
            ("oauth_scopes", ResourceServer::NAME, names_in_list),
            ("identity_providers", IdentityProvider::NAME, names_in_list),
        ],
        lost: "the client id changes: whatever signs in with it needs the new one",
        ..Traits::of::<Self>()
    };

    fn normal(mut self) -> Self {
        if let Some(flows) = self.auth_flows.as_mut().filter(|it| it.is_empty()) {
            *flows = default_flows();
        }
        self
    }
}

/// What a client without flows can do (docs/aws.md §3).
const DEFAULT_FLOWS: [&str; 3] = [
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_SRP_AUTH",
];

/// The flows of a client that names none.
pub fn default_flows() -> BTreeSet<String> {
    DEFAULT_FLOWS.map(ToOwned::to_owned).into()
}
