//! `[user_pool]` and its tables from a live pool. Pure.

use super::{Comments, Seen, key, roles, spec};
use crate::{
    error::Result,
    spec::{
        Live, Traits,
        branding::Branding,
        client::Client,
        custom_domain::CustomDomain,
        domain::Domain,
        risk_configuration::RiskConfiguration,
        role::{ROLES, SMS},
        user_pool::{FIRST_VERSION, Mfa, Triggers, UserPool},
    },
    stack::{
        check::from_environment,
        parts::Parts,
        tables::{ClientTable, RoleTable, UserPoolRoles, UserPoolTable},
    },
};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn lift(seen: &Seen<'_>, pool: &Live, comments: &mut Comments) -> Result<UserPoolTable> {
    let mut settings = settings(seen, pool)?;
    Ok(UserPoolTable {
        roles: UserPoolRoles {
            sms: sms_role(seen, pool, &mut settings)?,
        },
        settings,
        domain: seen
            .within::<Domain>(pool)
            .next()
            .map(|it| domain(seen, it))
            .transpose()?,
        custom_domain: seen
            .within::<CustomDomain>(pool)
            .next()
            .map(spec)
            .transpose()?,
        risk_configuration: seen
            .within::<RiskConfiguration>(pool)
            .next()
            .map(spec)
            .transpose()?,
        clients: clients(seen, pool, comments)?,
        users: BTreeMap::new(),
        parts: Parts::gathered(|kind| {
            let parts = seen.of_kind(kind.name, pool);
            parts
                .map(|it| (key(it), imported(seen, kind, it, comments)))
                .collect()
        }),
    })
}

/// A part's spec as a file has it, which no secret is in.
fn imported(seen: &Seen<'_>, kind: &Traits, live: &Live, comments: &mut Comments) -> Value {
    let mut spec = Value::clone(&live.spec);
    let secrets = kind.hidden.iter().filter(|it| !live.spec[**it].is_null());
    for field in secrets {
        let variable = from_environment(&key(live), field);
        let text =
            format!("To make it anew, add {field} = {variable:?}: what it is now is in AWS alone.");
        comments.add(live.address.segments().iter().cloned(), text);
    }
    // An ARN of something of the stack's, such as the role of a group, is another one once that is made anew.
    let fields = spec.as_object_mut().into_iter();
    for (_, value) in fields.flat_map(|it| it.iter_mut()) {
        let arn = value.as_str().filter(|it| it.starts_with("arn:"));
        if let Some(reference) = arn.and_then(|it| seen.reference(it)) {
            *value = reference.into();
        }
    }
    if let Some(imported) = kind.part.and_then(|it| it.imported) {
        imported(&mut spec);
    }
    spec
}

/// What is to be said of the role that the stack made to send text messages with; of another one, its ARN is said.
fn sms_role(seen: &Seen<'_>, pool: &Live, settings: &mut UserPool) -> Result<Option<RoleTable>> {
    let sms = settings.mfa.as_mut().and_then(|it| it.sms.as_mut());
    let role = seen.at(&pool.address.join(ROLES).join(SMS));
    let Some((sms, role)) = sms.zip(role) else {
        return Ok(None);
    };
    if sms.role_arn.as_deref() != role.outputs["arn"].as_str() {
        return Ok(None);
    }
    sms.role_arn = None;
    sms.external_id = None;
    Ok(Some(roles::role(seen, role)?).filter(|it| !it.is_empty()))
}

/// Without what stack.toml cannot say.
fn settings(seen: &Seen<'_>, pool: &Live) -> Result<UserPool> {
    let mut settings: UserPool = spec(pool)?;
    settings.mfa = settings.mfa.map(Mfa::declarable);
    // The list of them says it.
    for attribute in settings
        .standard_attributes
        .iter_mut()
        .flat_map(|it| it.values_mut())
    {
        attribute.required = None;
    }
    settings.triggers = settings.triggers.map(|it| triggers(seen, it));
    Ok(settings)
}

/// With the names of the file's functions in the places of their ARNs.
fn triggers(seen: &Seen<'_>, triggers: Triggers) -> Triggers {
    let version = triggers.pre_token_generation_version.clone();
    let named = triggers.mapped(|it| seen.named(it));
    Triggers {
        pre_token_generation_version: version.filter(|it| it != FIRST_VERSION),
        ..named
    }
}

/// The clients that have a name of their own: it is how a file says which one is meant.
fn clients(
    seen: &Seen<'_>,
    pool: &Live,
    comments: &mut Comments,
) -> Result<BTreeMap<String, ClientTable>> {
    let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in seen.within::<Client>(pool) {
        by_name
            .entry(it.spec["name"].as_str().unwrap_or_default())
            .or_default()
            .push(it);
    }
    let mut clients = BTreeMap::new();
    for (name, all) in by_name {
        if let [only] = all.as_slice() {
            let table = ClientTable {
                settings: spec(only)?,
                branding: branding(seen, only, comments)?,
            };
            clients.insert(key(only), table);
            continue;
        }
        let ids: Vec<_> = all
            .iter()
            .filter_map(|it| it.outputs["id"].as_str())
            .collect();
        let text = format!(
            "Not written, since {} app clients are called {name:?}, and a file knows them by their names: {}. \
             Give each a name of its own, then import again.",
            all.len(),
            ids.join(", ")
        );
        comments.add(["user_pool".into(), "clients".into()], text);
    }
    Ok(clients)
}

/// The longest image that stands in the file itself.
const LONGEST_IMAGE: usize = 4096;

/// What a client's style says beyond Cognito's own. All of its images are written, or none.
fn branding(seen: &Seen<'_>, client: &Live, comments: &mut Comments) -> Result<Option<Branding>> {
    let Some(live) = seen.within::<Branding>(client).next() else {
        return Ok(None);
    };
    let mut branding: Branding = spec(live)?;
    let images = branding
        .assets
        .take_if(|all| all.is_empty() || all.values().any(|it| it.len() > LONGEST_IMAGE));
    let names: Vec<_> = images.into_iter().flatten().map(|it| it.0).collect();
    if !names.is_empty() {
        let text = format!(
            "Not managed, since they are large: {}. Save them as files beside this one and name them in assets of \
             its branding.",
            names.join(", ")
        );
        comments.add(client.address.segments().iter().cloned(), text);
    }
    Ok(Some(branding).filter(|it| *it != Branding::default()))
}

/// A prefix is unique in the whole region; most have the account's number for that.
fn domain(seen: &Seen<'_>, live: &Live) -> Result<Domain> {
    let mut domain: Domain = spec(live)?;
    domain.prefix = domain
        .prefix
        .replace(&seen.stack.account, "${stack.account}");
    Ok(domain)
}
