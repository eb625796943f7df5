//! An apply says "done" only of what AWS took: whatever member of whatever write is answered with success
//! and ignored, the run fails and names it.

use super::{
    faults::shapes,
    world::{World, models, whole},
};
use crate::support::wire::Verdict;
use aws_in_memory::{Cloud, Ignored, call::Call};
use serde_json::json;
use std::{cell::RefCell, collections::BTreeSet, time::Duration};
use wsctl::{
    engine::{Outcome, Report},
    plan::{Action, Plan},
};

/// The writes of an apply, and what is there before it.
fn writes(start: &Cloud, text: &str) -> Vec<Call> {
    let world = World::of(start.clone());
    world.edit(|cloud| cloud.written = Some(vec![]));
    world.apply(text);
    world.cloud().written.unwrap()
}

/// A member whatever its position and whatever names are in its place.
fn sort(ignored: &Ignored) -> String {
    let is_index = |part: &String| part.bytes().all(|it| it.is_ascii_digit());
    let parts: Vec<_> = ignored
        .member
        .iter()
        .map(|part| if is_index(part) { "*" } else { part.as_str() })
        .collect();
    format!("{} {}", ignored.operation, parts.join(" "))
}

fn failures(report: &Report) -> Vec<(String, String)> {
    let failed = report.results.iter().filter_map(|it| match &it.outcome {
        Outcome::Failed(error) => Some((it.address.to_string(), error.to_string())),
        _ => None,
    });
    failed.collect()
}

/// Whether a failure names what the plan still has to do: the address, and of an update a field.
fn is_named(plan: &Plan, failures: &[(String, String)]) -> bool {
    plan.steps.iter().any(|step| {
        failures.iter().any(|(address, told)| {
            let names = |path: &String| told.contains(path.as_str());
            *address == step.address.to_string()
                && (step.action != Action::Update || step.shown().iter().any(|it| names(&it.path)))
        })
    })
}

/// Whether AWS took all the same: what is ignored is as it would be anyway.
fn applied(start: &Cloud, text: &str, ignored: &Ignored) -> bool {
    let world = World::of(start.clone());
    world.edit(|cloud| cloud.strict.ignores = Some(ignored.clone()));
    let report = world.try_apply(text);
    world.later();
    let plan = world.plan(text);
    let is_settled = plan.as_ref().is_ok_and(Plan::is_empty);
    let why = || format!("{ignored:?}\n{text}");
    match (&report, &plan) {
        (Ok(report), _) if report.is_complete() => assert!(
            is_settled,
            "done, and the plan is {:#?}\n{}",
            plan.map(|it| crate::support::story::told(&it))
                .map_err(|it| it.to_string()),
            why()
        ),
        // Another refusal than that of the proof needs no name: it is AWS's own.
        (Ok(report), Ok(plan)) => {
            let failures = failures(report);
            let is_proof = |told: &str| told.contains("AWS answered that it is done");
            let only_proof =
                !failures.is_empty() && failures.iter().all(|(_, told)| is_proof(told));
            assert!(
                !only_proof || is_settled || is_named(plan, &failures),
                "{failures:#?} does not name any of {:#?}\n{}",
                crate::support::story::told(plan),
                why()
            );
            assert!(
                !is_settled,
                "{failures:#?} failed, though nothing is left to do\n{}",
                why()
            );
        }
        _ => {}
    }
    is_settled
}

/// Which of two tests that run side by side has it.
fn half_of(text: &str) -> usize {
    text.bytes()
        .fold(0, |sum: usize, byte| sum + usize::from(byte))
        % 2
}

