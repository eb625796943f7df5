//! Connections that are lost and passwords that change.

use crate::support::{
    World,
    event::{claims, get, post},
    function::Function,
    postgres::Cluster,
};
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

#[test]
fn a_connection_that_was_cut_is_opened_again_within_the_request() {
    let world = World::new();
    let function = world.function();
    for round in 0..10 {
        assert_eq!(
            function
                .invoke(&post(&claims(&format!("user{round}")), &json!({})))
                .status,
            201
        );
        world.database.cut_connections();
    }
    assert_eq!(world.secrets.calls(), 1);
}

#[test]
fn a_server_that_restarts_is_missed_only_while_it_is_away() {
    let cluster = Cluster::start();
    let world = World::on(&cluster);
    let function = world.function();
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 200);
    cluster.stop();
    let away = function.invoke(&get(&claims("ana"), "/users"));
    assert_eq!(
        (away.status, away.error()),
        (503, "The database is unavailable, try again later")
    );
    cluster.run();
    assert_eq!(
        function.invoke(&post(&claims("ana"), &json!({}))).status,
        201
    );
    assert_eq!(world.secrets.calls(), 1);
}

#[test]
fn a_function_that_starts_before_its_server_serves_once_that_is_there() {
    let cluster = Cluster::start();
    let world = World::on(&cluster);
    cluster.stop();
    let function = world.function();
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 503);
    cluster.run();
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 200);
}

#[test]
fn a_password_that_is_wrong_everywhere_is_503() {
    let world = World::new();
    world.database.set_password("another");
    let function = world.function();
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 503);
    assert!(
        function
            .log()
            .join("\n")
            .contains("refuses the secret's user or password")
    );
}

/// RDS rotates in this order: the new password is staged in the secret, set on the server, and
/// then made the secret's current one. Connections are cut all the while.
#[test]
fn no_request_fails_while_the_password_rotates() {
    let world = World::new();
    let function = world.function();
    function.wait_until_ready();
    let is_over = AtomicBool::new(false);
    let (statuses, rotations) = thread::scope(|scope| {
        let asking = scope.spawn(|| ask_at_fifty_a_second(&function, &is_over));
        for rotation in 0..6 {
            rotate(&world, rotation);
        }
        is_over.store(true, Ordering::Relaxed);
        (asking.join().unwrap(), 6)
    });
    let failed: Vec<_> = statuses
        .iter()
        .filter(|status| !matches!(status, 200 | 201))
        .collect();
    let calls = world.secrets.calls();
    println!(
        "{} requests over {rotations} rotations, {} failed, {calls} calls",
        statuses.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:?}: {:#?}", function.log());
    assert!(statuses.len() > 150, "{} requests", statuses.len());
    // Two a rotation: the current value, and the staged one.
    assert!(
        calls <= 1 + 2 * rotations,
        "{calls} calls of Secrets Manager"
    );
}

fn rotate(world: &World, rotation: usize) {
    let (database, password) = (&world.database, format!("rotated-{rotation}"));
    let pause = |milliseconds| thread::sleep(Duration::from_millis(milliseconds));
    world.secrets.stage(&database.user, &password);
    pause(150);
    database.set_password(&password);
    database.cut_connections();
    // Long enough that waiting for the current value to become the right one would not do.
    pause(1_000);
    world.secrets.finish();
    pause(150);
    database.cut_connections();
    pause(150);
}

fn ask_at_fifty_a_second(function: &Function, is_over: &AtomicBool) -> Vec<u64> {
    let start = Instant::now();
    let mut statuses = vec![];
    while !is_over.load(Ordering::Relaxed) {
        let due = Duration::from_millis(20) * u32::try_from(statuses.len()).unwrap();
        thread::sleep(due.saturating_sub(start.elapsed()));
        let event = match statuses.len() % 2 {
            0 => get(&claims("ana"), "/users"),
            _ => post(&claims(&format!("user{}", statuses.len())), &json!({})),
        };
        statuses.push(function.invoke(&event).status);
    }
    statuses
}
