//! What a role may do. Pure.

use super::{
    draft::Draft,
    fields::{list, not_said},
    values::{is_open, text},
};
use serde_json::{Map, Value, json};

/// What a function's role of wsctl's may do anyway: write its log, be traced, reach into a VPC.
const ANYWAY: [&str; 9] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "logs:",
    "xray:",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "xray:Put",
];

/// The statements of a policy document, as tables of `allow`; what cannot be said is a comment at `place`.
pub(super) fn allowed(draft: &mut Draft, place: &[String], document: &Value) -> Vec<Value> {
    // One that was put together as a text.
    let read = document
        .as_str()
        .and_then(|it| serde_json::from_str(it).ok());
    let document = read.as_ref().unwrap_or(document);
    if document["Statement"].is_null() && !document.is_null() {
        draft.comment(place, not_said("allow", document));
    }
    let statements = match &document["Statement"] {
        Value::Array(all) => all.clone(),
        Value::Null => vec![],
        one => vec![one.clone()],
    };
    let mut allowed = vec![];
    for statement in statements {
        let actions = list(&statement["Action"]).unwrap_or_default();
        let is_anyway = |it: &Value| {
            ANYWAY
                .iter()
                .any(|word| it.as_str().is_some_and(|it| it.starts_with(word)))
        };
        let names = actions.as_array().cloned().unwrap_or_default();
        if !names.is_empty() && names.iter().all(is_anyway) {
            continue;
        }
        let is_said = text(&statement["Effect"]).as_deref() == Some("Allow")
            && !is_open(&statement)
            && !names.is_empty()
            && statement["NotResource"].is_null()
            && (statement["Condition"].is_null() || statement["Condition"].is_object());
        match list(&statement["Resource"]).filter(|_| is_said) {
            Some(resources) => {
                let mut table = Map::new();
                table.insert("actions".to_owned(), actions);
                table.insert("resources".to_owned(), resources);
                if statement["Condition"].is_object() {
                    table.insert("conditions".to_owned(), conditions(&statement["Condition"]));
                }
                allowed.push(table.into());
            }
            None => draft.comment(place, not_said("allow", &statement)),
        }
    }
    allowed
}

/// Each value a list.
fn conditions(written: &Value) -> Value {
    let tables = written
        .as_object()
        .into_iter()
        .flatten()
        .map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            let keys: Map<_, _> = keys
                .map(|(key, value)| (key.clone(), list(value).unwrap_or_else(|| json!([]))))
                .collect();
            (operator.clone(), keys.into())
        });
    tables.collect::<Map<_, _>>().into()
}

/// Managed policies by their ARNs, without those that are there anyway.
pub(super) fn managed(draft: &mut Draft, place: &[String], policies: &[Value]) -> Vec<Value> {
    for policy in policies.iter().filter(|it| is_open(it)) {
        draft.comment(place, not_said("managed_policies", policy));
    }
    let names = policies.iter().filter_map(text);
    let wanted = names.filter(|it| {
        !ANYWAY
            .iter()
            .any(|word| it.rsplit('/').next().is_some_and(|it| it == *word))
    });
    let arns = wanted.map(|it| match it.starts_with("arn:") || it.starts_with("${") {
        true => it,
        false => format!("arn:aws:iam::aws:policy/{it}"),
    });
    arns.map(Value::from).collect()
}
