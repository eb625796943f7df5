//! A plan read as a finding: what is not as stack.toml says, without what to do about it. Pure.

use crate::{
    diff::Change,
    plan::{Action, Plan, Remark, Step},
    spec::traits_of,
    value::{Address, KnownOutputs},
};
use serde::Serialize;
use serde_json::Value;

/// Where AWS and the file are apart.
#[derive(Serialize)]
pub struct Drift {
    /// Declared, but not there.
    pub missing: Vec<ResourceRef>,
    /// There, with other values than declared.
    pub different: Vec<Different>,
    /// Stages that serve another version of the API than the file describes.
    pub not_deployed: Vec<Different>,
    /// There, in what the stack owns, but not declared.
    pub unmanaged: Vec<ResourceRef>,
    /// Set by somebody beyond what stack.toml can declare.
    pub set_elsewhere: Vec<Remark>,
    /// The same, where stack.toml accepts it; it does not count.
    pub accepted: Vec<Remark>,
    pub notes: Vec<Remark>,
    pub as_declared: usize,
    /// What is known of the references in the file; values from the environment are among it.
    #[serde(skip)]
    pub known: KnownOutputs,
}

#[derive(Serialize)]
pub struct ResourceRef {
    pub address: Address,
    pub kind: &'static str,
}

#[derive(Serialize)]
pub struct Different {
    pub address: Address,
    pub kind: &'static str,
    /// `old` is live, `new` is declared.
    pub changes: Vec<Change>,
    /// The resource as the file has it, with its references.
    #[serde(skip)]
    pub written: Value,
}

/// The field of what comes after its siblings that says which version of the API it serves.
const DEPLOYMENT: &str = "deployment";

impl Drift {
    /// What a plan that deletes the undeclared found.
    pub fn of(plan: &Plan) -> Self {
        let of = |action| {
            plan.steps
                .iter()
                .filter(move |it| it.action == action)
                .map(thing)
                .collect()
        };
        let changed = |is_wanted: fn(&Step, &Change) -> bool| {
            plan.steps
                .iter()
                .filter_map(|step| different(step, is_wanted))
                .collect()
        };
        Self {
            missing: of(Action::Create),
            different: changed(|step, it| !is_deployment(step, it)),
            // Equal on both sides: the stage serves what the file says, while the API was changed
            // under it. That change is listed by itself.
            not_deployed: changed(|step, it| is_deployment(step, it) && it.old != it.new),
            unmanaged: of(Action::Delete),
            set_elsewhere: plan.set_elsewhere.clone(),
            accepted: plan.accepted.clone(),
            notes: plan
                .notes
                .iter()
                .cloned()
                .chain(plan.not_met.iter().map(not_met))
                .collect(),
            as_declared: plan.unchanged,
            known: plan.known.clone(),
        }
    }

    pub fn count(&self) -> usize {
        let things = self.missing.len() + self.different.len() + self.not_deployed.len();
        things + self.unmanaged.len() + self.set_elsewhere.len()
    }
}

/// A line that accepts nothing hides nothing either, but somebody should know.
fn not_met(line: &String) -> Remark {
    let text = format!("nothing is so any more, and the line can go: {line}");
    Remark {
        address: Address::new(["drift", "accept"]),
        text,
    }
}

fn thing(step: &Step) -> ResourceRef {
    ResourceRef {
        address: step.address.clone(),
        kind: step.kind,
    }
}

fn is_deployment(step: &Step, change: &Change) -> bool {
    change.path == DEPLOYMENT && traits_of(step.kind).is_some_and(|it| it.after_siblings)
}

/// What is replaced only because its parent is has no difference of its own.
fn different(step: &Step, is_wanted: fn(&Step, &Change) -> bool) -> Option<Different> {
    let changes: Vec<_> = step
        .shown()
        .into_iter()
        .filter(|it| is_wanted(step, it))
        .collect();
    let ResourceRef { address, kind } = thing(step);
    (!changes.is_empty()).then(|| Different {
        address,
        kind,
        changes,
        written: Value::clone(&step.spec),
    })
}
