//! The files of one sandbox, in the user's cache. Reads and writes files.
//!
//! Which one belongs to a stack folder hangs on where that folder is, and on nothing in it: it may
//! be a stranger's repository, and what is here decides which programs run.

use super::{ACCOUNT, Running, Tell};
use crate::{
    aws::{Keys, emulators_keys},
    error::{Context, ErrorKind, Result},
    private::Private,
    process, value,
};
use serde::Deserialize;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// What the emulator writes about itself. It keeps the file locked as long as it lives, so the
/// lock, not the process id, says whether it runs: an id may belong to somebody else by now.
#[derive(Deserialize)]
struct Written {
    pid: u32,
    started: Option<String>,
    port: u16,
}

/// Where the emulator says who it is, and its key.
const PROCESS: &str = "process.json";
const KEY: &str = "key";
const LOCK: &str = "lock";
/// Beside the sandboxes: who deletes orphans has it locked.
const SWEEP: &str = "sweep";
/// Which stack folder it is for, so that what nobody can use any more can go.
const FOR: &str = "folder";

#[derive(Clone, Debug)]
pub(super) struct Folder {
    private: Private,
    stack_folder: PathBuf,
}

impl Folder {
    /// That of the stack file in `parent`, within the user's cache.
    pub(super) fn within(parent: &Path, cache: &Path) -> Result<Self> {
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        let whole = fs::canonicalize(parent).or_else(|_| std::path::absolute(parent));
        let stack_folder = whole.context(
            ErrorKind::Input,
            "cannot tell where the stack file's folder is",
        )?;
        let name = value::digest(&stack_folder.display().to_string().into());
        Ok(Self {
            private: all(cache)?.join(&name),
            stack_folder,
        })
    }

    pub(super) fn private(&self) -> &Private {
        &self.private
    }

    pub(super) fn path(&self) -> PathBuf {
        self.private.path()
    }

    /// The folder of the stack file that it is for.
    pub(super) fn stack_folder(&self) -> &Path {
        &self.stack_folder
    }

    pub(super) fn log(&self) -> PathBuf {
        self.private.file("ministack.log")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.private.file("state")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.private.file("tmp")
    }

    pub(super) fn process_file(&self) -> PathBuf {
        self.private.file(PROCESS)
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.private.file(KEY)
    }

    pub(super) fn exists(&self) -> Result<bool> {
        self.private.exists()
    }

    /// Waits until no other command starts or stops this sandbox; that ends with the value.
    pub(super) async fn lock(&self, tell: Tell<'_>) -> Result<File> {
        self.private
            .write(FOR, self.stack_folder.display().to_string().as_bytes())?;
        let waiting = || tell("waiting for another wsctl that starts or stops the sandbox");
        self.private.lock(LOCK, waiting).await
    }

    /// The same lock, where nobody has it.
    pub(super) fn try_lock(&self) -> Result<Option<File>> {
        self.private.try_lock(LOCK)
    }

    /// The key without which nobody gets anything out of this sandbox but what is public; made
    /// when it is first asked for.
    pub(super) fn key(&self) -> Result<String> {
        if let Some(key) = self.text(KEY)?.filter(|it| !it.is_empty()) {
            return Ok(key);
        }
        let key = value::hex(&rand::random::<[u8; 32]>());
        self.private.write(KEY, key.as_bytes())?;
        Ok(key)
    }

