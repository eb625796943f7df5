//! Amazon Cognito: pools and what is in them (docs/aws.md §2–§4).

mod branding;
mod children;
mod client;
mod domain;
mod mfa;
pub(crate) mod part;
mod pool;
mod provider;
mod risk;
mod sms;
mod triggers;

use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, Tags, tags_of, unknown},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Default)]
pub(crate) struct Cognito {
    pub(crate) pools: BTreeMap<String, Pool>,
    /// By prefix, which is unique in the whole region.
    pub(crate) domains: BTreeMap<String, domain::Domain>,
}

/// A pool. Its parts by id or name, each with when it was made.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) made: Duration,
    /// As `DescribeUserPool` has it.
    pub(crate) tree: Map<String, Value>,
    /// The factors, as `GetUserPoolMfaConfig` has them.
    pub(crate) factors: Map<String, Value>,
    /// What it does about risks, as `DescribeRiskConfiguration` has it.
    pub(crate) risks: Map<String, Value>,
    pub(crate) clients: BTreeMap<String, (Duration, Map<String, Value>)>,
    /// By the nouns of their kinds.
    pub(crate) parts: BTreeMap<&'static str, part::Parts>,
    /// By name.
    pub(crate) users: BTreeMap<String, children::User>,
    pub(crate) brandings: BTreeMap<String, branding::Branding>,
}

impl Pool {
    pub(crate) fn arn(&self) -> String {
        self.tree["Arn"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn tags(&self) -> Tags {
        self.tree
            .get("UserPoolTags")
            .map(tags_of)
            .unwrap_or_default()
    }

    fn get(&self, field: &str) -> &Value {
        self.tree.get(field).unwrap_or(&Value::Null)
    }
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateUserPool" => pool::create(cloud, call),
        "DescribeUserPool" => pool::describe(cloud, call),
        "ListUserPools" => Ok(pool::list(cloud)),
        "UpdateUserPool" => pool::update(cloud, call),
        "TagResource" | "UntagResource" => pool::retag(cloud, call),
        "AddCustomAttributes" => pool::add_attributes(cloud, call),
        "DeleteUserPool" => pool::delete(cloud, call),
        "GetUserPoolMfaConfig" => mfa::get(cloud, call),
        "SetUserPoolMfaConfig" => mfa::set(cloud, call),
        "ListUsers" => children::user(cloud, call),
        operation if operation.starts_with("Admin") => children::user(cloud, call),
        operation if operation.contains("UserPoolClient") => client::answer(cloud, call),
        operation if operation.contains("RiskConfiguration") => risk::answer(cloud, call),
        operation if operation.contains("UserPoolDomain") => domain::answer(cloud, call),
        operation if operation.contains("ManagedLoginBranding") => branding::answer(cloud, call),
        operation => match part::kind_of(operation) {
            Some(kind) => part::answer(cloud, call, kind),
            None => unknown(call),
        },
    }
}

fn find<'a>(cloud: &'a mut Cloud, call: &Call) -> Result<&'a mut Pool, Refusal> {
    let id = call.text("UserPoolId");
    let absent = || {
        refuse(
            "ResourceNotFoundException",
            format!("User pool {id} does not exist."),
        )
    };
    cloud.cognito.pools.get_mut(id).map_or_else(absent, Ok)
}

fn absent<T>(message: &str) -> Result<T, Refusal> {
    refuse("ResourceNotFoundException", message)
}

fn wrong<T>(message: impl Into<String>) -> Result<T, Refusal> {
    refuse("InvalidParameterException", message)
}
