//! A request and its answer as trees, whatever the service's protocol. Pure.

use super::xml;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

/// What was asked.
pub(super) struct Asked {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) request: Value,
}

impl Asked {
    /// `operation` is `service:Operation`, where that is known; otherwise the request itself tells.
    pub(super) fn of(operation: Option<String>, request: &HttpRequest) -> Self {
        let body = request.body().bytes().unwrap_or_default();
        let signed = request
            .headers()
            .get("authorization")
            .and_then(|it| it.split('/').nth(3));
        let named = operation.as_deref().and_then(|it| it.split_once(':'));
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|it| it.split('.').next_back());
        let (path, query) = place(request.uri());
        let service = signed
            .or(named.map(|it| it.0))
            .unwrap_or_default()
            .to_owned();
        let operation = named
            .map(|it| it.1)
            .or(target)
            .unwrap_or_default()
            .to_owned();
        let mut tree = json!({ "method": request.method(), "path": path });
        if let Some(target) = target {
            tree["target"] = json!(target);
        }
        if !query.is_empty() {
            tree["query"] = Value::Object(query);
        }
        match body_of(body) {
            Value::Null => {}
            body => tree["body"] = body,
        }
        Self {
            service,
            operation,
            request: tree,
        }
    }
}

/// The path of a URL and what its query says, without their escapes.
fn place(uri: &str) -> (String, Map<String, Value>) {
    let path = uri.split_once("://").map_or(uri, |(_, rest)| {
        rest.find('/').map_or("/", |at| &rest[at..])
    });
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    (plain(path), pairs(query))
}

fn pairs(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    for pair in text.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = Value::String(plain(&value.replace('+', "%20")));
        match found.entry(plain(name)) {
            serde_json::map::Entry::Vacant(entry) => drop(entry.insert(value)),
            serde_json::map::Entry::Occupied(mut entry) => {
                let several = match entry.get().clone() {
                    Value::Array(more) => [more, vec![value]].concat(),
                    first => vec![first, value],
                };
                entry.insert(Value::Array(several));
            }
        }
    }
    found
}

fn plain(text: &str) -> String {
    urlencoding::decode(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn body_of(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str(&text) {
        Ok(tree) => tree,
        Err(_) if text.is_empty() => Value::Null,
        Err(_) if text.starts_with("Action=") => Value::Object(pairs(&text)),
        // Of what is neither, no member tells what is secret in it.
        Err(_) => Value::String(format!("{} bytes", bytes.len())),
    }
}

/// What the line of an answered request has.
pub(super) fn answered(answer: &HttpResponse) -> Value {
    let status = answer.status().as_u16();
    let mut tree = tree_of(answer.body().bytes().unwrap_or_default());
    let metadata = json!({ "HTTPHeaders": {}, "HTTPStatusCode": status });
    if status < 300 {
        tree.insert("ResponseMetadata".into(), metadata);
        return json!({ "status": status, "answer": tree });
    }
    let (code, message) = error_of(answer, &tree);
    let error = json!({ "Code": code, "Message": message });
    json!({ "status": status, "code": code, "answer": { "Error": error, "ResponseMetadata": metadata } })
}

/// AWS's name of the request, by any of the headers that services give it in.
pub(super) fn request_id(answer: &HttpResponse) -> Option<&str> {
    let headers = ["x-amzn-requestid", "x-amz-request-id", "x-amz-apigw-id"];
    headers.iter().find_map(|it| answer.headers().get(*it))
}

/// What the line of a request without an answer has.
pub(super) fn lost(why: &str) -> Value {
    json!({ "lost": why, "answer": null })
}

fn tree_of(bytes: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(bytes);
    let tree = match text.trim_start().starts_with('<') {
        true => xml::result(&text),
        false => serde_json::from_str(&text).ok(),
    };
    match tree {
        Some(Value::Object(tree)) => shown(tree),
        _ if text.is_empty() => Map::new(),
        _ => Map::from_iter([(
            "Unread".to_owned(),
            Value::String(format!("{} bytes", bytes.len())),
        )]),
    }
}

/// API Gateway's lists are `item` on the wire, and `items` to everyone who reads of them.
fn shown(tree: Map<String, Value>) -> Map<String, Value> {
    let name = |name: String, value: &Value| {
        if name == "item" && value.is_array() {
            "items".into()
        } else {
            name
        }
    };
    tree.into_iter()
        .map(|(key, value)| (name(key, &value), value))
        .collect()
}

fn error_of(answer: &HttpResponse, tree: &Map<String, Value>) -> (String, String) {
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| tree.get(*name)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let header = answer
        .headers()
        .get("x-amzn-errortype")
        .map(ToOwned::to_owned);
    let code = header.unwrap_or_else(|| text(&["__type", "code", "Code"]));
    // "com.amazonaws#Code:http://…" in some services.
    let code = code
        .split(':')
        .next()
        .and_then(|it| it.rsplit('#').next())
        .unwrap_or_default();
    (code.to_owned(), text(&["message", "Message"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_loses_its_escapes_and_a_query_becomes_members() {
        let (path, query) =
            place("https://example.com/tags/arn%3Aaws?tagKeys=a%20b&tagKeys=c&limit=5");
        assert_eq!(path, "/tags/arn:aws");
        assert_eq!(
            Value::Object(query),
            json!({ "tagKeys": ["a b", "c"], "limit": "5" })
        );
        assert_eq!(place("https://example.com").0, "/");
    }

    #[test]
    fn a_body_that_is_no_tree_is_only_counted() {
        assert_eq!(body_of(b"a secret"), json!("8 bytes"));
        assert_eq!(
            body_of(b"Action=GetRole&RoleName=a+b%2Fc"),
            json!({ "Action": "GetRole", "RoleName": "a b/c" })
        );
        assert_eq!(body_of(b""), Value::Null);
    }
}
