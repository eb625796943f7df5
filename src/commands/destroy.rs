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
    cli::{DestroyArgs, Global},
    engine::{Observed, Outcome, Report},
    error::{Error, Result},
    inventory::{
        self,
        proof::{Fate, Look, Proof, proofs},
    },
    kind::{Live, Owner},
    plan::{Plan, Undeclared},
    view,
};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &DestroyArgs) -> Result<u8> {
    let session = open(global, args).await?;
    let make = |seen: &Observed| {
        check_found(&session, args, seen)?;
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
    let proofs = prove(&session, &observed, &report).await?;
    let left: Vec<_> = proofs.iter().filter(|it| matches!(it.fate, Fate::Left { .. })).collect();
    if global.json {
        let left: Vec<_> = left.iter().map(|it| address(it)).collect();
        print_json(&json!({
            "plan": plan, "results": view::results(&report), "left": left, "proof": proofs,
        }))?;
    } else {
        print(&told(&proofs, left.len()));
    }
    session.tell_calls();
    let code = finish(&report)?;
    match left.len() {
        0 => Ok(code),
        count => Err(Error::refused(format!("{count} of the stack's resources are still there"))
            .hint("run wsctl destroy again; what stays is listed above")),
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
fn check_found(session: &Session, args: &DestroyArgs, observed: &Observed) -> Result<()> {
    if args.stack.is_none() || observed.live.iter().any(|live| live.owner == Owner::Ours) {
        return Ok(());
    }
    Err(Error::refused(format!("{}: nothing of it is there", session.place(observed)))
        .hint("wsctl list --all-regions shows every stack of the account and where it is"))
}

/// The plan against an empty stack.
fn plan(session: &Session, observed: &Observed) -> Result<Plan> {
    let mut plan = session.plan(observed, &[], Undeclared::Delete)?;
    for step in plan.steps.iter_mut().filter(|step| !step.gives_back) {
        step.reason = None;
    }
    Ok(plan)
}

/// Reads every service again, by tag and by name.
async fn prove(session: &Session, observed: &Observed, report: &Report) -> Result<Vec<Proof>> {
    let desired = &session.stack.desired;
    let is_used = |it: &Live| desired.iter().any(|root| root.fate.existing && root.address == it.address);
    let is_ours = |it: &&Live| matches!(it.owner, Owner::Ours | Owner::Attached) || is_used(it);
    let ours = |live: &[Live]| -> Vec<Live> { live.iter().filter(is_ours).cloned().collect() };
    let reads = session.reads_all();
    let (after, inventory) = futures::join!(session.observe_with(&reads), inventory::read(&session.aws));
    for error in &inventory.unread {
        tell(&format!("not everything could be read again by name: {error}"));
    }
    let failures = report.results.iter().filter_map(|it| Some((it.address.clone(), failure(&it.outcome)?)));
    Ok(proofs(&Look {
        before: &ours(&observed.live),
        after: &ours(&after?.live),
        inventory: &inventory,
        failures: &failures.collect(),
        stack: session.stack.name(),
    }))
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

fn told(proofs: &[Proof], left: usize) -> String {
    let table = if proofs.is_empty() { String::new() } else { format!("\n{}\n", view::proofs(proofs)) };
    match left {
        0 => format!("{table}Nothing of the stack is left.\n"),
        _ => table,
    }
}
