//! What a deployment contains, so that the same content has the same digest. Pure.

use super::{Desired, traits};
use crate::{
    diff::{self, Change},
    spec::{Live, Traits, defaults},
    value::{self, Address, KnownOutputs},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// What stands between the two digests of a deployment.
const BETWEEN: char = '.';

/// By address: what of each is deployed.
type Specs = BTreeMap<Address, Part>;

/// Something that is deployed.
#[derive(Clone)]
struct Part {
    /// Its references are still open.
    spec: Arc<Value>,
    traits: Traits,
    /// The fields that are deployed, where not all are.
    only: Option<&'static [&'static str]>,
}

/// What a deployment contains, twice: as declared, and as it will be with what the file leaves out as
/// AWS has it.
///
/// A deployment has both digests, and serves what is declared where one of them is the same. What is
/// changed by hand in a field that is not declared is not wsctl's to deploy: the first stays the same.
/// What is no longer declared, and stays as it is, is deployed already: the second stays the same.
#[derive(Clone, Default)]
pub struct Content {
    declared: Specs,
    whole: Specs,
}

/// By parent that something comes last in (an API with a deployment): its other children.
pub(super) fn content(
    desired: &[Desired],
    live: &BTreeMap<Address, Live>,
    kinds: &[Traits],
) -> BTreeMap<Address, Content> {
    let parents = desired
        .iter()
        .filter(|it| traits(kinds, it.kind).after_siblings);
    parents
        .filter_map(|it| it.parent.clone())
        .map(|parent| {
            let siblings = desired
                .iter()
                .filter(|it| it.parent.as_ref() == Some(&parent));
            let siblings = siblings.map(|it| (it, *traits(kinds, it.kind)));
            let mut content = Content::default();
            if let Some(it) = desired.iter().find(|it| it.address == parent) {
                content.add_of_parent(it, live.get(&parent), *traits(kinds, it.kind));
            }
            for (it, traits) in siblings.filter(|(_, traits)| !traits.after_siblings) {
                let there = live
                    .get(&it.address)
                    .map(|live| value::escaped(&without_beyond(&live.spec, traits.beyond)));
                let whole = match there {
                    Some(there) => laid_over(&there, &it.spec, traits.whole).into(),
                    None => Arc::clone(&it.spec),
                };
                let both = [
                    (&mut content.declared, Arc::clone(&it.spec)),
                    (&mut content.whole, whole),
                ];
                for (specs, spec) in both {
                    let only = None;
                    specs.insert(by_aws_name(it), Part { spec, traits, only });
                }
            }
            (parent, content)
        })
        .collect()
}

impl Content {
    /// The parent's own fields that are deployed, where it has any: most APIs have none, and their digests
    /// are of what is in them alone.
    fn add_of_parent(&mut self, parent: &Desired, live: Option<&Live>, traits: Traits) {
        let of = |spec: &Value| of_these(spec, traits.deployed);
        let there = live.map(|it| without_beyond(&it.spec, traits.beyond));
        let there = there.map(|spec| value::escaped(&spec)).unwrap_or_default();
        let whole = laid_over(&there, &parent.spec, traits.deployed);
        let both = [
            (&mut self.declared, of(&parent.spec)),
            (&mut self.whole, of(&whole)),
        ];
        for (specs, own) in both {
            if !diff::is_empty(&own) {
                // It is nobody's spec without a name, and has no normal form then.
                let spec = laid_over_all(&own, &json!({ "name": "" })).into();
                let only = Some(traits.deployed);
                specs.insert(parent.address.clone(), Part { spec, traits, only });
            }
        }
    }
}

