//! What is there before it is attached: bare, as the workshop's console makes it, and with everything
//! set to something else.

use super::{
    super::world::{ACCOUNT, World},
    fields::Bases,
};
use crate::support::REGION;
use aws_in_memory::Cloud;
use serde_json::{Value, json};

const POOLS: &str = "cognito-idp";
const API: &str = "apigateway";

fn base(table: Value) -> Value {
    let mut base = json!({ "stack": { "name": "made", "region": "eu-west-1" } });
    base.as_object_mut()
        .unwrap()
        .extend(table.as_object().cloned().unwrap());
    base
}

/// Alone, and with what some fields need beside them.
pub(super) fn pool_bases() -> Bases<'static> {
    let pool = |more: Value| {
        let mut pool = json!({ "existing": true, "name": "people" });
        pool.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        base(json!({ "user_pool": pool }))
    };
    let ses = "arn:aws:ses:eu-west-1:123456789012:identity/a@example.com";
    let role = "arn:aws:iam::123456789012:role/texts";
    let key = "arn:aws:kms:eu-west-1:123456789012:key/of-messages";
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:claims";
    let client = json!({
        "name": "web", "secret": true, "oauth_grants": ["code"], "oauth_scopes": ["openid"],
        "callback_urls": ["https://example.com/a", "https://example.com/b"],
    });
    Bases {
        table: &["user_pool"],
        of_type: "UserPoolTable",
        bases: vec![
            pool(json!({})),
            pool(json!({ "email": { "ses_source_arn": ses } })),
            pool(json!({ "mfa": { "mode": "optional", "sms": { "role_arn": role } } })),
            pool(json!({ "mfa": { "mode": "optional", "totp": true } })),
            pool(json!({ "feature_plan": "PLUS", "threat_protection": "ENFORCED" })),
            pool(json!({
                "mfa": { "mode": "optional", "email": true },
                "email": { "sender": "DEVELOPER", "ses_source_arn": ses },
            })),
            pool(json!({ "triggers": { "kms_key": key } })),
            pool(json!({ "triggers": { "pre_token_generation": function } })),
            pool(json!({ "clients": { "one": client } })),
            pool(
                json!({ "clients": { "one": { "name": "web", "secret": true, "auth_flows": ["ALLOW_USER_SRP_AUTH"] } } }),
            ),
            pool(
                json!({ "clients": { "one": { "name": "web", "oauth_grants": ["code"], "callback_urls": ["https://example.com/a"] } } }),
            ),
        ],
    }
}

