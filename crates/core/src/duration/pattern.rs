//! The texts of all lengths of time within a range, as a regular expression for editors. Pure.

use super::{Duration, Unit};

/// What is written of a length of time from `least` to `most`, in whole `step`s.
pub fn pattern(least: Duration, most: Duration, step: Unit) -> String {
    let units = Unit::ALL.into_iter().filter_map(|unit| {
        let counts = counts(least, most, step, unit)?;
        Some(format!("0*(?:{counts}){}", unit.letter()))
    });
    format!("^(?:{})$", units.collect::<Vec<_>>().join("|"))
}

/// How many of a unit it may be; `None` where it may be none.
fn counts(least: Duration, most: Duration, step: Unit, unit: Unit) -> Option<String> {
    let (least, most) = (
        least.seconds().div_ceil(unit.seconds()),
        most.seconds() / unit.seconds(),
    );
    if least > most {
        return None;
    }
    let step = step.seconds().div_ceil(unit.seconds());
    if step == 1 {
        return Some(numbers(least, most).join("|"));
    }
    let each = (least..=most)
        .filter(|count| count.is_multiple_of(step))
        .map(|count| count.to_string());
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| each.join("|"))
}

/// Patterns that together match the numbers from `least` to `most`, without leading zeros.
fn numbers(least: u64, most: u64) -> Vec<String> {
    let length = least.to_string().len();
    let last = 10_u64.pow(u32::try_from(length).unwrap_or(u32::MAX)) - 1;
    if last < most {
        let mut found = of_one_length(&digits(least), &digits(last));
        found.extend(numbers(last + 1, most));
        return found;
    }
    of_one_length(&digits(least), &digits(most))
}

fn digits(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// Those between two numbers of as many digits.
fn of_one_length(least: &[u8], most: &[u8]) -> Vec<String> {
    let (Some((first, low)), Some((last, high))) = (least.split_first(), most.split_first()) else {
        return vec![String::new()];
    };
    let begun = |digit: &u8, rest: Vec<String>| -> Vec<String> {
        rest.into_iter()
            .map(|rest| format!("{}{rest}", char::from(*digit)))
            .collect()
    };
    if first == last {
        return begun(first, of_one_length(low, high));
    }
    let (all_zeros, all_nines) = (
        low.iter().all(|it| *it == b'0'),
        high.iter().all(|it| *it == b'9'),
    );
    let from = if all_zeros { *first } else { first + 1 };
    let to = if all_nines { *last } else { last - 1 };
    let mut found = vec![];
    if !all_zeros {
        found.extend(begun(first, of_one_length(low, &vec![b'9'; low.len()])));
    }
    if from <= to {
        let any = "[0-9]".repeat(low.len());
        found.push(format!("[{}-{}]{any}", char::from(from), char::from(to)));
    }
    if !all_nines {
        found.extend(begun(last, of_one_length(&vec![b'0'; high.len()], high)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn it_matches_what_is_within_and_nothing_else(
            one in 0..100_000_u64, other in 0..100_000_u64, tried in 0..200_000_u64, unit in 0..4_usize,
            is_of_minutes: bool,
        ) {
            let of = |seconds| Duration::new(seconds, Unit::Seconds);
            let (least, most) = (one.min(other), one.max(other));
            let (step, seconds) = if is_of_minutes { (Unit::Minutes, 60) } else { (Unit::Seconds, 1) };
            let pattern = pattern(of(least), of(most), step);
            let unit = Unit::ALL[unit];
            for count in [tried / unit.seconds(), least / unit.seconds(), most / unit.seconds()] {
                let text = format!("{count}{}", unit.letter());
                let is = count * unit.seconds();
                let is_within = (least..=most).contains(&is) && is.is_multiple_of(seconds);
                let schema = json!({ "pattern": pattern });
                prop_assert_eq!(jsonschema::is_valid(&schema, &json!(text)), is_within, "{} {}", text, pattern);
            }
        }
    }
}
