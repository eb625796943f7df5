//! `wsctl destroy`: the deletions, the question, the work, and the proof.

use super::{
    apply::finish,
    change::Change,
    print, print_json,
    reach::region,
    session::{Session, load, named},
    tell,
};
use crate::{
    aws::Lock,
    cli::{DestroyArgs, Global},
    engine::{self, Done, Goal, Observed, Proposal},
    error::{Error, ErrorKind, Result},
    inventory::proof::{AfterDestroy, Proof},
    plain::plain,
    plan::Remark,
    view,
};
use serde_json::json;
use std::sync::OnceLock;

pub(super) async fn run(global: &Global, args: &DestroyArgs) -> Result<u8> {
    let session = open(global, args).await?;
    let stack = session.stack.name();
    let change = Change {
        session: &session,
        question: ("Delete all of this for good?", stack),
        consent: &args.consent,
        replaceable: &[],
        is_saved: false,
        is_shown: !global.json,
        proof: engine::Proof::Read,
        began: OnceLock::new(),
    };
    let done = change.carry_out(Goal::Nothing, &args.waiting, None).await?;
    let gone = session.prove_gone(&done).await?;
    for error in &gone.inventory.unread {
        tell(&format!(
            "not everything could be read again by name: {error}"
        ));
    }
    change.tell_total(&done.report);
    let (lock, proofs) = (gone.lock(stack), &gone.proofs);
    let Done {
        proposal: Proposal { observed, plan },
        report,
        was_there,
    } = done;
    if args.stack.is_some() && !was_there && lock.is_none() {
        return Err(nothing_found(&session, &observed));
    }
    let holder = match lock {
        Some(_) => Lock::clear(&session.aws, stack).await?,
        None => None,
    };
    let left: Vec<_> = proofs
        .iter()
        .filter(|it| matches!(it.fate, AfterDestroy::Left { .. }))
        .collect();
    if global.json {
        let left: Vec<_> = left.iter().map(|it| address(it)).collect();
        let done = json!({
            "plan": plan, "results": view::results(&report), "left": left, "proof": proofs,
        });
        print_json(&session.placed(&done)?)?;
    } else {
        print(&told(
            proofs,
            left.len() + usize::from(holder.is_some()),
            &plan.warnings,
        ))?;
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
        count => Err(Error::new(
            ErrorKind::Partly,
            format!("{count} of the stack's resources are still there"),
        )
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
    Error::refused(format!(
        "{}: nothing of it is there",
        session.place(observed)
    ))
    .hint("wsctl list --all-regions shows every stack of the account and where it is")
}

/// What a person calls it by.
fn address(proof: &Proof) -> String {
    proof
        .address
        .as_ref()
        .map_or_else(|| proof.name.clone(), ToString::to_string)
}

/// What a plan to destroy warns of is what stays of it in something attached.
fn told(proofs: &[Proof], left: usize, stays: &[Remark]) -> String {
    let table = if proofs.is_empty() {
        String::new()
    } else {
        format!("\n{}\n", view::proofs(proofs))
    };
    let stays: String = stays
        .iter()
        .map(|it| format!("{}: {}\n", it.address, plain(&it.text)))
        .collect();
    match (left, stays.is_empty()) {
        (0, true) => format!("{table}Nothing of the stack is left.\n"),
        (0, false) => format!("{table}\n{stays}Nothing else of the stack is left.\n"),
        _ => format!("{table}{stays}"),
    }
}
