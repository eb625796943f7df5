//! Seconds since 1970 in JSON, as RFC 3339 writes them: `2026-01-01T12:00:00Z`. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub fn serialize<S: Serializer>(seconds: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
    let time = seconds.and_then(|it| Timestamp::from_second(it).ok());
    time.map(|it| it.to_string()).serialize(to)
}

/// Also takes the number itself.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Seconds(i64),
        Text(String),
    }
    match Option::deserialize(from)? {
        None => Ok(None),
        Some(Written::Seconds(seconds)) => Ok(Some(seconds)),
        Some(Written::Text(text)) => {
            let time: Timestamp = text.parse().map_err(D::Error::custom)?;
            Ok(Some(time.as_second()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Holder(#[serde(with = "super")] Option<i64>);

    proptest! {
        #[test]
        fn a_time_is_read_as_it_was_written(seconds in prop::option::of(0..4_102_444_800_i64)) {
            let text = serde_json::to_string(&Holder(seconds)).unwrap();
            let again: Holder = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(again.0, seconds);
            prop_assert!(seconds.is_none() || text.ends_with("Z\""));
        }
    }

    #[test]
    fn a_number_is_taken_too() {
        let holder: Holder = serde_json::from_str("1767225600").unwrap();
        assert_eq!(holder.0, Some(1_767_225_600));
    }
}
