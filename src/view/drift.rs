//! What is not as the file says, as text. Pure.

use super::{BOLD, DIM, declared, shown, styled};
use crate::{
    drift::{Different, Drift, ResourceRef},
    plain::{self, plain},
    plan::{Remark, at_path},
    value::{KnownOutputs, escape},
};
use serde_json::json;
use std::fmt::Write;

/// The whole finding; the last line counts.
pub fn drift(drift: &Drift, place: &str) -> String {
    let mut text = format!("{}\n", styled(BOLD, &format!("Drift of {}", plain(place))));
    things(&mut text, "Missing", &drift.missing);
    different(&mut text, "Different", &drift.different, &drift.known);
    different(
        &mut text,
        "Another version is deployed",
        &drift.not_deployed,
        &drift.known,
    );
    things(&mut text, "There, but not in stack.toml", &drift.unmanaged);
    super::plan::remarks(&mut text, "Set elsewhere", &drift.set_elsewhere);
    super::plan::remarks(&mut text, "Accepted", &drift.accepted);
    super::plan::remarks(&mut text, "Note", &drift.notes);
    how_to_accept(&mut text, &drift.set_elsewhere);
    let _ = writeln!(text, "\n{}", styled(BOLD, &count(drift)));
    text
}

/// The lines of stack.toml with which what was set elsewhere is no drift any longer.
fn how_to_accept(text: &mut String, remarks: &[Remark]) {
    if remarks.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\nWhat was set elsewhere and may stay is accepted in stack.toml:\n\n  [drift]\n  accept = ["
    );
    for remark in remarks {
        // A text in JSON is one in TOML too.
        let line = json!(escape(&remark.line())).to_string();
        let _ = writeln!(text, "    {},", plain::json(&line));
    }
    text.push_str("  ]\n");
}

fn things(text: &mut String, title: &str, things: &[ResourceRef]) {
    head(text, title, things.is_empty());
    for thing in things {
        let _ = writeln!(
            text,
            "  {} {}",
            thing.address,
            styled(DIM, &format!("({})", thing.kind))
        );
    }
}

fn different(text: &mut String, title: &str, all: &[Different], known: &KnownOutputs) {
    head(text, title, all.is_empty());
    for it in all {
        let _ = writeln!(
            text,
            "  {} {}",
            it.address,
            styled(DIM, &format!("({})", it.kind))
        );
        for change in &it.changes {
            let file = declared(&change.new, at_path(&it.written, &change.path), known);
            let live = shown(&change.old);
            let _ = writeln!(
                text,
                "      {}: {live}; stack.toml has {file}",
                plain(&change.path)
            );
        }
    }
}

fn head(text: &mut String, title: &str, is_empty: bool) {
    if !is_empty {
        let _ = writeln!(text, "\n{}", styled(BOLD, title));
    }
}

fn count(drift: &Drift) -> String {
    match drift.count() {
        0 => format!(
            "No drift: all {} resources are as stack.toml has them.",
            drift.as_declared
        ),
        1 => format!(
            "1 difference; {} resources are as stack.toml has them.",
            drift.as_declared
        ),
        count => format!(
            "{count} differences; {} resources are as stack.toml has them.",
            drift.as_declared
        ),
    }
}
