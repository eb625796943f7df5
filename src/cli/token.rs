//! What can be typed after `wsctl token`, `login`, `authorizer`, `call` and `logs`.

use super::secrets::PasswordArgs;
use crate::duration::Duration;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct TokenArgs {
    #[command(subcommand)]
    pub command: Option<TokenCommand>,
    #[command(flatten)]
    pub get: GetTokenArgs,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Show what is in a token, and whether it is to be believed
    ///
    /// Exit codes: 0 every check passed; otherwise the first that failed: 2 signature, 3 issuer,
    /// 4 audience or client, 5 expiry, 6 token_use. 1 is any other error.
    Decode(DecodeArgs),
}

#[derive(Debug, Args)]
pub struct GetTokenArgs {
    /// Who signs in
    #[arg(required_unless_present_any = ["refresh", "refresh_stdin"])]
    pub user: Option<String>,
    /// Prove the password with SRP instead of sending it; needs no AWS credentials where
    /// --user-pool-id and --client-id say where
    #[arg(long)]
    pub srp: bool,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Where Cognito wants a new password: take it from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub new_password_env: Option<String>,
    /// Where Cognito wants a one-time code: take it from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub code_env: Option<String>,
    /// Get new tokens with the refresh token that --save kept
    #[arg(long, conflicts_with_all = ["user", "srp", "refresh_stdin"])]
    pub refresh: bool,
    /// Get new tokens with the refresh token on stdin
    #[arg(long, conflicts_with_all = ["user", "srp", "password_stdin"])]
    pub refresh_stdin: bool,
    #[command(flatten)]
    pub output: TokenOutputArgs,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// Which tokens are printed, and whether they are kept.
#[derive(Debug, Default, Args)]
pub struct TokenOutputArgs {
    /// Print only the ID token, which is the default; routes without scopes take it
    #[arg(long, conflicts_with_all = ["access", "json"])]
    pub id: bool,
    /// Print only the access token, which routes with scopes take
    #[arg(long, conflicts_with = "json")]
    pub access: bool,
    /// Keep the tokens in .wsctl/tokens/, readable by you only: `call` and `authorizer test` take them from there,
    /// and renew them
    #[arg(long)]
    pub save: bool,
}

/// The app client; without these, the stack's own.
#[derive(Clone, Debug, Default, Args)]
pub struct ClientArgs {
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME", conflicts_with_all = ["user_pool_id", "client_id"])]
    pub client: Option<String>,
    /// A pool of your choice; no stack is looked for
    #[arg(long, value_name = "ID", requires = "client_id")]
    pub user_pool_id: Option<String>,
    /// A client of that pool
    #[arg(long, value_name = "ID", requires = "user_pool_id")]
    pub client_id: Option<String>,
    /// Take that client's secret, if it has one, from this environment variable
    #[arg(long, value_name = "VARIABLE", requires = "client_id")]
    pub client_secret_env: Option<String>,
}

#[derive(Debug, Args)]
pub struct DecodeArgs {
    /// The token; - reads it from stdin, which keeps it out of the process list
    #[arg(default_value = "-", hide_default_value = true, value_name = "TOKEN|-")]
    pub token: String,
    /// Verify against the token's own pool, whichever it is; no stack is looked for
    #[arg(long)]
    pub any_pool: bool,
    /// The app client that the token has to be for, by its id
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// The token has to be an ID token or an access token
    #[arg(long, value_name = "USE", value_parser = ["id", "access"])]
    pub token_use: Option<String>,
}

#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Only print the address on stderr, and open no browser; the address that the browser ends at can
    /// be pasted here
    #[arg(long)]
    pub print_url: bool,
    /// The callback URL to come back to; one of the client's, on this machine
    #[arg(long, value_name = "URL")]
    pub callback: Option<String>,
    /// How long to wait for the sign-in
    #[arg(long, default_value = "5m", value_name = "TIME")]
    pub timeout: Duration,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    #[command(flatten)]
    pub output: TokenOutputArgs,
}

#[derive(Debug, Subcommand)]
pub enum AuthorizerCommand {
    /// Ask the authorizer whether it would let a token in
    ///
    /// Exit code 2 when it would not.
    Test(AuthorizerTestArgs),
}

#[derive(Debug, Args)]
pub struct AuthorizerTestArgs {
    /// The token; - reads it from stdin, which keeps it out of the process list. Left out, that of who is signed in
    #[arg(long, value_name = "TOKEN|-")]
    pub token: Option<String>,
    #[command(flatten)]
    pub caller: CallerArgs,
    /// The API, by its name in stack.toml: NAME of [apis.NAME], api for [api]; left out, the one that has
    /// such an authorizer
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// The authorizer, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub authorizer: Option<String>,
}

/// A user who is signed in first.
#[derive(Debug, Default, Args)]
pub struct CallerArgs {
    /// Sign this user in, and use the token; left out, that of who signed in with --save
    #[arg(long = "as", value_name = "USER", conflicts_with = "token")]
    pub user: Option<String>,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Prove the password with SRP instead of sending it
    #[arg(long)]
    pub srp: bool,
    /// The app client, by its name in stack.toml; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

#[derive(Debug, Args)]
pub struct CallArgs {
    /// GET, POST, PUT, …
    pub method: String,
    /// The path below the stage: /users/1
    pub path: String,
    /// The token; - reads it from stdin, which keeps it out of the process list
    #[arg(long, value_name = "TOKEN|-")]
    pub token: Option<String>,
    #[command(flatten)]
    pub caller: CallerArgs,
    /// Send no token, and no API key
    #[arg(long, conflicts_with_all = ["user", "token", "api_key"])]
    pub anonymous: bool,
    /// Which of the user's tokens to send; left out, the one that the route takes
    #[arg(long, value_name = "USE", value_parser = ["id", "access"], conflicts_with_all = ["anonymous", "token"])]
    pub token_use: Option<String>,
    /// The API, by its name in stack.toml: NAME of [apis.NAME], api for [api]; left out, the one that has the route
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// The API key to send, by its name in stack.toml; left out, the only one, where the route wants one
    #[arg(long, value_name = "NAME")]
    pub api_key: Option<String>,
    /// The body, JSON; @FILE reads it from a file, - from stdin
    #[arg(short, long, value_name = "BODY|@FILE|-")]
    pub data: Option<String>,
    /// A further request header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
}

#[derive(Debug, Args)]
pub struct LogsArgs {
    /// The function, by its name in stack.toml; needed when there are several
    pub function: Option<String>,
    /// Go on with new lines as they come, until Ctrl-C
    #[arg(long)]
    pub follow: bool,
    /// Start this long ago, such as 10m
    #[arg(long, default_value = "10m", value_name = "TIME")]
    pub since: Duration,
    /// Only lines that match, in CloudWatch's words: ERROR, '{ $.status = 500 }'
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
}
