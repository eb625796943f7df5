//! Stacks, leftovers and the proof of a destroy as text. Pure.

use super::{BOLD, styled, table::table};
use crate::{
    inventory::{
        leftover::{Leftover, Sort},
        prices::{AS_OF, at_rest, usd},
        proof::{AfterDestroy, Proof},
        stacks::Stack,
    },
    plain::plain,
};
use std::{collections::BTreeMap, fmt::Write};

/// Every stack, one a line, and what is billed by what.
pub fn stacks(stacks: &[Stack], now: i64) -> String {
    if stacks.is_empty() {
        return "No wsctl stack is here.\n".to_owned();
    }
    let row = |it: &Stack| {
        let age = it
            .created
            .map_or_else(|| "?".to_owned(), |created| age(now - created));
        vec![it.name.clone(), it.region.clone(), age, it.summary()]
    };
    let mut text = table(
        &["STACK", "REGION", "AGE", "RESOURCES"],
        &stacks.iter().map(row).collect::<Vec<_>>(),
    );
    for (name, lock) in stacks
        .iter()
        .filter_map(|it| Some((&it.name, it.lock.as_ref()?)))
    {
        let then = match lock.is_dead {
            true => {
                "that process is dead: the next apply or destroy takes over, wsctl sweep removes its lock"
                    .to_owned()
            }
            false => format!("if it is dead, remove its lock with wsctl unlock --stack-name {name}"),
        };
        let _ = writeln!(text, "\n{}\n  {}", plain(&lock.by), plain(&then));
    }
    let mut billed = BTreeMap::<_, usize>::new();
    for it in stacks.iter().flat_map(|it| &it.billed) {
        *billed.entry((it.kind, it.by)).or_default() += it.count;
    }
    if billed.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\n{}", styled(BOLD, "What AWS may bill"));
    for ((kind, by), count) in billed {
        let s = if count == 1 { "" } else { "s" };
        let _ = writeln!(text, "  {count} {kind}{s}: by {by}");
    }
    let at_rest = usd(at_rest(stacks));
    let _ = writeln!(
        text,
        "  At rest about {at_rest} a month, after the prices of us-east-1 in {AS_OF}, and for the logs that are kept"
    );
    text.push_str("  Prices and what is free each month: https://aws.amazon.com/pricing\n");
    text
}

/// A length of time in its largest unit.
fn age(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds.max(0), "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Every leftover, and what sweep does with it.
pub fn leftovers(
    leftovers: &[Leftover],
    goes: impl Fn(&Leftover) -> Result<(), &'static str>,
) -> String {
    if leftovers.is_empty() {
        return "Nothing is left over here.\n".to_owned();
    }
    let row = |it: &Leftover| {
        let tag = it
            .item
            .stack
            .clone()
            .map_or_else(|| "none".to_owned(), |stack| format!("stack {stack}"));
        let what = match (goes(it), &it.item.pending_until) {
            (Ok(()), _) => "delete".to_owned(),
            (Err(_), Some(until)) => format!("pending until {until}"),
            (Err(kept), None) => kept.to_owned(),
        };
        vec![
            what,
            it.item.kind.to_owned(),
            it.item.name.clone(),
            it.item.region.clone(),
            tag,
            it.because.clone(),
        ]
    };
    let rows: Vec<_> = leftovers.iter().map(row).collect();
    let mut text = table(&["ACTION", "KIND", "NAME", "REGION", "TAG", "WHY"], &rows);
    if leftovers
        .iter()
        .any(|it| it.sort == Sort::LooksLike && goes(it).is_err())
    {
        text.push_str("\nWhat carries no tag is deleted only when it is named: wsctl sweep NAME\n");
    }
    text
}

/// Where each resource of a destroyed stack is now.
pub fn proofs(proofs: &[Proof]) -> String {
    let row = |it: &Proof| {
        let address = it
            .address
            .as_ref()
            .map_or_else(|| "–".to_owned(), ToString::to_string);
        vec![address, it.kind.to_owned(), it.name.clone(), fate(&it.fate)]
    };
    table(
        &["ADDRESS", "KIND", "NAME", "NOW"],
        &proofs.iter().map(row).collect::<Vec<_>>(),
    )
}

fn fate(fate: &AfterDestroy) -> String {
    match fate {
        AfterDestroy::Gone => "gone".to_owned(),
        AfterDestroy::Pending { until } => {
            format!("pending until {until}; apply before then restores it")
        }
        AfterDestroy::Attached => "kept because attached".to_owned(),
        AfterDestroy::Left { because } | AfterDestroy::Untagged { because } => {
            format!("left because {because}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_its_largest_unit() {
        assert_eq!(
            [0, 61, 3_600, 200_000].map(age),
            ["0 seconds", "1 minute", "1 hour", "2 days"]
        );
    }
}
