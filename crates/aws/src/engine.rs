//! The effects: look at AWS, and carry out a plan.

mod apply;
mod batch;
mod carry_out;
mod deployment;
mod gone;
mod late;
mod locked;
mod observe;
mod settle;
mod taken;

pub use apply::{Event, Outcome, Progress, Proof, Report, StepResult};
pub use carry_out::{Consent, Done, Operator, Order};
pub use deployment::{Deployment, Goal, Proposal};
pub use gone::Gone;
pub use locked::locked;
pub use observe::{Observed, observe};
