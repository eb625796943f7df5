//! What goes together though two tables, or a table and a key, declare it: what the file leaves out is
//! not managed, and then what it needs has to stay as well, or to go with it. Pure.

use super::{Desired, Remark, traits};
use crate::{
    owner::Owner,
    spec::{
        Live, Traits, WithNeeds,
        function::ACTIVE,
        role::{self, Needs},
    },
    value::{self, Address, KnownOutputs},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// What is declared, completed by what follows from it as things are.
pub(super) fn complete(
    desired: &[Desired],
    live: &[Live],
    kinds: &[Traits],
    known: &KnownOutputs,
) -> Vec<Desired> {
    let there = There {
        desired,
        live,
        kinds,
        known,
    };
    let complete = |it: &Desired| {
        let traits = traits(kinds, it.kind);
        let granting = traits
            .with_needs
            .and_then(|with_needs| there.granting(it, with_needs));
        granting.or_else(|| there.without(it, traits.stays_with?))
    };
    let kept = desired.iter().filter_map(|it| there.kept(it));
    desired
        .iter()
        .map(|it| complete(it).unwrap_or_else(|| it.clone()))
        .chain(kept)
        .collect()
}

/// Says of what is kept though no table declares it, why.
pub(super) fn remarks(
    declared: &[Desired],
    completed: &[Desired],
    kinds: &[Traits],
) -> Vec<Remark> {
    let kept = &completed[declared.len()..];
    let remark = |it: &Desired| {
        let keeps = |it: &&Desired| !traits(kinds, it.kind).keeps.is_empty();
        let by = declared.iter().find(keeps)?;
        let field = traits(kinds, by.kind).keeps.join(".");
        let text = format!(
            "it stays, since AWS keeps the {field} of {} as it is",
            by.address
        );
        Some(Remark {
            address: it.address.clone(),
            text,
        })
    };
    kept.iter().filter_map(remark).collect()
}

struct There<'a> {
    desired: &'a [Desired],
    live: &'a [Live],
    kinds: &'a [Traits],
    known: &'a KnownOutputs,
}

