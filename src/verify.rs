//! The workshop page's acceptance of a whole stack: what a visitor, a signed-in user and a stranger
//! get, as one run. [`checks`], [`report`] and the comparison with the file are pure.
//!
//! A run changes two things and takes both back, whatever happens: a user in the pool, and a pool
//! of its own whose tokens the API has to refuse. Their names begin with [`MARK`].

mod api;
pub mod browser;
pub mod checks;
mod cors;
mod declared;
mod expired;
mod log;
mod login;
mod people;
mod report;
mod routes;
mod run;
mod stranger;
mod write;

pub use declared::declared;
pub use report::{CheckOutcome, Status};
pub use run::Verify;

/// How the names of everything that a run makes begin.
pub const MARK: &str = "wsctl-verify-";
