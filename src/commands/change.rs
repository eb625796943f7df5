//! From a plan to its end, for apply and destroy: look, ask, lock, look again, and only then change.
//!
//! What is carried out was read under the lock, so nobody else's apply slips in between; and where
//! a person agreed to a plan, it is carried out only if it is still that plan.

use super::{
    confirm::{confirm, interrupts},
    last, print,
    session::{Session, check_allowed},
    tell,
};
use crate::{
    aws::Reads,
    cli::{Consent, Waiting},
    engine::{self, Observed, Report},
    error::{Error, Kind, Result},
    plan::{Agreed, Desired, Plan},
    value::Address,
    view,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// What was seen, and the plan made of it.
pub(super) struct Look {
    pub(super) observed: Observed,
    pub(super) plan: Plan,
}

/// A plan that was carried out.
pub(super) struct Done {
    pub(super) look: Look,
    pub(super) report: Report,
}

/// One apply or destroy.
pub(super) struct Change<'a> {
    pub(super) session: &'a Session,
    pub(super) desired: &'a [Desired],
    pub(super) make: &'a (dyn Fn(&Observed) -> Result<Plan> + Sync),
    /// The question, and the word that answers it.
    pub(super) question: (&'a str, &'a str),
    pub(super) consent: &'a Consent,
    /// What may be deleted and made anew.
    pub(super) replaceable: &'a [Address],
    pub(super) waiting: &'a Waiting,
    /// A plan agreed to earlier, which takes the place of the question.
    pub(super) saved: Option<Agreed>,
    /// Whether a person reads what is printed.
    pub(super) is_shown: bool,
}

/// How it went under the lock.
enum Outcome {
    Done(Box<Done>),
    /// Nothing was changed: it is no longer what was agreed to.
    Differs(Box<Look>),
}

impl Change<'_> {
    pub(super) async fn run(&self) -> Result<Done> {
        let reads = self.reads();
        let mut seen = match self.will_change_something(&reads).await? {
            true => None,
            false => Some(self.look(&reads).await?),
        };
        loop {
            if let Some(look) = seen.take_if(|it| it.plan.is_empty()) {
                return self.finish_without_change(look).await;
            }
            let agreed = match (&self.saved, &seen) {
                (Some(saved), _) => Some(saved.clone()),
                (None, Some(look)) if !self.consent.yes => Some(self.ask(look)?),
                _ => None,
            };
            match self.under_lock(agreed.as_ref()).await? {
                Outcome::Done(done) => return Ok(*done),
                Outcome::Differs(look) => seen = Some(self.differs(agreed.as_ref(), *look)?),
            }
        }
    }

    /// Whether it is likely that there is something to do, so that one look, under the lock, is
    /// enough. A person who will be asked sees a plan first, without the lock.
    async fn will_change_something(&self, reads: &Reads) -> Result<bool> {
        // Not even a lock is made in an account that is not meant.
        self.session.guard(reads).await?;
        if let Some(saved) = &self.saved {
            return Ok(!saved.is_empty());
        }
        let is_another = !self.desired.is_empty() && last::differs(self.session);
        Ok(self.consent.yes && (is_another || self.session.roots_differ(reads, self.desired).await?))
    }

    /// A destroy looks also at what was attached.
    fn reads(&self) -> Reads {
        if self.desired.is_empty() { self.session.reads_all() } else { self.session.reads().to_make() }
    }

    fn check(&self, plan: &Plan) -> Result<()> {
        check_allowed(plan, self.consent, self.replaceable)
    }

    async fn look(&self, reads: &Reads) -> Result<Look> {
        let observed = self.session.observe_with(reads).await?;
        let mut plan = (self.make)(&observed)?;
        self.session.weigh(&mut plan).await?;
        Ok(Look { observed, plan })
    }

    fn show(&self, look: &Look) -> Result<()> {
        match self.is_shown {
            true => print(&view::plan(&look.plan, &self.session.place(&look.observed))),
            false => Ok(()),
        }
    }

    fn ask(&self, look: &Look) -> Result<Agreed> {
        self.show(look)?;
        self.check(&look.plan)?;
        confirm(self.question.0, self.question.1)?;
        Agreed::to(&look.plan)
    }

    async fn finish_without_change(&self, look: Look) -> Result<Done> {
        if let Some(saved) = &self.saved {
            let now = Agreed::to(&look.plan)?;
            if *saved != now {
                return Err(no_longer_right(&saved.differences(&now)));
            }
        }
        self.show(&look)?;
        let interrupt = interrupts();
        let report = self.carry_out(&look, interrupt).await;
        Ok(Done { look, report })
    }

    /// Tells what became different, and asks again where there is somebody to ask.
    fn differs(&self, agreed: Option<&Agreed>, look: Look) -> Result<Look> {
        let now = Agreed::to(&look.plan)?;
        let differences = agreed.map(|it| it.differences(&now)).unwrap_or_default();
        if self.saved.is_some() {
            return Err(no_longer_right(&differences));
        }
        tell(&view::differences("what is there changed since the plan was shown", &differences));
        Ok(look)
    }

    async fn under_lock(&self, agreed: Option<&Agreed>) -> Result<Outcome> {
        let (aws, stack, interrupt) = (&self.session.aws, self.session.stack.name(), interrupts());
        let patience = Duration::from_secs(self.waiting.lock_wait.seconds());
        let work = self.with_lock(agreed, interrupt.clone());
        engine::locked(aws, stack, patience, &interrupt, work).await
    }

    async fn with_lock(
        &self,
        agreed: Option<&Agreed>,
        mut interrupt: watch::Receiver<bool>,
    ) -> Result<Outcome> {
        let reads = self.reads();
        let look = tokio::select! {
            look = self.look(&reads) => look?,
            _ = interrupt.wait_for(|is_so| *is_so) => return Err(stopped()),
        };
        if let Some(agreed) = agreed
            && *agreed != Agreed::to(&look.plan)?
        {
            return Ok(Outcome::Differs(Box::new(look)));
        }
        if self.consent.yes || self.saved.is_some() {
            self.show(&look)?;
            self.check(&look.plan)?;
        }
        let report = self.carry_out(&look, interrupt).await;
        Ok(Outcome::Done(Box::new(Done { look, report })))
    }

    /// Does the plan, with progress on stderr.
    async fn carry_out(&self, look: &Look, interrupt: watch::Receiver<bool>) -> Report {
        let (session, plan) = (self.session, &look.plan);
        let progress = view::Progress::new(plan);
        let aws = Arc::clone(&session.aws);
        engine::apply(aws, &session.kinds, &look.observed.stack, plan, &progress, interrupt).await
    }
}

fn stopped() -> Error {
    Error::new(Kind::Interrupted, "stopped: nothing was changed")
}

fn no_longer_right(differences: &[String]) -> Error {
    let told = view::differences("nothing was changed: the saved plan is no longer right", differences);
    Error::refused(told).hint("look at what is there now, and save a new plan: wsctl plan --out FILE")
}
