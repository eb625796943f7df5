//! The options that say which stack is meant and where: every command that a hint names gets those that
//! were given, so that it can be typed as it stands.

use crate::cli::{Cli, FILE, Global};
use clap::CommandFactory;
use std::sync::OnceLock;

/// Set once, from the command line.
static GIVEN: OnceLock<Given> = OnceLock::new();

/// The options that were given, each as a shell takes it, and what can be typed.
struct Given {
    options: Vec<(&'static str, String)>,
    cli: clap::Command,
    is_json: bool,
    is_quiet: bool,
    is_verbose: bool,
}

/// Remembers what was given.
pub(super) fn note(global: &Global) {
    let _ = GIVEN.set(Given {
        options: options(global),
        cli: Cli::command(),
        is_json: global.json,
        is_quiet: global.quiet,
        is_verbose: global.verbose > 0,
    });
}

/// Whether a program reads what is said.
pub(super) fn wants_json() -> bool {
    GIVEN.get().is_some_and(|given| given.is_json)
}

/// Whether only the result is wanted.
pub(super) fn wants_quiet() -> bool {
    GIVEN.get().is_some_and(|given| given.is_quiet)
}

/// Whether each request is said.
pub(super) fn is_verbose() -> bool {
    GIVEN.get().is_some_and(|given| given.is_verbose)
}

/// One hint, with what was given in every command.
pub(super) fn complete_hint(hint: &str) -> String {
    GIVEN
        .get()
        .map_or_else(|| hint.to_owned(), |given| given.complete(hint))
}
/// A command with what was given behind it: `wsctl apply --plan FILE --sandbox`.
pub(super) fn command(words: &str) -> String {
    GIVEN.get().map_or_else(
        || words.to_owned(),
        |given| format!("{words}{}", given.options_for(words)),
    )
}

/// A text with what was given in every command that its hints name.
pub(super) fn complete(text: &str) -> String {
    let Some(given) = GIVEN.get().filter(|given| !given.options.is_empty()) else {
        return text.to_owned();
    };
    let lines = text.split('\n').map(|line| {
        if is_hint(line) {
            given.complete(line)
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What wsctl advises. Other lines may quote a file, or what AWS has.
fn is_hint(line: &str) -> bool {
    let line = anstream::adapter::strip_str(line).to_string();
    ["hint:", "= help:", "look at:"]
        .iter()
        .any(|word| line.trim_start().starts_with(word))
}

fn options(global: &Global) -> Vec<(&'static str, String)> {
    let Global {
        given_file,
        sandbox,
        endpoint_url,
        profile,
        region,
        stack_name,
        variable_files,
        variables,
        // A trace is a new file each time.
        trace_file: _,
        trace: _,
        strict,
        json: _,
        verbose: _,
        quiet: _,
        color: _,
        // One that was found is found again.
        file: _,
        only_looks: _,
    } = global;
    let file = given_file.as_ref().map(|it| it.display().to_string());
    let file = file.filter(|it| it != FILE);
    let variable_files = variable_files
        .iter()
        .map(|it| ("--var-file", it.display().to_string()));
    let variables = variables
        .iter()
        .map(|(name, value)| ("--var", format!("{name}={value}")));
    let single = [
        ("--file", file),
        ("--endpoint-url", endpoint_url.clone()),
        ("--profile", profile.clone()),
        ("--region", region.clone()),
        ("--stack-name", stack_name.clone()),
    ];
    let single = single
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let valued = single.chain(variable_files).chain(variables);
    let valued = valued.map(|(name, value)| (name, format!("{name} {}", quoted(&value))));
    valued
        .chain(sandbox.then(|| ("--sandbox", "--sandbox".to_owned())))
        .chain(strict.then(|| ("--strict", "--strict".to_owned())))
        .collect()
}

/// As a shell takes it. What no shell can take is shown as it is.
pub(super) fn quoted(value: &str) -> String {
    shlex::try_quote(value).map_or_else(|_| value.to_owned(), |it| it.into_owned())
}

/// Options that say what only a command with a stack in AWS wants to know.
const OF_THE_SANDBOX_ITSELF: [&str; 1] = ["--file"];
/// What a command's own option takes the place of.
const REPLACED: [(&str, &[&str]); 2] = [
    ("--all-regions", &["--region"]),
    ("--stack ", &["--file", "--stack-name"]),
];

impl Given {
    /// The options for one command, which may have some already; a blank before each.
    fn options_for(&self, command: &str) -> String {
        let is_sandbox = command.starts_with("wsctl sandbox");
        let is_wanted = |name: &str| {
            let is_replaced = |it: &(&str, &[&str])| command.contains(it.0) && it.1.contains(&name);
            let is_there = command.split_whitespace().any(|word| word == name);
            !is_there
                && !REPLACED.iter().any(is_replaced)
                && (!is_sandbox || OF_THE_SANDBOX_ITSELF.contains(&name))
        };
        let wanted = self.options.iter().filter(|(name, _)| is_wanted(name));
        wanted.map(|(_, option)| format!(" {option}")).collect()
    }

    /// Puts the options behind every command in a line.
    fn complete(&self, line: &str) -> String {
        let mut parts = line.split("wsctl ");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for rest in parts {
            let end = self.end(rest);
            let options = match end {
                0 => String::new(),
                end => self.options_for(&format!("wsctl {}", &rest[..end])),
            };
            text.push_str(&format!("wsctl {}{options}{}", &rest[..end], &rest[end..]));
        }
        text
    }

    /// How much of a text is a command with its options: none where it begins with none.
    fn end(&self, text: &str) -> usize {
        let (mut command, mut end) = (&self.cli, 0);
        while let Some(found) = command.find_subcommand(word(text[end..].trim_start())) {
            end += text[end..].find(char::is_alphabetic).unwrap_or(0) + found.get_name().len();
            command = found;
            if !text[end..].starts_with(' ') {
                break;
            }
        }
        while end > 0
            && let Some(length) = self.option(command, &text[end..])
        {
            end += length;
        }
        end
    }

    /// How long the option is that a text begins with, its value included.
    fn option(&self, command: &clap::Command, text: &str) -> Option<usize> {
        let name = word(text.strip_prefix(" --")?);
        let arguments = command.get_arguments().chain(self.cli.get_arguments());
        let option = arguments
            .into_iter()
            .find(|it| it.get_long() == Some(name))?;
        let end = " --".len() + name.len();
        let value = text[end..]
            .strip_prefix(' ')
            .filter(|_| option.get_action().takes_values());
        Some(value.map_or(end, |value| {
            end + 1 + value.find([' ', ';', ',', ')', '`']).unwrap_or(value.len())
        }))
    }
}

/// The letters and hyphens that a text begins with.
fn word(text: &str) -> &str {
    let end = text
        .find(|it: char| !it.is_ascii_lowercase() && it != '-')
        .unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn given(arguments: &[&str]) -> Given {
        let all = [&["wsctl"], arguments, &["plan"]].concat();
        Given {
            options: options(&Cli::try_parse_from(all).unwrap().global),
            cli: Cli::command(),
            is_json: false,
            is_quiet: false,
            is_verbose: false,
        }
    }

    #[test]
    fn a_command_in_a_hint_gets_every_option_that_says_where() {
        let given = given(&[
            "--file",
            "my stacks/a.toml",
            "--region",
            "eu-west-1",
            "--profile",
            "me",
            "--stack-name",
            "b",
            "--var",
            "a=it's",
            "--var-file",
            "venue.toml",
        ]);
        assert_eq!(
            given.complete("hint: run wsctl apply first; see `wsctl user list`"),
            "hint: run wsctl apply --file 'my stacks/a.toml' --profile me --region eu-west-1 --stack-name b \
             --var-file venue.toml --var \"a=it's\" first; see `wsctl user list --file 'my stacks/a.toml' \
             --profile me --region eu-west-1 --stack-name b --var-file venue.toml --var \"a=it's\"`"
        );
    }

    #[test]
    fn a_command_gets_no_option_twice_and_none_that_it_refuses() {
        let given = given(&["--sandbox", "--region", "eu-west-1", "--file", "a.toml"]);
        for (hint, completed) in [
            (
                "wsctl list --all-regions shows all",
                "wsctl list --all-regions --file a.toml --sandbox shows all",
            ),
            (
                "`wsctl sandbox stop` ends it",
                "`wsctl sandbox stop --file a.toml` ends it",
            ),
            (
                "wsctl apply --sandbox",
                "wsctl apply --sandbox --file a.toml --region eu-west-1",
            ),
            (
                "`wsctl plan --out p.json`",
                "`wsctl plan --out p.json --file a.toml --region eu-west-1 --sandbox`",
            ),
            (
                "the wsctl stack `b`, a wsctl plane",
                "the wsctl stack `b`, a wsctl plane",
            ),
        ] {
            assert_eq!(given.complete(hint), completed);
        }
    }

    #[test]
    fn only_advice_is_completed() {
        for line in [
            "12 | # wsctl apply makes it so",
            "error: the name `wsctl plan`",
        ] {
            assert!(!is_hint(line), "{line}");
        }
        for line in [
            "\u{1b}[1mhint:\u{1b}[0m x",
            "   = help: x",
            "       look at: x",
        ] {
            assert!(is_hint(line), "{line}");
        }
    }
}
