//! Terraform's expressions, as far as they say something before anything is there: CloudFormation's functions. Pure.

use super::{super::template::Budget, names::BLOCK};
use hcl::{
    Body, Expression, Structure,
    expr::{
        BinaryOperator, FuncCall, ObjectKey, Operation, TemplateExpr, Traversal, TraversalOperator,
    },
    template::{Element, Template},
};
use serde_json::{Map, Value, json};
use std::{cell::RefCell, collections::BTreeMap};

/// How deep locals refer to each other at most.
const DEEPEST: usize = 64;

/// What names stand for in a module.
#[derive(Default)]
pub(super) struct Module {
    pub variables: BTreeMap<String, Body>,
    pub locals: BTreeMap<String, Expression>,
    pub data: BTreeMap<(String, String), Body>,
    /// The conditions that were met on the way, by names of their own.
    pub conditions: RefCell<Map<String, Value>>,
    depth: RefCell<usize>,
    budget: Budget,
}

impl Module {
    /// Arguments and blocks; blocks of one name are a list.
    pub fn body(&self, body: &Body) -> Map<String, Value> {
        let mut all = Map::new();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(it) => {
                    drop(all.insert(it.key.to_string(), self.value(&it.expr)))
                }
                Structure::Block(it) => {
                    let mut inner = self.body(&it.body);
                    inner.insert(BLOCK.to_owned(), true.into());
                    let list = all
                        .entry(it.identifier.to_string())
                        .or_insert_with(|| json!([]));
                    if let Some(list) = list.as_array_mut() {
                        list.push(inner.into());
                    }
                }
            }
        }
        all
    }

    pub fn value(&self, expression: &Expression) -> Value {
        if *self.depth.borrow() > DEEPEST || !self.budget.spend() {
            return unknown(expression);
        }
        *self.depth.borrow_mut() += 1;
        let value = self
            .at_depth(expression)
            .unwrap_or_else(|| unknown(expression));
        *self.depth.borrow_mut() -= 1;
        value
    }

    fn at_depth(&self, expression: &Expression) -> Option<Value> {
        Some(match expression {
            Expression::Null => Value::Null,
            Expression::Bool(it) => (*it).into(),
            Expression::Number(it) => match it.as_i64() {
                Some(it) => it.into(),
                None => json!(it.as_f64()),
            },
            Expression::String(it) => it.clone().into(),
            Expression::Array(items) => items.iter().map(|it| self.value(it)).collect(),
            Expression::Object(object) => {
                let pairs = object
                    .iter()
                    .map(|(key, value)| (self.key(key), self.value(value)));
                pairs.collect::<Map<_, _>>().into()
            }
            Expression::TemplateExpr(it) => self.template(it)?,
            Expression::Parenthesis(it) => self.value(it),
            Expression::Traversal(it) => self.traversal(it)?,
            Expression::FuncCall(it) => self.call(it)?,
            Expression::Conditional(it) => {
                let name = self.condition(&it.cond_expr)?;
                json!({ "Fn::If": [name, self.value(&it.true_expr), self.value(&it.false_expr)] })
            }
            _ => return None,
        })
    }

    fn key(&self, key: &ObjectKey) -> String {
        match key {
            ObjectKey::Identifier(it) => it.to_string(),
            ObjectKey::Expression(it) => match self.value(it) {
                Value::String(text) => text,
                other => other.to_string(),
            },
            _ => String::new(),
        }
    }

    fn template(&self, written: &TemplateExpr) -> Option<Value> {
        let template = Template::from_expr(written).ok()?;
        let parts: Option<Vec<_>> = template
            .elements()
            .iter()
            .map(|it| match it {
                Element::Literal(text) => Some(Value::from(text.clone())),
                Element::Interpolation(it) => Some(self.value(&it.expr)),
                Element::Directive(_) => None,
            })
            .collect();
        let mut parts = parts?;
        match parts.len() {
            1 => parts.pop(),
            _ => Some(json!({ "Fn::Join": ["", parts] })),
        }
    }

    fn traversal(&self, traversal: &Traversal) -> Option<Value> {
        let Expression::Variable(head) = &traversal.expr else {
            return None;
        };
        let names: Option<Vec<_>> = traversal
            .operators
            .iter()
            .filter_map(|it| match it {
                TraversalOperator::GetAttr(name) => Some(Some(name.to_string())),
                // One of several is that one, since each stands once.
                TraversalOperator::Index(Expression::Number(_))
                | TraversalOperator::LegacyIndex(_) => None,
                TraversalOperator::Index(Expression::String(name)) => Some(Some(name.clone())),
                _ => Some(None),
            })
            .collect();
        let names = names?;
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        match (head.as_str(), names.as_slice()) {
            ("var", [name]) => Some(json!({ "Ref": name })),
            ("var", [name, inner @ ..]) => within(self.default(name)?, inner),
            ("local", [name, inner @ ..]) => within(self.value(self.locals.get(*name)?), inner),
            ("path", _) => Some(".".into()),
            ("terraform", ["workspace"]) => Some("default".into()),
            ("data", [kind, name, attribute]) => self.data(kind, name, attribute),
            (kind, [name, attribute]) if kind.starts_with("aws_") => {
                Some(json!({ "Fn::GetAtt": [format!("{kind}.{name}"), attribute] }))
            }
            _ => None,
        }
    }

    /// What a variable is where nothing else is said.
    fn default(&self, variable: &str) -> Option<Value> {
        let mut attributes = self.variables.get(variable)?.attributes();
        let default = attributes.find(|it| it.key.as_str() == "default")?;
        Some(self.value(&default.expr))
    }

    fn data(&self, kind: &str, name: &str, attribute: &str) -> Option<Value> {
        let body = || self.data.get(&(kind.to_owned(), name.to_owned()));
        match (kind, attribute) {
            ("aws_region", _) => Some(json!({ "Ref": "AWS::Region" })),
            ("aws_caller_identity", "account_id") => Some(json!({ "Ref": "AWS::AccountId" })),
            ("aws_partition", "partition") => Some("aws".into()),
            ("aws_iam_policy_document", "json") => Some(policy(&self.body(body()?))),
            ("archive_file", _) => {
                let written = self.body(body()?);
                let text = |key: &str| match written.get(key) {
                    Some(Value::String(text)) => Some(text.clone()),
                    Some(Value::Object(join)) => joined(join),
                    _ => None,
                };
                text("source_dir")
                    .or_else(|| Some(format!("file:{}", text("source_file")?)))
                    .map(Value::from)
            }
            _ => None,
        }
    }

    fn call(&self, call: &FuncCall) -> Option<Value> {
        let mut arguments = call.args.iter().map(|it| self.value(it));
        match call.name.name.as_str() {
            "jsonencode" | "tostring" | "tolist" | "toset" | "tonumber" | "tobool"
            | "sensitive" | "nonsensitive" | "try" | "coalesce" | "abspath" | "trimspace" => {
                arguments.next()
            }
            "concat" | "setunion" => {
                let lists: Option<Vec<_>> = arguments.map(|it| it.as_array().cloned()).collect();
                Some(lists?.concat().into())
            }
            "merge" => {
                let maps: Option<Vec<_>> = arguments.map(|it| it.as_object().cloned()).collect();
                Some(maps?.into_iter().flatten().collect::<Map<_, _>>().into())
            }
            "join" => Some(json!({ "Fn::Join": [arguments.next()?, arguments.next()?] })),
            "lookup" => {
                let (map, key) = (arguments.next()?, arguments.next()?);
                let map = match map["Ref"].as_str() {
                    Some(variable) => self.default(variable)?,
                    None => map,
                };
                map.as_object()?
                    .get(key.as_str()?)
                    .cloned()
                    .or_else(|| arguments.next())
            }
            "format" => {
                let pattern = arguments.next()?;
                formatted(pattern.as_str()?, arguments)
            }
            "lower" => Some(arguments.next()?.as_str()?.to_lowercase().into()),
            "upper" => Some(arguments.next()?.as_str()?.to_uppercase().into()),
            _ => None,
        }
    }

    /// The name of a condition, where it is a comparison.
    fn condition(&self, expression: &Expression) -> Option<String> {
        let condition = match expression {
            Expression::Parenthesis(inner) => return self.condition(inner),
            Expression::Operation(operation) => {
                let Operation::Binary(it) = operation.as_ref() else {
                    return None;
                };
                let sides = json!([self.value(&it.lhs_expr), self.value(&it.rhs_expr)]);
                match it.operator {
                    BinaryOperator::Eq => json!({ "Fn::Equals": sides }),
                    BinaryOperator::NotEq => json!({ "Fn::Not": [{ "Fn::Equals": sides }] }),
                    _ => return None,
                }
            }
            other => json!({ "Fn::Equals": [self.value(other), "true"] }),
        };
        let mut all = self.conditions.borrow_mut();
        let name = format!("condition {}", all.len());
        all.insert(name.clone(), condition);
        Some(name)
    }
}

