//! Checks a zip before anything is changed: what Lambda would only find out at the first call.

use super::{Package, elf, sha256};
use crate::error::{Context, Error, Kind, Result};
use std::{
    io::{Cursor, Read},
    path::Path,
};
use zip::ZipArchive;

/// Lambda's limits for a zip sent directly, and for what is in it (dossier §8).
const MOST_ZIPPED: u64 = 50 * 1024 * 1024;
const MOST_UNZIPPED: u64 = 250 * 1024 * 1024;

/// Opens the zip of a program for `provided.al2023`, to run on `architecture` (`x86_64` or
/// `arm64`).
///
/// # Errors
/// [`Kind::Input`], each with what to do about it, for a file that cannot be read, is too big, or
/// that Lambda could not start.
pub fn open(path: &Path, architecture: &str) -> Result<Package> {
    let shown = path.display();
    let size = std::fs::metadata(path).context(Kind::Input, format!("{shown} cannot be read"));
    let size = size.map_err(|error| error.hint("name a file that is there, relative to stack.toml"))?.len();
    is_small_enough(size).map_err(|error| error.at(&shown))?;
    let bytes = std::fs::read(path).context(Kind::Input, format!("{shown} cannot be read"))?;
    check(&bytes, architecture).map_err(|error| error.at(&shown))?;
    Ok(Package { path: path.to_owned(), sha256: sha256(&bytes), size })
}

/// Checks a zip's bytes.
pub(super) fn check(bytes: &[u8], architecture: &str) -> Result<()> {
    is_small_enough(bytes.len() as u64)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        Error::input("this is not a zip").source(error).hint("make it with `zip users.zip bootstrap`")
    })?;
    stays_inside(&mut archive)?;
    elf::check(&bootstrap(&mut archive)?, architecture)
}

fn is_small_enough(size: u64) -> Result<()> {
    if size < MOST_ZIPPED {
        return Ok(());
    }
    Err(Error::input(format!("the zip has {size} bytes, and Lambda takes less than {MOST_ZIPPED}"))
        .hint("strip the program of debugging information, or build it with opt-level = \"s\" and LTO"))
}

/// No entry may be written outside the function's own folder, and all of them must fit in it.
fn stays_inside(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<()> {
    let mut unzipped = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        unzipped = unzipped.saturating_add(entry.size());
        let name = entry.name().map_err(damaged)?;
        if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") {
            return Err(Error::input(format!("the entry {name:?} lies outside the zip"))
                .hint("make the zip again from inside the folder that it shall hold"));
        }
    }
    if unzipped > MOST_UNZIPPED {
        return Err(Error::input(format!(
            "it unpacks to {unzipped} bytes, and Lambda allows {MOST_UNZIPPED}"
        ))
        .hint("leave out what the function does not need"));
    }
    Ok(())
}

fn bootstrap(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<u8>> {
    let Some(index) = archive.index_for_name("bootstrap") else {
        return Err(Error::input("there is no `bootstrap` at the root of the zip")
            .hint("name the program bootstrap, and zip it without its folder: `zip -j users.zip target/…/bootstrap`"));
    };
    let mut entry = archive.by_index(index).map_err(damaged)?;
    if entry.unix_mode().is_none_or(|mode| mode & 0o111 == 0) {
        return Err(Error::input("`bootstrap` in the zip is not executable")
            .hint("run `chmod 755 bootstrap`, then zip it again (on Linux or macOS, which keep the mode)"));
    }
    let mut program = vec![];
    // A header may lie about the size.
    entry.by_ref().take(MOST_UNZIPPED + 1).read_to_end(&mut program).map_err(damaged)?;
    Ok(program)
}

fn damaged(error: impl Into<anyhow::Error>) -> Error {
    Error::input("the zip is damaged").source(error).hint("make it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn zipped(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        writer.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        let error = check(bytes, "x86_64").unwrap_err();
        assert!(error.kind == Kind::Input && error.hint.is_some(), "{error}");
        error.message
    }

    #[test]
    fn every_zip_that_could_not_start_is_refused() {
        assert_eq!(refusal(b"no zip"), "this is not a zip");
        let elsewhere = zipped("release/bootstrap", 0o755, b"x");
        assert_eq!(refusal(&elsewhere), "there is no `bootstrap` at the root of the zip");
        assert_eq!(refusal(&zipped("bootstrap", 0o644, b"x")), "`bootstrap` in the zip is not executable");
        let script = zipped("bootstrap", 0o755, b"#!/bin/sh");
        assert!(refusal(&script).contains("not a 64-bit Linux program"));
    }

    #[test]
    fn an_entry_outside_the_zip_is_refused() {
        assert!(refusal(&zipped("a/../../b", 0o644, b"x")).contains("lies outside the zip"));
        assert!(refusal(&zipped("/etc/b", 0o644, b"x")).contains("lies outside the zip"));
    }

    #[test]
    fn a_zip_of_50_mb_is_too_big() {
        assert!(is_small_enough(MOST_ZIPPED).is_err());
        assert!(is_small_enough(MOST_ZIPPED - 1).is_ok());
    }
}
