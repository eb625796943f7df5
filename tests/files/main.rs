//! What wsctl makes of files, its own sources among them: no AWS, and no emulator of one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod any_bytes;
mod bad_input;
mod dependencies;
mod documents;
mod places;
mod purity;
mod rooms;
mod shown;
