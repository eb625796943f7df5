//! What is in a new API as one definition: OpenAPI 3.0 with API Gateway's extensions, each of which the
//! developer guide has under its name ("API Gateway extensions to OpenAPI"). Pure.
//!
//! It names nothing that is there already: merged, it leaves that as it is (docs/aws.md §5).

mod operation;
mod scheme;

use crate::{
    error::{Error, Result},
    kind::Child,
    kinds::gateway_response::parameters,
    spec::{
        Produces,
        authorizer::{Authorizer, OF_DEFINITION},
        from_tree,
        gateway_response::GatewayResponse,
        model::Model,
        request_validator::RequestValidator,
        resource::Resource,
        route::{Route, method_and_path},
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How a definition's methods name what is in it: an authorizer and a request validator by their names, where
/// they will have ids.
struct Names<'a>(BTreeMap<&'a str, String>);

impl Names<'_> {
    /// The name of what will have the id that a child stands for; it, where it stands for none.
    fn of(&self, stands_for: &str) -> String {
        let name = self.0.get(stands_for);
        name.cloned().unwrap_or_else(|| stands_for.to_owned())
    }
}

/// The definition of `children` in the API with this name.
pub(super) fn definition(api: &str, region: &str, children: &[Child]) -> Result<Value> {
    let mut parts = Parts {
        region,
        names: names(children)?,
        paths: Map::new(),
        schemes: schemes_of_aws(),
        schemas: Map::new(),
        validators: Map::new(),
        responses: Map::new(),
    };
    for child in children {
        parts.add(child)?;
    }
    Ok(json!({
        "openapi": "3.0.1",
        // Merged, a title is the API's name.
        "info": { "title": api, "version": "1.0" },
        "paths": parts.paths,
        "components": { "securitySchemes": parts.schemes, "schemas": parts.schemas },
        "x-amazon-apigateway-request-validators": parts.validators,
        "x-amazon-apigateway-gateway-responses": parts.responses,
    }))
}

fn names(children: &[Child]) -> Result<Names<'_>> {
    let mut names = BTreeMap::new();
    for child in children {
        let name = match child.kind {
            Authorizer::NAME => from_tree::<Authorizer>(&child.spec)?.name,
            _ => child.name.clone(),
        };
        names.insert(child.stands_for.as_str(), name);
    }
    Ok(Names(names))
}

/// Signatures of IAM's credentials, and API keys: what needs no authorizer.
fn schemes_of_aws() -> Map<String, Value> {
    let [signed, key] = OF_DEFINITION;
    let header = |name: &str| json!({ "type": "apiKey", "name": name, "in": "header" });
    let mut signature = header("Authorization");
    signature["x-amazon-apigateway-authtype"] = json!("awsSigv4");
    [(signed, signature), (key, header("x-api-key"))]
        .map(|(name, scheme)| (name.to_owned(), scheme))
        .into_iter()
        .collect()
}

/// Says a member, where there is something to say.
fn put(tree: &mut Value, key: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        tree[key] = json!(value);
    }
}

struct Parts<'a> {
    region: &'a str,
    names: Names<'a>,
    paths: Map<String, Value>,
    schemes: Map<String, Value>,
    schemas: Map<String, Value>,
    validators: Map<String, Value>,
    responses: Map<String, Value>,
}

impl Parts<'_> {
    fn add(&mut self, child: &Child) -> Result<()> {
        let name = child.name.clone();
        match child.kind {
            Resource::NAME => drop(self.path(&name)),
            Route::NAME => {
                let route: Route = from_tree(&child.spec)?;
                let operation = operation::operation(&route, self.region, &self.names);
                let (method, path) = method_and_path(&name).unwrap_or(("", &name));
                let method = match method {
                    "ANY" => "x-amazon-apigateway-any-method".to_owned(),
                    other => other.to_lowercase(),
                };
                self.path(path).insert(method, operation);
            }
            Authorizer::NAME => {
                let authorizer: Authorizer = from_tree(&child.spec)?;
                let scheme = scheme::scheme(&authorizer, self.region)?;
                self.schemes.insert(authorizer.name, scheme);
            }
            Model::NAME => {
                let schema = from_tree::<Model>(&child.spec)?.schema;
                let schema = schema.and_then(|it| serde_json::from_str(&it).ok());
                self.schemas
                    .insert(name, schema.unwrap_or_else(|| json!({})));
            }
            RequestValidator::NAME => {
                let validator: RequestValidator = from_tree(&child.spec)?;
                let checks = json!({
                    "validateRequestBody": validator.body == Some(true),
                    "validateRequestParameters": validator.parameters == Some(true),
                });
                self.validators.insert(name, checks);
            }
            GatewayResponse::NAME => {
                let response: GatewayResponse = from_tree(&child.spec)?;
                self.responses.insert(name, gateway_response(&response));
            }
            other => return Err(Error::internal(format!("a definition has no {other}"))),
        }
        Ok(())
    }

    fn path(&mut self, path: &str) -> &mut Map<String, Value> {
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item.as_object_mut()
            .expect("made as a map, and never another")
    }
}

/// Developer guide, "x-amazon-apigateway-gateway-responses.gatewayResponse object".
fn gateway_response(spec: &GatewayResponse) -> Value {
    let mut response = json!({ "responseParameters": parameters(spec) });
    let status = spec.status_code.map(|it| it.to_string());
    put(&mut response, "statusCode", status);
    put(&mut response, "responseTemplates", spec.templates.as_ref());
    response
}
