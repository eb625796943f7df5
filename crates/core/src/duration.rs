//! Lengths of time as stack.toml writes them: `90s`, `60m`, `1h`, `5d`. Pure.

mod pattern;

use crate::error::{Error, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

pub use pattern::pattern;

/// A length of time, written as a whole number with a unit. `60m` and `1h` are equal, and both are written
/// back as `1h`: in the largest unit that needs no fraction. Only AWS has any in milliseconds, `1500ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Duration {
    milliseconds: u64,
}

/// A unit of time, as Cognito's `TimeUnitsType` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    /// From the largest to the smallest.
    const ALL: [Self; 4] = [Self::Days, Self::Hours, Self::Minutes, Self::Seconds];

    pub const fn seconds(self) -> u64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days => 24 * 60 * 60,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Seconds => 's',
            Self::Minutes => 'm',
            Self::Hours => 'h',
            Self::Days => 'd',
        }
    }
}

impl Duration {
    /// How it is written, as a regular expression.
    pub const PATTERN: &str = "^[0-9]{1,9}[smhd]$";

    pub const fn new(count: u64, unit: Unit) -> Self {
        Self::of_milliseconds(count.saturating_mul(unit.seconds()).saturating_mul(1000))
    }

    pub const fn of_milliseconds(milliseconds: u64) -> Self {
        Self { milliseconds }
    }

    pub const fn milliseconds(self) -> u64 {
        self.milliseconds
    }

    /// Its whole seconds.
    pub const fn seconds(self) -> u64 {
        self.milliseconds / 1000
    }

    /// Whether it can be written in a file.
    pub const fn is_in_whole_seconds(self) -> bool {
        self.milliseconds.is_multiple_of(1000)
    }

    /// The largest unit in which it is a whole number, with that number; zero is in seconds.
    pub fn in_largest_unit(self) -> (u64, Unit) {
        let whole =
            |unit: &Unit| self.seconds() > 0 && self.seconds().is_multiple_of(unit.seconds());
        let unit = Unit::ALL.into_iter().find(whole).unwrap_or(Unit::Seconds);
        (self.seconds() / unit.seconds(), unit)
    }

    /// How many of `unit` it is; `None` when that is no whole number.
    pub fn in_unit(self, unit: Unit) -> Option<u64> {
        let of_one = unit.seconds() * 1000;
        self.milliseconds
            .is_multiple_of(of_one)
            .then(|| self.milliseconds / of_one)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_in_whole_seconds() {
            return write!(f, "{}ms", self.milliseconds);
        }
        let (count, unit) = self.in_largest_unit();
        write!(f, "{count}{}", unit.letter())
    }
}

impl FromStr for Duration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::input(format!("`{text}` is not a length of time"))
                .hint("write a whole number and one of s, m, h, d: 90s, 60m, 1h or 5d")
        };
        let unit = Unit::ALL
            .into_iter()
            .find(|unit| text.ends_with(unit.letter()))
            .ok_or_else(wrong)?;
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: u64 = digits.parse().map_err(|_| wrong())?;
        count
            .checked_mul(unit.seconds() * 1000)
            .map(Self::of_milliseconds)
            .ok_or_else(wrong)
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

impl TryFrom<String> for Duration {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        match text.strip_suffix("ms").map(str::parse) {
            Some(Ok(milliseconds)) => Ok(Self::of_milliseconds(milliseconds)),
            _ => text.parse(),
        }
    }
}

impl JsonSchema for Duration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "isTime": true,
            "pattern": Self::PATTERN,
            "patternHint": "write a whole number and one of s, m, h, d in quotes: \"90s\", \"60m\", \"1h\" or \"5d\"",
            "description": "A length of time: a whole number and one of s, m, h, d, as in `90s`, `60m`, `1h`, `5d`.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_written_in_the_largest_whole_unit() {
        for (text, canonical) in [
            ("60m", "1h"),
            ("5d", "5d"),
            ("24h", "1d"),
            ("90s", "90s"),
            ("120s", "2m"),
            ("0d", "0s"),
        ] {
            assert_eq!(text.parse::<Duration>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn equal_lengths_are_equal_in_any_unit() {
        assert_eq!(
            "60m".parse::<Duration>().unwrap(),
            "1h".parse::<Duration>().unwrap()
        );
        assert!("59m".parse::<Duration>().unwrap() < "1h".parse::<Duration>().unwrap());
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "5",
            "d",
            "-5d",
            "+5d",
            "1.5h",
            "5 d",
            "5D",
            "1h30m",
            "5é",
            "99999999999999999999d",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn in_a_unit_that_does_not_fit_it_has_no_number() {
        let duration = Duration::new(90, Unit::Seconds);
        assert_eq!(duration.in_unit(Unit::Minutes), None);
        assert_eq!(duration.in_unit(Unit::Seconds), Some(90));
    }

    proptest! {
        #[test]
        fn it_reads_back_as_it_was_written(seconds in 0_u64..1_000_000_000, milliseconds in 1_u64..1_000) {
            let duration = Duration::new(seconds, Unit::Seconds);
            prop_assert_eq!(duration.to_string().parse::<Duration>().unwrap(), duration);
            let finer = Duration::of_milliseconds(seconds * 1000 + milliseconds);
            prop_assert_eq!(Duration::try_from(finer.to_string()).unwrap(), finer);
            prop_assert!(finer.to_string().parse::<Duration>().is_err(), "no file has it");
        }
    }
}
