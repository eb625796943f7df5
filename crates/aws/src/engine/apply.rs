//! Carries out a plan: every piece of work starts as soon as what it needs is done; a failure
//! skips only what depends on it.

use super::{Deployment, Proposal};
use crate::{
    aws::{Aws, is_said_to_be_busy},
    error::{Error, ErrorKind, Result},
    kind::AnyKind,
    owner::{Retag, StackOutputs, Tags},
    plan::{
        Action, Batch, Node, Phase, Plan, Step, content_address, content_digest, laid_over,
        without_late,
    },
    spec::Live,
    value::{self, Address, KnownOutputs},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How long it is believed that another write to the same API is under way (docs/aws.md §1.3).
const BUSY: Duration = Duration::from_secs(120);

/// What became of a step.
#[derive(Debug)]
pub enum Outcome {
    Done(Duration),
    Failed(Error),
    /// Not tried: something it needs had failed.
    Skipped {
        because: Address,
    },
    /// Not tried: Ctrl-C came first.
    Interrupted,
}

/// A step and what became of it.
#[derive(Debug)]
pub struct StepResult {
    pub address: Address,
    pub kind: &'static str,
    pub action: Action,
    pub outcome: Outcome,
}

/// What became of a plan.
pub struct Report {
    /// One for each step, in the order in which they ended.
    pub results: Vec<StepResult>,
    /// The outputs of everything that is there now.
    pub known: KnownOutputs,
}

impl Report {
    pub fn is_complete(&self) -> bool {
        self.results
            .iter()
            .all(|result| matches!(result.outcome, Outcome::Done(_)))
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        self.results
            .iter()
            .filter(|it| matches!(it.outcome, Outcome::Done(_)))
            .count()
    }

    pub fn was_interrupted(&self) -> bool {
        self.results
            .iter()
            .any(|result| matches!(result.outcome, Outcome::Interrupted))
    }
}

/// Whether what was made and changed is read again at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Read,
    /// But for what another apply would make a second time, as long as AWS's lists lack it. "Done" is else only
    /// what AWS answered.
    LeftOut,
}

/// What happens while a plan is carried out.
pub enum Event<'a> {
    Started {
        step: &'a Step,
        phase: Phase,
    },
    Ended {
        step: &'a Step,
        phase: Phase,
        took: Duration,
        error: Option<&'a Error>,
    },
}

