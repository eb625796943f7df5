//! Which step has to be done before which. Pure.

use super::{Action, Replacement, Step, given, late, paths, traits};
use crate::{
    spec::{Live, Traits},
    value::{self, Address},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The part of a step that a node of the graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Make,
    /// Its late fields, where they are set by themselves.
    Finish,
    Remove,
}

/// One piece of work: a step's index and the part of it.
pub type Node = (usize, Phase);

/// Fills in what goes along with what, and what every step and its parts wait for.
pub(super) fn order(steps: &mut [Step], kinds: &[Traits]) {
    let along = along(steps);
    for index in 0..steps.len() {
        (steps[index].late, steps[index].finish_after) = late::finish(steps, index, kinds);
    }
    // Asked for each pair of steps, of which a large API has millions.
    let of: Vec<_> = steps.iter().map(|it| traits(kinds, it.kind)).collect();
    for index in 0..steps.len() {
        let make_after = if steps[index].makes() {
            before_making(steps, index, kinds, &of)
        } else {
            vec![]
        };
        let remove_after = match along[index] {
            // However it hangs together with the others that go along: they are gone at once.
            Some(parent) if steps[index].action == Action::Delete => {
                vec![(parent, Phase::Remove)]
            }
            _ if steps[index].removes() => before_removing(steps, index, kinds),
            _ => vec![],
        };
        steps[index].goes_along = along[index].is_some();
        steps[index].make_after = make_after.into_iter().collect();
        steps[index].remove_after = remove_after.into_iter().collect();
    }
}

/// By step, the one whose removal is its removal too: AWS deletes it along, without a request of its own.
fn along(steps: &[Step]) -> Vec<Option<usize>> {
    let mut removed: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate().filter(|(_, it)| it.removes()) {
        removed.entry(&step.address).or_default().push(index);
    }
    let parent_of = |step: &Step| {
        let parents = removed.get(step.parent.as_ref()?)?;
        let is_parent = |it: &&usize| step.is_below(&steps[**it]);
        parents.iter().find(is_parent).copied()
    };
    let along = steps.iter().map(|step| {
        let goes = step.removes() && step.goes_with_parent;
        goes.then(|| parent_of(step)).flatten()
    });
    along.collect()
}

/// `of` are the traits of each step's kind.
fn before_making(steps: &[Step], index: usize, kinds: &[Traits], of: &[&Traits]) -> Vec<Node> {
    let step = &steps[index];
    let mut needs = value::needs(&late::without(&step.spec, late::of(step.kind)));
    needs.extend(step.parent.iter().chain(&step.after).cloned());
    let mut nodes = vec![];
    for (other, it) in steps
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
    {
        let is_sibling = it.parent.is_some() && it.parent == step.parent;
        // A root is given back after everything in it; nothing in it waits for that.
        if step.gives_back && it.parent.as_ref() == Some(&step.address) {
            nodes.extend(halves(it).map(|phase| (other, phase)));
        }
        if it.gives_back && step.parent.as_ref() == Some(&it.address) {
            continue;
        }
        if it.parent.as_ref() == Some(&step.address) && goes_before_change(it, kinds) {
            nodes.push((other, Phase::Remove));
        }
        if needs.contains(&it.address) && it.makes() {
            nodes.push((other, Phase::Make));
        }
        let is_about_names = is_sibling && given::concern(of[index], of[other]);
        if it.makes() && is_about_names && given::waits(step, it, steps, kinds) {
            nodes.push((other, Phase::Make));
        }
        if paths::becomes_greedy(step) && hangs_on(steps, other, index) {
            nodes.push((other, Phase::Remove));
        }
        if of[index].after_siblings && is_sibling && !of[other].after_siblings {
            nodes.extend(halves(it).map(|phase| (other, phase)));
        }
    }
    if step.action == Action::Replace && step.replacement == Replacement::RemoveFirst {
        nodes.push((index, Phase::Remove));
    }
    nodes
}

/// Whether its parent may have none of it any more once that has changed.
fn goes_before_change(step: &Step, kinds: &[Traits]) -> bool {
    step.action == Action::Delete && traits(kinds, step.kind).goes_before_change
}

fn halves(step: &Step) -> impl Iterator<Item = Phase> {
    // What a renamed sibling leaves behind is deleted last of all, so nothing waits for it.
    let removes = step.removes() && step.replacement == Replacement::RemoveFirst;
    [
        step.makes().then_some(Phase::Make),
        removes.then_some(Phase::Remove),
    ]
    .into_iter()
    .flatten()
}

