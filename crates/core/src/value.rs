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
    sync::Arc,
};

/// What stands in a plan instead of a value that may be a secret.
pub const HIDDEN: &str = "(hidden)";

/// Where a resource stands, in stack.toml's own words: `user_pool.clients.spa`,
/// `api.routes."GET /users"`. Shared: a plan names each resource in a dozen places.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address(Arc<[String]>);

impl Address {
    pub fn new<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    /// This address with one more segment; an empty one adds nothing.
    pub fn join(&self, segment: &str) -> Self {
        let more = Some(segment).filter(|it| !it.is_empty());
        let more = more.map(ToOwned::to_owned);
        Self(self.0.iter().cloned().chain(more).collect())
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
            if is_bare(segment) {
                f.write_str(segment)?
            } else {
                write!(f, "{segment:?}")?
            }
        }
        Ok(())
    }
}

/// Whether TOML takes this key without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::input(format!(
                "`{text}` is not an address like user_pool.clients.spa"
            ))
        };
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
                None if rest.is_empty() => return Ok(Self(segments.into())),
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
pub type KnownOutputs = BTreeMap<Address, Value>;

/// One `${address.output}` in a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The bytes of the text that it takes, `${` and `}` included.
    pub range: Range<usize>,
    pub address: Address,
    pub output: String,
}

/// What stands for a literal `${`, as in Terraform's strings.
const ESCAPED: &str = "$${";

/// A part of a text as stack.toml writes it.
enum Piece<'a> {
    /// As it is written: a `$${` is still in it.
    Written(&'a str),
    Reference(&'a str, Reference),
}

/// A text in its parts. A `${…}` that is not an address is an error.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>> {
    let (mut found, mut from, mut look) = (vec![], 0, 0);
    while let Some(start) = text[look..].find("${").map(|at| look + at) {
        if text[from..start].ends_with('$') {
            look = start + 2;
            continue;
        }
        let Some(end) = closing(&text[start..]).map(|at| start + at) else {
            return Err(
                Error::input(format!("`{}` has no closing }}", &text[start..])).hint(LITERALLY),
            );
        };
        let (written, reference) = (&text[start..=end], reference(text, start..end + 1)?);
        found.extend([
            Piece::Written(&text[from..start]),
            Piece::Reference(written, reference),
        ]);
        (from, look) = (end + 1, end + 1);
    }
    found.push(Piece::Written(&text[from..]));
    Ok(found)
}

const LITERALLY: &str = "write ${user_pool.id}, ${functions.NAME.arn}, ${stack.region}, ${var.NAME} or ${env.NAME}; \
                         a ${ that is not a reference is written $${";

/// The one in `${…}`.
fn reference(text: &str, range: Range<usize>) -> Result<Reference> {
    let written = &text[range.clone()];
    let inner: Address = written[2..written.len() - 1]
        .parse()
        .map_err(|_| Error::input(format!("`{written}` is not a reference")).hint(LITERALLY))?;
    match inner.segments() {
        [] | [_] => Err(Error::input(format!("`{written}` names no output")).hint(
            "write the output after a dot, as in ${user_pool.id}; a ${ that is not a reference is written $${",
        )),
        [address @ .., output] => Ok(Reference {
            range,
            address: Address(address.into()),
            output: output.clone(),
        }),
    }
}

