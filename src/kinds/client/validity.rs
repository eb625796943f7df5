//! How long tokens and sign-ins are good, between stack.toml's durations and Cognito's numbers
//! with units. Pure.

use crate::{
    duration::{Duration, Unit},
    error::{Error, Result},
};
use aws_sdk_cognitoidentityprovider::types::{TimeUnitsType, TokenValidityUnitsType};

/// Cognito's defaults (docs/aws.md §3).
pub(super) const SESSION: Duration = Duration::new(3, Unit::Minutes);
pub(super) const ACCESS: Duration = Duration::new(1, Unit::Hours);
pub(super) const ID: Duration = ACCESS;
pub(super) const REFRESH: Duration = Duration::new(30, Unit::Days);

/// Cognito's number and unit; hours or days where it says no unit. 0 is its default.
pub(super) fn read(
    number: Option<i32>,
    unit: Option<&TimeUnitsType>,
    missing: Unit,
    default: Duration,
) -> Duration {
    match number.and_then(|it| u64::try_from(it).ok()) {
        None | Some(0) => default,
        Some(number) => Duration::new(number, unit.map_or(missing, |unit| from_aws(unit, missing))),
    }
}

fn from_aws(unit: &TimeUnitsType, missing: Unit) -> Unit {
    match unit {
        TimeUnitsType::Seconds => Unit::Seconds,
        TimeUnitsType::Minutes => Unit::Minutes,
        TimeUnitsType::Hours => Unit::Hours,
        TimeUnitsType::Days => Unit::Days,
        _ => missing,
    }
}

/// The number and unit to send.
pub(super) fn write(duration: Duration) -> Result<(i32, TimeUnitsType)> {
    let (number, unit) = duration.in_largest_unit();
    let unit = match unit {
        Unit::Seconds => TimeUnitsType::Seconds,
        Unit::Minutes => TimeUnitsType::Minutes,
        Unit::Hours => TimeUnitsType::Hours,
        Unit::Days => TimeUnitsType::Days,
    };
    let number = i32::try_from(number).map_err(|_| Error::input(format!("{duration} is too long")))?;
    Ok((number, unit))
}

/// The minutes of a sign-in session.
pub(super) fn session(duration: Duration) -> Result<i32> {
    let minutes = duration.in_unit(Unit::Minutes).and_then(|it| i32::try_from(it).ok());
    minutes.ok_or_else(|| Error::input(format!("auth_session_validity: {duration} is no number of minutes")))
}

/// The units of all three tokens, where Cognito says none.
pub(super) fn default_units() -> TokenValidityUnitsType {
    TokenValidityUnitsType::builder()
        .access_token(TimeUnitsType::Hours)
        .id_token(TimeUnitsType::Hours)
        .refresh_token(TimeUnitsType::Days)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_back_as_it_was_written() {
        for text in ["5m", "90s", "1h", "1d", "3650d"] {
            let duration: Duration = text.parse().unwrap();
            let (number, unit) = write(duration).unwrap();
            assert_eq!(read(Some(number), Some(&unit), Unit::Days, REFRESH), duration);
        }
    }

    #[test]
    fn what_cognito_leaves_open_is_its_default() {
        assert_eq!(read(None, None, Unit::Hours, ACCESS), ACCESS);
        assert_eq!(read(Some(0), None, Unit::Days, REFRESH), REFRESH);
        assert_eq!(read(Some(5), None, Unit::Days, REFRESH).to_string(), "5d");
        assert_eq!(read(Some(60), Some(&TimeUnitsType::Minutes), Unit::Hours, ACCESS), ACCESS);
    }
}
