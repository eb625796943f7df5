//! A plan as the comment of a pull request. Pure.
//!
//! All that may be somebody else's text stands in a fenced block: there it is no markup, no mention and no
//! link. GitHub takes a comment of up to 65,536 characters.

use super::{
    lines::{self, Detail, Line, Mark},
    plan::{alarms, count, group, in_groups, told},
    sign,
};
use crate::{
    plain::plain,
    plan::{Action, Plan, Step},
    value::KnownOutputs,
};
use std::fmt::Write;

/// How long a comment may be, in bytes, which are no fewer than its characters.
const LONGEST: usize = 65_536;
/// What is kept for the end of one that is cut.
const ENDING: usize = 500;

/// Summary, warnings, and the changes behind a fold, which begins open while they are few.
pub fn markdown(plan: &Plan, place: &str) -> String {
    let mut text = format!("### wsctl plan\n\n{}", block("text", &plain(place)));
    let _ = writeln!(text, "\n**{}**\n", count(plan));
    section(&mut text, "CAUTION", "Stop", &alarms(plan));
    section(&mut text, "WARNING", "Warnings", &told(&plan.warnings));
    section(
        &mut text,
        "WARNING",
        "Set elsewhere",
        &told(&plan.set_elsewhere),
    );
    section(&mut text, "NOTE", "Notes", &told(&plan.notes));
    if plan.steps.is_empty() {
        return cut(text, &[]);
    }
    cut(text, &changes(plan))
}

/// A block whose fence is longer than any in it.
fn block(language: &str, content: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for letter in content.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        content.trim_end_matches('\n')
    )
}

fn section(text: &mut String, kind: &str, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let quoted = block("text", &lines.join("\n"));
    let _ = writeln!(text, "> [!{kind}]\n> **{title}**\n>");
    for line in quoted.lines() {
        let _ = writeln!(text, "> {line}");
    }
    text.push('\n');
}

/// The lines of a diff: GitHub colours those that begin with `+`, `-`, `!` and `#`.
fn changes(plan: &Plan) -> Vec<String> {
    let mut all = vec![];
    let mut last = None;
    for step in in_groups(plan) {
        let group = group(&step.address);
        if last.as_ref() != Some(&group) {
            all.push(format!("# {group}"));
            last = Some(group);
        }
        all.extend(of_step(step, &plan.known));
    }
    all
}

fn of_step(step: &Step, known: &KnownOutputs) -> Vec<String> {
    // In place of the plan's own signs, those that a diff has.
    let first = match step.action {
        Action::Create => "+",
        Action::Delete => "-",
        Action::Update | Action::Replace => "!",
    };
    let what = match step.action {
        Action::Replace => format!(", replaced ({})", sign(step.action)),
        _ => String::new(),
    };
    let reason = step.reason.as_ref().map(|it| format!(": {}", plain(it)));
    let head = format!(
        "{first} {} ({}){what}{}",
        step.address,
        step.kind,
        reason.unwrap_or_default()
    );
    let below = lines::of_step(step, known, Detail::Usual);
    let below = below.into_iter().map(|Line { mark, text }| {
        let first = match mark {
            Mark::There | Mark::Added => "+",
            Mark::Removed => "-",
            Mark::Changed | Mark::Alarm => "!",
            Mark::About => "#",
        };
        format!("{first}     {text}")
    });
    [head].into_iter().chain(below).collect()
}

/// With as many of the changes as there is room for.
fn cut(mut text: String, changes: &[String]) -> String {
    if text.len() > LONGEST - ENDING {
        let mut end = LONGEST - ENDING;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n\n(cut here: it is too long for a comment; wsctl plan shows all)\n");
        return text;
    }
    if changes.is_empty() {
        return text;
    }
    let room = LONGEST - ENDING - text.len();
    let mut length = 0;
    let fits = changes.iter().take_while(|line| {
        length += line.len() + 1;
        length <= room
    });
    let shown: Vec<_> = fits.map(String::as_str).collect();
    let open = if changes.len() <= 40 { " open" } else { "" };
    let block = block("diff", &shown.join("\n"));
    let _ = writeln!(
        text,
        "<details{open}><summary>The changes</summary>\n\n{block}\n</details>"
    );
    let left = changes.len() - shown.len();
    if left > 0 {
        let _ = writeln!(
            text,
            "\n{left} more lines are too much for a comment; wsctl plan shows all."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Remark;
    use proptest::prelude::*;

    fn warned(text: &str) -> Plan {
        let mut plan = Plan::default();
        plan.warnings.push(Remark {
            address: "user_pool".parse().unwrap(),
            text: text.into(),
        });
        plan
    }

    #[test]
    fn a_text_cannot_leave_its_block() {
        let text = markdown(&warned("a\n```\n@team <img src=x> ````"), "here");
        assert!(text.contains("> `````text\n> user_pool: "), "{text}");
        assert_eq!(text.matches("`````").count(), 2, "{text}");
    }

    proptest! {
        #[test]
        fn a_comment_is_never_too_long(count in 0usize..4000, width in 1usize..200, warned_of in 0usize..80_000) {
            let lines: Vec<_> = (0..count).map(|_| "é".repeat(width)).collect();
            let text = cut(markdown(&warned(&"ü".repeat(warned_of)), "here"), &lines);
            prop_assert!(text.len() <= LONGEST + ENDING);
        }
    }
}
