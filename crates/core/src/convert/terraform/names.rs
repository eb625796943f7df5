//! Terraform's names of kinds and arguments, by CloudFormation's. Pure.

use crate::convert::template::is_function;
use serde_json::{Map, Value};

/// An argument by its path, and the property's path. What is not named is the same word in capitals:
/// `memory_size` is `MemorySize`.
type Renamed = &'static [(&'static str, &'static str)];

const KINDS: [(&str, &str, Renamed); 26] = [
    (
        "aws_cognito_user_pool",
        "AWS::Cognito::UserPool",
        &[
            ("name", "UserPoolName"),
            ("password_policy", "Policies.PasswordPolicy"),
            ("sign_in_policy", "Policies.SignInPolicy"),
            (
                "account_recovery_setting.recovery_mechanism",
                "AccountRecoverySetting.RecoveryMechanisms",
            ),
            (
                "admin_create_user_config.invite_message_template.sms_message",
                "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage",
            ),
            (
                "email_configuration.from_email_address",
                "EmailConfiguration.From",
            ),
            ("lambda_config.kms_key_id", "LambdaConfig.KMSKeyID"),
            (
                "lambda_config.custom_sms_sender",
                "LambdaConfig.CustomSMSSender",
            ),
            (
                "web_authn_configuration.relying_party_id",
                "WebAuthnRelyingPartyID",
            ),
            (
                "web_authn_configuration.user_verification",
                "WebAuthnUserVerification",
            ),
            ("tags", "UserPoolTags"),
        ],
    ),
    (
        "aws_cognito_user_pool_client",
        "AWS::Cognito::UserPoolClient",
        &[
            ("name", "ClientName"),
            ("allowed_oauth_flows", "AllowedOAuthFlows"),
            ("allowed_oauth_scopes", "AllowedOAuthScopes"),
            (
                "allowed_oauth_flows_user_pool_client",
                "AllowedOAuthFlowsUserPoolClient",
            ),
            ("callback_urls", "CallbackURLs"),
            ("logout_urls", "LogoutURLs"),
            ("default_redirect_uri", "DefaultRedirectURI"),
        ],
    ),
    (
        "aws_cognito_user_pool_domain",
        "AWS::Cognito::UserPoolDomain",
        &[("certificate_arn", "CustomDomainConfig.CertificateArn")],
    ),
    (
        "aws_cognito_user_group",
        "AWS::Cognito::UserPoolGroup",
        &[("name", "GroupName")],
    ),
    (
        "aws_cognito_resource_server",
        "AWS::Cognito::UserPoolResourceServer",
        &[("scope", "Scopes")],
    ),
    (
        "aws_cognito_identity_provider",
        "AWS::Cognito::UserPoolIdentityProvider",
        &[],
    ),
    (
        "aws_cognito_identity_pool",
        "AWS::Cognito::IdentityPool",
        &[
            ("openid_connect_provider_arns", "OpenIdConnectProviderARNs"),
            ("saml_provider_arns", "SamlProviderARNs"),
        ],
    ),
    (
        "aws_cognito_identity_pool_roles_attachment",
        "AWS::Cognito::IdentityPoolRoleAttachment",
        &[],
    ),
    (
        "aws_lambda_function",
        "AWS::Lambda::Function",
        &[("filename", "CodeUri")],
    ),
    ("aws_lambda_permission", "AWS::Lambda::Permission", &[]),
    ("aws_api_gateway_rest_api", "AWS::ApiGateway::RestApi", &[]),
    ("aws_api_gateway_resource", "AWS::ApiGateway::Resource", &[]),
    (
        "aws_api_gateway_method",
        "AWS::ApiGateway::Method",
        &[("authorization", "AuthorizationType")],
    ),
    (
        "aws_api_gateway_integration",
        "AWS::ApiGateway::Integration",
        &[("timeout_milliseconds", "TimeoutInMillis")],
    ),
    (
        "aws_api_gateway_integration_response",
        "AWS::ApiGateway::IntegrationResponse",
        &[],
    ),
    (
        "aws_api_gateway_method_response",
        "AWS::ApiGateway::MethodResponse",
        &[],
    ),
    (
        "aws_api_gateway_authorizer",
        "AWS::ApiGateway::Authorizer",
        &[("provider_arns", "ProviderARNs")],
    ),
    (
        "aws_api_gateway_deployment",
        "AWS::ApiGateway::Deployment",
        &[],
    ),
    (
        "aws_api_gateway_stage",
        "AWS::ApiGateway::Stage",
        &[("xray_tracing_enabled", "TracingEnabled")],
    ),
    (
        "aws_api_gateway_method_settings",
        "AWS::ApiGateway::MethodSettings",
        &[
            ("settings.metrics_enabled", "MetricsEnabled"),
            ("settings.logging_level", "LoggingLevel"),
            ("settings.throttling_rate_limit", "ThrottlingRateLimit"),
            ("settings.throttling_burst_limit", "ThrottlingBurstLimit"),
            ("method_path", "ResourcePath"),
        ],
    ),
    (
        "aws_api_gateway_usage_plan",
        "AWS::ApiGateway::UsagePlan",
        &[
            ("name", "UsagePlanName"),
            ("throttle_settings", "Throttle"),
            ("quota_settings", "Quota"),
        ],
    ),
    ("aws_api_gateway_api_key", "AWS::ApiGateway::ApiKey", &[]),
    (
        "aws_api_gateway_usage_plan_key",
        "AWS::ApiGateway::UsagePlanKey",
        &[],
    ),
    ("aws_iam_role", "AWS::IAM::Role", &[]),
    (
        "aws_cloudwatch_log_group",
        "AWS::Logs::LogGroup",
        &[("name", "LogGroupName")],
    ),
    (
        "aws_secretsmanager_secret",
        "AWS::SecretsManager::Secret",
        &[],
    ),
];

