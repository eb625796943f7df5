//! Where a function's program comes from. Pure.

use super::{
    draft::Draft,
    fields::{Properties, not_said},
    template::Resource,
    user_pool::{below, last},
    values::as_written,
};
use serde_json::Value;

/// `CodeUri` and `Code`: a folder, a zip, or what lies elsewhere.
pub(super) fn put(
    draft: &mut Draft,
    place: &[String],
    properties: &mut Properties,
    resource: &Resource,
) {
    let uri = properties
        .take("CodeUri")
        .or_else(|| properties.take("Code"));
    match uri {
        Some(Value::String(path)) => {
            let path = path.trim_start_matches("./").trim_end_matches('/');
            let path = if path.is_empty() { "." } else { path };
            match path {
                it if it.starts_with("s3:") => elsewhere(draft, place, resource, it),
                it if it.ends_with(".zip") => draft.put(&below(place, "zip"), it.into()),
                it if it.starts_with("file:") => {
                    draft.put(&below(place, "file"), it.trim_start_matches("file:").into())
                }
                it => draft.put(&below(place, "folder"), it.into()),
            }
        }
        Some(Value::Object(code)) if code.contains_key("ZipFile") => {
            let runtime = draft
                .get(&below(place, "runtime"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            let ending = if runtime.starts_with("python") {
                "py"
            } else {
                "js"
            };
            let file = format!("{}/index.{ending}", last(&resource.id));
            draft.put(&below(place, "file"), file.clone().into());
            draft.comment(
                place,
                format!("Its program stands in the definition: put it into {file}."),
            );
        }
        Some(other) => elsewhere(draft, place, resource, &as_written(&other).to_string()),
        None => elsewhere(draft, place, resource, "nothing"),
    }
    for unsaid in ["PackageType", "ImageUri"] {
        if let Some(value) = properties.take(unsaid).filter(|it| it != "Zip") {
            draft.comment(place, not_said(unsaid, &value));
        }
    }
}

fn elsewhere(draft: &mut Draft, place: &[String], resource: &Resource, code: &str) {
    let zip = format!("{}.zip", last(&resource.id));
    draft.put(&below(place, "zip"), zip.clone().into());
    draft.comment(
        &below(place, "zip"),
        format!("Its program is elsewhere ({code}): put it here as {zip}, or name a folder."),
    );
}
