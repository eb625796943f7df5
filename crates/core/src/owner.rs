//! Whose a resource is, and the tags that say so. Pure.

mod retag;

use crate::value::Address;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

pub use retag::Retag;

/// Whose a live resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This stack's: it carries our tag, or belongs to a root that does.
    Ours,
    /// Nobody's that we know of: it carries no wsctl tag.
    Nobody,
    /// Another wsctl stack's, by name.
    Stack(String),
    /// Somebody else's that this stack uses: changed where stack.toml declares something, given
    /// back as it was, never deleted.
    Attached,
}

/// What the stack gives to its resources, and to `${stack.…}`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StackOutputs {
    pub name: String,
    pub region: String,
    pub account: String,
}

/// The tag that carries the stack's name.
pub const STACK_TAG: &str = "wsctl:stack";
/// The tag that carries the resource's address within the stack.
pub const ADDRESS_TAG: &str = "wsctl:address";

/// The tag that carries the name of the stack that attached a resource which is not its own.
pub const ATTACHED_TAG: &str = "wsctl:attached";

/// A resource's tags by key.
pub type Tags = BTreeMap<String, String>;

/// The tags to create a root with: what stack.toml declares, and ours.
pub fn owner(
    stack: &StackOutputs,
    address: &str,
    declared: Option<&Tags>,
) -> HashMap<String, String> {
    let mut tags: HashMap<_, _> = declared
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    tags.insert(STACK_TAG.into(), stack.name.clone());
    tags.insert(ADDRESS_TAG.into(), address.into());
    tags
}

/// The tags that stack.toml can declare: all but wsctl's and AWS's own.
pub fn declared<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Tags {
    tags.into_iter()
        .filter(|(key, _)| !key.starts_with("wsctl:") && !key.starts_with("aws:"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Whose a resource with these tags is.
pub fn owner_of(stack: &StackOutputs, tags: &Tags) -> Owner {
    match (tags.get(STACK_TAG), tags.get(ATTACHED_TAG)) {
        (Some(name), _) if *name == stack.name => Owner::Ours,
        (None, Some(name)) if *name == stack.name => Owner::Attached,
        (Some(name), _) | (None, Some(name)) => Owner::Stack(name.clone()),
        (None, None) => Owner::Nobody,
    }
}

/// The tags that are wsctl's own.
pub fn ownership_tags(tags: &Tags) -> Tags {
    tags.iter()
        .filter(|(key, _)| key.starts_with("wsctl:"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// The address that these tags give; `otherwise` where they give none.
pub fn address_of(tags: &Tags, otherwise: &str) -> String {
    tags.get(ADDRESS_TAG)
        .filter(|address| address.parse::<Address>().is_ok())
        .cloned()
        .unwrap_or_else(|| otherwise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ownership_is_the_stack_tag() {
        let stack = StackOutputs {
            name: "workshop".into(),
            ..Default::default()
        };
        let tagged = |name: &str| Tags::from([(STACK_TAG.to_owned(), name.to_owned())]);
        assert_eq!(owner_of(&stack, &tagged("workshop")), Owner::Ours);
        assert_eq!(
            owner_of(&stack, &tagged("other")),
            Owner::Stack("other".into())
        );
        assert_eq!(owner_of(&stack, &Tags::new()), Owner::Nobody);
    }

    #[test]
    fn our_tags_and_awss_are_not_declared_ones() {
        let tags = Tags::from(
            [("wsctl:stack", "a"), ("aws:x", "b"), ("team", "c")]
                .map(|(k, v)| (k.into(), v.into())),
        );
        assert_eq!(declared(&tags).into_keys().collect::<Vec<_>>(), ["team"]);
    }
}
