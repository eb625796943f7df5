//! What stack.toml declares + what AWS has → what to do, and in which order. Pure and total.

mod added_to;
mod approved;
mod attach;
mod batches;
mod bind;
mod dangling;
mod deployed;
mod given;
mod lacks;
mod late;
mod memory;
mod moved;
mod names;
mod order;
mod paths;
mod renamed;
#[cfg(test)]
mod tests;
mod together;

use crate::{
    diff::{Change, any_touches, diff, is_empty},
    error::{Error, ErrorKind, Result},
    owner::{ADDRESS_TAG, ATTACHED_TAG, Owner, Retag},
    spec::{Lack, Live, Obstacle, Traits},
    value::{self, Address, HIDDEN, KnownOutputs},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use approved::ApprovedPlan;
pub use attach::{laid_over, resolve};
pub use batches::Batch;
use deployed::content;
pub use deployed::{
    Content, content_address, content_digest, is_served, laid_over as laid_over_now, laid_over_all,
};
pub use late::without as without_late;
use moved::Moved;
pub use order::{Node, Phase};
use paths::Renamed;

/// What the file says of one resource's lifecycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    /// It is there already and stays somebody else's: used, never made or deleted.
    pub existing: bool,
    /// A plan that deletes it is an error.
    pub protect: bool,
    /// The address that it had before a rename.
    pub moved_from: Option<Address>,
}

/// One resource that stack.toml declares. References in `spec` are still open.
#[derive(Clone, Default)]
pub struct Desired {
    pub kind: &'static str,
    pub address: Address,
    /// The resource it belongs to; none for a root.
    pub parent: Option<Address>,
    /// Its name within the parent; a root's whole address.
    pub name: String,
    /// Shared by the steps that come of it.
    pub spec: Arc<Value>,
    /// What has to be there first without being referred to.
    pub after: BTreeSet<Address>,
    pub lifecycle: Lifecycle,
}

impl Desired {
    /// What has to exist before it.
    pub fn needs(&self) -> BTreeSet<Address> {
        value::needs(&late::without(&self.spec, late::of(self.kind)))
            .into_iter()
            .chain(self.parent.clone())
            .chain(self.after.clone())
            .collect()
    }

    /// What only its late fields name: it exists before those are set.
    pub fn needs_late(&self) -> BTreeSet<Address> {
        late::needs(&self.spec, late::of(self.kind))
    }
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Create,
    Update,
    Replace,
    Delete,
}

/// Whether a replacement deletes the old resource before or after making the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    RemoveFirst,
    MakeFirst,
}

/// One resource's part of the plan. It has no `Debug`: specs may hold secrets.
#[derive(Clone, Serialize)]
pub struct Step {
    pub address: Address,
    pub kind: &'static str,
    pub action: Action,
    /// Why, where it is not plain: "not in stack.toml", "sign_in is set at creation only".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The fields that change, by the names that the kind gives them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The address that it had until now; its tags learn the new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Address>,
    /// Whether it is attached with this step; its tags say so from then on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attaches: bool,
    /// What will be there, as far as it is known; values from the environment stay references.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub planned: Value,
    /// What its replacement takes from others: "the client id changes".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<&'static str>,
    /// The spec with all references open.
    #[serde(skip)]
    pub spec: Arc<Value>,
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub after: BTreeSet<Address>,
    #[serde(skip)]
    pub parent: Option<Address>,
    /// The root it belongs to; writes of one group go one at a time, since AWS answers parallel
    /// ones with conflicts or loses them (docs/aws.md §1.3).
    #[serde(skip)]
    pub serial_group: Address,
    #[serde(skip)]
    pub live: Option<Live>,
    #[serde(skip)]
    pub replacement: Replacement,
    /// Whether its removal is its parent's removal, where that is removed.
    #[serde(skip)]
    pub goes_with_parent: bool,
    /// Whether its parent is removed, so that nothing is asked for it.
    #[serde(skip)]
    pub goes_along: bool,
    /// The attached root that this belongs to, or is: its tags remember what was there.
    #[serde(skip)]
    pub attached: Option<Live>,
    /// The tags to set on that root before, and those to take off it after.
    #[serde(skip)]
    pub tags: Retag,
    /// Whether it gives back what was attached, as it was.
    #[serde(skip)]
    pub gives_back: bool,
    /// The fields that are set last, once what they name is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<&'static str>,
    /// What has to be done before it is made, before those are set, and before it is removed.
    #[serde(skip)]
    pub make_after: BTreeSet<Node>,
    #[serde(skip)]
    pub finish_after: BTreeSet<Node>,
    #[serde(skip)]
    pub remove_after: BTreeSet<Node>,
}

impl Step {
    /// Whether the resource is there afterwards.
    pub fn makes(&self) -> bool {
        self.action != Action::Delete
    }

