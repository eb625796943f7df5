//! What the role that wsctl makes may do. Pure.

use super::{Findings, below};
use crate::stack::checks::Check;
use crate::{
    plan::Desired,
    spec::{
        Produces,
        role::{MOST_INLINE, Role, size},
    },
    stack::{
        lifecycle,
        lower::ALLOWED,
        open,
        source::{Diagnostic, Path, path},
        tables::{FunctionTable, RoleTable},
    },
    value::{self, Address},
};
use serde_json::Value;

/// Fields that say what the role may do which wsctl makes.
pub(in crate::stack::check) const OF_ITS_ROLE: [&str; 5] = [
    "allow",
    "managed_policies",
    "permissions_boundary",
    "reads_secrets",
    "role_name",
];

pub(super) fn check(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    if function.settings.role.is_some() {
        others(found, place);
    }
    everything(
        found,
        place,
        &function.own_role,
        "the function may do everything in the account, and so may whoever gets it to run something",
    );
}

/// A warning of roles that may do everything.
pub(in crate::stack::check) fn everything(
    found: &mut Findings<'_>,
    place: &Path,
    role: &RoleTable,
    message: &str,
) {
    for (index, grant) in role.allow.iter().flatten().enumerate() {
        if let Some(action) = grant.everything() {
            let list = ["allow", &index.to_string(), "actions"]
                .iter()
                .fold(place.clone(), |place, key| below(&place, key));
            found.warn(
                Check::WideRole,
                found.item(&list, action),
                message,
                "name the actions that it needs, and the resources that it needs them for",
            );
        }
    }
}

/// A role that is there already is its owner's.
fn others(found: &mut Findings<'_>, place: &Path) {
    let table = lifecycle::table(found.tree, place);
    for field in OF_ITS_ROLE.into_iter().filter(|it| !table[*it].is_null()) {
        let (message, help) = match field {
            "role_name" => (
                "role names a role already",
                "remove role, or role_name".to_owned(),
            ),
            _ => (
                "role names a role that wsctl does not make",
                format!(
                    "remove role, or {field}: what a role may do that is there is its owner's to say"
                ),
            ),
        };
        found.name(below(place, field), message, help);
    }
}

/// Policies that are too long, as far as they are known.
pub(crate) fn sizes<'a>(roles: impl Iterator<Item = (&'a Address, &'a Value)>) -> Vec<Diagnostic> {
    let too_long = roles.filter_map(|(address, spec)| {
        let policies = spec["policies"].as_object()?;
        let sizes = policies.values().map(|it| size(&known(it)));
        let size: usize = sizes.sum();
        (size > MOST_INLINE).then(|| {
            let least = if value::is_open(&spec["policies"]) { " at least" } else { "" };
            let field = if policies.contains_key(ALLOWED) { "allow" } else { "reads_secrets" };
            // A function's role stands in the function's table.
            let is_functions = address.is_within(&Address::new(["functions"]));
            let depth = if is_functions { 2 } else { address.segments().len() };
            let table = address.segments().iter().take(depth).cloned();
            Diagnostic::error(
                path(table.chain([field.to_owned()])),
                format!(
                    "the policies of the role have{least} {size} characters, and IAM takes {MOST_INLINE} in all"
                ),
                "say more with fewer statements, or put some into a managed policy",
            )
            .at_key()
        })
    });
    too_long.collect()
}

/// The policies of roles that are declared.
pub(crate) fn of_desired(desired: &[Desired]) -> Vec<Diagnostic> {
    let roles = desired.iter().filter(|it| it.kind == Role::NAME);
    sizes(roles.map(|it| (&it.address, &*it.spec)))
}

/// What is known of its texts.
fn known(policy: &Value) -> Value {
    match policy {
        Value::String(text) => open::known_parts(text).concat().into(),
        Value::Array(items) => items.iter().map(known).collect(),
        Value::Object(map) => {
            let known = map.iter().map(|(key, it)| (key.clone(), known(it)));
            Value::Object(known.collect())
        }
        other => other.clone(),
    }
}
