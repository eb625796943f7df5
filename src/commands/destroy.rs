//! `wsctl destroy`: the deletions, the question, the work, and a second look.

use super::{
    apply::{carry_out, finish},
    confirm::confirm,
    print, print_json,
    session::{Session, check_consent, load},
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
    let observed = session.observe_all().await?;
    let plan = plan(&session, &observed)?;
    if !global.json {
        print(&view::plan(&plan, &session.place(&observed)));
    }
    check_consent(&plan, &args.consent)?;
    if !plan.is_empty() && !args.consent.yes {
        let name = session.stack.name();
        confirm("Delete all of this for good?", name)?;
    }
    let report = carry_out(&session, &observed, &plan).await;
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
    for step in plan.steps.iter_mut().filter(|step| !step.gives_back) {
        step.reason = None;
    }
    Ok(plan)
}

/// What is still there, by a fresh look: addresses, in order.
async fn left(session: &Session) -> Result<Vec<String>> {
    let observed = session.observe_all().await?;
    let ours = observed.live.iter().filter(|live| matches!(live.owner, Owner::Ours | Owner::Attached));
    Ok(ours.map(|live| live.address.to_string()).collect())
}
