//! A plan as text. Pure.

use super::{BOLD, DIM, colour, declared, shown, sign, styled};
use crate::{
    diff::Change,
    plain::plain,
    plan::{Action, Blocked, Plan, Remark, Step, at_path},
    spec::{Obstacle, rest_api::APIS, traits_of},
    value::{Address, KnownOutputs},
};
use serde_json::Value;
use std::fmt::Write;

/// The whole plan, grouped by the tables of stack.toml; the last line counts.
pub fn plan(plan: &Plan, place: &str) -> String {
    let mut text = format!("{}\n", styled(BOLD, &format!("Plan for {}", plain(place))));
    let mut steps: Vec<_> = plan.steps.iter().collect();
    steps.sort_by_key(|step| group(&step.address));
    let mut last = None;
    for step in steps {
        let group = group(&step.address);
        if last.as_ref() != Some(&group) {
            let _ = writeln!(text, "\n{}", styled(BOLD, &group));
            last = Some(group);
        }
        text.push_str(&self::step(step, &plan.known));
    }
    remarks(&mut text, "Note", &plan.notes);
    remarks(&mut text, "Warning", &plan.warnings);
    remarks(&mut text, "Set elsewhere", &plan.set_elsewhere);
    for Blocked {
        address,
        by: Obstacle { what, command },
    } in &plan.blocked
    {
        let line = format!(
            "! {address}: AWS does not delete it before {what}, which is not wsctl's: {command}"
        );
        let _ = writeln!(text, "\n{}", styled(colour(Action::Delete), &plain(&line)));
    }
    for loss in &plan.losses {
        let line = format!(
            "! {}: {} of `{}` are lost for good",
            loss.address, loss.what, loss.name
        );
        let _ = writeln!(text, "\n{}", styled(colour(Action::Delete), &plain(&line)));
    }
    let _ = writeln!(text, "\n{}", styled(BOLD, &count(plan)));
    text
}

/// `functions.users.role` belongs to `functions.users`; everything else to its first word.
fn group(address: &Address) -> String {
    let take = match address.segments().first().map(String::as_str) {
        Some("functions" | "secrets" | APIS) => 2,
        _ => 1,
    };
    Address::new(address.segments().iter().take(take).cloned()).to_string()
}

fn step(step: &Step, known: &KnownOutputs) -> String {
    // What is given back is as AWS had it, not as the file has it.
    let written = if step.gives_back {
        &Value::Null
    } else {
        &step.spec
    };
    let head = format!("{} {}", sign(step.action), step.address);
    let mut text = format!(
        "  {} {}",
        styled(colour(step.action), &head),
        styled(DIM, &format!("({})", step.kind))
    );
    if let Some(reason) = &step.reason {
        let _ = write!(text, ": {}", plain(reason));
    }
    text.push('\n');
    match step.action {
        Action::Create => {
            planned(&mut text, "", &step.planned, &|path, leaf| {
                declared(leaf, at_path(written, path), known)
            });
        }
        Action::Update | Action::Replace => {
            step.shown()
                .iter()
                .for_each(|it| change(&mut text, it, written, known));
        }
        Action::Delete => {}
    }
    if !step.late.is_empty() {
        let _ = writeln!(text, "      {}", styled(DIM, &set_last(step)));
    }
    if let Some(lost) = step.lost {
        let _ = writeln!(
            text,
            "      {}",
            styled(colour(Action::Delete), &format!("! {lost}"))
        );
    }
    if is_open_to_everyone(step) {
        let _ = writeln!(
            text,
            "      {}",
            styled(colour(Action::Delete), "! anyone may call this")
        );
    }
    text
}

/// Which fields a write of their own sets, and what it waits for.
fn set_last(step: &Step) -> String {
    let named: Vec<_> = step.waits_for().iter().map(ToString::to_string).collect();
    let are = if named.len() == 1 { "is" } else { "are" };
    format!(
        "sets {} last, once {} {are} ready",
        step.late.join(", "),
        plain(&named.join(", "))
    )
}

/// Every leaf of a tree, as `show` shows it.
pub(super) fn planned(
    text: &mut String,
    path: &str,
    tree: &Value,
    show: &dyn Fn(&str, &Value) -> String,
) {
    match tree {
        Value::Object(map) => {
            for (key, value) in map {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                planned(text, &below, value, show);
            }
        }
        Value::Null => {}
        leaf => {
            let _ = writeln!(text, "      {} = {}", plain(path), show(path, leaf));
        }
    }
}

fn change(text: &mut String, change: &Change, written: &Value, known: &KnownOutputs) {
    let Change { path, old, new } = change;
    if old == new {
        // The stage is deployed again though its content has the same digest.
        let _ = writeln!(text, "      {path}: once more, to make the repairs live");
        return;
    }
    let new = declared(new, at_path(written, path), known);
    let _ = writeln!(text, "      {}: {} → {new}", plain(path), shown(old));
}

fn is_open_to_everyone(step: &Step) -> bool {
    let is_open = traits_of(step.kind).and_then(|it| it.open_to_everyone);
    is_open.is_some_and(|is_open| is_open(&step.name, &step.planned))
}

pub(super) fn remarks(text: &mut String, what: &str, remarks: &[Remark]) {
    for (index, remark) in remarks.iter().enumerate() {
        let gap = if index == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{what}: {}", plain(&remark.line()));
    }
}

fn count(plan: &Plan) -> String {
    if plan.is_empty() {
        return match plan.unchanged {
            0 => "Nothing to do.".to_owned(),
            unchanged => {
                format!("No changes: all {unchanged} resources are as stack.toml has them.")
            }
        };
    }
    let words = [
        (Action::Create, "to create"),
        (Action::Update, "to update"),
        (Action::Replace, "to replace"),
        (Action::Delete, "to delete"),
    ];
    let parts = words
        .into_iter()
        .map(|(action, word)| (plan.count(action), word));
    let parts: Vec<_> = parts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{}; {} unchanged.", parts.join(", "), plan.unchanged)
}
