//! A destroy proves itself: every service that had something of the stack is asked again for all that it has. Where
//! something of it is left, or it was changed and not deleted, the stack is also looked at as a plan does.

use super::{Deployment, Done, Goal, Outcome};
use crate::{
    error::Result,
    inventory::{
        self, Inventory,
        proof::{Proof, SecondLook, proofs},
    },
    owner::Owner,
    spec::Live,
};

/// What was looked at again after a destroy.
pub struct Gone {
    pub proofs: Vec<Proof>,
    pub inventory: Inventory,
}

impl Gone {
    /// The stack's lock, which the destroy gave back, where one is there all the same.
    pub fn lock(&self, stack: &str) -> Option<&inventory::Lock> {
        self.inventory.locks.iter().find(|it| it.stack == stack)
    }
}

impl Deployment {
    /// What became of each resource that was there before `done`.
    pub async fn prove_gone(&self, done: &Done) -> Result<Gone> {
        let desired = &self.stack.desired;
        let is_used = |it: &Live| {
            desired
                .iter()
                .any(|root| root.lifecycle.existing && root.address == it.address)
        };
        let is_ours = |it: &&Live| matches!(it.owner, Owner::Ours | Owner::Attached) || is_used(it);
        let ours = |live: &[Live]| -> Vec<Live> { live.iter().filter(is_ours).cloned().collect() };
        let before = ours(&done.proposal.observed.live);
        let inventory = inventory::read_after(&self.aws, self.stack.name(), &before).await;
        let after = if inventory.has_none_of(&before) && done.report.is_complete() {
            vec![]
        } else {
            let reads = self.reads(Goal::Nothing);
            ours(&Box::pin(self.observe_with(&reads)).await?.live)
        };
        let results = done.report.results.iter();
        let failures = results.filter_map(|it| Some((it.address.clone(), failure(&it.outcome)?)));
        let proofs = proofs(&SecondLook {
            before: &before,
            after: &after,
            inventory: &inventory,
            failures: &failures.collect(),
            stack: self.stack.name(),
        });
        Ok(Gone { proofs, inventory })
    }
}

fn failure(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Done(_) => None,
        Outcome::Failed(error) => Some(error.to_string()),
        Outcome::Skipped { because } => Some(format!("{because} could not be deleted")),
        Outcome::Interrupted => Some("it was not tried: stopped".to_owned()),
    }
}
