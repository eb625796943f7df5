//! How much of all that could be tried a run tries: a part for each change, or everything, each night
//! (docs/decisions/0047).

use crate::support::is_thorough;
use proptest::test_runner::{Config, RngSeed};

/// Which part is tried, and which stacks are made up: the same in every run, unless `WSCTL_SEED` says another.
fn seed() -> u64 {
    let said = std::env::var("WSCTL_SEED");
    said.map_or(1, |it| it.parse().expect("WSCTL_SEED is a number"))
}

/// Whether the item at this position is tried: one of so many, or all.
pub(super) fn is_one_in(count: usize, position: usize) -> bool {
    is_thorough() || position % count == turn() % count
}

/// Where to begin, of what is gone through in turn.
pub(super) fn turn() -> usize {
    usize::try_from(seed()).expect("WSCTL_SEED is a number of this machine's")
}

/// So many made-up stacks, or a quarter of them.
pub(crate) fn cases(cases: u32) -> Config {
    Config {
        cases: if is_thorough() {
            cases
        } else {
            cases.div_ceil(4)
        },
        rng_seed: RngSeed::Fixed(seed()),
        max_shrink_iters: 60,
        ..Config::default()
    }
}
