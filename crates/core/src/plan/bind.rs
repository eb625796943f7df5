//! The steps for what is attached: to bind what stack.toml declares, and to give it back. Pure.

use super::{
    Action, Desired, Planner, Remark, Replacement, Step, added_to, attach, memory::Memory,
    resolved, traits,
};
use crate::{
    diff::{Change, diff},
    error::{Error, Result},
    owner::{ADDRESS_TAG, ATTACHED_TAG, Owner, Retag, Tags},
    spec::Live,
    value::{self, Address, HIDDEN},
};
use serde_json::Value;
use std::collections::BTreeSet;

const GIVEN_BACK: &str = "given back as it was";

impl Planner<'_> {
    /// The attached root at `address`, where there is one: declared so, or once attached.
    pub(super) fn attached_root(&self, address: Option<&Address>) -> Option<Live> {
        let is_existing = |at: &Address| {
            self.desired
                .iter()
                .any(|it| it.address == *at && it.lifecycle.existing)
        };
        let root = self
            .all
            .iter()
            .find(|it| Some(&it.address) == address && it.parent.is_none())?;
        (root.owner == Owner::Attached || is_existing(&root.address)).then(|| root.clone())
    }

    fn stack_name(&self) -> String {
        let stack = self.known.get(&Address::new(["stack"]));
        stack
            .and_then(|it| it["name"].as_str())
            .unwrap_or_default()
            .to_owned()
    }

    /// An existing root: only what its table declares is changed; it is never made anew.
    pub(super) fn attach(&mut self, desired: &Desired, live: Live) -> Result<()> {
        let traits = *traits(self.kinds, desired.kind);
        self.remark(&live);
        self.known
            .insert(desired.address.clone(), live.outputs.clone());
        let spec = attach::managed(desired, &live);
        let resolved = resolved(&spec, &self.known, &traits);
        let changes = diff(
            &live.spec,
            &super::without(&resolved, traits.create_only),
            &[],
        );
        let once = traits.replace_on.iter().chain(traits.rename_on);
        if let Some(field) = once
            .copied()
            .find(|field| changes.iter().any(|change| change.touches(field)))
        {
            return Err(Error::refused(format!(
                "{}: {field} cannot be changed in what is there already",
                desired.address
            ))
            .hint(format!("leave {field} out, or write it as it is in AWS")));
        }
        added_to::check(&desired.address, &live.spec, &resolved, &traits)?;
        // What is only used stays unmarked, until something in it is changed.
        if changes.is_empty() {
            self.plan.unchanged += 1;
            return Ok(());
        }
        let tags = self.attaching(desired, &live)?;
        let attaches = !tags.is_empty();
        // A function's variables may be secrets: Lambda itself remembers them, not a tag.
        if traits.hidden.is_empty() {
            self.remember(&live, &resolved, &changes);
        }
        let changes = super::hide(changes, &desired.spec, &traits);
        self.push(
            desired,
            Action::Update,
            None,
            changes,
            Some(live.clone()),
            Replacement::RemoveFirst,
        );
        let step = self.plan.steps.last_mut().expect("one was just pushed");
        step.spec = spec.into();
        step.attached = Some(live);
        step.attaches = attaches;
        step.tags.set = tags;
        Ok(())
    }

    /// Keeps what the root is before `changes`, to be put in its tags when it is known how many of
    /// them there is room for; and says what can never be taken back.
    fn remember(&mut self, live: &Live, spec: &Value, changes: &[Change]) {
        let traits = *traits(self.kinds, live.kind);
        let known = Memory::read(&live.ownership_tags, attach::ROOT);
        let mut memory = attach::remember(live, live, &traits, changes)
            .or(known.clone())
            .unwrap_or_default();
        for (field, name) in added_to::added(&live.spec, spec, &traits) {
            let name = format!("{field}.{name}");
            self.warn(
                live,
                format!(
                    "{name} is added for good: AWS never removes it, so that it stays also after a destroy"
                ),
            );
            memory.added.insert(name);
        }
        if known.as_ref() != Some(&memory) {
            self.memories.insert(live.address.clone(), memory);
        }
    }

    fn warn(&mut self, live: &Live, text: String) {
        self.plan.warnings.push(Remark {
            address: live.address.clone(),
            text,
        });
    }

    /// The tags that make an existing root attached, before anything in it is changed for the first
    /// time; none where it is attached already.
    fn attaching(&self, desired: &Desired, live: &Live) -> Result<Tags> {
        match &live.owner {
            Owner::Attached => Ok(Tags::new()),
            Owner::Stack(other) => Err(Error::refused(format!(
                "{}: the wsctl stack `{other}` owns it or has attached it",
                desired.address
            ))
            .hint("two stacks cannot change one resource: leave to that stack what it declares")),
            _ => {
                let tags = [
                    (ATTACHED_TAG, self.stack_name()),
                    (ADDRESS_TAG, desired.address.to_string()),
                ];
                Ok(tags.map(|(key, value)| (key.to_owned(), value)).into())
            }
        }
    }

    /// Whether it would only say once more what an attached parent lets everything do that calls it.
    pub(super) fn is_granted(&self, desired: &Desired, spec: &Value) -> bool {
        let parent = desired
            .parent
            .as_ref()
            .filter(|it| self.attached_root(Some(it)).is_some());
        let already = traits(self.kinds, desired.kind).already_granted;
        let (Some(parent), Some(already)) = (parent, already) else {
            return false;
        };
        // The routes of another API are let in by a statement of that API's.
        let named = value::needs(&desired.spec);
        let is_of_it = |it: &Desired| it.parent.as_ref().is_none_or(|api| named.contains(api));
        let calls = |it: &&Desired| {
            let calls = traits(self.kinds, it.kind).calls;
            calls && value::needs(&it.spec).contains(parent) && is_of_it(it)
        };
        let callers: Vec<_> = self
            .desired
            .iter()
            .filter(calls)
            .map(|it| it.name.as_str())
            .collect();
        let there = self
            .all
            .iter()
            .filter(|it| it.kind == desired.kind && it.parent == desired.parent);
        already(
            spec,
            &callers,
            &there.map(|it| &*it.spec).collect::<Vec<_>>(),
        )
    }

    /// Something that is there in an attached root, and is somebody else's.
    pub(super) fn bind(&mut self, desired: &Desired, spec: &Value, live: Live) {
        let traits = *traits(self.kinds, desired.kind);
        self.known
            .insert(desired.address.clone(), live.outputs.clone());
        let mut changes = diff(&live.spec, spec, traits.whole);
        if traits.after_siblings {
            self.force_content(desired, spec, &mut changes);
            // A stage of somebody else's in whose API nothing is changed has nothing to deploy.
            if live.owner == Owner::Nobody && !self.has_sibling_steps(desired) {
                changes.retain(|change| !change.touches("deployment"));
            }
        }
        if changes.is_empty() {
            self.plan.unchanged += 1;
            return;
        }
        let Some(root) = self.attached_root(live.parent.as_ref()) else {
            return;
        };
        let tags = attach::tags_of_child(&live, &root, &traits, &changes);
        let was = live.was.as_ref().unwrap_or(&live.spec);
        if let Some(closing) = traits.closing
            && let Some(why) = attach::lost(closing, Some(was), &self.all, live.parent.as_ref())
        {
            let text = format!("{why}: destroy will leave it closed (AWS_IAM)");
            self.plan.warnings.push(Remark {
                address: desired.address.clone(),
                text,
            });
        }
        let changes = super::hide(changes, &desired.spec, &traits);
        self.push(
            desired,
            Action::Update,
            None,
            changes,
            Some(live),
            Replacement::RemoveFirst,
        );
        let step = self.plan.steps.last_mut().expect("one was just pushed");
        step.tags.set = tags;
    }

    /// Everything attached once that stack.toml declares no longer, as it was.
    pub(super) fn give_back(&mut self) {
        let (roots, children): (Vec<_>, Vec<_>) = std::mem::take(&mut self.live.given_back)
            .into_iter()
            .partition(|it| it.parent.is_none());
        for live in children {
            let (spec, lost) = self.as_it_was(&live);
            self.give_back_one(live, spec, lost);
        }
        self.close_what_loses_its_authorizer();
        for live in roots {
            self.tell_what_stays(&live);
            let spec = live.was.clone();
            // Where it may be a secret, no tag tells it.
            let is_kept_elsewhere = !traits(self.kinds, live.kind).hidden.is_empty();
            let lost = (spec.is_none() && is_kept_elsewhere)
                .then(|| "what it ran before is not known; it stays as it is".to_owned());
            self.give_back_one(live, spec, lost);
        }
    }

    /// What of a root does not go back to what it was.
    fn tell_what_stays(&mut self, live: &Live) {
        let traits = *traits(self.kinds, live.kind);
        let Some(memory) = Memory::read(&live.ownership_tags, attach::ROOT) else {
            if live
                .ownership_tags
                .keys()
                .any(|key| Memory::is_about(key, attach::ROOT))
            {
                self.warn(
                    live,
                    "its tags do not tell any more what it was; it stays as it is".into(),
                );
            }
            return;
        };
        for name in added_to::of(&live.spec, &traits)
            .into_iter()
            .filter(|it| memory.added.contains(it))
        {
            self.warn(live, format!("{name} stays: AWS never removes it"));
        }
        for path in memory.lost {
            self.warn(
                live,
                format!("{path} stays as it is: what it was before was too long to be remembered"),
            );
        }
    }

    /// What a bound child was; what lets callers in and cannot be that again is closed.
    fn as_it_was(&self, live: &Live) -> (Option<Value>, Option<String>) {
        let lost = traits(self.kinds, live.kind).closing.and_then(|closing| {
            let why = attach::lost(closing, live.was.as_ref(), &self.all, live.parent.as_ref())?;
            Some((closing, why))
        });
        match lost {
            Some((closing, why)) => (
                Some((closing.closed)(&live.spec)),
                Some(format!("{why}; it is left closed (AWS_IAM)")),
            ),
            None => (live.was.clone(), None),
        }
    }

    /// A method that still asks an authorizer of ours, though no tag says so: without it AWS would
    /// not delete the authorizer, and nobody may get in who could not before.
    fn close_what_loses_its_authorizer(&mut self) {
        let gone: Vec<_> = self
            .plan
            .steps
            .iter()
            .filter(|step| step.removes() && step.attached.is_some())
            .filter_map(|step| {
                step.live.as_ref()?.outputs["id"]
                    .as_str()
                    .map(ToOwned::to_owned)
            })
            .collect();
        let lost: Vec<_> = self
            .all
            .iter()
            .filter(|it| it.owner == Owner::Nobody)
            .filter_map(|it| {
                let closing = traits(self.kinds, it.kind).closing?;
                let asked = (closing.asks)(&it.spec)?;
                gone.iter()
                    .any(|id| id == asked)
                    .then(|| (it.clone(), (closing.closed)(&it.spec)))
            })
            .collect();
        for (live, closed) in lost {
            let declared = self.desired.iter().any(|it| it.address == live.address);
            if !declared {
                let text =
                    "what it was is not known any more; it is left closed (AWS_IAM)".to_owned();
                self.give_back_one(live, Some(closed), Some(text));
            }
        }
    }

    fn give_back_one(&mut self, live: Live, spec: Option<Value>, lost: Option<String>) {
        let traits = *traits(self.kinds, live.kind);
        let root = self.attached_root(Some(live.parent.as_ref().unwrap_or(&live.address)));
        let Some(root) = root else { return };
        if let Some(text) = lost {
            self.plan.warnings.push(Remark {
                address: live.address.clone(),
                text,
            });
        }
        let spec = spec.unwrap_or_else(|| Value::clone(&live.spec));
        // What was remembered together is all that was there.
        let whole: Vec<_> = traits
            .whole
            .iter()
            .chain(traits.together)
            .copied()
            .collect();
        let changes = diff(&live.spec, &spec, &whole);
        let is_root = live.parent.is_none();
        let root_goes = !self.desired.iter().any(|it| it.address == root.address);
        if changes.is_empty() && !is_root && root_goes {
            return;
        }
        let unset = match (is_root, root_goes) {
            (true, _) => root.ownership_tags.keys().cloned().collect(),
            (false, true) => vec![],
            (false, false) => attach::about(&live, &root, &traits),
        };
        self.plan.steps.push(Step {
            address: live.address.clone(),
            kind: live.kind,
            action: Action::Update,
            reason: Some(GIVEN_BACK.to_owned()),
            // Both sides are live values here, which may be secrets.
            changes: hidden(changes.clone(), traits.hidden),
            moved_from: None,
            attaches: false,
            lost: None,
            planned: Value::Null,
            spec: spec.into(),
            name: live.name.clone(),
            after: BTreeSet::new(),
            parent: live.parent.clone(),
            serial_group: self.serial_groups[&live.address].clone(),
            replacement: Replacement::RemoveFirst,
            goes_with_parent: false,
            goes_along: false,
            attached: Some(root),
            tags: Retag {
                set: Tags::new(),
                unset,
            },
            gives_back: true,
            live: Some(live),
            late: vec![],
            make_after: BTreeSet::new(),
            finish_after: BTreeSet::new(),
            remove_after: BTreeSet::new(),
        });
    }

    /// Every step in an attached root gets its tags, and the root's own step sets them all before
    /// any of them: what is to be remembered is never forgotten by a run that is cut off.
    pub(super) fn gather_tags(&mut self) -> Result<()> {
        let mut gathered: std::collections::BTreeMap<Address, Tags> = Default::default();
        for step in &mut self.plan.steps {
            let (Some(root), Some(parent)) = (&step.attached, &step.parent) else {
                continue;
            };
            let traits = *traits(self.kinds, step.kind);
            let mut set = std::mem::take(&mut step.tags.set);
            if step.action == Action::Create || step.action == Action::Replace {
                set.extend(attach::made(
                    &traits,
                    &step.name,
                    &resolved(&step.spec, &self.known, &traits),
                ));
            }
            // A root that is given back loses all its tags at once.
            let stays = self.desired.iter().any(|it| it.address == *parent);
            if step.action == Action::Delete && stays {
                step.tags.unset = step
                    .live
                    .as_ref()
                    .map(|live| attach::about(live, root, &traits))
                    .unwrap_or_default();
            }
            gathered.entry(parent.clone()).or_default().extend(set);
        }
        gathered
            .into_iter()
            .try_for_each(|(address, tags)| self.tag_first(&address, tags))?;
        self.fit_memories()
    }

    /// Puts what roots were into the tags that there is room for.
    fn fit_memories(&mut self) -> Result<()> {
        let is_attached = |step: &&mut Step| step.is_attached_root() && !step.gives_back;
        for step in self.plan.steps.iter_mut().filter(is_attached) {
            let Some(live) = &step.live else { continue };
            let later = usize::from(!traits(self.kinds, live.kind).hidden.is_empty());
            let room =
                attach::room(live, &step.tags.set, later).ok_or_else(|| too_many_tags(live))?;
            let memory = self.memories.remove(&live.address);
            let (tags, lost) = memory
                .map(|it| it.fitted(attach::ROOT, room))
                .unwrap_or_default();
            if tags.len() > room {
                return Err(too_many_tags(live));
            }
            for path in lost {
                let text = format!(
                    "what {path} is now is too long to be remembered in tags: destroy will leave it as this file has it"
                );
                self.plan.warnings.push(Remark {
                    address: live.address.clone(),
                    text,
                });
            }
            step.tags.set.extend(tags);
        }
        Ok(())
    }

    fn tag_first(&mut self, address: &Address, tags: Tags) -> Result<()> {
        if let Some(step) = self
            .plan
            .steps
            .iter_mut()
            .find(|step| step.address == *address)
        {
            step.tags.set.extend(tags);
            return Ok(());
        }
        let Some(desired) = self.desired.iter().find(|it| it.address == *address) else {
            return Ok(());
        };
        let Some(root) = self.attached_root(Some(address)) else {
            return Ok(());
        };
        let mut set = self.attaching(desired, &root)?;
        let attaches = !set.is_empty();
        set.extend(tags);
        if set.is_empty() {
            return Ok(());
        }
        self.plan.unchanged -= 1;
        let spec = attach::managed(desired, &root);
        let reason = Some("to remember what was there".to_owned());
        self.push(
            desired,
            Action::Update,
            reason,
            vec![],
            Some(root.clone()),
            Replacement::RemoveFirst,
        );
        let mut step = self.plan.steps.pop().expect("one was just pushed");
        step.spec = spec.into();
        step.attached = Some(root);
        step.attaches = attaches;
        step.tags.set = set;
        // It is read, as it is done, before what is in it.
        let first = self
            .plan
            .steps
            .iter()
            .position(|it| it.parent.as_ref() == Some(address));
        self.plan
            .steps
            .insert(first.unwrap_or(self.plan.steps.len()), step);
        Ok(())
    }
}

fn too_many_tags(live: &Live) -> Error {
    Error::refused(format!(
        "{}: AWS takes 50 tags a resource, and wsctl needs more of them to remember what is there now",
        live.address
    ))
    .hint("declare less in it, or take tags off it that nobody needs")
}

/// Hides both sides of the changes in hidden fields.
pub(super) fn hidden(changes: Vec<Change>, fields: &[&str]) -> Vec<Change> {
    let hide = |value: Value| {
        if value.is_null() {
            value
        } else {
            HIDDEN.into()
        }
    };
    let is_hidden = |change: &Change| fields.iter().any(|field| change.touches(field));
    let changes = changes.into_iter();
    changes
        .map(|it| {
            if is_hidden(&it) {
                Change {
                    old: hide(it.old),
                    new: hide(it.new),
                    ..it
                }
            } else {
                it
            }
        })
        .collect()
}
