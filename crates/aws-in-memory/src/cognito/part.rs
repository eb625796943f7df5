//! What a pool holds by name and nothing refers to by id: groups, say (docs/aws.md §4). The operations of
//! a kind are made of its noun: `CreateGroup`, `ListGroups`.

use super::{Pool, find};
use crate::{
    call::{Answer, Call, refuse},
    cloud::{Cloud, unknown, without},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

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
}

pub const PART_KINDS: &[PartKind] = &[
    PartKind {
        noun: "Group",
        key: "GroupName",
        exists: "GroupExistsException",
        merges: true,
        reserved: &[],
    },
    PartKind {
        noun: "ResourceServer",
        key: "Identifier",
        exists: "InvalidParameterException",
        merges: false,
        reserved: &["ManagedBy"],
    },
];

/// Those of one kind by name, each with when it was made.
pub(crate) type Parts = BTreeMap<String, (Duration, Map<String, Value>)>;

/// The kind that an operation is about.
pub(crate) fn kind_of(operation: &str) -> Option<&'static PartKind> {
    let verbs = ["Create", "Update", "Delete", "List"];
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
    match (verb, pool.parts_mut(kind).get_mut(&name)) {
        ("Create", Some(_)) => refuse(kind.exists, format!("{name} already exists.")),
        ("Create", None) => {
            let part = without(&call.input, &[]);
            pool.parts_mut(kind).insert(name, (now, part.clone()));
            answered(&part)
        }
        (_, None) => refuse(
            "ResourceNotFoundException",
            format!("{} {name} does not exist.", kind.noun),
        ),
        ("Update", Some((_, part))) => {
            if resets && !kind.merges {
                part.clear();
            }
            part.extend(without(&call.input, &[]));
            answered(part)
        }
        ("Delete", Some(_)) => {
            pool.parts_mut(kind).remove(&name);
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

fn list(cloud: &Cloud, call: &Call, kind: &PartKind) -> Answer {
    let pool = &cloud.cognito.pools[call.text("UserPoolId")];
    let parts = pool.parts.get(kind.noun).into_iter().flatten();
    let listed = parts.filter(|(_, (made, _))| cloud.is_listed(*made));
    let listed: Vec<_> = listed.map(|(_, (_, it))| it).collect();
    Ok(json!({ format!("{}s", kind.noun): listed }))
}
