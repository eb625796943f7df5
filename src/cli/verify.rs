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
    /// Write the result as JUnit XML, for CI
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}
