//! A pool's triggers run functions that know the pool: no circle, no write too many, nobody refused in
//! between, and what was there is given back.

use super::{
    applied::is_alike,
    given_back::moments,
    world::{ACCOUNT, World},
};
use crate::support::story::told;
use serde_json::{Value, json};
use wsctl::{cli::ImportArgs, plan::Plan, view};

const STACK: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";
const POOL: &str = "[user_pool]\nname = \"people\"\nsign_in = [\"username\"]\n[user_pool.password_policy]\nminimum_length = 8\n";
const TRIGGERS: &str =
    "[user_pool.triggers]\npost_confirmation = \"users\"\npre_sign_up = \"users\"\n";
const USERS: &str = "[functions.users]\nname = \"users\"\nzip = \"users.zip\"\n\
    allow = [{ actions = [\"cognito-idp:AdminGetUser\"], resources = [\"${user_pool.arn}\"] }]\n\
    environment = { POOL = \"${user_pool.id}\", CLIENT = \"${user_pool.clients.web.id}\" }\n";
const CLIENT: &str = "[user_pool.clients.web]\nname = \"web\"\n";
const API: &str = "[api]\nname = \"api\"\n[api.stage]\nname = \"dev\"\n[api.authorizers.pool]\nname = \"pool\"\n\
    [api.routes]\n\"GET /users\" = { function = \"users\", authorizer = \"pool\" }\n";
const OUTSIDE: &str = "arn:aws:lambda:eu-west-1:123456789012:function:outside";

fn file(tables: &[&str]) -> String {
    tables.concat()
}

fn circle() -> String {
    file(&[STACK, POOL, TRIGGERS, USERS, CLIENT, API])
}

/// Every order of these.
fn orders<'a>(tables: &[&'a str]) -> Vec<Vec<&'a str>> {
    if tables.is_empty() {
        return vec![vec![]];
    }
    let first = |index: usize| {
        let mut rest = tables.to_vec();
        let one = rest.remove(index);
        orders(&rest)
            .into_iter()
            .map(move |rest| [&[one][..], &rest].concat())
    };
    (0..tables.len()).flat_map(first).collect()
}

/// What is written, in order, but for the tags of what is attached.
fn writes(world: &World, run: impl FnOnce()) -> Vec<String> {
    world.writes();
    run();
    let names = world.writes().into_iter();
    names
        .map(|it| it.split_once(':').map_or(it.clone(), |it| it.1.to_owned()))
        .map(|it| it.replace("/2015-03-31/functions", ""))
        .collect()
}

fn place(writes: &[String], what: &str) -> usize {
    writes
        .iter()
        .position(|it| it.contains(what))
        .unwrap_or_else(|| panic!("no {what} in {writes:#?}"))
}

fn count(writes: &[String], what: &str) -> usize {
    writes.iter().filter(|it| it.contains(what)).count()
}

fn config(world: &World) -> Value {
    world.cloud().pool_field("people", "LambdaConfig")
}

#[test]
fn a_circle_is_made_changed_and_destroyed_in_any_order_of_the_file() {
    let tables = [POOL, TRIGGERS, USERS, CLIENT];
    let mut seen = None;
    for order in orders(&tables) {
        let text = file(&[&[STACK][..], &order, &[API]].concat());
        let world = World::new();
        let made = writes(&world, || world.apply(&text));
        world.is_settled(&text);
        assert_eq!(count(&made, "UpdateUserPool"), 1, "{made:#?}");
        assert!(
            place(&made, "/policy") < place(&made, "UpdateUserPool"),
            "{made:#?}"
        );
        let there = world.owned();
        is_alike(&there, seen.get_or_insert_with(|| there.clone()), &text);
        let other = text.replace("name = \"users\"", "name = \"people-users\"");
        let changed = writes(&world, || world.apply(&other));
        world.is_settled(&other);
        let (update, gone) = (
            place(&changed, "UpdateUserPool"),
            place(&changed, "DELETE /users"),
        );
        assert!(update < gone, "{changed:#?}");
        world.destroy(&other);
        assert_eq!(world.names(), Vec::<String>::new());
        world.is_innocent();
    }
}

