//! A secret's first value: made in memory, sent once, never shown. Pure but for the environment
//! and the operating system's random numbers.

use crate::{
    error::{Context, Error, ErrorKind, Result},
    spec::secret::Secret,
    value,
};
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_smithy_types::date_time::Format;
use rand::{TryRng, rngs::SysRng};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;

/// Letters and digits that nobody confuses in print (no 0 O 1 l I), and that no shell, URL or
/// database refuses.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
const DEFAULT_LENGTH: u32 = 32;

/// A secret's value. It has no way to be printed.
pub(super) struct SecretValue(pub(super) String);

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// The value to create the secret with; `None` when nothing is declared: AWS then makes a secret
/// without a value.
pub(super) fn value(spec: &Secret) -> Result<Option<SecretValue>> {
    match (&spec.from_env, &spec.json, &spec.generate) {
        (Some(variable), None, None) => from_env(variable).map(Some),
        (Some(_), ..) => Err(Error::input("from_env excludes json and generate")
            .hint("take the whole value from the environment, or declare its keys, not both")),
        (None, None, None) => Ok(None),
        (None, ..) => keys(spec).map(Some),
    }
}

/// The value, and where it is an object, the texts in it.
pub(super) fn parts(value: &SecretValue) -> Vec<String> {
    let object: Map<String, Value> = serde_json::from_str(&value.0).unwrap_or_default();
    let texts = object
        .values()
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned);
    texts.chain([value.0.clone()]).collect()
}

fn from_env(variable: &str) -> Result<SecretValue> {
    // The error of `var` would hold a value that is not Unicode.
    match std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty())
    {
        Some(value) => Ok(SecretValue(value)),
        None => Err(
            Error::input(format!("the environment variable {variable} is not set")).hint(format!(
                "set {variable} to the secret's value and run again"
            )),
        ),
    }
}

fn keys(spec: &Secret) -> Result<SecretValue> {
    let length = spec.password_length.unwrap_or(DEFAULT_LENGTH);
    let mut object = Map::new();
    for (key, value) in spec.json.iter().flatten() {
        object.insert(key.clone(), Value::String(value.clone()));
    }
    for key in spec.generate.iter().flatten() {
        if object
            .insert(key.clone(), Value::String(password(length)?))
            .is_some()
        {
            return Err(
                Error::input(format!("the key {key} is in both json and generate"))
                    .hint("keep it in one of them"),
            );
        }
    }
    Ok(SecretValue(Value::Object(object).to_string()))
}

/// `length` characters, each drawn evenly: bytes beyond the last whole multiple of the alphabet
/// are thrown away.
fn password(length: u32) -> Result<String> {
    let fair = (256 / ALPHABET.len() * ALPHABET.len()) as u16;
    let mut password = String::new();
    while password.len() < length as usize {
        let mut bytes = [0; 64];
        SysRng
            .try_fill_bytes(&mut bytes)
            .context(ErrorKind::Internal, "the system has no random numbers")?;
        let drawn = bytes.iter().filter(|byte| u16::from(**byte) < fair);
        let letters = drawn.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        password.extend(letters.take(length as usize - password.len()));
    }
    Ok(password)
}

