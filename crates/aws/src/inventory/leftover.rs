//! What is left of stacks that are gone, and what only looks like the workshop's. Pure.

use super::{Inventory, Item, Lock};
use crate::{
    kinds::log_group::{EXECUTION_ADDRESS, EXECUTION_LOG},
    spec::{
        Produces,
        function::Function,
        log_group::LogGroup,
        rest_api::RestApi,
        role::{ROLES, Role},
    },
    value::Address,
};
use serde::Serialize;

/// Something that nobody needs any more, as far as can be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leftover {
    #[serde(flatten)]
    pub item: Item,
    pub sort: Sort,
    /// Why it is listed: "its function is gone".
    pub because: String,
}

/// What may be done about a leftover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// It carries a stack's tag, and what it was made for is gone: deleted without being named.
    Tagged,
    /// Its name only looks like the workshop's: deleted when named.
    LooksLike,
    /// A secret that AWS deletes by itself.
    Pending,
    /// The lock of a process that is surely dead: deleted without being named.
    DeadLock,
}

/// The workshop's function and API (sections 5.2.5 and 5.2.6): their logs outlive them.
const WORKSHOP_LOG: &str = "/aws/lambda/workshop-lambda-sm-rds";
const WORKSHOP_ACCESS_LOG: &str = "/aws/apigateway/workshop-user-api/";
/// API Gateway makes this one for the account, to try whether it may.
const WELCOME_LOG: &str = "/aws/apigateway/welcome";

/// Every leftover: the tagged ones first.
pub fn leftovers(inventory: &Inventory) -> Vec<Leftover> {
    let mut found: Vec<_> = inventory
        .items
        .iter()
        .filter_map(|item| judge(inventory, item))
        .collect();
    found.extend(
        inventory
            .locks
            .iter()
            .filter(|it| it.holder.is_dead())
            .filter_map(|lock| dead(inventory, lock)),
    );
    found.sort_by(|a, b| (a.sort, &a.item.name).cmp(&(b.sort, &b.item.name)));
    found
}

/// A lock that nobody gives back. One whose holder may be alive, on another machine too, is none.
fn dead(inventory: &Inventory, lock: &Lock) -> Option<Leftover> {
    let item = inventory
        .items
        .iter()
        .find(|it| it.is_of::<LogGroup>() && it.name == lock.group)?;
    Some(Leftover {
        item: item.clone(),
        sort: Sort::DeadLock,
        because: format!("that process is dead: {}", lock.holder),
    })
}

/// Younger than this, a resource may be part of a stack that is just being made.
pub fn is_older(item: &Item, now: i64, seconds: u64) -> bool {
    let age = item
        .created
        .and_then(|created| u64::try_from(now - created).ok());
    age.is_some_and(|age| age >= seconds)
}

fn judge(inventory: &Inventory, item: &Item) -> Option<Leftover> {
    let leftover = |sort, because: String| {
        Some(Leftover {
            item: item.clone(),
            sort,
            because,
        })
    };
    if item.pending_until.is_some() {
        return leftover(Sort::Pending, "AWS deletes it by itself".into());
    }
    match (&item.stack, &item.address) {
        (Some(stack), Some(address)) => orphaned(inventory, item, stack, address)
            .and_then(|because| leftover(Sort::Tagged, because)),
        // A tag without an address does not say what the resource was made for.
        (Some(_), None) => None,
        (None, _) => {
            look_alike(inventory, item).and_then(|because| leftover(Sort::LooksLike, because))
        }
    }
}

/// Why a stack's role or log group has nothing left to be for. The service's own lists count here,
/// not the tags alone: the index of tags may not have a new function yet.
fn orphaned(inventory: &Inventory, item: &Item, stack: &str, address: &Address) -> Option<String> {
    let owner = match address.segments() {
        [table, key, last] if table == "functions" && (last == "role" || last == "log_group") => {
            Address::new(["functions", key])
        }
        [api @ .., last] if last == "access_log_group" => Address::new(api),
        [api, log, _] if [api, log] == EXECUTION_ADDRESS => {
            let id = item.name.strip_prefix(EXECUTION_LOG)?.split('/').next()?;
            return is_api_gone(inventory, id)
                .then(|| format!("the API {id} of the stack {stack} is gone"));
        }
        [owner @ .., roles, _] if roles == ROLES => Address::new(owner),
        _ => return None,
    };
    let belongs =
        |it: &Item| it.stack.as_deref() == Some(stack) && it.address.as_ref() == Some(&owner);
    let is_used = inventory.items.iter().any(belongs)
        || inventory.roles_in_use.contains(&item.id)
        || function_of(item)
            .is_some_and(|name| inventory.find(Function::NAME, name).next().is_some());
    let is_ours = item.is_of::<Role>() || item.is_of::<LogGroup>();
    (is_ours && !is_used).then(|| format!("{owner} of the stack {stack} is gone"))
}

/// The function that writes to this log group, by Lambda's rule for names.
fn function_of(item: &Item) -> Option<&str> {
    item.name
        .strip_prefix("/aws/lambda/")
        .filter(|_| item.is_of::<LogGroup>())
}

