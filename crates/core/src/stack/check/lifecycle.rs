//! What may become of resources: renames, and what is there already. Pure.

use super::{Findings, below, functions::role::OF_ITS_ROLE};
use crate::{
    stack::{
        lifecycle::{self, is_existing},
        source::{Path, path},
        tables::{APIS, File, ONLY_API, is_api},
    },
    value::Address,
};
use serde_json::Value;

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    let tree = found.tree;
    lifecycle::each(tree, "moved_from", &mut |place, value| {
        moved(found, place, value)
    });
    lifecycle::each(tree, "id", &mut |place, _| by_id(found, place));
    secrets(found, file);
    attached(found, file);
}

/// Keys of tables that say something only of what wsctl makes itself.
const NOT_ATTACHED: [(&str, &[&str]); 4] = [
    (
        ONLY_API,
        &[
            "description",
            "endpoint",
            "cors",
            "gateway_responses",
            "policy",
            "vpc_endpoints",
            "roles",
            "tags",
        ],
    ),
    // Nothing would tell, when it is given back, which users were there before; and it would keep a role that goes.
    ("user_pool", &["tags", "users", "roles"]),
    (
        "functions",
        &[
            // No version of a function remembers it, so that it could not be given back.
            "reserved_concurrency",
            "log_retention_days",
            "tags",
        ],
    ),
    (
        "secrets",
        &[
            "description",
            "json",
            "generate",
            "password_length",
            "from_env",
            "tags",
        ],
    ),
];

/// What stack.toml cannot say of something that is there already.
fn attached(found: &mut Findings<'_>, file: &File) {
    let tree = found.tree;
    for (table, keys) in NOT_ATTACHED {
        let named = |table: &str| {
            let here = tree[table].as_object().into_iter().flatten();
            here.map(|(key, _)| path([table, key])).collect::<Vec<_>>()
        };
        let places = match table {
            ONLY_API => [vec![path([table])], named(APIS)].concat(),
            "user_pool" => vec![path([table])],
            _ => named(table),
        };
        for place in places {
            if is_existing(tree, &place) {
                let of_its_role = OF_ITS_ROLE.iter().filter(|_| table == "functions");
                keys.iter()
                    .chain(of_its_role)
                    .for_each(|key| refuse(found, &place, key));
            }
        }
    }
    for api in file.apis().filter(|it| it.is_existing(tree)) {
        for key in [
            "description",
            "throttling",
            "metrics",
            "logging_level",
            "methods",
            "access_logs",
            "variables",
        ] {
            refuse(found, &api.path(["stage"]), key);
        }
        // What answered before could not be put back, and what an address has in it is not for tags.
        for name in api.routes.keys() {
            refuse(found, &api.path(["routes", name]), "integration");
        }
    }
}

fn refuse(found: &mut Findings<'_>, place: &Path, key: &str) {
    if !lifecycle::table(found.tree, place)[key].is_null() {
        let message = format!("{key} of something that is there already is not wsctl's to set");
        found.name(
            below(place, key),
            message,
            "remove it: it stays as it is; or remove existing = true",
        );
    }
}

/// Another address of the same table, which the file no longer declares.
fn moved(found: &mut Findings<'_>, place: &Path, value: &Value) {
    let at = below(place, "moved_from");
    let text = value.as_str().unwrap_or_default();
    let table = &place[..place.len() - 1];
    let example = match table {
        [] => Address::new([APIS, "old"]),
        table => Address::new(table.iter().cloned().chain(["old".to_owned()])),
    };
    let Ok(from) = text.parse::<Address>() else {
        return found.error(
            at,
            format!("`{text}` is not an address"),
            format!("write one such as {example}"),
        );
    };
    let is_of_table = match is_api(place) {
        true => is_api(from.segments()),
        false => from.segments().len() == place.len() && from.segments().starts_with(table),
    };
    if !is_of_table {
        let message = format!(
            "{from} is not in the table of {}",
            Address::new(place.clone())
        );
        found.error(
            at,
            message,
            format!("write the address that it had, such as {example}"),
        );
    } else if from.segments() == place.as_slice() {
        found.error(at, "it did not move", "remove moved_from");
    } else if is_in_its_place(found.tree, &from) {
        let help = "remove that table, or moved_from";
        found.error(at, format!("[{from}] is in this file too"), help);
    }
}

/// Whether the file has a table there that has not moved itself.
fn is_in_its_place(tree: &Value, address: &Address) -> bool {
    let table = lifecycle::table(tree, address.segments());
    !table.is_null() && table["moved_from"].is_null()
}

fn by_id(found: &mut Findings<'_>, place: &Path) {
    let table = lifecycle::table(found.tree, place);
    if !is_existing(found.tree, place) {
        let help = "add existing = true, or remove id: AWS gives what wsctl makes its id";
        found.error(
            below(place, "id"),
            "id is of something that is there already",
            help,
        );
    } else if table["name"]
        .as_str()
        .is_some_and(|name| table["id"] != name)
    {
        found.error(
            below(place, "id"),
            "name and id both say which one it is",
            "remove one of them",
        );
    }
}

/// Names that only AWS's own services give (`rds!db-…`), and ARNs, are of existing secrets.
fn secrets(found: &mut Findings<'_>, file: &File) {
    for (key, secret) in &file.secrets {
        if !is_existing(found.tree, &["secrets", key]) && secret.name.contains(['!', ':']) {
            let message = format!("`{}` cannot be a new secret's name", secret.name);
            let help =
                "write letters, digits and /_+=.@-; or existing = true, if it is there already";
            found.error(below(&path(["secrets", key]), "name"), message, help);
        }
    }
}
