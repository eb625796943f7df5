//! What a person reads. Pure, but for [`Progress`], which writes to stderr as it goes.

mod doctor;
mod drift;
mod hang;
mod html;
mod inventory;
mod junit;
mod lines;
mod live;
mod markdown;
mod plan;
mod progress;
mod report;
#[cfg(test)]
mod strangers;
mod table;
mod verify;

pub use doctor::{Finding, Health, findings};
pub use drift::{drift, drift_as_junit, drift_for_github};
pub use hang::hang;
pub use html::html;
pub use inventory::{leftovers, proofs, stacks};
pub use lines::Detail;
pub use live::{Shown, live};
pub use markdown::markdown;
pub use plan::plan;
pub use progress::Progress;
pub use report::{differences, error, failures, results};
pub use table::table;
pub use verify::{checks, counts, junit};

use crate::{
    plain::{json, plain},
    plan::Action,
    value::{self, Address, HIDDEN, KnownOutputs},
};
use anstyle::{AnsiColor, Style};
use serde_json::Value;

/// The sign of an action; the meaning never depends on its colour.
fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "±",
        Action::Delete => "-",
    }
}

fn colour(action: Action) -> Style {
    let colour = match action {
        Action::Create => AnsiColor::Green,
        Action::Update => AnsiColor::Yellow,
        Action::Replace => AnsiColor::Magenta,
        Action::Delete => AnsiColor::Red,
    };
    colour.on_default()
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A value as AWS has it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text == HIDDEN => text.clone(),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(shown).collect::<Vec<_>>().join(", ")
        ),
        Value::String(text) if text.starts_with(IMAGE) => image(text),
        other => json(&other.to_string()).into_owned(),
    }
}

/// How an image begins that stands in a field.
const IMAGE: &str = "data:image/";

/// Its type, and enough to tell it from another.
fn image(url: &str) -> String {
    let (media_type, content) = url.split_once(',').unwrap_or((url, ""));
    let mut digest = value::digest(&content.into());
    digest.truncate(8);
    let media_type = plain(media_type);
    format!("{media_type},… ({digest}, {} characters)", content.len())
}

/// A value that stack.toml declares; `written` is how it stands there.
fn declared(value: &Value, written: Option<&Value>, known: &KnownOutputs) -> String {
    match (value, written) {
        (Value::String(text), Some(_)) if text == HIDDEN => text.clone(),
        (Value::String(_), Some(written)) if value::reads_environment(written) => {
            let names = value::references_in(written)
                .into_iter()
                .map(|it| it.output)
                .collect::<Vec<_>>();
            format!("(from the environment: {})", names.join(", "))
        }
        (Value::String(_), Some(written)) if value::resolve_all(written, known).is_err() => {
            lines::KNOWN_AFTER_APPLY.to_owned()
        }
        (Value::Array(items), Some(Value::Array(written))) => {
            // A set is in the order of what its references stand for.
            let mut public = known.clone();
            public.remove(&Address::new(["env"]));
            let written = |item: &Value| {
                written
                    .iter()
                    .find(|it| value::resolve(it, &public) == *item)
            };
            let items = items
                .iter()
                .map(|item| declared(item, written(item), known));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        _ => shown(value),
    }
}
