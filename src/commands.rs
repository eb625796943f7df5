//! One file a command: load, observe, plan, render. Only here is anything printed.

mod api;
mod apply;
mod ask;
mod authorizer;
mod call;
mod change;
mod clock;
mod confirm;
mod destroy;
mod drift;
mod entrance;
mod given;
mod graph;
pub mod import;
mod last;
mod list;
mod login;
mod logs;
mod outputs;
mod ownership;
mod package;
mod plan;
mod profile;
mod reach;
mod sandbox;
mod saved;
mod session;
mod show;
mod sweep;
mod synonyms;
mod token;
mod unlock;
pub(crate) mod user;
mod validate;
mod variables;
mod verify;

use crate::{
    aws::Trace,
    cli::{Cli, Command, SANDBOX},
    error::{Error, Result},
    permissions::{self, Task},
    plain::{coloured, json},
    stack, view,
};
use clap::{CommandFactory, Parser};
use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
    sync::Arc,
};

/// Parses the command line, runs the command, and tells what went wrong.
pub async fn main() -> ExitCode {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // clap exits with 2 on its own, which is `plan --detailed-exitcode`'s word for changes.
        Err(error) => return tell_usage(error),
    };
    cli.global
        .take_variable(&std::env::var(SANDBOX).unwrap_or_default());
    given::note(&cli.global);
    match traced(cli).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Runs the command, with its trace where one is wanted: one that is not whole is an error.
async fn traced(mut cli: Cli) -> Result<u8> {
    cli.global.trace = cli
        .global
        .trace_file
        .as_deref()
        .map(Trace::create)
        .transpose()?
        .map(Arc::new);
    // Boxed: otherwise the layout of every future below it is one deep computation.
    let ran = Box::pin(run(&cli)).await;
    let is_whole = cli
        .global
        .trace
        .as_ref()
        .map_or(Ok(()), |trace| trace.check());
    ran.and_then(|code| is_whole.map(|()| code))
}

async fn run(cli: &Cli) -> Result<u8> {
    if !is_offline(&cli.command) {
        profile::check(&cli.global)?;
    }
    match &cli.command {
        Command::Plan(args) => Box::pin(plan::run(&cli.global, args)).await,
        Command::Apply(args) => Box::pin(apply::run(&cli.global, args)).await,
        Command::Destroy(args) => Box::pin(destroy::run(&cli.global, args)).await,
        Command::Adopt(args) => Box::pin(ownership::adopt(&cli.global, args)).await,
        Command::Release(args) => Box::pin(ownership::release(&cli.global, args)).await,
        Command::Unlock(args) => unlock::run(&cli.global, args).await,
        Command::Drift(args) => drift::run(&cli.global, args).await,
        Command::Show(args) => show::run(&cli.global, args).await,
        Command::Graph(args) => graph::run(&cli.global, args).await,
        Command::Import(args) => import::run(&cli.global, args).await,
        Command::List(args) => list::run(&cli.global, args).await,
        Command::Sweep(args) => sweep::run(&cli.global, args).await,
        Command::Validate => validate::run(&cli.global),
        Command::Verify(args) => Box::pin(verify::run(&cli.global, args)).await,
        Command::Outputs(args) => Box::pin(outputs::run(&cli.global, args)).await,
        Command::User { command } => Box::pin(user::run(&cli.global, command)).await,
        Command::Token(args) => Box::pin(token::run(&cli.global, args)).await,
        Command::Login(args) => Box::pin(login::run(&cli.global, args)).await,
        Command::Authorizer { command } => Box::pin(authorizer::run(&cli.global, command)).await,
        Command::Call(args) => Box::pin(call::run(&cli.global, args)).await,
        Command::Logs(args) => Box::pin(logs::run(&cli.global, args)).await,
        Command::Sandbox { command } => Box::pin(sandbox::run(&cli.global, command)).await,
        Command::Package => package::run(&cli.global),
        Command::Schema { markdown: false } => print_json(&stack::schema()),
        Command::Schema { markdown: true } => write_stdout(stack::reference().as_bytes()),
        Command::Permissions { markdown: true, .. } => {
            write_stdout(permissions::markdown().as_bytes())
        }
        Command::Permissions { tasks, .. } => {
            let named = if tasks.is_empty() {
                &[Task::Apply][..]
            } else {
                tasks
            };
            print_json(&permissions::policy(named))
        }
        Command::Completions { shell } => {
            let mut script = vec![];
            clap_complete::generate(*shell, &mut Cli::command(), "wsctl", &mut script);
            write_stdout(&script)
        }
        Command::Man => {
            let mut page = vec![];
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
            rendered
                .map_err(|error| Error::internal("the manual page has no text").source(error))?;
            write_stdout(&page)
        }
    }
}

/// Whether nobody's credentials are needed.
fn is_offline(command: &Command) -> bool {
    matches!(
        command,
        Command::Validate
            | Command::Package
            | Command::Schema { .. }
            | Command::Permissions { .. }
            | Command::Completions { .. }
            | Command::Man
            | Command::Sandbox { .. }
    )
}

/// What was asked for in a wrong way, or help.
fn tell_usage(error: clap::Error) -> ExitCode {
    let error = synonyms::corrected(error);
    let is_told = error.print();
    if error.use_stderr() {
        return ExitCode::FAILURE;
    }
    let is_told = is_told.and_then(|()| std::io::stdout().flush());
    match delivered(is_told) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            tell_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Whether somebody still reads. A reader that has seen enough (`| head`) is no error; a result that
/// could not be written, on a full disk, is one: whoever asked for it would take a part for all of it.
fn delivered(written: std::io::Result<()>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::input("the result could not be written").source(error)),
    }
}

/// Writes to stdout all the way: what waits in a buffer is written when nobody can be told.
fn write_stdout(bytes: &[u8]) -> Result<u8> {
    let mut out = std::io::stdout();
    delivered(out.write_all(bytes).and_then(|()| out.flush())).map(|_| 0)
}

/// Prints text that may carry colour; it is dropped where nobody sees it, and under `NO_COLOR`.
fn print(text: &str) -> Result<()> {
    print_to_reader(text).map(drop)
}

/// The same, and whether somebody still reads.
fn print_to_reader(text: &str) -> Result<bool> {
    let mut out = anstream::stdout();
    delivered(
        out.write_all(coloured(text).as_bytes())
            .and_then(|()| out.flush()),
    )
}

fn print_json(value: &impl serde::Serialize) -> Result<u8> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Error::internal("a result has no JSON").source(error))?;
    write_stdout(format!("{}\n", json(&text)).as_bytes())
}

/// Says something beside the result.
fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", coloured(&given::complete(text)));
}

fn tell_error(error: &Error) {
    tell(&view::error(error));
}
