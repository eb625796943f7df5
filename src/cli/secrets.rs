//! Where a command takes secrets from. None is ever an argument: those are in every process list.

use clap::Args;

/// A password, and what Cognito may ask after it. Without any of these, the terminal is asked.
#[derive(Clone, Debug, Default, Args)]
pub struct PasswordArgs {
    /// Read the password from the first line of stdin, and what else is asked from the next ones
    #[arg(long)]
    pub password_stdin: bool,
    /// Take the password from this environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with = "password_stdin")]
    pub password_env: Option<String>,
}

/// A one-time code. Without any of these, the terminal is asked.
#[derive(Clone, Debug, Default, Args)]
pub struct CodeArgs {
    /// Read the code from stdin
    #[arg(long)]
    pub code_stdin: bool,
    /// Take the code from this environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with = "code_stdin")]
    pub code_env: Option<String>,
}
