//! A name of one's own under which APIs answer: `[domain_names.NAME]`. Pure.

use crate::{
    owner::Tags,
    shape::{self, shapes},
    spec::{Produces, Spec, Stack, Traits, arn::of_gateway, rest_api::REGIONAL},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From all over the world, through CloudFront.
pub const EDGE: &str = "EDGE";

/// What is asked for where the file says nothing.
pub const SECURITY_POLICY: &str = "TLS_1_2";

/// A custom domain name of API Gateway. A DNS record that leads from it to its `target` is its owner's to make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DomainName {
    /// The name, such as `api.example.com`. A change makes the new one beside the old one, which goes then.
    #[schemars(with = "HostName", extend("examples" = ["api.example.com", "*.example.com"]))]
    pub name: String,
    /// The ARN of its certificate in AWS Certificate Manager: in the stack's Region, for `EDGE` in us-east-1.
    #[schemars(
        with = "CertificateArn",
        extend("examples" = [
            "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d",
            "arn:aws:acm:eu-west-1:123456789012:certificate/4e5f6a7b",
        ])
    )]
    pub certificate_arn: String,
    /// Where it is served from: `REGIONAL`, or `EDGE` for CloudFront's locations too. A change makes it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [REGIONAL, EDGE], "default" = REGIONAL))]
    pub endpoint: Option<String>,
    /// The oldest version of TLS that it takes, with the ciphers that go with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SecurityPolicy>", extend("default" = SECURITY_POLICY))]
    pub security_policy: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::api_tags")]
    pub tags: Option<Tags>,
}

shapes! {
    /// A host's name of two labels at least, the first of which may be `*`.
    HostName {
        length: (4, 253),
        pattern: r"^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        hint: "a host's name in small letters, such as api.example.com",
    }
    CertificateArn {
        length: (20, 2048),
        pattern: r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$",
        hint: "a certificate's ARN, arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    }
    SecurityPolicy { words: &["TLS_1_0", "TLS_1_2"] }
}

/// What a custom domain name gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainNameOutputs {
    pub name: String,
    pub arn: String,
    /// The host that a DNS record of the name has to lead to.
    pub target: String,
    /// The hosted zone of that host, for an alias record of Route 53.
    pub hosted_zone_id: String,
}

impl DomainNameOutputs {
    /// As far as the name tells them.
    pub fn new(region: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            arn: of_gateway(region, "domainnames", name),
            ..Self::default()
        }
    }
}

impl DomainName {
    /// Whether CloudFront serves it.
    pub fn is_edge(&self) -> bool {
        self.endpoint.as_deref() == Some(EDGE)
    }
}

impl Produces for DomainName {
    const NAME: &'static str = "custom domain name";
    type Outputs = DomainNameOutputs;
}

impl Spec for DomainName {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        whole: &["tags"],
        rename_on: &["name"],
        replace_on: &["endpoint"],
        lost: "who calls the APIs by this name, or by the host that its DNS record leads to, no longer reaches them",
        ..Traits::of::<Self>()
    };
}
