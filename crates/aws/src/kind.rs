//! The contract of one kind of AWS resource, and its type-erased form.
//!
//! A kind is typed at its edges (its spec, its outputs, its parent's outputs); the planner and
//! the engine see only [`AnyKind`] and JSON trees.

use crate::{
    aws::{Aws, Reads},
    diff::Change,
    error::{Error, Result},
    owner::{Retag, Tags},
    spec::{Found, Lack, Live, Produces, Spec, Traits, address_of, from_tree, to_tree},
    value::Address,
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use std::{collections::BTreeMap, future::Future, marker::PhantomData};

/// The outputs of a kind's parent.
pub type ParentOutputs<K> = <<K as Spec>::Parent as Produces>::Outputs;

/// The first look at a resource.
pub enum Listed<K: Kind> {
    /// The list told everything.
    Full(Found<K>),
    /// The list told only which one it is; [`Kind::read`] tells the rest.
    Id { name: String, outputs: K::Outputs },
}

impl<K: Kind> Listed<K> {
    pub fn id(name: impl Into<String>, outputs: K::Outputs) -> Self {
        Self::Id {
            name: name.into(),
            outputs,
        }
    }
}

/// The resources of one kind that stack.toml declares in one parent, by name. References to
/// other resources are still open in them; names never hold any.
pub type Declared<K> = BTreeMap<String, K>;

/// Something to be made in a resource by one definition of all that is new in it.
pub struct Child {
    pub kind: &'static str,
    pub name: String,
    /// What siblings say where they need one of its outputs, which nobody knows yet.
    pub stands_for: String,
    pub spec: Value,
}

/// The calls of one kind of AWS resource: its spec is the implementing type.
pub trait Kind: Spec {
    /// Looks for every resource of this kind within the parent, declared or not.
    fn find(
        reads: &Reads,
        parent: &ParentOutputs<Self>,
        wanted: &Declared<Self>,
    ) -> impl Future<Output = Result<Vec<Listed<Self>>>> + Send;

    /// What the account lacks for it: asked before anything is made.
    fn lacks(&self, reads: &Reads) -> impl Future<Output = Result<Option<Lack>>> + Send {
        let _ = reads;
        async { Ok(None) }
    }

    /// Reads what a [`Listed::Id`] left out. `None`: it is gone, or not one of ours to see.
    fn read(
        reads: &Reads,
        parent: &ParentOutputs<Self>,
        name: &str,
        outputs: &Self::Outputs,
    ) -> impl Future<Output = Result<Option<Found<Self>>>> + Send {
        let _ = (reads, parent, outputs);
        let name = name.to_owned();
        async move {
            Err(Error::internal(format!(
                "{} {name} is always seen whole",
                Self::NAME
            )))
        }
    }

    fn create(
        &self,
        aws: &Aws,
        parent: &ParentOutputs<Self>,
        name: &str,
    ) -> impl Future<Output = Result<Self::Outputs>> + Send;

    /// Makes what is new in one of these by one request. What was made has to be looked at: the answer does
    /// not tell its ids, and a service may leave out what it does not know.
    fn define(
        aws: &Aws,
        outputs: &Self::Outputs,
        children: &[Child],
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, outputs, children);
        async {
            Err(Error::internal(format!(
                "a {} takes no definition",
                Self::NAME
            )))
        }
    }

    /// Changes only what `changes` name; what the spec leaves out keeps AWS's value. What was not there
    /// is given back by an empty value, as an owned one is emptied: never by leaving it out.
    fn update(
        &self,
        aws: &Aws,
        parent: &ParentOutputs<Self>,
        live: &Found<Self>,
        changes: &[Change],
    ) -> impl Future<Output = Result<()>> + Send;

    /// Deletes it; that it is gone already is success.
    fn delete(
        aws: &Aws,
        parent: &ParentOutputs<Self>,
        live: &Self::Outputs,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Whether it is still there; asked where AWS answers the same for one that is gone as for one
    /// that is busy.
    fn is_there(aws: &Aws, live: &Self::Outputs) -> impl Future<Output = Result<bool>> + Send {
        let _ = (aws, live);
        async { Ok(true) }
    }

    /// What is lost with it, "12 users", asked for only where it is about to go: reading tells it of
    /// no kind for sure.
    fn loses(
        aws: &Aws,
        live: &Self::Outputs,
    ) -> impl Future<Output = Result<Option<String>>> + Send {
        let _ = (aws, live);
        async { Ok(None) }
    }

    /// What somebody put beside it that lets people in past it, or takes out what is in it, and that no
    /// answer of a plan tells: a function URL. Only `drift` asks; it counts as [`Found::set_elsewhere`].
    fn doors(
        reads: &Reads,
        live: &Found<Self>,
    ) -> impl Future<Output = Result<Vec<String>>> + Send {
        let _ = (reads, live);
        async { Ok(vec![]) }
    }

    /// Lets AWS itself remember what the attached one is, before it is changed for the first time;
    /// the tags that say where.
    fn snapshot(aws: &Aws, live: &Found<Self>) -> impl Future<Output = Result<Tags>> + Send {
        let _ = (aws, live);
        async { Ok(Tags::new()) }
    }

    /// Removes what wsctl left in an attached one, now that it is again as it was.
    fn detach(aws: &Aws, live: &Found<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, live);
        async { Ok(()) }
    }

    /// Sets and removes tags of wsctl's own on it; only roots carry any.
    fn mark(
        aws: &Aws,
        live: &Self::Outputs,
        tags: Retag,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, live, tags);
        async { Err(Error::internal(format!("a {} carries no tags", Self::NAME))) }
    }
}

