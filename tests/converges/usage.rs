//! What is asked of a request before a function sees it: keys that move from plan to plan, and models that name
//! one another, in whatever order they come and go.

use super::{applied::is_alike, given_back::moments, world::World};
use crate::support::wire::Verdict;
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
pub(super) fn becomes(before: &str, after: &str) -> Vec<String> {
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

/// Whether this plan has a key, as AWS tells.
fn has(world: &World, plan: &str, key: &str) -> bool {
    let plans = world
        .cloud()
        .call("apigateway", "GetUsagePlans", json!({ "keyId": key }));
    let plans = plans.unwrap()["item"].clone();
    plans.as_array().unwrap().iter().any(|it| it["id"] == *plan)
}

fn id_of(world: &World, operation: &str, name: &str) -> String {
    let all = world.cloud().call("apigateway", operation, json!({}));
    let all = all.unwrap()["item"].clone();
    let one = all
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == *name);
    one.unwrap()["id"].as_str().unwrap().to_owned()
}

/// AWS answers to the same request once more that a plan has the key, in words that are not known.
#[test]
fn a_key_whose_plan_took_it_without_a_word_is_in_it() {
    let text = [API, ROUTE, &plan("gold"), &key("gold")].concat();
    let world = World::new();
    let mut is_first = true;
    world.wire.on(move |asked| {
        let is_it =
            asked.operation.starts_with("POST /usageplans/") && std::mem::take(&mut is_first);
        if is_it {
            Verdict::LoseReply
        } else {
            Verdict::Pass
        }
    });
    world.apply(&text);
    world.is_settled(&text);
}

/// It is told, whether the stack has a plan for the key or not, and nothing is written there.
#[test]
fn a_plan_of_somebody_elses_keeps_the_key_that_it_has() {
    let world = World::new();
    let alone = [API, ROUTE, "[api_keys.page]\nname = \"page\"\n"].concat();
    world.apply(&alone);
    world.somebody("apigateway", "CreateUsagePlan", json!({ "name": "theirs" }));
    world.later();
    let (theirs, page) = (
        id_of(&world, "GetUsagePlans", "theirs"),
        id_of(&world, "GetApiKeys", "page"),
    );
    let joined = json!({ "usagePlanId": theirs, "keyId": page, "keyType": "API_KEY" });
    world.somebody("apigateway", "CreateUsagePlanKey", joined);
    let is_told = |text: &str| {
        world.later();
        let drift = world.drift(text);
        assert_eq!((drift.count(), drift.set_elsewhere.len()), (1, 1));
        assert!(drift.set_elsewhere[0].line().contains(&theirs));
        assert!(has(&world, &theirs, &page));
    };
    is_told(&alone);
    for name in ["gold", "silver"] {
        let text = [API, ROUTE, &plan("gold"), &plan("silver"), &key(name)].concat();
        world.apply(&text);
        is_told(&text);
        assert!(has(&world, &id_of(&world, "GetUsagePlans", name), &page));
    }
    world.apply(&alone);
    is_told(&alone);
    world.destroy(&alone);
    assert_eq!(id_of(&world, "GetUsagePlans", "theirs"), theirs);
    world.is_innocent();
}
