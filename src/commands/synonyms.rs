//! What other tools call a command of ours: a tip at the right one, in place of a guess by its letters.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Of `wsctl` itself.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (
        &[
            "delete",
            "del",
            "remove",
            "rm",
            "down",
            "teardown",
            "tear-down",
            "undeploy",
            "terminate",
            "uninstall",
        ],
        &["destroy"],
    ),
    (
        &[
            "up",
            "deploy",
            "create",
            "make",
            "provision",
            "sync",
            "update",
            "converge",
            "install",
            "run",
            "start",
            "put",
            "push",
            "save",
        ],
        &["apply"],
    ),
    (
        &[
            "diff",
            "preview",
            "changes",
            "changeset",
            "dry-run",
            "what-if",
            "compare",
        ],
        &["plan"],
    ),
    (
        &["status", "state", "refresh", "st"],
        &["drift", "plan", "list"],
    ),
    (
        &["describe", "get", "inspect", "cat", "info", "resource"],
        &["show"],
    ),
    (&["output", "env", "urls", "ids", "config"], &["outputs"]),
    (&["ls", "stacks", "ps"], &["list"]),
    (
        &["clean", "cleanup", "clean-up", "gc", "prune", "purge"],
        &["sweep"],
    ),
    (&["new", "start-from", "template", "scaffold"], &["init"]),
    (&["export", "generate", "dump"], &["import"]),
    (&["lint", "check"], &["validate"]),
    (&["format", "tidy"], &["fmt"]),
    (&["watch", "serve", "develop"], &["dev"]),
    (&["diagnose", "health"], &["doctor"]),
    (&["browse", "console", "web"], &["open"]),
    (&["test", "smoke", "acceptance", "e2e"], &["verify"]),
    (&["build", "bundle", "zip", "pack"], &["package"]),
    (&["log", "tail"], &["logs"]),
    (
        &["users", "sign-up", "signup", "register", "group", "groups"],
        &["user"],
    ),
    (
        &["sign-in", "signin", "auth", "authenticate", "jwt", "tokens"],
        &["token", "login"],
    ),
    (&["invoke", "request", "curl", "http"], &["call"]),
    (&["force-unlock", "lock"], &["unlock"]),
    (&["own", "attach", "take"], &["adopt"]),
    (&["disown", "detach", "forget", "abandon"], &["release"]),
    (
        &[
            "local",
            "emulator",
            "stop",
            "reset",
            "ministack",
            "localstack",
        ],
        &["sandbox"],
    ),
    (&["dot", "mermaid", "svg", "draw", "diagram"], &["graph"]),
];

/// Of `wsctl user`.
const OF_USER: &[(&[&str], &[&str])] = &[
    (&["remove", "rm", "del", "destroy"], &["delete"]),
    (&["add", "new", "invite", "make"], &["create", "sign-up"]),
    (&["register", "signup", "join"], &["sign-up"]),
    (&["ls", "all"], &["list"]),
    (&["get", "describe", "info", "cat"], &["show"]),
    (&["verify", "approve", "activate"], &["confirm"]),
    (
        &["passwd", "password", "reset-password", "change-password"],
        &["set-password"],
    ),
    (&["groups"], &["group"]),
];

/// Of `wsctl user group`.
const OF_GROUP: &[(&[&str], &[&str])] = &[
    (&["delete", "rm", "del", "leave"], &["remove"]),
    (&["join", "put", "create"], &["add"]),
];

/// Of `wsctl sandbox`.
const OF_SANDBOX: &[(&[&str], &[&str])] = &[
    (&["up", "run", "create", "apply"], &["start"]),
    (&["ls", "all"], &["list"]),
    (&["exports", "variables"], &["env"]),
    (&["down", "kill", "end", "quit"], &["stop"]),
    (&["state", "info", "ps", "show"], &["status"]),
    (
        &[
            "delete", "remove", "rm", "destroy", "clean", "clear", "wipe",
        ],
        &["reset"],
    ),
];

/// An error about an unknown command, with the command that is meant.
pub(super) fn corrected(mut error: Error) -> Error {
    let Some(meant) = meant(&error) else {
        return error;
    };
    let meant = meant.iter().map(ToString::to_string).collect();
    error.insert(
        ContextKind::SuggestedSubcommand,
        ContextValue::Strings(meant),
    );
    error
}

fn meant(error: &Error) -> Option<&'static [&'static str]> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let usage = error
        .get(ContextKind::Usage)
        .map(ToString::to_string)
        .unwrap_or_default();
    let is_of = |command: &str| usage.contains(&format!(" {command} ["));
    let table = match () {
        () if is_of("user group") => OF_GROUP,
        () if is_of("user") => OF_USER,
        () if is_of("sandbox") => OF_SANDBOX,
        () => COMMANDS,
    };
    let typed = typed.to_lowercase();
    table
        .iter()
        .find(|(words, _)| words.contains(&typed.as_str()))
        .map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::{CommandFactory, Parser};

    fn said(arguments: &[&str]) -> String {
        let all = [&["wsctl"], arguments].concat();
        corrected(Cli::try_parse_from(all).unwrap_err()).to_string()
    }

    #[test]
    fn what_another_tool_calls_it_gets_a_tip_at_ours_alone() {
        for (parents, table) in [
            (&[][..], COMMANDS),
            (&["user"], OF_USER),
            (&["user", "group"], OF_GROUP),
            (&["sandbox"], OF_SANDBOX),
        ] {
            let mut command = Cli::command();
            for parent in parents {
                command = command.find_subcommand(parent).unwrap().clone();
            }
            for (words, meant) in table {
                for word in *words {
                    assert!(
                        command.find_subcommand(word).is_none(),
                        "{word} is a command"
                    );
                    let said = said(&[parents, &[*word]].concat());
                    let tip = said
                        .lines()
                        .find(|line| line.contains("tip:"))
                        .unwrap_or_else(|| panic!("{said}"));
                    let shown: Vec<_> = tip.split('\'').skip(1).step_by(2).collect();
                    assert_eq!(shown, *meant, "{word}");
                }
                for it in *meant {
                    assert!(command.find_subcommand(it).is_some(), "{it} is no command");
                }
            }
        }
    }

    #[test]
    fn a_misspelt_command_still_gets_the_closest_one() {
        assert!(said(&["aply"]).contains("'apply'"));
        assert!(said(&["validte"]).contains("'validate'"));
    }
}
