//! The real `bootstrap` over the Lambda Runtime API, with a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authorization;
mod faults;
mod hostile;
mod rotation;
mod routes;
mod start;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the benchmark uses more of it")]
mod support;
mod triggers;
