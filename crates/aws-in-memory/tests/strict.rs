//! Each of AWS's ways in which emulators are laxer: with its switch on the memory does as AWS, and
//! with it off as they. The sections are those of docs/aws.md.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use aws_in_memory::{
    Cloud, Strict,
    call::{Answer, Call},
};
use serde_json::{Value, json};
use std::time::Duration;

const POOLS: &str = "cognito-idp";
const API: &str = "apigateway";

fn account(strict: Strict) -> Cloud {
    Cloud::new("123456789012", "eu-west-1", strict)
}

fn at_once() -> Cloud {
    account(Strict::at_once())
}

fn lax() -> Cloud {
    account(Strict::lax())
}

fn code(answer: Answer) -> &'static str {
    answer.unwrap_err().code
}

fn message(answer: Answer) -> String {
    answer.unwrap_err().message
}

fn pool(cloud: &mut Cloud, input: Value) -> String {
    let mut input = input;
    input["PoolName"] = json!("p");
    let made = cloud.call(POOLS, "CreateUserPool", input).unwrap();
    made["UserPool"]["Id"].as_str().unwrap().to_owned()
}

fn described(cloud: &mut Cloud, id: &str) -> Value {
    cloud
        .call(POOLS, "DescribeUserPool", json!({ "UserPoolId": id }))
        .unwrap()["UserPool"]
        .clone()
}

fn api(cloud: &mut Cloud) -> (String, String) {
    let made = cloud
        .call(API, "CreateRestApi", json!({ "name": "a" }))
        .unwrap();
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (text("id"), text("rootResourceId"))
}

fn method(cloud: &mut Cloud, (api, root): &(String, String), more: Value) -> Answer {
    let mut input = json!({ "restApiId": api, "resourceId": root, "httpMethod": "GET", "authorizationType": "NONE" });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    cloud.call(API, "PutMethod", input)
}

/// docs/aws.md §2: omitted members return to their defaults, but some do not, as measured.
#[test]
fn an_update_of_a_pool_resets_what_it_is_not_sent_field_by_field() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let policies = json!({ "PasswordPolicy": { "MinimumLength": 12 }, "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } });
        let id = pool(
            &mut cloud,
            json!({
                "AutoVerifiedAttributes": ["email"], "Policies": policies, "UserPoolTier": "PLUS",
                "DeletionProtection": "ACTIVE", "UserPoolTags": { "a": "b" },
                "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] },
            }),
        );
        let partly =
            json!({ "UserPoolId": id, "Policies": { "PasswordPolicy": { "MinimumLength": 9 } } });
        cloud.call(POOLS, "UpdateUserPool", partly).unwrap();
        let after = described(&mut cloud, &id);
        let reset = if is_strict {
            (Value::Null, json!("INACTIVE"), json!({}))
        } else {
            (json!(["email"]), json!("ACTIVE"), json!({ "a": "b" }))
        };
        let seen = (
            after["AutoVerifiedAttributes"].clone(),
            after["DeletionProtection"].clone(),
            after["UserPoolTags"].clone(),
        );
        assert_eq!(seen, reset);
        assert_eq!(after["Policies"]["PasswordPolicy"]["MinimumLength"], 9);
        assert_eq!(after["Policies"]["SignInPolicy"], policies["SignInPolicy"]);
        assert_eq!(after["UserPoolTier"], "PLUS");
        assert!(!after["UserAttributeUpdateSettings"].is_null());
    }
}

/// docs/aws.md §3: a full replacement.
#[test]
fn an_update_of_a_client_resets_what_it_is_not_sent() {
    for (mut cloud, expected) in [(at_once(), json!("LEGACY")), (lax(), json!("ENABLED"))] {
        let id = pool(&mut cloud, json!({}));
        let client =
            json!({ "UserPoolId": id, "ClientName": "c", "PreventUserExistenceErrors": "ENABLED" });
        let made = cloud.call(POOLS, "CreateUserPoolClient", client).unwrap();
        let update = json!({ "UserPoolId": id, "ClientId": made["UserPoolClient"]["ClientId"] });
        let after = cloud.call(POOLS, "UpdateUserPoolClient", update).unwrap();
        assert_eq!(
            after["UserPoolClient"]["PreventUserExistenceErrors"],
            expected
        );
    }
}

