//! Tags, as each of the services that get them takes them. Pure.

use super::{Findings, below};
use crate::{
    owner::Tags,
    shape::{self, ApiTagKey},
    stack::{
        lifecycle::is_existing,
        source::{Path, path},
        tables::File,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// AWS takes 50 (docs/aws.md §1.1), of which wsctl needs two.
const MOST: usize = 48;

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    let common = file.stack.tags.as_ref();
    reserved(found, &path(["stack", "tags"]), common);
    let tree = found.tree;
    for (place, own) in roots(file) {
        reserved(found, &place, own);
        let parts: Vec<_> = place[..place.len() - 1]
            .iter()
            .map(String::as_str)
            .collect();
        if is_existing(tree, &parts) {
            continue;
        }
        too_many(found, &place, common, own);
        let has_role = match parts.as_slice() {
            ["functions", key] => file.functions[*key].settings.role.is_none(),
            ["identity_pool"] => file.identity_pool.iter().any(|it| !it.roles.is_empty()),
            parts => {
                let mut apis = file.apis();
                apis.any(|it| it.path([]) == parts && !it.roles.is_empty())
            }
        };
        if has_role {
            alike(found, &place, common, own);
        }
    }
    let mut made = file.apis().filter(|it| !it.is_existing(tree));
    let of_gateway = [
        made.next().map(|it| format!("[{}]", it.address)),
        (!file.domain_names.is_empty()).then(|| "[domain_names]".to_owned()),
        (!file.usage_plans.is_empty()).then(|| "[usage_plans]".to_owned()),
        (!file.api_keys.is_empty()).then(|| "[api_keys]".to_owned()),
    ];
    if let Some(table) = of_gateway.into_iter().flatten().next() {
        for key in common
            .into_iter()
            .flatten()
            .map(|it| it.0)
            .filter(|key| !shape::is_of::<ApiTagKey>(key))
        {
            let message =
                format!("`{key}` cannot be a tag's key of {table}, which has the stack's tags too");
            let help = "write letters, digits and + - = . _ : /, the only ones that API Gateway takes; or give \
                        it to the other tables, each for itself";
            found.name(path(["stack", "tags", key]), message, help);
        }
    }
}

/// The tables that can carry tags, and theirs.
fn roots(file: &File) -> Vec<(Path, Option<&Tags>)> {
    let pool = file
        .user_pool
        .iter()
        .map(|it| (path(["user_pool", "tags"]), it.settings.tags.as_ref()));
    let identities = file.identity_pool.iter();
    let identities =
        identities.map(|it| (path(["identity_pool", "tags"]), it.settings.tags.as_ref()));
    let functions = file
        .functions
        .iter()
        .map(|(key, it)| (path(["functions", key, "tags"]), it.settings.tags.as_ref()));
    let secrets = file
        .secrets
        .iter()
        .map(|(key, it)| (path(["secrets", key, "tags"]), it.tags.as_ref()));
    let domains = file.domain_names.iter();
    let domains = domains.map(|(key, it)| {
        (
            path(["domain_names", key, "tags"]),
            it.settings.tags.as_ref(),
        )
    });
    let plans = file.usage_plans.iter();
    let plans = plans.map(|(key, it)| {
        (
            path(["usage_plans", key, "tags"]),
            it.settings.tags.as_ref(),
        )
    });
    let keys = file.api_keys.iter();
    let keys = keys.map(|(key, it)| (path(["api_keys", key, "tags"]), it.tags.as_ref()));
    let apis = file.apis();
    let apis = apis.map(|it| (it.path(["tags"]), it.table.settings.tags.as_ref()));
    pool.chain(identities)
        .chain(functions)
        .chain(secrets)
        .chain(domains)
        .chain(plans)
        .chain(keys)
        .chain(apis)
        .collect()
}

/// AWS keeps `aws:` for itself, wsctl `wsctl:`.
fn reserved(found: &mut Findings<'_>, place: &Path, tags: Option<&Tags>) {
    for key in tags.into_iter().flatten().map(|it| it.0) {
        if key.to_lowercase().starts_with("aws:") || key.starts_with("wsctl:") {
            let help = "choose a key that does not start with aws: or wsctl:";
            found.name(
                below(place, key),
                format!("the tag `{key}` is reserved"),
                help,
            );
        }
    }
}

/// Told at the resource's own tags where it has some.
fn too_many(found: &mut Findings<'_>, place: &Path, common: Option<&Tags>, own: Option<&Tags>) {
    let keys: BTreeSet<_> = common
        .into_iter()
        .chain(own)
        .flatten()
        .map(|it| it.0)
        .collect();
    if keys.len() > MOST {
        let place = own.map_or_else(|| path(["stack", "tags"]), |_| place.clone());
        let message = format!(
            "{} tags; AWS takes 50, of which wsctl needs two",
            keys.len()
        );
        if !found
            .found
            .iter()
            .any(|it| it.path == place && it.message == message)
        {
            found.error(place, message, "remove some");
        }
    }
}

/// IAM's keys are the same in capitals ("Duplicate tag keys found. Please note that Tag keys are case
/// insensitive."), and a function's role has its tags.
fn alike(found: &mut Findings<'_>, place: &Path, common: Option<&Tags>, own: Option<&Tags>) {
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    let common = common
        .into_iter()
        .flatten()
        .map(|it| (path(["stack", "tags", it.0]), it.0));
    let own = own
        .into_iter()
        .flatten()
        .map(|it| (below(place, it.0), it.0));
    for (at, key) in common.chain(own) {
        let first = *seen.entry(key.to_lowercase()).or_insert(key);
        if first != key && !found.found.iter().any(|it| it.path == at) {
            let message = format!(
                "`{key}` and `{first}` are one tag to IAM, where the function's role has them"
            );
            found.name(
                at,
                message,
                format!("write `{first}` in both places, or another word"),
            );
        }
    }
}
