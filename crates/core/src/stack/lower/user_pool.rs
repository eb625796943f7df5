//! `[user_pool]` and its tables. Pure.

use super::Lowering;
use crate::{
    error::Result,
    spec::{branding::Branding, client::Client, domain::Domain, user_pool::UserPool},
    stack::tables::UserPoolTable,
    value::Address,
};
use serde_json::json;

pub(super) fn lower(lowering: &mut Lowering<'_>, table: &UserPoolTable) -> Result<()> {
    let pool = Address::new(["user_pool"]);
    lowering.root::<UserPool>(pool.clone(), &table.settings)?;
    lowering.parts(&pool, &table.parts)?;
    let managed_login = table.domain.as_ref().is_some_and(Domain::has_managed_login);
    for (key, client) in &table.clients {
        let client = lowering
            .child::<Client>(&pool, key, client)?
            .address
            .clone();
        if managed_login {
            // Managed login shows "Login pages unavailable" to a client without a style (docs/aws.md §4).
            lowering.child::<Branding>(&client, "", &json!({}))?;
        }
    }
    if let Some(domain) = &table.domain {
        lowering.child::<Domain>(&pool, "", domain)?;
    }
    Ok(())
}
