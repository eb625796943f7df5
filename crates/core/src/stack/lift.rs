//! Live resources → the stack.toml that declares them: [`super::lower`] backwards. Pure.
//!
//! The file is built out of the tables themselves, so that a key which is added to them cannot be
//! forgotten here. What apply would make by itself is left out. What stack.toml cannot say is a
//! comment where it would stand: the file is always one that can be used.

mod api;
mod attached;
mod comments;
pub(super) mod defaults;
mod functions;
mod identity_pool;
mod left_out;
mod roles;
mod user_pool;
mod valid;
mod write;

use super::tables::{
    AccountTable, ApiTable, ChecksTable, DomainNameTable, DriftTable, File, ONLY_API, StackTable,
    UndeclaredTable, UsagePlanTable,
};
use crate::{
    error::{Error, Result},
    owner::StackOutputs,
    plan::Plan,
    spec::{
        Live, Produces, api_key::ApiKey, authorizer::Authorizer,
        base_path_mapping::BasePathMapping, client::Client, domain_name::DomainName, from_tree,
        function::Function, identity_pool::IdentityPool, rest_api::RestApi, route::Route,
        secret::Secret, stage::Stage, usage_plan::UsagePlan, user_pool::UserPool,
    },
    value::{self, Address},
};
use comments::Comments;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the file should have besides what can be told for certain.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Write the functions' environments out, and the texts that routes send along: they may be secrets.
    pub environment: bool,
    /// The roots that stay their owner's, each with the key that says which one it is: `name` or
    /// `id`.
    pub existing: BTreeMap<Address, &'static str>,
}

/// A file that has not been written out yet.
pub struct Lifted {
    /// What stands above all of it.
    head: &'static str,
    /// Who has what cannot be written.
    source: &'static str,
    tree: Value,
    comments: Comments,
    /// The ids of the roots that could be somebody else's, by their addresses.
    free: BTreeMap<Address, String>,
    /// The APIs that have a stage.
    stages: BTreeSet<Address>,
}

/// The file that says what is there.
pub fn lift(stack: &StackOutputs, live: &[Live], wishes: &ImportOptions) -> Result<Lifted> {
    let live = &prepared(live);
    let seen = Seen { stack, live };
    let mut comments = Comments::default();
    for it in live {
        let texts = it
            .set_elsewhere
            .iter()
            .map(|text| format!("Not managed: {text}"));
        texts.for_each(|text| comments.add(it.address.segments().iter().cloned(), text));
    }
    let mut apis = BTreeMap::new();
    for (at, api) in seen.each_at::<RestApi>(&mut comments) {
        apis.insert(at, api::lift(&seen, api, wishes, &mut comments)?);
    }
    let domain_names = seen
        .all::<DomainName>()
        .map(|it| Ok((key(it), domain_name(&seen, it, &apis, &mut comments)?)))
        .collect::<Result<_>>()?;
    let file = File {
        stack: StackTable {
            name: stack.name.clone(),
            region: stack.region.clone(),
            account: Some(stack.account.clone()),
            undeclared: UndeclaredTable::default(),
            tags: None,
        },
        vars: BTreeMap::new(),
        checks: ChecksTable::default(),
        user_pool: seen
            .only::<UserPool>(&mut comments)
            .map(|pool| user_pool::lift(&seen, pool, &mut comments))
            .transpose()?,
        secrets: secrets(&seen, &mut comments)?,
        functions: seen
            .all::<Function>()
            .map(|it| Ok((key(it), functions::lift(&seen, it, wishes, &mut comments)?)))
            .collect::<Result<_>>()?,
        identity_pool: seen
            .only::<IdentityPool>(&mut comments)
            .map(|pool| identity_pool::lift(&seen, pool))
            .transpose()?,
        api: apis.remove(&Address::new([ONLY_API])),
        apis: further(apis),
        domain_names,
        usage_plans: seen
            .all::<UsagePlan>()
            .map(|it| Ok((key(it), usage_plan(&seen, it)?)))
            .collect::<Result<_>>()?,
        api_keys: seen
            .all::<ApiKey>()
            .map(|it| Ok((key(it), api_key(&seen, it)?)))
            .collect::<Result<_>>()?,
        drift: DriftTable::default(),
        account: AccountTable::default(),
    };
    let mut tree = serde_json::to_value(&file)
        .map_err(|error| Error::internal("a file has no tree").source(error))?;
    attached::keep(&mut tree, &seen, wishes, &mut comments);
    let stages = seen.all::<Stage>().filter_map(|it| it.parent.clone());
    let stages = stages.collect();
    Ok(Lifted {
        head: write::IMPORTED,
        source: "AWS",
        tree: defaults::written(tree),
        comments,
        free: free(live),
        stages,
    })
}

