//! Fields that are set last, by a write of their own: what they name was made in the meantime.

use super::apply::Work;
use crate::{
    diff::Change,
    error::{Error, Result},
    plan::{Action, Step, laid_over, laid_over_now, without_late},
    spec::Live,
};
use serde_json::Value;

impl Work<'_> {
    /// Sets the late fields of what is otherwise as `spec` declares.
    pub(super) async fn finish_late(
        &self,
        step: &Step,
        mut spec: Value,
        parent_outputs: Value,
        outputs: Option<Value>,
    ) -> Result<()> {
        let kind = self.kind(step);
        let early = without_late(&spec, &step.late);
        let live = match (&step.action, &step.live, outputs) {
            (Action::Update, Some(live), _) => Live {
                spec: laid_over_now(&live.spec, &early, kind.traits().whole).into(),
                ..live.clone()
            },
            (_, _, Some(outputs)) => made(step, early, outputs, parent_outputs),
            _ => return Err(Error::internal("what was made has no outputs")),
        };
        let changes = match step.action {
            Action::Update => step.changes_by_phase().0,
            _ => set(step, &spec),
        };
        if step.is_attached_root() {
            spec = laid_over(spec, &live, &kind.traits());
        }
        self.update(kind, step, spec, &live, &changes).await
    }
}

/// What was just made, as it was sent.
fn made(step: &Step, spec: Value, outputs: Value, parent_outputs: Value) -> Live {
    Live {
        parent: step.parent.clone(),
        name: step.name.clone(),
        spec: spec.into(),
        outputs,
        parent_outputs: parent_outputs.into(),
        ..Live::owned(step.kind, step.address.clone())
    }
}

fn set(step: &Step, spec: &Value) -> Vec<Change> {
    let change = |field: &&str| Change {
        path: (*field).to_owned(),
        old: Value::Null,
        new: spec[*field].clone(),
    };
    step.late.iter().map(change).collect()
}
