//! One account in memory, and commands run in it as a process each.

use crate::support::{REGION, memory, story::Quiet, wire::Wire};
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
    aws::{self, Aws, Credentials, Target, emulators_keys},
    cli::ImportArgs,
    commands::import::{Adoption, Imported, import},
    drift::Drift,
    engine::{
        Consent, Deployment, Done, Goal, Gone, Operator, Order, Outcome, Progress, Proof, Proposal,
        Report,
    },
    error::Result,
    owner::{Owner, Retag},
    package::{self, Package},
    plan::Plan,
    spec::Live,
    stack::{Inputs, Stack},
};

pub(crate) const ACCOUNT: &str = "123456789012";
/// The stack of every file made here.
pub(crate) const NAME: &str = "made";

/// An account, at a moment.
pub(crate) struct World {
    memory: Memory,
    pub(crate) wire: Wire,
    client: SharedHttpClient,
    /// Of the processes in it.
    environment: BTreeMap<String, String>,
    /// Where every process of this world writes down what it asks and is answered.
    pub(crate) trace: Option<Arc<aws::Trace>>,
}

/// Agrees to everything, and has nothing to say.
#[derive(Default)]
struct Agreeable(watch::Sender<bool>);

impl Operator for Agreeable {
    fn show(&self, _: &Proposal) -> Result<()> {
        Ok(())
    }

    fn check(&self, _: &Plan) -> Result<()> {
        Ok(())
    }

    fn ask(&self) -> Result<()> {
        Ok(())
    }

    fn differs(&self, _: &[String], _: &Plan) -> Result<()> {
        Ok(())
    }

    fn interrupts(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }

    fn progress(&self, _: &Plan) -> Box<dyn Progress> {
        Box::new(Quiet)
    }
}

/// A zip that Lambda would take for its bytes.
pub(super) fn zip() -> &'static Package {
    static MADE: OnceLock<Package> = OnceLock::new();
    MADE.get_or_init(|| {
        let bytes = package::zip(b"a program").unwrap();
        let path =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.zip", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        Package {
            path,
            sha256: package::sha256(&bytes),
            size: bytes.len() as u64,
        }
    })
}

