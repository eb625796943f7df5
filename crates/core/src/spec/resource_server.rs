//! A resource server of a user pool: `[user_pool.resource_servers."IDENTIFIER"]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::{keyed, shapes},
    spec::{FoundBy, Part, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A resource server: an API with scopes of its own, each of which a client asks for as
/// `IDENTIFIER/SCOPE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ResourceServer {
    /// Its name, as the console shows it. One that is made without has its identifier there, with
    /// blanks for what a name cannot have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ServerName>", extend("examples" = ["Notes", "Notes of all"]))]
    pub name: Option<String>,
    /// Its scopes, all of them: of each its name, and what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<ScopeName, ScopeDescription>",
        extend(
            "maxProperties" = 100,
            "examples" = [{ "read": "Read" }, { "read": "Read all", "write": "Write" }]
        )
    )]
    pub scopes: Option<BTreeMap<String, String>>,
}

shapes! {
    /// The identifier of a resource server (`ResourceServerIdentifierType`).
    Identifier {
        length: (1, 256),
        pattern: r"^[!#-\[\]-~]+$",
        hint: "1 to 256 ASCII characters without blanks, \" and \\: https://api.example.com",
        what: "a resource server's identifier",
    }
    /// The name of a resource server (`ResourceServerNameType`).
    ServerName {
        length: (1, 256),
        pattern: r"^[A-Za-z0-9_ \t\n\x0B\f\r+=,.@-]+$",
        hint: "letters, digits, blanks and _+=,.@-",
    }
    /// The name of a scope (`ResourceServerScopeNameType`).
    ScopeName {
        length: (1, 256),
        pattern: r"^[!#-.0-\[\]-~]+$",
        hint: "1 to 256 ASCII characters without blanks, \", \\ and /",
        what: "a scope's name",
    }
    ScopeDescription { length: (1, 256) }
}

/// What a resource server gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceServerOutputs {
    pub identifier: String,
}

impl Produces for ResourceServer {
    const NAME: &'static str = "resource server";
    type Outputs = ResourceServerOutputs;
}

impl Spec for ResourceServer {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "resource_servers",
        whole: &["scopes"],
        found: FoundBy::NameInList,
        lost: "tokens with its scopes are no longer given",
        part: Some(Part::of(
            "ResourceServer",
            "Resource servers, by their identifiers: APIs with scopes of their own.",
            keyed::<Identifier, Self>,
        )),
        gives: Some(scopes),
        ..Traits::of::<Self>()
    };
}

/// The scopes as clients ask for them.
fn scopes(identifier: &str, spec: &Value) -> Vec<String> {
    let scopes = spec["scopes"].as_object().into_iter().flatten();
    scopes
        .map(|(name, _)| format!("{identifier}/{name}"))
        .collect()
}
