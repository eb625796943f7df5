//! An identity provider of a user pool: `[user_pool.identity_providers.NAME]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::{keyed, shapes},
    spec::{FoundBy, Part, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody else's sign-in that a client may offer: Google's, say. A client names it in its
/// `identity_providers`. That of Google, Facebook, Amazon and Apple has the name of its type.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IdentityProvider {
    /// Whose sign-in it is. Fixed when it is made.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["OIDC", "SAML"]))]
    pub provider_type: Option<ProviderType>,
    /// The id that the provider knows the pool by; of Apple's, the Services ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Needed>", extend("examples" = ["pool-1", "pool-2"]))]
    pub client_id: Option<String>,
    /// The secret that goes with it, from an environment variable alone: `"${env.GOOGLE_SECRET}"`. It
    /// is compared with the one in AWS, and never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<Needed>",
        extend("examples" = ["${env.PROVIDER_SECRET}", "${env.PROVIDER_SECRET_2}"])
    )]
    pub client_secret: Option<String>,
    /// What is asked for: `openid`, `email`, `profile`; of Facebook, `public_profile` and `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<AskedFor>>",
        length(min = 1),
        extend("examples" = [["openid", "email"], ["openid"]])
    )]
    pub scopes: Option<BTreeSet<String>>,
    /// Apple's id of the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Needed>")]
    pub team_id: Option<String>,
    /// Apple's id of the private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Needed>")]
    pub key_id: Option<String>,
    /// Apple's private key, from an environment variable alone. AWS never gives it back: another one
    /// is noticed by its `key_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Needed>")]
    pub private_key: Option<String>,
    /// The address of an OpenID provider, as its tokens have it in `iss`. Cognito finds the other
    /// addresses there, in `/.well-known/openid-configuration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<HttpsUrl>",
        extend("examples" = ["https://id.example.com", "https://id.example.com/two"])
    )]
    pub issuer: Option<String>,
    /// How an OpenID provider is asked for a user's attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<RequestMethod>",
        extend("default" = "GET", "examples" = ["POST", "GET"])
    )]
    pub attributes_request_method: Option<String>,
    /// Where an OpenID provider lets people sign in. These four are for one that does not tell them;
    /// left out, they stay as they are until the issuer changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<HttpsUrl>",
        extend("follows" = "issuer", "examples" = ["https://id.example.com/authorize", "https://id.example.com/login"])
    )]
    pub authorize_url: Option<String>,
    /// Where it gives tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<HttpsUrl>",
        extend("follows" = "issuer", "examples" = ["https://id.example.com/token", "https://id.example.com/oauth/token"])
    )]
    pub token_url: Option<String>,
    /// Where it tells a user's attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<HttpsUrl>",
        extend("follows" = "issuer", "examples" = ["https://id.example.com/user", "https://id.example.com/userinfo"])
    )]
    pub attributes_url: Option<String>,
    /// Where its keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<HttpsUrl>",
        extend("follows" = "issuer", "examples" = ["https://id.example.com/keys", "https://id.example.com/jwks.json"])
    )]
    pub jwks_uri: Option<String>,
    /// The version of Facebook's API: `v17.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ApiVersion>")]
    pub api_version: Option<String>,
    /// Where a SAML provider has its metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<HttpsUrl>")]
    pub metadata_url: Option<String>,
    /// The file with the metadata instead, beside this file or in a folder there.
    // It is no part of what is sent: its text is.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Needed>")]
    pub metadata_file: Option<String>,
    /// The metadata themselves instead, as XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Needed>")]
    pub metadata: Option<String>,
    /// Whether who signs out of the pool signs out of the SAML provider too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub sign_out: Option<bool>,
    /// Whether the sign-in may begin at the SAML provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub idp_initiated: Option<bool>,
    /// Whether the SAML provider has to encrypt what it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub encrypted_responses: Option<bool>,
    /// Whether Cognito signs what it asks a SAML provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub signed_requests: Option<bool>,
    /// From which attribute of the provider's each attribute of a user comes, all of them:
    /// `email = "email"`. `username` need not be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<MappedAttribute, ProvidersAttribute>",
        extend("examples" = [{ "email": "email" }, { "email": "mail", "name": "full_name" }])
    )]
    pub attribute_mapping: Option<BTreeMap<String, String>>,
    /// Other names that a login may ask for it by; a domain such as `example.com` among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<IdpIdentifier>>",
        length(max = 50),
        extend(
            "unlike" = true,
            "examples" = [["one.example.com"], ["two.example.com"]]
        )
    )]
    pub idp_identifiers: Option<BTreeSet<String>>,
}

