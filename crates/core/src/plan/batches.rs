//! Which steps are done by one request: what is new in a parent and can stand in one definition of it. Pure.
//!
//! Only in a parent in which nothing is yet: what a definition does to what is there is written down for a part
//! of it only, and it says things of the parent itself, such as its version (docs/aws.md §5).

use super::{Action, Node, Phase, Step, traits};
use crate::{
    owner::Retag,
    spec::{Live, Traits},
    value::{self, Address},
};
use std::collections::{BTreeMap, BTreeSet};

/// As many as this are worth a request of their own and a look at what it made.
const MANY: usize = 4;

/// The indices of steps that are done together.
pub type Batch = BTreeSet<usize>;

/// The batches of a plan whose steps know what they wait for; `live` is all that is there.
pub(super) fn batches(steps: &[Step], live: &[Live], kinds: &[Traits]) -> Vec<Batch> {
    let filled: BTreeSet<_> = live.iter().filter_map(|it| it.parent.as_ref()).collect();
    let mut by_parent: BTreeMap<&Address, Batch> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(parent) = step.parent.as_ref().filter(|_| is_new(step, kinds)) {
            by_parent.entry(parent).or_default().insert(index);
        }
    }
    let is_changed = |parent: &Address| {
        let mut others = steps.iter().filter(|it| it.address == *parent);
        others.any(|it| it.action != Action::Create)
    };
    by_parent.retain(|parent, _| !filled.contains(parent) && !is_changed(parent));
    let complete = by_parent.into_values().map(|batch| {
        let batch = self_contained(batch, steps, kinds);
        uncircular(batch, steps, kinds)
    });
    complete.filter(|it| it.len() >= MANY).collect()
}

/// Whether a step only makes something, as it is declared, in a parent that is wsctl's own.
fn is_new(step: &Step, kinds: &[Traits]) -> bool {
    let is_definable = traits(kinds, step.kind).in_definition;
    step.action == Action::Create
        && step.attached.is_none()
        && !step.gives_back
        && step.late.is_empty()
        && step.tags == Retag::default()
        && is_definable.is_some_and(|it| it(&step.name, &step.spec))
}

/// Without what needs a sibling by its id or name that is not among them.
fn self_contained(mut batch: Batch, steps: &[Step], kinds: &[Traits]) -> Batch {
    loop {
        let among = || batch.iter().map(|it| &steps[*it]);
        let addresses: BTreeSet<_> = among().map(|it| &it.address).collect();
        let named: BTreeSet<_> = among().map(|it| (it.kind, it.name.as_str())).collect();
        let is_said = |index: &&usize| {
            let step = &steps[**index];
            let mut needs = value::needs(&step.spec)
                .into_iter()
                .chain(step.after.clone());
            let mut names = names(step, kinds);
            names.all(|(kind, name)| named.contains(&(kind, name.as_str())))
                && needs.all(|it| !needs_id(&it, step, kinds) || addresses.contains(&it))
        };
        let kept: Batch = batch.iter().filter(is_said).copied().collect();
        if kept.len() == batch.len() {
            return batch;
        }
        batch = kept;
    }
}

/// Whether what a step needs is a sibling of which it needs the id; of one with a path, its path is enough.
fn needs_id(need: &Address, step: &Step, kinds: &[Traits]) -> bool {
    let Some(parent) = step.parent.as_ref().filter(|it| need.is_within(it)) else {
        return false;
    };
    let table = need.segments().get(parent.segments().len());
    let siblings = traits(kinds, step.kind).parent;
    let mut kinds = kinds.iter().filter(|it| it.parent == siblings);
    kinds.any(|it| it.path.is_none() && table.is_some_and(|table| table == it.table))
}

/// The siblings that a step has by their names.
fn names<'a>(
    step: &'a Step,
    kinds: &'a [Traits],
) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let uses = traits(kinds, step.kind).uses.iter();
    uses.flat_map(|(field, kind, names)| {
        let names = names(&step.spec[*field]).into_iter();
        names.map(|name| (*kind, name))
    })
}

/// Without what something outside needs that others of them wait for: they would wait for themselves.
fn uncircular(mut batch: Batch, steps: &[Step], kinds: &[Traits]) -> Batch {
    loop {
        let own = |node: &Node| node.1 == Phase::Make && batch.contains(&node.0);
        let first = batch.iter().flat_map(|it| &steps[*it].make_after);
        let mut open: Vec<Node> = first.filter(|it| !own(it)).copied().collect();
        let (mut seen, mut needed) = (BTreeSet::new(), Batch::new());
        while let Some(node) = open.pop() {
            if own(&node) {
                needed.insert(node.0);
            } else if seen.insert(node) {
                open.extend(steps[node.0].waits_before(node.1));
            }
        }
        if needed.is_empty() {
            return batch;
        }
        batch.retain(|it| !needed.contains(it));
        batch = self_contained(batch, steps, kinds);
    }
}