fn unknown(expression: &Expression) -> Value {
    json!({ "Fn::Terraform": hcl::format::to_string(expression).unwrap_or_default() })
}

fn within(value: Value, names: &[&str]) -> Option<Value> {
    names
        .iter()
        .try_fold(value, |value, name| value.get(*name).cloned())
}

/// `format` of `%s` and `%d` alone.
fn formatted(pattern: &str, mut values: impl Iterator<Item = Value>) -> Option<Value> {
    let mut parts = pattern.split('%');
    let mut whole = vec![Value::from(parts.next()?)];
    for part in parts {
        let rest = part.strip_prefix(['s', 'd'])?;
        whole.extend([values.next()?, rest.into()]);
    }
    Some(json!({ "Fn::Join": ["", whole] }))
}

/// A path that begins at the module's folder.
fn joined(join: &Map<String, Value>) -> Option<String> {
    let parts = join.get("Fn::Join")?.get(1)?.as_array()?;
    let parts: Option<Vec<_>> = parts.iter().map(Value::as_str).collect();
    Some(parts?.concat())
}

/// A policy document out of blocks.
fn policy(body: &Map<String, Value>) -> Value {
    let statements = body
        .get("statement")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|it| {
            let mut statement = json!({
                "Effect": it.get("effect").cloned().unwrap_or_else(|| "Allow".into()),
                "Action": it.get("actions").cloned().unwrap_or_default(),
                "Resource": it.get("resources").cloned().unwrap_or_default(),
            });
            for condition in it
                .get("condition")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let (test, variable) = (
                    condition["test"].as_str().unwrap_or_default(),
                    condition["variable"].as_str().unwrap_or_default(),
                );
                statement["Condition"][test][variable] = condition["values"].clone();
            }
            statement
        });
    json!({ "Statement": statements.collect::<Vec<_>>() })
}