/// What two files differ in, from and to.
fn changes() -> Vec<(String, String)> {
    let one = circle();
    let without = |text: &str| one.replace(text, "");
    let tables = |tables: &[&str]| file(tables);
    let alone = "[functions.users]\nname = \"users\"\nzip = \"users.zip\"\nenvironment = { POOL = \"none\" }\n";
    vec![
        (String::new(), one.clone()),
        (without(TRIGGERS), one.clone()),
        (without("pre_sign_up = \"users\"\n"), one.clone()),
        (tables(&[STACK, POOL, CLIENT]), one.clone()),
        (tables(&[STACK, POOL, CLIENT, alone]), one.clone()),
        (one.replace("\"people\"", "\"others\""), one.clone()),
        (
            one.replace("name = \"users\"", "name = \"other\""),
            one.clone(),
        ),
        (one.replace("[\"username\"]", "[\"email\"]"), one.clone()),
        (
            format!("{one}[functions.gate]\nname = \"gate\"\nzip = \"users.zip\"\n")
                .replace("pre_sign_up = \"users\"", "pre_sign_up = \"gate\""),
            one,
        ),
    ]
}

#[test]
fn every_change_arrives_wherever_it_is_cut_off_and_both_ways() {
    let mut cut_off = 0;
    for (one, other) in changes() {
        for (from, to) in [(&one, &other), (&other, &one)] {
            if to.is_empty() {
                continue;
            }
            let start = World::new();
            if !from.is_empty() {
                start.apply(from);
            }
            start.later();
            let afresh = World::new();
            afresh.apply(to);
            let there = moments(&start.cloud(), |world| {
                world.edit(|cloud| cloud.watched = None);
                world.apply(to);
            });
            for moment in there.into_iter().skip(1).step_by(3) {
                let world = World::of(moment);
                world.later();
                world.apply(to);
                world.is_settled(to);
                is_alike(&world.owned(), &afresh.owned(), to);
                cut_off += 1;
            }
        }
    }
    println!("{cut_off} moments");
    assert!(cut_off > 40, "{cut_off}");
}

#[test]
fn nothing_more_is_written_than_what_has_to_wait() {
    let world = World::new();
    let alone = file(&[STACK, POOL]);
    assert_eq!(writes(&world, || world.apply(&alone)), ["CreateUserPool"]);
    let outside = format!("{alone}[user_pool.triggers]\ncustom_message = \"{OUTSIDE}\"\n");
    let world = World::new();
    assert_eq!(writes(&world, || world.apply(&outside)), ["CreateUserPool"]);
    assert_eq!(config(&world), json!({ "CustomMessage": OUTSIDE }));

    let world = World::new();
    let one = circle();
    world.apply(&one);
    world.later();
    let more = one.replace("pre_sign_up", "pre_token_generation");
    let versioned = more.replace(
        "pre_token_generation = ",
        "pre_token_generation_version = \"V2_0\"\npre_token_generation = ",
    );
    let both = versioned.replace("V2_0", "V3_0").replace("= 8", "= 9");
    for text in [&more, &versioned, &both, &one.replace(TRIGGERS, "")] {
        let written = writes(&world, || world.apply(text));
        let expected = if text.contains("triggers") { 1 } else { 2 };
        assert_eq!(
            (count(&written, "UpdateUserPool"), written.len()),
            (1, expected),
            "{written:#?}"
        );
        world.is_settled(text);
    }
    assert_eq!(config(&world), json!({}));
}

#[test]
fn a_trigger_comes_after_the_leave_and_goes_before_it() {
    let world = World::new();
    let (one, without) = (circle(), circle().replace(TRIGGERS, ""));
    world.apply(&without);
    let added = writes(&world, || world.apply(&one));
    assert_eq!(added.len(), 2, "{added:#?}");
    assert!(
        added[0].contains("/policy") && added[1] == "UpdateUserPool",
        "{added:#?}"
    );
    let taken = writes(&world, || world.apply(&without));
    assert_eq!(taken.len(), 2, "{taken:#?}");
    assert!(
        taken[0] == "UpdateUserPool" && taken[1].contains("/policy/wsctl-user-pool"),
        "{taken:#?}"
    );
    // Other fields do not wait, since what is made in between may need them.
    let other = one.replace("= 8", "= 9");
    let written = writes(&world, || world.apply(&other));
    assert_eq!(count(&written, "UpdateUserPool"), 2, "{written:#?}");
    world.is_settled(&other);
}

