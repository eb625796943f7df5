//! Deployments: immutable snapshots (docs/aws.md §6).

use super::{Api, Deployment, absent, bad, find, requests::OF_AWS};
use crate::{
    answer::Dice,
    call::{Answer, Call},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateDeployment" => create(cloud, call),
        "GetDeployments" => {
            let incomplete = cloud.strict.incomplete;
            let is_listed = |it: &&Deployment| {
                incomplete.is_none_or(|seed| Dice::new(seed, &it.id).pick(2) == 0)
            };
            let all = find(cloud, call)?
                .deployments
                .iter()
                .filter(is_listed)
                .map(shown);
            Ok(json!({ "item": all.collect::<Vec<_>>() }))
        }
        "DeleteDeployment" => {
            let api = find(cloud, call)?;
            let id = call.get("deploymentId");
            if api.stages.values().any(|it| it["deploymentId"] == *id) {
                return bad("Active stages pointing to this deployment must be moved or deleted");
            }
            let before = api.deployments.len();
            api.deployments.retain(|it| json!(it.id) != *id);
            if api.deployments.len() == before {
                return absent("Invalid Deployment identifier specified");
            }
            Ok(json!({}))
        }
        "GetDeployment" => {
            let id = call.text("deploymentId");
            match find(cloud, call)?.deployments.iter().find(|it| it.id == id) {
                Some(it) => Ok(shown(it)),
                None => absent("Invalid Deployment identifier specified"),
            }
        }
        _ => unknown(call),
    }
}

fn shown(it: &Deployment) -> Value {
    json!({ "id": it.id, "description": it.description, "createdDate": it.made })
}

/// Everything in the API that callers meet.
pub(crate) fn content(api: &Api) -> Value {
    let routes = api.resources.iter().flat_map(|(id, it)| {
        let path = api.path(id);
        it.methods
            .iter()
            .map(move |(verb, method)| (format!("{verb} {path}"), method.clone()))
    });
    let named: std::collections::BTreeMap<_, _> = api
        .authorizers
        .values()
        .map(|it| (it["name"].to_string(), it))
        .collect();
    let is_own = |name: &String| !OF_AWS.contains(&name.as_str());
    let models = api.models.iter().filter(|(name, _)| is_own(name));
    let validators: std::collections::BTreeMap<_, _> = api
        .validators
        .values()
        .map(|it| (it["name"].to_string(), it))
        .collect();
    json!({
        "models": models.collect::<std::collections::BTreeMap<_, _>>(),
        "validators": validators,
        "routes": routes.collect::<std::collections::BTreeMap<_, _>>(),
        "authorizers": named,
        "responses": api.responses,
        "policy": api.tree["policy"],
        "disabled": api.tree["disableExecuteApiEndpoint"],
        "binary": api.tree["binaryMediaTypes"],
    })
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let (id, date) = (cloud.fresh("d", 6), cloud.date());
    let is_strict = cloud.strict.whole_deployments;
    let api = find(cloud, call)?;
    let methods: Vec<_> = api
        .resources
        .values()
        .flat_map(|it| it.methods.values())
        .collect();
    if is_strict && methods.is_empty() {
        return bad("The REST API doesn't contain any methods");
    }
    if is_strict && methods.iter().any(|it| it["methodIntegration"].is_null()) {
        return bad("No integration defined for method");
    }
    let is_private = api.tree["endpointConfiguration"]["types"] == json!(["PRIVATE"]);
    if is_strict && is_private && api.tree["policy"].is_null() {
        return bad("Private REST API doesn't have a resource policy attached to it");
    }
    let snapshot = content(api);
    let description = call.get("description").clone();
    let made = Deployment {
        id: id.clone(),
        description,
        made: date,
        snapshot,
    };
    let answer = shown(&made);
    api.deployments.push(made);
    let stage = call.text("stageName");
    if !stage.is_empty() {
        let new = || {
            json!({
                "stageName": stage, "createdDate": date, "lastUpdatedDate": date, "methodSettings": {},
                "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": false,
            })
        };
        let tree = api.stages.entry(stage.to_owned()).or_insert_with(new);
        tree["deploymentId"] = json!(id);
        if !call.get("stageDescription").is_null() {
            tree["description"] = call.get("stageDescription").clone();
        }
    }
    Ok(answer)
}
