//! `[functions.NAME]` from a live function, its role and its log group. Pure.

use super::{Comments, ImportOptions, Seen, key, spec, tags, text};
use crate::{
    error::Result,
    spec::{
        Live,
        function::{ARCHITECTURE, Function},
        role::Role,
    },
    stack::{lower::Names, tables::FunctionTable},
    value::KnownOutputs,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
    let mut table = FunctionTable {
        settings,
        zip: Some(format!("{}.zip", key(live))),
        crate_folder: None,
        folder: None,
        single_file: None,
        log_retention_days: log_group
            .and_then(|it| u32::try_from(it.spec["retention_days"].as_u64()?).ok()),
        reads_secrets: role
            .map(|it| secrets(seen, it))
            .transpose()?
            .unwrap_or_default(),
        role_name: None,
        permissions_boundary: None,
    };
    if wishes.environment {
        let named = |value: &String| {
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
            .filter(|it| !named(it))
            .cloned()
            .collect();
    }
    let known = KnownOutputs::new();
    let names = Names {
        stack: &seen.stack.name,
        region: &seen.stack.region,
        known: &known,
    };
    table.role_name = role
        .and_then(|it| text(it, "name"))
        .filter(|name| *name != names.role(&table));
    Ok(table)
}

fn environment(seen: &Seen<'_>, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let value = |value: &String| seen.reference(value).unwrap_or_else(|| value.clone());
    variables
        .iter()
        .map(|(name, it)| (name.clone(), value(it)))
        .collect()
}

/// The secrets that the role's policies let it read.
fn secrets(seen: &Seen<'_>, role: &Live) -> Result<BTreeSet<String>> {
    let role: Role = spec(role)?;
    let statements =
        role.policies
            .into_iter()
            .flatten()
            .flat_map(|(_, policy)| match &policy["Statement"] {
                Value::Array(statements) => statements.clone(),
                _ => vec![],
            });
    let reads = |it: &Value| it["Action"] == serde_json::json!(["secretsmanager:GetSecretValue"]);
    let arns = statements
        .filter(reads)
        .flat_map(|it| it["Resource"].as_array().cloned().unwrap_or_default());
    let arns = arns.filter_map(|it| it.as_str().map(ToOwned::to_owned));
    Ok(arns
        .map(|arn| seen.reference(&arn).unwrap_or(arn))
        .collect())
}
