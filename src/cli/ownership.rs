//! What can be typed about whose a resource is.

use crate::value::Address;
use clap::Args;

#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// Where it stands in the file, as `wsctl plan` says it: user_pool, apis.NAME, secrets.NAME
    pub address: Address,
    /// Its id, where several have its name
    #[arg(long)]
    pub id: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Where it stands in the file
    pub address: Address,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}
