//! One file a command: load, observe, plan, render. Only here is anything printed.

mod api;
mod apply;
mod ask;
mod authorizer;
mod call;
mod change;
mod clock;
mod completions;
mod confirm;
mod convert;
mod defaults;
mod destroy;
mod dev;
mod doctor;
mod document;
mod drift;
mod entrance;
mod fmt;
mod found;
mod given;
mod graph;
pub mod import;
mod init;
mod last;
mod list;
mod login;
mod logs;
mod open;
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
mod stages;
mod sweep;
mod synonyms;
mod token;
mod unlock;
pub(crate) mod user;
mod validate;
mod variables;
mod verify;

use crate::{
    aws::{Shown, Trace},
    cli::{Cli, Colour, Command, SANDBOX, command, environment},
    error::{Context, Error, ErrorKind, Result},
    permissions::{self, Task},
    plain::coloured,
    stack, view,
};
use anstream::ColorChoice;
use clap::FromArgMatches;
use document::{print_json, print_others_json};
use rustix::termios::tcgetwinsize;
use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    os::fd::AsFd,
    process::ExitCode,
    sync::Arc,
};
use tokio::runtime::Runtime;

/// Parses the command line, runs the command, and tells what went wrong. Threads are started once there is something
/// to run.
pub fn main() -> ExitCode {
    completions::answer();
    let parsed = command()
        .try_get_matches()
        .and_then(|it| Cli::from_arg_matches(&it));
    let mut cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return tell_usage(error),
    };
    cli.global
        .take_variable(&std::env::var(SANDBOX).unwrap_or_default());
    if matches!(cli.command, Command::Dev(_)) {
        // It is for nothing else, unless another place is named.
        cli.global.take_variable("1");
    }
    let taken = defaults::take(&mut cli.global);
    colour(cli.global.color);
    cli.global.only_looks = cli.command.only_looks();
    given::note(&cli.global);
    match taken.and_then(|()| found::file(&cli)) {
        Ok(file) => cli.global.file = file,
        Err(error) => {
            tell_error(&error);
            return ExitCode::from(error.exit_code());
        }
    }
    let ran = runtime().and_then(|it| it.block_on(traced(cli)));
    match ran {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn runtime() -> Result<Runtime> {
    Runtime::new().map_err(|error| Error::internal("no thread can be started").source(error))
}

fn colour(wanted: Colour) {
    let choice = match wanted {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Runs the command, with its trace where one is wanted: one that is not whole is an error.
async fn traced(mut cli: Cli) -> Result<u8> {
    let to_file = cli
        .global
        .trace_file
        .as_deref()
        .map(Trace::create)
        .transpose()?;
    let shown = Shown {
        bodies: cli.global.verbose > 1,
        tell,
    };
    let trace = match (to_file, cli.global.verbose) {
        (to_file, 0) => to_file,
        (Some(trace), _) => Some(trace.and_told(shown)),
        (None, _) => Some(Trace::told(shown)),
    };
    cli.global.trace = trace.map(Arc::new);
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
        Command::Dev(args) => Box::pin(dev::run(&cli.global, args)).await,
        Command::Init(args) => init::run(&cli.global, args).await,
        Command::Convert(args) => convert::run(&cli.global, args),
        Command::Fmt(args) => fmt::run(&cli.global, args),
        Command::Doctor => Box::pin(doctor::run(&cli.global)).await,
        Command::Open(args) => Box::pin(open::run(&cli.global, args)).await,
        Command::Environment => write_stdout(format!("{}\n", environment()).as_bytes()),
        Command::Schema { markdown: false } => print_others_json(&stack::schema_for_editors()),
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
            print_others_json(&permissions::policy(named))
        }
        Command::Completions { shell } => write_stdout(&completions::script(*shell)?),
        Command::Man { out: None } => {
            let mut page = vec![];
            let rendered = clap_mangen::Man::new(command()).render(&mut page);
            rendered
                .map_err(|error| Error::internal("the manual page has no text").source(error))?;
            write_stdout(&page)
        }
        Command::Man { out: Some(folder) } => {
            let made = std::fs::create_dir_all(folder);
            let made = made.and_then(|()| clap_mangen::generate_to(command(), folder));
            let cannot = || format!("{}: the pages cannot be written", folder.display());
            made.context(ErrorKind::Input, cannot()).map(|()| 0)
        }
    }
}

/// Whether nobody's credentials are needed.
fn is_offline(command: &Command) -> bool {
    matches!(
        command,
        Command::Validate
            | Command::Package
            | Command::Init(_)
            | Command::Fmt(_)
            | Command::Convert(_)
            | Command::Doctor
            | Command::Environment
            | Command::Schema { .. }
            | Command::Permissions { .. }
            | Command::Completions { .. }
            | Command::Man { .. }
            | Command::Sandbox { .. }
    )
}

/// What was asked for in a wrong way, or help.
fn tell_usage(error: clap::Error) -> ExitCode {
    let error = synonyms::corrected(error);
    if error.use_stderr() && std::env::args_os().any(|it| it == "--json") {
        let told = error.to_string();
        let told = told.strip_prefix("error: ").unwrap_or(&told);
        let usage = Error::of_lines(ErrorKind::Usage, told.lines());
        document::error(&usage);
        return ExitCode::from(usage.exit_code());
    }
    let is_told = error.print();
    if error.use_stderr() {
        // clap exits with 2 on its own, which is `plan --detailed-exitcode`'s word for changes.
        return ExitCode::from(ErrorKind::Usage.exit_code());
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
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::input("the result could not be written").source(error)),
    }
}

