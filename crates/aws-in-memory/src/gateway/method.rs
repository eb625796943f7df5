//! Methods, their integrations and their responses (docs/aws.md §5).

use super::{Api, absent, bad, change_list, conflict, find, patches};
use crate::{
    call::{Answer, Call, Refusal},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let is_strict = cloud.strict.conflicts;
    let api = find(cloud, call)?;
    if call.operation == "PutMethod" {
        return put(api, call, is_strict);
    }
    let known = known(api);
    let methods = api
        .resources
        .get_mut(call.text("resourceId"))
        .map(|it| &mut it.methods);
    let Some(methods) = methods else {
        return absent("Invalid Resource identifier specified");
    };
    let Some(method) = methods.get_mut(call.text("httpMethod")) else {
        return absent("Invalid Method identifier specified");
    };
    let status = call.text("statusCode").to_owned();
    match call.operation.as_str() {
        "GetMethod" => Ok(method.clone()),
        "UpdateMethod" => update(method, call, &known),
        "DeleteMethod" => {
            methods.remove(call.text("httpMethod"));
            Ok(json!({}))
        }
        "PutIntegration" => {
            method["methodIntegration"] = integration(call);
            Ok(method["methodIntegration"].clone())
        }
        "PutMethodResponse" => {
            if is_strict && !method["methodResponses"][&status].is_null() {
                return conflict("Response already exists for this resource");
            }
            let parameters = call.get("responseParameters");
            let made = json!({ "statusCode": status, "responseParameters": parameters });
            method["methodResponses"][&status] = made.clone();
            Ok(made)
        }
        "DeleteMethodResponse" => remove(&mut method["methodResponses"], &status),
        "PutIntegrationResponse" => put_integration_response(method, call),
        "DeleteIntegrationResponse" => remove(
            &mut method["methodIntegration"]["integrationResponses"],
            &status,
        ),
        _ => unknown(call),
    }
}

fn remove(responses: &mut Value, status: &str) -> Answer {
    match responses.as_object_mut().and_then(|it| it.remove(status)) {
        Some(_) => Ok(json!({})),
        None => absent("Invalid Response status code specified"),
    }
}

/// An authorizer of the API, and whether it is one of user pools.
struct Known {
    id: String,
    is_cognito: bool,
}

fn known(api: &Api) -> Vec<Known> {
    let all = api.authorizers.iter();
    let known = all.map(|(id, it)| Known {
        id: id.clone(),
        is_cognito: it["type"] == "COGNITO_USER_POOLS",
    });
    known.collect()
}

/// Type and authorizer have to go together (docs/aws.md §5).
fn check(method: &Value, authorizers: &[Known]) -> Result<(), Refusal> {
    let authorizer = method["authorizerId"].as_str().unwrap_or_default();
    let is_of = |is_cognito: bool| {
        let mut fitting = authorizers.iter().filter(|it| it.is_cognito == is_cognito);
        fitting.any(|it| it.id == authorizer)
    };
    match method["authorizationType"].as_str() {
        Some(it @ ("COGNITO_USER_POOLS" | "CUSTOM")) if !is_of(it != "CUSTOM") => bad(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ),
        _ => Ok(()),
    }
}

fn put(api: &mut Api, call: &Call, is_strict: bool) -> Answer {
    let known = known(api);
    let Some(resource) = api.resources.get_mut(call.text("resourceId")) else {
        return absent("Invalid Resource identifier specified");
    };
    let verb = call.text("httpMethod").to_owned();
    if is_strict && resource.methods.contains_key(&verb) {
        return conflict("Method already exists for this resource");
    }
    let mut method = json!({ "httpMethod": verb, "apiKeyRequired": false });
    for field in [
        "authorizationType",
        "authorizerId",
        "authorizationScopes",
        "apiKeyRequired",
        "requestValidatorId",
        "requestModels",
        "requestParameters",
        "operationName",
    ] {
        if !call.get(field).is_null() {
            method[field] = call.get(field).clone();
        }
    }
    if call.text("authorizationType") == "NONE" && !call.get("authorizerId").is_null() {
        return bad("Invalid authorizer ID specified");
    }
    check(&method, &known)?;
    resource.methods.insert(verb, method.clone());
    Ok(method)
}

