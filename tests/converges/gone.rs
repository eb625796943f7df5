//! What a destroy says of each resource is so, also of what nobody deleted, and of what is new.

use super::{
    cases, choices,
    others::of_everything,
    stacks::{Declares, stack},
    world::{NAME, World},
};
use crate::support::wire::{Asked, Verdict};
use proptest::prelude::*;
use serde_json::json;
use std::sync::{Arc, Mutex};
use wsctl::{engine::Gone, inventory::proof::AfterDestroy};

/// What is said to be left, by address or name.
fn left(gone: &Gone) -> Vec<String> {
    let left = gone
        .proofs
        .iter()
        .filter(|it| matches!(it.fate, AfterDestroy::Left { .. }));
    left.map(|it| {
        it.address
            .as_ref()
            .map_or(it.name.clone(), ToString::to_string)
    })
    .collect()
}

fn deletes(asked: &Asked) -> bool {
    let is_lock = asked.body.contains("/wsctl/lock/");
    asked.operation.to_lowercase().starts_with("delete") && !is_lock
}

proptest! {
    #![proptest_config(cases(60))]
    #[test]
    fn of_a_destroyed_stack_everything_is_said_to_be_gone(choices in choices()) {
        let (text, world) = (stack(&choices, Declares::Some), World::new());
        world.apply(&text);
        world.later();
        let gone = world.proved_gone(&text);
        prop_assert!(!gone.proofs.is_empty());
        prop_assert_eq!(left(&gone), Vec::<String>::new());
        prop_assert_eq!(world.names(), Vec::<String>::new());
    }
}

#[test]
fn whatever_aws_says_to_have_deleted_and_has_not_is_said_to_be_left() {
    let (text, world) = (of_everything(), World::new());
    world.apply(&text);
    world.later();
    let whole = world.cloud();
    world.wire.take();
    world.proved_gone(&text);
    let deletions = world.wire.take();
    let deletions = deletions.iter().filter(|it| deletes(&it.asked)).count();
    assert!(deletions >= 8, "{deletions}");
    for lie in 0..deletions {
        let world = World::of(whole.clone());
        let (mut count, lied) = (0, Arc::new(Mutex::new(String::new())));
        let told = Arc::clone(&lied);
        world.wire.on(move |asked| {
            count += usize::from(deletes(asked));
            if deletes(asked) && count == lie + 1 {
                *told.lock().unwrap() = format!("{} {}", asked.name(), asked.body);
                let body = if asked.service == "iam" {
                    "<Response/>"
                } else {
                    "{}"
                };
                return Verdict::Answer(200, body.into(), vec![]);
            }
            Verdict::Pass
        });
        let (gone, lied) = (world.proved_gone(&text), lied.lock().unwrap());
        assert_eq!(
            left(&gone).is_empty(),
            world.names().is_empty(),
            "{lied}\n{:#?}\n{:#?}",
            gone.proofs,
            world.names()
        );
    }
}

#[test]
fn what_somebody_makes_meanwhile_in_a_service_that_had_nothing_of_the_stack_is_said_to_be_left() {
    let text = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"people\"\n";
    let world = World::new();
    world.apply(text);
    world.later();
    let memory = world.memory();
    world.wire.on(move |asked| {
        if asked.operation == "DeleteUserPool" {
            let tags = json!({ "wsctl:stack": NAME, "wsctl:address": "api_keys.new" });
            let key = json!({ "name": "new", "enabled": true, "tags": tags });
            let made = memory.cloud().call("apigateway", "CreateApiKey", key);
            made.unwrap();
            memory.clock().pass(std::time::Duration::from_secs(60));
        }
        Verdict::Pass
    });
    assert_eq!(left(&world.proved_gone(text)), ["api_keys.new"]);
}
