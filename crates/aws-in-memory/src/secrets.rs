//! Secrets Manager (docs/aws.md §11).

use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, Tags, tags_in, texts, unknown},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

const DAY: f64 = 86_400.0;

#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// By name.
    pub(crate) secrets: BTreeMap<String, Secret>,
}

#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) made: Duration,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) description: String,
    /// The versions' ids, the newest last.
    pub(crate) versions: Vec<String>,
    pub(crate) has_value: bool,
    /// When it was deleted, and for how many days it can be restored.
    pub(crate) deleted: Option<(f64, f64)>,
    pub(crate) tags: Tags,
    /// What else DescribeSecret tells of it.
    pub(crate) beside: Map<String, Value>,
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateSecret" => return create(cloud, call),
        "ListSecrets" => {
            let all = cloud
                .secrets
                .secrets
                .values()
                .filter(|it| cloud.is_listed(it.made));
            return Ok(json!({ "SecretList": all.map(listed).collect::<Vec<_>>() }));
        }
        _ => {}
    }
    let now = cloud.date();
    let keeps_names = cloud.strict.secret_names;
    let id = call.text("SecretId").to_owned();
    let Some(secret) = cloud
        .secrets
        .secrets
        .values_mut()
        .find(|it| it.name == id || it.arn == id)
    else {
        return refuse(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        );
    };
    match call.operation.as_str() {
        "DescribeSecret" => return Ok(describe(secret)),
        "RestoreSecret" => secret.deleted = None,
        _ if secret.deleted.is_some() => return pending(),
        "DeleteSecret" if secret.beside.contains_key("ReplicationStatus") => {
            return refuse(
                "InvalidRequestException",
                "You can't delete secret as it still has replica regions.",
            );
        }
        "DeleteSecret" => {
            let days = call.get("RecoveryWindowInDays").as_f64().unwrap_or(30.0);
            secret.deleted = Some((now, days));
            let gone = secret.clone();
            if !keeps_names {
                cloud.secrets.secrets.remove(&gone.name);
            }
            return Ok(
                json!({ "ARN": gone.arn, "Name": gone.name, "DeletionDate": now + days * DAY }),
            );
        }
        "UpdateSecret" => {
            if !call.get("Description").is_null() {
                secret.description = call.text("Description").to_owned();
            }
        }
        "TagResource" => secret.tags.extend(tags_in(call.get("Tags"))),
        "UntagResource" => {
            let keys = texts(call.get("TagKeys"));
            secret.tags.retain(|key, _| !keys.contains(key));
        }
        _ => return unknown(call),
    }
    // The two about tags have no output.
    if matches!(call.operation.as_str(), "TagResource" | "UntagResource") {
        return Ok(json!({}));
    }
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}

fn pending<T>() -> Result<T, Refusal> {
    refuse(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("Name").to_owned();
    let token = call.text("ClientRequestToken").to_owned();
    if let Some(there) = cloud.secrets.secrets.get(&name) {
        return match &there.deleted {
            Some(_) => refuse(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ),
            // The token makes a repeat the same request (docs/aws.md §1.3).
            None if there.versions == [token] => Ok(json!({ "ARN": there.arn, "Name": name })),
            None => refuse(
                "ResourceExistsException",
                "The operation failed because the secret already exists.",
            ),
        };
    }
    let suffix = cloud.fresh("s", 6);
    let secret = Secret {
        made: cloud.now,
        arn: cloud.arn("secretsmanager", &format!("secret:{name}-{suffix}")),
        name: name.clone(),
        description: call.text("Description").to_owned(),
        versions: vec![token],
        has_value: !call.get("SecretString").is_null(),
        deleted: None,
        tags: tags_in(call.get("Tags")),
        beside: Map::new(),
    };
    let answer = json!({ "ARN": secret.arn, "Name": name });
    cloud.secrets.secrets.insert(name, secret);
    Ok(answer)
}

/// A list has the versions under another name (the service's model).
fn listed(secret: &Secret) -> Value {
    let mut tree = describe(secret);
    let members = tree.as_object_mut().expect("a secret");
    if let Some(versions) = members.remove("VersionIdsToStages") {
        members.insert("SecretVersionsToStages".into(), versions);
    }
    tree
}

fn describe(secret: &Secret) -> Value {
    let tags: Vec<_> = secret
        .tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    let mut tree = json!({ "ARN": secret.arn, "Name": secret.name, "Tags": tags });
    if !secret.description.is_empty() {
        tree["Description"] = json!(secret.description);
    }
    if secret.has_value {
        let newest = secret.versions.last().cloned().unwrap_or_default();
        tree["VersionIdsToStages"] = json!({ newest: ["AWSCURRENT"] });
    }
    if let Some((at, _)) = secret.deleted {
        tree["DeletedDate"] = json!(at);
    }
    tree.as_object_mut()
        .expect("a secret")
        .extend(secret.beside.clone());
    tree
}
