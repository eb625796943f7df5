//! What answers a route: a Lambda function, or API Gateway itself for a browser's preflight.

use super::preflight;
use crate::{
    aws::{Aws, absent},
    error::{Error, Result},
    spec::route::{Integration, RouteOutputs, has_authorizer},
};
use aws_sdk_apigateway::types::{
    ContentHandlingStrategy, Integration as AwsIntegration, IntegrationType, Method,
    PatchOperation, ResponseTransferMode,
};

/// Milliseconds that an integration may take where nothing is declared (docs/aws.md §5).
const DEFAULT_TIMEOUT: u32 = 29_000;

/// One method of one API, and the clients to reach it.
pub(super) struct Target<'a> {
    pub(super) aws: &'a Aws,
    pub(super) api: &'a str,
    pub(super) outputs: &'a RouteOutputs,
}

impl Target<'_> {
    /// The method with everything in it, read by itself.
    pub(super) async fn method(&self) -> Result<Option<Method>> {
        let request = self.aws.apigateway.get_method().rest_api_id(self.api);
        let request = request
            .resource_id(&self.outputs.resource_id)
            .http_method(&self.outputs.method);
        let live = absent(
            self.aws
                .read("apigateway:GetMethod", || request.clone().send())
                .await,
        )?;
        Ok(live.map(|live| {
            Method::builder()
                .set_http_method(live.http_method)
                .set_authorization_type(live.authorization_type)
                .set_authorizer_id(live.authorizer_id)
                .set_authorization_scopes(live.authorization_scopes)
                .set_api_key_required(live.api_key_required)
                .set_request_validator_id(live.request_validator_id)
                .set_method_responses(live.method_responses)
                .set_method_integration(live.method_integration)
                .build()
        }))
    }

    pub(super) async fn patch_method(&self, operations: Vec<PatchOperation>) -> Result<()> {
        let request = self.aws.apigateway.update_method().rest_api_id(self.api);
        let request = request
            .resource_id(&self.outputs.resource_id)
            .http_method(&self.outputs.method);
        let request = request.set_patch_operations(Some(operations));
        self.aws
            .write("apigateway:UpdateMethod", || request.clone().send())
            .await
            .map(drop)
    }
}

impl Integration {
    /// The integration of a live method.
    pub(super) fn of(method: &Method) -> Self {
        match method.method_integration() {
            None => Self::None,
            Some(live) => match live.r#type() {
                Some(IntegrationType::AwsProxy)
                    if live.http_method() == Some("POST") && !streams(live) =>
                {
                    proxy(live)
                }
                Some(IntegrationType::Mock) => {
                    preflight::of(method, live).unwrap_or_else(|why| Self::Other {
                        description: format!("MOCK, {why}"),
                    })
                }
                _ => Self::Other {
                    description: describe(live),
                },
            },
        }
    }

    /// Makes this the method's integration, whatever it had: `current`, or nothing if it is new.
    /// `emptied` are the fields that are not to stay as they are.
    pub(super) async fn put(
        &self,
        target: &Target<'_>,
        current: Option<&Method>,
        emptied: &[&str],
    ) -> Result<()> {
        match self {
            Self::AwsProxy {
                uri,
                timeout_ms,
                credentials,
                content_handling,
            } => {
                let kept = current.and_then(Method::method_integration);
                let kept = kept
                    .filter(|live| live.r#type() == Some(&IntegrationType::AwsProxy))
                    .cloned();
                let kept = kept.map(|mut live| {
                    if emptied.contains(&"integration.credentials") || credentials.is_some() {
                        live.credentials.clone_from(credentials);
                    }
                    if emptied.contains(&"integration.content_handling")
                        || content_handling.is_some()
                    {
                        live.content_handling = content_handling.as_deref().map(Into::into);
                    }
                    live
                });
                put_proxy(target, uri, *timeout_ms, kept.as_ref()).await
            }
            Self::Preflight {
                allow_origins,
                allow_headers,
                allow_methods,
            } => {
                let wanted = preflight::Answer::new(allow_origins, allow_headers, allow_methods);
                preflight::put(target, &wanted, current).await
            }
            Self::Other { .. } | Self::None => {
                let name = &target.outputs.method;
                Err(Error::internal(format!(
                    "{name}: this integration can only be found, not made"
                )))
            }
        }
    }
}

/// Whether a listing embedded all of the method that is read: what one lacks is asked for by itself
/// before it is called missing.
pub(super) fn is_embedded(method: &Method) -> bool {
    let Some(authorization) = method.authorization_type() else {
        return false;
    };
    let is_guarded =
        !has_authorizer(authorization) || method.authorizer_id().is_some_and(|id| !id.is_empty());
    is_guarded
        && method
            .method_integration()
            .is_some_and(|live| has_insides(method, live))
}

