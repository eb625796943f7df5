//! Stages and their settings (docs/aws.md §6).

use super::{absent, bad, domain_name, find, patches};
use crate::{
    call::{Answer, Call},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};

/// What `*/*` reads as when any of it is set: the throttle is the account's own, and there is no log
/// level until one is set (docs/aws.md §6, recorded).
fn complete() -> Value {
    json!({
        "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0, "cachingEnabled": false, "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": false, "requireAuthorizationForCacheControl": true,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    })
}

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let has_role = super::logging_role(cloud).is_some();
    let (id, name) = (call.text("restApiId"), call.text("stageName"));
    let named = domain_name::leading_to(&cloud.gateway.domains, id, Some(name));
    let api = find(cloud, call)?;
    match call.operation.as_str() {
        "GetStages" => Ok(json!({ "item": api.stages.values().collect::<Vec<_>>() })),
        "UpdateStage" => {
            let Some(stage) = api.stages.get(name) else {
                return absent("Invalid stage identifier specified");
            };
            let mut stage = stage.clone();
            for (op, path, value) in patches(call) {
                if op == "remove" {
                    remove(&mut stage, &path)?;
                    continue;
                }
                let is_known =
                    path != "/deploymentId" || api.deployments.iter().any(|it| it.id == value);
                if !is_known {
                    return bad("Invalid deployment identifier specified");
                }
                patch(&mut stage, &path, &value, has_role)?;
            }
            api.stages.insert(name.to_owned(), stage.clone());
            Ok(stage)
        }
        "DeleteStage" if !named.is_empty() => bad(format!(
            "Deleting stage {name} failed. Please remove all base path mappings related to the stage in your domains: {}",
            named.join(", ")
        )),
        "DeleteStage" => match api.stages.remove(name) {
            Some(_) => {
                let id = call.text("restApiId");
                cloud.gateway.usage.forget(id, Some(name));
                Ok(json!({}))
            }
            None => absent("Invalid stage identifier specified"),
        },
        _ => unknown(call),
    }
}

/// One method's settings go only all at once (docs/aws.md §6).
fn remove(stage: &mut Value, path: &str) -> Answer {
    let key = path.trim_start_matches('/').to_owned();
    let (field, inner) = match path {
        "/canarySettings" | "/accessLogSettings" => {
            let tree = stage.as_object_mut().expect("a stage");
            return Ok(tree.remove(&key).unwrap_or_default());
        }
        _ => match path.strip_prefix("/variables/") {
            Some(name) => ("variables", Some(name.to_owned())),
            None => ("methodSettings", None),
        },
    };
    let map = stage[field].as_object_mut();
    let is_it = |there: &&String| {
        let (resource, method) = there.rsplit_once('/').unwrap_or(("", there));
        inner.as_ref() == Some(*there) || format!("{}/{method}", resource.replace('/', "~1")) == key
    };
    let there = map.as_ref().and_then(|it| it.keys().find(is_it).cloned());
    match map.zip(there) {
        Some((map, there)) => Ok(map.remove(&there).unwrap_or_default()),
        None => bad(format!(
            "Cannot remove method setting {key} because there is no method setting for this method "
        )),
    }
}

fn patch(stage: &mut Value, path: &str, value: &str, has_role: bool) -> Answer {
    let logs =
        path.starts_with("/accessLogSettings") || (path.ends_with("/loglevel") && value != "OFF");
    if logs && !has_role {
        return bad("CloudWatch Logs role ARN must be set in account settings to enable logging");
    }
    match path {
        "/accessLogSettings" => drop(
            stage
                .as_object_mut()
                .map(|it| it.remove("accessLogSettings")),
        ),
        "/deploymentId" | "/description" => stage[&path[1..]] = json!(value),
        "/cacheClusterEnabled" => stage["cacheClusterEnabled"] = json!(value == "true"),
        "/accessLogSettings/destinationArn" if value.ends_with(":*") => {
            return bad("Invalid ARN specified in the request");
        }
        "/accessLogSettings/destinationArn" => {
            stage["accessLogSettings"]["destinationArn"] = json!(value)
        }
        "/accessLogSettings/format" => stage["accessLogSettings"]["format"] = json!(value),
        _ => {
            if let Some(name) = path.strip_prefix("/variables/") {
                let is_letter = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(c);
                if !value.chars().all(is_letter) {
                    return bad(format!(
                        "Stage variable value has invalid characters: {name}"
                    ));
                }
                stage["variables"][name] = json!(value);
                return Ok(Value::Null);
            }
            // A method's path is one segment, with its slashes escaped (docs/aws.md §6).
            let mut parts = path.trim_start_matches('/').splitn(3, '/');
            let (Some(resource), Some(method), Some(setting)) =
                (parts.next(), parts.next(), parts.next())
            else {
                return bad(format!("Invalid path {path}"));
            };
            let key = match resource {
                "~1" => format!("~1/{method}"),
                resource => format!("{}/{method}", resource.replace("~1", "/")),
            };
            if stage["methodSettings"][&key].is_null() {
                stage["methodSettings"][&key] = complete();
            }
            let (field, value) = match setting {
                "throttling/rateLimit" => (
                    "throttlingRateLimit",
                    json!(value.parse::<f64>().unwrap_or(-1.0)),
                ),
                "throttling/burstLimit" => (
                    "throttlingBurstLimit",
                    json!(value.parse::<i64>().unwrap_or(-1)),
                ),
                "metrics/enabled" => ("metricsEnabled", json!(value == "true")),
                "logging/loglevel" => ("loggingLevel", json!(value)),
                "logging/dataTrace" => ("dataTraceEnabled", json!(value == "true")),
                _ => return bad(format!("Invalid method setting path: {path}")),
            };
            stage["methodSettings"][&key][field] = value;
        }
    }
    Ok(Value::Null)
}
