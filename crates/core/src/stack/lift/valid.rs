//! A file without mistakes: what the checks refuse becomes a comment. Pure.
//!
//! AWS has things that a stack.toml cannot say, and checks of a file may be stricter than AWS was.
//! Whatever they refuse is left out here with as much as only makes sense together with it: not a URL
//! of a list, which would be the loss of that URL, but the list, which is then not managed.

use super::{
    Lifted,
    comments::{Path, at, shown},
};
use crate::{
    diff::is_empty,
    error::Result,
    spec::NAMED_ROOTS,
    stack::{
        mistakes,
        parts::{OWNERS, tables},
        schema::schema,
        source::Diagnostic,
        tables::{ONLY_API, is_api, split_api},
    },
    value::Address,
};
use serde_json::{Value, json};

pub(super) fn make(file: &mut Lifted) -> Result<()> {
    let schema = schema();
    loop {
        let mistakes = mistakes(&file.tree)?;
        let before = file.tree.clone();
        for mistake in &mistakes {
            set_aside(file, &before, mistake, &schema);
        }
        // Every round takes something out, so that this ends.
        if file.tree == before {
            return Ok(());
        }
    }
}

/// Takes out what a mistake is about, or, of something that is lacking, the table around it. Another
/// one may have taken it already.
fn set_aside(file: &mut Lifted, before: &Value, mistake: &Diagnostic, schema: &Value) {
    let there = (0..=mistake.path.len())
        .rev()
        .map(|end| &mistake.path[..end]);
    let Some(place) = there.into_iter().find(|place| at(before, place).is_some()) else {
        return;
    };
    let place = unit(before, place, schema);
    let Some(value) = at(&file.tree, &place).cloned() else {
        return;
    };
    match place.as_slice() {
        [] => {}
        [table] if table == "stack" => {}
        [root] | [root, _] if is_root(root, place.len()) => root_aside(file, &place, mistake),
        _ => {
            file.comments
                .add(place.clone(), why(mistake, &place, file.source, &value));
            remove(&mut file.tree, &place);
        }
    }
}

fn is_root(table: &str, depth: usize) -> bool {
    match table {
        "user_pool" | "identity_pool" | ONLY_API => depth == 1,
        table => depth == 2 && NAMED_ROOTS.contains(&table),
    }
}

/// Tables of which each field says something only beside the others, by their paths; `*` is any key, and `api`
/// any API.
const UNITS: [&[&str]; 19] = [
    &["api", "routes", "*"],
    &["api", "cors"],
    &["api", "stage", "throttling"],
    &["api", "stage", "access_logs"],
    &["functions", "*", "allow"],
    &["functions", "*", "vpc"],
    &["functions", "*", "environment"],
    &["identity_pool", "role_mappings"],
    &["identity_pool", "roles", "*", "allow"],
    &["api", "roles", "*", "allow"],
    &["user_pool", "custom_attributes", "*"],
    &["usage_plans", "*", "throttling"],
    &["usage_plans", "*", "quota"],
    &["*", "tags"],
    &["functions", "*", "tags"],
    &["secrets", "*", "tags"],
    &["domain_names", "*", "tags"],
    &["usage_plans", "*", "tags"],
    &["api_keys", "*", "tags"],
];

/// The smallest part of the file around `place` that can be left out: then it is not managed.
fn unit(tree: &Value, place: &[String], schema: &Value) -> Path {
    let words = as_only_api(place);
    let further = place.len() - words.len();
    let fits = |pattern: &[&str]| {
        let mut pairs = pattern.iter().zip(&words);
        words.len() >= pattern.len() && pairs.all(|(part, key)| *part == "*" || part == key)
    };
    if let Some(pattern) = UNITS.into_iter().find(|pattern| fits(pattern)) {
        return place[..pattern.len() + further].to_vec();
    }
    if let [ONLY_API, "authorizers", _, "user_pool_arns", ..] = words.as_slice() {
        return place[..3 + further].to_vec();
    }
    let mut place = place.to_vec();
    while let Some((key, table)) = place.split_last() {
        let is_item = at(tree, table).is_some_and(Value::is_array);
        if !is_item && !is_required(schema, table, key) {
            break;
        }
        place.pop();
    }
    place
}

