//! Managed login branding: one style a client (docs/aws.md §4).

use super::{absent, find, wrong};
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Map, Value, json};

#[derive(Clone)]
pub(crate) struct Branding {
    pub(crate) client: String,
    /// What is said of it: `Settings`, `Assets` and `UseCognitoProvidedValues`.
    pub(crate) tree: Map<String, Value>,
}

/// What a request may have, in characters.
const LARGEST: usize = 2_000_000;

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.uuid();
    let pool = find(cloud, call)?;
    let client = call.text("ClientId");
    if Value::Object(call.input.clone()).to_string().len() > LARGEST {
        return wrong("The request has more than 2 MB.");
    }
    let of_client = |it: &(&String, &Branding)| it.1.client == client;
    let of_id = call.text("ManagedLoginBrandingId");
    match call.operation.as_str() {
        "CreateManagedLoginBranding" if pool.brandings.iter().any(|it| of_client(&it)) => refuse(
            "ManagedLoginBrandingExistsException",
            "The client has a branding already.",
        ),
        "CreateManagedLoginBranding" if !pool.clients.contains_key(client) => {
            absent("User pool client does not exist.")
        }
        "CreateManagedLoginBranding" => {
            let mut branding = Branding {
                client: client.to_owned(),
                tree: Map::new(),
            };
            branding.set(call)?;
            let answer = branding.shown(&id, call);
            pool.brandings.insert(id, branding);
            Ok(answer)
        }
        "DescribeManagedLoginBrandingByClient" => match pool.brandings.iter().find(of_client) {
            Some((id, it)) => Ok(it.shown(id, call)),
            None => absent("No branding."),
        },
        "UpdateManagedLoginBranding" => match pool.brandings.get_mut(of_id) {
            Some(it) => {
                it.set(call)?;
                Ok(it.shown(of_id, call))
            }
            None => absent("No branding."),
        },
        "DeleteManagedLoginBranding" => match pool.brandings.remove(of_id) {
            Some(_) => Ok(json!({})),
            None => absent("No branding."),
        },
        _ => unknown(call),
    }
}

impl Branding {
    /// What is left out stays, and an image takes the place of one for the same.
    fn set(&mut self, call: &Call) -> Result<(), Refusal> {
        let is_own = call.get("UseCognitoProvidedValues") == true;
        let settings = call.get("Settings");
        if is_own != settings.is_null() {
            return wrong(
                "useCognitoProvidedValues or settings should be specified (but not both)",
            );
        }
        let sent = call.get("Assets").as_array().cloned().unwrap_or_default();
        let is_icon = |it: &Value| it["Extension"] != "ICO" || it["Category"] == "FAVICON_ICO";
        if !sent.iter().all(is_icon) {
            return wrong("Only the favicon is an ICO.");
        }
        let there = self.tree.remove("Assets");
        let mut assets = there
            .and_then(|it| it.as_array().cloned())
            .unwrap_or_default();
        let place = |it: &Value| (it["Category"].clone(), it["ColorMode"].clone());
        assets.retain(|it| !sent.iter().any(|new| place(new) == place(it)));
        assets.extend(sent);
        assets.sort_by_key(|it| it["Category"].to_string() + &it["ColorMode"].to_string());
        self.tree.insert("Assets".into(), Value::Array(assets));
        self.tree
            .insert("UseCognitoProvidedValues".into(), is_own.into());
        match is_own {
            true => drop(self.tree.remove("Settings")),
            false => merge(
                self.tree.entry("Settings").or_insert_with(|| json!({})),
                settings,
            ),
        }
        Ok(())
    }

    fn shown(&self, id: &str, call: &Call) -> Value {
        let mut tree = self.tree.clone();
        tree.insert("ManagedLoginBrandingId".into(), json!(id));
        tree.insert("UserPoolId".into(), call.get("UserPoolId").clone());
        json!({ "ManagedLoginBranding": tree })
    }
}

fn merge(there: &mut Value, sent: &Value) {
    match (there, sent) {
        (Value::Object(there), Value::Object(sent)) => {
            for (key, value) in sent {
                merge(there.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (there, sent) => *there = sent.clone(),
    }
}
