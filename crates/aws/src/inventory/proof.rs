//! What became of each resource of a destroyed stack, by a second look at every service. Pure.

use super::{Inventory, Item, leftover::logs_of};
use crate::{
    owner::Owner,
    spec::{Live, Produces, function::Function, rest_api::RestApi},
    value::Address,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// One resource, and where it is now.
#[derive(Debug, PartialEq, Serialize)]
pub struct Proof {
    /// Its address in the stack; what AWS made along has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    pub kind: &'static str,
    /// Its name in AWS.
    pub name: String,
    #[serde(flatten)]
    pub fate: AfterDestroy,
}

/// Where a resource is after a destroy.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fate")]
pub enum AfterDestroy {
    /// Neither its tag nor its name is found.
    Gone,
    /// AWS deletes it by itself on that day; until then it can be taken back.
    Pending {
        until: String,
    },
    /// It was there before, and only used.
    Attached,
    Left {
        because: String,
    },
    /// It carries no tag, so it is not the stack's to delete.
    Untagged {
        because: String,
    },
}

/// What the second look found.
pub struct SecondLook<'a> {
    /// What was the stack's before.
    pub before: &'a [Live],
    /// What the kinds find now, by tag and by the names in the file.
    pub after: &'a [Live],
    /// What the services list now.
    pub inventory: &'a Inventory,
    /// Why a deletion failed or was not tried.
    pub failures: &'a BTreeMap<Address, String>,
    pub stack: &'a str,
}

impl Inventory {
    /// Whether no service lists any of what was there any more, and none of it was only attached or used, so
    /// that there is nothing else to look for.
    pub fn has_none_of(&self, before: &[Live]) -> bool {
        let is_gone = |live: &Live| {
            let listed = self.listed(live);
            live.owner == Owner::Ours && listed.is_none_or(|it| it.pending_until.is_some())
        };
        self.unread.is_empty() && before.iter().all(is_gone)
    }

    /// What a service lists of a resource.
    fn listed(&self, live: &Live) -> Option<&Item> {
        self.items.iter().find(|item| is_same(item, live))
    }
}

/// One line for everything that was there, and for what turns up besides.
pub fn proofs(look: &SecondLook<'_>) -> Vec<Proof> {
    let mut proofs: Vec<_> = look.before.iter().map(|live| look.proof(live)).collect();
    proofs.extend(look.strays().map(|item| Proof {
        address: item.address.clone(),
        kind: item.kind,
        name: item.name.clone(),
        fate: stray(item),
    }));
    proofs.extend(look.made_along().into_iter().map(|item| Proof {
        address: None,
        kind: item.kind,
        name: item.name.clone(),
        fate: AfterDestroy::Untagged {
            because: format!(
                "AWS made it and it carries no tag; wsctl sweep '{}' deletes it",
                item.name
            ),
        },
    }));
    proofs
}

impl SecondLook<'_> {
    fn proof(&self, live: &Live) -> Proof {
        let fate = match live.owner {
            Owner::Ours => self.fate(live),
            _ => AfterDestroy::Attached,
        };
        Proof {
            address: Some(live.address.clone()),
            kind: live.kind,
            name: name_of(live),
            fate,
        }
    }

    fn fate(&self, live: &Live) -> AfterDestroy {
        if self
            .after
            .iter()
            .any(|it| it.address == live.address && it.owner == Owner::Ours)
        {
            return AfterDestroy::Left {
                because: self.because(live),
            };
        }
        let listed = self.inventory.listed(live);
        match listed.map(|it| it.pending_until.clone()) {
            None => AfterDestroy::Gone,
            Some(Some(until)) => AfterDestroy::Pending { until },
            Some(None) => AfterDestroy::Left {
                because: "AWS still lists it; destroy again in a minute".into(),
            },
        }
    }

    fn because(&self, live: &Live) -> String {
        match self.failures.get(&live.address) {
            Some(failure) => failure.clone(),
            None if live.protected => "its deletion protection is on".into(),
            None => "it came back, or was made again".into(),
        }
    }

    /// What carries the stack's tag, and was not seen before.
    fn strays(&self) -> impl Iterator<Item = &Item> {
        let is_ours = |it: &&Item| it.stack.as_deref() == Some(self.stack);
        let ours = self.inventory.items.iter().filter(is_ours);
        ours.filter(|it| self.is_new(it))
    }

    fn is_new(&self, item: &Item) -> bool {
        !self.before.iter().any(|live| is_same(item, live))
    }

    fn made_along(&self) -> Vec<&Item> {
        let of = |kind: &str, output: &str| -> Vec<&str> {
            let there = self
                .before
                .iter()
                .filter(|it| it.kind == kind && it.owner == Owner::Ours);
            there.filter_map(|it| it.outputs[output].as_str()).collect()
        };
        let (functions, apis) = (of(Function::NAME, "name"), of(RestApi::NAME, "id"));
        logs_of(self.inventory, &functions, &apis)
            .into_iter()
            .filter(|it| self.is_new(it))
            .collect()
    }
}

