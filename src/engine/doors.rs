//! Ways in past what a plan looks at.

use super::Observed;
use crate::{aws::Aws, error::Result, kind::AnyKind, owner::Owner};
use futures::future::try_join_all;

/// Asks for them at everything of the stack's own, and adds them to what was observed. What is attached
/// is its owner's.
pub async fn doors(aws: &Aws, kinds: &[Box<dyn AnyKind>], observed: &mut Observed) -> Result<()> {
    let ours = observed.live.iter_mut().filter(|it| it.owner == Owner::Ours);
    let asked = ours.map(async |live| {
        let kind = kinds.iter().find(|kind| kind.traits().name == live.kind);
        let kind = kind.expect("every resource is of a registered kind");
        let found = kind.doors(aws, live).await?;
        live.set_elsewhere.extend(found);
        Ok(())
    });
    try_join_all(asked).await.map(drop)
}
