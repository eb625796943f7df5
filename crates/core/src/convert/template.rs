//! A definition in one form: resources with CloudFormation's kinds and properties. Pure.

use super::places::USER_POOL;
use serde_json::{Map, Value, json};
use std::{cell::Cell, collections::BTreeMap};

/// How many values are looked at before the rest is left as it is: a definition of a few lines can refer to itself
/// so that it never ends, or fills the memory.
pub(super) struct Budget(Cell<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(200_000))
    }
}

impl Budget {
    /// Whether one more may be looked at.
    pub fn spend(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        self.0.get() > 0
    }
}

/// What was defined.
#[derive(Default)]
pub(super) struct Template {
    pub resources: Vec<Resource>,
    /// Parameters and variables, each with its default.
    pub parameters: BTreeMap<String, Parameter>,
    pub conditions: Map<String, Value>,
    pub mappings: Value,
    /// Where it is deployed, where it says so itself.
    pub region: Option<String>,
    /// What there is to say of the whole.
    pub notes: Vec<String>,
    pub budget: Budget,
}

/// One resource.
#[derive(Clone, Default)]
pub(super) struct Resource {
    /// By which others refer to it.
    pub id: String,
    /// What people call it, where that is not its id.
    pub name: Option<String>,
    /// `AWS::Cognito::UserPool`.
    pub kind: String,
    /// With references and functions as CloudFormation writes them in JSON.
    pub properties: Map<String, Value>,
}

/// A value that comes from outside.
#[derive(Clone, Default)]
pub(super) struct Parameter {
    pub default: Option<Value>,
    /// Whether it is never to be shown.
    pub is_secret: bool,
}

impl Template {
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |it| it.kind == kind)
    }

    pub fn get(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|it| it.id == id)
    }

    /// Lets a pool call a function when people do something; whether there is such a pool.
    pub fn add_trigger(&mut self, pool: &str, trigger: &str, function: &str) -> bool {
        let mut all = self.resources.iter_mut();
        let Some(pool) = all.find(|it| it.id == pool && it.kind == USER_POOL) else {
            return false;
        };
        let triggers = pool
            .properties
            .entry("LambdaConfig")
            .or_insert_with(|| json!({}));
        triggers[trigger] = json!({ "Fn::GetAtt": [function, "Arn"] });
        true
    }

    /// The resource that a value refers to, whatever of it.
    pub fn referred(&self, value: Option<&Value>) -> Option<&Resource> {
        self.get(referred_id(value?)?)
    }
}

/// Whether an object is a function of CloudFormation's, and no table.
pub(super) fn is_function(map: &Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|it| it == "Ref" || it.starts_with("Fn::"))
}

/// The id of the only resource that a value refers to: by `Ref`, `Fn::GetAtt`, or a `Fn::Sub` of nothing else.
pub(super) fn referred_id(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|it| it.len() == 1)?;
    let (function, of) = map.iter().next()?;
    match (function.as_str(), of) {
        ("Ref", Value::String(id)) => Some(id),
        ("Fn::GetAtt", Value::Array(parts)) => parts.first()?.as_str(),
        ("Fn::GetAtt", Value::String(text)) => text.split('.').next(),
        ("Fn::Sub", Value::String(text)) => {
            let inner = text.strip_prefix("${")?.strip_suffix('}')?;
            (!inner.contains("${")).then(|| inner.split('.').next().unwrap_or(inner))
        }
        ("Fn::Join", Value::Array(parts)) => match parts.get(1)?.as_array()?.as_slice() {
            [only] => referred_id(only),
            _ => None,
        },
        _ => None,
    }
}
