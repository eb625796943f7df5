//! What answers a route: a Lambda function as it is, or what a file says of another integration.

use super::answers;
use crate::{
    aws::{Aws, absent},
    diff::{Change, any_touches},
    duration::Duration,
    error::{Error, Result},
    spec::{
        Spec, completed,
        integration::{
            AWS, HTTP, HTTP_PROXY, Integration, IntegrationResponse, MOCK, without_query,
        },
        route::{Route, RouteOutputs, authorizer, function_at, is_callable, uri},
    },
};
use aws_sdk_apigateway::types::{
    ConnectionType, ContentHandlingStrategy, Integration as AwsIntegration, IntegrationType,
    Method, PatchOperation, ResponseTransferMode,
};
use std::collections::BTreeMap;

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
        if operations.is_empty() {
            return Ok(());
        }
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
    let function = function_at(live.uri().unwrap_or_default(), region);
    let is_functions = is_proxy(live)
        && live.http_method() == Some("POST")
        && !streams(live)
        && is_callable(&function);
    if is_functions {
        return proxy(function, live);
    }
    let Some(integration) = declared(method, live) else {
        return Ok(Route {
            function: describe(live),
            ..Route::default()
        });
    };
    completed(Route {
        function: integration.told(),
        timeout: timeout(live),
        integration: Some(integration),
        ..Route::default()
    })
    .map(Route::normal)
}