/// The variables that the examples of fields with a secret name.
pub(crate) fn secrets() -> BTreeMap<String, String> {
    let value = |name: &str| (name.to_owned(), format!("value-of-{name}"));
    ["PROVIDER_SECRET", "PROVIDER_SECRET_2"].map(value).into()
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
        Self {
            wire,
            client,
            ..Self::new()
        }
    }

    /// An account in which this is.
    pub(crate) fn of(mut cloud: Cloud) -> Self {
        cloud.watched = Some(NAME.into());
        cloud.hush();
        let clock = Clock::default();
        clock.pass(cloud.now());
        let memory = Memory::new(models(), clock, cloud);
        let (wire, client) = Wire::over(SharedHttpClient::new(memory.clone()));
        Self {
            memory,
            wire,
            client,
            environment: secrets(),
            trace: None,
        }
    }

    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    pub(crate) fn with_environment(mut self, environment: BTreeMap<String, String>) -> Self {
        self.environment.extend(environment);
        self
    }

    /// Whether this is a file without mistakes.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        Stack::parse("stack.toml", text, &self.inputs()).is_ok()
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            environment: self.environment.clone(),
            ..Inputs::default()
        }
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
        Stack::parse("stack.toml", text, &self.inputs())
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The stack of a file, as a process of its own has it.
    async fn deployment(&self, text: &str) -> Deployment {
        let stack = self.stack(text);
        let functions: Vec<_> = stack.file.functions.keys().cloned().collect();
        let mut deployment = Deployment::new(self.process().await, stack);
        functions
            .iter()
            .for_each(|key| deployment.use_package(key, zip().clone()));
        deployment
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
        Arc::new(Aws::connect(target).await)
    }

    /// Whether the file is one: what is removed may be needed.
    pub(crate) fn takes(&self, text: &str) -> bool {
        Stack::parse("stack.toml", text, &Inputs::default()).is_ok()
    }

    /// The plan, as a process of its own makes it.
    pub(crate) fn plan(&self, text: &str) -> Result<Plan> {
        self.proposed(text, Goal::Declared)
    }

    fn proposed(&self, text: &str, goal: Goal) -> Result<Plan> {
        let proposed = async { Ok(self.deployment(text).await.propose(goal).await?.plan) };
        self.memory.clock().run(proposed)
    }

    /// What `wsctl drift` finds.
    pub(crate) fn drift(&self, text: &str) -> Drift {
        let measured = async { self.deployment(text).await.measure().await };
        Drift::of(&self.memory.clock().run(measured).unwrap().plan)
    }

    /// The plan of a destroy.
    pub(crate) fn plan_to_destroy(&self, text: &str) -> Plan {
        self.proposed(text, Goal::Nothing).unwrap()
    }

    /// Writes down what is there.
    pub(crate) fn import(&self, args: &ImportArgs) -> Result<Imported> {
        self.memory
            .clock()
            .run(async { import(&self.process().await, args).await })
    }

    /// Makes these roots the stack's own, as `wsctl adopt` does with each.
    pub(crate) fn adopt(&self, text: &str, roots: &[Adoption]) {
        self.memory.clock().run(async {
            let deployment = self.deployment(text).await;
            let observed = deployment.observe().await.unwrap();
            let is_free = |it: &Live| it.owner == Owner::Nobody || it.spec["owned"] == false;
            let is_meant = |it: &Live, root: &Adoption| {
                let is_it = it.address != root.address
                    || root.id.is_none()
                    || it.outputs["id"] == json!(root.id);
                it.address.is_within(&root.address) && is_it
            };
            let adopted = observed
                .live
                .iter()
                .filter(|it| it.parent.is_none() && is_free(it));
            for live in adopted.filter(|it| roots.iter().any(|root| is_meant(it, root))) {
                let tags = Retag::owned(deployment.stack.name(), &live.address);
                deployment.retag(live, tags).await.unwrap();
            }
        });
    }

    async fn run(&self, text: &str, goal: Goal) -> Result<Report> {
        let deployment = self.deployment(text).await;
        let proposal = deployment.propose(goal).await?;
        let (_keep, interrupt) = watch::channel(false);
        Ok(Box::pin(deployment.apply(&proposal, &Quiet, interrupt, Proof::Read)).await)
    }

    /// Applies, whatever comes of it.
    pub(crate) fn try_apply(&self, text: &str) -> Result<Report> {
        self.memory.clock().run(self.run(text, Goal::Declared))
    }

    /// Applies `text` in as many processes as there are delays, each with the stack's lock, for
    /// which it waits as long as `patience`; what comes of each.
    pub(crate) fn apply_together(
        &self,
        text: &str,
        delays: &[Duration],
        patience: Duration,
    ) -> Vec<Result<Report>> {
        let process = async |delay: &Duration| {
            self.memory.clock().wait(*delay).await;
            let consent = Consent::Given {
                expects_change: true,
            };
            let order = Order {
                goal: Goal::Declared,
                consent,
                patience,
                proof: Proof::Read,
                operator: &Agreeable::default(),
            };
            Ok(Box::pin(self.deployment(text).await.carry_out(&order))
                .await?
                .report)
        };
        self.memory
            .clock()
            .run(join_all(delays.iter().map(process)))
    }

    /// As `apply --yes` and `destroy --yes` do it: with the lock, and the look for what is left. Nothing may fail.
    pub(crate) fn command(&self, text: &str, goal: Goal, proof: Proof) {
        let done = self.memory.clock().run(self.carry_out(text, goal, proof));
        whole(done.map(|(done, _)| done.report), text);
    }

    /// What a `destroy --yes` proves, whatever came of its steps.
    pub(crate) fn proved_gone(&self, text: &str) -> Gone {
        let done = self.carry_out(text, Goal::Nothing, Proof::Read);
        let done = self.memory.clock().run(done);
        let (_, gone) = done.unwrap_or_else(|error| panic!("{error}\n{text}"));
        gone.unwrap()
    }

    async fn carry_out(
        &self,
        text: &str,
        goal: Goal,
        proof: Proof,
    ) -> Result<(Done, Option<Gone>)> {
        let deployment = self.deployment(text).await;
        let order = Order {
            goal,
            consent: Consent::Given {
                expects_change: goal == Goal::Declared,
            },
            patience: Duration::ZERO,
            proof,
            operator: &Agreeable::default(),
        };
        let done = Box::pin(deployment.carry_out(&order)).await?;
        let gone = match goal {
            Goal::Nothing => Some(Box::pin(deployment.prove_gone(&done)).await?),
            _ => None,
        };
        Ok((done, gone))
    }

    /// Applies, and nothing may fail.
    pub(crate) fn apply(&self, text: &str) {
        whole(self.try_apply(text), text);
    }

    pub(crate) fn try_destroy(&self, text: &str) -> Result<Report> {
        self.memory.clock().run(self.run(text, Goal::Nothing))
    }

    pub(crate) fn destroy(&self, text: &str) {
        whole(self.try_destroy(text), text);
    }

    /// Nothing is left to do, nothing was done that must never be.
    pub(crate) fn is_settled(&self, text: &str) {
        self.later();
        let plan = self
            .plan(text)
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(
            plan.is_empty(),
            "{:#?}\n{text}",
            crate::support::story::told(&plan)
        );
        self.is_innocent();
    }

    /// Nothing was written that is not the stack's, nothing sent that no model allows.
    pub(crate) fn is_innocent(&self) {
        let wrongs = self.memory.cloud().wrongs.clone();
        assert!(wrongs.is_empty(), "{wrongs:#?}");
        let dangling = self.memory.cloud().dangling();
        assert!(dangling.is_empty(), "{dangling:#?}");
    }

    /// The writes of an apply to Cognito's things of these nouns, in order; the plan is empty then.
    pub(super) fn writes_to(&self, nouns: &[&str], text: &str) -> Vec<String> {
        self.writes();
        self.apply(text);
        let all = self.writes();
        self.is_settled(text);
        let counts = |it: &String| nouns.iter().any(|noun| it.contains(noun));
        let names = all.into_iter().filter(counts);
        names
            .map(|it| it.trim_start_matches("cognito-idp:").to_owned())
            .collect()
    }

    /// The writes since the last look.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.wire
            .take()
            .iter()
            .filter(|it| it.asked.writes())
            .map(|it| it.asked.name())
            .collect()
    }
}

/// Nothing failed.
pub(super) fn whole(report: Result<Report>, text: &str) {
    let report = report.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let failed: Vec<_> = report
        .results
        .iter()
        .filter(|it| !matches!(it.outcome, Outcome::Done(_)))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}\n{text}");
}
