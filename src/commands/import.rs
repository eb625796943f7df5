//! `wsctl import`: a stack.toml from what is in AWS.

mod subject;

use super::{given, print_json, reach::reach, session::named, tell, write_stdout};
use crate::{
    aws::{Aws, Reads},
    cli::{Global, ImportArgs},
    engine::{self, Deployment, Goal, Observed},
    error::Result,
    inventory,
    owner::Owner,
    plan::Plan,
    spec::Live,
    stack::{self, ImportOptions, Inputs, Stack},
    value::Address,
    view,
};
use serde_json::json;
use std::sync::Arc;
use subject::ImportSource;

pub(super) async fn run(global: &Global, args: &ImportArgs) -> Result<u8> {
    let reach = reach(global, false).await?;
    let region = reach.regions[0].clone();
    let aws = Arc::new(reach.aws(&region).await);
    let Imported {
        stack,
        text,
        adopt,
        plan,
    } = import(&aws, args).await?;
    match &plan {
        Ok(plan) if plan.is_empty() => {}
        Ok(plan) => {
            let then = if adopt.is_empty() {
                ""
            } else {
                ", once it is adopted,"
            };
            tell(&format!(
                "warning: stack.toml cannot say all of it; with the written file as it is{then} apply would do this:\n"
            ));
            tell(&view::plan(
                plan,
                &format!("stack {stack}"),
                view::Detail::Usual,
            ));
        }
        Err(error) => tell(&format!(
            "warning: with the written file as it is, plan refuses:\n{error}"
        )),
    }
    if global.json {
        let addresses: Vec<_> = adopt.iter().map(|it| &it.address).collect();
        let ids = adopt
            .iter()
            .filter_map(|it| Some((it.address.to_string(), json!(it.id.as_ref()?))));
        let ids: serde_json::Map<_, _> = ids.collect();
        return print_json(&json!({
            "stack": stack, "region": region, "text": text, "adopt": addresses, "ids": ids,
        }));
    }
    write_stdout(text.as_bytes())?;
    if !adopt.is_empty() {
        tell("Saved as stack.toml, it is made the stack's own with:");
        for Adoption { address, id } in &adopt {
            let id = id
                .as_ref()
                .map(|id| format!(" --id {id}"))
                .unwrap_or_default();
            let adopt = format!("wsctl adopt {}{id}", given::quoted(&address.to_string()));
            tell(&format!("  {}", given::command(&adopt)));
        }
    }
    Ok(0)
}

/// A file, and what it is good for.
pub struct Imported {
    /// The stack's name.
    pub stack: String,
    /// The file.
    pub text: String,
    /// What has to be adopted before the file's stack owns it.
    pub adopt: Vec<Adoption>,
    /// What apply would do with the file then.
    pub plan: Result<Plan>,
}

/// A root to be adopted.
#[derive(Debug, PartialEq, Eq)]
pub struct Adoption {
    pub address: Address,
    /// Which one, where several have its name.
    pub id: Option<String>,
}

/// Writes down what `args` name, as a file without mistakes. With `--existing`, nothing in AWS would
/// be changed by it.
pub async fn import(aws: &Arc<Aws>, args: &ImportArgs) -> Result<Imported> {
    let inventory = inventory::read(aws).await;
    let subject = ImportSource::of(args, &inventory)?;
    let mut stack = named(&subject.stack, &aws.region)?.stack;
    stack.desired = subject.desired();
    let reads = Reads::new(Arc::clone(aws), stack.name()).for_a_file();
    let observed = observe(&Deployment::new(Arc::clone(aws), stack), &reads).await?;
    subject.check_seen(&observed.live)?;
    let wishes = ImportOptions {
        environment: args.environment,
        existing: subject.existing(),
    };
    let mut lifted = stack::lift(&observed.stack, &observed.live, &wishes)?;
    lifted.make_valid()?;
    // It looks again, since the names in the file are the addresses now.
    let file = read(aws, &lifted)?;
    let reads = Reads::new(Arc::clone(aws), file.stack.name());
    let mut observed = observe(&file, &reads).await?;
    let adopt = adopt(&file.stack, &mut observed.live, &subject);
    let plan = settle(&mut lifted, file, &observed, args.existing)?;
    Ok(Imported {
        stack: subject.stack.clone(),
        text: lifted.text(),
        adopt,
        plan,
    })
}

