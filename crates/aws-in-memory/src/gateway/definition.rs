//! A definition merged into an API: OpenAPI 3.0 with API Gateway's extensions (docs/aws.md §5).
//!
//! What it names is made as single calls would make it, all of it or nothing. A method that is there already is
//! replaced; an authorizer of a name that is taken is refused, and a second request validator of a name made, as
//! single calls do, since nothing says otherwise.

use super::{Api, bad, find};
use crate::{
    call::{Answer, Call, Refusal},
    cloud::Cloud,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn put(cloud: &mut Cloud, call: &Call) -> Answer {
    if cloud.strict.no_definitions {
        return super::absent("Unable to find operation");
    }
    if call.text("mode") == "overwrite" {
        return bad("the memory merges only");
    }
    let (id, before) = (
        call.text("restApiId").to_owned(),
        find(cloud, call)?.clone(),
    );
    let merged = Merge {
        cloud,
        id: &id,
        schemes: BTreeMap::new(),
        validators: BTreeMap::new(),
    }
    .all(call.get("body"));
    if let Err(why) = merged {
        cloud.gateway.apis.insert(id, before);
        return bad(format!("Errors found during import:\n\t{}", why.message));
    }
    let mut shown = call.clone();
    shown.operation = "GetRestApi".into();
    super::answer(cloud, &shown)
}

/// What a method has of a scheme that it names.
#[derive(Clone)]
enum Scheme {
    Signed,
    Key,
    Authorizer { kind: &'static str, id: String },
}

struct Merge<'a> {
    cloud: &'a mut Cloud,
    id: &'a str,
    schemes: BTreeMap<String, Scheme>,
    /// By name, its id.
    validators: BTreeMap<String, String>,
}

fn entries(tree: &Value) -> impl Iterator<Item = (&String, &Value)> {
    tree.as_object().into_iter().flatten()
}

impl Merge<'_> {
    fn call(&mut self, operation: &str, input: Value) -> Answer {
        let mut input = input.as_object().cloned().unwrap_or_default();
        input.retain(|_, it| !it.is_null());
        input.insert("restApiId".into(), json!(self.id));
        let call = Call {
            service: "apigateway".into(),
            operation: operation.into(),
            input,
        };
        super::answer(self.cloud, &call)
    }

    fn api(&mut self) -> &mut Api {
        let apis = &mut self.cloud.gateway.apis;
        apis.get_mut(self.id).expect("it was found before")
    }

    fn all(mut self, body: &Value) -> Result<(), Refusal> {
        if !body["openapi"]
            .as_str()
            .is_some_and(|it| it.starts_with("3.0"))
        {
            return bad("Invalid OpenAPI input.");
        }
        let api = self.api();
        for (member, field) in [("title", "name"), ("version", "version")] {
            if body["info"][member].is_string() {
                api.tree[field] = body["info"][member].clone();
            }
        }
        for (name, scheme) in entries(&body["components"]["securitySchemes"]) {
            let scheme = self.scheme(name, scheme)?;
            self.schemes.insert(name.clone(), scheme);
        }
        for (name, schema) in entries(&body["components"]["schemas"]) {
            let made = json!({
                "name": name, "contentType": "application/json", "schema": schema.to_string(),
            });
            self.call("CreateModel", made)?;
        }
        for (name, checks) in entries(&body["x-amazon-apigateway-request-validators"]) {
            let mut input = checks.clone();
            input["name"] = json!(name);
            let made = self.call("CreateRequestValidator", input)?;
            let id = made["id"].as_str().unwrap_or_default().to_owned();
            self.validators.insert(name.clone(), id);
        }
        for (kind, response) in entries(&body["x-amazon-apigateway-gateway-responses"]) {
            let mut input = response.clone();
            input["responseType"] = json!(kind);
            self.call("PutGatewayResponse", input)?;
        }
        for (path, item) in entries(&body["paths"]) {
            let resource = self.resource(path)?;
            for (verb, operation) in entries(item) {
                let verb = match verb.as_str() {
                    "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                    other => other.to_uppercase(),
                };
                self.method(&resource, &verb, operation)?;
            }
        }
        Ok(())
    }

    fn scheme(&mut self, name: &str, scheme: &Value) -> Result<Scheme, Refusal> {
        let authorizer = &scheme["x-amazon-apigateway-authorizer"];
        if authorizer.is_null() {
            let is_signed = scheme["x-amazon-apigateway-authtype"] == "awsSigv4";
            return match (is_signed, scheme["name"].as_str()) {
                (true, _) => Ok(Scheme::Signed),
                (_, Some("x-api-key")) => Ok(Scheme::Key),
                _ => bad(format!("Unsupported security definition type for {name}")),
            };
        }
        let kind = authorizer["type"]
            .as_str()
            .unwrap_or_default()
            .to_uppercase();
        let mut input = authorizer.clone();
        input["name"] = json!(name);
        input["type"] = json!(kind);
        if input["identitySource"].is_null() && kind != "REQUEST" {
            let header = scheme["name"].as_str().unwrap_or("Authorization");
            input["identitySource"] = json!(format!("method.request.header.{header}"));
        }
        let made = self.call("CreateAuthorizer", input)?;
        let is_cognito = kind == "COGNITO_USER_POOLS";
        Ok(Scheme::Authorizer {
            kind: if is_cognito {
                "COGNITO_USER_POOLS"
            } else {
                "CUSTOM"
            },
            id: made["id"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// The resource at a path, with all above it, made where they are not there.
    fn resource(&mut self, path: &str) -> Result<String, Refusal> {
        let api = &self.cloud.gateway.apis[self.id];
        let there = api.resources.keys().find(|it| api.path(it) == path);
        if let Some(there) = there {
            return Ok(there.clone());
        }
        let (above, part) = path.rsplit_once('/').unwrap_or(("", path));
        let above = self.resource(if above.is_empty() { "/" } else { above })?;
        let made = self.call(
            "CreateResource",
            json!({ "parentId": above, "pathPart": part }),
        )?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    fn method(&mut self, resource: &str, verb: &str, operation: &Value) -> Result<(), Refusal> {
        let at = |mut input: Value| {
            input["resourceId"] = json!(resource);
            input["httpMethod"] = json!(verb);
            input
        };
        let api = self.api();
        let methods = &mut api.resources.get_mut(resource).expect("just found").methods;
        methods.remove(verb);
        let method = self.authorized(operation)?;
        self.call("PutMethod", at(method))?;
        let wanted = &operation["x-amazon-apigateway-integration"];
        if wanted.is_null() {
            return Ok(());
        }
        let mut integration = wanted.clone();
        for field in ["type", "passthroughBehavior"] {
            if let Some(word) = wanted[field].as_str() {
                integration[field] = json!(word.to_uppercase());
            }
        }
        integration["integrationHttpMethod"] = wanted["httpMethod"].clone();
        self.call("PutIntegration", at(integration))?;
        for (status, response) in entries(&operation["responses"]) {
            let headers = entries(&response["headers"]);
            let headers =
                headers.map(|(name, _)| (format!("method.response.header.{name}"), json!(false)));
            let headers = Value::Object(headers.collect());
            self.call(
                "PutMethodResponse",
                at(json!({ "statusCode": status, "responseParameters": headers })),
            )?;
        }
        for (pattern, response) in entries(&wanted["responses"]) {
            let mut input = response.clone();
            input["selectionPattern"] = match pattern.as_str() {
                "default" => Value::Null,
                pattern => json!(pattern),
            };
            self.call("PutIntegrationResponse", at(input))?;
        }
        Ok(())
    }

    /// What PutMethod is sent for an operation.
    fn authorized(&self, operation: &Value) -> Result<Value, Refusal> {
        let mut method = json!({ "authorizationType": "NONE" });
        let required = operation["security"].as_array().into_iter().flatten();
        for (name, scopes) in required.flat_map(entries) {
            match self.schemes.get(name) {
                None => return bad(format!("Undefined security definition {name}")),
                Some(Scheme::Key) => method["apiKeyRequired"] = json!(true),
                Some(Scheme::Signed) => method["authorizationType"] = json!("AWS_IAM"),
                Some(Scheme::Authorizer { kind, id }) => {
                    method["authorizationType"] = json!(kind);
                    method["authorizerId"] = json!(id);
                    if scopes.as_array().is_some_and(|it| !it.is_empty()) {
                        method["authorizationScopes"] = scopes.clone();
                    }
                }
            }
        }
        if let Some(name) = operation["x-amazon-apigateway-request-validator"].as_str() {
            match self.validators.get(name) {
                Some(id) => method["requestValidatorId"] = json!(id),
                None => return bad(format!("Undefined request validator {name}")),
            }
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters: Map<_, _> = parameters
            .map(|it| {
                let place = match it["in"].as_str().unwrap_or_default() {
                    "query" => "querystring",
                    other => other,
                };
                let name = it["name"].as_str().unwrap_or_default();
                let is_required = it["required"] == true;
                (format!("method.request.{place}.{name}"), json!(is_required))
            })
            .collect();
        if !parameters.is_empty() {
            method["requestParameters"] = Value::Object(parameters);
        }
        let models: Map<_, _> = entries(&operation["requestBody"]["content"])
            .filter_map(|(media, it)| {
                let name = it["schema"]["$ref"].as_str()?.rsplit('/').next()?;
                Some((media.clone(), json!(name)))
            })
            .collect();
        if !models.is_empty() {
            method["requestModels"] = Value::Object(models);
        }
        Ok(method)
    }
}
