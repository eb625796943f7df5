//! `[user_pool]` and its tables from a live pool. Pure.

use super::{Seen, keyed, spec};
use crate::{
    error::Result,
    kind::Live,
    kinds::{
        client::Client,
        domain::Domain,
        group::Group,
        user_pool::{Mfa, UserPool},
    },
    stack::tables::UserPoolTable,
};

pub(super) fn lift(seen: &Seen<'_>, pool: &Live) -> Result<UserPoolTable> {
    Ok(UserPoolTable {
        settings: settings(pool)?,
        domain: seen.within::<Domain>(pool).next().map(|it| domain(seen, it)).transpose()?,
        clients: keyed(seen.within::<Client>(pool), spec)?,
        groups: keyed(seen.within::<Group>(pool), spec)?,
    })
}

/// Without what stack.toml cannot say.
fn settings(pool: &Live) -> Result<UserPool> {
    let mut settings: UserPool = spec(pool)?;
    settings.mfa = settings.mfa.map(Mfa::declarable);
    Ok(settings)
}

/// A prefix is unique in the whole region; most have the account's number for that.
fn domain(seen: &Seen<'_>, live: &Live) -> Result<Domain> {
    let mut domain: Domain = spec(live)?;
    domain.prefix = domain.prefix.replace(&seen.stack.account, "${stack.account}");
    Ok(domain)
}