    /// What a person is shown of it: what its tags of wsctl's own learn, under the tags' names, which no
    /// field has, and the fields that change.
    pub fn shown(&self) -> Vec<Change> {
        let moved = self
            .moved_from
            .as_ref()
            .map(|old| (ADDRESS_TAG, json!(old), json!(self.address)));
        let attached = self
            .attaches
            .then(|| (ATTACHED_TAG, Value::Null, json!(true)));
        let own = moved.into_iter().chain(attached);
        let own = own.map(|(tag, old, new)| Change {
            path: tag.to_owned(),
            old,
            new,
        });
        own.chain(self.changes.iter().cloned()).collect()
    }

    /// Whether it is the step of an attached root itself.
    pub fn is_attached_root(&self) -> bool {
        self.attached.is_some() && self.parent.is_none()
    }

    /// Whether what it is about is, as it is now, a child of what the other one is about.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        let lives = self.live.as_ref().zip(other.live.as_ref());
        self.parent.as_ref() == Some(&other.address)
            && lives.is_none_or(|(child, parent)| child.is_in(parent))
    }

    /// What is done last of all that makes it: only then is it as declared.
    pub fn last(&self) -> Phase {
        match self.late.is_empty() {
            true => Phase::Make,
            false => Phase::Finish,
        }
    }

    /// What the fields name that are set last.
    pub fn waits_for(&self) -> BTreeSet<Address> {
        late::needs(&self.spec, &self.late)
    }

    /// Of what changes in what is there, the late fields, and the rest.
    pub fn changes_by_phase(&self) -> (Vec<Change>, Vec<Change>) {
        let changes = self.changes.iter().cloned();
        changes.partition(|it| self.late.iter().any(|field| it.touches(field)))
    }

    /// Whether all that is changed is what is set last.
    pub fn only_finishes(&self) -> bool {
        let is_marked = self.moved_from.is_some() || self.tags != Retag::default();
        self.action == Action::Update
            && !self.late.is_empty()
            && !is_marked
            && self.changes_by_phase().1.is_empty()
    }

    /// What has to be done before this part of it.
    pub fn waits_before(&self, phase: Phase) -> &BTreeSet<Node> {
        match phase {
            Phase::Make => &self.make_after,
            Phase::Finish => &self.finish_after,
            Phase::Remove => &self.remove_after,
        }
    }

    /// Whether what is there now goes away.
    pub fn removes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }
}

/// Something a person should know of a resource that is no change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Remark {
    pub address: Address,
    pub text: String,
}

impl Remark {
    /// As one line: what `accept` in stack.toml repeats.
    pub fn line(&self) -> String {
        format!("{}: {}", self.address, self.text)
    }
}

/// A line of `accept`.
pub struct Accepted {
    /// As stack.toml has it.
    pub written: String,
    /// With what its references stand for.
    pub text: String,
}

/// Something that is lost when the plan is applied and that AWS cannot give back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    pub address: Address,
    /// AWS's name of the resource, which the user has to repeat.
    pub name: String,
    /// "12 users".
    pub what: String,
}

/// Something that AWS wants gone before a resource can go, and that is not wsctl's to delete.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blocked {
    pub address: Address,
    #[serde(flatten)]
    pub by: Obstacle,
}

/// The whole plan.
#[derive(Clone, Default, Serialize)]
pub struct Plan {
    pub steps: Vec<Step>,
    pub unchanged: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Remark>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Remark>,
    /// What somebody set beyond what stack.toml can declare, and wsctl does not judge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_elsewhere: Vec<Remark>,
    /// The same, where stack.toml accepts it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Remark>,
    /// What stack.toml accepts and nothing is, as it is written there.
    #[serde(skip)]
    pub not_met: Vec<String>,
    /// What keeps AWS from deleting what would go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<Blocked>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Resources that AWS's own deletion protection keeps from going.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub protected: Vec<Address>,
    /// Resources that would go although `protect` in stack.toml keeps them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Address>,
    /// The outputs known before anything is done; values from the environment are among them.
    #[serde(skip)]
    pub known: KnownOutputs,
    /// The names that resources of one parent give each other, as they are afterwards.
    #[serde(skip)]
    pub given: BTreeSet<(&'static str, String)>,
    /// By API, what its deployment contains.
    #[serde(skip)]
    pub content: BTreeMap<Address, Content>,
    /// The steps that one request does, where their parent takes a definition.
    #[serde(skip)]
    pub batches: Vec<Batch>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Notes what goes with a resource for good.
    pub fn lose(&mut self, live: &Live, what: String) {
        let name = live.spec["name"].as_str().unwrap_or(&live.name).to_owned();
        self.losses.push(Loss {
            address: live.address.clone(),
            name,
            what,
        });
    }

    /// Whether it says what goes with this resource.
    pub fn loses(&self, address: &Address) -> bool {
        self.losses.iter().any(|it| it.address == *address)
    }

    /// Sets apart what somebody set elsewhere and stack.toml accepts, each as `drift` tells it.
    pub fn accept(&mut self, lines: Vec<Accepted>) {
        let is_accepted = |it: &Remark| lines.iter().any(|line| line.text == it.line());
        self.accepted = self
            .set_elsewhere
            .extract_if(.., |it| is_accepted(it))
            .collect();
        let is_met = |line: &Accepted| self.accepted.iter().any(|it| line.text == it.line());
        self.not_met = lines
            .iter()
            .filter(|line| !is_met(line))
            .map(|line| line.written.clone())
            .collect();
    }

    /// Notes which of `keep` this plan would take away.
    pub fn keep<'a>(&mut self, keep: impl Iterator<Item = &'a Address>) {
        let takes_away = |it: &Step| it.removes() || it.lost.is_some();
        let goes = |address: &&Address| {
            self.steps
                .iter()
                .any(|it| takes_away(it) && it.address == **address)
        };
        self.kept = keep.filter(goes).cloned().collect();
    }

