//! One account in memory, and commands run in it as a process each.

use crate::support::{REGION, memory, wire::Wire};
use aws_in_memory::{Clock, Cloud, Memory, Strict};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::future::join_all;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::watch;
use wsctl::{
    aws::{self, Aws, Credentials, Reads, Target, emulators_keys},
    cli::ImportArgs,
    commands::import::{Adoption, Imported, import},
    drift::Drift,
    engine::{self, Event, Observed, Outcome, Progress, Report},
    error::Result,
    kind::AnyKind,
    kinds,
    owner::{Owner, Retag},
    package,
    plan::{Input, Plan, plan},
    spec::Live,
    stack::{Inputs, Stack, code_address},
    value::Address,
};

pub(crate) const ACCOUNT: &str = "123456789012";
/// The stack of every file made here.
pub(crate) const NAME: &str = "made";

/// An account, at a moment.
pub(crate) struct World {
    memory: Memory,
    pub(crate) wire: Wire,
    client: SharedHttpClient,
    kinds: Vec<Box<dyn AnyKind>>,
    /// Of the processes in it.
    environment: BTreeMap<String, String>,
    /// Where every process of this world writes down what it asks and is answered.
    pub(crate) trace: Option<Arc<aws::Trace>>,
}

struct Quiet;

impl Progress for Quiet {
    fn event(&self, _: Event<'_>) {}
}

/// A zip that Lambda would take for its bytes: its digest and where it lies.
pub(super) fn zip() -> &'static (String, PathBuf) {
    static MADE: OnceLock<(String, PathBuf)> = OnceLock::new();
    MADE.get_or_init(|| {
        let bytes = package::zip(b"a program").unwrap();
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.zip", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        (package::sha256(&bytes), path)
    })
}

/// The models, loaded once.
pub(crate) fn models() -> &'static aws_in_memory::model::Models {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap());
    runtime.block_on(memory::models())
}

impl World {
    /// An empty account, as strict as AWS.
    pub(crate) fn new() -> Self {
        Self::of(Cloud::new(ACCOUNT, REGION, Strict::default()))
    }

    /// An empty account, in which AWS is otherwise than usual.
    pub(crate) fn with(change: impl FnOnce(&mut Strict)) -> Self {
        let mut strict = Strict::default();
        change(&mut strict);
        Self::of(Cloud::new(ACCOUNT, REGION, strict))
    }

    /// An account that this answers for.
    pub(crate) fn over(inner: SharedHttpClient) -> Self {
        let (wire, client) = Wire::over(inner);
        Self { wire, client, ..Self::new() }
    }

    /// An account in which this is.
    pub(crate) fn of(mut cloud: Cloud) -> Self {
        cloud.watched = Some(NAME.into());
        cloud.hush();
        let clock = Clock::default();
        clock.pass(cloud.now());
        let memory = Memory::new(models(), clock, cloud);
        let (wire, client) = Wire::over(SharedHttpClient::new(memory.clone()));
        Self { memory, wire, client, kinds: kinds::all(), environment: BTreeMap::new(), trace: None }
    }

    pub(crate) fn with_environment(self, environment: BTreeMap<String, String>) -> Self {
        Self { environment, ..self }
    }

