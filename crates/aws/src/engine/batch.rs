//! Many steps by one request: a definition of all that is in a new parent, and a look at what it made.
//!
//! A service may leave out what it does not know, refuse a definition as a whole, or lose its reply. So what is
//! there is looked at each time: what a definition made otherwise is put right, and what it did not make is
//! made by itself, as if there were no definitions. It is sent again only after its reply was lost and nothing
//! of it appeared for [`DOUBT`], as with any other create.

use super::{
    apply::{Ended, Event, Piece, Work},
    settle::{DOUBT, PAUSE, TRIES},
    taken::Search,
};
use crate::{
    aws::Reads,
    error::{Error, ErrorKind, Result},
    kind::Child,
    owner::Owner,
    plan::{Batch, Phase},
    spec::{FoundBy, Live},
    value::KnownOutputs,
};
use futures::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::Instant;

/// What is there of a batch, by the index of its step.
type Made = BTreeMap<usize, Live>;

/// What a definition was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    Done,
    Lost,
    /// By a service that knows no definitions, or not this one; or the person may not send any.
    Refused,
}

/// Steps that are done together, with all that their request needs.
struct Together {
    batch: Batch,
    children: Vec<Child>,
    parent_outputs: Value,
}

impl Work<'_> {
    /// `known` is what is known when the work starts.
    pub(super) fn start_batch<'b>(
        &'b self,
        batch: Batch,
        known: &KnownOutputs,
    ) -> BoxFuture<'b, Piece> {
        let known = known.clone();
        Box::pin(async move {
            let started = Instant::now();
            let phase = Phase::Make;
            let Ok(together) = self.together(&batch, &known) else {
                // Whichever it is says so by itself.
                return Piece::apart(batch);
            };
            for step in batch.iter().map(|it| &self.plan.steps[*it]) {
                self.progress.event(Event::Started { step, phase });
            }
            let made = self.make_together(&together).await;
            let mut piece = Piece::apart(batch.clone());
            let results = self
                .finish_together(&batch, made, known, &mut piece.proved)
                .await;
            piece.apart.retain(|it| !results.contains_key(it));
            for (index, result) in results {
                let step = &self.plan.steps[index];
                let result = result.map_err(|error| error.at(&step.address));
                let (took, error) = (started.elapsed(), result.as_ref().err());
                self.progress.event(Event::Ended {
                    step,
                    phase,
                    took,
                    error,
                });
                piece.ended.push(Ended {
                    node: (index, phase),
                    took,
                    result: result.map(Some),
                });
            }
            piece
        })
    }

    fn together(&self, batch: &Batch, known: &KnownOutputs) -> Result<Together> {
        let mut known = known.clone();
        let stands_for = |index: &usize| format!("step-{index}");
        for index in batch {
            let step = &self.plan.steps[*index];
            let names = (self.kind(step).traits().outputs)();
            let outputs = names.into_iter().map(|it| (it, json!(stands_for(index))));
            known.insert(step.address.clone(), Value::Object(outputs.collect()));
        }
        let (mut children, mut of_parent) = (vec![], Value::Null);
        for index in batch {
            let step = &self.plan.steps[*index];
            let (spec, parent_outputs) = self.inputs(step, Phase::Make, &known)?;
            of_parent = parent_outputs;
            children.push(Child {
                kind: step.kind,
                name: step.name.clone(),
                stands_for: stands_for(index),
                spec,
            });
        }
        Ok(Together {
            batch: batch.clone(),
            children,
            parent_outputs: of_parent,
        })
    }

    /// Sends the definition, and tells what is there then.
    async fn make_together(&self, together: &Together) -> Result<Made> {
        let first = together.batch.first().map(|it| &self.plan.steps[*it]);
        let Some((first, parent)) = first.and_then(|it| Some((it, self.parent_kind(it)?))) else {
            return Ok(Made::new());
        };
        for attempt in 1.. {
            let outputs = &together.parent_outputs;
            let address = first.parent.as_ref().map(ToString::to_string);
            let address = address.unwrap_or_default();
            let define = || parent.define(&self.aws, outputs, &together.children);
            let defined = self.until_free(first, outputs, define).await;
            let reply = match defined {
                Ok(()) => Reply::Done,
                Err(error) if error.kind == ErrorKind::Ambiguous => Reply::Lost,
                Err(error) => {
                    self.aws.detail(&format!(
                        "{address}: its definition is refused, so single requests make what is in it: {error}"
                    ));
                    Reply::Refused
                }
            };
            let made = self.look_for_batch(together, reply).await?;
            if !made.is_empty() || reply != Reply::Lost || attempt == TRIES {
                return Ok(made);
            }
            self.aws
                .notify(&format!("{address}: sending its definition once more"));
        }
        unreachable!("the loop ends only by returning")
    }

    /// What is there of a batch. What AWS would make a second time is looked for as long as it may come.
    async fn look_for_batch(&self, together: &Together, reply: Reply) -> Result<Made> {
        let started = self.aws.elapsed();
        loop {
            let made = self.made_of(together).await?;
            let mut missing = together.batch.iter().filter(|it| !made.contains_key(it));
            let is_doubtful =
                |index: &usize| self.kind(&self.plan.steps[*index]).traits().found == FoundBy::List;
            let waits = match reply {
                // Whatever of it is there, another had sent: one that died, or this one before.
                Reply::Refused => false,
                Reply::Lost if made.is_empty() => true,
                Reply::Lost | Reply::Done => missing.any(is_doubtful),
            };
            if !waits || self.aws.elapsed() - started >= DOUBT {
                return Ok(made);
            }
            self.aws.sleep(PAUSE).await;
        }
    }

    async fn made_of(&self, together: &Together) -> Result<Made> {
        let reads = Reads::new(Arc::clone(&self.aws), &self.stack.name);
        let mut by_kind: BTreeMap<_, BTreeMap<String, Value>> = BTreeMap::new();
        for child in &together.children {
            let wanted = by_kind.entry(child.kind).or_default();
            wanted.insert(child.name.clone(), child.spec.clone());
        }
        let indices: BTreeMap<_, _> = together
            .batch
            .iter()
            .map(|index| {
                let step = &self.plan.steps[*index];
                ((step.kind, step.name.as_str()), *index)
            })
            .collect();
        let found = by_kind.iter().map(async |(name, wanted)| {
            let (kind, outputs) = (self.deployment.kind(name), &together.parent_outputs);
            let first = together.batch.first().map(|it| &self.plan.steps[*it]);
            let parent = first.and_then(|it| it.parent.as_ref());
            let listed = kind.find(&reads, parent, outputs, wanted).await?;
            let ours = listed.iter().filter_map(|it| {
                let index = indices.get(&(*name, it.name.as_str()))?;
                Some((*index, it))
            });
            let reads = &reads;
            try_join_all(ours.map(async |(index, listed)| {
                let live = kind.read(reads, parent, outputs, listed).await?;
                Ok::<_, Error>(live.map(|live| (index, live)))
            }))
            .await
        });
        let found = try_join_all(found).await?.into_iter().flatten().flatten();
        Ok(found.filter(|(_, it)| it.owner == Owner::Ours).collect())
    }

    /// Puts right what was made otherwise than declared; the outputs of each, and nothing of what is not there.
    /// Notes what is as declared, and has no need of another look.
    async fn finish_together(
        &self,
        batch: &Batch,
        made: Result<Made>,
        mut known: KnownOutputs,
        proved: &mut Vec<usize>,
    ) -> BTreeMap<usize, Result<Value>> {
        let made = match made {
            Ok(made) => made,
            // Each is told what the one question was answered: it may be there.
            Err(error) => return batch.iter().map(|it| (*it, Err(error.again()))).collect(),
        };
        for (index, live) in &made {
            let address = self.plan.steps[*index].address.clone();
            known.insert(address, live.outputs.clone());
        }
        let mut results = BTreeMap::new();
        for (index, live) in made {
            let step = &self.plan.steps[index];
            // What needs one that is not there waits for it.
            let Ok((spec, parent_outputs)) = self.inputs(step, Phase::Make, &known) else {
                continue;
            };
            let outputs = live.outputs.clone();
            let look = Search {
                step,
                spec,
                parent_outputs,
                outputs,
            };
            let result = match self.differences(&look, &live).is_empty() {
                true => {
                    proved.push(index);
                    Ok(look.outputs)
                }
                false => {
                    let attempt = || self.finish(step, look.spec.clone(), live.clone()).boxed();
                    self.until_free(step, &look.parent_outputs, attempt).await
                }
            };
            results.insert(index, result);
        }
        results
    }
}

impl Piece {
    fn apart(batch: Batch) -> Self {
        Self {
            ended: vec![],
            apart: batch.into_iter().collect(),
            proved: vec![],
        }
    }
}