    /// What is made in the place of something that others use, and stands for itself: nothing that
    /// goes along with a replaced parent, and nothing with which nothing is lost.
    pub fn replacements(&self) -> impl Iterator<Item = &Step> {
        let replaced = || {
            self.steps
                .iter()
                .filter(|step| step.action == Action::Replace)
        };
        let is_along =
            move |step: &&Step| replaced().any(|it| step.parent.as_ref() == Some(&it.address));
        self.steps
            .iter()
            .filter(|step| step.lost.is_some())
            .filter(move |step| !is_along(step))
    }

    pub fn count(&self, action: Action) -> usize {
        self.steps
            .iter()
            .filter(|step| step.action == action)
            .count()
    }
}

/// What to do with children of owned resources that stack.toml does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undeclared {
    #[default]
    Delete,
    Warn,
}

/// What a plan is made from. `desired` is in dependency order.
pub struct Input<'a> {
    pub desired: &'a [Desired],
    pub live: Vec<Live>,
    pub kinds: &'a [Traits],
    /// `stack`, `env` and `var`.
    pub known: KnownOutputs,
    pub undeclared: Undeclared,
    /// What the account lacks for what is declared, by its address.
    pub lacks: Vec<(Address, Lack)>,
}

/// Makes the plan. Fails when something of the same name is there that is not ours, and when AWS would
/// refuse it or something would point at nothing afterwards.
pub fn plan(input: Input<'_>) -> Result<Plan> {
    plan_once(late::foreseen(input)?)
}

fn plan_once(input: Input<'_>) -> Result<Plan> {
    let (live, moved) = moved::follow(input.desired, input.live);
    let (live, renamed) = paths::follow(input.desired, live, input.kinds)?;
    let desired = &*together::complete(input.desired, &live, input.kinds, &input.known);
    let serial_groups = serial_groups(desired, &live);
    let all = live.clone();
    let live = Matched::new(desired, live, input.kinds, &input.known)?;
    let mut planner = Planner {
        kinds: input.kinds,
        content: content(desired, &live.declared, input.kinds),
        live,
        all,
        desired,
        moved,
        renamed,
        undeclared: input.undeclared,
        known: input.known,
        fresh: BTreeMap::new(),
        memories: BTreeMap::new(),
        serial_groups,
        plan: empty(),
    };
    // What is declared stands behind what it needs.
    let mut waits = BTreeSet::new();
    let (last, first): (Vec<_>, Vec<_>) = desired.iter().partition(|it| {
        let is_last = traits(input.kinds, it.kind).after_siblings;
        let waits_for_one = || it.needs().iter().any(|need| waits.contains(need));
        let is_last = is_last || (!waits.is_empty() && waits_for_one());
        if is_last {
            waits.insert(it.address.clone());
        }
        is_last
    });
    for desired in first {
        planner.decide(desired)?;
    }
    planner.decide_leftovers();
    planner.give_back();
    for desired in last {
        planner.decide(desired)?;
    }
    planner.check_given()?;
    planner.gather_tags()?;
    let all = std::mem::take(&mut planner.all);
    let mut plan = planner.finish();
    names::check(&plan.steps, &all, desired, input.kinds)?;
    dangling::check(&plan.steps, &all, desired, input.kinds)?;
    lacks::check(&mut plan, input.lacks, desired)?;
    plan.notes.extend(notes_of_others(&plan, &all, desired));
    plan.notes.extend(renamed::hints(&plan.steps));
    plan.notes
        .extend(together::remarks(input.desired, desired, input.kinds));
    renamed::tell_what_is_lost(&mut plan.steps, input.kinds);
    order::order(&mut plan.steps, input.kinds);
    plan.batches = batches::batches(&plan.steps, &all, input.kinds);
    Ok(plan)
}

