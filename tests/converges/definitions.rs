//! What is in a new API is made by one definition, and is then as if each thing had been made by itself.

use super::{
    applied::is_alike,
    cases, members,
    stacks::{Declares, stack},
    world::World,
};
use crate::support::wire::Verdict;
use aws_in_memory::{Cloud, Ignored};
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use std::{
    fmt::Write,
    sync::{Arc, Mutex},
};
use wsctl::aws::{Shown, Trace};

const DEFINITION: &str = "PUT /restapis/";

fn is_definition(operation: &str) -> bool {
    let path = operation.split('?').next().unwrap_or_default();
    path.strip_prefix(DEFINITION)
        .is_some_and(|it| !it.contains('/'))
}

/// The requests to API Gateway since the last look: how many, and how many of them were definitions.
fn asked_of_gateway(world: &World) -> (usize, usize) {
    let asked = world.wire.take();
    let all: Vec<_> = asked
        .iter()
        .filter(|it| it.asked.service == "apigateway")
        .map(|it| it.asked.operation.clone())
        .collect();
    (all.len(), all.iter().filter(|it| is_definition(it)).count())
}

/// An API with this many paths, each with three methods and a preflight.
fn large(paths: usize, more: &str) -> String {
    let mut text = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"
[user_pool]\nname = \"people\"\n[functions.f]\nname = \"f\"\nzip = \"users.zip\"
[api]\nname = \"large\"\n[api.stage]\nname = \"dev\"\n[api.cors]\norigins = [\"https://example.com\"]
[api.authorizers.people]\nname = \"people\"\n[api.routes]\n"
        .to_owned();
    for path in 0..paths {
        for method in ["GET", "POST", "DELETE"] {
            writeln!(
                text,
                "\"{method} /p{path}\" = {{ function = \"f\", authorizer = \"people\" }}"
            )
            .unwrap();
        }
    }
    text + more
}

#[test]
fn three_hundred_paths_with_three_methods_take_a_handful_of_requests() {
    let world = World::new();
    let text = large(300, "");
    world.apply(&text);
    let (made, definitions) = asked_of_gateway(&world);
    assert_eq!(definitions, 1);
    assert!(made <= 40, "{made} requests to make it");
    world.later();
    world.wire.take();
    assert!(world.plan(&text).unwrap().is_empty());
    let planned = world.wire.take().len();
    assert!(planned <= 22, "{planned} requests to look at it");
}

#[test]
fn into_an_api_that_has_something_nothing_is_merged() {
    let world = World::new();
    world.apply(&large(2, ""));
    assert_eq!(asked_of_gateway(&world).1, 1);
    world.later();
    let more = large(
        6,
        "\"GET /open\" = { function = \"f\", authorizer = \"none\" }\n",
    );
    world.apply(&more);
    assert_eq!(asked_of_gateway(&world).1, 0);
    world.is_settled(&more);
}

#[test]
fn in_an_api_of_somebody_elses_nothing_is_merged() {
    let world = World::new();
    world.somebody("apigateway", "CreateRestApi", json!({ "name": "large" }));
    world.later();
    let text = large(2, "")
        .replace("name = \"large\"\n", "name = \"large\"\nexisting = true\n")
        .replace("[api.cors]\norigins = [\"https://example.com\"]\n", "");
    world.apply(&text);
    assert_eq!(asked_of_gateway(&world).1, 0);
    world.is_settled(&text);
}

/// Both ways make the same.
fn is_as_by_single_requests(text: &str) {
    let (merged, single) = (World::new(), World::with(|it| it.no_definitions = true));
    for world in [&merged, &single] {
        world.apply(text);
        world.is_settled(text);
        world.is_innocent();
    }
    is_alike(&merged.owned(), &single.owned(), text);
}

#[test]
fn of_everything_that_can_be_declared_a_definition_makes_what_single_requests_do() {
    is_as_by_single_requests(members::text());
    is_as_by_single_requests(&large(
        2,
        "\"ANY /any\" = { function = \"f\", authorizer = \"AWS_IAM\", api_key_required = true }\n",
    ));
}

proptest! {
    #![proptest_config(cases(20))]
    #[test]
    fn a_definition_makes_of_any_stack_what_single_requests_do(choices in vec(any::<u8>(), 200)) {
        is_as_by_single_requests(&stack(&choices, Declares::All));
    }
}

