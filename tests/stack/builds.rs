//! Which programs a command starts for a crate that is built already: none, where all that a build would
//! read is as it was. A cloned repository names programs that cargo runs.

use crate::support::{is_thorough, program::Run, story::handler};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A workspace with all that a build may read, whose configuration has cargo run a program of its own.
const FILES: &[(&str, &str)] = &[
    (
        "stack.toml",
        "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[functions.f]\nname = \"f\"\ncrate = \"f\"\n\
                    environment = { TEXT = \"x${env.MY_SECRET}\" }\n",
    ),
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"f\", \"crates/*\"]\nresolver = \"3\"\n",
    ),
    (
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"tools/wrapper\"\n",
    ),
    (
        "f/Cargo.toml",
        "[package]\nname = \"f\"\nedition = \"2024\"\n[[bin]]\nname = \"bootstrap\"\n\
                      path = \"src/main.rs\"\n[dependencies]\ndep = { path = \"../crates/dep\" }\nplain = { path = \"../crates/plain\" }\n",
    ),
    (
        "f/src/main.rs",
        "mod linked;\ninclude!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\nfn main() {\n\
                       println!(\"{} {} {:?} {:?} {} {}\", plain::plain(), MADE, include_str!(\"a b.txt\"), \
                       option_env!(\"FLAVOUR\"), dep::seen(), linked::NAME);\n}\n",
    ),
    ("f/src/a b.txt", "text"),
    ("f/other/a.rs", "pub const NAME: &str = \"a\";\n"),
    ("f/other/b.rs", "pub const NAME: &str = \"b\";\n"),
    ("f/README.md", "nobody reads this"),
    (
        "f/build.rs",
        "use std::{env, fs};\nfn main() {\n    println!(\"cargo::rerun-if-changed=watched\");\n    \
                    println!(\"cargo::rerun-if-env-changed=NAMED\");\n    \
                    let names: Vec<_> = fs::read_dir(\"watched\").unwrap().map(|it| it.unwrap()).map(|it| {\n    \
                    format!(\"{:?} {:?}\", it.file_name(), fs::read_to_string(it.path()))\n    }).collect();\n    \
                    let text = format!(\"{names:?} {:?}\", env::var(\"NAMED\"));\n    \
                    let made = format!(\"const MADE: &str = {text:?};\");\n    \
                    fs::write(env::var(\"OUT_DIR\").unwrap() + \"/made.rs\", made).unwrap();\n}\n",
    ),
    ("f/watched/one", "1"),
    (
        "crates/dep/Cargo.toml",
        "[package]\nname = \"dep\"\nedition = \"2024\"\n",
    ),
    (
        "crates/dep/src/lib.rs",
        "pub fn seen() -> &'static str { env!(\"SEEN\") }\n",
    ),
    (
        "crates/plain/Cargo.toml",
        "[package]\nname = \"plain\"\nedition = \"2024\"\n",
    ),
    (
        "crates/plain/src/lib.rs",
        "pub fn plain() -> bool { cfg!(new) }\n",
    ),
    // Without a word on what it reads, cargo watches all of the package.
    (
        "crates/dep/build.rs",
        "fn main() {\n    \
                             println!(\"cargo::rustc-env=SEEN={}\", std::fs::read_to_string(\"note\").unwrap());\n}\n",
    ),
    ("crates/dep/note", "note"),
];

struct Workspace {
    folder: TempDir,
    /// An endpoint that lets nobody in: what is looked at here happens before.
    aws: String,
    environment: BTreeMap<&'static str, String>,
}

