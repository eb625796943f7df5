//! What `--help` says beyond each option: the commands in groups, examples, the environment.

use super::Cli;
use clap::{Command, CommandFactory};
use std::fmt::Write;

/// The commands, by what somebody wants to do.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Stack",
        &[
            "init", "validate", "plan", "apply", "destroy", "outputs", "verify", "drift", "import",
            "adopt", "release", "unlock",
        ],
    ),
    ("People", &["user", "token", "login"]),
    (
        "Look",
        &[
            "call",
            "logs",
            "show",
            "graph",
            "authorizer",
            "list",
            "sweep",
            "open",
        ],
    ),
    ("Local", &["dev", "sandbox", "package"]),
    (
        "Tools",
        &[
            "convert",
            "fmt",
            "doctor",
            "schema",
            "permissions",
            "completions",
            "help",
        ],
    ),
];

/// Examples by command, each with what it does.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "init",
        &[
            ("init", "ask a few questions, and write stack.toml"),
            (
                "init --from public-read --yes",
                "ask nothing, and write a file of that kind",
            ),
        ],
    ),
    (
        "validate",
        &[
            ("validate", "every mistake at its line, offline"),
            ("validate --json", "the same for an editor or a script"),
        ],
    ),
    (
        "plan",
        &[
            ("plan", "what apply would do"),
            (
                "plan --out plan.bin --detailed-exitcode",
                "keep the plan; exit with 2 where there is something to do",
            ),
            (
                "plan --format markdown > plan.md",
                "for the comment of a pull request",
            ),
        ],
    ),
    (
        "apply",
        &[
            ("apply", "show the plan, ask, make it so"),
            (
                "apply --sandbox --yes",
                "on this machine, without an account",
            ),
            (
                "apply --plan plan.bin",
                "what was planned earlier, and nothing else",
            ),
        ],
    ),
    (
        "destroy",
        &[
            ("destroy", "show what would go, ask, delete it, prove it"),
            (
                "destroy --stack attendee-05 --region eu-west-1",
                "without its file",
            ),
        ],
    ),
    (
        "outputs",
        &[
            ("outputs", "every id and URL"),
            ("outputs api_url", "one of them"),
            ("outputs --format env > .env", "for a front end's build"),
        ],
    ),
    (
        "verify",
        &[
            (
                "verify",
                "the workshop page's checks, with a user made for them",
            ),
            ("verify --junit verify.xml", "for CI"),
        ],
    ),
    (
        "drift",
        &[
            (
                "drift",
                "what is not as the file says; exits with 2 where anything is",
            ),
            (
                "drift --format github",
                "each difference at its line, in a GitHub workflow",
            ),
        ],
    ),
    (
        "import",
        &[
            (
                "import --pool my-pool --api my-api > stack.toml",
                "a file for what was made by hand",
            ),
            (
                "import --stack workshop",
                "the file of a stack that is there",
            ),
        ],
    ),
    (
        "adopt",
        &[
            (
                "adopt user_pool",
                "the pool of the file's name is the stack's from now on",
            ),
            ("adopt api --id a1b2c3d4e5", "where several have the name"),
        ],
    ),
    (
        "release",
        &[
            (
                "release user_pool",
                "the pool stays as it is, and is nobody's",
            ),
            ("release secrets.signing --yes", "without being asked"),
        ],
    ),
    (
        "unlock",
        &[
            ("unlock", "say whose lock it is, ask, remove it"),
            ("unlock --yes", "without being asked"),
        ],
    ),
    (
        "user",
        &[
            (
                "user sign-up ann@example.com --name Ann",
                "as a new user does",
            ),
            ("user list", "who is there"),
            ("user group add ann@example.com admin", "into a group"),
        ],
    ),
    (
        "token",
        &[
            ("token ann@example.com", "sign in, and print the ID token"),
            ("token decode -", "show the token on stdin, and check it"),
        ],
    ),
    (
        "login",
        &[
            ("login", "sign in with the browser, and print the ID token"),
            (
                "login --print-url",
                "where the browser is on another machine",
            ),
        ],
    ),
    (
        "call",
        &[
            (
                "call GET /users --as ann@example.com",
                "as somebody who is signed in",
            ),
            ("call GET /users --anonymous", "as nobody"),
            (
                "call POST /users --as ann@example.com --data '{\"a\":1}'",
                "with a body",
            ),
        ],
    ),
    (
        "logs",
        &[
            ("logs --since 10m", "what the function wrote"),
            ("logs --follow --filter ERROR", "as it comes"),
        ],
    ),
    (
        "show",
        &[
            ("show user_pool.clients.spa", "one resource as AWS has it"),
            (
                "show 'api.routes.\"GET /users\"' --json",
                "the same for a script",
            ),
        ],
    ),
    (
        "graph",
        &[
            ("graph --format svg > stack.svg", "a picture of the file"),
            (
                "graph --plan",
                "coloured by what apply would do, as Mermaid",
            ),
        ],
    ),
    (
        "authorizer",
        &[
            (
                "authorizer test --token -",
                "whether the API lets the token on stdin in",
            ),
            ("authorizer test --token - --json", "the same for a script"),
        ],
    ),
    (
        "list",
        &[
            ("list", "every stack of the region, with its age"),
            ("list --all-regions --json", "of the account, for a script"),
        ],
    ),
    (
        "sweep",
        &[
            ("sweep", "what is left of stacks that are gone; asks"),
            ("sweep --older-than 1d --yes", "in a nightly job"),
        ],
    ),
    (
        "open",
        &[
            ("open login", "the hosted login, in the browser"),
            ("open pool", "the user pool in AWS's console"),
        ],
    ),
    (
        "sandbox",
        &[
            ("sandbox start --detach", "a local AWS that runs on"),
            ("sandbox env", "what points any SDK at it"),
            ("sandbox stop", "end it, and keep what is in it"),
        ],
    ),
    (
        "dev",
        &[
            ("dev", "apply at every save, in the sandbox"),
            (
                "dev --spa examples/spa",
                "with the settings of a front end written beside it",
            ),
        ],
    ),
    (
        "package",
        &[
            ("package", "build and pack every function"),
            (
                "package --json",
                "the same, with paths and digests for a script",
            ),
        ],
    ),
    (
        "convert",
        &[
            (
                "convert template.yaml > stack.toml",
                "from a SAM or CloudFormation template",
            ),
            (
                "convert . > stack.toml",
                "from the Terraform, or the serverless.yml, of this folder",
            ),
        ],
    ),
    (
        "fmt",
        &[
            ("fmt", "put stack.toml in order"),
            ("fmt --check", "only say whether it is; for CI"),
        ],
    ),
    (
        "doctor",
        &[
            ("doctor", "what is missing on this machine, and what to do"),
            ("doctor --sandbox", "of what the sandbox needs alone"),
        ],
    ),
    (
        "schema",
        &[
            ("schema > stack.schema.json", "for an editor"),
            ("schema | head", "what it is like"),
        ],
    ),
    (
        "permissions",
        &[
            ("permissions", "an IAM policy for apply"),
            ("permissions plan drift", "one for looking only"),
        ],
    ),
    (
        "completions",
        &[
            (
                "completions bash > ~/.local/share/bash-completion/completions/wsctl",
                "for bash",
            ),
            (
                "completions fish > ~/.config/fish/completions/wsctl.fish",
                "for fish",
            ),
        ],
    ),
];

