//! Authorizers: a name once an API, and none is deleted while a method needs it (docs/aws.md §6).

use super::{absent, bad, change_list, conflict, find, patches};
use crate::{
    call::{Answer, Call, refuse},
    cloud::{Cloud, in_part, unknown, without},
};
use serde_json::{Value, json};

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let fresh = cloud.fresh("z", 6);
    let (is_strict, incomplete) = (cloud.strict.referenced_authorizers, cloud.strict.incomplete);
    // Recorded: of an API that is not there, only its creation says so in other words.
    if call.operation == "CreateAuthorizer" && find(cloud, call).is_err() {
        return conflict(
            "Unable to complete operation due to concurrent modification. Please try again later.",
        );
    }
    let api = find(cloud, call)?;
    let id = call.text("authorizerId").to_owned();
    let is_taken = |name: &Value| {
        api.authorizers
            .iter()
            .any(|(other, it)| *other != id && it["name"] == *name)
    };
    match call.operation.as_str() {
        "CreateAuthorizer" => {
            if is_taken(call.get("name")) {
                return refuse(
                    "BadRequestException",
                    "Authorizer name must be unique. Authorizer already exists",
                );
            }
            let mut tree = Value::Object(without(&call.input, &["restApiId"]));
            let is_cognito = call.text("type") == "COGNITO_USER_POOLS";
            if is_cognito && tree["providerARNs"].as_array().is_none_or(Vec::is_empty) {
                return bad("ProviderARNs are required");
            }
            if let Some(why) = mistake(&tree) {
                return bad(why);
            }
            tree["id"] = json!(fresh);
            tree["authType"] = json!(if is_cognito {
                "cognito_user_pools"
            } else {
                "custom"
            });
            api.authorizers.insert(fresh, tree.clone());
            Ok(tree)
        }
        "GetAuthorizers" => {
            let all = api.authorizers.values().map(|it| listed(it, incomplete));
            Ok(json!({ "item": all.collect::<Vec<_>>() }))
        }
        "GetAuthorizer" => match api.authorizers.get(&id) {
            Some(it) => Ok(it.clone()),
            None => absent("Invalid Authorizer identifier specified"),
        },
        "UpdateAuthorizer" => {
            let Some(tree) = api.authorizers.get(&id) else {
                return absent("Invalid Authorizer identifier");
            };
            let mut tree = tree.clone();
            for (op, path, value) in patches(call) {
                match path.as_str() {
                    "/name" if is_taken(&json!(value)) => {
                        return bad("Authorizer name must be unique");
                    }
                    "/name"
                    | "/identitySource"
                    | "/identityValidationExpression"
                    | "/authorizerUri" => {
                        tree[&path[1..]] = json!(value);
                    }
                    "/authorizerResultTtlInSeconds" => {
                        tree[&path[1..]] = json!(value.parse::<i64>().unwrap_or(300));
                    }
                    "/providerARNs" => {
                        change_list(&mut tree, "providerARNs", &op, &value);
                        if tree["providerARNs"].as_array().is_some_and(Vec::is_empty) {
                            return bad("ProviderARNs may not be empty");
                        }
                    }
                    _ => return bad(format!("Invalid patch path {path}")),
                }
            }
            if let Some(why) = mistake(&tree) {
                return bad(why);
            }
            api.authorizers.insert(id, tree.clone());
            Ok(tree)
        }
        "DeleteAuthorizer" => {
            let mut methods = api.resources.values().flat_map(|it| it.methods.values());
            if is_strict && methods.any(|it| it["authorizerId"] == json!(id)) {
                return conflict(format!(
                    "Cannot delete authorizer '{id}', is referenced in method"
                ));
            }
            match api.authorizers.remove(&id) {
                Some(_) => Ok(json!({})),
                None => absent("Invalid Authorizer identifier"),
            }
        }
        _ => unknown(call),
    }
}

/// What a function's authorizer cannot be without (the service's model, CreateAuthorizer).
fn mistake(tree: &Value) -> Option<&'static str> {
    let text = |field: &str| tree[field].as_str().unwrap_or_default();
    if text("type") == "COGNITO_USER_POOLS" {
        return None;
    }
    let is_remembered = tree["authorizerResultTtlInSeconds"] != 0;
    let has_sources = !text("identitySource").is_empty();
    let needs_sources = text("type") == "TOKEN" || is_remembered;
    if !text("authorizerUri").contains(":lambda:path/2015-03-31/functions/arn:") {
        return Some("Invalid Authorizer URI");
    }
    if !tree["providerARNs"].as_array().is_none_or(Vec::is_empty) {
        return Some("ProviderARNs are of user pools only");
    }
    (needs_sources && !has_sources).then_some("Identity source is required")
}

fn listed(authorizer: &Value, incomplete: Option<u64>) -> Value {
    in_part(
        authorizer,
        incomplete,
        &["providerARNs", "authorizerUri", "identitySource", "type"],
    )
}
