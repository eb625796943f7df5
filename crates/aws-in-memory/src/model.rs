//! The services' published models, as botocore carries them: which request is which operation, and
//! what its input has to be.

use flate2::read::GzDecoder;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::Read,
    path::Path,
    sync::Mutex,
};

/// Signing name → where botocore has the model.
const SERVICES: [(&str, &str); 9] = [
    ("apigateway", "apigateway/2015-07-09"),
    ("cognito-identity", "cognito-identity/2014-06-30"),
    ("cognito-idp", "cognito-idp/2016-04-18"),
    ("iam", "iam/2010-05-08"),
    ("lambda", "lambda/2015-03-31"),
    ("logs", "logs/2014-03-28"),
    ("secretsmanager", "secretsmanager/2017-10-17"),
    ("sts", "sts/2011-06-15"),
    ("tagging", "resourcegroupstaggingapi/2017-01-26"),
];

/// Statuses that the real AWS was recorded to answer with, other than the model says.
const RECORDED: [(&str, &str, u16); 1] = [("lambda", "DeleteFunction", 204)];

/// Texts that the real AWS takes, whatever the model's pattern says, by service and shape: a login's custom domain
/// has dots (docs/aws.md §4).
const WIDER: [(&str, &str, &str); 1] = [(
    "cognito-idp",
    "DomainType",
    r"^[a-z0-9](?:[a-z0-9.\-]{0,61}[a-z0-9])?$",
)];

/// How a service's requests look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Json,
    RestJson,
    Query,
}

pub struct Models {
    services: BTreeMap<&'static str, Service>,
    patterns: Mutex<HashMap<String, Option<Regex>>>,
}

pub struct Service {
    pub protocol: Protocol,
    operations: BTreeMap<String, Operation>,
    pub(crate) shapes: Map<String, Value>,
}

struct Operation {
    method: String,
    path: Vec<String>,
    input: Option<String>,
    output: Option<String>,
    /// The status of an answer.
    status: u16,
}

/// A member of an answer.
pub struct Member {
    /// `UserPool.Policies.PasswordPolicy`, `items[].tags`, `methodSettings{}.metricsEnabled`.
    pub path: String,
    pub shape: String,
    /// Whether nothing stands below it.
    pub is_leaf: bool,
}

impl Models {
    /// Of no service.
    pub fn none() -> Self {
        Self {
            services: BTreeMap::new(),
            patterns: Mutex::default(),
        }
    }