fn look_alike(inventory: &Inventory, item: &Item) -> Option<String> {
    if item.is_of::<Role>() {
        let is_used = inventory.roles_in_use.contains(&item.id);
        let why = if item.id.contains(":role/wsctl/") {
            "wsctl made it, and it was released; no function of this region has it"
        } else {
            "the workshop calls a role so; no function of this region has it"
        };
        return (!is_used).then(|| why.to_owned());
    }
    if !item.is_of::<LogGroup>() {
        return None;
    }
    match item.name.as_str() {
        WELCOME_LOG => Some("API Gateway made it for the account".into()),
        WORKSHOP_LOG
            if inventory
                .find(Function::NAME, function_of(item)?)
                .next()
                .is_none() =>
        {
            Some("the workshop calls it so, and its function is gone".into())
        }
        name if name.starts_with(WORKSHOP_ACCESS_LOG) => {
            let is_gone = inventory
                .find(RestApi::NAME, "workshop-user-api")
                .next()
                .is_none();
            is_gone.then(|| "the workshop calls it so, and its API is gone".into())
        }
        name => {
            let id = name.strip_prefix(EXECUTION_LOG)?.split('/').next()?;
            is_api_gone(inventory, id)
                .then(|| format!("API Gateway made it for the API {id}, which is gone"))
        }
    }
}

fn is_api_gone(inventory: &Inventory, id: &str) -> bool {
    let end = format!("/restapis/{id}");
    !inventory
        .items
        .iter()
        .any(|it| it.is_of::<RestApi>() && it.id.ends_with(&end))
}

/// The logs that AWS itself made for what a stack had, which no tag tells: a function's, where wsctl
/// did not make it, and an API's execution logs.
pub fn logs_of<'a>(inventory: &'a Inventory, functions: &[&str], apis: &[&str]) -> Vec<&'a Item> {
    let is_of = |item: &&Item| {
        let execution = item
            .name
            .strip_prefix(EXECUTION_LOG)
            .and_then(|rest| rest.split('/').next());
        item.is_of::<LogGroup>()
            && item.stack.is_none()
            && (function_of(item).is_some_and(|name| functions.contains(&name))
                || execution.is_some_and(|id| apis.contains(&id)))
    };
    inventory.items.iter().filter(is_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{secret::Secret, user_pool::UserPool};

    fn item<K: Produces>(name: &str, owner: Option<(&str, &str)>) -> Item {
        Item {
            kind: K::NAME,
            name: name.into(),
            id: format!("arn:{name}"),
            region: "eu-west-1".into(),
            created: Some(1000),
            stack: owner.map(|it| it.0.into()),
            address: owner.map(|it| it.1.parse().unwrap()),
            pending_until: None,
        }
    }

    fn names(items: Vec<Item>, sort: Sort) -> Vec<String> {
        let inventory = Inventory {
            items,
            ..Inventory::default()
        };
        let found = leftovers(&inventory)
            .into_iter()
            .filter(|it| it.sort == sort);
        found.map(|it| it.item.name).collect()
    }

    #[test]
    fn a_role_and_a_log_group_are_left_over_when_their_function_is_gone() {
        let role = item::<Role>("role", Some(("a", "functions.users.role")));
        let log = item::<LogGroup>(
            "/aws/lambda/users",
            Some(("a", "functions.users.log_group")),
        );
        let function = item::<Function>("users", Some(("a", "functions.users")));
        assert!(names(vec![role.clone(), log.clone(), function], Sort::Tagged).is_empty());
        assert_eq!(
            names(vec![role, log], Sort::Tagged),
            ["/aws/lambda/users", "role"]
        );
    }

    #[test]
    fn another_stacks_function_does_not_keep_a_role_but_one_that_runs_as_it_does() {
        let role = item::<Role>("role", Some(("a", "functions.users.role")));
        let other = item::<Function>("users-b", Some(("b", "functions.users")));
        assert_eq!(names(vec![role.clone(), other], Sort::Tagged), ["role"]);
        let used = Inventory {
            roles_in_use: [role.id.clone()].into(),
            items: vec![role],
            ..Inventory::default()
        };
        assert!(leftovers(&used).is_empty());
    }

    #[test]
    fn a_log_group_whose_function_the_index_does_not_have_yet_is_kept() {
        let log = item::<LogGroup>(
            "/aws/lambda/users",
            Some(("a", "functions.users.log_group")),
        );
        assert!(names(vec![log, item::<Function>("users", None)], Sort::Tagged).is_empty());
    }

    #[test]
    fn pools_apis_functions_and_secrets_are_never_left_over_by_themselves() {
        let whole = vec![
            item::<UserPool>("pool", Some(("a", "user_pool"))),
            item::<Secret>("secret", Some(("a", "secrets.signing"))),
            item::<Function>("workshop-lambda-sm-rds", None),
        ];
        assert!(
            leftovers(&Inventory {
                items: whole,
                ..Inventory::default()
            })
            .is_empty()
        );
    }

    #[test]
    fn what_only_looks_like_the_workshops_is_told_apart() {
        let mut api = item::<RestApi>("api", None);
        api.id = "arn:aws:apigateway:eu-west-1::/restapis/abc".into();
        let logs = [
            "/aws/apigateway/welcome",
            "API-Gateway-Execution-Logs_abc/dev",
            "API-Gateway-Execution-Logs_xyz/dev",
            "/aws/lambda/workshop-lambda-sm-rds",
            "/aws/lambda/anything",
        ];
        let mut items: Vec<_> = logs
            .iter()
            .map(|name| item::<LogGroup>(name, None))
            .collect();
        items.push(api);
        assert_eq!(
            names(items, Sort::LooksLike),
            [
                "/aws/apigateway/welcome",
                "/aws/lambda/workshop-lambda-sm-rds",
                "API-Gateway-Execution-Logs_xyz/dev",
            ]
        );
    }

    #[test]
    fn what_is_young_may_be_in_the_making() {
        let young = item::<Role>("role", None);
        assert!(!is_older(&young, 1010, 60) && is_older(&young, 1060, 60));
        assert!(!is_older(
            &Item {
                created: None,
                ..young
            },
            1_000_000,
            60
        ));
    }
}