/// Every member of every write, once; each half of them, so that two run side by side.
fn whatever_is_ignored(half: usize) {
    let (met, told) = (RefCell::new(BTreeSet::new()), RefCell::new([0; 2]));
    let try_all = |start: &Cloud, text: &str| {
        for call in writes(start, text) {
            // What the model requires, AWS insists on.
            let is_required = |it: &Ignored| {
                !models()
                    .faults(&call.service, &call.operation, &it.without(&call.input))
                    .is_empty()
            };
            let all = Ignored::all(&call.name(), &call.input).into_iter();
            for ignored in all.filter(|it| !is_required(it)) {
                let sort = sort(&ignored);
                if half_of(&sort) == half && met.borrow_mut().insert(sort) {
                    told.borrow_mut()[usize::from(applied(start, text, &ignored))] += 1;
                }
            }
        }
    };
    for (base, changed, replaced) in shapes() {
        let empty = World::new();
        try_all(&empty.cloud(), &base);
        whole(empty.try_apply(&base), &base);
        empty.later();
        try_all(&empty.cloud(), &changed);
        try_all(&empty.cloud(), &replaced);
    }
    let [not_taken, as_well] = *told.borrow();
    println!("{not_taken} ignored members were told of, {as_well} made no difference");
    assert!(not_taken > 50, "{not_taken}");
}

#[test]
fn whatever_member_is_ignored_in_one_half() {
    whatever_is_ignored(0);
}

#[test]
fn whatever_member_is_ignored_in_the_other_half() {
    whatever_is_ignored(1);
}

const FUNCTION: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n
[functions.one]\nname = \"one\"\nzip = \"users.zip\"\n";

#[test]
fn a_policy_that_somebody_attached_to_the_functions_role_is_taken_off() {
    let world = World::new();
    world.apply(FUNCTION);
    world.later();
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let role = json!({ "RoleName": "one-eu-west-1", "PolicyArn": policy });
    world.somebody("iam", "AttachRolePolicy", role);
    world.writes();
    world.apply(FUNCTION);
    assert_eq!(world.writes(), ["iam:DetachRolePolicy"]);
    world.is_settled(FUNCTION);
}

/// The failure of a step, its hint, and how long the run took.
fn failed(world: &World, text: &str, address: &str) -> (String, String, Duration) {
    let started = world.memory().clock().elapsed();
    let report = world.try_apply(text).unwrap();
    let took = world.memory().clock().elapsed() - started;
    let mut results = report
        .results
        .into_iter()
        .filter(|it| it.address.to_string() == address);
    let failed = results.find_map(|it| match it.outcome {
        Outcome::Failed(error) => Some((error.to_string(), error.hint.unwrap_or_default(), took)),
        _ => None,
    });
    failed.unwrap()
}

#[test]
fn an_api_that_is_gone_is_not_taken_for_a_busy_one() {
    let text = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"made\"\n
[functions.one]\nname = \"one\"\nzip = \"users.zip\"\n[api]\nname = \"made\"\n
[api.stage]\nname = \"dev\"\n[api.authorizers.pool]\nname = \"Pool\"\n
[api.routes]\n\"GET /users\" = { function = \"one\", authorizer = \"pool\" }\n";
    let world = World::new();
    let memory = world.memory();
    world.wire.on(move |asked| {
        if asked.operation.ends_with("/authorizers") && asked.writes() {
            let api = asked.operation.split('/').nth(2).unwrap().to_owned();
            let _ = memory
                .cloud()
                .call("apigateway", "DeleteRestApi", json!({ "restApiId": api }));
        }
        Verdict::Pass
    });
    let (error, hint, took) = failed(&world, text, "api.authorizers.pool");
    assert!(
        error.contains("api is gone: somebody deleted it meanwhile"),
        "{error}"
    );
    assert!(
        hint.contains("wsctl plan") && took < Duration::from_secs(60),
        "{hint}, after {took:?}"
    );
    world.wire.on(|_| Verdict::Pass);
    world.later();
    world.apply(text);
    world.is_settled(text);
}

#[test]
fn a_role_of_somebody_elses_that_does_not_trust_lambda_is_told_of_at_once() {
    let world = World::new();
    let role = "arn:aws:iam::123456789012:role/mine";
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "ec2.amazonaws.com" } }] });
    let input = json!({ "RoleName": "mine", "AssumeRolePolicyDocument": trust.to_string() });
    world.somebody("iam", "CreateRole", input);
    let (error, hint, took) = failed(
        &world,
        &format!("{FUNCTION}role = {role:?}\n"),
        "functions.one",
    );
    assert!(error.contains("cannot be assumed by Lambda"), "{error}");
    assert!(
        hint.contains("trust policy") && took < Duration::from_secs(30),
        "{hint}, after {took:?}"
    );
}
