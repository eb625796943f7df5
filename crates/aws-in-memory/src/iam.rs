//! IAM: roles (docs/aws.md §10).

use crate::{
    call::{Answer, Call, Refusal, refuse_with},
    cloud::{Cloud, Tags, tags_in, texts, unknown},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

#[derive(Clone, Default)]
pub(crate) struct Iam {
    /// By name in lower case: names differ in more than their case.
    pub(crate) roles: BTreeMap<String, Role>,
    /// ARNs of the managed policies that the account has made.
    pub(crate) policies: BTreeSet<String>,
}

/// Of the managed policies that AWS has in every account, a few.
const OF_AWS: [&str; 8] = [
    "AWSXRayDaemonWriteAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AdministratorAccess",
    "AmazonS3ReadOnlyAccess",
    "PowerUserAccess",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "service-role/AWSLambdaVPCAccessExecutionRole",
];

/// What a role can have (docs/aws.md §10).
const MOST_ATTACHED: usize = 10;
const MOST_INLINE: usize = 10_240;

#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) made: Duration,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) trust: String,
    pub(crate) description: String,
    /// The ARN of its permissions boundary.
    pub(crate) boundary: Option<String>,
    pub(crate) policies: BTreeMap<String, String>,
    pub(crate) attached: BTreeSet<String>,
    pub(crate) tags: Tags,
}

impl Role {
    pub(crate) fn arn(&self, cloud: &Cloud) -> String {
        cloud.arn("iam", &format!("role{}{}", self.path, self.name))
    }

    fn tree(&self, cloud: &Cloud) -> Value {
        json!({
            "Path": self.path, "RoleName": self.name, "RoleId": "AROAEXAMPLE", "Arn": self.arn(cloud),
            "CreateDate": "2026-01-01T00:00:00Z", "Description": self.description,
            "AssumeRolePolicyDocument": urlencoding::encode(&self.trust), "MaxSessionDuration": 3600,
        })
    }
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreatePolicy" => {
            let arn = cloud.arn("iam", &format!("policy/{}", call.text("PolicyName")));
            cloud.iam.policies.insert(arn.clone());
            return Ok(json!({ "Policy": { "Arn": arn } }));
        }
        "CreateRole" => return create(cloud, call),
        "ListRoles" => return Ok(list(cloud, call.text("PathPrefix"))),
        "DeleteRole" => return delete(cloud, call),
        "AttachRolePolicy" => is_there(cloud, call.text("PolicyArn"))?,
        "PutRolePermissionsBoundary" => is_there(cloud, call.text("PermissionsBoundary"))?,
        _ => {}
    }
    let Some(role) = cloud
        .iam
        .roles
        .get_mut(&call.text("RoleName").to_lowercase())
    else {
        return absent("The role cannot be found.");
    };
    let text = |member| call.text(member).to_owned();
    match call.operation.as_str() {
        "GetRole" => {
            let role = role.clone();
            let tags = role
                .tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }));
            let mut tree = role.tree(cloud);
            tree["Tags"] = json!(tags.collect::<Vec<_>>());
            if let Some(arn) = &role.boundary {
                let kind = "PermissionsBoundaryPolicy";
                tree["PermissionsBoundary"] =
                    json!({ "PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn });
            }
            return Ok(json!({ "Role": tree }));
        }
        "UpdateAssumeRolePolicy" => role.trust = text("PolicyDocument"),
        "UpdateRole" => {
            if !call.get("Description").is_null() {
                role.description = text("Description");
            }
        }
        "PutRolePolicy" => put(role, call)?,
        "PutRolePermissionsBoundary" => role.boundary = Some(text("PermissionsBoundary")),
        "DeleteRolePermissionsBoundary" => {
            if role.boundary.take().is_none() {
                return absent("The role has no permissions boundary.");
            }
        }
        "DeleteRolePolicy" => {
            if role.policies.remove(call.text("PolicyName")).is_none() {
                return absent("The role policy cannot be found.");
            }
        }
        "AttachRolePolicy" => {
            let arn = text("PolicyArn");
            if role.attached.len() == MOST_ATTACHED && !role.attached.contains(&arn) {
                let message = format!("Cannot exceed quota for PoliciesPerRole: {MOST_ATTACHED}");
                return refuse_with(409, "LimitExceeded", message);
            }
            role.attached.insert(arn);
        }
        "DetachRolePolicy" => {
            if !role.attached.remove(call.text("PolicyArn")) {
                return absent("The policy was not attached.");
            }
        }
        "TagRole" => role.tags.extend(tags_in(call.get("Tags"))),
        "UntagRole" => {
            let keys = texts(call.get("TagKeys"));
            role.tags.retain(|key, _| !keys.contains(key));
        }
        _ => return read(role, call),
    }
    Ok(json!({}))
}

/// A managed policy that is not there is neither attached nor a boundary.
fn is_there(cloud: &Cloud, arn: &str) -> Result<(), Refusal> {
    let of_aws = OF_AWS.map(|name| format!("arn:aws:iam::aws:policy/{name}"));
    match cloud.iam.policies.contains(arn) || of_aws.iter().any(|it| it == arn) {
        true => Ok(()),
        false => absent(&format!(
            "Policy {arn} does not exist or is not attachable."
        )),
    }
}

