//! What is not as the file says, as text. Pure.

use super::{
    BOLD, DIM, declared,
    junit::{TestCase, TestResult, suite},
    shown, styled,
};
use crate::{
    diff::Change,
    drift::{Different, Drift, ResourceRef},
    plain::{self, plain},
    plan::{Remark, at_path},
    value::{Address, KnownOutputs, escape},
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
            let _ = writeln!(text, "      {}", told(it, change, known));
        }
    }
}

fn told(it: &Different, change: &Change, known: &KnownOutputs) -> String {
    let file = declared(&change.new, at_path(&it.written, &change.path), known);
    let live = shown(&change.old);
    format!("{}: {live}; stack.toml has {file}", plain(&change.path))
}

/// Each difference: what it is about, and what it is.
fn findings(drift: &Drift) -> Vec<(&Address, String)> {
    let missing = drift.missing.iter();
    let missing = missing.map(|it| (&it.address, format!("the {} is missing", it.kind)));
    let different = changed(&drift.different, "", &drift.known);
    let deployed = changed(
        &drift.not_deployed,
        "another version is deployed: ",
        &drift.known,
    );
    let unmanaged = drift.unmanaged.iter();
    let unmanaged = unmanaged.map(|it| {
        (
            &it.address,
            format!("the {} is there, but not in stack.toml", it.kind),
        )
    });
    let elsewhere = drift.set_elsewhere.iter();
    let elsewhere =
        elsewhere.map(|it| (&it.address, format!("set elsewhere: {}", plain(&it.text))));
    let all = missing.chain(different).chain(deployed);
    all.chain(unmanaged).chain(elsewhere).collect()
}

fn changed<'a>(
    all: &'a [Different],
    what: &'a str,
    known: &'a KnownOutputs,
) -> impl Iterator<Item = (&'a Address, String)> {
    all.iter().map(move |it| {
        let told = it.changes.iter().map(|change| told(it, change, known));
        let told: Vec<_> = told.collect();
        (&it.address, format!("{what}{}", told.join("; ")))
    })
}

/// As JUnit XML: a failed case for each difference, and one for all that is as declared.
pub fn drift_as_junit(drift: &Drift) -> String {
    let case = |name: String, result| TestCase {
        class: "drift".into(),
        name,
        seconds: 0.0,
        result,
    };
    let well = format!("{} resources are as stack.toml has them", drift.as_declared);
    let failed = findings(drift)
        .into_iter()
        .map(|(address, what)| case(address.to_string(), TestResult::Failed(what, String::new())));
    let cases: Vec<_> = [case(well, TestResult::Passed)]
        .into_iter()
        .chain(failed)
        .collect();
    suite("wsctl drift", &cases)
}

/// As commands of a GitHub workflow, which shows them at lines of the file; `place` tells the file and the
/// line of an address.
pub fn drift_for_github(drift: &Drift, place: &dyn Fn(&Address) -> (String, usize)) -> String {
    let mut text = String::new();
    for (address, what) in findings(drift) {
        let (file, line) = place(address);
        let (file, title) = (plain(&file), format!("Drift of {address}"));
        let (file, title) = (property(&file), property(&title));
        let _ = writeln!(
            text,
            "::error file={file},line={line},title={title}::{}",
            data(&what)
        );
    }
    let _ = writeln!(text, "{}", count(drift));
    text
}

/// What would end a command of a workflow, written otherwise (actions/toolkit, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
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