/// A command's answer, and the programs that it has started.
struct Ran {
    run: Run,
    started: String,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = Self {
            folder,
            aws: nobody_gets_in(),
            environment: BTreeMap::new(),
        };
        for (name, text) in FILES {
            new.write(name, text);
        }
        symlink("../other/a.rs", new.at("f/src/linked.rs")).unwrap();
        new.program("tools/wrapper", "exec \"$@\"");
        for name in ["cargo", "rustc", "cc"] {
            let paths = std::env::var_os("PATH").unwrap();
            let real = std::env::split_paths(&paths)
                .map(|it| it.join(name))
                .find(|it| it.is_file())
                .unwrap();
            new.program(
                &format!("../bin/{name}"),
                &format!("exec {:?} \"$@\"", real.display()),
            );
        }
        new
    }

    /// The stack's folder, with nothing of this test's beside it.
    fn root(&self) -> PathBuf {
        self.folder.path().join("stack")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program that says that it was started.
    fn program(&self, name: &str, then: &str) {
        self.write(
            name,
            &format!("#!/bin/sh\necho {name} >> \"$STARTED\"\n{then}\n"),
        );
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run_with(&self, cache: &str, arguments: &[&str]) -> Ran {
        let started = self.started();
        let _ = fs::remove_file(&started);
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_wsctl")));
        if !arguments.contains(&"--sandbox") {
            command.args(["--endpoint-url", &self.aws]);
        }
        command
            .args(arguments)
            .env("WSCTL_CACHE_DIR", self.folder.path().join(cache));
        let run = Run::of(command, &self.root());
        Ran {
            run,
            started: fs::read_to_string(&started).unwrap_or_default(),
        }
    }

    /// Where the programs of this test say that they were started.
    fn started(&self) -> PathBuf {
        self.folder.path().join("started")
    }

    fn command(&self, program: &Path) -> Command {
        let bin = self.folder.path().join("bin");
        let paths = std::env::var_os("PATH").unwrap();
        let paths =
            std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&paths))).unwrap();
        let mut command = Command::new(program);
        // What `cargo test` says is about another crate.
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_ENCODED_RUSTFLAGS",
        ] {
            command.env_remove(name);
        }
        // As `cargo test` has it, also where the tests are run without: a file must not have another one
        // installed.
        command.env("RUSTUP_TOOLCHAIN", toolchain());
        command.env("PATH", paths).env("STARTED", self.started());
        command.envs([
            ("AWS_ACCESS_KEY_ID", "000000000000"),
            ("AWS_SECRET_ACCESS_KEY", "canary"),
        ]);
        command.env("MY_SECRET", "canary").envs(&self.environment);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with("cache", arguments)
    }

    /// The zip's digest, and which programs were started for it.
    fn package(&self) -> (String, String) {
        self.package_with("cache")
    }

    fn package_with(&self, cache: &str) -> (String, String) {
        let Ran { run, started } = self.run_with(cache, &["package", "--json"]);
        assert_eq!(run.code, 0, "{}", run.err);
        (
            run.json()["packages"][0]["sha256"]
                .as_str()
                .unwrap()
                .to_owned(),
            started,
        )
    }

    fn zip(&self) -> PathBuf {
        self.at(".wsctl/packages/f-x86_64.zip")
    }
}

/// rustup's name of the toolchain that is there.
fn toolchain() -> String {
    let asked = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    let sysroot = PathBuf::from(String::from_utf8(asked.stdout).unwrap().trim());
    sysroot.file_name().unwrap().to_str().unwrap().to_owned()
}

pub(crate) fn nobody_gets_in() -> String {
    const NO: &str = r#"{"__type":"AccessDeniedException","message":"nobody gets in"}"#;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let refuse = |stream: TcpStream| {
        let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
        if lines.by_ref().take_while(|it| !it.is_empty()).count() == 0 {
            return;
        }
        let head =
            "HTTP/1.1 400 No\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close";
        let _ = write!(
            &stream,
            "{head}\r\nContent-Length: {}\r\n\r\n{NO}",
            NO.len()
        );
    };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || refuse(stream));
        }
    });
    endpoint
}

/// Whether cargo is asked after a change, and whether the program becomes another one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum After {
    Nothing,
    Asked,
    Another,
}
use After::{Another, Asked, Nothing};

