//! Identity pools (docs/aws.md §4, "Identity pools").

use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, Tags, tags_of, texts, unknown, without},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Default)]
pub(crate) struct Identity {
    /// By id.
    pub(crate) pools: BTreeMap<String, IdentityPool>,
}

#[derive(Clone)]
pub(crate) struct IdentityPool {
    pub(crate) made: Duration,
    /// All that DescribeIdentityPool tells, but the tags.
    pub(crate) tree: Map<String, Value>,
    pub(crate) roles: Value,
    pub(crate) mappings: Value,
    pub(crate) tags: Tags,
    /// The ids of those who were given one.
    pub(crate) identities: Vec<String>,
}

/// What an update resets where it is not sent.
const RESET: [&str; 5] = [
    "AllowClassicFlow",
    "CognitoIdentityProviders",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "SupportedLoginProviders",
];

impl IdentityPool {
    pub(crate) fn arn(&self, cloud: &Cloud) -> String {
        let id = self.tree["IdentityPoolId"].as_str().unwrap_or_default();
        cloud.arn("cognito-identity", &format!("identitypool/{id}"))
    }

    fn describe(&self) -> Value {
        let mut tree = self.tree.clone();
        tree.insert("IdentityPoolTags".into(), json!(self.tags));
        tree.into()
    }

    /// Every provider whose people it knows, as a map of roles names them.
    fn providers(&self) -> Vec<String> {
        let of = |member: &str| self.tree.get(member).unwrap_or(&Value::Null);
        let clients = of("CognitoIdentityProviders").as_array();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let clients = clients
            .into_iter()
            .flatten()
            .map(|it| format!("{}:{}", text(&it["ProviderName"]), text(&it["ClientId"])));
        let apps = of("SupportedLoginProviders").as_object();
        let apps = apps.into_iter().flatten().map(|(name, _)| name.clone());
        let arns = ["OpenIdConnectProviderARNs", "SamlProviderARNs"];
        clients
            .chain(apps)
            .chain(arns.into_iter().flat_map(|it| texts(of(it))))
            .collect()
    }
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateIdentityPool" => return create(cloud, call),
        "ListIdentityPools" => return Ok(list(cloud)),
        _ => {}
    }
    let arn = call.text("ResourceArn").split_once("identitypool/");
    let id = arn
        .map_or(call.text("IdentityPoolId"), |it| it.1)
        .to_owned();
    let Some(pool) = cloud.identity.pools.get_mut(&id) else {
        let message = format!("IdentityPool '{id}' not found.");
        return refuse("ResourceNotFoundException", message);
    };
    match call.operation.as_str() {
        "DescribeIdentityPool" => return Ok(pool.describe()),
        "GetIdentityPoolRoles" => {
            let mut tree = json!({ "IdentityPoolId": id });
            for (member, value) in [("Roles", &pool.roles), ("RoleMappings", &pool.mappings)] {
                if value.as_object().is_some_and(|it| !it.is_empty()) {
                    tree[member] = value.clone();
                }
            }
            return Ok(tree);
        }
        // Of a guest; nobody here looks at tokens.
        "GetId" => {
            let identity = format!("{id}-{}", pool.identities.len());
            pool.identities.push(identity.clone());
            return Ok(json!({ "IdentityId": identity }));
        }
        "ListIdentities" => {
            let all = pool.identities.iter().map(|it| json!({ "IdentityId": it }));
            return Ok(json!({ "IdentityPoolId": id, "Identities": all.collect::<Vec<_>>() }));
        }
        "UpdateIdentityPool" => {
            update(pool, call)?;
            return Ok(pool.describe());
        }
        "SetIdentityPoolRoles" => set_roles(pool, call)?,
        "TagResource" => pool.tags.extend(tags_of(call.get("Tags"))),
        "UntagResource" => {
            let keys = texts(call.get("TagKeys"));
            pool.tags.retain(|key, _| !keys.contains(key));
        }
        "DeleteIdentityPool" => {
            let gone = pool.clone();
            let arn = gone.arn(cloud);
            cloud.identity.pools.remove(&id);
            cloud.bury(arn, gone.tags);
        }
        _ => return unknown(call),
    }
    Ok(json!({}))
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.uuid();
    let id = format!("{}:{id}", cloud.region);
    let mut tree = without(&call.input, &["IdentityPoolTags"]);
    tree.insert("IdentityPoolId".into(), json!(id));
    let pool = IdentityPool {
        made: cloud.now,
        tree,
        roles: json!({}),
        mappings: json!({}),
        tags: tags_of(call.get("IdentityPoolTags")),
        identities: vec![],
    };
    let answer = pool.describe();
    cloud.identity.pools.insert(id, pool);
    Ok(answer)
}

fn list(cloud: &Cloud) -> Value {
    let all = cloud.identity.pools.values();
    let all = all.filter(|it| cloud.is_listed(it.made)).map(|it| {
        json!({
            "IdentityPoolId": it.tree["IdentityPoolId"],
            "IdentityPoolName": it.tree["IdentityPoolName"],
        })
    });
    json!({ "IdentityPools": all.collect::<Vec<_>>() })
}

fn update(pool: &mut IdentityPool, call: &Call) -> Result<(), Refusal> {
    let there = pool.tree.get("DeveloperProviderName");
    if there.is_some_and(|it| it != call.get("DeveloperProviderName")) {
        return refuse(
            "InvalidParameterException",
            "The developer provider name cannot be changed.",
        );
    }
    for member in RESET {
        pool.tree.remove(member);
    }
    pool.tree
        .extend(without(&call.input, &["IdentityPoolTags"]));
    pool.tags = tags_of(call.get("IdentityPoolTags"));
    Ok(())
}

/// Sets all of them.
fn set_roles(pool: &mut IdentityPool, call: &Call) -> Result<(), Refusal> {
    let wrong = |message: String| refuse("InvalidParameterException", message);
    let providers = pool.providers();
    for (name, mapping) in call.get("RoleMappings").as_object().into_iter().flatten() {
        if !providers.contains(name) {
            return wrong(format!("{name} is not a provider of the identity pool."));
        }
        if mapping["AmbiguousRoleResolution"].is_null() {
            return wrong(format!("{name} needs an AmbiguousRoleResolution."));
        }
        let rules = mapping["RulesConfiguration"]["Rules"].as_array();
        if (mapping["Type"] == "Rules") != rules.is_some() {
            return wrong(format!("{name} has a type that its rules do not fit."));
        }
    }
    let map = |member: &str| match call.get(member) {
        Value::Null => json!({}),
        map => map.clone(),
    };
    (pool.roles, pool.mappings) = (map("Roles"), map("RoleMappings"));
    Ok(())
}
