//! The values that `--var` and `--var-file` give.

use super::session::read;
use crate::{
    cli::Global,
    error::{Error, Result},
    stack::{self, Stack},
};
use std::collections::BTreeMap;

/// By name: the files in their order, then the single ones, which count more.
pub(super) fn given(global: &Global) -> Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for file in &global.variable_files {
        let name = file.display().to_string();
        let bytes = read(
            file,
            "name a file of NAME = \"value\" lines with --var-file",
        )?;
        variables.extend(stack::variables(&name, stack::text(&name, &bytes)?)?);
    }
    variables.extend(global.variables.iter().cloned());
    Ok(variables)
}

/// Refuses a `--var` that the file has no use for: most likely its name is misspelt, and the file's
/// own value would silently count. A `--var-file` may serve several files.
pub(super) fn check_used(given: &[(String, String)], stack: &Stack, text: &str) -> Result<()> {
    let is_used = |name: &str| {
        stack.file.vars.contains_key(name) || text.contains(&format!("${{var.{name}}}"))
    };
    let Some((name, _)) = given.iter().find(|(name, _)| !is_used(name)) else {
        return Ok(());
    };
    let known = stack
        .file
        .vars
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let hint = match known.as_str() {
        "" => "the file has no [vars], and no ${var.…}".to_owned(),
        known => format!("[vars] has {known}"),
    };
    Err(Error::usage(format!(
        "--var {name}: the file has no variable of this name"
    ))
    .hint(hint))
}
