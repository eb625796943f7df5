//! Addresses and references: how one resource is named and how others point at it. Pure.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
    str::FromStr,
};

/// Where a resource stands, in stack.toml's own words: `user_pool.clients.spa`,
/// `api.routes."GET /users"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address(Vec<String>);

impl Address {
    pub fn new<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    /// This address with one more segment; an empty one adds nothing.
    pub fn join(&self, segment: &str) -> Self {
        let mut segments = self.0.clone();
        if !segment.is_empty() {
            segments.push(segment.to_owned());
        }
        Self(segments)
    }

    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// Whether this is `ancestor` or stands below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        self.0.starts_with(&ancestor.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            if is_bare(segment) { f.write_str(segment)? } else { write!(f, "{segment:?}")? }
        }
        Ok(())
    }
}

/// Whether TOML takes this key without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::input(format!("`{text}` is not an address like user_pool.clients.spa"));
        let mut segments = vec![];
        let mut rest = text;
        loop {
            let end = match rest.strip_prefix('"') {
                Some(quoted) => quoted.find('"').map(|end| end + 2).ok_or_else(wrong)?,
                None => rest.find('.').unwrap_or(rest.len()),
            };
            let segment = rest[..end].trim_matches('"');
            if segment.is_empty() || (!rest.starts_with('"') && !is_bare(segment)) {
                return Err(wrong());
            }
            segments.push(segment.to_owned());
            rest = &rest[end..];
            match rest.strip_prefix('.') {
                Some(more) => rest = more,
                None if rest.is_empty() => return Ok(Self(segments)),
                None => return Err(wrong()),
            }
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// What `${…}` can be replaced with, by address: each resource's outputs, and
/// `stack`, `env` and `var`.
pub type Known = BTreeMap<Address, Value>;

/// One `${address.output}` in a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The bytes of the string that it takes, `${` and `}` included.
    pub range: Range<usize>,
    pub address: Address,
    pub output: String,
}

/// Every reference in `text`, in order. A `${…}` that is no address is an error.
pub fn references(text: &str) -> Result<Vec<Reference>> {
    let mut found = vec![];
    let mut from = 0;
    while let Some(start) = text[from..].find("${").map(|at| from + at) {
        let Some(end) = closing(&text[start..]).map(|at| start + at) else {
            return Err(Error::input(format!("`{}` has no closing }}", &text[start..])));
        };
        let inner: Address = text[start + 2..end].parse().map_err(|_| {
            Error::input(format!("`{}` is not a reference", &text[start..=end])).hint(
                "write ${user_pool.id}, ${functions.NAME.arn}, ${stack.region}, ${var.NAME} or ${env.NAME}",
            )
        })?;
        let mut segments = inner.0;
        let output = segments.pop().unwrap_or_default();
        if segments.is_empty() {
            return Err(Error::input(format!("`{}` names no output", &text[start..=end]))
                .hint("write the output after a dot, as in ${user_pool.id}"));
        }
        found.push(Reference { range: start..end + 1, address: Address(segments), output });
        from = end + 1;
    }
    Ok(found)
}

/// Where the reference at the start of `text` ends: its `}`, not one inside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '}' && !quoted).then_some(at)
    })
}

/// Calls `visit` with every string in `tree`.
fn strings<'a>(tree: &'a Value, visit: &mut dyn FnMut(&'a str)) {
    match tree {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, visit)),
        Value::Object(map) => map.values().for_each(|value| strings(value, visit)),
        _ => {}
    }
}

/// The references of a whole tree. Malformed ones were refused when the file was read.
pub fn references_in(tree: &Value) -> Vec<Reference> {
    let mut found = vec![];
    strings(tree, &mut |text| found.extend(references(text).unwrap_or_default()));
    found
}

/// The resources a tree points at.
pub fn needs(tree: &Value) -> BTreeSet<Address> {
    references_in(tree).into_iter().map(|reference| reference.address).collect()
}

/// Whether any reference in `tree` is still open.
pub fn is_open(tree: &Value) -> bool {
    !references_in(tree).is_empty()
}

/// Whether a tree takes a value from the process's environment, which may be a secret.
pub fn reads_environment(tree: &Value) -> bool {
    needs(tree).contains(&Address::new(["env"]))
}

/// `tree` with every reference replaced whose output is known; the others stay as they are.
pub fn resolve(tree: &Value, known: &Known) -> Value {
    match tree {
        Value::String(text) => resolve_text(text, known),
        Value::Array(items) => items.iter().map(|item| resolve(item, known)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), resolve(value, known))).collect())
        }
        other => other.clone(),
    }
}

fn resolve_text(text: &str, known: &Known) -> Value {
    let mut resolved = text.to_owned();
    for reference in references(text).unwrap_or_default().into_iter().rev() {
        let output = known.get(&reference.address).and_then(|it| it.get(&reference.output));
        match output {
            Some(Value::String(value)) => resolved.replace_range(reference.range, value),
            Some(Value::Null) | None => {}
            Some(other) => resolved.replace_range(reference.range, &other.to_string()),
        }
    }
    Value::String(resolved)
}

/// A short name for a tree's content: the first 32 hex digits of its SHA-256, keys sorted.
pub fn digest(tree: &Value) -> String {
    let sum = Sha256::digest(canonical(tree).to_string());
    sum.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn canonical(tree: &Value) -> Value {
    match tree {
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().map(|(k, v)| (k.clone(), canonical(v))).collect();
            sorted.into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        for text in ["user_pool", "user_pool.clients.spa", r#"api.routes."GET /users/{id}""#] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ".", "a.", "a..b", "a b", "\"open", "\"a\"b"] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn known_references_are_replaced_and_others_stay() {
        let known = Known::from([(Address::new(["user_pool"]), json!({"id": "p_1"}))]);
        let tree = json!({"a": "x-${user_pool.id}-${api.id}", "b": ["${user_pool.id}"], "c": 1});
        let resolved = resolve(&tree, &known);
        assert_eq!(resolved, json!({"a": "x-p_1-${api.id}", "b": ["p_1"], "c": 1}));
        assert!(is_open(&resolved));
    }

    #[test]
    fn a_reference_to_a_path_with_braces_ends_at_its_own_brace() {
        let found = references(r#"${api.resources."/users/{id}".id}/x"#).unwrap();
        assert_eq!(found[0].address.segments(), ["api", "resources", "/users/{id}"]);
        assert_eq!(found[0].output, "id");
    }

    #[test]
    fn a_reference_without_output_or_end_is_refused() {
        for text in ["${user_pool}", "${user_pool.id", "${}", "${a b.c}"] {
            assert!(references(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_digest_does_not_depend_on_the_order_of_keys() {
        assert_eq!(
            digest(&json!({"a": 1, "b": {"c": 2, "d": 3}})),
            digest(&json!({"b": {"d": 3, "c": 2}, "a": 1}))
        );
        assert_ne!(digest(&json!({"a": 1})), digest(&json!({"a": 2})));
    }
}
