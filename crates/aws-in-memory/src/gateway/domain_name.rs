//! Custom domain names and their base path mappings (docs/aws.md §6).

use super::{absent, bad, conflict, patches};
use crate::{
    call::{Answer, Call, Refusal},
    cloud::{Cloud, Tags, tags_of, unknown, without},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// By name.
pub(crate) type Domains = BTreeMap<String, Domain>;

#[derive(Clone)]
pub(crate) struct Domain {
    pub(crate) made: Duration,
    pub(crate) tree: Value,
    pub(crate) tags: Tags,
    /// By base path.
    pub(crate) mappings: BTreeMap<String, Value>,
}

impl Domain {
    pub(crate) fn shown(&self) -> Value {
        let mut tree = self.tree.clone();
        if !self.tags.is_empty() {
            tree["tags"] = json!(self.tags);
        }
        tree
    }
}

/// What AWS calls the path of the name alone.
const NO_PATH: &str = "(none)";

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("domainName").to_owned();
    let unknown_name = || absent("Invalid domain name identifier specified");
    match call.operation.as_str() {
        "CreateDomainName" => create(cloud, call, name),
        "GetDomainName" => match cloud.gateway.domains.get(&name) {
            Some(it) => Ok(it.shown()),
            None => unknown_name(),
        },
        "UpdateDomainName" => {
            let region = cloud.region.clone();
            let Some(domain) = cloud.gateway.domains.get_mut(&name) else {
                return unknown_name();
            };
            let mut tree = domain.tree.clone();
            for (_, path, value) in patches(call) {
                match path.as_str() {
                    "/certificateArn" | "/regionalCertificateArn" | "/securityPolicy" => {
                        tree[&path[1..]] = json!(value);
                    }
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            check(&tree, &region)?;
            domain.tree = tree;
            Ok(domain.shown())
        }
        "DeleteDomainName" => match cloud.gateway.domains.remove(&name) {
            Some(gone) => {
                cloud.bury(arn(cloud, &name), gone.tags);
                Ok(json!({}))
            }
            None => unknown_name(),
        },
        _ => unknown(call),
    }
}

fn create(cloud: &mut Cloud, call: &Call, name: String) -> Answer {
    if cloud.gateway.domains.contains_key(&name) {
        return bad("The domain name you provided already exists.");
    }
    let mut tree = Value::Object(without(&call.input, &["tags"]));
    if tree["endpointConfiguration"]["types"].is_null() {
        tree["endpointConfiguration"] = json!({ "types": ["EDGE"] });
    }
    if tree["securityPolicy"].is_null() {
        tree["securityPolicy"] = json!("TLS_1_2");
    }
    check(&tree, &cloud.region)?;
    tree["domainNameStatus"] = json!("AVAILABLE");
    let (target, zone) = match is_edge(&tree) {
        true => ("distributionDomainName", "distributionHostedZoneId"),
        false => ("regionalDomainName", "regionalHostedZoneId"),
    };
    tree[target] = json!(format!("d-{name}.example.com"));
    tree[zone] = json!("Z2FDTNDATAQYW2");
    let made = Domain {
        made: cloud.now,
        tree,
        tags: tags_of(call.get("tags")),
        mappings: BTreeMap::new(),
    };
    let answer = made.shown();
    cloud.gateway.domains.insert(name, made);
    Ok(answer)
}

fn is_edge(tree: &Value) -> bool {
    tree["endpointConfiguration"]["types"] == json!(["EDGE"])
}

/// Each endpoint wants its certificate in its own member, and in its own Region.
fn check(tree: &Value, region: &str) -> Result<(), Refusal> {
    let (member, region) = match is_edge(tree) {
        true => ("certificateArn", "us-east-1"),
        false => ("regionalCertificateArn", region),
    };
    let arn = tree[member].as_str().unwrap_or_default();
    if arn.split(':').nth(3) != Some(region) {
        return bad(format!(
            "Invalid certificate ARN: {arn}. Certificate must be in '{region}'."
        ));
    }
    Ok(())
}

pub(super) fn mapping(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("domainName").to_owned();
    let path = match call.text("basePath") {
        "" => NO_PATH.to_owned(),
        path => path.to_owned(),
    };
    let Some(domain) = cloud.gateway.domains.get(&name) else {
        return absent("Invalid domain name identifier specified");
    };
    let there = domain.mappings.get(&path).cloned();
    let unknown_path = || absent("Invalid base path mapping identifier specified");
    let tree = match (call.operation.as_str(), there) {
        ("CreateBasePathMapping", Some(_)) => {
            return conflict("Base path already exists for this domain name");
        }
        ("CreateBasePathMapping", None) => {
            let mut tree = Value::Object(without(&call.input, &["domainName"]));
            tree["basePath"] = json!(path);
            tree
        }
        ("UpdateBasePathMapping", Some(mut tree)) => {
            for (_, at, value) in patches(call) {
                match at.as_str() {
                    "/restapiId" => tree["restApiId"] = json!(value),
                    "/stage" => tree["stage"] = json!(value),
                    _ => return bad(format!("Invalid patch path {at}")),
                }
            }
            tree
        }
        ("DeleteBasePathMapping", Some(_)) => {
            let domain = cloud.gateway.domains.get_mut(&name);
            domain.expect("just found").mappings.remove(&path);
            return Ok(json!({}));
        }
        ("UpdateBasePathMapping" | "DeleteBasePathMapping", None) => return unknown_path(),
        _ => return unknown(call),
    };
    leads(cloud, &tree)?;
    let domain = cloud.gateway.domains.get_mut(&name);
    domain
        .expect("just found")
        .mappings
        .insert(path, tree.clone());
    Ok(tree)
}

/// To an API that everybody can reach, and to a stage of it.
fn leads(cloud: &Cloud, mapping: &Value) -> Result<(), Refusal> {
    let id = mapping["restApiId"].as_str().unwrap_or_default();
    let Some(api) = cloud.gateway.apis.get(id) else {
        return bad("Invalid REST API identifier specified");
    };
    let stage = mapping["stage"].as_str();
    if stage.is_some_and(|it| !api.stages.contains_key(it)) {
        return bad("Invalid stage identifier specified");
    }
    if api.tree["endpointConfiguration"]["types"] == json!(["PRIVATE"]) {
        return bad("A private API cannot be mapped to a public domain name");
    }
    Ok(())
}

pub(crate) fn arn(cloud: &Cloud, name: &str) -> String {
    format!("arn:aws:apigateway:{}::/domainnames/{name}", cloud.region)
}

/// The names under which an API, or one stage of it, answers.
pub(crate) fn leading_to(domains: &Domains, api: &str, stage: Option<&str>) -> Vec<String> {
    let leads = |it: &Value| {
        it["restApiId"] == *api
            && (stage.is_none() || it["stage"].is_null() || it["stage"].as_str() == stage)
    };
    let named = domains
        .iter()
        .filter(|(_, it)| it.mappings.values().any(leads));
    named.map(|(name, _)| name.clone()).collect()
}
