//! What can be typed: the command line's types only.

mod change;
mod help;
mod inventory;
mod ownership;
pub mod secrets;
pub mod token;
pub mod user;
mod verify;

use crate::{aws::Trace, permissions::Task, value::Address};
pub use change::{Building, UnlockArgs, Waiting};
use clap::{Args, Parser, Subcommand};
pub use help::{command, environment};
use std::{path::PathBuf, sync::Arc};

pub use inventory::{
    DriftArgs, DriftFormat, Format, GraphArgs, ImportArgs, ListArgs, ShowArgs, SweepArgs,
};
pub use ownership::{AdoptArgs, ReleaseArgs};
pub use verify::VerifyArgs;

/// With the commit and the target, which a report should name.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("WSCTL_BUILD"));

/// Provisions the Amazon Cognito workshop stack from one stack.toml. Live AWS is the state.
#[derive(Debug, Parser)]
#[command(version = VERSION, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The stack's file; left out, stack.toml here or in a folder above
    #[arg(
        short = 'f',
        long = "file",
        id = "file",
        global = true,
        value_name = "FILE"
    )]
    pub given_file: Option<PathBuf>,
    /// That one, or the one that was found.
    #[arg(skip)]
    pub file: PathBuf,
    /// Whether the command changes nothing, so that no sandbox is started for it.
    #[arg(skip)]
    pub only_looks: bool,
    /// Use the local AWS that wsctl starts itself: no account, no credentials, no cost; WSCTL_SANDBOX=1 does the same
    #[arg(long, global = true, conflicts_with_all = ["endpoint_url", "profile"])]
    pub sandbox: bool,
    /// Send requests to this URL instead of AWS (an emulator); AWS_ENDPOINT_URL does the same
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub endpoint_url: Option<String>,
    /// The profile in ~/.aws to take credentials from
    #[arg(long, global = true, value_name = "NAME", hide_short_help = true)]
    pub profile: Option<String>,
    /// The region, in place of the one in the file
    #[arg(long, global = true, value_name = "REGION", hide_short_help = true)]
    pub region: Option<String>,
    /// The stack's name, in place of the one in the file: one file for many stacks
    #[arg(long, global = true, value_name = "NAME", hide_short_help = true)]
    pub stack_name: Option<String>,
    /// A file of NAME = "value" lines for ${var.NAME}; may be given several times, the last counts
    #[arg(
        long = "var-file",
        global = true,
        value_name = "FILE",
        hide_short_help = true
    )]
    pub variable_files: Vec<PathBuf>,
    /// A value for ${var.NAME} in the file; may be given several times, before --var-file
    #[arg(long = "var", global = true, value_name = "NAME=VALUE", value_parser = variable, hide_short_help = true)]
    pub variables: Vec<(String, String)>,
    /// Take what the file is only warned of for a mistake; [checks] allow names what is meant
    #[arg(long, global = true, hide_short_help = true)]
    pub strict: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Say each request with its time and AWS's id of it, and all that is in a plan; -vv what was sent and came
    /// back too, secrets masked
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_short_help = true)]
    pub verbose: u8,
    /// Say nothing but the result, questions and errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        hide_short_help = true
    )]
    pub quiet: bool,
    /// Whether to colour what is printed
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, hide_short_help = true)]
    pub color: Colour,
    /// Write every request to AWS and its answer into this new file, as JSON lines, for a report:
    /// secrets, people, addresses, account numbers and ids are masked; names, texts and tags are not
    #[arg(
        long = "trace",
        global = true,
        value_name = "FILE",
        hide_short_help = true
    )]
    pub trace_file: Option<PathBuf>,
    /// The file, once it is made.
    #[arg(skip)]
    pub trace: Option<Arc<Trace>>,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// The stack's file where none is named.
pub const FILE: &str = "stack.toml";

/// The variable that says what `--sandbox` says.
pub const SANDBOX: &str = "WSCTL_SANDBOX";

impl Global {
    /// The file that was typed, or stack.toml in this folder.
    pub fn typed_file(&self) -> PathBuf {
        self.given_file.clone().unwrap_or_else(|| FILE.into())
    }

