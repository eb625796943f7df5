//! Checks a zip before anything is changed: what Lambda would only find out at the first call.

use super::{Package, Start, elf};
use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
    spec::function::runtime::{Family, Module},
};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    path::Path,
};
use zip::ZipArchive;

/// Lambda's limits for a zip sent directly, and for what is in it (docs/aws.md §8).
pub(crate) const MOST_ZIPPED: u64 = 50 * 1024 * 1024;
pub(crate) const MOST_UNZIPPED: u64 = 250 * 1024 * 1024;

/// Opens the zip of a program for `provided.al2023`, to run on `architecture` (`x86_64` or
/// `arm64`).
///
/// # Errors
/// [`ErrorKind::Input`], each with what to do about it, for a file that cannot be read, is too big, or
/// that Lambda could not start.
pub fn open(path: &Path, architecture: &str) -> Result<Package> {
    let bytes = read(path)?;
    check(&bytes, &Start::native(architecture)).map_err(|error| error.at(path.display()))?;
    Ok(Package::of(path.to_owned(), &bytes))
}

/// Reads a zip that is not too big for Lambda.
///
/// # Errors
/// [`ErrorKind::Input`] where it cannot be read, or is too big.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let missing = |error: Error| error.hint("name a file that is there, relative to stack.toml");
    // Told with what to do about it, without the whole of a file that is far too large.
    let size = std::fs::metadata(path).context(ErrorKind::Input, format!("{shown} cannot be read"));
    let size = size.map_err(missing)?.len();
    is_small_enough(size).map_err(|error| error.at(&shown))?;
    bounded::file(path, MOST_ZIPPED).map_err(missing)
}

/// Checks a zip's bytes, all but whether the handler is in it.
///
/// # Errors
/// [`ErrorKind::Input`], each with what to do about it, for what Lambda would not take or could not start.
pub fn check(bytes: &[u8], start: &Start<'_>) -> Result<()> {
    is_small_enough(bytes.len() as u64)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        Error::input("this is not a zip")
            .source(error)
            .hint(match Family::of(start.runtime) {
                Some(Family::Provided) => "make it with `zip users.zip bootstrap`",
                _ => "make it from inside the program's folder with `zip -r ../users.zip .`",
            })
    })?;
    stays_inside(&mut archive)?;
    match Family::of(start.runtime) {
        Some(Family::Provided) => elf::check(&bootstrap(&mut archive)?, start.architecture),
        _ => Ok(()),
    }
}

/// Makes sure that the runtime finds its handler in a zip, as far as files tell.
///
/// # Errors
/// [`ErrorKind::Input`], with what to do about it, where it is in no file that Lambda's user could read.
pub fn finds_handler(bytes: &[u8], start: &Start<'_>) -> Result<()> {
    let module = Family::of(start.runtime).and_then(|family| {
        // What is wrong with its text was told already.
        Module::of(family, start.handler).ok().flatten()
    });
    let Some(module) = module else { return Ok(()) };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let entries = entries(&mut archive)?;
    let mut files = entries
        .iter()
        .filter(|(place, it)| !it.is_folder && module.is_in(&place.join("/")));
    let Some((place, entry)) = files.next() else {
        // A layer may have it.
        if start.has_layers {
            return Ok(());
        }
        let names = module.names().join(", ");
        let message = format!(
            "{} looks for the handler \"{}\" in {names}: no such file is packed",
            start.runtime, start.handler
        );
        return Err(Error::input(message).hint(
            "name the file as it lies at the root of what is packed, without its ending; what .gitignore or \
             .wsctlignore names is not in it",
        ));
    };
    goes_through(place, &entries)?;
    can_be_read(place, entry.mode)
}

fn can_be_read(place: &[String], mode: Option<u32>) -> Result<()> {
    match mode {
        Some(mode) if mode & READ == 0 => {
            let name = place.join("/");
            Err(Error::input(format!(
                "`{name}` in the zip has mode {:04o}: Lambda reads it as another user, who may not",
                mode & 0o7777
            ))
            .hint(format!("run `chmod 644 {name}`, then zip it again")))
        }
        _ => Ok(()),
    }
}

fn is_small_enough(size: u64) -> Result<()> {
    if size < MOST_ZIPPED {
        return Ok(());
    }
    Err(Error::input(format!(
        "the zip has {size} bytes, and Lambda takes less than {MOST_ZIPPED}"
    ))
    .hint("leave out what the function does not need; a native program is smaller without debugging information, with opt-level = \"s\" and LTO"))
}

