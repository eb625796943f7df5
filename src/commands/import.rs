//! `wsctl import`: a stack.toml from what is in AWS.

use super::{print_json, reach::reach, session::named, tell, write_stdout};
use crate::{
    aws::{Aws, Reads},
    cli::{Global, ImportArgs},
    engine::{self, Observed},
    error::{Error, Result},
    inventory::{self, Inventory, Item, stacks::stacks},
    kind::{AnyKind, Live, Owner, Produces},
    kinds::{function::Function, rest_api::RestApi, user_pool::UserPool},
    plan::{Input, Plan, Undeclared, plan},
    stack::{self, Inputs, Stack, Wishes, code_address},
    value::Address,
    view,
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

pub(super) async fn run(global: &Global, args: &ImportArgs) -> Result<u8> {
    let reach = reach(global, false).await?;
    let region = reach.regions[0].clone();
    let aws = Arc::new(reach.aws(&region).await);
    let inventory = inventory::read(&aws).await;
    let name = owner(args, &inventory)?;
    let loaded = named(&name, &region)?;
    let observed = observe(&aws, &loaded.kinds, &loaded.stack).await?;
    let text = stack::lift(&observed.stack, &observed.live, Wishes { environment: args.environment })?;
    tell_difference(&text, &aws, &loaded.kinds).await?;
    match global.json {
        true => print_json(&json!({ "stack": name, "region": region, "text": text })),
        false => write_stdout(text.as_bytes()),
    }
}

/// The stack that the named resources belong to.
fn owner(args: &ImportArgs, inventory: &Inventory) -> Result<String> {
    let named: Vec<_> = [(UserPool::NAME, &args.pool), (RestApi::NAME, &args.api)]
        .into_iter()
        .filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
        .chain(args.functions.iter().map(|name| (Function::NAME, name)))
        .map(|(kind, name)| find(inventory, kind, name))
        .collect::<Result<_>>()?;
    let there: BTreeSet<_> = stacks(inventory).into_iter().map(|it| it.name).collect();
    let mut owners: BTreeSet<_> = named.iter().map(|it| it.stack.clone()).collect();
    owners.extend(args.stack.clone().map(Some));
    match (owners.pop_first(), owners.len()) {
        (Some(Some(stack)), 0) if there.contains(&stack) => Ok(stack),
        (None, _) if there.len() == 1 => Ok(there.into_iter().next().unwrap_or_default()),
        (Some(Some(stack)), 0) => {
            Err(Error::refused(format!("the stack {stack} is not in {}", inventory.region))
                .hint("wsctl list --all-regions shows every stack of the account and where it is"))
        }
        (None, _) => Err(Error::refused(format!("{} stacks are in {}", there.len(), inventory.region))
            .hint("name one with --stack, or a resource with --pool, --api or --function")),
        _ => Err(Error::refused("what is named belongs to different stacks, or to none")
            .hint("name resources of one stack")),
    }
}

/// The one resource of this name or id.
fn find<'a>(inventory: &'a Inventory, kind: &str, name: &str) -> Result<&'a Item> {
    let id = |it: &Item| it.id.rsplit(['/', ':']).next() == Some(name);
    let found: Vec<_> =
        inventory.items.iter().filter(|it| it.is(kind) && (it.name == name || id(it))).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let there: Vec<_> =
                inventory.items.iter().filter(|it| it.is(kind)).map(|it| it.name.as_str()).collect();
            Err(Error::refused(format!("{name}: no {kind} of this name or id is in {}", inventory.region))
                .hint(format!("there are: {}", there.join(", "))))
        }
        several => {
            let ids: Vec<_> = several.iter().map(|it| it.id.as_str()).collect();
            Err(Error::refused(format!("{name}: {} {kind}s have this name", several.len()))
                .hint(format!("give one's id, the end of one of: {}", ids.join(", "))))
        }
    }
}

async fn observe(aws: &Arc<Aws>, kinds: &[Box<dyn AnyKind>], stack: &Stack) -> Result<Observed> {
    let reads = Reads::new(Arc::clone(aws), stack.name());
    let observed = engine::observe(&reads, kinds, &stack.desired, &stack.known).await?;
    let live = observed.live.into_iter().filter(|it| it.owner == Owner::Ours).collect();
    Ok(Observed { live, ..observed })
}

/// Reads the file that was written, and says what it could not express. It looks again, since the
/// names in the file are the addresses now.
async fn tell_difference(text: &str, aws: &Arc<Aws>, kinds: &[Box<dyn AnyKind>]) -> Result<()> {
    let file = Stack::parse("the imported file", text, &Inputs::default(), kinds)?;
    let plan = plan_of(&file, &observe(aws, kinds, &file).await?, kinds)?;
    if !plan.is_empty() {
        tell(
            "warning: stack.toml cannot say all of it; with the written file as it is, apply would do this:\n",
        );
        tell(&view::plan(&plan, &format!("stack {}", file.name())));
    }
    Ok(())
}

fn plan_of(file: &Stack, observed: &Observed, kinds: &[Box<dyn AnyKind>]) -> Result<Plan> {
    let traits: Vec<_> = kinds.iter().map(|kind| kind.traits()).collect();
    let mut known = file.known.clone();
    known.insert(Address::new(["stack"]), json!(observed.stack));
    // The program as it is: which zip or crate it came from, AWS does not know.
    let programs = observed.live.iter().filter(|it| it.kind == Function::NAME);
    known.extend(
        programs.filter_map(|it| Some((code_address(key(it)?), json!({ "sha256": it.spec["code"] })))),
    );
    plan(Input {
        desired: &file.desired,
        live: observed.live.clone(),
        kinds: &traits,
        known,
        undeclared: Undeclared::Delete,
    })
}

fn key(live: &Live) -> Option<&str> {
    live.address.segments().last().map(String::as_str)
}
