//! The reference of stack.toml as Markdown, from its schema and the kinds' outputs. Pure.

use super::{checks, parts::OWNERS, schema, tables::APIS};
use crate::spec;
use serde_json::Value;
use std::fmt::Write;

/// What stands before the tables.
const INTRODUCTION: &str = include_str!("reference.md");

/// Where each kind that others may refer to stands.
const ADDRESSES: [(&str, &str); 19] = [
    ("user_pool", "user pool"),
    ("user_pool.domain", "user pool domain"),
    ("user_pool.custom_domain", "user pool custom domain"),
    ("user_pool.roles.sms", "role"),
    ("user_pool.clients.NAME", "user pool client"),
    ("identity_pool", "identity pool"),
    ("identity_pool.roles.NAME", "role"),
    ("secrets.NAME", "secret"),
    ("functions.NAME", "function"),
    ("functions.NAME.role", "role"),
    ("functions.NAME.log_group", "log group"),
    ("api", "REST API"),
    ("api.authorizers.NAME", "authorizer"),
    ("api.roles.NAME", "role"),
    ("api.stage", "stage"),
    ("domain_names.NAME", "custom domain name"),
    ("domain_names.NAME.base_paths.PATH", "base path mapping"),
    ("usage_plans.NAME", "usage plan"),
    ("api_keys.NAME", "API key"),
];

/// The whole of docs/stack-toml.md.
pub fn reference() -> String {
    let schema = schema();
    let mut text = INTRODUCTION.replace("OUTPUTS\n", &outputs());
    for (key, property) in properties(&schema) {
        match key.as_str() {
            APIS => further_apis(&mut text, &schema, property),
            _ => table(&mut text, &schema, key, property),
        }
    }
    text + &checks::reference()
}

/// What they can say is what `[api]` can.
fn further_apis(text: &mut String, schema: &Value, property: &Value) {
    let meaning = described(schema, property);
    let _ = writeln!(text, "\n## `[{APIS}.NAME]`\n\n{meaning}");
}

fn outputs() -> String {
    let mut text = "| Address | Outputs |\n|---|---|\n".to_owned();
    let own = ADDRESSES.map(|(address, name)| (address.to_owned(), name));
    // The pool's parts stand behind its clients, the API's at the end.
    let (before, after) = own.split_at(5);
    let parts = |owner: &'static str, name: &'static str| {
        spec::parts_of(name)
            .map(move |(kind, _)| (format!("{owner}.{}.NAME", kind.table), kind.name))
    };
    let [of_pool, of_api] = OWNERS.map(|(owner, name)| parts(owner, name));
    let before = before.iter().cloned().chain(of_pool);
    let after = after.iter().cloned().chain(of_api);
    for (address, name) in before.chain(after) {
        let outputs = spec::all()
            .iter()
            .find(|kind| kind.name == name)
            .map(|kind| (kind.outputs)());
        let outputs: Vec<_> = outputs
            .unwrap_or_default()
            .iter()
            .map(|it| format!("`{it}`"))
            .collect();
        let _ = writeln!(text, "| `{address}` | {} |", outputs.join(", "));
    }
    text
}

