//! Names that AWS gives once: a plan whose apply would meet a taken one is refused before anything is
//! sent, with what to write; and what is written then works.

use super::{cases, world::World};
use crate::support::wire::Verdict;
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use std::sync::{Arc, Mutex};
use wsctl::engine::Outcome;

const HEAD: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";

fn function(table: &str, name: &str, more: &str) -> String {
    format!("[functions.{table}]\nname = \"{name}\"\nzip = \"users.zip\"\n{more}\n")
}

fn secret(table: &str, name: &str, more: &str) -> String {
    format!("[secrets.{table}]\nname = \"{name}\"\ngenerate = [\"password\"]\n{more}\n")
}

/// Tables by letter, each with a name, as far as names are there once.
fn tables(names: &[usize; 6]) -> String {
    let mut text = HEAD.to_owned();
    let mut used = vec![];
    for (index, name) in names.iter().enumerate().filter(|(_, name)| **name > 0) {
        let (table, name) = (
            ["a", "b", "c"][index % 3],
            format!("{}-{name}", if index < 3 { "f" } else { "s" }),
        );
        if !used.contains(&name) {
            text += &if index < 3 {
                function(table, &name, "")
            } else {
                secret(table, &name, "")
            };
            used.push(name);
        }
    }
    text
}

fn names() -> impl Strategy<Value = String> {
    vec(0..4_usize, 6).prop_map(|it| tables(&it.try_into().unwrap()))
}

proptest! {
    #![proptest_config(cases(200))]
    #[test]
    fn an_apply_is_refused_before_its_first_request_or_done_to_its_end(one in names(), other in names()) {
        let world = World::new();
        world.apply(&one);
        world.later();
        world.writes();
        match world.try_apply(&other) {
            Ok(report) => {
                prop_assert!(report.is_complete(), "{:#?}\n{one}\n{other}", report.results);
                world.is_settled(&other);
            }
            Err(error) => {
                let hint = error.hint.clone().unwrap_or_default();
                prop_assert!(hint.contains("moved_from") || hint.contains("choose another"), "{error}: {hint}");
                prop_assert_eq!(world.writes(), Vec::<String>::new());
            }
        }
    }
}

fn refused(world: &World, text: &str) -> (String, String) {
    world.writes();
    let error = world.try_apply(text).err().expect("it is refused");
    assert_eq!(world.writes(), Vec::<String>::new());
    (error.to_string(), error.hint.unwrap_or_default())
}

#[test]
fn a_renamed_table_is_refused_with_a_line_that_keeps_what_is_there() {
    let world = World::new();
    world.apply(&format!(
        "{HEAD}{}{}",
        function("a", "one", ""),
        secret("x", "two", "")
    ));
    world.later();
    let (message, hint) = refused(
        &world,
        &format!(
            "{HEAD}{}{}",
            function("b", "one", ""),
            secret("y", "two", "")
        ),
    );
    assert!(
        message.contains("functions.b: the function `one` is functions.a of this stack"),
        "{message}"
    );
    assert!(
        !message.contains("role") && !message.contains("log group"),
        "{message}"
    );
    for line in [
        "moved_from = \"functions.a\" in [functions.b]",
        "moved_from = \"secrets.x\" in [secrets.y]",
    ] {
        assert!(hint.contains(line), "{hint}");
    }
    let from = |at: &str| format!("moved_from = \"{at}\"");
    let text = format!(
        "{HEAD}{}{}",
        function("b", "one", &from("functions.a")),
        secret("y", "two", &from("secrets.x"))
    );
    world.apply(&text);
    assert!(
        world
            .writes()
            .iter()
            .all(|it| !it.contains("Create") && !it.contains("Delete"))
    );
    world.is_settled(&text);
}

