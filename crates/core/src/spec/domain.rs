//! The prefix domain of a user pool: `[user_pool.domain]`. Pure.

use super::user_pool::UserPool;
use crate::spec::{Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The domain of the login pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    /// The first part of `https://PREFIX.auth.REGION.amazoncognito.com`. Nobody else in the Region
    /// may have it, and `aws`, `amazon` and `cognito` may not be in it. A change makes a new
    /// domain and deletes the old one.
    #[schemars(regex(pattern = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"), extend("patternHint" = "write 1 to 63 lower-case letters, digits and -, with no - at an end"))]
    pub prefix: String,
    /// Which login pages it shows: 1 the classic hosted UI, 2 managed login (not in the LITE
    /// plan). With 2, wsctl gives each client the style that managed login needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2), extend("default" = 1))]
    pub managed_login_version: Option<u8>,
}

/// What a domain gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainOutputs {
    pub prefix: String,
    pub pool_id: String,
    /// `https://PREFIX.auth.REGION.amazoncognito.com`, without a slash at the end.
    pub login_url: String,
}

impl Produces for Domain {
    const NAME: &'static str = "user pool domain";
    type Outputs = DomainOutputs;
}

impl Spec for Domain {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "domain",
        identity: Some("prefix"),
        replace_on: &["prefix"],
        lost: "the login's URL changes, and the old one is free for anybody to take",
        // Cognito refuses to delete a pool that has a domain (docs/aws.md §2).
        goes_with_parent: false,
        ..Traits::of::<Self>()
    };
}