impl There<'_> {
    fn declared(&self, address: &Address) -> Option<&Desired> {
        self.desired.iter().find(|it| it.address == *address)
    }

    fn ours(&self, address: &Address) -> Option<&Live> {
        self.live
            .iter()
            .find(|it| it.address == *address && it.owner == Owner::Ours)
    }

    /// A function that stays in its network, goes on being traced, or keeps its variables, needs what its
    /// role lets it do for that, also where its table no longer says so.
    fn granting(&self, role: &Desired, with_needs: WithNeeds) -> Option<Desired> {
        let function = Address::new(role.address.segments().iter().take(2).cloned());
        let declared = self.declared(&function)?;
        let name = value::resolve(&declared.spec["name"], self.known);
        let live = self.ours(&function).filter(|it| it.spec["name"] == name)?;
        let is_left_out = |field: &str| declared.spec[field].is_null();
        let in_network = live.spec["vpc"]["subnet_ids"]
            .as_array()
            .is_some_and(|it| !it.is_empty());
        let mut secrets = match is_left_out("environment") {
            true => self.secrets(&live.spec["environment"], self.ours(&role.address)),
            false => vec![],
        };
        let declared = readable(&value::resolve(&role.spec["policies"], &self.known_now()));
        secrets.retain(|arn| !declared.contains(arn));
        let needs = Needs {
            secrets,
            in_vpc: is_left_out("vpc") && in_network,
            is_traced: is_left_out("tracing") && live.spec["tracing"] == ACTIVE,
        };
        let mut completed = role.clone();
        let spec = Arc::make_mut(&mut completed.spec);
        let policies = spec["policies"].as_object_mut()?;
        for policy in policies.values_mut() {
            *policy = with_needs(policy, &needs);
        }
        Some(completed)
    }

    /// What is known, with what is there.
    fn known_now(&self) -> KnownOutputs {
        let live = self.live.iter().filter(|it| it.owner == Owner::Ours);
        let live = live.map(|it| (it.address.clone(), it.outputs.clone()));
        live.chain(
            self.known
                .iter()
                .map(|(address, outputs)| (address.clone(), outputs.clone())),
        )
        .collect()
    }

    /// The secrets that variables name, by name or by ARN: the file's, and others that the role may read
    /// already.
    fn secrets(&self, variables: &Value, role: Option<&Live>) -> Vec<String> {
        let secrets = self
            .desired
            .iter()
            .filter(|it| traits(self.kinds, it.kind).used_by_name);
        let live =
            secrets.filter_map(|it| self.live.iter().find(|live| live.address == it.address));
        let mut named: Vec<_> = live
            .filter(|it| is_named(variables, &it.outputs["arn"], &it.outputs["name"]))
            .collect();
        // As the file's own references are put in order.
        named.sort_by_key(|it| &it.address);
        let of_the_file = named
            .iter()
            .filter_map(|it| it.outputs["arn"].as_str())
            .map(ToOwned::to_owned);
        let granted = role
            .map(|it| readable(&it.spec["policies"]))
            .unwrap_or_default();
        let others = granted.into_iter().filter(|arn| {
            let is_of_the_file = named.iter().any(|it| it.outputs["arn"] == **arn);
            !is_of_the_file && is_named(variables, &json!(arn), &json!(name_in(arn)))
        });
        of_the_file.chain(others).collect()
    }

    /// What a field that is left out goes on naming.
    fn kept(&self, by: &Desired) -> Option<Desired> {
        let keeps = traits(self.kinds, by.kind).keeps;
        let field = |spec: &Value| keeps.iter().fold(spec.clone(), |it, key| it[key].clone());
        let live = self.ours(&by.address)?;
        let named = field(&live.spec);
        named.as_str()?;
        let is_named = |it: &&Live| it.owner == Owner::Ours && it.outputs["arn"] == named;
        let kept = self.live.iter().find(is_named)?;
        let is_left_out = field(&by.spec).is_null() && self.declared(&kept.address).is_none();
        is_left_out.then(|| Desired {
            kind: kept.kind,
            address: kept.address.clone(),
            name: kept.name.clone(),
            spec: json!({ "name": kept.spec["name"] }).into(),
            ..Desired::default()
        })
    }

    /// The log group of a stage that is not to write to one any more goes, so the stage stops first.
    fn without(&self, stage: &Desired, (field, arn): (&str, &str)) -> Option<Desired> {
        let live = self
            .ours(&stage.address)
            .filter(|_| stage.spec[field].is_null())?;
        let to = live.spec[field][arn].as_str()?;
        let goes = |it: &&Live| it.outputs["arn"] == *to && self.declared(&it.address).is_none();
        self.live
            .iter()
            .filter(|it| it.owner == Owner::Ours)
            .find(goes)?;
        let mut completed = stage.clone();
        Arc::make_mut(&mut completed.spec)[field] = Value::Null;
        Some(completed)
    }
}

/// Whether one of the variables is the name, or has the ARN in it.
fn is_named(variables: &Value, arn: &Value, name: &Value) -> bool {
    let mut values = variables
        .as_object()
        .into_iter()
        .flat_map(|map| map.values())
        .filter_map(Value::as_str);
    let arn = arn.as_str().filter(|it| !it.is_empty());
    values.any(|value| *name == *value || arn.is_some_and(|arn| value.contains(arn)))
}

/// The secrets that policies allow to read.
fn readable(policies: &Value) -> Vec<String> {
    let policies = policies
        .as_object()
        .into_iter()
        .flat_map(|map| map.values());
    policies.flat_map(role::readable).collect()
}

/// AWS puts a hyphen and six characters behind the name (docs/aws.md §11).
fn name_in(arn: &str) -> &str {
    let name = arn.split_once(":secret:").map_or("", |it| it.1);
    name.len()
        .checked_sub(7)
        .and_then(|end| name.get(..end))
        .unwrap_or(name)
}