/// The id of the version that creation makes, shaped like a UUID: the same for one address of one
/// stack, so that a repeat makes no second version and a later version is told apart.
pub(super) fn version(stack: &str, address: &str) -> String {
    let sum = Sha256::digest(format!("{stack}\n{address}"));
    let hex = value::hex(&sum[..16]);
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

/// What to remark on a secret of ours: that its current value is another than the first. A
/// secret that was adopted never had that first one.
pub(super) fn notes(seen: &DescribeSecretOutput, stack: &str, address: &str) -> Vec<String> {
    let Some(versions) = seen.version_ids_to_stages() else {
        return vec![];
    };
    let mut current = versions
        .iter()
        .filter(|(_, stages)| stages.iter().any(|stage| stage == "AWSCURRENT"));
    let first = version(stack, address);
    if current.all(|(id, _)| *id == first) {
        return vec![];
    }
    let date = seen
        .last_changed_date()
        .and_then(|date| date.fmt(Format::DateTime).ok());
    let date = date
        .as_deref()
        .and_then(|text| text.get(..10))
        .unwrap_or("date unknown");
    vec![if versions.contains_key(&first) {
        format!("its value was changed since wsctl made it ({date})")
    } else {
        format!("its value is not of wsctl's making (last changed {date})")
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_secretsmanager::operation::describe_secret::builders::DescribeSecretOutputBuilder;
    use aws_smithy_types::DateTime;

    fn generated() -> Secret {
        Secret {
            name: "db".into(),
            json: Some([("username".to_owned(), "postgres".to_owned())].into()),
            generate: Some(["password".to_owned()].into()),
            ..Default::default()
        }
    }

    #[test]
    fn a_value_holds_the_plain_keys_and_a_password_for_each_generated_one() {
        let SecretValue(text) = value(&generated()).unwrap().unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["username"], "postgres");
        let password = value["password"].as_str().unwrap();
        assert_eq!(password.len(), 32);
        assert!(password.bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn two_passwords_are_never_alike() {
        assert_ne!(password(8).unwrap(), password(8).unwrap());
        assert_eq!(password(128).unwrap().len(), 128);
    }

    #[test]
    fn the_alphabet_has_no_characters_that_look_alike() {
        assert!(b"0O1lI".iter().all(|byte| !ALPHABET.contains(byte)));
    }

    #[test]
    fn a_value_is_never_printed() {
        let value = value(&generated()).unwrap();
        assert_eq!(format!("{value:?}"), "Some((hidden))");
    }

    #[test]
    fn a_key_is_either_plain_or_generated() {
        let mut spec = generated();
        spec.generate = Some(["username".to_owned()].into());
        assert!(value(&spec).unwrap_err().message.contains("username"));
        spec.from_env = Some("DB_SECRET".into());
        assert!(value(&spec).is_err());
    }

    #[test]
    fn a_missing_variable_is_named() {
        let spec = Secret {
            from_env: Some("WSCTL_TEST_IS_NOT_SET".into()),
            ..Default::default()
        };
        assert!(
            value(&spec)
                .unwrap_err()
                .message
                .contains("WSCTL_TEST_IS_NOT_SET")
        );
    }

    #[test]
    fn a_version_id_is_shaped_like_a_uuid_and_differs_by_stack_and_address() {
        let id = version("workshop", "secrets.db");
        assert_eq!(id.len(), 36);
        assert_eq!(id, version("workshop", "secrets.db"));
        assert_ne!(id, version("workshop", "secrets.db2"));
        assert_ne!(id, version("other", "secrets.db"));
    }

    #[test]
    fn a_value_changed_elsewhere_is_remarked() {
        let first = version("w", "secrets.db");
        let seen = |versions: &[(&str, &str)]| {
            let seen = DescribeSecretOutput::builder()
                .last_changed_date(DateTime::from_secs(1_767_225_600));
            let add = |seen: DescribeSecretOutputBuilder, (id, stage): &(&str, &str)| {
                seen.version_ids_to_stages(*id, vec![(*stage).to_owned()])
            };
            notes(&versions.iter().fold(seen, add).build(), "w", "secrets.db")
        };
        assert!(seen(&[(&first, "AWSCURRENT")]).is_empty());
        let rotated = seen(&[("another", "AWSCURRENT"), (&first, "AWSPREVIOUS")]);
        assert_eq!(
            rotated,
            ["its value was changed since wsctl made it (2026-01-01)"]
        );
        let adopted = seen(&[("another", "AWSCURRENT")]);
        assert_eq!(
            adopted,
            ["its value is not of wsctl's making (last changed 2026-01-01)"]
        );
    }
}
