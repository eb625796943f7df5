//! What a person reads. Pure, but for [`Progress`], which writes to stderr as it goes.

mod plan;
mod progress;
mod report;
mod verify;

pub use plan::plan;
pub use progress::Progress;
pub use report::{differences, error, failures, left, results};
pub use verify::{checks, counts, junit};

use crate::plan::{Action, HIDDEN};
use crate::value;
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

/// A value as a plan shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text == HIDDEN => text.clone(),
        Value::String(text) if value::reads_environment(value) => {
            let names = value::references_in(value).into_iter().map(|it| it.output).collect::<Vec<_>>();
            let _ = text;
            format!("(from the environment: {})", names.join(", "))
        }
        Value::String(_) if value::is_open(value) => "(known after apply)".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
