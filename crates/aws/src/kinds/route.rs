//! The calls of a route of a REST API.
//!
//! AWS has a method, an integration and two sorts of responses; one route is all four.

mod answers;
mod integration;

use super::{
    resource::resources_of,
    rest_api::wire::{replace, replace_entries, replace_set},
};
use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Spec,
        rest_api::RestApiOutputs,
        route::{IAM, Route, RouteOutputs, authorizer, method_and_path},
    },
};
use aws_sdk_apigateway::types::{Method, Op, PatchOperation};
use integration::Target;
pub(super) use integration::wanted;
use std::collections::{BTreeMap, HashMap};

/// The fields of a route that are its integration's.
const ANSWER: [&str; 7] = [
    "function",
    "integration",
    "timeout",
    "preflight",
    "as_bytes",
    "credentials",
    "content_handling",
];

impl Kind for Route {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let resources = resources_of(reads, parent).await?;
        let region = &reads.aws.region;
        let methods = resources.iter().flat_map(|resource| {
            let (id, path) = (
                resource.id().unwrap_or_default(),
                resource.path().unwrap_or_default(),
            );
            let methods = resource.resource_methods().into_iter().flatten();
            methods.map(move |(verb, method)| {
                let outputs = RouteOutputs {
                    resource_id: id.to_owned(),
                    method: verb.clone(),
                };
                listed(region, &format!("{verb} {path}"), outputs, method)
            })
        });
        methods.collect()
    }

    async fn read(
        reads: &Reads,
        parent: &RestApiOutputs,
        name: &str,
        outputs: &RouteOutputs,
    ) -> Result<Option<Found<Self>>> {
        let target = Target {
            aws: &reads.aws,
            api: &parent.id,
            outputs,
        };
        let method = target.method().await?;
        let found = method.map(|method| found(&reads.aws.region, name, outputs, &method));
        found.transpose()
    }

    async fn create(&self, aws: &Aws, parent: &RestApiOutputs, name: &str) -> Result<RouteOutputs> {
        let verb = method_and_path(name).map_or(name, |(verb, _)| verb);
        let (authorization, authorizer) = self.authorization();
        let outputs = RouteOutputs {
            resource_id: self.resource_id.clone(),
            method: verb.to_owned(),
        };
        let request = aws
            .apigateway
            .put_method()
            .rest_api_id(&parent.id)
            .resource_id(&self.resource_id)
            .http_method(verb)
            .authorization_type(authorization)
            .set_authorizer_id(authorizer.map(ToOwned::to_owned))
            .set_authorization_scopes(scopes(self))
            .api_key_required(self.api_key_required == Some(true))
            .set_request_validator_id(self.request_validator.clone())
            .set_request_models(sent(self.request_models.as_ref()))
            .set_request_parameters(sent(Some(&self.all_request_parameters())));
        aws.create("apigateway:PutMethod", || request.clone().send())
            .await?;
        let target = Target {
            aws,
            api: &parent.id,
            outputs: &outputs,
        };
        integration::put(self, &target, None, &[]).await?;
        Ok(outputs)
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let target = Target {
            aws,
            api: &parent.id,
            outputs: &live.outputs,
        };
        let is_answered_otherwise = any_touches(changes, &ANSWER);
        // What answers may hand a parameter on that is to go, and another only once it is there.
        let (last, first) = patch(self, &live.spec, changes)
            .into_iter()
            .partition(|it| is_answered_otherwise && takes_parameter(it));
        target.patch_method(first).await?;
        if is_answered_otherwise {
            let current = target.method().await?;
            integration::put(self, &target, current.as_ref(), changes).await?;
        }
        target.patch_method(last).await
    }

    async fn delete(aws: &Aws, parent: &RestApiOutputs, live: &RouteOutputs) -> Result<()> {
        let request = aws.apigateway.delete_method().rest_api_id(&parent.id);
        let request = request
            .resource_id(&live.resource_id)
            .http_method(&live.method);
        let deleted = aws
            .write("apigateway:DeleteMethod", || request.clone().send())
            .await;
        absent(deleted).map(drop)
    }
}

/// A map as it is sent; an empty one is none.
fn sent<T: Clone>(map: Option<&BTreeMap<String, T>>) -> Option<HashMap<String, T>> {
    let map = map.filter(|it| !it.is_empty())?;
    Some(map.clone().into_iter().collect())
}

fn read_back<T: Clone>(map: Option<&HashMap<String, T>>) -> BTreeMap<String, T> {
    map.cloned().unwrap_or_default().into_iter().collect()
}

fn scopes(spec: &Route) -> Option<Vec<String>> {
    (!spec.scopes.is_empty()).then(|| spec.scopes.iter().cloned().collect())
}

