//! The files of one sandbox, in `.wsctl/sandbox`. Reads and writes files.

use super::{Running, Tell};
use crate::error::{Context, Error, Kind, Result};
use serde::Deserialize;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// What the emulator writes about itself. It keeps the file locked as long as it lives, so the
/// lock, not the process id, says whether it runs: an id may belong to somebody else by now.
#[derive(Deserialize)]
struct Written {
    pid: u32,
    port: u16,
}

#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn within(parent: &Path) -> Result<Self> {
        let parent = std::path::absolute(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
            .context(Kind::Input, "cannot tell where the sandbox's folder is")?;
        Ok(Self(parent.join(".wsctl/sandbox")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("ministack.log")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(super) fn process_file(&self) -> PathBuf {
        self.0.join("process.json")
    }

    pub(super) fn exists(&self) -> bool {
        self.0.exists()
    }

    /// Makes the folder, kept out of version control and from other users: secrets are in it.
    pub(super) fn make(&self) -> Result<()> {
        let make = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
            let parent = self.0.parent().unwrap_or(&self.0);
            fs::write(parent.join(".gitignore"), "*\n")
        };
        make().context(Kind::Input, format!("{}: cannot be made", self.0.display()))
    }

    /// Waits until no other command starts or stops this sandbox; that ends with the value.
    pub(super) async fn lock(&self, tell: Tell<'_>) -> Result<File> {
        self.make()?;
        lock(&self.0.join("lock"), || tell("waiting for another wsctl that starts or stops the sandbox"))
            .await
    }

    /// The emulator that holds its file, if any does.
    pub(super) fn running(&self) -> Result<Option<Running>> {
        let path = self.process_file();
        let failed = || format!("{}: cannot be read", path.display());
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context(Kind::Input, failed()),
        };
        // Shared, so that two who only look do not take each other for the emulator.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(self.written().map(|it| self.describe(it.pid, it.port))),
            Err(TryLockError::Error(error)) => Err(error).context(Kind::Input, failed()),
        }
    }

    /// The port of the emulator that runs or ran last.
    pub(super) fn last_port(&self) -> Option<u16> {
        self.written().map(|it| it.port)
    }

    fn written(&self) -> Option<Written> {
        serde_json::from_slice(&fs::read(self.process_file()).ok()?).ok()
    }

    pub(super) fn describe(&self, pid: u32, port: u16) -> Running {
        Running { endpoint_url: format!("http://127.0.0.1:{port}"), pid, port, log: self.log() }
    }

    /// Deletes what the emulator keeps; false if there was nothing.
    pub(super) fn forget(&self) -> Result<bool> {
        let had = self.state().exists();
        for path in [self.state(), self.temporary()] {
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).context(Kind::Input, format!("{}: cannot be deleted", path.display()));
                }
                _ => {}
            }
        }
        Ok(had)
    }

    /// The end of the log, for an error message.
    pub(super) fn log_tail(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        tail(&String::from_utf8_lossy(&log), 15)
    }
}

/// The last lines of a program's output, indented.
pub(super) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].iter().map(|line| format!("\n    {line}")).collect()
}

/// Takes the lock of this file, telling once if it has to wait for it.
pub(super) async fn lock(path: &Path, waiting: impl Fn()) -> Result<File> {
    let failed =
        |error: io::Error| Error::input(format!("{}: cannot be locked", path.display())).source(error);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if !std::mem::replace(&mut told, true) {
            waiting();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::within(parent.path()).unwrap();
        folder.make().unwrap();
        (parent, folder)
    }

    #[test]
    fn a_file_that_nobody_holds_is_stale_whatever_process_it_names() {
        let (_parent, folder) = folder();
        fs::write(folder.process_file(), format!(r#"{{"pid": {}, "port": 4566}}"#, std::process::id()))
            .unwrap();
        assert_eq!(folder.running().unwrap(), None);
        assert_eq!(folder.last_port(), Some(4566));
    }

    #[test]
    fn a_file_that_is_held_says_who_runs() {
        let (_parent, folder) = folder();
        fs::write(folder.process_file(), r#"{"pid": 7, "port": 4566}"#).unwrap();
        let held = File::open(folder.process_file()).unwrap();
        held.lock().unwrap();
        let running = folder.running().unwrap().unwrap();
        assert_eq!((running.pid, running.endpoint_url.as_str()), (7, "http://127.0.0.1:4566"));
    }

    #[test]
    fn the_folder_is_never_committed() {
        let (parent, _folder) = folder();
        assert_eq!(fs::read_to_string(parent.path().join(".wsctl/.gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_tail_is_the_last_lines_that_say_something() {
        assert_eq!(tail("one\ntwo\n\nthree\n", 2), "\n    two\n    three");
    }
}
