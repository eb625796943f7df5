//! The tests' own tools: the wire, and moto's accounts.

use crate::{
    support,
    support::wire::{Verdict, Wire},
};
use wsctl::{
    aws::{Aws, Credentials, Target, emulators_keys},
    error::ErrorKind,
};

async fn create(aws: &Aws, name: &str) -> wsctl::error::Result<()> {
    let send = || aws.cognito.create_user_pool().pool_name(name).send();
    aws.create("cognito-idp:CreateUserPool", send)
        .await
        .map(|_| ())
}

async fn pools(aws: &Aws) -> usize {
    aws.cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap()
        .user_pools()
        .len()
}

#[tokio::test]
async fn every_request_is_noted_with_its_name_and_body() {
    let (wire, client) = Wire::new();
    let aws = support::connect(support::account(), Some(client)).await;
    create(&aws, "users").await.unwrap();
    aws.apigateway.get_rest_apis().send().await.unwrap();
    aws.lambda.list_functions().send().await.unwrap();
    aws.sts.get_caller_identity().send().await.unwrap();
    let taken = wire.take();
    let names: Vec<_> = taken
        .iter()
        .map(|it| (it.asked.name(), it.asked.writes(), it.status))
        .collect();
    let expected = [
        ("cognito-idp:CreateUserPool", true),
        ("apigateway:GET /restapis", false),
        ("lambda:GET /2015-03-31/functions", false),
        ("sts:GetCallerIdentity", false),
    ];
    assert_eq!(
        names,
        expected.map(|(name, writes)| (name.to_owned(), writes, Some(200)))
    );
    assert!(
        taken[0].asked.body.contains(r#""PoolName":"users""#),
        "{}",
        taken[0].asked.body
    );
    assert!(wire.take().is_empty());
}

#[tokio::test]
async fn a_lost_reply_is_a_request_that_took_effect() {
    let (wire, client) = Wire::new();
    let aws = support::connect(support::account(), Some(client)).await;
    wire.on(|it| {
        if it.writes() {
            Verdict::LoseReply
        } else {
            Verdict::Pass
        }
    });
    assert_eq!(
        create(&aws, "users").await.unwrap_err().kind,
        ErrorKind::Ambiguous
    );
    assert_eq!(pools(&aws).await, 1);
    assert_eq!(wire.take()[0].status, None);
}

#[tokio::test]
async fn a_refused_connection_is_a_request_that_did_not() {
    let (wire, client) = Wire::new();
    let aws = support::connect(support::account(), Some(client)).await;
    wire.on(|it| {
        if it.writes() {
            Verdict::RefuseConnection
        } else {
            Verdict::Pass
        }
    });
    assert!(create(&aws, "users").await.is_err());
    assert_eq!(pools(&aws).await, 0);
}

#[tokio::test]
async fn an_answer_of_the_tests_own_is_what_the_sdk_sees() {
    let (wire, client) = Wire::new();
    let aws = support::connect(support::account(), Some(client)).await;
    wire.on(|_| {
        let header = (
            "x-amzn-errortype".to_owned(),
            "LimitExceededException".to_owned(),
        );
        Verdict::Answer(
            400,
            r#"{"message":"no more pools"}"#.to_owned(),
            vec![header],
        )
    });
    let error = create(&aws, "users").await.unwrap_err();
    assert!(error.has_code("LimitExceededException"), "{error}");
    assert!(error.to_string().contains("no more pools"), "{error}");
    assert_eq!(wire.take()[0].status, Some(400));
}

async fn moto_account(account: &str) -> Aws {
    let (wire, client) = Wire::new();
    wire.in_moto_account(account);
    let target = Target {
        region: support::REGION.into(),
        endpoint_url: Some(support::moto().await.into()),
        credentials: Credentials::Emulator(emulators_keys(account, "test")),
        http_client: Some(client),
        ..Target::default()
    };
    Aws::connect(target).await
}

#[tokio::test]
async fn accounts_of_moto_are_apart() {
    let (one, other) = (
        moto_account("111111111111").await,
        moto_account("222222222222").await,
    );
    create(&one, "users").await.unwrap();
    assert_eq!((pools(&one).await, pools(&other).await), (1, 0));
}
