//! Folders of npm packages, each at the version that its lock file has, and Node.js programs in them.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    env,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The program of this name, if it is on the `PATH`.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Stops a test that cannot be run here: nothing is left out without a word.
fn missing(what: &str) -> ! {
    panic!("{what}; the tests that need neither pip nor npm are `just quick`'s")
}

/// Node.js and npm have to be here.
pub(crate) fn needed() {
    if on_path("node").is_none() || on_path("npm").is_none() {
        missing("no Node.js and npm on the PATH (Debian, Ubuntu: apt-get install nodejs npm)");
    }
}

/// A Chromium: `WSCTL_CHROMIUM`, or what is on the `PATH`; and Node.js to drive it.
pub(crate) fn chromium() -> PathBuf {
    needed();
    let given = env::var_os("WSCTL_CHROMIUM").map(PathBuf::from);
    let mut known = ["chromium", "chromium-browser", "google-chrome"].into_iter();
    given
        .or_else(|| known.find_map(on_path))
        .unwrap_or_else(|| {
            missing(
                "no Chromium on the PATH or in WSCTL_CHROMIUM (Debian: apt-get install chromium)",
            )
        })
}

/// A copy of this folder of the repository, with its packages installed. Made once for each
/// content, under `target`.
pub(crate) fn installed(folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
    let copy = all.join(format!("{}-{}", folder.replace('/', "-"), digest(&source)));
    let complete = copy.join("complete");
    fs::create_dir_all(&copy).unwrap();
    let lock = File::create(copy.join("lock")).unwrap();
    lock.lock().unwrap();
    if !complete.exists() {
        for file in files(&source) {
            fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&copy);
        let output = npm.stdin(Stdio::null()).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        fs::write(complete, "").unwrap();
    }
    copy
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

fn digest(folder: &Path) -> String {
    let digest = files(folder).iter().fold(Sha256::new(), |digest, file| {
        digest
            .chain_update(file.as_os_str().as_encoded_bytes())
            .chain_update(fs::read(file).unwrap())
    });
    digest
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Runs a program of the folder, with what it has to know on its standard input, so that no
/// password is in its arguments. It has to succeed; what it printed.
pub(crate) fn run(folder: &Path, program: &str, input: &Value) -> String {
    let mut node = Command::new("node");
    node.arg(program)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = node.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} failed: {said}");
    said
}
