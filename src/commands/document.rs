//! What programs read: one document a command on stdout, and beside it on stderr, with `--json`, a line of
//! JSON for each thing that happens. `docs/schemas/` has the form of both; a change that breaks a reader
//! changes [`VERSION`].

use super::write_stdout;
use crate::{
    engine::{self, Event},
    error::{Error, Result},
    plain::json,
    plan::{Phase, Step},
};
use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::Write;

/// Of the form of all documents.
const VERSION: u32 = 1;

/// Prints a command's result. An object tells its form's version; what is something else, such as one
/// output's value, is what was asked for and nothing around it.
pub(super) fn print_json(value: &impl Serialize) -> Result<u8> {
    let value = serde_json::to_value(value).map(versioned);
    let value = value.map_err(|error| Error::internal("a result has no JSON").source(error))?;
    print_others_json(&value)
}

/// Prints a document whose form is not ours to say: a JSON Schema, a policy of IAM.
pub(super) fn print_others_json(value: &impl Serialize) -> Result<u8> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Error::internal("a result has no JSON").source(error))?;
    write_stdout(format!("{}\n", json(&text)).as_bytes())
}

fn versioned(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(first([("version", VERSION.into())], fields)),
        other => other,
    }
}

/// An object that begins with these fields.
pub(super) fn first<const N: usize>(
    head: [(&str, Value); N],
    fields: Map<String, Value>,
) -> Map<String, Value> {
    let head = head.map(|(name, value)| (name.to_owned(), value));
    head.into_iter().chain(fields).collect()
}

/// Writes a line about something that happened; whoever does not read it has the result all the same.
fn happened(event: &str, fields: Value) {
    let now = Timestamp::now();
    let time = now.round(Unit::Millisecond).unwrap_or(now).to_string();
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let line = first([("time", time.into()), ("event", event.into())], fields);
    let line = versioned(Value::Object(line)).to_string();
    let _ = writeln!(std::io::stderr(), "{}", json(&line));
}

/// Something that a person would read beside the result.
pub(super) fn notice(text: &str) {
    let text = anstream::adapter::strip_str(text).to_string();
    happened("notice", json!({ "text": text }));
}

pub(super) fn error(error: &Error, hint: Option<&str>) {
    happened(
        "error",
        json!({ "error": of_error(error, hint.or(error.hint.as_deref())) }),
    );
}

fn of_error(error: &Error, hint: Option<&str>) -> Value {
    json!({
        "kind": error.kind,
        "exit_code": error.exit_code(),
        "code": error.code,
        "message": error.to_string(),
        "hint": hint,
        "mistakes": error.mistakes,
    })
}

/// The steps of a plan as they begin and end.
pub(super) struct Events;

impl engine::Progress for Events {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Started { step, phase } => happened("started", of_step(step, phase)),
            Event::Ended {
                step,
                phase,
                took,
                error,
            } => {
                let mut fields = of_step(step, phase);
                fields["seconds"] = took.as_secs_f64().into();
                fields["error"] = error.map_or(Value::Null, |it| of_error(it, it.hint.as_deref()));
                happened("ended", fields);
            }
        }
    }
}

fn of_step(step: &Step, phase: Phase) -> Value {
    let phase = match phase {
        Phase::Make => "make",
        Phase::Finish => "finish",
        Phase::Remove => "remove",
    };
    json!({ "address": step.address, "kind": step.kind, "action": step.action, "phase": phase })
}
