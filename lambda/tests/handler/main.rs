//! The real `bootstrap` over the Lambda Runtime API, with a real PostgreSQL.

mod authorization;
mod faults;
mod hostile;
mod rotation;
mod routes;
mod start;
#[path = "../support/mod.rs"]
mod support;
