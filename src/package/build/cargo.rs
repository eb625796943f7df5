//! Running cargo, and reading what it says.

use super::LARGEST_MANIFEST;
use crate::{
    bounded,
    error::{Context, Error, Kind, Result},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// One build to run.
pub(super) struct Order<'a> {
    pub(super) crate_dir: &'a Path,
    /// `handler` or `release`.
    pub(super) profile: &'static str,
    /// For another system than this one.
    pub(super) triple: Option<String>,
    /// Whether cargo-zigbuild links it.
    pub(super) zig: bool,
    /// Variables of the environment that it does not get.
    pub(super) withheld: &'a BTreeSet<String>,
}

/// The profile for handlers: `handler` where the crate's workspace has it, otherwise `release`.
pub(super) fn profile(crate_dir: &Path, withheld: &BTreeSet<String>) -> Result<&'static str> {
    let mut command = cargo(crate_dir, withheld);
    command.args(["locate-project", "--workspace", "--message-format", "plain"]);
    let answer = command.output().map_err(missing)?;
    if !answer.status.success() {
        return Err(Error::of_lines(Kind::Input, String::from_utf8_lossy(&answer.stderr).trim().lines())
            .hint("cargo must be able to read the crate's manifest and its workspace's"));
    }
    let root = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    let text = bounded::text(&root, LARGEST_MANIFEST)?;
    Ok(if has_handler_profile(&text) { "handler" } else { "release" })
}

fn has_handler_profile(manifest: &str) -> bool {
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    manifest.get("profile").is_some_and(|profiles| profiles.get("handler").is_some())
}

/// Builds `bootstrap` and says where it is.
pub(super) fn build(order: &Order<'_>, progress: &mut dyn FnMut(&str)) -> Result<PathBuf> {
    let mut command = cargo(order.crate_dir, order.withheld);
    command.arg(if order.zig { "zigbuild" } else { "build" });
    command.args(["--bin", "bootstrap", "--profile", order.profile]);
    command.args(["--message-format", "json-render-diagnostics"]);
    if let Some(triple) = &order.triple {
        command.args(["--target", triple]);
    }
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(missing)?;
    let said = watch(child, progress)?;
    if !said.succeeded {
        return Err(failed(&said.lines));
    }
    executable(&said.messages).ok_or_else(|| Error::internal("cargo built no bootstrap"))
}

/// cargo in the crate's folder. Where wsctl was itself started by cargo, `CARGO` is the same one.
fn cargo(crate_dir: &Path, withheld: &BTreeSet<String>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(crate_dir).stdin(Stdio::null()).env("CARGO_TERM_COLOR", "never");
    // What `cargo run` tells its program about itself is not about this crate.
    for (name, _) in env::vars_os() {
        let is_about_the_outer_crate = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|start| name.starts_with(start))
        });
        let is_secret = name
            .to_str()
            .is_some_and(|name| name.to_ascii_uppercase().starts_with("AWS_") || withheld.contains(name));
        if is_about_the_outer_crate || is_secret {
            command.env_remove(name);
        }
    }
    command
}

fn missing(error: std::io::Error) -> Error {
    Error::input("cargo cannot be run")
        .source(error)
        .hint("install Rust from https://rustup.rs, or give the function a `zip` instead of a `crate`")
}

fn failed(lines: &[String]) -> Error {
    let said: Vec<_> = lines.iter().map(String::as_str).filter(|line| !is_status(line)).collect();
    let said = said.join("\n");
    let error = Error::of_lines(
        Kind::Input,
        ["the build failed; nothing was changed"].into_iter().chain(said.lines()),
    );
    if said.contains("no bin target named `bootstrap`") {
        return error.hint("name the crate's binary: [[bin]] name = \"bootstrap\", path = \"src/main.rs\"");
    }
    if said.contains("error: linking with") || said.contains("error: linker `") {
        return error.hint(
            "for another system than this one, a linker is missing: run `pip install ziglang \
             cargo-zigbuild`, or install gcc for it and name it in cargo's configuration",
        );
    }
    error.hint("correct what the compiler names, then run the same command again")
}

/// cargo's lines about what it is doing, which bury what went wrong.
fn is_status(line: &str) -> bool {
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    ["Adding", "Blocking", "Compiling", "Downloaded", "Downloading", "Locking", "Updating"].contains(&verb)
}

struct Said {
    succeeded: bool,
    /// cargo's and the compiler's lines for people.
    lines: Vec<String>,
    /// cargo's messages for programs, one JSON a line.
    messages: String,
}

/// Reads both of cargo's streams to their ends; either could fill up and stop it otherwise.
fn watch(mut child: Child, progress: &mut dyn FnMut(&str)) -> Result<Said> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = thread::spawn(move || {
        let mut messages = vec![];
        stdout.map(|mut stdout| stdout.read_to_end(&mut messages));
        String::from_utf8_lossy(&messages).into_owned()
    });
    let mut lines = vec![];
    for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        let line =
            String::from_utf8_lossy(&line.context(Kind::Input, "cargo's words are cut off")?).into_owned();
        progress(line.trim());
        lines.push(line);
    }
    let succeeded = child.wait().context(Kind::Input, "cargo was stopped")?.success();
    let messages = reader.join().unwrap_or_default();
    Ok(Said { succeeded, lines, messages })
}

fn executable(messages: &str) -> Option<PathBuf> {
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let paths =
        artifacts.filter(|it| it["reason"] == "compiler-artifact" && it["target"]["name"] == "bootstrap");
    paths.filter_map(|it| it["executable"].as_str().map(PathBuf::from)).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_handler_profile_is_taken_only_where_it_is_defined() {
        assert!(has_handler_profile("[profile.handler]\ninherits = \"release\""));
        assert!(!has_handler_profile("[profile.release]\nlto = true"));
        assert!(!has_handler_profile("[package]\nname = \"users\""));
    }

    #[test]
    fn the_program_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"bootstrap"},"executable":"/t/handler/bootstrap"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some(PathBuf::from("/t/handler/bootstrap")));
        assert_eq!(executable("text that is no JSON"), None);
    }

    #[test]
    fn a_failed_build_shows_the_compilers_words() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        write("Cargo.toml", "[package]\nname = \"bootstrap\"\nedition = \"2024\"\n[workspace]");
        write("src/main.rs", "fn main() { no_such_function() }");
        let none = BTreeSet::new();
        let order =
            Order { crate_dir: folder.path(), profile: "release", triple: None, zig: false, withheld: &none };
        assert_eq!(profile(folder.path(), &none).unwrap(), "release");
        let error = build(&order, &mut |_| {}).unwrap_err();
        assert!(error.message.contains("cannot find function `no_such_function`"), "{error}");
        assert!(!error.message.contains("Compiling"), "{error}");
    }
}