/// Blanks do not count to a policy's size.
fn put(role: &mut Role, call: &Call) -> Result<(), Refusal> {
    let (name, document) = (call.text("PolicyName"), call.text("PolicyDocument"));
    if let Some(fault) = malformed(document) {
        return refuse_with(400, "MalformedPolicyDocument", fault);
    }
    let size = |text: &str| text.chars().filter(|it| !it.is_whitespace()).count();
    let others = role.policies.iter().filter(|(other, _)| *other != name);
    let all = others.map(|(_, it)| size(it)).sum::<usize>() + size(document);
    if all > MOST_INLINE {
        let message = format!(
            "Maximum policy size of {MOST_INLINE} bytes exceeded for role {}",
            role.name
        );
        return refuse_with(409, "LimitExceeded", message);
    }
    role.policies.insert(name.into(), document.into());
    Ok(())
}

/// What IAM refuses of a policy.
fn malformed(document: &str) -> Option<&'static str> {
    let Ok(policy) = serde_json::from_str::<Value>(document) else {
        return Some("This policy contains invalid Json");
    };
    let many = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => vec![],
        one => vec![one.clone()],
    };
    let is_action = |it: &Value| {
        let text = it.as_str().unwrap_or_default();
        text == "*"
            || text
                .split_once(':')
                .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
    };
    let is_resource = |it: &Value| {
        let text = it.as_str().unwrap_or_default();
        text == "*" || (text.starts_with("arn:") && text.splitn(6, ':').count() == 6)
    };
    for statement in many(&policy["Statement"]) {
        let (actions, resources) = (many(&statement["Action"]), many(&statement["Resource"]));
        if actions.is_empty() || resources.is_empty() {
            return Some("Policy statement must contain actions and resources.");
        }
        if !actions.iter().all(is_action) {
            return Some(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            );
        }
        if !resources.iter().all(is_resource) {
            return Some("Resource must be in ARN format or \"*\".");
        }
    }
    None
}

fn read(role: &Role, call: &Call) -> Answer {
    let end = ("IsTruncated", json!(false));
    let pairs = |name: &str, value: Value| Ok(json!({ name: value, end.0: end.1 }));
    match call.operation.as_str() {
        "ListRolePolicies" => pairs(
            "PolicyNames",
            json!(role.policies.keys().collect::<Vec<_>>()),
        ),
        "ListAttachedRolePolicies" => {
            let all = role
                .attached
                .iter()
                .map(|arn| json!({ "PolicyName": arn.rsplit('/').next(), "PolicyArn": arn }));
            pairs("AttachedPolicies", json!(all.collect::<Vec<_>>()))
        }
        "ListInstanceProfilesForRole" => pairs("InstanceProfiles", json!([])),
        "ListRoleTags" => {
            let tags = role
                .tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }));
            pairs("Tags", json!(tags.collect::<Vec<_>>()))
        }
        "GetRolePolicy" => match role.policies.get(call.text("PolicyName")) {
            Some(document) => Ok(json!({
                "RoleName": role.name, "PolicyName": call.text("PolicyName"),
                "PolicyDocument": urlencoding::encode(document),
            })),
            None => absent("The role policy cannot be found."),
        },
        _ => unknown(call),
    }
}

fn absent<T>(message: &str) -> Result<T, Refusal> {
    refuse_with(404, "NoSuchEntity", message)
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let text = |member| call.text(member).to_owned();
    let key = call.text("RoleName").to_lowercase();
    if cloud.iam.roles.contains_key(&key) {
        return refuse_with(
            409,
            "EntityAlreadyExists",
            "Role with this name already exists.",
        );
    }
    if let Some(boundary) = call.get("PermissionsBoundary").as_str() {
        is_there(cloud, boundary)?;
    }
    let role = Role {
        made: cloud.now,
        name: text("RoleName"),
        path: if call.text("Path").is_empty() {
            "/".into()
        } else {
            text("Path")
        },
        trust: text("AssumeRolePolicyDocument"),
        description: text("Description"),
        boundary: call
            .get("PermissionsBoundary")
            .as_str()
            .map(ToOwned::to_owned),
        policies: BTreeMap::new(),
        attached: BTreeSet::new(),
        tags: tags_in(call.get("Tags")),
    };
    let tree = role.tree(cloud);
    cloud.iam.roles.insert(key, role);
    Ok(json!({ "Role": tree }))
}

fn list(cloud: &Cloud, prefix: &str) -> Value {
    let roles = cloud.iam.roles.values();
    let roles = roles.filter(|it| it.path.starts_with(prefix) && cloud.is_listed(it.made));
    json!({ "Roles": roles.map(|it| it.tree(cloud)).collect::<Vec<_>>(), "IsTruncated": false })
}

/// A role that still has policies is not deleted (docs/aws.md §10).
fn delete(cloud: &mut Cloud, call: &Call) -> Answer {
    let key = call.text("RoleName").to_lowercase();
    let Some(role) = cloud.iam.roles.get(&key) else {
        return absent("The role cannot be found.");
    };
    if !role.policies.is_empty() || !role.attached.is_empty() {
        return refuse_with(
            409,
            "DeleteConflict",
            "Cannot delete entity, must remove policies first.",
        );
    }
    cloud.iam.roles.remove(&key);
    Ok(json!({}))
}
