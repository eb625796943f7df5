//! A resource as AWS has it, typed and erased. Pure.

use super::Spec;
use crate::{
    error::Result,
    owner::{Owner, Tags},
    value::Address,
};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// A resource as AWS has it, every field that its spec can declare filled in.
#[derive(Clone)]
pub struct Found<K: Spec> {
    /// Its name within its parent; for a root, its whole address.
    pub name: String,
    pub spec: K,
    pub outputs: K::Outputs,
    pub owner: Owner,
    /// What a person should know that is no difference: "value changed since wsctl made it".
    pub notes: Vec<String>,
    /// What somebody set on it that stack.toml cannot declare, and that lets people in, or keeps them
    /// out, in a way that wsctl cannot judge: "it runs the trigger PreSignUp". It counts as drift.
    pub set_elsewhere: Vec<String>,
    /// What AWS wants gone before this can be deleted, and is not wsctl's to delete.
    pub obstacles: Vec<Obstacle>,
    /// What is lost with it, "12 users"; its deletion needs the user's explicit word.
    pub holds: Option<String>,
    /// Whether AWS's own deletion protection is on; it is never lifted without being asked.
    pub protected: bool,
    /// The tags of wsctl's own that a root carries.
    pub ownership_tags: Tags,
    /// What an attached one was before, where AWS remembers it.
    pub was: Option<Box<K>>,
}

impl<K: Spec> Found<K> {
    /// A child of an owned parent, with nothing to remark.
    pub fn child(name: impl Into<String>, spec: K, outputs: K::Outputs) -> Self {
        Self {
            name: name.into(),
            spec,
            outputs,
            owner: Owner::Ours,
            notes: vec![],
            set_elsewhere: vec![],
            obstacles: vec![],
            holds: None,
            protected: false,
            ownership_tags: Tags::new(),
            was: None,
        }
    }
}

/// Something of somebody else's in the way of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// "its custom domain auth.example.com".
    pub what: String,
    /// The command with which a person removes it.
    pub command: String,
}

/// What the account lacks for something that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The fields that need it.
    pub fields: &'static [&'static str],
    /// "the account has no role for …", and what to do.
    pub text: String,
    pub hint: String,
    /// Whether that is not known, since the caller may not ask.
    pub is_doubt: bool,
}

/// A live resource, erased. Its spec may hold secrets (a function's environment), so it has no
/// `Debug` and is never serialised.
#[derive(Clone)]
pub struct Live {
    pub kind: &'static str,
    pub address: Address,
    pub parent: Option<Address>,
    pub name: String,
    /// Shared by all that look at it.
    pub spec: Arc<Value>,
    pub outputs: Value,
    /// Shared by all of one parent.
    pub parent_outputs: Arc<Value>,
    pub owner: Owner,
    pub notes: Vec<String>,
    pub set_elsewhere: Vec<String>,
    pub obstacles: Vec<Obstacle>,
    pub holds: Option<String>,
    pub protected: bool,
    pub ownership_tags: Tags,
    /// Its spec before it was attached, where that is known.
    pub was: Option<Value>,
}

impl Live {
    /// One of the stack's own of which nothing is known but where it stands.
    pub fn owned(kind: &'static str, address: Address) -> Self {
        Self {
            kind,
            name: address.to_string(),
            address,
            parent: None,
            spec: Arc::default(),
            outputs: Value::Null,
            parent_outputs: Arc::default(),
            owner: Owner::Ours,
            notes: vec![],
            set_elsewhere: vec![],
            obstacles: vec![],
            holds: None,
            protected: false,
            ownership_tags: Tags::new(),
            was: None,
        }
    }

    /// Whether it is a child of exactly this one: while a parent that was renamed is replaced, two
    /// have its address.
    pub fn is_in(&self, parent: &Self) -> bool {
        ["arn", "id"].iter().all(|key| {
            match (
                self.parent_outputs[*key].as_str(),
                parent.outputs[*key].as_str(),
            ) {
                (Some(of), Some(parent)) if !of.is_empty() && !parent.is_empty() => of == parent,
                _ => true,
            }
        })
    }
}

/// The address of a `table` child called `name`; a root's name is its address.
pub fn address_of(table: &str, parent: Option<&Address>, name: &str) -> Result<Address> {
    match parent {
        Some(parent) => Ok(parent.join(table).join(name)),
        None => name.parse(),
    }
}
