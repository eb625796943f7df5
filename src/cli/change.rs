//! What several commands take besides [`super::Consent`].

use crate::duration::Duration;
use clap::Args;

/// What to do while another apply or destroy of the same stack is under way.
#[derive(Debug, Default, Args)]
pub struct Waiting {
    /// Wait this long, such as 2m, for another apply or destroy of the stack to end
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub lock_wait: Duration,
}

/// Where the programs of functions that have a crate, or a folder with a `build`, come from.
#[derive(Debug, Default, Args)]
pub struct Building {
    /// Build nothing, so that no program of the repository runs: take what was built last on this machine
    #[arg(long)]
    pub no_build: bool,
}

#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}
