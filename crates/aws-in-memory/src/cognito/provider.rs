//! Identity providers: which details each type has to have, and what Cognito fills in (docs/aws.md §4).

use super::{Pool, wrong};
use crate::call::{Refusal, refuse};
use serde_json::{Map, Value, json};

const NOUN: &str = "IdentityProvider";

/// The types that have one name.
const SOCIAL: [&str; 4] = ["Google", "Facebook", "LoginWithAmazon", "SignInWithApple"];

/// Attributes that are in no schema here, and can be mapped.
const MAPPED: [&str; 3] = ["username", "email_verified", "phone_number_verified"];

/// A pool's schema has another attribute from its first provider on.
pub(super) fn mark(pool: &mut Pool) {
    let schema = pool.tree["SchemaAttributes"].as_array_mut();
    let schema = schema.expect("a schema");
    if !schema.iter().any(|it| it["Name"] == "identities") {
        schema.push(json!({
            "Name": "identities", "AttributeDataType": "String", "Mutable": true, "Required": false,
            "DeveloperOnlyAttribute": false, "StringAttributeConstraints": {},
        }));
    }
}

/// What it becomes.
pub(super) fn made(pool: &Pool, part: &mut Map<String, Value>) -> Result<(), Refusal> {
    let text = |member: &str| part[member].as_str().unwrap_or_default().to_owned();
    let (name, of) = (text("ProviderName"), text("ProviderType"));
    if SOCIAL.contains(&of.as_str()) && name != of {
        return wrong(format!("Provider {name} cannot be of type {of}."));
    }
    let mut details = part["ProviderDetails"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    complete(&of, &details)?;
    fill(&of, &mut details);
    part.insert("ProviderDetails".into(), Value::Object(details));
    let mapping = part.entry("AttributeMapping").or_insert(json!({}));
    let known = |key: &str| {
        let schema = pool.tree["SchemaAttributes"].as_array();
        MAPPED.contains(&key) || schema.is_some_and(|it| it.iter().any(|it| it["Name"] == key))
    };
    let keys = mapping.as_object().into_iter().flat_map(Map::keys);
    if let Some(unknown) = keys.into_iter().find(|it| !known(it)) {
        return wrong(format!(
            "AttributeMapping contains invalid mapping: [{unknown}]"
        ));
    }
    if let (Some(usual), Some(mapping)) = (username(&of), mapping.as_object_mut()) {
        mapping.entry("username").or_insert(json!(usual));
    }
    let own = part.entry("IdpIdentifiers").or_insert(json!([])).clone();
    let others = pool.parts.get(NOUN).into_iter().flatten();
    for (other, (_, it)) in others.filter(|(other, _)| **other != name) {
        let theirs = it["IdpIdentifiers"].as_array().into_iter().flatten();
        if own
            .as_array()
            .is_some_and(|own| theirs.into_iter().any(|it| own.contains(it)))
        {
            return refuse(
                "DuplicateProviderException",
                format!("{other} has the identifier."),
            );
        }
    }
    Ok(())
}

fn username(of: &str) -> Option<&'static str> {
    match of {
        "Google" | "SignInWithApple" | "OIDC" => Some("sub"),
        "Facebook" => Some("id"),
        "LoginWithAmazon" => Some("user_id"),
        _ => None,
    }
}

fn complete(of: &str, details: &Map<String, Value>) -> Result<(), Refusal> {
    let lacks = |keys: &[&str]| keys.iter().any(|key| !details.contains_key(*key));
    let issuer = details.get("oidc_issuer").and_then(Value::as_str);
    match of {
        "OIDC"
            if lacks(&[
                "client_id",
                "authorize_scopes",
                "oidc_issuer",
                "attributes_request_method",
            ]) =>
        {
            wrong(
                "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details.",
            )
        }
        "OIDC" if !issuer.is_some_and(|it| it.starts_with("https://")) => {
            wrong("OIDC endpoint must start with https://")
        }
        "SignInWithApple" if lacks(&["client_id", "private_key", "team_id", "key_id"]) => {
            wrong("clientId, privateKey, teamId, and keyId are all required idp details.")
        }
        "SAML" => match (
            details.contains_key("MetadataURL"),
            details.contains_key("MetadataFile"),
        ) {
            (false, false) => {
                wrong("At least one of the MetadataURL or MetadataFile should be provided.")
            }
            (true, true) => {
                wrong("Only one of the MetadataURL or MetadataFile should be provided.")
            }
            _ => Ok(()),
        },
        "Google" | "Facebook" | "LoginWithAmazon"
            if lacks(&["client_id", "client_secret", "authorize_scopes"]) =>
        {
            wrong("clientId, clientSecret and authorizeScopes are all required idp details.")
        }
        _ => Ok(()),
    }
}

/// What nobody has to say, and what nobody is told.
fn fill(of: &str, details: &mut Map<String, Value>) {
    details.remove("private_key");
    let issuer = details.get("oidc_issuer").and_then(Value::as_str);
    let issuer = issuer.unwrap_or_default().to_owned();
    let version = details.get("api_version").and_then(Value::as_str);
    let version = version.unwrap_or("v17.0").to_owned();
    let own: Vec<(&str, String)> = match of {
        "OIDC" => vec![
            ("authorize_url", format!("{issuer}/authorize")),
            ("token_url", format!("{issuer}/token")),
            ("attributes_url", format!("{issuer}/userInfo")),
            ("jwks_uri", format!("{issuer}/jwks.json")),
            ("attributes_url_add_attributes", "false".into()),
        ],
        "SAML" => vec![
            ("IDPSignout", "false".into()),
            ("ActiveEncryptionCertificate", "MIIC".into()),
            ("SSORedirectBindingURI", "https://example.com/sso".into()),
            ("SLORedirectBindingURI", "https://example.com/slo".into()),
        ],
        "Facebook" => vec![
            ("api_version", version.clone()),
            (
                "attributes_url",
                format!("https://graph.facebook.com/{version}/me?fields="),
            ),
            ("attributes_url_add_attributes", "true".into()),
            (
                "authorize_url",
                format!("https://www.facebook.com/{version}/dialog/oauth"),
            ),
            ("token_request_method", "GET".into()),
        ],
        _ => vec![
            ("oidc_issuer", "https://accounts.example.com".into()),
            ("attributes_url_add_attributes", "true".into()),
            (
                "authorize_url",
                "https://accounts.example.com/authorize".into(),
            ),
            ("token_request_method", "POST".into()),
            ("token_url", "https://accounts.example.com/token".into()),
        ],
    };
    for (key, value) in own {
        details.entry(key).or_insert(json!(value));
    }
}