    /// Whether this is a file without mistakes.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        Stack::parse("stack.toml", text, &self.inputs()).is_ok()
    }

    fn inputs(&self) -> Inputs {
        Inputs { environment: self.environment.clone(), ..Inputs::default() }
    }

    /// What is there, to be looked at or gone on from.
    pub(crate) fn cloud(&self) -> Cloud {
        self.memory.cloud().clone()
    }

    /// Somebody else does something, past wsctl.
    pub(crate) fn somebody(&self, service: &str, operation: &str, input: serde_json::Value) {
        self.memory.cloud().call(service, operation, input).unwrap();
    }

    /// Somebody else changes anything.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut Cloud)) {
        change(&mut self.memory.cloud());
    }

    pub(crate) fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// The members of an operation's input, by the published model.
    pub(crate) fn members(&self, service: &str, operation: &str) -> Vec<String> {
        models().members(service, operation)
    }

    /// An hour passes: lists know everything, budgets are full again.
    pub(crate) fn later(&self) {
        self.pass(Duration::from_secs(3600));
    }

    pub(crate) fn pass(&self, pause: Duration) {
        self.memory.clock().pass(pause);
    }

    /// What wsctl made, ids normalised.
    pub(crate) fn owned(&self) -> String {
        self.memory.cloud().dump(|owner| owner == Some(NAME))
    }

    /// Everything else.
    pub(crate) fn foreign(&self) -> String {
        self.memory.cloud().dump(|owner| owner != Some(NAME))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.memory.cloud().names(NAME)
    }

    fn stack(&self, text: &str) -> Stack {
        let mut stack = Stack::parse("stack.toml", text, &self.inputs())
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        for key in stack.file.functions.keys() {
            stack.known.insert(code_address(key), json!({ "sha256": zip().0 }));
        }
        stack
    }

    async fn process(&self) -> Arc<Aws> {
        let clock = self.memory.clock().clone();
        let target = Target {
            region: REGION.into(),
            credentials: Credentials::Emulator(emulators_keys(ACCOUNT, "test")),
            http_client: Some(self.client.clone()),
            endpoint_url: Some("http://memory.invalid".into()),
            clock: aws::Clock::new(clock.clone(), move || clock.elapsed()),
            trace: self.trace.clone(),
        };
        let aws = Aws::connect(target).await;
        aws.zips.write().unwrap().insert(zip().0.clone(), zip().1.clone());
        Arc::new(aws)
    }

    /// As the commands look: a destroy also at what was attached and is declared no longer.
    async fn observe(&self, aws: &Arc<Aws>, stack: &Stack, is_destroy: bool) -> Result<Observed> {
        let reads = Reads::new(Arc::clone(aws), stack.name()).to_make();
        let attaches = stack.desired.iter().any(|it| it.lifecycle.existing);
        let reads = if attaches || is_destroy { reads.with_attached() } else { reads };
        Box::pin(engine::observe(&reads, &self.kinds, &stack.desired, &stack.known)).await
    }

    async fn decide(&self, aws: &Aws, stack: &Stack, observed: &Observed, is_destroy: bool) -> Result<Plan> {
        let traits: Vec<_> = self.kinds.iter().map(|kind| kind.traits()).collect();
        let mut known = stack.known.clone();
        known.insert(Address::new(["stack"]), json!(observed.stack));
        let desired = if is_destroy { &[][..] } else { &stack.desired };
        let mut plan = plan(Input {
            desired,
            live: observed.live.clone(),
            kinds: &traits,
            known,
            undeclared: stack.undeclared(),
            lacks: observed.lacks.clone(),
        })?;
        engine::weigh(aws, &self.kinds, &mut plan).await?;
        if !is_destroy {
            stack.check_planned(&plan)?;
        }
        Ok(plan)
    }

    /// Whether the file is one: what is removed may be needed.
    pub(crate) fn takes(&self, text: &str) -> bool {
        Stack::parse("stack.toml", text, &Inputs::default()).is_ok()
    }

    /// The plan, as a process of its own makes it.
    pub(crate) fn plan(&self, text: &str) -> Result<Plan> {
        let stack = self.stack(text);
        self.memory.clock().run(async {
            let aws = self.process().await;
            let observed = self.observe(&aws, &stack, false).await?;
            self.decide(&aws, &stack, &observed, false).await
        })
    }

    /// What `wsctl drift` finds.
    pub(crate) fn drift(&self, text: &str) -> Drift {
        let stack = self.stack(text);
        self.memory.clock().run(async {
            let aws = self.process().await;
            let mut observed = self.observe(&aws, &stack, false).await.unwrap();
            engine::doors(&aws, &self.kinds, &mut observed).await.unwrap();
            let mut plan = self.decide(&aws, &stack, &observed, false).await.unwrap();
            plan.accept(stack.accepted(&plan.known));
            Drift::of(&plan)
        })
    }

    /// The plan of a destroy.
    pub(crate) fn plan_to_destroy(&self, text: &str) -> Plan {
        let stack = self.stack(text);
        self.memory.clock().run(async {
            let aws = self.process().await;
            let observed = self.observe(&aws, &stack, true).await.unwrap();
            self.decide(&aws, &stack, &observed, true).await.unwrap()
        })
    }

    /// Writes down what is there.
    pub(crate) fn import(&self, args: &ImportArgs) -> Result<Imported> {
        self.memory.clock().run(async { import(&self.process().await, args).await })
    }

    /// Makes these roots the stack's own, as `wsctl adopt` does with each.
    pub(crate) fn adopt(&self, text: &str, roots: &[Adoption]) {
        let stack = self.stack(text);
        self.memory.clock().run(async {
            let aws = self.process().await;
            let observed = self.observe(&aws, &stack, false).await.unwrap();
            let is_free = |it: &Live| it.owner == Owner::Nobody || it.spec["owned"] == false;
            let is_meant = |it: &Live, root: &Adoption| {
                let is_it =
                    it.address != root.address || root.id.is_none() || it.outputs["id"] == json!(root.id);
                it.address.is_within(&root.address) && is_it
            };
            let adopted = observed.live.iter().filter(|it| it.parent.is_none() && is_free(it));
            for live in adopted.filter(|it| roots.iter().any(|root| is_meant(it, root))) {
                let kind = self.kinds.iter().find(|kind| kind.traits().name == live.kind).unwrap();
                kind.mark(&aws, live, Retag::owned(stack.name(), &live.address)).await.unwrap();
            }
        });
    }

    async fn run(&self, text: &str, is_destroy: bool) -> Result<Report> {
        let stack = self.stack(text);
        self.carry_out(self.process().await, &stack, is_destroy).await
    }

    async fn carry_out(&self, aws: Arc<Aws>, stack: &Stack, is_destroy: bool) -> Result<Report> {
        let observed = self.observe(&aws, stack, is_destroy).await?;
        let plan = self.decide(&aws, stack, &observed, is_destroy).await?;
        let (_keep, interrupt) = watch::channel(false);
        Ok(Box::pin(engine::apply(aws, &self.kinds, &observed.stack, &plan, &Quiet, interrupt)).await)
    }

    /// Applies, whatever comes of it.
    pub(crate) fn try_apply(&self, text: &str) -> Result<Report> {
        self.memory.clock().run(self.run(text, false))
    }

    /// Applies `text` in as many processes as there are delays, each with the stack's lock, for
    /// which it waits as long as `patience`; what comes of each.
    pub(crate) fn apply_together(
        &self,
        text: &str,
        delays: &[Duration],
        patience: Duration,
    ) -> Vec<Result<Report>> {
        let stack = self.stack(text);
        let process = async |delay: &Duration| {
            self.memory.clock().wait(*delay).await;
            let (_keep, interrupt) = watch::channel(false);
            let aws = self.process().await;
            let work = Box::pin(self.carry_out(Arc::clone(&aws), &stack, false));
            engine::locked(&aws, stack.name(), patience, &interrupt, work).await
        };
        self.memory.clock().run(join_all(delays.iter().map(process)))
    }

    /// Applies, and nothing may fail.
    pub(crate) fn apply(&self, text: &str) {
        whole(self.try_apply(text), text);
    }

    pub(crate) fn try_destroy(&self, text: &str) -> Result<Report> {
        self.memory.clock().run(self.run(text, true))
    }

    pub(crate) fn destroy(&self, text: &str) {
        whole(self.try_destroy(text), text);
    }

    /// Nothing is left to do, nothing was done that must never be.
    pub(crate) fn is_settled(&self, text: &str) {
        self.later();
        let plan = self.plan(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(plan.is_empty(), "{:#?}\n{text}", crate::support::story::told(&plan));
        self.is_innocent();
    }

    /// Nothing was written that is not the stack's, nothing sent that no model allows.
    pub(crate) fn is_innocent(&self) {
        let wrongs = self.memory.cloud().wrongs.clone();
        assert!(wrongs.is_empty(), "{wrongs:#?}");
        let dangling = self.memory.cloud().dangling();
        assert!(dangling.is_empty(), "{dangling:#?}");
    }

    /// The writes since the last look.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.wire.take().iter().filter(|it| it.asked.writes()).map(|it| it.asked.name()).collect()
    }
}

/// Nothing failed.
pub(super) fn whole(report: Result<Report>, text: &str) {
    let report = report.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let failed: Vec<_> = report.results.iter().filter(|it| !matches!(it.outcome, Outcome::Done(_))).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{text}");
}