/// A first look, erased.
pub struct AnyListed {
    pub name: String,
    pub outputs: Value,
    pub live: Option<Live>,
}

/// A [`Kind`] without its types.
pub trait AnyKind: Send + Sync {
    fn traits(&self) -> Traits;
    fn find<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        parent_outputs: &'a Value,
        wanted: &'a BTreeMap<String, Value>,
    ) -> BoxFuture<'a, Result<Vec<AnyListed>>>;
    fn lacks<'a>(&'a self, reads: &'a Reads, spec: Value) -> BoxFuture<'a, Result<Option<Lack>>>;
    fn read<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        parent_outputs: &'a Value,
        seen: &'a AnyListed,
    ) -> BoxFuture<'a, Result<Option<Live>>>;
    fn create<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        parent_outputs: Value,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Value>>;
    fn define<'a>(
        &'a self,
        aws: &'a Aws,
        outputs: &'a Value,
        children: &'a [Child],
    ) -> BoxFuture<'a, Result<()>>;
    fn update<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        live: &'a Live,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<()>>;
    fn delete<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>>;
    fn is_there<'a>(&'a self, aws: &'a Aws, outputs: &'a Value) -> BoxFuture<'a, Result<bool>>;
    fn loses<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Option<String>>>;
    fn doors<'a>(&'a self, reads: &'a Reads, live: &'a Live) -> BoxFuture<'a, Result<Vec<String>>>;
    fn mark<'a>(&'a self, aws: &'a Aws, live: &'a Live, tags: Retag) -> BoxFuture<'a, Result<()>>;
    fn snapshot<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Tags>>;
    fn detach<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>>;
}

/// The one adapter from a typed kind to [`AnyKind`].
pub struct Erased<K>(PhantomData<fn() -> K>);

pub const fn erased<K>() -> Erased<K> {
    Erased(PhantomData)
}

impl<K: Kind> Erased<K> {
    fn live(found: Found<K>, parent: Option<&Address>, parent_outputs: &Value) -> Result<Live> {
        Ok(Live {
            kind: K::NAME,
            address: address_of(K::TRAITS.table, parent, &found.name)?,
            parent: parent.cloned(),
            name: found.name,
            spec: to_tree(&found.spec)?.into(),
            outputs: to_tree(&found.outputs)?,
            parent_outputs: parent_outputs.clone().into(),
            owner: found.owner,
            notes: found.notes,
            set_elsewhere: found.set_elsewhere,
            obstacles: found.obstacles,
            holds: found.holds,
            protected: found.protected,
            ownership_tags: found.ownership_tags,
            was: found.was.as_deref().map(to_tree).transpose()?,
        })
    }

    fn found(live: &Live) -> Result<Found<K>> {
        Ok(Found {
            name: live.name.clone(),
            spec: from_tree(&live.spec)?,
            outputs: from_tree(&live.outputs)?,
            owner: live.owner.clone(),
            notes: live.notes.clone(),
            set_elsewhere: live.set_elsewhere.clone(),
            obstacles: live.obstacles.clone(),
            holds: live.holds.clone(),
            protected: live.protected,
            ownership_tags: live.ownership_tags.clone(),
            was: None,
        })
    }
}