/// docs/aws.md §2: omitted is OFF; OFF beside a factor, and ON beside one-time passwords, are refused.
#[test]
fn the_mfa_of_a_pool_is_replaced_as_a_whole_and_contradictions_are_refused() {
    let mut cloud = at_once();
    let factors =
        json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } });
    let id = pool(&mut cloud, json!({ "Policies": factors }));
    let totp = json!({ "Enabled": true });
    let set = |mode: &str| json!({ "UserPoolId": id, "MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": totp });
    for refused in ["OFF", "ON"] {
        assert_eq!(
            code(cloud.call(POOLS, "SetUserPoolMfaConfig", set(refused))),
            "InvalidParameterException"
        );
    }
    cloud
        .call(POOLS, "SetUserPoolMfaConfig", set("OPTIONAL"))
        .unwrap();
    let after = cloud
        .call(POOLS, "SetUserPoolMfaConfig", json!({ "UserPoolId": id }))
        .unwrap();
    assert_eq!(after["MfaConfiguration"], "OFF");
    assert!(lax().call(POOLS, "ListUserPools", json!({})).is_ok());
    let mut lax = lax();
    let id = pool(&mut lax, json!({}));
    let both = json!({ "UserPoolId": id, "MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": totp });
    assert!(lax.call(POOLS, "SetUserPoolMfaConfig", both).is_ok());
}

/// docs/aws.md §2.
#[test]
fn a_protected_pool_and_one_with_a_domain_are_not_deleted() {
    let mut cloud = at_once();
    let protected = pool(&mut cloud, json!({ "DeletionProtection": "ACTIVE" }));
    let with_domain = pool(&mut cloud, json!({}));
    let domain = json!({ "UserPoolId": with_domain, "Domain": "login" });
    cloud.call(POOLS, "CreateUserPoolDomain", domain).unwrap();
    for id in [protected, with_domain] {
        assert_eq!(
            code(cloud.call(POOLS, "DeleteUserPool", json!({ "UserPoolId": id }))),
            "InvalidParameterException"
        );
    }
    let mut lax = lax();
    let protected = pool(&mut lax, json!({ "DeletionProtection": "ACTIVE" }));
    assert!(
        lax.call(POOLS, "DeleteUserPool", json!({ "UserPoolId": protected }))
            .is_ok()
    );
}

/// docs/aws.md §4.
#[test]
fn an_unknown_domain_is_answered_with_nothing_and_a_new_one_is_being_made() {
    let mut cloud = account(Strict::default());
    let ask = |cloud: &mut Cloud| {
        let answer = cloud
            .call(
                POOLS,
                "DescribeUserPoolDomain",
                json!({ "Domain": "login" }),
            )
            .unwrap();
        answer["DomainDescription"]["Status"].clone()
    };
    assert_eq!(ask(&mut cloud), Value::Null);
    let id = pool(&mut cloud, json!({}));
    cloud
        .call(
            POOLS,
            "CreateUserPoolDomain",
            json!({ "UserPoolId": id, "Domain": "login" }),
        )
        .unwrap();
    assert_eq!(ask(&mut cloud), "CREATING");
    cloud.at(Duration::from_secs(60));
    assert_eq!(ask(&mut cloud), "ACTIVE");
}