/// Pools: bare; with other settings; with every factor, and what stack.toml cannot say.
pub(super) fn pools() -> Vec<(&'static str, Cloud)> {
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let made = |input: Value| {
        let world = World::new();
        world.somebody(POOLS, "CreateUserPool", input);
        world.later();
        world
    };
    let id = |world: &World| world.memory().cloud().pool_field("people", "Id");
    let bare = made(json!({ "PoolName": "people" }));
    let other = made(json!({
        "PoolName": "people", "UsernameAttributes": ["email"], "UserPoolTags": { "team": "a", "wide": "b" },
        "UsernameConfiguration": { "CaseSensitive": false }, "UserPoolTier": "LITE",
        "AutoVerifiedAttributes": ["email"], "SmsAuthenticationMessage": "Theirs is {####}",
        "Schema": [{ "Name": "level", "AttributeDataType": "Number", "Mutable": true }],
        "SmsConfiguration": { "SnsCallerArn": role("theirs") },
        "Policies": { "PasswordPolicy": {
            "MinimumLength": 10, "RequireUppercase": false, "RequireLowercase": false, "RequireNumbers": false,
            "RequireSymbols": false, "TemporaryPasswordValidityDays": 30,
        } },
        "AccountRecoverySetting": { "RecoveryMechanisms": [{ "Priority": 1, "Name": "admin_only" }] },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": true,
            "InviteMessageTemplate": { "EmailSubject": "Theirs", "SMSMessage": "{username} {####}" },
        },
        "VerificationMessageTemplate": {
            "DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailSubject": "Theirs", "EmailMessage": "Is {####}",
            "EmailMessageByLink": "{##Click##}", "SmsMessage": "It was {####}",
        },
        "EmailConfiguration": { "EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "theirs@example.com" },
    }));
    let strict = made(json!({
        "PoolName": "people", "UserPoolTier": "PLUS", "DeletionProtection": "ACTIVE",
        "AutoVerifiedAttributes": ["email", "phone_number"],
        "SmsConfiguration": { "SnsCallerArn": role("theirs"), "ExternalId": "theirs", "SnsRegion": "us-east-1" },
        "LambdaConfig": {
            "PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:gate",
            "PreTokenGenerationConfig": {
                "LambdaVersion": "V2_0", "LambdaArn": "arn:aws:lambda:eu-west-1:123456789012:function:theirs",
            },
            "CustomSMSSender": {
                "LambdaVersion": "V1_0", "LambdaArn": "arn:aws:lambda:eu-west-1:123456789012:function:sender",
            },
            "KMSKeyID": "arn:aws:kms:eu-west-1:123456789012:key/theirs",
        },
        "Policies": { "PasswordPolicy": {
            "MinimumLength": 20, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
            "RequireSymbols": true, "TemporaryPasswordValidityDays": 1, "PasswordHistorySize": 5,
        } },
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER", "ConfigurationSet": "theirs", "From": "Theirs <theirs@example.com>",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/theirs@example.com",
        },
        "AccountRecoverySetting": { "RecoveryMechanisms": [
            { "Priority": 1, "Name": "verified_email" }, { "Priority": 2, "Name": "verified_phone_number" },
        ] },
    }));
    strict.somebody(POOLS, "SetUserPoolMfaConfig", json!({
        "UserPoolId": id(&strict), "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "Their factor is {####}",
            "SmsConfiguration": { "SnsCallerArn": role("theirs"), "ExternalId": "theirs", "SnsRegion": "us-east-1" },
        },
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Message": "Theirs is {####}", "Subject": "Their code" },
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com", "UserVerification": "required" },
    }));
    strict.somebody(
        POOLS,
        "AdminCreateUser",
        json!({ "UserPoolId": id(&strict), "Username": "ann" }),
    );
    let required = made(json!({ "PoolName": "people" }));
    required.somebody(
        POOLS,
        "SetUserPoolMfaConfig",
        json!({
            "UserPoolId": id(&required), "MfaConfiguration": "ON",
            "SoftwareTokenMfaConfiguration": { "Enabled": true },
        }),
    );
    let all = [
        ("bare", bare),
        ("other", other),
        ("strict", strict),
        ("required", required),
    ];
    all.map(|(name, world)| (name, world.cloud())).into()
}

/// A function that runs a program of its owner's: it gets none, which takes a real zip.
pub(super) fn function_bases() -> Bases<'static> {
    let function = |more: Value| {
        let mut function = json!({ "existing": true, "name": "theirs" });
        function
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        base(json!({ "functions": { "one": function } }))
    };
    let vpc = json!({ "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"] });
    Bases {
        table: &["functions", "one"],
        of_type: "FunctionTable",
        bases: vec![function(json!({})), function(json!({ "vpc": vpc }))],
    }
}

pub(super) fn functions() -> Vec<(&'static str, Cloud)> {
    let made = |more: Value| {
        let world = World::new();
        let mut input = json!({
            "FunctionName": "theirs", "Role": "arn:aws:iam::123456789012:role/theirs", "Runtime": "nodejs22.x",
            "Handler": "index.handler", "Code": { "ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" },
        });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        world.somebody("lambda", "CreateFunction", input);
        world.later();
        world.cloud()
    };
    let other = json!({
        "Description": "Theirs", "MemorySize": 512, "Timeout": 60, "Tags": { "team": "a" },
        "Environment": { "Variables": { "ONE": "theirs", "OTHER": "theirs" } },
        "VpcConfig": { "SubnetIds": ["subnet-9"], "SecurityGroupIds": ["sg-9"] },
    });
    vec![("bare", made(json!({}))), ("other", made(other))]
}