/// What the file as it is now would deploy.
fn read(aws: &Arc<Aws>, lifted: &stack::Lifted) -> Result<Deployment> {
    let stack = Stack::parse("the imported file", &lifted.text(), &Inputs::default())?;
    Ok(Deployment::new(Arc::clone(aws), stack))
}

/// Takes out of the file what the plan of it shows to be wrong, until nothing more is. The plan then.
fn settle(
    lifted: &mut stack::Lifted,
    mut file: Deployment,
    observed: &Observed,
    is_existing: bool,
) -> Result<Result<Plan>> {
    loop {
        // Which zip or crate a program came from, AWS does not know.
        file.stack.take_code_as_it_is(&observed.live);
        let plan = file.plan(observed, Goal::Declared);
        let is_changed = match &plan {
            Err(_) => is_existing && lifted.only_name(),
            Ok(plan) if is_existing => lifted.change_nothing(plan),
            Ok(plan) => lifted.keep_undeclared(plan),
        };
        if !is_changed {
            if let Ok(plan) = &plan {
                lifted.remark(plan);
            }
            return Ok(plan);
        }
        lifted.make_valid()?;
        file = read(&file.aws, lifted)?;
    }
}

/// What the stack has, and what `stack` declares though nobody owns it.
async fn observe(Deployment { kinds, stack, .. }: &Deployment, reads: &Reads) -> Result<Observed> {
    let observed = Box::pin(engine::observe(reads, kinds, &stack.desired, &stack.known)).await?;
    let declared = |it: &Live| {
        stack
            .desired
            .iter()
            .any(|root| it.address.is_within(&root.address))
    };
    let live = observed
        .live
        .into_iter()
        .filter(|it| it.owner == Owner::Ours || declared(it))
        .collect();
    Ok(Observed { live, ..observed })
}

/// Makes everything that the file declares as its own the stack's, as `wsctl adopt` will; what was
/// not. Of several of one name it is the one that is meant.
fn adopt(file: &Stack, live: &mut Vec<Live>, subject: &ImportSource<'_>) -> Vec<Adoption> {
    let mut adopted = vec![];
    for root in file
        .desired
        .iter()
        .filter(|it| it.parent.is_none() && !it.lifecycle.existing)
    {
        let is_free = |it: &&Live| it.address == root.address && it.owner == Owner::Nobody;
        let all: Vec<_> = live.iter().filter(is_free).cloned().collect();
        let is_meant = |it: &&Live| {
            subject
                .arn(&root.address)
                .is_none_or(|arn| it.outputs["arn"] == arn)
        };
        let Some(meant) = all.iter().find(is_meant) else {
            continue;
        };
        let is_others = |it: &Live| {
            all.iter()
                .any(|root| it.outputs == root.outputs && root.outputs != meant.outputs)
        };
        live.retain(|it| !is_others(it));
        let is_in = |it: &Live| it.parent.as_ref() != Some(&root.address) || it.is_in(meant);
        live.retain(is_in);
        let id = meant.outputs["id"]
            .as_str()
            .filter(|_| all.len() > 1)
            .map(ToOwned::to_owned);
        adopted.push(Adoption {
            address: root.address.clone(),
            id,
        });
    }
    let is_adopted = |it: &&mut Live| {
        let root = it.parent.as_ref().unwrap_or(&it.address);
        adopted.iter().any(|it| root.is_within(&it.address))
    };
    for it in live.iter_mut().filter(is_adopted) {
        it.owner = Owner::Ours;
        if let Some(owned) = Arc::make_mut(&mut it.spec).get_mut("owned") {
            *owned = json!(true);
        }
    }
    adopted
}