/// Blocks of which there may be several.
const LISTS: [&str; 8] = [
    "schema",
    "scope",
    "recovery_mechanism",
    "cognito_identity_providers",
    "role_mapping",
    "mapping_rule",
    "api_stages",
    "inline_policy",
];
/// Arguments whose keys are the user's, or another's, and stay as they are.
const AS_THEY_ARE: [&str; 12] = [
    "variables",
    "tags",
    "provider_details",
    "attribute_mapping",
    "request_parameters",
    "request_templates",
    "response_parameters",
    "response_templates",
    "supported_login_providers",
    "request_models",
    "policy",
    "assume_role_policy",
];

/// CloudFormation's kind, and what is named otherwise in it. A kind that is not known stays.
pub(super) fn kind(terraform: &str) -> (String, Renamed) {
    match KINDS.iter().find(|it| it.0 == terraform) {
        Some((_, kind, renamed)) => ((*kind).to_owned(), renamed),
        None => (terraform.to_owned(), &[]),
    }
}

pub(super) fn properties(renamed: Renamed, arguments: Map<String, Value>) -> Value {
    let mut all = Value::Object(Map::new());
    put(&mut all, renamed, "", "", arguments);
    all
}

fn put(all: &mut Value, renamed: Renamed, at: &str, target: &str, arguments: Map<String, Value>) {
    for (name, value) in arguments {
        let path = joined(at, &name);
        let known = renamed
            .iter()
            .find(|it| it.0 == path)
            .map(|it| it.1.to_owned());
        let to = known.unwrap_or_else(|| joined(target, &capitals(&name)));
        match value {
            Value::Array(blocks) if is_blocks(&blocks) && !LISTS.contains(&name.as_str()) => {
                if let Some(Value::Object(inner)) = blocks.into_iter().next() {
                    put(all, renamed, &path, &to, without_mark(inner));
                }
            }
            Value::Array(items) if LISTS.contains(&name.as_str()) => {
                let each = items.into_iter().map(|it| match it {
                    Value::Object(inner) => {
                        let mut one = Value::Object(Map::new());
                        put(&mut one, &[], "", "", without_mark(inner));
                        one
                    }
                    other => other,
                });
                set(all, &to, each.collect());
            }
            Value::Object(map) if !AS_THEY_ARE.contains(&name.as_str()) && !is_function(&map) => {
                put(all, renamed, &path, &to, map);
            }
            other => set(all, &to, other),
        }
    }
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() {
        name.to_owned()
    } else {
        format!("{before}.{name}")
    }
}

/// The key that marks a block, so that it is told from a list of objects.
pub(super) const BLOCK: &str = "\u{0}block";

fn is_blocks(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(|it| it.get(BLOCK).is_some())
}

fn without_mark(mut map: Map<String, Value>) -> Map<String, Value> {
    map.remove(BLOCK);
    map
}

fn set(all: &mut Value, path: &str, value: Value) {
    let mut place = all;
    for key in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(map) = place.as_object_mut() else {
            return;
        };
        place = map.entry(key.to_owned()).or_insert(Value::Null);
    }
    *place = value;
}

fn capitals(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    words.collect()
}
