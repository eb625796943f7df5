//! What the account lacks for what is declared: told before anything is made. Pure.

use super::{Action, Desired, Plan, Remark, Step};
use crate::{
    diff::any_touches,
    error::{Error, Result},
    spec::Lack,
    value::Address,
};

/// Refuses a plan that is to make something which AWS would refuse for that, and warns of what is not
/// known, or is there already without it.
pub(super) fn check(
    plan: &mut Plan,
    lacks: Vec<(Address, Lack)>,
    desired: &[Desired],
) -> Result<()> {
    let declared = lacks
        .into_iter()
        .filter(|(at, _)| desired.iter().any(|it| it.address == *at));
    for (address, lack) in declared {
        let is_due = plan
            .steps
            .iter()
            .any(|step| step.address == address && is_due(step, &lack));
        if is_due && !lack.is_doubt {
            return Err(Error::refused(format!("{address}: {}", lack.text)).hint(lack.hint));
        }
        if is_due || !lack.is_doubt {
            plan.warnings.push(Remark {
                address,
                text: format!("{}; {}", lack.text, lack.hint),
            });
        }
    }
    Ok(())
}

/// Whether the step sets what needs it.
fn is_due(step: &Step, lack: &Lack) -> bool {
    match step.action {
        Action::Create | Action::Replace => true,
        Action::Update => any_touches(&step.changes, lack.fields),
        Action::Delete => false,
    }
}
