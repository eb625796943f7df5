//! What a trace must not tell, each value by a placeholder of its own: the same value is the same
//! placeholder in every line, so that a trace can be replayed. Pure.
//!
//! A member's name tells most of it ([`member`]); what looks like an address, an account number or a
//! token is masked wherever it stands ([`text`]), and so is a secret or an id that any member had.

mod member;
mod text;

use base64::Engine;
use member::Within;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A shorter secret is masked in its own place only: elsewhere it would be a part of ordinary words.
const SHORTEST: usize = 6;

/// A longer one, such as a function's program, is quoted nowhere.
const LONGEST: usize = 64 << 10;

/// What a value is, and so what its placeholder looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Secret,
    /// A function's variable: often no secret, so it is masked in its place and in what AWS quotes.
    Variable,
    Person,
    Email,
    Phone,
    Network,
    Account,
    Id,
}

#[derive(Default)]
pub(super) struct Mask {
    placeholders: BTreeMap<(Sort, String), String>,
    counts: BTreeMap<Sort, usize>,
    /// Secrets as they may be written, each with its placeholder.
    secrets: BTreeSet<(Longest, String)>,
    variables: BTreeSet<(Longest, String)>,
    ids: BTreeMap<String, String>,
}

/// Texts, the longest first: one may hold another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Longest(std::cmp::Reverse<usize>, String);

impl Longest {
    fn of(text: String) -> Self {
        Self(std::cmp::Reverse(text.len()), text)
    }
}

impl Mask {
    /// Keeps this secret out of everything.
    pub(super) fn hide(&mut self, secret: &str) {
        self.placeholder(Sort::Secret, secret);
    }

    /// Masks a line: what its members tell comes first, so that it is masked in the whole line.
    pub(super) fn mask(&mut self, line: &mut Value) {
        self.learn("", line, Within::Plain);
        self.apply("", line, Within::Plain);
    }

    fn learn(&mut self, name: &str, tree: &Value, within: Within) {
        match tree {
            Value::Object(members) => {
                if let Some(value) = member::value_of_key(members) {
                    self.placeholder(Sort::Secret, value);
                }
                let within = within.of(members);
                for (name, value) in members {
                    self.learn(name, value, within.below(name));
                }
            }
            Value::Array(items) => items.iter().for_each(|it| self.learn(name, it, within)),
            Value::String(text) => {
                for id in text::ids(text) {
                    self.placeholder(Sort::Id, id);
                }
                if let Some(sort) = member::sort(name, text, within) {
                    self.placeholder(sort, text);
                }
            }
            _ => {}
        }
    }

    fn apply(&mut self, name: &str, tree: &mut Value, within: Within) {
        match tree {
            Value::Object(members) => {
                let within = within.of(members);
                let masked = std::mem::take(members)
                    .into_iter()
                    .map(|(name, mut value)| {
                        self.apply(&name, &mut value, within.below(&name));
                        (self.scrubbed(&name), value)
                    });
                *members = masked.collect::<Map<_, _>>();
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.apply(name, it, within)),
            Value::String(text) => {
                *text = match member::sort(name, text, within) {
                    Some(sort) => self.placeholder(sort, text),
                    None if member::is_message(name) => self.quoted(text),
                    None => self.scrubbed(text),
                };
            }
            _ => {}
        }
    }

    /// What stands in a value's place.
    fn placeholder(&mut self, sort: Sort, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        // A person may be called by an address, which other members have too.
        let sort = if sort == Sort::Person {
            text::sort(value).unwrap_or(sort)
        } else {
            sort
        };
        let key = (sort, value.to_owned());
        if let Some(known) = self.placeholders.get(&key) {
            return known.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let placeholder = text::placeholder(sort, value, *count);
        self.placeholders.insert(key, placeholder.clone());
        self.remember(sort, value, &placeholder);
        placeholder
    }

    fn remember(&mut self, sort: Sort, value: &str, placeholder: &str) {
        let list = match sort {
            _ if value.len() > LONGEST => return,
            Sort::Secret => &mut self.secrets,
            Sort::Variable => &mut self.variables,
            Sort::Id => {
                self.ids.insert(value.to_owned(), placeholder.to_owned());
                return;
            }
            _ => return,
        };
        for written in parts(value).iter().flat_map(|it| spellings(it)) {
            list.insert((Longest::of(written), placeholder.to_owned()));
        }
    }

    /// A message of AWS's: it may quote what it was sent.
    fn quoted(&mut self, text: &str) -> String {
        // Lambda quotes the whole environment where that is too large (recorded; docs/aws.md §8).
        let text = match text.split_once("String measured:") {
            Some((before, _)) => format!("{before}String measured: <variables>"),
            None => text.to_owned(),
        };
        let text = replaced(&text, &self.variables);
        self.scrubbed(&text)
    }

    fn scrubbed(&mut self, text: &str) -> String {
        let text = replaced(text, &self.secrets);
        if text::is_signed_url(&text) {
            return self.placeholder(Sort::Secret, &text);
        }
        let text = text::scrub(&text, &mut |sort, value| self.placeholder(sort, value));
        self.ids.iter().fold(text, |text, (id, placeholder)| {
            text::replace_word(&text, id, placeholder)
        })
    }
}

fn replaced(text: &str, secrets: &BTreeSet<(Longest, String)>) -> String {
    let mut text = text.to_owned();
    for (Longest(_, secret), placeholder) in secrets {
        if text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), placeholder);
        }
    }
    text
}

/// A secret, and what is in it where it is JSON.
fn parts(secret: &str) -> Vec<String> {
    let mut parts = vec![secret.to_owned()];
    if let Ok(Value::Object(members)) = serde_json::from_str(secret) {
        parts.extend(
            members
                .values()
                .filter_map(|it| it.as_str().map(ToOwned::to_owned)),
        );
    }
    parts
}

/// How a text may stand in another one.
fn spellings(text: &str) -> Vec<String> {
    if text.chars().count() < SHORTEST {
        return vec![];
    }
    let json = in_json(text);
    let twice = in_json(&json);
    let xml = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let base64 = base64::engine::general_purpose::STANDARD.encode(text);
    let url = urlencoding::encode(text).into_owned();
    vec![text.to_owned(), json, twice, xml, base64, url]
}

/// As it stands between the quotes of a JSON text.
fn in_json(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests;
