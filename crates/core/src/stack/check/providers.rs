//! Identity providers of a pool: what each type has, and what of it AWS takes (docs/aws.md §4). Pure.

use super::{Findings, attributes, below};
use crate::{
    spec::{
        identity_provider::{METADATA, ProviderType, SECRETS, type_of},
        user_pool::{UserPool, word},
    },
    stack::{
        schema::closest,
        source::{Diagnostic, Path, path},
    },
    value::{self, Address},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The pool's own users, as clients name them.
pub(super) const OWN: &str = "COGNITO";

const TABLE: &str = "identity_providers";

/// Attributes beside the standard ones that a provider can fill.
const GIVEN: [&str; 3] = ["email_verified", "phone_number_verified", "username"];

/// The names of those that a file declares.
pub(super) fn names(tree: &Value) -> Vec<String> {
    all(tree).map(|(name, _)| name.clone()).collect()
}

fn all(tree: &Value) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
    let tables = tree["user_pool"][TABLE].as_object().into_iter().flatten();
    tables.filter_map(|(name, it)| Some((name, it.as_object()?)))
}

/// What to write for one that is not there.
pub(super) fn instead_of(name: &str, there: &[String]) -> String {
    let words: Vec<_> = there.iter().cloned().chain([OWN.to_owned()]).collect();
    let is_it = |it: &&String| it.eq_ignore_ascii_case(name);
    match words.iter().find(is_it).or_else(|| closest(name, &words)) {
        Some(close) => format!("write {close:?}"),
        None => format!("add [{}], or take it out", address(name)),
    }
}

fn address(name: &str) -> Address {
    Address::new(["user_pool", TABLE, name])
}

pub(super) fn check(found: &mut Findings<'_>, pool: &UserPool) {
    let mut identifiers = BTreeMap::new();
    for (name, table) in all(found.tree) {
        let place = path(["user_pool", TABLE, name]);
        if name.eq_ignore_ascii_case(OWN) {
            let help = "take it out: clients name the pool's own users so without it";
            found.name(place.clone(), format!("`{name}` is the pool itself"), help);
        }
        one(found, &place, name, table);
        mapping(found, &below(&place, "attribute_mapping"), table, pool);
        for text in texts(&table.get("idp_identifiers")) {
            let at = found.item(&below(&place, "idp_identifiers"), text);
            if let Some(other) = identifiers.insert(text, name) {
                let message = format!("a second provider has the identifier `{text}`");
                found.error(
                    at,
                    message,
                    format!("[{}] has it; name each once", address(other)),
                );
            }
        }
    }
}

fn texts<'a>(list: &Option<&'a Value>) -> impl Iterator<Item = &'a str> + use<'a> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str)
}

/// A table of one type's fields.
fn one(found: &mut Findings<'_>, place: &Path, name: &str, table: &Map<String, Value>) {
    let Some(of) = type_of(&Value::Object(table.clone())) else {
        if !table.contains_key("type") {
            let fixed = ProviderType::ALL.iter().map(word);
            let help = match fixed.into_iter().find(|it| it == name) {
                Some(word) => format!("add type = {word:?}"),
                None => "add type = \"OIDC\", \"SAML\" or that of another provider".to_owned(),
            };
            lacks(found, place, "type", help);
        }
        return;
    };
    let its_name = word(&of);
    if of.has_one_name() && name != its_name {
        let message = format!("AWS takes a provider of type {its_name} under no other name");
        found.name(
            place.clone(),
            message,
            format!("write [{}]", address(&its_name)),
        );
    }
    let known: Vec<_> = of.fields().collect();
    for field in table.keys().filter(|it| *it != "protect") {
        if !known.contains(&field.as_str()) {
            let help = format!("take it out; it has {}", known.join(", "));
            let message = format!("a provider of type {its_name} has no {field}");
            found.name(below(place, field), message, help);
        }
    }
    for field in of.needs().iter().filter(|it| !table.contains_key(**it)) {
        if SECRETS.contains(field) {
            lacks_secret(found, place, name, field);
        } else {
            lacks(found, place, field, format!("add `{field} = …`"));
        }
    }
    for field in SECRETS.iter().filter(|it| table.contains_key(**it)) {
        secret(found, below(place, field), name, field, &table[*field]);
    }
    if of == ProviderType::Saml {
        metadata(found, place, table);
    }
}