/// What is to be known of what nobody declared and stays: in what is attached, or only warned of.
fn notes_of_others(plan: &Plan, all: &[Live], desired: &[Desired]) -> Vec<Remark> {
    let is_declared = |it: &Live| desired.iter().any(|desired| desired.address == it.address);
    let goes = |it: &Live| {
        plan.steps
            .iter()
            .any(|step| step.removes() && step.address == it.address)
    };
    let others = all
        .iter()
        .filter(|it| it.parent.is_some() && !is_declared(it) && !goes(it));
    let each = others.flat_map(|it| {
        it.notes
            .iter()
            .map(|text| (it.address.clone(), text.clone()))
    });
    each.map(|(address, text)| Remark { address, text })
        .collect()
}

fn empty() -> Plan {
    Plan {
        steps: vec![],
        unchanged: 0,
        notes: vec![],
        warnings: vec![],
        set_elsewhere: vec![],
        accepted: vec![],
        not_met: vec![],
        blocked: vec![],
        losses: vec![],
        protected: vec![],
        kept: vec![],
        known: KnownOutputs::new(),
        given: BTreeSet::new(),
        content: BTreeMap::new(),
        batches: vec![],
    }
}

pub(crate) fn traits<'a>(kinds: &'a [Traits], name: &str) -> &'a Traits {
    kinds
        .iter()
        .find(|kind| kind.name == name)
        .expect("every resource is of a registered kind")
}

fn serial_groups(desired: &[Desired], live: &[Live]) -> BTreeMap<Address, Address> {
    let mut parents: BTreeMap<&Address, Option<&Address>> = BTreeMap::new();
    parents.extend(live.iter().map(|it| (&it.address, it.parent.as_ref())));
    parents.extend(desired.iter().map(|it| (&it.address, it.parent.as_ref())));
    let root_of = |mut address| {
        while let Some(Some(parent)) = parents.get(address) {
            address = parent;
        }
        Address::clone(address)
    };
    parents
        .keys()
        .map(|address| (Address::clone(address), root_of(address)))
        .collect()
}

/// The live resources, each beside the declared one that it is.
struct Matched {
    declared: BTreeMap<Address, Live>,
    leftover: Vec<(Live, &'static str)>,
    /// Attached by this stack once, and declared no longer.
    given_back: Vec<Live>,
}

/// Why what no table has is deleted, or warned of.
pub(crate) const NOT_DECLARED: &str = "not in stack.toml";
const REPLACED_BEFORE: &str = "left over from an earlier replacement";

impl Matched {
    /// `known` is what is known before anything is looked at.
    fn new(
        desired: &[Desired],
        live: Vec<Live>,
        kinds: &[Traits],
        known: &KnownOutputs,
    ) -> Result<Self> {
        let mut known = known.clone();
        let mut by_address: BTreeMap<Address, Vec<Live>> = BTreeMap::new();
        for resource in live {
            by_address
                .entry(resource.address.clone())
                .or_default()
                .push(resource);
        }
        let is_existing = |at: &Address| {
            desired
                .iter()
                .any(|it| it.address == *at && it.lifecycle.existing)
        };
        let mut matched = Self {
            declared: BTreeMap::new(),
            leftover: vec![],
            given_back: vec![],
        };
        let mut foreign = vec![];
        for it in desired {
            let traits = traits(kinds, it.kind);
            let candidates = by_address.remove(&it.address).unwrap_or_default();
            if it.lifecycle.existing {
                let live = attach::the_one(it, candidates)?;
                known.insert(it.address.clone(), live.outputs.clone());
                matched.declared.insert(it.address.clone(), live);
                continue;
            }
            let (mut ours, mut others): (Vec<_>, Vec<_>) = candidates
                .into_iter()
                .partition(|live| live.owner == Owner::Ours);
            let parent = it.parent.as_ref();
            let parent = parent.and_then(|it| matched.declared.get(it));
            // Nothing is made beside somebody else's of the same name.
            let is_taken = match parent {
                Some(parent) => others.iter().any(|live| live.is_in(parent)),
                None => it.parent.is_none() && !others.is_empty(),
            };
            if let Some(parent) = parent {
                let strays = ours.extract_if(.., |live| !live.is_in(parent));
                matched
                    .leftover
                    .extend(strays.map(|live| (live, REPLACED_BEFORE)));
            }
            let in_attached = it.parent.as_ref().is_some_and(is_existing);
            if ours.is_empty() && in_attached && traits.bindable && !others.is_empty() {
                matched
                    .declared
                    .insert(it.address.clone(), others.swap_remove(0));
            } else if ours.is_empty() && (in_attached || is_taken) {
                foreign.extend(others.first().map(|it| not_ours(it, traits)));
            }
            matched.choose(it, ours, traits, &known)?;
            if let Some(live) = matched.declared.get(&it.address) {
                known.insert(it.address.clone(), live.outputs.clone());
            }
        }
        if let Some(error) = foreign.into_iter().reduce(|all: Error, next| {
            Error::of_lines(ErrorKind::Refused, format!("{all}\n{next}").lines())
                .hint(all.hint.unwrap_or_default())
        }) {
            return Err(error);
        }
        for live in by_address.into_values().flatten() {
            match live.owner {
                Owner::Ours => matched.leftover.push((live, NOT_DECLARED)),
                Owner::Attached => matched.given_back.push(live),
                Owner::Nobody | Owner::Stack(_) => {}
            }
        }
        Ok(matched)
    }

