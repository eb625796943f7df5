//! APIs themselves, and what API Gateway answers by itself.

use super::{Api, Resource, absent, bad, change_list, domain_name, find, patches, requests, usage};
use crate::{
    call::{Answer, Call},
    cloud::{Cloud, MOST_TAGS, in_part, tags_of, texts, unknown},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateRestApi" => Ok(create(cloud, call)),
        "GetRestApis" => {
            let apis = cloud
                .gateway
                .apis
                .iter()
                .filter(|(_, it)| cloud.is_listed(it.made));
            let parts = ["tags", "rootResourceId", "endpointConfiguration"];
            let apis =
                apis.map(|(id, it)| in_part(&shown(id, it), cloud.strict.incomplete, &parts));
            Ok(json!({ "item": apis.collect::<Vec<_>>() }))
        }
        "GetRestApi" => {
            let api = find(cloud, call)?;
            Ok(shown(call.text("restApiId"), api))
        }
        "UpdateRestApi" => {
            let own = own(cloud, call.text("restApiId"));
            let api = find(cloud, call)?;
            for (op, path, value) in patches(call) {
                if let Some(media) = path.strip_prefix("/binaryMediaTypes/") {
                    let media = media.replace("~1", "/");
                    change_list(&mut api.tree, "binaryMediaTypes", &op, &media);
                    continue;
                }
                match path.as_str() {
                    "/name" => api.tree["name"] = json!(value),
                    "/description" => api.tree["description"] = json!(value),
                    "/endpointConfiguration/types/0" => {
                        api.tree["endpointConfiguration"]["types"] = json!([value]);
                    }
                    "/policy" if value.is_empty() => {
                        drop(api.tree.as_object_mut().map(|it| it.remove("policy")))
                    }
                    "/policy" => api.tree["policy"] = json!(policy(&value, &own)),
                    "/endpointConfiguration/vpcEndpointIds" => {
                        let endpoints = &mut api.tree["endpointConfiguration"];
                        if endpoints["types"] != json!(["PRIVATE"]) && op == "add" {
                            return bad("Only private APIs can have VPC endpoints");
                        }
                        change_list(endpoints, "vpcEndpointIds", &op, &value);
                    }
                    "/disableExecuteApiEndpoint" => {
                        api.tree["disableExecuteApiEndpoint"] = json!(value == "true");
                    }
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            Ok(shown(call.text("restApiId"), api))
        }
        "DeleteRestApi" => {
            let id = call.text("restApiId");
            let named = domain_name::leading_to(&cloud.gateway.domains, id, None);
            if !named.is_empty() {
                return bad(format!(
                    "Deleting RestApi {id} failed. Please remove all base path mappings related to the RestApi in your domains: {}",
                    named.join(", ")
                ));
            }
            let Some(gone) = cloud.gateway.apis.remove(id) else {
                return absent("Invalid API identifier");
            };
            cloud.gateway.usage.forget(id, None);
            cloud.bury(gone.arn(cloud, id), gone.tags);
            Ok(json!({}))
        }
        "TagResource" | "UntagResource" => {
            let id = call
                .text("resourceArn")
                .rsplit('/')
                .next()
                .unwrap_or_default();
            let of_usage = usage::tags_at(cloud, call.text("resourceArn")).is_some();
            let gateway = &mut cloud.gateway;
            let there = match (of_usage, gateway.domains.contains_key(id)) {
                (true, _) => usage::tags_at(cloud, call.text("resourceArn")),
                (_, true) => gateway.domains.get_mut(id).map(|it| &mut it.tags),
                (_, false) => gateway.apis.get_mut(id).map(|it| &mut it.tags),
            };
            let Some(there) = there else {
                return absent("Invalid API identifier");
            };
            let keys = texts(call.get("tagKeys"));
            let mut tags = there.clone();
            tags.extend(tags_of(call.get("tags")));
            tags.retain(|key, _| !keys.contains(key));
            if tags.len() > MOST_TAGS {
                return bad(format!("A resource can have at most {MOST_TAGS} tags"));
            }
            *there = tags;
            Ok(json!({}))
        }
        _ => unknown(call),
    }
}

/// What `execute-api:/` in an API's policy stands for.
fn own(cloud: &Cloud, id: &str) -> String {
    format!("{}/", cloud.arn("execute-api", id))
}

/// As a policy is answered: with its own API's ARN, and its quotes escaped once more (docs/aws.md §5).
fn policy(text: &str, own: &str) -> String {
    text.replace("\"execute-api:/", &format!("\"{own}"))
        .replace('"', "\\\"")
}

fn create(cloud: &mut Cloud, call: &Call) -> Value {
    let (id, root) = (cloud.fresh("a", 10), cloud.fresh("r", 10));
    let mut tree = json!({
        "name": call.get("name"), "createdDate": cloud.date(), "apiKeySource": "HEADER",
        "disableExecuteApiEndpoint": false,
    });
    for field in [
        "description",
        "policy",
        "binaryMediaTypes",
        "minimumCompressionSize",
        "apiKeySource",
    ] {
        if !call.get(field).is_null() {
            tree[field] = call.get(field).clone();
        }
    }
    if let Some(text) = tree["policy"].as_str() {
        tree["policy"] = json!(policy(text, &own(cloud, &id)));
    }
    // The API's own default is EDGE (docs/aws.md §5).
    tree["endpointConfiguration"] = match call.get("endpointConfiguration") {
        Value::Null => json!({ "types": ["EDGE"] }),
        given => given.clone(),
    };
    tree["endpointConfiguration"]["ipAddressType"] = json!("ipv4");
    let api = Api {
        made: cloud.now,
        tree,
        tags: tags_of(call.get("tags")),
        resources: [(
            root,
            Resource {
                parent: None,
                part: String::new(),
                methods: BTreeMap::new(),
            },
        )]
        .into(),
        authorizers: BTreeMap::new(),
        models: requests::models_of_aws().collect(),
        validators: BTreeMap::new(),
        responses: BTreeMap::new(),
        deployments: vec![],
        stages: BTreeMap::new(),
    };
    let answer = shown(&id, &api);
    cloud.gateway.apis.insert(id, api);
    answer
}

fn shown(id: &str, api: &Api) -> Value {
    let mut tree = api.tree.clone();
    tree["id"] = json!(id);
    tree["rootResourceId"] = json!(
        api.resources
            .iter()
            .find(|(_, it)| it.parent.is_none())
            .map(|it| it.0)
    );
    if !api.tags.is_empty() {
        tree["tags"] = json!(api.tags);
    }
    tree
}

/// The types of gateway responses and their statuses (recorded).
const TYPES: [(&str, &str); 21] = [
    ("ACCESS_DENIED", "403"),
    ("API_CONFIGURATION_ERROR", "500"),
    ("AUTHORIZER_CONFIGURATION_ERROR", "500"),
    ("AUTHORIZER_FAILURE", "500"),
    ("BAD_REQUEST_BODY", "400"),
    ("BAD_REQUEST_PARAMETERS", "400"),
    ("DEFAULT_4XX", ""),
    ("DEFAULT_5XX", ""),
    ("EXPIRED_TOKEN", "403"),
    ("INTEGRATION_FAILURE", "504"),
    ("INTEGRATION_TIMEOUT", "504"),
    ("INVALID_API_KEY", "403"),
    ("INVALID_SIGNATURE", "403"),
    ("MISSING_AUTHENTICATION_TOKEN", "403"),
    ("QUOTA_EXCEEDED", "429"),
    ("REQUEST_TOO_LARGE", "413"),
    ("RESOURCE_NOT_FOUND", "404"),
    ("THROTTLED", "429"),
    ("UNAUTHORIZED", "401"),
    ("UNSUPPORTED_MEDIA_TYPE", "415"),
    ("WAF_FILTERED", "403"),
];

/// One of a type as it is where nobody says otherwise.
fn usual_response(kind: &str, is_default: bool) -> Value {
    let mut tree = json!({
        "responseType": kind,
        "defaultResponse": is_default,
        "responseTemplates": { "application/json": "{\"message\":$context.error.messageString}" },
    });
    let status = TYPES.iter().find(|it| it.0 == kind).map_or("", |it| it.1);
    if !status.is_empty() {
        tree["statusCode"] = json!(status);
    }
    tree
}

/// Gateway responses: a full upsert; a list tells of the defaults too (docs/aws.md §5).
pub(super) fn response(cloud: &mut Cloud, call: &Call) -> Answer {
    let api = find(cloud, call)?;
    let kind = call.text("responseType").to_owned();
    match call.operation.as_str() {
        "PutGatewayResponse" => {
            let mut tree = usual_response(&kind, false);
            for field in ["statusCode", "responseParameters", "responseTemplates"] {
                if !call.get(field).is_null() {
                    tree[field] = call.get(field).clone();
                }
            }
            api.responses.insert(kind, tree.clone());
            Ok(tree)
        }
        "GetGatewayResponses" => {
            let all = TYPES.iter().map(|(kind, _)| {
                let own = api.responses.get(*kind).cloned();
                own.unwrap_or_else(|| usual_response(kind, true))
            });
            Ok(json!({ "item": all.collect::<Vec<_>>() }))
        }
        "DeleteGatewayResponse" => match api.responses.remove(&kind) {
            Some(_) => Ok(json!({})),
            None => absent("Gateway response type not defined on api"),
        },
        _ => unknown(call),
    }
}