    /// Reads the models out of botocore's folder `data`.
    pub fn load(data: &Path) -> Self {
        let read = |(name, folder): (&'static str, &str)| {
            let path = data.join(folder).join("service-2.json.gz");
            let file =
                File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut text = String::new();
            GzDecoder::new(file)
                .read_to_string(&mut text)
                .expect("a gzipped model");
            let mut model: Value = serde_json::from_str(&text).expect("a model in JSON");
            for (_, shape, pattern) in WIDER.iter().filter(|it| it.0 == name) {
                model["shapes"][shape]["pattern"] = json!(pattern);
            }
            (name, Service::parse(&model))
        };
        Self {
            services: SERVICES.map(read).into(),
            patterns: Mutex::default(),
        }
    }

    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name)
    }

    /// The service, and the shape of an operation's output.
    pub(crate) fn output(&self, service: &str, operation: &str) -> Option<(&Service, &str)> {
        let service = self.services.get(service)?;
        Some((
            service,
            service.operations.get(operation)?.output.as_deref()?,
        ))
    }

    /// The status of an operation's answer.
    pub fn status(&self, service: &str, operation: &str) -> u16 {
        let about = (service, operation);
        let operation = self
            .services
            .get(service)
            .and_then(|it| it.operations.get(operation));
        let recorded = RECORDED
            .iter()
            .find(|it| (it.0, it.1) == about)
            .map(|it| it.2);
        recorded.unwrap_or_else(|| operation.map_or(200, |it| it.status))
    }

    /// The names of an operation's input members.
    pub fn members(&self, service: &str, operation: &str) -> Vec<String> {
        let service = &self.services[service];
        let shape = service.operations[operation]
            .input
            .as_ref()
            .and_then(|it| service.shapes.get(it));
        let members = shape.and_then(|it| it["members"].as_object());
        members
            .into_iter()
            .flat_map(|it| it.keys().cloned())
            .collect()
    }

    /// Every member of an operation's answer, those below others too.
    pub fn answer(&self, service: &str, operation: &str) -> Vec<Member> {
        let service = &self.services[service];
        let mut found = vec![];
        if let Some(shape) = &service.operations[operation].output {
            service.below(shape, "", &mut vec![], &mut found);
        }
        found
    }

    /// A value that fits a shape.
    pub fn sample(&self, service: &str, shape: &str) -> Value {
        self.services[service].sample(shape)
    }

    /// What is wrong with an input, by the model.
    pub fn faults(
        &self,
        service: &str,
        operation: &str,
        input: &Map<String, Value>,
    ) -> Vec<String> {
        let Some(service) = self.services.get(service) else {
            return vec!["no such service".into()];
        };
        let Some(shape) = service
            .operations
            .get(operation)
            .and_then(|it| it.input.as_ref())
        else {
            return vec![];
        };
        let mut check = Check {
            models: self,
            service,
            faults: vec![],
        };
        check.structure(shape, input, "", true);
        check.faults
    }

    fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut patterns = self.patterns.lock().expect("no panic while held");
        let regex = patterns
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(&format!("^(?:{})$", as_java_means(pattern))).ok());
        regex.as_ref().is_none_or(|it| it.is_match(text))
    }

    /// The shape of a text in an operation's input: members by the model's names, a list's items as
    /// `[]`, a map's keys and values as `{key}` and `{value}`.
    pub fn text_shape(&self, service: &str, operation: &str, place: &[&str]) -> &Value {
        let service = &self.services[service];
        let mut shape = &service.shapes[service.operations[operation]
            .input
            .as_deref()
            .expect("an input")];
        for part in place {
            let next = match *part {
                "[]" => &shape["member"]["shape"],
                "{key}" => &shape["key"]["shape"],
                "{value}" => &shape["value"]["shape"],
                member => &shape["members"][member]["shape"],
            };
            shape = &service.shapes[next
                .as_str()
                .unwrap_or_else(|| panic!("{operation} has no {place:?}"))];
        }
        assert_eq!(shape["type"], "string", "{operation} {place:?}");
        shape
    }

    /// Whether a text is of a shape.
    pub fn takes(&self, shape: &Value, text: &str) -> bool {
        let length = text.chars().count() as u64;
        let (least, most) = (
            shape["min"].as_u64().unwrap_or(0),
            shape["max"].as_u64().unwrap_or(u64::MAX),
        );
        let words = shape["enum"].as_array();
        (least..=most).contains(&length)
            && words.is_none_or(|words| words.iter().any(|it| it == text))
            && shape["pattern"]
                .as_str()
                .is_none_or(|pattern| self.matches(pattern, text))
    }
}

/// A pattern of the models, which are Java's, as this crate means it: `\w`, `\s` and `\d` are ASCII, and
/// `.` is no end of a line.
pub fn as_java_means(pattern: &str) -> String {
    let is_any = pattern.starts_with("(?s)");
    let (mut meant, mut chars, mut in_class) = (String::new(), pattern.chars(), false);
    while let Some(next) = chars.next() {
        let escaped = if next == '\\' { chars.next() } else { None };
        let class = match escaped {
            Some('w') => Some("A-Za-z0-9_"),
            Some('s') => Some(r" \t\n\x0B\f\r"),
            Some('d') => Some("0-9"),
            _ => None,
        };
        match (next, escaped, class) {
            (_, _, Some(class)) if in_class => meant.push_str(class),
            (_, _, Some(class)) => meant.push_str(&format!("[{class}]")),
            (_, Some(escaped), None) => meant.extend([next, escaped]),
            ('.', ..) if !in_class && !is_any => meant.push_str("[^\n\r\u{85}\u{2028}\u{2029}]"),
            _ => {
                in_class = if in_class { next != ']' } else { next == '[' };
                meant.push(next);
            }
        }
    }
    meant
}

