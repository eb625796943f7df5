//! The zip with a Lambda function's program: checked where it is given, built from a crate where
//! it is not. Nothing here talks to AWS.
//!
//! [`zip`](zip()) and the checks are pure functions of bytes; [`open`] reads a file, [`folder`](folder()) all that
//! is in one, [`Crate`] runs cargo unless what it would read is as it was, and [`Prepared`] a command
//! of the file's in a folder.

mod build;
mod check;
mod command;
mod elf;
mod folder;
mod inputs;
mod record;
mod start;
mod zip;

pub use build::{Crate, Platform};
pub(crate) use check::{MOST_UNZIPPED, MOST_ZIPPED};
pub use check::{check, finds_handler, open, read};
pub use command::Prepared;
pub use start::Start;
pub use zip::zip;

use crate::{error::Result, private::Private};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A zip that Lambda will accept and can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub path: PathBuf,
    /// In base64, as Lambda's `CodeSha256`.
    pub sha256: String,
    /// Of the zip, in bytes.
    pub size: u64,
}

impl Package {
    /// Of these bytes, which are in the file `path`.
    pub fn of(path: PathBuf, bytes: &[u8]) -> Self {
        Self {
            path,
            sha256: sha256(bytes),
            size: bytes.len() as u64,
        }
    }
}

/// The zip of what is in the folder `name` of `base`, but for what is ignored. No link is followed.
///
/// # Errors
/// [`ErrorKind::Input`](crate::error::ErrorKind), each with what to do about it, where something in it
/// cannot be packed, or is too much.
pub fn folder(base: &Path, name: &str) -> Result<Vec<u8>> {
    zip::zip_of(&folder::folder(base, name)?)
}

/// Whether `name` of `base` is a folder that can be packed; nothing in it is read.
///
/// # Errors
/// [`ErrorKind::Input`](crate::error::ErrorKind) where it is none, or a link leads there.
pub fn is_folder(base: &Path, name: &str) -> Result<()> {
    folder::root(base, name).map(drop)
}

/// The zip of the single file `name` of `base`, under its own name.
///
/// # Errors
/// [`ErrorKind::Input`](crate::error::ErrorKind) where it cannot be read.
pub fn file(base: &Path, name: &str) -> Result<Vec<u8>> {
    zip::zip_of(&folder::file(base, name)?)
}

/// Keeps a zip as `name` in `out`, which is written only when it changes.
///
/// # Errors
/// Where it cannot be written.
pub fn keep(bytes: &[u8], out: &Private, name: &str) -> Result<Package> {
    build::write_if_changed(out, name, bytes)?;
    Ok(Package::of(out.file(name), bytes))
}

/// The base64 SHA-256 of a zip's bytes, which is Lambda's `CodeSha256` (docs/aws.md §8).
pub fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}
