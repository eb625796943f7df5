//! `wsctl sweep`: what is left of stacks that are gone.

use super::{
    confirm::confirm,
    print, print_json,
    reach::{Reach, now, reach},
    tell,
};
use crate::{
    aws::{Aws, Holder, Lock},
    cli::{Global, SweepArgs},
    error::{Error, ErrorKind, Result},
    inventory::{
        self,
        leftover::{Leftover, Sort, is_older, leftovers},
    },
    kind::Kind,
    owner::StackOutputs,
    plain::plain,
    spec::{
        log_group::{LogGroup, LogGroupOutputs},
        role::{Role, RoleOutputs},
    },
    view,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn run(global: &Global, args: &SweepArgs) -> Result<u8> {
    let reach = reach(global, args.all_regions).await?;
    let found = look(&reach).await?;
    check_names(args, &found)?;
    let goes = |it: &Leftover| goes(args, it);
    let count = found.iter().filter(|it| goes(it).is_ok()).count();
    if !global.json {
        print(&view::leftovers(&found, goes))?;
    }
    let swept = match count {
        0 => vec![],
        _ => {
            if !args.yes {
                confirm(&format!("Delete these {count} for good?"), "yes")?;
            }
            // Meanwhile somebody may have made the stack again: only what is still left over goes.
            sweep(&reach, &look(&reach).await?, goes).await
        }
    };
    finish(global, &found, &swept)
}

/// Every leftover of the regions; a role that belongs to no region is told once.
async fn look(reach: &Reach<'_>) -> Result<Vec<Leftover>> {
    let inventories = reach.inventories().await?;
    if let Some(unread) = inventories.iter().find(|it| !it.unread.is_empty()) {
        let message = format!(
            "{}: what cannot be read cannot be told from what is gone",
            unread.region
        );
        return Err(
            Error::refused(message).hint("allow the reads named above, or name another --region")
        );
    }
    let everywhere: BTreeSet<_> = inventories
        .iter()
        .flat_map(|it| it.roles_in_use.clone())
        .collect();
    let mut found: Vec<_> = inventories.iter().flat_map(leftovers).collect();
    let mut told = BTreeSet::new();
    found.retain(|it| {
        let is_used = it.item.is_of::<Role>() && everywhere.contains(&it.item.id);
        !is_used && told.insert(it.item.id.clone())
    });
    Ok(found)
}

/// Whether a leftover is deleted, and if not, why.
fn goes(args: &SweepArgs, it: &Leftover) -> Result<(), &'static str> {
    match it.sort {
        Sort::Pending => Err("pending"),
        Sort::LooksLike if !args.names.contains(&it.item.name) => Err("keep"),
        Sort::LooksLike | Sort::DeadLock => Ok(()),
        Sort::Tagged if is_older(&it.item, now(), args.older_than.seconds()) => Ok(()),
        Sort::Tagged => Err("keep: too young"),
    }
}

/// A name has to mean exactly one thing that is listed.
fn check_names(args: &SweepArgs, found: &[Leftover]) -> Result<()> {
    for name in &args.names {
        let meant: Vec<_> = found.iter().filter(|it| it.item.name == *name).collect();
        match meant.as_slice() {
            [] => {
                return Err(Error::usage(format!("{name}: no such leftover is here"))
                    .hint("wsctl sweep lists what there is; names are written as in its list"));
            }
            [_] => {}
            several => {
                let regions: Vec<_> = several.iter().map(|it| it.item.region.as_str()).collect();
                return Err(Error::refused(format!(
                    "{name}: it is in {}",
                    regions.join(" and in ")
                ))
                .hint("name one region with --region"));
            }
        }
    }
    Ok(())
}

/// What was deleted, and what could not be.
type Swept = Vec<(Leftover, Result<()>)>;

async fn sweep(
    reach: &Reach<'_>,
    found: &[Leftover],
    goes: impl Fn(&Leftover) -> Result<(), &'static str>,
) -> Swept {
    let mut clients = BTreeMap::new();
    let mut swept = vec![];
    for leftover in found.iter().filter(|it| goes(it).is_ok()) {
        let region = leftover.item.region.as_str();
        if !clients.contains_key(region) {
            clients.insert(region, reach.aws(region).await);
        }
        swept.push((leftover.clone(), delete(&clients[region], leftover).await));
    }
    swept
}

async fn delete(aws: &Aws, leftover: &Leftover) -> Result<()> {
    let item = &leftover.item;
    if let (Sort::DeadLock, Some(stack)) = (leftover.sort, Holder::locked_by(&item.name)) {
        return match Lock::clear(aws, stack).await? {
            None => Ok(()),
            Some(holder) => Err(holder.refusal()),
        };
    }
    if leftover.sort == Sort::Tagged && !inventory::carries_tag(aws, item).await? {
        return Err(Error::refused(
            "it does not carry the stack's tag any more; name it to delete it",
        ));
    }
    let (parent, name, arn) = (StackOutputs::default(), item.name.clone(), item.id.clone());
    if item.is_of::<Role>() {
        Role::delete(aws, &parent, &RoleOutputs { arn, name }).await
    } else if item.is_of::<LogGroup>() {
        LogGroup::delete(aws, &parent, &LogGroupOutputs { arn, name }).await
    } else {
        Err(Error::internal(format!("sweep deletes no {}", item.kind)))
    }
}

fn finish(global: &Global, found: &[Leftover], swept: &Swept) -> Result<u8> {
    let failed: Vec<_> = swept
        .iter()
        .filter_map(|(it, result)| Some((it, result.as_ref().err()?)))
        .collect();
    if global.json {
        let results = swept.iter().map(|(it, result)| {
            let error = result.as_ref().err().map(ToString::to_string);
            json!({ "name": it.item.name, "region": it.item.region, "deleted": error.is_none(), "error": error })
        });
        print_json(&json!({ "leftovers": found, "swept": results.collect::<Vec<_>>() }))?;
    } else if !swept.is_empty() {
        print(&format!(
            "\n{} of {} deleted.\n",
            swept.len() - failed.len(),
            swept.len()
        ))?;
    }
    for (it, error) in &failed {
        tell(&format!(
            "{} {}: {error}",
            it.item.kind,
            plain(&it.item.name)
        ));
    }
    match failed.len() {
        0 => Ok(0),
        count => Err(Error::new(ErrorKind::Aws, format!("{count} could not be deleted"))
            .hint("each line above says why; once that is mended, the same command deletes what is left")),
    }
}