    /// Of several owned resources at one address, the one that is as declared already.
    fn choose(
        &mut self,
        desired: &Desired,
        mut ours: Vec<Live>,
        traits: &Traits,
        known: &KnownOutputs,
    ) -> Result<()> {
        if ours.len() > 1 && traits.rename_on.is_empty() && !traits.beside {
            let ids: Vec<_> = ours
                .iter()
                .map(|live| live.outputs["id"].to_string())
                .collect();
            return Err(Error::refused(format!(
                "{}: {} {}s carry this stack's tags: {}",
                desired.address,
                ours.len(),
                traits.name,
                ids.join(", ")
            ))
            .hint("delete the ones that are not in use, or remove their wsctl:stack tag"));
        }
        let spec = resolved(&desired.spec, known, traits);
        let is_due = |live: &Live| {
            let mut changes = diff(&live.spec, &spec, traits.whole);
            changes.extend(beyond(&live.spec, &spec, traits.beyond));
            let counts = |it: &Change| {
                traits.beside || traits.rename_on.iter().any(|field| it.touches(field))
            };
            !changes.iter().any(counts)
        };
        let index = ours.iter().position(is_due).unwrap_or(0);
        if !ours.is_empty() {
            self.declared
                .insert(desired.address.clone(), ours.remove(index));
        }
        self.leftover
            .extend(ours.into_iter().map(|live| (live, REPLACED_BEFORE)));
        Ok(())
    }
}

fn not_ours(live: &Live, traits: &Traits) -> Error {
    let name = live.spec["name"].as_str().unwrap_or(&live.name).to_owned();
    let owner = match &live.owner {
        Owner::Stack(stack) => format!("belongs to the wsctl stack `{stack}`"),
        Owner::Attached => "is attached to this stack".to_owned(),
        _ => "was not made by wsctl".to_owned(),
    };
    let error = Error::refused(format!(
        "{}: {} {} named `{name}` exists already and {owner}",
        live.address,
        article(live.kind),
        live.kind
    ));
    let instead = traits.instead_of_adopting;
    match (&live.owner, &live.parent) {
        (Owner::Attached, _) => {
            error.hint("say existing = true in its table again, or destroy the stack first")
        }
        (Owner::Nobody | Owner::Stack(_), _) if !instead.is_empty() => error.hint(instead),
        (Owner::Nobody, None) => {
            let or = match traits.attachable {
                true => "or use it with existing = true, or",
                false => "or",
            };
            error.hint(format!(
                "wsctl never changes what it does not own: take it over with `wsctl adopt {}`, {or} choose \
                 another name",
                live.address
            ))
        }
        _ => error.hint(
            "choose another name in stack.toml, or delete the one that is there; wsctl never changes what it \
             does not own",
        ),
    }
}

/// What stands before a kind's name.
fn article(kind: &str) -> &'static str {
    match kind.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) {
        true => "an",
        false => "a",
    }
}

struct Planner<'a> {
    kinds: &'a [Traits],
    content: BTreeMap<Address, Content>,
    live: Matched,
    /// Everything that is there.
    all: Vec<Live>,
    desired: &'a [Desired],
    moved: Moved,
    renamed: Renamed,
    undeclared: Undeclared,
    known: KnownOutputs,
    /// What will be made anew, and how it replaces what is there.
    fresh: BTreeMap<Address, Replacement>,
    /// What attached roots are before they are changed.
    memories: BTreeMap<Address, memory::Memory>,
    /// The root above each resource: writes below one root go one at a time.
    serial_groups: BTreeMap<Address, Address>,
    plan: Plan,
}

