//! wsctl
pub mod aws;
pub mod diff;
pub mod error;
pub mod kind;
pub mod kinds;
pub mod value;
