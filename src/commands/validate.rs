//! `wsctl validate`: the file's mistakes, and those of the programs that it names, offline.

use super::{print, print_json, session::load, tell};
use crate::{
    cli::Global,
    error::Result,
    stack::{Diagnostic, Stack},
};
use serde_json::json;

pub(super) fn run(global: &Global) -> Result<u8> {
    let checked = check(global);
    if let (true, Err(error)) = (global.json, &checked) {
        print_json(&json!({ "valid": false, "mistakes": error.mistakes, "warnings": [] }))?;
    }
    let (stack, found) = checked?;
    let resources = stack.desired.len();
    if global.json {
        return print_json(&json!({
            "valid": true, "mistakes": [], "warnings": stack.warned(&found), "resources": resources,
        }));
    }
    let warnings = stack.shown_warnings().into_iter().chain(stack.show(&found));
    warnings.for_each(|warning| tell(&format!("{warning}\n")));
    print(&format!(
        "{} is valid: {resources} resources\n",
        global.file.display()
    ))?;
    Ok(0)
}

/// The file, and what there is to warn of in its programs.
fn check(global: &Global) -> Result<(Stack, Vec<Diagnostic>)> {
    let loaded = load(global)?;
    let found = loaded.check_programs()?;
    Ok((loaded.stack, found))
}
