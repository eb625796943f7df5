//! One file a command: load, observe, plan, render. Only here is anything printed.

mod apply;
mod ask;
mod authorizer;
mod call;
mod clock;
mod confirm;
mod destroy;
mod entrance;
mod login;
mod logs;
mod outputs;
mod package;
mod plan;
mod sandbox;
mod session;
mod token;
mod user;
mod validate;
mod verify;

use crate::{
    cli::{Cli, Command},
    error::{Error, Result},
    kinds, stack, view,
};
use clap::{CommandFactory, Parser};
use std::{io::Write, process::ExitCode};

/// Parses the command line, runs the command, and tells what went wrong.
pub async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // clap exits with 2 on its own, which is `plan --detailed-exitcode`'s word for changes.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(&cli).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            tell_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: &Cli) -> Result<u8> {
    match &cli.command {
        Command::Plan(args) => plan::run(&cli.global, args).await,
        Command::Apply(args) => apply::run(&cli.global, args).await,
        Command::Destroy(args) => destroy::run(&cli.global, args).await,
        Command::Validate => validate::run(&cli.global),
        Command::Verify(args) => verify::run(&cli.global, args).await,
        Command::Outputs(args) => outputs::run(&cli.global, args).await,
        Command::User { command } => user::run(&cli.global, command).await,
        Command::Token(args) => token::run(&cli.global, args).await,
        Command::Login(args) => login::run(&cli.global, args).await,
        Command::Authorizer { command } => authorizer::run(&cli.global, command).await,
        Command::Call(args) => call::run(&cli.global, args).await,
        Command::Logs(args) => logs::run(&cli.global, args).await,
        Command::Sandbox { command } => sandbox::run(&cli.global, command).await,
        Command::Package => package::run(&cli.global),
        Command::Schema { markdown: false } => print_json(&stack::schema()),
        Command::Schema { markdown: true } => write_stdout(stack::reference(&kinds::all()).as_bytes()),
        Command::Completions { shell } => {
            let mut script = vec![];
            clap_complete::generate(*shell, &mut Cli::command(), "wsctl", &mut script);
            write_stdout(&script)
        }
        Command::Man => {
            let mut page = vec![];
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
            rendered.map_err(|error| Error::internal("the manual page has no text").source(error))?;
            write_stdout(&page)
        }
    }
}

fn write_stdout(bytes: &[u8]) -> Result<u8> {
    // A reader that has seen enough (`| head`) is no error.
    let _ = std::io::stdout().write_all(bytes);
    Ok(0)
}

/// Prints text that may carry colour; it is dropped where nobody sees it, and under `NO_COLOR`.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

fn print_json(value: &impl serde::Serialize) -> Result<u8> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Error::internal("a result has no JSON").source(error))?;
    write_stdout(format!("{text}\n").as_bytes())
}

/// Says something beside the result.
fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn tell_error(error: &Error) {
    tell(&view::error(error));
}
