//! How much of all that could be tried a run tries: a part for each change, or everything, which takes three
//! times as long (docs/decisions/0047).

use proptest::test_runner::{Config, RngSeed};

/// Whether everything is tried.
pub(super) fn is_thorough() -> bool {
    std::env::var_os("WSCTL_THOROUGH").is_some()
}

/// Which part is tried, and which stacks are made up: the same in every run, unless `WSCTL_SEED` says another.
fn seed() -> u64 {
    let said = std::env::var("WSCTL_SEED");
    said.map_or(1, |it| it.parse().expect("WSCTL_SEED is a number"))
}

/// One of so many items, or all.
pub(super) fn one_in<T>(
    count: usize,
    items: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = T> {
    let (first, step) = part(count);
    items.into_iter().skip(first).step_by(step)
}

/// Whether the item at this position is tried, of each so many one, or all.
pub(super) fn is_one_in(count: usize, position: usize) -> bool {
    let (first, step) = part(count);
    position % step == first
}

fn part(count: usize) -> (usize, usize) {
    if is_thorough() {
        return (0, 1);
    }
    let first = seed() % u64::try_from(count).unwrap();
    (usize::try_from(first).unwrap(), count)
}

/// So many made-up stacks, or a third of them.
pub(crate) fn cases(cases: u32) -> Config {
    Config {
        cases: if is_thorough() {
            cases
        } else {
            cases.div_ceil(3)
        },
        rng_seed: RngSeed::Fixed(seed()),
        max_shrink_iters: 60,
        ..Config::default()
    }
}
