//! What goes for good with what a plan removes, where reading alone does not tell.

use crate::{aws::Aws, error::Result, kind::AnyKind, plan::Plan};

/// Asks for it and writes it into the plan. A plan that removes nothing of the kind asks nothing.
pub async fn weigh(aws: &Aws, kinds: &[Box<dyn AnyKind>], plan: &mut Plan) -> Result<()> {
    let goes = plan.steps.iter().filter(|step| step.removes() && !plan.loses(&step.address));
    let goes: Vec<_> = goes.filter_map(|step| step.live.clone()).collect();
    for live in goes {
        let kind = kinds.iter().find(|kind| kind.traits().name == live.kind);
        let kind = kind.expect("every resource is of a registered kind");
        if let Some(what) = kind.loses(aws, &live).await? {
            plan.lose(&live, what);
        }
    }
    Ok(())
}
