//! What a member's name tells of its value. Pure.

use super::Sort;
use crate::spec::integration::without_query;
use serde_json::{Map, Value};

/// What the members around a value make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Plain,
    /// Every text below is a secret.
    Secrets,
    /// Every text below is a function's variable.
    Variables,
    /// A list of names and values about a person.
    Person,
    /// What a function wrote.
    Log,
    /// What goes along with requests to an address, the texts among it in single quotes.
    Sent,
    /// An operation of a patch that sets a variable.
    PatchOfVariable,
}

/// Below these, everything is a secret: credentials, tokens, what a person types.
const SECRETS: [&str; 14] = [
    "additionalcontext",
    "authenticationresult",
    "authparameters",
    "challengeparameters",
    "challengeresponses",
    "claims",
    "clientmetadata",
    "contextdata",
    "credentials",
    "headers",
    "multivalueheaders",
    "secretstring",
    "usercontextdata",
    "validationdata",
];

/// Texts of these names are secrets whatever they are in. Of one with `password` or `token` in its
/// name that is so too.
const SECRET: [&str; 21] = [
    "accesskeyid",
    "apikey",
    "authorization",
    "authorizationcode",
    "clientsecret",
    "clientsecretvalue",
    "confirmationcode",
    "cookie",
    "devicekey",
    "log",
    "logresult",
    "privatekey",
    "secretaccesskey",
    "secretbinary",
    "secretcode",
    "secrethash",
    "secretstring",
    "session",
    "signature",
    "usercode",
    "zipfile",
];

const PERSON: [&str; 7] = [
    "destination",
    "principalid",
    "sub",
    "user",
    "userid",
    "username",
    "usersub",
];

/// Ids by their names' ends, which name what is no id.
const NO_ID: [&str; 4] = ["KeyId", "KmsKeyId", "SecretId", "StatementId"];

impl Within {
    /// What it is in an object with these members.
    pub(super) fn of(self, members: &Map<String, Value>) -> Self {
        let path = members.get("path").and_then(Value::as_str);
        match path.is_some_and(|it| it.starts_with("/variables/")) {
            true if self == Self::Plain => Self::PatchOfVariable,
            _ => self,
        }
    }

    /// What it is in a member of this name.
    pub(super) fn below(self, name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            _ if self != Self::Plain => self,
            "variables" | "stagevariables" => Self::Variables,
            "requestparameters" => Self::Sent,
            "userattributes" | "attributes" => Self::Person,
            "events" => Self::Log,
            lower if SECRETS.contains(&lower) => Self::Secrets,
            _ => Self::Plain,
        }
    }
}

/// What a text is, as far as its member tells.
pub(super) fn sort(name: &str, text: &str, within: Within) -> Option<Sort> {
    // A member of a map within a member that holds one text only is no map.
    let lower = name.to_ascii_lowercase();
    match within {
        // An integration's `credentials` are a role's ARN.
        Within::Secrets if lower == "credentials" => None,
        Within::Secrets => Some(Sort::Secret),
        Within::Variables => Some(Sort::Variable),
        Within::Sent if text.starts_with('\'') => Some(Sort::Variable),
        Within::PatchOfVariable if lower == "value" => Some(Sort::Variable),
        // An address may have a key in its query.
        _ if lower == "uri" && without_query(text) != text => Some(Sort::Variable),
        Within::Person if lower == "value" => Some(Sort::Person),
        Within::Log if lower == "message" => Some(Sort::Secret),
        _ if is_secret(&lower, text) => Some(Sort::Secret),
        _ if PERSON.contains(&lower.as_str()) => Some(Sort::Person),
        _ if is_id(name) && super::text::may_be_id(text) => Some(Sort::Id),
        _ => None,
    }
}

/// The value of an API key, as API Gateway tells of one: its name alone says nothing.
pub(super) fn value_of_key(members: &Map<String, Value>) -> Option<&str> {
    let tells = |name: &str| members.contains_key(name);
    let is_key = tells("stageKeys") || tells("enabled") || members.get("type")? == "API_KEY";
    members.get("value").filter(|_| is_key)?.as_str()
}

/// Whether a text is one of AWS's own that may quote what was sent.
pub(super) fn is_message(name: &str) -> bool {
    matches!(name, "message" | "Message" | "errorMessage")
}

fn is_secret(lower: &str, text: &str) -> bool {
    // `"AccessToken": "hours"` is how a client's times are counted.
    let is_unit = matches!(text, "seconds" | "minutes" | "hours" | "days");
    let last = lower.rsplit('.').next().unwrap_or(lower);
    SECRET.contains(&last) || ((last.contains("password") || last.contains("token")) && !is_unit)
}

fn is_id(name: &str) -> bool {
    let ends = ["Id", "ID", "Ids", "position"]
        .iter()
        .any(|end| name.ends_with(end));
    (name == "id" || ends) && !NO_ID.contains(&name)
}