/// What a file says of an integration; none where it cannot say all of it.
fn declared(method: &Method, live: &AwsIntegration) -> Option<Integration> {
    let text = |it: Option<&str>| it.filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    let kind = live.r#type()?.as_str();
    let is_elsewhere = live.connection_type() == Some(&ConnectionType::VpcLink)
        || live
            .tls_config()
            .is_some_and(|it| it.insecure_skip_verification())
        || !live.cache_key_parameters().is_empty()
        || streams(live);
    let is_sayable = [HTTP, HTTP_PROXY, MOCK, AWS].contains(&kind) && !is_elsewhere;
    is_sayable.then_some(())?;
    let integration = Integration {
        r#type: kind.to_owned(),
        uri: text(live.uri()),
        method: text(live.http_method()),
        credentials: text(live.credentials()),
        request_parameters: answers::said(live.request_parameters()),
        request_templates: answers::said(live.request_templates()),
        passthrough_behavior: text(live.passthrough_behavior()),
        content_handling: answers::text(live.content_handling()),
        responses: answers::of(method, live)?,
    };
    Some(integration.normal())
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
    if let Some(integration) = wanted(route) {
        return put_declared(target, route, &integration, current).await;
    }
    // What a file had said, and not what is its owner's.
    let was_declared = any_touches(changes, &["integration"]);
    let live = current.and_then(|it| Some((it, it.method_integration()?)));
    if let Some((method, live)) = live.filter(|_| was_declared) {
        answers::delete_others(target, method, live, &BTreeMap::new()).await?;
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

/// What a route says of its integration, or API Gateway's own answer to a preflight. Where nobody needs its
/// request to be text, it may be anything.
pub(in crate::kinds) fn wanted(route: &Route) -> Option<Integration> {
    let preflight = route.preflight.as_ref();
    let of_preflight = preflight.filter(|_| route.function.is_empty()).map(|it| {
        let integration = it.integration();
        let content_handling = integration.content_handling.clone();
        Integration {
            content_handling: content_handling.filter(|_| route.as_bytes != Some(true)),
            ..integration
        }
    });
    route.integration.clone().or(of_preflight)
}

/// Makes an integration what answers, and leaves what is so already: of a preflight that needs no text also
/// whether its request is some.
async fn put_declared(
    target: &Target<'_>,
    route: &Route,
    wanted: &Integration,
    current: Option<&Method>,
) -> Result<()> {
    let live = current.and_then(|it| Some((it, it.method_integration()?)));
    if let Some((method, live)) = live {
        answers::delete_others(target, method, live, &wanted.responses).await?;
    }
    let there = live.and_then(|(method, live)| Some((declared(method, live)?, timeout(live))));
    let waits = there.as_ref().and_then(|it| it.1);
    let is_kept = there.is_some_and(|(there, waits)| {
        let is_timely = wanted.is_mock() || route.timeout.is_none_or(|it| waits == Some(it));
        is_timely && is_free(&there, wanted) && is_so(&there, wanted, route)
    });
    if !is_kept {
        // What is not declared stays.
        let timeout = route.timeout.or(waits).filter(|_| !wanted.is_mock());
        put_itself(target, timeout, wanted).await?;
    }
    for (status, response) in &wanted.responses {
        answers::put(target, status, response, current, is_kept).await?;
    }
    Ok(())
}

/// Whether one is as it is wanted, but for its answers.
fn is_so(there: &Integration, wanted: &Integration, route: &Route) -> bool {
    let needs_text = route.preflight.is_none() || route.as_bytes.is_some();
    let without_answers = |it: &Integration| Integration {
        responses: BTreeMap::new(),
        content_handling: it.content_handling.clone().filter(|_| needs_text),
        ..it.clone()
    };
    without_answers(there) == without_answers(wanted)
}

/// Whether each answer can be put as it is wanted: AWS takes no two of one pattern, not even on the way.
fn is_free(there: &Integration, wanted: &Integration) -> bool {
    let stays = |status: &String| wanted.responses.contains_key(status);
    let is_taken = |status: &String, response: &IntegrationResponse| {
        let mut others = there
            .responses
            .iter()
            .filter(|it| it.0 != status && stays(it.0));
        others.any(|(_, it)| it.selection_pattern == response.selection_pattern)
    };
    let mut all = wanted.responses.iter();
    all.all(|(status, response)| !is_taken(status, response))
}

/// Another one in its place, without any answers.
async fn put_itself(
    target: &Target<'_>,
    timeout: Option<Duration>,
    wanted: &Integration,
) -> Result<()> {
    let map = |it: &Option<BTreeMap<_, _>>| it.clone().map(|it| it.into_iter().collect());
    let timeout = timeout.map(Duration::milliseconds);
    let request = target.aws.apigateway.put_integration();
    let request = request
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .r#type(wanted.r#type.as_str().into())
        .set_uri(wanted.uri.clone())
        .set_integration_http_method(wanted.method.clone())
        .set_credentials(wanted.credentials.clone())
        .set_request_parameters(map(&wanted.request_parameters))
        .set_request_templates(map(&wanted.request_templates))
        .set_passthrough_behavior(wanted.passthrough_behavior.clone())
        .set_content_handling(wanted.content_handling.as_deref().map(Into::into))
        .set_timeout_in_millis(timeout.and_then(|it| it.try_into().ok()));
    target
        .aws
        .write("apigateway:PutIntegration", || request.clone().send())
        .await
        .map(drop)
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
        Some(IntegrationType::AwsProxy | IntegrationType::HttpProxy) => {
            is_there(live.http_method()) && is_there(live.uri())
        }
        Some(kind) => {
            let is_mock = *kind == IntegrationType::Mock;
            let goes_somewhere = is_mock || is_there(live.http_method()) && is_there(live.uri());
            let has_templates = !is_mock || live.request_templates().is_some();
            let answers = live.integration_responses();
            let of_method = method.method_responses();
            goes_somewhere
                && has_templates
                && answers.is_some_and(|it| !it.is_empty())
                && of_method.is_some_and(|it| !it.is_empty())
        }
    }
}

/// Whether it hands the function's answer on in pieces: it then speaks to it otherwise.
fn streams(live: &AwsIntegration) -> bool {
    live.response_transfer_mode() == Some(&ResponseTransferMode::Stream)
}

fn timeout(live: &AwsIntegration) -> Option<Duration> {
    let timeout = u64::try_from(live.timeout_in_millis()).ok();
    let timeout = timeout.filter(|timeout| *timeout > 0);
    timeout.map(Duration::of_milliseconds)
}

fn proxy(function: String, live: &AwsIntegration) -> Result<Route> {
    completed(Route {
        function,
        timeout: timeout(live),
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
}
