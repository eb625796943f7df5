//! What nobody has to declare: a tree without the defaults of its kind. Pure.
//!
//! AWS reads most of them back as if they had been declared (docs/aws.md §2, §3, §5, §6 and §8), so that
//! nothing tells whether somebody did. `import` leaves them out, since the file means the same
//! without them, and `show` tells them apart from what is declared.

use crate::{
    diff::is_empty,
    spec::{
        Produces, api_key::ApiKey, client::Client, custom_domain::CustomDomain, defaults,
        domain::Domain, domain_name::DomainName, function::Function, identity_pool::IdentityPool,
        parts_of, required, rest_api::RestApi, risk_configuration::RiskConfiguration, role::ROLES,
        usage_plan::UsagePlan, user_pool::UserPool,
    },
    stack::{
        parts::tables,
        tables::{APIS, ONLY_API},
    },
};
use serde_json::{Map, Value, json};

/// A tree of a kind's fields without what may be default.
pub(super) fn without(kind: &str, tree: &Value) -> Value {
    split(tree, &Usual::of(kind), &Value::Null).0
}

/// A live spec in two: what `declared` or somebody else has set, and what may just be default.
pub fn told_apart(kind: &str, spec: &Value, declared: Option<&Value>) -> (Value, Value) {
    split(spec, &Usual::of(kind), declared.unwrap_or(&Value::Null))
}

/// What a table has anyway, and what it cannot be without.
struct Usual<'a> {
    defaults: &'a Value,
    required: &'a Value,
}

impl Usual<'_> {
    fn of(kind: &str) -> Self {
        Self {
            defaults: defaults(kind),
            required: required(kind),
        }
    }

    fn at(&self, key: &str) -> Self {
        Self {
            defaults: &self.defaults[key],
            required: &self.required[key],
        }
    }
}

fn split(spec: &Value, usual: &Usual<'_>, declared: &Value) -> (Value, Value) {
    let (Value::Object(fields), Value::Object(defaults)) = (spec, usual.defaults) else {
        return (spec.clone(), Value::Null);
    };
    let (mut set, mut default) = (Map::new(), Map::new());
    for (key, value) in fields {
        match defaults.get(key) {
            Some(usual) if value == usual && declared[key].is_null() => {
                default.insert(key.clone(), value.clone());
            }
            Some(it) if it.is_object() => {
                let (rest, usual) = split(value, &usual.at(key), &declared[key]);
                set.insert(key.clone(), rest);
                if !is_empty(&usual) {
                    default.insert(key.clone(), usual);
                }
            }
            _ => {
                set.insert(key.clone(), value.clone());
            }
        }
    }
    // A table that says anything says what it cannot be without.
    if set.values().any(|it| !is_empty(it)) {
        let (needed, rest) = default
            .into_iter()
            .partition(|(key, _)| usual.required[key] == true);
        default = rest;
        set.extend::<Map<_, _>>(needed);
    }
    (Value::Object(set), Value::Object(default))
}

/// The file's tree without what says nothing: what is empty, and what the tables take to be so.
pub(super) fn written(tree: Value) -> Value {
    let Value::Object(tables) = tree else {
        return tree;
    };
    let kept = tables.into_iter().map(|(name, table)| {
        let table = match name.as_str() {
            "stack" => less(table, &json!({ "undeclared": "delete" })),
            "user_pool" => user_pool(table),
            "identity_pool" => tables_in(without(IdentityPool::NAME, &table), &["roles"]),
            "functions" => each(table, |it| less(it, defaults(Function::NAME))),
            ONLY_API => api(table),
            APIS => each(table, api),
            "domain_names" => each(table, |it| less(it, defaults(DomainName::NAME))),
            "usage_plans" => each(table, |it| less(it, defaults(UsagePlan::NAME))),
            "api_keys" => each(table, |it| less(it, defaults(ApiKey::NAME))),
            _ => less(table, &Value::Null),
        };
        (name, table)
    });
    kept.filter(|(_, table)| !is_empty(table))
        .collect::<Map<_, _>>()
        .into()
}

