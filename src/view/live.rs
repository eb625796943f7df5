//! One resource as AWS has it, without what may be secret. Pure.

use super::{BOLD, DIM, lines, shown, styled};
use crate::{
    diff::is_empty,
    owner::Owner,
    plain::plain,
    spec::Live,
    stack::told_apart,
    value::{self, Address, HIDDEN},
};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write};

/// A live resource of which everybody may see everything.
#[derive(Serialize)]
pub struct Shown {
    pub address: Address,
    pub kind: &'static str,
    pub owner: String,
    pub outputs: Value,
    pub values: Value,
    /// What AWS tells though nobody may ever have set it.
    #[serde(skip_serializing_if = "is_empty")]
    pub defaults: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
}

impl Shown {
    /// Hides the live values of `hidden` fields, and whatever `declared` takes from the environment.
    /// What is not declared and as it would be without anybody is told apart.
    pub fn of(live: &Live, hidden: &[&str], declared: Option<&Value>) -> Self {
        let mut secrets = BTreeSet::new();
        let values = without_environment(&live.spec, declared, &mut secrets);
        let (values, defaults) = told_apart(live.kind, &values, declared);
        Self {
            address: live.address.clone(),
            kind: live.kind,
            owner: match &live.owner {
                Owner::Ours => "this stack".into(),
                Owner::Attached => "attached to this stack".into(),
                Owner::Nobody => "not a wsctl stack".into(),
                Owner::Stack(name) => format!("the stack {name}"),
            },
            outputs: without_texts(&live.outputs, &secrets),
            values: without_fields(values, hidden),
            defaults,
            notes: [&live.notes[..], &live.set_elsewhere].concat(),
            holds: live.holds.clone(),
        }
    }
}

fn without_environment(
    live: &Value,
    declared: Option<&Value>,
    secrets: &mut BTreeSet<String>,
) -> Value {
    match (live, declared) {
        (Value::Object(map), Some(Value::Object(declared))) => {
            let hide = |(key, value): (&String, &Value)| {
                (
                    key.clone(),
                    without_environment(value, declared.get(key), secrets),
                )
            };
            Value::Object(map.iter().map(hide).collect())
        }
        (live, Some(declared)) if value::reads_environment(declared) => hidden(live, secrets),
        (live, _) => live.clone(),
    }
}

/// `tree` with every text and number hidden; the texts are kept in `secrets`.
fn hidden(tree: &Value, secrets: &mut BTreeSet<String>) -> Value {
    match tree {
        Value::Null | Value::Bool(_) => tree.clone(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), hidden(value, secrets)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(|item| hidden(item, secrets)).collect(),
        Value::String(text) if text.is_empty() => tree.clone(),
        Value::String(text) => {
            secrets.insert(text.clone());
            HIDDEN.into()
        }
        Value::Number(_) => HIDDEN.into(),
    }
}

fn without_fields(mut values: Value, fields: &[&str]) -> Value {
    for field in fields {
        let mut keys = field.split('.');
        if let Some(value) = keys.try_fold(&mut values, |tree, key| tree.get_mut(key)) {
            *value = hidden(value, &mut BTreeSet::new());
        }
    }
    values
}

/// An output such as an ARN can repeat a name that came from the environment.
fn without_texts(tree: &Value, secrets: &BTreeSet<String>) -> Value {
    match tree {
        Value::String(text) if secrets.iter().any(|it| text.contains(it.as_str())) => HIDDEN.into(),
        Value::Object(map) => {
            let items = map
                .iter()
                .map(|(key, value)| (key.clone(), without_texts(value, secrets)));
            Value::Object(items.collect())
        }
        other => other.clone(),
    }
}

/// The resource as a person reads it.
pub fn live(it: &Shown) -> String {
    let mut text = format!(
        "{} {}",
        styled(BOLD, &it.address.to_string()),
        styled(DIM, &format!("({})", it.kind))
    );
    let _ = writeln!(text, "\n  belongs to {}", plain(&it.owner));
    let holds = it.holds.iter().map(|it| format!("holds {it}"));
    for line in holds.chain(it.notes.iter().map(|it| format!("note: {it}"))) {
        let _ = writeln!(text, "  {}", plain(&line));
    }
    let defaults = "Defaults, unless somebody set them so";
    let in_short = in_short(&it.defaults);
    let trees = [
        ("Outputs", &it.outputs),
        ("Values", &it.values),
        (defaults, &in_short),
    ];
    for (title, tree) in trees.into_iter().filter(|(_, tree)| !is_empty(tree)) {
        let _ = writeln!(text, "\n{}", styled(BOLD, title));
        for line in lines::of_tree(tree, &|_, leaf| Some(shown(leaf))) {
            let _ = writeln!(text, "      {}", line.text);
        }
    }
    text
}

/// Of tables that have a name each, such as a pool's standard attributes, the names: that each is as AWS makes it
/// is what there is to say.
fn in_short(defaults: &Value) -> Value {
    let Value::Object(fields) = defaults else {
        return defaults.clone();
    };
    let short = |value: &Value| match value {
        Value::Object(named) if !named.is_empty() && named.values().all(Value::is_object) => {
            named.keys().cloned().collect()
        }
        value => value.clone(),
    };
    let fields = fields
        .iter()
        .map(|(key, value)| (key.clone(), short(value)));
    Value::Object(fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_named_tables_that_are_as_usual_the_names_are_shown() {
        let defaults = json!({ "attributes": { "a": { "min": 0 }, "b": { "min": 0, "max": 9 } }, "mfa": { "totp": false } });
        let short = json!({ "attributes": ["a", "b"], "mfa": { "totp": false } });
        assert_eq!(in_short(&defaults), short);
    }

    #[test]
    fn hidden_fields_and_what_the_environment_gives_are_not_shown() {
        let live = Live {
            spec: json!({
                "name": "canary-name", "memory": 128, "description": "",
                "environment": { "A": "canary-a", "B": "" },
                "integration": { "uri": "canary-uri", "type": "HTTP" }, "tags": { "team": "canary-tag", "a": "b" },
            })
            .into(),
            outputs: json!({ "arn": "arn:aws:lambda:eu-west-1:123456789012:function:canary-name" }),
            ..Live::owned("function", Address::new(["functions", "users"]))
        };
        let declared = json!({ "name": "${env.NAME}", "tags": { "team": "${env.TEAM}" } });
        let fields = ["environment", "integration.uri"];
        let shown = Shown::of(&live, &fields, Some(&declared));
        assert_eq!(shown.values["integration"]["type"], "HTTP");
        let all = format!("{}{}", super::live(&shown), json!(shown));
        assert!(!all.contains("canary"), "{all}");
        assert_eq!(shown.values["environment"], json!({ "A": HIDDEN, "B": "" }));
        assert_eq!(
            (&shown.defaults["memory"], &shown.values["tags"]["a"]),
            (&json!(128), &json!("b"))
        );
        let declared = json!({ "memory": 128 });
        assert_eq!(
            Shown::of(&live, &[], Some(&declared)).values["memory"],
            json!(128)
        );
        assert_eq!(shown.outputs["arn"], HIDDEN);
    }
}
