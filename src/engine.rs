//! The effects: look at AWS, and carry out a plan.

mod apply;
mod doors;
mod locked;
mod made;
mod observe;
mod taken;
mod weigh;

pub use apply::{Event, Outcome, Progress, Report, StepResult, apply};
pub use doors::doors;
pub use locked::locked;
pub use observe::{Observed, observe};
pub use weigh::weigh;
