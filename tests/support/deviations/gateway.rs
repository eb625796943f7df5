//! What moto lacks of Amazon API Gateway.

use super::{Stub, cognito::alter};
use crate::support::wire::Verdict;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Refuses definitions, as an emulator does that lacks them: single requests make the API then.
pub(super) fn no_definitions() -> Stub {
    Box::new(|asked| {
        let (verb, path) = asked.operation.split_once(' ')?;
        let is_of_api = path.split('?').next()?.split('/').count() == 3;
        (verb == "PUT" && is_of_api).then(|| Verdict::refusal(404, "NotFoundException"))
    })
}

/// Fills in the description that a stage was made with, while it has no other.
pub(super) fn stage_description() -> Stub {
    let mut descriptions = BTreeMap::new();
    Box::new(move |asked| {
        let (verb, path) = asked.operation.split_once(' ')?;
        let api = path.split('/').nth(2)?.to_owned();
        match (verb, path.rsplit('/').next()?) {
            ("POST", "deployments") => {
                let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
                descriptions.insert(
                    (api, body["stageName"].clone().to_string()),
                    body["stageDescription"].clone(),
                );
                None
            }
            ("GET", "stages") => {
                let descriptions = descriptions.clone();
                Some(alter(move |reply| {
                    for stage in reply["item"].as_array_mut().into_iter().flatten() {
                        let made_with =
                            descriptions.get(&(api.clone(), stage["stageName"].to_string()));
                        if let (Some("") | None, Some(text)) =
                            (stage["description"].as_str(), made_with)
                        {
                            stage["description"] = text.clone();
                        }
                    }
                }))
            }
            _ => None,
        }
    })
}

/// Says of what was deleted already that it is not there. Only of what has an id of its own: a
/// method or a stage may be made again under its name.
pub(super) fn second_deletions() -> Stub {
    let mut deleted = BTreeSet::new();
    Box::new(move |asked| {
        let path = asked.operation.strip_prefix("DELETE ")?;
        let has_id = matches!(
            path.split('/').collect::<Vec<_>>()[..],
            [_, _, _] | [_, _, _, "resources" | "authorizers", _]
        );
        let is_again = has_id && !deleted.insert(path.to_owned());
        is_again.then(|| Verdict::refusal(404, "NotFoundException"))
    })
}
