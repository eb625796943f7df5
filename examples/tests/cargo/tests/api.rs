//! The stack in the sandbox: no account, real tokens, a real authorizer.

use std::process::{Command, Output};

const ANN: &str = "ann@example.com";

/// Runs a command, which finds stack.toml in the folder above.
fn wsctl(words: &[&str]) -> Output {
    let mut command = Command::new("wsctl");
    command.args(words).env("WSCTL_SANDBOX", "1");
    command.env("PASSWORD", "Correct-horse-1");
    command.output().expect("wsctl is on the PATH")
}

/// The same of one that has to end well.
fn done(words: &[&str]) -> String {
    let output = wsctl(words);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {told}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn the_api_lets_in_who_is_signed_in_and_nobody_else() {
    done(&["apply", "--yes", "--quiet"]);
    let user = ["--permanent", "--no-invitation", "--password-env", "PASSWORD"];
    done(&[&["user", "create", ANN][..], &user].concat());
    let answer = done(&["call", "GET", "/users", "--as", ANN, "--password-env", "PASSWORD"]);
    assert!(answer.contains(ANN), "{answer}");
    // 4 is a status of 400 to 499.
    let refused = wsctl(&["call", "GET", "/users", "--anonymous"]);
    assert_eq!(refused.status.code(), Some(4));
    done(&["sandbox", "reset", "--yes"]);
}
