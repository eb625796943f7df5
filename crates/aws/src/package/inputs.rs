//! What a build reads, to tell later whether it would read the same again. It only reads files.

use crate::{bounded, error::Error, value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

/// The variables that a build gets.
pub(super) type Environment = BTreeMap<OsString, OsString>;

/// When an inode was changed, by the clock of the kernel: seconds, and nanoseconds of the next.
pub(super) type Moment = (i64, i64);

/// One thing that a build reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Input {
    /// What is in a file, or that it is not there.
    File(PathBuf),
    /// The same, or all that is in a folder.
    Tree(PathBuf),
    /// All that is in a folder, whatever its times, and without following links.
    Content(PathBuf),
    /// Every manifest of cargo's in a folder and below.
    Manifests(PathBuf),
    /// Which file it is, of one that is large and not the user's own, such as a compiler.
    Stamp(PathBuf),
    /// Which file of PATH is run.
    Program(String),
    Variable(String),
}

/// All that a build reads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Inputs {
    pub(super) all: BTreeSet<Input>,
    /// Folders that no tree has: what cargo itself writes.
    pub(super) skipped: BTreeSet<PathBuf>,
}

/// What was there.
pub(super) struct Snapshot {
    pub(super) digest: String,
    /// What became so at the given moment or later.
    pub(super) changed: Vec<PathBuf>,
}

/// Variables by which cargo, rustc, rustup or a linker work otherwise. Those that a crate reads stand
/// beside its sources.
const HEEDED: [&str; 10] = [
    "CARGO",
    "RUST",
    "__CARGO",
    "ZIG",
    "HOME",
    "LIBRARY_PATH",
    "LD_LIBRARY_PATH",
    "COMPILER_PATH",
    "SDKROOT",
    "SOURCE_DATE_EPOCH",
];

/// Variables that are heeded whoever reads them.
pub(super) fn heeded(environment: &Environment) -> impl Iterator<Item = (&OsString, &OsString)> {
    let is_heeded = |name: &OsStr| {
        HEEDED
            .iter()
            .any(|start| name.as_bytes().starts_with(start.as_bytes()))
    };
    environment.iter().filter(move |(name, _)| is_heeded(name))
}

/// More than that is not read to find out that nothing is to be done.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 256 << 20;

/// What no build reads, or not as a source: version control's, and wsctl's own.
const NO_SOURCES: [&str; 2] = [".git", ".wsctl"];

impl Inputs {
    /// Looks at all of it. What changed at `since` or later is named.
    ///
    /// # Errors
    /// Where it cannot be told, or not in a short time.
    pub(super) fn look(
        &self,
        environment: &Environment,
        since: Option<Moment>,
    ) -> io::Result<Snapshot> {
        let mut eye = Eye {
            sum: Sha256::new(),
            changed: vec![],
            since,
            skipped: &self.skipped,
            files: MOST_FILES,
            bytes: MOST_BYTES,
        };
        for (name, value) in heeded(environment) {
            eye.note(name.as_bytes());
            eye.note(value.as_bytes());
        }
        for input in &self.all {
            match input {
                Input::File(path) => eye.file(path)?,
                Input::Tree(path) => eye.tree(path)?,
                Input::Content(path) => eye.folder(path)?,
                Input::Manifests(path) => eye.manifests(path)?,
                Input::Stamp(path) => eye.stamp(path)?,
                Input::Program(name) => match program(name, environment) {
                    Some(path) => eye.stamp(&path)?,
                    None => eye.note(b"no such program"),
                },
                Input::Variable(name) => match environment.get(OsStr::new(name)) {
                    Some(value) => eye.note(&[b"=", value.as_bytes()].concat()),
                    None => eye.note(b"not set"),
                },
            }
        }
        let digest = value::hex(&eye.sum.finalize());
        Ok(Snapshot {
            digest,
            changed: eye.changed,
        })
    }
}

/// The file that is run for this name.
fn program(name: &str, environment: &Environment) -> Option<PathBuf> {
    let folders = environment.get(OsStr::new("PATH"))?;
    let files = env::split_paths(folders).map(|folder| folder.join(name));
    files
        .into_iter()
        .find(|it| fs::metadata(it).is_ok_and(|it| it.is_file() && it.mode() & 0o111 != 0))
}

struct Eye<'a> {
    sum: Sha256,
    changed: Vec<PathBuf>,
    since: Option<Moment>,
    skipped: &'a BTreeSet<PathBuf>,
    /// How many more are looked at.
    files: usize,
    bytes: u64,
}

