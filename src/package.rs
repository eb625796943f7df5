//! The zip with a Lambda function's program: checked where it is given, built from a crate where
//! it is not. Nothing here talks to AWS.
//!
//! [`zip`] and the checks are pure functions of bytes; [`open`] reads a file, [`build`] runs cargo unless
//! what it would read is as it was.

mod build;
mod check;
mod elf;
mod inputs;
mod record;
mod zip;

pub use build::{build, built};
pub(crate) use check::MOST_ZIPPED;
pub use check::open;
pub use zip::zip;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// A zip that Lambda will accept and can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub path: PathBuf,
    /// In base64, as Lambda's `CodeSha256`.
    pub sha256: String,
    /// Of the zip, in bytes.
    pub size: u64,
}

/// The base64 SHA-256 of a zip's bytes, which is Lambda's `CodeSha256` (docs/aws.md §8).
pub fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}
