//! Resources: the tree of paths (dossier §5).

use super::{Api, Resource, absent, bad, conflict, find};
use crate::{
    call::{Answer, Call},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateResource" => create(cloud, call),
        "GetResources" => {
            let api = find(cloud, call)?;
            let all = api.resources.keys().map(|id| shown(api, id, call));
            Ok(json!({ "item": all.collect::<Vec<_>>() }))
        }
        "DeleteResource" => {
            let api = find(cloud, call)?;
            let id = call.text("resourceId");
            if !api.resources.contains_key(id) {
                return absent("Invalid Resource identifier specified");
            }
            delete(api, id);
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

fn shown(api: &Api, id: &str, call: &Call) -> Value {
    let resource = &api.resources[id];
    let mut tree = json!({ "id": id, "path": api.path(id) });
    if let Some(parent) = &resource.parent {
        tree["parentId"] = json!(parent);
        tree["pathPart"] = json!(resource.part);
    }
    let embeds = call.get("embed").as_array().is_some_and(|it| it.iter().any(|it| it == "methods"));
    if !resource.methods.is_empty() {
        let methods = resource.methods.iter();
        let methods = methods.map(|(verb, it)| (verb.clone(), if embeds { it.clone() } else { json!({}) }));
        tree["resourceMethods"] = Value::Object(methods.collect());
    }
    tree
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.fresh("r", 10);
    let is_strict = cloud.strict.conflicts;
    let api = find(cloud, call)?;
    let (parent, part) = (call.text("parentId").to_owned(), call.text("pathPart").to_owned());
    if !api.resources.contains_key(&parent) {
        return absent("Invalid Resource identifier specified");
    }
    let is_valid = |it: char| it.is_ascii_alphanumeric() || "-._~{}+:@".contains(it);
    if part.is_empty() || !part.chars().all(is_valid) {
        return bad("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable");
    }
    let twin = |it: &&Resource| it.parent.as_deref() == Some(&parent) && it.part == part;
    if is_strict && api.resources.values().any(|it| twin(&it)) {
        return conflict("Another resource with the same parent already has this name");
    }
    api.resources.insert(id.clone(), Resource { parent: Some(parent), part, methods: BTreeMap::new() });
    Ok(shown(api, &id, call))
}

/// With everything below it.
fn delete(api: &mut Api, id: &str) {
    let below = api.resources.iter().filter(|(_, it)| it.parent.as_deref() == Some(id));
    let below: Vec<_> = below.map(|(id, _)| id.clone()).collect();
    below.iter().for_each(|it| delete(api, it));
    api.resources.remove(id);
}
