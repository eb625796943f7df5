//! Everything between the kinds and the wire: clients, one way to call, one way to fail.

mod answers;
pub mod body;
mod call;
mod clock;
mod connect;
mod download;
mod failure;
mod hidden;
mod hints;
mod lock;
mod pace;
mod pages;
mod reads;
mod skew;
mod told;
mod trace;

pub use call::{Calls, Purpose, absent};
pub use clock::Clock;
pub use connect::{Aws, Credentials, Keys, Target, default_region, emulators_keys};
pub(crate) use failure::{is_denied, is_said_to_be_busy, is_there_already, is_unknown};
pub use lock::{Holder, Lock};
pub use pages::pages;
pub(crate) use reads::LIST_LAG;
pub use reads::{Reads, Tagged};
pub(crate) use told::told;
pub use trace::{Shown, Trace};
