//! Completions: what a shell offers behind what was typed, from the stack.toml that is meant, AWS's files and the
//! stack itself.

use super::{defaults, found, profile, reach::reach, runtime, session::load, user::names_of_users};
use crate::{
    cli::{Global, SANDBOX, command},
    error::{Error, ErrorKind, Result},
    inventory::stacks::stacks,
    spec::{Produces, group::Group},
    stack::Stack,
};
use clap::{Arg, Command, FromArgMatches};
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate, Shell, env::Shells};
use std::{collections::BTreeSet, env, ffi::OsString, future::Future, time::Duration};
use tokio::time::timeout;

/// The variable with which a shell's script asks.
const ASKS: &str = "WSCTL_COMPLETE";
/// How long a person waits for what only AWS knows.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers a shell that asks, and ends the process then.
pub(super) fn answer() {
    CompleteEnv::with_factory(|| completing(command()))
        .var(ASKS)
        .complete();
}

/// The script that makes a shell ask.
pub(super) fn script(shell: Shell) -> Result<Vec<u8>> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let shell = shells.completer(&name);
    let shell = shell.ok_or_else(|| Error::internal(format!("no completions for {name}")))?;
    let mut script = vec![];
    shell
        .write_registration(ASKS, "wsctl", "wsctl", "wsctl", &mut script)
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    Ok(script)
}

/// What can stand in the place of an argument.
type Values = fn(&Global) -> Vec<String>;

/// The arguments whose values are known, by their names on the command line and by the commands that have them
/// (all commands without).
const KNOWN: &[(&str, Option<&str>, Values)] = &[
    ("address", None, addresses),
    ("allow_replace", None, addresses),
    ("api", None, apis),
    ("api_key", Some("call"), api_keys),
    ("authorizer", None, authorizers),
    ("client", None, clients),
    ("delete_users", None, pools),
    ("function", Some("logs"), functions),
    ("group", None, groups),
    ("method", Some("call"), methods),
    ("name", Some("outputs"), outputs),
    ("path", Some("call"), paths),
    ("profile", None, profiles),
    ("stack", None, names_of_stacks),
    ("user", None, users),
];

fn completing(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|it| known(&name, it));
    command.mut_subcommands(completing)
}

fn known(command: &str, argument: Arg) -> Arg {
    let is_meant = |it: &&(&str, Option<&str>, Values)| {
        argument.get_id() == it.0 && it.1.is_none_or(|of| of == command)
    };
    // Who is made new has no name yet.
    let is_new = ["sign-up", "create"].contains(&command) && argument.get_id() == "user";
    match KNOWN.iter().find(is_meant).filter(|_| !is_new) {
        Some((_, _, values)) => argument.add(ArgValueCandidates::new(|| candidates(*values))),
        None => argument,
    }
}

/// Each once. Nothing can be said of an error here, and nothing of it is the shell's.
fn candidates(values: Values) -> Vec<CompletionCandidate> {
    let values: BTreeSet<_> = typed().iter().flat_map(values).collect();
    // A shell takes a line for a candidate.
    let whole = values
        .into_iter()
        .filter(|it| !it.contains(char::is_control));
    whole.map(CompletionCandidate::new).collect()
}

/// The options that stand in the line already: behind the first `--` is what was typed.
fn typed() -> Result<Global> {
    let typed: Vec<OsString> = env::args_os().skip_while(|it| it != "--").skip(1).collect();
    let matches = command().ignore_errors(true).try_get_matches_from(typed);
    let global = matches.and_then(|it| Global::from_arg_matches(&it));
    let mut global = global.map_err(|error| Error::usage(error.to_string()))?;
    global.take_variable(&env::var(SANDBOX).unwrap_or_default());
    defaults::take(&mut global)?;
    global.only_looks = true;
    global.quiet = true;
    global.verbose = 0;
    global.file = found::nearest(&global)?;
    Ok(global)
}

fn of_file(global: &Global, values: impl FnOnce(&Stack) -> Vec<String>) -> Vec<String> {
    load(global).map_or_else(|_| vec![], |it| values(&it.stack))
}

fn addresses(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        it.desired.iter().map(|it| it.address.to_string()).collect()
    })
}

fn apis(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        it.file.apis().map(|it| it.name().to_owned()).collect()
    })
}

fn api_keys(global: &Global) -> Vec<String> {
    of_file(global, |it| it.file.api_keys.keys().cloned().collect())
}

fn authorizers(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        let of_apis = it
            .file
            .apis()
            .map(|it| it.authorizers.keys().cloned().collect::<Vec<_>>());
        of_apis.flatten().collect()
    })
}

fn clients(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        let pool = it.file.user_pool.iter();
        pool.flat_map(|it| it.clients.keys().cloned()).collect()
    })
}

fn pools(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        let pool = it.file.user_pool.iter();
        pool.map(|it| it.settings.name.clone()).collect()
    })
}

fn functions(global: &Global) -> Vec<String> {
    of_file(global, |it| it.file.functions.keys().cloned().collect())
}

fn groups(global: &Global) -> Vec<String> {
    of_file(global, |it| {
        let groups = it.desired.iter().filter(|it| it.kind == Group::NAME);
        groups.map(|it| it.name.clone()).collect()
    })
}

fn methods(global: &Global) -> Vec<String> {
    routes(global).into_iter().map(|it| it.0).collect()
}

/// Those of the method that was typed.
fn paths(global: &Global) -> Vec<String> {
    let routes = routes(global);
    let is_typed = |method: &str| env::args().any(|it| it.eq_ignore_ascii_case(method));
    let of_method: Vec<_> = routes.iter().filter(|it| is_typed(&it.0)).collect();
    let meant = if of_method.is_empty() {
        routes.iter().collect()
    } else {
        of_method
    };
    meant.into_iter().map(|it| it.1.clone()).collect()
}

/// The methods and paths that can be called.
fn routes(global: &Global) -> Vec<(String, String)> {
    let names = of_file(global, |it| {
        let of_apis = it
            .file
            .apis()
            .map(|it| it.routes.keys().cloned().collect::<Vec<_>>());
        of_apis.flatten().collect()
    });
    let parts = names.iter().filter_map(|it| it.split_once(' '));
    parts
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect()
}

fn profiles(_: &Global) -> Vec<String> {
    profile::names().into_iter().collect()
}

fn outputs(global: &Global) -> Vec<String> {
    asked(async {
        let session = load(global)?.connect(global).await?;
        super::outputs::names(&session).await
    })
}

fn names_of_stacks(global: &Global) -> Vec<String> {
    asked(async {
        let reach = reach(global, false).await?;
        let inventories = reach.inventories().await?;
        Ok(inventories
            .iter()
            .flat_map(stacks)
            .map(|it| it.name)
            .collect())
    })
}

fn users(global: &Global) -> Vec<String> {
    asked(async {
        let session = load(global)?.connect(global).await?;
        names_of_users(&session).await
    })
}

/// What has to be asked for, unless it takes too long.
fn asked(ask: impl Future<Output = Result<Vec<String>>>) -> Vec<String> {
    let Ok(runtime) = runtime() else {
        return vec![];
    };
    let answer = runtime.block_on(async { timeout(PATIENCE, Box::pin(ask)).await });
    // A name that is still being resolved is not waited for.
    runtime.shutdown_background();
    answer.ok().and_then(Result::ok).unwrap_or_default()
}
