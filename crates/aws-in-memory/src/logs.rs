//! CloudWatch Logs: log groups (docs/aws.md §9).

use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, Tags, tags_of, texts, unknown},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

/// The retentions that CloudWatch Logs knows, in days.
const RETENTIONS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

#[derive(Clone, Default)]
pub(crate) struct Logs {
    pub(crate) groups: BTreeMap<String, Group>,
}

#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) made: Duration,
    pub(crate) retention: Value,
    pub(crate) tags: Tags,
    /// What else DescribeLogGroups tells of it.
    pub(crate) beside: Map<String, Value>,
}

pub(crate) fn arn(cloud: &Cloud, name: &str) -> String {
    cloud.arn("logs", &format!("log-group:{name}"))
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("logGroupName");
    match call.operation.as_str() {
        "CreateLogGroup" => create(cloud, call),
        "DescribeLogGroups" => Ok(describe(cloud, call.text("logGroupNamePrefix"))),
        "PutRetentionPolicy" => {
            if !RETENTIONS
                .iter()
                .any(|days| call.get("retentionInDays") == *days)
            {
                return refuse("InvalidParameterException", "no such retention");
            }
            group(cloud, name)?.retention = call.get("retentionInDays").clone();
            Ok(json!({}))
        }
        "DeleteLogGroup" => {
            if group(cloud, name)?.beside.get("deletionProtectionEnabled") == Some(&json!(true)) {
                return refuse(
                    "OperationAbortedException",
                    "The log group has deletion protection enabled.",
                );
            }
            let Some(gone) = cloud.logs.groups.remove(name) else {
                return absent();
            };
            cloud.bury(arn(cloud, name), gone.tags);
            Ok(json!({}))
        }
        "ListTagsForResource" => Ok(json!({ "tags": group(cloud, named(call))?.tags })),
        "TagResource" => {
            let tags = tags_of(call.get("tags"));
            group(cloud, named(call))?.tags.extend(tags);
            Ok(json!({}))
        }
        "UntagResource" => {
            let keys = texts(call.get("tagKeys"));
            group(cloud, named(call))?
                .tags
                .retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

/// The name in an ARN without `:*`.
pub(crate) fn named(call: &Call) -> &str {
    call.text("resourceArn")
        .split_once(":log-group:")
        .map_or("", |it| it.1)
}

fn group<'a>(cloud: &'a mut Cloud, name: &str) -> Result<&'a mut Group, Refusal> {
    cloud.logs.groups.get_mut(name).map_or_else(absent, Ok)
}

fn absent<T>() -> Result<T, Refusal> {
    refuse(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("logGroupName").to_owned();
    if cloud.logs.groups.contains_key(&name) {
        return refuse(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        );
    }
    let tags = tags_of(call.get("tags"));
    let made = Group {
        made: cloud.now,
        retention: Value::Null,
        tags,
        beside: Map::new(),
    };
    cloud.logs.groups.insert(name, made);
    Ok(json!({}))
}

/// By prefix, and without tags (docs/aws.md §9). A direct question by the whole name does not lag.
fn describe(cloud: &Cloud, prefix: &str) -> Value {
    let fits = |(name, it): &(&String, &Group)| {
        name.starts_with(prefix) && (cloud.is_listed(it.made) || *name == prefix)
    };
    let found: Vec<_> = cloud
        .logs
        .groups
        .iter()
        .filter(fits)
        .map(|(name, it)| {
            let arn = arn(cloud, name);
            let mut group = json!({
                "logGroupName": name, "logGroupArn": arn, "arn": format!("{arn}:*"), "creationTime": 0,
                "metricFilterCount": 0, "storedBytes": 0, "logGroupClass": "STANDARD",
            });
            if !it.retention.is_null() {
                group["retentionInDays"] = it.retention.clone();
            }
            group.as_object_mut().expect("a group").extend(it.beside.clone());
            group
        })
        .collect();
    json!({ "logGroups": found })
}
