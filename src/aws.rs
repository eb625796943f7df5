//! Everything between the kinds and the wire: clients, one way to call, one way to fail.

mod call;
mod connect;
mod failure;
mod hidden;
mod hints;
mod lock;
mod pace;
mod reads;
mod tags;

pub use call::{Calls, Purpose, absent};
pub use connect::{Aws, Credentials, Target};
pub use lock::{Holder, Lock};
pub use reads::{Reads, Tagged};
pub use tags::{ADDRESS_TAG, STACK_TAG, Tags, declared, owner};
