//! What no published model allows is refused, and held against whoever sent it.

use super::world::{ACCOUNT, models};
use crate::support::REGION;
use aws_in_memory::{Cloud, Strict, call::Call};
use serde_json::{Value, json};

/// One input of each sort of fault, and what is said of it.
fn faulty() -> [(&'static str, &'static str, Value, &'static str); 8] {
    let long = "x".repeat(129);
    [
        (
            "cognito-idp",
            "CreateUserPool",
            json!({}),
            ".PoolName is missing",
        ),
        (
            "cognito-idp",
            "CreateUserPool",
            json!({ "PoolName": long }),
            "length 129 is not within",
        ),
        (
            "cognito-idp",
            "DescribeUserPool",
            json!({ "UserPoolId": "p 1" }),
            "does not match",
        ),
        (
            "cognito-idp",
            "CreateUserPool",
            json!({ "PoolName": "p", "UserPoolTier": "GOLD" }),
            "GOLD is none of",
        ),
        (
            "cognito-idp",
            "ListGroups",
            json!({ "UserPoolId": "eu-west-1_a", "Limit": 61 }),
            "value 61",
        ),
        (
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": ["a"] }),
            "is no string",
        ),
        // What only creation sets is in no update (docs/aws.md §2, §3).
        (
            "cognito-idp",
            "UpdateUserPool",
            json!({ "UserPoolId": "eu-west-1_a", "UsernameAttributes": ["email"] }),
            ".UsernameAttributes is not in the model",
        ),
        (
            "cognito-idp",
            "UpdateUserPoolClient",
            json!({ "UserPoolId": "eu-west-1_a", "ClientId": "a", "GenerateSecret": true }),
            ".GenerateSecret is not in the model",
        ),
    ]
}

#[test]
fn what_no_model_allows_is_refused_and_what_only_creation_sets_is_in_no_update() {
    for (service, operation, input, fault) in faulty() {
        let call = Call {
            service: service.into(),
            operation: operation.into(),
            input: input.as_object().unwrap().clone(),
        };
        let arrives = |strict| {
            let mut cloud = Cloud::new(ACCOUNT, REGION, strict);
            let refusal = cloud.arrive(models(), &call).err();
            (refusal.map(|it| it.message), cloud.wrongs.len())
        };
        let (refusal, wrongs) = arrives(Strict::default());
        let message = refusal.unwrap_or_default();
        assert!(
            message.contains(fault),
            "{operation}: no {fault:?} in {message:?}"
        );
        assert_eq!(wrongs, 1);
        assert_eq!(
            arrives(Strict::lax()),
            (None, 0),
            "{operation}, with the switch off"
        );
    }
}