impl Eye<'_> {
    /// Each part with its length, so that no two lists of parts have the same bytes.
    fn note(&mut self, part: &[u8]) {
        self.sum.update((part.len() as u64).to_le_bytes());
        self.sum.update(part);
    }

    /// What is there, links followed.
    fn there(&mut self, path: &Path) -> io::Result<Option<fs::Metadata>> {
        self.files = self
            .files
            .checked_sub(1)
            .ok_or_else(|| io::Error::other("too many files"))?;
        self.note(path.as_os_str().as_bytes());
        match fs::metadata(path) {
            Ok(there) => Ok(Some(there)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                self.note(b"not there");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether it is new. To be asked after it was read: then what was read is older.
    fn age(&mut self, path: &Path) -> io::Result<()> {
        let there = fs::metadata(path)?;
        if self
            .since
            .is_some_and(|since| (there.ctime(), there.ctime_nsec()) >= since)
        {
            self.changed.push(path.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        match self.there(path)? {
            None => Ok(()),
            Some(it) if it.is_dir() => {
                self.note(b"a folder");
                Ok(())
            }
            Some(_) => self.content(path),
        }
    }

    fn content(&mut self, path: &Path) -> io::Result<()> {
        let content = bounded::file(path, self.bytes).map_err(unreadable)?;
        self.bytes -= content.len() as u64;
        self.note(&content);
        // cargo goes by the time, and may have taken what was changed for unchanged: then a new time is
        // how its user has it built.
        let there = fs::metadata(path)?;
        self.note(
            &[there.mtime(), there.mtime_nsec()]
                .map(i64::to_le_bytes)
                .concat(),
        );
        self.age(path)
    }

    fn tree(&mut self, path: &Path) -> io::Result<()> {
        match self.there(path)? {
            None => Ok(()),
            Some(it) if it.is_dir() => self.each_in(path, |eye, entry| eye.tree(entry)),
            Some(_) => self.content(path),
        }
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        for path in self.entries(folder)? {
            let there = fs::symlink_metadata(&path)?;
            self.note(path.as_os_str().as_bytes());
            if there.is_dir() {
                self.note(b"a folder");
                self.folder(&path)?;
            } else if there.is_symlink() {
                self.note(b"a link");
                self.note(fs::read_link(&path)?.as_os_str().as_bytes());
            } else {
                let is_executable = there.mode() & 0o111 != 0;
                self.note(if is_executable {
                    b"a program"
                } else {
                    b"a file"
                });
                let content = bounded::file(&path, self.bytes).map_err(unreadable)?;
                self.bytes -= content.len() as u64;
                self.note(&content);
            }
        }
        Ok(())
    }

    /// What is in a folder and may be read, in order.
    fn entries(&mut self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        self.files = self
            .files
            .checked_sub(entries.len())
            .ok_or_else(|| io::Error::other("too many files"))?;
        let is_source = |it: &fs::DirEntry| !NO_SOURCES.iter().any(|name| it.file_name() == *name);
        let paths = entries.into_iter().filter(is_source).map(|it| it.path());
        Ok(paths.filter(|it| !self.skipped.contains(it)).collect())
    }

    fn manifests(&mut self, folder: &Path) -> io::Result<()> {
        self.each_in(folder, |eye, entry| match fs::metadata(entry) {
            Ok(it) if it.is_dir() => eye.manifests(entry),
            _ if entry.ends_with("Cargo.toml") => eye.file(entry),
            _ => Ok(()),
        })
    }

    fn each_in(
        &mut self,
        folder: &Path,
        look: impl Fn(&mut Self, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        for path in self.entries(folder)? {
            // It may lead in a circle, or out into the whole machine.
            if path.is_symlink() && path.is_dir() {
                return Err(io::Error::other("a link to a folder"));
            }
            look(self, &path)?;
        }
        self.age(folder)
    }

    fn stamp(&mut self, path: &Path) -> io::Result<()> {
        let Some(it) = self.there(path)? else {
            return Ok(());
        };
        let facts = [
            it.dev(),
            it.ino(),
            it.len(),
            it.mtime().cast_unsigned(),
            it.mtime_nsec().cast_unsigned(),
        ];
        self.note(&facts.map(u64::to_le_bytes).concat());
        self.age(path)
    }
}

fn unreadable(error: Error) -> io::Error {
    io::Error::other(error.message)
}