fn lacks(found: &mut Findings<'_>, place: &Path, field: &str, help: String) {
    let table = Address::new(place.clone());
    found.name(place.clone(), format!("[{table}] lacks `{field}`"), help);
}

/// One that is there has it already; nobody but AWS may know it.
fn lacks_secret(found: &mut Findings<'_>, place: &Path, name: &str, field: &str) {
    let address = Address::new(place.clone());
    let message = format!("[{address}] lacks `{field}`, without which it cannot be made");
    let help = format!("add {field} = {:?}", from_environment(name, field));
    let lacks = Diagnostic::error(place.clone(), message, help).at_key();
    found.found.push(lacks.unless_there(address));
}

/// How a file names the secret of a provider.
pub(in crate::stack) fn from_environment(name: &str, field: &str) -> String {
    let is_word = |it: char| it.is_ascii_alphanumeric();
    let name: String = name
        .chars()
        .map(|it| if is_word(it) { it } else { '_' })
        .collect();
    format!("${{env.{}_{}}}", name.to_uppercase(), field.to_uppercase())
}

/// Whatever else a file says is shown in plans, and kept in them.
pub(super) fn secret(found: &mut Findings<'_>, at: Path, name: &str, field: &str, value: &Value) {
    let text = value.as_str().unwrap_or_default();
    let is_whole = text.starts_with("${env.") && text.find('}') == Some(text.len() - 1);
    if !(is_whole && value::reads_environment(value)) {
        let help = format!("write {field} = {:?}, say", from_environment(name, field));
        found.error(
            at,
            format!("{field} is a secret: it comes from the environment"),
            help,
        );
    }
}

fn metadata(found: &mut Findings<'_>, place: &Path, table: &Map<String, Value>) {
    let said: Vec<_> = METADATA
        .iter()
        .filter(|it| table.contains_key(**it))
        .collect();
    match said.as_slice() {
        [] => lacks(
            found,
            place,
            "metadata_url",
            "add `metadata_url = …`, or metadata_file with a file beside this one".to_owned(),
        ),
        [_] => {}
        [first, second, ..] => {
            let message = format!("{first} and {second} say the same");
            found.name(below(place, second), message, "keep one of them");
        }
    }
}

/// Cognito writes what is mapped at every sign-in, and refuses the second one of somebody whose attribute
/// cannot be changed (docs/aws.md §4).
fn mapping(found: &mut Findings<'_>, place: &Path, table: &Map<String, Value>, pool: &UserPool) {
    let mapping = table.get("attribute_mapping").and_then(Value::as_object);
    for (name, _) in mapping.into_iter().flatten() {
        let at = below(place, name);
        let own = name.strip_prefix("custom:");
        let own = own.and_then(|it| pool.custom_attributes.as_ref()?.get(it));
        let standard = pool.standard_attributes.as_ref();
        let standard = standard.and_then(|it| it.get(name)?.mutable);
        if own.map(|it| it.mutable).or(standard) == Some(false) {
            let message = format!("`{name}` cannot be changed, so that people sign in only once");
            let help = "make it mutable, or take it out: each sign-in writes it";
            found.name(at, message, help);
        } else {
            attributes::known_key(found, at, name, pool, &GIVEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::from_environment;
    use crate::spec::{Spec, identity_provider::IdentityProvider};

    #[test]
    fn a_secret_has_a_name_that_an_environment_takes() {
        assert_eq!(IdentityProvider::TRAITS.table, super::TABLE);
        let named = from_environment("My.Okta", "client_secret");
        assert_eq!(named, "${env.MY_OKTA_CLIENT_SECRET}");
    }
}
