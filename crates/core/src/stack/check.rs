//! What a schema cannot say: how the values of stack.toml have to fit together. Pure.
//!
//! Of a text that still holds a `${…}`, only what is known is judged.

mod api;
mod attributes;
mod branding;
mod checks;
mod client;
mod domain_names;
mod functions;
mod identity_pool;
mod integrations;
mod lifecycle;
mod planned;
mod providers;
pub(super) mod references;
mod requests;
mod safeguards;
mod scopes;
mod tags;
#[cfg(test)]
mod tests;
mod usage;
mod user_pool;
mod users;

pub(super) use functions::role::of_desired as long_policies;
pub(super) use planned::{planned, unprotected};
pub(super) use providers::from_environment;

use super::{
    checks::Check,
    lifecycle::is_existing,
    source::{Diagnostic, Path, path},
    tables::File,
};
use crate::value::{self, Address, KnownOutputs};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every mistake and every warning. `tree` is what `file` was read from; the environment's values,
/// not in their places there, are among `known`.
pub(super) fn check(file: &File, tree: &Value, known: &KnownOutputs) -> Vec<Diagnostic> {
    let may_be_there = is_existing(tree, &["user_pool"]);
    let mut found = Findings {
        tree,
        may_be_there,
        found: vec![],
    };
    for (key, text) in [
        ("name", Some(&file.stack.name)),
        ("account", file.stack.account.as_ref()),
    ] {
        if text.is_some_and(|text| is_open(text)) {
            let help = "write it out, or take it from ${var.NAME}";
            found.error(
                path(["stack", key]),
                format!("{key} takes no reference"),
                help,
            );
        }
    }
    if let Some(pool) = &file.user_pool {
        user_pool::check(&mut found, file, pool);
        users::check(&mut found, pool);
        for (key, client) in &pool.clients {
            client::check(
                &mut found,
                &path(["user_pool", "clients", key]),
                client,
                &pool.settings,
            );
            found.known_name(&path(["user_pool", "clients", key]), &client.name);
            if let Some(style) = &client.branding {
                let place = path(["user_pool", "clients", key, "branding"]);
                branding::check(&mut found, &place, style, pool.has_managed_login());
            }
        }
        let names = pool
            .clients
            .iter()
            .map(|(key, client)| (path(["user_pool", "clients", key]), client.name.clone()));
        found.unique("app client", names);
    }
    functions::check(&mut found, file, known);
    if let Some(table) = &file.identity_pool {
        identity_pool::check(&mut found, file, table);
    }
    lifecycle::check(&mut found, file);
    for api in file.apis() {
        api::check(&mut found, file, &api);
        if let Some(stage) = &api.stage {
            found.known_name(&api.path(["stage"]), &stage.name);
        }
        for (key, authorizer) in &api.authorizers {
            found.known_name(&api.path(["authorizers", key]), &authorizer.name);
        }
    }
    api::names(&mut found, file);
    domain_names::check(&mut found, file);
    usage::check(&mut found, file);
    tags::check(&mut found, file);
    if file.user_pool.is_none()
        && file.identity_pool.is_none()
        && file.apis().next().is_none()
        && file.functions.is_empty()
        && file.secrets.is_empty()
    {
        found.warn(
            Check::EmptyStack,
            path(["stack"]),
            "the stack is empty",
            "declare a [user_pool], [identity_pool], [api], [functions.NAME] or [secrets.NAME]",
        );
    }
    checks::of_allow(&mut found, &file.checks.allow);
    found.found
}

/// What was found so far.
struct Findings<'a> {
    tree: &'a Value,
    /// Whether what is left out of the pool may be in AWS: it is there already, and not read yet.
    may_be_there: bool,
    found: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// Whether the pool is there already: what the file leaves out of it may be in AWS.
    fn is_pool_existing(&self) -> bool {
        is_existing(self.tree, &["user_pool"])
    }

    /// The place of `text` in the list at `list`: the file's order, which a set has lost.
    fn item(&self, list: &Path, text: &str) -> Path {
        let items = list
            .iter()
            .try_fold(self.tree, |tree, key| tree.get(key))
            .and_then(Value::as_array);
        match items.and_then(|items| items.iter().position(|it| it == text)) {
            Some(index) => below(list, &index.to_string()),
            None => list.clone(),
        }
    }

    fn error(&mut self, path: Path, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::error(path, message, help));
    }

    /// A mistake in a name that the file gives: shown at the key.
    fn name(&mut self, path: Path, message: impl Into<String>, help: impl Into<String>) {
        self.found
            .push(Diagnostic::error(path, message, help).at_key());
    }

    fn warn(
        &mut self,
        check: Check,
        path: Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found
            .push(Diagnostic::warning(check, path, message, help));
    }

    /// What is looked for by its name in a list needs it before anything is asked.
    fn known_name(&mut self, place: &Path, name: &str) {
        let known = ["stack", "env", "var"].map(|it| Address::new([it]));
        let references = value::references(name).unwrap_or_default();
        if let Some(open) = references.iter().find(|it| !known.contains(&it.address)) {
            self.error(
                below(place, "name"),
                format!(
                    "it is found by its name, which cannot wait for ${{{}.{}}}",
                    open.address, open.output
                ),
                "write the name out, or with ${stack.…}, ${var.…} or ${env.…} in it",
            );
        }
    }

    /// Whether wsctl deletes what the file does not declare, so that nothing else is there.
    fn is_all_declared(&self) -> bool {
        !self.is_pool_existing() && self.tree["stack"]["undeclared"] != "warn"
    }

    /// A warning of what only a pool that is there can have.
    fn warn_of_pool(&mut self, path: Path, message: impl Into<String>, help: impl Into<String>) {
        let pool = Address::new(["user_pool"]);
        self.found
            .push(Diagnostic::error(path, message, help).unless_there(pool));
    }

    /// Two resources that AWS knows by name cannot share one.
    fn unique(&mut self, what: &str, names: impl Iterator<Item = (Path, String)>) {
        let mut seen: BTreeMap<String, Path> = BTreeMap::new();
        for (place, name) in names {
            if let Some(first) = seen.get(&name) {
                let first = first.join(".");
                self.error(
                    below(&place, "name"),
                    format!("a second {what} named `{name}`"),
                    format!("[{first}] has that name; choose another"),
                );
            }
            seen.insert(name, place);
        }
    }
}

fn below(place: &Path, key: &str) -> Path {
    place.iter().cloned().chain([key.to_owned()]).collect()
}

/// Whether a text still waits for something that is known only later. A literal `${` that reads like
/// a reference is taken for one, and so not judged.
fn is_open(text: &str) -> bool {
    value::references(text).is_ok_and(|open| !open.is_empty())
}
