//! The people of a pool: how they are made, sign in and get tokens, and what the API lets them do.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod challenges;
mod identity;
mod kept;
mod lists;
mod login;
mod named;
mod people;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod users;
