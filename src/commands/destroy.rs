//! `wsctl destroy`: the deletions, the question, the work, and a second look.

use super::{
    apply::finish,
    change::{Change, Done, Look},
    print, print_json,
    session::{Session, load},
};
use crate::{
    cli::{DestroyArgs, Global},
    engine::Observed,
    error::{Error, Result},
    kind::Owner,
    plan::{Plan, Undeclared},
    view,
};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &DestroyArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let make = |seen: &Observed| plan(&session, seen);
    let change = Change {
        session: &session,
        desired: &[],
        make: &make,
        question: ("Delete all of this for good?", session.stack.name()),
        consent: &args.consent,
        waiting: &args.waiting,
        saved: None,
        is_shown: !global.json,
    };
    let Done { look: Look { plan, .. }, report } = change.run().await?;
    let left = left(&session).await?;
    if global.json {
        print_json(&json!({ "plan": plan, "results": view::results(&report), "left": left }))?;
    } else {
        print(&view::left(&plan, &left));
    }
    session.tell_calls();
    let code = finish(&report)?;
    match left.is_empty() {
        true => Ok(code),
        false => Err(Error::refused(format!("{} of the stack's resources are still there", left.len()))
            .hint("run wsctl destroy again; what stays is listed above")),
    }
}

/// The plan against an empty stack.
fn plan(session: &Session, observed: &Observed) -> Result<Plan> {
    let mut plan = session.plan(observed, &[], Undeclared::Delete)?;
    for step in &mut plan.steps {
        step.reason = None;
    }
    Ok(plan)
}

/// What is still there, by a fresh look: addresses, in order.
async fn left(session: &Session) -> Result<Vec<String>> {
    let observed = session.observe().await?;
    let ours = observed.live.iter().filter(|live| live.owner == Owner::Ours);
    Ok(ours.map(|live| live.address.to_string()).collect())
}
