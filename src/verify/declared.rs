//! Whether AWS has what the file says, told by the page's steps. Pure.
//!
//! Some faults show in no answer: a permission that is wider than declared, an undeclared route, a
//! change that was not deployed. The plan sees them.

use super::{
    checks::{self, Check},
    report::{CheckOutcome, failed},
};
use crate::{
    plan::{Action, Desired, Plan, Step},
    stack::split_api,
    value::Address,
};
use std::collections::BTreeSet;

/// One outcome for each part of the stack that is declared, or there without being declared.
pub fn declared(desired: &[Desired], plan: &Plan) -> Vec<CheckOutcome> {
    let of = |check: &Check, address: &Address| part(address) == Some(check);
    let outcome = |check: &'static Check| {
        let wanted: BTreeSet<_> = desired
            .iter()
            .map(|it| &it.address)
            .filter(|address| of(check, address))
            .collect();
        let steps: Vec<_> = plan
            .steps
            .iter()
            .filter(|step| of(check, &step.address))
            .collect();
        let found = match steps.as_slice() {
            [] if wanted.is_empty() => return None,
            [] => Ok(format!("{} as declared", wanted.len())),
            steps => failed(
                steps
                    .iter()
                    .map(|step| difference(step))
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
        };
        Some(CheckOutcome::new(
            check,
            format!("{} as in stack.toml", check.name),
            found,
        ))
    };
    checks::ALL
        .iter()
        .filter_map(|check| outcome(check))
        .collect()
}

/// The check of the part of the stack that an address belongs to.
fn part(address: &Address) -> Option<&'static Check> {
    if let Some((_, parts)) = split_api(address.segments()) {
        return Some(match parts.first().map(String::as_str) {
            Some("authorizers") => &checks::AUTHORIZER,
            Some("routes") => &checks::METHODS,
            Some("stage") => &checks::DEPLOYMENT,
            _ => &checks::API,
        });
    }
    let segments: Vec<_> = address.segments().iter().map(String::as_str).collect();
    Some(match segments.as_slice() {
        ["user_pool", "clients", ..] => &checks::CLIENT,
        ["user_pool", "domain" | "custom_domain", ..] => &checks::DOMAIN,
        ["user_pool", "groups", ..] => &checks::GROUP,
        ["user_pool", ..] => &checks::POOL,
        ["identity_pool", ..] => &checks::IDENTITY_POOL,
        ["functions", _, "permissions", ..] => &checks::PERMISSION,
        ["functions" | "secrets", ..] => &checks::FUNCTION,
        _ => return None,
    })
}

fn difference(step: &Step) -> String {
    let what = match step.action {
        Action::Create => "is not there".to_owned(),
        Action::Delete => "is there without being declared".to_owned(),
        Action::Update | Action::Replace => {
            let changes = step.shown().into_iter();
            let fields = changes.map(|it| format!("{} is {}, not {}", it.path, it.old, it.new));
            fields.collect::<Vec<_>>().join(", ")
        }
    };
    format!("{} {what}", step.address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kinds,
        stack::{Inputs, Stack},
    };

    #[test]
    fn everything_in_the_workshops_stack_belongs_to_a_step_of_its_page() {
        let (text, _kinds) = (include_str!("../../stack.toml"), kinds::all());
        let stack = Stack::parse("stack.toml", text, &Inputs::default()).unwrap();
        for desired in &stack.desired {
            assert!(part(&desired.address).is_some(), "{}", desired.address);
        }
    }
}
