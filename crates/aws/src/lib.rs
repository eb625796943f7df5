//! AWS as wsctl sees it: what is there, what a plan of it is, and how that is carried out. Nothing here prints or
//! asks, and nothing here knows what can be typed.
//!
//! What needs neither AWS nor a file is in [`wsctl_core`]; its modules are re-exported here.
//!
//! | room | what is in it |
//! |---|---|
//! | [`aws`] | clients, the one way to call, retries, what errors mean, ownership tags |
//! | [`kind`] | the contract of a kind's calls, typed and erased |
//! | [`kinds`] | one file a kind: its calls; only here are services called |
//! | [`engine`] | observe and apply |
//! | [`inventory`] | everything in an account and region that may be of a stack; it only reads |
//! | [`package`] | building and packing a function's zip |
//! | [`bounded`] | reading files that may be devices, pipes or without an end |
//! | [`private`] | folders and files that are the user's alone: `.wsctl` and the cache |
//! | [`process`] | which process is which |
//! | [`timestamp`] | seconds since 1970 in JSON |

pub mod aws;
pub mod bounded;
pub mod engine;
pub mod inventory;
pub mod kind;
pub mod kinds;
pub mod package;
pub mod private;
pub mod process;
pub mod timestamp;

pub use wsctl_core::{diff, duration, error, owner, plain, plan, shape, spec, stack, value};
