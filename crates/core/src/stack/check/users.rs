//! Users whom the file names. Pure.

use super::{Findings, below, providers::secret};
use crate::{
    spec::{
        user::{ADDRESSES, User},
        user_pool::{STANDARD, UserPool},
    },
    stack::{
        schema::closest,
        source::{Path, path},
        tables::UserPoolTable,
    },
};
use serde_json::Value;

pub(super) fn check(found: &mut Findings<'_>, table: &UserPoolTable) {
    // Those of a pool that is there already are refused as such.
    let declared = table.users.iter().filter(|_| !found.may_be_there);
    for (name, user) in declared.collect::<Vec<_>>() {
        let place = path(["user_pool", "users", name]);
        if let Some(password) = &user.password {
            let at = below(&place, "password");
            secret(found, at, name, "password", &Value::from(password.as_str()));
        }
        attributes(found, &place, user, &table.settings);
        groups(found, &place, user);
    }
}

/// AWS takes those that the pool has (docs/aws.md §2).
fn attributes(found: &mut Findings<'_>, place: &Path, user: &User, pool: &UserPool) {
    let custom = pool.custom_attributes.iter().flatten();
    let custom = custom.map(|(name, _)| format!("custom:{name}"));
    let verified = ADDRESSES.map(|(_, verified)| verified.to_owned());
    let known = STANDARD.iter().map(ToString::to_string).chain(verified);
    let known: Vec<_> = known.chain(custom).collect();
    for name in user.attributes.iter().flatten().map(|(name, _)| name) {
        if known.contains(name) {
            continue;
        }
        let full = format!("custom:{name}");
        let help = match known
            .iter()
            .find(|it| **it == full)
            .or_else(|| closest(name, &known))
        {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                "declare it in [user_pool.custom_attributes], and write custom: before it".into()
            }
        };
        let at = below(&below(place, "attributes"), name);
        found.name(at, format!("the pool has no attribute `{name}`"), help);
    }
}

fn groups(found: &mut Findings<'_>, place: &Path, user: &User) {
    let groups = found.tree["user_pool"]["groups"].as_object();
    let known: Vec<_> = groups
        .into_iter()
        .flatten()
        .map(|it| it.0.clone())
        .collect();
    if !found.is_all_declared() {
        return;
    }
    for group in user
        .groups
        .iter()
        .flatten()
        .filter(|it| !known.contains(it))
    {
        let help = match closest(group, &known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("add [user_pool.groups.{group:?}], or take it out"),
        };
        let at = found.item(&below(place, "groups"), group);
        found.error(
            at,
            format!("there is no group `{group}` in this file"),
            help,
        );
    }
}