impl<K: Kind> AnyKind for Erased<K> {
    fn traits(&self) -> Traits {
        K::TRAITS
    }

    fn find<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        parent_outputs: &'a Value,
        wanted: &'a BTreeMap<String, Value>,
    ) -> BoxFuture<'a, Result<Vec<AnyListed>>> {
        async move {
            let typed_parent = from_tree(parent_outputs)?;
            let wanted: Declared<K> = wanted
                .iter()
                .map(|(name, spec)| Ok((name.clone(), from_tree(spec)?)))
                .collect::<Result<_>>()?;
            let seen = K::find(reads, &typed_parent, &wanted).await?;
            seen.into_iter()
                .map(|listed| match listed {
                    Listed::Full(found) => Ok(AnyListed {
                        name: found.name.clone(),
                        outputs: to_tree(&found.outputs)?,
                        live: Some(Self::live(found, parent, parent_outputs)?),
                    }),
                    Listed::Id { name, outputs } => Ok(AnyListed {
                        name,
                        outputs: to_tree(&outputs)?,
                        live: None,
                    }),
                })
                .collect()
        }
        .boxed()
    }

    fn lacks<'a>(&'a self, reads: &'a Reads, spec: Value) -> BoxFuture<'a, Result<Option<Lack>>> {
        async move { from_tree::<K>(&spec)?.lacks(reads).await }.boxed()
    }

    fn read<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        parent_outputs: &'a Value,
        seen: &'a AnyListed,
    ) -> BoxFuture<'a, Result<Option<Live>>> {
        async move {
            if let Some(live) = &seen.live {
                return Ok(Some(live.clone()));
            }
            let (typed_parent, outputs) = (from_tree(parent_outputs)?, from_tree(&seen.outputs)?);
            let found = K::read(reads, &typed_parent, &seen.name, &outputs).await?;
            found
                .map(|found| Self::live(found, parent, parent_outputs))
                .transpose()
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        parent_outputs: Value,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Value>> {
        async move {
            let (spec, parent_outputs): (K, _) = (from_tree(&spec)?, from_tree(&parent_outputs)?);
            to_tree(&spec.create(aws, &parent_outputs, name).await?)
        }
        .boxed()
    }

    fn define<'a>(
        &'a self,
        aws: &'a Aws,
        outputs: &'a Value,
        children: &'a [Child],
    ) -> BoxFuture<'a, Result<()>> {
        async move { K::define(aws, &from_tree(outputs)?, children).await }.boxed()
    }

    fn update<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        live: &'a Live,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let (spec, parent_outputs): (K, _) =
                (from_tree(&spec)?, from_tree(&live.parent_outputs)?);
            spec.update(aws, &parent_outputs, &Self::found(live)?, changes)
                .await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>> {
        async move {
            let (outputs, parent_outputs) =
                (from_tree(&live.outputs)?, from_tree(&live.parent_outputs)?);
            K::delete(aws, &parent_outputs, &outputs).await
        }
        .boxed()
    }

    fn is_there<'a>(&'a self, aws: &'a Aws, outputs: &'a Value) -> BoxFuture<'a, Result<bool>> {
        async move { K::is_there(aws, &from_tree(outputs)?).await }.boxed()
    }

    fn loses<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Option<String>>> {
        async move { K::loses(aws, &from_tree(&live.outputs)?).await }.boxed()
    }

    fn doors<'a>(&'a self, reads: &'a Reads, live: &'a Live) -> BoxFuture<'a, Result<Vec<String>>> {
        async move { K::doors(reads, &Self::found(live)?).await }.boxed()
    }

    fn snapshot<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Tags>> {
        async move { K::snapshot(aws, &Self::found(live)?).await }.boxed()
    }

    fn detach<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>> {
        async move { K::detach(aws, &Self::found(live)?).await }.boxed()
    }

    fn mark<'a>(&'a self, aws: &'a Aws, live: &'a Live, tags: Retag) -> BoxFuture<'a, Result<()>> {
        async move { K::mark(aws, &from_tree(&live.outputs)?, tags).await }.boxed()
    }
}
