//! An apply proves itself: what it made or changed is read again at its end, in one wave and nothing
//! else, and what AWS did not take is named.
//!
//! Reads may lag behind writes, and lists behind both, so what is not as it should be is looked at again
//! for a while, by itself. An apply ends only when lists have the pools, clients and APIs that it made:
//! another apply that comes too early would make them once more.

use super::{Outcome, StepResult, apply::Work};
use crate::{
    aws::{LIST_LAG, Reads},
    diff::{Change, diff},
    error::{Error, ErrorKind, Result},
    kind::AnyListed,
    owner::{ATTACHED_TAG, Owner, STACK_TAG, Tags},
    plan::{Action, Step, beyond, is_served, masked, without},
    spec::{FoundBy, Live},
    value::{Address, KnownOutputs},
};
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a read is given to have what was written, and lists what was made. AWS states no bound.
const LAG: Duration = Duration::from_secs(20);
const LONGEST_LAG: Duration = Duration::from_secs(60);

/// How long to wait before the second look, and at most before any later one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// One step whose effect is looked for.
pub(super) struct Search<'a> {
    pub(super) step: &'a Step,
    pub(super) spec: Value,
    pub(super) parent_outputs: Value,
    pub(super) outputs: Value,
}

/// What a look found.
enum SearchResult {
    Taken,
    /// Not there, or not in the list by which the next look would find it.
    Missing,
    /// Deleted since.
    Gone,
    /// Another value than was sent.
    Otherwise(Vec<Change>),
}

