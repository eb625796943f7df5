//! What shows only beside what is there. Pure.

use super::{Findings, functions};
use crate::{
    kind::Produces,
    kinds::client::Client,
    plan::{Action, Plan, Step},
    stack::source::{Diagnostic, Severity, path},
};
use serde_json::Value;

const REFRESH: &str = "ALLOW_REFRESH_TOKEN_AUTH";

/// Mistakes in `resolved`, where all is in its place that the plan knows, and what a warning was of
/// that nothing there can have.
pub(crate) fn planned(plan: &Plan, resolved: &Value, warnings: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut found = Findings { tree: resolved, found: vec![] };
    functions::sizes(&mut found, resolved);
    rotation(&mut found, plan);
    let makes = |it: &Step| matches!(it.action, Action::Create | Action::Replace);
    let made: Vec<_> = plan.steps.iter().filter(|it| makes(it)).map(|it| &it.address).collect();
    let missing = warnings.iter().filter(|it| it.unless_there.as_ref().is_some_and(|at| made.contains(&at)));
    let missing = missing.map(|it| Diagnostic { severity: Severity::Error, ..it.clone() });
    found.found.into_iter().chain(missing).collect()
}

/// A client whose refresh tokens are good only once takes no flow in which they are good for ever
/// (Cognito developer guide, "Refresh token rotation"), and only other tools turn that off.
fn rotation(found: &mut Findings<'_>, plan: &Plan) {
    for step in plan.steps.iter().filter(|it| it.kind == Client::NAME && it.action == Action::Update) {
        let flows: Vec<_> =
            step.spec["auth_flows"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let rotates = step.live.as_ref().is_some_and(|it| it.outputs["rotates"] == true);
        if rotates && flows.contains(&REFRESH) {
            let others: Vec<_> =
                flows.iter().filter(|it| **it != REFRESH).map(|it| format!("{it:?}")).collect();
            let mut list = path(step.address.segments().iter().cloned());
            list.push("auth_flows".into());
            let help =
                format!("write auth_flows = [{}]; wsctl token --refresh needs no flow", others.join(", "));
            let at = found.item(&list, REFRESH);
            found.error(
                at,
                format!("the client rotates its refresh tokens: AWS takes no {REFRESH} then"),
                help,
            );
        }
    }
}
