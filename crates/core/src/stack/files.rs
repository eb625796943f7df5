//! Fields that name a file: the file's text takes its place before anything is judged. Pure: whoever reads
//! a stack.toml says how files are read.

use super::{
    parts::OWNERS,
    source::{Diagnostic, Path, path},
};
use crate::{error::Result, spec::parts_of, value};
use serde_json::{Map, Value};

/// The text of a file that a stack.toml names, by its path as it is written there.
pub type ReadFile = Box<dyn Fn(&str) -> Result<String>>;

/// Puts the texts into `tree`, and says which cannot be read. Where a field's text is there as well, both
/// stay: the checks tell.
pub(super) fn put_in(tree: &mut Value, read: Option<&ReadFile>) -> Vec<Diagnostic> {
    let mut found = vec![];
    let Some(read) = read else { return found };
    let owners = OWNERS.into_iter();
    let parts = owners.flat_map(|(owner, name)| parts_of(name).map(move |it| (owner, it)));
    for (owner, (kind, part)) in parts {
        let table = tree.get_mut(owner);
        let tables = table.and_then(|it| it.get_mut(kind.table)?.as_object_mut());
        for (name, table) in tables.into_iter().flatten() {
            let Some(table) = table.as_object_mut() else {
                continue;
            };
            for (field, text) in part.files {
                let place = path([owner, kind.table, name, field]);
                found.extend(put(table, field, text, place, read));
            }
        }
    }
    found
}

fn put(
    table: &mut Map<String, Value>,
    field: &str,
    text: &str,
    place: Path,
    read: &ReadFile,
) -> Option<Diagnostic> {
    if table.contains_key(text) {
        return None;
    }
    let named = table.get(field)?.as_str()?;
    if value::references(named).is_ok_and(|it| !it.is_empty()) {
        let message = format!("{field} takes no reference");
        return Some(Diagnostic::error(place, message, "write the file's name"));
    }
    match read(named) {
        Ok(content) => {
            table.remove(field);
            table.insert(text.to_owned(), value::escaped(&content.into()));
            None
        }
        Err(error) => {
            let help = "name a file beside this one, or in a folder there";
            Some(Diagnostic::error(place, error.to_string(), help))
        }
    }
}
