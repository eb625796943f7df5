//! Where Cognito keeps the fields of a provider that its type decides: `ProviderDetails`, a map of texts.
//! Pure.
//!
//! Which keys there are, what Cognito fills in, and that an update replaces the map: docs/aws.md §4.

use crate::spec::identity_provider::{IdentityProvider, ProviderType};
use aws_sdk_cognitoidentityprovider::types::IdentityProviderType;
use std::collections::{BTreeSet, HashMap};

type Details = HashMap<String, String>;

/// What a SAML provider's requests are signed with; there is no other word.
const SIGNED: &str = "rsa-sha256";

/// Where an OpenID provider's addresses are, which Cognito finds itself.
const FOUND: [&str; 4] = ["authorize_url", "token_url", "attributes_url", "jwks_uri"];

/// `field = key` for each text: makes the reader and the writer of them all.
macro_rules! texts {
    ($($field:ident = $key:literal),+ $(,)?) => {
        fn read_texts(details: &Details, has: impl Fn(&str) -> bool) -> IdentityProvider {
            IdentityProvider {
                $($field: details.get($key).filter(|_| has(stringify!($field))).cloned(),)+
                ..Default::default()
            }
        }

        fn write_texts(details: &mut Details, declared: &IdentityProvider) {
            $(if let Some(text) = &declared.$field {
                details.insert($key.to_owned(), text.clone());
            })+
        }
    };
}

texts! {
    client_id = "client_id",
    client_secret = "client_secret",
    team_id = "team_id",
    key_id = "key_id",
    private_key = "private_key",
    issuer = "oidc_issuer",
    attributes_request_method = "attributes_request_method",
    authorize_url = "authorize_url",
    token_url = "token_url",
    attributes_url = "attributes_url",
    jwks_uri = "jwks_uri",
    api_version = "api_version",
    metadata_url = "MetadataURL",
    metadata = "MetadataFile",
}

const SCOPES: &str = "authorize_scopes";
const SIGNING: &str = "RequestSigningAlgorithm";

/// What is in the map of one of a type's fields; nothing that Cognito has filled in.
pub(super) fn read(live: &IdentityProviderType, of: Option<ProviderType>) -> IdentityProvider {
    let (Some(of), Some(details)) = (of, live.provider_details()) else {
        return IdentityProvider::default();
    };
    let has = |field: &str| of.fields().any(|it| it == field);
    let is_on = |field: &str, key: &str| {
        has(field).then(|| {
            details
                .get(key)
                .is_some_and(|it| it.eq_ignore_ascii_case("true"))
        })
    };
    IdentityProvider {
        scopes: has("scopes").then(|| scopes(details.get(SCOPES))),
        sign_out: is_on("sign_out", "IDPSignout"),
        idp_initiated: is_on("idp_initiated", "IDPInit"),
        encrypted_responses: is_on("encrypted_responses", "EncryptedResponses"),
        signed_requests: has("signed_requests").then(|| details.contains_key(SIGNING)),
        ..read_texts(details, has)
    }
}

fn scopes(text: Option<&String>) -> BTreeSet<String> {
    let words = text
        .map_or("", String::as_str)
        .split([' ', ',', '\t', '\n']);
    words
        .filter(|it| !it.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// The map of a new one.
pub(super) fn of_new(declared: &IdentityProvider, of: ProviderType) -> Details {
    let mut details = Details::new();
    write(&mut details, declared, of);
    if of == ProviderType::Oidc {
        // Cognito does not take one without (docs/aws.md §4).
        let method = details.entry("attributes_request_method".to_owned());
        method.or_insert_with(|| "GET".to_owned());
    }
    details
}

/// The whole map of one that is there: what is declared, and otherwise what it has.
pub(super) fn laid_over(
    live: &IdentityProviderType,
    now: &IdentityProvider,
    declared: &IdentityProvider,
) -> Details {
    let Some(of) = now.provider_type else {
        return live.provider_details().cloned().unwrap_or_default();
    };
    let mut details = Details::new();
    write(&mut details, now, of);
    if declared.issuer.is_some() && declared.issuer != now.issuer {
        details.retain(|key, _| !FOUND.contains(&key.as_str()));
    }
    // Cognito takes one of the two.
    if declared.metadata.is_some() {
        details.remove("MetadataURL");
    } else if declared.metadata_url.is_some() {
        details.remove("MetadataFile");
    }
    write(&mut details, declared, of);
    details
}

fn write(details: &mut Details, declared: &IdentityProvider, of: ProviderType) {
    write_texts(details, declared);
    if let Some(scopes) = &declared.scopes {
        let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
        details.insert(SCOPES.to_owned(), scopes.join(of.between_scopes()));
    }
    for (key, flag) in [
        ("IDPSignout", declared.sign_out),
        ("IDPInit", declared.idp_initiated),
        ("EncryptedResponses", declared.encrypted_responses),
    ] {
        if let Some(is_on) = flag {
            details.insert(key.to_owned(), is_on.to_string());
        }
    }
    match declared.signed_requests {
        Some(true) => drop(details.insert(SIGNING.to_owned(), SIGNED.to_owned())),
        Some(false) => drop(details.remove(SIGNING)),
        None => {}
    }
}
