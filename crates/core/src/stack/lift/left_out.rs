//! What a plan tells of a file that is being written: what in it would change something. Pure.

use super::{
    Lifted,
    comments::{Path, at, shown},
    valid::remove,
};
use crate::{
    plan::{Action, NOT_DECLARED, Plan, Step},
    spec::{Produces, route::method_and_path, stage::Stage},
    value::{Address, HIDDEN},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Takes out of tables of what is somebody else's whatever the plan would change; whether there was
/// anything.
pub(super) fn changes(file: &mut Lifted, plan: &Plan) -> bool {
    // A root's step may only be there to remember what its children's change, and a stage's to deploy it.
    let causes: Vec<_> = plan
        .steps
        .iter()
        .filter(|it| it.parent.is_some() && it.kind != STAGE)
        .collect();
    let causes = if causes.is_empty() {
        plan.steps.iter().collect()
    } else {
        causes
    };
    let mut is_changed = false;
    for step in causes {
        for place in places(&file.tree, step) {
            let text = format!(
                "Not written, since apply would change it: {}{}",
                name(&place),
                told(step)
            );
            file.comments.add(place.clone(), text);
            remove(&mut file.tree, &place);
            is_changed = true;
        }
    }
    is_changed
}

const STAGE: &str = Stage::NAME;

/// What in the file makes for a step.
fn places(tree: &Value, step: &Step) -> Vec<Path> {
    let parts: Vec<_> = step.address.segments().iter().map(String::as_str).collect();
    let routes = |is_it: &dyn Fn(&str, &Value) -> bool| {
        let all = tree["api"]["routes"].as_object().into_iter().flatten();
        let all = all.filter(|(name, route)| is_it(name, route));
        all.map(|(name, _)| ["api", "routes", name].map(ToOwned::to_owned).into())
            .collect::<Vec<Path>>()
    };
    match parts.as_slice() {
        ["functions", key, "permissions", ..] => routes(&|_, route| route["function"] == **key),
        ["functions", key] => vec![
            ["functions", key, "environment"]
                .map(ToOwned::to_owned)
                .into(),
        ],
        ["api", "routes", name] => routes(&|it, _| it == *name),
        ["api", "resources", path] => routes(&|it, _| {
            let at = method_and_path(it).map_or("", |it| it.1);
            at == *path
                || at
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('/'))
        }),
        ["api", ..] => {
            let stage = ["api", "stage"].map(ToOwned::to_owned).into();
            routes(&|_, _| true).into_iter().chain([stage]).collect()
        }
        _ => vec![],
    }
    .into_iter()
    .filter(|place| at(tree, place).is_some())
    .collect()
}

fn name(place: &[String]) -> &str {
    place.last().map_or("", String::as_str)
}

/// The fields that a step changes, with both values as the plan tells them.
fn told(step: &Step) -> String {
    let is_field = |path: &str| !["deployment", "owned"].contains(&path);
    let changes = step.changes.iter().filter(|it| is_field(&it.path));
    let changes: Vec<_> = changes
        .map(|it| match it.old == HIDDEN {
            true => it.path.clone(),
            false => format!("{} from {} to {}", it.path, shown(&it.old), shown(&it.new)),
        })
        .collect();
    if changes.is_empty() {
        String::new()
    } else {
        format!(" ({})", changes.join(", "))
    }
}

/// Leaves of every table of what is somebody else's no more than which one it is.
pub(super) fn all_but_names(file: &mut Lifted) -> bool {
    let mut places: Vec<Path> = vec![];
    let named = |place: &[&str]| place.iter().map(ToString::to_string).collect::<Path>();
    if file.tree["api"]["existing"] == true {
        let routes = file.tree["api"]["routes"].as_object().into_iter().flatten();
        places.extend(routes.map(|(name, _)| named(&["api", "routes", name])));
    }
    for (key, table) in file.tree["functions"].as_object().into_iter().flatten() {
        if table["existing"] == true && !table["environment"].is_null() {
            places.push(named(&["functions", key, "environment"]));
        }
    }
    for place in &places {
        let text = format!(
            "Not written, since it cannot be used as it is: {}",
            name(place)
        );
        file.comments.add(place.clone(), text);
        remove(&mut file.tree, place);
    }
    !places.is_empty()
}

/// Keeps what the file cannot say from being deleted, for as long as its reader wants.
pub(super) fn keep_undeclared(file: &mut Lifted, plan: &Plan) -> bool {
    let is_kept = file.tree["stack"]["undeclared"] == "warn";
    let deleted = plan
        .steps
        .iter()
        .filter(|it| it.action == Action::Delete && it.parent.is_some());
    let lost: BTreeSet<&Address> = deleted.map(|it| &it.address).collect();
    if lost.is_empty() || is_kept {
        return false;
    }
    file.tree["stack"]["undeclared"] = json!("warn");
    true
}

/// Says beside each table what apply would change in it, and which of what is there no table has.
pub(super) fn remark(file: &mut Lifted, plan: &Plan) {
    let undeclared = ["stack", "undeclared"].map(ToOwned::to_owned);
    if at(&file.tree, &undeclared).is_some() {
        let text =
            "So that what no table here can say stays; without this line apply would delete:";
        file.comments.add(undeclared.clone(), text);
        for warning in plan
            .warnings
            .iter()
            .filter(|it| it.text.ends_with(NOT_DECLARED))
        {
            file.comments
                .add(undeclared.clone(), format!("  {}", warning.address));
        }
    }
    for step in plan
        .steps
        .iter()
        .filter(|it| [Action::Update, Action::Replace].contains(&it.action))
    {
        let told = told(step);
        if !told.is_empty() {
            let place = step.address.segments().to_vec();
            file.comments
                .add(place, format!("Apply would change {}{told}.", step.address));
        }
    }
}
