//! The managed login branding of a client: `[user_pool.clients.NAME.branding]`. Managed by its presence
//! only: what it looks like is the console's to say. Pure.

use super::client::Client;
use crate::spec::{Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A branding style; Cognito's own when wsctl makes it. Without one, a client shows "Login pages
/// unavailable" on a domain with managed login (docs/aws.md §4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Branding {}

/// What a branding gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandingOutputs {
    pub id: String,
}

impl Produces for Branding {
    const NAME: &'static str = "managed login branding";
    type Outputs = BrandingOutputs;
}

impl Spec for Branding {
    type Parent = Client;

    const TRAITS: Traits = Traits {
        table: "branding",
        says_little: Some(|_| true),
        ..Traits::of::<Self>()
    };
}
