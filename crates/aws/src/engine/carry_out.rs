//! From a first look to the end of an apply or destroy: look, agree, lock, look again, and only then
//! change.
//!
//! What is carried out was read under the lock, so nobody else's apply slips in between; and where
//! somebody agreed to a plan, it is carried out only if it is still that plan.

use super::{Deployment, Goal, Progress, Proof, Proposal, Report, locked};
use crate::{
    aws::Reads,
    error::{Error, ErrorKind, Result},
    plan::{ApprovedPlan, Plan},
};
use std::time::Duration;
use tokio::sync::watch;

/// What has been agreed to before anything is looked at.
pub enum Consent {
    /// Nothing: whoever runs it is asked.
    Asked,
    /// Whatever the plan is.
    Given { expects_change: bool },
    /// This plan and no other.
    Saved(ApprovedPlan),
}

/// Whoever runs it: is shown what is done, and decides.
pub trait Operator: Sync {
    /// What is about to be done, or asked about; or that there is nothing to do.
    fn show(&self, proposal: &Proposal) -> Result<()>;
    /// Refuses a plan of which more would have to be allowed than was.
    fn check(&self, plan: &Plan) -> Result<()>;
    /// Whether to go ahead with what was shown.
    fn ask(&self) -> Result<()>;
    /// What is otherwise than was agreed to: an error where a saved plan was. If it is none, what is there
    /// now is shown and asked about.
    fn differs(&self, differences: &[String], now: &Plan) -> Result<()>;
    /// Turns true when nothing new is to be started. Not called before there is something to stop.
    fn interrupts(&self) -> watch::Receiver<bool>;
    fn progress(&self, plan: &Plan) -> Box<dyn Progress>;
}

/// One apply or destroy.
pub struct Order<'a> {
    pub goal: Goal,
    pub consent: Consent,
    /// How long another's lock is waited for.
    pub patience: Duration,
    pub proof: Proof,
    pub operator: &'a dyn Operator,
}

/// A plan that was carried out.
pub struct Done {
    pub proposal: Proposal,
    pub report: Report,
    /// Whether any look found something of the stack's own.
    pub was_there: bool,
}

/// How it went under the lock.
enum UnderLock {
    Done(Proposal, Report),
    /// Nothing was changed: it is no longer what was agreed to.
    Differs(Proposal),
}

impl Deployment {
    /// Brings what is there to the goal.
    pub async fn carry_out(&self, order: &Order<'_>) -> Result<Done> {
        let reads = self.reads_to_propose(order.goal);
        let mut seen = match self.will_change_something(order, &reads).await? {
            true => None,
            false => Some(self.propose_with(reads, order.goal).await?),
        };
        let mut was_there = false;
        loop {
            was_there |= seen.as_ref().is_some_and(|it| it.observed.has_own());
            if let Some(proposal) = seen.take_if(|it| it.plan.is_empty()) {
                let report = self.change_nothing(order, &proposal).await?;
                return Ok(Done {
                    proposal,
                    report,
                    was_there,
                });
            }
            let agreed = match (&order.consent, &seen) {
                (Consent::Saved(saved), _) => Some(saved.clone()),
                (Consent::Asked, Some(proposal)) => Some(order.ask(proposal)?),
                _ => None,
            };
            match Box::pin(self.under_lock(order, agreed.as_ref())).await? {
                UnderLock::Done(proposal, report) => {
                    was_there |= proposal.observed.has_own();
                    return Ok(Done {
                        proposal,
                        report,
                        was_there,
                    });
                }
                UnderLock::Differs(proposal) => seen = Some(proposal),
            }
        }
    }

    /// Whether it is likely that there is something to do, so that one look, under the lock, is
    /// enough. Whoever will be asked sees a plan first, without the lock.
    async fn will_change_something(&self, order: &Order<'_>, reads: &Reads) -> Result<bool> {
        // Not even a lock is made in an account that is not meant.
        self.guard(reads).await?;
        match &order.consent {
            Consent::Asked => Ok(false),
            Consent::Given {
                expects_change: true,
            } => Ok(true),
            Consent::Given {
                expects_change: false,
            } => self.roots_differ(reads, order.goal).await,
            Consent::Saved(saved) => Ok(!saved.is_empty()),
        }
    }

    async fn change_nothing(&self, order: &Order<'_>, proposal: &Proposal) -> Result<Report> {
        if let Consent::Saved(saved) = &order.consent {
            order.is_still(saved, proposal)?;
        }
        order.operator.show(proposal)?;
        Ok(self.apply_as(order, proposal).await)
    }

    async fn under_lock(
        &self,
        order: &Order<'_>,
        agreed: Option<&ApprovedPlan>,
    ) -> Result<UnderLock> {
        let interrupt = order.operator.interrupts();
        let work = self.with_lock(order, agreed, interrupt.clone());
        locked(
            &self.aws,
            self.stack.name(),
            order.patience,
            &interrupt,
            work,
        )
        .await
    }

    async fn with_lock(
        &self,
        order: &Order<'_>,
        agreed: Option<&ApprovedPlan>,
        mut interrupt: watch::Receiver<bool>,
    ) -> Result<UnderLock> {
        let proposal = tokio::select! {
            proposal = self.propose(order.goal) => proposal?,
            _ = interrupt.wait_for(|is_so| *is_so) => return Err(stopped()),
        };
        if let Some(agreed) = agreed
            && !order.is_still(agreed, &proposal)?
        {
            return Ok(UnderLock::Differs(proposal));
        }
        if !matches!(order.consent, Consent::Asked) {
            order.operator.show(&proposal)?;
            order.operator.check(&proposal.plan)?;
        }
        let report = self.apply_as(order, &proposal).await;
        Ok(UnderLock::Done(proposal, report))
    }

    async fn apply_as(&self, order: &Order<'_>, proposal: &Proposal) -> Report {
        let progress = order.operator.progress(&proposal.plan);
        let interrupts = order.operator.interrupts();
        self.apply(proposal, &*progress, interrupts, order.proof)
            .await
    }
}

impl Order<'_> {
    fn ask(&self, proposal: &Proposal) -> Result<ApprovedPlan> {
        self.operator.show(proposal)?;
        self.operator.check(&proposal.plan)?;
        self.operator.ask()?;
        ApprovedPlan::to(&proposal.plan)
    }

    /// Whether this is what was agreed to; if not, the differences are told.
    fn is_still(&self, agreed: &ApprovedPlan, proposal: &Proposal) -> Result<bool> {
        let now = ApprovedPlan::to(&proposal.plan)?;
        let is_so = *agreed == now;
        if !is_so {
            self.operator
                .differs(&agreed.differences(&now), &proposal.plan)?;
        }
        Ok(is_so)
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "stopped: nothing was changed")
}
