//! What programs read: one document a command on stdout, and beside it on stderr, with `--json`, a line of
//! JSON for each thing that happens. `docs/schemas/` has the form of both; a change that breaks a reader
//! changes [`VERSION`].

use super::{given, write_stdout};
use crate::{
    engine::{self, Event},
    error::{Error, Result},
    plain::json,
    plan::{Phase, Step},
};
use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::{Value, json};
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
    first([("version", VERSION.into())], value)
}

/// An object that begins with these fields; what is none stays as it is.
pub(super) fn first<const N: usize>(head: [(&str, Value); N], value: Value) -> Value {
    let Value::Object(fields) = value else {
        return value;
    };
    let head = head.map(|(name, value)| (name.to_owned(), value));
    Value::Object(head.into_iter().chain(fields).collect())
}

/// Writes a line about something that happened; whoever does not read it has the result all the same.
fn happened(event: &str, fields: Value) {
    let now = Timestamp::now();
    let time = now.round(Unit::Millisecond).unwrap_or(now).to_string();
    let line = first([("time", time.into()), ("event", event.into())], fields);
    let line = versioned(line).to_string();
    let _ = writeln!(std::io::stderr(), "{}", json(&line));
}

/// Something that a person would read beside the result.
pub(super) fn notice(text: &str) {
    let text = anstream::adapter::strip_str(text).to_string();
    happened("notice", json!({ "text": text }));
}

pub(super) fn error(error: &Error) {
    happened("error", json!({ "error": of_error(error) }));
}

fn of_error(error: &Error) -> Value {
    let hint = error.hint.as_deref().map(given::complete_hint);
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
                fields["error"] = error.map_or(Value::Null, of_error);
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