/// Authorization, authorizer and scopes in one patch: AWS takes an authorizing type only together
/// with its authorizer (docs/aws.md §5).
fn patch(spec: &Route, live: &Route, changes: &[Change]) -> Vec<PatchOperation> {
    let ((authorization, authorizer), (was, former)) = (spec.authorization(), live.authorization());
    let mut operations = vec![];
    let is_due = any_touches(changes, &["authorizer"]);
    if is_due && authorization != was {
        operations.push(replace("/authorizationType", authorization));
    }
    // Left as it is, the authorizer could not be deleted: Terraform empties it too (docs/aws.md §14).
    let emptied = former.filter(|_| authorization == IAM).map(|_| "");
    if let Some(id) = authorizer.or(emptied).filter(|_| is_due) {
        operations.push(replace("/authorizerId", id));
    }
    if any_touches(changes, &["api_key_required"]) {
        let is_required = spec.api_key_required == Some(true);
        operations.push(replace("/apiKeyRequired", is_required.to_string()));
    }
    if any_touches(changes, &["request_validator"]) {
        operations.push(replace(
            "/requestValidatorId",
            spec.request_validator.clone().unwrap_or_default(),
        ));
    }
    if any_touches(changes, &["scopes"]) {
        operations.extend(replace_set(
            "/authorizationScopes",
            &live.scopes,
            &spec.scopes,
        ));
    }
    if any_touches(changes, &["request_models"]) {
        let (old, new) = (live.request_models.as_ref(), spec.request_models.as_ref());
        operations.extend(replace_entries("/requestModels", old, new));
    }
    if any_touches(changes, &["request_parameters", "integration"]) {
        let (old, new) = (live.all_request_parameters(), spec.all_request_parameters());
        operations.extend(replace_entries(
            "/requestParameters",
            Some(&old),
            Some(&new),
        ));
    }
    operations
}

fn takes_parameter(operation: &PatchOperation) -> bool {
    let path = operation.path().unwrap_or_default();
    operation.op() == Some(&Op::Remove) && path.starts_with("/requestParameters")
}

/// A method as GetResources embeds it; one that came without its insides has to be read by itself
/// (docs/aws.md §5: the service model promises only the method).
fn listed(
    region: &str,
    name: &str,
    outputs: RouteOutputs,
    method: &Method,
) -> Result<Listed<Route>> {
    match integration::is_embedded(method) {
        true => found(region, name, &outputs, method).map(Listed::Full),
        false => Ok(Listed::id(name, outputs)),
    }
}

fn found(
    region: &str,
    name: &str,
    outputs: &RouteOutputs,
    method: &Method,
) -> Result<Found<Route>> {
    let text = |it: Option<&str>| it.filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    let spec = Route {
        resource_id: outputs.resource_id.clone(),
        authorizer: authorizer(
            method.authorization_type().unwrap_or("NONE"),
            method.authorizer_id(),
        ),
        scopes: method.authorization_scopes().iter().cloned().collect(),
        api_key_required: Some(method.api_key_required().unwrap_or(false)),
        request_validator: text(method.request_validator_id()),
        request_models: Some(read_back(method.request_models())),
        request_parameters: Some(read_back(method.request_parameters())),
        ..integration::of(region, method)?
    };
    Ok(Found::child(name, spec.normal(), outputs.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(authorization: &str, id: Option<&str>, scopes: &[&str]) -> Route {
        Route {
            authorizer: authorizer(authorization, id),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            ..Default::default()
        }
    }

    fn patched(from: &Route, to: &Route) -> Vec<(String, String, String)> {
        let tree = |route| serde_json::to_value(route).unwrap();
        let changes = crate::diff::diff(&tree(from), &tree(to), &[]);
        let text = |value: Option<&str>| value.unwrap_or("").to_owned();
        super::patch(to, from, &changes)
            .iter()
            .map(|it| {
                (
                    text(it.op().map(|op| op.as_str())),
                    text(it.path()),
                    text(it.value()),
                )
            })
            .collect()
    }

    fn replaced(path: &str, value: &str) -> (String, String, String) {
        ("replace".into(), path.into(), value.into())
    }

    #[test]
    fn an_authorizing_type_goes_out_with_its_authorizer() {
        let operations = patched(
            &route("NONE", None, &[]),
            &route("COGNITO_USER_POOLS", Some("a1"), &[]),
        );
        assert_eq!(
            operations,
            [
                replaced("/authorizationType", "COGNITO_USER_POOLS"),
                replaced("/authorizerId", "a1")
            ]
        );
    }

    #[test]
    fn opening_a_route_sends_no_authorizer() {
        let operations = patched(
            &route("COGNITO_USER_POOLS", Some("a1"), &["s"]),
            &route("NONE", None, &[]),
        );
        let scope = (
            "remove".to_owned(),
            "/authorizationScopes".to_owned(),
            "s".to_owned(),
        );
        assert_eq!(operations, [replaced("/authorizationType", "NONE"), scope]);
    }

    #[test]
    fn a_route_that_iam_guards_again_lets_its_authorizer_go() {
        let operations = patched(
            &route("COGNITO_USER_POOLS", Some("a1"), &[]),
            &route("AWS_IAM", None, &[]),
        );
        assert_eq!(
            operations,
            [
                replaced("/authorizationType", "AWS_IAM"),
                replaced("/authorizerId", "")
            ]
        );
    }

    #[test]
    fn a_new_authorizer_of_the_same_type_is_one_operation() {
        let (old, new) = (
            route("CUSTOM", Some("a1"), &[]),
            route("CUSTOM", Some("a2"), &[]),
        );
        assert_eq!(patched(&old, &new), [replaced("/authorizerId", "a2")]);
    }

    fn read(method: &Method) -> Route {
        let outputs = RouteOutputs::default();
        found("eu-west-1", "GET /", &outputs, method).unwrap().spec
    }

    #[test]
    fn an_authorizer_left_over_on_an_open_method_is_none() {
        let method = Method::builder()
            .authorization_type("NONE")
            .authorizer_id("a1")
            .build();
        assert_eq!(read(&method).authorizer, "none");
    }

    #[test]
    fn a_method_embedded_without_its_insides_is_only_an_id() {
        let bare = Method::builder().http_method("GET").build();
        let listed = listed("eu-west-1", "GET /users", RouteOutputs::default(), &bare).unwrap();
        assert!(matches!(listed, Listed::Id { name, .. } if name == "GET /users"));
    }
}