impl Lifted {
    /// One that was put together out of another definition, with what there is to say at each place.
    pub fn converted(tree: Value, said: impl IntoIterator<Item = (Vec<String>, String)>) -> Self {
        let mut comments = Comments::default();
        said.into_iter()
            .for_each(|(place, text)| comments.add(place, text));
        Self {
            head: write::CONVERTED,
            source: "the definition",
            tree,
            comments,
            free: BTreeMap::new(),
            stages: BTreeSet::new(),
        }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        write::write(self.head, &self.tree, &self.comments)
    }

    /// Turns whatever the checks of a stack.toml would refuse into comments.
    pub fn make_valid(&mut self) -> Result<()> {
        valid::make(self)
    }

    /// Takes out what would change something, since all of it is somebody else's; whether there was
    /// anything to take out.
    pub fn change_nothing(&mut self, plan: &Plan) -> bool {
        left_out::changes(self, plan)
    }

    /// Leaves of every table that is somebody else's no more than which one it is; whether there was
    /// more.
    pub fn only_name(&mut self) -> bool {
        left_out::all_but_names(self)
    }

    /// Keeps what the file cannot say from being deleted; whether that was not so yet.
    pub fn keep_undeclared(&mut self, plan: &Plan) -> bool {
        left_out::keep_undeclared(self, plan)
    }

    /// Says beside each table what apply would change in it.
    pub fn remark(&mut self, plan: &Plan) {
        left_out::remark(self, plan);
    }
}

fn free(live: &[Live]) -> BTreeMap<Address, String> {
    let roots = live
        .iter()
        .filter(|it| it.parent.is_none() && it.owner == crate::owner::Owner::Nobody);
    roots
        .filter_map(|it| Some((it.address.clone(), it.outputs["id"].as_str()?.to_owned())))
        .collect()
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

/// The APIs under the names of their tables.
fn further(apis: BTreeMap<Address, ApiTable>) -> BTreeMap<String, ApiTable> {
    let named = apis.into_iter();
    let named = named.filter_map(|(at, api)| Some((at.segments().last()?.clone(), api)));
    named.collect()
}

/// A path is written where what it leads to is an API of the file, and its stage.
fn domain_name(
    seen: &Seen<'_>,
    live: &Live,
    apis: &BTreeMap<Address, ApiTable>,
    comments: &mut Comments,
) -> Result<DomainNameTable> {
    let mut base_paths = BTreeMap::new();
    for it in seen.within::<BasePathMapping>(live) {
        let mapping: BasePathMapping = spec(it)?;
        let stage = |api: &Live| Some(apis.get(&api.address)?.stage.as_ref()?.name.clone());
        let is_meant = |api: &&Live| {
            api.outputs["id"] == mapping.api_id
                && stage(api).is_some_and(|it| Some(it) == mapping.stage)
        };
        match seen.all::<RestApi>().find(is_meant) {
            Some(api) => {
                base_paths.insert(it.name.clone(), key(api));
            }
            None => {
                let stage = mapping.stage.map_or_else(
                    || "all stages".to_owned(),
                    |stage| format!("the stage {stage}"),
                );
                let text = format!(
                    "Leads to {stage} of the API {}, which is not in this file.",
                    mapping.api_id
                );
                comments.add(it.address.segments().iter().cloned(), text);
            }
        }
    }
    Ok(DomainNameTable {
        settings: DomainName {
            tags: tags(live),
            ..spec(live)?
        },
        base_paths,
    })
}

/// What it is for is named where that is not all of the file's APIs.
fn usage_plan(seen: &Seen<'_>, live: &Live) -> Result<UsagePlanTable> {
    let settings: UsagePlan = spec(live)?;
    let staged = seen
        .all::<RestApi>()
        .filter(|api| seen.within::<Stage>(api).next().is_some());
    let is_meant = |api: &&Live| {
        let id = api.outputs["id"].as_str().unwrap_or_default();
        settings
            .stages
            .iter()
            .any(|it| it.split(':').next() == Some(id))
    };
    let (meant, others): (Vec<_>, Vec<_>) = staged.partition(is_meant);
    let apis = meant.into_iter().map(key).collect();
    Ok(UsagePlanTable {
        apis: Some(apis).filter(|apis: &BTreeSet<_>| !others.is_empty() && !apis.is_empty()),
        settings: UsagePlan {
            stages: BTreeSet::new(),
            tags: tags(live),
            ..settings
        },
    })
}

fn api_key(seen: &Seen<'_>, live: &Live) -> Result<ApiKey> {
    let it: ApiKey = spec(live)?;
    let plan = |id: String| {
        let mut plans = seen.all::<UsagePlan>();
        plans.find(|it| it.outputs["id"] == id).map_or(id, key)
    };
    Ok(ApiKey {
        usage_plan: it.usage_plan.map(plan),
        tags: tags(live),
        ..it
    })
}

/// What was seen, by kind and parent. Specs are as stack.toml writes them.
struct Seen<'a> {
    stack: &'a StackOutputs,
    live: &'a [Live],
}