/// The place, in a further API as it would be in `[api]`.
fn as_only_api(place: &[String]) -> Vec<&str> {
    let (api, rest) = match split_api(place) {
        Some((_, rest)) => (Some(ONLY_API), rest),
        None => (None, place),
    };
    api.into_iter()
        .chain(rest.iter().map(String::as_str))
        .collect()
}

/// Whether a table cannot be without a key.
fn is_required(schema: &Value, table: &[String], key: &str) -> bool {
    let place = table.iter().fold(resolved(schema, schema), |place, key| {
        let node = place["properties"]
            .get(key)
            .unwrap_or(&place["additionalProperties"]);
        resolved(schema, node)
    });
    place["required"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|it| it == key)
}

fn resolved<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let target = node["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    target
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(node)
}

/// A root that cannot be declared stays its owner's, if it has one. Of the stack's own, an API without
/// routes can stay while nothing undeclared goes; any other is left out.
fn root_aside(file: &mut Lifted, place: &Path, mistake: &Diagnostic) {
    let address = Address::new(place.clone());
    let table = at(&file.tree, place).cloned().unwrap_or_default();
    match file.free.get(&address).filter(|_| table["id"].is_null()) {
        Some(id) => {
            let is_api = is_api(place).then(|| file.stages.contains(&address));
            let table = named_by_id(&table, id, is_api);
            let text = format!(
                "It stays its owner's and is used as it is, since {}.",
                mistake.message
            );
            file.comments.add(place.clone(), text);
            let root = place.iter().map(String::as_str);
            *root.fold(&mut file.tree, |tree, key| &mut tree[key]) = table;
        }
        None if is_api(place) && file.tree["stack"]["undeclared"].is_null() => {
            file.tree["stack"]["undeclared"] = json!("warn");
        }
        None => {
            file.comments.add(
                place.clone(),
                format!("Not written, since {}: {address}", mistake.message),
            );
            remove(&mut file.tree, place);
        }
    }
}

/// The table of something that is its owner's, by the id that it has in AWS; of an API with its stage, if it
/// has one.
fn named_by_id(table: &Value, id: &str, api_with_stage: Option<bool>) -> Value {
    let mut named = json!({ "existing": true, "id": id });
    if let Some(has_stage) = api_with_stage {
        let is_existing = table["existing"] == true;
        named["routes"] = if is_existing {
            table["routes"].clone()
        } else {
            json!({})
        };
        if has_stage {
            named["stage"] = json!({ "name": table["stage"]["name"] });
        }
    }
    named
}

/// What is wrong with it, and what AWS has there. The values of an environment may be secrets.
fn why(mistake: &Diagnostic, place: &[String], source: &str, value: &Value) -> String {
    let has = match place {
        [table, _, field] if table == "functions" && field == "environment" => {
            let names = value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str());
            names.collect::<Vec<_>>().join(", ")
        }
        _ => shown(value),
    };
    let place = Address::new(place.iter().cloned());
    format!(
        "Not written, since {}: {place}; {source} has {has}",
        mistake.message
    )
}

/// Removes a key, and the tables that are empty without it and say nothing then.
pub(super) fn remove(tree: &mut Value, place: &[String]) {
    let Some((key, table)) = place.split_last() else {
        return;
    };
    let pointer: String = table
        .iter()
        .map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1")))
        .collect();
    let Some(Value::Object(map)) = tree.pointer_mut(&pointer) else {
        return;
    };
    map.remove(key);
    let is_said = match as_only_api(table).as_slice() {
        [] | [_] => true,
        [root, _] if is_root(root, 2) => true,
        [root, list, _] => {
            let parts = OWNERS.iter().filter(|it| it.0 == *root);
            ["clients", "authorizers", "roles"].contains(list)
                || parts.flat_map(|it| tables(it.1)).any(|it| it == *list)
        }
        [ONLY_API, "routes"] => true,
        _ => false,
    };
    if !is_said && at(tree, table).is_some_and(is_empty) {
        remove(tree, table);
    }
}
