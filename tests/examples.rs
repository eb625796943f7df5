//! Every stack file that comes with wsctl, through its whole life on both emulators.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use support::place::{Emulator, Place};
use tokio::sync::{OnceCell, watch};
use wsctl::{
    aws::Reads,
    engine::{self, Event, Observed, Outcome, Progress, Report},
    kind::{AnyKind, Owner},
    kinds,
    package::{self, Package},
    plan::{Desired, Input, Plan, Undeclared, plan},
    stack::{Inputs, Stack, code_address},
    value::Address,
};

/// A stack file, and the account that it is applied in.
struct Life {
    place: Place,
    kinds: Vec<Box<dyn AnyKind>>,
    stack: Stack,
}

impl Life {
    async fn of(file: &str, emulator: Emulator) -> Self {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let (kinds, inputs) =
            (kinds::all(), Inputs { region: Some(support::REGION.into()), ..Inputs::default() });
        let stack = Stack::parse(file, &text, &inputs, &kinds).unwrap();
        let mut life = Self { place: Place::new(emulator).await, kinds, stack };
        life.pack().await;
        life
    }

    /// Gives every function its zip.
    async fn pack(&mut self) {
        for key in self.stack.file.functions.keys() {
            let Package { sha256, path, .. } = handler().await.clone();
            self.stack.known.insert(code_address(key), json!({ "sha256": sha256 }));
            self.place.aws.zips.write().unwrap().insert(sha256, path);
        }
    }

    async fn observe(&self) -> Observed {
        let reads = Reads::new(Arc::clone(&self.place.aws), self.stack.name());
        let observing = engine::observe(&reads, &self.kinds, &self.stack.desired, &self.stack.known);
        Box::pin(observing).await.unwrap()
    }

    fn plan(&self, observed: &Observed, desired: &[Desired]) -> Plan {
        let traits: Vec<_> = self.kinds.iter().map(|kind| kind.traits()).collect();
        let mut known = self.stack.known.clone();
        known.insert(Address::new(["stack"]), json!(observed.stack));
        let live = observed.live.clone();
        plan(Input { desired, live, kinds: &traits, known, undeclared: Undeclared::Delete }).unwrap()
    }

    async fn carry_out(&self, observed: &Observed, plan: &Plan) -> Report {
        let aws = Arc::clone(&self.place.aws);
        let (_interrupt, never) = watch::channel(false);
        Box::pin(engine::apply(aws, &self.kinds, &observed.stack, plan, &Silent, never)).await
    }

    /// Applies the file, and says how many steps there were.
    async fn apply(&self) -> usize {
        let observed = self.observe().await;
        let plan = self.plan(&observed, &self.stack.desired);
        assert_done(&self.carry_out(&observed, &plan).await);
        plan.steps.len()
    }

    async fn destroy(&self) -> usize {
        let observed = self.observe().await;
        let plan = self.plan(&observed, &[]);
        assert_done(&self.carry_out(&observed, &plan).await);
        plan.steps.len()
    }

    /// The addresses of what the stack owns.
    async fn owned(&self) -> Vec<String> {
        let live = self.observe().await.live;
        live.iter().filter(|it| it.owner == Owner::Ours).map(|it| it.address.to_string()).collect()
    }
}

struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event<'_>) {}
}

fn assert_done(report: &Report) {
    let failed = report.results.iter().filter(|it| !matches!(it.outcome, Outcome::Done(_)));
    let failed: Vec<_> =
        failed.map(|it| format!("{:?} {}: {:?}", it.action, it.address, it.outcome)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The zip of the workspace's own handler, built once.
async fn handler() -> &'static Package {
    static BUILT: OnceCell<Package> = OnceCell::const_new();
    let build = || async {
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("packages");
        let building = move || package::build(&root().join("lambda"), "x86_64", &out, &mut |_| {});
        tokio::task::spawn_blocking(building).await.unwrap().unwrap()
    };
    BUILT.get_or_init(build).await
}

async fn lives_its_life(file: &str, emulator: Emulator) {
    let life = Life::of(file, emulator).await;
    let made = life.apply().await;
    assert_eq!(made, life.stack.desired.len());
    let observed = life.observe().await;
    let plan = life.plan(&observed, &life.stack.desired);
    let left: Vec<_> = plan
        .steps
        .iter()
        .map(|it| json!({"address": it.address, "action": it.action, "changes": it.changes}))
        .collect();
    assert!(plan.is_empty(), "{left:#?}");
    assert_eq!(plan.notes, []);
    life.place.writes();
    assert_eq!(life.apply().await, 0);
    assert_eq!(life.place.writes(), Vec::<String>::new());
    assert_eq!(life.destroy().await, made);
    assert_eq!(life.owned().await, Vec::<String>::new());
    assert_eq!(life.destroy().await, 0);
}

macro_rules! on_both {
    ($($name:ident: $file:literal,)*) => {$(
        mod $name {
            use super::{Emulator, lives_its_life};

            #[tokio::test]
            async fn on_ministack() {
                Box::pin(lives_its_life($file, Emulator::MiniStack)).await;
            }

            #[tokio::test]
            async fn on_moto() {
                Box::pin(lives_its_life($file, Emulator::Moto)).await;
            }
        }
    )*};
}

on_both! {
    the_workshops_stack_is_made_kept_and_destroyed: "stack.toml",
    a_pool_alone_is_made_kept_and_destroyed: "examples/pool-only.toml",
    public_read_is_made_kept_and_destroyed: "examples/public-read.toml",
    two_clients_are_made_kept_and_destroyed: "examples/two-clients.toml",
}
