//! What `wsctl verify` found: a table for a person, JUnit XML for CI. Pure.

use super::{
    BOLD, DIM,
    junit::{TestCase, TestResult, suite},
    styled,
};
use crate::{
    plain::plain,
    verify::{CheckOutcome, Status},
};
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;

/// The checks in their order; the last line counts.
pub fn checks(outcomes: &[CheckOutcome], place: &str) -> String {
    let width = outcomes
        .iter()
        .map(|it| it.step.chars().count())
        .max()
        .unwrap_or_default();
    let mut text = format!(
        "{}\n\n",
        styled(BOLD, &format!("Checks of {}", plain(place)))
    );
    for outcome in outcomes {
        line(&mut text, outcome, width);
    }
    let [passed, failed, skipped] = count(outcomes);
    let last = format!("{passed} passed, {failed} failed, {skipped} skipped.");
    let _ = writeln!(text, "\n{}", styled(BOLD, &last));
    text
}

fn line(text: &mut String, outcome: &CheckOutcome, width: usize) {
    let (sign, colour) = match outcome.status {
        Status::Passed => ("✔", AnsiColor::Green),
        Status::Failed => ("✘", AnsiColor::Red),
        Status::Skipped => ("-", AnsiColor::Yellow),
    };
    let sign = styled(Style::new().fg_color(Some(colour.into())), sign);
    let step = format!("{:width$}", outcome.step);
    let _ = write!(
        text,
        "{sign} {}  {}",
        styled(DIM, &step),
        plain(&outcome.subject)
    );
    let indent = " ".repeat(width + 4);
    match outcome.status {
        Status::Passed => text.push('\n'),
        Status::Skipped => {
            let _ = writeln!(text, " (skipped: {})", plain(&outcome.detail));
        }
        Status::Failed => {
            let _ = writeln!(text, "\n{indent}failed:  {}", plain(&outcome.detail));
            let _ = writeln!(
                text,
                "{indent}look at: {}",
                outcome.look_at.unwrap_or_default()
            );
        }
    }
}

fn count(outcomes: &[CheckOutcome]) -> [usize; 3] {
    [Status::Passed, Status::Failed, Status::Skipped]
        .map(|status| outcomes.iter().filter(|it| it.status == status).count())
}

/// How many passed, failed and were skipped.
pub fn counts(outcomes: &[CheckOutcome]) -> Value {
    let [passed, failed, skipped] = count(outcomes);
    json!({ "passed": passed, "failed": failed, "skipped": skipped })
}

/// The same as JUnit XML: a test case for each check, its class the page's step.
pub fn junit(outcomes: &[CheckOutcome]) -> String {
    let case = |it: &CheckOutcome| {
        let look_at = it.look_at.map(|it| format!("look at: {it}"));
        TestCase {
            class: format!("{}: {}", it.check, it.step),
            name: it.subject.clone(),
            seconds: it.seconds,
            result: match it.status {
                Status::Passed => TestResult::Passed,
                Status::Skipped => TestResult::Skipped(it.detail.clone()),
                Status::Failed => {
                    TestResult::Failed(it.detail.clone(), look_at.unwrap_or_default())
                }
            },
        }
    };
    suite(
        "wsctl verify",
        &outcomes.iter().map(case).collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: Status, detail: &str) -> CheckOutcome {
        CheckOutcome {
            check: "callback",
            step: "7.5",
            subject: "the login accepts https://example.com/?a=1&b=<2>".into(),
            status,
            detail: detail.into(),
            look_at: (status == Status::Failed).then_some("callback_urls"),
            seconds: 0.25,
        }
    }

    #[test]
    fn a_failure_says_what_was_found_and_where_to_look_also_without_colour() {
        let outcomes = [
            outcome(Status::Passed, "HTTP 200"),
            outcome(Status::Failed, "HTTP 400"),
        ];
        let text = anstream::adapter::strip_str(&checks(&outcomes, "stack workshop")).to_string();
        insta::assert_snapshot!(text, @r"
        Checks of stack workshop

        ✔ 7.5  the login accepts https://example.com/?a=1&b=<2>
        ✘ 7.5  the login accepts https://example.com/?a=1&b=<2>
               failed:  HTTP 400
               look at: callback_urls

        1 passed, 1 failed, 0 skipped.
        ");
    }

    #[test]
    fn junit_is_xml_whatever_an_answer_holds() {
        let text = junit(&[
            outcome(Status::Failed, "a \"quoted\" <b> & \u{1b}[31m\nline"),
            outcome(Status::Skipped, "why"),
        ]);
        assert!(
            text.contains("tests=\"2\" failures=\"1\" skipped=\"1\""),
            "{text}"
        );
        assert!(
            text.contains("message=\"a &quot;quoted&quot; &lt;b&gt; &amp; \\u{1b}[31m&#10;line\""),
            "{text}"
        );
        assert!(
            text.contains("name=\"the login accepts https://example.com/?a=1&amp;b=&lt;2&gt;\""),
            "{text}"
        );
        assert!(text.contains("<skipped message=\"why\"/>"), "{text}");
    }
}
