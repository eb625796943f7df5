//! Which tags to set and which to remove, read off the changes of a resource. Pure.

use super::{ADDRESS_TAG, STACK_TAG, Tags};
use crate::{diff::Change, value::Address};

/// What `TagResource` and `UntagResource` have to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retag {
    pub set: Tags,
    pub unset: Vec<String>,
}

impl Retag {
    /// The tags with which a stack owns a resource at `address`.
    pub fn owned(stack: &str, address: &Address) -> Self {
        let set = [
            (STACK_TAG, stack.to_owned()),
            (ADDRESS_TAG, address.to_string()),
        ];
        Self {
            set: set.map(|(key, value)| (key.to_owned(), value)).into(),
            unset: vec![],
        }
    }

    /// Takes those tags away again.
    pub fn released() -> Self {
        Self {
            set: Tags::new(),
            unset: [STACK_TAG, ADDRESS_TAG].map(ToOwned::to_owned).into(),
        }
    }

    /// The changes below `tags`, one a key (keys may hold dots); wsctl's own are never among them.
    pub fn of(changes: &[Change]) -> Self {
        let mut retag = Self::default();
        for change in changes {
            let Some(key) = change.path.strip_prefix("tags.") else {
                continue;
            };
            match change.new.as_str() {
                Some(value) => drop(retag.set.insert(key.to_owned(), value.to_owned())),
                None => retag.unset.push(key.to_owned()),
            }
        }
        retag
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_undeclared_tag_is_removed_and_the_others_are_set() {
        let change = |path: &str, old, new| Change {
            path: path.into(),
            old,
            new,
        };
        let retag = Retag::of(&[
            change("tags.team.name", json!("a"), json!("b")),
            change("tags.old", json!("x"), Value::Null),
            change("description", json!("a"), json!("b")),
        ]);
        assert_eq!(retag.set, Tags::from([("team.name".into(), "b".into())]));
        assert_eq!(retag.unset, ["old"]);
    }
}