/// Whose sign-in it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum ProviderType {
    Google,
    Facebook,
    LoginWithAmazon,
    SignInWithApple,
    /// Any provider that speaks OpenID Connect.
    #[serde(rename = "OIDC")]
    Oidc,
    /// Any provider that speaks SAML 2.0.
    #[serde(rename = "SAML")]
    Saml,
}

shapes! {
    /// The name of a provider (`ProviderNameTypeV2`).
    ProviderKey {
        length: (1, 32),
        pattern: r"^[^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+$",
        hint: "3 to 32 characters without blanks and _, such as Google or Okta",
        what: "an identity provider's name",
    }
    Needed { length: (1, 131_072) }
    /// A scope that stands between blanks or commas.
    AskedFor {
        length: (1, 256),
        pattern: r"^[!#-+\x2D-\[\]-~]+$",
        hint: "a scope without blanks and commas",
    }
    HttpsUrl {
        length: (9, 2048),
        pattern: "^https://[!-~]+$",
        hint: "an address that begins with https://",
    }
    RequestMethod { words: &["GET", "POST"] }
    ApiVersion { length: (2, 16), pattern: r"^v[0-9]+\.[0-9]+$", hint: "a version, such as v17.0" }
    /// `AttributeMappingKeyType`.
    MappedAttribute { length: (1, 32), what: "an attribute of a user" }
    ProvidersAttribute { length: (1, 131_072) }
    /// `IdpIdentifierType`.
    IdpIdentifier {
        length: (1, 40),
        pattern: r"^[A-Za-z0-9_ \t\n\x0B\f\r+=.@-]+$",
        hint: "up to 40 letters, digits, blanks and _+=.@-",
    }
}

/// Fields that every type has.
const ANY: [&str; 3] = ["type", "attribute_mapping", "idp_identifiers"];

/// Fields with a secret, which come from the environment.
pub const SECRETS: [&str; 2] = ["client_secret", "private_key"];

/// Fields any one of which says a SAML provider's metadata.
pub const METADATA: [&str; 3] = ["metadata_url", "metadata_file", "metadata"];

impl ProviderType {
    pub const ALL: [Self; 6] = [
        Self::Google,
        Self::Facebook,
        Self::LoginWithAmazon,
        Self::SignInWithApple,
        Self::Oidc,
        Self::Saml,
    ];

    /// Whether AWS takes it under the type's own name only (docs/aws.md §4).
    pub fn has_one_name(self) -> bool {
        !matches!(self, Self::Oidc | Self::Saml)
    }

    /// Fields that one cannot be made without (docs/aws.md §4).
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Google | Self::Facebook | Self::LoginWithAmazon => {
                &["client_id", "client_secret", "scopes"]
            }
            Self::SignInWithApple => &["client_id", "team_id", "key_id", "private_key", "scopes"],
            Self::Oidc => &["client_id", "issuer", "scopes"],
            Self::Saml => &[],
        }
    }

    /// Fields that it can have besides.
    fn permits(self) -> &'static [&'static str] {
        match self {
            Self::Google | Self::LoginWithAmazon | Self::SignInWithApple => &[],
            Self::Facebook => &["api_version"],
            Self::Oidc => &[
                "client_secret",
                "attributes_request_method",
                "authorize_url",
                "token_url",
                "attributes_url",
                "jwks_uri",
            ],
            Self::Saml => &[
                "metadata_url",
                "metadata_file",
                "metadata",
                "sign_out",
                "idp_initiated",
                "encrypted_responses",
                "signed_requests",
            ],
        }
    }

    /// All fields that it can have.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        ANY.into_iter()
            .chain(self.needs().iter().copied())
            .chain(self.permits().iter().copied())
    }

    /// Where the user's name comes from if nobody says it (docs/aws.md §4).
    pub fn username(self) -> Option<&'static str> {
        match self {
            Self::Google | Self::SignInWithApple | Self::Oidc => Some("sub"),
            Self::Facebook => Some("id"),
            Self::LoginWithAmazon => Some("user_id"),
            Self::Saml => None,
        }
    }

    /// What stands between its scopes.
    pub fn between_scopes(self) -> &'static str {
        match self {
            Self::Facebook => ",",
            _ => " ",
        }
    }
}

