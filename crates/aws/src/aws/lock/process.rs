//! Which process holds a lock, so that another of the same machine can tell whether it is dead.

use crate::{
    error::Result,
    private::{self, Private},
    process::{is_gone, sees_itself, started},
    value,
};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File},
    str::FromStr,
};

/// A process, of all there ever are on all machines. Only Linux tells enough to have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// When it was started, in ticks since the machine was: pids are used again.
    started: String,
    machine: String,
}

impl Process {
    /// This process.
    pub(super) fn own() -> Option<Self> {
        let pid = std::process::id();
        Some(Self {
            pid,
            started: started(pid)?,
            machine: machine()?,
        })
    }

    /// Whether it was one of this machine and is no more.
    pub(super) fn is_dead(&self) -> bool {
        self.is_here() && is_gone(self.pid, &self.started)
    }

    /// Whether it is one of this machine and may still be at work.
    pub(super) fn is_alive_here(&self) -> bool {
        self.is_here() && !is_gone(self.pid, &self.started)
    }

    fn is_here(&self) -> bool {
        machine().is_some_and(|machine| machine == self.machine)
    }
}

/// This machine since its last start. Processes of two containers do not see each other, so each
/// container is a machine of its own.
fn machine() -> Option<String> {
    if !sees_itself() {
        return None;
    }
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    let sum = Sha256::digest(format!("{} {} {}", host(), boot.trim(), space.display()));
    Some(value::hex(&sum[..8]))
}

fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// `user@host`, as far as a tag's value takes it (docs/aws.md §1.1).
pub(super) fn who() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| format!("user {}", rustix::process::getuid().as_raw()));
    let allowed = |c: char| {
        if c.is_alphanumeric() || "_.:/=+-@ ".contains(c) {
            c
        } else {
            '_'
        }
    };
    format!("{user}@{}", host())
        .chars()
        .map(allowed)
        .take(256)
        .collect()
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.pid, self.started, self.machine)
    }
}

impl FromStr for Process {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut parts = text.split('/').map(ToOwned::to_owned);
        let (Some(pid), Some(started), Some(machine), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        Ok(Self {
            pid: pid.parse().map_err(|_| ())?,
            started,
            machine,
        })
    }
}

/// In the user's cache, where no other user can hold it.
const TAKE_OVER: &str = "take-over";

/// Waits until no other process of this user is where the caller is now; the file keeps it so.
pub(super) async fn alone() -> Result<File> {
    let folder = Private::at(&private::cache()?)?;
    folder.lock(TAKE_OVER, || {}).await
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_also_after_its_tag_was_read() {
        let own = Process::own().unwrap();
        let read: Process = own.to_string().parse().unwrap();
        assert_eq!(read, own);
        assert!(!own.is_dead());
    }

    #[test]
    fn a_process_is_dead_when_its_pid_is_free_or_used_again() {
        let own = Process::own().unwrap();
        assert!(
            Process {
                started: "1".into(),
                ..own.clone()
            }
            .is_dead()
        );
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let ended = Process {
            pid: child.id(),
            started: "1".into(),
            ..own
        };
        child.wait().unwrap();
        assert!(ended.is_dead());
    }

    #[test]
    fn a_process_of_another_machine_is_never_called_dead() {
        let own = Process::own().unwrap();
        assert!(
            !Process {
                machine: "another".into(),
                pid: u32::MAX,
                ..own
            }
            .is_dead()
        );
    }
}
