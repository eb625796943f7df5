//! `wsctl verify`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Also register, change and delete a row of the temporary user; no other row is ever written
    #[arg(long)]
    pub write: bool,
    /// Also wait five minutes for a token to expire, which no route may take then
    #[arg(long)]
    pub slow: bool,
    /// Sign the temporary user up as a visitor does, where users may: it sends an e-mail, of which
    /// Cognito itself sends 50 a day for an account. Left out, an administrator makes the user, silently
    #[arg(long)]
    pub sign_up: bool,
    /// Write the result as JUnit XML, for CI
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}
