//! A Cognito identity pool: AWS credentials for whoever signs in, and for guests. Pure.

use crate::{
    owner::Tags,
    shape::{self, keyed, shapes},
    spec::{FoundBy, Produces, Spec, Stack, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The identity pool: gives people AWS credentials of their own for as long as they are signed in, and
/// guests where it is to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityPool {
    /// The identity pool's name, as the console shows it.
    #[schemars(with = "shape::CognitoName")]
    pub name: String,
    /// Whether guests get credentials too, which is everybody who knows the identity pool's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub allow_unauthenticated: Option<bool>,
    /// Whether apps may choose the role themselves, in the older flow of three calls; it also lifts what
    /// AWS takes away from guests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub allow_classic_flow: Option<bool>,
    /// App clients whose ID tokens it takes: each the name of a client of this file, or
    /// `USER_POOL_ID:CLIENT_ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<LoginClient>>")]
    pub clients: Option<BTreeSet<String>>,
    /// Whether the user pool is asked each time that its user is still there, is enabled and has not been
    /// signed out everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub server_side_token_check: Option<bool>,
    /// Identity providers that it takes tokens of without a user pool: `accounts.google.com`,
    /// `graph.facebook.com`, `www.amazon.com`, `appleid.apple.com`, each with the id of your app there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "keyed::<LoginProvider, LoginApp>", extend("maxProperties" = 10))]
    pub login_providers: Option<BTreeMap<String, String>>,
    /// ARNs of OpenID Connect providers that IAM knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<OpenIdConnectProvider>>")]
    pub openid_connect_providers: Option<BTreeSet<String>>,
    /// ARNs of SAML providers that IAM knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<SamlProvider>>")]
    pub saml_providers: Option<BTreeSet<String>>,
    /// The name under which your own backend signs people in, such as `login.example.com`. AWS keeps it as
    /// it was first set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DeveloperProvider>")]
    pub developer_provider: Option<String>,
    /// The role of whoever is signed in: the name of one of `roles`, or the ARN of another, which has to
    /// trust the identity pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<IdentityRole>")]
    pub authenticated_role: Option<String>,
    /// The role of guests: the name of one of `roles`, or the ARN of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<IdentityRole>")]
    pub unauthenticated_role: Option<String>,
    /// Whose people get other roles, each provider in a table of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    pub role_mappings: Option<Vec<RoleMapping>>,
    /// The identity pool's tags, all of them but wsctl's and AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// Which roles the people of a provider get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RoleMapping {
    /// Whose tokens: one of `clients`, or another provider as AWS names it, such as `accounts.google.com`
    /// or the ARN of a SAML provider.
    #[schemars(with = "MappedProvider")]
    pub provider: String,
    /// What decides, the first rule that fits. Left out, the token does: the role of the group with the
    /// lowest `precedence`, or the one of the person's groups that the app asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 25))]
    pub rules: Option<Vec<RoleRule>>,
    /// What becomes of people whom no rule fits, or whose token names no role.
    pub otherwise: Otherwise,
}

/// What becomes of people for whom no role is found.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// They get `authenticated_role`.
    AuthenticatedRole,
    /// They get no credentials.
    Deny,
}

/// One rule: whose token has this claim so, gets this role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RoleRule {
    /// The claim in the token: `cognito:groups`, `custom:tenant`.
    #[schemars(with = "Claim")]
    pub claim: String,
    /// How it is compared.
    #[serde(rename = "match")]
    pub is: Comparison,
    /// What with.
    #[schemars(length(min = 1, max = 128))]
    pub value: String,
    /// The name of one of `roles`, or the ARN of another.
    #[schemars(with = "GivenRole")]
    pub role: String,
}

/// How a claim is compared (`MappingRuleMatchType`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Equals,
    Contains,
    StartsWith,
    NotEqual,
}

/// A name in the file, or an ARN.
const ROLE: &str = r"^(?:[A-Za-z][A-Za-z0-9_-]{0,63}|arn:(aws[a-zA-Z-]*)?:iam::[0-9]{12}:role/[a-zA-Z_0-9+=,.@/-]+)$";