/// The API of the workshop's console, used with its function; the pool is the stack's own.
pub(super) fn api_bases() -> Bases<'static> {
    let api = |more: Value| {
        let mut api = json!({
            "existing": true, "name": "theirs", "stage": { "name": "dev" },
            "routes": { "GET /one": { "function": "one", "authorizer": "none" } },
        });
        api.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        base(json!({
            "user_pool": { "name": "made" },
            "functions": { "one": { "existing": true, "name": "theirs" } },
            "api": api,
        }))
    };
    let asks = |authorizer: Value| {
        json!({
            "authorizers": { "one": authorizer },
            "routes": { "GET /one": { "function": "one", "authorizer": "one" } },
        })
    };
    let token = asks(json!({ "name": "asks", "function": "one" }));
    let request = asks(json!({
        "name": "asks", "function": "one", "type": "REQUEST",
        "identity_sources": ["method.request.header.Key"],
    }));
    Bases {
        table: &["api"],
        of_type: "ApiTable",
        bases: vec![
            api(asks(json!({ "name": "ours" }))),
            api(json!({})),
            api(token),
            api(request),
            api(json!({ "request_validators": {
                "one": { "body": true }, "other": { "parameters": true },
            } })),
        ],
    }
}

/// The API with `GET /one`, open; guarded by its owner's authorizer; and served by IAM.
pub(super) fn apis() -> Vec<(&'static str, Cloud)> {
    let (_, function) = functions().remove(0);
    let made = |authorization: &str, is_deployed: bool| {
        let world = World::of(function.clone());
        let call = |operation: &str, input: Value| {
            world.memory().cloud().call(API, operation, input).unwrap()
        };
        let api = call(
            "CreateRestApi",
            json!({ "name": "theirs", "tags": { "team": "a" } }),
        );
        let (id, root) = (api["id"].clone(), api["rootResourceId"].clone());
        let resource = call(
            "CreateResource",
            json!({ "restApiId": id, "parentId": root, "pathPart": "one" }),
        );
        let authorizer = call(
            "CreateAuthorizer",
            json!({
                "restApiId": id, "name": "theirs", "type": "COGNITO_USER_POOLS",
                "providerARNs": ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_ccccccccc"],
                "identitySource": "method.request.header.Authorization",
            }),
        );
        let mut method = json!({
            "restApiId": id, "resourceId": resource["id"], "httpMethod": "GET", "authorizationType": authorization,
        });
        if authorization == "COGNITO_USER_POOLS" {
            method["authorizerId"] = authorizer["id"].clone();
            method["authorizationScopes"] = json!(["theirs/read"]);
        }
        call("PutMethod", method);
        let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:theirs");
        let uri = format!(
            "arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
        );
        call(
            "PutIntegration",
            json!({
                "restApiId": id, "resourceId": resource["id"], "httpMethod": "GET", "type": "AWS_PROXY",
                "integrationHttpMethod": "POST", "uri": uri, "timeoutInMillis": 7000,
            }),
        );
        if is_deployed {
            call(
                "CreateDeployment",
                json!({ "restApiId": id, "stageName": "dev", "description": "by hand" }),
            );
        }
        world.later();
        world.cloud()
    };
    vec![
        ("open", made("NONE", true)),
        ("guarded", made("COGNITO_USER_POOLS", true)),
        ("IAM", made("AWS_IAM", true)),
        ("not deployed", made("NONE", false)),
    ]
}

pub(super) fn secret_bases() -> Bases<'static> {
    let secrets = json!({ "secrets": { "one": { "existing": true, "name": "theirs" } } });
    Bases {
        table: &["secrets", "one"],
        of_type: "Secret",
        bases: vec![base(secrets)],
    }
}

pub(super) fn secret() -> Cloud {
    let world = World::new();
    world.somebody(
        "secretsmanager",
        "CreateSecret",
        json!({ "Name": "theirs", "SecretString": "x",
        "ClientRequestToken": "00000000-0000-4000-8000-000000000000" }),
    );
    world.later();
    world.cloud()
}
