//! What apply and destroy show, ask and allow while the engine carries them out.

use super::{
    confirm::{confirm, interrupts},
    document::Events,
    given::{is_verbose, wants_quiet},
    last, print,
    session::{Session, check_allowed},
    tell,
};
use crate::{
    cli::{self, Waiting},
    engine::{Consent, Done, Event, Goal, Operator, Order, Progress, Proof, Proposal, Report},
    error::{Error, Result},
    plan::{Action, ApprovedPlan, Plan, Step},
    value::Address,
    view::{self, Detail},
};
use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// One apply or destroy.
pub(super) struct Change<'a> {
    pub(super) session: &'a Session,
    /// The question, and the word that answers it.
    pub(super) question: (&'a str, &'a str),
    pub(super) consent: &'a cli::Consent,
    /// What may be deleted and made anew.
    pub(super) replaceable: &'a [Address],
    /// Whether a plan agreed to earlier takes the place of the question.
    pub(super) is_saved: bool,
    /// Whether a person reads what is printed.
    pub(super) is_shown: bool,
    /// Whether what is done is read again.
    pub(super) proof: Proof,
    /// When the work began.
    pub(super) began: OnceLock<Instant>,
}

/// For nobody.
struct Unheard;

impl Progress for Unheard {
    fn event(&self, _: Event<'_>) {}
}

impl Change<'_> {
    /// Of a stack that is all to be made, the file itself says what each resource is like.
    fn detail(&self, plan: &Plan) -> Detail {
        let makes = |it: &Step| it.action == Action::Create;
        match self.session.detail() {
            Detail::Usual if plan.unchanged == 0 && plan.steps.iter().all(makes) => Detail::Brief,
            detail => detail,
        }
    }

    /// How much was done, and in which time.
    pub(super) fn tell_total(&self, report: &Report) {
        let Some(began) = self
            .began
            .get()
            .filter(|_| report.is_complete() && report.done() > 0)
        else {
            return;
        };
        let (count, took) = (report.done(), began.elapsed().as_secs_f64());
        tell(&format!("{count} of {count} done in {took:.1} s"));
    }

    pub(super) async fn carry_out(
        &self,
        goal: Goal,
        waiting: &Waiting,
        saved: Option<ApprovedPlan>,
    ) -> Result<Done> {
        let deployment = &self.session.deployment;
        let consent = match saved {
            Some(saved) => Consent::Saved(saved),
            None if self.consent.yes => {
                let declares = goal == Goal::Declared && !deployment.stack.desired.is_empty();
                Consent::Given {
                    expects_change: declares && last::differs(self.session),
                }
            }
            None => Consent::Asked,
        };
        let patience = Duration::from_secs(waiting.lock_wait.seconds());
        deployment
            .carry_out(&Order {
                goal,
                consent,
                patience,
                proof: self.proof,
                operator: self,
            })
            .await
    }
}

impl Operator for Change<'_> {
    fn show(&self, proposal: &Proposal) -> Result<()> {
        match self.is_shown {
            true => print(&view::plan(
                &proposal.plan,
                &self.session.place(&proposal.observed),
                self.detail(&proposal.plan),
            )),
            false => Ok(()),
        }
    }

    fn check(&self, plan: &Plan) -> Result<()> {
        check_allowed(plan, self.consent, self.replaceable)
    }

    fn ask(&self) -> Result<()> {
        confirm(self.question.0, self.question.1)
    }

    fn differs(&self, differences: &[String], now: &Plan) -> Result<()> {
        if self.is_saved && now.is_empty() {
            return Err(Error::refused(
                "nothing is left of this plan to do: all is as stack.toml has it",
            )
            .hint("it was applied already, by this or another run; wsctl plan --out FILE saves a new one when something changes"));
        }
        if self.is_saved {
            let told = view::differences(
                "nothing was changed: the saved plan is no longer right",
                differences,
            );
            return Err(Error::refused(told)
                .hint("look at what is there now, and save a new plan: wsctl plan --out FILE"));
        }
        tell(&view::differences(
            "what is there changed since the plan was shown",
            differences,
        ));
        Ok(())
    }

    fn interrupts(&self) -> watch::Receiver<bool> {
        interrupts()
    }

    fn progress(&self, plan: &Plan) -> Box<dyn Progress> {
        let _ = self.began.set(Instant::now());
        match self.is_shown {
            _ if wants_quiet() => Box::new(Unheard),
            true => Box::new(view::Progress::new(plan, is_verbose())),
            false => Box::new(Events),
        }
    }
}
