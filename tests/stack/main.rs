//! A stack's life, as the engine and as the program, on emulators.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attach;
mod attendees;
mod builds;
mod cli;
mod clients;
mod completions;
mod contract;
mod convert;
mod crash;
mod drift;
mod examples;
mod identity_pool;
mod import;
mod inspect;
mod integrations;
mod inventory;
mod lambda_authorizer;
mod lock;
mod logs;
mod migration;
mod outputs;
mod ownership;
mod prepared;
mod programs;
mod recipes;
mod runtimes;
mod saved_plan;
mod shown;
#[path = "../support/mod.rs"]
mod support;
mod triggers;
mod two_apis;
mod wire;
