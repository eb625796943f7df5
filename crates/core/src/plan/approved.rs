//! What a person agreed to when they saw a plan, to tell later whether it is still that. Pure.

use super::Plan;
use crate::{
    error::{Error, Result},
    value::Address,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A plan as it is shown, and the ids of everything it was made from. No secret is in it: a shown
/// plan hides them, and outputs are none.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovedPlan {
    plan: Value,
    live: BTreeMap<Address, Value>,
}

impl ApprovedPlan {
    pub fn to(plan: &Plan) -> Result<Self> {
        let environment = Address::new(["env"]);
        let known = plan
            .known
            .iter()
            .filter(|(address, _)| **address != environment);
        let known = known.map(|(address, outputs)| (address.clone(), outputs.clone()));
        let touched = plan
            .steps
            .iter()
            .filter_map(|step| Some((step.address.clone(), step.live.as_ref()?)));
        let touched = touched.map(|(address, live)| (address, live.outputs.clone()));
        let shown = serde_json::to_value(plan);
        let shown = shown.map_err(|error| Error::internal("a plan has no JSON").source(error))?;
        Ok(Self {
            plan: shown,
            live: known.chain(touched).collect(),
        })
    }

    /// Whether it is to change nothing.
    pub fn is_empty(&self) -> bool {
        self.plan["steps"].as_array().is_none_or(Vec::is_empty)
    }

    /// What is otherwise in `now`, a line each; none when all is as it was.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let (then, now) = (self.facts(), now.facts());
        let keys: BTreeSet<_> = then.keys().chain(now.keys()).collect();
        let line = |key: &String| match (then.get(key), now.get(key)) {
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) => Some(format!("{key}: it was {old}, now it is {new}")),
            (Some(old), None) => Some(format!("{key}: no longer {old}")),
            (None, new) => Some(format!("{key}: now {}", new.map_or("", String::as_str))),
        };
        keys.into_iter().filter_map(line).collect()
    }

    /// Everything in it as lines of a name and a text.
    fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for step in self.plan["steps"].as_array().into_iter().flatten() {
            let address = text(&step["address"]);
            facts.insert(address.clone(), format!("to {}", text(&step["action"])));
            for change in step["changes"].as_array().into_iter().flatten() {
                let name = format!("{address}: {}", text(&change["path"]));
                facts.insert(name, format!("{} → {}", change["old"], change["new"]));
            }
            for own in ["moved_from", "attaches"] {
                leaves(&mut facts, &format!("{address}: {own}"), &step[own]);
            }
            leaves(
                &mut facts,
                &format!("{address} as planned"),
                &step["planned"],
            );
        }
        for (address, outputs) in &self.live {
            leaves(&mut facts, &format!("{address} in AWS"), outputs);
        }
        for list in [
            "notes",
            "warnings",
            "set_elsewhere",
            "blocked",
            "losses",
            "protected",
        ] {
            for (index, item) in self.plan[list].as_array().into_iter().flatten().enumerate() {
                leaves(&mut facts, &format!("{list} {}", index + 1), item);
            }
        }
        facts
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn leaves(facts: &mut BTreeMap<String, String>, name: &str, tree: &Value) {
    match tree {
        Value::Null => {}
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| leaves(facts, &format!("{name}: {key}"), value));
        }
        leaf => drop(facts.insert(name.to_owned(), leaf.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn agreed(steps: Value, id: &str) -> ApprovedPlan {
        ApprovedPlan {
            plan: json!({ "steps": steps }),
            live: BTreeMap::from([(Address::new(["user_pool"]), json!({ "id": id }))]),
        }
    }

    #[test]
    fn the_same_plan_has_no_differences_also_after_it_was_saved() {
        let steps =
            json!([{ "address": "api.stage", "action": "update", "planned": { "rate": 1000.0 } }]);
        let agreed = agreed(steps, "p_1");
        let saved: ApprovedPlan =
            serde_json::from_str(&serde_json::to_string(&agreed).unwrap()).unwrap();
        assert!(saved == agreed && saved.differences(&agreed).is_empty());
    }

    #[test]
    fn each_difference_is_told_by_its_address() {
        let change = |new: &str| json!({ "path": "name", "old": "a", "new": new });
        let then = agreed(
            json!([{ "address": "api", "action": "update", "changes": [change("b")] }]),
            "p_1",
        );
        let now = agreed(
            json!([
                { "address": "api", "action": "update", "changes": [change("c")] },
                { "address": "secrets.db", "action": "create" },
            ]),
            "p_2",
        );
        assert_eq!(
            then.differences(&now),
            [
                "api: name: it was \"a\" → \"b\", now it is \"a\" → \"c\"",
                "secrets.db: now to create",
                "user_pool in AWS: id: it was \"p_1\", now it is \"p_2\"",
            ]
        );
    }
}
