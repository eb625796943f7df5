//! What somebody puts beside a resource, past whoever made it: told by listings of its own.

use crate::{call::Call, cloud::Cloud, gateway::domain_name::Domain};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// By operation, and by whom it is asked of: what is listed.
pub(crate) type Doors = BTreeMap<(String, String), Vec<Value>>;

/// The operations, the member that says of what, and the member that has the answer: a list, but where
/// there can be one only.
const LISTINGS: [(&str, &str, &str); 9] = [
    ("ListUserPoolClientSecrets", "ClientId", "ClientSecrets"),
    (
        "ListFunctionUrlConfigs",
        "FunctionName",
        "FunctionUrlConfigs",
    ),
    (
        "ListEventSourceMappings",
        "FunctionName",
        "EventSourceMappings",
    ),
    ("ListAliases", "FunctionName", "Aliases"),
    ("GetPolicy", "FunctionName", "Policy"),
    (
        "DescribeSubscriptionFilters",
        "logGroupName",
        "subscriptionFilters",
    ),
    ("GetResourcePolicy", "SecretId", "ResourcePolicy"),
    ("GetDomainNames", "", "item"),
    ("GetBasePathMappings", "domainName", "item"),
];

impl Cloud {
    /// Somebody puts it there; `of` is as the operation names it, a function's part with a colon.
    pub fn open(&mut self, operation: &str, of: &str, door: Value) {
        self.doors
            .entry((operation.to_owned(), of.to_owned()))
            .or_default()
            .push(door);
    }

    /// Somebody changes the last one that was put there.
    pub fn change_door(&mut self, operation: &str, of: &str, member: &str, value: Value) {
        let doors = self.doors.get_mut(&(operation.to_owned(), of.to_owned()));
        let door = doors.and_then(|it| it.last_mut()).expect("it was opened");
        if member.is_empty() {
            *door = value
        } else {
            door[member] = value
        }
    }
}

/// `None` for every other operation, and for a function's own policy.
pub(crate) fn answer(cloud: &Cloud, call: &Call) -> Option<Value> {
    let (operation, member, list) = LISTINGS.iter().find(|it| it.0 == call.operation)?;
    let of = match call.text("Qualifier") {
        "" if *operation == "GetPolicy" => return None,
        "" => call.text(member).to_owned(),
        qualifier => format!("{}:{qualifier}", call.text(member)),
    };
    let key = ((*operation).to_owned(), of);
    let mut found = cloud.doors.get(&key).cloned().unwrap_or_default();
    match *operation {
        "GetDomainNames" => found.extend(cloud.gateway.domains.values().map(Domain::shown)),
        "GetBasePathMappings" => {
            let domain = cloud.gateway.domains.get(&key.1);
            found.extend(
                domain
                    .into_iter()
                    .flat_map(|it| it.mappings.values().cloned()),
            );
        }
        _ => {}
    }
    Some(match *list {
        "Policy" | "ResourcePolicy" => found
            .first()
            .map_or_else(|| json!({}), |it| json!({ *list: it })),
        _ => json!({ *list: found }),
    })
}