impl<'a> Seen<'a> {
    fn all<K: Produces>(&self) -> impl Iterator<Item = &'a Live> + use<'a, K> {
        self.live.iter().filter(|it| it.kind == K::NAME)
    }

    fn within<K: Produces>(&self, parent: &'a Live) -> impl Iterator<Item = &'a Live> + use<'a, K> {
        self.of_kind(K::NAME, parent)
    }

    fn of_kind(
        &self,
        kind: &'static str,
        parent: &'a Live,
    ) -> impl Iterator<Item = &'a Live> + use<'a> {
        self.live.iter().filter(move |it| {
            it.kind == kind && it.parent.as_ref() == Some(&parent.address) && it.is_in(parent)
        })
    }

    /// The function of this ARN.
    fn function(&self, arn: &str) -> Option<&'a Live> {
        self.all::<Function>().find(|it| it.outputs["arn"] == arn)
    }

    /// As a file names a function: by its key here, and one of others by its ARN.
    fn named(&self, function: String) -> String {
        self.function(&function).map_or(function, key)
    }

    fn at(&self, address: &Address) -> Option<&'a Live> {
        self.live.iter().find(|it| it.address == *address)
    }

    /// A stack has one of some kinds.
    fn only<K: Produces>(&self, comments: &mut Comments) -> Option<&'a Live> {
        let first = self.each_at::<K>(comments).into_iter().next();
        first.map(|it| it.1)
    }

    /// What there is of a kind, one at each address.
    fn each_at<K: Produces>(&self, comments: &mut Comments) -> BTreeMap<Address, &'a Live> {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for it in self.all::<K>() {
            all.entry(it.address.clone()).or_default().push(it);
        }
        let first = |(at, all)| Some((at, Self::first::<K>(all, comments)?));
        all.into_iter().filter_map(first).collect()
    }

    /// The first of what is at one address, and a comment of the others.
    fn first<K: Produces>(mut all: Vec<&'a Live>, comments: &mut Comments) -> Option<&'a Live> {
        all.sort_by_key(|it| it.outputs["id"].as_str().unwrap_or_default());
        let (first, others) = all.split_first()?;
        if !others.is_empty() {
            let ids: Vec<_> = others
                .iter()
                .filter_map(|it| it.outputs["id"].as_str())
                .collect();
            let text = format!(
                "The stack has more than one {}, and a file declares one. Delete those that are not in use; \
                 not written: {}",
                K::NAME,
                ids.join(", ")
            );
            comments.add(first.address.segments().iter().cloned(), text);
        }
        Some(first)
    }

    /// The reference to whatever has this text as an output, such as a secret's ARN.
    fn reference(&self, text: &str) -> Option<String> {
        let outputs = |live: &'a Live| {
            live.outputs
                .as_object()
                .into_iter()
                .flatten()
                .map(move |it| (live, it))
        };
        let mut all = self.live.iter().flat_map(outputs);
        let is_it = |value: &Value| !text.is_empty() && value.as_str() == Some(text);
        let (live, (output, _)) = all.find(|(_, (_, value))| is_it(value))?;
        Some(format!("${{{}}}", live.address.join(output)))
    }
}

