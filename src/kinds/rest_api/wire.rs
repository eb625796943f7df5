//! What all of API Gateway's requests share: listings in pages, and patches. Pure but for the asking.

use crate::error::Result;
use aws_sdk_apigateway::types::{Op, PatchOperation};
use std::future::Future;

/// The most items that a page of any API Gateway listing may have (service model).
pub(crate) const PAGE: i32 = 500;

/// Every item of a listing: `ask` gets a position and gives a page and the next position.
pub(crate) async fn pages<T, F, Ask>(ask: Ask) -> Result<Vec<T>>
where
    Ask: Fn(Option<String>) -> F + Send,
    F: Future<Output = Result<(Vec<T>, Option<String>)>> + Send,
    T: Send,
{
    let (mut found, mut next) = (vec![], None);
    loop {
        let (page, position) = ask(next).await?;
        found.extend(page);
        next = position.filter(|position| !position.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Sets one value; all values are strings on the wire (dossier §5).
pub(crate) fn replace(path: &str, value: impl Into<String>) -> PatchOperation {
    operation(Op::Replace, path, value)
}

/// Takes something away as a whole.
pub(crate) fn remove(path: &str) -> PatchOperation {
    PatchOperation::builder().op(Op::Remove).path(path).build()
}

/// The operations that turn the set at `path` from `old` into `new`. What is new comes first, since
/// some sets may never be empty (dossier §6).
pub(crate) fn replace_set<'a>(
    path: &str,
    old: impl IntoIterator<Item = &'a String> + Clone,
    new: impl IntoIterator<Item = &'a String> + Clone,
) -> Vec<PatchOperation> {
    let missing = |from: Vec<&'a String>, all: Vec<&'a String>| {
        all.into_iter().filter(move |item| !from.contains(item)).collect::<Vec<_>>()
    };
    let (old, new): (Vec<_>, Vec<_>) = (old.into_iter().collect(), new.into_iter().collect());
    let added = missing(old.clone(), new.clone()).into_iter().map(|item| operation(Op::Add, path, item));
    let gone = missing(new, old).into_iter().map(|item| operation(Op::Remove, path, item));
    added.chain(gone).collect()
}

fn operation(op: Op, path: &str, value: impl Into<String>) -> PatchOperation {
    PatchOperation::builder().op(op).path(path).value(value).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_set_gains_before_it_loses() {
        let set = |items: &[&str]| items.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let (old, new) = (set(&["a", "b"]), set(&["b", "c"]));
        let operations = replace_set("/providerARNs", &old, &new);
        let short: Vec<_> = operations.iter().map(|it| (it.op().cloned(), it.value())).collect();
        assert_eq!(short, [(Some(Op::Add), Some("c")), (Some(Op::Remove), Some("a"))]);
    }

    #[tokio::test]
    async fn every_page_is_asked_for_until_no_position_is_left() {
        let ask = |position: Option<String>| async move {
            Ok(match position.as_deref() {
                None => (vec![1, 2], Some("x".to_owned())),
                Some("x") => (vec![], Some("y".to_owned())),
                _ => (vec![3], Some(String::new())),
            })
        };
        assert_eq!(pages(ask).await.unwrap(), [1, 2, 3]);
    }
}
