//! Which process is which: ids are used again, but not with the same start. Reads /proc.

use std::fs;

/// When the process was started, in ticks since the machine was; `None` for one that is no more,
/// for a zombie, and where there is no /proc.
pub fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field, the program's name in brackets, may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    fields.nth(18).filter(|_| is_alive).map(ToOwned::to_owned)
}
