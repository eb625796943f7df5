//! Several APIs in one file: each is its own, whatever becomes of the others.

use super::{usage::becomes, world::World};
use serde_json::{Value, json};
use wsctl::cli::ImportArgs;

const ONE: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
    [functions.users]\nname = \"users\"\nzip = \"users.zip\"\n\
    [functions.asked]\nname = \"asked\"\nzip = \"users.zip\"\n";

/// An API in the table `table`, with everything that takes its name from it.
fn api(table: &str, name: &str) -> String {
    format!(
        "[{table}]\nname = \"{name}\"\n\
         [{table}.cors]\norigins = [\"https://example.com\"]\n\
         [{table}.stage]\nname = \"dev\"\naccess_logs = {{}}\n\
         [{table}.authorizers.asked]\nname = \"asked\"\nfunction = \"asked\"\n\
         [{table}.roles.calls]\n\
         [[{table}.roles.calls.allow]]\nactions = [\"sqs:SendMessage\"]\nresources = [\"*\"]\n\
         [{table}.routes]\n\
         \"GET /users\" = {{ function = \"users\", authorizer = \"asked\" }}\n\
         \"POST /orders\" = {{ authorizer = \"none\", integration = {{ type = \"AWS\", uri = \"arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders\", credentials = \"calls\", responses = {{ 200 = {{}} }} }} }}\n"
    )
}

fn file(apis: &[String]) -> String {
    format!("{ONE}{}", apis.concat())
}