fn stray(item: &Item) -> AfterDestroy {
    match &item.pending_until {
        Some(until) => AfterDestroy::Pending {
            until: until.clone(),
        },
        None => AfterDestroy::Left {
            because: "it carries the stack's tag; destroy again".into(),
        },
    }
}

fn name_of(live: &Live) -> String {
    let named = ["name", "prefix"]
        .iter()
        .find_map(|it| live.outputs[*it].as_str());
    named.unwrap_or(&live.name).to_owned()
}

/// By ARN, which a name that was given again does not have.
fn is_same(item: &Item, live: &Live) -> bool {
    let arn = live.outputs["arn"].as_str();
    live.parent.is_none()
        && item.kind == live.kind
        && match arn {
            Some(arn) => item.id == arn,
            None => item.name == name_of(live),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{log_group::LogGroup, secret::Secret, user_pool::UserPool};
    use serde_json::{Value, json};

    fn live<K: Produces>(address: &str, outputs: Value) -> Live {
        Live {
            outputs,
            ..Live::owned(K::NAME, address.parse().unwrap())
        }
    }

    fn item<K: Produces>(name: &str, id: &str) -> Item {
        Item {
            kind: K::NAME,
            name: name.into(),
            id: id.into(),
            region: "eu-west-1".into(),
            created: None,
            stack: None,
            address: None,
            pending_until: None,
        }
    }

    fn prove(before: &[Live], after: &[Live], items: Vec<Item>) -> Vec<AfterDestroy> {
        let inventory = Inventory {
            items,
            ..Inventory::default()
        };
        let failures = BTreeMap::from([("api".parse().unwrap(), "TooManyRequests".to_owned())]);
        let look = SecondLook {
            before,
            after,
            inventory: &inventory,
            failures: &failures,
            stack: "a",
        };
        proofs(&look).into_iter().map(|it| it.fate).collect()
    }

    #[test]
    fn what_no_service_lists_is_gone() {
        let pool = live::<UserPool>("user_pool", json!({ "arn": "arn:1", "name": "pool" }));
        assert_eq!(
            prove(&[pool], &[], vec![item::<UserPool>("pool", "arn:2")]),
            [AfterDestroy::Gone]
        );
    }

    #[test]
    fn a_secret_is_pending_until_its_day() {
        let secret = live::<Secret>("secrets.a", json!({ "arn": "arn:1", "name": "a" }));
        let pending = Item {
            pending_until: Some("2030-01-08".into()),
            ..item::<Secret>("a", "arn:1")
        };
        assert_eq!(
            prove(&[secret], &[], vec![pending]),
            [AfterDestroy::Pending {
                until: "2030-01-08".into()
            }]
        );
    }

    #[test]
    fn what_is_left_says_why() {
        let api = live::<RestApi>("api", json!({ "arn": "arn:1", "id": "x" }));
        let left = prove(
            std::slice::from_ref(&api),
            std::slice::from_ref(&api),
            vec![],
        );
        assert_eq!(
            left,
            [AfterDestroy::Left {
                because: "TooManyRequests".into()
            }]
        );
    }

    #[test]
    fn a_stray_with_the_stacks_tag_and_a_log_that_aws_made_are_named() {
        let api = live::<RestApi>("api", json!({ "arn": "arn:1", "id": "x" }));
        let stray = Item {
            stack: Some("a".into()),
            ..item::<UserPool>("pool", "arn:2")
        };
        let log = item::<LogGroup>("API-Gateway-Execution-Logs_x/dev", "arn:3");
        let others = item::<LogGroup>("API-Gateway-Execution-Logs_y/dev", "arn:4");
        let fates = prove(&[api], &[], vec![stray, log, others]);
        assert_eq!(fates.len(), 3);
        assert!(
            matches!(&fates[..], [AfterDestroy::Gone, AfterDestroy::Left { .. }, AfterDestroy::Untagged { because }] if because.contains("_x/dev"))
        );
    }
}
