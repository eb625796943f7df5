//! `[user_pool]` and its tables. Pure.

use super::{Lowering, functions, reference};
use crate::{
    error::Result,
    spec::{
        Spec,
        branding::Branding,
        client::Client,
        custom_domain::CustomDomain,
        domain::Domain,
        risk_configuration::RiskConfiguration,
        role::{ROLES, SMS, sms_policy, user_pools},
        user::User,
        user_pool::{SignIn, Triggers, UserPool},
    },
    stack::tables::{File, RoleTable, UserPoolTable},
    value::{self, Address},
};
use serde_json::json;

pub(super) fn lower(lowering: &mut Lowering<'_>, file: &File, table: &UserPoolTable) -> Result<()> {
    let pool = Address::new(["user_pool"]);
    let triggers = table.settings.triggers.clone();
    let mut settings = UserPool {
        triggers: triggers.map(|it| lowered(it, file)),
        ..table.settings.clone()
    };
    if table.makes_sms_role() {
        send_texts(lowering, &pool, table, &mut settings)?;
    }
    lowering.root::<UserPool>(pool.clone(), &settings)?;
    lowering.parts(&pool, &table.parts)?;
    for (key, client) in &table.clients {
        let declared = client.branding.clone();
        let client = lowering
            .child::<Client>(&pool, key, &client.settings)?
            .address
            .clone();
        // Managed login shows "Login pages unavailable" to a client without a style (docs/aws.md §4).
        let needed = table.has_managed_login().then(Branding::default);
        if let Some(branding) = declared.or(needed) {
            lowering.child::<Branding>(&client, "", &branding.normal())?;
        }
    }
    for (name, user) in &table.users {
        let user = with_address(name, user.clone(), &table.settings);
        lowering.child::<User>(&pool, name, &user)?;
    }
    if let Some(domain) = &table.domain {
        lowering.child::<Domain>(&pool, "", domain)?;
    }
    if let Some(domain) = &table.custom_domain {
        lowering.child::<CustomDomain>(&pool, "", domain)?;
    }
    // A pool that does nothing about any is as one that was never told what to do.
    let risks = table.risk_configuration.iter();
    for risks in risks.filter(|it| !it.is_none()) {
        lowering.child::<RiskConfiguration>(&pool, "", risks)?;
    }
    Ok(())
}

/// Adds the role that text messages are sent with. It lets in only pools of the account that tell its external id.
fn send_texts(
    lowering: &mut Lowering<'_>,
    pool: &Address,
    table: &UserPoolTable,
    settings: &mut UserPool,
) -> Result<()> {
    let Some(sms) = settings.mfa.as_mut().and_then(|it| it.sms.as_mut()) else {
        return Ok(());
    };
    let at = pool.join(ROLES).join(SMS);
    let default = RoleTable::default();
    let role = table.roles.sms.as_ref().unwrap_or(&default);
    sms.role_arn = Some(reference(&at, "arn"));
    let name = lowering.names.stacks_role(&at, role);
    let trusted = user_pools("${stack.account}", &name);
    sms.external_id = Some(name);
    let tags = table.settings.tags.as_ref();
    lowering.role(at, role, &trusted, Some(sms_policy()), tags)
}

/// Who is known by an address has it.
fn with_address(name: &str, user: User, pool: &UserPool) -> User {
    let sign_in = pool.sign_in.iter().flatten();
    let mut attributes = user.attributes.unwrap_or_default();
    for kind in sign_in {
        let (attribute, is_one) = match kind {
            SignIn::Email => ("email", name.contains('@')),
            SignIn::PhoneNumber => ("phone_number", name.starts_with('+')),
            SignIn::Username => continue,
        };
        if is_one {
            attributes
                .entry(attribute.to_owned())
                .or_insert_with(|| name.to_owned());
        }
    }
    User {
        attributes: Some(attributes).filter(|it| !it.is_empty()),
        has_password: user.password.as_ref().map(|_| true),
        ..user
    }
}

/// With a reference in the place of each function's name.
fn lowered(triggers: Triggers, file: &File) -> Triggers {
    triggers.versioned().mapped(|it| functions::arn(file, it))
}

/// Whether a trigger of the file's pool runs this function, by its name or by reference.
pub(super) fn runs(file: &File, key: &str) -> bool {
    let function = Address::new(["functions", key]);
    let is_it = |text: &String| text == key || value::needs(&json!(text)).contains(&function);
    let triggers = file
        .user_pool
        .iter()
        .filter_map(|it| it.settings.triggers.as_ref());
    triggers
        .flat_map(Triggers::functions)
        .any(|(_, text)| is_it(text))
}
