//! Properties that stack.toml has as a key each. Pure.

use super::{
    draft::Draft,
    values::{as_written, is_open, text},
};
use crate::duration::{Duration, Unit};
use serde_json::{Map, Value, json};

/// How a value is written in stack.toml.
#[derive(Clone, Copy)]
pub(super) enum As {
    Text,
    Word,
    Flag,
    /// A flag that says the opposite.
    Not,
    /// A text that stands for true; any other for false.
    Is(&'static str),
    Number,
    List,
    /// The first of a list.
    First,
    /// `{ name = "value" }`, or CloudFormation's `[{ Key, Value }]`.
    Map,
    Time(Unit),
}

/// A property by its path, and the key that has it, by its path.
pub(super) type Field = (&'static str, &'static str, As);

/// A resource's properties, of which each is taken once.
pub(super) struct Properties {
    map: Map<String, Value>,
}

impl Properties {
    pub fn new(map: Map<String, Value>) -> Self {
        Self { map }
    }

    /// Takes a property out by its path; a table that is empty then goes too.
    pub fn take(&mut self, path: &str) -> Option<Value> {
        fn taken(map: &mut Map<String, Value>, path: &str) -> Option<Value> {
            let Some((first, rest)) = path.split_once('.') else {
                return map.remove(path);
            };
            let inner = map.get_mut(first)?.as_object_mut()?;
            let value = taken(inner, rest);
            if inner.is_empty() {
                map.remove(first);
            }
            value
        }
        taken(&mut self.map, path)
    }

    pub fn text(&mut self, path: &str) -> Option<String> {
        self.take(path).as_ref().and_then(text)
    }

    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Whether a property is there, and not known.
    pub fn is_open(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(is_open)
    }

    /// Puts what each field says at `place`.
    pub fn fill(&mut self, draft: &mut Draft, place: &[String], fields: &[Field]) {
        for (property, key, form) in fields {
            let Some(value) = self.take(property) else {
                continue;
            };
            let path: Vec<_> = place
                .iter()
                .cloned()
                .chain(key.split('.').map(ToOwned::to_owned))
                .collect();
            match written(&value, *form) {
                Some(written) => draft.put(&path, written),
                None if value.is_null() => {}
                None => draft.comment(place, not_said(property, &value)),
            }
        }
    }

    /// Says what is left.
    pub fn rest(self, draft: &mut Draft, place: &[String]) {
        for (name, value) in self.map {
            if !value.is_null() {
                draft.comment(place, not_said(&name, &value));
            }
        }
    }
}

pub(super) fn not_said(name: &str, value: &Value) -> String {
    format!("Not said here: {name}: {}", as_written(value))
}

/// A value as stack.toml has it; nothing where it is none of its form.
fn written(value: &Value, form: As) -> Option<Value> {
    if is_open(value) {
        return None;
    }
    let flag = || match value {
        Value::Bool(it) => Some(*it),
        _ => text(value)?.to_lowercase().parse().ok(),
    };
    let number = || match value {
        Value::Number(it) => it.as_f64(),
        _ => text(value)?.parse::<f64>().ok(),
    };
    let whole = || number().filter(|it| it.fract() == 0.0).map(|it| it as i64);
    match form {
        As::Text => text(value).map(Value::from),
        As::Word => text(value).map(|it| it.to_lowercase().into()),
        As::Flag => flag().map(Value::from),
        As::Not => flag().map(|it| (!it).into()),
        As::Is(word) => text(value).map(|it| (it == word).into()),
        As::Number => match (whole(), number()) {
            (Some(it), _) => Some(it.into()),
            (None, it) => it.map(Value::from),
        },
        As::List => list(value),
        As::First => list(value)?.get(0).cloned(),
        As::Map => map(value),
        As::Time(unit) => {
            let count = whole().and_then(|it| u64::try_from(it).ok())?;
            Some(Duration::new(count, unit).to_string().into())
        }
    }
}

/// A list of texts; one text is a list of itself.
pub(super) fn list(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|it| text(it).map(Value::from))
            .collect::<Option<Vec<_>>>()
            .map(Value::from),
        one => Some(json!([text(one)?])),
    }
}

fn map(value: &Value) -> Option<Value> {
    let pairs: Option<Map<_, _>> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(k, v)| Some((k.clone(), text(v)?.into())))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|it| Some((text(&it["Key"])?, text(&it["Value"])?.into())))
            .collect(),
        _ => None,
    };
    pairs.filter(|it| !it.is_empty()).map(Value::Object)
}
