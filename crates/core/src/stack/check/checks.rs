//! What `[checks] allow` names. Pure.

use super::Findings;
use super::{Check, api::suggestion};
use crate::stack::checks::{Allowed, Unknown};
use crate::stack::source::path;
use std::collections::BTreeSet;

/// What is found only beside what is there: a line that allows it is never idle.
const LATER: [Check; 2] = [Check::MissingZip, Check::UnprotectedUsers];

/// Lines that name no check, or no place, or let nothing be.
pub(super) fn of_allow(found: &mut Findings<'_>, allow: &BTreeSet<String>) {
    for line in allow {
        let at = found.item(&path(["checks", "allow"]), line);
        match Allowed::of(line) {
            Ok(allowed) => {
                let is_met = LATER.contains(&allowed.check)
                    || found.found.iter().any(|it| allowed.covers(it));
                if !is_met {
                    let message = format!("nothing is there that `{line}` lets be");
                    found.warn(Check::IdleAllowance, at, message, "remove it");
                }
            }
            Err(Unknown::Check(id)) => {
                let known: Vec<_> = Check::ALL.iter().map(|it| it.id().to_owned()).collect();
                let help = suggestion(id, &known, "docs/stack-toml.md has the ids at its end");
                found.error(at, format!("there is no check `{id}`"), help);
            }
            Err(Unknown::Place(place)) => {
                let message = format!("`{place}` is no address");
                let help = "write the table's, such as user_pool.clients.web, or api.routes.\"GET /items\"";
                found.error(at, message, help);
            }
        }
    }
}
