//! The contract of one kind of AWS resource, and its type-erased form.
//!
//! A kind is typed at its edges (its spec, its outputs, its parent's outputs); the planner and
//! the engine see only [`AnyKind`] and JSON trees.

use crate::{
    aws::{Aws, Reads},
    diff::Change,
    error::{Error, Result},
    owner::{Owner, Retag, StackOutputs, Tags},
    value::Address,
};
use futures::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeMap, future::Future, marker::PhantomData};

/// Something that others can refer to: a resource, or the stack itself.
pub trait Produces: Send + Sync + 'static {
    /// The kind's name, as AWS calls it: `user pool client`.
    const NAME: &'static str;
    /// What it gives to others; never a secret.
    type Outputs: Serialize + DeserializeOwned + Default + Clone + Send + Sync;
}

/// The stack: the parent of every root resource.
pub struct Stack;

impl Produces for Stack {
    const NAME: &'static str = "stack";
    type Outputs = StackOutputs;
}

/// The outputs of a kind's parent.
pub type Within<K> = <<K as Kind>::Parent as Produces>::Outputs;

/// A resource as AWS has it, every field that its spec can declare filled in.
#[derive(Clone)]
pub struct Found<K: Kind> {
    /// Its name within its parent; for a root, its whole address.
    pub name: String,
    pub spec: K,
    pub outputs: K::Outputs,
    pub owner: Owner,
    /// What a person should know that is no difference: "value changed since wsctl made it".
    pub notes: Vec<String>,
    /// What somebody set on it that stack.toml cannot declare, and that lets people in, or keeps them
    /// out, in a way that wsctl cannot judge: "it runs the trigger PreSignUp". It counts as drift.
    pub set_elsewhere: Vec<String>,
    /// What AWS wants gone before this can be deleted, and is not wsctl's to delete.
    pub obstacles: Vec<Obstacle>,
    /// What is lost with it, "12 users"; its deletion needs the user's explicit word.
    pub holds: Option<String>,
    /// Whether AWS's own deletion protection is on; it is never lifted without being asked.
    pub protected: bool,
    /// The tags of wsctl's own that a root carries.
    pub marks: Tags,
    /// What an attached one was before, where AWS remembers it.
    pub was: Option<Box<K>>,
}

impl<K: Kind> Found<K> {
    /// A child of an owned parent, with nothing to remark.
    pub fn child(name: impl Into<String>, spec: K, outputs: K::Outputs) -> Self {
        Self {
            name: name.into(),
            spec,
            outputs,
            owner: Owner::Ours,
            notes: vec![],
            set_elsewhere: vec![],
            obstacles: vec![],
            holds: None,
            protected: false,
            marks: Tags::new(),
            was: None,
        }
    }
}

/// Something of somebody else's in the way of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// "its custom domain auth.example.com".
    pub what: String,
    /// The command with which a person removes it.
    pub command: String,
}

/// How AWS is asked whether a resource is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By its name: the answer is never late.
    Name,
    /// In a list, which may lag behind; but AWS refuses a second one of the name.
    NameInList,
    /// In a list, which may lag behind; and AWS would make a second one.
    List,
}

/// What the account lacks for something that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The fields that need it.
    pub fields: &'static [&'static str],
    /// "the account has no role for …", and what to do.
    pub text: String,
    pub hint: String,
    /// Whether that is not known, since the caller may not ask.
    pub is_doubt: bool,
}

/// The first look at a resource.
pub enum Sighting<K: Kind> {
    /// The list told everything.
    Whole(Found<K>),
    /// The list told only which one it is; [`Kind::read`] tells the rest.
    Glimpse { name: String, outputs: K::Outputs },
}

impl<K: Kind> Sighting<K> {
    pub fn glimpse(name: impl Into<String>, outputs: K::Outputs) -> Self {
        Self::Glimpse { name: name.into(), outputs }
    }
}

/// The resources of one kind that stack.toml declares in one parent, by name. References to
/// other resources are still open in them; names never hold any.
pub type Wanted<K> = BTreeMap<String, K>;