/// docs/aws.md §5.
#[test]
fn what_is_in_an_api_already_is_not_made_again() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let api = api(&mut cloud);
        method(&mut cloud, &api, json!({})).unwrap();
        assert_eq!(method(&mut cloud, &api, json!({})).is_err(), is_strict);
        let resource = json!({ "restApiId": api.0, "parentId": api.1, "pathPart": "users" });
        cloud.call(API, "CreateResource", resource.clone()).unwrap();
        assert_eq!(
            cloud.call(API, "CreateResource", resource).is_err(),
            is_strict
        );
        let response = json!({ "restApiId": api.0, "resourceId": api.1, "httpMethod": "GET", "statusCode": "200" });
        cloud
            .call(API, "PutMethodResponse", response.clone())
            .unwrap();
        assert_eq!(
            cloud.call(API, "PutMethodResponse", response).is_err(),
            is_strict
        );
    }
}

/// docs/aws.md §5: one variable part below a resource, and nothing below a greedy one.
#[test]
fn a_second_variable_part_and_what_is_below_a_greedy_one_are_refused() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let (api, root) = api(&mut cloud);
        let mut make = |parent: &str, part: &str| {
            let input = json!({ "restApiId": api, "parentId": parent, "pathPart": part });
            cloud
                .call(API, "CreateResource", input)
                .map(|it| it["id"].as_str().unwrap().to_owned())
        };
        let id = make(&root, "{id}").unwrap();
        let below = make(&id, "roles").unwrap();
        for part in ["{name}", "{rest+}"] {
            let message = make(&root, part).err().map(|it| it.message);
            assert_eq!(
                message.is_some_and(|it| it.starts_with("A sibling ({id}) of this")),
                is_strict
            );
        }
        let mut rename = |id: &str, part: &str| {
            let operation = json!([{ "op": "replace", "path": "/pathPart", "value": part }]);
            let input = json!({ "restApiId": api, "resourceId": id, "patchOperations": operation });
            cloud.call(API, "UpdateResource", input)
        };
        assert_eq!(
            rename(&id, "{rest+}").is_err(),
            is_strict,
            "something is below it"
        );
        let renamed = rename(&id, "{name}").unwrap();
        assert_eq!(
            (&renamed["path"], &renamed["id"]),
            (&json!("/{name}"), &json!(id))
        );
        let renamed = rename(&below, "{rest+}").unwrap();
        assert_eq!(renamed["path"], "/{name}/{rest+}");
        let input = json!({ "restApiId": api, "parentId": below, "pathPart": "x" });
        assert_eq!(cloud.call(API, "CreateResource", input).is_err(), is_strict);
    }
}

/// docs/aws.md §6.
#[test]
fn a_deployment_needs_an_integration_on_every_method() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let api = api(&mut cloud);
        let deploy = json!({ "restApiId": api.0 });
        assert_eq!(
            cloud.call(API, "CreateDeployment", deploy.clone()).is_err(),
            is_strict
        );
        method(&mut cloud, &api, json!({})).unwrap();
        assert_eq!(
            cloud.call(API, "CreateDeployment", deploy.clone()).is_err(),
            is_strict
        );
        let integration =
            json!({ "restApiId": api.0, "resourceId": api.1, "httpMethod": "GET", "type": "MOCK" });
        cloud.call(API, "PutIntegration", integration).unwrap();
        assert!(cloud.call(API, "CreateDeployment", deploy).is_ok());
    }
}

/// docs/aws.md §6.
#[test]
fn an_authorizer_that_a_method_needs_is_not_deleted() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let api = api(&mut cloud);
        let input = json!({ "restApiId": api.0, "name": "z", "type": "COGNITO_USER_POOLS", "providerARNs": ["arn"] });
        let id = cloud.call(API, "CreateAuthorizer", input).unwrap()["id"].clone();
        let guarded = json!({ "authorizationType": "COGNITO_USER_POOLS", "authorizerId": id });
        method(&mut cloud, &api, guarded).unwrap();
        let delete = json!({ "restApiId": api.0, "authorizerId": id });
        assert_eq!(
            cloud.call(API, "DeleteAuthorizer", delete).is_err(),
            is_strict
        );
    }
}

