//! Running cargo, and reading what it says.

use super::LARGEST_MANIFEST;
use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
    package::inputs::Environment,
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// One build to run.
pub(super) struct Order<'a> {
    pub(super) crate_dir: &'a Path,
    /// `handler`, `release` or `dev`.
    pub(super) profile: &'static str,
    /// The program's name in the crate.
    pub(super) binary: &'a str,
    /// Whether it is built with the features of the whole workspace, so that what is compiled for other crates of it
    /// serves for this one too.
    pub(super) shares: bool,
    /// Whether its debug information is for backtraces alone: all of it would make a zip too large for Lambda.
    pub(super) only_for_backtraces: bool,
    /// For another system than this one.
    pub(super) triple: Option<String>,
    /// Whether cargo-zigbuild links it.
    pub(super) zig: bool,
    pub(super) environment: &'a Environment,
}

/// What cargo has built.
pub(super) struct Built {
    pub(super) program: PathBuf,
    /// cargo's messages for programs, one JSON a line.
    pub(super) messages: String,
}

/// The workspace of a crate, as cargo tells it.
#[derive(Deserialize)]
pub(super) struct Workspace {
    pub(super) workspace_root: PathBuf,
    pub(super) target_directory: PathBuf,
    pub(super) build_directory: PathBuf,
    pub(super) packages: Vec<Member>,
}

#[derive(Deserialize)]
pub(super) struct Member {
    pub(super) manifest_path: PathBuf,
    pub(super) targets: Vec<CrateTarget>,
}

/// What cargo makes of a crate: a library, a program, a test.
#[derive(Deserialize)]
pub(super) struct CrateTarget {
    pub(super) name: String,
    pub(super) kind: Vec<String>,
}

impl CrateTarget {
    fn is_program(&self) -> bool {
        self.kind.iter().any(|kind| kind == "bin")
    }
}

/// What Lambda calls a native program.
const BOOTSTRAP: &str = "bootstrap";

/// The program of a crate: the one that is called `bootstrap`, or the only one.
///
/// # Errors
/// [`ErrorKind::Input`] where it has none, or several of other names.
pub(super) fn binary<'a>(workspace: &'a Workspace, crate_dir: &Path) -> Result<&'a str> {
    let manifest = fs::canonicalize(crate_dir.join("Cargo.toml")).unwrap_or_default();
    let of_crate = workspace
        .packages
        .iter()
        .find(|it| fs::canonicalize(&it.manifest_path).is_ok_and(|path| path == manifest));
    let targets = of_crate.into_iter().flat_map(|it| &it.targets);
    let programs: Vec<_> = targets
        .filter(|it| it.is_program())
        .map(|it| it.name.as_str())
        .collect();
    match programs.as_slice() {
        [only] => Ok(only),
        several if several.contains(&BOOTSTRAP) => Ok(BOOTSTRAP),
        [] => Err(Error::input("the crate has no program")
            .hint("give it a src/main.rs with the function that Lambda starts")),
        several => Err(Error::input(format!(
            "the crate has several programs: {}",
            several.join(", ")
        ))
        .hint("name the one for Lambda bootstrap: [[bin]] name = \"bootstrap\"")),
    }
}

/// Whether no other crate of the workspace has a program of this name.
pub(super) fn is_alone(workspace: &Workspace, binary: &str) -> bool {
    let targets = workspace.packages.iter().flat_map(|it| &it.targets);
    let of_that_name = targets.filter(|it| it.is_program() && it.name == binary);
    of_that_name.count() == 1
}

/// The workspace that a crate is in. Nothing of it is built, fetched or written for that.
pub(super) fn workspace(crate_dir: &Path, environment: &Environment) -> Result<Workspace> {
    let mut command = cargo(crate_dir, environment);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let answer = command.output().map_err(missing)?;
    if !answer.status.success() {
        return Err(Error::of_lines(
            ErrorKind::Input,
            String::from_utf8_lossy(&answer.stderr).trim().lines(),
        )
        .hint("cargo must be able to read the crate's manifest and its workspace's"));
    }
    serde_json::from_slice(&answer.stdout).context(
        ErrorKind::Internal,
        "cargo says something else of the workspace",
    )
}

/// The profile for handlers: `handler` where the crate's workspace has it, otherwise `release`.
pub(super) fn profile(workspace: &Workspace) -> Result<&'static str> {
    Ok(if has_handler_profile(&manifest(workspace)?) {
        "handler"
    } else {
        "release"
    })
}

