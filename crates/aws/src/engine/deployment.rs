//! A stack and the AWS that it is to be in: the one way from what is there to a plan, and from a plan to
//! what is there. Nothing is printed here and nobody is asked.

use super::{Observed, observe};
use crate::{
    aws::{Aws, Reads},
    error::Result,
    kind::AnyKind,
    kinds,
    owner::{ADDRESS_TAG, Owner, Retag},
    package::Package,
    plan::{Desired, Input, Plan, Undeclared, plan},
    spec::{self, Live},
    stack::{Diagnostic, Stack, code_address, path},
    value::Address,
};
use futures::future::try_join_all;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

/// What a deployment is to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What stack.toml declares, which also says what becomes of anything else.
    Declared,
    /// That and nothing else: what drift is measured by.
    Exactly,
    /// Nothing: the end of a destroy.
    Nothing,
}

/// What was seen, and the plan made of it.
pub struct Proposal {
    pub observed: Observed,
    pub plan: Plan,
}

/// A stack and the AWS that it is to be in.
pub struct Deployment {
    pub aws: Arc<Aws>,
    pub kinds: Vec<Box<dyn AnyKind>>,
    pub stack: Stack,
}

impl Deployment {
    pub fn new(aws: Arc<Aws>, stack: Stack) -> Self {
        Self {
            aws,
            kinds: kinds::all(),
            stack,
        }
    }

    /// Makes a function's zip known to the planner and to the kinds.
    pub fn use_package(&mut self, function: &str, package: Package) {
        self.stack
            .known
            .insert(code_address(function), json!({ "sha256": package.sha256 }));
        self.aws
            .zips
            .write()
            .expect("no panic while held")
            .insert(package.sha256, package.path);
    }

    /// The kind of this name.
    pub(super) fn kind(&self, name: &str) -> &dyn AnyKind {
        let kind = self.kinds.iter().find(|kind| kind.traits().name == name);
        kind.expect("every resource is of a registered kind")
            .as_ref()
    }

    fn desired(&self, goal: Goal) -> &[Desired] {
        if goal == Goal::Nothing {
            &[]
        } else {
            &self.stack.desired
        }
    }

    /// The questions of one look. Where nothing is to be there, also of what was attached and is declared
    /// no longer.
    pub fn reads(&self, goal: Goal) -> Reads {
        let desired = self.desired(goal);
        let reads = Reads::new(Arc::clone(&self.aws), self.stack.name());
        let attaches = desired.is_empty() || desired.iter().any(|it| it.lifecycle.existing);
        if attaches {
            reads.with_attached()
        } else {
            reads
        }
    }

    /// Looks at everything of the stack.
    pub async fn observe(&self) -> Result<Observed> {
        self.observe_with(&self.reads(Goal::Declared)).await
    }

    pub(super) async fn observe_with(&self, reads: &Reads) -> Result<Observed> {
        self.guard(reads).await?;
        // Boxed: the compiler has to lay out every future that awaits this one.
        Box::pin(observe(
            reads,
            &self.kinds,
            &self.stack.desired,
            &self.stack.known,
        ))
        .await
    }

    /// Refuses credentials of another account than the file names.
    pub async fn guard(&self, reads: &Reads) -> Result<()> {
        let Some(declared) = &self.stack.file.stack.account else {
            return Ok(());
        };
        let actual = reads.caller_account().await?;
        if *declared == actual {
            return Ok(());
        }
        let place = path(["stack", "account"]);
        let message = format!("the credentials are of account {actual}, not {declared}");
        let help = "use credentials of that account (--profile), or change this line";
        Err(self.stack.refuse(Diagnostic::error(place, message, help)))
    }

    /// Looks at what a plan needs, and makes it, with what it would lose for good.
    pub async fn propose(&self, goal: Goal) -> Result<Proposal> {
        Box::pin(self.propose_with(self.reads_to_propose(goal), goal)).await
    }

    pub(super) fn reads_to_propose(&self, goal: Goal) -> Reads {
        let reads = self.reads(goal);
        if goal == Goal::Declared {
            reads.to_make()
        } else {
            reads
        }
    }

