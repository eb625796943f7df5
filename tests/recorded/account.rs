//! What no document tells of AWS, asked of a real account: one small probe a question, in things of its
//! own that it deletes afterwards, also after a failure.
//!
//! `WSCTL_REGION=eu-west-1 cargo test --test converges a_real_account -- --ignored --nocapture`, with
//! the credentials of an account for trials. It takes a few minutes, most of them for AWS's index of
//! tags, and costs nothing: pools without users, an API that nobody calls, no function.

use super::probes::{self, Bench};
use crate::support;
use std::sync::Arc;
use wsctl::aws::{Aws, Credentials, Target, default_region};

#[tokio::test]
#[ignore = "needs AWS credentials"]
async fn a_real_account_answers_what_is_still_open() {
    let region = match std::env::var("WSCTL_REGION") {
        Ok(region) => region,
        Err(_) => default_region(None)
            .await
            .expect("WSCTL_REGION, or a region in AWS's configuration"),
    };
    let target = Target {
        region,
        credentials: Credentials::Chain,
        ..Target::default()
    };
    let told = answers(Arc::new(Aws::connect(target).await)).await;
    let unanswered: Vec<_> = told.iter().filter(|it| it.1.is_err()).collect();
    assert!(unanswered.is_empty(), "{unanswered:#?}");
}

/// The same code in an emulator, whose answers say nothing of AWS: what it makes is gone afterwards.
#[tokio::test]
async fn the_questions_to_a_real_account_are_rehearsed_in_an_emulator() {
    let aws = support::aws().await;
    let told = answers(Arc::clone(&aws)).await;
    let answered = told.iter().filter(|it| it.1.is_ok()).count();
    assert!(answered >= 8, "{told:#?}");
    let pools = aws
        .cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap();
    let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
    assert_eq!(
        (pools.user_pools().len(), apis.items().len()),
        (0, 0),
        "something is left"
    );
}

/// Asks every question, prints what was answered, and takes away what was made for it.
async fn answers(aws: Arc<Aws>) -> Vec<(&'static str, Result<String, String>)> {
    let bench = Arc::new(Bench::new(aws));
    let mut told = vec![];
    match bench.set_up().await {
        Ok(()) => {
            for (question, probe) in probes::all() {
                // In a task of its own, so that a probe that panics does not keep the end from coming.
                let answer = tokio::spawn(probe(Arc::clone(&bench))).await;
                told.push((
                    question,
                    answer.unwrap_or_else(|error| Err(error.to_string())),
                ));
            }
        }
        Err(error) => told.push(("the things to ask with", Err(error))),
    }
    let left = bench.clean_up().await;
    for (question, answer) in &told {
        match answer {
            Ok(answer) => println!("{question}\n    {answer}"),
            Err(error) => println!("{question}\n    not answered: {error}"),
        }
    }
    probes::LEFT_OUT
        .iter()
        .for_each(|(question, why)| println!("{question}\n    not asked: {why}"));
    assert!(left.is_empty(), "delete these by hand: {left:#?}");
    told
}
