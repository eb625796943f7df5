//! What is deleted, and made anew under another name: a table that was renamed without `moved_from`,
//! or a child that AWS knows by a name which was changed in its table. Pure.

use super::{Action, REPLACED_BEFORE, Remark, Step, traits, without};
use crate::{
    diff::diff,
    spec::{NAMED_ROOTS, Traits, rest_api::ONLY_API},
    value::Address,
};

/// A hint for each new resource that looks like one that goes.
pub(super) fn hints(steps: &[Step]) -> Vec<Remark> {
    let made = steps
        .iter()
        .filter(|it| it.action == Action::Create && can_move(&it.address));
    let hints = made.filter_map(|new| {
        let goes = |it: &&Step| it.action == Action::Delete && is_same(it, new);
        let old: Vec<_> = steps.iter().filter(goes).collect();
        let [old] = old.as_slice() else { return None };
        let text = format!(
            "this is {} under another name; to keep what is there, write moved_from = {:?} in its table",
            old.address,
            old.address.to_string()
        );
        Some(Remark { address: new.address.clone(), text })
    });
    hints.collect()
}

/// Says what is lost with a child that is made while another of its kind goes from the same parent:
/// which of the two tables it was, nothing tells, and callers use the one that goes.
pub(super) fn tell_what_is_lost(steps: &mut [Step], kinds: &[Traits]) {
    let goes =
        |it: &&Step| it.action == Action::Delete && it.reason.as_deref() != Some(REPLACED_BEFORE);
    let gone: Vec<_> = steps.iter().filter(goes).cloned().collect();
    for step in steps
        .iter_mut()
        .filter(|it| it.action == Action::Create && it.parent.is_some())
    {
        let lost = traits(kinds, step.kind).lost;
        let old = gone
            .iter()
            .find(|it| it.kind == step.kind && it.parent == step.parent);
        if let Some(old) = old.filter(|_| !lost.is_empty()) {
            step.reason = Some(format!("in the place of {}", old.address));
            step.lost = Some(lost);
        }
    }
}

/// Where a table's name is one of choice, or can become one.
pub(super) fn can_move(address: &Address) -> bool {
    match address.segments() {
        [table] => table == ONLY_API,
        [table, _] => NAMED_ROOTS.contains(&table.as_str()),
        [_, .., table, _] => ["clients", "authorizers"].contains(&table.as_str()),
        _ => false,
    }
}

/// One kind in one place, and the same name in AWS; a child that is found by that name has another
/// one, but is otherwise as declared.
fn is_same(old: &Step, new: &Step) -> bool {
    let Some(live) = &old.live else { return false };
    let has_its_name = live.spec["name"].is_string() && live.spec["name"] == new.planned["name"];
    let is_as_declared = || {
        new.parent.is_some() && diff(&live.spec, &without(&new.planned, &["name"]), &[]).is_empty()
    };
    old.kind == new.kind && old.parent == new.parent && (has_its_name || is_as_declared())
}