/// One kind of AWS resource: its spec is the implementing type.
pub trait Kind: Produces + Serialize + DeserializeOwned + Clone + Send + Sync {
    type Parent: Produces;
    /// The segment between the parent's address and the name: `clients`. Empty for roots, whose
    /// name is the whole address. A child with an empty name is its parent's only one.
    const TABLE: &'static str;
    /// Fields that only creation sets: a change deletes the resource and makes it again.
    const REPLACE_ON: &'static [&'static str] = &[];
    /// Fields that name the resource to AWS: a change makes the new one beside the old one,
    /// moves everything over, and deletes the old one last.
    const RENAME_ON: &'static [&'static str] = &[];
    /// Maps in which an undeclared key is a difference.
    const WHOLE: &'static [&'static str] = &[];
    /// Fields used at creation only; AWS never gives them back, so they are never compared.
    const CREATE_ONLY: &'static [&'static str] = &[];
    /// Fields whose live value may be a secret: never shown.
    const HIDDEN: &'static [&'static str] = &[];
    /// Fields that stack.toml cannot declare and that decide who gets in, or what a caller meets. In
    /// what wsctl owns they are as AWS makes them, which is empty: an update that names one empties it.
    const BEYOND: &'static [&'static str] = &[];
    /// Whether deleting the parent deletes it too.
    const GOES_WITH_PARENT: bool = true;
    /// Whether it comes after everything else in its parent: the deployment of an API.
    const AFTER_SIBLINGS: bool = false;
    /// The field that AWS knows it by within its parent; none where that is its name.
    const IDENTITY: Option<&'static str> = None;
    /// Whether one that is there in an attached parent may be changed as stack.toml declares, and
    /// given back; any other has to be wsctl's own.
    const BINDABLE: bool = false;
    /// What to remember of it before it is bound; where empty, the fields that change.
    const REMEMBERED: &'static [&'static str] = &[];
    /// Fields all of which are remembered when any part of them changes, since one part decides over
    /// the others: without MFA there are no factors.
    const TOGETHER: &'static [&'static str] = &[];
    /// Maps that AWS only adds to: an entry that is there is never changed or removed.
    const ADDED_TO: &'static [&'static str] = &[];
    /// How it is looked for; what only a list has is waited for when it was just made.
    const FOUND: FoundBy = FoundBy::Name;
    /// Whether [`Kind::read`] tells everything of one whose outputs are known, without [`Kind::find`].
    const READ_BY_ID: bool = false;
    /// Fields that AWS may rightly have otherwise than they were sent.
    const READ_OTHERWISE: &'static [&'static str] = &[];
    /// What its replacement takes from others: "the client id changes". Where empty, nothing is lost
    /// with it, and nobody has to agree.
    const LOST: &'static str = "";
    /// Whether a change makes the new one beside the old one, which goes then: a run that was cut off
    /// between the two leaves both.
    const BESIDE: bool = false;
    /// Whether names that differ in their case only are one name to AWS.
    const CASELESS: bool = false;

    /// What is declared as AWS tells it once it is there: an empty list that stands for AWS's own
    /// default, say. Given with all references resolved, or as many as are known.
    fn normal(self) -> Self {
        self
    }

    /// Looks for every resource of this kind within the parent, declared or not.
    fn find(
        reads: &Reads,
        within: &Within<Self>,
        wanted: &Wanted<Self>,
    ) -> impl Future<Output = Result<Vec<Sighting<Self>>>> + Send;

    /// What the account lacks for it: asked before anything is made.
    fn lacks(&self, reads: &Reads) -> impl Future<Output = Result<Option<Lack>>> + Send {
        let _ = reads;
        async { Ok(None) }
    }

    /// Reads what a [`Sighting::Glimpse`] left out. `None`: it is gone, or not one of ours to see.
    fn read(
        reads: &Reads,
        within: &Within<Self>,
        name: &str,
        outputs: &Self::Outputs,
    ) -> impl Future<Output = Result<Option<Found<Self>>>> + Send {
        let _ = (reads, within, outputs);
        let name = name.to_owned();
        async move { Err(Error::internal(format!("{} {name} is always seen whole", Self::NAME))) }
    }

    fn create(
        &self,
        aws: &Aws,
        within: &Within<Self>,
        name: &str,
    ) -> impl Future<Output = Result<Self::Outputs>> + Send;

    /// Changes only what `changes` name; what the spec leaves out keeps AWS's value. What was not there
    /// is given back by an empty value, as an owned one is emptied: never by leaving it out.
    fn update(
        &self,
        aws: &Aws,
        within: &Within<Self>,
        live: &Found<Self>,
        changes: &[Change],
    ) -> impl Future<Output = Result<()>> + Send;

    /// Deletes it; that it is gone already is success.
    fn delete(
        aws: &Aws,
        within: &Within<Self>,
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
    fn loses(aws: &Aws, live: &Self::Outputs) -> impl Future<Output = Result<Option<String>>> + Send {
        let _ = (aws, live);
        async { Ok(None) }
    }

    /// What somebody put beside it that lets people in past it, or takes out what is in it, and that no
    /// answer of a plan tells: a function URL. Only `drift` asks; it counts as [`Found::set_elsewhere`].
    fn doors(aws: &Aws, live: &Found<Self>) -> impl Future<Output = Result<Vec<String>>> + Send {
        let _ = (aws, live);
        async { Ok(vec![]) }
    }

    /// Lets AWS itself remember what the attached one is, before it is changed for the first time;
    /// the tags that say where.
    fn remember(aws: &Aws, live: &Found<Self>) -> impl Future<Output = Result<Tags>> + Send {
        let _ = (aws, live);
        async { Ok(Tags::new()) }
    }

    /// Removes what wsctl left in an attached one, now that it is again as it was.
    fn let_go(aws: &Aws, live: &Found<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, live);
        async { Ok(()) }
    }

    /// Sets and removes tags of wsctl's own on it; only roots carry any.
    fn mark(aws: &Aws, live: &Self::Outputs, tags: Retag) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, live, tags);
        async { Err(Error::internal(format!("a {} carries no tags", Self::NAME))) }
    }
}

