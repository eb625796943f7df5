//! wsctl provisions the Amazon Cognito workshop stack from one declarative file.
//!
//! # The idea
//!
//! ```text
//! stack.toml ──stack──▶ Vec<Desired> ─┐
//!                                     ├─ plan (pure) ──▶ Plan ──┬─ view ──▶ a person, JSON
//! AWS ──engine::observe──▶ Vec<Live> ─┘                         └─ engine::apply ──▶ AWS
//! ```
//!
//! There is no state file: live AWS is the state. `destroy` is the plan against an empty stack.
//!
//! # The rooms
//!
//! What needs neither AWS nor a file is in a crate of its own, [`wsctl_core`]: stack.toml, the kinds' fields, the
//! plan. Its modules are re-exported here. So is the sign-in protocol, [`cognito_sign_in`], which knows nothing
//! of wsctl.
//!
//! | room | what is in it | pure |
//! |---|---|---|
//! | [`cli`] | what can be typed | yes |
//! | [`commands`] | one file a command: load, observe, plan, render; only here is printed | |
//! | [`kind`] | the contract of a kind's calls, typed and erased | |
//! | [`kinds`] | one file a kind: its calls; only here are services called | |
//! | [`engine`] | observe and apply | |
//! | [`inventory`] | everything in an account and region that may be of a stack; it only reads | |
//! | [`aws`] | clients, the one way to call, retries, what errors mean, ownership tags | |
//! | [`identity`] | users, sign-in, tokens and their checks, plain HTTP: what `user`, `token`, `call` are made of | in part |
//! | [`package`] | building and packing a function's zip | |
//! | [`bounded`] | reading files that may be devices, pipes or without an end | |
//! | [`permissions`] | what IAM has to grant for each task | yes |
//! | [`private`] | folders and files that are the user's alone: `.wsctl` and the cache | |
//! | [`process`] | which process is which | |
//! | [`sandbox`] | the local AWS: MiniStack, installed, amended and run | |
//! | [`timestamp`] | seconds since 1970 in JSON | yes |
//! | [`verify`] | the workshop page's acceptance of a whole stack | but for the calls |
//! | [`view`] | plans, reports and progress as text | yes, but for progress |
//!
//! What may not be given up, how a command flows through the rooms, and how a kind of resource is made:
//! `docs/architecture.md`. What was decided, when, and what was rejected: `docs/decisions/`. What the
//! code knows of AWS: `docs/aws.md`.

pub mod aws;
pub mod bounded;
pub mod cli;
pub mod commands;
pub mod engine;
pub mod identity;
pub mod inventory;
pub mod kind;
pub mod kinds;
pub mod package;
pub mod permissions;
pub mod private;
pub mod process;
pub mod sandbox;
pub mod timestamp;
pub mod verify;
pub mod view;

pub use wsctl_core::{
    convert, diff, drift, duration, error, graph, owner, plain, plan, shape, spec, stack, value,
};
