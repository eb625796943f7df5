//! A plan as text. Pure.

use super::{
    BOLD, DIM, Detail, colour,
    lines::{self, Line, Mark},
    sign, styled,
};
use crate::{
    plain::plain,
    plan::{Action, Blocked, Plan, Remark, Step},
    spec::{Obstacle, rest_api::APIS},
    value::{Address, KnownOutputs},
};
use std::fmt::Write;

/// The whole plan, grouped by the tables of stack.toml; the last line counts.
pub fn plan(plan: &Plan, place: &str, detail: Detail) -> String {
    let mut text = format!("{}\n", styled(BOLD, &format!("Plan for {}", plain(place))));
    if !plan.steps.is_empty() {
        let _ = writeln!(text, "{}", styled(DIM, &legend()));
    }
    let steps = in_groups(plan);
    let mut last = None;
    for step in steps {
        let group = group(&step.address);
        if last.as_ref() != Some(&group) {
            let _ = writeln!(text, "\n{}", styled(BOLD, &group));
            last = Some(group);
        }
        text.push_str(&self::step(step, &plan.known, detail));
    }
    remarks(&mut text, "Note", &plan.notes);
    remarks(&mut text, "Warning", &plan.warnings);
    remarks(&mut text, "Set elsewhere", &plan.set_elsewhere);
    for alarm in alarms(plan) {
        let _ = writeln!(
            text,
            "\n{}",
            styled(colour(Action::Delete), &format!("! {alarm}"))
        );
    }
    let _ = writeln!(text, "\n{}", styled(BOLD, &count(plan)));
    text
}

/// What the signs stand for.
fn legend() -> String {
    let words = [
        (Action::Create, "create"),
        (Action::Update, "update"),
        (Action::Replace, "replace"),
        (Action::Delete, "delete"),
    ];
    words
        .map(|(action, word)| format!("{} {word}", sign(action)))
        .join("  ")
}

/// What cannot be done, and what would be lost for good.
pub(super) fn alarms(plan: &Plan) -> Vec<String> {
    let blocked = |it: &Blocked| {
        let (address, Obstacle { what, command }) = (&it.address, &it.by);
        format!("{address}: AWS does not delete it before {what}, which is not wsctl's: {command}")
    };
    let blocked = plan.blocked.iter().map(blocked);
    let lost = plan.losses.iter().map(|it| {
        let (address, what, name) = (&it.address, &it.what, &it.name);
        format!("{address}: {what} of `{name}` are lost for good")
    });
    let all = blocked.chain(lost);
    all.map(|line| plain(&line).into_owned()).collect()
}

/// The steps by the tables of stack.toml.
pub(super) fn in_groups(plan: &Plan) -> Vec<&Step> {
    let mut steps: Vec<_> = plan.steps.iter().collect();
    steps.sort_by_key(|step| group(&step.address));
    steps
}

/// `functions.users.role` belongs to `functions.users`; everything else to its first word.
pub(super) fn group(address: &Address) -> String {
    let take = match address.segments().first().map(String::as_str) {
        Some("functions" | "secrets" | APIS) => 2,
        _ => 1,
    };
    Address::new(address.segments().iter().take(take).cloned()).to_string()
}

fn step(step: &Step, known: &KnownOutputs, detail: Detail) -> String {
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
    for line in lines::of_step(step, known, detail) {
        let _ = writeln!(text, "      {}", self::line(&line));
    }
    text
}

fn line(Line { mark, text }: &Line) -> String {
    match mark {
        Mark::There | Mark::Changed => text.clone(),
        Mark::Removed => format!("  {}", styled(colour(Action::Delete), &format!("- {text}"))),
        Mark::Added => format!("  {}", styled(colour(Action::Create), &format!("+ {text}"))),
        Mark::About => styled(DIM, text),
        Mark::Alarm => styled(colour(Action::Delete), &format!("! {text}")),
    }
}

pub(super) fn remarks(text: &mut String, what: &str, remarks: &[Remark]) {
    for (index, remark) in told(remarks).into_iter().enumerate() {
        let gap = if index == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{what}: {remark}");
    }
}

/// A line for each.
pub(super) fn told(remarks: &[Remark]) -> Vec<String> {
    let lines = remarks.iter().map(|it| plain(&it.line()).into_owned());
    lines.collect()
}

pub(super) fn count(plan: &Plan) -> String {
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
