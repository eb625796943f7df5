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
//! | room | what is in it | pure |
//! |---|---|---|
//! | [`cli`] | what can be typed | yes |
//! | [`commands`] | one file a command: load, observe, plan, render; only here is printed | |
//! | [`error`] | the one error type; its kind decides the exit code | yes |
//! | [`value`] | addresses, `${…}` references, digests | yes |
//! | [`diff`] | two trees → the fields that differ | yes |
//! | [`graph`] | the stack as Mermaid, DOT and SVG | yes |
//! | [`drift`] | a plan read as a finding: what is not as the file says | yes |
//! | [`duration`] | `60m`, `5d` | yes |
//! | [`stack`] | stack.toml: source and spans, schema, tables, checks, lowering to [`plan::Desired`] | yes |
//! | [`plan`] | desired + live → steps, and their order | yes |
//! | [`spec`] | one file a kind of resource: what can be said of it, and what it is like | yes |
//! | [`kind`] | the contract of a kind's calls, typed and erased | |
//! | [`kinds`] | one file a kind: its calls; only here are services called | |
//! | [`engine`] | observe and apply | |
//! | [`inventory`] | everything in an account and region that may be of a stack; it only reads | |
//! | [`aws`] | clients, the one way to call, retries, what errors mean, ownership tags | |
//! | [`identity`] | users, sign-in, tokens and their checks, plain HTTP: what `user`, `token`, `call` are made of | in part |
//! | [`owner`] | whose a resource is, and the tags that say so | yes |
//! | [`package`] | building and packing a function's zip | |
//! | [`bounded`] | reading files that may be devices, pipes or without an end | |
//! | [`permissions`] | what IAM has to grant for each task | yes |
//! | [`plain`] | text that somebody else wrote, made harmless where a person reads it | yes |
//! | [`private`] | folders and files that are the user's alone: `.wsctl` and the cache | |
//! | [`process`] | which process is which | |
//! | [`shape`] | which texts AWS takes, under its own names for them | yes |
//! | [`sandbox`] | the local AWS: MiniStack, installed, amended and run | |
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
pub mod diff;
pub mod drift;
pub mod duration;
pub mod engine;
pub mod error;
pub mod graph;
pub mod identity;
pub mod inventory;
pub mod kind;
pub mod kinds;
pub mod owner;
pub mod package;
pub mod permissions;
pub mod plain;
pub mod plan;
pub mod private;
pub mod process;
pub mod sandbox;
pub mod shape;
pub mod spec;
pub mod stack;
pub mod value;
pub mod verify;
pub mod view;
