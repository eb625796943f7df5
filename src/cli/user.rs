//! What can be typed after `wsctl user`.

use super::secrets::{CodeArgs, PasswordArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Sign up as a new user does; Cognito sends a code
    SignUp(SignUpArgs),
    /// Confirm a sign-up with the code that was sent
    Confirm(ConfirmArgs),
    /// Send the code again
    Resend(ResendArgs),
    /// Make a user, who sets a password at the first sign-in
    Create(CreateArgs),
    /// List the users
    List(ListArgs),
    /// Write all users down, with their attributes and groups; nobody can read passwords
    Export(ExportArgs),
    /// Make users from a list, with their attributes and groups
    Import(ImportArgs),
    /// Show how far the move from another pool is, or end it
    Migrate(MigrateArgs),
    /// Show a user, with attributes and groups
    Show {
        /// The user name
        user: String,
    },
    /// Delete a user
    Delete(DeleteArgs),
    /// Set a user's password
    SetPassword(SetPasswordArgs),
    /// Put a user into a group, or take one out
    Group {
        #[command(subcommand)]
        command: GroupCommand,
    },
}

impl UserCommand {
    /// Whether it only looks at who is there.
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::List(_) | Self::Export(_) | Self::Show { .. })
    }
}

/// What is known of a new user.
#[derive(Debug, Default, Args)]
pub struct AttributeArgs {
    /// The e-mail address; left out where the user name is one
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// The phone number: a plus and digits, +15555550100; left out where the user name is one
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// The full name
    #[arg(long)]
    pub name: Option<String>,
    /// Any other attribute; may be given several times
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = super::variable)]
    pub others: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct SignUpArgs {
    /// The user name: in a pool with sign_in = ["email"], the e-mail address
    pub user: String,
    #[command(flatten)]
    pub attributes: AttributeArgs,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

#[derive(Debug, Args)]
pub struct ConfirmArgs {
    /// The user name
    pub user: String,
    /// Without a code, as the console does; marks the e-mail address as verified
    #[arg(long, conflicts_with_all = ["code_stdin", "code_env", "client"])]
    pub admin: bool,
    #[command(flatten)]
    pub code: CodeArgs,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

#[derive(Debug, Args)]
pub struct ResendArgs {
    /// The user name
    pub user: String,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The user name: in a pool with sign_in = ["email"], the e-mail address
    pub user: String,
    #[command(flatten)]
    pub attributes: AttributeArgs,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Make the password permanent and the user confirmed
    #[arg(long)]
    pub permanent: bool,
    /// Send no invitation
    #[arg(long)]
    pub no_invitation: bool,
    /// Mark the e-mail address as verified
    #[arg(long)]
    pub email_verified: bool,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only users that this filter matches, as Cognito writes it: 'email ^= "ann"', 'cognito:user_status = "CONFIRMED"'
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// At most this many; 0 for all
    #[arg(long, default_value_t = 60, value_name = "COUNT")]
    pub limit: usize,
}

/// How a list of users is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A line a user, under the attributes' names: for spreadsheets
    Csv,
    /// As `user list --json` prints it
    Json,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Write into this file, which only you can read; without it, to stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to write it; left out, as the file's ending says, or csv
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ListFormat>,
    /// From this pool of the account in place of the stack's: REGION_ID
    #[arg(long, value_name = "POOL")]
    pub pool: Option<String>,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The list: a CSV file with a line of names at its top, or JSON; - for stdin
    #[arg(value_name = "FILE")]
    pub list: PathBuf,
    /// How it is written; left out, as the file's ending says, or csv
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<ListFormat>,
    /// Check the list and say what would be made
    #[arg(long)]
    pub dry_run: bool,
    /// Send each an invitation with a temporary password
    #[arg(long, conflicts_with_all = ["password_stdin", "password_env"])]
    pub invite: bool,
    /// Mark the e-mail addresses as verified, whatever the list says
    #[arg(long)]
    pub email_verified: bool,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// The password is a temporary one: each has to set another at the first sign-in
    #[arg(long)]
    pub temporary: bool,
    /// Do not ask before invitations are sent
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The pool that is left: REGION_ID
    #[arg(long, value_name = "POOL")]
    pub from: String,
    /// Bring those who have not come yet, without their passwords: each sets a new one
    #[arg(long)]
    pub rest: bool,
    /// Delete the old pool, where nobody is left in it
    #[arg(long, conflicts_with = "rest")]
    pub delete_old: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// The user name
    pub user: String,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct SetPasswordArgs {
    /// The user name
    pub user: String,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// The user has to set another one at the next sign-in
    #[arg(long)]
    pub temporary: bool,
}

#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Put a user into a group
    Add {
        /// The user name
        user: String,
        /// The group, by its name in AWS
        group: String,
    },
    /// Take a user out of a group
    Remove {
        /// The user name
        user: String,
        /// The group, by its name in AWS
        group: String,
    },
}
