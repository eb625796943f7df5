//! What is asked of a request before a function sees it: keys that move from plan to plan, and models that name
//! one another, in whatever order they come and go.

use super::{applied::is_alike, given_back::moments, world::World};
use serde_json::json;

const API: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
    [functions.users]\nname = \"users\"\nzip = \"users.zip\"\n\
    [api]\nname = \"api\"\n[api.stage]\nname = \"dev\"\n";
const ROUTE: &str = "[api.routes.\"POST /users\"]\nfunction = \"users\"\nauthorizer = \"none\"\n";

fn plan(name: &str) -> String {
    format!("[usage_plans.{name}]\nname = \"{name}\"\nquota = {{ limit = 9, period = \"DAY\" }}\n")
}

fn key(plan: &str) -> String {
    format!("[api_keys.page]\nname = \"page\"\nusage_plan = \"{plan}\"\n")
}

/// Makes one file of another, cut off at each write, and once more: always the second made afresh.
fn becomes(before: &str, after: &str) -> Vec<String> {
    let (start, afresh) = (World::new(), World::new());
    start.apply(before);
    afresh.apply(after);
    start.later();
    start.writes();
    start.apply(after);
    let writes = start.writes();
    start.is_settled(after);
    let made = World::new();
    made.apply(before);
    made.later();
    for moment in moments(&made.cloud(), |world| world.apply(after)) {
        let mut moment = moment;
        moment.hush();
        let world = World::of(moment);
        world.later();
        world.apply(after);
        world.is_settled(after);
        world.is_innocent();
        is_alike(&world.owned(), &afresh.owned(), after);
    }
    writes
}

#[test]
fn a_key_moves_to_a_plan_that_takes_the_place_of_its_own() {
    let with = |name: &str| [API, ROUTE, &plan(name), &key(name)].concat();
    let writes = becomes(&with("gold"), &with("silver"));
    let place = |verb: &str, is_key: bool| {
        let is_it = |it: &String| {
            it.contains(&format!("{verb} /usageplans")) && it.contains("/keys") == is_key
        };
        let found = writes.iter().position(is_it);
        found.unwrap_or_else(|| panic!("no {verb} in {writes:#?}"))
    };
    assert!(place("DELETE", true) < place("POST", true), "{writes:#?}");
    assert!(place("POST", true) < place("DELETE", false), "{writes:#?}");
    let both = [API, ROUTE, &plan("gold"), &plan("silver")].concat();
    becomes(
        &[both.as_str(), &key("gold")].concat(),
        &[both.as_str(), &key("silver")].concat(),
    );
    becomes(
        &[both.as_str(), &key("gold")].concat(),
        &[API, ROUTE].concat(),
    );
}

/// A stage of another name is another one, which AWS takes out of all plans with the first.
#[test]
fn plans_are_for_the_stage_that_there_is() {
    let text = [API, ROUTE, &plan("gold"), &key("gold")].concat();
    becomes(&text, &text.replace("name = \"dev\"", "name = \"live\""));
}

#[test]
fn models_that_name_one_another_come_and_go_in_their_order() {
    let at = "https://apigateway.amazonaws.com/restapis/${api.id}/models";
    let refers = |to: &str| format!("schema = '{{ \"$ref\": \"{at}/{to}\" }}'\n");
    let line = "[api.models.Line]\nschema = '{ \"type\": \"string\" }'\n";
    let order = format!("[api.models.Order]\n{}", refers("${api.models.Line.name}"));
    let named = format!("{ROUTE}request_models = {{ \"$default\" = \"Order\" }}\n");
    let whole = [API, &named, &order, line].concat();
    let bare = [API, ROUTE].concat();
    let made = becomes(&bare, &whole);
    let models: Vec<_> = made.iter().filter(|it| it.contains("/models")).collect();
    assert_eq!(models.len(), 2, "{made:#?}");
    becomes(&whole, &bare);
    // By its name alone, as a file has it that another tool has written.
    let by_name = [API, &named, "[api.models.Order]\n", &refers("Line"), line].concat();
    becomes(&bare, &by_name);
    becomes(&by_name, &bare);
    // What was named by the other names it.
    let turned = format!(
        "{API}{ROUTE}request_models = {{ \"a/b\" = \"Line\" }}\n[api.models.Line]\n{}",
        refers("Other")
    );
    let other = "[api.models.Other]\nschema = '{ \"type\": \"object\" }'\n";
    becomes(&whole, &[turned.as_str(), other].concat());
}

#[test]
fn a_model_stays_where_nothing_undeclared_goes() {
    let model = "[api.models.Order]\nschema = '{}'\n";
    let named = format!("{ROUTE}request_models = {{ \"$default\" = \"Order\" }}\n");
    let world = World::new();
    world.apply(&[API, &named, model].concat());
    world.later();
    let region = "region = \"eu-west-1\"\n";
    let warns = API.replace(region, &format!("{region}undeclared = \"warn\"\n"));
    let plan = world.plan(&format!("{warns}[api.routes]\n")).unwrap();
    let is_touched = |it: &&str| ["model", "route"].contains(it);
    assert!(!plan.steps.iter().any(|it| is_touched(&it.kind)));
}

/// A key of the same name that somebody else has made is neither taken nor changed.
#[test]
fn a_key_of_somebody_elses_is_in_the_way_and_stays() {
    let text = [API, ROUTE, &plan("gold"), &key("gold")].concat();
    let world = World::new();
    world.somebody(
        "apigateway",
        "CreateApiKey",
        json!({ "name": "page", "enabled": true }),
    );
    world.later();
    let before = world.foreign();
    let refused = world.plan(&text).err().unwrap();
    assert!(
        refused.message.contains("an API key named `page`"),
        "{refused}"
    );
    let hint = refused.hint.unwrap();
    assert!(
        hint.contains("adopt") && !hint.contains("existing"),
        "{hint}"
    );
    is_alike(&world.foreign(), &before, "after a plan");
}
