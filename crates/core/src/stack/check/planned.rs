//! What shows only beside what is there. Pure.

use super::{
    Check, Findings,
    client::{self, FLOWS, REFRESH, SCOPES},
    functions, is_open,
    providers::{self, OWN},
    scopes, user_pool,
};
use crate::{
    error::Result,
    owner::Owner,
    plan::{Action, Plan, Step, laid_over_all},
    spec::Live,
    spec::{
        Produces, client::Client, custom_domain::CustomDomain, domain::Domain, from_tree,
        identity_provider::IdentityProvider, resource_server::ResourceServer,
        risk_configuration::RiskConfiguration, role::Role, user_pool::UserPool,
    },
    stack::{
        source::{Diagnostic, Severity, path},
        tables::File,
    },
};
use serde_json::Value;

/// Mistakes in `resolved`, where all is in its place that the plan knows, and what a warning was of
/// that nothing there can have.
pub(crate) fn planned(
    plan: &Plan,
    resolved: &Value,
    warnings: &[Diagnostic],
) -> Result<Vec<Diagnostic>> {
    let mut found = Findings {
        tree: resolved,
        may_be_there: false,
        found: vec![],
    };
    functions::sizes(&mut found, resolved);
    let roles = plan
        .steps
        .iter()
        .filter(|it| it.kind == Role::NAME && it.makes());
    let roles = roles.map(|it| (&it.address, &it.planned));
    found.found.extend(functions::role::sizes(roles));
    rotation(&mut found, plan)?;
    lacking_scopes(&mut found, plan);
    lacking_providers(&mut found, plan);
    let before = together(plan, resolved, |live, _| live.clone())?;
    let after = together(plan, resolved, laid_over_all)?;
    // What does not fit already is AWS's to judge: it has taken it.
    found
        .found
        .extend(after.into_iter().filter(|it| !before.contains(it)));
    let makes = |it: &Step| matches!(it.action, Action::Create | Action::Replace);
    let made: Vec<_> = plan
        .steps
        .iter()
        .filter(|it| makes(it))
        .map(|it| &it.address)
        .collect();
    let missing = warnings.iter().filter(|it| {
        it.unless_there
            .as_ref()
            .is_some_and(|at| made.contains(&at))
    });
    let missing = missing.map(|it| it.clone().as_error());
    Ok(found.found.into_iter().chain(missing).collect())
}

/// A pool with users that one mistaken request deletes.
pub(crate) fn unprotected(file: &File, live: &[Live]) -> Vec<Diagnostic> {
    let declared = file
        .user_pool
        .as_ref()
        .and_then(|it| it.settings.deletion_protection);
    let is_bare =
        |it: &&Live| it.kind == UserPool::NAME && it.owner == Owner::Ours && !it.protected;
    let bare = live
        .iter()
        .filter(is_bare)
        .filter(|_| declared != Some(true));
    let found = bare.filter_map(|it| {
        let place = path(["user_pool", "deletion_protection"]);
        let message = format!(
            "nothing protects the pool, which has {}",
            it.holds.as_ref()?
        );
        Some(Diagnostic::warning(
            Check::UnprotectedUsers,
            place,
            message,
            "write deletion_protection = true",
        ))
    });
    found.collect()
}

/// What does not fit together in a pool that is there, and in what it holds, now that it is known what the
/// file leaves out; `state` makes what is judged of what is there and what is declared.
fn together(
    plan: &Plan,
    resolved: &Value,
    state: impl Fn(&Value, &Value) -> Value,
) -> Result<Vec<Diagnostic>> {
    let mut found = Findings {
        tree: resolved,
        may_be_there: false,
        found: vec![],
    };
    // What is given back is what AWS had.
    let is_meant = |it: &&Step| it.makes() && !it.gives_back;
    let steps = |kind: &'static str| {
        plan.steps
            .iter()
            .filter(is_meant)
            .filter(move |it| it.kind == kind)
    };
    let of = |step: &Step| {
        // What takes the place of another has nothing of it.
        let live = step.live.as_ref().filter(|_| step.action == Action::Update);
        state(live.map_or(&Value::Null, |it| &it.spec), &step.spec)
    };
    let attached = plan
        .steps
        .iter()
        .filter_map(|it| it.attached.as_ref())
        .find(|it| it.kind == UserPool::NAME);
    let Some(live) = attached else {
        return Ok(vec![]);
    };
    let pool: UserPool = match steps(UserPool::NAME).next() {
        Some(step) => from_tree(&of(step))?,
        None => from_tree(&live.spec)?,
    };
    let first = |kind| steps(kind).map(of).find(|it| !it.is_null());
    let beside = user_pool::Beside {
        domain: first(Domain::NAME).as_ref().map(from_tree).transpose()?,
        custom_domain: first(CustomDomain::NAME)
            .as_ref()
            .map(from_tree)
            .transpose()?,
        risks: first(RiskConfiguration::NAME)
            .as_ref()
            .map(from_tree)
            .transpose()?,
    };
    user_pool::together(&mut found, &pool, &beside);
    for step in steps(Client::NAME) {
        let client = of(step);
        if !client.is_null() {
            client::together(
                &mut found,
                &path(step.address.segments().iter().cloned()),
                &from_tree(&client)?,
                &pool,
            );
        }
    }
    found.found.retain(|it| it.severity == Severity::Error);
    Ok(found.found)
}