/// Who wants to know.
pub trait Progress: Send + Sync {
    fn event(&self, event: Event<'_>);
}

impl Deployment {
    /// Carries out what was proposed, and proves it, unless that is left out. After `interrupt` turns true
    /// nothing new is started; what is under way is finished, so that the next apply goes on from there.
    pub async fn apply(
        &self,
        proposal: &Proposal,
        progress: &dyn Progress,
        interrupt: watch::Receiver<bool>,
        proof: Proof,
    ) -> Report {
        let (plan, stack) = (&proposal.plan, &proposal.observed.stack);
        let mut known = plan.known.clone();
        known.insert(Address::new(["stack"]), json!(stack));
        hide_environment(&self.aws, plan);
        let work = Work {
            deployment: self,
            aws: Arc::clone(&self.aws),
            stack,
            plan,
            progress,
        };
        let mut run = Run {
            waiting: nodes(plan),
            known,
            ..Run::default()
        };
        let mut running = FuturesUnordered::new();
        loop {
            if *interrupt.borrow() {
                run.stop(plan);
            }
            for batch in run.take_batches(plan) {
                running.push(work.start_batch(batch, &run.known));
            }
            for node in run.take_ready(plan) {
                running.push(work.start(node, &run.known));
            }
            let Some(piece) = running.next().await else {
                break;
            };
            let Piece {
                ended,
                apart,
                proved,
            } = piece;
            run.proved.extend(proved);
            for Ended { node, took, result } in ended {
                run.end(plan, node, took, result);
            }
            run.set_apart(plan, apart);
        }
        run.give_up(plan);
        if !*interrupt.borrow() {
            let is_open = |index: usize, step: &Step| {
                !run.proved.contains(&index)
                    && (proof == Proof::Read || work.has_to_be_listed(step))
            };
            work.prove(&mut run.results, &run.known, is_open).await;
        }
        Report {
            results: run.results,
            known: run.known,
        }
    }
}

/// What comes from the environment may be a secret, which AWS could quote in an error.
fn hide_environment(aws: &Aws, plan: &Plan) {
    let environment = Address::new(["env"]);
    let references = plan
        .steps
        .iter()
        .flat_map(|step| value::references_in(&step.spec));
    for reference in references.filter(|it| it.address == environment) {
        let value = plan
            .known
            .get(&environment)
            .and_then(|it| it[&reference.output].as_str());
        value.into_iter().for_each(|secret| aws.hide(secret));
    }
}

fn nodes(plan: &Plan) -> BTreeSet<Node> {
    let parts = |(index, step): (usize, &Step)| {
        let make = step.makes().then_some((index, Phase::Make));
        let finish = (!step.late.is_empty()).then_some((index, Phase::Finish));
        let remove = step.removes().then_some((index, Phase::Remove));
        [make, finish, remove].into_iter().flatten()
    };
    plan.steps.iter().enumerate().flat_map(parts).collect()
}

/// A part of a step that was done, or tried: with its outputs, where it made something.
pub(super) struct Ended {
    pub(super) node: Node,
    pub(super) took: Duration,
    pub(super) result: Result<Option<Value>>,
}

/// What became of one piece of work.
pub(super) struct Piece {
    pub(super) ended: Vec<Ended>,
    /// Steps of a batch that it did not do: each is done by itself.
    pub(super) apart: Vec<usize>,
    /// Steps that were looked at since, and are as they were sent.
    pub(super) proved: Vec<usize>,
}

impl Piece {
    fn of(node: Node, took: Duration, result: Result<Option<Value>>) -> Self {
        Self {
            ended: vec![Ended { node, took, result }],
            apart: vec![],
            proved: vec![],
        }
    }
}

/// How far it has come.
#[derive(Default)]
struct Run {
    waiting: BTreeSet<Node>,
    done: BTreeSet<Node>,
    /// Nodes that will never be done, with the step that is the cause.
    lost: BTreeMap<Node, Address>,
    busy: BTreeSet<Address>,
    /// Steps that no batch does any more.
    apart: BTreeSet<usize>,
    /// Steps that need no look at the end.
    proved: BTreeSet<usize>,
    took: BTreeMap<usize, Duration>,
    known: KnownOutputs,
    results: Vec<StepResult>,
}

impl Run {
    /// The batches that can start now, of what is still to be done of them; marks their serial groups as busy.
    fn take_batches(&mut self, plan: &Plan) -> Vec<Batch> {
        self.skip_lost(plan);
        let mut ready = vec![];
        for index in 0..plan.batches.len() {
            let batch = self.left_of(plan, index);
            let is_own = |need: &Node| need.1 == Phase::Make && batch.contains(&need.0);
            let is_met = |need: &Node| self.done.contains(need) || is_own(need);
            let mut steps = batch.iter().map(|index| &plan.steps[*index]);
            let is_ready = steps.all(|it| it.waits_before(Phase::Make).iter().all(is_met));
            let group = batch.first().map(|it| &plan.steps[*it].serial_group);
            if is_ready && group.is_some_and(|it| self.busy.insert(it.clone())) {
                for index in &batch {
                    self.waiting.remove(&(*index, Phase::Make));
                }
                ready.push(batch);
            }
        }
        ready
    }

    /// The steps of a batch that wait for being done in it.
    fn left_of(&self, plan: &Plan, batch: usize) -> Batch {
        let is_left = |index: &&usize| {
            self.waiting.contains(&(**index, Phase::Make)) && !self.apart.contains(index)
        };
        plan.batches[batch]
            .iter()
            .filter(is_left)
            .copied()
            .collect()
    }

    /// Lets each of these be done by itself.
    fn set_apart(&mut self, plan: &Plan, steps: Vec<usize>) {
        for index in steps {
            self.busy.remove(&plan.steps[index].serial_group);
            self.waiting.insert((index, Phase::Make));
            self.apart.insert(index);
        }
    }

    /// The nodes that can start now by themselves; marks their serial groups as busy.
    fn take_ready(&mut self, plan: &Plan) -> Vec<Node> {
        self.end_along(plan);
        let batches = 0..plan.batches.len();
        let in_batch: Batch = batches.flat_map(|it| self.left_of(plan, it)).collect();
        let mut ready = vec![];
        for node in Vec::from_iter(self.waiting.iter().copied()) {
            if node.1 == Phase::Make && in_batch.contains(&node.0) {
                continue;
            }
            let step = &plan.steps[node.0];
            let needs = step.waits_before(node.1);
            let is_ready = needs.iter().all(|need| self.done.contains(need));
            if is_ready && self.busy.insert(step.serial_group.clone()) {
                self.waiting.remove(&node);
                ready.push(node);
            }
        }
        ready
    }

