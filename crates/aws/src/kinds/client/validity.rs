//! How long tokens and sign-ins are good, between stack.toml's durations and Cognito's numbers
//! with units. Pure.

use crate::{
    duration::{Duration, Unit},
    error::{Error, Result},
};
use aws_sdk_cognitoidentityprovider::types::{TimeUnitsType, TokenValidityUnitsType};

/// Cognito's number and unit; hours or days where it says no unit. 0 is its default.
pub(super) fn read(
    number: Option<i32>,
    unit: Option<&TimeUnitsType>,
    missing: Unit,
) -> Option<Duration> {
    let number = number
        .and_then(|it| u64::try_from(it).ok())
        .filter(|it| *it > 0)?;
    Some(Duration::new(
        number,
        unit.map_or(missing, |unit| from_aws(unit, missing)),
    ))
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
pub(super) fn write(declared: Option<Duration>) -> Result<Option<(i32, TimeUnitsType)>> {
    let Some(duration) = declared else {
        return Ok(None);
    };
    let (number, unit) = duration.in_largest_unit();
    let unit = match unit {
        Unit::Seconds => TimeUnitsType::Seconds,
        Unit::Minutes => TimeUnitsType::Minutes,
        Unit::Hours => TimeUnitsType::Hours,
        Unit::Days => TimeUnitsType::Days,
    };
    let number =
        i32::try_from(number).map_err(|_| Error::input(format!("{duration} is too long")))?;
    Ok(Some((number, unit)))
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
            let (number, unit) = write(Some(duration)).unwrap().unwrap();
            assert_eq!(read(Some(number), Some(&unit), Unit::Days), Some(duration));
        }
    }

    #[test]
    fn what_cognito_leaves_open_is_left_open() {
        assert_eq!(read(None, None, Unit::Hours), None);
        assert_eq!(read(Some(0), None, Unit::Days), None);
        assert_eq!(read(Some(5), None, Unit::Days), Some("5d".parse().unwrap()));
        assert_eq!(
            read(Some(60), Some(&TimeUnitsType::Minutes), Unit::Hours),
            Some("1h".parse().unwrap())
        );
    }
}
