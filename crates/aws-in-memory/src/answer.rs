//! Answers by the published models: whether one has the shape that its operation's output has, and
//! one made over into another that says the same.

use crate::model::{Models, Protocol, Service};
use serde_json::{Map, Value, json};
use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

/// Choices that are the same whenever the seed is.
pub struct Dice {
    state: u64,
}

impl Dice {
    /// For one answer: `about` tells it from others of the seed.
    pub fn new(seed: u64, about: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, about).hash(&mut hasher);
        Self {
            state: hasher.finish() | 1,
        }
    }

    /// One of `0..among` (xorshift).
    pub fn pick(&mut self, among: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).expect("31 bits") % among
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.pick(last + 1));
        }
    }
}

impl Models {
    /// What is wrong with an answer, by the model: unknown members, wrong types, words that are none of
    /// the model's, and members that it requires.
    pub fn answer_faults(&self, service: &str, operation: &str, answer: &Value) -> Vec<String> {
        let Some((service, shape)) = self.output(service, operation) else {
            let is_empty = answer.as_object().is_some_and(Map::is_empty) || answer.is_null();
            return if is_empty {
                vec![]
            } else {
                vec!["an operation without output has answered".into()]
            };
        };
        let mut faults = vec![];
        check(service, shape, answer, "", &mut faults);
        faults
    }

    /// The answer as a service may also give it: members and lists in another order, members that are
    /// null or have nothing in them where the model has them and the answer does not, and members
    /// that no model has yet.
    pub fn varied(&self, service: &str, operation: &str, answer: &Value, dice: &mut Dice) -> Value {
        match self.output(service, operation) {
            Some((service, shape)) => vary(service, shape, answer, dice),
            None => answer.clone(),
        }
    }
}

/// What the real AWS was recorded to answer though its model has no such word: the reason of an update
/// that is under way.
const BESIDE_THE_MODEL: [&str; 1] = ["Creating"];

fn check(service: &Service, name: &str, value: &Value, path: &str, faults: &mut Vec<String>) {
    let shape = &service.shapes[name];
    match (shape["type"].as_str().unwrap_or_default(), value) {
        (_, Value::Null) => {}
        ("structure", Value::Object(members)) => {
            check_members(service, shape, members, path, faults)
        }
        ("list", Value::Array(items)) => {
            let member = shape["member"]["shape"].as_str().unwrap_or_default();
            items
                .iter()
                .for_each(|it| check(service, member, it, &format!("{path}[]"), faults));
        }
        ("map", Value::Object(members)) => {
            let member = shape["value"]["shape"].as_str().unwrap_or_default();
            members
                .iter()
                .for_each(|(key, it)| check(service, member, it, &format!("{path}.{key}"), faults));
        }
        ("string", Value::String(text)) => {
            let words = shape["enum"]
                .as_array()
                .filter(|words| !words.iter().any(|it| it == text));
            let words = words.filter(|_| !BESIDE_THE_MODEL.contains(&text.as_str()));
            faults.extend(words.map(|words| format!("{path}: {text} is none of {words:?}")));
        }
        ("integer" | "long", Value::Number(number)) if number.as_i64().is_some() => {}
        ("double" | "float", Value::Number(_)) | ("boolean", Value::Bool(_)) => {}
        ("timestamp", Value::Number(_)) if service.protocol != Protocol::Query => {}
        ("timestamp", Value::String(_)) if service.protocol == Protocol::Query => {}
        ("blob", Value::String(_)) => {}
        (kind, value) => faults.push(format!("{path} is {value} and no {kind}")),
    }
}

fn check_members(
    service: &Service,
    shape: &Value,
    members: &Map<String, Value>,
    path: &str,
    faults: &mut Vec<String>,
) {
    // A document is whatever JSON can say.
    if shape["document"] == true {
        return;
    }
    let known = known(shape);
    for (key, value) in members {
        match known.iter().find(|it| it.0 == key) {
            Some((_, _, member)) => check(service, member, value, &format!("{path}.{key}"), faults),
            None => faults.push(format!("{path}.{key} is not in the model")),
        }
    }
    let required: Vec<_> = shape["required"].as_array().into_iter().flatten().collect();
    for (key, name, _) in known
        .iter()
        .filter(|it| required.iter().any(|name| *name == it.1))
    {
        if members.get(*key).is_none_or(Value::is_null) {
            faults.push(format!("{path}.{key} is missing ({name})"));
        }
    }
}

/// The members of a structure that stand in a body: name on the wire, name in the model, shape.
fn known(shape: &Value) -> Vec<(&str, &str, &str)> {
    let members = shape["members"].as_object().into_iter().flatten();
    let in_body = members.filter(|(_, it)| {
        !matches!(
            it["location"].as_str(),
            Some("header" | "headers" | "statusCode")
        )
    });
    in_body
        .map(|(name, it)| {
            let on_wire = it["locationName"].as_str().unwrap_or(name);
            (
                on_wire,
                name.as_str(),
                it["shape"].as_str().unwrap_or_default(),
            )
        })
        .collect()
}

