//! The AWS operations that wsctl uses, in memory: as strict as AWS itself where emulators are lax,
//! and quick enough to run thousands of applies in.
//!
//! [`Memory`] is an HTTP client for the SDK. A request becomes a [`call::Call`] by the service's
//! published model, is checked against that model, against the account's rates and against whoever
//! else is writing, then takes effect in the [`cloud::Cloud`], which is plain data. What AWS does
//! and emulators do not is a switch each in [`strict::Strict`].

pub mod answer;
mod behind;
pub mod call;
pub mod clock;
pub mod cloud;
mod cognito;
mod dangling;
mod doors;
mod dump;
pub mod endless;
mod gateway;
mod guard;
mod iam;
mod identity;
mod lambda;
mod limits;
mod logs;
pub mod memory;
pub mod model;
pub mod parts;
mod secrets;
pub mod strict;
mod tagging;

pub use clock::Clock;
pub use cloud::Cloud;
pub use cognito::part::{PART_KINDS, PartKind};
pub use memory::Memory;
pub use model::as_java_means;
pub use strict::{Ignored, Strict};
