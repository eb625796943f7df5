//! Everything in one account and region that may be of a wsctl stack or of the workshop, whoever
//! made it: what `list`, `sweep` and the proof after `destroy` look through.
//!
//! It only reads. What it finds is deleted, if at all, by the kinds.

pub mod leftover;
pub mod prices;
pub mod proof;
mod read;
pub mod regions;
pub mod stacks;

use crate::{aws::Holder, error::Error, kind::Kind, spec::role::Role, value::Address};
use serde::Serialize;
use std::collections::BTreeSet;

pub use read::{carries_tag, read, read_after};

/// A root resource: something with a life of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// What AWS calls it: `user pool`.
    pub kind: &'static str,
    pub name: String,
    /// Its ARN, or where it has none, its id.
    pub id: String,
    pub region: String,
    /// Seconds since 1970. A function tells only when it was last changed.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::timestamp::serialize"
    )]
    pub created: Option<i64>,
    /// The wsctl stack that its tags name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Its address in that stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// A secret that waits for its deletion: until when it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<String>,
}

impl Item {
    pub fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    pub fn is_of<K: Kind>(&self) -> bool {
        self.kind == K::NAME
    }
}

/// What there is, and what could not be found out.
#[derive(Default)]
pub struct Inventory {
    pub region: String,
    pub items: Vec<Item>,
    /// The roles that functions run as, by ARN.
    pub roles_in_use: BTreeSet<String>,
    /// The locks of stacks that are being changed, or were by a process that died.
    pub locks: Vec<Lock>,
    /// What could not be listed: without it, nothing can be said to be gone or left over.
    pub unread: Vec<Error>,
}

/// A stack's lock, and who has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    pub stack: String,
    /// The log group that it is.
    pub group: String,
    pub holder: Holder,
}

impl Inventory {
    /// Whether a resource that a stack's tags or a name point at is there.
    pub fn find(&self, kind: &str, name: &str) -> impl Iterator<Item = &Item> {
        self.items
            .iter()
            .filter(move |it| it.kind == kind && it.name == name)
    }

    /// Whether AWS answered nothing at all: a region that the account has not turned on.
    pub fn is_blank(&self) -> bool {
        self.items.iter().all(Item::is_of::<Role>) && self.unread.len() >= 5
    }
}
