//! Functions and secrets. Pure.

mod program;
pub(super) mod role;

use super::{Findings, below};
use crate::{
    spec::role::{ROLES, SMS},
    stack::{
        lifecycle::is_existing,
        lower::Names,
        open,
        source::{Path, path},
        tables::{File, FunctionTable, RoleTable},
    },
    value::{self, Address, KnownOutputs},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names that Lambda keeps for itself (Lambda developer guide, "Defined runtime environment
/// variables"); others of its own, such as `TZ` and `PATH`, may be set.
const RESERVED: [&str; 21] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// How many bytes of JSON a function's environment takes at most (docs/aws.md §8), and a secret's value
/// (docs/aws.md §11).
const MOST_ENVIRONMENT: usize = 4096;
const MOST_SECRET: usize = 65_536;

pub(super) fn check(found: &mut Findings<'_>, file: &File, known: &KnownOutputs) {
    sizes(found, &value::resolve(found.tree, known));
    roles(
        found,
        file,
        &Names {
            stack: &file.stack.name,
            region: &file.stack.region,
            known,
        },
    );
    for (key, function) in &file.functions {
        let place = path(["functions", key]);
        let is_existing = is_existing(found.tree, &["functions", key]);
        program::check(found, &place, function, is_existing);
        environment(found, &place, function);
        vpc(found, &place, function);
        role::check(found, &place, function);
    }
    let functions = file
        .functions
        .iter()
        .map(|(key, it)| (path(["functions", key]), it.settings.name.clone()));
    found.unique("function", functions);
    for (key, secret) in &file.secrets {
        let place = path(["secrets", key]);
        if is_existing(found.tree, &["secrets", key]) {
            continue;
        }
        let (made, taken) = (
            secret.json.is_some() || secret.generate.is_some(),
            secret.from_env.is_some(),
        );
        if made && taken {
            found.error(
                below(&place, "from_env"),
                "the value cannot be both made and taken",
                "remove from_env, or generate and json",
            );
        } else if !made && !taken {
            let help = "add generate = [\"password\"], or from_env = \"NAME\"";
            found.error(place, "nothing says what the secret's value is", help);
        }
    }
    let secrets = file
        .secrets
        .iter()
        .map(|(key, it)| (path(["secrets", key]), it.name.clone()));
    found.unique("secret", secrets);
}

fn environment(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    for name in function
        .settings
        .environment
        .iter()
        .flatten()
        .map(|it| it.0)
    {
        if RESERVED.contains(&name.as_str()) {
            let at = below(&below(place, "environment"), name);
            found.name(
                at,
                format!("Lambda keeps the variable {name} for itself"),
                "choose another name",
            );
        }
    }
}

/// "SubnetIds and SecurityIds must coexist or be both empty list."
fn vpc(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    let Some(vpc) = &function.settings.vpc else {
        return;
    };
    let (empty, other) = match (vpc.subnet_ids.is_empty(), vpc.security_group_ids.is_empty()) {
        (true, false) => ("subnet_ids", "security_group_ids"),
        (false, true) => ("security_group_ids", "subnet_ids"),
        _ => return,
    };
    let message = format!("{empty} is empty and {other} is not: Lambda takes both, or neither");
    found.error(
        below(&below(place, "vpc"), empty),
        message,
        "list at least one, or remove the table",
    );
}

/// IAM does not tell role names apart by capitals (docs/aws.md §1.1), as Lambda does its functions'.
fn roles(found: &mut Findings<'_>, file: &File, names: &Names<'_>) {
    let tree = found.tree;
    let functions = file.functions.iter().filter(|(key, function)| {
        function.settings.role.is_none() && !is_existing(tree, &["functions", key])
    });
    let functions = functions.map(|(key, function)| {
        let (place, own) = (path(["functions", key]), &function.own_role);
        let of = function.settings.name.as_str();
        (place, "name", own, names.role(function), of)
    });
    let of_people = file
        .identity_pool
        .iter()
        .map(|it| (Address::new(["identity_pool"]), &it.roles));
    let of_apis = file.apis().map(|it| (it.address, &it.table.roles));
    let named = of_people.chain(of_apis).flat_map(|(owner, roles)| {
        let at = move |key: &String| owner.join(ROLES).join(key);
        roles.iter().map(move |(key, role)| (at(key), role))
    });
    let default = RoleTable::default();
    let pool = file.user_pool.iter().filter(|it| it.makes_sms_role());
    let of_texts = pool.map(|it| {
        let at = Address::new(["user_pool", ROLES, SMS]);
        (at, it.roles.sms.as_ref().unwrap_or(&default))
    });
    let others = named.chain(of_texts).map(|(at, role)| {
        let name = names.stacks_role(&at, role);
        (at.segments().to_vec(), "role_name", role, name, "")
    });
    let mut seen: BTreeMap<String, (Path, &str)> = BTreeMap::new();
    for (place, named, role, name, of) in functions.chain(others) {
        match seen.get(&name.to_lowercase()) {
            // Two functions of one name are told as such.
            Some((_, first)) if *first == of && !of.is_empty() => {}
            Some((first, _)) => {
                let named = role.role_name.as_ref().map_or(named, |_| "role_name");
                let first = Address::new(first.clone());
                let message = format!("a second role called `{name}`: [{first}] has it");
                let help = "add role_name = \"another-name\"; IAM takes capitals and small letters for the same";
                found.error(below(&place, named), message, help);
            }
            None => {
                seen.insert(name.to_lowercase(), (place, of));
            }
        }
    }
}

/// What is known of an environment's and of a secret's size; both are sent as JSON.
pub(super) fn sizes(found: &mut Findings<'_>, resolved: &Value) {
    for (table, field, most, what) in [
        (
            "functions",
            "environment",
            MOST_ENVIRONMENT,
            "the environment takes",
        ),
        ("secrets", "json", MOST_SECRET, "the secret's value takes"),
    ] {
        for (key, value) in resolved[table].as_object().into_iter().flatten() {
            let Some(map) = value[field].as_object() else {
                continue;
            };
            let known: Map<_, _> = map
                .iter()
                .map(|(name, value)| {
                    let text = open::known_parts(value.as_str().unwrap_or_default()).concat();
                    (name.clone(), Value::String(text))
                })
                .collect();
            let size = Value::Object(known).to_string().len();
            if size > most {
                let least = if map.values().any(value::is_open) {
                    " at least"
                } else {
                    ""
                };
                let message = format!("{what}{least} {size} bytes as JSON, and AWS takes {most}");
                found.error(
                    path([table, key, field]),
                    message,
                    "move some to a secret or a file",
                );
            }
        }
    }
}
