//! What every kind has to keep to, tried on one resource of it in an account of its own.

use super::{
    deviations::{tells_undeclared, unchangeable, undeclarable},
    place::{Emulator, Place},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use wsctl::{
    aws::{Aws, Reads},
    diff::{Change, diff},
    kind::AnyKind,
    kinds,
    owner::{Owner, StackOutputs},
    spec::{Live, Produces, Spec, Traits, address_of, branding::Branding, user::User},
    value::Address,
};

const STACK: &str = "contract";

/// An empty account for one kind and its parents.
pub(crate) struct Bench {
    pub(crate) aws: Arc<Aws>,
    pub(crate) emulator: Emulator,
    pub(crate) account: String,
    stack: Value,
}

/// A resource that is there.
pub(crate) struct Made {
    pub(crate) address: Address,
    pub(crate) outputs: Value,
}

impl Made {
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs[name]
            .as_str()
            .unwrap_or_else(|| panic!("{} has no {name}", self.address))
    }
}

impl Bench {
    pub(crate) async fn new(emulator: Emulator) -> Self {
        let Place { aws, account, .. } = Place::new(emulator).await;
        let (name, region) = (STACK.to_owned(), aws.region.clone());
        let stack = json!(StackOutputs {
            name,
            region,
            account: account.clone()
        });
        Self {
            aws,
            emulator,
            account,
            stack,
        }
    }

    /// Makes a resource that others need.
    pub(crate) async fn make<K: Spec>(
        &self,
        parent: Option<&Made>,
        name: &str,
        spec: Value,
    ) -> Made {
        let outputs = self.thing(K::TRAITS, parent, name).create(&spec).await;
        let address = address_of(K::TRAITS.table, parent.map(|it| &it.address), name).unwrap();
        Made { address, outputs }
    }

    /// The contract: created, it is as declared; changed, it is as changed, and the rest as it
    /// was; deleted, it is gone, and to delete it again is success. `sample` and `changed` are
    /// specs; `{}` for a kind that has nothing to change.
    pub(crate) async fn keeps<K: Spec>(
        &self,
        parent: Option<&Made>,
        name: &str,
        sample: Value,
        changed: Value,
    ) {
        self.keeps_its_contract(K::TRAITS, parent, name, sample, changed)
            .await;
    }

    /// The same of a kind that only its traits name.
    pub(crate) async fn keeps_its_contract(
        &self,
        kind: Traits,
        parent: Option<&Made>,
        name: &str,
        sample: Value,
        changed: Value,
    ) {
        let thing = self.thing(kind, parent, name);
        let (sample, changed) = (thing.declarable(sample), thing.declarable(changed));
        assert!(
            thing.named(&sample).await.is_empty(),
            "{name} is there before it is made"
        );
        let made = thing.create(&sample).await;
        let live = thing.is_as(&sample).await;
        assert_eq!(
            live.outputs, made,
            "what its creation gave, and what is found"
        );
        thing.is_told_undeclared(&live).await;
        let live = thing.takes(live, &sample, &changed).await;
        thing.goes(&live, &sample).await;
    }

    fn thing<'a>(&'a self, traits: Traits, parent: Option<&'a Made>, name: &'a str) -> Thing<'a> {
        let mut kinds = kinds::all().into_iter();
        let kind = kinds.find(|it| it.traits().name == traits.name);
        Thing {
            bench: self,
            kind: kind.expect("every spec has its calls"),
            traits,
            parent,
            name,
        }
    }
}

struct Thing<'a> {
    bench: &'a Bench,
    kind: Box<dyn AnyKind>,
    traits: Traits,
    parent: Option<&'a Made>,
    name: &'a str,
}