impl Work<'_> {
    /// Reads again what was made and changed by the steps that are open; one that AWS did not take has failed.
    pub(super) async fn prove(
        &self,
        results: &mut [StepResult],
        known: &KnownOutputs,
        is_open: impl Fn(usize, &Step) -> bool,
    ) {
        let mut open = self.looks(results, known, is_open);
        let (started, mut pause, mut is_unasked) = (self.aws.elapsed(), PAUSE, false);
        while !open.is_empty() {
            // Of the wave's beginning: its slowest answer may take all the time.
            let waited = self.aws.elapsed() - started;
            let found = self.wave(&open).await;
            let mut left = vec![];
            for (look, found) in open.into_iter().zip(found) {
                match found {
                    Ok(SearchResult::Taken) => {}
                    Ok(found) if waited < self.patience(look.step, &found) => left.push(look),
                    found => {
                        is_unasked |= found.is_err() && self.has_to_be_listed(look.step);
                        refute(results, look.step, self.not_taken(&look, found));
                    }
                }
            }
            open = left;
            if let Some(look) = open.first() {
                self.aws.notify(&format!(
                    "waiting until AWS shows {} as it was sent",
                    look.step.address
                ));
                self.aws.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        if is_unasked {
            // The next apply would make it once more, came it before the list has it.
            let waited = self.aws.elapsed() - started;
            self.aws.sleep(LIST_LAG.saturating_sub(waited)).await;
        }
    }

    fn looks(
        &self,
        results: &[StepResult],
        known: &KnownOutputs,
        is_open: impl Fn(usize, &Step) -> bool,
    ) -> Vec<Search<'_>> {
        let is_done = |step: &Step| {
            let of_it = |it: &&StepResult| it.address == step.address && it.action == step.action;
            results
                .iter()
                .find(of_it)
                .is_some_and(|it| matches!(it.outcome, Outcome::Done(_)))
        };
        let steps = self.plan.steps.iter().enumerate();
        let open = steps.filter(|(index, step)| is_open(*index, step));
        let made = open.filter(|(_, step)| step.makes() && is_done(step));
        made.filter_map(|(_, step)| {
            // What was done had its inputs.
            let (spec, parent_outputs) = self.inputs(step, step.last(), known).ok()?;
            let outputs = known
                .get(&step.address)
                .or(step.live.as_ref().map(|it| &it.outputs))?
                .clone();
            Some(Search {
                step,
                spec,
                parent_outputs,
                outputs,
            })
        })
        .collect()
    }

    /// Looks at all of it at once; what several of one kind and parent need is asked for once.
    async fn wave(&self, open: &[Search<'_>]) -> Vec<Result<SearchResult>> {
        let by_name = Reads::by_name(Arc::clone(&self.aws), self.stack);
        let as_next_time = Reads::new(Arc::clone(&self.aws), &self.stack.name);
        let mut groups: BTreeMap<(&str, Option<&Address>), Vec<usize>> = BTreeMap::new();
        for (index, look) in open.iter().enumerate() {
            groups
                .entry((look.step.kind, look.step.parent.as_ref()))
                .or_default()
                .push(index);
        }
        let found = join_all(groups.into_values().map(async |group| {
            let looks: Vec<_> = group.iter().map(|index| &open[*index]).collect();
            // What the next look finds by AWS's index of tags alone has to be in it.
            let is_new_root = looks
                .iter()
                .any(|it| it.step.parent.is_none() && self.has_to_be_listed(it.step));
            let reads = if is_new_root { &as_next_time } else { &by_name };
            let found = self.at(reads, &looks).await;
            group.into_iter().zip(found).collect::<Vec<_>>()
        }));
        let mut found: Vec<_> = found.await.into_iter().flatten().collect();
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, found)| found).collect()
    }

    /// Whether the next look would make another one, were it not in the list by then.
    pub(super) fn has_to_be_listed(&self, step: &Step) -> bool {
        step.action != Action::Update && self.kind(step).traits().found == FoundBy::List
    }

    /// Looks at resources of one kind in one parent.
    async fn at(&self, reads: &Reads, looks: &[&Search<'_>]) -> Vec<Result<SearchResult>> {
        let is_listed = looks.iter().any(|it| !self.is_read_by_id(it.step));
        let seen = match is_listed {
            true => self.all(reads, looks).await,
            false => Ok(vec![]),
        };
        let seen = match seen {
            Ok(seen) => seen,
            // Each is told what the one question was answered.
            Err(error) => {
                return looks.iter().map(|_| Err(error.again())).collect();
            }
        };
        join_all(looks.iter().map(|look| self.one(reads, look, &seen))).await
    }

    fn is_read_by_id(&self, step: &Step) -> bool {
        self.kind(step).traits().read_by_id && !self.has_to_be_listed(step)
    }

    async fn all(&self, reads: &Reads, looks: &[&Search<'_>]) -> Result<Vec<AnyListed>> {
        let Some(first) = looks.first() else {
            return Ok(vec![]);
        };
        let wanted = looks
            .iter()
            .map(|it| (it.step.name.clone(), it.spec.clone()))
            .collect();
        self.kind(first.step)
            .find(
                reads,
                first.step.parent.as_ref(),
                &first.parent_outputs,
                &wanted,
            )
            .await
    }

    async fn one(
        &self,
        reads: &Reads,
        look: &Search<'_>,
        seen: &[AnyListed],
    ) -> Result<SearchResult> {
        let Search {
            step,
            parent_outputs,
            outputs,
            ..
        } = look;
        let known = AnyListed {
            name: step.name.clone(),
            outputs: outputs.clone(),
            live: None,
        };
        let listed = match self.is_read_by_id(step) {
            true => Some(&known),
            false => seen
                .iter()
                .find(|it| it.name == step.name && is_same(&it.outputs, outputs)),
        };
        let Some(listed) = listed else {
            let is_there = !self.has_to_be_listed(step)
                || self.kind(step).is_there(&self.aws, outputs).await?;
            return Ok(if is_there {
                SearchResult::Missing
            } else {
                SearchResult::Gone
            });
        };
        let live = self
            .kind(step)
            .read(reads, step.parent.as_ref(), parent_outputs, listed)
            .await?;
        Ok(match live.filter(|it| it.name == step.name) {
            None => SearchResult::Missing,
            Some(live) => match self.differences(look, &live) {
                changes if changes.is_empty() => SearchResult::Taken,
                changes => SearchResult::Otherwise(changes),
            },
        })
    }

    /// It as it is now.
    pub(super) async fn now(
        &self,
        reads: &Reads,
        step: &Step,
        spec: &Value,
        parent_outputs: &Value,
        outputs: &Value,
    ) -> Result<Option<Live>> {
        let wanted = BTreeMap::from([(step.name.clone(), spec.clone())]);
        let seen = self
            .kind(step)
            .find(reads, step.parent.as_ref(), parent_outputs, &wanted)
            .await?;
        let same = seen.iter().filter(|it| is_same(&it.outputs, outputs));
        let read = same.map(|it| {
            self.kind(step)
                .read(reads, step.parent.as_ref(), parent_outputs, it)
        });
        Ok(try_join_all(read).await?.into_iter().flatten().next())
    }

    /// What AWS has otherwise than it was sent.
    pub(super) fn differences(&self, look: &Search<'_>, live: &Live) -> Vec<Change> {
        let (step, traits) = (look.step, self.kind(look.step).traits());
        let is_borrowed = step.is_attached_root();
        let whole = if is_borrowed && !step.gives_back {
            &[]
        } else {
            traits.whole
        };
        let mut changes = diff(&live.spec, &without(&look.spec, traits.create_only), whole);
        let is_planned = |it: &Change| step.changes.iter().any(|planned| planned.path == it.path);
        if step.attached.is_none() {
            changes.extend(beyond(&live.spec, &look.spec, traits.beyond));
        }
        changes.retain(|it| {
            let is_loose = traits.read_otherwise.iter().any(|field| it.touches(field));
            !is_loose && !is_served(it) && (!step.gives_back || is_planned(it))
        });
        let mut changes = masked(changes, step, &traits);
        changes.extend(self.ownership_tags(step, live));
        changes
    }

    /// Wsctl's own tags, without which the next look takes it for somebody else's.
    fn ownership_tags(&self, step: &Step, live: &Live) -> Vec<Change> {
        if !step.is_attached_root() {
            let (old, new) = (Value::Null, json!(self.stack.name));
            let lacks = live.owner != Owner::Ours && step.attached.is_none();
            return lacks
                .then(|| Change {
                    path: STACK_TAG.into(),
                    old,
                    new,
                })
                .into_iter()
                .collect();
        }
        let set = |tags: &Tags| -> Vec<_> {
            tags.iter()
                .map(|(k, v)| (k.clone(), Some(v.clone())))
                .collect()
        };
        let wanted = match step.gives_back {
            false => set(&step.tags.set),
            true => vec![(ATTACHED_TAG.to_owned(), None)],
        };
        let differs = wanted
            .into_iter()
            .filter(|(key, value)| live.ownership_tags.get(key) != value.as_ref());
        differs
            .map(|(path, new)| Change {
                old: json!(live.ownership_tags.get(&path)),
                new: json!(new),
                path,
            })
            .collect()
    }

    fn patience(&self, step: &Step, found: &SearchResult) -> Duration {
        let is_in_list = self.kind(step).traits().found != FoundBy::Name;
        match found {
            SearchResult::Gone => Duration::ZERO,
            SearchResult::Missing if is_in_list => LONGEST_LAG,
            _ => LAG,
        }
    }

    fn not_taken(&self, look: &Search<'_>, found: Result<SearchResult>) -> Error {
        let error = match found {
            Err(error) => {
                let hint = "what was done is done; wsctl plan shows whether anything is missing";
                let told =
                    Error::new(error.kind, format!("it was changed, but could not be read again: {error}"));
                told.hint(error.hint.unwrap_or_else(|| hint.to_owned()))
            }
            Ok(SearchResult::Missing) if self.has_to_be_listed(look.step) => Error::new(
                ErrorKind::Aws,
                "it was made, but AWS's lists do not have it: another apply now could make a second one",
            )
            .hint("wait, and look with wsctl plan until it shows no change; only then apply again"),
            Ok(SearchResult::Gone) => {
                Error::new(ErrorKind::Aws, "it was made, and is gone: somebody deleted it meanwhile")
                    .hint("look at what is there now with wsctl plan; an apply would make it anew")
            }
            Ok(SearchResult::Missing) => Error::new(ErrorKind::Aws, "AWS answered that it is made, and does not have it")
                .hint("wsctl plan shows what is there"),
            Ok(SearchResult::Otherwise(changes)) => {
                let told =
                    changes.iter().map(|it| format!("{}: {} → {}", it.path, shown(&it.old), shown(&it.new)));
                let told = told.collect::<Vec<_>>().join("; ");
                Error::new(ErrorKind::Aws, format!("AWS answered that it is done, and did not take {told}")).hint(
                    "wsctl plan shows what is there; where it stays so, something puts it back (a rule of the \
                     organisation, another tool), or AWS does not take this value here",
                )
            }
            Ok(SearchResult::Taken) => Error::internal("what was taken is called not taken"),
        };
        error.at(&look.step.address)
    }
}

/// Whether both are outputs of one resource, by what AWS itself knows it by.
fn is_same(one: &Value, other: &Value) -> bool {
    ["id", "arn"]
        .iter()
        .all(|key| match (one[*key].as_str(), other[*key].as_str()) {
            (Some(one), Some(other)) if !one.is_empty() && !other.is_empty() => one == other,
            _ => true,
        })
}

fn shown(value: &Value) -> String {
    if value.is_null() {
        "(none)".to_owned()
    } else {
        value.to_string()
    }
}

/// The step has failed, whatever it answered.
fn refute(results: &mut [StepResult], step: &Step, error: Error) {
    let of_it = |it: &&mut StepResult| it.address == step.address && it.action == step.action;
    if let Some(result) = results.iter_mut().find(of_it) {
        result.outcome = Outcome::Failed(error);
    }
}
