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
    let known = Known::of(api);
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
            method["methodIntegration"] = integration(method, call)?;
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
        "PutIntegrationResponse" => put_integration_response(method, call, is_strict),
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

/// What of the API a method can name.
struct Known {
    /// Each authorizer, and whether it is one of user pools.
    authorizers: Vec<(String, bool)>,
    models: Vec<String>,
    validators: Vec<String>,
}

impl Known {
    fn of(api: &Api) -> Self {
        let authorizers = api.authorizers.iter();
        let is_cognito = |it: &Value| it["type"] == "COGNITO_USER_POOLS";
        Self {
            authorizers: authorizers
                .map(|(id, it)| (id.clone(), is_cognito(it)))
                .collect(),
            models: api.models.keys().cloned().collect(),
            validators: api.validators.keys().cloned().collect(),
        }
    }
}

/// Type and authorizer have to go together, and what is named is there (docs/aws.md §5).
fn check(method: &Value, known: &Known) -> Result<(), Refusal> {
    let authorizer = method["authorizerId"].as_str().unwrap_or_default();
    let is_of = |is_cognito: bool| {
        let mut fitting = known.authorizers.iter().filter(|it| it.1 == is_cognito);
        fitting.any(|it| it.0 == authorizer)
    };
    let models = method["requestModels"].as_object().into_iter().flatten();
    for name in models.filter_map(|it| it.1.as_str()) {
        if !known.models.iter().any(|it| it == name) {
            return bad(format!("Invalid model identifier specified: {name}"));
        }
    }
    let validator = method["requestValidatorId"].as_str();
    if validator.is_some_and(|id| !known.validators.iter().any(|it| it == id)) {
        return bad("Invalid Request Validator identifier specified");
    }
    let parameters = method["requestParameters"]
        .as_object()
        .into_iter()
        .flatten();
    for (name, _) in parameters {
        let parts: Vec<_> = name.splitn(4, '.').collect();
        let is_parameter =
            matches!(parts.as_slice(), ["method", "request", _, name] if !name.is_empty());
        if !is_parameter {
            return bad(format!("Invalid mapping expression specified: {name}"));
        }
    }
    match method["authorizationType"].as_str() {
        Some(it @ ("COGNITO_USER_POOLS" | "CUSTOM")) if !is_of(it != "CUSTOM") => bad(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ),
        _ => Ok(()),
    }
}

fn put(api: &mut Api, call: &Call, is_strict: bool) -> Answer {
    let known = Known::of(api);
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

fn update(method: &mut Value, call: &Call, known: &Known) -> Answer {
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
            _ => entry(&mut new, &op, &path, &value)?,
        }
    }
    check(&new, known)?;
    if let Some(name) = undeclared(&new, &new["methodIntegration"]) {
        return bad(format!(
            "Invalid mapping expression parameter specified: {name}"
        ));
    }
    *method = new;
    Ok(method.clone())
}

/// One of a map, at a place of its own.
fn entry(method: &mut Value, op: &str, path: &str, value: &str) -> Result<(), Refusal> {
    let key = |map: &str| {
        let key = path.strip_prefix(map)?.strip_prefix('/')?;
        Some(key.replace("~1", "/").replace("~0", "~"))
    };
    let (map, key, value) = match (key("/requestModels"), key("/requestParameters")) {
        (Some(key), _) => ("requestModels", key, json!(value)),
        (_, Some(key)) => ("requestParameters", key, json!(value == "true")),
        _ => return bad(format!("Invalid patch path {path}")),
    };
    if !method[map].is_object() {
        method[map] = json!({});
    }
    let there = method[map].as_object_mut().expect("a map");
    match op {
        "remove" if there.remove(&key).is_none() => {
            return bad(format!("Invalid parameter name specified: {key}"));
        }
        "remove" => {}
        _ => drop(there.insert(key, value)),
    }
    Ok(())
}

/// A parameter of the request that an integration hands on, and the method does not declare.
fn undeclared(method: &Value, integration: &Value) -> Option<String> {
    let mappings = integration["requestParameters"].as_object()?;
    let sources = mappings.values().filter_map(Value::as_str);
    let mut of_request = sources
        .filter(|it| it.starts_with("method.request.") && !it.starts_with("method.request.body"));
    of_request
        .find(|it| method["requestParameters"][*it].is_null())
        .map(ToOwned::to_owned)
}

/// What each type cannot be without (docs/aws.md §5).
fn check_integration(method: &Value, call: &Call) -> Result<(), Refusal> {
    let (kind, uri) = (call.text("type"), call.text("uri"));
    if kind == "MOCK" {
        return Ok(());
    }
    if call.text("integrationHttpMethod").is_empty() {
        return bad("Enumeration value for HttpMethod must be non-empty");
    }
    if kind.starts_with("HTTP") && !uri.starts_with("http") {
        return bad("Invalid HTTP endpoint specified for URI");
    }
    if kind.starts_with("AWS") && !uri.contains(":apigateway:") {
        return bad("AWS ARN for integration must contain path or action");
    }
    if kind == "AWS" && !uri.contains(":lambda:path/") && call.text("credentials").is_empty() {
        return bad("Role ARN must be specified for AWS integrations");
    }
    let sent = json!({ "requestParameters": call.get("requestParameters") });
    match undeclared(method, &sent) {
        Some(name) => bad(format!(
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: {name}]"
        )),
        None => Ok(()),
    }
}

/// A whole new one: the responses of the old one are gone.
fn integration(method: &Value, call: &Call) -> Answer {
    check_integration(method, call)?;
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
    Ok(tree)
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
fn put_integration_response(method: &mut Value, call: &Call, is_strict: bool) -> Answer {
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
    let pattern = |it: &Value| {
        it["selectionPattern"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let wanted = pattern(&json!({ "selectionPattern": call.get("selectionPattern") }));
    let others = method["methodIntegration"]["integrationResponses"].as_object();
    let mut others = others.into_iter().flatten().filter(|it| *it.0 != status);
    if is_strict && others.any(|(_, it)| pattern(it) == wanted) {
        let name = if wanted.is_empty() {
            "default"
        } else {
            &wanted
        };
        return conflict(format!(
            "Integration response with selection pattern {name} already exists"
        ));
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
