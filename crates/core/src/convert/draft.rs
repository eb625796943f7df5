//! A stack.toml that is being written: its values, and what there is to say beside them. Pure.

use super::{
    template::Template,
    values::{as_written, is_open},
};
use crate::stack::Lifted;
use serde_json::{Map, Value, json};

/// The tables in the order of a file.
const ORDER: [&str; 11] = [
    "stack",
    "vars",
    "user_pool",
    "secrets",
    "functions",
    "identity_pool",
    "api",
    "apis",
    "usage_plans",
    "api_keys",
    "checks",
];

pub(super) struct Draft {
    tree: Value,
    comments: Vec<(Vec<String>, String)>,
}

impl Draft {
    pub fn new(name: &str, region: &str) -> Self {
        Self {
            tree: json!({ "stack": { "name": name, "region": region } }),
            comments: vec![],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.tree
            .as_object()
            .is_none_or(|it| it.keys().all(|key| key == "stack"))
    }

    pub fn get(&self, path: &[String]) -> Option<&Value> {
        path.iter().try_fold(&self.tree, |tree, key| tree.get(key))
    }

    /// Puts a value at a path; what is open becomes a comment there.
    pub fn put(&mut self, path: &[String], value: Value) {
        if is_open(&value) {
            let key = path.last().cloned().unwrap_or_default();
            self.comment(
                path,
                format!("{key} = {} is not known to stack.toml.", as_written(&value)),
            );
            return;
        }
        let mut tree = &mut self.tree;
        for key in path {
            if !tree.is_object() {
                *tree = json!({});
            }
            let Some(map) = tree.as_object_mut() else {
                return;
            };
            tree = map.entry(key.clone()).or_insert(Value::Null);
        }
        *tree = value;
    }

    /// Makes sure that a table is there.
    pub fn table(&mut self, path: &[String]) {
        if self.get(path).is_none() {
            self.put(path, json!({}));
        }
    }

    pub fn comment(&mut self, path: &[String], text: impl Into<String>) {
        self.comments.push((path.to_vec(), text.into()));
    }

    /// What is about the whole file.
    pub fn say(&mut self, lines: &[String]) {
        lines.iter().for_each(|it| self.comment(&[], it.clone()));
    }

    /// With the values of `[vars]` that are used and have none.
    pub fn finished(mut self, template: &Template) -> Lifted {
        let text = self.tree.to_string();
        for (name, parameter) in &template.parameters {
            if parameter.default.is_none() && text.contains(&format!("${{var.{name}}}")) {
                let path = ["vars", name].map(ToOwned::to_owned);
                self.put(&path, "change-me".into());
                self.comment(
                    &path,
                    "It has no default there: write it here, or give it with --var.",
                );
            }
        }
        let mut tables = self.tree.as_object().cloned().unwrap_or_default();
        let ordered = ORDER
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), tables.remove(*key)?)));
        Lifted::converted(Value::Object(ordered.collect::<Map<_, _>>()), self.comments)
    }
}
