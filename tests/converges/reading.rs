//! Answers are understood whatever their order, with nulls, with blocks that are empty and with what no
//! model has yet; what one leaves out is asked for before it is called missing; one that cannot be
//! read says why.

use super::{
    applied::is_alike,
    cases, choices,
    stacks::{Declares, stack},
    world::World,
};
use crate::support::wire::Verdict;
use aws_in_memory::Strict;
use proptest::prelude::*;
use serde_json::json;
use wsctl::engine::Outcome;

/// An apply comes to the same in an AWS that answers otherwise, and so does a destroy.
fn comes_to_the_same(choices: &[u8], otherwise: impl FnOnce(&mut Strict)) {
    let text = stack(choices, Declares::Some);
    let (plain, other) = (World::new(), World::with(otherwise));
    plain.apply(&text);
    other.apply(&text);
    other.is_settled(&text);
    is_alike(&other.owned(), &plain.owned(), &text);
    other.writes();
    let again = other.try_apply(&text).unwrap();
    assert!(again.results.is_empty(), "{:#?}\n{text}", again.results);
    assert_eq!(other.writes(), Vec::<String>::new(), "{text}");
    let (names, none) = (other.names(), World::new().names());
    assert_ne!(names, none, "{text}");
}

proptest! {
    #![proptest_config(cases(60))]
    #[test]
    fn answers_in_another_order_with_nulls_and_empty_blocks_come_to_the_same(
        choices in choices(),
        seed in any::<u64>(),
    ) {
        comes_to_the_same(&choices, |strict| strict.varied = Some(seed));
    }

    #[test]
    fn what_lists_and_embeds_leave_out_is_asked_for(choices in choices(), seed in any::<u64>()) {
        comes_to_the_same(&choices, |strict| strict.incomplete = Some(seed));
    }

    #[test]
    fn both_at_once_come_to_the_same(choices in choices(), seed in any::<u64>()) {
        comes_to_the_same(&choices, |strict| {
            strict.varied = Some(seed);
            strict.incomplete = Some(seed);
        });
    }
}

/// The requests that only ask for what a list left out.
const AFTER_ALL: [&str; 4] = ["/methods/", "/authorizers/", "/deployments/", "/restapis/"];

fn asked_after_all(world: &World, text: &str) -> usize {
    world.wire.take();
    world.plan(text).unwrap();
    let asked = world.wire.take();
    let of_one = |it: &str| {
        let path = it.split('?').next().unwrap_or_default();
        // One thing of a list has its id at the end.
        AFTER_ALL.iter().any(|list| {
            path.rsplit_once('/')
                .is_some_and(|(head, _)| format!("{head}/").ends_with(list))
        })
    };
    asked
        .iter()
        .filter(|it| it.asked.service == "apigateway" && of_one(&it.asked.operation))
        .count()
}

const API: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"
[user_pool]\nname = \"made\"\n[user_pool.clients.web]\nname = \"web\"
[functions.users]\nname = \"users\"\nzip = \"users.zip\"
[api]\nname = \"made\"\n[api.cors]\norigins = [\"https://example.com\"]\n[api.stage]\nname = \"dev\"
[api.authorizers.pool]\nname = \"pool\"
[api.routes]\n\"GET /users\" = { function = \"users\", authorizer = \"pool\" }
\"GET /users/{id}\" = { function = \"users\", authorizer = \"pool\" }\n";

#[test]
fn nothing_is_asked_twice_where_lists_are_whole() {
    let world = World::new();
    world.apply(API);
    world.later();
    assert_eq!(asked_after_all(&world, API), 0);
    world.edit(|cloud| cloud.strict.incomplete = Some(1));
    assert!(asked_after_all(&world, API) > 0);
    world.is_settled(API);
}

#[test]
fn a_creation_whose_answer_names_nothing_is_an_error_and_the_next_apply_finds_what_it_made() {
    // Without definitions each thing is created by itself.
    let account = || World::with(|it| it.no_definitions = true);
    let plain = account();
    plain.apply(API);
    let writes = plain.writes().len();
    let mut refused = vec![];
    for nth in 0..writes {
        let world = account();
        let mut seen = 0;
        world.wire.on(move |asked| {
            seen += usize::from(asked.writes());
            match asked.writes() && seen == nth + 1 {
                true => Verdict::Alter(Box::new(without_ids)),
                false => Verdict::Pass,
            }
        });
        let first = world.try_apply(API);
        world.wire.on(|_| Verdict::Pass);
        if let Ok(report) = &first {
            let said = report.results.iter().filter_map(|it| match &it.outcome {
                Outcome::Failed(error) => Some(error.to_string()),
                _ => None,
            });
            refused.extend(said);
        }
        world.later();
        world.apply(API);
        world.is_settled(API);
        is_alike(&world.owned(), &plain.owned(), API);
    }
    let is_told = |it: &&String| it.contains("the answer does not say what was made");
    assert!(refused.iter().filter(is_told).count() >= 7, "{refused:#?}");
}