/// A table's heading, its keys, and then the tables in it.
fn table(text: &mut String, schema: &Value, address: &str, property: &Value) {
    let (address, place) = match (inner(schema, property), listed(schema, property)) {
        (Some(inner), _) => (format!("{address}.{}", placeholder(address)), inner),
        (None, Some(items)) => (address.to_owned(), items),
        (None, None) => (address.to_owned(), follow(schema, property)),
    };
    let head = match listed(schema, property) {
        Some(_) => format!("[[{address}]]"),
        None => format!("[{address}]"),
    };
    let _ = writeln!(text, "\n## `{head}`\n\n{}\n", described(schema, place));
    if place["properties"].is_object() {
        text.push_str("| Key | Value | Limits | Default | Meaning |\n|---|---|---|---|---|\n");
    }
    for (key, property) in properties(place) {
        let name = if is_required(place, key) {
            format!("**`{key}`**")
        } else {
            format!("`{key}`")
        };
        let (value, limits) = (
            kind_of(schema, property, &format!("{address}.{key}")),
            limits(schema, property),
        );
        let default = default(schema, property);
        let _ = writeln!(
            text,
            "| {name} | {value} | {limits} | {default} | {} |",
            described(schema, property)
        );
    }
    for (key, property) in properties(place).filter(|(_, property)| is_table(schema, property)) {
        table(text, schema, &format!("{address}.{key}"), property);
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn is_required(table: &Value, key: &str) -> bool {
    table["required"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|it| it == key)
}

/// Whether it has keys of its own, or holds such tables by name or in a list.
fn is_table(schema: &Value, property: &Value) -> bool {
    follow(schema, property)["properties"].is_object()
        || inner(schema, property).is_some()
        || listed(schema, property).is_some()
}

/// The tables that a list has.
fn listed<'a>(schema: &'a Value, property: &'a Value) -> Option<&'a Value> {
    let items = follow(schema, &follow(schema, property)["items"]);
    items["properties"].is_object().then_some(items)
}

/// The tables that a table of tables holds.
fn inner<'a>(schema: &'a Value, property: &'a Value) -> Option<&'a Value> {
    let items = follow(schema, &follow(schema, property)["additionalProperties"]);
    items["properties"].is_object().then_some(items)
}

fn placeholder(address: &str) -> &'static str {
    if address.ends_with("routes") || address.ends_with("stage.methods") {
        "\"METHOD /PATH\""
    } else {
        "NAME"
    }
}

fn follow<'a>(schema: &'a Value, place: &'a Value) -> &'a Value {
    let target = place["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    target
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(place)
}

/// The place's own description, otherwise its type's; on one line.
fn described(schema: &Value, place: &Value) -> String {
    let text = place["description"]
        .as_str()
        .or_else(|| follow(schema, place)["description"].as_str());
    text.unwrap_or_default()
        .replace('\n', " ")
        .replace('|', "\\|")
}

fn kind_of(schema: &Value, property: &Value, address: &str) -> String {
    if is_table(schema, property) {
        return match inner(schema, property) {
            Some(_) => format!("tables, `[{address}.{}]`", placeholder(address)),
            None if listed(schema, property).is_some() => format!("tables, `[[{address}]]`"),
            None => format!("table, `[{address}]`"),
        };
    }
    let place = follow(schema, property);
    match place["type"].as_str() {
        Some("array") => format!("list: {}", kind_of(schema, &place["items"], address)),
        Some("object") if place["additionalProperties"]["type"] == "object" => {
            "table of tables".into()
        }
        Some("object") if place["additionalProperties"]["type"] == "boolean" => {
            "table of `true` or `false`".into()
        }
        Some("object") if place["additionalProperties"] == true => "table".into(),
        Some("object") => "table of texts".into(),
        Some("string") if place["isTime"] == true => "length of time".into(),
        Some("integer") => "whole number".into(),
        Some("number") => "number".into(),
        Some("boolean") => "`true` or `false`".into(),
        _ if place["enum"].is_array() => "word".into(),
        _ => "text".into(),
    }
}

fn limits(schema: &Value, property: &Value) -> String {
    let place = follow(schema, property);
    let place = if place["type"] == "array" {
        follow(schema, &place["items"])
    } else {
        place
    };
    let mut limits = vec![];
    if let Some(words) = place["enum"].as_array() {
        let words: Vec<_> = words
            .iter()
            .map(|word| {
                format!(
                    "`{}`",
                    word.as_str()
                        .map_or_else(|| word.to_string(), ToOwned::to_owned)
                )
            })
            .collect();
        limits.push(words.join(", "));
    }
    if limits.is_empty() {
        limits.extend(range(place, "minimum", "maximum", ""));
    }
    if let Some([least, most]) = place["range"].as_array().map(Vec::as_slice) {
        limits.extend([format!("{least} to {most}").replace('"', "`")]);
    }
    limits.extend(range(place, "minLength", "maxLength", " characters"));
    limits.extend(range(
        follow(schema, property),
        "minItems",
        "maxItems",
        " items",
    ));
    limits.extend(range(place, "minProperties", "maxProperties", " keys"));
    limits.extend(form(place));
    limits.extend(form(&place["propertyNames"]).map(|form| format!("names: {form}")));
    if place["type"] == "object" {
        limits.extend(form(&place["additionalProperties"]).map(|form| format!("values: {form}")));
    }
    if place["emptyRemoves"] == true {
        limits.push("`\"\"` removes it".into());
    }
    limits.join("; ")
}

/// What holds for something made without the key.
fn default(schema: &Value, property: &Value) -> String {
    let of = |place: &Value| place.get("default").filter(|it| !it.is_object()).cloned();
    let written = |value: &Value| {
        format!(
            "`{}`",
            value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned)
        )
    };
    match of(property).or_else(|| of(follow(schema, property))) {
        Some(Value::Array(items)) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        Some(value) => written(&value),
        None => String::new(),
    }
}

/// How a text is written.
fn form(place: &Value) -> Option<String> {
    let hint = place["patternHint"]
        .as_str()
        .filter(|_| place["isTime"] != true)?;
    hint.strip_prefix("write ")
        .map(|form| form.replace('|', "\\|"))
}

/// What only the type of a number allows is no limit that anybody has to know.
fn range(place: &Value, least: &str, most: &str, unit: &str) -> Option<String> {
    let of_type = |number: i64| number.abs() >= i64::from(i32::MAX);
    let limit = |key: &str| {
        place[key]
            .as_f64()
            .map(|it| it as i64)
            .filter(|it| !of_type(*it))
    };
    match (limit(least), limit(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("{least} or more{unit}")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_in_the_repository_is_of_this_version() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/stack-toml.md");
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            there == reference(),
            "docs/stack-toml.md is out of date; run: cargo run -- schema --markdown > docs/stack-toml.md"
        );
    }

    #[test]
    fn every_table_and_every_key_has_a_meaning() {
        let text = reference();
        let silent: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("| ") && line.ends_with("|  |"))
            .collect();
        assert!(silent.is_empty(), "{}", silent.join("\n"));
        assert!(!text.contains("]`\n\n\n"), "a table without a description");
    }

    #[test]
    fn whatever_can_be_referred_to_has_its_outputs() {
        assert!(!outputs().contains("|  |"), "{}", outputs());
    }
}
