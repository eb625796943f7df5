//! `wsctl destroy`: the deletions, the question, the work, and the proof.

use super::{
    apply::finish,
    change::{Change, Done},
    print, print_json,
    reach::region,
    session::{Session, load, named},
    tell,
};
use crate::{
    aws::Lock,
    cli::{DestroyArgs, Global},
    engine::{Observed, Outcome, Report},
    error::{Error, Result},
    inventory::{
        self,
        proof::{Fate, Look, Proof, proofs},
    },
    owner::Owner,
    plain::plain,
    plan::{Plan, Remark, Undeclared},
    spec::Live,
    view,
};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) async fn run(global: &Global, args: &DestroyArgs) -> Result<u8> {
    let session = open(global, args).await?;
    let is_found = AtomicBool::new(false);
    let make = |seen: &Observed| {
        is_found.fetch_or(seen.live.iter().any(|live| live.owner == Owner::Ours), Ordering::Relaxed);
        plan(&session, seen)
    };
    let change = Change {
        session: &session,
        desired: &[],
        make: &make,
        question: ("Delete all of this for good?", session.stack.name()),
        consent: &args.consent,
        replaceable: &[],
        waiting: &args.waiting,
        saved: None,
        is_shown: !global.json,
    };
    let Done { look, report } = change.run().await?;
    let (plan, observed) = (look.plan, look.observed);
    let Proved { proofs, lock } = prove(&session, &observed, &report).await?;
    if args.stack.is_some() && !is_found.into_inner() && lock.is_none() {
        return Err(nothing_found(&session, &observed));
    }
    let holder = match lock {
        Some(_) => Lock::clear(&session.aws, session.stack.name()).await?,
        None => None,
    };
    let left: Vec<_> = proofs.iter().filter(|it| matches!(it.fate, Fate::Left { .. })).collect();
    if global.json {
        let left: Vec<_> = left.iter().map(|it| address(it)).collect();
        print_json(&json!({
            "plan": plan, "results": view::results(&report), "left": left, "proof": proofs,
        }))?;
    } else {
        print(&told(&proofs, left.len() + usize::from(holder.is_some()), &plan.warnings))?;
    }
    session.tell_calls();
    let code = finish(&report)?;
    if let Some(holder) = holder {
        return Err(Error::refused(format!("it is not sure that nothing comes back: {holder}")).hint(
            "when that is done, destroy again; if that process is dead, remove its lock with wsctl unlock",
        ));
    }
    match left.len() {
        0 => Ok(code),
        count => Err(Error::refused(format!("{count} of the stack's resources are still there"))
            .hint("each line above says why; once that is mended, wsctl destroy goes on")),
    }
}

/// The stack of the file, or the one that `--stack` names.
async fn open(global: &Global, args: &DestroyArgs) -> Result<Session> {
    let loaded = match &args.stack {
        Some(name) => named(name, &region(global).await?)?,
        None => load(global)?,
    };
    loaded.connect(global).await
}

/// A name without a file may be misspelt, or the region another.
fn nothing_found(session: &Session, observed: &Observed) -> Error {
    Error::refused(format!("{}: nothing of it is there", session.place(observed)))
        .hint("wsctl list --all-regions shows every stack of the account and where it is")
}

/// The plan against an empty stack.
fn plan(session: &Session, observed: &Observed) -> Result<Plan> {
    let mut plan = session.plan(observed, &[], Undeclared::Delete)?;
    for step in plan.steps.iter_mut().filter(|step| !step.gives_back) {
        step.reason = None;
    }
    Ok(plan)
}

/// What a second look shows.
struct Proved {
    proofs: Vec<Proof>,
    /// The stack's lock, which this destroy gave back, where one is there all the same.
    lock: Option<inventory::Lock>,
}

/// Reads every service again, by tag and by name.
async fn prove(session: &Session, observed: &Observed, report: &Report) -> Result<Proved> {
    let desired = &session.stack.desired;
    let is_used =
        |it: &Live| desired.iter().any(|root| root.lifecycle.existing && root.address == it.address);
    let is_ours = |it: &&Live| matches!(it.owner, Owner::Ours | Owner::Attached) || is_used(it);
    let ours = |live: &[Live]| -> Vec<Live> { live.iter().filter(is_ours).cloned().collect() };
    let reads = session.reads_all();
    let (after, inventory) = futures::join!(session.observe_with(&reads), inventory::read(&session.aws));
    for error in &inventory.unread {
        tell(&format!("not everything could be read again by name: {error}"));
    }
    let failures = report.results.iter().filter_map(|it| Some((it.address.clone(), failure(&it.outcome)?)));
    let proofs = proofs(&Look {
        before: &ours(&observed.live),
        after: &ours(&after?.live),
        inventory: &inventory,
        failures: &failures.collect(),
        stack: session.stack.name(),
    });
    let lock = inventory.locks.into_iter().find(|it| it.stack == session.stack.name());
    Ok(Proved { proofs, lock })
}

fn failure(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Done(_) => None,
        Outcome::Failed(error) => Some(error.to_string()),
        Outcome::Skipped { because } => Some(format!("{because} could not be deleted")),
        Outcome::Interrupted => Some("it was not tried: stopped".to_owned()),
    }
}

/// What a person calls it by.
fn address(proof: &Proof) -> String {
    proof.address.as_ref().map_or_else(|| proof.name.clone(), ToString::to_string)
}

/// What a plan to destroy warns of is what stays of it in something attached.
fn told(proofs: &[Proof], left: usize, stays: &[Remark]) -> String {
    let table = if proofs.is_empty() { String::new() } else { format!("\n{}\n", view::proofs(proofs)) };
    let stays: String = stays.iter().map(|it| format!("{}: {}\n", it.address, plain(&it.text))).collect();
    match (left, stays.is_empty()) {
        (0, true) => format!("{table}Nothing of the stack is left.\n"),
        (0, false) => format!("{table}\n{stays}Nothing else of the stack is left.\n"),
        _ => format!("{table}{stays}"),
    }
}
