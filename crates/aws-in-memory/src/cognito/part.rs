//! What a pool holds by name and nothing refers to by id: groups, say (docs/aws.md §4). The operations of
//! a kind are made of its noun: `CreateGroup`, `ListGroups`.

use super::{Pool, find, provider};
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, unknown, without},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

/// [`PartKind::made`].
type Make = fn(&Pool, &mut Map<String, Value>) -> Result<(), Refusal>;

/// A kind of them.
pub struct PartKind {
    pub noun: &'static str,
    /// The member that is its name.
    pub key: &'static str,
    /// What its creation is refused with where it is there.
    exists: &'static str,
    /// Whether an update keeps what it is not sent.
    merges: bool,
    /// Members of its answers that are AWS's alone: nobody can set them.
    pub reserved: &'static [&'static str],
    /// The member of the list's answer that has them.
    pub list: &'static str,
    /// What the list tells of each, where that is not all.
    listed: &'static [&'static str],
    /// What AWS makes of one, or why it is none.
    made: Option<Make>,
}

impl PartKind {
    /// Whether its list tells all of it.
    pub fn is_told_by_list(&self) -> bool {
        self.listed.is_empty()
    }
}

pub const PART_KINDS: &[PartKind] = &[
    PartKind {
        noun: "Group",
        key: "GroupName",
        exists: "GroupExistsException",
        merges: true,
        reserved: &[],
        list: "Groups",
        listed: &[],
        made: None,
    },
    PartKind {
        noun: "ResourceServer",
        key: "Identifier",
        exists: "InvalidParameterException",
        merges: false,
        reserved: &["ManagedBy"],
        list: "ResourceServers",
        listed: &[],
        made: None,
    },
    PartKind {
        noun: "IdentityProvider",
        key: "ProviderName",
        exists: "DuplicateProviderException",
        merges: true,
        reserved: &[],
        list: "Providers",
        listed: &["ProviderName", "ProviderType"],
        made: Some(provider::made),
    },
];

/// Those of one kind by name, each with when it was made.
pub(crate) type Parts = BTreeMap<String, (Duration, Map<String, Value>)>;

/// The kind that an operation is about.
pub(crate) fn kind_of(operation: &str) -> Option<&'static PartKind> {
    let verbs = ["Create", "Update", "Delete", "Describe", "List"];
    let noun = verbs.iter().find_map(|it| operation.strip_prefix(it))?;
    PART_KINDS
        .iter()
        .find(|it| noun == it.noun || noun.strip_suffix('s') == Some(it.noun))
}

impl Pool {
    pub(crate) fn parts_mut(&mut self, kind: &PartKind) -> &mut Parts {
        self.parts.entry(kind.noun).or_default()
    }
}

pub(super) fn answer(cloud: &mut Cloud, call: &Call, kind: &PartKind) -> Answer {
    let (now, resets) = (cloud.now, cloud.strict.resets);
    let name = call.text(kind.key).to_owned();
    let pool = find(cloud, call)?;
    if call.operation.starts_with("List") {
        return list(cloud, call, kind);
    }
    let answered = |part: &Map<String, Value>| Ok(json!({ kind.noun: part }));
    let verb = call.operation.trim_end_matches(kind.noun);
    let there = pool.parts_mut(kind).get(&name).cloned();
    match (verb, there) {
        ("Create", Some(_)) => refuse(kind.exists, format!("{name} already exists.")),
        ("Create", None) => {
            let part = made(pool, kind, without(&call.input, &[]))?;
            if kind.noun == "IdentityProvider" {
                provider::mark(pool);
            }
            pool.parts_mut(kind).insert(name, (now, part.clone()));
            answered(&part)
        }
        (_, None) => refuse(
            "ResourceNotFoundException",
            format!("{} {name} does not exist.", kind.noun),
        ),
        ("Describe", Some((_, part))) => answered(&part),
        ("Update", Some((since, mut part))) => {
            if resets && !kind.merges {
                part.clear();
            }
            part.extend(without(&call.input, &[]));
            let part = made(pool, kind, part)?;
            pool.parts_mut(kind).insert(name, (since, part.clone()));
            answered(&part)
        }
        ("Delete", Some(_)) => {
            pool.parts_mut(kind).remove(&name);
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

/// What AWS makes of what it was sent.
fn made(
    pool: &Pool,
    kind: &PartKind,
    mut part: Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    if let Some(make) = kind.made {
        make(pool, &mut part)?;
    }
    Ok(part)
}

fn list(cloud: &Cloud, call: &Call, kind: &PartKind) -> Answer {
    let pool = &cloud.cognito.pools[call.text("UserPoolId")];
    let parts = pool.parts.get(kind.noun).into_iter().flatten();
    let listed = parts.filter(|(_, (made, _))| cloud.is_listed(*made));
    let told = |part: &Map<String, Value>| {
        let mut part = part.clone();
        part.retain(|member, _| kind.listed.is_empty() || kind.listed.contains(&member.as_str()));
        part
    };
    let mut listed: Vec<_> = listed.map(|(_, (_, it))| told(it)).collect();
    if kind.noun == "Group" {
        listed.extend(provider::groups(call.text("UserPoolId"), pool));
    }
    Ok(json!({ kind.list: listed }))
}
