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
//! plan. What looks at AWS and changes it is in another, [`wsctl_aws`]. Their modules are re-exported here. So is
//! the sign-in protocol, [`cognito_sign_in`], which knows nothing of wsctl.
//!
//! | room | what is in it | pure |
//! |---|---|---|
//! | [`cli`] | what can be typed | yes |
//! | [`commands`] | one file a command: load, observe, plan, render; only here is printed | |
//! | [`identity`] | users, sign-in, tokens and their checks, plain HTTP: what `user`, `token`, `call` are made of | in part |
//! | [`permissions`] | what IAM has to grant for each task | yes |
//! | [`sandbox`] | the local AWS: MiniStack, installed, amended and run | |
//! | [`verify`] | the workshop page's acceptance of a whole stack | but for the calls |
//! | [`view`] | plans, reports and progress as text | yes, but for progress |
//!
//! What may not be given up, how a command flows through the rooms, and how a kind of resource is made:
//! `docs/architecture.md`. What was decided, when, and what was rejected: `docs/decisions/`. What the
//! code knows of AWS: `docs/aws.md`.

pub mod cli;
pub mod commands;
pub mod identity;
pub mod permissions;
pub mod sandbox;
pub mod verify;
pub mod view;

pub use wsctl_aws::{
    aws, bounded, engine, inventory, kind, kinds, package, private, process, timestamp,
};
pub use wsctl_core::{
    convert, diff, drift, duration, error, graph, owner, plain, plan, shape, spec, stack, value,
};
