//! Names that one resource gives and others of its parent use: a client asks for `SERVER/SCOPE`. AWS
//! refuses a name that is not there yet, and takes the end of one that is still used. Pure.

use super::{Action, Desired, Planner, Remark, Step, deployed::laid_over, traits};
use crate::{
    diff::any_touches,
    error::{Error, ErrorKind, Result},
    owner::Owner,
    spec::{Live, Traits},
    value::Address,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Names, each with the kind of what gives it.
pub(super) type Names = BTreeSet<(&'static str, String)>;

/// The names that something of this kind, name and spec gives.
fn given(kind: &Traits, name: &str, spec: &Value) -> Names {
    let give = kind.gives.filter(|_| spec.is_object());
    let names = give.map(|give| give(name, spec)).unwrap_or_default();
    names.into_iter().map(|it| (kind.name, it)).collect()
}

/// The names that something of this kind and spec uses, by the field that has them.
fn used_by(kind: &Traits, spec: &Value) -> Vec<(&'static str, Names)> {
    let uses = kind.uses.iter();
    let of = uses.map(|(field, giver, names_in)| {
        let names = names_in(&spec[*field]).into_iter();
        (*field, names.map(|it| (*giver, it)).collect())
    });
    of.collect()
}

/// All of them.
fn used(kind: &Traits, spec: &Value) -> Names {
    let all = used_by(kind, spec).into_iter();
    all.flat_map(|(_, names)| names).collect()
}

/// What is there before a step: nothing of what it makes.
fn before(step: &Step) -> &Value {
    step.live.as_ref().map_or(&Value::Null, |it| &it.spec)
}

/// What is there after it: each field as it is declared, or else as it was.
fn after(step: &Step, kind: &Traits) -> Value {
    match step.action {
        Action::Delete => Value::Null,
        Action::Create | Action::Replace => step.planned.clone(),
        Action::Update if step.gives_back => Value::clone(&step.spec),
        // A step may be about its tags alone.
        Action::Update if step.planned.is_null() => before(step).clone(),
        Action::Update => {
            let mut spec = laid_over(before(step), &step.planned, kind.whole);
            // What wsctl owns loses what the file no longer says of these.
            let is_left_out = |field: &&&str| step.planned[**field].is_null();
            for field in kind.beyond.iter().filter(is_left_out) {
                if any_touches(&step.changes, &[field]) {
                    spec[*field] = Value::Null;
                }
            }
            spec
        }
    }
}

/// The names that come with a step, and those that go. What takes the place of another has no name before.
fn turned(step: &Step, kinds: &[Traits]) -> (Names, Names) {
    let kind = traits(kinds, step.kind);
    let names = |spec: &Value| given(kind, &step.name, spec);
    let (before, after) = (names(before(step)), names(&after(step, kind)));
    let gone = before.difference(&after).cloned().collect();
    match step.action {
        Action::Replace => (after, gone),
        _ => (after.difference(&before).cloned().collect(), gone),
    }
}

/// Whether one of these may give names that the other uses. Most kinds, such as the routes of an API, have
/// nothing to do with each other here.
pub(super) fn concern(one: &Traits, other: &Traits) -> bool {
    let is_about = |gives: &Traits, uses: &Traits| gives.gives.is_some() && !uses.uses.is_empty();
    is_about(one, other) || is_about(other, one)
}

/// Whether `step` is made after `other`, which is in the same parent: what uses a name after it is given, and
/// what only takes names away after those that used them. A step that does both comes first, since what AWS
/// lacks it refuses.
pub(super) fn waits(step: &Step, other: &Step, steps: &[Step], kinds: &[Traits]) -> bool {
    let uses = |it: &Step, spec: &Value| used(traits(kinds, it.kind), spec);
    let (come, _) = turned(other, kinds);
    if !come.is_disjoint(&uses(step, &step.planned)) {
        return true;
    }
    let (come, go) = turned(step, kinds);
    let is_needed = steps
        .iter()
        .any(|it| it.makes() && !come.is_disjoint(&uses(it, &it.planned)));
    !is_needed && !go.is_disjoint(&uses(other, before(other)))
}

/// Whether one uses a name that another of its parent gives, as they are now.
pub(super) fn points(from: &Live, to: &Live, kinds: &[Traits]) -> bool {
    let (uses, gives) = (traits(kinds, from.kind), traits(kinds, to.kind));
    let is_beside = from.parent.is_some() && from.parent == to.parent;
    let is_about = || uses.uses.iter().any(|it| it.1 == to.kind);
    is_beside && is_about() && {
        let given = given(gives, &to.name, &to.spec);
        !given.is_disjoint(&used(uses, &from.spec))
    }
}

impl Planner<'_> {
    /// Refuses a plan after which something of the stack uses a name that it takes away, warns where that
    /// is somebody else's, and notes which names are there then.
    pub(super) fn check_given(&mut self) -> Result<()> {
        let steps = &self.plan.steps;
        let (mut there, mut gone) = (Names::new(), Names::new());
        for live in &self.all {
            let kind = traits(self.kinds, live.kind);
            if kind.gives.is_none() {
                continue;
            }
            match step_of(live, steps) {
                Some(step) => gone.extend(turned(step, self.kinds).1),
                None => there.extend(given(kind, &live.name, &live.spec)),
            }
        }
        for step in steps.iter().filter(|it| it.makes()) {
            let kind = traits(self.kinds, step.kind);
            if kind.gives.is_some() {
                there.extend(given(kind, &step.name, &after(step, kind)));
            }
        }
        let gone: Names = gone.difference(&there).cloned().collect();
        let still = self.still_used(&gone);
        let (ours, others): (Vec<_>, Vec<_>) =
            still.into_iter().partition(|it| self.is_of_stack(it.0));
        let others = others.into_iter().map(|(live, field, name)| Remark {
            address: live.address.clone(),
            text: format!("its {field} has {name}, which goes; it is not wsctl's, and loses it"),
        });
        let (others, refusal) = (others.collect::<Vec<_>>(), refuse(&ours));
        self.plan.given = there;
        self.plan.warnings.extend(others);
        refusal
    }

    /// What stays and uses one of these names, with the field.
    fn still_used(&self, gone: &Names) -> Vec<(&Live, &'static str, String)> {
        let mut found = vec![];
        for live in &self.all {
            let kind = traits(self.kinds, live.kind);
            if kind.uses.is_empty() {
                continue;
            }
            let step = step_of(live, &self.plan.steps);
            if step.is_some_and(Step::removes) {
                continue;
            }
            let spec = step.map_or_else(|| live.spec.clone(), |it| after(it, kind).into());
            for (field, names) in used_by(kind, &spec) {
                let lost = names.intersection(gone);
                found.extend(lost.map(|(_, it)| (live, field, it.clone())));
            }
        }
        found
    }

    fn is_of_stack(&self, live: &Live) -> bool {
        let is_declared = |it: &Desired| it.address == live.address;
        live.owner == Owner::Ours || self.desired.iter().any(is_declared)
    }
}

fn step_of<'a>(live: &Live, steps: &'a [Step]) -> Option<&'a Step> {
    let is_it = |it: &&Step| {
        it.live
            .as_ref()
            .is_some_and(|old| old.kind == live.kind && old.outputs == live.outputs)
    };
    steps.iter().find(is_it)
}

fn refuse(still: &[(&Live, &'static str, String)]) -> Result<()> {
    let Some((first, field, _)) = still.first() else {
        return Ok(());
    };
    let line = |address: &Address, field: &str, name: &str| {
        format!("{address}: its {field} has {name}, which this plan takes away")
    };
    let lines = still
        .iter()
        .map(|(live, field, name)| line(&live.address, field, name));
    Err(Error::of_lines(ErrorKind::Refused, lines)
        .hint(format!("declare {field} of {} without it", first.address)))
}
