//! The bytes of a function's zip, from where its digest says.

use crate::{
    aws::Aws,
    bounded,
    error::{Error, Result},
    package,
};

/// Whether a zip with this base64 SHA-256 is on this machine.
pub(super) fn is_known(aws: &Aws, sha256: &str) -> bool {
    aws.zips
        .read()
        .expect("no panic while held")
        .contains_key(sha256)
}

/// Reads the zip with this base64 SHA-256, and makes sure that it still is that one.
pub(super) fn bytes(aws: &Aws, sha256: &str) -> Result<Vec<u8>> {
    let path = aws
        .zips
        .read()
        .expect("no panic while held")
        .get(sha256)
        .cloned();
    let path = path.ok_or_else(|| Error::internal(format!("no zip is known for code {sha256}")))?;
    let shown = path.display().to_string();
    let bytes = bounded::file(&path, package::MOST_ZIPPED)?;
    if package::sha256(&bytes) != sha256 {
        return Err(
            Error::input(format!("{shown} has changed since the plan was made"))
                .hint("run the same command again"),
        );
    }
    Ok(bytes)
}
