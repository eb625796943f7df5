//! Users whom the file names. Pure.

use super::{Findings, attributes, below, providers::secret};
use crate::{
    spec::user::{ADDRESSES, User},
    stack::{
        schema::closest,
        source::{Path, path},
        tables::UserPoolTable,
    },
};
use serde_json::Value;

/// Attributes beside the standard ones that a user can be made with.
const GIVEN: [&str; 2] = [ADDRESSES[0].1, ADDRESSES[1].1];

pub(super) fn check(found: &mut Findings<'_>, table: &UserPoolTable) {
    // Those of a pool that is there already are refused as such.
    if found.may_be_there {
        return;
    }
    for (name, user) in &table.users {
        let place = path(["user_pool", "users", name]);
        if let Some(password) = &user.password {
            let at = below(&place, "password");
            secret(found, at, name, "password", &Value::from(password.as_str()));
        }
        for name in user.attributes.iter().flatten().map(|(name, _)| name) {
            let at = below(&below(&place, "attributes"), name);
            attributes::known_key(found, at, name, &table.settings, &GIVEN);
        }
        groups(found, &place, user);
    }
}

fn groups(found: &mut Findings<'_>, place: &Path, user: &User) {
    if !found.is_all_declared() {
        return;
    }
    let groups = found.tree["user_pool"]["groups"].as_object();
    let known: Vec<_> = groups
        .into_iter()
        .flatten()
        .map(|it| it.0.clone())
        .collect();
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
