//! What a deployment contains, so that the same content has the same digest. Pure.

use super::{Desired, resolved, traits};
use crate::{
    kind::Traits,
    value::{self, Address, Known},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a deployment contains, by address: each spec, its references still open, and its kind.
pub type Content = BTreeMap<Address, (Value, Traits)>;

/// By parent that something comes last in (an API with a deployment): its other children.
pub(super) fn content(desired: &[Desired], kinds: &[Traits]) -> BTreeMap<Address, Content> {
    let parents = desired.iter().filter(|it| traits(kinds, it.kind).after_siblings);
    parents
        .filter_map(|it| it.parent.clone())
        .map(|parent| {
            let siblings = desired.iter().filter(|it| it.parent.as_ref() == Some(&parent));
            let siblings = siblings.map(|it| (it, *traits(kinds, it.kind)));
            let contained = siblings
                .filter(|(_, traits)| !traits.after_siblings)
                .map(|(it, traits)| (by_aws_name(it), (it.spec.clone(), traits)))
                .collect();
            (parent, contained)
        })
        .collect()
}

/// Where the digest of a parent's content stands: `${api.content.digest}`.
pub fn content_address(parent: &Address) -> Address {
    parent.join("content")
}

/// The digest of everything in an API as declared; `None` while an id in it is not known.
pub fn content_digest(content: &Content, known: &Known) -> Option<Value> {
    let specs = content.iter().map(|(address, (spec, traits))| {
        (address.to_string(), without_defaults(&resolved(spec, known, traits)))
    });
    let tree = Value::Object(specs.collect());
    (!value::is_open(&tree)).then(|| json!({ "digest": value::digest(&tree) }))
}

/// The same whatever stack.toml calls an authorizer: another file for the same API, such as an
/// imported one, may call it otherwise.
fn by_aws_name(it: &Desired) -> Address {
    match (&it.parent, it.spec["name"].as_str()) {
        (Some(parent), Some(name)) => parent.join(it.kind).join(name),
        _ => it.address.clone(),
    }
}

/// Declared or not, AWS's own default is the same content (dossier §5 and §6). A live value that is
/// another one is a change of its own, which deploys.
fn without_defaults(spec: &Value) -> Value {
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
