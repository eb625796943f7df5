//! The tables of stack.toml → the resources they ask for. Pure.

mod api;
mod domain_names;
mod functions;
mod identity_pool;
mod names;
mod usage;
mod user_pool;

pub use api::METHODS_OF_ANY;
pub(super) use api::{ACCESS_LOG_FORMAT, Asked, EXPOSE_HEADERS, headers_of_errors};
pub use functions::code_address;
pub(super) use functions::{ALLOWED, NEEDED};
pub(super) use names::Names;

use super::{
    lifecycle,
    parts::Parts,
    tables::{File, RoleTable},
};
use crate::{
    error::{Error, Result},
    owner::Tags,
    plan::Desired,
    spec::{Spec, Traits, every_kind, role::Role, secret::Secret},
    value::{Address, KnownOutputs},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Everything that the file asks for, in no particular order.
pub fn lower(file: &File, tree: &Value, known: &KnownOutputs) -> Result<Vec<Desired>> {
    let names = Names {
        stack: &file.stack.name,
        region: &file.stack.region,
        known,
    };
    let mut lowering = Lowering {
        tree,
        names,
        stack_tags: file.stack.tags.as_ref(),
        found: vec![],
    };
    for (key, secret) in &file.secrets {
        lowering.root::<Secret>(Address::new(["secrets", key]), secret)?;
    }
    for (key, function) in &file.functions {
        functions::lower(&mut lowering, file, key, function)?;
    }
    if let Some(table) = &file.user_pool {
        user_pool::lower(&mut lowering, file, table)?;
    }
    if let Some(table) = &file.identity_pool {
        identity_pool::lower(&mut lowering, file, table)?;
    }
    for api in file.apis() {
        api::lower(&mut lowering, file, &api)?;
    }
    domain_names::lower(&mut lowering, file)?;
    usage::lower(&mut lowering, file)?;
    Ok(lowering.found)
}

struct Lowering<'a> {
    tree: &'a Value,
    names: Names<'a>,
    stack_tags: Option<&'a Tags>,
    found: Vec<Desired>,
}

impl Lowering<'_> {
    /// Adds a root; the stack's tags become its own where it can carry some.
    fn root<S: Spec>(&mut self, address: Address, spec: &impl Serialize) -> Result<&mut Desired> {
        let mut spec = tree::<S>(spec)?;
        if let Some(common) = self.stack_tags {
            let own = spec["tags"].as_object().cloned().unwrap_or_default();
            let mut tags = json!(common);
            tags.as_object_mut()
                .into_iter()
                .for_each(|tags| tags.extend(own.clone()));
            spec["tags"] = tags;
        }
        let name = address.to_string();
        let lifecycle = lifecycle::of(self.tree, &address);
        Ok(self.push(Desired {
            kind: S::NAME,
            address,
            name,
            spec: spec.into(),
            lifecycle,
            ..Desired::default()
        }))
    }

    /// Adds a child of `parent`.
    fn child<S: Spec>(
        &mut self,
        parent: &Address,
        name: &str,
        spec: &impl Serialize,
    ) -> Result<&mut Desired> {
        let address = parent.join(S::TRAITS.table).join(name);
        let (parent, name, spec) = (Some(parent.clone()), name.to_owned(), tree::<S>(spec)?);
        let lifecycle = lifecycle::of(self.tree, &address);
        Ok(self.push(Desired {
            kind: S::NAME,
            address,
            parent,
            name,
            spec: spec.into(),
            lifecycle,
            after: BTreeSet::new(),
        }))
    }

    /// Adds a role that `trusted` take on, and that may do what is `needed`: one of a pool's, or of an API's.
    fn role(
        &mut self,
        address: Address,
        table: &RoleTable,
        trusted: &str,
        needed: Option<Value>,
        tags: Option<&Tags>,
    ) -> Result<()> {
        let mut spec = functions::own_role(table, needed);
        spec["name"] = self.names.stacks_role(&address, table).into();
        spec["assumed_by"] = trusted.into();
        spec["tags"] = json!(tags);
        self.root::<Role>(address, &spec).map(drop)
    }

    /// Adds the parts of `parent`, each as a child.
    fn parts<P: Spec>(&mut self, parent: &Address, parts: &Parts<P>) -> Result<()> {
        type Add = fn(&mut Lowering<'_>, &Address, &str, &Value) -> Result<()>;
        fn part<S: Spec>() -> (Traits, Add) {
            (S::TRAITS, |lowering, parent, name, spec| {
                lowering.child::<S>(parent, name, spec).map(drop)
            })
        }
        for (kind, add) in every_kind!(part) {
            for (name, spec) in parts.of(&kind) {
                add(self, parent, name, spec)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, desired: Desired) -> &mut Desired {
        self.found.push(desired);
        self.found.last_mut().expect("one was just added")
    }
}

/// The spec of a kind as that kind itself writes it, without its nulls: a field that is left out
/// is not managed.
fn tree<S: Spec>(spec: &impl Serialize) -> Result<Value> {
    let wrong =
        |error| Error::internal(format!("this is not a spec of a {}", S::NAME)).source(error);
    let typed: S = serde_json::to_value(spec)
        .and_then(serde_json::from_value)
        .map_err(wrong)?;
    Ok(without_nulls(serde_json::to_value(&typed).map_err(wrong)?))
}

fn without_nulls(tree: Value) -> Value {
    match tree {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(key, value)| (key, without_nulls(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        other => other,
    }
}

/// `${address.output}`.
fn reference(address: &Address, output: &str) -> String {
    format!("${{{}}}", address.join(output))
}
