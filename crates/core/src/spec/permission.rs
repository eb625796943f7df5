//! A statement in a function's own policy: who may invoke it, such as one API Gateway API. Pure.

use super::{function::Function, route::method_and_path};
use crate::spec::{Produces, Spec, Traits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The one statement that lets the stack's `[api]` call a function.
pub const OF_THE_API: &str = "wsctl-api";
/// The one that lets `[api]` ask it whom to let in.
pub const OF_THE_AUTHORIZERS: &str = "wsctl-authorizers";
/// The same of a further API, whose name stands behind.
pub const OF_A_FURTHER_API: &str = "wsctl-apis-";
pub const OF_FURTHER_AUTHORIZERS: &str = "wsctl-authorizers-of-";
/// The one that lets the stack's user pool call it, for all triggers that it is behind.
pub const OF_THE_POOL: &str = "wsctl-user-pool";
/// The statements that stack.toml brings, besides those of further APIs.
pub const STATEMENT_IDS: [&str; 3] = [OF_THE_API, OF_THE_AUTHORIZERS, OF_THE_POOL];

/// Whether a statement is for a further API. Its name can end in anything, so that its id always has a digest
/// behind it.
pub fn is_of_further_api(name: &str) -> bool {
    [OF_A_FURTHER_API, OF_FURTHER_AUTHORIZERS]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Who may invoke a function. Every field is always declared: an absent one means that the
/// statement must not have it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Permission {
    /// A service, such as `apigateway.amazonaws.com`; an account's number; or `*`.
    pub principal: String,
    /// `lambda:InvokeFunction`.
    pub action: String,
    /// The one resource that may act, `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/*/*`.
    /// Without it any account's API, or pool, may invoke the function.
    pub source_arn: Option<String>,
    /// Whatever else a live statement says; stack.toml never declares any.
    pub more: Option<Value>,
}

/// What a permission gives to others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PermissionOutputs {
    pub statement_id: String,
    pub function: String,
}

impl Produces for Permission {
    const NAME: &'static str = "permission";
    type Outputs = PermissionOutputs;
}

impl Spec for Permission {
    type Parent = Function;

    const TRAITS: Traits = Traits {
        table: "permissions",
        beyond: &["more"],
        beside: true,
        already_granted: Some(is_granted),
        ..Traits::of::<Self>()
    };
}

/// Every path and method of a stage.
const ALL: &str = "/*/*";

/// Whether `there`, the function's statements, allow each of the `routes` that call it what `spec` allows
/// all of them: the console adds a statement for each method, and then wsctl needs none of its own.
fn is_granted(spec: &Value, routes: &[&str], there: &[&Value]) -> bool {
    let Some(stage) = spec["source_arn"]
        .as_str()
        .and_then(|it| it.strip_suffix(ALL))
    else {
        return false;
    };
    let same = |it: &Value| {
        ["principal", "action"]
            .iter()
            .all(|key| it[*key] == spec[*key])
    };
    let is_plain = |it: &&&Value| same(it) && it["more"].is_null();
    let patterns: Vec<_> = there
        .iter()
        .filter(is_plain)
        .filter_map(|it| it["source_arn"].as_str())
        .collect();
    let is_allowed = |route: &&str| patterns.iter().any(|it| matches(it, &source(stage, route)));
    !routes.is_empty() && routes.iter().all(is_allowed)
}

/// How API Gateway names a call: `GET /users/{id}` is `…/dev/GET/users/*`.
fn source(stage: &str, route: &str) -> String {
    let (method, path) = method_and_path(route).unwrap_or((route, ""));
    let method = if method == "ANY" { "*" } else { method };
    let path: Vec<_> = path
        .split('/')
        .map(|part| if part.starts_with('{') { "*" } else { part })
        .collect();
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
        assert!(matches(
            "arn:aws:execute-api:*:*:a1/*",
            &source(dev, "ANY /{proxy+}")
        ));
        assert!(!matches(
            "arn:aws:execute-api:*:*:b2/*",
            &source(dev, "GET /users")
        ));
    }
}