/// Those fields of a spec that say something.
fn of_these(spec: &Value, fields: &[&str]) -> Value {
    let there = fields.iter().filter(|it| !diff::is_empty(&spec[**it]));
    there
        .map(|it| ((*it).to_owned(), spec[*it].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Where the digest of a parent's content stands: `${api.content.digest}`.
pub fn content_address(parent: &Address) -> Address {
    parent.join("content")
}

/// The digests of everything in an API; `None` while an id in it is not known.
pub fn content_digest(content: &Content, known: &KnownOutputs) -> Option<Value> {
    let declared = digest(&content.declared, known, &Value::is_null)?;
    let whole = digest(&content.whole, known, &is_nothing)?;
    Some(json!({ "digest": format!("{declared}{BETWEEN}{whole}") }))
}

fn digest(specs: &Specs, known: &KnownOutputs, is_out: &dyn Fn(&Value) -> bool) -> Option<String> {
    let specs = specs.iter().map(|(address, part)| {
        let spec = (part.traits.normal)(&value::resolve_all(&part.spec, known).ok()?);
        let spec = match part.only {
            Some(only) => of_these(&spec, only),
            None => spec,
        };
        Some((
            address.to_string(),
            without(without_defaults(&spec, part.traits.name), is_out),
        ))
    });
    Some(value::digest(&Value::Object(specs.collect::<Option<_>>()?)))
}

/// Whether it is a change of the digests alone, and what is declared is served already.
pub fn is_served(change: &Change) -> bool {
    let [old, new] = [&change.old, &change.new].map(|it| it.as_str().unwrap_or_default());
    change.touches("deployment") && is_same(old, new)
}

/// Whether a deployment of one content serves the other. One of an older version has one digest.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let parts = |it: &str| {
        let (declared, whole) = it.split_once(BETWEEN).unwrap_or((it, ""));
        [declared, whole].map(ToOwned::to_owned)
    };
    let (one, other) = (parts(one), parts(other));
    one.iter()
        .zip(&other)
        .any(|(one, other)| !one.is_empty() && one == other)
}

/// What somebody set that stack.toml cannot declare goes, so it is no part of what will be there.
fn without_beyond(spec: &Value, beyond: &[&str]) -> Value {
    let mut spec = spec.clone();
    for field in beyond {
        if let Some(value) = spec.pointer_mut(&format!("/{}", field.replace('.', "/"))) {
            *value = Value::Null;
        }
    }
    spec
}

/// What will be there: what is declared, and beside it what is not.
pub fn laid_over_all(live: &Value, declared: &Value) -> Value {
    laid_over(live, declared, &[])
}

/// The same, but for the fields that are declared as a whole.
pub fn laid_over(live: &Value, declared: &Value, whole: &[&str]) -> Value {
    let (Some(there), Some(fields)) = (live.as_object(), declared.as_object()) else {
        return declared.clone();
    };
    let mut all = there.clone();
    for (key, value) in fields {
        let value = match whole.contains(&key.as_str()) {
            true => value.clone(),
            false => laid_over(&live[key], value, &[]),
        };
        all.insert(key.clone(), value);
    }
    Value::Object(all)
}

/// The same whatever stack.toml calls an authorizer: another file for the same API, such as an
/// imported one, may call it otherwise.
fn by_aws_name(it: &Desired) -> Address {
    match (&it.parent, it.spec["name"].as_str()) {
        (Some(parent), Some(name)) => parent.join(it.kind).join(name),
        _ => it.address.clone(),
    }
}

/// Declared or not, AWS's own default is the same content (docs/aws.md §5 and §6). A live value that is
/// another one is a change of its own, which deploys.
fn without_defaults(spec: &Value, kind: &str) -> Value {
    without_nulls(less(spec, defaults(kind)))
}

fn less(spec: &Value, defaults: &Value) -> Value {
    let Some(fields) = spec.as_object() else {
        return spec.clone();
    };
    let kept = fields.iter().map(|(key, value)| match &defaults[key] {
        default if default == value => (key.clone(), Value::Null),
        default => (key.clone(), less(value, default)),
    });
    Value::Object(kept.collect())
}

fn without_nulls(tree: Value) -> Value {
    without(tree, &Value::is_null)
}

/// What is off and what is not there are one to AWS.
fn is_nothing(value: &Value) -> bool {
    diff::is_empty(value) || *value == false
}

fn without(tree: Value, is_out: &dyn Fn(&Value) -> bool) -> Value {
    match tree {
        Value::Object(map) => {
            let kept = map
                .into_iter()
                .map(|(key, value)| (key, without(value, is_out)));
            Value::Object(kept.filter(|(_, value)| !is_out(value)).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_the_same_content_declared_or_not() {
        let authorizer = |it| without_defaults(&it, "authorizer");
        let declared = json!({ "name": "a", "token_source": "Authorization", "ttl": "5m" });
        assert_eq!(authorizer(declared), authorizer(json!({ "name": "a" })));
        assert_ne!(authorizer(json!({ "ttl": "0s" })), authorizer(json!({})));
        let route = json!({ "function": "x", "timeout": "29s" });
        assert_eq!(
            without_defaults(&route, "route"),
            json!({ "function": "x" })
        );
    }
}
