//! What AWS asks for what is merely there. Pure.
//!
//! Only secrets cost something at rest; what else a stack has is billed by its use, and by the
//! gigabyte of logs that is kept.

use super::stacks::Stack;
use crate::spec::{Produces, secret::Secret};

/// US cents for one secret and month in us-east-1, without the calls that read it. Source:
/// <https://aws.amazon.com/secrets-manager/pricing/> as it was on 2026-09-20.
const SECRET: usize = 40;
/// The month of that price.
pub const AS_OF: &str = "September 2026";

/// US cents a month for these stacks as long as nobody uses them.
pub fn at_rest<'a>(stacks: impl IntoIterator<Item = &'a Stack>) -> usize {
    let billed = stacks.into_iter().flat_map(|it| &it.billed);
    billed
        .filter(|it| it.kind == Secret::NAME)
        .map(|it| it.count * SECRET)
        .sum()
}

/// `0.40 USD`.
pub fn usd(cents: usize) -> String {
    format!("{}.{:02} USD", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{inventory::stacks::Billed, spec::user_pool::UserPool};

    #[test]
    fn only_secrets_cost_something_at_rest() {
        let billed = |kind, count| Billed {
            kind,
            count,
            by: "",
        };
        let stack = Stack {
            name: "a".into(),
            region: "eu-west-1".into(),
            created: None,
            resources: vec![],
            billed: vec![billed(UserPool::NAME, 1), billed(Secret::NAME, 3)],
            lock: None,
        };
        assert_eq!(usd(at_rest([&stack])), "1.20 USD");
        assert_eq!(usd(at_rest([])), "0.00 USD");
    }
}