/// What a provider gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProviderOutputs {
    pub name: String,
}

impl Produces for IdentityProvider {
    const NAME: &'static str = "identity provider";
    type Outputs = IdentityProviderOutputs;
}

impl Spec for IdentityProvider {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "identity_providers",
        replace_on: &["type"],
        whole: &["attribute_mapping"],
        hidden: &SECRETS,
        // AWS never gives it back (docs/aws.md §4).
        create_only: &["private_key"],
        found: FoundBy::NameInList,
        lost: "nobody signs in with it any more, and clients that offer it lose it",
        part: Some(Part {
            is_described: true,
            takes: Some(takes),
            files: &[("metadata_file", "metadata")],
            imported: Some(imported),
            ..Part::of(
                "IdentityProvider",
                "Identity providers: other people's sign-ins, such as `Google`, that clients offer.",
                keyed::<ProviderKey, Self>,
            )
        }),
        gives: Some(|name, _| vec![name.to_owned()]),
        ..Traits::of::<Self>()
    };

    /// A username that comes from where it comes from anyway is as good as none.
    fn normal(mut self) -> Self {
        let usual = self.provider_type.and_then(ProviderType::username);
        if let (Some(usual), Some(mapping)) = (usual, &mut self.attribute_mapping)
            && mapping.get("username").is_some_and(|it| it == usual)
        {
            mapping.remove("username");
        }
        self
    }
}

/// The type that a tree says.
pub fn type_of(spec: &Value) -> Option<ProviderType> {
    super::user_pool::from_word(spec["type"].as_str()?)
}

/// Whether one of this spec can have a field, and whether it cannot be made without.
fn takes(spec: &Value, field: &str) -> (bool, bool) {
    let Some(of) = type_of(spec) else {
        return (true, field == "type");
    };
    let is_needed = field == "type" || of.needs().contains(&field);
    (of.fields().any(|it| it == field), is_needed)
}

/// A live one as a file has it: a secret is in AWS alone, and addresses that Cognito may have found itself
/// stay as they are where nothing is said of them.
fn imported(spec: &mut Value) {
    if let Some(fields) = spec.as_object_mut() {
        let found = ["authorize_url", "token_url", "attributes_url", "jwks_uri"];
        fields.retain(|key, _| !SECRETS.contains(&key.as_str()) && !found.contains(&key.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_field_is_one_of_some_type() {
        let schema = schemars::schema_for!(IdentityProvider).to_value();
        for (field, _) in schema["properties"].as_object().unwrap() {
            let is_of = |it: &ProviderType| it.fields().any(|other| other == field);
            assert!(ProviderType::ALL.iter().any(is_of), "{field}");
        }
        for of in ProviderType::ALL {
            for field in of.fields() {
                assert!(schema["properties"].get(field).is_some(), "{of:?}: {field}");
            }
        }
    }

    #[test]
    fn a_username_from_where_it_comes_anyway_is_none() {
        for of in ProviderType::ALL {
            let mapping = |from: &str| {
                let spec =
                    json!({ "type": of, "attribute_mapping": { "email": "x", "username": from } });
                (IdentityProvider::TRAITS.normal)(&spec)["attribute_mapping"].clone()
            };
            let other = json!({ "email": "x", "username": "other" });
            assert_eq!(mapping("other"), other, "{of:?}");
            if let Some(usual) = of.username() {
                assert_eq!(mapping(usual), json!({ "email": "x" }), "{of:?}");
            }
        }
    }
}
