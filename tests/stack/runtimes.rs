//! Functions of managed runtimes, from a folder or a file: examples/node through its whole life in a
//! sandbox, and what decides whether a program has changed.

use crate::support::{program::Run, sandbox::Sandbox};
use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

const STACK: &str = include_str!("../../examples/node/stack.toml");
const FILES: [(&str, &str); 3] = [
    (
        "function/index.mjs",
        include_str!("../../examples/node/function/index.mjs"),
    ),
    (
        "function/answer.mjs",
        include_str!("../../examples/node/function/answer.mjs"),
    ),
    (
        "function/.wsctlignore",
        include_str!("../../examples/node/function/.wsctlignore"),
    ),
];
const ANN: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

fn plan(sandbox: &Sandbox) -> Run {
    sandbox.run(&["plan", "--sandbox", "--detailed-exitcode"])
}

/// As after a checkout: all is new but what is in the files.
fn touch(folder: &Path) {
    let later = SystemTime::now() + Duration::from_secs(100);
    for (name, text) in FILES {
        fs::remove_file(folder.join(name)).unwrap();
        fs::write(folder.join(name), text).unwrap();
        let file = fs::File::open(folder.join(name)).unwrap();
        file.set_modified(later).unwrap();
    }
    fs::write(folder.join("function/README.md"), "not packed").unwrap();
}

#[test]
fn a_node_function_lives_its_life_from_a_folder() {
    let sandbox = Sandbox::of(STACK, &FILES);
    assert_eq!(sandbox.run(&["validate"]).code, 0);
    sandbox.apply();
    sandbox.plan_is_empty();
    touch(sandbox.folder());
    sandbox.plan_is_empty();

    called(&sandbox);

    let other = FILES[0].1.replace("User not found", "Nobody of that id");
    fs::write(sandbox.folder().join("function/index.mjs"), other).unwrap();
    let said = plan(&sandbox);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("~ functions.users (function)") && said.out.contains("1 to update"),
        "{}",
        said.out
    );
    sandbox.apply();
    sandbox.plan_is_empty();
    let missing = as_ann(&sandbox, 4, &["call", "GET", "/users/77"]);
    assert!(missing.out.contains("Nobody of that id"), "{}", missing.out);

    comes_back(&sandbox);

    let destroyed = sandbox.run(&[
        "destroy",
        "--sandbox",
        "--yes",
        "--delete-users",
        "node-users",
    ]);
    assert_eq!(destroyed.code, 0, "{}{}", destroyed.out, destroyed.err);
    let left = sandbox.run(&["list", "--sandbox"]);
    assert!(!left.out.contains("node-users"), "{}", left.out);
}

fn as_ann(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> Run {
    let arguments = [arguments, &["--as", ANN, "--password-stdin"]].concat();
    sandbox.answer(code, &arguments, &[PASSWORD])
}

/// The API, with a token of somebody who signed up.
fn called(sandbox: &Sandbox) {
    let sign_up = ["user", "sign-up", ANN, "--password-stdin"];
    sandbox.answer(0, &sign_up, &[PASSWORD]);
    sandbox.answer(0, &["user", "confirm", ANN, "--admin"], &[]);
    sandbox.answer(4, &["call", "GET", "/users", "--anonymous"], &[]);
    let made = as_ann(sandbox, 0, &["call", "POST", "/users"]).json();
    assert_eq!(made["data"]["email"], ANN, "{made}");
    let again = as_ann(sandbox, 0, &["call", "POST", "/users"]).json();
    assert_eq!(again["error"], "User already exists");
    let id = format!("/users/{}", made["data"]["id"]);
    let changed = [
        "call",
        "PUT",
        &id,
        "--data",
        "{\"phoneNumber\": \"+15555550100\"}",
    ];
    let changed = as_ann(sandbox, 0, &changed).json();
    assert_eq!(changed["data"]["phone_number"], "+15555550100");
    assert_eq!(changed["data"]["username"], made["data"]["username"]);
    as_ann(sandbox, 4, &["call", "PUT", &id, "--data", "{"]);
    as_ann(sandbox, 4, &["call", "GET", "/users/77"]);
    as_ann(sandbox, 0, &["call", "DELETE", &id]);
    let listed = as_ann(sandbox, 0, &["call", "GET", "/users"]).json();
    assert_eq!(listed["data"], serde_json::json!([]));
}

/// Written down from AWS, with the zip that was packed here, it plans empty again.
fn comes_back(sandbox: &Sandbox) {
    let imported = sandbox.run(&["import", "--sandbox", "--environment"]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    for line in [
        "runtime = \"nodejs22.x\"",
        "handler = \"index.handler\"",
        "zip = \"users.zip\"",
        "[[functions.users.allow]]",
    ] {
        assert!(imported.out.contains(line), "no {line} in {}", imported.out);
    }
    let packed = sandbox.folder().join(".wsctl/packed/users.zip");
    fs::copy(packed, sandbox.folder().join("users.zip")).unwrap();
    fs::write(sandbox.folder().join("stack.toml"), imported.out).unwrap();
    sandbox.plan_is_empty();
    fs::write(sandbox.folder().join("stack.toml"), STACK).unwrap();
}
