//! The roles that a stack made for its identity pool, or its APIs. Pure.

use super::{
    Seen,
    functions::{name, own_role},
    key,
};
use crate::{
    error::Result,
    spec::{
        Live,
        role::{ROLES, Role},
    },
    stack::tables::RoleTable,
};
use std::collections::BTreeMap;

/// Those of `owner`, by their names in the file.
pub(super) fn lift(seen: &Seen<'_>, owner: &Live) -> Result<BTreeMap<String, RoleTable>> {
    let roles = of(seen, owner);
    roles
        .map(|it| Ok((key(it), role(seen, it)?)))
        .collect::<Result<_>>()
}

/// One of these roles by its name, and any other by its ARN.
pub(super) fn named(seen: &Seen<'_>, owner: &Live, arn: String) -> String {
    let own = of(seen, owner).find(|it| it.outputs["arn"] == arn);
    own.map_or(arn, key)
}

fn of<'a>(seen: &Seen<'a>, owner: &Live) -> impl Iterator<Item = &'a Live> + use<'a> {
    let table = owner.address.join(ROLES);
    seen.all::<Role>()
        .filter(move |it| it.address.is_within(&table))
}

/// What the table of such a role says.
pub(super) fn role(seen: &Seen<'_>, live: &Live) -> Result<RoleTable> {
    let mut table = own_role(seen, Some(live))?;
    let at = &live.address;
    table.role_name = name(seen, live, |names| names.stacks_role(at, &table));
    Ok(table)
}
