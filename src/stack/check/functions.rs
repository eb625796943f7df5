//! Functions and secrets. Pure.

use super::{Findings, below, is_open};
use crate::stack::{
    fate::is_existing,
    lower::role_name,
    source::{Path, path},
    tables::{File, FunctionTable},
};

/// Names that Lambda sets itself (Lambda developer guide, "Reserved environment variables").
const RESERVED: [&str; 4] = ["_HANDLER", "_X_AMZN_TRACE_ID", "TZ", "LAMBDA_TASK_ROOT"];

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    for (key, function) in &file.functions {
        let place = path(["functions", key]);
        if !is_existing(found.tree, &["functions", key]) {
            code(found, &place, function);
        } else if function.zip.is_some() && function.crate_folder.is_some() {
            found.error(below(&place, "zip"), "zip and crate exclude each other", "remove one of them");
        }
        environment(found, &place, function);
        let role_name = role_name(function, &file.stack.region);
        if function.role.is_none() && role_name.chars().count() > 64 {
            let message = format!("the role would be called {role_name}, which is longer than 64 characters");
            found.error(below(&place, "name"), message, "add role_name = \"a shorter name\"");
        }
        if let Some(timeout) = function.timeout.filter(|it| !(1..=900).contains(&it.seconds())) {
            let message = format!("timeout is {timeout}, and Lambda runs 15 minutes at most");
            found.error(below(&place, "timeout"), message, "write \"1s\" to \"15m\"");
        }
        if function.role.is_some() && function.role_name.is_some() {
            found.error(below(&place, "role_name"), "role names a role already", "remove role, or role_name");
        }
    }
    let functions = file.functions.iter().map(|(key, it)| (path(["functions", key]), it.name.clone()));
    found.unique("function", functions);
    for (key, secret) in &file.secrets {
        let place = path(["secrets", key]);
        if is_existing(found.tree, &["secrets", key]) {
            continue;
        }
        let (made, taken) = (secret.json.is_some() || secret.generate.is_some(), secret.from_env.is_some());
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
    let secrets = file.secrets.iter().map(|(key, it)| (path(["secrets", key]), it.name.clone()));
    found.unique("secret", secrets);
}

fn code(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    match (&function.zip, &function.crate_folder) {
        (None, None) => {
            found.error(
                place.clone(),
                "nothing says what the function runs",
                "add zip = \"FILE.zip\" or crate = \"FOLDER\"",
            );
        }
        (Some(_), Some(_)) => {
            found.error(below(place, "zip"), "zip and crate exclude each other", "remove one of them")
        }
        _ => {}
    }
}

fn environment(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    let place = below(place, "environment");
    let Some(variables) = &function.environment else { return };
    for name in variables.keys() {
        let at = below(&place, name);
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.len() > 1;
        if RESERVED.contains(&name.as_str()) || name.starts_with("AWS_") {
            found.name(at, format!("Lambda keeps the variable {name} for itself"), "choose another name");
        } else if !valid {
            found.name(
                at,
                format!("`{name}` cannot be an environment variable"),
                "write two or more letters, digits and _, starting with a letter",
            );
        }
    }
    let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > 4096 && !variables.values().any(|value| is_open(value)) {
        found.error(
            place,
            format!("the environment takes {size} bytes"),
            "Lambda takes 4096; move some to a secret or a file",
        );
    }
}