impl Service {
    fn parse(model: &Value) -> Self {
        let spoken = model["metadata"]["protocols"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let speaks = |name: &str| spoken.iter().any(|it| it == name);
        let protocol = match () {
            () if speaks("json") => Protocol::Json,
            () if speaks("query") => Protocol::Query,
            () => Protocol::RestJson,
        };
        let operations = model["operations"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, it)| {
                let uri = it["http"]["requestUri"].as_str().unwrap_or("/");
                let path = uri.split('?').next().unwrap_or("/");
                let operation = Operation {
                    method: it["http"]["method"].as_str().unwrap_or("POST").to_owned(),
                    path: path
                        .trim_matches('/')
                        .split('/')
                        .map(ToOwned::to_owned)
                        .collect(),
                    input: it["input"]["shape"].as_str().map(ToOwned::to_owned),
                    output: it["output"]["shape"].as_str().map(ToOwned::to_owned),
                    status: it["http"]["responseCode"]
                        .as_u64()
                        .and_then(|it| it.try_into().ok())
                        .unwrap_or(200),
                };
                (name.clone(), operation)
            });
        let shapes = model["shapes"].as_object().cloned().unwrap_or_default();
        Self {
            protocol,
            operations: operations.collect(),
            shapes,
        }
    }

    fn below(&self, name: &str, path: &str, above: &mut Vec<String>, found: &mut Vec<Member>) {
        let shape = &self.shapes[name];
        let inner = |part: &str| shape[part]["shape"].as_str().unwrap_or_default();
        if above.iter().any(|it| it == name) {
            return;
        }
        above.push(name.to_owned());
        match shape["type"].as_str() {
            Some("structure") => {
                for (member, it) in shape["members"].as_object().into_iter().flatten() {
                    let path = if path.is_empty() {
                        member.clone()
                    } else {
                        format!("{path}.{member}")
                    };
                    let shape = it["shape"].as_str().unwrap_or_default().to_owned();
                    let place = found.len();
                    found.push(Member {
                        path: path.clone(),
                        shape: shape.clone(),
                        is_leaf: true,
                    });
                    self.below(&shape, &path, above, found);
                    found[place].is_leaf = found.len() == place + 1;
                }
            }
            Some("list") => self.below(inner("member"), &format!("{path}[]"), above, found),
            Some("map") => self.below(inner("value"), &format!("{path}{{}}"), above, found),
            _ => {}
        }
        above.pop();
    }