/// Every reference in `text`, in order. A `${…}` that is not an address is an error.
pub fn references(text: &str) -> Result<Vec<Reference>> {
    let found = pieces(text)?.into_iter().filter_map(|piece| match piece {
        Piece::Reference(_, reference) => Some(reference),
        Piece::Written(_) => None,
    });
    Ok(found.collect())
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

/// `tree` with every string in it changed; keys stay.
fn each_string(tree: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match tree {
        Value::String(text) => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|item| each_string(item, change)).collect(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), each_string(value, change)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The references of a whole tree. Malformed ones were refused when the file was read.
pub fn references_in(tree: &Value) -> Vec<Reference> {
    let mut found = vec![];
    strings(tree, &mut |text| {
        found.extend(references(text).unwrap_or_default())
    });
    found
}

/// The resources a tree points at.
pub fn needs(tree: &Value) -> BTreeSet<Address> {
    references_in(tree)
        .into_iter()
        .map(|reference| reference.address)
        .collect()
}

/// Whether any reference in `tree` is still open.
pub fn is_open(tree: &Value) -> bool {
    !references_in(tree).is_empty()
}

/// Whether a tree takes a value from the process's environment, which may be a secret.
pub fn reads_environment(tree: &Value) -> bool {
    needs(tree).contains(&Address::new(["env"]))
}

/// `tree`, still as stack.toml writes it, with every reference replaced whose output is known.
///
/// What is put in can hold a `${` of its own, which is none of the file's; only a variable's value
/// is the file's own text.
pub fn fill(tree: &Value, known: &KnownOutputs) -> Value {
    each_string(tree, &|text| fill_text(text, known))
}

fn fill_text(text: &str, known: &KnownOutputs) -> String {
    let Ok(pieces) = pieces(text) else {
        return text.to_owned();
    };
    let last = pieces.len() - 1;
    let filled = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| match piece {
            Piece::Written(text) => text.to_owned(),
            Piece::Reference(written, reference) => {
                let value = output(known, &reference).map(|value| match value {
                    Output::Text(text) => escape(&text),
                    Output::Written(text) => text.to_owned(),
                });
                // A `$` at its end would make a literal of what comes next.
                value
                    .filter(|it| index == last || !it.ends_with('$'))
                    .unwrap_or_else(|| written.to_owned())
            }
        });
    filled.collect()
}

/// What a reference stands for.
enum Output<'a> {
    Text(String),
    /// A variable's, which is read like the rest of the file.
    Written(&'a str),
}

fn output<'a>(known: &'a KnownOutputs, reference: &Reference) -> Option<Output<'a>> {
    let is_variable = reference.address == Address::new(["var"]);
    match known.get(&reference.address)?.get(&reference.output)? {
        Value::Null => None,
        Value::String(text) if is_variable => Some(Output::Written(text)),
        Value::String(text) => Some(Output::Text(text.clone())),
        other => Some(Output::Text(other.to_string())),
    }
}

/// `tree` with every reference replaced whose output is known. A string that is whole with that is
/// as AWS gets it; one with a reference that is still open stays as stack.toml writes it.
pub fn resolve(tree: &Value, known: &KnownOutputs) -> Value {
    each_string(tree, &|text| {
        whole(text, known, DEEPEST).unwrap_or_else(|| fill_text(text, known))
    })
}

/// [`resolve`], where nothing is left open; otherwise the first reference that is.
pub fn resolve_all(tree: &Value, known: &KnownOutputs) -> Result<Value, Reference> {
    let mut open = None;
    strings(tree, &mut |text| {
        if open.is_none() && whole(text, known, DEEPEST).is_none() {
            open = references_in(&Value::String(fill_text(text, known)))
                .into_iter()
                .next();
        }
    });
    open.map_or_else(|| Ok(resolve(tree, known)), Err)
}

/// How many variables may stand in one another.
const DEEPEST: u8 = 8;

/// The text as AWS gets it; `None` while a reference in it is open.
fn whole(text: &str, known: &KnownOutputs, deep: u8) -> Option<String> {
    let Ok(pieces) = pieces(text) else {
        return Some(text.to_owned());
    };
    let texts = pieces.into_iter().map(|piece| match piece {
        Piece::Written(text) => Some(text.replace(ESCAPED, "${")),
        Piece::Reference(_, reference) => match output(known, &reference)? {
            Output::Text(text) => Some(text),
            Output::Written(text) => whole(text, known, deep.checked_sub(1)?),
        },
    });
    texts.collect()
}

/// The most characters, in bytes, of all of a file's texts together once their references are resolved:
/// variables within variables could otherwise make gigabytes of a small file.
pub const MOST_RESOLVED: usize = 8 << 20;

/// Whether the texts of `tree` stay within [`MOST_RESOLVED`], in every step of their resolution; told
/// without making any of them.
pub fn stays_bounded(tree: &Value, known: &KnownOutputs) -> bool {
    let (mut lengths, mut sum) = (BTreeMap::new(), 0_usize);
    strings(tree, &mut |text| {
        sum = sum.saturating_add(longest(text, known, DEEPEST, &mut lengths))
    });
    sum <= MOST_RESOLVED
}

/// How long a text can get, with `deep` variables in one another at most; `lengths` has each variable's
/// by how deep it may go.
fn longest<'a>(
    text: &'a str,
    known: &'a KnownOutputs,
    deep: u8,
    lengths: &mut BTreeMap<(String, u8), usize>,
) -> usize {
    let Ok(pieces) = pieces(text) else {
        return text.len();
    };
    let mut sum = 0_usize;
    for piece in pieces {
        let length = match &piece {
            Piece::Written(text) => text.len(),
            Piece::Reference(written, reference) => match output(known, reference) {
                None => written.len(),
                // A `${` in it is escaped.
                Some(Output::Text(text)) => written.len().max(text.len().saturating_mul(2)),
                Some(Output::Written(text)) => {
                    let key = (reference.output.clone(), deep);
                    let within = match (lengths.get(&key), deep.checked_sub(1)) {
                        (Some(length), _) => *length,
                        (None, None) => text.len(),
                        (None, Some(less)) => longest(text, known, less, lengths).max(text.len()),
                    };
                    lengths.insert(key, within);
                    written.len().max(within)
                }
            },
        };
        sum = sum.saturating_add(length);
    }
    sum
}

