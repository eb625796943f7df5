//! Tells the program which commit it is of, for `--version`.

use std::{path::Path, process::Command};

fn main() {
    let commit = git(&["log", "-1", "--format=%h %cs"]);
    // Outside a repository, as from an archive, the version says enough.
    let commit = commit.map_or_else(String::new, |it| format!("{it}, "));
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=WSCTL_BUILD=({commit}{target})");
    // A commit is a new line of this log, wherever the repository keeps it.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    // Cargo takes a file that is not there for one that changed.
    let log = log.filter(|it| Path::new(it).exists());
    let log = log.as_deref().unwrap_or("build.rs");
    println!("cargo::rerun-if-changed={log}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
