//! Domains: one a pool, a prefix once in the region, an unknown one answered with nothing (docs/aws.md §4).

use super::{find, wrong};
use crate::{
    call::{Answer, Call, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Domain {
    pub(crate) pool: String,
    pub(crate) version: Value,
    active: Duration,
}

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let prefix = call.text("Domain").to_owned();
    let pool = call.text("UserPoolId").to_owned();
    match call.operation.as_str() {
        "CreateUserPoolDomain" => {
            find(cloud, call)?;
            let has_one = cloud.cognito.domains.values().any(|it| it.pool == pool);
            if has_one || cloud.cognito.domains.contains_key(&prefix) {
                return wrong("Domain already associated with another user pool.");
            }
            if ["aws", "amazon", "cognito"]
                .iter()
                .any(|word| prefix.contains(word))
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
            cloud.cognito.domains.insert(
                prefix,
                Domain {
                    pool,
                    version,
                    active,
                },
            );
            Ok(json!({}))
        }
        "DescribeUserPoolDomain" => Ok(describe(cloud, &prefix)),
        "UpdateUserPoolDomain" => match cloud.cognito.domains.get_mut(&prefix) {
            Some(domain) if domain.pool == pool => {
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

fn describe(cloud: &Cloud, prefix: &str) -> Value {
    let Some(domain) = cloud.cognito.domains.get(prefix) else {
        return json!({ "DomainDescription": {} });
    };
    let status = if cloud.now < domain.active {
        "CREATING"
    } else {
        "ACTIVE"
    };
    json!({ "DomainDescription": {
        "UserPoolId": domain.pool, "Domain": prefix, "Status": status, "ManagedLoginVersion": domain.version,
    } })
}
