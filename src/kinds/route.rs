//! The calls of a route of a REST API.
//!
//! AWS has a method, an integration and two sorts of responses; one route is all four.

mod integration;
mod preflight;

use super::{
    resource::resources_of,
    rest_api::wire::{replace, replace_set},
};
use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        rest_api::RestApiOutputs,
        route::{Integration, Route, RouteOutputs, has_authorizer},
    },
};
use aws_sdk_apigateway::types::{Method, PatchOperation};
use integration::Target;

impl Kind for Route {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let resources = resources_of(reads, parent).await?;
        let methods = resources.iter().flat_map(|resource| {
            let (id, path) = (
                resource.id().unwrap_or_default(),
                resource.path().unwrap_or_default(),
            );
            let methods = resource.resource_methods().into_iter().flatten();
            methods.map(move |(verb, method)| listed(id, path, verb, method))
        });
        Ok(methods.collect())
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
        Ok(method.map(|method| found(name, outputs, &method)))
    }

    async fn create(&self, aws: &Aws, parent: &RestApiOutputs, name: &str) -> Result<RouteOutputs> {
        let verb = name.split_once(' ').map_or(name, |(verb, _)| verb);
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
            .authorization_type(&self.authorization)
            .set_authorizer_id(self.authorizer())
            .set_authorization_scopes(self.scopes());
        aws.create("apigateway:PutMethod", || request.clone().send())
            .await?;
        self.integration
            .put(
                &Target {
                    aws,
                    api: &parent.id,
                    outputs: &outputs,
                },
                None,
                &[],
            )
            .await?;
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
        let operations = self.patch(&live.spec, changes);
        if !operations.is_empty() {
            target.patch_method(operations).await?;
        }
        if any_touches(changes, &["integration"]) {
            let current = target.method().await?;
            let emptied = changes.iter().filter(|it| it.new.is_null());
            let emptied: Vec<_> = emptied.map(|it| it.path.as_str()).collect();
            self.integration
                .put(&target, current.as_ref(), &emptied)
                .await?;
        }
        Ok(())
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

impl Route {
    /// The authorizer, where the authorization has one: with another AWS refuses it (docs/aws.md §5).
    fn authorizer(&self) -> Option<String> {
        has_authorizer(&self.authorization)
            .then(|| self.authorizer_id.clone())
            .flatten()
    }

    fn scopes(&self) -> Option<Vec<String>> {
        (!self.scopes.is_empty()).then(|| self.scopes.iter().cloned().collect())
    }

    /// Authorization, authorizer and scopes in one patch: AWS takes an authorizing type only together
    /// with its authorizer (docs/aws.md §5).
    fn patch(&self, live: &Self, changes: &[Change]) -> Vec<PatchOperation> {
        let mut operations = vec![];
        let retyped = any_touches(changes, &["authorization"]);
        if retyped {
            operations.push(replace("/authorizationType", &self.authorization));
        }
        // Left as it is, the authorizer could not be deleted: Terraform empties it too (docs/aws.md §14).
        if retyped && self.authorization == "AWS_IAM" && has_authorizer(&live.authorization) {
            operations.push(replace("/authorizerId", ""));
        }
        let repointed = retyped || any_touches(changes, &["authorizer_id"]);
        if let Some(authorizer) = self.authorizer().filter(|_| repointed) {
            operations.push(replace("/authorizerId", authorizer));
        }
        if any_touches(changes, &["api_key_required"]) {
            operations.push(replace(
                "/apiKeyRequired",
                self.api_key_required.to_string(),
            ));
        }
        if any_touches(changes, &["request_validator"]) {
            operations.push(replace(
                "/requestValidatorId",
                self.request_validator.clone().unwrap_or_default(),
            ));
        }
        if any_touches(changes, &["scopes"]) {
            operations.extend(replace_set(
                "/authorizationScopes",
                &live.scopes,
                &self.scopes,
            ));
        }
        operations
    }
}

/// A method as GetResources embeds it; one that came without its insides has to be read by itself
/// (docs/aws.md §5: the service model promises only the method).
fn listed(resource_id: &str, path: &str, verb: &str, method: &Method) -> Listed<Route> {
    let outputs = RouteOutputs {
        resource_id: resource_id.to_owned(),
        method: verb.to_owned(),
    };
    let name = format!("{verb} {path}");
    match integration::is_embedded(method) {
        true => Listed::Full(found(&name, &outputs, method)),
        false => Listed::glimpse(name, outputs),
    }
}

fn found(name: &str, outputs: &RouteOutputs, method: &Method) -> Found<Route> {
    let authorization = method.authorization_type().unwrap_or("NONE");
    // An authorizer left over from another authorization checks nothing.
    let authorizer = method
        .authorizer_id()
        .filter(|id| has_authorizer(authorization) && !id.is_empty());
    let spec = Route {
        resource_id: outputs.resource_id.clone(),
        authorization: authorization.to_owned(),
        authorizer_id: authorizer.map(ToOwned::to_owned),
        scopes: method.authorization_scopes().iter().cloned().collect(),
        integration: Integration::of(method),
        api_key_required: method.api_key_required().unwrap_or(false),
        request_validator: method
            .request_validator_id()
            .filter(|id| !id.is_empty())
            .map(ToOwned::to_owned),
    };
    Found::child(name, spec, outputs.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn route(authorization: &str, authorizer: Option<&str>, scopes: &[&str]) -> Route {
        Route {
            authorization: authorization.into(),
            authorizer_id: authorizer.map(Into::into),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            ..Default::default()
        }
    }

    fn patch(from: &Route, to: &Route) -> Vec<(String, String, String)> {
        let tree = |route| serde_json::to_value(route).unwrap();
        let changes = crate::diff::diff(&tree(from), &tree(to), &[]);
        let text = |value: Option<&str>| value.unwrap_or("").to_owned();
        to.patch(from, &changes)
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
        let operations = patch(
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
        let operations = patch(
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
        let operations = patch(
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
        assert_eq!(patch(&old, &new), [replaced("/authorizerId", "a2")]);
    }

    #[test]
    fn an_authorizer_left_over_on_an_open_method_is_none() {
        let method = Method::builder()
            .authorization_type("NONE")
            .authorizer_id("a1")
            .build();
        assert_eq!(
            found("GET /", &RouteOutputs::default(), &method)
                .spec
                .authorizer_id,
            None
        );
    }

    #[test]
    fn no_authorizer_is_null_so_that_a_live_one_differs() {
        let tree = serde_json::to_value(route("NONE", None, &[])).unwrap();
        assert_eq!(tree["authorizer_id"], json!(null));
        assert!(tree.as_object().unwrap().contains_key("authorizer_id"));
    }

    #[test]
    fn a_method_embedded_without_its_insides_is_only_a_glimpse() {
        let bare = Method::builder().http_method("GET").build();
        assert!(
            matches!(listed("r", "/users", "GET", &bare), Listed::Id { name, .. } if name == "GET /users")
        );
    }
}
