//! API keys, usage plans, and the routes that want a key. Pure.

use super::{Check, Findings, api::suggestion, below};
use crate::{
    spec::route::Route,
    stack::{
        source::{Path, path},
        tables::{Api, File, UndeclaredTable},
    },
};

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    let has_stage = file.apis().any(|it| it.stage.is_some());
    for (key, table) in &file.usage_plans {
        let (place, plan) = (path(["usage_plans", key]), &table.settings);
        for name in table.apis.iter().flatten() {
            of_api(found, file, &below(&place, "apis"), name);
        }
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
                Check::IdleApiKey,
                place,
                "the key opens nothing: it is in no usage plan",
                "set usage_plan to one of [usage_plans.NAME]",
            ),
        }
    }
    keyless(found, file);
}

/// Another API than one of the file's that has a stage.
fn of_api(found: &mut Findings<'_>, file: &File, list: &Path, name: &str) {
    let staged = file.apis().filter(|it| it.stage.is_some());
    let known: Vec<_> = staged.map(|it| it.name().to_owned()).collect();
    if !known.iter().any(|it| it == name) {
        let message = format!("there is no API `{name}` with a stage in this file");
        let help = suggestion(
            name,
            &known,
            "declare [apis.NAME] with a stage, and name it here",
        );
        found.error(found.item(list, name), message, help);
    }
}

/// A route that wants a key, where there is none that it takes.
fn keyless(found: &mut Findings<'_>, file: &File) {
    let plans = file
        .api_keys
        .values()
        .filter_map(|it| it.usage_plan.as_ref());
    let plans: Vec<_> = plans.filter_map(|it| file.usage_plans.get(it)).collect();
    let is_opened = |api: &Api<'_>| plans.iter().any(|it| it.is_for(api));
    // Somebody else may give out keys.
    if matches!(file.stack.undeclared, UndeclaredTable::Warn) {
        return;
    }
    let wants = |it: &(&String, &Route)| it.1.api_key_required == Some(true);
    for api in file.apis().filter(|it| !is_opened(it)) {
        let Some((name, _)) = api.routes.iter().find(wants) else {
            continue;
        };
        found.warn(Check::UnopenedMethod,
            api.path(["routes", name, "api_key_required"]),
            "no key of this file opens it",
            "declare [usage_plans.NAME] and [api_keys.NAME] with that usage_plan, unless keys are given out elsewhere",
        );
    }
}
