//! What a deployment contains, so that the same content has the same digest. Pure.

use super::Desired;
use crate::value::Address;
use serde_json::{Value, json};

/// The same whatever stack.toml calls an authorizer: another file for the same API, such as an
/// imported one, may call it otherwise.
pub(super) fn by_aws_name(it: &Desired) -> Address {
    match (&it.parent, it.spec["name"].as_str()) {
        (Some(parent), Some(name)) => parent.join(it.kind).join(name),
        _ => it.address.clone(),
    }
}

/// Declared or not, AWS's own default is the same content (dossier §5 and §6). A live value that is
/// another one is a change of its own, which deploys.
pub(super) fn without_defaults(spec: &Value) -> Value {
    let defaults = [
        ("/identity_source", json!("method.request.header.Authorization")),
        ("/ttl", json!(300)),
        ("/integration/timeout_ms", json!(29_000)),
    ];
    let mut spec = spec.clone();
    for (path, default) in defaults {
        if let Some(value) = spec.pointer_mut(path).filter(|value| **value == default) {
            *value = Value::Null;
        }
    }
    without_nulls(spec)
}

fn without_nulls(tree: Value) -> Value {
    match tree {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_the_same_content_declared_or_not() {
        let declared =
            json!({ "name": "a", "identity_source": "method.request.header.Authorization", "ttl": 300 });
        assert_eq!(without_defaults(&declared), without_defaults(&json!({ "name": "a" })));
        assert_ne!(without_defaults(&json!({ "ttl": 0 })), without_defaults(&json!({})));
        let route = json!({ "integration": { "uri": "x", "timeout_ms": 29_000 } });
        assert_eq!(without_defaults(&route), json!({ "integration": { "uri": "x" } }));
    }
}