/// Whether the workspace says how much debug information its profile `dev` gives.
pub(super) fn says_debug(workspace: &Workspace) -> Result<bool> {
    Ok(has_debug(&manifest(workspace)?))
}

fn manifest(workspace: &Workspace) -> Result<String> {
    bounded::text(
        &workspace.workspace_root.join("Cargo.toml"),
        LARGEST_MANIFEST,
    )
}

/// Where the compiler that cargo takes lies, with all that belongs to it.
pub(super) fn sysroot(crate_dir: &Path, environment: &Environment) -> Option<PathBuf> {
    let mut command = Command::new(
        environment
            .get(OsStr::new("RUSTC"))
            .map_or(OsStr::new("rustc"), |it| it),
    );
    command
        .current_dir(crate_dir)
        .stdin(Stdio::null())
        .env_clear()
        .envs(environment);
    let answer = command.args(["--print", "sysroot"]).output().ok()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    (answer.status.success() && path.is_absolute()).then_some(path)
}

fn has_handler_profile(manifest: &str) -> bool {
    profile_of(manifest, "handler").is_some()
}

fn has_debug(manifest: &str) -> bool {
    profile_of(manifest, "dev").is_some_and(|it| it.get("debug").is_some())
}

fn profile_of(manifest: &str, name: &str) -> Option<toml::Value> {
    let manifest: toml::Table = manifest.parse().ok()?;
    manifest.get("profile")?.get(name).cloned()
}

/// Builds the program and says where it is.
pub(super) fn build(order: &Order<'_>, progress: &mut dyn FnMut(&str)) -> Result<Built> {
    let mut command = cargo(order.crate_dir, order.environment);
    command.arg(if order.zig { "zigbuild" } else { "build" });
    command.args(["--bin", order.binary, "--profile", order.profile]);
    if order.shares {
        command.arg("--workspace");
    }
    if order.only_for_backtraces {
        command.args(["--config", "profile.dev.debug=\"line-tables-only\""]);
    }
    command.args(["--message-format", "json-render-diagnostics"]);
    if let Some(triple) = &order.triple {
        command.args(["--target", triple]);
    }
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let said = watch(child, progress)?;
    if !said.succeeded {
        return Err(failed(&said.lines));
    }
    let program = executable(&said.messages, order.binary)
        .ok_or_else(|| Error::internal("cargo built no program"))?;
    Ok(Built {
        program,
        messages: said.messages,
    })
}

/// cargo in the crate's folder. Where wsctl was itself started by cargo, `CARGO` is the same one.
fn cargo(crate_dir: &Path, environment: &Environment) -> Command {
    let mut command = Command::new(
        environment
            .get(OsStr::new("CARGO"))
            .map_or(OsStr::new("cargo"), |it| it),
    );
    command
        .current_dir(crate_dir)
        .stdin(Stdio::null())
        .env_clear()
        .envs(environment);
    command.env("CARGO_TERM_COLOR", "never");
    command
}

/// What `cargo run` tells its program about itself, which is not about this crate.
const OF_THE_OUTER_CRATE: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// The variables that cargo gets, and through it build scripts: neither `AWS_*` nor those `withheld`.
pub(in crate::package) fn environment(withheld: &BTreeSet<String>) -> Environment {
    let is_kept = |name: &OsStr| {
        name.to_str().is_none_or(|name| {
            !OF_THE_OUTER_CRATE
                .iter()
                .any(|start| name.starts_with(start))
                && !name.to_ascii_uppercase().starts_with("AWS_")
                && !withheld.contains(name)
        })
    };
    env::vars_os().filter(|(name, _)| is_kept(name)).collect()
}

fn missing(error: std::io::Error) -> Error {
    Error::input("cargo cannot be run").source(error).hint(
        "install Rust from https://rustup.rs, or give the function a `zip` instead of a `crate`",
    )
}

fn failed(lines: &[String]) -> Error {
    let said: Vec<_> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| !is_status(line))
        .collect();
    let said = said.join("\n");
    let error = Error::of_lines(
        ErrorKind::Input,
        ["the build failed; nothing was changed"]
            .into_iter()
            .chain(said.lines()),
    );
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
    [
        "Adding",
        "Blocking",
        "Compiling",
        "Downloaded",
        "Downloading",
        "Locking",
        "Updating",
    ]
    .contains(&verb)
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
    for line in stderr
        .into_iter()
        .flat_map(|stderr| BufReader::new(stderr).split(b'\n'))
    {
        let line =
            String::from_utf8_lossy(&line.context(ErrorKind::Input, "cargo's words are cut off")?)
                .into_owned();
        progress(line.trim());
        lines.push(line);
    }
    let succeeded = child
        .wait()
        .context(ErrorKind::Input, "cargo was stopped")?
        .success();
    let messages = reader.join().unwrap_or_default();
    Ok(Said {
        succeeded,
        lines,
        messages,
    })
}