    fn sample(&self, name: &str) -> Value {
        let shape = &self.shapes[name];
        let inner = |part: &str| self.sample(shape[part]["shape"].as_str().unwrap_or_default());
        match shape["type"].as_str().unwrap_or_default() {
            "structure" => {
                let members = shape["members"].as_object().into_iter().flatten();
                let sampled = members.map(|(member, it)| {
                    (
                        member.clone(),
                        self.sample(it["shape"].as_str().unwrap_or_default()),
                    )
                });
                Value::Object(sampled.collect())
            }
            "list" => Value::Array(vec![inner("member")]),
            "map" => {
                let key = match inner("key") {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                Value::Object(Map::from_iter([(key, inner("value"))]))
            }
            "boolean" => true.into(),
            "integer" | "long" => 1.into(),
            "float" | "double" => 1.5.into(),
            "timestamp" => 1_767_225_600.into(),
            "blob" => "eA==".into(),
            _ => shape["enum"]
                .as_array()
                .and_then(|it| it.last())
                .cloned()
                .unwrap_or_else(|| "x".into()),
        }
    }

    /// The operation at a path, and what its placeholders stand for.
    pub fn route(&self, method: &str, path: &str) -> Option<(&str, Map<String, Value>)> {
        let parts: Vec<_> = path.trim_matches('/').split('/').collect();
        let matching = self.operations.iter().filter(|(_, it)| it.method == method);
        let found = matching.filter_map(|(name, it)| Some((name, it, captured(&it.path, &parts)?)));
        // Of two that match, the one that says more of the path itself.
        let (name, operation, captured) = found.min_by_key(|(_, _, captured)| captured.len())?;
        let mut input = Map::new();
        for (place, text) in captured {
            let text = urlencoding::decode(&text).map_or(text.clone(), |it| it.into_owned());
            input.insert(
                self.member(operation, "uri", &place)?.0,
                Value::String(text),
            );
        }
        Some((name, input))
    }

    /// Adds what stands in the query and in the body, under the names of the input's members.
    pub fn fill(&self, operation: &str, query: &str, body: Value, input: &mut Map<String, Value>) {
        let Some(it) = self.operations.get(operation) else {
            return;
        };
        for pair in query.split('&').filter(|it| !it.is_empty()) {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            let text = urlencoding::decode(text).map_or(text.to_owned(), |it| it.into_owned());
            let name = urlencoding::decode(name).map_or(name.to_owned(), |it| it.into_owned());
            let Some((member, shape)) = self.member(it, "querystring", &name) else {
                continue;
            };
            match self.shapes[&shape]["type"].as_str() {
                Some("list") => {
                    let list = input.entry(member).or_insert_with(|| Value::Array(vec![]));
                    list.as_array_mut()
                        .expect("a list")
                        .push(Value::String(text));
                }
                Some("integer" | "long") => {
                    input.insert(
                        member,
                        text.parse::<i64>().map_or(Value::String(text), Value::from),
                    );
                }
                Some("boolean") => {
                    input.insert(member, Value::Bool(text == "true"));
                }
                _ => {
                    input.insert(member, Value::String(text));
                }
            }
        }
        // A body that is one member's bytes, here always of JSON, stands for itself.
        let payload = it.input.as_ref().map(|it| &self.shapes[it]["payload"]);
        if let Some(member) = payload.and_then(Value::as_str) {
            input.insert(member.to_owned(), body);
            return;
        }
        for (name, value) in body.as_object().into_iter().flatten() {
            let member = self
                .member(it, "", name)
                .map_or_else(|| name.clone(), |(member, _)| member);
            input.insert(member, value.clone());
        }
    }

    /// The input member at a place (`uri`, `querystring`, or the body), and its shape.
    fn member(
        &self,
        operation: &Operation,
        location: &str,
        name: &str,
    ) -> Option<(String, String)> {
        let members = self.shapes.get(operation.input.as_ref()?)?["members"].as_object()?;
        let found = members.iter().find(|(member, it)| {
            let there = it["location"].as_str().unwrap_or_default() == location;
            there && it["locationName"].as_str().unwrap_or(member) == name
        });
        found.map(|(member, it)| {
            (
                member.clone(),
                it["shape"].as_str().unwrap_or_default().to_owned(),
            )
        })
    }
}

fn captured(template: &[String], parts: &[&str]) -> Option<Vec<(String, String)>> {
    if template.len() != parts.len() {
        return None;
    }
    let mut captured = vec![];
    for (expected, part) in template.iter().zip(parts) {
        match expected
            .strip_prefix('{')
            .and_then(|it| it.strip_suffix('}'))
        {
            Some(name) if !part.is_empty() => {
                captured.push((name.trim_end_matches('+').to_owned(), (*part).to_owned()));
            }
            _ if expected == part => {}
            _ => return None,
        }
    }
    Some(captured)
}

/// One input beside its shape.
struct Check<'a> {
    models: &'a Models,
    service: &'a Service,
    faults: Vec<String>,
}

