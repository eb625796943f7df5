//! API keys and usage plans (docs/aws.md §6).

use super::{absent, bad, conflict, patches};
use crate::{
    call::{Answer, Call, Refusal},
    cloud::{Cloud, Tags, tags_of, unknown, without},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Both by id.
#[derive(Clone, Default)]
pub(crate) struct Usage {
    pub(crate) keys: BTreeMap<String, Tagged>,
    pub(crate) plans: BTreeMap<String, Tagged>,
    /// The keys in each plan.
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Clone)]
pub(crate) struct Tagged {
    pub(crate) made: Duration,
    pub(crate) tree: Value,
    pub(crate) tags: Tags,
}

impl Tagged {
    fn shown(&self, with_value: bool) -> Value {
        let mut tree = self.tree.clone();
        if !with_value {
            tree.as_object_mut()
                .expect("a key or a plan")
                .remove("value");
        }
        if !self.tags.is_empty() {
            tree["tags"] = json!(self.tags);
        }
        tree
    }

    pub(crate) fn name(&self) -> &str {
        self.tree["name"].as_str().unwrap_or_default()
    }

    /// `API:STAGE` of each that a plan is for.
    pub(crate) fn stages(&self) -> Vec<String> {
        let stages = self.tree["apiStages"].as_array().into_iter().flatten();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        stages
            .map(|it| format!("{}:{}", text(&it["apiId"]), text(&it["stage"])))
            .collect()
    }
}

impl Usage {
    /// A stage that is deleted is in no plan (terraform-provider-aws#14100).
    pub(crate) fn forget(&mut self, api: &str, stage: Option<&str>) {
        for plan in self.plans.values_mut() {
            if let Some(stages) = plan.tree["apiStages"].as_array_mut() {
                let is_it = |it: &Value| {
                    it["apiId"] == api && stage.is_none_or(|stage| it["stage"] == *stage)
                };
                stages.retain(|it| !is_it(it));
            }
        }
    }

    pub(crate) fn lose_key(&mut self, id: &str) {
        self.keys.remove(id);
        for keys in self.members.values_mut() {
            keys.remove(id);
        }
    }

    pub(crate) fn lose_plan(&mut self, id: &str) {
        self.plans.remove(id);
        self.members.remove(id);
    }
}

pub(crate) fn arn(cloud: &Cloud, table: &str, id: &str) -> String {
    format!("arn:aws:apigateway:{}::/{table}/{id}", cloud.region)
}

