//! What `wsctl doctor` found, as text. Pure.

use super::styled;
use crate::plain::plain;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::fmt::Write;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    Well,
    /// Something will not work; the rest does.
    Warning,
    Wrong,
}

/// What was found of one thing.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    pub health: Health,
    pub detail: String,
    /// What to do; empty where it is well.
    pub hint: String,
}

/// A line for each; below what is not well, what to do.
pub fn findings(findings: &[Finding]) -> String {
    let width = findings.iter().map(|it| it.what.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for Finding {
        what,
        health,
        detail,
        hint,
    } in findings
    {
        let (sign, colour) = match health {
            Health::Well => ("✔", AnsiColor::Green),
            Health::Warning => ("!", AnsiColor::Yellow),
            Health::Wrong => ("✘", AnsiColor::Red),
        };
        let sign = styled(Style::new().fg_color(Some(colour.into())), sign);
        let _ = writeln!(text, "{sign} {:width$}  {}", plain(what), plain(detail));
        for line in hint.lines() {
            let _ = writeln!(text, "  {:width$}  {}", "", plain(line));
        }
    }
    let wrong = findings
        .iter()
        .filter(|it| it.health == Health::Wrong)
        .count();
    let _ = match wrong {
        0 => writeln!(text, "\nNothing is wrong."),
        1 => writeln!(text, "\nOne thing is wrong."),
        count => writeln!(text, "\n{count} things are wrong."),
    };
    text
}
