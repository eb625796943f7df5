//! `[identity_pool]` and its roles. Pure.

use super::{Lowering, reference};
use crate::{
    error::Result,
    spec::{
        identity_pool::IdentityPool,
        role::{ROLES, identities},
    },
    stack::tables::{File, IdentityPoolTable},
    value::Address,
};

pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    file: &File,
    table: &IdentityPoolTable,
) -> Result<()> {
    let pool = Address::new(["identity_pool"]);
    let at = |key: &str| pool.join(ROLES).join(key);
    let settings = table.settings.clone().mapped(
        |it| client(file, it),
        |it| match table.role(&it) {
            Some(key) => reference(&at(key), "arn"),
            None => it,
        },
    );
    lowering.root::<IdentityPool>(pool.clone(), &settings)?;
    let of_guests = table.settings.unauthenticated_role.as_deref();
    let of_guests = of_guests.and_then(|it| table.role(it));
    for (key, role) in &table.roles {
        let are_guests = of_guests == Some(key);
        let people = identities(&reference(&pool, "id"), are_guests);
        let tags = table.settings.tags.as_ref();
        lowering.role(at(key), role, &people, None, tags)?;
    }
    Ok(())
}

/// A client of the file by its name, and any other provider as it is written.
fn client(file: &File, name: String) -> String {
    let pool = Address::new(["user_pool"]);
    let mut clients = file.user_pool.iter().flat_map(|it| it.clients.keys());
    if !clients.any(|it| *it == name) {
        return name;
    }
    let client = reference(&pool.join("clients").join(&name), "id");
    format!("{}:{client}", reference(&pool, "id"))
}