/// The ids of the APIs, by their names.
fn ids(world: &World) -> Vec<(String, String)> {
    let mut cloud = world.cloud();
    let answer = cloud.call("apigateway", "GetRestApis", json!({})).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let apis = answer["item"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = apis
        .iter()
        .map(|it| (text(&it["name"]), text(&it["id"])))
        .collect();
    ids.sort();
    ids
}

#[test]
fn they_come_and_go_beside_each_other() {
    let (first, admin) = (api("api", "first"), api("apis.admin", "admin"));
    let deadbeef = api("apis.deadbeef", "deadbeef");
    let bare = ONE.to_owned();
    let files = [
        bare,
        file(std::slice::from_ref(&first)),
        file(&[first.clone(), admin.clone()]),
        file(&[admin.clone(), deadbeef]),
        file(&[admin, first]),
    ];
    for (before, after) in [(0, 2), (1, 2), (2, 3), (3, 4), (2, 1), (4, 0)] {
        becomes(&files[before], &files[after]);
    }
}

#[test]
fn one_of_two_is_changed_alone() {
    let both = file(&[api("api", "first"), api("apis.admin", "admin")]);
    let world = World::new();
    world.apply(&both);
    world.later();
    world.writes();
    let id = ids(&world)[0].1.clone();
    let changed = both.replace(
        "[apis.admin.stage]\nname = \"dev\"",
        "[apis.admin.stage]\nname = \"dev\"\ndescription = \"changed\"",
    );
    world.apply(&changed);
    let writes = world.writes();
    assert!(!writes.is_empty());
    assert!(writes.iter().all(|it| it.contains(&id)), "{writes:#?}");
    world.is_settled(&changed);
    world.destroy(&changed);
    assert_eq!(world.owned(), World::new().owned());
}

/// Also from `[api]` to a table of its own, and back: the API in AWS keeps its id and with it its address.
#[test]
fn one_that_is_called_otherwise_in_the_file_is_the_same_in_aws() {
    let moved = |table: &str, from: &str| {
        let text = file(&[api(table, "first")]);
        text.replace(
            "name = \"first\"",
            &format!("name = \"first\"\nmoved_from = \"{from}\""),
        )
    };
    let start = file(&[api("api", "first")]);
    let world = World::new();
    world.apply(&start);
    let before = ids(&world);
    for (table, from) in [
        ("apis.main", "api"),
        ("apis.other", "apis.main"),
        ("api", "apis.other"),
    ] {
        world.later();
        let text = moved(table, from);
        world.apply(&text);
        world.is_settled(&text);
        world.is_innocent();
        assert_eq!(ids(&world), before, "{table}");
    }
}

#[test]
fn names_that_cannot_be_told_apart_are_refused() {
    let world = World::new();
    let is_taken = |apis: &[String]| world.takes(&file(apis));
    assert!(is_taken(&[api("apis.a", "a"), api("apis.b", "b")]));
    assert!(!is_taken(&[api("apis.a", "a"), api("apis.b", "a")]));
    assert!(!is_taken(&[api("apis.api", "a")]));
    // The roles of both would be called so.
    let of_other = api("apis.b", "b")
        .replace("roles.calls", "roles.a-calls")
        .replace("\"calls\"", "\"a-calls\"");
    let of_first = api("api", "a")
        .replace("roles.calls", "roles.b-a-calls")
        .replace("\"calls\"", "\"b-a-calls\"");
    assert!(!is_taken(&[of_first, of_other]));
}

#[test]
fn a_usage_plan_is_for_those_that_it_names() {
    let plan = |apis: &str| format!("[usage_plans.gold]\nname = \"gold\"\n{apis}");
    let both = [api("api", "first"), api("apis.admin", "admin")];
    let with = |apis: &str| file(&[both.concat(), plan(apis)]);
    let [all, first, admin] = ["", "apis = [\"api\"]\n", "apis = [\"admin\"]\n"].map(with);
    let covered = |text: &str| {
        let world = World::new();
        world.apply(text);
        let mut cloud = world.cloud();
        let plans = cloud
            .call("apigateway", "GetUsagePlans", json!({}))
            .unwrap();
        let stages = plans["item"][0]["apiStages"].as_array().unwrap();
        let ids: Vec<_> = stages
            .iter()
            .map(|it| it["apiId"].as_str().unwrap().to_owned())
            .collect();
        let names = ids_of(&world, &ids);
        let imported = world.import(&ImportArgs::default()).unwrap();
        assert!(imported.plan.unwrap().is_empty(), "{}", imported.text);
        names
    };
    assert_eq!(covered(&all), ["admin", "first"]);
    assert_eq!(covered(&first), ["first"]);
    assert_eq!(covered(&admin), ["admin"]);
    becomes(&all, &admin);
    becomes(&admin, &first);
    assert!(!World::new().takes(&with("apis = [\"admn\"]\n")));
}

fn ids_of(world: &World, wanted: &[String]) -> Vec<String> {
    let all = ids(world).into_iter();
    all.filter(|it| wanted.contains(&it.1))
        .map(|it| it.0)
        .collect()
}

#[test]
fn those_that_nobody_owns_are_written_down_together() {
    for existing in [true, false] {
        let world = World::new();
        for name in ["shop", "api", "office"] {
            world.somebody("apigateway", "CreateRestApi", json!({ "name": name }));
        }
        world.later();
        let args = ImportArgs {
            apis: ["shop", "api", "office"].map(String::from).into(),
            existing,
            ..ImportArgs::default()
        };
        let text = world.import(&args).unwrap().text;
        // Without a route none can become the stack's.
        assert_eq!(text.matches("existing = true").count(), 3, "{text}");
        assert!(
            text.contains("[api]")
                && text.contains("[apis.office]")
                && !text.contains("[apis.api]"),
            "{text}"
        );
        assert!(world.takes(&text), "{text}");
    }
}

/// A stage comes after all that its API has, and what names its address after the stage.
#[test]
fn one_calls_the_address_of_another() {
    let calls = |table: &str, of: &str| {
        let text = api(table, table.rsplit('.').next().unwrap());
        let uri = format!("${{{of}.stage.invoke_url}}/orders");
        let route = format!(
            "\"GET /far\" = {{ authorizer = \"none\", integration = {{ type = \"HTTP_PROXY\", uri = \"{uri}\" }} }}\n"
        );
        text + &route
    };
    let variable = |of: &str| {
        let line = "name = \"users\"\n";
        let environment =
            format!("{line}environment = {{ URL = \"${{{of}.stage.invoke_url}}\" }}\n");
        ONE.replacen(line, &environment, 1)
    };
    let one = file(&[api("api", "api"), calls("apis.admin", "api")]);
    let other = file(&[calls("api", "apis.admin"), api("apis.admin", "admin")]);
    becomes(&one, &other);
    becomes(&other, &one);
    let both = file(&[calls("api", "apis.admin"), calls("apis.admin", "api")]);
    let of_its_own = variable("api") + &api("api", "api");
    for text in [both, of_its_own, file(&[calls("api", "api")])] {
        assert!(!World::new().takes(&text), "{text}");
    }
    let of_another =
        api("apis.admin", "admin").replace("function = \"users\"", "function = \"asked\"");
    becomes(
        &file(&[]),
        &(variable("apis.admin") + &api("api", "api") + &of_another),
    );
}

#[test]
fn those_of_others_are_used_and_given_back_each_for_itself() {
    let world = World::new();
    for name in ["shop", "office"] {
        world.somebody("apigateway", "CreateRestApi", json!({ "name": name }));
    }
    world.later();
    let before = world.foreign();
    let attached = |table: &str, name: &str| {
        format!(
            "[{table}]\nexisting = true\nname = \"{name}\"\n[{table}.stage]\nname = \"dev\"\n\
             [{table}.routes]\n\"GET /users\" = {{ function = \"users\", authorizer = \"none\" }}\n"
        )
    };
    let (shop, office) = (attached("api", "shop"), attached("apis.office", "office"));
    let both = file(&[shop.clone(), office.clone()]);
    world.apply(&both);
    world.is_settled(&both);
    assert_ne!(world.foreign(), before);
    world.apply(&file(&[office]));
    world.later();
    world.apply(&both);
    world.destroy(&file(&[shop]));
    world.later();
    assert_eq!(world.foreign(), before);
    world.is_innocent();
}

/// However a policy is written, it is the same, also to what is deployed.
#[test]
fn a_policy_comes_back_as_it_is() {
    let policy = "policy = '''\n{ \"Version\": \"2012-10-17\",\n  \"Statement\": { \"Resource\": \"execute-api:/*\", \"Effect\": \"Allow\",\n\
        \"Action\": \"execute-api:Invoke\", \"Principal\": \"*\" } }\n'''\n";
    let name = "name = \"admin\"\n";
    let text = file(&[api("apis.admin", "admin")]).replace(name, &[name, policy].concat());
    let world = World::new();
    world.apply(&text);
    world.is_settled(&text);
    let imported = world.import(&ImportArgs::default()).unwrap();
    assert!(imported.plan.unwrap().is_empty(), "{}", imported.text);
    assert!(
        imported.text.contains("policy = '{\"Statement\":"),
        "{}",
        imported.text
    );
    world.is_settled(&text.replace(
        "\"Version\": \"2012-10-17\",\n  ",
        "\"Version\":\"2012-10-17\", ",
    ));
}

/// What somebody has let one API do is not asked for another's routes too.
#[test]
fn a_statement_that_is_enough_for_one_is_used_beside_another() {
    let world = World::new();
    world.somebody("apigateway", "CreateRestApi", json!({ "name": "shop" }));
    world.somebody(
        "lambda",
        "CreateFunction",
        json!({
            "FunctionName": "users", "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Role": "arn:aws:iam::123456789012:role/theirs", "Code": { "ZipFile": "" },
        }),
    );
    world.later();
    let id = &ids(&world)[0].1;
    world.somebody(
        "lambda",
        "AddPermission",
        json!({
            "FunctionName": "users", "StatementId": "console", "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": format!("arn:aws:execute-api:eu-west-1:123456789012:{id}/*/GET/users"),
        }),
    );
    let table = |table: &str, more: &str, path: &str| {
        format!(
            "[{table}]\n{more}[{table}.stage]\nname = \"dev\"\n\
             [{table}.routes]\n\"GET {path}\" = {{ function = \"users\", authorizer = \"none\" }}\n"
        )
    };
    let text = [
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
         [functions.users]\nexisting = true\nname = \"users\"\n",
        &table("api", "existing = true\nname = \"shop\"\n", "/users"),
        &table("apis.admin", "name = \"admin\"\n", "/admin"),
    ]
    .concat();
    let plan = world.plan(&text).unwrap();
    let statements = plan.steps.iter().filter(|it| it.kind == "permission");
    let statements: Vec<_> = statements.map(|it| it.address.to_string()).collect();
    assert_eq!(statements, ["functions.users.permissions.wsctl-apis-admin"]);
    world.apply(&text);
    world.is_settled(&text);
}
