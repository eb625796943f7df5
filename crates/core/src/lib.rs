//! What stack.toml says, what is live, and what follows from both. Pure: there is nothing here that could
//! call AWS, wait for anything, or open a file; Cargo.toml has no crate with which it could.
//!
//! | room | what is in it |
//! |---|---|
//! | [`stack`] | stack.toml: source and spans, schema, tables, checks, lowering to [`plan::Desired`] |
//! | [`convert`] | SAM, CloudFormation, serverless.yml and Terraform → stack.toml, with what it cannot say as comments |
//! | [`spec`] | one file a kind of resource: what can be said of it, and what it is like |
//! | [`plan`] | desired + live → steps, and their order |
//! | [`drift`] | a plan read as a finding: what is not as the file says |
//! | [`graph`] | the stack as Mermaid, DOT and SVG |
//! | [`owner`] | whose a resource is, and the tags that say so |
//! | [`value`] | addresses, `${…}` references, digests |
//! | [`diff`] | two trees → the fields that differ |
//! | [`duration`] | `60m`, `5d` |
//! | [`shape`] | which texts AWS takes, under its own names for them |
//! | [`plain`] | text that somebody else wrote, made harmless where a person reads it |
//! | [`error`] | the one error type; its kind decides the exit code |

pub mod convert;
pub mod diff;
pub mod drift;
pub mod duration;
pub mod error;
pub mod graph;
pub mod owner;
pub mod plain;
pub mod plan;
pub mod shape;
pub mod spec;
pub mod stack;
pub mod value;
