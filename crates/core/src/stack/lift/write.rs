//! A tree as TOML that a person would write, with comments. Pure.

use super::Comments;
use crate::{
    plain::{json, steers},
    stack::schema::schema,
};
use serde_json::{Map, Value};
use std::fmt::Write;

/// How long a line may get before a list is broken.
const WIDTH: usize = 96;

/// The whole file. The comments above the tables are the schema's own words.
pub(super) fn write(head: &str, tree: &Value, comments: &Comments) -> String {
    let mut writer = Writer {
        text: head.to_owned(),
        schema: schema(),
        comments: &comments.at_home(tree),
    };
    writer.comment(&[]);
    for (name, table) in tree.as_object().into_iter().flatten() {
        writer.table(&mut vec![name.clone()], table);
    }
    writer.text
}

pub(super) const CONVERTED: &str = "\
# Written by wsctl convert. What it could not say stands as a comment at its place. Every key:
# docs/stack-toml.md
";

pub(super) const IMPORTED: &str = "\
# Written by wsctl import from what is in AWS. What a table leaves out is not managed, or is as wsctl
# would make it anyway. Every key: docs/stack-toml.md
";

struct Writer<'a> {
    text: String,
    schema: Value,
    comments: &'a Comments,
}

impl Writer<'_> {
    fn table(&mut self, path: &mut Vec<String>, table: &Value) {
        let Value::Object(map) = table else { return };
        let map = self.in_order(path, map);
        let (listed, rest): (Vec<_>, Vec<_>) = map.iter().partition(|(_, value)| is_listed(value));
        let (tables, values): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|(key, value)| is_table(path, key, value));
        if !values.is_empty() || tables.is_empty() {
            self.head(path, ["[", "]"]);
            for (key, value) in values {
                self.comment(&joined(path, key));
                self.line(key, value);
            }
        }
        for (key, items) in listed {
            self.listed(&joined(path, key), items);
        }
        for (key, value) in tables {
            path.push(key.clone());
            self.table(path, value);
            path.pop();
        }
    }

    /// Its keys as the schema has them; names that people chose come as they are.
    fn in_order<'a>(
        &self,
        path: &[String],
        map: &'a Map<String, Value>,
    ) -> Vec<(&'a String, &'a Value)> {
        let keys = node(&self.schema, path).map(|it| &resolved(&self.schema, it)["properties"]);
        let keys: Vec<_> = keys
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .collect();
        let mut all: Vec<_> = map.iter().collect();
        all.sort_by_key(|(key, _)| keys.iter().position(|it| it == key).unwrap_or(usize::MAX));
        all
    }

    /// Tables of one name, one after the other.
    fn listed(&mut self, path: &[String], items: &Value) {
        for item in items.as_array().into_iter().flatten() {
            self.head(path, ["[[", "]]"]);
            for (key, value) in item.as_object().into_iter().flatten() {
                self.line(key, value);
            }
        }
    }

    fn line(&mut self, key: &str, value: &Value) {
        let value = inline(value, key.len() + 3);
        let _ = writeln!(self.text, "{} = {value}", bare(key));
    }

    fn head(&mut self, path: &[String], [before, after]: [&str; 2]) {
        self.text.push('\n');
        if let Some(words) = description(&self.schema, path) {
            let _ = writeln!(self.text, "# {words}");
        }
        self.comment(path);
        let name: Vec<_> = path.iter().map(|it| bare(it)).collect();
        let _ = writeln!(self.text, "{before}{}{after}", name.join("."));
    }

    fn comment(&mut self, path: &[String]) {
        for line in self.comments.lines(path) {
            let _ = writeln!(self.text, "# {line}");
        }
    }
}