/// The pool's own fields, its domain and its clients stand in the file as in their specs.
fn user_pool(mut table: Value) -> Value {
    table["clients"] = each(table["clients"].take(), |it| without(Client::NAME, &it));
    table["domain"] = without(Domain::NAME, &table["domain"]);
    table["risk_configuration"] = without(RiskConfiguration::NAME, &table["risk_configuration"]);
    table["custom_domain"] = without(CustomDomain::NAME, &table["custom_domain"]);
    parts(&mut table, UserPool::NAME);
    let tables: Vec<_> = ["clients"]
        .into_iter()
        .chain(tables(UserPool::NAME))
        .collect();
    tables_in(without(UserPool::NAME, &table), &tables)
}

/// So do the parts of what is called `parent`.
fn parts(table: &mut Value, parent: &str) {
    for (kind, _) in parts_of(parent) {
        table[kind.table] = each(table[kind.table].take(), |it| without(kind.name, &it));
    }
}

/// A table with tables in it of which none goes, even if nothing is left in it.
fn tables_in(mut table: Value, keys: &[&str]) -> Value {
    let inner: Vec<_> = keys
        .iter()
        .map(|key| (*key, each(table[*key].take(), |it| less(it, &Value::Null))))
        .filter(|(_, inner)| !is_empty(inner))
        .collect();
    let mut table = less(table, &Value::Null);
    if let Some(map) = table.as_object_mut() {
        map.extend(
            inner
                .into_iter()
                .map(|(key, inner)| (key.to_owned(), inner)),
        );
    }
    table
}

/// An API's routes have to be there, also where there are none.
fn api(mut table: Value) -> Value {
    let routes = table["routes"].clone();
    parts(&mut table, RestApi::NAME);
    let tables: Vec<_> = ["routes", "authorizers", "gateway_responses", ROLES]
        .into_iter()
        .chain(tables(RestApi::NAME))
        .collect();
    let mut table = tables_in(table, &tables);
    if let (Some(map), true) = (
        table.as_object_mut(),
        routes.is_object() && is_empty(&routes),
    ) {
        map.insert("routes".to_owned(), routes);
    }
    table
}

fn each(tables: Value, change: impl Fn(Value) -> Value) -> Value {
    match tables {
        Value::Object(tables) => tables
            .into_iter()
            .map(|(name, table)| (name, change(table)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

/// Maps in which every key counts, an empty value too.
const WHOLE: [&str; 3] = ["environment", "responses", "tags"];

/// A table that says something by being there.
const SAID_ALONE: &str = "access_logs";

fn less(tree: Value, usual: &Value) -> Value {
    let Value::Object(map) = tree else {
        return tree;
    };
    let kept = map.into_iter().filter(|(key, value)| *value != usual[key]);
    let kept = kept.map(|(key, value)| match WHOLE.contains(&key.as_str()) {
        true => (key, value),
        false => (key.clone(), less(value, &usual[&key])),
    });
    kept.filter(|(key, value)| !is_empty(value) || (key == SAID_ALONE && value.is_object()))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{self, stage::Stage};

    #[test]
    fn every_default_is_a_value_that_its_kind_takes() {
        for kind in spec::all() {
            let name = kind.name;
            let defaults = defaults(name);
            for (field, value) in defaults.as_object().into_iter().flatten() {
                let spec = json!({ "name": "x", "prefix": "x", field: value });
                let (set, default) = told_apart(name, &spec, None);
                assert!(set.get(field).is_none_or(is_empty), "{name}: {field}");
                assert_eq!(default[field], *value, "{name}: {field}");
            }
        }
    }

    #[test]
    fn what_is_declared_is_no_default_and_a_throttle_is_whole() {
        let spec = json!({ "metrics": false, "throttling": { "rate_limit": 10_000.0, "burst_limit": 20 } });
        let (set, default) = told_apart(Stage::NAME, &spec, Some(&json!({ "metrics": false })));
        assert_eq!((set, default), (spec, json!({})));
        let rotation = json!({ "enabled": false, "retry_grace_period": "20s" });
        let spec = json!({ "name": "x", "refresh_token_rotation": rotation });
        assert_eq!(
            without(Client::NAME, &spec),
            spec,
            "a table cannot be without what it has to say"
        );
        let spec = json!({ "throttling": { "rate_limit": 10_000.0, "burst_limit": 5_000 } });
        assert_eq!(told_apart(Stage::NAME, &spec, None).1, spec);
    }
}
