//! Domains: one of each sort a pool, a prefix once in the region, an unknown one answered with nothing (docs/aws.md §4).

use super::{find, wrong};
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Domain {
    pub(crate) pool: String,
    pub(crate) version: Value,
    /// The certificate of a name of one's own; none of a prefix.
    pub(crate) certificate: Option<Value>,
    active: Duration,
}

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let prefix = call.text("Domain").to_owned();
    let pool = call.text("UserPoolId").to_owned();
    match call.operation.as_str() {
        "CreateUserPoolDomain" => {
            find(cloud, call)?;
            let certificate = certificate(call)?;
            let mut domains = cloud.cognito.domains.values();
            let is_same_sort = |it: &Domain| it.certificate.is_some() == certificate.is_some();
            let has_one = domains.any(|it| it.pool == pool && is_same_sort(it));
            if has_one || cloud.cognito.domains.contains_key(&prefix) {
                return wrong("Domain already associated with another user pool.");
            }
            if ["aws", "amazon", "cognito"]
                .iter()
                .any(|word| certificate.is_none() && prefix.contains(word))
            {
                return wrong("Domain cannot contain reserved word.");
            }
            let version = match call.get("ManagedLoginVersion") {
                Value::Null => json!(1),
                version => version.clone(),
            };
            if version == 2 && find(cloud, call)?.get("UserPoolTier") == "LITE" {
                return refuse(
                    "FeatureUnavailableInTierException",
                    "Managed login is not in the LITE plan.",
                );
            }
            let active = cloud.now + cloud.strict.domain_delay;
            let name = prefix.clone();
            cloud.cognito.domains.insert(
                prefix,
                Domain {
                    pool,
                    version,
                    certificate: certificate.clone(),
                    active,
                },
            );
            Ok(match certificate {
                Some(_) => json!({ "CloudFrontDomain": target(&name) }),
                None => json!({}),
            })
        }
        "DescribeUserPoolDomain" => Ok(describe(cloud, &prefix)),
        "UpdateUserPoolDomain" => match cloud.cognito.domains.get_mut(&prefix) {
            Some(domain) if domain.pool == pool => {
                let certificate = certificate(call)?;
                if certificate.is_some() != domain.certificate.is_some() {
                    return wrong("Cannot convert custom domain to prefix domain, or back.");
                }
                domain.certificate = certificate;
                domain.version = call.get("ManagedLoginVersion").clone();
                Ok(json!({}))
            }
            _ => refuse("ResourceNotFoundException", "No such domain."),
        },
        "DeleteUserPoolDomain" => match cloud.cognito.domains.get(&prefix) {
            Some(domain) if domain.pool == pool => {
                cloud.cognito.domains.remove(&prefix);
                Ok(json!({}))
            }
            _ => wrong("No such domain or user pool exists."),
        },
        _ => unknown(call),
    }
}

/// CloudFront takes certificates of one Region alone.
fn certificate(call: &Call) -> Result<Option<Value>, Refusal> {
    let config = call.get("CustomDomainConfig");
    if config.is_null() {
        return Ok(None);
    }
    let arn = config["CertificateArn"].as_str().unwrap_or_default();
    match arn.split(':').nth(3) {
        Some("us-east-1") => Ok(Some(config.clone())),
        _ => wrong("Invalid certificate. The certificate must be in us-east-1."),
    }
}

fn target(name: &str) -> String {
    format!("d-{name}.cloudfront.example.com")
}

fn describe(cloud: &Cloud, prefix: &str) -> Value {
    let Some(domain) = cloud.cognito.domains.get(prefix) else {
        return json!({ "DomainDescription": {} });
    };
    let status = if cloud.now < domain.active {
        "CREATING"
    } else {
        "ACTIVE"
    };
    let mut tree = json!({
        "UserPoolId": domain.pool, "Domain": prefix, "Status": status, "ManagedLoginVersion": domain.version,
    });
    if let Some(certificate) = &domain.certificate {
        tree["CustomDomainConfig"] = certificate.clone();
        tree["CloudFrontDistribution"] = json!(target(prefix));
    }
    json!({ "DomainDescription": tree })
}
