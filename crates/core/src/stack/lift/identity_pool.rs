//! `[identity_pool]` and its roles from what is live. Pure.

use super::{Seen, key, roles, spec};
use crate::{
    error::Result,
    spec::{Live, client::Client, identity_pool::IdentityPool},
    stack::tables::IdentityPoolTable,
};

pub(super) fn lift(seen: &Seen<'_>, pool: &Live) -> Result<IdentityPoolTable> {
    let settings: IdentityPool = spec(pool)?;
    let role = |arn: String| roles::named(seen, pool, arn);
    Ok(IdentityPoolTable {
        settings: settings.mapped(|it| client(seen, it), role),
        roles: roles::lift(seen, pool)?,
    })
}

/// A client of the stack's by its name, and any other provider as it is.
fn client(seen: &Seen<'_>, text: String) -> String {
    let is_it = |it: &&Live| {
        let id = |tree: &serde_json::Value| tree["id"].as_str().unwrap_or_default().to_owned();
        format!("{}:{}", id(&it.parent_outputs), id(&it.outputs)) == text
    };
    let client = seen.all::<Client>().find(is_it);
    client.map_or(text, key)
}
