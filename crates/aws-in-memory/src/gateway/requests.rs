//! Models and request validators: what methods name is not deleted (docs/aws.md §5).

use super::{Api, absent, bad, conflict, find, patches};
use crate::{
    call::{Answer, Call, Refusal},
    cloud::{Cloud, unknown, without},
};
use serde_json::{Value, json};

/// The models that every API has from its making on.
pub(crate) const OF_AWS: [&str; 2] = ["Empty", "Error"];

pub(super) fn models_of_aws() -> impl Iterator<Item = (String, Value)> {
    OF_AWS.into_iter().map(|name| {
        let tree = json!({
            "id": format!("{}0", name.to_lowercase()), "name": name, "contentType": "application/json",
            "description": format!("This is AWS's {name} model"), "schema": "{\n  \"type\" : \"object\"\n}",
        });
        (name.to_owned(), tree)
    })
}

pub(super) fn model(cloud: &mut Cloud, call: &Call) -> Answer {
    let fresh = cloud.fresh("m", 6);
    let api = find(cloud, call)?;
    let name = call.text("modelName").to_owned();
    let unknown_name = || absent(&format!("Invalid model name specified: {name}"));
    match call.operation.as_str() {
        "GetModels" => Ok(json!({ "item": api.models.values().collect::<Vec<_>>() })),
        "CreateModel" => {
            let name = call.text("name").to_owned();
            if api.models.contains_key(&name) {
                return conflict("Model name already exists for this REST API");
            }
            if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphanumeric()) {
                return bad("Model name must be alphanumeric");
            }
            let mut tree = Value::Object(without(&call.input, &["restApiId"]));
            check(api, &tree)?;
            tree["id"] = json!(fresh);
            api.models.insert(name, tree.clone());
            Ok(tree)
        }
        "UpdateModel" => {
            let Some(tree) = api.models.get(&name) else {
                return unknown_name();
            };
            let mut tree = tree.clone();
            for (_, path, value) in patches(call) {
                match path.as_str() {
                    "/description" | "/schema" => tree[&path[1..]] = json!(value),
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            check(api, &tree)?;
            api.models.insert(name, tree.clone());
            Ok(tree)
        }
        "DeleteModel" => {
            if let Some(route) = user(api, |method| names(&method["requestModels"], &name)) {
                return conflict(format!(
                    "Cannot delete model '{name}', is referenced in method request: {route}"
                ));
            }
            let mut others = api.models.iter().filter(|(it, _)| **it != name);
            if let Some((other, _)) = others.find(|(_, it)| refers(it, &name)) {
                return conflict(format!(
                    "Cannot delete model '{name}', is referenced in model '{other}'"
                ));
            }
            match api.models.remove(&name) {
                Some(_) => Ok(json!({})),
                None => unknown_name(),
            }
        }
        _ => unknown(call),
    }
}

/// A schema is an object in JSON, and names models that are there.
fn check(api: &Api, tree: &Value) -> Result<(), Refusal> {
    let text = tree["schema"].as_str().unwrap_or_default();
    let schema: Option<Value> = serde_json::from_str(text).ok();
    if schema.is_none_or(|it| !it.is_object()) {
        return bad(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]",
        );
    }
    let others = text.split("/models/").skip(1);
    let mut names = others.filter_map(|it| it.split(['"', '/', '#']).next());
    match names.find(|it| !api.models.contains_key(*it)) {
        Some(name) => bad(format!(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model reference specified: {name}]"
        )),
        None => Ok(()),
    }
}

fn refers(model: &Value, name: &str) -> bool {
    let text = model["schema"].as_str().unwrap_or_default();
    text.contains(&format!("/models/{name}\""))
}

fn names(models: &Value, name: &str) -> bool {
    let models = models.as_object().into_iter().flatten();
    models.into_iter().any(|(_, it)| *it == name)
}

/// The route of a method that is so.
fn user(api: &Api, is_so: impl Fn(&Value) -> bool) -> Option<String> {
    let resources = api.resources.iter();
    let mut methods = resources.flat_map(|(id, it)| it.methods.iter().map(move |it| (id, it)));
    let (id, (verb, _)) = methods.find(|(_, (_, method))| is_so(method))?;
    Some(format!("{}/{verb}", api.path(id).trim_end_matches('/')))
}

pub(super) fn validator(cloud: &mut Cloud, call: &Call) -> Answer {
    let fresh = cloud.fresh("v", 6);
    let api = find(cloud, call)?;
    let id = call.text("requestValidatorId").to_owned();
    let unknown_id = || absent("Invalid Request Validator identifier specified");
    match call.operation.as_str() {
        "GetRequestValidators" => {
            Ok(json!({ "item": api.validators.values().collect::<Vec<_>>() }))
        }
        "CreateRequestValidator" => {
            let is_on = |field: &str| *call.get(field) == true;
            let tree = json!({
                "id": fresh, "name": call.get("name"),
                "validateRequestBody": is_on("validateRequestBody"),
                "validateRequestParameters": is_on("validateRequestParameters"),
            });
            api.validators.insert(fresh, tree.clone());
            Ok(tree)
        }
        "UpdateRequestValidator" => {
            let Some(tree) = api.validators.get_mut(&id) else {
                return unknown_id();
            };
            for (_, path, value) in patches(call) {
                match path.as_str() {
                    "/validateRequestBody" | "/validateRequestParameters" => {
                        tree[&path[1..]] = json!(value == "true");
                    }
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            Ok(tree.clone())
        }
        "DeleteRequestValidator" => {
            if let Some(route) = user(api, |method| method["requestValidatorId"] == json!(id)) {
                return conflict(format!(
                    "Cannot delete request validator '{id}', is referenced in method {route}"
                ));
            }
            match api.validators.remove(&id) {
                Some(_) => Ok(json!({})),
                None => unknown_id(),
            }
        }
        _ => unknown(call),
    }
}
