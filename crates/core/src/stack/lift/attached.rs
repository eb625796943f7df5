//! Tables of what stays its owner's: no more than which one it is, and what in it calls what. Pure.
//!
//! Whatever else such a table said, wsctl would change when its owner does.

use super::{Comments, ImportOptions, Seen, key};
use crate::{
    owner::Owner,
    shape,
    spec::{
        Live,
        function::{
            Function,
            runtime::{Family, Module},
        },
        rest_api::RestApi,
        user_pool::UserPool,
    },
    value::Address,
};
use serde_json::{Map, Value, json};

/// Writes the tables in `tree` that are of what is somebody else's anew.
pub(super) fn keep(
    tree: &mut Value,
    seen: &Seen<'_>,
    wishes: &ImportOptions,
    comments: &mut Comments,
) {
    let named_by = |live: &Live| wishes.existing.get(&live.address).copied();
    for live in seen.all::<UserPool>() {
        if let Some(named_by) = named_by(live) {
            tree["user_pool"] = table(live, named_by);
        }
    }
    for live in seen.all::<Function>() {
        let named_by = named_by(live).or_else(|| {
            let why = not_ours(live)?;
            let place = ["functions".to_owned(), key(live), "existing".to_owned()];
            comments.add(place, format!("It {why}."));
            Some("name")
        });
        if let Some(named_by) = named_by {
            let place = &mut tree["functions"][key(live)];
            let environment = place["environment"].take();
            *place = table(live, named_by);
            if !environment.is_null() {
                place["environment"] = environment;
            }
        }
    }
    for live in seen.all::<RestApi>() {
        if let Some(named_by) = named_by(live) {
            let path = live.address.segments().iter();
            let api = path.fold(&mut *tree, |tree, key| &mut tree[key.as_str()]);
            let before = std::mem::replace(api, table(live, named_by));
            if let Some(name) = before["stage"].get("name") {
                api["stage"] = json!({ "name": name });
            }
            api["routes"] = routes(&live.address, &before["routes"], comments);
        }
    }
}

/// Why a function that is nobody's cannot become wsctl's own.
fn not_ours(live: &Live) -> Option<String> {
    if live.owner != Owner::Nobody {
        return None;
    }
    let Some(runtime) = live.spec["runtime"].as_str() else {
        return Some("runs a container image; wsctl makes only functions that are zips".to_owned());
    };
    let Some(family) = Family::of(runtime).filter(|_| shape::is_of::<shape::Runtime>(runtime))
    else {
        return Some(format!(
            "runs {runtime}; wsctl makes no functions of that runtime"
        ));
    };
    let handler = live.spec["handler"].as_str().unwrap_or_default();
    Module::of(family, handler)
        .is_err()
        .then(|| format!("has the handler {handler}, in which {runtime} finds no file"))
}

fn table(live: &Live, named_by: &str) -> Value {
    let value = if named_by == "id" {
        &live.outputs["id"]
    } else {
        &live.spec["name"]
    };
    let pairs = [
        ("existing".to_owned(), json!(true)),
        (named_by.to_owned(), value.clone()),
    ];
    Value::Object(Map::from_iter(pairs))
}

/// Its authorizers stay too, so that no route of this file can name one.
fn routes(api: &Address, all: &Value, comments: &mut Comments) -> Value {
    let mut kept = Map::new();
    for (name, route) in all.as_object().into_iter().flatten() {
        match route["authorizer"].as_str() {
            Some("none" | "AWS_IAM") => drop(kept.insert(name.clone(), route.clone())),
            _ => comments.add(
                api.join("routes").segments().to_vec(),
                format!(
                    "Not written, since an authorizer of the API's own asks for a token: {name}"
                ),
            ),
        }
    }
    kept.into()
}