shapes! {
    /// A client by its name in the file, or by both ids.
    LoginClient {
        length: (1, 256),
        pattern: r"^(?:[A-Za-z][A-Za-z0-9_-]{0,63}|[a-z0-9-]+_[0-9a-zA-Z]+:[A-Za-z0-9_]+)$",
        hint: "the name of a client of this file, or USER_POOL_ID:CLIENT_ID",
        what: "an app client",
    }
    /// `IdentityProviderName`.
    LoginProvider {
        length: (1, 128),
        pattern: r"^[A-Za-z0-9_.:/-]+$",
        hint: "accounts.google.com, graph.facebook.com, www.amazon.com or appleid.apple.com",
        what: "a provider",
    }
    /// `IdentityProviderId`; several of one's own, for a phone and for pages, have ; in between.
    LoginApp { length: (1, 128), pattern: r"^[A-Za-z0-9_.;/-]+$", hint: "the app's id at the provider" }
    OpenIdConnectProvider {
        length: (20, 2048),
        pattern: r"^arn:(aws[a-zA-Z-]*)?:iam::[0-9]{12}:oidc-provider/[^\s]+$",
        hint: "an OpenID Connect provider's ARN, arn:aws:iam::123456789012:oidc-provider/NAME",
    }
    SamlProvider {
        length: (20, 2048),
        pattern: r"^arn:(aws[a-zA-Z-]*)?:iam::[0-9]{12}:saml-provider/[A-Za-z0-9_.-]+$",
        hint: "a SAML provider's ARN, arn:aws:iam::123456789012:saml-provider/NAME",
    }
    /// `DeveloperProviderName`.
    DeveloperProvider {
        length: (1, 128),
        pattern: r"^[A-Za-z0-9_.-]+$",
        hint: "letters, digits and _.-",
    }
    /// A role by its name in the file, or by its ARN; none takes the one away that is there.
    IdentityRole {
        length: (1, 2048),
        pattern: ROLE,
        hint: "the name of one of `roles`, or a role's ARN, arn:aws:iam::123456789012:role/NAME",
        empty_removes: true,
    }
    /// The same, but none.
    GivenRole {
        length: (1, 2048),
        pattern: ROLE,
        hint: "the name of one of `roles`, or a role's ARN, arn:aws:iam::123456789012:role/NAME",
    }
    /// A provider as the map of roles has it (`IdentityProviderName`), or a client.
    MappedProvider {
        length: (1, 128),
        pattern: r"^[A-Za-z0-9_.:/-]+$",
        hint: "one of `clients`, or a provider such as accounts.google.com",
        what: "a provider",
    }
    /// `ClaimName`.
    Claim {
        length: (1, 64),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$",
        hint: "a claim's name without blanks, such as custom:tenant",
        what: "a claim",
    }
}

/// What an identity pool gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPoolOutputs {
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl IdentityPool {
    /// Whether it says who gets which role.
    pub fn has_roles(&self) -> bool {
        let by_default = [&self.authenticated_role, &self.unauthenticated_role];
        let mut by_default = by_default.into_iter().flatten();
        by_default.any(|it| !it.is_empty()) || self.role_mappings.iter().flatten().next().is_some()
    }

    /// With each client's text as `client` makes it, and each role's as `role` does.
    pub fn mapped(
        self,
        client: impl Fn(String) -> String,
        role: impl Fn(String) -> String,
    ) -> Self {
        let mapping = |it: RoleMapping| RoleMapping {
            provider: client(it.provider),
            rules: it.rules.map(|all| {
                let each = |it: RoleRule| RoleRule {
                    role: role(it.role),
                    ..it
                };
                all.into_iter().map(each).collect()
            }),
            ..it
        };
        Self {
            clients: self
                .clients
                .map(|all| all.into_iter().map(&client).collect()),
            authenticated_role: self.authenticated_role.map(&role),
            unauthenticated_role: self.unauthenticated_role.map(&role),
            role_mappings: self
                .role_mappings
                .map(|all| all.into_iter().map(mapping).collect()),
            ..self
        }
    }
}

impl Produces for IdentityPool {
    const NAME: &'static str = "identity pool";
    type Outputs = IdentityPoolOutputs;
}

/// The field that says whose people get other roles.
pub const MAPPINGS: &str = "role_mappings";

/// Fields that name roles, which themselves trust the identity pool.
pub const OF_ROLES: [&str; 3] = ["authenticated_role", "unauthenticated_role", MAPPINGS];

impl Spec for IdentityPool {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        replace_on: &["developer_provider"],
        whole: &["tags", "login_providers"],
        beyond: &[
            "allow_unauthenticated",
            "allow_classic_flow",
            "clients",
            "login_providers",
            "openid_connect_providers",
            "saml_providers",
            OF_ROLES[0],
            OF_ROLES[1],
            OF_ROLES[2],
        ],
        late: &OF_ROLES,
        found: FoundBy::List,
        read_by_id: true,
        lost: "its id changes, and everybody's identity in it is another one",
        ..Traits::of::<Self>()
    };

    /// Providers are a map in AWS; rules have an order.
    fn normal(self) -> Self {
        let sorted = |mut all: Vec<RoleMapping>| {
            all.sort();
            all
        };
        Self {
            role_mappings: self.role_mappings.map(sorted),
            ..self
        }
    }
}
