//! What `wsctl import` writes down: a stack, and what is named though no stack owns it. Pure.

use crate::{
    cli::ImportArgs,
    error::{Error, Result},
    inventory::{Inventory, Item, stacks::stacks},
    plan::Desired,
    spec::{
        Live, Produces, function::Function, identity_pool::IdentityPool, log_group::LogGroup,
        rest_api::RestApi, user_pool::UserPool,
    },
    stack::{APIS, ONLY_API, bare, free_key},
    value::Address,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The stack that what nobody owns is to belong to, unless `--stack` names another.
const DEFAULT: &str = "workshop";

pub(super) struct ImportSource<'a> {
    pub(super) stack: String,
    /// What is named and belongs to no stack, with its address in the file.
    unowned: Vec<(Address, &'a Item)>,
    /// Whether that stays so.
    stays: bool,
    inventory: &'a Inventory,
}

impl<'a> ImportSource<'a> {
    /// What the options name.
    pub(super) fn of(args: &ImportArgs, inventory: &'a Inventory) -> Result<Self> {
        let (owned, unowned): (Vec<_>, Vec<_>) = named(args, inventory)?
            .into_iter()
            .partition(|it| it.stack.is_some());
        if let (true, Some(item)) = (args.existing, owned.first()) {
            let stack = item.stack.as_deref().unwrap_or_default();
            return Err(Error::refused(format!(
                "{}: it belongs to the wsctl stack `{stack}`",
                item.name
            ))
            .hint("--existing is for what no stack owns: leave it out"));
        }
        if args.existing && unowned.is_empty() {
            return Err(Error::refused("--existing: nothing is named")
                .hint("name what is there with --pool, --api or --function"));
        }
        if args.existing && args.identity_pool.is_some() {
            return Err(Error::refused("--identity-pool: only its owner's tool can change it")
                .hint("leave --existing out, so that it becomes the stack's, or leave --identity-pool out"));
        }
        let owners = owned.iter().filter_map(|it| it.stack.clone()).collect();
        let stack = stack(args, inventory, owners, !unowned.is_empty())?;
        let unowned = placed(unowned, inventory, &stack);
        Ok(Self {
            stack,
            unowned,
            stays: args.existing,
            inventory,
        })
    }

    /// What makes the kinds look for what no stack owns.
    pub(super) fn desired(&self) -> Vec<Desired> {
        self.unowned
            .iter()
            .flat_map(|(address, item)| looks(address, item))
            .collect()
    }

    /// What the file has to say `existing = true` of, and whether it is named by its name or its id.
    pub(super) fn existing(&self) -> BTreeMap<Address, &'static str> {
        let key = |item: &Item| match self.inventory.find(item.kind, &item.name).count() {
            0 | 1 => "name",
            _ => "id",
        };
        let all = self.unowned.iter().filter(|_| self.stays);
        all.map(|(address, item)| (address.clone(), key(item)))
            .collect()
    }

    /// The ARN of what is named for an address.
    pub(super) fn arn(&self, address: &Address) -> Option<&str> {
        self.unowned
            .iter()
            .find(|(it, _)| it == address)
            .map(|(_, item)| item.id.as_str())
    }

    /// A stack has one pool, and may have a function of that key already.
    pub(super) fn check_seen(&self, live: &[Live]) -> Result<()> {
        for (address, item) in &self.unowned {
            let there: Vec<_> = live.iter().filter(|it| it.address == *address).collect();
            if !matches!(there.as_slice(), [one] if one.outputs["arn"] == item.id) {
                let message = format!(
                    "{}: the stack {} has another {} at {address}",
                    item.name, self.stack, item.kind
                );
                return Err(
                    Error::refused(message).hint("give it a stack of its own with --stack NAME")
                );
            }
        }
        Ok(())
    }
}

fn looks(address: &Address, item: &Item) -> Vec<Desired> {
    let look = |kind, address: Address, spec: Value| Desired {
        kind,
        name: address.to_string(),
        address,
        spec: spec.into(),
        ..Desired::default()
    };
    let address = address.clone();
    if item.is_of::<Function>() {
        let log_group = json!({ "name": format!("/aws/lambda/{}", item.name) });
        return vec![
            look(LogGroup::NAME, address.join("log_group"), log_group),
            look(item.kind, address, json!({ "name": item.name })),
        ];
    }
    vec![look(item.kind, address, json!({ "name": id(item) }))]
}

