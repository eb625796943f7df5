//! A function's policy, as Lambda writes it, read as permissions. Pure.

use crate::spec::permission::Permission;
use serde_json::{Map, Value};

/// The statements by id. AWS gives single values as text or as a list of one (docs/aws.md §8).
/// Lambda gives every statement an id; one without could not be removed, so it is not ours to see.
pub(super) fn statements(policy: &str) -> Vec<(String, Permission)> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = match policy.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => vec![],
    };
    statements
        .into_iter()
        .filter_map(|statement| {
            Some((
                statement.get("Sid")?.as_str()?.to_owned(),
                permission(statement),
            ))
        })
        .collect()
}

fn permission(statement: Value) -> Permission {
    let Value::Object(mut statement) = statement else {
        return Permission::default();
    };
    statement.remove("Sid");
    // It is always the function itself.
    statement.remove("Resource");
    if statement
        .get("Effect")
        .is_some_and(|effect| effect == "Allow")
    {
        statement.remove("Effect");
    }
    let principal = statement
        .remove("Principal")
        .map(principal)
        .unwrap_or_default();
    let action = statement.remove("Action").map(single).unwrap_or_default();
    let mut conditions = match statement.remove("Condition") {
        Some(Value::Object(conditions)) => conditions,
        _ => Map::new(),
    };
    let source_arn = take_source_arn(&mut conditions);
    if !conditions.is_empty() {
        statement.insert("Condition".into(), Value::Object(conditions));
    }
    let more = (!statement.is_empty()).then_some(Value::Object(statement));
    Permission {
        principal,
        action,
        source_arn,
        more,
    }
}

/// `{"Service": x}`, `{"AWS": x}` or a bare `x`; anything else as its own JSON, which differs
/// from all that can be declared.
fn principal(principal: Value) -> String {
    account_number(match principal {
        Value::Object(map) if map.len() == 1 => {
            map.into_iter().map(|(_, value)| single(value)).collect()
        }
        other => single(other),
    })
}

/// AddPermission takes an account's number, and the policy has its root's ARN.
fn account_number(principal: String) -> String {
    let number = principal
        .strip_suffix(":root")
        .and_then(|arn| arn.rsplit(':').next());
    match number {
        Some(number)
            if number.len() == 12 && number.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            number.to_owned()
        }
        _ => principal,
    }
}

fn single(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(mut items) if items.len() == 1 => single(items.remove(0)),
        other => other.to_string(),
    }
}

/// Takes `AWS:SourceArn`, in any case, out of the operators that Lambda writes it under.
fn take_source_arn(conditions: &mut Map<String, Value>) -> Option<String> {
    for operator in ["ArnLike", "ArnEquals", "StringEquals", "StringLike"] {
        let Some(Value::Object(keys)) = conditions.get_mut(operator) else {
            continue;
        };
        let key = keys
            .keys()
            .find(|key| key.eq_ignore_ascii_case("aws:SourceArn"))
            .cloned();
        let Some(arn) = key.and_then(|key| keys.remove(&key)) else {
            continue;
        };
        if keys.is_empty() {
            conditions.remove(operator);
        }
        return Some(single(arn));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc/dev/*/*";

    fn read(changes: Value) -> Permission {
        let mut statement = json!({
            "Sid": "api", "Effect": "Allow", "Action": "lambda:InvokeFunction",
            "Principal": { "Service": "apigateway.amazonaws.com" },
            "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:users",
            "Condition": { "ArnLike": { "AWS:SourceArn": ARN } },
        });
        for (key, value) in changes.as_object().unwrap() {
            statement[key] = value.clone();
        }
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        statements(&policy.to_string()).remove(0).1
    }

    fn wanted() -> Permission {
        Permission {
            principal: "apigateway.amazonaws.com".into(),
            action: "lambda:InvokeFunction".into(),
            source_arn: Some(ARN.into()),
            more: None,
        }
    }

    #[test]
    fn every_shape_of_the_same_statement_reads_alike() {
        for shape in [
            json!({}),
            json!({ "Action": ["lambda:InvokeFunction"] }),
            json!({ "Principal": "apigateway.amazonaws.com" }),
            json!({ "Principal": { "Service": ["apigateway.amazonaws.com"] } }),
            json!({ "Condition": { "ArnLike": { "aws:SourceArn": [ARN] } } }),
            json!({ "Condition": { "StringEquals": { "aws:sourcearn": ARN } } }),
        ] {
            assert_eq!(read(shape.clone()), wanted(), "{shape}");
        }
    }

    #[test]
    fn an_edited_statement_differs() {
        for edit in [
            json!({ "Principal": "*" }),
            json!({ "Condition": {} }),
            json!({ "Effect": "Deny" }),
            json!({ "Action": ["lambda:InvokeFunction", "lambda:GetFunction"] }),
            json!({ "Condition": { "ArnLike": { "AWS:SourceArn": ARN },
                                   "StringEquals": { "AWS:SourceAccount": "123456789012" } } }),
        ] {
            assert_ne!(read(edit.clone()), wanted(), "{edit}");
        }
    }

    #[test]
    fn a_principal_is_a_service_an_account_or_everyone() {
        for (shape, text) in [
            (json!("*"), "*"),
            (json!({ "AWS": "*" }), "*"),
            (
                json!({ "AWS": "arn:aws:iam::123456789012:root" }),
                "123456789012",
            ),
            (
                json!({ "AWS": "arn:aws:iam::123456789012:role/a" }),
                "arn:aws:iam::123456789012:role/a",
            ),
        ] {
            assert_eq!(read(json!({ "Principal": shape })).principal, text);
        }
    }

    #[test]
    fn no_policy_has_no_statements() {
        for policy in ["", "{}", r#"{"Version":"2012-10-17","Statement":[]}"#] {
            assert!(statements(policy).is_empty(), "{policy}");
        }
    }
}
