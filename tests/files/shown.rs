//! What a person reads without any AWS: the help of every command, and mistakes as they are shown.
//!
//! Inline snapshots. After a change that is wanted: `cargo insta test --accept --test files -- shown`
//! (cargo-insta), and read the difference.

mod errors;
mod help;