    pub(super) async fn propose_with(&self, reads: Reads, goal: Goal) -> Result<Proposal> {
        let observed = self.observe_with(&reads).await?;
        // What AWS answered is no longer needed once it is read.
        drop(reads);
        let mut plan = self.plan(&observed, goal)?;
        self.weigh(&mut plan).await?;
        Ok(Proposal { observed, plan })
    }

    /// Measures what is there by what is declared, and looks also for ways in that no plan looks at.
    pub async fn measure(&self) -> Result<Proposal> {
        let reads = self.reads(Goal::Exactly).thorough();
        let mut observed = self.observe_with(&reads).await?;
        self.look_for_doors(&reads, &mut observed).await?;
        let plan = self.plan(&observed, Goal::Exactly)?;
        Ok(Proposal { observed, plan })
    }

    /// The plan that brings what was observed to the goal.
    pub fn plan(&self, observed: &Observed, goal: Goal) -> Result<Plan> {
        let mut known = self.stack.known.clone();
        known.insert(Address::new(["stack"]), json!(observed.stack));
        let mut plan = plan(Input {
            desired: self.desired(goal),
            live: observed.live.clone(),
            kinds: &spec::all(),
            known,
            undeclared: if goal == Goal::Declared {
                self.stack.undeclared()
            } else {
                Undeclared::Delete
            },
            lacks: observed.lacks.clone(),
        })?;
        plan.keep(
            self.stack
                .desired
                .iter()
                .filter(|it| it.lifecycle.protect)
                .map(|it| &it.address),
        );
        // Where all of it goes, each goes for that reason.
        for step in plan
            .steps
            .iter_mut()
            .filter(|it| goal == Goal::Nothing && !it.gives_back)
        {
            step.reason = None;
        }
        if !self.desired(goal).is_empty() {
            let found = self.stack.check_planned(&plan, &observed.live)?;
            plan.accept(self.stack.accepted(&plan.known));
            let warnings = self.stack.warnings.iter().chain(&found);
            plan.warnings.extend(warnings.map(Diagnostic::remark));
        }
        Ok(plan)
    }

    /// Asks what goes for good with what a plan removes, where reading alone does not tell. A plan that
    /// removes nothing of the kind asks nothing.
    async fn weigh(&self, plan: &mut Plan) -> Result<()> {
        let goes = plan
            .steps
            .iter()
            .filter(|step| step.removes() && !plan.loses(&step.address));
        let goes: Vec<_> = goes.filter_map(|step| step.live.clone()).collect();
        for live in goes {
            if let Some(what) = self.kind(live.kind).loses(&self.aws, &live).await? {
                plan.lose(&live, what);
            }
        }
        Ok(())
    }

    /// Asks for ways in past what a plan looks at, at everything of the stack's own. What is attached is
    /// its owner's.
    async fn look_for_doors(&self, reads: &Reads, observed: &mut Observed) -> Result<()> {
        let ours = observed
            .live
            .iter_mut()
            .filter(|it| it.owner == Owner::Ours);
        let asked = ours.map(async |live| {
            let found = self.kind(live.kind).doors(reads, live).await?;
            live.set_elsewhere.extend(found);
            Ok(())
        });
        try_join_all(asked).await.map(drop)
    }

    /// Whether the tagging API alone shows already that not exactly the roots are there that the goal
    /// has. What that API does not know does not count.
    pub(super) async fn roots_differ(&self, reads: &Reads, goal: Goal) -> Result<bool> {
        let tagged = reads.tagged_as_own().await?;
        let there: BTreeSet<_> = tagged
            .iter()
            .filter_map(|it| it.tags.get(ADDRESS_TAG))
            .cloned()
            .collect();
        let roots = self
            .desired(goal)
            .iter()
            .filter(|it| it.parent.is_none() && !it.lifecycle.existing);
        let roots = roots.filter(|it| self.kind(it.kind).traits().indexed);
        Ok(there != roots.map(|it| it.address.to_string()).collect())
    }

    /// Changes whose a resource is.
    pub async fn retag(&self, live: &Live, tags: Retag) -> Result<()> {
        self.kind(live.kind)
            .mark(&self.aws, live, tags)
            .await
            .map_err(|error| error.at(&live.address))
    }
}