fn update(method: &mut Value, call: &Call, authorizers: &[Known]) -> Answer {
    let mut new = method.clone();
    for (op, path, value) in patches(call) {
        match path.as_str() {
            "/authorizationType" => {
                new["authorizationType"] = json!(value);
                if value == "NONE" {
                    new.as_object_mut()
                        .expect("a method")
                        .remove("authorizerId");
                }
            }
            "/authorizerId" if value.is_empty() => {
                new.as_object_mut()
                    .expect("a method")
                    .remove("authorizerId");
            }
            "/authorizerId" => new["authorizerId"] = json!(value),
            "/apiKeyRequired" => new["apiKeyRequired"] = json!(value == "true"),
            // An empty id removes it.
            "/requestValidatorId" if value.is_empty() => {
                new.as_object_mut()
                    .expect("a method")
                    .remove("requestValidatorId");
            }
            "/requestValidatorId" => new["requestValidatorId"] = json!(value),
            "/authorizationScopes" => change_list(&mut new, "authorizationScopes", &op, &value),
            _ => return bad(format!("Invalid patch path {path}")),
        }
    }
    check(&new, authorizers)?;
    *method = new;
    Ok(method.clone())
}

/// A whole new one: the responses of the old one are gone.
fn integration(call: &Call) -> Value {
    let mut tree = json!({ "passthroughBehavior": "WHEN_NO_MATCH", "cacheNamespace": call.text("resourceId"),
            "cacheKeyParameters": [] });
    for field in [
        "type",
        "uri",
        "credentials",
        "requestParameters",
        "requestTemplates",
        "contentHandling",
        "cacheKeyParameters",
    ] {
        if !call.get(field).is_null() {
            tree[field] = as_read(call.get(field));
        }
    }
    if !call.get("passthroughBehavior").is_null() {
        tree["passthroughBehavior"] = call.get("passthroughBehavior").clone();
    }
    if !call.get("integrationHttpMethod").is_null() {
        tree["httpMethod"] = call.get("integrationHttpMethod").clone();
    }
    tree["timeoutInMillis"] = match call.get("timeoutInMillis") {
        Value::Null => json!(29_000),
        timeout => timeout.clone(),
    };
    tree
}

/// An empty template is null when it is read (recorded; docs/aws.md §5).
fn as_read(sent: &Value) -> Value {
    let Some(templates) = sent.as_object() else {
        return sent.clone();
    };
    let read = |text: &Value| {
        if text == "" {
            Value::Null
        } else {
            text.clone()
        }
    };
    Value::Object(
        templates
            .iter()
            .map(|(name, text)| (name.clone(), read(text)))
            .collect(),
    )
}

/// A header of it has to be declared by the method's response (docs/aws.md §5).
fn put_integration_response(method: &mut Value, call: &Call) -> Answer {
    let status = call.text("statusCode").to_owned();
    if method["methodIntegration"].is_null() {
        return absent("Invalid Integration identifier specified");
    }
    let declared = method["methodResponses"][&status].clone();
    let headers = call
        .get("responseParameters")
        .as_object()
        .cloned()
        .unwrap_or_default();
    if headers
        .keys()
        .any(|name| declared["responseParameters"][name].is_null())
    {
        return bad(
            "Invalid mapping expression specified: the method response does not declare the header",
        );
    }
    let mut tree = json!({ "statusCode": status });
    for field in [
        "responseParameters",
        "responseTemplates",
        "selectionPattern",
        "contentHandling",
    ] {
        if !call.get(field).is_null() {
            tree[field] = as_read(call.get(field));
        }
    }
    method["methodIntegration"]["integrationResponses"][&status] = tree.clone();
    Ok(tree)
}
