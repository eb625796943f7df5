//! API Gateway tells a function a user's groups as one text with commas in between: a group with a comma
//! in its name makes its members members of others.

use super::world::{NAME, World};
use serde_json::json;

const PLAIN: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";

fn pool(more: &str) -> String {
    format!("{PLAIN}[user_pool]\nname = \"people\"\n{more}")
}

fn group(name: &str) -> String {
    pool(&format!(
        "[user_pool.groups.{}]\nprecedence = 1\n",
        json!(name)
    ))
}

#[test]
fn a_comma_anywhere_in_a_groups_name_is_refused_and_nothing_else_is() {
    let world = World::new();
    for name in [
        "not,admin",
        ",admin",
        "admin,",
        ",",
        "a,b,c",
        "é,admin",
        "!,!",
    ] {
        assert!(!world.takes(&group(name)), "{name}");
    }
    for c in (33..127_u8).map(char::from).chain("é漢،，、‚“".chars()) {
        let name = format!("not{c}admin");
        assert_eq!(world.takes(&group(&name)), c != ',', "{name}");
    }
}

#[test]
fn one_that_is_there_is_told_of_wherever_it_stays_and_deleted_where_the_pool_is_ours() {
    let told = |world: &World, text: &str| {
        let plan = world.plan(text).unwrap();
        plan.notes
            .iter()
            .any(|it| it.text.contains("in not and admin"))
    };
    let make = |world: &World, id: &str| {
        let input = json!({ "UserPoolId": id, "GroupName": "not,admin" });
        world.somebody("cognito-idp", "CreateGroup", input);
    };
    let id = |world: &World| {
        world
            .cloud()
            .pool_field("people", "Id")
            .as_str()
            .unwrap()
            .to_owned()
    };
    for undeclared in ["delete", "warn"] {
        let text = pool("").replace(
            "[user_pool]",
            &format!("undeclared = \"{undeclared}\"\n[user_pool]"),
        );
        let world = World::new();
        world.apply(&text);
        make(&world, &id(&world));
        world.later();
        let plan = world.plan(&text).unwrap();
        assert_eq!(told(&world, &text), undeclared == "warn");
        assert_eq!(
            plan.steps
                .iter()
                .any(|it| it.address.to_string().contains("not,admin")),
            undeclared == "delete"
        );
    }
    // A pool of somebody else's.
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "people" }),
    );
    make(&world, &id(&world));
    world.later();
    let text = pool("existing = true\n");
    assert!(told(&world, &text), "{NAME}");
    world.apply(&text);
    world.is_settled(&text);
}
