//! `wsctl validate`: the file's mistakes, and those of the programs that it names, offline.

use super::{print, print_json, session::load, tell};
use crate::{cli::Global, error::Result};
use serde_json::json;

pub(super) fn run(global: &Global) -> Result<u8> {
    let loaded = load(global)?;
    let mut warnings = loaded.stack.shown_warnings();
    warnings.extend(loaded.check_programs()?);
    let resources = loaded.stack.desired.len();
    if global.json {
        return print_json(&json!({ "valid": true, "resources": resources, "warnings": warnings }));
    }
    warnings
        .iter()
        .for_each(|warning| tell(&format!("{warning}\n")));
    print(&format!(
        "{} is valid: {resources} resources\n",
        global.file.display()
    ))?;
    Ok(0)
}
