//! A login's address of one's own: `[user_pool.custom_domain]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::shapes,
    spec::{Produces, Spec, Traits, domain_name::CertificateArn},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A custom domain of the login pages, beside or in place of the one with a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomDomain {
    /// The host, such as `auth.example.com`. The name above it, `example.com`, needs an A record before; the host's
    /// own record, to the `target`, is yours to make. A change deletes the old domain and makes a new one.
    #[schemars(with = "LoginHost", extend("examples" = ["auth.example.com", "login.example.com"]))]
    pub name: String,
    /// The ARN of its certificate in AWS Certificate Manager, in us-east-1 whatever the pool's Region is.
    #[schemars(
        with = "CertificateArn",
        extend("examples" = [
            "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d",
            "arn:aws:acm:us-east-1:123456789012:certificate/4e5f6a7b",
        ])
    )]
    pub certificate_arn: String,
    /// The oldest version of TLS that it takes, with the ciphers that go with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<LoginSecurityPolicy>")]
    pub security_policy: Option<String>,
    /// Which login pages it shows: 1 the classic hosted UI, 2 managed login (not in the LITE
    /// plan). With 2, wsctl gives each client the style that managed login needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2), extend("default" = 1))]
    pub managed_login_version: Option<u8>,
}

shapes! {
    /// A host's name, as long as a prefix may be (`DomainType`).
    LoginHost {
        length: (4, 63),
        pattern: r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        hint: "a host's name in small letters, such as auth.example.com",
    }
    /// What CloudFront calls them (`SecurityPolicyType`).
    LoginSecurityPolicy { words: &["TLS_V1", "TLS_V1_2_2021", "TLS_V1_3_2025"] }
}

/// What a custom domain gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomainOutputs {
    pub name: String,
    pub pool_id: String,
    /// `https://NAME`, without a slash at the end.
    pub login_url: String,
    /// The host that a DNS record of the name has to lead to.
    pub target: String,
}

impl Produces for CustomDomain {
    const NAME: &'static str = "user pool custom domain";
    type Outputs = CustomDomainOutputs;
}

impl Spec for CustomDomain {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "custom_domain",
        identity: Some("name"),
        replace_on: &["name"],
        lost: "the login's URL changes, and nobody can sign in until its DNS record is made",
        // Cognito refuses to delete a pool that has a domain (docs/aws.md §2).
        goes_with_parent: false,
        ..Traits::of::<Self>()
    };
}
