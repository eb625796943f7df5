//! What API Gateway's Cognito authorizer found in the caller's token. Pure.

use lambda_http::{Request, RequestExt, request::RequestContext};
use serde_json::Value;

/// The token's claims, all of them strings; `None` when no authorizer checked one.
pub(crate) fn of(request: &Request) -> Option<Value> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV1(context) => {
            context.authorizer.fields.get("claims").filter(|claims| claims.is_object()).cloned()
        }
        _ => None,
    }
}