fn before_removing(steps: &[Step], index: usize, kinds: &[Traits]) -> Vec<Node> {
    let step = &steps[index];
    // What goes before its parent is made anew cannot wait for what is made in that.
    let is_in_way = steps.iter().any(|it| {
        it.removes()
            && it.replacement == Replacement::RemoveFirst
            && it.makes()
            && step.is_below(it)
    });
    let is_below_greedy =
        |(at, it): (usize, &Step)| paths::becomes_greedy(it) && hangs_on(steps, index, at);
    let is_in_way = is_in_way
        || goes_before_change(step, kinds)
        || steps.iter().enumerate().any(is_below_greedy);
    let comes_last =
        !is_in_way && (step.action == Action::Delete || step.replacement == Replacement::MakeFirst);
    let mut nodes = vec![];
    for (other, it) in steps
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
    {
        if it.removes() && goes_before(it, step, kinds) {
            nodes.push((other, Phase::Remove));
        }
        if it.makes() && comes_last && waits_for_making(step, it, kinds) {
            nodes.push((other, it.last()));
        }
    }
    if step.replacement == Replacement::MakeFirst && step.makes() {
        nodes.push((index, Phase::Make));
    }
    nodes
}

/// Whether the deletion of `index` takes away something below what the step `of` is about.
fn hangs_on(steps: &[Step], index: usize, of: usize) -> bool {
    let points = |to: usize| {
        steps[index]
            .live
            .as_ref()
            .zip(steps[to].live.as_ref())
            .is_some_and(|(from, to)| refers(from, to))
    };
    let through = |at: usize| at != index && points(at) && hangs_on(steps, at, of);
    steps[index].action == Action::Delete
        && steps[index].parent == steps[of].parent
        && (points(of) || (0..steps.len()).any(through))
}

/// Whether `first` has to be removed before `then`.
fn goes_before(first: &Step, then: &Step, kinds: &[Traits]) -> bool {
    if first.is_below(then) {
        return !first.goes_with_parent;
    }
    if then.is_below(first) {
        return then.goes_with_parent;
    }
    if leads_into(first, then, kinds) {
        return true;
    }
    if first.action != Action::Delete || then.action != Action::Delete {
        return false;
    }
    // A function goes before its own role and log group, though it does not name the latter.
    let owns = first.address != then.address && then.address.is_within(&first.address);
    let points = first
        .live
        .as_ref()
        .zip(then.live.as_ref())
        .is_some_and(|(a, b)| refers(a, b) || given::points(a, b, kinds));
    // What is made later goes first, so that two roots that point at each other (a function's
    // policy at the API, the API's routes at the function) do not wait for one another.
    let rank = |step: &Step| kinds.iter().position(|kind| kind.name == step.kind);
    owns || (points && rank(first) >= rank(then))
}

/// Whether what `first` is about leads callers to this API, or to this stage of it.
fn leads_into(first: &Step, then: &Step, kinds: &[Traits]) -> bool {
    let (Some(from), Some(to)) = (&first.live, &then.live) else {
        return false;
    };
    let Some(field) = traits(kinds, first.kind).leads_to else {
        return false;
    };
    let is_stage = traits(kinds, then.kind).after_siblings;
    let ids = [
        Some(&to.outputs["id"]),
        is_stage.then_some(&to.parent_outputs["id"]),
    ];
    let api = from.spec[field].as_str().filter(|id| !id.is_empty());
    api.is_some() && ids.into_iter().flatten().any(|id| id.as_str() == api)
}

/// Whether the deletion of `step` has to wait until `other` is made: what still points at it has
/// to be moved away first. A root's deletion waits for everything, so that a function that lost
/// its route goes only after the API without that route is deployed.
fn waits_for_making(step: &Step, other: &Step, kinds: &[Traits]) -> bool {
    match &step.parent {
        None => true,
        Some(parent) => {
            let is_sibling = other.parent.as_ref() == Some(parent);
            (is_sibling && !traits(kinds, other.kind).after_siblings)
                || leads_into(other, step, kinds)
                || late::holds(other, step, kinds)
        }
    }
}

/// Whether a live resource points at another, by id or ARN.
pub(super) fn refers(from: &Live, to: &Live) -> bool {
    let ids = ["arn", "id"]
        .iter()
        .filter_map(|key| to.outputs[*key].as_str())
        .filter(|id| !id.is_empty());
    ids.into_iter().any(|id| mentions(&from.spec, id))
}

pub(super) fn mentions(tree: &Value, id: &str) -> bool {
    match tree {
        Value::String(text) => text.contains(id),
        Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        Value::Object(map) => map.values().any(|value| mentions(value, id)),
        _ => false,
    }
}
