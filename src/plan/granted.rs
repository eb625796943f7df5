//! Whether an attached function lets the API call it already: the console adds a statement for each
//! method, and then wsctl needs none of its own. Pure.

use super::Desired;
use crate::{
    spec::Live,
    value::{self, Address},
};
use serde_json::Value;

/// Every path and method of a stage.
const ALL: &str = "/*/*";

/// Whether `there`, the function's statements, allow each of the routes that call `function` what
/// the permission `spec` allows all of them.
pub(super) fn is_granted(spec: &Value, function: &Address, desired: &[Desired], there: &[&Live]) -> bool {
    let Some(stage) = spec["source_arn"].as_str().and_then(|it| it.strip_suffix(ALL)) else { return false };
    let same = |it: &Value| ["principal", "action"].iter().all(|key| it[*key] == spec[*key]);
    let is_plain = |it: &&&Live| same(&it.spec) && it.spec["more"].is_null();
    let patterns: Vec<_> =
        there.iter().filter(is_plain).filter_map(|it| it.spec["source_arn"].as_str()).collect();
    let calls = |it: &&Desired| it.kind == super::bind::ROUTE && value::needs(&it.spec).contains(function);
    let sources = desired.iter().filter(calls).map(|it| source(stage, &it.name));
    let sources: Vec<_> = sources.collect();
    !sources.is_empty() && sources.iter().all(|source| patterns.iter().any(|it| matches(it, source)))
}

/// How API Gateway names a call: `GET /users/{id}` is `…/dev/GET/users/*`.
fn source(stage: &str, route: &str) -> String {
    let (method, path) = route.split_once(' ').unwrap_or((route, ""));
    let method = if method == "ANY" { "*" } else { method };
    let path: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    format!("{stage}/{method}{}", path.join("/"))
}

/// As IAM's `ArnLike`: `*` stands for anything. A `*` in `text` stands for all, so only a `*` takes it.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.into_iter().any(|at| matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_takes_the_calls_that_it_names_and_no_others() {
        let dev = "arn:aws:execute-api:eu-west-1:123456789012:a1/dev";
        let by_hand = "arn:aws:execute-api:eu-west-1:123456789012:a1/*/GET/users/*";
        assert!(matches(by_hand, &source(dev, "GET /users/{id}")));
        for other in ["POST /users/{id}", "GET /users", "ANY /users/{id}"] {
            assert!(!matches(by_hand, &source(dev, other)), "{other}");
        }
        assert!(matches("arn:aws:execute-api:*:*:a1/*", &source(dev, "ANY /{proxy+}")));
        assert!(!matches("arn:aws:execute-api:*:*:b2/*", &source(dev, "GET /users")));
    }
}