#[test]
fn whoever_may_not_send_one_makes_an_api_by_single_requests() {
    for (status, code) in [
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
        (400, "BadRequestException"),
        (400, "UnknownOperationException"),
    ] {
        static TOLD: Mutex<String> = Mutex::new(String::new());
        let shown = Shown {
            bodies: false,
            tell: |line| TOLD.lock().unwrap().extend([line, "\n"]),
        };
        let mut world = World::new();
        world.trace = Some(Arc::new(Trace::told(shown)));
        world
            .wire
            .on(move |asked| match is_definition(&asked.operation) {
                true => Verdict::refusal(status, code),
                false => Verdict::Pass,
            });
        let text = large(3, "");
        world.apply(&text);
        world.is_settled(&text);
        let told = std::mem::take(&mut *TOLD.lock().unwrap());
        let why = format!(
            "api: its definition is refused, so single requests make what is in it: apigateway:PutRestApi: {code}"
        );
        assert!(told.contains(&why), "{told}");
    }
}

#[test]
fn one_whose_answer_is_lost_is_not_made_twice() {
    for verdict in [
        || Verdict::LoseReply,
        || Verdict::RefuseConnection,
        || Verdict::FailAfter(500),
        || Verdict::Repeat,
    ] {
        let world = World::new();
        let mut is_first = true;
        world.wire.on(move |asked| {
            let is_due = is_definition(&asked.operation);
            match is_due && std::mem::take(&mut is_first) {
                true => verdict(),
                false => Verdict::Pass,
            }
        });
        let text = large(3, "");
        world.apply(&text);
        let writes = world.writes();
        world.is_settled(&text);
        let fresh = World::new();
        fresh.apply(&text);
        is_alike(&world.owned(), &fresh.owned(), &text);
        let made_alone = |it: &&String| it.contains("/resources/");
        assert_eq!(writes.iter().find(made_alone), None, "{writes:#?}");
        assert!(writes.iter().filter(|it| is_definition(it)).count() <= 2);
    }
}

/// A service may take a definition, and leave out what it does not know.
#[test]
fn what_a_definition_does_not_make_is_made_by_itself() {
    let text = &large(2, "");
    let fresh = World::new();
    fresh.edit(|cloud| cloud.written = Some(vec![]));
    fresh.apply(text);
    let written = fresh.cloud().written.unwrap_or_default();
    let mut definitions = written.iter().filter(|it| it.operation == "PutRestApi");
    let definition = definitions.next().unwrap();
    let members = Ignored::all(&definition.name(), &definition.input);
    // For what a preflight takes its request is not declared.
    let is_declared = |it: &Ignored| it.member.last().is_some_and(|it| it != "contentHandling");
    let is_told =
        |it: &&Ignored| it.member.first().is_some_and(|it| it == "body") && is_declared(it);
    for left_out in members.iter().filter(is_told) {
        let world = World::with(|it| it.ignores = Some(left_out.clone()));
        world.apply(text);
        world.is_settled(text);
        is_alike(&world.owned(), &fresh.owned(), &format!("{left_out:?}"));
    }
    assert!(members.len() > 50);
}

/// A service may read more out of a definition than it says, such as a path's parameters, which no file declares.
#[test]
fn what_a_definition_makes_beyond_what_was_declared_is_taken_away_again() {
    let text = &large(
        2,
        "\"GET /p/{id}\" = { function = \"f\", authorizer = \"people\" }\n",
    );
    let (world, fresh) = (World::new(), World::new());
    let (memory, mut is_due) = (world.memory(), false);
    world.wire.on(move |asked| {
        let looks = asked.operation.starts_with("GET ") && asked.operation.contains("/resources");
        if looks && std::mem::take(&mut is_due) {
            require_parameters(&mut memory.cloud());
        }
        is_due |= is_definition(&asked.operation);
        Verdict::Pass
    });
    world.apply(text);
    world.is_settled(text);
    fresh.apply(text);
    is_alike(&world.owned(), &fresh.owned(), text);
}

/// Makes the parameters of each path parameters of its methods.
fn require_parameters(cloud: &mut Cloud) {
    let apis = cloud.call("apigateway", "GetRestApis", json!({})).unwrap();
    let api = &apis["item"][0]["id"];
    let asked = json!({ "restApiId": api });
    let all = cloud.call("apigateway", "GetResources", asked).unwrap();
    let resources = all["item"].as_array().unwrap();
    let with_id = resources.iter().filter(|it| it["pathPart"] == "{id}");
    let mut count = 0;
    for resource in with_id {
        let patch = json!({ "op": "add", "path": "/requestParameters/method.request.path.id", "value": "true" });
        let input = json!({
            "restApiId": api, "resourceId": resource["id"], "httpMethod": "GET", "patchOperations": [patch],
        });
        cloud.call("apigateway", "UpdateMethod", input).unwrap();
        count += 1;
    }
    assert_eq!(count, 1);
}