impl Planner<'_> {
    fn decide(&mut self, desired: &Desired) -> Result<()> {
        let traits = *traits(self.kinds, desired.kind);
        let live = self.live.declared.remove(&desired.address);
        if traits.after_siblings {
            self.learn_content(desired);
        }
        let spec = resolved(&desired.spec, &self.known, &traits);
        let Some(live) = live else {
            if self.is_granted(desired, &spec) {
                self.plan.unchanged += 1;
                return Ok(());
            }
            self.push(
                desired,
                Action::Create,
                None,
                vec![],
                None,
                Replacement::RemoveFirst,
            );
            return Ok(());
        };
        if desired.lifecycle.existing {
            return self.attach(desired, live);
        }
        if live.owner != Owner::Ours {
            self.bind(desired, &spec, live);
            return Ok(());
        }
        self.decide_owned(desired, &spec, live)
    }

    fn decide_owned(&mut self, desired: &Desired, spec: &Value, live: Live) -> Result<()> {
        let traits = *traits(self.kinds, desired.kind);
        self.remark(&live);
        let parent = desired
            .parent
            .as_ref()
            .and_then(|it| self.fresh.get_key_value(it));
        if let Some((parent, replacement)) = parent {
            let (reason, replacement) = (format!("{parent} is replaced"), *replacement);
            self.push(
                desired,
                Action::Replace,
                Some(reason),
                vec![],
                Some(live),
                replacement,
            );
            return Ok(());
        }
        self.remark_set_elsewhere(&live);
        let mut changes = diff(&live.spec, &without(spec, traits.create_only), traits.whole);
        changes.extend(beyond(&live.spec, spec, traits.beyond));
        if traits.after_siblings {
            self.force_content(desired, spec, &mut changes);
        }
        let moved_from = self.moved.get(&desired.address).cloned();
        let set_once = |fields: &[&'static str]| {
            fields
                .iter()
                .copied()
                .find(|field| changes.iter().any(|change| change.touches(field)))
        };
        let (action, replacement, reason) = if let Some(field) = set_once(traits.replace_on) {
            let reason = format!("{field} is set at creation only");
            let replacement = self.replacement(&live, spec, field)?;
            (Action::Replace, replacement, Some(reason))
        } else if let Some(field) = set_once(traits.rename_on) {
            let reason = format!(
                "{field} cannot be changed: the new one is made first, the old one deleted last"
            );
            (Action::Replace, Replacement::MakeFirst, Some(reason))
        } else {
            added_to::check(&desired.address, &live.spec, spec, &traits)?;
            self.tell_what_is_kept(&live, spec);
            self.known
                .insert(desired.address.clone(), live.outputs.clone());
            if changes.is_empty() && moved_from.is_none() {
                self.plan.unchanged += 1;
                return Ok(());
            }
            (Action::Update, Replacement::RemoveFirst, None)
        };
        let changes = hide(changes, &desired.spec, &traits);
        self.push(desired, action, reason, changes, Some(live), replacement);
        let step = self.plan.steps.last_mut().expect("one was just pushed");
        step.moved_from = moved_from;
        if let Some(tags) = self.renamed.remove(&desired.address) {
            step.tags = tags;
        }
        Ok(())
    }

    /// How what is asked by others is made anew: beside them, under another name. AWS deletes none that is
    /// asked, and has no two of a name.
    fn replacement(&self, live: &Live, spec: &Value, field: &str) -> Result<Replacement> {
        let is_asked = self.all.iter().any(|it| {
            let asks = traits(self.kinds, it.kind).closing.map(|it| it.asks);
            let asked = asks.and_then(|asks| asks(&it.spec));
            asked.is_some_and(|id| live.outputs["id"] == *id) && it.parent == live.parent
        });
        if !is_asked {
            return Ok(Replacement::RemoveFirst);
        }
        let identity = traits(self.kinds, live.kind).identity;
        if identity.is_some_and(|name| live.spec[name] != spec[name]) {
            return Ok(Replacement::MakeFirst);
        }
        let (address, name) = (&live.address, identity.unwrap_or("name"));
        Err(Error::refused(format!(
            "{address}: its {field} is set at creation only, and routes ask it"
        ))
        .hint(format!(
            "give it another {name} as well: then the new one is made first, and the old one goes when no route asks it any more"
        )))
    }

    /// What is there and not declared, and cannot be deleted whatever the file says of such.
    fn tell_what_is_kept(&mut self, live: &Live, spec: &Value) {
        for (field, name) in added_to::kept(&live.spec, spec, traits(self.kinds, live.kind)) {
            let text = format!("{field}.{name} is there, but {NOT_DECLARED}; AWS never removes it");
            let remark = Remark {
                address: live.address.clone(),
                text,
            };
            match self.undeclared {
                Undeclared::Delete => self.plan.notes.push(remark),
                Undeclared::Warn => self.plan.warnings.push(remark),
            }
        }
    }

    /// Makes `${api.content.digest}` known, where every id in it is.
    fn learn_content(&mut self, desired: &Desired) {
        let Some((parent, content)) = desired
            .parent
            .as_ref()
            .and_then(|it| self.content.get_key_value(it))
        else {
            return;
        };
        if let Some(digest) = content_digest(content, &self.known) {
            self.known.insert(content_address(parent), digest);
        }
    }

    /// A change of anything in an API is invisible until it is deployed, also where the digest of
    /// what is declared stayed the same because the change is a repair (docs/aws.md §6).
    fn force_content(&self, desired: &Desired, spec: &Value, changes: &mut Vec<Change>) {
        changes.retain(|change| !is_served(change));
        let is_declared = changes.iter().any(|change| change.touches("deployment"));
        if self.has_sibling_steps(desired) && !is_declared {
            let digest = spec["deployment"].clone();
            changes.push(Change {
                path: "deployment".into(),
                old: digest.clone(),
                new: digest,
            });
        }
    }

    /// Whether anything else in its parent is changed, or anything of the parent that is deployed
    /// with it: an API's resource policy (docs/aws.md §6).
    fn has_sibling_steps(&self, desired: &Desired) -> bool {
        let Some(parent) = &desired.parent else {
            return false;
        };
        let is_put_right = |it: &Step| {
            let beyond = traits(self.kinds, it.kind).beyond;
            it.address == *parent && any_touches(&it.changes, beyond)
        };
        self.plan
            .steps
            .iter()
            .any(|it| it.parent.as_ref() == Some(parent) || is_put_right(it))
    }

    fn remark_set_elsewhere(&mut self, live: &Live) {
        let texts = live.set_elsewhere.iter().cloned();
        self.plan.set_elsewhere.extend(texts.map(|text| Remark {
            address: live.address.clone(),
            text,
        }));
    }

    fn remark(&mut self, live: &Live) {
        let notes = live.notes.iter().map(|text| Remark {
            address: live.address.clone(),
            text: text.clone(),
        });
        self.plan.notes.extend(notes);
    }

    /// What will be there of it; what the environment has may be a secret, and stays a reference.
    fn planned(&mut self, spec: &Value) -> Value {
        let environment = self.known.remove_entry(&Address::new(["env"]));
        let planned = value::resolve(spec, &self.known);
        self.known.extend(environment);
        planned
    }

    fn push(
        &mut self,
        desired: &Desired,
        action: Action,
        reason: Option<String>,
        changes: Vec<Change>,
        live: Option<Live>,
        replacement: Replacement,
    ) {
        if action != Action::Update {
            self.fresh.insert(desired.address.clone(), replacement);
        }
        if let Some(live) = live.as_ref().filter(|_| action == Action::Replace) {
            self.count_loss(live);
        }
        let planned = self.planned(&desired.spec);
        self.plan.steps.push(Step {
            address: desired.address.clone(),
            kind: desired.kind,
            action,
            reason,
            changes,
            moved_from: None,
            attaches: false,
            lost: self.lost(desired.kind, action),
            planned,
            spec: desired.spec.clone(),
            name: desired.name.clone(),
            after: desired.after.clone(),
            parent: desired.parent.clone(),
            serial_group: self.serial_groups[&desired.address].clone(),
            live,
            replacement,
            goes_with_parent: traits(self.kinds, desired.kind).goes_with_parent
                && desired.parent.is_some(),
            goes_along: false,
            attached: self.attached_root(desired.parent.as_ref()),
            tags: Retag::default(),
            gives_back: false,
            late: vec![],
            make_after: BTreeSet::new(),
            finish_after: BTreeSet::new(),
            remove_after: BTreeSet::new(),
        });
    }

    fn lost(&self, kind: &str, action: Action) -> Option<&'static str> {
        let lost = traits(self.kinds, kind).lost;
        (action == Action::Replace && !lost.is_empty()).then_some(lost)
    }

    /// Everything of ours that stack.toml does not name.
    fn decide_leftovers(&mut self) {
        let leftover = std::mem::take(&mut self.live.leftover);
        let roots: Vec<_> = leftover
            .iter()
            .map(|it| it.0.clone())
            .filter(|it| it.parent.is_none())
            .collect();
        for (live, reason) in leftover {
            let is_child = live.parent.is_some();
            let parent_goes = live.parent.as_ref().is_some_and(|parent| self.goes(parent));
            // A route without its function, a permission of an API that is no more.
            let is_left_alone = roots.iter().any(|root| order::refers(&live, root));
            if is_child && !parent_goes && !is_left_alone && self.undeclared == Undeclared::Warn {
                let text = format!("{} is there, but {NOT_DECLARED}", live.kind);
                self.plan.warnings.push(Remark {
                    address: live.address,
                    text,
                });
                continue;
            }
            self.count_loss(&live);
            self.plan.steps.push(Step {
                address: live.address.clone(),
                kind: live.kind,
                action: Action::Delete,
                reason: Some(reason.to_owned()),
                changes: vec![],
                moved_from: None,
                attaches: false,
                lost: None,
                planned: Value::Null,
                spec: Arc::default(),
                name: live.name.clone(),
                after: BTreeSet::new(),
                parent: live.parent.clone(),
                serial_group: self.serial_groups[&live.address].clone(),
                replacement: Replacement::RemoveFirst,
                goes_with_parent: traits(self.kinds, live.kind).goes_with_parent && is_child,
                goes_along: false,
                attached: self.attached_root(live.parent.as_ref()),
                tags: Retag::default(),
                gives_back: false,
                live: Some(live),
                late: vec![],
                make_after: BTreeSet::new(),
                finish_after: BTreeSet::new(),
                remove_after: BTreeSet::new(),
            });
        }
    }

    /// Whether the resource at `address` is removed by a step planned so far.
    fn goes(&self, address: &Address) -> bool {
        self.plan
            .steps
            .iter()
            .any(|step| step.address == *address && step.removes())
    }

    fn count_loss(&mut self, live: &Live) {
        if live.protected {
            self.plan.protected.push(live.address.clone());
        }
        let obstacles = live.obstacles.iter().cloned();
        self.plan.blocked.extend(obstacles.map(|by| Blocked {
            address: live.address.clone(),
            by,
        }));
        if let Some(what) = &live.holds {
            self.plan.lose(live, what.clone());
        }
    }

    fn finish(self) -> Plan {
        Plan {
            known: self.known,
            content: self.content,
            ..self.plan
        }
    }
}

