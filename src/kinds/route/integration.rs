//! What answers a route: a Lambda function, or API Gateway itself for a browser's preflight.

use super::preflight;
use crate::{
    aws::{Aws, absent},
    diff::{Change, any_touches},
    duration::Duration,
    error::{Error, Result},
    spec::{
        completed,
        route::{Route, RouteOutputs, authorizer, function_at, is_callable, uri},
    },
};
use aws_sdk_apigateway::types::{
    ContentHandlingStrategy, Integration as AwsIntegration, IntegrationType, Method,
    PatchOperation, ResponseTransferMode,
};

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
                .set_request_models(live.request_models)
                .set_request_parameters(live.request_parameters)
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

/// What answers a live method; the rest of the route is left empty.
pub(super) fn of(region: &str, method: &Method) -> Result<Route> {
    let Some(live) = method.method_integration() else {
        return Ok(Route::default());
    };
    if live.r#type() == Some(&IntegrationType::Mock) {
        return Ok(preflight::of(method, live).map_or_else(
            |why| Route {
                function: format!("MOCK, {why}"),
                ..Route::default()
            },
            |preflight| Route {
                preflight: Some(preflight),
                as_bytes: Some(!preflight::is_as_text(live)),
                ..Route::default()
            },
        ));
    }
    let function = function_at(live.uri().unwrap_or_default(), region);
    if is_proxy(live)
        && live.http_method() == Some("POST")
        && !streams(live)
        && is_callable(&function)
    {
        return proxy(function, live);
    }
    Ok(Route {
        function: describe(live),
        ..Route::default()
    })
}

fn is_proxy(live: &AwsIntegration) -> bool {
    live.r#type() == Some(&IntegrationType::AwsProxy)
}

/// Makes this what answers the method, whatever did: `current`, or nothing if it is new.
pub(super) async fn put(
    route: &Route,
    target: &Target<'_>,
    current: Option<&Method>,
    changes: &[Change],
) -> Result<()> {
    if let Some(wanted) = route
        .preflight
        .as_ref()
        .filter(|_| route.function.is_empty())
    {
        let answer = preflight::Answer::new(wanted);
        let needs_text = route.as_bytes == Some(false);
        return preflight::put(target, &answer, needs_text, current).await;
    }
    if !is_callable(&route.function) {
        let what = &route.function;
        return Err(Error::internal(format!(
            "what answers it can only be found, not made: {what}"
        )));
    }
    let kept = current
        .and_then(Method::method_integration)
        .filter(|live| is_proxy(live))
        .cloned();
    let kept = kept.map(|mut live| {
        if any_touches(changes, &["credentials"]) {
            live.credentials.clone_from(&route.credentials);
        }
        if any_touches(changes, &["content_handling"]) {
            live.content_handling = route.content_handling.as_deref().map(Into::into);
        }
        live
    });
    put_proxy(target, route, kept.as_ref()).await
}

/// Whether a listing embedded all of the method that is read: what one lacks is asked for by itself
/// before it is called missing.
pub(super) fn is_embedded(method: &Method) -> bool {
    let Some(authorization) = method.authorization_type() else {
        return false;
    };
    let is_guarded = !authorizer(authorization, method.authorizer_id()).ends_with(' ');
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

fn proxy(function: String, live: &AwsIntegration) -> Result<Route> {
    let timeout = u64::try_from(live.timeout_in_millis())
        .ok()
        .filter(|timeout| *timeout > 0);
    completed(Route {
        function,
        timeout: timeout.map(Duration::of_milliseconds),
        credentials: live
            .credentials()
            .filter(|it| !it.is_empty())
            .map(ToOwned::to_owned),
        // Text is what a function gets anyway; the console says so of its own integrations.
        content_handling: live
            .content_handling()
            .filter(|it| **it != ContentHandlingStrategy::ConvertToText)
            .map(|it| it.as_str().to_owned()),
        ..Route::default()
    })
}

fn describe(live: &AwsIntegration) -> String {
    let kind = live.r#type().map_or("unknown", IntegrationType::as_str);
    let method = live.http_method().map(|method| format!(" by {method}"));
    let uri = live
        .uri()
        .filter(|uri| !uri.is_empty())
        .map(|uri| format!(" to {}", without_query(uri)));
    let mode = if streams(live) { " in pieces" } else { "" };
    format!(
        "{kind}{}{}{mode}",
        method.unwrap_or_default(),
        uri.unwrap_or_default()
    )
}

/// An address without what may be a secret in it: its query, and who calls.
fn without_query(address: &str) -> String {
    let told = match address.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => address.to_owned(),
    };
    let Some((scheme, rest)) = told.split_once("://") else {
        return told;
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => told,
    }
}

/// PutIntegration replaces, so what a live proxy integration has beyond the declared goes out again.
async fn put_proxy(
    target: &Target<'_>,
    route: &Route,
    kept: Option<&AwsIntegration>,
) -> Result<()> {
    let live_timeout = kept
        .map(AwsIntegration::timeout_in_millis)
        .filter(|timeout| *timeout > 0);
    let timeout = route
        .timeout
        .and_then(|timeout| timeout.milliseconds().try_into().ok())
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
        .uri(uri(&route.function, &target.aws.region))
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

    const REGION: &str = "eu-west-1";
    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:users";

    fn read(live: AwsIntegration) -> Route {
        let method = Method::builder().method_integration(live).build();
        of(REGION, &method).unwrap()
    }

    #[test]
    fn a_lambda_proxy_reads_with_awss_timeout_where_none_is_told() {
        let live = AwsIntegration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("POST")
            .uri(uri(FUNCTION, REGION));
        let route = read(live.build());
        assert_eq!(route.function, FUNCTION);
        assert_eq!(json!(route.timeout), "29s");
    }

    #[test]
    fn a_proxy_that_calls_lambda_by_get_is_not_what_was_declared() {
        let live = AwsIntegration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("GET")
            .uri("arn:x");
        let description = "AWS_PROXY by GET to arn:x";
        assert_eq!(read(live.build()).function, description);
    }

    #[test]
    fn a_method_without_integration_reads_as_none() {
        let route = of(REGION, &Method::builder().build()).unwrap();
        assert_eq!(route, Route::default());
    }

    #[test]
    fn what_may_be_a_secret_in_an_address_is_not_told() {
        for (address, told) in [
            ("https://example.com/a?key=b", "https://example.com/a?…"),
            ("https://ann:pw@example.com/@a", "https://…@example.com/@a"),
            (FUNCTION, FUNCTION),
        ] {
            let live = AwsIntegration::builder()
                .r#type(IntegrationType::Http)
                .http_method("GET")
                .uri(address);
            assert_eq!(
                read(live.build()).function,
                format!("HTTP by GET to {told}")
            );
        }
    }
}
