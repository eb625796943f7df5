//! What a plan tells of a file that is being written: what in it would change something. Pure.

use super::{
    Lifted,
    comments::{Path, at, shown},
    valid::remove,
};
use crate::{
    plan::{Action, NOT_DECLARED, Plan, Step},
    spec::{Produces, route::method_and_path, stage::Stage},
    stack::{
        lifecycle,
        tables::{APIS, ONLY_API, split_api},
    },
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
    if let Some((api, parts)) = split_api(step.address.segments()) {
        return in_api(tree, &api, parts);
    }
    let parts: Vec<_> = step.address.segments().iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["functions", key, "permissions", ..] => {
            let of = |api| routes(tree, &api, &|_, route| route["function"] == **key);
            apis(tree).into_iter().flat_map(of).collect()
        }
        ["functions", key] => vec![
            ["functions", key, "environment"]
                .map(ToOwned::to_owned)
                .into(),
        ],
        _ => vec![],
    }
    .into_iter()
    .filter(|place| at(tree, place).is_some())
    .collect()
}

/// What in an API's table makes for a step there.
fn in_api(tree: &Value, api: &Address, parts: &[String]) -> Vec<Path> {
    let routes = |is_it: &dyn Fn(&str) -> bool| routes(tree, api, &|name, _| is_it(name));
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    let places = match parts.as_slice() {
        ["routes", name] => routes(&|it| it == *name),
        ["resources", path] => routes(&|it| {
            let at = method_and_path(it).map_or("", |it| it.1);
            let rest = at.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }),
        _ => {
            let stage = api.join("stage").segments().to_vec();
            routes(&|_| true).into_iter().chain([stage]).collect()
        }
    };
    let is_there = |place: &Path| at(tree, place).is_some();
    places.into_iter().filter(is_there).collect()
}

/// The routes of an API's table that are meant.
fn routes(tree: &Value, api: &Address, is_it: &dyn Fn(&str, &Value) -> bool) -> Vec<Path> {
    let table = api.join("routes");
    let all = at(tree, table.segments()).and_then(Value::as_object);
    let meant = all.into_iter().flatten();
    let meant = meant.filter(|(name, route)| is_it(name, route));
    meant
        .map(|(name, _)| table.join(name).segments().to_vec())
        .collect()
}

/// Where the file has APIs.
fn apis(tree: &Value) -> Vec<Address> {
    let only = tree.get(ONLY_API).map(|_| Address::new([ONLY_API]));
    let further = tree[APIS].as_object().into_iter().flatten();
    let further = further.map(|(name, _)| Address::new([APIS, name]));
    only.into_iter().chain(further).collect()
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
    for api in apis(&file.tree) {
        if lifecycle::is_existing(&file.tree, api.segments()) {
            places.extend(routes(&file.tree, &api, &|_, _| true));
        }
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
