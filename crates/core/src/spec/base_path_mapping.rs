//! Which API answers at a path of a custom domain name: `[domain_names.NAME.base_paths]`. Pure.

use super::domain_name::DomainName;
use crate::{
    shape::shapes,
    spec::{Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What AWS calls the path of the name alone.
pub const NO_PATH: &str = "(none)";

/// A base path mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BasePathMapping {
    /// The API's id.
    pub api_id: String,
    /// The stage of it; one that somebody made can lead to all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

shapes! {
    /// The first part of a path, or [`NO_PATH`].
    BasePath {
        length: (1, 255),
        pattern: r"^(?:\(none\)|[A-Za-z0-9$_.+!*'-]+)$",
        hint: "(none), or the first part of a path: letters, digits and $-_.+!*'",
        what: "a base path",
    }
}

/// What a base path mapping gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasePathMappingOutputs {
    /// The path, or [`NO_PATH`].
    pub base_path: String,
    /// Where the API answers: `https://NAME/PATH`, without a slash at the end.
    pub url: String,
}

impl BasePathMappingOutputs {
    /// What AWS makes of these.
    pub fn new(domain: &str, base_path: &str) -> Self {
        let path = match base_path {
            NO_PATH => String::new(),
            path => format!("/{path}"),
        };
        Self {
            base_path: base_path.to_owned(),
            url: format!("https://{domain}{path}"),
        }
    }
}

impl Produces for BasePathMapping {
    const NAME: &'static str = "base path mapping";
    type Outputs = BasePathMappingOutputs;
}

impl Spec for BasePathMapping {
    type Parent = DomainName;

    const TRAITS: Traits = Traits {
        table: "base_paths",
        goes_with_parent: false,
        leads_to: Some("api_id"),
        ..Traits::of::<Self>()
    };
}