#[test]
fn tables_that_changed_places_are_swapped_by_the_lines_whenever_a_process_dies() {
    let tables = |one: &str, other: &str, [a, b, x, y]: [&str; 4]| {
        let functions = function("a", one, a) + &function("b", other, b);
        format!(
            "{HEAD}{functions}{}{}",
            secret("x", one, x),
            secret("y", other, y)
        )
    };
    let world = World::new();
    world.apply(&tables("one", "two", [""; 4]));
    world.later();
    let (_, hint) = refused(&world, &tables("two", "one", [""; 4]));
    for (new, old) in [
        ("functions.a", "functions.b"),
        ("functions.b", "functions.a"),
        ("secrets.x", "secrets.y"),
    ] {
        assert!(
            hint.contains(&format!("moved_from = \"{old}\" in [{new}]")),
            "{hint}"
        );
    }
    let lines = ["functions.b", "functions.a", "secrets.y", "secrets.x"]
        .map(|it| format!("moved_from = \"{it}\""));
    let swapped = tables(
        "two",
        "one",
        [0, 1, 2, 3].map(|index| lines[index].as_str()),
    );
    let moments = Arc::new(Mutex::new(vec![world.cloud()]));
    let (seen, memory) = (Arc::clone(&moments), world.memory());
    world.wire.on(move |asked| {
        if asked.writes() {
            assert!(
                !asked.name().contains("Create") && !asked.name().contains("Delete"),
                "{}",
                asked.name()
            );
            seen.lock().unwrap().push(memory.cloud().clone());
        }
        Verdict::Pass
    });
    world.apply(&swapped);
    world.is_settled(&swapped);
    let moments = moments.lock().unwrap().clone();
    assert!(moments.len() > 8, "{}", moments.len());
    for moment in moments {
        let again = World::of(moment);
        again.later();
        again.apply(&swapped);
        assert_eq!(again.owned(), world.owned());
        again.is_settled(&swapped);
    }
}

#[test]
fn a_role_of_the_wanted_name_at_another_path_is_told_by_the_plan() {
    for (name, tags, whose) in [
        ("one-eu-west-1", json!([]), "was not made by wsctl"),
        (
            "ONE-eu-west-1",
            json!([{ "Key": "wsctl:stack", "Value": "other" }]),
            "belongs to the wsctl stack `other`",
        ),
    ] {
        let world = World::new();
        let trust = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
        let role = json!({ "RoleName": name, "Path": "/", "AssumeRolePolicyDocument": trust, "Tags": tags });
        world.somebody("iam", "CreateRole", role);
        world.later();
        let (message, hint) = refused(&world, &format!("{HEAD}{}", function("a", "one", "")));
        assert!(
            message.contains("functions.a.role") && message.contains(whose),
            "{message}"
        );
        assert!(
            hint.contains("choose another role_name, or set role to its ARN"),
            "{hint}"
        );
        world.apply(&format!(
            "{HEAD}{}",
            function("a", "one", "role_name = \"free\"")
        ));
    }
}

#[test]
fn whoever_may_not_ask_for_a_role_is_told_by_its_creation() {
    let world = World::new();
    world.wire.on(|asked| match asked.operation.as_str() {
        "GetRole" => {
            let body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
            Verdict::Answer(403, body.to_owned(), vec![])
        }
        _ => Verdict::Pass,
    });
    let trust = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    world.somebody(
        "iam",
        "CreateRole",
        json!({ "RoleName": "one-eu-west-1", "AssumeRolePolicyDocument": trust }),
    );
    world.later();
    let report = world
        .try_apply(&format!("{HEAD}{}", function("a", "one", "")))
        .unwrap();
    let told = report.results.iter().find_map(|it| match &it.outcome {
        Outcome::Failed(error) => error.hint.clone(),
        _ => None,
    });
    assert!(told.is_some_and(|it| it.contains("role_name")));
}

#[test]
fn what_takes_a_strangers_name_in_a_rename_is_refused() {
    let world = World::new();
    world.apply(&format!(
        "{HEAD}{}{}",
        function("a", "one", ""),
        secret("x", "one", "")
    ));
    world.later();
    world.somebody("secretsmanager", "CreateSecret", json!({ "Name": "two" }));
    let function_of_somebody = json!({ "FunctionName": "two", "Role": "arn:aws:iam::123456789012:role/outside",
        "Runtime": "nodejs22.x", "Handler": "index.handler", "Code": {} });
    world.somebody("lambda", "CreateFunction", function_of_somebody);
    world.later();
    for (text, address) in [
        (
            format!(
                "{HEAD}{}{}",
                function("a", "two", ""),
                secret("x", "one", "")
            ),
            "functions.a:",
        ),
        (
            format!(
                "{HEAD}{}{}",
                function("a", "one", ""),
                secret("x", "two", "")
            ),
            "secrets.x:",
        ),
    ] {
        let (message, _) = refused(&world, &text);
        assert!(
            message.contains(address) && message.contains("was not made by wsctl"),
            "{message}"
        );
    }
}
