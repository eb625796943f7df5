//! What need not be written: what apply would make without being told. Pure.
//!
//! Most of it is AWS's own default (dossier §2, §3, §5, §6 and §8). Where wsctl has another one, such
//! as errors that hide whether a user exists, it is wsctl's that counts.

use crate::{diff::is_empty, stack::tables::RUNTIME};
use serde_json::{Map, Value, json};

/// `tree` without what says nothing: what is empty, and what is as it would be made anyway.
pub(super) fn without(tree: Value) -> Value {
    let Value::Object(tables) = tree else { return tree };
    let kept = tables.into_iter().map(|(name, table)| {
        let table = match name.as_str() {
            "stack" => less(table, &json!({ "undeclared": "delete" })),
            "user_pool" => user_pool(table),
            "functions" => each(table, |it| less(it, &function())),
            "api" => api(table),
            _ => less(table, &Value::Null),
        };
        (name, table)
    });
    kept.filter(|(_, table)| !is_empty(table)).collect::<Map<_, _>>().into()
}

fn user_pool(table: Value) -> Value {
    let usual = json!({
        "case_sensitive": false,
        "self_registration": true,
        "first_factors": ["PASSWORD"],
        "feature_plan": "ESSENTIALS",
        "deletion_protection": false,
        "domain": { "managed_login_version": 1 },
        "mfa": { "mode": "off", "totp": false },
        "email": { "sender": "COGNITO_DEFAULT" },
        "verification_message": { "email_option": "CONFIRM_WITH_CODE" },
        "password_policy": {
            "minimum_length": 8, "require_lowercase": true, "require_uppercase": true,
            "require_numbers": true, "require_symbols": true, "temporary_password_validity_days": 7,
            "history": 0,
        },
    });
    let client = json!({
        "secret": false,
        "auth_session_validity": "3m",
        "access_token_validity": "1h",
        "id_token_validity": "1h",
        "refresh_token_validity": "30d",
        "prevent_user_existence_errors": true,
        "token_revocation": true,
    });
    let mut table = table;
    let clients = each(table["clients"].take(), |it| less(it, &client));
    let groups = each(table["groups"].take(), |it| less(it, &Value::Null));
    let mut table = less(table, &usual);
    put(&mut table, "clients", clients);
    put(&mut table, "groups", groups);
    table
}

fn function() -> Value {
    json!({ "runtime": RUNTIME, "architecture": "x86_64", "memory": 128, "timeout": "3s" })
}

fn api(table: Value) -> Value {
    let usual = json!({ "endpoint": "REGIONAL", "stage": { "metrics": false, "logging_level": "OFF" } });
    let mut table = table;
    let routes = each(table["routes"].take(), |it| less(it, &json!({ "timeout": "29s" })));
    let authorizer = json!({ "token_source": "Authorization", "ttl": "5m" });
    let authorizers = each(table["authorizers"].take(), |it| less(it, &authorizer));
    let mut table = less(table, &usual);
    put(&mut table, "authorizers", authorizers);
    // An API's routes have to be there, also where there are none.
    if let (Some(map), Value::Object(_)) = (table.as_object_mut(), &routes) {
        map.insert("routes".to_owned(), routes);
    }
    table
}

fn put(table: &mut Value, key: &str, value: Value) {
    if let (Some(map), false) = (table.as_object_mut(), is_empty(&value)) {
        map.insert(key.to_owned(), value);
    }
}

/// The same for every table of a table; none of them goes, even if nothing is left in it.
fn each(tables: Value, change: impl Fn(Value) -> Value) -> Value {
    match tables {
        Value::Object(tables) => {
            tables.into_iter().map(|(name, table)| (name, change(table))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

/// Maps in which every key counts, an empty value too.
const WHOLE: [&str; 2] = ["environment", "tags"];

fn less(tree: Value, usual: &Value) -> Value {
    let Value::Object(map) = tree else { return tree };
    let kept = map.into_iter().filter(|(key, value)| *value != usual[key]);
    let kept = kept.map(|(key, value)| match WHOLE.contains(&key.as_str()) {
        true => (key, value),
        false => (key.clone(), less(value, &usual[&key])),
    });
    kept.filter(|(_, value)| !is_empty(value)).collect::<Map<_, _>>().into()
}
