//! What apply and destroy show, ask and allow while the engine carries them out.

use super::{
    confirm::{confirm, interrupts},
    last, print,
    session::{Session, check_allowed},
    tell,
};
use crate::{
    cli::{self, Waiting},
    engine::{Consent, Done, Goal, Operator, Order, Progress, Proposal},
    error::{Error, Result},
    plan::{ApprovedPlan, Plan},
    value::Address,
    view,
};
use std::time::Duration;
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
}

impl Change<'_> {
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

    fn differs(&self, differences: &[String]) -> Result<()> {
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
        Box::new(view::Progress::new(plan))
    }
}
