//! Everything between the kinds and the wire: clients, one way to call, one way to fail.

mod call;
mod connect;
mod failure;
mod hints;
mod pace;
mod reads;
mod tags;

pub use call::{Calls, absent};
pub use connect::{Aws, Credentials, Target, default_region};
pub use reads::{Reads, Tagged};
pub use tags::{ADDRESS_TAG, STACK_TAG, Tags, declared, owner};