/// What wsctl, and what it is made of, reads of the environment.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "WSCTL_SANDBOX",
        "1: every command works on the sandbox, as with --sandbox",
    ),
    (
        "WSCTL_CACHE_DIR",
        "where the sandbox is kept, in place of the user's cache folder",
    ),
    (
        "WSCTL_PYTHON",
        "the Python that the sandbox is installed with",
    ),
    (
        "WSCTL_POSTGRES",
        "the folder of PostgreSQL's programs, for the sandbox's database",
    ),
    (
        "WSCTL_CONFIG",
        "your settings, in place of wsctl/config.toml in the configuration folder; empty: none",
    ),
    ("NO_COLOR", "anything: no colours"),
    (
        "AWS_PROFILE",
        "the profile in ~/.aws; --profile counts first",
    ),
    (
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
        "credentials; they count before a profile",
    ),
    (
        "AWS_REGION",
        "the region, where there is no stack.toml and no --region",
    ),
    (
        "AWS_ENDPOINT_URL",
        "where requests go in place of AWS, as with --endpoint-url",
    ),
    (
        "HTTPS_PROXY, NO_PROXY",
        "the proxy to AWS, and what goes without it",
    ),
];

/// The command line, with all that help says.
pub fn command() -> Command {
    let command = Cli::command();
    let heading = *command.get_styles().get_header();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}{heading}Global options:{heading:#}\n{{options}}\n\n\
         {{after-help}}\n",
        groups(&command)
    );
    let command = command.help_template(template).after_help(
        "wsctl COMMAND --help has examples; wsctl help environment lists the variables that count.",
    );
    let command = EXAMPLES.iter().fold(command, |command, (name, examples)| {
        command.mut_subcommand(name, |it| it.after_long_help(shown(examples)))
    });
    command.mut_subcommand("environment", |it| it.after_help(environment()))
}

fn groups(command: &Command) -> String {
    let heading = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let names = GROUPS.iter().flat_map(|it| it.1);
    let width = names.map(|it| it.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(text, "{heading}{title}:{heading:#}");
        for name in names {
            let about = command.find_subcommand(name).map_or_else(
                || "Print this, or the help of a command".to_owned(),
                first_sentence,
            );
            let _ = writeln!(text, "  {literal}{name:width$}{literal:#}  {about}");
        }
        text.push('\n');
    }
    text
}

/// The first is enough where there are many.
fn first_sentence(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    about.split(". ").next().unwrap_or_default().to_owned()
}

fn shown(examples: &[(&str, &str)]) -> String {
    let lines = examples
        .iter()
        .map(|(command, what)| format!("  wsctl {command}\n      {what}"));
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Every variable that counts, and what it says.
pub fn environment() -> String {
    let lines = ENVIRONMENT
        .iter()
        .map(|(name, what)| format!("  {name}\n      {what}"));
    format!("Variables:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_that_is_shown_is_in_one_group_and_has_two_or_three_examples() {
        let command = Cli::command();
        let shown: BTreeSet<_> = command
            .get_subcommands()
            .filter(|it| !it.is_hide_set())
            .map(Command::get_name)
            .collect();
        let grouped: Vec<_> = GROUPS.iter().flat_map(|it| it.1).copied().collect();
        let with_help = shown
            .iter()
            .copied()
            .chain(["help"])
            .collect::<BTreeSet<_>>();
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), with_help);
        assert_eq!(grouped.len(), with_help.len(), "one is in two groups");
        let explained: BTreeSet<_> = EXAMPLES.iter().map(|it| it.0).collect();
        assert_eq!(explained, shown);
        assert!(EXAMPLES.iter().all(|it| (2..=3).contains(&it.1.len())));
    }

    #[test]
    fn every_example_can_be_typed() {
        for (command, examples) in EXAMPLES {
            for (example, _) in *examples {
                let typed = example.split(['>', '|']).next().unwrap();
                let words = shlex::split(&format!("wsctl {typed}")).unwrap();
                assert_eq!(words[1], *command);
                Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }
}
