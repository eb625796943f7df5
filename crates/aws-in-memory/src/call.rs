//! A request as a call of an operation, and its answer as a response, in each service's protocol.

use crate::model::{Models, Protocol};
use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Map, Value, json};

/// One operation, called.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name in the signature: `cognito-idp`.
    pub service: String,
    pub operation: String,
    pub input: Map<String, Value>,
}

/// A service's refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

pub type Answer = Result<Value, Refusal>;

/// A refusal of a wrong request.
pub fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        status: 400,
        code,
        message: message.into(),
    })
}

/// A refusal with another status.
pub fn refuse_with<T>(
    status: u16,
    code: &'static str,
    message: impl Into<String>,
) -> Result<T, Refusal> {
    Err(Refusal {
        status,
        code,
        message: message.into(),
    })
}

impl Call {
    /// `service:Operation`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    pub fn writes(&self) -> bool {
        let operation = self.operation.as_str();
        let verb = operation.strip_prefix("Admin").unwrap_or(operation);
        !["Get", "List", "Describe"]
            .iter()
            .any(|it| verb.starts_with(it))
    }

    pub fn get(&self, member: &str) -> &Value {
        self.input.get(member).unwrap_or(&Value::Null)
    }

    /// A text member; empty when there is none.
    pub fn text(&self, member: &str) -> &str {
        self.get(member).as_str().unwrap_or_default()
    }

    pub fn of(models: &Models, request: &HttpRequest) -> Option<Self> {
        let service = request
            .headers()
            .get("authorization")?
            .split('/')
            .nth(3)?
            .to_owned();
        let model = models.service(&service)?;
        let body = request.body().bytes().unwrap_or_default();
        let (operation, input) = match model.protocol {
            Protocol::Json => {
                let target = request
                    .headers()
                    .get("x-amz-target")?
                    .split('.')
                    .next_back()?;
                (target.to_owned(), serde_json::from_slice(body).ok()?)
            }
            Protocol::Query => from_form(std::str::from_utf8(body).ok()?)?,
            Protocol::RestJson => {
                let path = request.uri().split_once("://")?.1;
                let path = path.split_once('/').map_or("", |it| it.1);
                let (path, query) = path.split_once('?').unwrap_or((path, ""));
                let (operation, mut input) = model.route(request.method(), path)?;
                model.fill(
                    operation,
                    query,
                    serde_json::from_slice(body).unwrap_or_default(),
                    &mut input,
                );
                (operation.to_owned(), input)
            }
        };
        Some(Self {
            service,
            operation,
            input,
        })
    }

    /// The response that carries `answer`; one that says yes has this status.
    pub fn reply(&self, protocol: Protocol, yes: u16, answer: &Answer) -> HttpResponse {
        let (status, body, code) = match answer {
            Ok(output) if protocol == Protocol::Query => (yes, self.xml(output), None),
            Ok(output) => (yes, output.to_string(), None),
            Err(Refusal {
                status,
                code,
                message,
            }) if protocol == Protocol::Query => {
                let (code, message) = (escaped(code), escaped(message));
                let body = format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
                     </Error><RequestId>1</RequestId></ErrorResponse>"
                );
                (*status, body, None)
            }
            Err(Refusal {
                status,
                code,
                message,
            }) => (
                *status,
                json!({ "__type": code, "message": message }).to_string(),
                Some(*code),
            ),
        };
        response(status, body, code)
    }

    fn xml(&self, output: &Value) -> String {
        let (operation, mut text) = (&self.operation, String::new());
        write_xml(&mut text, output);
        format!(
            "<{operation}Response><{operation}Result>{text}</{operation}Result><ResponseMetadata>\
             <RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
        )
    }
}

fn response(status: u16, body: String, code: Option<&str>) -> HttpResponse {
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    if let Some(code) = code {
        response
            .headers_mut()
            .insert("x-amzn-errortype", code.to_owned());
    }
    response
}

/// A form `Tags.member.1.Key=a` as a tree.
fn from_form(body: &str) -> Option<(String, Map<String, Value>)> {
    let (mut operation, mut tree) = (None, Value::Object(Map::new()));
    for pair in body.split('&') {
        let (name, text) = pair.split_once('=')?;
        let text = urlencoding::decode(&text.replace('+', "%20"))
            .ok()?
            .into_owned();
        match name {
            "Action" => operation = Some(text),
            "Version" => {}
            _ => put(&mut tree, &name.split('.').collect::<Vec<_>>(), text),
        }
    }
    match tree {
        Value::Object(input) => Some((operation?, input)),
        _ => None,
    }
}

fn put(tree: &mut Value, path: &[&str], text: String) {
    match path {
        [] => *tree = Value::String(text),
        ["member", index, rest @ ..] => {
            if !tree.is_array() {
                *tree = Value::Array(vec![]);
            }
            let items = tree.as_array_mut().expect("just made");
            let index = index.parse::<usize>().unwrap_or(1) - 1;
            while items.len() <= index {
                items.push(Value::Null);
            }
            put(&mut items[index], rest, text);
        }
        [name, rest @ ..] => {
            if !tree.is_object() {
                *tree = Value::Object(Map::new());
            }
            put(&mut tree[*name], rest, text);
        }
    }
}

fn write_xml(out: &mut String, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                out.push_str(&format!("<{name}>"));
                write_xml(out, value);
                out.push_str(&format!("</{name}>"));
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str("<member>");
                write_xml(out, item);
                out.push_str("</member>");
            }
        }
        Value::String(text) => out.push_str(&escaped(text)),
        other => out.push_str(&other.to_string()),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