/// An answer in JSON without what names the thing; XML stays as it is.
fn without_ids(body: String) -> String {
    let Ok(mut tree) = serde_json::from_str::<serde_json::Value>(&body) else {
        return body;
    };
    let names = ["id", "ARN", "FunctionArn", "ClientId"];
    let inner = if tree["UserPoolClient"].is_object() {
        &mut tree["UserPoolClient"]
    } else {
        &mut tree
    };
    if let Some(map) = inner.as_object_mut() {
        map.retain(|key, _| !names.contains(&key.as_str()));
    }
    tree.to_string()
}

/// The id of the one API, and of its root.
fn api(world: &World) -> (String, String) {
    let mut cloud = world.cloud();
    let apis = cloud.call("apigateway", "GetRestApis", json!({})).unwrap();
    let text = |name: &str| apis["item"][0][name].as_str().unwrap().to_owned();
    (text("id"), text("rootResourceId"))
}

/// Somebody makes a route of the one API, `GET /`, with empty mapping templates.
pub(crate) fn make_empty_templates(world: &World) {
    let (api, root) = api(world);
    let at = json!({ "restApiId": api, "resourceId": root, "httpMethod": "GET" });
    let with = |more: serde_json::Value| {
        let mut input = at.clone();
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        input
    };
    let empty = json!({ "application/json": "", "text/plain": "x" });
    world.somebody(
        "apigateway",
        "PutMethod",
        with(json!({ "authorizationType": "AWS_IAM" })),
    );
    let integration = with(json!({ "type": "MOCK", "requestTemplates": empty }));
    world.somebody("apigateway", "PutIntegration", integration);
    world.somebody(
        "apigateway",
        "PutMethodResponse",
        with(json!({ "statusCode": "200" })),
    );
    let response = with(json!({ "statusCode": "200", "responseTemplates": empty }));
    world.somebody("apigateway", "PutIntegrationResponse", response);
    let mut cloud = world.cloud();
    let read = cloud
        .call("apigateway", "GetMethod", at)
        .unwrap()
        .to_string();
    assert_eq!(
        read.matches("\"application/json\":null").count(),
        2,
        "{read}"
    );
}

#[test]
fn an_empty_mapping_template_which_reads_as_null_hides_nothing_of_the_api() {
    let world = World::new();
    world.apply(API);
    make_empty_templates(&world);
    world.later();
    let plan = world.plan(API).unwrap();
    let told = crate::support::story::told(&plan);
    assert!(!told.iter().any(|it| it.contains("/users")), "{told:?}");
}

/// Plans while one operation is answered so.
fn refused(operation: &'static str, status: u16, body: &'static str) -> wsctl::error::Error {
    let world = World::new();
    world.apply(API);
    world.later();
    world
        .wire
        .on(move |it| match it.operation.starts_with(operation) {
            true => Verdict::Answer(status, body.to_owned(), vec![]),
            false => Verdict::Pass,
        });
    world
        .plan(API)
        .err()
        .unwrap_or_else(|| panic!("{operation} {body}: a plan in spite of it"))
}

#[test]
fn an_answer_that_cannot_be_read_names_its_operation_and_what_is_wrong_with_it() {
    for (request, name, body) in [
        (
            "GET /restapis?",
            "apigateway:GetRestApis",
            "{\"item\": [{\"id\": \"a\"",
        ),
        (
            "GET /restapis?",
            "apigateway:GetRestApis",
            "{\"item\": [{\"id\": 7}]}",
        ),
        (
            "GET /restapis?",
            "apigateway:GetRestApis",
            "<html>Sign in to the hotel's network</html>",
        ),
        (
            "GET /2015-03-31/functions/users",
            "lambda:GetFunction",
            "{\"Configuration\": []}",
        ),
        (
            "DescribeUserPool",
            "cognito-idp:DescribeUserPool",
            "{\"UserPool\": {\"Id\": [1]}}",
        ),
        (
            "DescribeLogGroups",
            "logs:DescribeLogGroups",
            "{\"logGroups\": {}}",
        ),
        ("GetResources", "tag:GetResources", "[1]"),
        ("ListRoles", "iam:ListRoles", "{}"),
    ] {
        let error = refused(request, 200, body);
        let start = format!("{name}: the answer (HTTP 200) cannot be read: ");
        let cause = error
            .message
            .strip_prefix(&start)
            .unwrap_or_else(|| panic!("{error}"));
        assert!(!cause.is_empty(), "{error}");
        assert!(
            error.hint.as_ref().unwrap().contains("--trace"),
            "{error:?}"
        );
    }
}

#[test]
fn a_list_of_roles_that_breaks_off_is_no_list_of_none() {
    let error = refused(
        "ListRoles",
        200,
        "<ListRolesResponse><ListRolesResult><Roles>",
    );
    assert_eq!(
        error.message,
        "iam:ListRoles: no answer: the answer broke off"
    );
}

#[test]
fn an_answer_of_something_else_than_aws_says_so() {
    let error = refused(
        "GET /restapis?",
        403,
        "<html>Forbidden by the company's proxy</html>",
    );
    assert!(
        error
            .message
            .starts_with("apigateway:GetRestApis: the answer (HTTP 403) cannot be read: "),
        "{error}"
    );
    assert!(error.hint.unwrap().contains("proxy"));
}
