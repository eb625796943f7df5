//! An AWS that answers as a trace says it did.

use aws_in_memory::{
    call::{Answer, Call, Refusal},
    model::Protocol,
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use serde_json::{Map, Value, json};
use std::{
    fmt,
    sync::{Arc, Mutex},
};

/// The exchanges of a trace, each with how often it was used.
#[derive(Clone)]
pub(super) struct Replay(Arc<Mutex<Vec<(Value, usize)>>>);

impl Replay {
    /// Of the lines of a trace.
    pub(super) fn of(text: &str) -> Self {
        let lines = text
            .lines()
            .map(|line| (serde_json::from_str(line).unwrap(), 0));
        Self(Arc::new(Mutex::new(lines.collect())))
    }

    /// The answer to a request: of the exchanges that fit, the one that was used least, and of those
    /// the first. Where the very request was never made (a token in it is another), one of its
    /// operation.
    fn answer(&self, service: &str, asked: &Value) -> HttpResponse {
        let mut exchanges = self.0.lock().unwrap();
        let same = |it: &Value| it["service"] == service && it["request"] == *asked;
        let alike = |it: &Value| it["service"] == service && name(&it["request"]) == name(asked);
        let best = |fits: &dyn Fn(&Value) -> bool| {
            let fitting = exchanges.iter().enumerate().filter(|(_, (it, _))| fits(it));
            fitting
                .min_by_key(|(index, (_, used))| (*used, *index))
                .map(|(index, _)| index)
        };
        let Some(index) = best(&same).or_else(|| best(&alike)) else {
            panic!("the trace has no answer to {service} {asked}");
        };
        exchanges[index].1 += 1;
        reply(&exchanges[index].0)
    }
}

/// What tells requests of one operation from others: a target, an action, or the method with what its
/// path has between ids.
fn name(request: &Value) -> String {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let path = text(&request["path"]);
    let words = path
        .split('/')
        .filter(|it| !it.contains(|it: char| it.is_ascii_digit()));
    let words: Vec<_> = words.collect();
    format!(
        "{} {} {} {}",
        text(&request["method"]),
        words.join("/"),
        text(&request["body"]["Action"]),
        request["target"]
    )
}

/// A line as the service's answer, in its protocol.
pub(super) fn reply(line: &Value) -> HttpResponse {
    let service = line["service"].as_str().unwrap();
    let protocol = if matches!(service, "iam" | "sts") {
        Protocol::Query
    } else {
        Protocol::Json
    };
    let operation = line["op"].as_str().unwrap().to_owned();
    let call = Call {
        service: service.into(),
        operation,
        input: Map::new(),
    };
    let status = line["status"].as_u64().unwrap().try_into().unwrap();
    call.reply(protocol, status, &answer(line, status))
}

fn answer(line: &Value, status: u16) -> Answer {
    let mut tree = line["answer"].clone();
    if status >= 300 {
        let text = |name: &str| tree["Error"][name].as_str().unwrap_or_default().to_owned();
        return Err(Refusal {
            status,
            code: text("Code").leak(),
            message: text("Message"),
        });
    }
    let members = tree.as_object_mut().unwrap();
    members.remove("ResponseMetadata");
    if let (true, Some(items)) = (line["service"] == "apigateway", members.remove("items")) {
        members.insert("item".into(), items);
    }
    Ok(tree)
}

/// A request in the form in which a trace has it.
fn asked(request: &HttpRequest) -> (String, Value) {
    let signed = request
        .headers()
        .get("authorization")
        .and_then(|it| it.split('/').nth(3));
    let (path, query) = request
        .uri()
        .split_once("://")
        .and_then(|it| it.1.split_once('/'))
        .map_or((String::new(), String::new()), |(_, rest)| {
            let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
            (path.to_owned(), query.to_owned())
        });
    let mut tree = json!({ "method": request.method(), "path": format!("/{}", plain(&path)) });
    if let Some(target) = request.headers().get("x-amz-target") {
        tree["target"] = json!(target.split('.').next_back());
    }
    let pairs = pairs(&query);
    if !pairs.is_empty() {
        tree["query"] = Value::Object(pairs);
    }
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    match serde_json::from_str::<Value>(&body) {
        Ok(body) => tree["body"] = body,
        Err(_) if !body.is_empty() => tree["body"] = Value::Object(self::pairs(&body)),
        Err(_) => {}
    }
    (signed.unwrap_or_default().to_owned(), tree)
}

fn pairs(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    for pair in text.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (plain(name), json!(plain(&value.replace('+', "%20"))));
        let value = match found.get(&name).cloned() {
            None => value,
            Some(Value::Array(more)) => json!([more, vec![value]].concat()),
            Some(first) => json!([first, value]),
        };
        found.insert(name, value);
    }
    found
}

fn plain(text: &str) -> String {
    urlencoding::decode(text).unwrap().into_owned()
}

impl HttpClient for Replay {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (service, asked) = asked(&request);
        HttpConnectorFuture::ready(Ok(self.answer(&service, &asked)))
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replay")
    }
}