/// docs/aws.md §6.
#[test]
fn logs_need_the_accounts_role() {
    let mut cloud = account(Strict {
        no_logging_role: true,
        whole_deployments: false,
        ..Strict::at_once()
    });
    let api = api(&mut cloud);
    cloud
        .call(
            API,
            "CreateDeployment",
            json!({ "restApiId": api.0, "stageName": "dev" }),
        )
        .unwrap();
    let patch = json!([{ "op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId" }]);
    let refused = cloud.call(
        API,
        "UpdateStage",
        json!({ "restApiId": api.0, "stageName": "dev", "patchOperations": patch }),
    );
    assert!(message(refused).contains("CloudWatch Logs role ARN must be set"));
}

/// Requests that arrive while another one is under way: what each of them is answered.
fn together(cloud: &mut Cloud, calls: &[Call]) -> Vec<Answer> {
    let models = aws_in_memory::model::Models::none();
    let arrived: Vec<_> = calls
        .iter()
        .map(|call| cloud.arrive(&models, call))
        .collect();
    let settled = calls.iter().zip(arrived);
    settled
        .map(|(call, ticket)| ticket.and_then(|ticket| cloud.settle(call, ticket)))
        .collect()
}

fn call(service: &str, operation: &str, input: Value) -> Call {
    let input = input.as_object().unwrap().clone();
    Call {
        service: service.into(),
        operation: operation.into(),
        input,
    }
}

/// docs/aws.md §1.3.
#[test]
fn of_two_writes_to_one_api_at_once_one_is_refused() {
    for (strict, is_strict) in [(Strict::at_once(), true), (Strict::lax(), false)] {
        let mut cloud = account(Strict {
            model: false,
            ..strict
        });
        let (api, root) = api(&mut cloud);
        let resource = |part: &str| {
            call(
                API,
                "CreateResource",
                json!({ "restApiId": api, "parentId": root, "pathPart": part }),
            )
        };
        let answers = together(&mut cloud, &[resource("a"), resource("b")]);
        assert!(answers[0].is_ok());
        assert_eq!(answers[1].is_err(), is_strict);
    }
}

fn function(cloud: &mut Cloud, role: &str) -> Answer {
    let mut input = json!({ "FunctionName": "f", "Role": role, "Code": { "ZipFile": "" } });
    let without = message(cloud.call("lambda", "CreateFunction", input.clone()));
    assert!(
        without.contains("Runtime and Handler are mandatory"),
        "{without}"
    );
    input["Runtime"] = json!("provided.al2023");
    input["Handler"] = json!("bootstrap");
    cloud.call("lambda", "CreateFunction", input)
}

/// docs/aws.md §8.
#[test]
fn of_two_permissions_added_at_once_one_is_lost() {
    for (strict, kept) in [(Strict::at_once(), 1), (Strict::lax(), 2)] {
        let mut cloud = account(Strict {
            model: false,
            ..strict
        });
        function(&mut cloud, "arn:aws:iam::123456789012:role/outside").unwrap();
        let add = |id: &str| {
            call(
                "lambda",
                "AddPermission",
                json!({ "FunctionName": "f", "StatementId": id, "Action": "a", "Principal": "p" }),
            )
        };
        assert!(
            together(&mut cloud, &[add("a"), add("b")])
                .iter()
                .all(Answer::is_ok)
        );
        let policy = cloud
            .call("lambda", "GetPolicy", json!({ "FunctionName": "f" }))
            .unwrap();
        assert_eq!(
            policy["Policy"].as_str().unwrap().matches("Sid").count(),
            kept
        );
    }
}

