//! Thousands of requests that nobody in their right mind sends. The rows are watched by a
//! trigger of the database itself, so that what the handler says is not taken for what it did. `HANDLER_REQUESTS` asks for more of them.

mod audit;
mod requests;

use crate::support::{
    World,
    event::{admin, claims, post},
    function::Function,
};
use audit::Audit;
use rand::{SeedableRng, rngs::StdRng};
use requests::Hostile;
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

/// Half a minute's worth.
const REQUESTS: usize = 10_000;

#[test]
fn hostile_requests_break_nothing_and_change_nothing_they_may_not() {
    let seed = seed();
    println!("HANDLER_SEED={seed}");
    let world = World::new();
    let function = world.function();
    function.wait_until_ready();
    let audit = Audit::start(&world.database);
    let mut ids = vec![];
    let mut random = StdRng::seed_from_u64(seed);
    let mut statuses = BTreeMap::new();
    let mut changes = 0;
    let requests = std::env::var("HANDLER_REQUESTS").map_or(REQUESTS, |it| it.parse().unwrap());
    for number in 0..requests {
        if number % 20 == 0 {
            ids = restore(&function, &audit);
        }
        let hostile = Hostile::make(&mut random, &ids);
        let reply = function.invoke_raw(hostile.event.clone());
        let seen = || {
            format!(
                "request {number} of seed {seed}: {} {}",
                reply.status,
                hostile.excerpt()
            )
        };
        assert!(
            matches!(reply.status, 200 | 201 | 400 | 401 | 403 | 404 | 409 | 413),
            "{}",
            seen()
        );
        let changed = audit.changes();
        assert!(
            changed.len() <= usize::from(reply.status < 300),
            "{}",
            seen()
        );
        for change in &changed {
            assert!(change.is_allowed(&hostile), "{}: {change:?}", seen());
        }
        changes += changed.len();
        *statuses.entry(reply.status).or_insert(0) += 1;
    }
    println!("{statuses:?}, {changes} changes");
    assert!(
        requests < REQUESTS || (statuses.len() >= 7 && changes > 100),
        "the requests were not varied: {statuses:?}"
    );
    assert_eq!(
        function.invoke(&post(&admin(), &json!({}))).body["success"],
        true
    );
}

/// Sees to it that everybody's row is there, and tells the ids.
fn restore(function: &Function, audit: &Audit) -> Vec<i32> {
    for name in requests::USERS {
        // Where somebody else's row took this address meanwhile, there is one row fewer.
        assert!(matches!(
            function.invoke(&post(&claims(name), &json!({}))).status,
            200 | 201 | 409
        ));
    }
    audit.changes();
    audit.ids()
}

/// Another one each time; `HANDLER_SEED` repeats a run.
fn seed() -> u64 {
    let given = std::env::var("HANDLER_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    given.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .subsec_nanos()
            .into()
    })
}
