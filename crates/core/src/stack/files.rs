//! Fields that name a file: what is in the file takes its place before anything is judged. Pure: whoever reads
//! a stack.toml says how files are read.

use super::{
    parts::OWNERS,
    source::{Diagnostic, Path, path},
};
use crate::{
    error::{Error, Result},
    spec::{branding, parts_of},
    value,
};
use serde_json::{Map, Value};

/// What is in a file that a stack.toml names, by its path as it is written there.
pub type ReadFile = Box<dyn Fn(&str) -> Result<Vec<u8>>>;

/// Puts what is in the files into `tree`, and says which cannot be read. Where a field's text is there as well, both
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
                let read = |name: &str| Ok(text_of(read, name)?.into());
                found.extend(put(table, field, text, place, read));
            }
        }
    }
    let clients = tree.pointer_mut("/user_pool/clients");
    let clients = clients.and_then(Value::as_object_mut).into_iter();
    for (name, client) in clients.flatten() {
        let table = client.get_mut("branding").and_then(Value::as_object_mut);
        let place = path(["user_pool", "clients", name, "branding"]);
        found.extend(
            table
                .into_iter()
                .flat_map(|it| of_branding(it, &place, read)),
        );
    }
    found
}

/// A style's settings, and its images.
fn of_branding(table: &mut Map<String, Value>, place: &Path, read: &ReadFile) -> Vec<Diagnostic> {
    let at = |more: &[&str]| {
        let more = more.iter().map(ToString::to_string);
        place.iter().cloned().chain(more).collect::<Path>()
    };
    let settings = |name: &str| {
        let no_settings = |_| Error::input(format!("{name} has no settings in JSON"));
        serde_json::from_str::<Map<_, _>>(&text_of(read, name)?)
            .map(Value::Object)
            .map_err(no_settings)
    };
    let file = "settings_file";
    let mut found: Vec<_> = put(table, file, "settings", at(&[file]), settings)
        .into_iter()
        .collect();
    let assets = table.get_mut("assets").and_then(Value::as_object_mut);
    for (key, asset) in assets.into_iter().flatten() {
        let named = asset.as_str().filter(|it| !it.starts_with("data:"));
        let Some(named) = named.map(ToOwned::to_owned) else {
            continue;
        };
        let is_none = || {
            let help = "name a file that ends in .ico, .jpg, .png, .svg or .webp";
            Error::input(format!("{named} is no image by its name")).hint(help)
        };
        let media_type = branding::media_type(&named).ok_or_else(is_none);
        let image = media_type.and_then(|it| Ok(branding::data_url(it, &read(&named)?)));
        match image {
            Ok(image) => *asset = image.into(),
            Err(error) => {
                let help = error.hint.clone().unwrap_or_else(|| BESIDE.to_owned());
                found.push(Diagnostic::error(at(&["assets", key]), error.message, help));
            }
        }
    }
    found
}

const BESIDE: &str = "name a file beside this one, or in a folder there";

fn text_of(read: &ReadFile, name: &str) -> Result<String> {
    let no_text = |_| Error::input(format!("{name} is not UTF-8 text"));
    String::from_utf8(read(name)?).map_err(no_text)
}

fn put(
    table: &mut Map<String, Value>,
    field: &str,
    content: &str,
    place: Path,
    read: impl Fn(&str) -> Result<Value>,
) -> Option<Diagnostic> {
    if table.contains_key(content) {
        return None;
    }
    let named = table.get(field)?.as_str()?;
    if value::references(named).is_ok_and(|it| !it.is_empty()) {
        let message = format!("{field} takes no reference");
        return Some(Diagnostic::error(place, message, "write the file's name"));
    }
    match read(named) {
        Ok(read) => {
            table.remove(field);
            table.insert(content.to_owned(), value::escaped(&read));
            None
        }
        Err(error) => Some(Diagnostic::error(place, error.to_string(), BESIDE)),
    }
}