pub(super) fn key(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = call.text("apiKey").to_owned();
    let unknown_key = || absent("Invalid API Key identifier specified");
    match call.operation.as_str() {
        "CreateApiKey" => {
            let id = cloud.fresh("k", 10);
            let now = cloud.date();
            let mut tree = Value::Object(without(&call.input, &["tags", "generateDistinctId"]));
            tree["id"] = json!(id);
            tree["value"] = json!(format!("value-of-{id}-0123456789"));
            // Off where nobody says so (the service's model).
            tree["enabled"] = json!(*call.get("enabled") == true);
            tree["stageKeys"] = json!([]);
            tree["createdDate"] = json!(now);
            tree["lastUpdatedDate"] = json!(now);
            let made = Tagged {
                made: cloud.now,
                tree,
                tags: tags_of(call.get("tags")),
            };
            let answer = made.shown(true);
            cloud.gateway.usage.keys.insert(id, made);
            Ok(answer)
        }
        "GetApiKeys" => {
            let begins = |it: &&Tagged| it.name().starts_with(call.text("nameQuery"));
            let keys = cloud.gateway.usage.keys.values();
            let keys = keys.filter(|it| cloud.is_listed(it.made)).filter(begins);
            let with_value = *call.get("includeValues") == true;
            Ok(json!({ "item": keys.map(|it| it.shown(with_value)).collect::<Vec<_>>() }))
        }
        "GetApiKey" => match cloud.gateway.usage.keys.get(&id) {
            Some(it) => Ok(it.shown(*call.get("includeValue") == true)),
            None => unknown_key(),
        },
        "UpdateApiKey" => {
            let Some(key) = cloud.gateway.usage.keys.get_mut(&id) else {
                return unknown_key();
            };
            for (_, path, value) in patches(call) {
                match path.as_str() {
                    "/name" | "/description" => key.tree[&path[1..]] = json!(value),
                    "/enabled" => key.tree["enabled"] = json!(value == "true"),
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            Ok(key.shown(false))
        }
        "DeleteApiKey" => {
            let Some(gone) = cloud.gateway.usage.keys.get(&id).cloned() else {
                return unknown_key();
            };
            cloud.gateway.usage.lose_key(&id);
            cloud.bury(arn(cloud, "apikeys", &id), gone.tags);
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

pub(super) fn plan(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = call.text("usagePlanId").to_owned();
    let unknown_plan = || absent("Invalid Usage Plan ID specified");
    match call.operation.as_str() {
        "CreateUsagePlan" => {
            let id = cloud.fresh("u", 6);
            let mut tree = Value::Object(without(&call.input, &["tags"]));
            tree["id"] = json!(id);
            check(cloud, &mut tree)?;
            let made = Tagged {
                made: cloud.now,
                tree,
                tags: tags_of(call.get("tags")),
            };
            let answer = made.shown(true);
            cloud.gateway.usage.plans.insert(id, made);
            Ok(answer)
        }
        "GetUsagePlans" => {
            let usage = &cloud.gateway.usage;
            let key = call.text("keyId");
            let is_in = |id: &String| usage.members.get(id).is_some_and(|it| it.contains(key));
            let plans = usage.plans.iter().filter(|(id, it)| {
                // Whose key it is says the plan itself, and no list.
                if key.is_empty() {
                    cloud.is_listed(it.made)
                } else {
                    is_in(id)
                }
            });
            Ok(json!({ "item": plans.map(|it| it.1.shown(true)).collect::<Vec<_>>() }))
        }
        "GetUsagePlan" => match cloud.gateway.usage.plans.get(&id) {
            Some(it) => Ok(it.shown(true)),
            None => unknown_plan(),
        },
        "UpdateUsagePlan" => {
            let Some(plan) = cloud.gateway.usage.plans.get(&id) else {
                return unknown_plan();
            };
            let mut tree = plan.tree.clone();
            for (op, path, value) in patches(call) {
                patch(&mut tree, &op, &path, &value)?;
            }
            check(cloud, &mut tree)?;
            let plan = cloud.gateway.usage.plans.get_mut(&id).expect("just found");
            plan.tree = tree;
            Ok(plan.shown(true))
        }
        "DeleteUsagePlan" => {
            let Some(plan) = cloud.gateway.usage.plans.get(&id).cloned() else {
                return unknown_plan();
            };
            let stages = plan.stages();
            if !stages.is_empty() {
                return bad(format!(
                    "Cannot delete Usage Plan {id} because there are API Stages associated with it, including {}",
                    stages.join(", ")
                ));
            }
            cloud.gateway.usage.lose_plan(&id);
            cloud.bury(arn(cloud, "usageplans", &id), plan.tags);
            Ok(json!({}))
        }
        "CreateUsagePlanKey" => join(cloud, call, &id),
        "DeleteUsagePlanKey" => {
            let members = cloud.gateway.usage.members.get_mut(&id);
            match members.is_some_and(|it| it.remove(call.text("keyId"))) {
                true => Ok(json!({})),
                false => absent("Invalid API Key identifier specified"),
            }
        }
        _ => unknown(call),
    }
}

/// A key is in one plan for each stage.
fn join(cloud: &mut Cloud, call: &Call, id: &str) -> Answer {
    let key = call.text("keyId").to_owned();
    let usage = &mut cloud.gateway.usage;
    let Some(plan) = usage.plans.get(id) else {
        return absent("Invalid Usage Plan ID specified");
    };
    let Some(found) = usage.keys.get(&key) else {
        return absent("Invalid API Key identifier specified");
    };
    let stages = plan.stages();
    let is_for = |other: &Tagged| other.stages().iter().any(|it| stages.contains(it));
    let mut others = usage.plans.iter().filter(|(it, _)| {
        usage
            .members
            .get(*it)
            .is_some_and(|keys| keys.contains(&key))
    });
    if let Some((other, _)) = others.find(|(other, it)| *other == id || is_for(it)) {
        return conflict(format!(
            "Usage Plan {other} has the API Key {key} for this stage"
        ));
    }
    let answer = json!({
        "id": key, "type": "API_KEY", "name": found.name(), "value": found.tree["value"],
    });
    usage.members.entry(id.to_owned()).or_default().insert(key);
    Ok(answer)
}

/// A first period that is as long as the others has the offset 0.
fn check(cloud: &Cloud, tree: &mut Value) -> Result<(), Refusal> {
    if tree["quota"].is_object() && tree["quota"]["offset"].is_null() {
        tree["quota"]["offset"] = json!(0);
    }
    let plan = Tagged {
        made: cloud.now,
        tree: tree.clone(),
        tags: Tags::new(),
    };
    for stage in plan.stages() {
        let (api, name) = stage.split_once(':').unwrap_or_default();
        let api = cloud.gateway.apis.get(api);
        if !api.is_some_and(|it| it.stages.contains_key(name)) {
            return absent(&format!("API Stage not found: {stage}"));
        }
    }
    let number = |of: &str, member: &str| tree[of][member].as_f64();
    if number("quota", "offset").unwrap_or(0.0) > number("quota", "limit").unwrap_or(f64::MAX) {
        return bad("Usage Plan quota offset must be smaller than its limit");
    }
    if tree["quota"].is_object() && tree["quota"]["period"].is_null() {
        return bad("Usage Plan quota period is required");
    }
    Ok(())
}

fn patch(tree: &mut Value, op: &str, path: &str, value: &str) -> Result<(), Refusal> {
    let parsed = || value.parse::<f64>().unwrap_or(-1.0);
    match (op, path) {
        ("remove", "/throttle" | "/quota") => {
            if tree
                .as_object_mut()
                .and_then(|it| it.remove(&path[1..]))
                .is_none()
            {
                return bad(format!("Invalid patch path {path}"));
            }
        }
        (_, "/name" | "/description") => tree[&path[1..]] = json!(value),
        (_, "/throttle/rateLimit") => tree["throttle"]["rateLimit"] = json!(parsed()),
        (_, "/throttle/burstLimit") => tree["throttle"]["burstLimit"] = json!(parsed() as i64),
        (_, "/quota/limit") => tree["quota"]["limit"] = json!(parsed() as i64),
        (_, "/quota/offset") => tree["quota"]["offset"] = json!(parsed() as i64),
        (_, "/quota/period") => tree["quota"]["period"] = json!(value),
        ("add" | "remove", "/apiStages") => {
            let (api, stage) = value.split_once(':').unwrap_or_default();
            let it = json!({ "apiId": api, "stage": stage });
            let there = tree["apiStages"].as_array().cloned().unwrap_or_default();
            let is_there = there
                .iter()
                .any(|other| other["apiId"] == *api && other["stage"] == *stage);
            if is_there == (op == "add") {
                return bad(format!("Invalid API Stage {value} to {op}"));
            }
            let mut kept: Vec<_> = there
                .into_iter()
                .filter(|other| other["apiId"] != *api || other["stage"] != *stage)
                .collect();
            if op == "add" {
                kept.push(it);
            }
            tree["apiStages"] = json!(kept);
        }
        _ => return bad(format!("Invalid patch path {path}")),
    }
    Ok(())
}

/// The tags of a key or a plan with this ARN.
pub(super) fn tags_at<'a>(cloud: &'a mut Cloud, arn: &str) -> Option<&'a mut Tags> {
    let (table, id) = arn.split_once("::/")?.1.split_once('/')?;
    let usage = &mut cloud.gateway.usage;
    let found = match table {
        "apikeys" => usage.keys.get_mut(id),
        "usageplans" => usage.plans.get_mut(id),
        _ => None,
    };
    found.map(|it| &mut it.tags)
}
