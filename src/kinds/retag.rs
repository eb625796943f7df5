//! Which tags to set and which to remove, read off the changes of a resource. Pure.

use crate::{aws::Tags, diff::Change};

/// What `TagResource` and `UntagResource` have to do; wsctl's own tags are never in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Retag {
    pub(super) set: Tags,
    pub(super) unset: Vec<String>,
}

impl Retag {
    /// The changes below `tags`, one a key (keys may hold dots).
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut retag = Self::default();
        for change in changes {
            let Some(key) = change.path.strip_prefix("tags.") else { continue };
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
        let change = |path: &str, old, new| Change { path: path.into(), old, new };
        let retag = Retag::of(&[
            change("tags.team.name", json!("a"), json!("b")),
            change("tags.old", json!("x"), Value::Null),
            change("description", json!("a"), json!("b")),
        ]);
        assert_eq!(retag.set, Tags::from([("team.name".into(), "b".into())]));
        assert_eq!(retag.unset, ["old"]);
    }
}
