//! A create whose reply was lost: looking for what it made, and making it where it made nothing.
//!
//! A second create is sent only where it cannot make a second one:
//!
//! - AWS refuses a second one of the name (roles, functions, routes…): at once. Had the lost request
//!   taken effect after all, the second one is refused, and what is there is looked for again.
//! - AWS would make a second one (pools, clients, APIs, deployments): after the lists have been asked
//!   for [`DOUBT`]. It is assumed that a request whose reply was lost has taken effect by then, or never
//!   does, and that lists have what it made by then; AWS states no bound for either.

use super::apply::Work;
use crate::{
    aws::{Reads, is_there_already},
    diff::{Change, diff},
    error::{Error, ErrorKind, Result},
    kind::{AnyKind, AnyListed},
    owner::Owner,
    plan::{Replacement, Step, beyond},
    spec::{FoundBy, Live},
};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};

pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// How long something is looked for of which it is not known whether it was made.
pub(super) const DOUBT: Duration = Duration::from_secs(15);

/// How often a request is sent whose reply is lost each time.
pub(super) const TRIES: u32 = 4;

impl Work<'_> {
    pub(super) async fn create(
        &self,
        step: &Step,
        spec: Value,
        parent_outputs: Value,
    ) -> Result<Value> {
        let kind = self.kind(step);
        let mut was_lost = false;
        for attempt in 1.. {
            let made = kind
                .create(&self.aws, spec.clone(), parent_outputs.clone(), &step.name)
                .await;
            let Err(error) = made else { return made };
            was_lost |= error.kind == ErrorKind::Ambiguous;
            if !may_be_made(step, &error, was_lost) {
                return Err(error);
            }
            match self
                .look_for_made(step, &spec, &parent_outputs, &error)
                .await
            {
                Ok(Some(live)) => return self.finish(step, spec, live).await,
                Ok(None) if error.kind == ErrorKind::Ambiguous && attempt < TRIES => {
                    self.aws
                        .notify(&format!("{}: making it once more: {error}", step.address));
                }
                // What cannot be looked for may be there.
                _ => return Err(error),
            }
        }
        unreachable!("the loop ends only by returning")
    }

    /// Makes the rest of what was found half made.
    pub(super) async fn finish(&self, step: &Step, spec: Value, live: Live) -> Result<Value> {
        let kind = self.kind(step);
        let create_only = kind.traits().create_only;
        let is_later = |change: &Change| !create_only.iter().any(|field| change.touches(field));
        let mut changes = diff(&live.spec, &spec, kind.traits().whole);
        // What was made by another way may have more than was asked for.
        if step.attached.is_none() {
            changes.extend(beyond(&live.spec, &spec, kind.traits().beyond));
        }
        let changes: Vec<_> = changes.into_iter().filter(is_later).collect();
        if !changes.is_empty() {
            kind.update(&self.aws, spec, &live, &changes).await?;
        }
        Ok(live.outputs)
    }

    /// Changes it; where that includes a create whose reply is lost, once more, from what is there then.
    pub(super) async fn update(
        &self,
        kind: &dyn AnyKind,
        step: &Step,
        spec: Value,
        live: &Live,
        changes: &[Change],
    ) -> Result<()> {
        let mut live = Cow::Borrowed(live);
        for attempt in 1.. {
            let updated = kind.update(&self.aws, spec.clone(), &live, changes).await;
            let Err(error) = updated else { return updated };
            if error.kind != ErrorKind::Ambiguous || attempt == TRIES {
                return Err(error);
            }
            self.aws.sleep(PAUSE).await;
            let reads = Reads::by_name(Arc::clone(&self.aws), self.stack);
            match self
                .now(&reads, step, &spec, &live.parent_outputs, &live.outputs)
                .await
            {
                Ok(Some(now)) => {
                    live = Cow::Owned(Live {
                        ownership_tags: live.ownership_tags.clone(),
                        was: live.was.clone(),
                        ..now
                    })
                }
                _ => return Err(error),
            }
        }
        unreachable!("the loop ends only by returning")
    }

    /// What is there after a create that failed so, if anything is.
    async fn look_for_made(
        &self,
        step: &Step,
        spec: &Value,
        parent_outputs: &Value,
        error: &Error,
    ) -> Result<Option<Live>> {
        let patience = match self.kind(step).traits().found {
            FoundBy::Name => Duration::ZERO,
            // It is not there as far as can be seen, and AWS tells whether it is.
            FoundBy::NameInList if error.kind == ErrorKind::Ambiguous => Duration::ZERO,
            FoundBy::NameInList | FoundBy::List => DOUBT,
        };
        let started = self.aws.elapsed();
        loop {
            if let Some(live) = self.made(step, spec, parent_outputs).await? {
                return Ok(Some(live));
            }
            if self.aws.elapsed() - started >= patience {
                return Ok(None);
            }
            self.aws.sleep(PAUSE).await;
        }
    }

    async fn made(
        &self,
        step: &Step,
        spec: &Value,
        parent_outputs: &Value,
    ) -> Result<Option<Live>> {
        let (kind, reads) = (
            self.kind(step),
            Reads::new(Arc::clone(&self.aws), &self.stack.name),
        );
        for listed in self.seen(&reads, step, spec, parent_outputs).await? {
            let live = kind
                .read(&reads, step.parent.as_ref(), parent_outputs, &listed)
                .await?;
            // What was removed before has to have an id of its own to be seen again in a list.
            let may_linger = |old: &Live| {
                step.replacement == Replacement::MakeFirst || old.outputs["id"].is_string()
            };
            let old = step.live.as_ref().filter(|old| may_linger(old));
            let is_old = |outputs: &Value| old.is_some_and(|old| old.outputs == *outputs);
            if let Some(live) = live.filter(|it| it.owner == Owner::Ours && !is_old(&it.outputs)) {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }

    async fn seen(
        &self,
        reads: &Reads,
        step: &Step,
        spec: &Value,
        parent_outputs: &Value,
    ) -> Result<Vec<AnyListed>> {
        let wanted = BTreeMap::from([(step.name.clone(), spec.clone())]);
        let seen = self
            .kind(step)
            .find(reads, step.parent.as_ref(), parent_outputs, &wanted)
            .await?;
        Ok(seen.into_iter().filter(|it| it.name == step.name).collect())
    }
}

/// Whether a failed create may have something to look for: a reply was lost, half of it was made, or AWS
/// has it though it was not seen, because a list lags or the last request of a process that died was
/// still under way. What appears in somebody else's resource is theirs, unless this run may have made it.
fn may_be_made(step: &Step, error: &Error, was_lost: bool) -> bool {
    matches!(error.kind, ErrorKind::Ambiguous | ErrorKind::Half)
        || (is_there_already(error) && (was_lost || step.attached.is_none()))
}