    /// Takes what the variable says, unless an option says where else: what is typed counts before what is set.
    pub fn take_variable(&mut self, sandbox: &str) {
        let is_off = ["", "0", "false", "no", "off"].contains(&sandbox.to_lowercase().as_str());
        let is_elsewhere = self.endpoint_url.is_some() || self.profile.is_some();
        self.sandbox |= !is_off && !is_elsewhere;
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what apply would do. Crates that changed are built first, which runs their build scripts as you
    Plan(PlanArgs),
    /// Create, update and delete in AWS until it matches the file
    Apply(ApplyArgs),
    /// Delete everything that belongs to the stack
    Destroy(DestroyArgs),
    /// Take over a resource that exists already: it belongs to the stack from now on
    Adopt(AdoptArgs),
    /// Give a resource up: it stays as it is, and no longer belongs to the stack
    Release(ReleaseArgs),
    /// Remove the lock of an apply that died
    Unlock(UnlockArgs),
    /// Check a running stack as the workshop page does, with a user made for it
    Verify(VerifyArgs),
    /// Show how AWS differs from the file, whoever changed it; the exit code is 2 when anything differs
    Drift(DriftArgs),
    /// Show one resource as AWS has it, secrets hidden
    Show(ShowArgs),
    /// Write a stack.toml from what is in AWS
    Import(ImportArgs),
    /// List every wsctl stack of the account in this region
    List(ListArgs),
    /// Delete what is left of stacks that are gone, and list what only looks like it
    Sweep(SweepArgs),
    /// Draw the stack: Mermaid, DOT or SVG
    Graph(GraphArgs),
    /// Check the file, offline
    Validate,
    /// Print the stack's ids and URLs
    Outputs(OutputsArgs),
    /// Sign up, confirm, list, change and delete the pool's users
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Sign a user in and print the tokens, or decode and verify one
    Token(token::TokenArgs),
    /// Sign in through the hosted login in the browser and print the tokens
    Login(token::LoginArgs),
    /// Ask the API's authorizer whether it lets a token in
    Authorizer {
        #[command(subcommand)]
        command: token::AuthorizerCommand,
    },
    /// Send one request to the API
    Call(token::CallArgs),
    /// Print what a function wrote to its log
    Logs(token::LogsArgs),
    /// Manage the local AWS
    Sandbox {
        #[command(subcommand)]
        command: SandboxCommand,
    },
    /// Build and pack the functions that have a crate
    Package,
    /// Keep the stack in the sandbox as the files are: build and apply at every save, and show what the functions write
    Dev(DevArgs),
    /// Write a stack.toml to start from
    Init(InitArgs),
    /// Write a stack.toml from a SAM or CloudFormation template, a serverless.yml, or Terraform
    Convert(ConvertArgs),
    /// Put stack.toml in one form; comments stay
    Fmt(FmtArgs),
    /// Say what is missing on this machine or in the account, and what to do about it
    Doctor,
    /// Open what the stack has in the browser
    Open(OpenArgs),
    /// The variables that count
    #[command(hide = true)]
    Environment,
    /// Print the JSON Schema of stack.toml, for editors
    Schema {
        /// Print the reference in docs/ instead
        #[arg(long, hide = true)]
        markdown: bool,
    },
    /// Print the IAM policy that lets somebody do these tasks
    Permissions {
        /// The tasks; apply where none is named
        #[arg(value_enum)]
        tasks: Vec<Task>,
        /// Print the list in docs/ instead
        #[arg(long, hide = true)]
        markdown: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of every command into a folder
    #[command(hide = true)]
    Man {
        /// The folder
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Whether it only looks at what is there. A plan is the first half of an apply.
    pub fn only_looks(&self) -> bool {
        match self {
            Self::Drift(_) | Self::Show(_) | Self::Graph(_) | Self::Import(_) | Self::List(_) => {
                true
            }
            Self::Outputs(_) | Self::Authorizer { .. } | Self::Logs(_) | Self::Open(_) => true,
            Self::User { command } => command.only_looks(),
            _ => false,
        }
    }
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Exit with 0 when there is nothing to do, 1 on an error, 2 when there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan in this file, for `apply --plan`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How the plan is written
    #[arg(long, value_enum, default_value_t = PlanFormat::Text, conflicts_with = "json")]
    pub format: PlanFormat,
    #[command(flatten)]
    pub building: Building,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PlanFormat {
    /// For a terminal or a log
    Text,
    /// As --json does
    Json,
    /// For the comment of a pull request
    Markdown,
    /// One page with the stack's picture
    Html,
}

/// What a change that loses something has to be told.
#[derive(Debug, Default, Args)]
pub struct Consent {
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// Let this pool be deleted or replaced although it has users or identities; may be given several times
    #[arg(long, value_name = "POOL-NAME")]
    pub delete_users: Vec<String>,
    /// Also delete what AWS's deletion protection keeps
    #[arg(long)]
    pub lift_deletion_protection: bool,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub consent: Consent,
    /// Let this resource be deleted and made anew; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub allow_replace: Vec<Address>,
    #[command(flatten)]
    pub building: Building,
    #[command(flatten)]
    pub waiting: Waiting,
    /// Carry out the plan that `plan --out` saved in this file, without asking, if it still holds
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Do not read again at the end what was made and changed: "done" is then only what AWS answered
    #[arg(long)]
    pub no_proof: bool,
}

#[derive(Debug, Args)]
pub struct DevArgs {
    /// A front end's folder: config.json is written there, for the app client's sign-in
    #[arg(long, value_name = "FOLDER")]
    pub spa: Option<PathBuf>,
    /// The app client of --spa, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME", requires = "spa")]
    pub client: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
    /// Let this resource be deleted and made anew; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub allow_replace: Vec<Address>,
    #[command(flatten)]
    pub building: Building,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// What to start from
    #[arg(long, value_enum, value_name = "TEMPLATE", default_value_t = Template::Workshop)]
    pub from: Template,
    /// The page that may call the API
    #[arg(long, value_name = "URL")]
    pub origin: Option<String>,
    /// Ask nothing: --stack-name, --region and --origin count, or what is usual
    #[arg(short, long)]
    pub yes: bool,
}

/// What `init` can start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Template {
    /// The workshop's stack: sign-up, hosted login, an API for who is signed in
    Workshop,
    /// Everybody may read, who is signed in may write
    PublicRead,
    /// Programs without a user, by scopes
    MachineToMachine,
    /// A small API answered by Node.js
    Node,
    /// An API and a function that are there stay their owner's
    Attach,
}

#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// The template or serverless.yml, or the folder of a Terraform module
    #[arg(value_name = "FILE|FOLDER")]
    pub definition: PathBuf,
    /// What it is written in; left out, as its name and content say
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<DefinitionFormat>,
}

/// What a definition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DefinitionFormat {
    /// A template of SAM or CloudFormation
    #[value(name = "cloudformation", alias = "sam")]
    CloudFormation,
    /// A serverless.yml
    Serverless,
    /// The .tf files of a folder
    Terraform,
}

#[derive(Debug, Args)]
pub struct FmtArgs {
    /// The file, or - for stdin; left out, the stack's
    #[arg(value_name = "FILE|-")]
    pub file: Option<PathBuf>,
    /// Change nothing, and exit with 2 where the file is not in order
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct OpenArgs {
    /// What to open
    #[arg(value_enum)]
    pub what: Page,
    /// Only print its address
    #[arg(long)]
    pub print_url: bool,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

/// What can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Page {
    /// The hosted login of an app client
    Login,
    /// The API's address
    Api,
    /// The API in AWS's console
    Console,
    /// The user pool in AWS's console
    Pool,
    /// The page that the login comes back to
    App,
}

#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Destroy this stack by its tags, without its file
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "stack_name"])]
    pub stack: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
    #[command(flatten)]
    pub waiting: Waiting,
}

