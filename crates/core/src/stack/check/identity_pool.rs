//! The identity pool: whose tokens it takes, and which roles people get. Pure.

use super::{Check, Findings, below, functions::role::everything, is_open};
use crate::{
    spec::identity_pool::{IdentityPool, MAPPINGS, RoleMapping},
    stack::{
        schema::closest,
        source::{Path, path},
        tables::{File, IdentityPoolTable},
    },
    value::reads_environment,
};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn check(found: &mut Findings<'_>, file: &File, table: &IdentityPoolTable) {
    let place = path(["identity_pool"]);
    let pool = &table.settings;
    found.known_name(&place, &pool.name);
    for client in pool.clients.iter().flatten() {
        let at = found.item(&below(&place, "clients"), client);
        known_client(found, file, &at, client);
    }
    let has_client = pool.clients.as_ref().is_some_and(|it| !it.is_empty());
    if pool.server_side_token_check == Some(true) && !has_client {
        found.error(
            below(&place, "server_side_token_check"),
            "there is no client whose tokens could be checked",
            "remove it, or name a client in clients",
        );
    }
    roles(found, table);
    guests(found, pool);
    mappings(found, file, table);
    for (key, role) in &table.roles {
        let place = below(&below(&place, "roles"), key);
        everything(
            found,
            &place,
            role,
            "whoever gets the role may do everything in the account",
        );
    }
}

/// What the environment says stays out of the file: it names nothing in it.
fn is_referred_to(text: &str) -> bool {
    is_open(text) && !reads_environment(&json!(text))
}

/// Whether a name is one of the file's clients; ids and references are not judged.
fn known_client(found: &mut Findings<'_>, file: &File, at: &Path, client: &str) {
    let clients = file.user_pool.iter().flat_map(|it| it.clients.keys());
    let clients: Vec<_> = clients.cloned().collect();
    let is_name = !client.contains([':', '.', '/']) || reads_environment(&json!(client));
    if !is_name || is_referred_to(client) || clients.iter().any(|it| it == client) {
        return;
    }
    let help = match closest(client, &clients) {
        Some(close) => format!("did you mean `{close}`?"),
        None => {
            "declare [user_pool.clients.NAME] and name it here, or write USER_POOL_ID:CLIENT_ID"
                .into()
        }
    };
    let message = format!("there is no client `{client}` in this file");
    found.error(at.clone(), message, help);
}

/// Whether each role is there, and who takes it on can.
fn roles(found: &mut Findings<'_>, table: &IdentityPoolTable) {
    let pool = &table.settings;
    let known: Vec<_> = table.roles.keys().cloned().collect();
    let of_guests = pool.unauthenticated_role.as_deref();
    let of_guests = of_guests.and_then(|it| table.role(it));
    for (at, role) in named(pool) {
        let own = table.role(role);
        let is_other = role.is_empty() || role.contains(':') || is_referred_to(role);
        if own.is_none() && !is_other {
            let help = match closest(role, &known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => {
                    "declare [identity_pool.roles.NAME] and name it here, or write a role's ARN"
                        .into()
                }
            };
            let message = format!("there is no role `{role}` in [identity_pool.roles]");
            found.error(at, message, help);
        } else if own.is_some()
            && own == of_guests
            && at.last().is_none_or(|it| it != "unauthenticated_role")
        {
            let message = format!("`{role}` is the guests' role, which nobody else takes on");
            let help = "declare another one in [identity_pool.roles], and name it here";
            found.error(at, message, help);
        }
    }
}

/// Every role that is named, and where.
fn named(pool: &IdentityPool) -> Vec<(Path, &String)> {
    let place = path(["identity_pool"]);
    let by_default = [
        ("authenticated_role", &pool.authenticated_role),
        ("unauthenticated_role", &pool.unauthenticated_role),
    ];
    let by_default = by_default
        .into_iter()
        .filter_map(|(field, role)| Some((below(&place, field), role.as_ref()?)));
    let by_rule = each_mapping(pool).flat_map(|(place, mapping)| {
        let rules = mapping.rules.iter().flatten().enumerate();
        rules.map(move |(rule, it)| {
            let keys = ["rules", &rule.to_string(), "role"];
            let at = keys.iter().fold(place.clone(), |at, key| below(&at, key));
            (at, &it.role)
        })
    });
    by_default.chain(by_rule).collect()
}

/// Every mapping of a provider's people, and where it stands.
fn each_mapping(pool: &IdentityPool) -> impl Iterator<Item = (Path, &RoleMapping)> {
    let all = pool.role_mappings.iter().flatten().enumerate();
    all.map(|(index, it)| (path(["identity_pool", MAPPINGS, &index.to_string()]), it))
}

/// Guests need both a door and a role.
fn guests(found: &mut Findings<'_>, pool: &IdentityPool) {
    let has_role = pool
        .unauthenticated_role
        .as_ref()
        .is_some_and(|it| !it.is_empty());
    let at = |field: &str| path(["identity_pool", field]);
    if has_role && pool.allow_unauthenticated != Some(true) {
        found.warn(
            Check::IdleGuests,
            at("unauthenticated_role"),
            "guests have a role, and get no credentials",
            "add allow_unauthenticated = true, or remove it",
        );
    }
    if !has_role && pool.allow_unauthenticated == Some(true) {
        found.warn(
            Check::IdleGuests,
            at("allow_unauthenticated"),
            "guests have no role, and so get no credentials",
            "declare a role in [identity_pool.roles], and name it with unauthenticated_role",
        );
    }
}

/// Whose people have roles of their own.
fn mappings(found: &mut Findings<'_>, file: &File, table: &IdentityPoolTable) {
    let pool = &table.settings;
    let mut seen = BTreeSet::new();
    for (place, mapping) in each_mapping(pool) {
        let at = below(&place, "provider");
        let RoleMapping { provider, .. } = mapping;
        if !seen.insert(provider) {
            let message = format!("a second mapping of `{provider}`");
            found.error(at, message, "put its rules into the first one");
            continue;
        }
        known_client(found, file, &at, provider);
        let clients = file.user_pool.iter().flat_map(|it| it.clients.keys());
        let is_client = clients.into_iter().any(|it| it == provider);
        let takes =
            |all: &BTreeSet<String>| all.contains(provider) || all.iter().any(|it| is_open(it));
        let is_taken = pool.clients.as_ref().is_none_or(takes);
        if is_client && !is_taken {
            let message = format!("the identity pool takes no tokens of `{provider}`");
            found.error(at, message, "add it to clients, or remove the mapping");
        }
    }
}
