//! What AWS does and emulators do not, a switch each.

use serde_json::{Map, Value};
use std::time::Duration;

/// Which of AWS's ways are on. [`Strict::default`] is all of them; [`Strict::lax`] none.
#[derive(Clone, Debug)]
pub struct Strict {
    /// Requests are checked against the service's published model.
    pub model: bool,
    /// `UpdateUserPool` and `UpdateUserPoolClient` reset what they are not sent (docs/aws.md §2, §3).
    pub resets: bool,
    /// `SetUserPoolMfaConfig` replaces everything and refuses what contradicts (docs/aws.md §2).
    pub mfa: bool,
    /// A protected pool and a pool with a domain are not deleted (docs/aws.md §2).
    pub pool_deletion: bool,
    /// An authorizer that a method refers to is not deleted (docs/aws.md §6).
    pub referenced_authorizers: bool,
    /// What is there is not made again: methods, resources, method responses (docs/aws.md §5).
    pub conflicts: bool,
    /// A deployment needs an integration on every method (docs/aws.md §6).
    pub whole_deployments: bool,
    /// Writes to one API, pool or function in parallel are refused (docs/aws.md §1.3), and parallel
    /// `AddPermission` calls lose statements (docs/aws.md §8).
    pub concurrency: bool,
    /// How long a new role cannot be assumed (docs/aws.md §8).
    pub role_delay: Duration,
    /// How long a function is Pending or InProgress, and refuses writes (docs/aws.md §8).
    pub function_delay: Duration,
    /// A deleted secret keeps its name (docs/aws.md §11).
    pub secret_names: bool,
    /// How long lists and the tagging API do not know of something new (docs/aws.md §1.1).
    pub list_lag: Duration,
    /// How long the tagging API still tells of something deleted (docs/aws.md §1.1).
    pub tag_ghosts: Duration,
    /// How long a pool's estimated number of users does not know of a new one.
    pub estimate_lag: Duration,
    /// How long a domain is being made (docs/aws.md §4).
    pub domain_delay: Duration,
    /// Whether the account has no role for API Gateway's logs (docs/aws.md §6).
    pub no_logging_role: bool,
    /// Whether an API takes no definition, as with an emulator that lacks the operation.
    pub no_definitions: bool,
    /// The documented rates, above which requests are refused (docs/aws.md §2, §7, §8).
    pub rates: bool,
    /// Lists and embeds leave out what another answer has: the seed of what is left out. AWS does not
    /// promise them whole (docs/aws.md §5), and another emulator's are not.
    pub incomplete: Option<u64>,
    /// Answers come in another order, with nulls, with blocks that are empty and with members that no
    /// model has yet: the seed.
    pub varied: Option<u64>,
    /// How long a request takes.
    pub latency: Duration,
    /// A member that is answered with success and has no effect, as services do with what they do not
    /// know, or not for this resource.
    pub ignores: Option<Ignored>,
}

/// One member of one operation's input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// `service:Operation`.
    pub operation: String,
    /// From the outside in; of a list of patches, the patch's own path, of any other, the position.
    pub member: Vec<String>,
}

impl Ignored {
    /// Every member of an input, whole and part by part.
    pub fn all(operation: &str, input: &Map<String, Value>) -> Vec<Self> {
        let mut found = vec![];
        collect(&Value::Object(input.clone()), &[], &mut found);
        let of = |member| Self {
            operation: operation.to_owned(),
            member,
        };
        found.into_iter().map(of).collect()
    }

    /// The input without it.
    pub fn without(&self, input: &Map<String, Value>) -> Map<String, Value> {
        let mut tree = Value::Object(input.clone());
        remove(&mut tree, &self.member);
        match tree {
            Value::Object(left) => left,
            _ => Map::new(),
        }
    }
}

/// What stands for an item of a list.
fn key(index: usize, item: &Value) -> String {
    let is_patch = item["op"].is_string();
    item["path"]
        .as_str()
        .filter(|_| is_patch)
        .map_or_else(|| index.to_string(), ToOwned::to_owned)
}

fn collect(tree: &Value, above: &[String], found: &mut Vec<Vec<String>>) {
    let is_patch = tree["op"].is_string() && tree["path"].is_string();
    let parts: Vec<(String, &Value)> = match tree {
        Value::Object(map) if !is_patch => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, it)| (key(index, it), it))
            .collect(),
        _ => vec![],
    };
    for (part, value) in parts {
        let member = [above, &[part]].concat();
        found.push(member.clone());
        collect(value, &member, found);
    }
}

fn remove(tree: &mut Value, member: &[String]) {
    let Some((first, rest)) = member.split_first() else {
        return;
    };
    match (tree, rest.is_empty()) {
        (Value::Object(map), true) => drop(map.remove(first)),
        (Value::Object(map), false) => {
            map.get_mut(first)
                .into_iter()
                .for_each(|it| remove(it, rest));
        }
        (Value::Array(items), is_last) => {
            let place = items
                .iter()
                .enumerate()
                .position(|(index, it)| key(index, it) == *first);
            match place {
                Some(place) if is_last => drop(items.remove(place)),
                Some(place) => remove(&mut items[place], rest),
                None => {}
            }
        }
        _ => {}
    }
}

impl Default for Strict {
    fn default() -> Self {
        Self {
            model: true,
            resets: true,
            mfa: true,
            pool_deletion: true,
            referenced_authorizers: true,
            conflicts: true,
            whole_deployments: true,
            concurrency: true,
            role_delay: Duration::from_secs(8),
            function_delay: Duration::from_secs(3),
            secret_names: true,
            list_lag: Duration::from_secs(5),
            tag_ghosts: Duration::from_secs(20 * 60),
            estimate_lag: Duration::from_secs(24 * 3600),
            domain_delay: Duration::from_secs(15),
            no_logging_role: false,
            no_definitions: false,
            rates: true,
            incomplete: None,
            varied: None,
            latency: Duration::from_millis(40),
            ignores: None,
        }
    }
}

impl Strict {
    /// Nothing that takes time: for tests that wait by the wall's clock.
    pub fn at_once() -> Self {
        let none = Duration::ZERO;
        Self {
            role_delay: none,
            function_delay: none,
            list_lag: none,
            tag_ghosts: none,
            estimate_lag: none,
            domain_delay: none,
            rates: false,
            latency: none,
            ..Self::default()
        }
    }

    /// As lax as an emulator.
    pub fn lax() -> Self {
        Self {
            model: false,
            resets: false,
            mfa: false,
            pool_deletion: false,
            referenced_authorizers: false,
            conflicts: false,
            whole_deployments: false,
            concurrency: false,
            secret_names: false,
            ..Self::at_once()
        }
    }
}
