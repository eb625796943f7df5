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
    engine::Goal,
    error::{Context, Error, ErrorKind, Result},
    identity::{EndpointsQuery, Http, Part, api_key},
    spec::api_key::ApiKey,
    value::Address,
    verify::{CheckOutcome, Status, Verify, declared},
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
    if !observed.has_own() {
        return Err(
            Error::input(format!("{place}: nothing is there yet")).hint("run wsctl apply first")
        );
    }
    session.deployment.stack.take_code_as_it_is(&observed.live);
    let plan = session.plan(&observed, Goal::Declared)?;
    let mut outcomes = declared(&session.stack.desired, &plan);
    let reads = Reads::new(Arc::clone(&session.aws), session.stack.name());
    let endpoint = session.endpoint.as_deref();
    let keys = good_key(&session).map(|_| Part::ApiKeys);
    let parts: Vec<_> = [Part::Login, Part::Api].into_iter().chain(keys).collect();
    let found = EndpointsQuery {
        reads: &reads,
        stack: &session.stack,
        endpoint,
    }
    .at(&parts)
    .await?;
    let api_key = match good_key(&session).and_then(|key| found.api_keys.get(key)) {
        Some(id) => api_key::value(&session.aws, id).await?,
        None => None,
    };
    let verify = Verify {
        aws: &session.aws,
        http: &Http::to(endpoint),
        file: &session.stack.file,
        place: &found,
        api_key,
        writes: args.write,
        is_slow: args.slow,
        signs_up: args.sign_up,
        lacks_database: lacks_database(&session),
        interrupt: interrupt.clone(),
    };
    outcomes.extend(Box::pin(verify.run()).await);
    show(global, args, &session, &outcomes, &place)?;
    session.tell_calls();
    if *interrupt.borrow() {
        return Err(Error::new(ErrorKind::Interrupted, "stopped before the end"));
    }
    Ok(u8::from(
        outcomes.iter().any(|it| it.status == Status::Failed),
    ))
}

/// A key of the file with which routes can be called, where there is any.
fn good_key(session: &Session) -> Option<&String> {
    let mut keys = session.stack.file.api_keys.iter();
    let is_good = |it: &ApiKey| it.usage_plan.is_some() && it.enabled != Some(false);
    keys.find(|it| is_good(it.1)).map(|it| it.0)
}

/// Whether the function is told of no database: on a laptop without PostgreSQL, or where `[vars]` still
/// names none. It then answers 503 to everybody who is let in.
fn lacks_database(session: &Session) -> bool {
    session
        .stack
        .known
        .get(&Address::new(["var"]))
        .is_some_and(|vars| vars["db_host"] == "")
}

fn show(
    global: &Global,
    args: &VerifyArgs,
    session: &Session,
    outcomes: &[CheckOutcome],
    place: &str,
) -> Result<()> {
    if global.json {
        let checked = json!({ "checks": outcomes, "counts": view::counts(outcomes) });
        print_json(&session.placed(&checked)?)?;
    } else {
        print(&given::complete(&view::checks(outcomes, place)))?;
    }
    if outcomes.iter().any(|it| it.status == Status::Failed) {
        tell("something is not as it should be; each failure says where to look");
    }
    if let Some(file) = &args.junit {
        let cannot = || format!("{}: cannot be written", file.display());
        std::fs::write(file, view::junit(outcomes)).context(ErrorKind::Input, cannot())?;
    }
    Ok(())
}