#[test]
fn where_the_function_is_not_made_the_pool_is_there_and_says_what_it_lacks() {
    let world = World::new();
    let text = circle();
    world.wire.on(|asked: &crate::support::wire::Asked| {
        match asked.operation.starts_with("POST /2015-03-31/functions") {
            true => crate::support::wire::Verdict::Answer(
                403,
                r#"{"__type":"AccessDeniedException","message":"no"}"#.into(),
                vec![],
            ),
            false => crate::support::wire::Verdict::Pass,
        }
    });
    let report = world.try_apply(&text).unwrap();
    let pool = report
        .results
        .iter()
        .find(|it| it.address.to_string() == "user_pool")
        .unwrap();
    let said = format!("{:?}", pool.outcome);
    assert!(
        said.contains("its triggers could not be set without functions.users"),
        "{said}"
    );
    world
        .wire
        .on(|_: &crate::support::wire::Asked| crate::support::wire::Verdict::Pass);
    world.later();
    world.apply(&text);
    world.is_settled(&text);
}

fn attached(more: &str) -> String {
    format!("{STACK}[user_pool]\nexisting = true\nname = \"people\"\n{more}")
}

#[test]
fn what_was_behind_the_triggers_of_an_attached_pool_is_given_back() {
    let theirs = |name: &str| format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}");
    let versioned =
        |name: &str, version: &str| json!({ "LambdaArn": theirs(name), "LambdaVersion": version });
    let starts = [
        json!({}),
        json!({ "PreSignUp": theirs("gate"), "PostAuthentication": theirs("audit") }),
        json!({ "PreTokenGeneration": theirs("claims"), "PostConfirmation": theirs("welcome") }),
        json!({ "PreTokenGenerationConfig": versioned("claims", "V2_0"), "KMSKeyID": "arn:aws:kms:eu-west-1:123456789012:key/a",
            "CustomEmailSender": versioned("sender", "V1_0"), "UserMigration": theirs("old") }),
    ];
    let triggers = [
        "[user_pool.triggers]\npost_confirmation = \"users\"\npre_token_generation = \"users\"\n"
            .to_owned(),
        format!(
            "[user_pool.triggers]\npre_sign_up = \"users\"\npre_token_generation = \"{OUTSIDE}\"\npre_token_generation_version = \"V3_0\"\n"
        ),
        format!(
            "[user_pool.triggers]\ncustom_email_sender = \"users\"\nkms_key = \"arn:aws:kms:eu-west-1:123456789012:key/b\"\nuser_migration = \"{OUTSIDE}\"\n"
        ),
    ];
    for (turn, start) in starts.iter().enumerate() {
        for more in &triggers[turn % 3..][..1] {
            let world = World::new();
            world.somebody(
                "cognito-idp",
                "CreateUserPool",
                json!({ "PoolName": "people", "LambdaConfig": start }),
            );
            world.later();
            let text = attached(&format!("{more}{USERS}{CLIENT}"));
            let before = world.memory().cloud().dump(|_| true);
            let was = config(&world);
            let applied = moments(&world.cloud(), |world| world.apply(&text));
            let end = World::of(applied.last().unwrap().clone());
            end.is_settled(&text);
            let now = config(&end);
            for (trigger, theirs) in was.as_object().unwrap() {
                let is_named = more.contains("token") && trigger.contains("Token")
                    || more.contains("post_confirmation") && trigger == "PostConfirmation"
                    || more.contains("pre_sign_up") && trigger == "PreSignUp"
                    || more.contains("kms")
                        && ["KMSKeyID", "CustomEmailSender", "UserMigration"]
                            .contains(&trigger.as_str());
                assert!(
                    is_named || now[trigger] == *theirs,
                    "{trigger} was left alone: {now}"
                );
            }
            let destroyed = moments(&end.cloud(), |world| {
                let gone = writes(world, || world.destroy(&text));
                assert!(
                    place(&gone, "UpdateUserPool") < place(&gone, "DELETE /users"),
                    "{gone:#?}"
                );
            });
            for moment in applied.iter().chain(&destroyed).step_by(2) {
                let world = World::of(moment.clone());
                world.later();
                world.destroy(&text);
                assert_eq!(config(&world), was, "{text}");
                is_alike(&world.memory().cloud().dump(|_| true), &before, &text);
                world.is_innocent();
            }
        }
    }
}