fn joined(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

/// Whether it is a list of tables.
fn is_listed(value: &Value) -> bool {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    !items.is_empty() && items.iter().all(Value::is_object)
}

/// Routes and small maps stand on one line; every other map is a table.
fn is_table(path: &[String], key: &str, value: &Value) -> bool {
    let Value::Object(map) = value else {
        return false;
    };
    let last = path.last().map(String::as_str);
    let is_small = matches!(
        key,
        "tags" | "throttling" | "vpc" | "environment" | "access_logs"
    ) && inline(value, key.len() + 3).len() < WIDTH
        && !map.values().any(Value::is_object);
    !is_small && last != Some("routes") && last != Some("custom_attributes")
}

/// A key as TOML takes it.
fn bare(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare {
        key.to_owned()
    } else {
        on_one_line(key)
    }
}

/// A text as JSON writes it, which TOML takes too, but for one character.
fn on_one_line(text: &str) -> String {
    json(&Value::from(text).to_string()).into_owned()
}

/// A value on one line, or a list that is too long for that on several.
fn inline(value: &Value, before: usize) -> String {
    match value {
        Value::String(it) => text(it),
        Value::Array(items) => list(items, before),
        Value::Object(map) => one_line(map),
        other => other.to_string(),
    }
}

fn list(items: &[Value], before: usize) -> String {
    let items: Vec<_> = items.iter().map(|it| inline(it, 0)).collect();
    let line = format!("[{}]", items.join(", "));
    if line.len() + before <= WIDTH {
        return line;
    }
    items
        .iter()
        .fold("[\n".to_owned(), |all, item| format!("{all}    {item},\n"))
        + "]"
}

fn one_line(map: &Map<String, Value>) -> String {
    let pairs: Vec<_> = map
        .iter()
        .map(|(key, value)| format!("{} = {}", bare(key), inline(value, 0)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A text of several lines stands on several; but not one with `\r` or the like in it, which an editor
/// or a checkout may change.
fn text(text: &str) -> String {
    match text.chars().any(|c| steers(c) && c != '\n' && c != '\t') {
        true => on_one_line(text),
        false => toml::Value::String(text.to_owned()).to_string(),
    }
}

/// The first sentence of what the schema says of a table.
fn description(schema: &Value, path: &[String]) -> Option<String> {
    let node = node(schema, path)?;
    let words = node["description"]
        .as_str()
        .or(resolved(schema, node)["description"].as_str())?
        .replace('\n', " ");
    let end = words.find(". ").map_or(words.len(), |at| at + 1);
    Some(words[..end].to_owned())
}

/// What the schema has of the table at a path.
fn node<'a>(schema: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(schema, |node, key| {
        let table = resolved(schema, node);
        let named = table["properties"].get(key);
        named.or_else(|| {
            table
                .get("additionalProperties")
                .filter(|it| it.is_object())
        })
    })
}

fn resolved<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(name) = node["$ref"]
        .as_str()
        .and_then(|it| it.strip_prefix("#/$defs/"))
    {
        return resolved(schema, &schema["$defs"][name]);
    }
    let choices = node["anyOf"].as_array();
    match choices
        .into_iter()
        .flatten()
        .find(|it| it["type"] != "null")
    {
        Some(choice) => resolved(schema, choice),
        None => node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_have_the_schemas_words_and_what_is_read_back_is_the_same() {
        let tree = json!({
            "stack": { "name": "a", "region": "eu-west-1" },
            "user_pool": { "name": "a \"b\"\n\\c", "clients": { "web": { "name": "w" } }, "tags": { "a.b": "1" } },
            "api": { "name": "x", "routes": { "GET /{id}": { "function": "f", "authorizer": "none" } } },
        });
        let written = write("", &tree, &Comments::default());
        assert!(
            written.contains("# Which stack this is, and where it lives.\n[stack]\n"),
            "{written}"
        );
        assert!(written.contains("\n[user_pool.clients.web]\n"), "{written}");
        assert!(
            written.contains("\"GET /{id}\" = { function = \"f\", authorizer = \"none\" }"),
            "{written}"
        );
        let read: Value = toml::from_str(&written).unwrap();
        assert_eq!(read, tree);
    }

    #[test]
    fn a_long_list_stands_on_several_lines() {
        let list = json!([
            "https://one.example.com/callback",
            "https://two.example.com/callback",
            "https://three.example.com/"
        ]);
        let written = inline(&list, 16);
        assert_eq!(written.lines().count(), 5, "{written}");
    }
}
