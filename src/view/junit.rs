//! JUnit's XML, which most CI systems show. Pure.

use crate::plain::lines;
use std::fmt::Write;

/// One check.
pub struct TestCase {
    pub class: String,
    pub name: String,
    pub seconds: f64,
    pub result: TestResult,
}

pub enum TestResult {
    Passed,
    Skipped(String),
    /// What is wrong, and more of it.
    Failed(String, String),
}

/// A suite of checks.
pub fn suite(name: &str, cases: &[TestCase]) -> String {
    let count =
        |is_it: fn(&TestResult) -> bool| cases.iter().filter(|it| is_it(&it.result)).count();
    let failed = count(|it| matches!(it, TestResult::Failed(..)));
    let skipped = count(|it| matches!(it, TestResult::Skipped(_)));
    let totals = format!(
        "tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\"",
        cases.len()
    );
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n<testsuite name=\"{}\" {totals}>\n",
        escaped(name)
    );
    for TestCase {
        class,
        name,
        seconds,
        result,
    } in cases
    {
        let (class, name) = (escaped(class), escaped(name));
        let _ = write!(
            text,
            "<testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\""
        );
        let _ = match result {
            TestResult::Passed => writeln!(text, "/>"),
            TestResult::Skipped(why) => {
                writeln!(text, "><skipped message=\"{}\"/></testcase>", escaped(why))
            }
            TestResult::Failed(what, more) => writeln!(
                text,
                "><failure message=\"{}\">{}</failure></testcase>",
                escaped(what),
                escaped(more)
            ),
        };
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
}

/// As XML 1.0 takes it, in text and in attributes; control characters, which it has no way to write, are
/// written out.
pub(super) fn escaped(text: &str) -> String {
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
