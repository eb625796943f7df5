//! What became of a plan, and errors. Pure.

use super::{BOLD, colour, sign, styled};
use crate::{
    engine::{Outcome, Report},
    error::Error,
    plain::plain,
    plan::Action,
};
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;

/// An error with what to do next.
pub fn error(error: &Error) -> String {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let mut text = format!("{} {error}", styled(red, "error:"));
    if let Some(hint) = error.hint.as_ref().filter(|hint| !hint.is_empty()) {
        let _ = write!(text, "\n{} {hint}", styled(BOLD, "hint:"));
    }
    text
}

/// What was done, what failed and why, and what was not tried.
pub fn failures(report: &Report) -> String {
    let mut text = format!("\n{} of {} done", report.done(), report.results.len());
    for result in &report.results {
        let head = format!("{} {}", sign(result.action), result.address);
        match &result.outcome {
            Outcome::Done(_) => {}
            Outcome::Failed(error) => {
                let _ = write!(
                    text,
                    "\n{} failed\n{}",
                    styled(colour(Action::Delete), &head),
                    self::error(error)
                );
            }
            Outcome::Skipped { because } => {
                let _ = write!(
                    text,
                    "\n{head} not tried: it needs {}",
                    plain(&because.to_string())
                );
            }
            Outcome::Interrupted => {
                let _ = write!(text, "\n{head} not tried: stopped");
            }
        }
    }
    text
}

/// The same for programs.
pub fn results(report: &Report) -> Vec<Value> {
    let result = |it: &crate::engine::StepResult| {
        let mut result = json!({ "address": it.address, "kind": it.kind, "action": it.action });
        let (outcome, more) = match &it.outcome {
            Outcome::Done(took) => ("done", json!({ "seconds": took.as_secs_f64() })),
            Outcome::Failed(error) => (
                "failed",
                json!({ "error": error.to_string(), "code": error.code, "hint": error.hint }),
            ),
            Outcome::Skipped { because } => ("skipped", json!({ "because": because })),
            Outcome::Interrupted => ("interrupted", json!({})),
        };
        result["outcome"] = outcome.into();
        if let (Some(result), Some(more)) = (result.as_object_mut(), more.as_object()) {
            result.extend(more.clone());
        }
        result
    };
    report.results.iter().map(result).collect()
}

/// What became different, a line each; the first of many.
pub fn differences(what: &str, lines: &[String]) -> String {
    const SHOWN: usize = 20;
    let more = (lines.len() > SHOWN).then(|| format!("and {} more", lines.len() - SHOWN));
    let lines = lines
        .iter()
        .take(SHOWN)
        .chain(&more)
        .map(|line| format!("\n  {}", plain(line)));
    format!("{what}:{}", lines.collect::<String>())
}
