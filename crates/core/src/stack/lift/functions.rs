//! `[functions.NAME]` from a live function, its role and its log group. Pure.

use super::{Comments, ImportOptions, Seen, key, spec, tags, text};
use crate::{
    error::Result,
    spec::{
        Live,
        function::{ARCHITECTURE, Function},
        role::{Grant, Role, Values, grants_of, readable},
    },
    stack::{
        lower::{ALLOWED, NEEDED, Names},
        tables::{FunctionTable, RoleTable},
    },
    value::{self, Address, KnownOutputs},
};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn lift(
    seen: &Seen<'_>,
    live: &Live,
    wishes: &ImportOptions,
    comments: &mut Comments,
) -> Result<FunctionTable> {
    let function: Function = spec(live)?;
    let role = seen.at(&live.address.join("role"));
    let log_group = seen.at(&live.address.join("log_group"));
    let place = |field: &str| ["functions", &key(live), field].map(ToOwned::to_owned);
    comments.add(
        place("zip"),
        "The function's program: save it under this name, or name its crate, folder or file instead.",
    );
    let variables = function.environment.clone().unwrap_or_default();
    if !variables.is_empty() && !wishes.environment {
        let names = variables
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let text =
            format!("Not managed, since values may be secrets (import --environment): {names}");
        comments.add(place("name"), text);
    }
    let settings = Function {
        architecture: function.architecture.or_else(|| Some(ARCHITECTURE.into())),
        environment: wishes.environment.then(|| environment(seen, &variables)),
        vpc: function.vpc.filter(|it| !it.subnet_ids.is_empty()),
        // A role that is not the stack's is only named.
        role: if role.is_none() { function.role } else { None },
        code: None,
        tags: tags(live),
        reserved_concurrency: match function.switched_off {
            Some(true) => Some(0),
            _ => function.reserved_concurrency,
        },
        switched_off: None,
        ..function
    };
    let role_spec: Option<Role> = role.map(spec).transpose()?;
    let policy = |name: &str| {
        let policies = role_spec.as_ref()?.policies.as_ref()?;
        policies.get(name)
    };
    let mut table = FunctionTable {
        settings,
        zip: Some(format!("{}.zip", key(live))),
        crate_folder: None,
        folder: None,
        build: None,
        single_file: None,
        log_retention_days: log_group
            .and_then(|it| u32::try_from(it.spec["retention_days"].as_u64()?).ok()),
        reads_secrets: policy(NEEDED)
            .map(|it| {
                readable(it)
                    .into_iter()
                    .map(|arn| named(seen, arn))
                    .collect()
            })
            .unwrap_or_default(),
        own_role: own_role(seen, role)?,
    };
    if wishes.environment {
        let is_named = |value: &String| {
            table
                .settings
                .environment
                .iter()
                .flatten()
                .any(|(_, it)| it == value)
        };
        table.reads_secrets = table
            .reads_secrets
            .iter()
            .filter(|it| !is_named(it))
            .cloned()
            .collect();
    }
    if let Some(role) = role {
        table.own_role.role_name = name(seen, role, |names| names.role(&table));
    }
    Ok(table)
}

/// What a role of wsctl's may do, as its table says it; its name is not in it yet.
pub(super) fn own_role(seen: &Seen<'_>, role: Option<&Live>) -> Result<RoleTable> {
    let spec: Role = role.map(spec).transpose()?.unwrap_or_default();
    let grants = spec.policies.as_ref().and_then(|it| it.get(ALLOWED));
    let grants = grants.map(grants_of).unwrap_or_default().into_iter();
    let grants: Vec<_> = grants.map(|grant| allowed(seen, grant)).collect();
    Ok(RoleTable {
        allow: Some(grants).filter(|it| !it.is_empty()),
        managed_policies: spec.attached.unwrap_or_default(),
        role_name: None,
        permissions_boundary: spec.permissions_boundary.filter(|arn| !arn.is_empty()),
    })
}

/// A role's name, where wsctl would give it another one.
pub(super) fn name(
    seen: &Seen<'_>,
    role: &Live,
    would: impl Fn(&Names<'_>) -> String,
) -> Option<String> {
    let known = KnownOutputs::new();
    let names = Names {
        stack: &seen.stack.name,
        region: &seen.stack.region,
        known: &known,
    };
    text(role, "name").filter(|it| *it != would(&names))
}

fn environment(seen: &Seen<'_>, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let value = |value: &String| seen.reference(value).unwrap_or_else(|| value.clone());
    variables
        .iter()
        .map(|(name, it)| (name.clone(), value(it)))
        .collect()
}

/// The reference to what has this ARN, where there is one.
fn named(seen: &Seen<'_>, arn: String) -> String {
    seen.reference(&arn).unwrap_or(arn)
}

/// As a file says it: of a condition's values a single one by itself, and references but to functions, whose
/// role could not be made after them.
fn allowed(seen: &Seen<'_>, grant: Grant) -> Grant {
    let functions = Address::new(["functions"]);
    let named = |arn: String| {
        let reference = seen.reference(&arn);
        let is_free = |it: &String| {
            !value::needs(&Value::from(it.as_str()))
                .iter()
                .any(|it| it.is_within(&functions))
        };
        reference.filter(is_free).unwrap_or(arn)
    };
    let one = |values: Values| match values {
        Values::Several(all) if all.len() == 1 => Values::One(all.into_iter().collect()),
        other => other,
    };
    let keys =
        |all: BTreeMap<String, Values>| all.into_iter().map(|(key, it)| (key, one(it))).collect();
    Grant {
        actions: grant.actions,
        resources: grant.resources.into_iter().map(named).collect(),
        conditions: grant
            .conditions
            .into_iter()
            .map(|(operator, all)| (operator, keys(all)))
            .collect(),
    }
}