/// The shapes of the lists whose order counts: a later layer is laid over an earlier one, and the first rule
/// that fits decides.
const IN_ORDER: [&str; 2] = ["LayersReferenceList", "MappingRulesList"];

fn vary(service: &Service, name: &str, value: &Value, dice: &mut Dice) -> Value {
    let shape = &service.shapes[name];
    if shape["document"] == true {
        return value.clone();
    }
    // IAM and STS answer in XML, which has no null.
    let has_nulls = service.protocol != Protocol::Query;
    let mut members: Vec<(String, Value)> =
        match (shape["type"].as_str().unwrap_or_default(), value) {
            ("list", Value::Array(items)) => {
                let member = shape["member"]["shape"].as_str().unwrap_or_default();
                let mut items: Vec<_> = items
                    .iter()
                    .map(|it| vary(service, member, it, dice))
                    .collect();
                if !IN_ORDER.contains(&name) {
                    dice.shuffle(&mut items);
                }
                if has_nulls && dice.pick(4) == 0 {
                    items.insert(dice.pick(items.len() + 1), Value::Null);
                }
                return Value::Array(items);
            }
            ("map", Value::Object(map)) => {
                let member = shape["value"]["shape"].as_str().unwrap_or_default();
                let mut all: Vec<_> = map
                    .iter()
                    .map(|(key, it)| (key.clone(), vary(service, member, it, dice)))
                    .collect();
                if has_nulls && dice.pick(3) == 0 {
                    all.push(("application/of-tomorrow".into(), Value::Null));
                }
                all
            }
            ("structure", Value::Object(map)) => vary_members(service, shape, map, has_nulls, dice),
            _ => return value.clone(),
        };
    dice.shuffle(&mut members);
    Value::Object(members.into_iter().collect())
}

fn vary_members(
    service: &Service,
    shape: &Value,
    map: &Map<String, Value>,
    has_nulls: bool,
    dice: &mut Dice,
) -> Vec<(String, Value)> {
    let known = known(shape);
    let shape_of = |key: &str| known.iter().find(|it| it.0 == key).map(|it| it.2);
    let mut all: Vec<_> = map
        .iter()
        .map(|(key, it)| {
            (
                key.clone(),
                shape_of(key).map_or_else(|| it.clone(), |name| vary(service, name, it, dice)),
            )
        })
        .collect();
    for (key, _, name) in known
        .iter()
        .filter(|it| map.get(it.0).is_none_or(Value::is_null))
    {
        let kind = service.shapes[*name]["type"].as_str().unwrap_or_default();
        let nothing = match (dice.pick(6), kind) {
            (0, _) if has_nulls => Value::Null,
            (1, "structure" | "map") if has_nulls => json!({}),
            (1, "list") => json!([]),
            _ => continue,
        };
        all.retain(|it| it.0 != *key);
        all.push(((*key).to_owned(), nothing));
    }
    if dice.pick(4) == 0 {
        let value = if has_nulls {
            json!({ "a": [null, 1, "b"], "c": null })
        } else {
            json!("a")
        };
        all.push(("MemberOfTomorrow".into(), value));
    }
    all
}

impl Models {
    /// An answer as a recorder shows it (botocore's names, JSON texts parsed, dates and sizes as words) as it
    /// is on the wire.
    pub fn on_wire(&self, service: &str, operation: &str, answer: &Value) -> Option<Value> {
        let (service, shape) = self.output(service, operation)?;
        Some(wire(service, shape, answer))
    }
}

fn wire(service: &Service, name: &str, value: &Value) -> Value {
    let shape = &service.shapes[name];
    let inner = |part: &str| shape[part]["shape"].as_str().unwrap_or_default();
    match (shape["type"].as_str().unwrap_or_default(), value) {
        (_, Value::Null) => Value::Null,
        ("structure", Value::Object(members)) => {
            let known = known(shape);
            let sent = members.iter().filter_map(|(name, value)| {
                let (key, _, member) = known.iter().find(|it| it.1 == name || it.0 == name)?;
                Some(((*key).to_owned(), wire(service, member, value)))
            });
            Value::Object(sent.collect())
        }
        ("list", Value::Array(items)) => items
            .iter()
            .map(|it| wire(service, inner("member"), it))
            .collect(),
        ("map", Value::Object(members)) => {
            let sent = members
                .iter()
                .map(|(key, it)| (key.clone(), wire(service, inner("value"), it)));
            Value::Object(sent.collect())
        }
        ("timestamp", Value::String(_)) => json!(1_700_000_000),
        ("integer" | "long" | "double" | "float", Value::String(_)) => json!(1),
        ("boolean", Value::String(text)) => json!(text == "true"),
        ("string" | "blob", tree @ (Value::Object(_) | Value::Array(_))) => json!(tree.to_string()),
        ("string", Value::Number(number)) => json!(number.to_string()),
        _ => value.clone(),
    }
}
