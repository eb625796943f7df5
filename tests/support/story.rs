//! A stack in an account of its own, told as a story: `story.edit(…); story.apply().await;
//! story.plan_is_empty().await`.

use super::{
    place::Place,
    wire::{Exchange, Wire},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tokio::sync::watch;
use wsctl::{
    aws::Aws,
    engine::{Deployment, Event, Goal, Observed, Outcome, Progress, Proof, Proposal, Report},
    error::Result,
    owner::Owner,
    package::{self, Crate, Package, Platform},
    plan::{Plan, Step},
    private::Private,
    spec::Live,
    stack::{Inputs, Stack},
    value::Address,
};

/// The one environment variable of every story, with its value.
pub(crate) const PLANTED: (&str, &str) = ("PLANTED", "planted-in-the-environment");

pub(crate) struct Story {
    pub(crate) aws: Arc<Aws>,
    pub(crate) wire: Wire,
    pub(crate) account: String,
    pub(crate) text: String,
    /// `--stack-name`.
    pub(crate) name: Option<String>,
    zip: PathBuf,
}

/// Who does not want to know.
pub(crate) struct Quiet;

impl Progress for Quiet {
    fn event(&self, _: Event<'_>) {}
}

impl Story {
    /// The repository's own stack.toml in a fresh account of MiniStack.
    pub(crate) async fn workshop() -> Self {
        Self::of(include_str!("../../stack.toml")).await
    }

    pub(crate) async fn of(text: &str) -> Self {
        Self::in_account(text, super::account()).await
    }

    /// With the repository's handler, in the account of requests without a signature. One test of a program can have
    /// it.
    pub(crate) async fn workshop_that_is_called() -> Self {
        Self::that_is_called(include_str!("../../stack.toml")).await
    }

    /// The same with another file; several can be there when their stacks' names differ.
    pub(crate) async fn that_is_called(text: &str) -> Self {
        let mut story = Self::in_account(text, super::UNSIGNED.into()).await;
        story.use_zip(&handler().path);
        story
    }

    /// In this account, of whichever emulator it is.
    pub(crate) fn at(place: Place, text: &str) -> Self {
        let Place {
            aws, wire, account, ..
        } = place;
        let text = text.replace("ap-southeast-1", super::REGION);
        Self {
            aws,
            wire,
            account,
            text,
            name: None,
            zip: uncalled().path.clone(),
        }
    }

    pub(crate) async fn in_account(text: &str, account: String) -> Self {
        let (wire, client) = Wire::new();
        let aws = super::connect(account.clone(), Some(client)).await;
        let text = text.replace("ap-southeast-1", super::REGION);
        Self {
            aws,
            wire,
            account,
            text,
            name: None,
            zip: uncalled().path.clone(),
        }
    }

    /// Changes the file; the old text has to be in it.
    pub(crate) fn edit(&mut self, old: &str, new: &str) {
        assert!(self.text.contains(old), "no {old:?} in the file");
        self.text = self.text.replacen(old, new, 1);
    }

    /// Gives the functions another zip.
    pub(crate) fn use_zip(&mut self, zip: &Path) {
        self.zip = zip.to_owned();
    }

    pub(crate) fn stack(&self) -> Stack {
        let planted = (PLANTED.0.to_owned(), PLANTED.1.to_owned());
        // What examples/social-login.toml names.
        let secret = |name: &str| (name.to_owned(), "not-a-real-secret".to_owned());
        let secrets = ["GOOGLE_CLIENT_SECRET", "COMPANY_CLIENT_SECRET"].map(secret);
        let environment = secrets.into_iter().chain([planted]).collect();
        let inputs = Inputs {
            name: self.name.clone(),
            environment,
            ..Inputs::default()
        };
        Stack::parse("stack.toml", &self.text, &inputs).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The file as it is now in a folder, for the program: its functions have the zip.
    pub(crate) fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let zip = format!("zip = {:?}", self.zip);
        let text = self.text.replace("crate = \"lambda\"", &zip);
        std::fs::write(folder.path().join("stack.toml"), text).unwrap();
        folder
    }

    /// The stack of the file as it is now, with the functions' zip.
    fn deployment(&self) -> Deployment {
        let package = package::open(&self.zip, "x86_64").unwrap();
        let stack = self.stack();
        let functions: Vec<_> = stack.file.functions.keys().cloned().collect();
        let mut deployment = Deployment::new(Arc::clone(&self.aws), stack);
        functions
            .iter()
            .for_each(|key| deployment.use_package(key, package.clone()));
        deployment
    }

    pub(crate) async fn observe(&self) -> Observed {
        self.deployment()
            .observe()
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    async fn propose(&self, goal: Goal) -> Proposal {
        self.deployment()
            .propose(goal)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn plan(&self) -> Plan {
        self.propose(Goal::Declared).await.plan
    }

    /// The plan, or why there is none.
    pub(crate) async fn try_plan(&self) -> Result<Plan> {
        Ok(self.deployment().propose(Goal::Declared).await?.plan)
    }

    pub(crate) async fn plan_to_destroy(&self) -> Plan {
        self.propose(Goal::Nothing).await.plan
    }

    async fn carry_out(&self, goal: Goal) -> Report {
        let deployment = self.deployment();
        let proposal = deployment
            .propose(goal)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let (_keep, interrupt) = watch::channel(false);
        Box::pin(deployment.apply(&proposal, &Quiet, interrupt, Proof::Read)).await
    }

    /// Applies, whatever comes of it.
    pub(crate) async fn try_apply(&self) -> Report {
        self.carry_out(Goal::Declared).await
    }

    /// Applies, and nothing may fail.
    pub(crate) async fn apply(&self) -> Report {
        let report = self.carry_out(Goal::Declared).await;
        assert_complete(&report);
        report
    }

    /// Destroys, whatever comes of it.
    pub(crate) async fn try_destroy(&self) -> Report {
        self.carry_out(Goal::Nothing).await
    }

    pub(crate) async fn destroy(&self) {
        assert_complete(&self.carry_out(Goal::Nothing).await);
    }

    pub(crate) async fn plan_is_empty(&self) {
        let plan = self.plan().await;
        assert!(plan.is_empty(), "{:#?}", told(&plan));
    }

    /// What the plan says, one line a step or a changed field.
    pub(crate) async fn told(&self) -> Vec<String> {
        told(&self.plan().await)
    }

    /// The writes since the last look, by name.
    pub(crate) fn writes(&self) -> Vec<String> {
        let taken = self.wire.take();
        taken
            .iter()
            .filter(|it| it.asked.writes())
            .map(|it| it.asked.name())
            .collect()
    }

    /// Everything sent since the last look.
    pub(crate) fn sent(&self) -> Vec<Exchange> {
        self.wire.take()
    }

    /// What is there and is ours.
    pub(crate) async fn owned(&self) -> Vec<Live> {
        self.observe()
            .await
            .live
            .into_iter()
            .filter(|live| live.owner == Owner::Ours)
            .collect()
    }

    /// An output of something that is there, whoever's it is.
    pub(crate) async fn output_of_used(&self, address: &str, output: &str) -> String {
        let address: Address = address.parse().unwrap();
        let live = self
            .observe()
            .await
            .live
            .into_iter()
            .find(|it| it.address == address);
        live.unwrap().outputs[output].as_str().unwrap().to_owned()
    }

    /// An output of something that is there.
    pub(crate) async fn output(&self, address: &str, output: &str) -> String {
        let address: Address = address.parse().unwrap();
        let live = self
            .owned()
            .await
            .into_iter()
            .find(|it| it.address == address);
        let live = live.unwrap_or_else(|| panic!("no {address}"));
        live.outputs[output]
            .as_str()
            .unwrap_or_else(|| panic!("{address} has no {output}"))
            .to_owned()
    }
}

fn assert_complete(report: &Report) {
    let failed: Vec<_> = report
        .results
        .iter()
        .filter(|it| !matches!(it.outcome, Outcome::Done(_)))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

pub(crate) fn told(plan: &Plan) -> Vec<String> {
    let lines = |step: &Step| {
        let head = format!("{:?} {}", step.action, step.address);
        let changes = step
            .changes
            .iter()
            .map(|it| format!("  {}: {} → {}", it.path, it.old, it.new));
        std::iter::once(head).chain(changes).collect::<Vec<_>>()
    };
    plan.steps.iter().flat_map(lines).collect()
}

/// For functions that are deployed and never called: the header of a program for x86_64, packed.
pub(crate) fn uncalled() -> &'static Package {
    static PACKED: OnceLock<Package> = OnceLock::new();
    PACKED.get_or_init(|| {
        let mut header = [0; 64];
        // 64 bits, little endian, version 1.
        header[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        // An executable, EM_X86_64, version 1.
        header[16..24].copy_from_slice(&[2, 0, 62, 0, 1, 0, 0, 0]);
        header[52] = 64; // its own size
        let zip = package::zip(&header).unwrap();
        package::keep(&zip, &packages(), "uncalled.zip").unwrap()
    })
}

/// The repository's handler, built and packed once in a test process.
pub(crate) fn handler() -> &'static Package {
    static BUILT: OnceLock<Package> = OnceLock::new();
    BUILT.get_or_init(|| built("lambda"))
}

/// The program of a crate of the repository: as it goes to AWS where everything is tried, otherwise as it goes to the
/// sandbox, which takes seconds.
pub(crate) fn built(crate_folder: &str) -> Package {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let handler = Crate {
        folder: &root.join(crate_folder),
        architecture: "x86_64",
        platform: match super::is_thorough() {
            true => Platform::Lambda,
            false => Platform::Sandbox,
        },
    };
    let mut tell = |line: &str| eprintln!("{line}");
    handler
        .build(&packages(), &Default::default(), &mut tell)
        .unwrap()
}

/// Where the tests' zips are.
fn packages() -> Private {
    Private::at(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages")).unwrap()
}
