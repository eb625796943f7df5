//! The calls of a gateway response.

use super::rest_api::wire::PAGE;
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::Change,
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        gateway_response::{GatewayResponse, GatewayResponseOutputs},
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::{GatewayResponse as AwsResponse, GatewayResponseType};
use std::collections::HashMap;

/// Where a header stands among a gateway response's parameters.
const HEADER: &str = "gatewayresponse.header.";

impl Kind for GatewayResponse {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let responses = list(&reads.aws, &parent.id).await?;
        Ok(responses
            .iter()
            .filter_map(found)
            .map(Listed::Full)
            .collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        name: &str,
    ) -> Result<GatewayResponseOutputs> {
        put(self, aws, &parent.id, name).await?;
        Ok(GatewayResponseOutputs {
            response_type: name.to_owned(),
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        put(self, aws, &parent.id, &live.outputs.response_type).await
    }

    async fn delete(
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &GatewayResponseOutputs,
    ) -> Result<()> {
        let response_type = GatewayResponseType::from(live.response_type.as_str());
        let request = aws
            .apigateway
            .delete_gateway_response()
            .rest_api_id(&parent.id);
        let request = request.response_type(response_type);
        let deleted = aws
            .write("apigateway:DeleteGatewayResponse", || {
                request.clone().send()
            })
            .await;
        absent(deleted).map(drop)
    }
}

pub(super) fn parameters(spec: &GatewayResponse) -> HashMap<String, String> {
    let headers = spec.headers.iter();
    let headers = headers.map(|(name, source)| (format!("{HEADER}{name}"), source.clone()));
    headers.collect()
}

/// PutGatewayResponse replaces everything (docs/aws.md §5).
async fn put(spec: &GatewayResponse, aws: &Aws, api: &str, name: &str) -> Result<()> {
    let templates = spec.templates.clone();
    let request = aws.apigateway.put_gateway_response().rest_api_id(api);
    let request = request
        .response_type(GatewayResponseType::from(name))
        .set_status_code(spec.status_code.map(|it| it.to_string()))
        .set_response_parameters(Some(parameters(spec)))
        .set_response_templates(templates.map(|it| it.into_iter().collect()));
    aws.write("apigateway:PutGatewayResponse", || request.clone().send())
        .await
        .map(drop)
}

async fn list(aws: &Aws, api: &str) -> Result<Vec<AwsResponse>> {
    pages(|position| async move {
        let request = aws.apigateway.get_gateway_responses().rest_api_id(api);
        let request = request.limit(PAGE).set_position(position);
        let page = aws
            .read("apigateway:GetGatewayResponses", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// A customised response; API Gateway lists its defaults too.
fn found(response: &AwsResponse) -> Option<Found<GatewayResponse>> {
    let name = response
        .response_type()
        .filter(|_| !response.default_response())?
        .as_str();
    let parameters = response.response_parameters().into_iter().flatten();
    // Another sort of parameter is none that could be declared, so it differs.
    let headers = parameters.map(|(key, source)| {
        let name = key.strip_prefix(HEADER).unwrap_or(key);
        (name.to_owned(), source.clone())
    });
    let templates = response.response_templates().into_iter().flatten();
    let templates = templates.map(|(it, text)| (it.clone(), text.clone()));
    let spec = GatewayResponse {
        headers: headers.collect(),
        status_code: response.status_code().and_then(|it| it.parse().ok()),
        templates: Some(templates.collect()),
    };
    let spec = spec.read(name);
    Some(Found::child(
        name,
        spec,
        GatewayResponseOutputs {
            response_type: name.to_owned(),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_response_is_nobodys() {
        let default = AwsResponse::builder().default_response(true);
        let default = default.response_type(GatewayResponseType::Default4Xx);
        assert!(found(&default.build()).is_none());
    }

    #[test]
    fn what_holds_anyway_is_not_said() {
        let read = |of_type: GatewayResponseType, status: &str, text: &str| {
            let headers = HashMap::from([(format!("{HEADER}X"), "'a'".to_owned())]);
            let live = AwsResponse::builder()
                .response_type(of_type)
                .status_code(status)
                .set_response_parameters(Some(headers))
                .response_templates("application/json", text);
            found(&live.build()).unwrap().spec
        };
        let usual = r#"{"message":$context.error.messageString}"#;
        let plain = read(GatewayResponseType::Unauthorized, "401", usual);
        assert_eq!((plain.status_code, &plain.templates), (None, &None));
        assert_eq!(plain.headers["X"], "'a'");
        let own = read(GatewayResponseType::Unauthorized, "403", "{}");
        assert_eq!(own.status_code, Some(403));
        assert_eq!(own.templates.unwrap()["application/json"], "{}");
        let all = read(GatewayResponseType::Default4Xx, "404", usual);
        assert_eq!(all.status_code, Some(404));
    }
}
