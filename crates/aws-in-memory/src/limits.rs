//! The documented rates (docs/aws.md §2, §7, §8), as token buckets. Pure.

use crate::{call::Call, cognito::part};
use std::{collections::BTreeMap, time::Duration};

/// What is left in each bucket, and when that was so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits(BTreeMap<String, (f64, Duration)>);

impl Limits {
    /// Takes one request out of every bucket that it falls under; `false` when one is empty.
    pub(crate) fn take(&mut self, call: &Call, now: Duration) -> bool {
        let buckets = buckets(call);
        let fill = |this: &Self, name: &str, rate: f64, burst: f64| {
            let (left, at) = this.0.get(name).copied().unwrap_or((burst, now));
            (left + now.saturating_sub(at).as_secs_f64() * rate).min(burst)
        };
        let is_free = buckets
            .iter()
            .all(|(name, rate, burst)| fill(self, name, *rate, *burst) >= 1.0);
        for (name, rate, burst) in buckets {
            let left = fill(self, &name, rate, burst) - if is_free { 1.0 } else { 0.0 };
            self.0.insert(name, (left, now));
        }
        is_free
    }
}

/// The buckets of a call: name, requests a second, and how many at once.
fn buckets(call: &Call) -> Vec<(String, f64, f64)> {
    let of = |name: &str, rate: f64, burst: f64| (name.to_owned(), rate, burst);
    match call.service.as_str() {
        "apigateway" => {
            let all = of("apigateway", 10.0, 40.0);
            let own = match call.operation.as_str() {
                "CreateDeployment" => Some((0.2, 1.0)),
                "PutRestApi" => Some((1.0, 1.0)),
                "CreateResource" | "DeleteResource" => Some((5.0, 5.0)),
                "CreateRestApi" => Some((1.0 / 3.0, 1.0)),
                "DeleteRestApi" | "CreateDomainName" | "UpdateDomainName" | "DeleteDomainName" => {
                    Some((1.0 / 30.0, 1.0))
                }
                "CreateApiKey" | "DeleteApiKey" => Some((5.0, 5.0)),
                "UpdateAccount" | "UpdateUsagePlan" => Some((1.0 / 20.0, 1.0)),
                "GetResources" => Some((2.5, 5.0)),
                _ => None,
            };
            let own = own.map(|(rate, burst)| of(&call.name(), rate, burst));
            std::iter::once(all).chain(own).collect()
        }
        "cognito-idp" => {
            let (category, rate) = category(&call.operation);
            let pool = format!("{}/{}", call.name(), call.text("UserPoolId"));
            let per_pool = (!category.starts_with("pool")).then(|| of(&pool, 5.0, 5.0));
            std::iter::once(of(category, rate, rate))
                .chain(per_pool)
                .collect()
        }
        "lambda" => vec![match call.operation.as_str() {
            "GetFunction" => of("lambda:GetFunction", 100.0, 100.0),
            "GetPolicy" => of("lambda:GetPolicy", 15.0, 15.0),
            _ => of("lambda", 15.0, 15.0),
        }],
        _ => vec![],
    }
}

fn category(operation: &str) -> (&'static str, f64) {
    let reads = ["Get", "List", "Describe"]
        .iter()
        .any(|it| operation.starts_with(it));
    match operation {
        _ if operation.contains("UserPoolClient") && reads => ("client read", 15.0),
        _ if operation.contains("UserPoolClient") => ("client update", 15.0),
        _ if operation.contains("Domain")
            || part::kind_of(operation).is_some()
            || operation.contains("Branding") =>
        {
            if reads {
                ("resource read", 20.0)
            } else {
                ("resource update", 15.0)
            }
        }
        "ListUsers" => ("user read", 120.0),
        _ if reads => ("pool read", 15.0),
        _ => ("pool update", 15.0),
    }
}
