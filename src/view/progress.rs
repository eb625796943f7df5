//! Progress while a plan is carried out: a moving line for each step on a terminal, otherwise
//! one plain line when a step ends.

use super::{colour, sign, styled};
use crate::{
    engine::{self, Event},
    plain::coloured,
    plan::{Action, Phase, Plan, Step},
    value::Address,
};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    sync::Mutex,
    time::Duration,
};

/// Shows progress on stderr.
pub struct Progress {
    bars: Option<MultiProgress>,
    running: Mutex<BTreeMap<(Address, Phase), ProgressBar>>,
    ended: Mutex<usize>,
    total: usize,
}

impl Progress {
    /// With `is_among_others`, lines of others come in between, and no line moves.
    pub fn new(plan: &Plan, is_among_others: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal() && !is_among_others;
        Self {
            bars: is_terminal.then(MultiProgress::new),
            running: Mutex::default(),
            ended: Mutex::default(),
            total: plan
                .steps
                .iter()
                .filter(|step| step.makes() || !step.goes_along)
                .count(),
        }
    }

    fn started(&self, step: &Step, phase: Phase) {
        let Some(bars) = &self.bars else { return };
        let bar = bars.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("  {spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar.set_message(format!("{} {}", step.address, doing(step, phase)));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.running
            .lock()
            .expect("no panic while held")
            .insert((step.address.clone(), phase), bar);
    }

    fn ended(&self, step: &Step, phase: Phase, took: Duration, failed: bool) {
        if let Some(bar) = self
            .running
            .lock()
            .expect("no panic while held")
            .remove(&(step.address.clone(), phase))
        {
            bar.finish_and_clear();
        }
        let is_half = step.makes() && phase != step.last();
        let mut ended = self.ended.lock().expect("no panic while held");
        *ended += usize::from(!is_half);
        let what = if failed { "failed" } else { done(step, phase) };
        let head = format!("{} {}", sign(step.action), step.address);
        let style = colour(if failed { Action::Delete } else { step.action });
        let line = format!(
            "[{}/{}] {} {what} in {:.1} s",
            *ended,
            self.total,
            styled(style, &head),
            took.as_secs_f64()
        );
        match &self.bars {
            Some(bars) => drop(bars.println(coloured(&line))),
            None => drop(writeln!(anstream::stderr(), "{}", coloured(&line))),
        }
    }
}

impl engine::Progress for Progress {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Started { step, phase } => self.started(step, phase),
            Event::Ended {
                step,
                phase,
                took,
                error,
            } => self.ended(step, phase, took, error.is_some()),
        }
    }
}

fn doing(step: &Step, phase: Phase) -> &'static str {
    match (phase, step.action) {
        (Phase::Remove, _) => "deleting",
        (Phase::Finish, _) => "finishing",
        (Phase::Make, Action::Update) => "updating",
        (Phase::Make, _) => "creating",
    }
}

fn done(step: &Step, phase: Phase) -> &'static str {
    match (phase, step.action) {
        (Phase::Remove, _) => "deleted",
        (Phase::Finish, _) => "finished",
        (Phase::Make, Action::Update) => "updated",
        (Phase::Make, _) => "created",
    }
}
