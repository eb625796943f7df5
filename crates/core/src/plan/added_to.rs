//! Maps that AWS only adds to, such as a pool's custom attributes: an entry that is there can be
//! neither changed nor removed. Pure.

use crate::{
    diff::diff,
    error::{Error, ErrorKind, Result},
    spec::Traits,
    value::Address,
};
use serde_json::Value;

/// What no request could do: entries that are there and declared otherwise.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Refused`], with the line to write for each of them.
pub(super) fn check(
    address: &Address,
    live: &Value,
    declared: &Value,
    traits: &Traits,
) -> Result<()> {
    let all = traits.added_to.iter().flat_map(|field| {
        let there = entries(live, field);
        let both = entries(declared, field).filter_map(move |(name, it)| {
            Some((name, there.clone().find(|(other, _)| *other == name)?.1, it))
        });
        both.filter(|(_, live, declared)| !diff(live, declared, &[]).is_empty())
            .map(move |(name, live, _)| (*field, name, live))
    });
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Ok(());
    }
    let messages = all.iter().map(|(field, name, _)| {
        format!("{address}: {field}.{name} is there and differs; AWS adds to {field}, but never changes what is there")
    });
    let lines = all
        .iter()
        .map(|(_, name, live)| format!("`{} = {}`", key(name), inline(live)));
    let lines: Vec<_> = lines.collect();
    Err(Error::of_lines(ErrorKind::Refused, messages).hint(format!(
        "write {} as AWS has it, or leave it out and declare a new one under another name",
        lines.join(" and ")
    )))
}

/// The entries that are declared and not there, with their field: they can never be taken back.
pub(super) fn added(
    live: &Value,
    declared: &Value,
    traits: &Traits,
) -> Vec<(&'static str, String)> {
    beyond(declared, live, traits)
}

/// The entries that are there and not declared, in fields that are.
pub(super) fn kept(live: &Value, declared: &Value, traits: &Traits) -> Vec<(&'static str, String)> {
    let kept = beyond(live, declared, traits).into_iter();
    kept.filter(|(field, _)| declared[*field].is_object())
        .collect()
}

/// Every entry that is there, as the file names it.
pub(super) fn of(live: &Value, traits: &Traits) -> Vec<String> {
    let all = traits
        .added_to
        .iter()
        .flat_map(|field| entries(live, field).map(move |(name, _)| (field, name)));
    all.map(|(field, name)| format!("{field}.{name}")).collect()
}

fn beyond(one: &Value, other: &Value, traits: &Traits) -> Vec<(&'static str, String)> {
    let mut found = vec![];
    for field in traits.added_to {
        let more = entries(one, field).filter(|(name, _)| other[*field][name.as_str()].is_null());
        found.extend(more.map(|(name, _)| (*field, name.clone())));
    }
    found
}

fn entries<'a>(
    spec: &'a Value,
    field: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + Clone {
    spec[field].as_object().into_iter().flatten()
}

/// An entry as a line of stack.toml has it.
fn inline(entry: &Value) -> String {
    let Some(map) = entry.as_object() else {
        return entry.to_string();
    };
    // JSON's texts, numbers and words are TOML's too.
    let pairs = map
        .iter()
        .map(|(name, value)| format!("{} = {value}", key(name)));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}

fn key(name: &str) -> String {
    let is_bare = name
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_');
    if is_bare {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Spec, user_pool::UserPool};
    use serde_json::json;

    fn traits() -> Traits {
        UserPool::TRAITS
    }

    fn spec(attributes: Value) -> Value {
        json!({ "custom_attributes": attributes })
    }

    #[test]
    fn every_change_of_an_entry_is_refused_with_the_line_to_write() {
        let live = spec(
            json!({ "level": { "type": "number", "mutable": true, "min": 1 }, "x": { "type": "string" } }),
        );
        let others = [
            json!({ "type": "string" }),
            json!({ "mutable": false }),
            json!({ "min": 2 }),
            json!({ "type": "number", "mutable": true, "max": 9 }),
        ];
        for other in others {
            let error = check(
                &Address::new(["user_pool"]),
                &live,
                &spec(json!({ "level": other })),
                &traits(),
            );
            let error = error.unwrap_err();
            assert!(
                error
                    .message
                    .starts_with("user_pool: custom_attributes.level is there"),
                "{error}"
            );
            let hint = error.hint.unwrap();
            assert!(
                hint.contains("`level = { type = \"number\", mutable = true, min = 1 }`"),
                "{hint}"
            );
        }
    }

    #[test]
    fn what_is_as_declared_or_new_is_no_change() {
        let live =
            spec(json!({ "level": { "type": "string", "mutable": true, "min": 0, "max": 2048 } }));
        for declared in [
            json!({ "level": { "type": "string" } }),
            json!({ "other": { "type": "string" } }),
            json!(null),
        ] {
            check(
                &Address::new(["user_pool"]),
                &live,
                &spec(declared),
                &traits(),
            )
            .unwrap();
        }
    }

    #[test]
    fn what_is_added_and_what_is_kept_are_told_apart() {
        let (live, declared) = (
            spec(json!({ "a": {}, "b": {} })),
            spec(json!({ "b": {}, "c.d": {} })),
        );
        assert_eq!(
            added(&live, &declared, &traits()),
            [("custom_attributes", "c.d".to_owned())]
        );
        assert_eq!(
            kept(&live, &declared, &traits()),
            [("custom_attributes", "a".to_owned())]
        );
        assert_eq!(kept(&live, &json!({}), &traits()), []);
    }
}
