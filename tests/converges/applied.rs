//! What an apply leaves behind, whatever was there before.

use super::{
    cases, choices,
    stacks::{Declares, stack},
    world::{World, whole},
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;

fn is_applied_once_and_for_all(choices: &[u8]) {
    let (text, world) = (stack(choices, Declares::Some), World::new());
    world.apply(&text);
    world.later();
    world.writes();
    let again = world.try_apply(&text).unwrap();
    assert!(again.results.is_empty(), "{:#?}\n{text}", again.results);
    assert_eq!(world.writes(), Vec::<String>::new(), "{text}");
    let drift = world.drift(&text);
    assert_eq!(drift.count(), 0, "{:#?}\n{text}", json!(drift));
    world.is_innocent();
}

/// Each stack in one apply, with the one before it in place, is as if it had been the first.
fn come_to_the_same(all: &[Vec<u8>]) {
    let all: Vec<_> = all.iter().map(|it| stack(it, Declares::All)).collect();
    let changed = World::new();
    changed.apply(&all[0]);
    let mut before = all[0].clone();
    for (turn, next) in all[1..].iter().enumerate() {
        changed.later();
        let next = become_next(&changed, next, turn);
        let fresh = World::new();
        fresh.apply(&next);
        is_alike(
            &managed(&changed, &next),
            &managed(&fresh, &next),
            &format!("{before}\n────\n{next}"),
        );
        before = next;
    }
    changed.is_settled(&before);
}

/// Applies a file, and gives what was applied: where an authorizer that routes ask becomes one of another type, it has
/// another name, as the plan says that it needs.
fn become_next(world: &World, text: &str, turn: usize) -> String {
    match world.try_apply(text) {
        Err(error) if error.message.ends_with("and routes ask it") => {
            let rename = |text: String, name: &&str| {
                text.replace(&format!("\"{name}\""), &format!("\"{name} {turn}\""))
            };
            let renamed = ["Asked", "Other one"].iter().fold(text.to_owned(), rename);
            world.apply(&renamed);
            renamed
        }
        run => {
            whole(run, text);
            text.to_owned()
        }
    }
}

/// What the stack owns of the things that its file manages: a branding that no domain asks for any
/// longer is not declared, so it stays as it is; so do settings of passkeys that nobody begins with.
fn managed(world: &World, text: &str) -> String {
    let mut owned: serde_json::Value = serde_json::from_str(&world.owned()).unwrap();
    let is_pool = |(name, _): &(&String, &mut serde_json::Value)| name.starts_with("pool ");
    let trees = owned.as_object_mut().into_iter().flatten().filter(is_pool);
    for (_, pool) in trees.filter(|_| !text.contains("WEB_AUTHN")) {
        let factors = pool["factors"].as_object_mut();
        factors.map(|it| it.remove("WebAuthnConfiguration"));
    }
    let owned = serde_json::to_string_pretty(&owned).unwrap();
    let is_managed =
        |line: &&str| text.contains("managed_login_version = 2") || !line.contains("\"brandings\"");
    owned
        .lines()
        .filter(is_managed)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// A short difference instead of two long texts.
pub(super) fn is_alike(left: &str, right: &str, why: &str) {
    if left != right {
        let only = |one: &str, other: &str| {
            let other: Vec<_> = other.lines().collect();
            one.lines()
                .filter(|line| !other.contains(line))
                .collect::<Vec<_>>()
                .join("\n")
        };
        panic!(
            "{why}\nonly the first:\n{}\nonly the second:\n{}",
            only(left, right),
            only(right, left)
        );
    }
}

proptest! {
    #![proptest_config(cases(150))]
    #[test]
    fn after_an_apply_the_plan_is_empty_and_a_second_one_writes_nothing(choices in choices()) {
        is_applied_once_and_for_all(&choices);
    }
}

proptest! {
    #![proptest_config(cases(25))]
    #[test]
    fn each_of_five_changes_of_a_stack_to_another_is_as_if_it_were_made_afresh(
        all in vec(choices(), 6),
    ) {
        come_to_the_same(&all);
    }

    #[test]
    fn each_of_five_small_changes_of_a_stack_is_as_if_it_were_made_afresh(
        first in vec(any::<u8>(), 160),
        changes in vec(vec((0..160usize, any::<u8>()), 1..5), 5),
    ) {
        let mut all = vec![first];
        for change in changes {
            let mut next = all[all.len() - 1].clone();
            change.into_iter().for_each(|(index, choice)| next[index] = choice);
            all.push(next);
        }
        come_to_the_same(&all);
    }
}

#[test]
fn a_secret_that_is_restored_has_the_tags_that_are_declared() {
    let world = World::new();
    let secret = |name: &str, tags: &str| {
        let head = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[secrets.db]\n";
        format!("{head}name = \"{name}\"\ngenerate = [\"password\"]\ntags = {tags}\n")
    };
    for text in [
        secret("one", "{ team = \"a\" }"),
        secret("other", "{}"),
        secret("one", "{}"),
    ] {
        world.apply(&text);
        world.is_settled(&text);
    }
}

#[test]
fn what_is_reserved_for_a_function_is_set_left_alone_and_taken_off() {
    let world = World::new();
    let text = |reserved: &str| {
        format!(
            "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[functions.f]\nname = \"f\"\n\
             zip = \"users.zip\"\n{reserved}"
        )
    };
    let is_done = |reserved: &str| world.plan(&text(reserved)).unwrap().steps.is_empty();
    for reserved in ["0", "5", "-1", "0"] {
        let reserved = format!("reserved_concurrency = {reserved}");
        assert!(!is_done(&reserved), "{reserved}");
        world.apply(&text(&reserved));
        assert!(is_done(&reserved), "{reserved}");
    }
    // What keeps it from ever running has to be meant; any other number may be somebody's.
    assert!(!is_done(""));
    world.apply(&text(""));
    assert!(is_done("") && is_done("reserved_concurrency = -1"));
    let five = serde_json::json!({ "FunctionName": "f", "ReservedConcurrentExecutions": 5 });
    world.somebody("lambda", "PutFunctionConcurrency", five);
    assert!(is_done("") && is_done("reserved_concurrency = 5"));
}
