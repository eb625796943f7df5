//! An authorizer as a security scheme. Pure.

use super::put;
use crate::{
    error::Result,
    kinds::authorizer::{in_aws, sources, uri_of},
    spec::authorizer::Authorizer,
};
use serde_json::{Value, json};

/// Developer guide, "x-amazon-apigateway-authorizer object".
pub(super) fn scheme(spec: &Authorizer, region: &str) -> Result<Value> {
    let wanted = in_aws(spec)?;
    let kind = spec
        .r#type
        .as_deref()
        .map_or("cognito_user_pools".into(), str::to_lowercase);
    let is_cognito = spec.r#type.is_none();
    let mut authorizer = json!({ "type": kind });
    let it = &mut authorizer;
    let arns = wanted.provider_arns.filter(|it| !it.is_empty());
    put(it, "providerARNs", arns);
    put(it, "authorizerUri", uri_of(spec, region));
    let sources = sources(spec).filter(|it| !it.is_empty());
    put(it, "identitySource", sources);
    let expression = wanted.identity_validation_expression;
    let expression = expression.filter(|it| !it.is_empty());
    put(it, "identityValidationExpression", expression);
    let seconds = wanted.authorizer_result_ttl_in_seconds;
    put(it, "authorizerResultTtlInSeconds", seconds);
    Ok(json!({
        "type": "apiKey",
        // Of one that looks at several places no header says which.
        "name": spec.token_header().unwrap_or("Unused"),
        "in": "header",
        "x-amazon-apigateway-authtype": if is_cognito { "cognito_user_pools" } else { "custom" },
        "x-amazon-apigateway-authorizer": authorizer,
    }))
}
