//! What may become of a resource: the keys that its table can have besides its own fields. Pure.
//!
//! They are no part of a resource's spec, so the types of the tables do not know them; the schema
//! does.

use super::{
    parts,
    source::Path,
    tables::{APIS, ONLY_API},
};
use crate::{plan::Lifecycle, spec::role::ROLES, value::Address};
use serde_json::{Value, json};

/// The types of the tables, and which of the keys each can have.
const TABLES: [(&str, &[&str]); 15] = [
    ("UserPoolTable", &["existing", "id", "protect"]),
    ("ApiTable", &["existing", "id", "protect", "moved_from"]),
    ("FunctionTable", &["existing", "protect", "moved_from"]),
    ("Secret", &["existing", "id", "protect", "moved_from"]),
    ("IdentityPoolTable", &["protect"]),
    ("DomainNameTable", &["protect", "moved_from"]),
    ("UsagePlanTable", &["protect", "moved_from"]),
    ("ApiKey", &["protect", "moved_from"]),
    ("ClientTable", &["protect", "moved_from"]),
    ("Authorizer", &["protect", "moved_from"]),
    ("Domain", &["protect"]),
    ("CustomDomain", &["protect"]),
    ("RiskConfiguration", &["protect"]),
    ("Route", &["protect"]),
    ("Stage", &["protect"]),
];

/// Adds the keys to the schema of the tables.
pub(super) fn extend(schema: &mut Value) {
    let parts = parts::types();
    // Their names are their identity, so that one under another name is another one.
    let parts = parts.iter().map(|it| (&**it, &["protect"][..]));
    for (table, keys) in TABLES.into_iter().chain(parts) {
        let properties = schema["$defs"][table]["properties"].as_object_mut();
        let properties = properties.expect("every table has properties");
        properties.extend(keys.iter().map(|key| ((*key).to_owned(), property(key))));
    }
}

fn property(key: &str) -> Value {
    let (of_type, meaning) = match key {
        "existing" => (
            "boolean",
            "Whether it is there already and not wsctl's. It is used, and changed where its table \
             declares something, but never made or deleted; destroy gives it back as it was.",
        ),
        "id" => (
            "string",
            "With `existing`: its id (of a secret, its ARN) in place of its name.",
        ),
        "protect" => (
            "boolean",
            "Whether a plan that deletes or replaces it is an error.",
        ),
        _ => (
            "string",
            "The address that it had before its table was renamed, as in `functions.old`: the resource in \
             AWS is kept.",
        ),
    };
    json!({ "type": of_type, "description": meaning })
}

/// What the table at `address` says; a function's role and log group share the function's lifecycle.
pub(super) fn of(tree: &Value, address: &Address) -> Lifecycle {
    let segments = address.segments();
    // What wsctl makes along is kept with what it is for.
    let owner = match segments {
        [table, key, _] if table == "functions" => &tree[table][key],
        [owner @ .., roles, _] if roles == ROLES => table(tree, owner),
        _ => return at(table(tree, segments)),
    };
    Lifecycle {
        protect: at(owner).protect,
        ..Lifecycle::default()
    }
}

/// The table at `place`.
pub(super) fn table<'a>(tree: &'a Value, place: &[impl AsRef<str>]) -> &'a Value {
    let keys = place.iter().map(AsRef::as_ref);
    keys.fold(tree, |tree, key| &tree[key])
}

fn at(table: &Value) -> Lifecycle {
    let is_set = |key: &str| table[key] == true;
    let moved_from = table["moved_from"]
        .as_str()
        .and_then(|text| text.parse().ok());
    Lifecycle {
        existing: is_set("existing"),
        protect: is_set("protect"),
        moved_from,
    }
}

/// Whether the table at `place` is about something that is there already.
pub(super) fn is_existing(tree: &Value, place: &[impl AsRef<str>]) -> bool {
    table(tree, place)["existing"] == true
}

/// Every table with a key of this name, and the key's value.
pub(super) fn each(tree: &Value, key: &str, visit: &mut dyn FnMut(&Path, &Value)) {
    walk(tree, key, &mut vec![], visit);
}

fn walk(tree: &Value, key: &str, place: &mut Path, visit: &mut dyn FnMut(&Path, &Value)) {
    let Some(map) = tree.as_object() else { return };
    for (name, value) in map {
        // What people call their variables, tags and variables of functions is their own.
        if ["vars", "tags", "environment", "json"].contains(&name.as_str()) {
            continue;
        }
        if name == key && !value.is_object() {
            visit(place, value);
        }
        place.push(name.clone());
        walk(value, key, place, visit);
        place.pop();
    }
}

/// Lets an existing resource's `id` stand where its name is looked for.
pub(super) fn name_by_id(tree: &mut Value) {
    let Some(file) = tree.as_object_mut() else {
        return;
    };
    let roots = ["user_pool", ONLY_API];
    let mut tables: Vec<&mut Value> = vec![];
    for (key, value) in file.iter_mut() {
        if roots.contains(&key.as_str()) {
            tables.push(value);
        } else if ["secrets", APIS].contains(&key.as_str()) {
            tables.extend(
                value
                    .as_object_mut()
                    .into_iter()
                    .flat_map(|map| map.values_mut()),
            );
        }
    }
    for table in tables.into_iter().filter_map(Value::as_object_mut) {
        if table.get("existing") == Some(&json!(true))
            && let Some(id) = table.get("id").cloned()
        {
            table.entry("name").or_insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{
        Produces, api_key::ApiKey, domain_name::DomainName, function::Function,
        identity_pool::IdentityPool, rest_api::RestApi, secret::Secret, traits_of,
        usage_plan::UsagePlan, user_pool::UserPool,
    };

    #[test]
    fn what_can_be_somebody_elses_has_the_key_that_says_so() {
        for (table, kind) in [
            ("UserPoolTable", UserPool::NAME),
            ("IdentityPoolTable", IdentityPool::NAME),
            ("ApiTable", RestApi::NAME),
            ("FunctionTable", Function::NAME),
            ("Secret", Secret::NAME),
            ("DomainNameTable", DomainName::NAME),
            ("UsagePlanTable", UsagePlan::NAME),
            ("ApiKey", ApiKey::NAME),
        ] {
            let (_, keys) = TABLES.iter().find(|it| it.0 == table).unwrap();
            let can_say = keys.contains(&"existing");
            assert_eq!(traits_of(kind).unwrap().attachable, can_say, "{kind}");
        }
    }
}
