//! Two trees → the leaves at which they differ. Pure.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// One field that is not as stack.toml has it. `path` is dotted; `Null` means absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub path: String,
    pub old: Value,
    pub new: Value,
}

impl Change {
    /// Whether the change is at `field` or below it.
    pub fn touches(&self, field: &str) -> bool {
        self.path
            .strip_prefix(field)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Whether any of `changes` is at one of `fields` or below.
pub fn any_touches(changes: &[Change], fields: &[&str]) -> bool {
    changes
        .iter()
        .any(|change| fields.iter().any(|field| change.touches(field)))
}

/// What has to change in `live` to have what `desired` declares.
///
/// A field that `desired` leaves out is not managed and never differs. In the fields named in
/// `whole` (maps such as tags or environment variables) every key counts, so a key that only
/// `live` has differs too. Absent, null and empty are equal: AWS mixes them freely.
pub fn diff(live: &Value, desired: &Value, whole: &[&str]) -> Vec<Change> {
    let mut found = vec![];
    walk(String::new(), live, desired, whole, &mut found);
    found
}

fn walk(path: String, live: &Value, desired: &Value, whole: &[&str], found: &mut Vec<Change>) {
    match (live, desired) {
        (_, Value::Object(declared)) if whole.contains(&path.as_str()) => {
            let none = serde_json::Map::new();
            let there = live.as_object().unwrap_or(&none);
            let keys: BTreeSet<_> = there.keys().chain(declared.keys()).collect();
            for key in keys {
                // What is given back has a null where there was nothing.
                let (old, new) = (null_or(there.get(key)), null_or(declared.get(key)));
                let path = below(&path, key);
                if old.is_object() && new.is_object() && whole.contains(&path.as_str()) {
                    walk(path, &old, &new, whole, found);
                } else if old != new {
                    found.push(Change { path, old, new });
                }
            }
        }
        (_, Value::Object(declared)) => {
            for (key, value) in declared {
                walk(
                    below(&path, key),
                    live.get(key).unwrap_or(&Value::Null),
                    value,
                    whole,
                    found,
                );
            }
        }
        _ if is_empty(live) && is_empty(desired) => {}
        _ if live != desired => {
            found.push(Change {
                path,
                old: live.clone(),
                new: desired.clone(),
            });
        }
        _ => {}
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn null_or(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or(Value::Null)
}

/// Whether AWS means "none" by it: absent, empty and null are the same to it.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn paths(live: Value, desired: Value, whole: &[&str]) -> Vec<String> {
        diff(&live, &desired, whole)
            .into_iter()
            .map(|change| change.path)
            .collect()
    }

    #[test]
    fn a_field_left_out_is_not_managed() {
        assert!(paths(json!({"a": 1, "b": {"c": 2}}), json!({"b": {}}), &[]).is_empty());
    }

    #[test]
    fn a_whole_map_in_a_whole_one_differs_key_by_key() {
        let live = json!({ "a": { "b": { "x": 1, "y": 1 }, "c": { "x": 1 } } });
        let desired = json!({ "a": { "b": { "x": 2 }, "c": { "x": 2 } } });
        assert_eq!(
            paths(live.clone(), desired.clone(), &["a", "a.b"]),
            ["a.b.x", "a.b.y", "a.c"]
        );
        assert_eq!(paths(live, desired, &["a"]), ["a.b", "a.c"]);
    }

    #[test]
    fn in_a_whole_field_an_undeclared_key_differs() {
        let live = json!({"env": {"A": "1", "B": "2"}});
        assert_eq!(paths(live, json!({"env": {"A": "1"}}), &["env"]), ["env.B"]);
    }

    #[test]
    fn absent_null_and_empty_are_equal() {
        let desired = json!({"a": null, "b": "", "c": [], "d": {}});
        assert!(paths(json!({}), desired, &[]).is_empty());
    }

    #[test]
    fn nested_changes_carry_the_whole_path() {
        let changes = diff(&json!({"a": {"b": 1}}), &json!({"a": {"b": 2}}), &[]);
        assert_eq!(
            changes,
            [Change {
                path: "a.b".into(),
                old: json!(1),
                new: json!(2)
            }]
        );
        assert!(
            changes[0].touches("a") && changes[0].touches("a.b") && !changes[0].touches("a.bc")
        );
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_tree_never_differs_from_itself(tree in tree()) {
            prop_assert!(diff(&tree, &tree, &[]).is_empty());
            prop_assert!(diff(&tree, &tree, &["a", "b"]).is_empty());
        }
    }
}