type Change = (&'static str, After, fn(&mut Workspace));

/// Each thing that a build reads, changed once; and what it does not read.
const CHANGES: &[Change] = &[
    ("a source", Another, |it| {
        let text = fs::read_to_string(it.at("f/src/main.rs")).unwrap();
        it.write(
            "f/src/main.rs",
            &text.replace("println!(\"", "println!(\"changed "),
        );
    }),
    ("a text that is included", Another, |it| {
        it.write("f/src/a b.txt", "another")
    }),
    ("what a link leads to", Another, |it| {
        it.write("f/other/a.rs", "pub const NAME: &str = \"c\";\n")
    }),
    // The compiler tells cargo of the file itself, so cargo does not see that the link leads elsewhere.
    ("where a link leads", Asked, |it| {
        fs::remove_file(it.at("f/src/linked.rs")).unwrap();
        symlink("../other/b.rs", it.at("f/src/linked.rs")).unwrap();
    }),
    (
        "a file that is new where a build script watches",
        Another,
        |it| it.write("f/watched/two", "2"),
    ),
    ("a file that a build script watches", Another, |it| {
        it.write("f/watched/two", "3")
    }),
    (
        "a file that is gone where a build script watches",
        Another,
        |it| fs::remove_file(it.at("f/watched/one")).unwrap(),
    ),
    ("a variable that a build script names", Another, |it| {
        drop(it.environment.insert("NAMED", "n".into()))
    }),
    ("a variable that a source reads", Another, |it| {
        drop(it.environment.insert("FLAVOUR", "sweet".into()))
    }),
    ("the same variable, not set", Another, |it| {
        drop(it.environment.remove("FLAVOUR"))
    }),
    ("a source of a path dependency", Another, |it| {
        it.write(
            "crates/dep/src/lib.rs",
            "pub fn seen() -> &'static str { concat!(env!(\"SEEN\"), \"!\") }\n",
        );
    }),
    (
        "a file beside a build script that says nothing",
        Another,
        |it| it.write("crates/dep/note", "other"),
    ),
    ("a new file beside it", Asked, |it| {
        it.write("crates/dep/more/new", "")
    }),
    ("a build script", Another, |it| {
        it.write(
            "crates/dep/build.rs",
            "fn main() { println!(\"cargo::rustc-env=SEEN=nothing\") }\n",
        );
    }),
    ("a build script that is new", Another, |it| {
        it.write(
            "crates/plain/build.rs",
            "fn main() { println!(\"cargo::rustc-cfg=new\") }\n",
        );
    }),
    ("a member that is new", Asked, |it| {
        it.write(
            "crates/other/Cargo.toml",
            "[package]\nname = \"other\"\nedition = \"2024\"\n",
        );
        it.write("crates/other/src/lib.rs", "");
    }),
    ("a library that is new", Another, |it| {
        it.write("f/src/lib.rs", "pub fn unused() {}")
    }),
    ("the crate's manifest", Asked, |it| {
        let text = fs::read_to_string(it.at("f/Cargo.toml")).unwrap();
        it.write("f/Cargo.toml", &format!("{text}[features]\nextra = []\n"));
    }),
    ("the profile in the workspace's manifest", Another, |it| {
        let text = fs::read_to_string(it.at("Cargo.toml")).unwrap();
        it.write(
            "Cargo.toml",
            &format!("{text}[profile.release]\nopt-level = 0\n"),
        );
    }),
    ("another profile", Another, |it| {
        let text = fs::read_to_string(it.at("Cargo.toml")).unwrap();
        it.write(
            "Cargo.toml",
            &format!("{text}[profile.handler]\ninherits = \"release\"\nopt-level = \"s\"\n"),
        );
    }),
    ("the list of versions", Asked, |it| {
        fs::remove_file(it.at("Cargo.lock")).unwrap()
    }),
    ("a configuration beside the crate", Asked, |it| {
        it.write("f/.cargo/config.toml", "[env]\nIN_CONFIGURATION = \"1\"\n");
    }),
    ("a configuration above the stack", Asked, |it| {
        it.write("../.cargo/config.toml", "[net]\nretry = 1\n")
    }),
    ("the program that a configuration names", Asked, |it| {
        it.program("tools/wrapper", "true; exec \"$@\"")
    }),
    ("which toolchain is wanted", Asked, |it| {
        it.write(
            "rust-toolchain.toml",
            "[toolchain]\nprofile = \"minimal\"\n",
        );
    }),
    ("cargo itself", Asked, |it| {
        let text = fs::read_to_string(it.at("../bin/cargo")).unwrap();
        it.write("../bin/cargo", &format!("{text}\n# another\n"));
    }),
    ("the compiler's flags", Another, |it| {
        drop(
            it.environment
                .insert("RUSTFLAGS", "-C force-frame-pointers=yes".into()),
        );
    }),
    ("a variable of cargo's", Another, |it| {
        drop(
            it.environment
                .insert("CARGO_PROFILE_HANDLER_OPT_LEVEL", "3".into()),
        );
    }),
    ("a time", Asked, |it| {
        // It is what makes cargo build again, whatever it took for unchanged before.
        let text = fs::read(it.at("f/src/main.rs")).unwrap();
        fs::write(it.at("f/src/main.rs"), text).unwrap();
    }),
    ("the zip", Asked, |it| {
        let (bytes, other) = (fs::read(it.zip()).unwrap(), it.at("../other.zip"));
        fs::write(&other, [&bytes[..], b"!"].concat()).unwrap();
        fs::rename(other, it.zip()).unwrap();
    }),
    ("the zip, which is gone", Asked, |it| {
        fs::remove_file(it.zip()).unwrap()
    }),
    ("cargo's target folder, which is gone", Nothing, |it| {
        fs::remove_dir_all(it.at("target")).unwrap()
    }),
    ("a file that nothing reads", Nothing, |it| {
        it.write("f/README.md", "nor this")
    }),
    ("a folder that nothing reads", Nothing, |it| {
        it.write("f/notes/new", "")
    }),
    ("a secret that no build gets", Nothing, |it| {
        drop(it.environment.insert("MY_SECRET", "other".into()))
    }),
    ("who one is in AWS", Nothing, |it| {
        drop(it.environment.insert("AWS_ACCESS_KEY_ID", "1".into()))
    }),
    ("a variable that nothing reads", Nothing, |it| {
        drop(it.environment.insert("TERM", "vt100".into()))
    }),
];

#[test]
fn a_crate_is_built_again_after_each_change_of_what_its_build_reads_and_only_then() {
    let mut workspace = Workspace::new();
    let (mut last, started) = workspace.package();
    for program in ["bin/cargo", "bin/rustc", "tools/wrapper"] {
        assert!(
            started.contains(program),
            "{program} is part of this test: {started}"
        );
    }
    assert_eq!(
        workspace.package(),
        (last.clone(), String::new()),
        "the first build is remembered"
    );
    for (what, wanted, change) in CHANGES {
        change(&mut workspace);
        let (zip, started) = workspace.package();
        let found = match (started.contains("bin/cargo"), zip == last) {
            (true, false) => Another,
            (true, true) => Asked,
            (false, _) => Nothing,
        };
        assert_eq!(found, *wanted, "{what}: {started}");
        if found == Nothing {
            assert_eq!(started, "", "{what}");
            // Somebody who remembers nothing asks cargo.
            let _ = fs::remove_dir_all(workspace.folder.path().join("another cache"));
            let (built, started) = workspace.package_with("another cache");
            assert!(
                started.contains("bin/cargo") && built == zip,
                "{what}: it is no longer what is built"
            );
        }
        assert_eq!(
            workspace.package(),
            (zip.clone(), String::new()),
            "{what}: built once is enough"
        );
        assert_eq!(digest(&workspace.zip()), zip, "{what}");
        last = zip;
    }
}

fn digest(zip: &Path) -> String {
    wsctl::package::sha256(&fs::read(zip).unwrap())
}

const COMMANDS: [&[&str]; 4] = [
    &["plan"],
    &["drift"],
    &["graph", "--plan"],
    &["apply", "--yes"],
];

#[test]
fn no_command_starts_a_program_for_what_is_built_already() {
    let workspace = Workspace::new();
    let (zip, _) = workspace.package();
    // Some services answer in XML.
    let is_refused = |text: &str| text.contains("nobody gets in") || text.contains("(HTTP 400)");
    let reached_aws = |ran: &Ran| ran.run.code == 1 && is_refused(&ran.run.err);
    for command in COMMANDS {
        let ran = workspace.run(command);
        assert!(reached_aws(&ran), "{command:?}: {}", ran.run.err);
        assert_eq!(ran.started, "", "{command:?}");
    }
    // Nothing of the environment is kept, not even of what was read.
    for entry in fs::read_dir(workspace.folder.path().join("cache/builds")).unwrap() {
        assert!(
            !fs::read_to_string(entry.unwrap().path())
                .unwrap()
                .contains("canary")
        );
    }
    workspace.write("f/src/a b.txt", "changed");
    for command in COMMANDS {
        let ran = workspace.run(&[command, &["--no-build"]].concat());
        assert!(reached_aws(&ran), "{command:?}: {}", ran.run.err);
        assert_eq!(ran.started, "", "{command:?}");
        assert_eq!(
            digest(&workspace.zip()),
            zip,
            "{command:?} takes what is there"
        );
    }
    for (number, command) in COMMANDS.iter().enumerate() {
        workspace.write("f/src/a b.txt", &format!("changed {number}"));
        let ran = workspace.run(command);
        assert!(reached_aws(&ran), "{command:?}: {}", ran.run.err);
        assert!(ran.started.contains("bin/cargo"), "{command:?}");
    }
    let none = Workspace::new();
    for command in COMMANDS {
        let ran = none.run(&[command, &["--no-build"]].concat());
        assert!(
            ran.run.code == 11 && ran.run.err.contains("not built yet"),
            "{command:?}: {}",
            ran.run.err
        );
        assert!(
            ran.run.err.contains("wsctl package") && ran.started.is_empty(),
            "{command:?}"
        );
    }
}

/// It takes what is compiled for the workspace already, and neither is taken for the other.
#[test]
fn the_sandbox_has_a_build_of_its_own() {
    let workspace = Workspace::new();
    workspace.write(
        "crates/plain/Cargo.toml",
        "[package]\nname = \"plain\"\nedition = \"2024\"\n[features]\nmore = []\n",
    );
    workspace.write(
        "crates/other/Cargo.toml",
        "[package]\nname = \"other\"\nedition = \"2024\"\n[dependencies]\n\
         plain = { path = \"../plain\", features = [\"more\"] }\n",
    );
    workspace.write("crates/other/src/lib.rs", "pub use plain::plain;\n");
    let (for_aws, _) = workspace.package();
    let ran = workspace.run(&["plan", "--sandbox", "--no-build"]);
    assert_eq!(ran.run.code, 11, "{}", ran.run.err);
    assert!(
        ran.run.err.contains("not built yet") && ran.run.err.contains("wsctl package --sandbox"),
        "{}",
        ran.run.err
    );
    let package = || {
        let Ran { run, started } = workspace.run(&["package", "--sandbox", "--json"]);
        assert_eq!(run.code, 0, "{}", run.err);
        (run.json()["packages"][0]["sha256"].clone(), started)
    };
    let cargo_builds = || {
        let mut cargo = workspace.command(&workspace.folder.path().join("bin/cargo"));
        let build = cargo
            .args(["build", "--workspace"])
            .current_dir(workspace.root());
        assert!(build.status().unwrap().success());
    };
    let program = workspace.at("target/debug/bootstrap");
    package();
    let size = fs::metadata(&program).unwrap().len();
    cargo_builds();
    assert!(
        size < fs::metadata(&program).unwrap().len(),
        "with what a debugger wants"
    );

    fs::remove_dir_all(workspace.at("target")).unwrap();
    let manifest = fs::read_to_string(workspace.at("Cargo.toml")).unwrap();
    workspace.write(
        "Cargo.toml",
        &format!("{manifest}[profile.dev]\ndebug = false\n"),
    );
    let (for_aws_then, _) = workspace.package();
    assert_eq!(for_aws_then, for_aws);
    cargo_builds();
    let (for_the_sandbox, started) = package();
    assert!(started.contains("bin/cargo") && for_the_sandbox != for_aws);
    let compiled = fs::read_dir(workspace.at("target/debug/deps")).unwrap();
    let compiled = compiled.map(|it| it.unwrap().file_name().into_string().unwrap());
    let of_plain: Vec<_> = compiled
        .filter(|it| it.starts_with("libplain-") && it.ends_with(".rlib"))
        .collect();
    assert_eq!(of_plain.len(), 1, "{of_plain:?}");

    assert_eq!(package(), (for_the_sandbox, String::new()));
    assert_eq!(workspace.package(), (for_aws, String::new()));
}

/// A repository that comes with everything that a build leaves behind, and another program in the zip.
#[test]
fn a_zip_that_came_with_a_clone_is_never_taken_for_its_sources() {
    let victim = Workspace::new();
    let (honest, _) = victim.package();
    let attacker = Workspace::new();
    attacker.write("f/src/a b.txt", "evil");
    let (evil, _) = attacker.package();
    assert_ne!(honest, evil);
    // Where nothing was built before, and where the very same sources were.
    for is_known in [false, true] {
        let cache = if is_known { "cache" } else { "new cache" };
        fs::copy(attacker.zip(), victim.zip()).unwrap();
        // Whatever name a record might have there.
        for entry in fs::read_dir(attacker.folder.path().join("cache/builds")).unwrap() {
            let entry = entry.unwrap();
            for folder in [".wsctl/packages", ".wsctl/builds", "target"] {
                fs::create_dir_all(victim.at(folder)).unwrap();
                fs::copy(entry.path(), victim.at(folder).join(entry.file_name())).unwrap();
            }
        }
        for command in COMMANDS {
            let ran = victim.run_with(cache, &[command, &["--no-build"]].concat());
            assert!(
                ran.run.code == 11 && ran.run.err.contains("not what was built here"),
                "{}",
                ran.run.err
            );
            assert_eq!(ran.started, "", "{command:?}");
        }
        let (built, started) = victim.package_with(cache);
        assert!(
            built == honest && started.contains("bin/cargo"),
            "{started}"
        );
        assert_eq!(digest(&victim.zip()), honest);
    }
}

/// A cold start loads all of what goes to AWS; the sandbox's takes what Lambda takes in one request.
#[test]
fn the_repositorys_handler_is_a_zip_of_less_than_four_megabytes_or_fifty_for_the_sandbox() {
    let most = if is_thorough() { 4_000_000 } else { 50_000_000 };
    let size = handler().size;
    assert!(size < most, "{size} bytes");
}
