//! Live resources → the stack.toml that declares them: [`super::lower`] backwards. Pure.
//!
//! The file is built out of the tables themselves, so that a key which is added to them cannot be
//! forgotten here. What apply would make by itself is left out.

mod api;
mod attached;
mod defaults;
mod functions;
mod user_pool;
mod write;

use super::tables::{File, StackTable, UndeclaredTable};
use crate::{
    error::{Error, Result},
    kind::{Live, Produces, StackOutputs},
    kinds::{
        authorizer::Authorizer, client::Client, function::Function, rest_api::RestApi, secret::Secret,
        user_pool::UserPool,
    },
    value::Address,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What the file should have besides what can be told for certain.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Write the functions' environments out: their values may be secrets.
    pub environment: bool,
    /// The roots that stay their owner's, each with the key that says which one it is: `name` or
    /// `id`.
    pub existing: BTreeMap<Address, &'static str>,
}

/// The file's text.
pub fn lift(stack: &StackOutputs, live: &[Live], wishes: &Wishes) -> Result<String> {
    let live = &with_keys(live);
    let seen = Seen { stack, live };
    let mut comments = Comments::default();
    let file = File {
        stack: StackTable {
            name: stack.name.clone(),
            region: stack.region.clone(),
            account: Some(stack.account.clone()),
            undeclared: UndeclaredTable::default(),
            tags: None,
        },
        vars: BTreeMap::new(),
        user_pool: seen.only::<UserPool>()?.map(|pool| user_pool::lift(&seen, pool)).transpose()?,
        secrets: secrets(&seen, &mut comments)?,
        functions: seen
            .all::<Function>()
            .map(|it| Ok((key(it), functions::lift(&seen, it, wishes, &mut comments)?)))
            .collect::<Result<_>>()?,
        api: seen.only::<RestApi>()?.map(|api| api::lift(&seen, api, &mut comments)).transpose()?,
    };
    let mut tree =
        serde_json::to_value(&file).map_err(|error| Error::internal("a file has no tree").source(error))?;
    attached::keep(&mut tree, &seen, wishes, &mut comments);
    Ok(write::write(&defaults::without(tree), &comments))
}

fn secrets(seen: &Seen<'_>, comments: &mut Comments) -> Result<BTreeMap<String, Secret>> {
    let all = seen.all::<Secret>().map(|it| {
        let place = ["secrets", &key(it)].map(ToOwned::to_owned);
        comments.add(
            place,
            "Its value is in AWS alone: wsctl never reads it. Made anew, it would come from this variable.",
        );
        let variable = key(it).to_uppercase().replace('-', "_");
        Ok((key(it), Secret { from_env: Some(variable), ..spec(it)? }))
    });
    all.collect()
}

/// What was seen, by kind and parent.
struct Seen<'a> {
    stack: &'a StackOutputs,
    live: &'a [Live],
}

impl<'a> Seen<'a> {
    fn all<K: Produces>(&self) -> impl Iterator<Item = &'a Live> + use<'a, K> {
        self.live.iter().filter(|it| it.kind == K::NAME)
    }

    fn within<K: Produces>(&self, parent: &Live) -> impl Iterator<Item = &'a Live> + use<'a, K> {
        let parent = parent.address.clone();
        self.all::<K>().filter(move |it| it.parent.as_ref() == Some(&parent))
    }

    fn at(&self, address: &Address) -> Option<&'a Live> {
        self.live.iter().find(|it| it.address == *address)
    }

    /// A stack has one of some kinds.
    fn only<K: Produces>(&self) -> Result<Option<&'a Live>> {
        let mut all = self.all::<K>();
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(Error::refused(format!("the stack has more than one {}", K::NAME))
                .hint("wsctl plan of its file names them; delete those that are not in use")),
        }
    }

    /// The reference to whatever has this text as an output, such as a secret's ARN.
    fn reference(&self, text: &str) -> Option<String> {
        let outputs =
            |live: &'a Live| live.outputs.as_object().into_iter().flatten().map(move |it| (live, it));
        let mut all = self.live.iter().flat_map(outputs);
        let is_it = |value: &serde_json::Value| !text.is_empty() && value.as_str() == Some(text);
        let (live, (output, _)) = all.find(|(_, (_, value))| is_it(value))?;
        Some(format!("${{{}}}", live.address.join(output)))
    }
}

/// Lines above a table or a key, by its path.
#[derive(Default)]
struct Comments(BTreeMap<Vec<String>, Vec<String>>);

impl Comments {
    fn add(&mut self, path: impl IntoIterator<Item = String>, text: impl Into<String>) {
        self.0.entry(path.into_iter().collect()).or_default().push(text.into());
    }
}

/// What AWS lets be called anything gets a name that stack.toml takes.
fn with_keys(live: &[Live]) -> Vec<Live> {
    let renamed = |it: &Live| match it.parent.as_ref() {
        Some(_) if [Client::NAME, Authorizer::NAME].contains(&it.kind) => {
            let (last, rest) = it.address.segments().split_last().unwrap_or((&it.name, &[]));
            Live { address: Address::new(rest.iter().cloned()).join(&bare(last)), ..it.clone() }
        }
        _ => it.clone(),
    };
    live.iter().map(renamed).collect()
}

/// `My app (web)` → `My_app_web`.
pub fn bare(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let joined = words.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("_");
    let joined: String = joined.chars().take(60).collect();
    if joined.starts_with(|c: char| c.is_ascii_alphabetic()) { joined } else { format!("a_{joined}") }
}

/// By key; two of one key would be one of them lost.
fn keyed<'a, T>(
    all: impl Iterator<Item = &'a Live>,
    lift: impl Fn(&Live) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    let mut keyed = BTreeMap::new();
    for live in all {
        if keyed.insert(key(live), lift(live)?).is_some() {
            let message = format!("{}: two {}s would have this name in stack.toml", live.address, live.kind);
            return Err(Error::refused(message).hint("give one of them another name in AWS"));
        }
    }
    Ok(keyed)
}

/// Its name in stack.toml.
fn key(live: &Live) -> String {
    live.address.segments().last().cloned().unwrap_or_default()
}

/// Its spec in its own type.
fn spec<T: DeserializeOwned>(live: &Live) -> Result<T> {
    // serde's message can quote the value, which may be a secret.
    serde_json::from_value(live.spec.clone())
        .map_err(|_| Error::internal(format!("{}: this is no spec of a {}", live.address, live.kind)))
}

/// The tags of a spec; what carries none has none.
fn tags(live: &Live) -> Option<crate::aws::Tags> {
    serde_json::from_value(live.spec["tags"].clone()).unwrap_or_default()
}

/// A text of a spec.
fn text(live: &Live, field: &str) -> Option<String> {
    live.spec[field].as_str().map(ToOwned::to_owned)
}

/// A duration that a spec has in seconds.
fn seconds(value: &serde_json::Value) -> Option<crate::duration::Duration> {
    let count = value.as_u64()?;
    Some(crate::duration::Duration::new(count, crate::duration::Unit::Seconds))
}