/// Each with an address of its own: functions and further APIs have keys, and one may be that of another
/// already.
fn placed<'a>(
    items: Vec<&'a Item>,
    inventory: &Inventory,
    stack: &str,
) -> Vec<(Address, &'a Item)> {
    let owned = inventory
        .items
        .iter()
        .filter(|it| it.stack.as_deref() == Some(stack));
    let mut taken: BTreeSet<_> = owned.filter_map(|it| it.address.clone()).collect();
    // It would be called as `[api]` is.
    taken.insert(Address::new([APIS, ONLY_API]));
    let place = |item: &'a Item| match item.kind {
        UserPool::NAME => (Address::new(["user_pool"]), item),
        IdentityPool::NAME => (Address::new(["identity_pool"]), item),
        RestApi::NAME if taken.insert(Address::new([ONLY_API])) => (Address::new([ONLY_API]), item),
        kind => {
            let table = match kind {
                RestApi::NAME => APIS,
                _ => "functions",
            };
            let at = |key: &str| Address::new([table, key]);
            let key = bare(&item.name);
            (
                at(&free_key(&key, |key| taken.insert(at(key))).unwrap_or(key)),
                item,
            )
        }
    };
    items.into_iter().map(place).collect()
}

/// The end of its ARN. An identity pool's id has a colon in it.
fn id(item: &Item) -> &str {
    let end = item.id.rsplit_once('/').or(item.id.rsplit_once(':'));
    end.map_or(item.id.as_str(), |it| it.1)
}

/// The one stack that this is about: that of what is named, or the one that `--stack` names.
fn stack(
    args: &ImportArgs,
    inventory: &Inventory,
    owners: BTreeSet<String>,
    has_unowned: bool,
) -> Result<String> {
    let there: BTreeSet<_> = stacks(inventory).into_iter().map(|it| it.name).collect();
    let mut names = owners;
    names.extend(args.stack.clone());
    let first = names.pop_first();
    match (first, names.is_empty()) {
        (Some(_), false) => Err(Error::refused("what is named belongs to different stacks")
            .hint("name resources of one stack")),
        (Some(stack), true) if has_unowned || there.contains(&stack) => Ok(stack),
        (Some(stack), true) => Err(Error::refused(format!(
            "the stack {stack} is not in {}",
            inventory.region
        ))
        .hint("wsctl list --all-regions shows every stack of the account and where it is")),
        (None, _) if has_unowned && there.contains(DEFAULT) => Err(Error::refused(format!(
            "the stack {DEFAULT} is in {} already",
            inventory.region
        ))
        .hint("say with --stack NAME whose this is to be: that stack's, or a new one's")),
        (None, _) if has_unowned => Ok(DEFAULT.to_owned()),
        (None, _) if there.len() == 1 => Ok(there.into_iter().next().unwrap_or_default()),
        (None, _) => Err(Error::refused(format!(
            "{} stacks are in {}",
            there.len(),
            inventory.region
        ))
        .hint("name one with --stack, or a resource with --pool, --api or --function")),
    }
}

fn named<'a>(args: &ImportArgs, inventory: &'a Inventory) -> Result<Vec<&'a Item>> {
    let pools = [
        (UserPool::NAME, &args.pool),
        (IdentityPool::NAME, &args.identity_pool),
    ];
    let pools = pools.into_iter();
    pools
        .filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
        .chain(args.apis.iter().map(|name| (RestApi::NAME, name)))
        .chain(args.functions.iter().map(|name| (Function::NAME, name)))
        .map(|(kind, name)| find(inventory, kind, name))
        .collect()
}

/// The one resource of this name or id.
fn find<'a>(inventory: &'a Inventory, kind: &str, name: &str) -> Result<&'a Item> {
    let is_meant = |it: &&Item| it.is(kind) && (it.name == name || id(it) == name);
    let found: Vec<_> = inventory.items.iter().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let there: Vec<_> = inventory
                .items
                .iter()
                .filter(|it| it.is(kind))
                .map(|it| it.name.as_str())
                .collect();
            let hint = match there.as_slice() {
                [] if let Some(error) = inventory.unread.first() => {
                    format!("not everything could be read: {error}")
                }
                [] => format!(
                    "there is none at all; is {} the region that is meant?",
                    inventory.region
                ),
                some => format!("there are: {}", some.join(", ")),
            };
            Err(Error::refused(format!(
                "{name}: no {kind} of this name or id is in {}",
                inventory.region
            ))
            .hint(hint))
        }
        several => {
            let ids: Vec<_> = several.iter().map(|it| id(it)).collect();
            Err(
                Error::refused(format!("{name}: {} {kind}s have this name", several.len())).hint(
                    format!("give one's id in place of the name: {}", ids.join(", ")),
                ),
            )
        }
    }
}
