//! Files → their zip, byte for byte the same every time. Pure.
//!
//! Lambda compares code by the digest of the zip, so time, order, mode and compression are fixed
//! (docs/aws.md §8).

use crate::error::{Context, ErrorKind, Result};
use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// What goes into a zip, by its path there.
pub(super) type Items = BTreeMap<String, Item>;

pub(super) enum Item {
    File {
        content: Vec<u8>,
        is_executable: bool,
    },
    /// What it leads to.
    Link(String),
}

/// The zip of one executable `bootstrap`.
pub fn zip(bootstrap: &[u8]) -> Result<Vec<u8>> {
    let program = Item::File {
        content: bootstrap.to_vec(),
        is_executable: true,
    };
    zip_of(&Items::from([("bootstrap".to_owned(), program)]))
}

/// The zip of several files: Lambda's user, who owns none of them, may read each (docs/aws.md §8).
pub(super) fn zip_of(items: &Items) -> Result<Vec<u8>> {
    let write = || {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        for (name, item) in items {
            match item {
                Item::File {
                    content,
                    is_executable,
                } => {
                    let mode = if *is_executable { 0o755 } else { 0o644 };
                    writer.start_file(name, options(mode))?;
                    writer.write_all(content)?;
                }
                Item::Link(target) => writer.add_symlink(name, target, options(0o777))?,
            }
        }
        Ok::<_, zip::result::ZipError>(writer.finish()?.into_inner())
    };
    write().context(ErrorKind::Internal, "the files cannot be zipped")
}

fn options(mode: u32) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        // The default is 1980-01-01; said here since the digest hangs on it.
        .last_modified_time(DateTime::default())
        .unix_permissions(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_gives_the_same_zip() {
        let program: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        assert_eq!(zip(&program).unwrap(), zip(&program).unwrap());
    }

    #[test]
    fn the_zip_holds_one_executable_bootstrap_of_1980() {
        let bytes = zip(b"program").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 1);
        let entry = archive.by_index(0).unwrap();
        assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        assert_eq!(entry.last_modified().map(|time| time.year()), Some(1980));
    }
}
