//! Scopes of resource servers, `SERVER/SCOPE`, of which AWS wants the server first. Pure.

use super::Findings;
use crate::{stack::schema::closest, value::Address};
use serde_json::Value;

/// Why a scope is none that the file declares, and what to write.
pub(super) struct Unknown {
    pub(super) message: String,
    pub(super) help: String,
    /// Whether the file says all of the server, so that nobody else can have given it the scope.
    pub(super) is_certain: bool,
}

/// What is wrong with a scope of a resource server; nothing, where the file declares it.
pub(super) fn unknown(found: &Findings<'_>, scope: &str) -> Option<Unknown> {
    let (server, name) = scope.rsplit_once('/')?;
    let servers = &found.tree["user_pool"]["resource_servers"];
    let scopes = match servers.get(server) {
        None => return Some(no_server(server, name, servers)),
        Some(table) => &table["scopes"],
    };
    if scopes.get(name).is_some() {
        return None;
    }
    let names = keys(scopes);
    let help = match closest(name, &names) {
        Some(close) => format!("did you mean \"{server}/{close}\"?"),
        None => format!(
            "add {name:?} to the scopes of [{}], with what it is for",
            table(server)
        ),
    };
    Some(Unknown {
        message: format!("the resource server {server:?} has no scope {name:?}"),
        help,
        is_certain: scopes.is_object(),
    })
}

fn no_server(server: &str, name: &str, servers: &Value) -> Unknown {
    let help = match closest(server, &keys(servers)) {
        Some(close) => format!("did you mean \"{close}/{name}\"?"),
        None => format!(
            "add [{}] with scopes = {{ {name:?} = \"What it is for\" }}",
            table(server)
        ),
    };
    Unknown {
        message: format!("the pool has no resource server {server:?}"),
        help,
        is_certain: false,
    }
}

/// A scope of the file's resource servers, to be shown in a hint.
pub(super) fn any(found: &Findings<'_>) -> Option<String> {
    let servers = found.tree["user_pool"]["resource_servers"].as_object()?;
    let mut all = servers.iter().flat_map(|(server, table)| {
        let names = keys(&table["scopes"]).into_iter();
        names.map(move |name| format!("{server}/{name}"))
    });
    all.next()
}

fn table(server: &str) -> Address {
    Address::new(["user_pool", "resource_servers", server])
}

fn keys(table: &Value) -> Vec<String> {
    let keys = table.as_object().into_iter().flatten();
    keys.map(|(key, _)| key.clone()).collect()
}
