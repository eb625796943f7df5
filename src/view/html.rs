//! A plan as one page that needs nothing else, with the stack's picture. Pure.

use super::{
    junit::escaped,
    lines::{self, Detail, Mark},
    plan::{alarms, count, group, in_groups, told},
    sign,
};
use crate::{
    plain::plain,
    plan::{Action, Plan, Step},
    value::KnownOutputs,
};
use std::fmt::Write;

/// Nothing in it may be fetched or run, whatever a name holds.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>wsctl plan</title>
<style>
:root { color-scheme: light dark; --plain: #1f2328; --page: #fff; --faint: #59636e; --edge: #d1d9e0;
  --create: #116329; --update: #7d4e00; --replace: #6639ba; --delete: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --plain: #f0f6fc; --page: #0d1117; --faint: #9198a1; --edge: #3d444d;
  --create: #7ee787; --update: #e3b341; --replace: #d2a8ff; --delete: #ff9492; } }
body { color: var(--plain); background: var(--page); font: 16px/1.5 system-ui, sans-serif; max-width: 72rem;
  margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; border-bottom: 1px solid var(--edge); }
pre { font: 0.875rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 0.75rem; }
.faint { color: var(--faint); } .create { color: var(--create); } .update { color: var(--update); }
.replace { color: var(--replace); } .delete { color: var(--delete); }
.alarm { border-left: 4px solid var(--delete); padding-left: 0.75rem; }
figure { margin: 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
<main>
"#;

/// `picture` is an SVG of wsctl's own.
pub fn html(plan: &Plan, place: &str, picture: &str) -> String {
    let mut text = HEAD.to_owned();
    let place = escaped(&plain(place));
    let _ = writeln!(
        text,
        "<h1>Plan for {place}</h1>\n<p><strong>{}</strong></p>",
        count(plan)
    );
    listed(&mut text, "Stop", "alarm", &alarms(plan));
    listed(&mut text, "Warnings", "alarm", &told(&plan.warnings));
    listed(&mut text, "Set elsewhere", "", &told(&plan.set_elsewhere));
    listed(&mut text, "Notes", "", &told(&plan.notes));
    let mut last = None;
    for step in in_groups(plan) {
        let group = group(&step.address);
        if last.as_ref() != Some(&group) {
            let _ = writeln!(text, "<h2>{}</h2>", escaped(&group));
            last = Some(group);
        }
        text.push_str(&of_step(step, &plan.known));
    }
    let _ = writeln!(
        text,
        "<h2>The stack</h2>\n<figure>{picture}</figure>\n</main>\n</body>\n</html>"
    );
    text
}

fn listed(text: &mut String, title: &str, class: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "<section class=\"{class}\">\n<h2>{title}</h2>\n<ul>");
    for line in lines {
        let _ = writeln!(text, "<li>{}</li>", escaped(line));
    }
    text.push_str("</ul>\n</section>\n");
}

fn class(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
    }
}

fn of_step(step: &Step, known: &KnownOutputs) -> String {
    let reason = step.reason.as_ref().map(|it| format!(": {}", plain(it)));
    let mut text = format!(
        "<pre><span class=\"{}\">{} {}</span> <span class=\"faint\">({})</span>{}",
        class(step.action),
        sign(step.action),
        escaped(&step.address.to_string()),
        step.kind,
        escaped(&reason.unwrap_or_default())
    );
    for line in lines::of_step(step, known, Detail::Usual) {
        let (class, sign) = match line.mark {
            Mark::There | Mark::Changed => ("", ""),
            Mark::Removed => ("delete", "  - "),
            Mark::Added => ("create", "  + "),
            Mark::About => ("faint", ""),
            Mark::Alarm => ("delete", "! "),
        };
        let _ = write!(
            text,
            "\n    <span class=\"{class}\">{sign}{}</span>",
            escaped(&line.text)
        );
    }
    text.push_str("</pre>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Remark;

    #[test]
    fn a_text_is_no_markup() {
        let mut plan = Plan::default();
        plan.notes.push(Remark {
            address: "api".parse().unwrap(),
            text: "<script>alert(1)</script> \" & '".into(),
        });
        let text = html(&plan, "<b>here</b>", "<svg/>");
        assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
        assert!(
            text.contains("&lt;script&gt;") && text.contains("&lt;b&gt;here"),
            "{text}"
        );
    }
}
