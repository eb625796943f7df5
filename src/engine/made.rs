//! Looking for what an apply made itself. Lists may lag behind, and what is found by nothing else
//! would be made once more if it were looked for too early.

use super::{Outcome, StepResult, apply::Work};
use crate::{
    aws::{LIST_LAG, Reads, is_there_already},
    diff::diff,
    error::{Error, Kind, Result},
    kind::{AnySighting, FoundBy, Live, Owner},
    plan::{Action, Phase, Step},
    value::Known,
};
use futures::future::try_join_all;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What is waited for.
const WHAT: &str = "AWS's lists to have what was made";

const PAUSE: Duration = Duration::from_secs(1);

/// How long lists are given to have what was made. AWS states no bound.
const LAG: Duration = Duration::from_secs(60);

/// How long something is looked for of which it is not known whether it was made.
const DOUBT: Duration = Duration::from_secs(15);

/// Whether a failed create may have something to look for: its own reply was lost, or AWS has it
/// though it was not seen, because a list lags or the last request of a process that died was still
/// under way. What appears in somebody else's resource is theirs.
pub(super) fn may_be_made(step: &Step, error: &Error) -> bool {
    error.kind == Kind::Ambiguous || (step.attached.is_none() && is_there_already(error))
}

impl Work<'_> {
    /// Returns when the next look will find everything that was made, or would not soon.
    pub(super) async fn until_listed(&self, results: &[StepResult], known: &Known) {
        let is_done = |step: &Step| {
            let of_it = |it: &&StepResult| it.address == step.address && it.action == step.action;
            results.iter().find(of_it).is_some_and(|it| matches!(it.outcome, Outcome::Done(_)))
        };
        let steps = self.plan.steps.iter().filter(|step| {
            let is_new = matches!(step.action, Action::Create | Action::Replace);
            is_new && self.kind(step).traits().found == FoundBy::List && is_done(step)
        });
        let steps: Vec<_> = steps.collect();
        if steps.is_empty() {
            return;
        }
        let listed = self.aws.wait(WHAT, PAUSE, LAG, || async {
            let reads = Reads::new(Arc::clone(&self.aws), &self.stack.name);
            let all = try_join_all(steps.iter().map(|step| self.is_listed(&reads, step, known))).await?;
            Ok(all.into_iter().all(|it| it).then_some(()))
        });
        if let Err(error) = listed.await {
            self.aws.notify(&format!("it is not sure that the next look finds all that was made: {error}"));
            self.aws.sleep(LIST_LAG).await;
        }
    }

    async fn is_listed(&self, reads: &Reads, step: &Step, known: &Known) -> Result<bool> {
        let (spec, within) = self.inputs(step, Phase::Make, known)?;
        let seen = self.seen(reads, step, &spec, &within).await?;
        Ok(seen.iter().any(|it| known.get(&step.address).is_some_and(|made| made["id"] == it.outputs["id"])))
    }

    async fn seen(
        &self,
        reads: &Reads,
        step: &Step,
        spec: &Value,
        within: &Value,
    ) -> Result<Vec<AnySighting>> {
        let wanted = BTreeMap::from([(step.name.clone(), spec.clone())]);
        let seen = self.kind(step).find(reads, step.parent.as_ref(), within, &wanted).await?;
        Ok(seen.into_iter().filter(|it| it.name == step.name).collect())
    }

    /// After a create that failed so: what is there, if anything is. A second create could make a
    /// second one, so there is none; the next apply decides afresh.
    pub(super) async fn look_for_made(
        &self,
        step: &Step,
        spec: Value,
        within: Value,
        lost: Error,
    ) -> Result<Value> {
        let kind = self.kind(step);
        let patience = if kind.traits().found == FoundBy::Name { Duration::ZERO } else { DOUBT };
        let ask = || self.made(step, &spec, &within);
        let Ok(live) = self.aws.wait(WHAT, PAUSE, patience, ask).await else {
            return Err(lost);
        };
        let changes = diff(&live.spec, &spec, kind.traits().whole);
        let create_only = kind.traits().create_only;
        let changes: Vec<_> = changes
            .into_iter()
            .filter(|change| !create_only.iter().any(|field| change.touches(field)))
            .collect();
        if !changes.is_empty() {
            kind.update(&self.aws, spec, &live, &changes).await?;
        }
        Ok(live.outputs)
    }

    async fn made(&self, step: &Step, spec: &Value, within: &Value) -> Result<Option<Live>> {
        let (kind, reads) = (self.kind(step), Reads::new(Arc::clone(&self.aws), &self.stack.name));
        for sighting in self.seen(&reads, step, spec, within).await? {
            let live = kind.read(&reads, step.parent.as_ref(), within, &sighting).await?;
            let is_old = |id: &Value| step.live.as_ref().is_some_and(|old| old.outputs == *id);
            if let Some(live) = live.filter(|it| it.owner == Owner::Ours && !is_old(&it.outputs)) {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }
}