/// A text of AWS's as stack.toml writes it.
pub fn escape(text: &str) -> String {
    text.replace("${", ESCAPED)
}

/// A tree of AWS's as stack.toml writes it.
pub fn escaped(tree: &Value) -> Value {
    each_string(tree, &escape)
}

/// A short name for a tree's content: the first 32 hex digits of its SHA-256, keys sorted.
pub fn digest(tree: &Value) -> String {
    hex(&Sha256::digest(canonical(tree).to_string())[..16])
}

/// Two hexadecimal digits a byte, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same with the keys of every object in order.
pub(crate) fn canonical(tree: &Value) -> Value {
    match tree {
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> =
                map.iter().map(|(k, v)| (k.clone(), canonical(v))).collect();
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
        for text in [
            "user_pool",
            "user_pool.clients.spa",
            r#"api.routes."GET /users/{id}""#,
        ] {
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
        let known = KnownOutputs::from([(Address::new(["user_pool"]), json!({"id": "p_1"}))]);
        let tree = json!({"a": "x-${user_pool.id}-${api.id}", "b": ["${user_pool.id}"], "c": 1});
        let resolved = resolve(&tree, &known);
        assert_eq!(
            resolved,
            json!({"a": "x-p_1-${api.id}", "b": ["p_1"], "c": 1})
        );
        assert!(is_open(&resolved));
    }

    #[test]
    fn a_reference_to_a_path_with_braces_ends_at_its_own_brace() {
        let found = references(r#"${api.resources."/users/{id}".id}/x"#).unwrap();
        assert_eq!(
            found[0].address.segments(),
            ["api", "resources", "/users/{id}"]
        );
        assert_eq!(found[0].output, "id");
    }

    #[test]
    fn a_reference_without_output_or_end_is_refused() {
        for text in ["${user_pool}", "${user_pool.id", "${}", "${a b.c}"] {
            assert!(references(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_literal_stays_one_whatever_is_put_beside_it() {
        let known = KnownOutputs::from([
            (Address::new(["user_pool"]), json!({"id": "p_${api.id}"})),
            (
                Address::new(["var"]),
                json!({"of": "${api.id} $${x}", "dollar": "$", "itself": "${var.itself}"}),
            ),
        ]);
        for (written, resolved) in [
            ("$${user_pool.id}", "${user_pool.id}"),
            ("$$${user_pool.id}", "$${user_pool.id}"),
            ("$${ ${user_pool.id}", "${ p_${api.id}"),
            ("$ ${user_pool.id}$", "$ p_${api.id}$"),
            ("$${", "${"),
            ("$5 $$ {", "$5 $$ {"),
            // Still open: as the file has it.
            ("$${x} ${api.id}", "$${x} ${api.id}"),
            ("${var.of}", "${api.id} $${x}"),
            ("${user_pool.id} ${api.id}", "p_$${api.id} ${api.id}"),
            ("${var.dollar}${user_pool.id}", "$p_${api.id}"),
            ("${var.dollar}{stack.name}", "${stack.name}"),
            ("${var.itself}", "${var.itself}"),
        ] {
            let tree = json!(written);
            assert_eq!(resolve(&tree, &known), json!(resolved), "{written}");
            let twice = resolve(&fill(&tree, &known), &known);
            assert_eq!(twice, json!(resolved), "{written}, filled before");
        }
        assert_eq!(
            resolve_all(&json!(["$${a.b}"]), &known),
            Ok(json!(["${a.b}"]))
        );
        assert!(resolve_all(&json!("${api.id}"), &known).is_err());
    }

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_aws_has_reads_back_as_it_is_written(text in "([$]|[{]|[}]|[a.\"\\\\é]|[$][{]a[.]b[}]){0,12}") {
            let tree = json!({ "$${key}": [text] });
            let written = escaped(&tree);
            let is_closed = references(written["$${key}"][0].as_str().unwrap()).is_ok_and(|it| it.is_empty());
            prop_assert!(is_closed);
            let known = KnownOutputs::from([(Address::new(["a"]), json!({"b": "c"}))]);
            prop_assert_eq!(resolve(&fill(&written, &known), &known), tree);
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