/// What is declared, with every reference replaced that is known, as a live spec would be. The one
/// way from a declared spec to one that is compared or sent.
pub fn resolved(spec: &Value, known: &KnownOutputs, traits: &Traits) -> Value {
    (traits.normal)(&value::resolve(spec, known))
}

/// `spec` without the fields that AWS never gives back.
pub fn without(spec: &Value, fields: &[&str]) -> Value {
    let mut spec = spec.clone();
    if let Some(map) = spec.as_object_mut() {
        map.retain(|key, _| !fields.contains(&key.as_str()));
    }
    spec
}

/// The changes that empty the fields which stack.toml cannot declare: in what is wsctl's, only
/// somebody else can have set them.
pub fn beyond(live: &Value, declared: &Value, fields: &[&str]) -> Vec<Change> {
    let change = |path: String, old: &Value| Change {
        path,
        old: old.clone(),
        new: Value::Null,
    };
    let is_set = |value: &&Value| !is_empty(value) && **value != Value::Bool(false);
    let set = fields
        .iter()
        .filter(|field| at_path(declared, field).is_none_or(Value::is_null))
        .filter_map(|field| Some((*field, at_path(live, field).filter(is_set)?)));
    set.flat_map(|(field, value)| match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, old)| change(format!("{field}.{key}"), old))
            .collect(),
        value => vec![change(field.to_owned(), value)],
    })
    .collect()
}

