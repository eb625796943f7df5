//! The wsctl stacks of an inventory, each with what belongs to it. Pure.

use super::{Inventory, Item};
use crate::spec::{
    Produces, api_key::ApiKey, domain_name::DomainName, function::Function,
    identity_pool::IdentityPool, log_group::LogGroup, rest_api::RestApi, role::Role,
    secret::Secret, usage_plan::UsagePlan, user_pool::UserPool,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// One stack in one region.
#[derive(Debug, PartialEq, Serialize)]
pub struct Stack {
    pub name: String,
    pub region: String,
    /// When its oldest resource was made, in seconds since 1970.
    #[serde(serialize_with = "crate::timestamp::serialize")]
    pub created: Option<i64>,
    pub resources: Vec<Item>,
    /// What AWS bills for, by resource.
    pub billed: Vec<Billed>,
    /// Who changes it just now, or died doing so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<Locked>,
}

/// A stack's lock.
#[derive(Debug, PartialEq, Serialize)]
pub struct Locked {
    /// Who has it, and since when.
    pub by: String,
    /// Whether that is a process of this machine that is no more; of another machine's nobody can tell.
    pub is_dead: bool,
}

/// What a resource is billed by. Prices differ from region to region and change: [`super::prices`] has
/// the one that counts.
#[derive(Debug, PartialEq, Serialize)]
pub struct Billed {
    pub kind: &'static str,
    pub count: usize,
    pub by: &'static str,
}

/// What each kind is billed by, after AWS's own pricing pages. Roles and identity pools cost nothing.
const BILLED_BY: [(&str, &str); 5] = [
    (UserPool::NAME, "users who are active in the month"),
    (RestApi::NAME, "requests"),
    (Function::NAME, "calls and their running time"),
    (LogGroup::NAME, "what is written and kept"),
    (Secret::NAME, "the month that it exists, used or not"),
];

/// By name, also those of which only a lock is left; secrets that wait for their deletion, which AWS does not bill, are among the resources.
pub fn stacks(inventory: &Inventory) -> Vec<Stack> {
    let mut by_name: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in &inventory.items {
        if let Some(stack) = &item.stack {
            by_name.entry(stack).or_default().push(item);
        }
    }
    for lock in &inventory.locks {
        by_name.entry(&lock.stack).or_default();
    }
    let locked = |name: &str| {
        let lock = inventory.locks.iter().find(|it| it.stack == name)?;
        Some(Locked {
            by: lock.holder.to_string(),
            is_dead: lock.holder.is_dead(),
        })
    };
    let stack = |(name, items): (&str, Vec<&Item>)| Stack {
        name: name.to_owned(),
        region: inventory.region.clone(),
        // A function tells only its last change.
        created: items
            .iter()
            .filter(|it| !it.is_of::<Function>())
            .filter_map(|it| it.created)
            .min(),
        billed: billed(&items),
        lock: locked(name),
        resources: items.into_iter().cloned().collect(),
    };
    by_name.into_iter().map(stack).collect()
}

fn billed(items: &[&Item]) -> Vec<Billed> {
    let count = |kind: &str| {
        items
            .iter()
            .filter(|it| it.is(kind) && it.pending_until.is_none())
            .count()
    };
    let billed = BILLED_BY.into_iter().map(|(kind, by)| Billed {
        kind,
        count: count(kind),
        by,
    });
    billed.filter(|it| it.count > 0).collect()
}

impl Stack {
    /// `user pool, REST API, function, 2 log groups, role`.
    pub fn summary(&self) -> String {
        let kinds = [
            UserPool::NAME,
            IdentityPool::NAME,
            RestApi::NAME,
            DomainName::NAME,
            UsagePlan::NAME,
            ApiKey::NAME,
            Function::NAME,
            LogGroup::NAME,
            Role::NAME,
            Secret::NAME,
        ];
        let live = |kind: &str| {
            self.resources
                .iter()
                .filter(|it| it.is(kind) && it.pending_until.is_none())
                .count()
        };
        let pending = self
            .resources
            .iter()
            .filter(|it| it.pending_until.is_some())
            .count();
        let some = |(kind, count): (&str, usize)| match count {
            0 => None,
            1 => Some(kind.to_owned()),
            count => Some(format!("{count} {kind}s")),
        };
        let live = kinds
            .into_iter()
            .filter_map(|kind| some((kind, live(kind))));
        let pending = some(("secret pending deletion", pending))
            .map(|it| it.replace("deletions", "deletion"));
        live.chain(pending).collect::<Vec<_>>().join(", ")
    }
}