    /// Ends what goes along with what is gone by now.
    fn end_along(&mut self, plan: &Plan) {
        loop {
            let is_gone = |node: &Node| {
                let step = &plan.steps[node.0];
                let mut needs = step.waits_before(Phase::Remove).iter();
                node.1 == Phase::Remove && step.goes_along && needs.all(|it| self.done.contains(it))
            };
            let gone: Vec<_> = self.waiting.extract_if(.., is_gone).collect();
            if gone.is_empty() {
                return;
            }
            for node in gone {
                self.note(plan, node, Duration::ZERO, Ok(None));
            }
        }
    }

    /// Gives up the nodes that need a lost one, and those that need these.
    fn skip_lost(&mut self, plan: &Plan) {
        while !self.lost.is_empty() {
            let hopeless = self.waiting.iter().find_map(|node| {
                let needs = plan.steps[node.0].waits_before(node.1);
                needs
                    .iter()
                    .find_map(|need| self.lost.get(need))
                    .map(|cause| (*node, cause.clone()))
            });
            let Some((node, cause)) = hopeless else {
                return;
            };
            self.waiting.remove(&node);
            self.lost.insert(node, cause.clone());
            let is_made = self.done.contains(&(node.0, Phase::Make));
            let outcome = match node.1 {
                Phase::Finish if is_made => {
                    Outcome::Failed(unfinished(&plan.steps[node.0], &cause))
                }
                _ => Outcome::Skipped { because: cause },
            };
            self.conclude(plan, node.0, outcome);
        }
    }

    fn stop(&mut self, plan: &Plan) {
        self.end_along(plan);
        for node in std::mem::take(&mut self.waiting) {
            self.conclude(plan, node.0, Outcome::Interrupted);
        }
    }

    /// Steps that wait for one another would never be done: a mistake of the planner's, never silent.
    fn give_up(&mut self, plan: &Plan) {
        for node in std::mem::take(&mut self.waiting) {
            let circle = Error::internal("it waits for a step that waits for it")
                .at(&plan.steps[node.0].address);
            self.conclude(plan, node.0, Outcome::Failed(circle));
        }
    }

    fn end(&mut self, plan: &Plan, node: Node, took: Duration, result: Result<Option<Value>>) {
        self.busy.remove(&plan.steps[node.0].serial_group);
        self.note(plan, node, took, result);
    }

    /// Notes what became of a node.
    fn note(&mut self, plan: &Plan, node: Node, took: Duration, result: Result<Option<Value>>) {
        let step = &plan.steps[node.0];
        let total = *self
            .took
            .entry(node.0)
            .and_modify(|sum| *sum += took)
            .or_insert(took);
        match result {
            Ok(outputs) => {
                if let Some(outputs) = outputs {
                    self.known.insert(step.address.clone(), outputs);
                }
                self.done.insert(node);
                if !self.waiting.iter().any(|other| other.0 == node.0) {
                    self.conclude(plan, node.0, Outcome::Done(total));
                }
            }
            Err(error) => {
                self.lost.insert(node, step.address.clone());
                self.conclude(plan, node.0, Outcome::Failed(error));
            }
        }
    }

    /// Notes a step's outcome; the first one counts (its other half follows it).
    fn conclude(&mut self, plan: &Plan, index: usize, outcome: Outcome) {
        let step = &plan.steps[index];
        let (address, kind, action) = (step.address.clone(), step.kind, step.action);
        if !self
            .results
            .iter()
            .any(|it| it.address == address && it.action == action)
        {
            self.results.push(StepResult {
                address,
                kind,
                action,
                outcome,
            });
        }
    }
}

/// What is there, but for its late fields.
fn unfinished(step: &Step, cause: &Address) -> Error {
    let fields = step.late.join(", ");
    Error::new(
        ErrorKind::Aws,
        format!("it is there, but its {fields} could not be set without {cause}"),
    )
    .hint("run the same command again once that is mended: it sets them")
    .at(&step.address)
}

/// What every piece of work needs.
pub(super) struct Work<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) aws: Arc<Aws>,
    pub(super) stack: &'a StackOutputs,
    pub(super) plan: &'a Plan,
    pub(super) progress: &'a dyn Progress,
}

