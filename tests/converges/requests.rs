//! How many requests the workshop's stack takes, and how many wait for one another. Counts are exact, so they are
//! tests; `docs/performance.md` has the same figures.

use super::world::World;
use std::time::Duration;
use wsctl::engine::{Goal, Proof};

const LATENCY: Duration = Duration::from_millis(50);

/// The repository's own stack, with a program that is not built here.
fn workshop() -> String {
    let text = std::fs::read_to_string("stack.toml").unwrap();

    let region = "region = \"ap-southeast-1\"";
    let program = text.lines().find(|it| it.starts_with("crate = ")).unwrap();
    text.replace(program, "zip = \"users.zip\"")
        .replace(region, "region = \"eu-west-1\"")
        .replace("name = \"workshop\"", "name = \"made\"")
}

/// Requests and rounds of them, one after another, that something takes.
fn counted(world: &World, what: impl FnOnce()) -> (usize, u128) {
    world.wire.take();
    let before = world.memory().clock().elapsed();
    what();
    let took = world.memory().clock().elapsed() - before;
    (
        world.wire.take().len(),
        took.as_millis() / LATENCY.as_millis(),
    )
}

/// An account in which nothing is waited for.
fn account() -> World {
    World::with(|it| {
        it.latency = LATENCY;
        it.rates = false;
        it.role_delay = Duration::ZERO;
        it.function_delay = Duration::ZERO;
        it.list_lag = Duration::ZERO;
        it.domain_delay = Duration::ZERO;
    })
}

#[test]
fn the_workshops_stack_takes_as_many_requests_as_are_told() {
    let (world, hasty, text) = (account(), account(), workshop());
    let callback = |port: u16| {
        text.replace(
            "localhost:3000/callback",
            &format!("localhost:{port}/callback"),
        )
    };
    let create = counted(&world, || world.command(&text, Goal::Declared, Proof::Read)).0;
    let unproved = counted(&hasty, || {
        hasty.command(&text, Goal::Declared, Proof::LeftOut)
    })
    .0;
    world.later();
    let plan = counted(&world, || assert!(world.plan(&text).unwrap().is_empty()));
    assert!(plan.1 <= 3, "a plan is {} requests deep", plan.1);
    let changed = callback(3001);
    let change = counted(&world, || {
        world.command(&changed, Goal::Declared, Proof::Read)
    })
    .0;
    let destroy = counted(&world, || {
        world.command(&changed, Goal::Nothing, Proof::Read)
    })
    .0;
    let told = format!(
        "| wsctl | {create}, 3 of them for the lock, {} to read again what was made | {} | {change}, one of them a write, \
         one to read it again, 3 for the lock | {destroy}, with the second look and the proof, 3 for the lock |",
        create - unproved,
        plan.0,
    );
    let page = std::fs::read_to_string("docs/performance.md").unwrap();
    assert!(
        page.contains(&told),
        "docs/performance.md has no line that begins so:\n{told}"
    );
}