#[derive(Debug, Args)]
pub struct OutputsArgs {
    /// Print the value of this one alone, such as user_pool_id
    #[arg(conflicts_with_all = ["env", "format"])]
    pub name: Option<String>,
    /// Print NAME=value lines; short for --format env
    #[arg(long, conflicts_with_all = ["json", "format"])]
    pub env: bool,
    /// The format
    #[arg(long, value_enum, conflicts_with = "json")]
    pub format: Option<OutputsFormat>,
    /// The app client that `--format oidc` or `amplify` is about, by its name in stack.toml
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

/// The forms of the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputsFormat {
    /// NAME=value lines, for a .env file
    Env,
    /// All of them as JSON, as --json does
    Json,
    /// What an OpenID Connect client wants to know, as JSON
    Oidc,
    /// amplify_outputs.json, for Amplify's libraries
    Amplify,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Start it, or show where it is running; it runs on when this command ends
    Start {
        /// Leave it running in the background, as it is done anyway
        #[arg(long)]
        detach: bool,
        /// The port on 127.0.0.1; left out, the last one where it is free
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
    },
    /// Stop it; what is in it stays for the next start
    Stop {
        /// Every sandbox of yours, whichever folder it is of
        #[arg(long)]
        all: bool,
    },
    /// Print what points any AWS SDK at it, for a shell to evaluate
    Env,
    /// List your sandboxes, and which of them run
    List,
    /// Show whether it is running
    Status,
    /// Stop it and forget what is in it
    Reset {
        /// Do not ask for confirmation
        #[arg(short, long)]
        yes: bool,
    },
}

/// A choice as it is typed.
pub fn typed(choice: &impl clap::ValueEnum) -> String {
    let value = choice.to_possible_value();
    value.map_or_else(String::new, |it| it.get_name().to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    if name.is_empty() {
        return Err("write NAME=VALUE".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn what_is_typed_counts_before_the_variable() {
        let is_sandbox = |arguments: &[&str], variable: &str| {
            let all = ["wsctl", "plan"].iter().chain(arguments);
            let mut cli = Cli::try_parse_from(all).unwrap();
            cli.global.take_variable(variable);
            cli.global.sandbox
        };
        for off in ["", "0", "false", "No", "OFF"] {
            assert!(!is_sandbox(&[], off), "{off}");
            assert!(is_sandbox(&["--sandbox"], off), "{off}");
        }
        for on in ["1", "true", "yes", "x"] {
            assert!(is_sandbox(&[], on), "{on}");
            for elsewhere in [["--profile", "a"], ["--endpoint-url", "http://127.0.0.1:9"]] {
                assert!(!is_sandbox(&elsewhere, on), "{elsewhere:?}");
            }
        }
    }
}
