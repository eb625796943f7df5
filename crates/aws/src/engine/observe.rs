//! Reads everything a stack owns: all roots at once, then all their children at once.

use crate::{
    aws::Reads,
    error::{Error, Result},
    kind::{AnyKind, AnyListed},
    owner::{Owner, StackOutputs},
    plan::{self, Desired},
    spec::{Lack, Live, address_of},
    value::{self, Address, KnownOutputs},
};
use futures::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// What there is.
pub struct Observed {
    pub live: Vec<Live>,
    pub stack: StackOutputs,
    /// What the account lacks for what is declared, by its address.
    pub lacks: Vec<(Address, Lack)>,
}

impl Observed {
    /// Whether anything is there that is the stack's own.
    pub fn has_own(&self) -> bool {
        self.live.iter().any(|live| live.owner == Owner::Ours)
    }
}

/// Looks for every resource of the stack, declared or not. Names in `desired` have to be
/// resolvable from `known`.
pub async fn observe(
    reads: &Reads,
    kinds: &[Box<dyn AnyKind>],
    desired: &[Desired],
    known: &KnownOutputs,
) -> Result<Observed> {
    let mut stack = StackOutputs {
        name: reads.stack.clone(),
        region: reads.aws.region.clone(),
        account: String::new(),
    };
    let parent_outputs = json!(stack);
    let known = &match desired.iter().any(is_named_by_account) {
        true => with_account(known, &reads.account().await?),
        false => known.clone(),
    };
    let observer = Observer {
        reads,
        kinds,
        desired,
        known,
    };
    let (live, account, lacks) = futures::try_join!(
        observer.children("stack", None, &parent_outputs),
        reads.account(),
        observer.lacks()
    )?;
    stack.account = account;
    let parent_outputs = Arc::new(json!(stack));
    let live = live.into_iter().map(|it| match it.parent {
        None => Live {
            parent_outputs: Arc::clone(&parent_outputs),
            ..it
        },
        Some(_) => it,
    });
    let traits: Vec<_> = kinds.iter().map(|kind| kind.traits()).collect();
    Ok(Observed {
        live: plan::resolve(live.collect(), &traits),
        stack,
        lacks,
    })
}

/// Whether the name that it is looked for by has the account's number in it.
fn is_named_by_account(it: &Desired) -> bool {
    let named = value::references_in(&it.spec["name"]);
    named
        .iter()
        .any(|it| it.address == Address::new(["stack"]) && it.output == "account")
}

fn with_account(known: &KnownOutputs, account: &str) -> KnownOutputs {
    let mut known = known.clone();
    known
        .entry(Address::new(["stack"]))
        .or_insert_with(|| json!({}))["account"] = json!(account);
    known
}

struct Observer<'a> {
    reads: &'a Reads,
    kinds: &'a [Box<dyn AnyKind>],
    desired: &'a [Desired],
    known: &'a KnownOutputs,
}

impl<'a> Observer<'a> {
    async fn lacks(&self) -> Result<Vec<(Address, Lack)>> {
        let desired = self.desired.iter().filter(|_| self.reads.is_to_make());
        let asked = try_join_all(desired.map(async |it| {
            let kind = self.kinds.iter().find(|kind| kind.traits().name == it.kind);
            let Some(kind) = kind else { return Ok(None) };
            let lack = kind.lacks(self.reads, Value::clone(&it.spec)).await?;
            Ok::<_, Error>(lack.map(|lack| (it.address.clone(), lack)))
        }));
        Ok(asked.await?.into_iter().flatten().collect())
    }

    /// Everything that belongs to one parent, and what belongs to that.
    fn children<'b>(
        &'b self,
        parent_kind: &'static str,
        parent: Option<&'b Address>,
        parent_outputs: &'b Value,
    ) -> BoxFuture<'b, Result<Vec<Live>>> {
        let kinds = self
            .kinds
            .iter()
            .filter(move |kind| kind.traits().parent == parent_kind);
        let looks: Vec<_> = kinds
            .map(|kind| self.of_kind(kind.as_ref(), parent, parent_outputs))
            .collect();
        async move { Ok(try_join_all(looks).await?.into_iter().flatten().collect()) }.boxed()
    }

    async fn of_kind(
        &self,
        kind: &dyn AnyKind,
        parent: Option<&Address>,
        parent_outputs: &Value,
    ) -> Result<Vec<Live>> {
        let wanted = self.wanted(kind.traits().name, parent);
        let seen = kind
            .find(self.reads, parent, parent_outputs, &wanted)
            .await?;
        let parent_outputs = &Arc::new(parent_outputs.clone());
        let whole = seen
            .iter()
            .map(|listed| self.whole(kind, parent, parent_outputs, listed));
        Ok(try_join_all(whole).await?.into_iter().flatten().collect())
    }

    /// The rest of a resource, and at the same time its children.
    async fn whole(
        &self,
        kind: &dyn AnyKind,
        parent: Option<&Address>,
        parent_outputs: &Arc<Value>,
        seen: &AnyListed,
    ) -> Result<Vec<Live>> {
        let traits = kind.traits();
        let address = address_of(traits.table, parent, &seen.name)?;
        let read = kind.read(self.reads, parent, parent_outputs, seen);
        let below = self.children(traits.name, Some(&address), &seen.outputs);
        let (live, below) = futures::try_join!(read, below)?;
        let Some(live) = live else { return Ok(vec![]) };
        let live = Live {
            parent_outputs: Arc::clone(parent_outputs),
            ..live
        };
        // What belongs to somebody else's is somebody else's, unless a tag says otherwise.
        let is_ours = live.owner == Owner::Ours;
        let below = below.into_iter().map(|it| Live {
            owner: if is_ours { it.owner } else { Owner::Nobody },
            ..it
        });
        Ok(std::iter::once(live).chain(below).collect())
    }

    fn wanted(&self, kind: &str, parent: Option<&Address>) -> BTreeMap<String, Value> {
        // What `moved_from` names is still where it was.
        let moved = self
            .desired
            .iter()
            .find(|it| parent.is_some() && it.lifecycle.moved_from.as_ref() == parent);
        let moved = moved.map(|it| &it.address);
        let is_within = |it: &&Desired| {
            it.parent.as_ref() == parent || (moved.is_some() && it.parent.as_ref() == moved)
        };
        let wanted = self
            .desired
            .iter()
            .filter(|it| it.kind == kind)
            .filter(is_within);
        wanted
            .map(|it| (it.name.clone(), value::resolve(&it.spec, self.known)))
            .collect()
    }
}
