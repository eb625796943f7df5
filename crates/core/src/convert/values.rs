//! What a value is, once references and functions are in their places: with `${…}` of stack.toml, or open. Pure.

use super::{places::Places, template::Template};
use serde_json::{Map, Value, json};

/// The key of what nobody knows before it is there.
const OPEN: &str = "\u{0}open";
/// How deep values refer to each other at most.
const DEEPEST: usize = 64;

/// Where names stand for something.
pub(super) struct Scope<'a> {
    pub template: &'a Template,
    pub places: &'a Places,
}

/// What is not known, as the definition has it.
fn open(value: &Value) -> Value {
    json!({ OPEN: value })
}

/// Whether something in a value is not known.
pub(super) fn is_open(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key(OPEN) || map.values().any(is_open),
        Value::Array(items) => items.iter().any(is_open),
        _ => false,
    }
}

/// A value as a comment shows it.
pub(super) fn as_written(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get(OPEN) {
            Some(written) => written.clone(),
            None => map
                .iter()
                .map(|(k, v)| (k.clone(), as_written(v)))
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(items) => items.iter().map(as_written).collect(),
        other => other.clone(),
    }
}

impl Scope<'_> {
    /// All of a resource's properties.
    pub fn properties(&self, properties: &Map<String, Value>) -> Map<String, Value> {
        let each = properties
            .iter()
            .map(|(key, value)| (key.clone(), self.value(value)));
        each.filter(|it| !it.1.is_null()).collect()
    }

    pub fn value(&self, value: &Value) -> Value {
        self.at_depth(value, 0)
    }

    fn at_depth(&self, value: &Value, depth: usize) -> Value {
        if depth > DEEPEST || !self.template.budget.spend() {
            return open(value);
        }
        let inner = |it: &Value| self.at_depth(it, depth + 1);
        match value {
            Value::String(text) => text.replace("${", "$${").into(),
            Value::Array(items) => items.iter().map(inner).filter(|it| !it.is_null()).collect(),
            Value::Object(map) => match map.iter().next().filter(|_| map.len() == 1) {
                Some((name, of)) if name == "Ref" || name.starts_with("Fn::") => self
                    .function(name, of, depth + 1)
                    .unwrap_or_else(|| open(value)),
                _ => {
                    let each = map.iter().map(|(key, value)| (key.clone(), inner(value)));
                    let each = each.filter(|it| !it.1.is_null());
                    each.collect::<Map<_, _>>().into()
                }
            },
            other => other.clone(),
        }
    }

    /// What a function gives; nothing where that is not known.
    fn function(&self, name: &str, of: &Value, depth: usize) -> Option<Value> {
        let inner = |it: &Value| self.at_depth(it, depth);
        match name {
            "Ref" => self.named(of.as_str()?, None, depth),
            "Fn::GetAtt" => match of {
                Value::String(text) => {
                    let (id, attribute) = text.split_once('.')?;
                    self.named(id, Some(attribute), depth)
                }
                _ => self.named(of[0].as_str()?, Some(of[1].as_str()?), depth),
            },
            "Fn::Sub" => {
                let (text, own) = match of {
                    Value::String(text) => (text.as_str(), &Value::Null),
                    _ => (of[0].as_str()?, &of[1]),
                };
                self.substituted(text, own, depth).map(Value::from)
            }
            "Fn::Join" => {
                let parts = inner(&of[1]);
                let parts: Option<Vec<_>> = parts.as_array()?.iter().map(text).collect();
                Some(parts?.join(of[0].as_str()?).into())
            }
            "Fn::If" => match self.holds(&json!({ "Condition": of[0] }), depth)? {
                true => Some(inner(of.get(1)?)),
                false => Some(inner(of.get(2)?)),
            },
            "Fn::FindInMap" => {
                let key = |index: usize| text(&inner(of.get(index)?));
                let found = &self.template.mappings[key(0)?][key(1)?][key(2)?];
                (!found.is_null()).then(|| inner(found))
            }
            "Fn::Select" => {
                let index = text(&inner(&of[0]))?.parse::<usize>().ok()?;
                let items = inner(&of[1]);
                items
                    .as_array()?
                    .get(index)
                    .cloned()
                    .filter(|it| !is_open(it))
            }
            "Fn::Split" => {
                let text = text(&inner(&of[1]))?;
                Some(text.split(of[0].as_str()?).collect())
            }
            _ => None,
        }
    }

    /// What a name stands for, or an attribute of it.
    fn named(&self, name: &str, attribute: Option<&str>, depth: usize) -> Option<Value> {
        let own = match name {
            "AWS::Region" => "${stack.region}",
            "AWS::AccountId" => "${stack.account}",
            "AWS::StackName" | "AWS::StackId" => "${stack.name}",
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::NoValue" => return Some(Value::Null),
            _ => "",
        };
        if !own.is_empty() {
            return Some(own.into());
        }
        if let Some(variable) = name.strip_prefix("env:") {
            return Some(format!("${{env.{variable}}}").into());
        }
        if let Some(parameter) = self.template.parameters.get(name) {
            return match &parameter.default {
                _ if parameter.is_secret => Some(format!("${{env.{}}}", upper(name)).into()),
                Some(default) => Some(self.at_depth(default, depth + 1)),
                None => Some(format!("${{var.{name}}}").into()),
            };
        }
        let place = self.places.get(name)?;
        place.output(attribute).map(Value::from)
    }

    fn substituted(&self, text: &str, own: &Value, depth: usize) -> Option<String> {
        let mut parts = text.split("${");
        let mut whole = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            match name.strip_prefix('!') {
                Some(literal) => whole.push_str(&format!("$${{{literal}}}")),
                None => {
                    let value = match (own.get(name), name.split_once('.')) {
                        (Some(value), _) => self.at_depth(value, depth),
                        (None, Some((id, attribute))) => self.named(id, Some(attribute), depth)?,
                        (None, None) => self.named(name, None, depth)?,
                    };
                    whole.push_str(&self::text(&value)?);
                }
            }
            whole.push_str(rest);
        }
        Some(whole)
    }

    /// Whether a condition holds, with the parameters' defaults.
    pub fn holds(&self, condition: &Value, depth: usize) -> Option<bool> {
        if depth > DEEPEST || !self.template.budget.spend() {
            return None;
        }
        let map = condition.as_object().filter(|it| it.len() == 1)?;
        let (name, of) = map.iter().next()?;
        let all = || -> Option<Vec<bool>> {
            of.as_array()?
                .iter()
                .map(|it| self.holds(it, depth + 1))
                .collect()
        };
        match name.as_str() {
            "Condition" => self.holds(self.template.conditions.get(of.as_str()?)?, depth + 1),
            "Fn::Equals" => {
                let sides = of.as_array()?.iter().map(|it| self.at_depth(it, depth));
                let sides: Option<Vec<_>> = sides.map(|it| text(&it)).collect();
                let sides = sides?;
                Some(sides.first() == sides.get(1))
            }
            "Fn::Not" => Some(!*all()?.first()?),
            "Fn::And" => Some(all()?.iter().all(|it| *it)),
            "Fn::Or" => Some(all()?.iter().any(|it| *it)),
            _ => None,
        }
    }
}

/// A value that can stand in a text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        _ => None,
    }
}

/// A name as environments have them.
fn upper(name: &str) -> String {
    super::places::snake(name).to_uppercase()
}