/// A live resource, erased. Its spec may hold secrets (a function's environment), so it has no
/// `Debug` and is never serialised.
#[derive(Clone)]
pub struct Live {
    pub kind: &'static str,
    pub address: Address,
    pub parent: Option<Address>,
    pub name: String,
    pub spec: Value,
    pub outputs: Value,
    pub within: Value,
    pub owner: Owner,
    pub notes: Vec<String>,
    pub set_elsewhere: Vec<String>,
    pub obstacles: Vec<Obstacle>,
    pub holds: Option<String>,
    pub protected: bool,
    pub marks: Tags,
    /// Its spec before it was attached, where that is known.
    pub was: Option<Value>,
}

impl Live {
    /// Whether it is a child of exactly this one: while a parent that was renamed is replaced, two
    /// have its address.
    pub fn is_in(&self, parent: &Self) -> bool {
        ["arn", "id"].iter().all(|key| match (self.within[*key].as_str(), parent.outputs[*key].as_str()) {
            (Some(of), Some(parent)) if !of.is_empty() && !parent.is_empty() => of == parent,
            _ => true,
        })
    }
}

/// A first look, erased.
pub struct AnySighting {
    pub name: String,
    pub outputs: Value,
    pub live: Option<Live>,
}

/// What the planner has to know of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    pub name: &'static str,
    pub parent: &'static str,
    pub table: &'static str,
    pub replace_on: &'static [&'static str],
    pub rename_on: &'static [&'static str],
    pub whole: &'static [&'static str],
    pub create_only: &'static [&'static str],
    pub hidden: &'static [&'static str],
    pub beyond: &'static [&'static str],
    pub goes_with_parent: bool,
    pub after_siblings: bool,
    pub identity: Option<&'static str>,
    pub bindable: bool,
    pub remembered: &'static [&'static str],
    pub together: &'static [&'static str],
    pub added_to: &'static [&'static str],
    pub found: FoundBy,
    pub read_by_id: bool,
    pub read_otherwise: &'static [&'static str],
    pub lost: &'static str,
    /// A declared spec as a live one would be: sets in order, and [`Kind::normal`]. To be asked only
    /// after references are resolved, since what they stand for decides the order.
    pub normal: fn(&Value) -> Value,
    pub beside: bool,
    pub caseless: bool,
}

