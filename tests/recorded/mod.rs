//! What AWS said, kept: traces (`wsctl --trace FILE`) replayed through the readers and the planner. A
//! report of a fault becomes a test here: its file, the stack.toml that goes with it, and what the
//! plan has to be.
//!
//! The files here were made over the AWS in memory, by `WSCTL_RECORD=1 cargo test --test converges
//! recorded`, in shapes in which the real AWS was seen to answer, or may.

mod account;
mod probes;
mod real;
mod replay;
mod shapes;

use crate::{
    converges::{reading::make_empty_templates, world::World},
    support::story::told,
};
use aws_in_memory::Strict;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use proptest::prelude::*;
use replay::Replay;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use wsctl::aws::Trace;

const STACK: &str = include_str!("stack.toml");

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recorded")
        .join(format!("{name}.jsonl"))
}

/// The text of a trace that is kept, made anew first where that is asked for.
fn kept(name: &str, make: impl FnOnce(&mut World)) -> String {
    let path = file(name);
    if std::env::var_os("WSCTL_RECORD").is_some() {
        let _ = fs::remove_file(&path);
        fs::write(&path, traced(make)).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is written down of this.
fn traced(make: impl FnOnce(&mut World)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    let mut world = World::new();
    make(&mut world);
    world.trace = Some(Arc::new(Trace::create(&path).unwrap()));
    world.plan(STACK).unwrap();
    fs::read_to_string(&path).unwrap()
}

/// The stack applied, in an AWS that answers otherwise.
fn applied(world: &mut World, otherwise: impl FnOnce(&mut Strict)) {
    world.apply(STACK);
    world.later();
    world.edit(|cloud| otherwise(&mut cloud.strict));
}

/// The plan over a trace, in words.
fn plan(trace: &str) -> Vec<String> {
    // The masks of a function's variables stand in the trace, and their names in the file.
    let text = STACK.replace(
        "MODE = \"one\"",
        &format!("MODE = {:?}", variable(trace, "MODE")),
    );
    let plan = |trace: &str| {
        World::over(SharedHttpClient::new(Replay::of(trace)))
            .plan(&text)
            .unwrap()
    };
    // A deployment's digest is one of ids, and they are masked: it is worked out anew, so that nothing
    // else may differ.
    let first = plan(trace);
    let digest = first
        .steps
        .iter()
        .flat_map(|it| &it.changes)
        .find(|it| it.path == "deployment");
    let Some(digest) = digest else {
        return told(&first);
    };
    let mark = |digest: &Value| format!("(wsctl:{})", digest.as_str().unwrap());
    told(&plan(
        &trace.replace(&mark(&digest.old), &mark(&digest.new)),
    ))
}

fn lines(trace: &str) -> Vec<Value> {
    trace
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What stands for a variable of the function.
fn variable(trace: &str, name: &str) -> String {
    let found = lines(trace).iter().find_map(|line| {
        Some(
            line["answer"]["Configuration"]["Environment"]["Variables"][name]
                .as_str()?
                .to_owned(),
        )
    });
    found.unwrap()
}

#[test]
fn a_whole_stack_is_as_declared() {
    let trace = kept("whole", |world| applied(world, |_| {}));
    assert_eq!(plan(&trace), Vec::<String>::new());
}

#[test]
fn an_embed_without_integrations_is_no_missing_route() {
    let trace = kept("incomplete", |world| {
        applied(world, |strict| strict.incomplete = Some(3))
    });
    let operations: BTreeSet<_> = lines(&trace)
        .iter()
        .map(|it| it["op"].as_str().unwrap().to_owned())
        .collect();
    assert!(operations.contains("GetMethod"), "{operations:?}");
    assert_eq!(plan(&trace), Vec::<String>::new());
}

#[test]
fn another_order_and_blocks_without_anything_are_nothing_new() {
    let trace = kept("varied", |world| {
        applied(world, |strict| strict.varied = Some(3))
    });
    assert!(trace.contains("MemberOfTomorrow") && trace.contains("{}"));
    assert_eq!(plan(&trace), Vec::<String>::new());
}

#[test]
fn a_template_that_reads_as_null_is_somebody_elses_route_and_no_more() {
    let trace = kept("null_template", |world| {
        applied(world, |_| {});
        make_empty_templates(world);
    });
    assert!(trace.contains("\"application/json\":null"), "{trace}");
    let told = plan(&trace);
    assert!(
        told.iter().any(|it| it == "Delete api.routes.\"GET /\""),
        "{told:?}"
    );
    assert!(!told.iter().any(|it| it.contains("/users")), "{told:?}");
}

/// What may not be told of an account, gathered from what went over the wire and what is there.
fn canaries(world: &World) -> BTreeSet<String> {
    let mut found = BTreeSet::from([crate::converges::world::ACCOUNT.to_owned()]);
    let mut see = |value: &Value| {
        let text = value.as_str().filter(|it| it.len() >= 6);
        found.extend(text.map(ToOwned::to_owned));
    };
    for exchange in world.wire.take() {
        let body: Value = serde_json::from_str(&exchange.asked.body).unwrap_or_default();
        for name in [
            "SecretString",
            "ClientRequestToken",
            "UserPoolId",
            "ClientId",
        ] {
            see(&body[name]);
        }
        body["Environment"]["Variables"]
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, it)| see(it));
        let secret: Value = serde_json::from_str(body["SecretString"].as_str().unwrap_or_default())
            .unwrap_or_default();
        secret
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, it)| see(it));
    }
    let cloud = world.cloud();
    for index in 0..3 {
        for name in [format!("made-{index}"), format!("renamed-{index}")] {
            see(&cloud.client_field(&name, "ClientSecret"));
        }
    }
    // A variable may hold an ARN, or a name, which stand in other places too.
    found.retain(|it| !it.starts_with("arn:") && it != "other");
    found
}

proptest! {
    #![proptest_config(crate::converges::cases(40))]
    #[test]
    fn no_trace_of_any_stack_tells_a_secret_an_account_or_an_id(choices in crate::converges::choices()) {
        let text = crate::converges::stacks::stack(&choices, crate::converges::stacks::Declares::Some);
        let text = text.replace("MODE = \"", "MODE = \"canary \\\"quoted\\\" ");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let mut world = World::new();
        world.trace = Some(Arc::new(Trace::create(&path).unwrap()));
        world.apply(&text);
        world.later();
        world.plan(&text).unwrap();
        let mut hidden = canaries(&world);
        // What AWS refuses it may quote.
        world.wire.on(|it| match it.operation.starts_with("PUT /2015-03-31/functions") {
            true => crate::support::wire::Verdict::Answer(400, json!({ "message": it.body }).to_string(), vec![]),
            false => crate::support::wire::Verdict::Pass,
        });
        let _ = world.try_apply(&text.replace("canary", "canary-2"));
        hidden.extend(canaries(&world));
        hidden.insert("canary".into());
        let trace = fs::read_to_string(&path).unwrap();
        let sent = lines(&trace);
        prop_assert!(sent.len() > 3);
        for line in &sent {
            let has_parts = ["op", "service", "ms", "request", "status", "answer"].iter().all(|it| line.get(it).is_some());
            prop_assert!(has_parts, "{line}");
        }
        let seen: Vec<_> = hidden.iter().filter(|it| trace.contains(it.as_str())).collect();
        prop_assert!(seen.is_empty(), "{seen:?} in\n{trace}");
    }
}
