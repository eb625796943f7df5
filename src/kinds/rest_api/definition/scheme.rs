//! An authorizer as a security scheme. Pure.

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
    let mut put = |key: &str, value: Option<Value>| {
        value.into_iter().for_each(|it| authorizer[key] = it);
    };
    let arns = wanted.provider_arns.filter(|it| !it.is_empty());
    put("providerARNs", arns.map(|it| json!(it)));
    put("authorizerUri", uri_of(spec, region).map(|it| json!(it)));
    put(
        "identitySource",
        sources(spec)
            .filter(|it| !it.is_empty())
            .map(|it| json!(it)),
    );
    let expression = wanted
        .identity_validation_expression
        .filter(|it| !it.is_empty());
    put(
        "identityValidationExpression",
        expression.map(|it| json!(it)),
    );
    let seconds = wanted.authorizer_result_ttl_in_seconds;
    put("authorizerResultTtlInSeconds", seconds.map(|it| json!(it)));
    Ok(json!({
        "type": "apiKey",
        // Of one that looks at several places no header says which.
        "name": spec.token_header().unwrap_or("Unused"),
        "in": "header",
        "x-amazon-apigateway-authtype": if is_cognito { "cognito_user_pools" } else { "custom" },
        "x-amazon-apigateway-authorizer": authorizer,
    }))
}
