//! What all of API Gateway's requests share: how long a page is, and patches. Pure.

use aws_sdk_apigateway::types::{EndpointConfiguration, Op, PatchOperation, QuotaPeriodType};
use std::{collections::BTreeMap, fmt::Display};

/// The most items that a page of any API Gateway listing may have (service model).
pub(crate) const PAGE: i32 = 500;

/// Sets one value; all values are strings on the wire (docs/aws.md §5).
pub(crate) fn replace(path: &str, value: impl Into<String>) -> PatchOperation {
    operation(Op::Replace, path, value)
}

/// Takes something away as a whole.
pub(crate) fn remove(path: &str) -> PatchOperation {
    PatchOperation::builder().op(Op::Remove).path(path).build()
}

/// The operations that turn the set at `path` from `old` into `new`. What is new comes first, since
/// some sets may never be empty (docs/aws.md §6).
pub(crate) fn replace_set<'a>(
    path: &str,
    old: impl IntoIterator<Item = &'a String> + Clone,
    new: impl IntoIterator<Item = &'a String> + Clone,
) -> Vec<PatchOperation> {
    let missing = |from: Vec<&'a String>, all: Vec<&'a String>| {
        all.into_iter()
            .filter(move |item| !from.contains(item))
            .collect::<Vec<_>>()
    };
    let (old, new): (Vec<_>, Vec<_>) = (old.into_iter().collect(), new.into_iter().collect());
    let added = missing(old.clone(), new.clone())
        .into_iter()
        .map(|item| operation(Op::Add, path, item));
    let gone = missing(new, old)
        .into_iter()
        .map(|item| operation(Op::Remove, path, item));
    added.chain(gone).collect()
}

/// The operations that turn the map at `path` from `old` into `new`: each entry is a place of its own, by its
/// key (docs/aws.md §5).
pub(crate) fn replace_entries<T: Display + PartialEq>(
    path: &str,
    old: Option<&BTreeMap<String, T>>,
    new: Option<&BTreeMap<String, T>>,
) -> Vec<PatchOperation> {
    let at = |key: &str| format!("{path}/{}", escaped(key));
    let (entries, former) = (new.into_iter().flatten(), old.into_iter().flatten());
    let is_new = |key: &str| old.is_none_or(|it| !it.contains_key(key));
    let set = entries.filter(|(key, value)| old.and_then(|it| it.get(*key)) != Some(*value));
    let set = set.map(|(key, value)| {
        let op = if is_new(key) { Op::Add } else { Op::Replace };
        operation(op, &at(key), value.to_string())
    });
    let gone = former.filter(|(key, _)| new.is_none_or(|it| !it.contains_key(*key)));
    set.chain(gone.map(|(key, _)| remove(&at(key)))).collect()
}

/// A key as a step of a path (RFC 6901).
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A member of a resource, as patches have it: a text, whatever it is (docs/aws.md §5).
pub(in crate::kinds) trait Member {
    /// What makes it this, where it was `old`.
    fn patch(&self, path: &str, old: &Self) -> Vec<PatchOperation>;
}

/// An empty text takes away what is there.
impl Member for Option<String> {
    fn patch(&self, path: &str, _: &Self) -> Vec<PatchOperation> {
        vec![replace(path, self.clone().unwrap_or_default())]
    }
}

impl Member for Option<i32> {
    fn patch(&self, path: &str, _: &Self) -> Vec<PatchOperation> {
        self.iter()
            .map(|it| replace(path, it.to_string()))
            .collect()
    }
}

macro_rules! written {
    ($($member:ty),+) => {
        $(impl Member for $member {
            fn patch(&self, path: &str, _: &Self) -> Vec<PatchOperation> {
                vec![replace(path, self.to_string())]
            }
        })+
    };
}
written!(bool, i32, f64);

impl Member for Option<Vec<String>> {
    fn patch(&self, path: &str, old: &Self) -> Vec<PatchOperation> {
        replace_set(path, old.iter().flatten(), self.iter().flatten())
    }
}

impl Member for Option<QuotaPeriodType> {
    fn patch(&self, path: &str, _: &Self) -> Vec<PatchOperation> {
        let word = self.iter().map(QuotaPeriodType::as_str);
        word.map(|it| replace(path, it)).collect()
    }
}

impl Member for Option<EndpointConfiguration> {
    fn patch(&self, path: &str, _: &Self) -> Vec<PatchOperation> {
        let types = self.iter().flat_map(EndpointConfiguration::types);
        types.map(|it| replace(path, it.as_str())).collect()
    }
}

fn operation(op: Op, path: &str, value: impl Into<String>) -> PatchOperation {
    PatchOperation::builder()
        .op(op)
        .path(path)
        .value(value)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn of_a_map_only_what_differs_is_sent_each_at_its_place() {
        let map = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
            let entries = entries.iter();
            entries.map(|(k, v)| ((*k).into(), (*v).into())).collect()
        };
        let old = map(&[("application/json", "A"), ("b", "B"), ("c", "C")]);
        let new = map(&[("$default", "D"), ("application/json", "E"), ("c", "C")]);
        let short: Vec<_> = replace_entries("/requestModels", Some(&old), Some(&new))
            .iter()
            .map(|it| format!("{:?} {:?} {:?}", it.op(), it.path(), it.value()))
            .collect();
        assert_eq!(
            short,
            [
                r#"Some(Add) Some("/requestModels/$default") Some("D")"#,
                r#"Some(Replace) Some("/requestModels/application~1json") Some("E")"#,
                r#"Some(Remove) Some("/requestModels/b") None"#,
            ]
        );
        let none = replace_entries::<String>("/x", None, Some(&BTreeMap::new()));
        assert!(none.is_empty());
    }

    #[test]
    fn a_set_gains_before_it_loses() {
        let set = |items: &[&str]| {
            items
                .iter()
                .map(ToString::to_string)
                .collect::<BTreeSet<_>>()
        };
        let (old, new) = (set(&["a", "b"]), set(&["b", "c"]));
        let operations = replace_set("/providerARNs", &old, &new);
        let short: Vec<_> = operations
            .iter()
            .map(|it| (it.op().cloned(), it.value()))
            .collect();
        assert_eq!(
            short,
            [(Some(Op::Add), Some("c")), (Some(Op::Remove), Some("a"))]
        );
    }
}
