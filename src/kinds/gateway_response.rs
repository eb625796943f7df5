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
        put(self, aws, &parent.id, name, None).await?;
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
        let response_type = &live.outputs.response_type;
        let current = current(aws, &parent.id, response_type).await?;
        put(self, aws, &parent.id, response_type, current).await
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

/// What a full upsert would reset: the texts that stack.toml cannot declare.
type Templates = HashMap<String, String>;

/// PutGatewayResponse replaces everything, so what is not declared is sent again (docs/aws.md §5).
/// A status code is never sent: on DEFAULT_4XX it would rewrite every 4xx.
async fn put(
    spec: &GatewayResponse,
    aws: &Aws,
    api: &str,
    name: &str,
    kept: Option<Templates>,
) -> Result<()> {
    let request = aws.apigateway.put_gateway_response().rest_api_id(api);
    let request = request
        .response_type(GatewayResponseType::from(name))
        .set_response_parameters(Some(parameters(spec)))
        .set_response_templates(kept);
    aws.write("apigateway:PutGatewayResponse", || request.clone().send())
        .await
        .map(drop)
}

fn parameters(spec: &GatewayResponse) -> HashMap<String, String> {
    spec.headers
        .iter()
        .map(|(name, value)| (format!("{HEADER}{name}"), format!("'{value}'")))
        .collect()
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

async fn current(aws: &Aws, api: &str, name: &str) -> Result<Option<Templates>> {
    let response_type = GatewayResponseType::from(name);
    let request = aws
        .apigateway
        .get_gateway_response()
        .rest_api_id(api)
        .response_type(response_type);
    let live = absent(
        aws.read("apigateway:GetGatewayResponse", || request.clone().send())
            .await,
    )?;
    // A default response's template is AWS's own, to be left to it.
    Ok(live
        .filter(|live| !live.default_response)
        .and_then(|live| live.response_templates))
}

/// A customised response; API Gateway lists its defaults too.
fn found(response: &AwsResponse) -> Option<Found<GatewayResponse>> {
    let name = response
        .response_type()
        .filter(|_| !response.default_response())?
        .as_str();
    let parameters = response.response_parameters().into_iter().flatten();
    // Another sort of parameter is none that could be declared, so it differs.
    let headers = parameters.map(|(key, value)| {
        (
            key.strip_prefix(HEADER).unwrap_or(key).to_owned(),
            plain(value),
        )
    });
    let status_code = response
        .status_code()
        .filter(|_| name.starts_with("DEFAULT_"))
        .map(ToOwned::to_owned);
    let spec = GatewayResponse {
        headers: headers.collect(),
        status_code,
    };
    Some(Found::child(
        name,
        spec,
        GatewayResponseOutputs {
            response_type: name.to_owned(),
        },
    ))
}

/// A fixed value without its quotes; a mapping is said to be one, so that it equals no fixed value.
fn plain(value: &str) -> String {
    let fixed = value
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    fixed.map_or_else(|| format!("(mapped from {value})"), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn response(parameters: HashMap<String, String>) -> AwsResponse {
        AwsResponse::builder()
            .response_type(GatewayResponseType::Default4Xx)
            .set_response_parameters(Some(parameters))
            .build()
    }

    #[test]
    fn headers_are_quoted_on_the_wire_and_plain_in_the_file() {
        let headers = BTreeMap::from([("Access-Control-Allow-Origin".to_owned(), "*".to_owned())]);
        let spec = GatewayResponse {
            headers,
            status_code: None,
        };
        let parameters = parameters(&spec);
        assert_eq!(
            parameters["gatewayresponse.header.Access-Control-Allow-Origin"],
            "'*'"
        );
        let found = found(&response(parameters)).unwrap();
        assert_eq!((found.name.as_str(), found.spec), ("DEFAULT_4XX", spec));
    }

    #[test]
    fn a_default_response_is_nobodys() {
        let mut default = response(HashMap::new());
        default.default_response = true;
        assert!(found(&default).is_none());
    }

    #[test]
    fn a_mapped_header_equals_no_fixed_one() {
        let mapped = "method.request.header.Origin";
        let live = response(HashMap::from([(format!("{HEADER}X"), mapped.to_owned())]));
        assert_ne!(found(&live).unwrap().spec.headers["X"], mapped);
    }
}