fn executable(messages: &str, binary: &str) -> Option<PathBuf> {
    let artifacts = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let paths = artifacts
        .filter(|it| it["reason"] == "compiler-artifact" && it["target"]["name"] == binary);
    paths
        .filter_map(|it| it["executable"].as_str().map(PathBuf::from))
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_profile_is_taken_only_where_it_is_defined() {
        assert!(has_handler_profile(
            "[profile.handler]\ninherits = \"release\""
        ));
        assert!(!has_handler_profile("[profile.release]\nlto = true"));
        assert!(!has_handler_profile("[package]\nname = \"users\""));
    }

    #[test]
    fn what_a_workspace_says_of_debug_information_counts() {
        assert!(has_debug("[profile.dev]\ndebug = true"));
        assert!(!has_debug("[profile.dev]\nopt-level = 1"));
        assert!(!has_debug("[profile.release]\ndebug = true"));
    }

    #[test]
    fn the_program_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"bootstrap"},"executable":"/t/handler/bootstrap"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(
            executable(messages, "bootstrap"),
            Some(PathBuf::from("/t/handler/bootstrap"))
        );
        assert_eq!(executable(messages, "other"), None);
        assert_eq!(executable("text that is no JSON", "bootstrap"), None);
    }

    /// A workspace of these crates, each with its programs.
    fn workspace_of(crates: &[(&Path, &[&str])]) -> Workspace {
        let target = |name: &&str| CrateTarget {
            name: (*name).to_owned(),
            kind: vec![if *name == "library" { "lib" } else { "bin" }.to_owned()],
        };
        let members = crates.iter().map(|(manifest_path, names)| Member {
            manifest_path: manifest_path.to_path_buf(),
            targets: names.iter().map(target).collect(),
        });
        Workspace {
            workspace_root: PathBuf::new(),
            target_directory: PathBuf::new(),
            build_directory: PathBuf::new(),
            packages: members.collect(),
        }
    }

    #[test]
    fn a_workspace_may_have_two_programs_of_one_name() {
        let (one, two) = (Path::new("/one"), Path::new("/two"));
        let alone = workspace_of(&[(one, &["bootstrap"]), (two, &["library", "other"])]);
        assert!(is_alone(&alone, "bootstrap"));
        let twice = workspace_of(&[(one, &["bootstrap"]), (two, &["other", "bootstrap"])]);
        assert!(!is_alone(&twice, "bootstrap"));
    }

    #[test]
    fn the_program_is_called_bootstrap_or_is_the_only_one() {
        let chosen = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            let manifest_path = folder.path().join("Cargo.toml");
            fs::write(&manifest_path, "").unwrap();
            let workspace =
                workspace_of(&[(Path::new("/other"), &["other"]), (&manifest_path, names)]);
            binary(&workspace, folder.path())
                .map(ToOwned::to_owned)
                .map_err(|error| error.message)
        };
        let is = |name: &str| Ok(name.to_owned());
        assert_eq!(chosen(&["library", "users"]), is("users"));
        assert_eq!(chosen(&["users", "bootstrap"]), is("bootstrap"));
        let several = "the crate has several programs: a, b".to_owned();
        assert_eq!(chosen(&["a", "b"]), Err(several));
        assert_eq!(
            chosen(&["library"]),
            Err("the crate has no program".to_owned())
        );
    }

    #[test]
    fn a_failed_build_shows_the_compilers_words() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        write(
            "Cargo.toml",
            "[package]\nname = \"bootstrap\"\nedition = \"2024\"\n[workspace]",
        );
        write("src/main.rs", "fn main() { no_such_function() }");
        let environment = environment(&BTreeSet::new());
        let profile = profile(&workspace(folder.path(), &environment).unwrap()).unwrap();
        assert_eq!(profile, "release");
        let order = Order {
            crate_dir: folder.path(),
            profile,
            binary: "bootstrap",
            shares: false,
            only_for_backtraces: false,
            triple: None,
            zig: false,
            environment: &environment,
        };
        let error = build(&order, &mut |_| {}).err().unwrap();
        assert!(
            error
                .message
                .contains("cannot find function `no_such_function`"),
            "{error}"
        );
        assert!(!error.message.contains("Compiling"), "{error}");
    }
}
