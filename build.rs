//! Tells the program which commit it is of, for `--version`.

use std::process::Command;

fn main() {
    let commit = git(&["log", "-1", "--format=%h %cs"]);
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
    let changed = if changed.is_some_and(|it| !it.is_empty()) {
        ", changed"
    } else {
        ""
    };
    // Outside a repository, as from an archive, the version says enough.
    let commit = commit.map_or_else(String::new, |it| format!("{it}{changed}, "));
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=WSCTL_BUILD=({commit}{target})");
    // A commit is a new line of this log, wherever the repository keeps it.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    println!(
        "cargo::rerun-if-changed={}",
        log.as_deref().unwrap_or("build.rs")
    );
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
