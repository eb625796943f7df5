//! Figures of the real `bootstrap` with a real PostgreSQL over TLS: how long a start takes, how
//! many requests a second, how long each, how much memory.
//!
//! `cargo bench -p users-handler --bench handler` measures a build of the profile `bench`. For the
//! program that is deployed:
//!
//! ```sh
//! cargo build -p users-handler --profile handler
//! HANDLER_BOOTSTRAP=$PWD/target/handler/bootstrap cargo bench -p users-handler --bench handler
//! ```

#[path = "../tests/support/mod.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "it is the tests', which use more of it"
)]
mod support;

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::{
    World,
    event::{claims, get, post, put},
    function::{Function, bootstrap},
    postgres::Cluster,
};

const STARTS: usize = 20;
const REQUESTS: usize = 3_000;
const ROWS: usize = 100;

fn main() {
    let cluster = Cluster::start();
    let world = World::on(&cluster);
    let size = std::fs::metadata(bootstrap()).expect("the program").len();
    println!("bootstrap                       {:8.2} MB", megabytes(size));
    starts(&world);
    let function = world.function();
    for number in 0..ROWS {
        function.invoke(&post(&claims(&format!("user{number}")), &json!({})));
    }
    let user = claims("user7");
    warm(&function, "GET /users/{id}", &get(&user, "/users/8"));
    warm(&function, "GET /users, 100 rows", &get(&user, "/users"));
    warm(
        &function,
        "POST /users, row is there",
        &post(&user, &json!({})),
    );
    warm(
        &function,
        "PUT /users/{id}",
        &put(&user, &json!(8), &json!({ "username": "x" })),
    );
    warm(
        &function,
        "401, no database asked",
        &get(&Value::Null, "/users"),
    );
    println!(
        "peak memory                     {:8.2} MB",
        megabytes(function.peak_memory())
    );
}

/// From starting the process to its first answer; the secret, TLS and the table included.
fn starts(world: &World) {
    let event = get(&claims("ana"), "/users/1");
    let first = |function: &dyn Fn() -> Function| {
        let start = Instant::now();
        let function = function();
        assert!(matches!(function.invoke(&event).status, 404 | 503));
        start.elapsed()
    };
    report(
        "start to first answer",
        (0..STARTS).map(|_| first(&|| world.function())).collect(),
    );
    report(
        "the same, no database",
        (0..STARTS)
            .map(|_| first(&|| Function::start([])))
            .collect(),
    );
}

fn warm(function: &Function, name: &str, event: &Value) {
    let event = event.to_string().into_bytes();
    let one = || {
        let start = Instant::now();
        function.invoke_raw(event.clone());
        start.elapsed()
    };
    for _ in 0..REQUESTS / 10 {
        one();
    }
    report(name, (0..REQUESTS).map(|_| one()).collect());
}

fn report(name: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let milliseconds = |at: usize| took[at].as_secs_f64() * 1_000.0;
    let (median, p99) = (
        milliseconds(took.len() / 2),
        milliseconds(took.len() * 99 / 100),
    );
    let second = took.len() as f64 / took.iter().sum::<Duration>().as_secs_f64();
    println!("{name:30}  median {median:7.2} ms   p99 {p99:7.2} ms   {second:7.0} a second");
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