/// What was seen, as it can be written: under names that stack.toml takes, without what may be
/// default, and with texts in which a literal `${` is none of the file's references.
///
/// AWS answers in any order; the file is the same for the same things.
fn prepared(live: &[Live]) -> Vec<Live> {
    let mut taken = BTreeSet::new();
    let mut live: Vec<_> = live.iter().collect();
    live.sort_by_cached_key(|it| (it.address.clone(), it.outputs.to_string()));
    live.into_iter()
        .map(|it| {
            let is_of = |kinds: &[&str]| kinds.contains(&it.kind);
            let mut it = it.clone();
            if is_of(&[Client::NAME, Authorizer::NAME]) {
                it.address = keyed(&it, &mut taken);
            }
            if is_of(&[
                Function::NAME,
                RestApi::NAME,
                Authorizer::NAME,
                Route::NAME,
                Stage::NAME,
                DomainName::NAME,
                UsagePlan::NAME,
                ApiKey::NAME,
            ]) {
                it.spec = defaults::without(it.kind, &it.spec).into();
            }
            it.spec = value::escaped(&it.spec).into();
            it
        })
        .collect()
}

/// A child's address under a key that stack.toml takes and no other child of its parent has.
fn keyed(it: &Live, taken: &mut BTreeSet<(Address, String)>) -> Address {
    let parent = it.parent_outputs["id"].as_str().unwrap_or_default();
    let (last, table) = it
        .address
        .segments()
        .split_last()
        .unwrap_or((&it.name, &[]));
    let table = Address::new(table.iter().cloned());
    let key = free_key(&bare(last), |key| {
        taken.insert((table.join(key), parent.to_owned()))
    });
    key.map_or_else(|| it.address.clone(), |key| table.join(&key))
}

/// `My app (web)` → `My_app_web`.
pub fn bare(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let joined = words
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    let joined: String = joined.chars().take(60).collect();
    if joined.starts_with(|c: char| c.is_ascii_alphabetic()) {
        joined
    } else {
        format!("a_{joined}")
    }
}

/// The first of `key`, `key_2`, `key_3`… that `takes` takes.
pub fn free_key(key: &str, mut takes: impl FnMut(&str) -> bool) -> Option<String> {
    let numbered = |number: usize| {
        if number == 1 {
            key.to_owned()
        } else {
            format!("{key}_{number}")
        }
    };
    (1..1000).map(numbered).find(|key| takes(key))
}

/// Its name in stack.toml.
fn key(live: &Live) -> String {
    live.address.segments().last().cloned().unwrap_or_default()
}

/// Its spec in its own type.
fn spec<T: DeserializeOwned>(live: &Live) -> Result<T> {
    from_tree(&live.spec).map_err(|_| {
        Error::internal(format!(
            "{}: this is not a spec of a {}",
            live.address, live.kind
        ))
    })
}

/// The tags of a spec; what carries none has none.
fn tags(live: &Live) -> Option<crate::owner::Tags> {
    serde_json::from_value(live.spec["tags"].clone()).unwrap_or_default()
}

/// A text of a spec.
fn text(live: &Live, field: &str) -> Option<String> {
    live.spec[field].as_str().map(ToOwned::to_owned)
}