impl Check<'_> {
    fn structure(&mut self, shape: &str, value: &Map<String, Value>, path: &str, is_top: bool) {
        let service = self.service;
        let shape = &service.shapes[shape];
        // A document is whatever JSON can say.
        if shape["document"] == true {
            return;
        }
        let none = Map::new();
        let members = shape["members"].as_object().unwrap_or(&none);
        for name in shape["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let key = wire_name(members, name, is_top);
            if value.get(key).is_none_or(Value::is_null) {
                self.faults.push(format!("{path}.{key} is missing"));
            }
        }
        for (key, value) in value {
            let member = members
                .iter()
                .find(|(name, _)| wire_name(members, name, is_top) == key);
            match member {
                Some((_, member)) => {
                    self.value(
                        member["shape"].as_str().unwrap_or_default(),
                        value,
                        &format!("{path}.{key}"),
                    );
                }
                None => self
                    .faults
                    .push(format!("{path}.{key} is not in the model")),
            }
        }
    }

    fn value(&mut self, name: &str, value: &Value, path: &str) {
        let shape = &self.service.shapes[name];
        let (min, max) = (shape["min"].as_f64(), shape["max"].as_f64());
        let mut within = |size: f64, what: &str| {
            if min.is_some_and(|min| size < min) || max.is_some_and(|max| size > max) {
                self.faults.push(format!(
                    "{path}: {what} {size} is not within {min:?} and {max:?}"
                ));
            }
        };
        match (shape["type"].as_str().unwrap_or_default(), value) {
            (_, Value::Null) => {}
            ("structure", Value::Object(map)) => self.structure(name, map, path, false),
            ("list", Value::Array(items)) => {
                within(items.len() as f64, "length");
                let member = shape["member"]["shape"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                for (index, item) in items.iter().enumerate() {
                    self.value(&member, item, &format!("{path}[{index}]"));
                }
            }
            ("map", Value::Object(map)) => {
                within(map.len() as f64, "size");
                let part =
                    |part: &str| shape[part]["shape"].as_str().unwrap_or_default().to_owned();
                let (keys, values) = (part("key"), part("value"));
                for (key, value) in map {
                    self.value(&keys, &Value::String(key.clone()), &format!("{path}.{key}"));
                    self.value(&values, value, &format!("{path}.{key}"));
                }
            }
            ("string", Value::String(text)) => {
                within(text.chars().count() as f64, "length");
                self.text(shape, text, path);
            }
            ("integer" | "long" | "double" | "float", Value::Number(number)) => {
                within(number.as_f64().unwrap_or_default(), "value");
            }
            ("integer" | "long", Value::String(text)) => match text.parse() {
                Ok(number) => within(number, "value"),
                Err(_) => self.faults.push(format!("{path} is no number")),
            },
            ("boolean", Value::Bool(_))
            | ("blob" | "timestamp", Value::String(_) | Value::Number(_))
            | ("blob", Value::Object(_)) => {}
            ("boolean", Value::String(text)) if text == "true" || text == "false" => {}
            (kind, _) => self.faults.push(format!("{path} is no {kind}")),
        }
    }

    fn text(&mut self, shape: &Value, text: &str, path: &str) {
        if let Some(words) = shape["enum"].as_array()
            && !words.iter().any(|it| it == text)
        {
            self.faults
                .push(format!("{path}: {text} is none of {words:?}"));
        }
        if let Some(pattern) = shape["pattern"].as_str()
            && !self.models.matches(pattern, text)
        {
            self.faults
                .push(format!("{path}: {text:?} does not match {pattern}"));
        }
    }
}

/// At the top members have the model's names, further down those of the wire.
fn wire_name<'a>(members: &'a Map<String, Value>, name: &'a str, is_top: bool) -> &'a str {
    let on_wire = members.get(name).and_then(|it| it["locationName"].as_str());
    if is_top {
        name
    } else {
        on_wire.unwrap_or(name)
    }
}
