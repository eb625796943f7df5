//! What holds where a file says nothing: the defaults that stand in the schema beside each field. Pure.
//!
//! `default` is what something made without the field has. Where Cognito's API has another one than its
//! console, or writes none back, the field is `explicit`: creation sends it.

use super::{Spec, every_kind, from_tree, to_tree};
use crate::{diff::is_empty, error::Result};
use schemars::schema_for;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};

/// The defaults of a kind's fields, as a tree of its spec's own form; null where it has none.
pub fn defaults(kind: &str) -> &'static Value {
    static ALL: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
        fn of<S: Spec>() -> (&'static str, Value) {
            (S::NAME, tree::<S>(&|_| true))
        }
        every_kind!(of).into_iter().collect()
    });
    ALL.get(kind).unwrap_or(&Value::Null)
}

/// What AWS has, with the defaults for what its answer leaves out.
pub fn completed<S: Spec>(live: S) -> Result<S> {
    let mut spec = to_tree(&live)?;
    fill(&mut spec, defaults(S::NAME));
    from_tree(spec)
}

/// What is declared, with the defaults that creation has to send.
pub fn explicit<S: Spec>(declared: &S) -> Result<S> {
    let mut spec = to_tree(declared)?;
    fill(&mut spec, &tree::<S>(&|property| property["explicit"] == true));
    from_tree(spec)
}

/// A table that is not there stays so.
fn fill(spec: &mut Value, defaults: &Value) {
    let (Some(spec), Some(defaults)) = (spec.as_object_mut(), defaults.as_object()) else { return };
    for (key, default) in defaults {
        match spec.get_mut(key).filter(|it| !it.is_null()) {
            Some(value) => fill(value, default),
            None if default.is_object() => {}
            None => drop(spec.insert(key.clone(), default.clone())),
        }
    }
}

fn tree<S: Spec>(is_wanted: &dyn Fn(&Value) -> bool) -> Value {
    let schema = schema_for!(S).to_value();
    table(&schema, &schema, is_wanted)
}

fn table(schema: &Value, place: &Value, is_wanted: &dyn Fn(&Value) -> bool) -> Value {
    let mut found = Map::new();
    let variants = place["oneOf"].as_array().into_iter().flatten();
    let properties = [place].into_iter().chain(variants).filter_map(|it| it["properties"].as_object());
    for (key, property) in properties.flatten() {
        let default = match &property["default"] {
            default if is_empty(default) || default.is_object() => {
                table(schema, follow(schema, property), is_wanted)
            }
            default if is_wanted(property) => default.clone(),
            _ => Value::Null,
        };
        if !is_empty(&default) {
            found.insert(key.clone(), default);
        }
    }
    Value::Object(found)
}

/// What a property refers to, which may be left out.
fn follow<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let choices = property["anyOf"].as_array().into_iter().flatten();
    let place = choices.into_iter().find(|it| it["type"] != "null").unwrap_or(property);
    let target = place["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    target.and_then(|pointer| schema.pointer(pointer)).unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Produces, client::Client, stage::Stage, user_pool::UserPool};
    use serde_json::json;

    #[test]
    fn a_default_stands_where_its_field_does() {
        assert_eq!(defaults(UserPool::NAME)["password_policy"]["minimum_length"], 8);
        assert_eq!(defaults(UserPool::NAME)["mfa"], json!({ "mode": "off", "totp": false }));
        assert_eq!(defaults(Stage::NAME)["throttling"]["rate_limit"], json!(10_000.0));
    }

    #[test]
    fn what_is_said_stays_and_the_rest_is_filled_in() {
        let client = Client { token_revocation: Some(false), ..Client::named("spa") };
        let live = completed(client.clone()).unwrap();
        assert_eq!((live.token_revocation, live.secret), (Some(false), Some(false)));
        let made = explicit(&client).unwrap();
        assert_eq!(
            (made.token_revocation, made.secret, made.prevent_user_existence_errors),
            (Some(false), None, Some(true))
        );
    }
}
