//! Several applies of one stack at once: one works, the others wait or are told who it is.

use super::{
    applied::is_alike,
    cases, choices,
    stacks::{Declares, stack},
    world::World,
};
use crate::support::wire::{Asked, Verdict};
use proptest::{collection::vec, prelude::*};
use std::time::Duration;

/// How long each of two or three processes is in coming: nearly at once, or while another works.
fn delays() -> impl Strategy<Value = Vec<Duration>> {
    let delay = prop_oneof![0..100_u64, 0..20_000_u64].prop_map(Duration::from_millis);
    vec(delay, 2..=3)
}

/// Some replies about the lock are lost.
fn lose_replies(world: &World, losses: Vec<bool>) {
    let mut losses = losses.into_iter();
    world.wire.on(move |asked: &Asked| {
        let is_lost = asked.body.contains("/wsctl/lock/") && losses.next().unwrap_or_default();
        if is_lost {
            Verdict::LoseReply
        } else {
            Verdict::Pass
        }
    });
}

proptest! {
    #![proptest_config(cases(200))]
    #[test]
    fn of_applies_at_once_one_works_and_the_others_wait_or_are_refused(
        choices in choices(),
        delays in delays(),
        is_patient in any::<bool>(),
        losses in vec(any::<bool>(), 0..8),
    ) {
        let text = stack(&choices, Declares::Some);
        let (world, alone) = (World::new(), World::new());
        alone.apply(&text);
        lose_replies(&world, losses);
        let patience = Duration::from_secs(if is_patient { 3600 } else { 0 });
        let results = world.apply_together(&text, &delays, patience);
        prop_assert!(results.iter().any(Result::is_ok));
        for result in results {
            match result {
                Ok(report) => prop_assert!(report.is_complete(), "{:#?}\n{text}", report.results),
                Err(error) => {
                    prop_assert!(!is_patient, "{error}");
                    prop_assert!(error.message.contains("stack made is being changed by "), "{error}");
                }
            }
        }
        is_alike(&world.owned(), &alone.owned(), &text);
        is_alike(&world.foreign(), &alone.foreign(), "no lock stays");
        world.is_settled(&text);
    }
}
