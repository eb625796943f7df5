//! What `wsctl verify` found: a table for a person, JUnit XML for CI. Pure.

use super::{BOLD, DIM, styled};
use crate::{
    plain::{lines, plain},
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
    let [_, failed, skipped] = count(outcomes);
    let totals = format!(
        "tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\"",
        outcomes.len()
    );
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n<testsuite name=\"wsctl verify\" {totals}>\n"
    );
    for outcome in outcomes {
        let (class, name) = (escaped(outcome.step), escaped(&outcome.subject));
        let _ = write!(
            text,
            "<testcase classname=\"{}: {class}\" name=\"{name}\" time=\"{:.3}\"",
            outcome.check, outcome.seconds
        );
        let detail = escaped(&outcome.detail);
        let _ = match outcome.status {
            Status::Passed => writeln!(text, "/>"),
            Status::Skipped => writeln!(text, "><skipped message=\"{detail}\"/></testcase>"),
            Status::Failed => {
                let look_at = escaped(outcome.look_at.unwrap_or_default());
                writeln!(
                    text,
                    "><failure message=\"{detail}\">look at: {look_at}</failure></testcase>"
                )
            }
        };
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
}

/// As XML 1.0 takes it, in text and in attributes; control characters, which it has no way to write, are
/// written out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in lines(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('?'),
            letter => escaped.push(letter),
        }
    }
    escaped
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