/// A [`Kind`] without its types.
pub trait AnyKind: Send + Sync {
    fn traits(&self) -> Traits;
    /// The names of its outputs, for checking references.
    fn outputs(&self) -> Vec<String>;
    fn find<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        within: &'a Value,
        wanted: &'a BTreeMap<String, Value>,
    ) -> BoxFuture<'a, Result<Vec<AnySighting>>>;
    fn lacks<'a>(&'a self, reads: &'a Reads, spec: Value) -> BoxFuture<'a, Result<Option<Lack>>>;
    fn read<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        within: &'a Value,
        seen: &'a AnySighting,
    ) -> BoxFuture<'a, Result<Option<Live>>>;
    fn create<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        within: Value,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Value>>;
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
    fn doors<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Vec<String>>>;
    fn mark<'a>(&'a self, aws: &'a Aws, live: &'a Live, tags: Retag) -> BoxFuture<'a, Result<()>>;
    fn remember<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Tags>>;
    fn let_go<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>>;
}

/// The address of a `table` child called `name`; a root's name is its address.
pub fn address_of(table: &str, parent: Option<&Address>, name: &str) -> Result<Address> {
    match parent {
        Some(parent) => Ok(parent.join(table).join(name)),
        None => name.parse(),
    }
}

/// The one adapter from a typed kind to [`AnyKind`].
pub struct Erased<K>(PhantomData<fn() -> K>);

pub const fn erased<K>() -> Erased<K> {
    Erased(PhantomData)
}

impl<K: Kind> Erased<K> {
    fn live(found: Found<K>, parent: Option<&Address>, within: &Value) -> Result<Live> {
        Ok(Live {
            kind: K::NAME,
            address: address_of(K::TABLE, parent, &found.name)?,
            parent: parent.cloned(),
            name: found.name,
            spec: to_tree(&found.spec)?,
            outputs: to_tree(&found.outputs)?,
            within: within.clone(),
            owner: found.owner,
            notes: found.notes,
            set_elsewhere: found.set_elsewhere,
            obstacles: found.obstacles,
            holds: found.holds,
            protected: found.protected,
            marks: found.marks,
            was: found.was.as_deref().map(to_tree).transpose()?,
        })
    }

    fn found(live: &Live) -> Result<Found<K>> {
        Ok(Found {
            name: live.name.clone(),
            spec: from_tree(live.spec.clone())?,
            outputs: from_tree(live.outputs.clone())?,
            owner: live.owner.clone(),
            notes: live.notes.clone(),
            set_elsewhere: live.set_elsewhere.clone(),
            obstacles: live.obstacles.clone(),
            holds: live.holds.clone(),
            protected: live.protected,
            marks: live.marks.clone(),
            was: None,
        })
    }
}

fn to_tree<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("a value has no tree").source(error))
}

fn from_tree<T: DeserializeOwned>(tree: Value) -> Result<T> {
    // serde's message can quote the value, which may be a secret: the type is enough.
    serde_json::from_value(tree)
        .map_err(|_| Error::internal(format!("a tree is no {}", std::any::type_name::<T>())))
}

/// [`Traits::normal`]: the spec as its own type writes it.
fn normal<K: Kind>(spec: &Value) -> Value {
    let typed = serde_json::from_value::<K>(spec.clone()).map(K::normal);
    match typed.and_then(serde_json::to_value) {
        Ok(typed) => declared_of(spec, typed),
        // A reference stands where its type has a number: it is not known yet.
        Err(_) => spec.clone(),
    }
}

/// Of `typed` only what `spec` declares: a type fills in what is left out. A null that is declared
/// (a field given back as none) stays one.
fn declared_of(spec: &Value, typed: Value) -> Value {
    match (spec, typed) {
        (Value::Object(spec), Value::Object(mut typed)) => {
            let kept = spec.iter().filter_map(|(key, value)| match typed.remove(key) {
                Some(typed) => Some((key.clone(), declared_of(value, typed))),
                None => value.is_null().then(|| (key.clone(), Value::Null)),
            });
            Value::Object(kept.collect())
        }
        (_, typed) => typed,
    }
}

