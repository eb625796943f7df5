//! `wsctl apply`: the plan, the question, the work, the outputs.

use super::{
    confirm::{confirm, interrupts},
    outputs, print, print_json,
    session::{Session, check_consent, check_replacements, load},
    tell,
};
use crate::{
    cli::{ApplyArgs, Global},
    engine::{self, Observed, Report},
    error::{Error, Kind, Result},
    plan::Plan,
    view,
};
use serde_json::json;
use std::sync::Arc;

pub(super) async fn run(global: &Global, args: &ApplyArgs) -> Result<u8> {
    let loaded = load(global)?;
    let packages = loaded.packages()?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let observed = session.observe().await?;
    let plan = session.plan(&observed, &session.stack.desired, session.stack.undeclared())?;
    if !global.json {
        print(&view::plan(&plan, &session.place(&observed)));
    }
    check_consent(&plan, &args.consent)?;
    check_replacements(&plan, &args.allow_replace)?;
    if !plan.is_empty() && !args.consent.yes {
        confirm("Apply this plan?", "yes")?;
    }
    let report = carry_out(&session, &observed, &plan).await;
    let outputs = outputs::collect(&session, &report.known);
    if global.json {
        print_json(&json!({
            "plan": plan,
            "results": view::results(&report),
            "outputs": outputs.values,
        }))?;
    } else if report.is_complete() {
        print(&outputs::human(&session, &outputs));
    }
    session.tell_calls();
    finish(&report)
}

/// Does the plan, with progress on stderr.
pub(super) async fn carry_out(session: &Session, observed: &Observed, plan: &Plan) -> Report {
    let progress = view::Progress::new(plan);
    let interrupt = interrupts();
    let aws = Arc::clone(&session.aws);
    engine::apply(aws, &session.kinds, &observed.stack, plan, &progress, interrupt).await
}

/// Tells what was done, what failed and what was not tried; the exit code.
pub(super) fn finish(report: &Report) -> Result<u8> {
    if report.is_complete() {
        return Ok(0);
    }
    tell(&view::failures(report));
    let (kind, what) = match report.was_interrupted() {
        true => (Kind::Interrupted, "stopped before the end"),
        false => (Kind::Aws, "not everything was done"),
    };
    Err(Error::new(kind, what).hint("run the same command again: it goes on from where this one ended"))
}
