//! What holds where a file says nothing: the defaults that stand in the schema beside each field. Pure.
//!
//! `default` is what something made without the field has. Where Cognito's API has another one than its
//! console, or writes none back, the field is `explicit`: creation sends it.

use super::{Spec, every_kind, from_tree, to_tree};
use crate::{diff::is_empty, error::Result};
use schemars::schema_for;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};

/// What the schema of a kind says of its fields, each as a tree of the spec's own form.
struct Said {
    defaults: Value,
    explicit: Value,
    required: Value,
}

fn said(kind: &str) -> Option<&'static Said> {
    static ALL: LazyLock<BTreeMap<&'static str, Said>> = LazyLock::new(|| {
        fn of<S: Spec>() -> (&'static str, Said) {
            let mut said = Said::of(&schema_for!(S).to_value());
            if let (Some(all), Value::Object(usual)) = (said.defaults.as_object_mut(), S::usual()) {
                all.extend(usual);
            }
            (S::NAME, said)
        }
        every_kind!(of).into_iter().collect()
    });
    ALL.get(kind)
}

/// The defaults of a kind's fields, as a tree of its spec's own form; null where it has none.
pub fn defaults(kind: &str) -> &'static Value {
    said(kind).map_or(&Value::Null, |it| &it.defaults)
}

/// The fields that a kind's tables cannot be without, as a tree of the same form: each is `true`.
pub fn required(kind: &str) -> &'static Value {
    said(kind).map_or(&Value::Null, |it| &it.required)
}

/// What AWS has, with the defaults for what its answer leaves out.
pub fn completed<S: Spec>(live: S) -> Result<S> {
    filled(&live, defaults(S::NAME))
}

/// What is declared, with the defaults that creation has to send.
pub fn explicit<S: Spec>(declared: &S) -> Result<S> {
    filled(
        declared,
        said(S::NAME).map_or(&Value::Null, |it| &it.explicit),
    )
}

fn filled<S: Spec>(spec: &S, defaults: &Value) -> Result<S> {
    let mut spec = to_tree(spec)?;
    fill(&mut spec, defaults);
    from_tree(&spec)
}

/// A table that is not there stays so.
fn fill(spec: &mut Value, defaults: &Value) {
    let (Some(spec), Some(defaults)) = (spec.as_object_mut(), defaults.as_object()) else {
        return;
    };
    for (key, default) in defaults {
        match spec.get_mut(key).filter(|it| !it.is_null()) {
            Some(value) => fill(value, default),
            None if default.is_object() => {}
            None => drop(spec.insert(key.clone(), default.clone())),
        }
    }
}

impl Said {
    fn of(schema: &Value) -> Self {
        let default = |property: &Value| {
            let default = &property["default"];
            (!is_empty(default) && !default.is_object()).then(|| default.clone())
        };
        let is_required = |place: &Value, key: &str| {
            place["required"]
                .as_array()
                .is_some_and(|all| all.iter().any(|it| it == key))
        };
        Self {
            defaults: table(schema, schema, &|_, _, property| default(property)),
            explicit: table(schema, schema, &|_, _, property| {
                default(property).filter(|_| property["explicit"] == true)
            }),
            required: table(schema, schema, &|place, key, _| {
                is_required(place, key).then_some(Value::Bool(true))
            }),
        }
    }
}

/// What `leaf` says of a table's fields, by table, field and the field's schema; below what it says
/// nothing of, of the fields of that.
fn table(
    schema: &Value,
    place: &Value,
    leaf: &dyn Fn(&Value, &str, &Value) -> Option<Value>,
) -> Value {
    let mut found = Map::new();
    let variants = place["oneOf"].as_array().into_iter().flatten();
    let properties = [place]
        .into_iter()
        .chain(variants)
        .filter_map(|it| it["properties"].as_object());
    for (key, property) in properties.flatten() {
        let said = leaf(place, key, property)
            .unwrap_or_else(|| table(schema, follow(schema, property), leaf));
        if !is_empty(&said) {
            found.insert(key.clone(), said);
        }
    }
    Value::Object(found)
}

/// What a property refers to, which may be left out.
fn follow<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let choices = property["anyOf"].as_array().into_iter().flatten();
    let place = choices
        .into_iter()
        .find(|it| it["type"] != "null")
        .unwrap_or(property);
    let target = place["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    target
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Produces, client::Client, stage::Stage, user_pool::UserPool};
    use serde_json::json;

    #[test]
    fn a_default_stands_where_its_field_does() {
        assert_eq!(
            defaults(UserPool::NAME)["password_policy"]["minimum_length"],
            8
        );
        assert_eq!(
            defaults(UserPool::NAME)["mfa"],
            json!({
                "mode": "off", "totp": false, "email": false,
                "passkeys": { "multi_factor": false },
            })
        );
        assert_eq!(
            defaults(Stage::NAME)["throttling"]["rate_limit"],
            json!(10_000.0)
        );
        assert_eq!(
            required(Stage::NAME)["throttling"],
            json!({ "rate_limit": true, "burst_limit": true })
        );
    }

    #[test]
    fn what_is_said_stays_and_the_rest_is_filled_in() {
        let client = Client {
            token_revocation: Some(false),
            ..Client::named("spa")
        };
        let live = completed(client.clone()).unwrap();
        assert_eq!(
            (live.token_revocation, live.secret),
            (Some(false), Some(false))
        );
        let made = explicit(&client).unwrap();
        assert_eq!(
            (
                made.token_revocation,
                made.secret,
                made.prevent_user_existence_errors
            ),
            (Some(false), None, Some(true))
        );
    }
}
