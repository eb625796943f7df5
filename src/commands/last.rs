//! What was applied from this folder last: a guess whether the next apply has something to do. Only
//! the order of two steps depends on it, so that losing it, or a wrong one, costs a few requests.

use super::session::Session;
use crate::{
    private::Private,
    value::{Address, digest},
};
use serde_json::{Value, json};

/// Whether stack.toml declares something else than what was applied last; no when nothing is known.
pub(super) fn differs(session: &Session) -> bool {
    let last = folder(session).read(session.stack.name(), 1000);
    last.is_ok_and(|last| last.is_some_and(|it| it != declared(session).as_bytes()))
}

/// Notes what was applied; where that cannot be written, the next apply has nothing to guess from.
pub(super) fn remember(session: &Session) {
    let _ = folder(session).write(session.stack.name(), declared(session).as_bytes());
}

fn folder(session: &Session) -> Private {
    Private::beside(&session.folder, "applied")
}

/// A digest of what is declared. Values from the environment, which may be secrets, are not in it.
fn declared(session: &Session) -> String {
    let stack = &session.stack;
    let environment = Address::new(["env"]);
    let known = stack
        .known
        .iter()
        .filter(|(address, _)| **address != environment);
    let known = known.map(|(address, value)| (address.to_string(), value.clone()));
    let specs = stack
        .desired
        .iter()
        .map(|it| (it.address.to_string(), Value::clone(&it.spec)));
    let place = json!([session.endpoint, session.sandbox.is_some()]);
    let (known, specs): (serde_json::Map<_, Value>, serde_json::Map<_, Value>) =
        (known.collect(), specs.collect());
    digest(&json!([place, known, specs]))
}
