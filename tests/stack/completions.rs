//! What real shells offer behind what was typed. zsh and fish come from Debian's packages (`.ci/run`).

use super::support::sandbox::Sandbox;
use std::{path::Path, process::Command};

/// What a shell at a terminal has typed behind `typed` once Tab is pressed.
fn completes(shell: &[&str], set_up: &str, folder: &Path, typed: &str, whole: &str) {
    let mut command = Command::new("python3");
    command.args(["-c", include_str!("completions/terminal.py")]);
    command.args([whole, typed, set_up]).args(shell);
    command.env("TERM", "dumb");
    at_home(&mut command, folder);
    let said = command.output().unwrap();
    let name = shell[0];
    assert!(
        said.status.success(),
        "{name} (Debian: apt-get install {name}), {typed:?}: {}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
}

/// With the program on its PATH, in the stack's folder, and nobody's settings.
fn at_home(command: &mut Command, folder: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_wsctl")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    command.current_dir(folder);
    command.env("PATH", format!("{}:{path}", program.display()));
    command.env("WSCTL_SANDBOX", "1").env("HOME", folder);
    command.env("WSCTL_CACHE_DIR", wsctl::private::cache().unwrap());
}

#[test]
fn shells_know_commands_options_and_what_the_stack_has() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    sandbox.answer(
        0,
        &[
            "user",
            "create",
            "zoe@example.com",
            "--name",
            "Zoe",
            "--phone",
            "+15555550100",
            "--no-invitation",
        ],
        &[],
    );
    let bash = (
        &["bash", "--norc", "--noprofile", "-i"][..],
        "source <(wsctl completions bash)",
    );
    let zsh = (
        &["zsh", "-f", "-i"][..],
        "autoload -U compinit; compinit -u -D; source <(wsctl completions zsh)",
    );
    for (shell, set_up) in [bash, zsh] {
        for (typed, whole) in [
            ("wsctl valid", "validate"),
            ("wsctl plan --detailed", "--detailed-exitcode"),
            ("wsctl logs us", "logs users"),
            ("wsctl show user_pool.cl", "user_pool.clients.spa"),
            ("wsctl token --client s", "--client spa"),
            ("wsctl outputs user_pool_i", "user_pool_id"),
            ("wsctl user show zo", "zoe@example.com"),
            ("wsctl call DEL", "DELETE"),
            ("wsctl call GET /use", "GET /users"),
        ] {
            completes(shell, set_up, sandbox.folder(), typed, whole);
        }
    }
    // fish answers without a terminal too.
    for (typed, whole) in [
        ("wsctl valid", "validate"),
        ("wsctl logs ", "users"),
        ("wsctl show user_pool.clients.s", "user_pool.clients.spa"),
        ("wsctl user show z", "zoe@example.com"),
        ("wsctl user group add zoe@example.com ", "admin"),
    ] {
        let script = format!("wsctl completions fish | source; complete --do-complete '{typed}'");
        let mut command = Command::new("fish");
        command.args(["--no-config", "-c", &script]);
        at_home(&mut command, sandbox.folder());
        let said = command
            .output()
            .expect("no fish on the PATH (Debian: apt-get install fish)");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let first = said
            .lines()
            .map(|it| it.split('\t').next().unwrap_or_default());
        assert!(
            first.collect::<Vec<_>>().contains(&whole),
            "{typed}: {said}"
        );
    }
}