/// docs/aws.md §8: the role spreads, the function becomes active, and each write has its own end.
#[test]
fn a_function_waits_for_its_role_and_takes_one_write_after_the_other() {
    let mut cloud = account(Strict::default());
    let path = "/wsctl/eu-west-1/made/f/";
    let trust = r#"{"Principal":{"Service":"lambda.amazonaws.com"}}"#;
    let role = json!({ "RoleName": "r", "Path": path, "AssumeRolePolicyDocument": trust });
    cloud.call("iam", "CreateRole", role).unwrap();
    let arn = format!("arn:aws:iam::123456789012:role{path}r");
    assert!(message(function(&mut cloud, &arn)).contains("cannot be assumed by Lambda"));
    cloud.at(Duration::from_secs(10));
    assert_eq!(function(&mut cloud, &arn).unwrap()["State"], "Pending");
    let update = json!({ "FunctionName": "f", "MemorySize": 256 });
    let write =
        |cloud: &mut Cloud| cloud.call("lambda", "UpdateFunctionConfiguration", update.clone());
    assert_eq!(code(write(&mut cloud)), "ResourceConflictException");
    cloud.at(Duration::from_secs(20));
    assert_eq!(write(&mut cloud).unwrap()["LastUpdateStatus"], "InProgress");
    assert_eq!(code(write(&mut cloud)), "ResourceConflictException");
}

/// docs/aws.md §11.
#[test]
fn a_deleted_secret_keeps_its_name() {
    for (mut cloud, is_strict) in [(at_once(), true), (lax(), false)] {
        let secret = json!({ "Name": "s", "SecretString": "{}" });
        cloud
            .call("secretsmanager", "CreateSecret", secret.clone())
            .unwrap();
        cloud
            .call("secretsmanager", "DeleteSecret", json!({ "SecretId": "s" }))
            .unwrap();
        assert_eq!(
            cloud
                .call("secretsmanager", "CreateSecret", secret)
                .is_err(),
            is_strict
        );
    }
}

/// docs/aws.md §1.1: lists and the index of tags learn late of what is new; a direct read does not.
#[test]
fn lists_lag_and_direct_reads_do_not() {
    let mut cloud = account(Strict::default());
    let id = pool(&mut cloud, json!({ "UserPoolTags": { "a": "b" } }));
    let listed = |cloud: &mut Cloud| {
        let pools = cloud.call(POOLS, "ListUserPools", json!({})).unwrap()["UserPools"]
            .as_array()
            .unwrap()
            .len();
        let tagged = cloud.call("tagging", "GetResources", json!({})).unwrap();
        (
            pools,
            tagged["ResourceTagMappingList"].as_array().unwrap().len(),
        )
    };
    assert_eq!(listed(&mut cloud), (0, 0));
    assert_eq!(described(&mut cloud, &id)["Name"], "p");
    cloud.at(Duration::from_secs(60));
    assert_eq!(listed(&mut cloud), (1, 1));
    cloud
        .call(POOLS, "DeleteUserPool", json!({ "UserPoolId": id }))
        .unwrap();
    assert_eq!(listed(&mut cloud), (0, 1));
}

/// docs/aws.md §2, §7, §8: and each service says so in its own words.
#[test]
fn the_documented_rates_are_kept() {
    let mut cloud = account(Strict {
        model: false,
        concurrency: false,
        ..Strict::default()
    });
    let (api, _) = api(&mut cloud);
    let deployments = vec![call(API, "CreateDeployment", json!({ "restApiId": api })); 2];
    let refusal = together(&mut cloud, &deployments)[1].clone().unwrap_err();
    assert_eq!(
        (refusal.status, refusal.code),
        (429, "TooManyRequestsException")
    );
    let id = pool(&mut cloud, json!({}));
    let groups = vec![call(POOLS, "ListGroups", json!({ "UserPoolId": id })); 6];
    let answers = together(&mut cloud, &groups);
    assert_eq!(answers.iter().filter(|it| it.is_err()).count(), 1);
    cloud.at(Duration::from_secs(1));
    assert!(together(&mut cloud, &groups[..5]).iter().all(Answer::is_ok));
}