impl<'a> Work<'a> {
    /// `known` is what is known when the work starts.
    fn start<'b>(&'b self, node: Node, known: &KnownOutputs) -> BoxFuture<'b, Piece> {
        let step = &self.plan.steps[node.0];
        let inputs = self.inputs(step, node.1, known);
        let outputs = known.get(&step.address).cloned();
        Box::pin(async move {
            let started = Instant::now();
            if node.1 == Phase::Make && step.only_finishes() {
                return Piece::of(node, Duration::ZERO, Ok(None));
            }
            self.progress.event(Event::Started {
                step,
                phase: node.1,
            });
            let mut result = match inputs {
                Ok(inputs) => self.part(step, node.1, inputs, outputs).await,
                Err(error) => Err(error),
            };
            if result.is_ok()
                && let Err(error) = self.forget(step).await
            {
                result = Err(error);
            }
            let result = result.map_err(|error| error.at(&step.address));
            let took = started.elapsed();
            let error = result.as_ref().err();
            self.progress.event(Event::Ended {
                step,
                phase: node.1,
                took,
                error,
            });
            Piece::of(node, took, result)
        })
    }

    /// The resolved spec and the parent's outputs.
    pub(super) fn inputs(
        &self,
        step: &Step,
        phase: Phase,
        known: &KnownOutputs,
    ) -> Result<(Value, Value)> {
        if phase == Phase::Remove {
            return Ok((Value::Null, Value::Null));
        }
        let known = self.with_content(step, known);
        // What was there is not stack.toml's text: a `${…}` in it is somebody else's.
        let normal = self.kind(step).traits().normal;
        let declared = match phase {
            Phase::Make => without_late(&step.spec, &step.late),
            _ => Value::clone(&step.spec),
        };
        let spec = match step.gives_back {
            true => declared,
            false => normal(&value::resolve_all(&declared, &known).map_err(|open| {
                Error::internal(format!(
                    "${{{}.{}}} is not known in time",
                    open.address, open.output
                ))
            })?),
        };
        let parent_outputs = match &step.parent {
            None => json!(self.stack),
            Some(parent) => known.get(parent).cloned().unwrap_or_default(),
        };
        Ok((spec, parent_outputs))
    }

    /// What is known, with the digest of what the step's parent contains, where it has that.
    fn with_content<'b>(&self, step: &Step, known: &'b KnownOutputs) -> Cow<'b, KnownOutputs> {
        let content = step.parent.as_ref().and_then(|parent| {
            let (address, content) = (content_address(parent), self.plan.content.get(parent)?);
            let is_named = value::needs(&step.spec).contains(&address);
            let digest = is_named.then(|| content_digest(content, known))??;
            Some((address, digest))
        });
        match content {
            None => Cow::Borrowed(known),
            Some((address, digest)) => {
                let mut known = known.clone();
                known.insert(address, digest);
                Cow::Owned(known)
            }
        }
    }

    pub(super) fn kind(&self, step: &Step) -> &'a dyn AnyKind {
        self.deployment.kind(step.kind)
    }

    /// Does one part of a step.
    async fn part(
        &self,
        step: &Step,
        phase: Phase,
        (spec, parent_outputs): (Value, Value),
        outputs: Option<Value>,
    ) -> Result<Option<Value>> {
        let attempt = || {
            let (spec, parent_outputs) = (spec.clone(), parent_outputs.clone());
            let outputs = outputs.clone();
            async move {
                match phase {
                    Phase::Remove => self.remove(step).await,
                    Phase::Finish => self
                        .finish_late(step, spec, parent_outputs, outputs)
                        .await
                        .map(|()| None),
                    Phase::Make => self.make(step, spec, parent_outputs).await.map(Some),
                }
            }
            .boxed()
        };
        self.until_free(step, &parent_outputs, attempt).await
    }

    /// Tries something in a step's parent again while API Gateway says that another write is under way. It
    /// says so of an API that is gone too, so that is looked at in between.
    pub(super) async fn until_free<'b, T: Send>(
        &'b self,
        step: &'b Step,
        parent_outputs: &'b Value,
        attempt: impl Fn() -> BoxFuture<'b, Result<T>> + Send + Sync,
    ) -> Result<T> {
        let started = self.aws.elapsed();
        loop {
            let result = attempt().await;
            let Err(error) = &result else { return result };
            let Some(parent) = step.parent.as_ref().filter(|_| is_said_to_be_busy(error)) else {
                return result;
            };
            if !self.is_parent_there(step, parent_outputs).await? {
                let message = format!("{parent} is gone: somebody deleted it meanwhile");
                return Err(Error::new(ErrorKind::Aws, message).hint(
                    "look at what is there now with wsctl plan; an apply would make it anew",
                ));
            }
            if self.aws.elapsed() - started >= BUSY {
                return result;
            }
        }
    }

    async fn is_parent_there(&self, step: &Step, parent_outputs: &Value) -> Result<bool> {
        let outputs = step
            .live
            .as_ref()
            .map_or(parent_outputs, |live| &live.parent_outputs);
        match self.parent_kind(step) {
            Some(kind) => kind.is_there(&self.aws, outputs).await,
            None => Ok(true),
        }
    }

    /// What a step's parent is; a root has none.
    pub(super) fn parent_kind(&self, step: &Step) -> Option<&'a dyn AnyKind> {
        let parent = self.kind(step).traits().parent;
        let mut kinds = self.deployment.kinds.iter();
        let kind = kinds.find(|kind| kind.traits().name == parent)?;
        Some(kind.as_ref())
    }

    async fn remove(&self, step: &Step) -> Result<Option<Value>> {
        let Some(live) = &step.live else {
            return Ok(None);
        };
        let kind = self.kind(step);
        // Since the plan was made, somebody may have signed up: asked once more, as late as can be.
        if !self.plan.loses(&step.address)
            && let Some(what) = kind.loses(&self.aws, live).await?
        {
            return Err(Error::refused(format!(
                "it is not deleted: meanwhile {what} would be lost with it"
            ))
            .hint("run the same command again: it says what to add, if that is meant"));
        }
        kind.delete(&self.aws, live).await.map(|()| None)
    }

    async fn make(&self, step: &Step, spec: Value, parent_outputs: Value) -> Result<Value> {
        let kind = self.kind(step);
        match (&step.action, &step.live) {
            (Action::Update, Some(live)) => {
                self.change(kind, step, spec, live).await?;
                Ok(live.outputs.clone())
            }
            _ => self.create(step, spec, parent_outputs).await,
        }
    }

    /// A new address, and that it is attached, are in the tags; everything else is the kind's.
    async fn change(
        &self,
        kind: &dyn AnyKind,
        step: &Step,
        mut spec: Value,
        live: &Live,
    ) -> Result<()> {
        if step.is_attached_root() && !step.gives_back {
            // That it is attached comes first: a destroy then takes back what a cut-off run made.
            self.mark(kind, live, step.tags.set.clone()).await?;
            if !step.changes.is_empty() {
                self.mark(kind, live, kind.snapshot(&self.aws, live).await?)
                    .await?;
            }
            spec = laid_over(spec, live, &kind.traits());
        }
        let (_, changes) = step.changes_by_phase();
        if !changes.is_empty() {
            self.update(kind, step, spec, live, &changes).await?;
        }
        if step.is_attached_root() && step.gives_back {
            kind.detach(&self.aws, live).await?;
        }
        if step.moved_from.is_some() {
            kind.mark(
                &self.aws,
                live,
                Retag::owned(&self.stack.name, &step.address),
            )
            .await?;
        }
        Ok(())
    }

    async fn mark(&self, kind: &dyn AnyKind, live: &Live, set: Tags) -> Result<()> {
        if set.is_empty() {
            return Ok(());
        }
        kind.mark(&self.aws, live, Retag { set, unset: vec![] })
            .await
    }

    /// Takes off the attached root what it had to remember for this step.
    async fn forget(&self, step: &Step) -> Result<()> {
        let Some(root) = step
            .attached
            .as_ref()
            .filter(|_| !step.tags.unset.is_empty())
        else {
            return Ok(());
        };
        let tags = Retag {
            set: Default::default(),
            unset: step.tags.unset.clone(),
        };
        self.deployment
            .kind(root.kind)
            .mark(&self.aws, root, tags)
            .await
    }
}
