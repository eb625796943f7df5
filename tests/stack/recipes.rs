//! The tests in examples/tests, run as their reader would: a stack in the sandbox, tested with another tool.

use super::support::{npm, program::Run};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use wsctl::sandbox::{Host, Venv};

const PYTEST: Venv = Venv {
    name: "pytest-9.2.0",
    requirements: include_str!("../../examples/tests/pytest/requirements.txt"),
};

/// A copy of examples/tests, which its tests change.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tests");
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        fs::create_dir_all(folder.path().join(&below)).unwrap();
        for entry in fs::read_dir(source.join(&below))
            .unwrap()
            .map(|it| it.unwrap())
        {
            let path = below.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true if entry.file_name() == "node_modules" => {}
                true => folders.push(path),
                false => drop(fs::copy(entry.path(), folder.path().join(path)).unwrap()),
            }
        }
    }
    folder
}

/// Runs a tool in a folder of the copy, with wsctl on its PATH.
fn passes(mut tool: Command, folder: &Path) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_wsctl")).parent().unwrap();
    let path = env::var("PATH").unwrap();
    tool.current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()));
    let said = Run::from(tool.output().unwrap());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    said
}

#[tokio::test]
async fn pytest_tests_the_stack_in_the_sandbox() {
    let host = Host::from_env().unwrap();
    let venv = PYTEST.install(&host, &|_| {}).await.unwrap();
    let copy = copy();
    let mut pytest = Command::new(venv.join("bin/python"));
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    let said = passes(pytest, &copy.path().join("pytest"));
    assert!(said.out.contains("3 passed"), "{}", said.out);
}

#[test]
fn vitest_tests_the_stack_in_the_sandbox() {
    npm::needed();
    let copy = copy();
    let folder = copy.path().join("vitest");
    let packages = npm::installed("examples/tests/vitest").join("node_modules");
    std::os::unix::fs::symlink(&packages, folder.join("node_modules")).unwrap();
    let mut vitest = Command::new("node");
    vitest
        .args(["node_modules/vitest/vitest.mjs", "run"])
        .env("NO_COLOR", "1");
    let said = passes(vitest, &folder);
    assert!(said.out.contains("2 passed"), "{}", said.out);
}

#[test]
fn cargo_tests_the_stack_in_the_sandbox() {
    let copy = copy();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--quiet"]);
    cargo.env("CARGO_TARGET_DIR", copy.path().join("target"));
    let said = passes(cargo, &copy.path().join("cargo"));
    assert!(said.out.contains("1 passed"), "{}", said.out);
}
