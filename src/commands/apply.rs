//! `wsctl apply`: the plan, the question, the work, the outputs.

use super::{change::Change, last, outputs, print, print_json, saved, session::load, tell};
use crate::{
    cli::{ApplyArgs, Global},
    engine::{Done, Goal, Outcome, Proof, Proposal, Report},
    error::{Error, ErrorKind, Result},
    view,
};
use serde_json::json;
use std::sync::OnceLock;

pub(super) async fn run(global: &Global, args: &ApplyArgs) -> Result<u8> {
    let saved = args.plan.as_deref().map(saved::read).transpose()?;
    let loaded = load(global)?;
    if let (Some(file), Some(saved)) = (&args.plan, &saved) {
        saved.check(file, global, &loaded)?;
    }
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    if let (Some(file), Some(saved)) = (&args.plan, &saved) {
        saved.check_account(file, &session).await?;
    }
    let change = Change {
        session: &session,
        question: ("Apply this plan?", "yes"),
        consent: &args.consent,
        replaceable: &args.allow_replace,
        is_saved: saved.is_some(),
        is_shown: !global.json,
        proof: match args.no_proof {
            true => Proof::LeftOut,
            false => Proof::Read,
        },
        began: OnceLock::new(),
    };
    let done = change
        .carry_out(Goal::Declared, &args.waiting, saved.map(|it| it.agreed))
        .await?;
    let Done {
        proposal: Proposal { observed, plan },
        report,
        ..
    } = done;
    change.tell_total(&report);
    if report.is_complete() {
        last::remember(&session);
    }
    let there = outputs::There::applied(&session, &observed, &report);
    let outputs = outputs::collect(&session, &observed.stack, &there);
    if global.json {
        let done = json!({
            "plan": plan,
            "results": view::results(&report),
            "outputs": outputs.values,
        });
        print_json(&session.placed(&done)?)?;
    } else if report.is_complete() {
        print(&outputs::human(&session, &outputs, &report))?;
    }
    session.tell_calls();
    finish(&report)
}

/// Tells what was done, what failed and what was not tried; the exit code.
pub(super) fn finish(report: &Report) -> Result<u8> {
    if report.is_complete() {
        return Ok(0);
    }
    tell(&view::failures(report));
    let steps = format!(
        "{} of {} steps are done",
        report.done(),
        report.results.len()
    );
    Err(match report.was_interrupted() {
        true => Error::new(
            ErrorKind::Interrupted,
            format!("stopped before the end: {steps}"),
        )
        .hint("run the same command again: it goes on from where this one ended"),
        false => Error::new(
            of_failure(report),
            format!("not everything was done: {steps}"),
        )
        .hint(
            "each failure above says why; once that is mended, the same command goes on from here",
        ),
    })
}

/// Where nothing is done, nor half of anything, it is what the first failure is.
fn of_failure(report: &Report) -> ErrorKind {
    let failed = report.results.iter().filter_map(|it| match &it.outcome {
        Outcome::Failed(error) => Some(error.kind),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    match failed.first() {
        _ if report.done() > 0 || failed.contains(&ErrorKind::Half) => ErrorKind::Partly,
        first => first.copied().unwrap_or(ErrorKind::Aws),
    }
}
