//! `wsctl verify`: the workshop page's acceptance as one run.

use super::{
    confirm::interrupts,
    given, print, print_json,
    session::{Session, load},
    tell,
};
use crate::{
    aws::Reads,
    cli::{Global, VerifyArgs},
    engine::Observed,
    error::{Context, Error, Kind, Result},
    identity::{Http, Look, Part},
    owner::Owner,
    spec::{Produces, function::Function},
    stack::code_address,
    value::Address,
    verify::{Outcome, Status, Verify, declared},
    view,
};
use serde_json::json;
use std::sync::Arc;

/// Exit code 1 when any check failed.
pub(super) async fn run(global: &Global, args: &VerifyArgs) -> Result<u8> {
    let interrupt = interrupts();
    let mut session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    let place = session.place(&observed);
    if !observed.live.iter().any(|live| live.owner == Owner::Ours) {
        return Err(Error::refused(format!("{place}: nothing is there yet")).hint("run wsctl apply first"));
    }
    take_code_as_it_is(&mut session, &observed);
    let plan = session.plan(&observed, &session.stack.desired, session.stack.undeclared())?;
    let mut outcomes = declared(&session.stack.desired, &plan);
    let reads = Reads::new(Arc::clone(&session.aws), session.stack.name());
    let endpoint = session.endpoint.as_deref();
    let found = Look { reads: &reads, stack: &session.stack, endpoint }.at(&[Part::Login, Part::Api]).await?;
    let verify = Verify {
        aws: &session.aws,
        http: &Http::to(endpoint),
        file: &session.stack.file,
        place: &found,
        writes: args.write,
        is_slow: args.slow,
        signs_up: args.sign_up,
        lacks_database: lacks_database(&session),
        interrupt: interrupt.clone(),
    };
    outcomes.extend(Box::pin(verify.run()).await);
    show(global, args, &outcomes, &place)?;
    session.tell_calls();
    if *interrupt.borrow() {
        return Err(Error::new(Kind::Interrupted, "stopped before the end"));
    }
    Ok(u8::from(outcomes.iter().any(|it| it.status == Status::Failed)))
}

/// Whether the function is told of no database: on a laptop without PostgreSQL, or where `[vars]` still
/// names none. It then answers 503 to everybody who is let in.
fn lacks_database(session: &Session) -> bool {
    session.stack.known.get(&Address::new(["var"])).is_some_and(|vars| vars["db_host"] == "")
}

/// Which code a function runs is not looked at: to know the file's, it would have to be built.
fn take_code_as_it_is(session: &mut Session, observed: &Observed) {
    for live in observed.live.iter().filter(|live| live.kind == Function::NAME) {
        if let [_, key] = live.address.segments() {
            session.stack.known.insert(code_address(key), json!({ "sha256": live.spec["code"] }));
        }
    }
}

fn show(global: &Global, args: &VerifyArgs, outcomes: &[Outcome], place: &str) -> Result<()> {
    if global.json {
        print_json(&json!({ "checks": outcomes, "counts": view::counts(outcomes) }))?;
    } else {
        print(&given::complete(&view::checks(outcomes, place)))?;
    }
    if outcomes.iter().any(|it| it.status == Status::Failed) {
        tell("something is not as it should be; each failure says where to look");
    }
    if let Some(file) = &args.junit {
        let cannot = || format!("{}: cannot be written", file.display());
        std::fs::write(file, view::junit(outcomes)).context(Kind::Input, cannot())?;
    }
    Ok(())
}
