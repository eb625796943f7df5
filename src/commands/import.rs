//! `wsctl import`: a stack.toml from what is in AWS.

mod subject;

use super::{given, print_json, reach::reach, session::named, tell, write_stdout};
use crate::{
    aws::{Aws, Reads},
    cli::{Global, ImportArgs},
    engine::{self, Observed},
    error::Result,
    inventory,
    kind::{AnyKind, Live, Owner, Produces},
    kinds::function::Function,
    plan::{Input, Plan, Undeclared, plan},
    stack::{self, Inputs, Stack, Wishes, code_address},
    value::Address,
    view,
};
use serde_json::json;
use std::sync::Arc;
use subject::Subject;

pub(super) async fn run(global: &Global, args: &ImportArgs) -> Result<u8> {
    let reach = reach(global, false).await?;
    let region = reach.regions[0].clone();
    let aws = Arc::new(reach.aws(&region).await);
    let inventory = inventory::read(&aws).await;
    let subject = Subject::of(args, &inventory)?;
    let mut loaded = named(&subject.stack, &region)?;
    loaded.stack.desired = subject.desired();
    let observed = observe(&aws, &loaded.kinds, &loaded.stack).await?;
    subject.check_seen(&observed.live)?;
    let wishes = Wishes { environment: args.environment, existing: subject.existing() };
    let text = stack::lift(&observed.stack, &observed.live, &wishes)?;
    let adoptable = tell_difference(&text, &aws, &loaded.kinds).await?;
    if global.json {
        return print_json(&json!({
            "stack": subject.stack, "region": region, "text": text, "adopt": adoptable,
        }));
    }
    write_stdout(text.as_bytes())?;
    if !adoptable.is_empty() {
        tell("Saved as stack.toml, it is made the stack's own with:");
        adoptable.iter().for_each(|address| {
            tell(&format!(
                "  {}",
                given::command(&format!("wsctl adopt {}", given::quoted(&address.to_string())))
            ))
        });
    }
    Ok(0)
}

/// What the stack has, and what `stack` declares though nobody owns it.
async fn observe(aws: &Arc<Aws>, kinds: &[Box<dyn AnyKind>], stack: &Stack) -> Result<Observed> {
    let reads = Reads::new(Arc::clone(aws), stack.name());
    let observed = engine::observe(&reads, kinds, &stack.desired, &stack.known).await?;
    let declared = |it: &Live| stack.desired.iter().any(|root| it.address.is_within(&root.address));
    let live = observed.live.into_iter().filter(|it| it.owner == Owner::Ours || declared(it)).collect();
    Ok(Observed { live, ..observed })
}

/// Reads the file that was written, and says what it could not express. It looks again, since the
/// names in the file are the addresses now. Returns what has to be adopted first.
async fn tell_difference(text: &str, aws: &Arc<Aws>, kinds: &[Box<dyn AnyKind>]) -> Result<Vec<Address>> {
    let file = Stack::parse("the imported file", text, &Inputs::default(), kinds)?;
    let mut observed = observe(aws, kinds, &file).await?;
    let adopted = adopt(&file, &mut observed.live);
    let plan = plan_of(&file, &observed, kinds)?;
    if !plan.is_empty() {
        let then = if adopted.is_empty() { "" } else { ", once it is adopted," };
        tell(&format!(
            "warning: stack.toml cannot say all of it; with the written file as it is{then} apply would do this:\n"
        ));
        tell(&view::plan(&plan, &format!("stack {}", file.name())));
    }
    Ok(adopted)
}

/// Makes everything that the file declares as its own the stack's, as `wsctl adopt` will; the
/// addresses of what was not.
fn adopt(file: &Stack, live: &mut [Live]) -> Vec<Address> {
    let roots = file.desired.iter().filter(|it| it.parent.is_none() && !it.fate.existing);
    let is_nobodys = |live: &[Live], address: &Address| {
        live.iter().any(|it| it.address == *address && it.owner == Owner::Nobody)
    };
    let roots = roots.map(|it| it.address.clone()).filter(|it| is_nobodys(live, it));
    let adopted: Vec<_> = roots.collect();
    let is_adopted = |it: &&mut Live| {
        let root = it.parent.as_ref().unwrap_or(&it.address);
        adopted.iter().any(|address| root.is_within(address))
    };
    for it in live.iter_mut().filter(is_adopted) {
        it.owner = Owner::Ours;
        if let Some(owned) = it.spec.get_mut("owned") {
            *owned = json!(true);
        }
    }
    adopted
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
        lacks: observed.lacks.clone(),
    })
}

fn key(live: &Live) -> Option<&str> {
    live.address.segments().last().map(String::as_str)
}
