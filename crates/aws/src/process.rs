//! Which process is which: ids are used again, but not with the same start. Reads /proc.

use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};
use std::fs;

/// Whether a program of this name is found where the user's are.
pub fn is_on_path(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(name).is_file())
}

/// When the process was started, in ticks since the machine was; `None` for one that is no more,
/// for a zombie, and where there is no /proc.
pub fn started(pid: u32) -> Option<String> {
    stat(pid).filter(|it| it.is_alive).map(|it| it.started)
}

/// Whether the process of this id and start is surely no more: the kernel knows none of the id, or /proc
/// shows another under it. A /proc that hides other users' processes (`hidepid`) shows nothing of a living
/// one either, so that what it does not show says nothing.
pub fn is_gone(pid: u32, started: &str) -> bool {
    is_gone_to(stat, pid, started)
}

fn is_gone_to(stat: impl Fn(u32) -> Option<Stat>, pid: u32, started: &str) -> bool {
    let Some(id) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return false;
    };
    match test_kill_process(id) {
        Err(Errno::SRCH) => true,
        _ => stat(pid).is_some_and(|it| !it.is_alive || it.started != started),
    }
}

/// Whether /proc is that of this process's own pid namespace: in a container it can be its host's, where
/// the same ids are others'.
pub fn sees_itself() -> bool {
    let shown = fs::read_link("/proc/self").ok();
    shown.is_some_and(|it| it.to_str() == Some(&std::process::id().to_string()))
}

struct Stat {
    started: String,
    is_alive: bool,
}

fn stat(pid: u32) -> Option<Stat> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field, the program's name in brackets, may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    Some(Stat {
        started: fields.nth(18)?.to_owned(),
        is_alive,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_living_process_that_proc_hides_is_not_gone_and_a_dead_one_is() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let (pid, start) = (child.id(), started(child.id()).unwrap());
        assert!(!is_gone(pid, &start) && !is_gone_to(|_| None, pid, &start));
        assert!(is_gone(pid, "another"), "the id is used again");
        assert!(!is_gone_to(|_| None, pid, "another"), "nobody can tell");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(pid, &start) && is_gone_to(|_| None, pid, &start));
    }

    #[test]
    fn the_first_process_which_is_anothers_and_what_is_no_id_are_never_gone() {
        let start = started(1).unwrap_or_else(|| "hidden".into());
        assert!(!is_gone_to(|_| None, 1, &start));
        for pid in [0, u32::MAX, 1 << 31] {
            assert!(!is_gone(pid, "1"), "{pid}");
        }
        assert!(sees_itself());
    }
}
