//! What the commands that only look are told.

use super::Building;
use crate::duration::Duration;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The resource's address, as plan writes it: user_pool.clients.spa, 'api.routes."GET /users"'
    pub address: String,
}

#[derive(Debug, Args)]
pub struct DriftArgs {
    /// How what is found is written
    #[arg(long, value_enum, default_value_t = DriftFormat::Text, conflicts_with = "json")]
    pub format: DriftFormat,
    #[command(flatten)]
    pub building: Building,
}

/// How drift is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DriftFormat {
    /// For a terminal or a log
    Text,
    /// As --json does
    Json,
    /// JUnit XML: a failed test for each difference
    Junit,
    /// Commands of a GitHub workflow, which shows each difference at its line of stack.toml
    Github,
}

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Mermaid,
    Dot,
    Svg,
}

#[derive(Debug, Args)]
pub struct GraphArgs {
    /// How the picture is written
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    pub format: Format,
    /// Look at AWS, and colour each resource by what apply would do with it
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub building: Building,
    /// Draw the API's paths, preflights and error responses too
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Look in every region that the account has turned on
    #[arg(long, conflicts_with = "region")]
    pub all_regions: bool,
}

#[derive(Debug, Args)]
pub struct SweepArgs {
    /// Leftovers without a tag to delete too, by their names in AWS
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Look in every region that the account has turned on
    #[arg(long, conflicts_with = "region")]
    pub all_regions: bool,
    /// Leave alone what is younger than this: it may belong to a stack that is just being made
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub older_than: Duration,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    text.parse()
        .map_err(|_| "write a number and one of s, m, h, d: 90m".to_owned())
}

#[derive(Debug, Default, Args)]
pub struct ImportArgs {
    /// The wsctl stack to write down; left out, the only one of the region. Of what no stack owns: the
    /// name of the stack that it is to belong to; left out, workshop
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The user pool, by its name or id
    #[arg(long, value_name = "NAME|ID")]
    pub pool: Option<String>,
    /// The identity pool, by its name or id
    #[arg(long, value_name = "NAME|ID")]
    pub identity_pool: Option<String>,
    /// A REST API, by its name or id; may be given several times
    #[arg(long = "api", value_name = "NAME|ID")]
    pub apis: Vec<String>,
    /// A function, by its name; may be given several times
    #[arg(long = "function", value_name = "NAME")]
    pub functions: Vec<String>,
    /// Write existing = true beside what is named: it stays its owner's, and is used as it is
    #[arg(long)]
    pub existing: bool,
    /// Write the functions' environment variables out too, and the texts that routes send along: they may
    /// be secrets
    #[arg(long)]
    pub environment: bool,
}