fn has_insides(method: &Method, live: &AwsIntegration) -> bool {
    let is_there = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    match live.r#type() {
        None => false,
        Some(IntegrationType::AwsProxy) => is_there(live.http_method()) && is_there(live.uri()),
        Some(IntegrationType::Mock) => {
            live.request_templates().is_some()
                && live
                    .integration_responses()
                    .is_some_and(|responses| !responses.is_empty())
                && method
                    .method_responses()
                    .is_some_and(|responses| !responses.is_empty())
        }
        Some(_) => true,
    }
}

/// Whether it hands the function's answer on in pieces: it then speaks to it otherwise.
fn streams(live: &AwsIntegration) -> bool {
    live.response_transfer_mode() == Some(&ResponseTransferMode::Stream)
}

fn proxy(live: &AwsIntegration) -> Integration {
    let timeout = u32::try_from(live.timeout_in_millis())
        .ok()
        .filter(|timeout| *timeout > 0);
    Integration::AwsProxy {
        uri: live.uri().unwrap_or_default().to_owned(),
        timeout_ms: Some(timeout.unwrap_or(DEFAULT_TIMEOUT)),
        credentials: live
            .credentials()
            .filter(|it| !it.is_empty())
            .map(ToOwned::to_owned),
        // Text is what a function gets anyway; the console says so of its own integrations.
        content_handling: live
            .content_handling()
            .filter(|it| **it != ContentHandlingStrategy::ConvertToText)
            .map(|it| it.as_str().to_owned()),
    }
}

fn describe(live: &AwsIntegration) -> String {
    let kind = live.r#type().map_or("unknown", IntegrationType::as_str);
    let method = live.http_method().map(|method| format!(" by {method}"));
    let uri = live
        .uri()
        .filter(|uri| !uri.is_empty())
        .map(|uri| format!(" to {uri}"));
    let mode = if streams(live) { " in pieces" } else { "" };
    format!(
        "{kind}{}{}{mode}",
        method.unwrap_or_default(),
        uri.unwrap_or_default()
    )
}

/// PutIntegration replaces, so what a live proxy integration has beyond the declared goes out again.
async fn put_proxy(
    target: &Target<'_>,
    uri: &str,
    timeout_ms: Option<u32>,
    kept: Option<&AwsIntegration>,
) -> Result<()> {
    let live_timeout = kept
        .map(AwsIntegration::timeout_in_millis)
        .filter(|timeout| *timeout > 0);
    let timeout = timeout_ms
        .and_then(|timeout| timeout.try_into().ok())
        .or(live_timeout);
    let mut request = target
        .aws
        .apigateway
        .put_integration()
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .r#type(IntegrationType::AwsProxy)
        .integration_http_method("POST")
        .uri(uri)
        .set_timeout_in_millis(timeout);
    if let Some(live) = kept {
        request = request
            .set_credentials(live.credentials.clone())
            .set_request_parameters(live.request_parameters.clone().filter(|it| !it.is_empty()))
            .set_cache_key_parameters(
                live.cache_key_parameters
                    .clone()
                    .filter(|it| !it.is_empty()),
            )
            .set_content_handling(live.content_handling.clone());
    }
    target
        .aws
        .write("apigateway:PutIntegration", || request.clone().send())
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn method(live: AwsIntegration) -> Method {
        Method::builder().method_integration(live).build()
    }

    #[test]
    fn a_lambda_proxy_reads_with_awss_timeout_where_none_is_told() {
        let live = AwsIntegration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("POST")
            .uri("arn:x");
        let tree = serde_json::to_value(Integration::of(&method(live.build()))).unwrap();
        assert_eq!(
            tree,
            json!({"type": "aws_proxy", "uri": "arn:x", "timeout_ms": 29000})
        );
    }

    #[test]
    fn a_proxy_that_calls_lambda_by_get_is_not_what_was_declared() {
        let live = AwsIntegration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("GET")
            .uri("arn:x");
        let description = "AWS_PROXY by GET to arn:x".to_owned();
        assert_eq!(
            Integration::of(&method(live.build())),
            Integration::Other { description }
        );
    }

    #[test]
    fn a_method_without_integration_reads_as_none() {
        let tree = serde_json::to_value(Integration::of(&Method::builder().build())).unwrap();
        assert_eq!(tree, json!({"type": "none"}));
    }
}
