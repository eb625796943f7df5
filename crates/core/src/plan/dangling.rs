//! What would point at nothing: a field that this plan does not change and that names what it takes
//! away. Pure.

use super::{Action, Desired, Step, traits};
use crate::{
    error::{Error, ErrorKind, Result},
    owner::Owner,
    spec::{Live, Traits},
};
use serde_json::Value;

/// Shorter ids stand in other texts by chance.
const SHORTEST: usize = 9;

/// Refuses a plan after which something of the stack names what is gone.
pub(super) fn check(
    steps: &[Step],
    all: &[Live],
    desired: &[Desired],
    kinds: &[Traits],
) -> Result<()> {
    let gone: Vec<_> = steps
        .iter()
        .filter(|it| it.removes())
        .filter_map(|it| it.live.as_ref())
        .collect();
    let mut told = vec![];
    for live in all.iter().filter(|it| stays(it, steps, desired)) {
        for (path, text) in leaves(&live.spec) {
            let names = |it: &&&Live| !is_kin(it, live) && is_named(it, text, kinds);
            if let Some(it) = gone
                .iter()
                .find(names)
                .filter(|_| !is_changed(live, &path, steps))
            {
                told.push((live, path, &it.address));
            }
        }
    }
    told.dedup_by(|one, other| one.0.address == other.0.address && one.2 == other.2);
    let Some((live, path, gone)) = told.first() else {
        return Ok(());
    };
    let lines = told.iter().map(|(live, path, gone)| {
        format!(
            "{}: its {path} names {gone}, which this plan takes away",
            live.address
        )
    });
    let field = path.split('.').next().unwrap_or(path);
    Err(Error::of_lines(ErrorKind::Refused, lines).hint(format!(
        "declare {field} of {} without it, apply that, and then remove {gone}",
        live.address
    )))
}

/// Whether it is of the stack and there afterwards as it is now, but for what its step changes.
fn stays(live: &Live, steps: &[Step], desired: &[Desired]) -> bool {
    let is_used = desired.iter().any(|it| it.address == live.address);
    let goes = |it: &Step| {
        it.live
            .as_ref()
            .is_some_and(|old| old.outputs == live.outputs && old.kind == live.kind)
    };
    (live.owner == Owner::Ours || is_used)
        && !steps
            .iter()
            .any(|it| (it.removes() || it.gives_back) && goes(it))
}

/// Whether one belongs to the other: the whole goes with its parts. A root within another's address, such as the
/// role with which a pool sends text messages, is none of them.
fn is_kin(gone: &Live, live: &Live) -> bool {
    let is_part = gone.parent.is_some();
    live.address.is_within(&gone.address) || (is_part && gone.address.is_within(&live.address))
}

fn is_named(gone: &Live, text: &str, kinds: &[Traits]) -> bool {
    let ids = ["arn", "id"]
        .iter()
        .filter_map(|key| gone.outputs[*key].as_str());
    let is_name = traits(kinds, gone.kind).used_by_name && gone.outputs["name"] == *text;
    is_name
        || ids
            .filter(|id| id.len() >= SHORTEST)
            .any(|id| text.contains(id))
}

fn is_changed(live: &Live, path: &str, steps: &[Step]) -> bool {
    let step = steps
        .iter()
        .find(|it| it.address == live.address && it.action == Action::Update);
    let overlaps = |one: &str, other: &str| {
        one.strip_prefix(other)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    step.is_some_and(|it| {
        it.changes
            .iter()
            .any(|it| overlaps(path, &it.path) || overlaps(&it.path, path))
    })
}

/// Every text, with the path of the field that it is in.
fn leaves(tree: &Value) -> Vec<(String, &str)> {
    let mut found = vec![];
    walk(String::new(), tree, &mut found);
    found
}

fn walk<'a>(path: String, tree: &'a Value, found: &mut Vec<(String, &'a str)>) {
    match tree {
        Value::String(text) => found.push((path, text)),
        Value::Array(items) => items
            .iter()
            .for_each(|item| walk(path.clone(), item, found)),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            let below = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            walk(below, value, found);
        }),
        _ => {}
    }
}
