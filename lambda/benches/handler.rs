//! Figures of the real `bootstrap` with a real PostgreSQL over TLS, and, where Node.js is installed, of the same routes
//! in Node.js (`node/`): how long a start takes, how many requests a second, how long each, how much memory.
//!
//! `cargo bench -p users-handler --bench handler` measures a build of the profile `bench`. For the
//! program that is deployed:
//!
//! ```sh
//! cargo build -p users-handler --profile handler
//! HANDLER_BOOTSTRAP=$PWD/target/handler/bootstrap cargo bench -p users-handler --bench handler
//! ```
//!
//! Lambda gives a function of 128 MB a twelfth of a processor, so a start there takes longer, for both; the runtime of
//! Node.js that AWS has is not started here, only what it does around a handler.

#[path = "../tests/support/mod.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "it is the tests', which use more of it"
)]
mod support;

use serde_json::{Value, json};
use std::{
    ffi::OsString,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use support::{
    World,
    event::{claims, get, post, put},
    function::{Function, bootstrap},
    postgres::Cluster,
};

const STARTS: usize = 20;
const REQUESTS: usize = 3_000;
const ROWS: usize = 100;

/// What is measured: how it is started.
struct Program {
    name: &'static str,
    command: Vec<OsString>,
}

impl Program {
    fn start(&self, settings: impl IntoIterator<Item = (String, String)>) -> Function {
        Function::start_program(&self.command, settings)
    }
}

fn main() {
    let cluster = Cluster::start();
    let deployed = Program {
        name: "bootstrap",
        command: vec![bootstrap().into()],
    };
    for program in [Some(deployed), in_node()].into_iter().flatten() {
        let file = program.command.last().expect("a program");
        let size = std::fs::metadata(file).expect("the program").len();
        println!("{:30}  {:8.2} MB", program.name, megabytes(size));
        measure(&program, &World::on(&cluster));
        println!();
    }
}

fn measure(program: &Program, world: &World) {
    starts(program, world);
    let function = program.start(world.settings());
    for number in 0..ROWS {
        function.invoke(&post(&claims(&format!("user{number}")), &json!({})));
    }
    let user = claims("user7");
    for (name, event, status) in [
        ("GET /users/{id}", get(&user, "/users/8"), 200),
        ("GET /users, 100 rows", get(&user, "/users"), 200),
        ("POST /users, row is there", post(&user, &json!({})), 200),
        (
            "PUT /users/{id}",
            put(&user, &json!(8), &json!({ "username": "x" })),
            200,
        ),
        ("401, no database asked", get(&Value::Null, "/users"), 401),
    ] {
        let reply = function.invoke(&event);
        assert_eq!(reply.status, status, "{name}: {reply:?}");
        warm(&function, name, &event);
    }
    println!(
        "peak memory                     {:8.2} MB",
        megabytes(function.peak_memory())
    );
}

/// The same in Node.js, packed as one would for Lambda; `None` where there is no npm.
fn in_node() -> Option<Program> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/node");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handler-in-node");
    std::fs::create_dir_all(&target).expect("a folder");
    for name in [
        "package.json",
        "package-lock.json",
        "handler.mjs",
        "runtime.mjs",
    ] {
        std::fs::copy(source.join(name), target.join(name)).expect("a copy");
    }
    for arguments in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        let npm = Command::new("npm")
            .args(arguments)
            .current_dir(&target)
            .output();
        let Ok(output) = npm else {
            println!("npm is not installed: Node.js is left out");
            return None;
        };
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm {arguments:?}: {told}");
    }
    Some(Program {
        name: "Node.js, one file",
        command: vec![
            "node".into(),
            "--no-warnings".into(),
            target.join("bundle.cjs").into(),
        ],
    })
}

/// From starting the process to its first answer; the secret, TLS and the table included.
fn starts(program: &Program, world: &World) {
    let event = get(&claims("ana"), "/users/1");
    let first = |settings: Vec<(String, String)>| {
        let start = Instant::now();
        let function = program.start(settings);
        assert!(matches!(function.invoke(&event).status, 404 | 503));
        start.elapsed()
    };
    report(
        "start to first answer",
        (0..STARTS).map(|_| first(world.settings())).collect(),
    );
    report(
        "the same, no database",
        (0..STARTS).map(|_| first(vec![])).collect(),
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
