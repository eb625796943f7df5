//! What comes back from an integration that is no proxy, and what callers get of it: an answer of the
//! integration and one of the method's, for each status.

use super::integration::Target;
use crate::{
    aws::absent,
    error::Result,
    spec::integration::{ANSWERS_HEADER, IntegrationResponse},
};
use aws_sdk_apigateway::types::{
    ContentHandlingStrategy, Integration as AwsIntegration, Method, MethodResponse,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The answers of a method, by their status; none where one of them could not have been made here: API
/// Gateway sends no header that the method's answer does not declare.
pub(super) fn of(
    method: &Method,
    live: &AwsIntegration,
) -> Option<BTreeMap<String, IntegrationResponse>> {
    let responses = live.integration_responses().into_iter().flatten();
    let responses = responses.map(|(status, response)| {
        let headers = response.response_parameters().into_iter().flatten();
        let headers: Option<BTreeMap<_, _>> = headers
            .map(|(name, value)| {
                let name = name.strip_prefix(ANSWERS_HEADER)?;
                Some((name.to_owned(), value.clone()))
            })
            .collect();
        let declared = declared(method, status);
        let headers =
            headers.filter(|it| it.keys().all(|name| declared.contains(name.as_str())))?;
        let pattern = response.selection_pattern().filter(|it| !it.is_empty());
        let read = IntegrationResponse {
            selection_pattern: pattern.map(ToOwned::to_owned),
            headers: Some(headers).filter(|it| !it.is_empty()),
            templates: said(response.response_templates()),
            content_handling: text(response.content_handling()),
        };
        Some((status.clone(), read))
    });
    responses.collect()
}

/// Texts that say something: an empty template is none.
pub(super) fn said(map: Option<&HashMap<String, String>>) -> Option<BTreeMap<String, String>> {
    let said = map.into_iter().flatten().filter(|it| !it.1.is_empty());
    let said: BTreeMap<_, _> = said.map(|(it, text)| (it.clone(), text.clone())).collect();
    (!said.is_empty()).then_some(said)
}

pub(super) fn text(handling: Option<&ContentHandlingStrategy>) -> Option<String> {
    handling.map(|it| it.as_str().to_owned())
}

/// The headers that the method's answer of a status declares.
fn declared<'a>(method: &'a Method, status: &str) -> BTreeSet<&'a str> {
    let response = method.method_responses().and_then(|it| it.get(status));
    let parameters = response.and_then(MethodResponse::response_parameters);
    let names = parameters.into_iter().flatten().map(|it| it.0);
    names
        .filter_map(|it| it.strip_prefix(ANSWERS_HEADER))
        .collect()
}

/// Takes away the answers that are no longer said. A second one without a pattern would be a conflict:
/// "Integration response with selection pattern default already exists".
pub(super) async fn delete_others(
    target: &Target<'_>,
    method: &Method,
    live: &AwsIntegration,
    wanted: &BTreeMap<String, IntegrationResponse>,
) -> Result<()> {
    let there = live.integration_responses().into_iter().flatten();
    for (status, _) in there.filter(|(status, _)| !wanted.contains_key(*status)) {
        let responses = method.method_responses();
        if responses.is_some_and(|it| it.contains_key(status)) {
            delete_of_method(target, status).await?;
        }
        let request = target.aws.apigateway.delete_integration_response();
        let request = request
            .rest_api_id(target.api)
            .resource_id(&target.outputs.resource_id)
            .http_method(&target.outputs.method)
            .status_code(status);
        let operation = "apigateway:DeleteIntegrationResponse";
        absent(target.aws.write(operation, || request.clone().send()).await)?;
    }
    Ok(())
}

/// Gives callers one answer. `current` is the method as it is, and `is_kept` whether its integration is:
/// another one has no answers yet.
pub(super) async fn put(
    target: &Target<'_>,
    status: &str,
    wanted: &IntegrationResponse,
    current: Option<&Method>,
    is_kept: bool,
) -> Result<()> {
    let names: BTreeSet<_> = wanted
        .headers
        .iter()
        .flatten()
        .map(|it| it.0.as_str())
        .collect();
    let responses = current.and_then(Method::method_responses);
    let is_there = responses.is_some_and(|it| it.contains_key(status));
    let is_so = is_there && current.is_some_and(|it| declared(it, status) == names);
    // PutMethodResponse makes and never replaces (docs/aws.md §5).
    if is_there && !is_so {
        delete_of_method(target, status).await?;
    }
    if !is_so {
        put_of_method(target, status, names).await?;
    }
    let live = current.and_then(Method::method_integration);
    let there = current
        .zip(live)
        .and_then(|(method, live)| of(method, live)?.remove(status));
    match is_kept && is_so && there.as_ref() == Some(wanted) {
        true => Ok(()),
        false => put_of_integration(target, status, wanted).await,
    }
}

async fn delete_of_method(target: &Target<'_>, status: &str) -> Result<()> {
    let request = target.aws.apigateway.delete_method_response();
    let request = request
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .status_code(status);
    let operation = "apigateway:DeleteMethodResponse";
    absent(target.aws.write(operation, || request.clone().send()).await).map(drop)
}

async fn put_of_method(target: &Target<'_>, status: &str, names: BTreeSet<&str>) -> Result<()> {
    let names = names.into_iter();
    let declared = names.map(|name| (format!("{ANSWERS_HEADER}{name}"), false));
    let request = target.aws.apigateway.put_method_response();
    let request = request
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .status_code(status)
        .set_response_parameters(Some(declared.collect()));
    let operation = "apigateway:PutMethodResponse";
    target
        .aws
        .create(operation, || request.clone().send())
        .await
        .map(drop)
}

async fn put_of_integration(
    target: &Target<'_>,
    status: &str,
    wanted: &IntegrationResponse,
) -> Result<()> {
    let headers = wanted.headers.iter().flatten();
    let headers = headers.map(|(name, value)| (format!("{ANSWERS_HEADER}{name}"), value.clone()));
    let templates = wanted.templates.clone();
    let request = target.aws.apigateway.put_integration_response();
    let request = request
        .rest_api_id(target.api)
        .resource_id(&target.outputs.resource_id)
        .http_method(&target.outputs.method)
        .status_code(status)
        .set_selection_pattern(wanted.selection_pattern.clone())
        .set_response_parameters(Some(headers.collect()))
        .set_response_templates(templates.map(|it| it.into_iter().collect()))
        .set_content_handling(wanted.content_handling.as_deref().map(Into::into));
    let operation = "apigateway:PutIntegrationResponse";
    target
        .aws
        .write(operation, || request.clone().send())
        .await
        .map(drop)
}