    /// The emulator that holds its file, if any does.
    pub(super) fn running(&self) -> Result<Option<Running>> {
        let Some(file) = self.private.find(PROCESS)? else {
            return Ok(None);
        };
        // Shared, so that two who only look do not take each other for the emulator.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => match self.written()? {
                Some(it) => self.describe(it.pid, it.port).map(Some),
                None => Ok(None),
            },
            Err(TryLockError::Error(error)) => Err(error).context(
                ErrorKind::Input,
                format!("{}: cannot be read", self.process_file().display()),
            ),
        }
    }

    /// The process to send a signal to: only the very one that wrote the file.
    pub(super) fn process(&self) -> Result<Option<u32>> {
        let is_one = |pid: u32| pid > 1 && i32::try_from(pid).is_ok();
        let is_it = |it: &Written| is_one(it.pid) && process::started(it.pid) == it.started;
        Ok(self.written()?.filter(is_it).map(|it| it.pid))
    }

    /// The port of the emulator that runs or ran last.
    pub(super) fn last_port(&self) -> Option<u16> {
        self.written().ok()?.map(|it| it.port)
    }

    fn written(&self) -> Result<Option<Written>> {
        Ok(self
            .text(PROCESS)?
            .and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        Ok(self
            .private
            .read(name, 4096)?
            .and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    pub(super) fn describe(&self, pid: u32, port: u16) -> Result<Running> {
        let keys: Keys = emulators_keys(ACCOUNT, &self.key()?);
        Ok(Running {
            endpoint_url: format!("http://127.0.0.1:{port}"),
            pid,
            port,
            log: self.log(),
            keys,
        })
    }

    /// Deletes what the emulator keeps; false if there was nothing.
    pub(super) fn forget(&self) -> Result<bool> {
        let had = self.state().exists();
        for path in [self.state(), self.temporary()] {
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).context(
                        ErrorKind::Input,
                        format!("{}: cannot be deleted", path.display()),
                    );
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

/// The folder of all sandboxes.
fn all(cache: &Path) -> Result<Private> {
    Ok(Private::at(cache)?.join("sandboxes"))
}

/// The right to delete what is left of others, where nobody has it.
pub(super) fn try_sweep(cache: &Path) -> Result<Option<File>> {
    all(cache)?.try_lock(SWEEP)
}

/// The sandboxes whose stack folder is gone, so that no command can reach them any more.
pub(super) fn orphans(cache: &Path) -> Result<Vec<Folder>> {
    let mut all = everyone(cache)?;
    all.retain(|it| !it.stack_folder.exists());
    Ok(all)
}

/// Every sandbox of this cache.
pub(super) fn everyone(cache: &Path) -> Result<Vec<Folder>> {
    let all = all(cache)?;
    if !all.exists()? {
        return Ok(vec![]);
    }
    let names = fs::read_dir(all.path()).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found = vec![];
    for name in names {
        let private = all.join(&name);
        let Ok(Some(of)) = private.read(FOR, 4096) else {
            continue;
        };
        let stack_folder = PathBuf::from(String::from_utf8_lossy(&of).into_owned());
        found.push(Folder {
            private,
            stack_folder,
        });
    }
    Ok(found)
}

/// The last lines of a program's output, indented.
pub(super) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    all[all.len().saturating_sub(lines)..]
        .iter()
        .map(|line| format!("\n    {line}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::within(parent.path(), &parent.path().join("cache")).unwrap();
        folder.private.make().unwrap();
        (parent, folder)
    }

    fn write(folder: &Folder, pid: u32, started: Option<String>) {
        let text = serde_json::json!({ "pid": pid, "started": started, "port": 4566 }).to_string();
        folder.private.write(PROCESS, text.as_bytes()).unwrap();
    }

    #[test]
    fn a_file_that_nobody_holds_is_stale_whatever_process_it_names() {
        let (_parent, folder) = folder();
        write(
            &folder,
            std::process::id(),
            process::started(std::process::id()),
        );
        assert_eq!(folder.running().unwrap(), None);
        assert_eq!(folder.last_port(), Some(4566));
    }

    #[test]
    fn a_file_that_is_held_says_who_runs() {
        let (_parent, folder) = folder();
        write(&folder, 7, None);
        let held = File::open(folder.process_file()).unwrap();
        held.lock().unwrap();
        let running = folder.running().unwrap().unwrap();
        assert_eq!(
            (running.pid, running.endpoint_url.as_str()),
            (7, "http://127.0.0.1:4566")
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_process_that_wrote_the_file_gets_a_signal() {
        let (_parent, folder) = folder();
        let own = std::process::id();
        for (pid, started, signalled) in [
            (own, process::started(own), Some(own)),
            (own, Some("1".to_owned()), None),
            (own, None, None),
            (0, process::started(own), None),
            (1, process::started(1), None),
            (u32::MAX, None, None),
        ] {
            write(&folder, pid, started.clone());
            assert_eq!(folder.process().unwrap(), signalled, "{pid} {started:?}");
        }
    }

    #[test]
    fn the_key_stays_and_is_another_one_for_each_sandbox() {
        let ((_one, folder), (_other, other)) = (folder(), folder());
        let key = folder.key().unwrap();
        assert_eq!(key.len(), 64);
        assert_eq!(folder.key().unwrap(), key);
        assert_ne!(other.key().unwrap(), key);
    }

    #[test]
    fn what_belongs_to_a_folder_that_is_gone_is_an_orphan() {
        let (parent, kept) = folder();
        let cache = parent.path().join("cache");
        let gone = Folder::within(&parent.path().join("gone"), &cache).unwrap();
        for folder in [&kept, &gone] {
            folder
                .private
                .write(FOR, folder.stack_folder.display().to_string().as_bytes())
                .unwrap();
        }
        let orphans: Vec<_> = orphans(&cache).unwrap().iter().map(Folder::path).collect();
        assert_eq!(orphans, [gone.path()]);
    }

    #[test]
    fn several_who_sweep_at_once_are_not_in_each_others_way() {
        let parent = tempfile::tempdir().unwrap();
        let cache = parent.path().join("cache");
        for number in 0..200 {
            let gone = parent.path().join(format!("gone-{number}"));
            let folder = Folder::within(&gone, &cache).unwrap();
            let of = folder.stack_folder.display().to_string();
            folder.private.write(FOR, of.as_bytes()).unwrap();
            folder.private.write(PROCESS, b"{}").unwrap();
        }
        std::thread::scope(|scope| {
            let sweeps = [(); 4].map(|()| scope.spawn(|| super::super::sweep(&cache)));
            // Who only looks makes nothing of it anew.
            while sweeps.iter().any(|it| !it.is_finished()) {
                for folder in everyone(&cache).unwrap() {
                    assert!(folder.running().unwrap().is_none());
                }
            }
            for sweep in sweeps {
                sweep.join().unwrap().unwrap();
            }
        });
        assert_eq!(all(&cache).unwrap().names().unwrap(), [SWEEP]);
    }

    #[test]
    fn a_tail_is_the_last_lines_that_say_something() {
        assert_eq!(tail("one\ntwo\n\nthree\n", 2), "\n    two\n    three");
    }
}
