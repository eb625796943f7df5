//! What moto lacks of Amazon Cognito.

use super::Stub;
use crate::support::wire::{Asked, Verdict};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use wsctl::plan::laid_over_all;

/// What `UpdateUserPool` does not take.
const FIXED: [&str; 3] = [
    "UsernameAttributes",
    "UsernameConfiguration",
    "AliasAttributes",
];

fn body(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).unwrap_or_default()
}

/// Managed login branding, one a client.
pub(super) fn branding() -> Stub {
    let mut brandings = BTreeMap::new();
    Box::new(move |asked| {
        let body = body(asked);
        let client = body["ClientId"].as_str().unwrap_or_default().to_owned();
        Some(match asked.operation.as_str() {
            "CreateManagedLoginBranding" => {
                let id = format!("branding-of-{client}");
                let made = json!({
                    "ManagedLoginBrandingId": id, "UserPoolId": body["UserPoolId"],
                    "Settings": body["Settings"], "Assets": body["Assets"],
                });
                brandings.insert(client, made.clone());
                Verdict::json(&json!({ "ManagedLoginBranding": made }))
            }
            "UpdateManagedLoginBranding" => {
                let id = &body["ManagedLoginBrandingId"];
                let mut all = brandings.values_mut();
                let Some(there) = all.find(|it| it["ManagedLoginBrandingId"] == *id) else {
                    return Some(Verdict::refusal(400, "ResourceNotFoundException"));
                };
                there["Settings"] = laid_over_all(&there["Settings"], &body["Settings"]);
                let place = |it: &Value| (it["Category"].clone(), it["ColorMode"].clone());
                let list = |it: &Value| it.as_array().cloned().unwrap_or_default();
                let sent = list(&body["Assets"]);
                let mut assets = list(&there["Assets"]);
                assets.retain(|it| !sent.iter().any(|new| place(new) == place(it)));
                there["Assets"] = assets.into_iter().chain(sent).collect();
                Verdict::json(&json!({ "ManagedLoginBranding": there }))
            }
            "DescribeManagedLoginBrandingByClient" => match brandings.get(&client) {
                Some(branding) => Verdict::json(&json!({ "ManagedLoginBranding": branding })),
                None => Verdict::refusal(400, "ResourceNotFoundException"),
            },
            "DeleteManagedLoginBranding" => {
                let before = brandings.len();
                brandings
                    .retain(|_, it| it["ManagedLoginBrandingId"] != body["ManagedLoginBrandingId"]);
                match brandings.len() < before {
                    true => Verdict::json(&json!({})),
                    false => Verdict::refusal(400, "ResourceNotFoundException"),
                }
            }
            _ => return None,
        })
    })
}

/// The version of each domain, told in its description.
pub(super) fn managed_login_version() -> Stub {
    let mut versions = BTreeMap::new();
    Box::new(move |asked| {
        let body = body(asked);
        let domain = body["Domain"].as_str().unwrap_or_default().to_owned();
        match asked.operation.as_str() {
            "CreateUserPoolDomain" | "UpdateUserPoolDomain" => {
                versions.insert(domain, body["ManagedLoginVersion"].clone());
                None
            }
            "DescribeUserPoolDomain" => {
                let version = versions.get(&domain).filter(|it| !it.is_null())?.clone();
                Some(alter(move |reply| {
                    let description = reply["DomainDescription"].as_object_mut();
                    let description = description.filter(|it| !it.is_empty());
                    description.map(|it| it.insert("ManagedLoginVersion".into(), version));
                }))
            }
            _ => None,
        }
    })
}

/// Sends with each update what the pool was made with, and leaves MFA to its own operation.
pub(super) fn updates_of_pools() -> Stub {
    let pools: Arc<Mutex<BTreeMap<String, Map<String, Value>>>> = Arc::default();
    Box::new(move |asked| {
        let mut body = body(asked);
        match asked.operation.as_str() {
            "CreateUserPool" => {
                let fixed = FIXED
                    .iter()
                    .filter_map(|it| Some(((*it).to_owned(), body.get(it)?.clone())));
                let (fixed, pools) = (fixed.collect(), Arc::clone(&pools));
                Some(alter(move |reply| {
                    let id = reply["UserPool"]["Id"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned();
                    pools.lock().unwrap().insert(id, fixed);
                }))
            }
            "UpdateUserPool" => {
                let pools = pools.lock().unwrap();
                let fixed = pools.get(body["UserPoolId"].as_str()?)?.clone();
                let fields = body.as_object_mut()?;
                fields.extend(fixed);
                fields.remove("MfaConfiguration");
                Some(Verdict::Send(body.to_string()))
            }
            _ => None,
        }
    })
}

/// Changes, or only reads, a reply in JSON.
pub(super) fn alter(change: impl FnOnce(&mut Value) + Send + 'static) -> Verdict {
    Verdict::Alter(Box::new(move |reply| {
        let mut tree = serde_json::from_str(&reply).unwrap_or_default();
        change(&mut tree);
        tree.to_string()
    }))
}
