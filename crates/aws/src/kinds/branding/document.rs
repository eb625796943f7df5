//! A document of AWS's as JSON, and back. Pure.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

pub(super) fn read(document: &Document) -> Value {
    match document {
        Document::Object(map) => {
            let members = map.iter().map(|(key, it)| (key.clone(), read(it)));
            Value::Object(members.collect())
        }
        Document::Array(items) => items.iter().map(read).collect(),
        Document::Number(Number::PosInt(it)) => (*it).into(),
        Document::Number(Number::NegInt(it)) => (*it).into(),
        Document::Number(Number::Float(it)) => (*it).into(),
        Document::String(it) => it.clone().into(),
        Document::Bool(it) => (*it).into(),
        Document::Null => Value::Null,
    }
}

pub(super) fn of(json: &Value) -> Document {
    match json {
        Value::Object(map) => {
            let members = map.iter().map(|(key, it)| (key.clone(), of(it)));
            Document::Object(members.collect())
        }
        Value::Array(items) => Document::Array(items.iter().map(of).collect()),
        Value::Number(it) => Document::Number(number(it)),
        Value::String(it) => Document::String(it.clone()),
        Value::Bool(it) => Document::Bool(*it),
        Value::Null => Document::Null,
    }
}

fn number(it: &serde_json::Number) -> Number {
    let whole = it.as_u64().map(Number::PosInt);
    let whole = whole.or_else(|| it.as_i64().map(Number::NegInt));
    whole.unwrap_or_else(|| Number::Float(it.as_f64().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_the_json_that_it_was() {
        let all = json!({ "a": [1, -1, 0.5, "x", true, null, { "b": {} }] });
        assert_eq!(read(&of(&all)), all);
    }
}