/// Writes to stdout all the way: what waits in a buffer is written when nobody can be told.
fn write_stdout(bytes: &[u8]) -> Result<u8> {
    let mut out = std::io::stdout();
    delivered(out.write_all(bytes).and_then(|()| out.flush())).map(|_| 0)
}

/// Prints text that may carry colour; it is dropped where nobody sees it, and under `NO_COLOR`. What is wider than
/// the terminal goes on below.
fn print(text: &str) -> Result<()> {
    print_to_reader(&fitted(text, width(&io::stdout()))).map(drop)
}

/// The same of what is somebody else's, as it is.
fn print_as_it_is(text: &str) -> Result<()> {
    print_to_reader(text).map(drop)
}

fn fitted(text: &str, width: Option<usize>) -> Cow<'_, str> {
    match width {
        Some(width) => Cow::Owned(view::hang(text, width)),
        None => Cow::Borrowed(text),
    }
}

/// The width of a terminal; of what is none, only what COLUMNS says.
fn width(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = match stream.is_terminal() {
        true => tcgetwinsize(stream).ok().map(|it| usize::from(it.ws_col)),
        false => said(),
    };
    width.filter(|it| *it >= NARROWEST)
}

/// What is narrower is no terminal that somebody reads on.
const NARROWEST: usize = 40;

/// The same, and whether somebody still reads.
fn print_to_reader(text: &str) -> Result<bool> {
    let mut out = anstream::stdout();
    delivered(
        out.write_all(coloured(text).as_bytes())
            .and_then(|()| out.flush()),
    )
}

/// Says something beside the result.
fn tell(text: &str) {
    let text = given::complete(text);
    match given::wants_json() {
        _ if given::wants_quiet() => {}
        true => document::notice(&text),
        false => say(&text),
    }
}

/// Says what somebody has to know to go on: a question, an address.
fn say(text: &str) {
    let text = fitted(text, width(&io::stderr()));
    let _ = writeln!(anstream::stderr(), "{}", coloured(&text));
}

fn tell_error(error: &Error) {
    match given::wants_json() {
        true => document::error(error),
        false => say(&given::complete(&view::error(error))),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;

    #[test]
    fn the_table_of_exit_codes_is_that_of_the_code() {
        let text = include_str!("../docs/commands.md");
        let (_, table) = text.split_once("## Exit codes").unwrap();
        let (table, _) = table.split_once("## ").unwrap();
        let told = |kind: ErrorKind, words: &str| {
            let row = format!("| {} | ", kind.exit_code());
            let row = table.lines().find(|it| it.starts_with(&row)).unwrap();
            assert!(row.contains(words), "{row}");
        };
        told(ErrorKind::Usage, "what was typed");
        told(ErrorKind::File, "stack.toml");
        told(ErrorKind::Credentials, "credentials");
        told(ErrorKind::Locked, "somebody else");
        told(ErrorKind::Refused, "refused for safety");
        told(ErrorKind::Partly, "some steps are done");
        told(ErrorKind::Interrupted, "Ctrl-C");
        for kind in [
            ErrorKind::Input,
            ErrorKind::Aws,
            ErrorKind::Ambiguous,
            ErrorKind::Half,
            ErrorKind::Internal,
        ] {
            told(kind, "something else");
        }
        let codes = table
            .lines()
            .filter_map(|it| it.strip_prefix("| ")?.split(' ').next()?.parse::<u8>().ok());
        assert_eq!(
            codes.collect::<Vec<_>>(),
            [0, 1, 2, 10, 11, 12, 13, 14, 15, 130]
        );
    }
}