/// A client gets only scopes that the pool has then: its own, and those of its resource servers.
fn lacking_scopes(found: &mut Findings<'_>, plan: &Plan) {
    let is_made = |it: &&Step| it.kind == Client::NAME && it.makes() && !it.gives_back;
    for step in plan.steps.iter().filter(is_made) {
        let mut list = path(step.address.segments().iter().cloned());
        list.push(SCOPES.into());
        let scopes = step.planned[SCOPES].as_array().into_iter().flatten();
        let is_lacking = |it: &&str| {
            it.contains('/') && !is_open(it) && !is_given(plan, ResourceServer::NAME, it)
        };
        for scope in scopes.filter_map(Value::as_str).filter(is_lacking) {
            let at = found.item(&list, scope);
            let unknown = scopes::unknown(found, scope);
            let help = unknown.map_or_else(|| "take it out".to_owned(), |it| it.help);
            found.error(at, format!("the pool has no scope `{scope}`"), help);
        }
    }
}

fn is_given(plan: &Plan, kind: &'static str, name: &str) -> bool {
    plan.given.contains(&(kind, name.to_owned()))
}

/// A client offers only providers that the pool has then. Where none was seen at all, AWS may not have
/// said that there are some (docs/aws.md §4).
fn lacking_providers(found: &mut Findings<'_>, plan: &Plan) {
    let is_of = |it: &&(&str, String)| it.0 == IdentityProvider::NAME;
    let there: Vec<_> = plan
        .given
        .iter()
        .filter(is_of)
        .map(|it| it.1.clone())
        .collect();
    let is_made = |it: &&Step| it.kind == Client::NAME && it.makes() && !it.gives_back;
    for step in plan
        .steps
        .iter()
        .filter(is_made)
        .filter(|_| !there.is_empty())
    {
        let mut list = path(step.address.segments().iter().cloned());
        list.push(client::PROVIDERS.into());
        let names = step.planned[client::PROVIDERS]
            .as_array()
            .into_iter()
            .flatten();
        let is_lacking =
            |it: &&str| *it != OWN && !is_open(it) && !there.iter().any(|known| known == it);
        for name in names.filter_map(Value::as_str).filter(is_lacking) {
            let at = found.item(&list, name);
            found.error(
                at,
                format!("the pool has no identity provider `{name}`"),
                providers::instead_of(name, &there),
            );
        }
    }
}

/// A client whose refresh tokens are good only once takes no flow in which they are good for ever
/// (Cognito developer guide, "Refresh token rotation"); what the file itself says is judged before.
fn rotation(found: &mut Findings<'_>, plan: &Plan) -> Result<()> {
    for step in plan
        .steps
        .iter()
        .filter(|it| it.kind == Client::NAME && it.action == Action::Update)
    {
        let client: Client = from_tree(&step.spec)?;
        let declared = &step.spec["refresh_token_rotation"];
        let live = step
            .live
            .as_ref()
            .map_or(&Value::Null, |it| &it.spec["refresh_token_rotation"]);
        let rotates = if declared.is_null() { live } else { declared }["enabled"] == true;
        if rotates && client.allows(REFRESH) {
            let others: Vec<_> = client
                .flows()
                .filter(|it| *it != REFRESH)
                .map(|it| format!("{it:?}"))
                .collect();
            let mut list = path(step.address.segments().iter().cloned());
            list.push(FLOWS.into());
            let help = format!(
                "write {FLOWS} = [{}]; wsctl token --refresh needs no flow",
                others.join(", ")
            );
            let at = found.item(&list, REFRESH);
            found.error(
                at,
                format!("the client rotates its refresh tokens: AWS takes no {REFRESH} then"),
                help,
            );
        }
    }
    Ok(())
}
