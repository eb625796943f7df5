//! The command that makes a function's folder ready: when it is run, what of it is packed, and what is said.

use crate::{builds::nobody_gets_in, support::program::Run};
use std::{
    collections::BTreeSet,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// It says that it ran, writes what git is told to ignore, and talks to both of its streams.
const BUILD: &str = "echo ran >> ../../ran; rm -rf node_modules; mkdir -p node_modules/dep; \
                     cat words.txt > node_modules/dep/index.js; echo some noise; echo other noise >&2";

struct Folder {
    folder: TempDir,
    /// An endpoint that lets nobody in: what is looked at here happens before.
    aws: String,
}

impl Folder {
    fn new(build: &str) -> Self {
        let new = Self {
            folder: tempfile::tempdir().unwrap(),
            aws: nobody_gets_in(),
        };
        let build = toml::Value::from(build);
        let stack = format!(
            "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[functions.f]\nname = \"f\"\nruntime = \"nodejs22.x\"\n\
             handler = \"index.handler\"\nfolder = \"f\"\nbuild = {build}\nenvironment = {{ A_SECRET = \"${{env.MY_SECRET}}\" }}\n"
        );
        for (name, text) in [
            ("stack.toml", &*stack),
            ("f/index.mjs", "export const handler = 1"),
            ("f/words.txt", "one"),
            ("f/.gitignore", "node_modules/\n.env\n"),
            ("f/.env", "a secret"),
        ] {
            new.write(name, text);
        }
        new
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("stack").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command.args(["--endpoint-url", &self.aws]).args(arguments);
        command.env("WSCTL_CACHE_DIR", self.folder.path().join("cache"));
        command
            .env("AWS_ACCESS_KEY_ID", "canary")
            .env("AWS_SECRET_ACCESS_KEY", "canary");
        command
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("MY_SECRET", "canary");
        Run::of(command, &self.at(""))
    }

    /// How often the command has run since the last look.
    fn ran(&self) -> usize {
        let path = self.folder.path().join("ran");
        let lines = fs::read_to_string(&path)
            .unwrap_or_default()
            .lines()
            .count();
        let _ = fs::remove_file(path);
        lines
    }

    /// The zip's digest, and how often the command ran for it.
    fn package(&self) -> (String, usize) {
        let run = self.run(&["package", "--json"]);
        assert_eq!(run.code, 0, "{}", run.err);
        (
            run.json()["packages"][0]["sha256"]
                .as_str()
                .unwrap()
                .to_owned(),
            self.ran(),
        )
    }

    fn packed(&self) -> BTreeSet<String> {
        names(&self.at(".wsctl/packed/f.zip"))
    }

    /// What is kept for the next time.
    fn kept(&self) -> PathBuf {
        let entries = fs::read_dir(self.at(".wsctl/packed")).unwrap();
        let mut paths = entries.map(|it| it.unwrap().path());
        paths
            .find(|it| {
                it.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with("built-")
            })
            .unwrap()
    }
}

fn names(zip: &Path) -> BTreeSet<String> {
    let archive = zip::ZipArchive::new(Cursor::new(fs::read(zip).unwrap())).unwrap();
    archive
        .file_names()
        .map(|it| it.unwrap().into_owned())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_command_runs_once_for_the_same_folder_and_what_it_writes_is_packed() {
    let folder = Folder::new(BUILD);
    let (mut last, ran) = folder.package();
    assert_eq!(ran, 1);
    let all = set(&["index.mjs", "node_modules/dep/index.js", "words.txt"]);
    assert_eq!(folder.packed(), all, "what it wrote, and not .env");
    type Change = fn(&Folder);
    let changes: [(&str, usize, bool, Change); 10] = [
        ("nothing", 0, false, |_| ()),
        ("a time", 0, false, |it| it.write("f/words.txt", "one")),
        ("what the command made is gone", 0, false, |it| {
            fs::remove_dir_all(it.at("f/node_modules")).unwrap();
        }),
        ("what the command made is another", 0, false, |it| {
            it.write("f/node_modules/new", "x")
        }),
        ("a source", 1, true, |it| it.write("f/words.txt", "two")),
        ("a new source", 1, true, |it| {
            it.write("f/more/new.txt", "x")
        }),
        ("what is ignored and read, perhaps", 1, false, |it| {
            it.write("f/.env", "another")
        }),
        ("what is ignored", 1, true, |it| {
            it.write("f/.gitignore", "node_modules/\n.env\nmore/\n")
        }),
        ("the zip that is kept", 1, false, |it| {
            let kept = it.kept();
            let text = [&fs::read(&kept).unwrap()[..], b"!"].concat();
            fs::remove_file(&kept).unwrap();
            fs::write(kept, text).unwrap();
        }),
        ("the list of wsctl's own", 1, true, |it| {
            it.write("f/.wsctlignore", "words.txt\n.env\n")
        }),
    ];
    for (what, times, is_other, change) in changes {
        change(&folder);
        let (zip, ran) = folder.package();
        assert_eq!((ran, zip != last), (times, is_other), "{what}");
        assert_eq!(folder.package(), (zip.clone(), 0), "{what}: once is enough");
        last = zip;
    }
    let own = set(&["index.mjs", "more/new.txt", "node_modules/dep/index.js"]);
    assert_eq!(folder.packed(), own, "its own list decides alone");
}

#[test]
fn a_command_that_rewrites_its_sources_and_its_results_settles_at_once() {
    let folder = Folder::new(
        "echo ran >> ../../ran; mkdir -p dist; cat words.txt > dist/out.js; sort -o words.txt words.txt; date +%N > lock",
    );
    folder.write("f/dist/old.js", "made by hand before");
    folder.write("f/words.txt", "b\na\n");
    for turn in ["b\na\n", "d\nc\n"] {
        folder.write("f/words.txt", turn);
        assert_eq!(folder.package().1, 1);
        assert_eq!(folder.package().1, 0);
    }
    folder.write("f/lock", "by hand");
    assert_eq!(
        folder.package().1,
        1,
        "a single file that it wrote may be somebody's too"
    );
}

#[test]
fn only_what_needs_the_program_runs_the_command_and_no_build_takes_the_last() {
    let folder = Folder::new(BUILD);
    for command in [
        &["validate"][..],
        &["show"],
        &["destroy", "--yes"],
        &["list"],
        &["outputs"],
    ] {
        folder.run(command);
        assert_eq!(folder.ran(), 0, "{command:?}");
    }
    let refused = folder.run(&["plan", "--no-build"]);
    assert!(
        refused.code == 11 && refused.err.contains("not built yet"),
        "{}",
        refused.err
    );
    assert_eq!(folder.ran(), 0);
    for command in [&["plan"][..], &["apply", "--yes"], &["drift"]] {
        folder.write("f/words.txt", &format!("{command:?}"));
        folder.run(command);
        assert_eq!(folder.ran(), 1, "{command:?}");
        let zip = fs::read(folder.kept()).unwrap();
        folder.write("f/words.txt", "other");
        let run = folder.run(&[command, &["--no-build"]].concat());
        assert_eq!(folder.ran(), 0, "{command:?}");
        assert!(!run.err.contains("built"), "{command:?}: {}", run.err);
        assert_eq!(fs::read(folder.kept()).unwrap(), zip, "{command:?}");
    }
    // A clone brings a zip of its own.
    fs::write(folder.kept(), fs::read(folder.at("stack.toml")).unwrap()).unwrap();
    let refused = folder.run(&["plan", "--no-build"]);
    assert!(
        refused.code == 11 && refused.err.contains("not what was built here"),
        "{}",
        refused.err
    );
}

#[test]
fn a_command_that_fails_is_told_with_its_code_and_its_last_words() {
    let folder = Folder::new("echo to the one; env; echo it is broken >&2; exit 3");
    let run = folder.run(&["package", "--json"]);
    assert_eq!((run.code, &*run.out), (11, ""), "{}", run.err);
    for words in [
        "functions.f: the build ended with exit code 3",
        "it is broken",
        "build = ",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert!(
        run.err.contains("to the one") && !run.err.contains("canary"),
        "{}",
        run.err
    );
    assert!(!folder.at(".wsctl/packed/f.zip").exists());
}

#[test]
fn a_command_goes_with_a_folder_and_is_the_files_own_text() {
    let refused = |from: &str, to: &str, words: &str| {
        let folder = Folder::new(BUILD);
        let text = fs::read_to_string(folder.at("stack.toml")).unwrap();
        folder.write("stack.toml", &text.replace(from, to));
        let run = folder.run(&["validate"]);
        assert!(
            run.code == 11 && run.err.contains(words),
            "{words}: {}",
            run.err
        );
    };
    refused(
        "folder = \"f\"",
        "file = \"f/index.mjs\"",
        "build makes a folder ready",
    );
    refused(
        "build = \"echo",
        "build = \"echo ${env.MY_SECRET}",
        "build takes no reference",
    );
    refused(
        "folder = \"f\"",
        "folder = \"missing\"",
        "name a folder that is there",
    );
}