/// No entry may be written outside the function's own folder, and all of them must fit in it.
fn stays_inside(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<()> {
    let mut unzipped = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        unzipped = unzipped.saturating_add(entry.size());
        let name = entry.name().map_err(damaged)?;
        if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") {
            return Err(
                Error::input(format!("the entry {name:?} lies outside the zip"))
                    .hint("make the zip again from inside the folder that it shall hold"),
            );
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

/// How many links in a row are followed: as many as Linux follows at most.
const MOST_LINKS: usize = 40;
/// A Unix mode's kind of file, and that of a link.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
/// What Lambda's user, who owns none of the files, needs: to read and run a program, and to go through
/// a folder.
const READ_AND_RUN: u32 = 0o005;
const READ: u32 = 0o004;
const GO_THROUGH: u32 = 0o001;

/// An entry of a zip: where it is, and its mode.
#[derive(Clone, Copy)]
struct Entry {
    index: usize,
    mode: Option<u32>,
    is_folder: bool,
}

/// Entries by the place that each is unpacked to; of two at one place the later one stays.
type Entries = BTreeMap<Vec<String>, Entry>;

/// The program that Lambda would start, links followed.
fn bootstrap(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<u8>> {
    let entries = entries(archive)?;
    let mut place = vec!["bootstrap".to_owned()];
    for _ in 0..=MOST_LINKS {
        let Some(entry) = entries.get(&place).filter(|it| !it.is_folder) else {
            return Err(missing(&place, &entries));
        };
        goes_through(&place, &entries)?;
        let is_link = entry.mode.is_some_and(|mode| mode & KIND == LINK);
        let content = content(archive, entry.index)?;
        if !is_link {
            can_be_run(&place, entry.mode)?;
            return Ok(content);
        }
        place = target(&place, &String::from_utf8_lossy(&content))?;
    }
    Err(Error::input("`bootstrap` in the zip is a link that leads in a circle").hint(ITSELF))
}

const ITSELF: &str = "zip the program itself: `zip` follows links unless it is given -y";

fn entries(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Entries> {
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?;
        let place: Vec<_> = parts(&name).map(ToOwned::to_owned).collect();
        if !place.is_empty() {
            entries.insert(
                place,
                Entry {
                    index,
                    mode: entry.unix_mode(),
                    is_folder: entry.is_dir(),
                },
            );
        }
    }
    Ok(entries)
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
}

fn missing(place: &[String], entries: &Entries) -> Error {
    if place.len() > 1 || place[0] != "bootstrap" {
        let message = format!(
            "`bootstrap` in the zip is a link to {}, which is not in it",
            place.join("/")
        );
        return Error::input(message).hint(ITSELF);
    }
    if entries.keys().any(|it| it[0] == "bootstrap") {
        return Error::input("`bootstrap` in the zip is a folder")
            .hint("name the program itself bootstrap");
    }
    Error::input("there is no `bootstrap` at the root of the zip").hint(
        "name the program bootstrap, and zip it without its folder: `zip -j users.zip target/…/bootstrap`",
    )
}

/// Lambda's user has to get through every folder on the way.
fn goes_through(place: &[String], entries: &Entries) -> Result<()> {
    for end in 1..place.len() {
        let folder = &place[..end];
        let mode = entries.get(folder).and_then(|it| it.mode);
        if mode.is_some_and(|mode| mode & GO_THROUGH == 0) {
            let folder = folder.join("/");
            let message = format!("the folder {folder} in the zip lets nobody but its owner in");
            return Err(
                Error::input(message).hint(format!("run `chmod 755 {folder}`, then zip it again"))
            );
        }
    }
    Ok(())
}

fn can_be_run(place: &[String], mode: Option<u32>) -> Result<()> {
    let name = place.join("/");
    match mode {
        Some(mode) if mode & READ_AND_RUN == READ_AND_RUN => Ok(()),
        Some(mode) if mode & 0o111 != 0 => Err(Error::input(format!(
            "`{name}` in the zip has mode {:04o}: Lambda runs it as another user, who may not",
            mode & 0o7777
        ))
        .hint(format!("run `chmod 755 {name}`, then zip it again"))),
        _ => Err(
            Error::input(format!("`{name}` in the zip is not executable")).hint(format!(
                "run `chmod 755 {name}`, then zip it again (on Linux or macOS, which keep the mode)"
            )),
        ),
    }
}

/// Where the link at `place` leads to.
fn target(place: &[String], link: &str) -> Result<Vec<String>> {
    let outside = || {
        Error::input(format!(
            "`{}` in the zip is a link to {link:?}, outside of it",
            place.join("/")
        ))
        .hint(ITSELF)
    };
    if link.starts_with('/') {
        return Err(outside());
    }
    let mut to = place[..place.len() - 1].to_vec();
    for part in parts(link) {
        match part {
            ".." => drop(to.pop().ok_or_else(outside)?),
            part => to.push(part.to_owned()),
        }
    }
    if to.is_empty() {
        Err(outside())
    } else {
        Ok(to)
    }
}

fn content(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<Vec<u8>> {
    let mut entry = archive.by_index(index).map_err(damaged)?;
    let mut content = vec![];
    // A header may lie about the size.
    entry
        .by_ref()
        .take(MOST_UNZIPPED + 1)
        .read_to_end(&mut content)
        .map_err(damaged)?;
    Ok(content)
}

fn damaged(error: impl Into<anyhow::Error>) -> Error {
    Error::input("the zip is damaged")
        .source(error)
        .hint("make it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn zipped(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        writer
            .start_file(name, SimpleFileOptions::default().unix_permissions(mode))
            .unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        let error = check(bytes, &Start::native("x86_64")).unwrap_err();
        assert!(
            error.kind == ErrorKind::Input && error.hint.is_some(),
            "{error}"
        );
        error.message
    }

    #[test]
    fn every_zip_that_could_not_start_is_refused() {
        assert_eq!(refusal(b"no zip"), "this is not a zip");
        let elsewhere = zipped("release/bootstrap", 0o755, b"x");
        assert_eq!(
            refusal(&elsewhere),
            "there is no `bootstrap` at the root of the zip"
        );
        assert_eq!(
            refusal(&zipped("bootstrap", 0o644, b"x")),
            "`bootstrap` in the zip is not executable"
        );
        let script = zipped("bootstrap", 0o755, b"#!/bin/sh");
        assert!(refusal(&script).contains("not a 64-bit Linux program"));
    }

    /// A zip of entries: a name, a whole mode, and what is in it.
    fn zip_of(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        for (name, mode, content) in entries {
            let options = SimpleFileOptions::default().unix_permissions(*mode);
            match mode & KIND {
                LINK => writer
                    .add_symlink(*name, std::str::from_utf8(content).unwrap(), options)
                    .unwrap(),
                0o040_000 => writer.add_directory(*name, options).unwrap(),
                _ => {
                    writer.start_file(*name, options).unwrap();
                    writer.write_all(content).unwrap();
                }
            }
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn of_a_mode_counts_what_others_may() {
        for mode in 0..=0o777_u32 {
            let result = check(
                &zipped("bootstrap", mode, b"#!/bin/sh"),
                &Start::native("x86_64"),
            )
            .unwrap_err()
            .message;
            let is_mode = result.contains("mode") || result.contains("not executable");
            assert_eq!(!is_mode, mode & 0o005 == 0o005, "{mode:04o}: {result}");
        }
        let refused = refusal(&zipped("bootstrap", 0o750, b"x"));
        assert_eq!(
            refused,
            "`bootstrap` in the zip has mode 0750: Lambda runs it as another user, who may not"
        );
    }

    #[test]
    fn a_link_counts_as_what_it_leads_to() {
        let (program, folder, link) = (&b"a program"[..], 0o040_755, LINK | 0o777);
        let dead_end = |words: &str, entries: &[(&str, u32, &[u8])]| {
            let message = refusal(&zip_of(entries));
            assert!(message.contains(words), "{message}");
        };
        // Whether the program itself would start is another check's; here it is only reached.
        let reaches = |entries: &[(&str, u32, &[u8])]| {
            let bytes = zip_of(entries);
            let mut archive = ZipArchive::new(Cursor::new(&bytes[..])).unwrap();
            assert_eq!(bootstrap(&mut archive).unwrap(), program);
        };
        reaches(&[("./bootstrap", 0o100_755, program)]);
        reaches(&[
            ("bin/", folder, b""),
            ("bin/x", 0o100_755, program),
            ("bootstrap", link, b"bin/x"),
        ]);
        reaches(&[
            ("a/x", 0o100_755, program),
            ("b/y", link, b"../a/x"),
            ("bootstrap", link, b"./b/y"),
        ]);
        dead_end(
            "has mode 0700",
            &[("x", 0o100_700, program), ("bootstrap", link, b"x")],
        );
        let closed = 0o040_700;
        dead_end(
            "the folder bin in the zip",
            &[
                ("bin/", closed, b""),
                ("bin/x", 0o100_755, program),
                ("bootstrap", link, b"bin/x"),
            ],
        );
        dead_end(
            "a link to bin/x, which is not in it",
            &[("bootstrap", link, b"bin/x")],
        );
        dead_end("outside of it", &[("bootstrap", link, b"/opt/bootstrap")]);
        dead_end("outside of it", &[("bootstrap", link, b"../bootstrap")]);
        dead_end(
            "in a circle",
            &[("bootstrap", link, b"x"), ("x", link, b"bootstrap")],
        );
        dead_end(
            "is a folder",
            &[
                ("bootstrap/", folder, b""),
                ("bootstrap/bootstrap", 0o100_755, program),
            ],
        );
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
