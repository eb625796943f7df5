//! The workshop in the sandbox, from the first apply to the browser, and the sandbox itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod canary;
mod sandbox;
#[path = "../support/mod.rs"]
mod support;
mod verify;
mod workshop;
