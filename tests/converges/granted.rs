//! What goes over the wire is what `wsctl permissions` grants, by task.

use super::{
    cases, choices,
    members::{applied, text},
    stacks::{Declares, stack},
    world::{World, models},
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use wsctl::permissions::{Task, is_free};

/// The operations of the requests since the last look, by the models.
fn asked(world: &World) -> BTreeSet<String> {
    let name = |asked: &crate::support::wire::Asked| {
        let by_path = asked.operation.split_once(' ').and_then(|(method, path)| {
            let path = path.split('?').next().unwrap_or_default();
            models()
                .service(&asked.service)?
                .route(method, path)
                .map(|(operation, _)| operation)
        });
        let service = if asked.service == "tagging" {
            "tag"
        } else {
            &asked.service
        };
        format!("{service}:{}", by_path.unwrap_or(&asked.operation))
    };
    world
        .wire
        .take()
        .iter()
        .map(|it| name(&it.asked))
        .filter(|it| !is_free(it))
        .collect()
}

fn is_granted(task: Task, asked: &BTreeSet<String>) {
    let missing: Vec<_> = asked.difference(&task.operations()).cloned().collect();
    assert!(missing.is_empty(), "{task:?} does not grant {missing:?}");
}

proptest! {
    #![proptest_config(cases(12))]
    #[test]
    fn every_task_is_granted_what_it_asks(one in choices(), other in choices()) {
        let (one, other) = (stack(&one, Declares::All), stack(&other, Declares::All));
        let world = World::new();
        if world.try_apply(&one).is_err() {
            return Ok(());
        }
        is_granted(Task::Apply, &asked(&world));
        world.later();
        if world.plan(&other).is_ok() {
            is_granted(Task::Plan, &asked(&world));
            let _ = world.try_apply(&other);
            is_granted(Task::Apply, &asked(&world));
            world.later();
        }
        world.plan_to_destroy(&other);
        let _ = world.try_destroy(&other);
        is_granted(Task::Destroy, &asked(&world));
    }
}

#[test]
fn drift_is_granted_what_it_asks_and_asks_for_most_of_it() {
    let world = applied();
    world.wire.take();
    world.drift(text());
    let asked = asked(&world);
    is_granted(Task::Drift, &asked);
    let only = |it: &&String| !Task::Plan.operations().contains(*it);
    assert!(asked.iter().filter(only).count() >= 6, "{asked:?}");
}