/// Differences in what a step is about, without what may be secret.
pub fn masked(changes: Vec<Change>, step: &Step, traits: &Traits) -> Vec<Change> {
    // What is given back is all live values.
    if step.gives_back {
        bind::hidden(changes, traits.hidden)
    } else {
        hide(changes, &step.spec, traits)
    }
}

/// Hides what may be secret: live values of hidden fields, and whatever came from the environment.
fn hide(changes: Vec<Change>, raw: &Value, traits: &Traits) -> Vec<Change> {
    let hidden = |value: Value| {
        if value.is_null() {
            value
        } else {
            HIDDEN.into()
        }
    };
    changes
        .into_iter()
        .map(|change| {
            let holds = |field: &str| {
                let below = field.strip_prefix(change.path.as_str());
                change.touches(field) || below.is_some_and(|it| it.starts_with('.'))
            };
            let mut unshown = traits.hidden.iter().chain(traits.veiled);
            let is_hidden = unshown.any(|field| holds(field));
            let is_beyond = traits.beyond.iter().any(|field| change.touches(field));
            let from_environment =
                !is_beyond && at_path(raw, &change.path).is_none_or(value::reads_environment);
            Change {
                old: if is_hidden || from_environment {
                    hidden(change.old)
                } else {
                    change.old
                },
                new: if from_environment {
                    hidden(change.new)
                } else {
                    change.new
                },
                path: change.path,
            }
        })
        .collect()
}

/// The value at a dotted path; `None` where the tree has none.
pub fn at_path<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(tree);
    }
    let map = tree.as_object()?;
    map.iter().find_map(|(key, value)| {
        let rest = path.strip_prefix(key.as_str())?;
        match rest.strip_prefix('.') {
            Some(rest) => at_path(value, rest),
            None => rest.is_empty().then_some(value),
        }
    })
}
