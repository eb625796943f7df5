//! `[identity_pool]` and its roles from what is live. Pure.

use super::{
    Seen,
    functions::{name, own_role},
    key, spec,
};
use crate::{
    error::Result,
    spec::{Live, client::Client, identity_pool::IdentityPool, role::Role},
    stack::tables::{IdentityPoolTable, RoleTable},
};
use std::collections::BTreeMap;

pub(super) fn lift(seen: &Seen<'_>, pool: &Live) -> Result<IdentityPoolTable> {
    let settings: IdentityPool = spec(pool)?;
    let named = |arn: String| {
        roles(seen, pool)
            .find(|it| it.outputs["arn"] == arn)
            .map_or(arn, key)
    };
    Ok(IdentityPoolTable {
        settings: settings.mapped(|it| client(seen, it), named),
        roles: roles(seen, pool)
            .map(|it| Ok((key(it), role(seen, it)?)))
            .collect::<Result<BTreeMap<_, _>>>()?,
    })
}

/// Those that the stack made for its people.
fn roles<'a>(seen: &Seen<'a>, pool: &Live) -> impl Iterator<Item = &'a Live> + use<'a> {
    let table = pool.address.join("roles");
    seen.all::<Role>()
        .filter(move |it| it.address.is_within(&table))
}

fn role(seen: &Seen<'_>, live: &Live) -> Result<RoleTable> {
    let mut table = own_role(seen, Some(live))?;
    let key = key(live);
    table.role_name = name(seen, live, |names| names.identity_role(&key, &table));
    Ok(table)
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