impl<K: Kind> AnyKind for Erased<K> {
    fn traits(&self) -> Traits {
        Traits {
            name: K::NAME,
            parent: K::Parent::NAME,
            table: K::TABLE,
            replace_on: K::REPLACE_ON,
            rename_on: K::RENAME_ON,
            whole: K::WHOLE,
            create_only: K::CREATE_ONLY,
            hidden: K::HIDDEN,
            beyond: K::BEYOND,
            goes_with_parent: K::GOES_WITH_PARENT,
            after_siblings: K::AFTER_SIBLINGS,
            identity: K::IDENTITY,
            bindable: K::BINDABLE,
            remembered: K::REMEMBERED,
            together: K::TOGETHER,
            added_to: K::ADDED_TO,
            found: K::FOUND,
            read_by_id: K::READ_BY_ID,
            read_otherwise: K::READ_OTHERWISE,
            lost: K::LOST,
            normal: normal::<K>,
            beside: K::BESIDE,
            caseless: K::CASELESS,
        }
    }

    fn outputs(&self) -> Vec<String> {
        let tree = to_tree(&K::Outputs::default()).unwrap_or_default();
        tree.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect()
    }

    fn find<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        within: &'a Value,
        wanted: &'a BTreeMap<String, Value>,
    ) -> BoxFuture<'a, Result<Vec<AnySighting>>> {
        async move {
            let typed_within = from_tree(within.clone())?;
            let wanted: Wanted<K> = wanted
                .iter()
                .map(|(name, spec)| Ok((name.clone(), from_tree(spec.clone())?)))
                .collect::<Result<_>>()?;
            let seen = K::find(reads, &typed_within, &wanted).await?;
            seen.into_iter()
                .map(|sighting| match sighting {
                    Sighting::Whole(found) => Ok(AnySighting {
                        name: found.name.clone(),
                        outputs: to_tree(&found.outputs)?,
                        live: Some(Self::live(found, parent, within)?),
                    }),
                    Sighting::Glimpse { name, outputs } => {
                        Ok(AnySighting { name, outputs: to_tree(&outputs)?, live: None })
                    }
                })
                .collect()
        }
        .boxed()
    }

    fn lacks<'a>(&'a self, reads: &'a Reads, spec: Value) -> BoxFuture<'a, Result<Option<Lack>>> {
        async move { from_tree::<K>(spec)?.lacks(reads).await }.boxed()
    }

    fn read<'a>(
        &'a self,
        reads: &'a Reads,
        parent: Option<&'a Address>,
        within: &'a Value,
        seen: &'a AnySighting,
    ) -> BoxFuture<'a, Result<Option<Live>>> {
        async move {
            if let Some(live) = &seen.live {
                return Ok(Some(live.clone()));
            }
            let (typed_within, outputs) = (from_tree(within.clone())?, from_tree(seen.outputs.clone())?);
            let found = K::read(reads, &typed_within, &seen.name, &outputs).await?;
            found.map(|found| Self::live(found, parent, within)).transpose()
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        within: Value,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Value>> {
        async move {
            let (spec, within): (K, _) = (from_tree(spec)?, from_tree(within)?);
            to_tree(&spec.create(aws, &within, name).await?)
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        aws: &'a Aws,
        spec: Value,
        live: &'a Live,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let (spec, within): (K, _) = (from_tree(spec)?, from_tree(live.within.clone())?);
            spec.update(aws, &within, &Self::found(live)?, changes).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>> {
        async move {
            let (outputs, within) = (from_tree(live.outputs.clone())?, from_tree(live.within.clone())?);
            K::delete(aws, &within, &outputs).await
        }
        .boxed()
    }

    fn is_there<'a>(&'a self, aws: &'a Aws, outputs: &'a Value) -> BoxFuture<'a, Result<bool>> {
        async move { K::is_there(aws, &from_tree(outputs.clone())?).await }.boxed()
    }

    fn loses<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Option<String>>> {
        async move { K::loses(aws, &from_tree(live.outputs.clone())?).await }.boxed()
    }

    fn doors<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Vec<String>>> {
        async move { K::doors(aws, &Self::found(live)?).await }.boxed()
    }

    fn remember<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<Tags>> {
        async move { K::remember(aws, &Self::found(live)?).await }.boxed()
    }

    fn let_go<'a>(&'a self, aws: &'a Aws, live: &'a Live) -> BoxFuture<'a, Result<()>> {
        async move { K::let_go(aws, &Self::found(live)?).await }.boxed()
    }

    fn mark<'a>(&'a self, aws: &'a Aws, live: &'a Live, tags: Retag) -> BoxFuture<'a, Result<()>> {
        async move { K::mark(aws, &from_tree(live.outputs.clone())?, tags).await }.boxed()
    }
}