#[test]
fn the_triggers_of_an_attached_pool_that_nobody_declares_are_left_alone() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "people", "LambdaConfig": { "PreSignUp": OUTSIDE } }),
    );
    world.later();
    let text = attached("[user_pool.password_policy]\nminimum_length = 12\n");
    world.apply(&text);
    world.is_settled(&text);
    assert_eq!(config(&world)["PreSignUp"], OUTSIDE);
    assert_eq!(world.drift(&text).count(), 0);
}

/// A trigger that somebody has set decides who gets in.
#[test]
fn a_trigger_by_hand_is_a_difference_in_our_pool_declared_or_not() {
    for text in [circle(), file(&[STACK, POOL])] {
        let world = World::new();
        world.apply(&text);
        world.later();
        let before = config(&world);
        let mut set = before.clone();
        set["PreAuthentication"] = json!(OUTSIDE);
        world.edit(|cloud| cloud.set_on_pools("people", &json!({ "LambdaConfig": set })));
        assert_eq!(world.drift(&text).different.len(), 1);
        let changes: Vec<_> = plan(&world, &text)
            .steps
            .into_iter()
            .flat_map(|it| it.changes)
            .collect();
        assert_eq!(
            (changes.len(), changes[0].path.as_str()),
            (1, "triggers.pre_authentication")
        );
        assert_eq!(writes(&world, || world.apply(&text)), ["UpdateUserPool"]);
        world.is_settled(&text);
        assert_eq!(config(&world), before);
    }
}

fn plan(world: &World, text: &str) -> Plan {
    world.plan(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_plan_says_what_is_set_last_and_when() {
    let shown = |plan: &Plan| view::plan(plan, "here", view::Detail::All);
    let world = World::new();
    let said = shown(&plan(&world, &circle()));
    assert!(
        said.contains("sets triggers last, once functions.users is ready"),
        "{said}"
    );
    assert!(said.contains("triggers.post_confirmation = "), "{said}");
    world.apply(&circle());
    world.later();
    let said = shown(&plan(
        &world,
        &circle().replace("pre_sign_up", "custom_message"),
    ));
    assert!(
        !said.contains("last") && said.contains("triggers.custom_message: (none) →"),
        "{said}"
    );
}

#[test]
fn a_function_of_the_file_is_imported_by_its_name_and_another_by_its_arn() {
    let world = World::new();
    let text = circle().replace(
        "pre_sign_up = \"users\"",
        &format!("custom_message = \"{OUTSIDE}\"\npre_token_generation = \"users\""),
    );
    world.apply(&text);
    world.later();
    let args = ImportArgs {
        environment: true,
        ..ImportArgs::default()
    };
    let imported = world.import(&args).unwrap();
    for line in [
        "post_confirmation = \"users\"".to_owned(),
        "pre_token_generation = \"users\"".to_owned(),
        format!("custom_message = \"{OUTSIDE}\""),
    ] {
        assert!(
            imported.text.contains(&line),
            "no {line} in\n{}",
            imported.text
        );
    }
    assert!(
        !imported.text.contains("generation_version"),
        "{}",
        imported.text
    );
    let plan = imported.plan.unwrap();
    assert!(plan.is_empty(), "{:#?}\n{}", told(&plan), imported.text);
}
