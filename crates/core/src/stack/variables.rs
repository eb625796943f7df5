//! A file of values for `${var.NAME}`, as `--var-file` takes it. Pure.

use super::source::{self, Diagnostic, path};
use crate::error::Result;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads `text`, the content of the file called `name`: `NAME = "value"` lines, as in `[vars]`.
pub fn variables(name: &str, text: &str) -> Result<BTreeMap<String, String>> {
    let (source, tree) = source::parse(name, text)?;
    let (mut variables, mut mistakes) = (BTreeMap::new(), vec![]);
    for (key, value) in tree.as_object().into_iter().flatten() {
        match value {
            Value::String(value) => drop(variables.insert(key.clone(), value.clone())),
            _ => mistakes.push(mistake(key, value)),
        }
    }
    if mistakes.is_empty() {
        Ok(variables)
    } else {
        Err(source.refuse(&mistakes))
    }
}

fn mistake(key: &str, value: &Value) -> Diagnostic {
    let help = match value {
        Value::Object(_) | Value::Array(_) => {
            format!("write {key} = \"value\", without tables and lists")
        }
        _ => format!("write it in quotes: {key} = \"{value}\""),
    };
    Diagnostic::error(path([key]), format!("{key} is not a text in quotes"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_read() {
        let read = variables(
            "ann.toml",
            "db_host = \"db.example.com\"\ndb_port = \"5432\"\n",
        )
        .unwrap();
        assert_eq!(read["db_host"], "db.example.com");
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn what_is_no_text_is_refused_at_its_place() {
        let error =
            variables("ann.toml", "a = \"x\"\nport = 5432\n[vars]\nb = \"y\"\n").unwrap_err();
        for word in [
            "ann.toml has 2 mistakes",
            "ann.toml:2:8",
            "port = \"5432\"",
            "vars is not a text",
        ] {
            assert!(error.message.contains(word), "no {word:?} in {error}");
        }
    }
}
