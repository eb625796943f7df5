//! API keys, usage plans, and the routes that want a key. Pure.

use super::{Findings, api::suggestion, below};
use crate::{
    spec::route::Route,
    stack::{
        source::path,
        tables::{File, UndeclaredTable},
    },
};

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    let has_stage = file.api.as_ref().is_some_and(|it| it.stage.is_some());
    for (key, plan) in &file.usage_plans {
        let place = path(["usage_plans", key]);
        if !has_stage {
            let message = "a usage plan is for an API, and there is no [api] with a stage";
            let help = "declare [api] and [api.stage], or remove the usage plan";
            found.name(place.clone(), message, help);
        }
        found.known_name(&place, &plan.name);
        let offset = plan.quota.as_ref().and_then(|it| it.offset).unwrap_or(0);
        if plan.quota.as_ref().is_some_and(|it| offset >= it.limit) {
            found.error(
                below(&below(&place, "quota"), "offset"),
                "nothing is left of the first period",
                "write less than limit",
            );
        }
    }
    for (key, api_key) in &file.api_keys {
        let place = path(["api_keys", key]);
        found.known_name(&place, &api_key.name);
        let at = below(&place, "usage_plan");
        let known: Vec<_> = file.usage_plans.keys().cloned().collect();
        match &api_key.usage_plan {
            Some(plan) if known.contains(plan) => {}
            Some(plan) => {
                let otherwise = "declare [usage_plans.NAME] and name it here";
                let message = format!("there is no usage plan `{plan}` in this file");
                found.error(at, message, suggestion(plan, &known, otherwise));
            }
            None => found.warn(
                place,
                "the key opens nothing: it is in no usage plan",
                "set usage_plan to one of [usage_plans.NAME]",
            ),
        }
    }
    keyless(found, file);
}

/// A route that wants a key, where there is none that it takes.
fn keyless(found: &mut Findings<'_>, file: &File) {
    let Some(api) = &file.api else { return };
    let is_in_plan = file.api_keys.values().any(|it| it.usage_plan.is_some());
    // Somebody else may give out keys.
    let has_others = matches!(file.stack.undeclared, UndeclaredTable::Warn);
    if is_in_plan || has_others {
        return;
    }
    let wants = |it: &(&String, &Route)| it.1.api_key_required == Some(true);
    if let Some((name, _)) = api.routes.iter().find(wants) {
        found.warn(
            below(&path(["api", "routes", name]), "api_key_required"),
            "no key of this file opens it",
            "declare [usage_plans.NAME] and [api_keys.NAME] with that usage_plan, unless keys are given out elsewhere",
        );
    }
}
