//! Now, and times as the user's clock shows them.

use jiff::{Timestamp, tz::TimeZone};

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// `2026-11-03 16:05:01 +07`, in local time.
pub(super) fn local(seconds: i64) -> String {
    shown(Timestamp::from_second(seconds).ok(), "%Y-%m-%d %H:%M:%S %Z")
}

/// The same with milliseconds, from milliseconds since 1970.
pub(super) fn local_millis(millis: i64) -> String {
    shown(
        Timestamp::from_millisecond(millis).ok(),
        "%Y-%m-%d %H:%M:%S%.3f",
    )
}

fn shown(time: Option<Timestamp>, form: &str) -> String {
    let zoned = time.map(|it| it.to_zoned_datetime(TimeZone::system()));
    zoned.map_or_else(|| "(no time)".into(), |it| it.strftime(form).to_string())
}
