//! Resources: the tree of paths (docs/aws.md §5).

use super::{Api, Resource, absent, bad, conflict, find, patches};
use crate::{
    answer::Dice,
    call::{Answer, Call, Refusal},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateResource" => create(cloud, call),
        "GetResources" => {
            let incomplete = cloud.strict.incomplete;
            let api = find(cloud, call)?;
            let all = api
                .resources
                .keys()
                .map(|id| shown(api, id, call, incomplete));
            Ok(json!({ "item": all.collect::<Vec<_>>() }))
        }
        "UpdateResource" => update(cloud, call),
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

fn shown(api: &Api, id: &str, call: &Call, incomplete: Option<u64>) -> Value {
    let resource = &api.resources[id];
    let mut tree = json!({ "id": id, "path": api.path(id) });
    if let Some(parent) = &resource.parent {
        tree["parentId"] = json!(parent);
        tree["pathPart"] = json!(resource.part);
    }
    let embeds = call
        .get("embed")
        .as_array()
        .is_some_and(|it| it.iter().any(|it| it == "methods"));
    if !resource.methods.is_empty() {
        let methods = resource.methods.iter();
        let shown = |verb: &String, it: &Value| match (embeds, incomplete) {
            (false, _) => json!({}),
            (true, None) => it.clone(),
            (true, Some(seed)) => in_part(it, &mut Dice::new(seed, &format!("{id} {verb}"))),
        };
        let methods = methods.map(|(verb, it)| (verb.clone(), shown(verb, it)));
        tree["resourceMethods"] = Value::Object(methods.collect());
    }
    tree
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.fresh("r", 10);
    let is_strict = cloud.strict.conflicts;
    let api = find(cloud, call)?;
    let (parent, part) = (
        call.text("parentId").to_owned(),
        call.text("pathPart").to_owned(),
    );
    if !api.resources.contains_key(&parent) {
        return absent("Invalid Resource identifier specified");
    }
    check(api, &parent, &part, None, is_strict)?;
    api.resources.insert(
        id.clone(),
        Resource {
            parent: Some(parent),
            part,
            methods: BTreeMap::new(),
        },
    );
    Ok(shown(api, &id, call, None))
}

/// Another part of the path, in place.
fn update(cloud: &mut Cloud, call: &Call) -> Answer {
    let is_strict = cloud.strict.conflicts;
    let api = find(cloud, call)?;
    let id = call.text("resourceId");
    let Some(parent) = api
        .resources
        .get(id)
        .map(|it| it.parent.clone().unwrap_or_default())
    else {
        return absent("Invalid Resource identifier specified");
    };
    for (op, path, value) in patches(call) {
        if (op.as_str(), path.as_str()) != ("replace", "/pathPart") {
            return bad(format!("Invalid patch path {path}"));
        }
        check(api, &parent, &value, Some(id), is_strict)?;
        api.resources.get_mut(id).expect("just found").part = value;
    }
    Ok(shown(api, id, call, None))
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

fn is_greedy(part: &str) -> bool {
    part.ends_with("+}")
}

/// What may stand below `parent` (docs/aws.md §5); `itself` is there already.
fn check(
    api: &Api,
    parent: &str,
    part: &str,
    itself: Option<&str>,
    is_strict: bool,
) -> Result<(), Refusal> {
    let is_valid = |it: char| it.is_ascii_alphanumeric() || "-._~{}+:@".contains(it);
    if part.is_empty() || !part.chars().all(is_valid) {
        return bad(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable",
        );
    }
    if !is_strict {
        return Ok(());
    }
    let others = api
        .resources
        .iter()
        .filter(|(id, _)| Some(id.as_str()) != itself);
    let others: Vec<_> = others.map(|(_, it)| it).collect();
    let siblings: Vec<_> = others
        .iter()
        .filter(|it| it.parent.as_deref() == Some(parent))
        .collect();
    if siblings.iter().any(|it| it.part == part) {
        return conflict(format!(
            "Another resource with the same parent already has this name: {part}"
        ));
    }
    let variable = siblings
        .iter()
        .find(|it| is_variable(part) && is_variable(&it.part));
    if let Some(Resource { part: other, .. }) = variable {
        return bad(format!(
            "A sibling ({other}) of this resource already has a variable path part -- only one is allowed"
        ));
    }
    let above = api
        .resources
        .get(parent)
        .map(|it| it.part.as_str())
        .filter(|it| is_greedy(it));
    let has_children =
        itself.is_some_and(|id| others.iter().any(|it| it.parent.as_deref() == Some(id)));
    let greedy = above.or_else(|| (has_children && is_greedy(part)).then_some(part));
    match greedy {
        Some(greedy) => bad(format!(
            "Cannot create a child of a resource with a greedy path variable: {greedy}"
        )),
        None => Ok(()),
    }
}

/// A method as an incomplete embed has it: whole, empty, or without some of its parts.
fn in_part(method: &Value, dice: &mut Dice) -> Value {
    let mut part = method.clone();
    let Some(members) = part.as_object_mut() else {
        return part;
    };
    match dice.pick(4) {
        0 => return part,
        1 => return json!({}),
        2 => members.retain(|name, _| name != "methodIntegration"),
        _ => {
            for name in ["authorizationType", "authorizerId", "methodResponses"] {
                if dice.pick(2) == 0 {
                    members.remove(name);
                }
            }
            let integration = members
                .get_mut("methodIntegration")
                .and_then(Value::as_object_mut);
            let parts = [
                "type",
                "uri",
                "httpMethod",
                "requestTemplates",
                "integrationResponses",
            ];
            integration.into_iter().for_each(|it| {
                it.retain(|name, _| !parts.contains(&name.as_str()) || dice.pick(2) == 0);
            });
        }
    }
    part
}

/// With everything below it.
fn delete(api: &mut Api, id: &str) {
    let below = api
        .resources
        .iter()
        .filter(|(_, it)| it.parent.as_deref() == Some(id));
    let below: Vec<_> = below.map(|(id, _)| id.clone()).collect();
    below.iter().for_each(|it| delete(api, it));
    api.resources.remove(id);
}