impl Thing<'_> {
    /// The spec in the kind's own form, sets in order, without what the emulator cannot have.
    fn declarable(&self, spec: Value) -> Value {
        let mut tree = (self.traits.normal)(&spec);
        let lacking = undeclarable(self.bench.emulator, self.traits.name);
        let is_given = |field: &str| spec.get(field).is_some() && !lacking.contains(&field);
        tree.as_object_mut()
            .unwrap()
            .retain(|field, _| is_given(field));
        for (table, field) in lacking.iter().filter_map(|it| it.split_once('.')) {
            if let Some(table) = tree[table].as_object_mut() {
                table.remove(field);
            }
        }
        tree
    }

    fn within(&self) -> &Value {
        self.parent.map_or(&self.bench.stack, |it| &it.outputs)
    }

    async fn create(&self, spec: &Value) -> Value {
        let create = self.kind.create(
            &self.bench.aws,
            spec.clone(),
            self.within().clone(),
            self.name,
        );
        create
            .await
            .unwrap_or_else(|error| panic!("{} {}: {error}", self.traits.name, self.name))
    }

    /// What a fresh look finds under this name.
    async fn named(&self, spec: &Value) -> Vec<Live> {
        self.look(Some(spec))
            .await
            .into_iter()
            .filter(|it| it.name == self.name)
            .collect()
    }

    /// Every resource of the kind within the parent that a fresh look finds.
    async fn look(&self, declared: Option<&Value>) -> Vec<Live> {
        let reads = Reads::new(Arc::clone(&self.bench.aws), STACK);
        let parent = self.parent.map(|it| &it.address);
        let wanted: BTreeMap<_, _> = declared
            .into_iter()
            .map(|spec| (self.name.to_owned(), spec.clone()))
            .collect();
        let mut found = vec![];
        for seen in self
            .kind
            .find(&reads, parent, self.within(), &wanted)
            .await
            .unwrap()
        {
            found.extend(
                self.kind
                    .read(&reads, parent, self.within(), &seen)
                    .await
                    .unwrap(),
            );
        }
        found
    }

    /// The one that is there: ours, nothing to remark, and with every declared field as declared.
    async fn is_as(&self, spec: &Value) -> Live {
        let mut found = self.named(spec).await;
        assert_eq!(found.len(), 1, "{} {}: found", self.traits.name, self.name);
        let live = found.remove(0);
        assert_eq!(live.owner, Owner::Ours);
        assert_eq!(live.notes, Vec::<String>::new());
        assert_eq!(self.differences(&live, spec), []);
        live
    }

    fn differences(&self, live: &Live, spec: &Value) -> Vec<Change> {
        let mut spec = spec.clone();
        spec.as_object_mut()
            .unwrap()
            .retain(|field, _| !self.traits.create_only.contains(&field.as_str()));
        diff(&live.spec, &spec, self.traits.whole)
    }

    /// One that the file no longer names is found all the same, or it would never be deleted; but
    /// a branding is nobody's business where none is declared.
    async fn is_told_undeclared(&self, live: &Live) {
        if ![Branding::NAME, User::NAME].contains(&self.traits.name)
            && tells_undeclared(self.bench.emulator, self.traits.name)
        {
            let found = self.look(None).await;
            assert!(
                found.iter().any(|it| it.outputs == live.outputs),
                "{}: not found by itself",
                self.traits.name
            );
        }
    }

    /// Changes what `changed` declares; what it leaves out has to stay.
    async fn takes(&self, live: Live, sample: &Value, changed: &Value) -> Live {
        let changed = self.changeable(sample, changed);
        let changes = self.differences(&live, &changed);
        if changes.is_empty() {
            return live;
        }
        let set_once = self.traits.replace_on.iter().chain(self.traits.rename_on);
        assert!(
            !set_once
                .clone()
                .any(|field| changes.iter().any(|it| it.touches(field))),
            "{changes:?}"
        );
        self.kind
            .update(&self.bench.aws, changed.clone(), &live, &changes)
            .await
            .unwrap();
        self.is_as(&merged("", sample, &changed, self.traits.whole))
            .await
    }

    /// `changed`, with what the emulator cannot change as it is in `sample`.
    fn changeable(&self, sample: &Value, changed: &Value) -> Value {
        let fixed = unchangeable(self.bench.emulator, self.traits.name);
        let fields = changed.as_object().unwrap().iter().map(|(field, new)| {
            let is_fixed = fixed.contains(&field.as_str());
            (
                field.clone(),
                if is_fixed {
                    sample[field].clone()
                } else {
                    new.clone()
                },
            )
        });
        fields.collect::<serde_json::Map<_, _>>().into()
    }

    async fn goes(&self, live: &Live, sample: &Value) {
        self.kind.delete(&self.bench.aws, live).await.unwrap();
        let left = self.named(sample).await;
        assert!(
            left.is_empty(),
            "{} {}: still there",
            self.traits.name,
            self.name
        );
        self.kind.delete(&self.bench.aws, live).await.unwrap();
    }
}

/// `sample` with `changed` laid over it; what is in `whole` is replaced, not merged.
fn merged(path: &str, sample: &Value, changed: &Value, whole: &[&str]) -> Value {
    let (Some(below), Some(above)) = (sample.as_object(), changed.as_object()) else {
        return changed.clone();
    };
    if whole.contains(&path) {
        return changed.clone();
    }
    let mut all = below.clone();
    for (key, value) in above {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let under = below.get(key).unwrap_or(&Value::Null);
        all.insert(key.clone(), merged(&path, under, value, whole));
    }
    all.into()
}
