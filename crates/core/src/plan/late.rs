//! Fields that are set last, so that two resources may name each other: a pool's trigger runs a function
//! that calls the pool. Pure.
//!
//! What such a field names is not needed to make its resource. Where it is still to be made, or what lets
//! the resource use it, the field is set by a write of its own when that is done; otherwise it goes along
//! with everything else.

use super::{Action, Desired, Input, Node, Phase, Step, plan_once, traits};
use crate::{
    error::Result,
    spec::{self, Traits},
    value::{self, Address},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The late fields of a kind.
pub(super) fn of(kind: &str) -> &'static [&'static str] {
    static ALL: LazyLock<BTreeMap<&'static str, &'static [&'static str]>> =
        LazyLock::new(|| spec::all().iter().map(|it| (it.name, it.late)).collect());
    ALL.get(kind).copied().unwrap_or_default()
}

/// `spec` without these fields.
pub fn without(spec: &Value, fields: &[&str]) -> Value {
    match fields {
        [] => spec.clone(),
        fields => super::without(spec, fields),
    }
}

/// What these fields of `spec` name.
pub(super) fn needs(spec: &Value, fields: &[&str]) -> BTreeSet<Address> {
    fields
        .iter()
        .flat_map(|field| value::needs(&spec[*field]))
        .collect()
}

/// With the outputs that late fields name, as far as they are known before anything is done: what comes
/// first in the plan may name what comes after it.
pub(super) fn foreseen(mut input: Input<'_>) -> Result<Input<'_>> {
    let named: BTreeSet<_> = input.desired.iter().flat_map(Desired::needs_late).collect();
    if named.is_empty() {
        return Ok(input);
    }
    let early: Vec<_> = input
        .desired
        .iter()
        .map(|it| Desired {
            spec: without(&it.spec, of(it.kind)).into(),
            ..it.clone()
        })
        .collect();
    let plan = plan_once(Input {
        desired: &early,
        live: input.live.clone(),
        known: input.known.clone(),
        lacks: input.lacks.clone(),
        ..input
    })?;
    let known = plan.known.into_iter();
    input
        .known
        .extend(known.filter(|(address, _)| named.contains(address)));
    Ok(input)
}

/// The late fields that a step sets by a write of their own, and what that waits for: what they name, and
/// all that is in that, such as leave to call it.
pub(super) fn finish(
    steps: &[Step],
    index: usize,
    kinds: &[Traits],
) -> (Vec<&'static str>, BTreeSet<Node>) {
    let step = &steps[index];
    let none = (vec![], BTreeSet::new());
    if !step.makes() || step.gives_back {
        return none;
    }
    let is_set = |field: &&&str| match step.action {
        Action::Update => step.changes.iter().any(|it| it.touches(field)),
        _ => !step.spec[**field].is_null(),
    };
    let fields: Vec<_> = traits(kinds, step.kind)
        .late
        .iter()
        .filter(is_set)
        .copied()
        .collect();
    let named = needs(&step.spec, &fields);
    if named.is_empty() {
        return none;
    }
    let is_waited_for = |it: &Step| {
        it.makes()
            && (named.contains(&it.address)
                || it
                    .parent
                    .as_ref()
                    .is_some_and(|parent| named.contains(parent)))
    };
    let others = steps.iter().enumerate();
    let mut after: BTreeSet<_> = others
        .filter(|(other, it)| *other != index && is_waited_for(it))
        .map(|(other, _)| (other, Phase::Make))
        .collect();
    if after.is_empty() {
        return none;
    }
    after.insert((index, Phase::Make));
    (fields, after)
}

/// Whether a late field of what `holder` is about names what `step` takes away, or what that is in: it is
/// taken out of there first.
pub(super) fn holds(holder: &Step, step: &Step, kinds: &[Traits]) -> bool {
    let (Some(held), Some(live)) = (&step.live, &holder.live) else {
        return false;
    };
    let arns = [&held.outputs["arn"], &held.parent_outputs["arn"]];
    let arns = arns.into_iter().filter_map(Value::as_str);
    let fields = traits(kinds, holder.kind).late.iter();
    let changed = fields.filter(|field| holder.changes.iter().any(|it| it.touches(field)));
    let mut held_by = changed.flat_map(|field| arns.clone().map(|arn| (&live.spec[*field], arn)));
    held_by.any(|(tree, arn)| !arn.is_empty() && super::order::mentions(tree, arn))
}
