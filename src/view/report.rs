//! What became of a plan, and errors. Pure.

use super::{BOLD, colour, sign, styled};
use crate::{
    engine::{Outcome, Report},
    error::Error,
    plain::plain,
    plan::Action,
};
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;

/// An error with what to do next.
pub fn error(error: &Error) -> String {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let mut text = format!("{} {error}", styled(red, "error:"));
    if let Some(hint) = error.hint.as_ref().filter(|hint| !hint.is_empty()) {
        let _ = write!(text, "\n{} {hint}", styled(BOLD, "hint:"));
    }
    text
}

/// What was done, what failed and why, and what was not tried.
pub fn failures(report: &Report) -> String {
    let mut text = format!("\n{} of {} done", report.done(), report.results.len());
    for result in &report.results {
        let head = format!("{} {}", sign(result.action), result.address);
        match &result.outcome {
            Outcome::Done(_) => {}
            Outcome::Failed(error) => {
                let _ = write!(
                    text,
                    "\n{} failed\n{}",
                    styled(colour(Action::Delete), &head),
                    self::error(error)
                );
            }
            Outcome::Skipped { because } => {
                let _ = write!(
                    text,
                    "\n{head} not tried: it needs {}",
                    plain(&because.to_string())
                );
            }
            Outcome::Interrupted => {
                let _ = write!(text, "\n{head} not tried: stopped");
            }
        }
    }
    text
}

/// The same for programs.
pub fn results(report: &Report) -> Vec<Value> {
    let result = |it: &crate::engine::StepResult| {
        let mut result = json!({ "address": it.address, "kind": it.kind, "action": it.action });
        let (outcome, more) = match &it.outcome {
            Outcome::Done(took) => ("done", json!({ "seconds": took.as_secs_f64() })),
            Outcome::Failed(error) => (
                "failed",
                json!({ "error": error.to_string(), "code": error.code, "hint": error.hint }),
            ),
            Outcome::Skipped { because } => ("skipped", json!({ "because": because })),
            Outcome::Interrupted => ("interrupted", json!({})),
        };
        result["outcome"] = outcome.into();
        if let (Some(result), Some(more)) = (result.as_object_mut(), more.as_object()) {
            result.extend(more.clone());
        }
        result
    };
    report.results.iter().map(result).collect()
}

/// What became different, a line each; the first of many.
pub fn differences(what: &str, lines: &[String]) -> String {
    const SHOWN: usize = 20;
    let more = (lines.len() > SHOWN).then(|| format!("and {} more", lines.len() - SHOWN));
    let lines = lines
        .iter()
        .take(SHOWN)
        .chain(&more)
        .map(|line| format!("\n  {}", plain(line)));
    format!("{what}:{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{differences, failures};
    use crate::{
        engine::{Outcome, Report, StepResult},
        error::{Error, ErrorKind},
        plan::Action,
    };
    use anstream::adapter::strip_str;
    use std::time::Duration;

    #[test]
    fn each_outcome_has_its_words() {
        let mut refused = Error::new(
            ErrorKind::Aws,
            "user_pool.domain: InvalidParameterException: Domain already associated with another user pool",
        );
        refused.hint = Some("choose another prefix: they are unique in a region".into());
        let outcomes = [
            (
                "user_pool",
                Action::Update,
                Outcome::Done(Duration::from_secs(2)),
            ),
            ("user_pool.domain", Action::Create, Outcome::Failed(refused)),
            (
                "user_pool.clients.spa.branding",
                Action::Create,
                Outcome::Skipped {
                    because: "user_pool.domain".parse().unwrap(),
                },
            ),
            ("api.stage", Action::Update, Outcome::Interrupted),
        ];
        let results = outcomes
            .into_iter()
            .map(|(address, action, outcome)| StepResult {
                address: address.parse().unwrap(),
                kind: "",
                action,
                outcome,
            });
        let report = Report {
            results: results.collect(),
            known: Default::default(),
        };
        insta::assert_snapshot!(strip_str(&failures(&report)), @r#"
        1 of 4 done
        + user_pool.domain failed
        error: user_pool.domain: InvalidParameterException: Domain already associated with another user pool
        hint: choose another prefix: they are unique in a region
        + user_pool.clients.spa.branding not tried: it needs user_pool.domain
        ~ api.stage not tried: stopped
        "#);
    }

    #[test]
    fn of_many_differences_the_first_are_shown() {
        let lines: Vec<_> = (1..=22)
            .map(|n| format!("api.routes.\"GET /{n}\""))
            .collect();
        insta::assert_snapshot!(differences("no longer as it was", &lines[19..]), @r#"
        no longer as it was:
          api.routes."GET /20"
          api.routes."GET /21"
          api.routes."GET /22"
        "#);
        let shown = differences("no longer as it was", &lines);
        assert_eq!(shown.lines().count(), 22);
        assert!(shown.ends_with("\n  and 2 more"), "{shown}");
    }
}
