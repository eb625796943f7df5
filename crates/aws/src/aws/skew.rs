//! A clock that is off: AWS takes no request that was signed at another time than its own. Pure.

use aws_smithy_types::date_time::{DateTime, Format};
use std::time::SystemTime;

/// Codes that say nothing else.
const SKEWED: [&str; 2] = ["RequestTimeTooSkewed", "RequestExpired"];
/// Codes of a wrong signature, and what is in the message where its time is what is wrong.
const SIGNATURE: [&str; 2] = ["InvalidSignatureException", "SignatureDoesNotMatch"];
const UNTIMELY: [&str; 2] = ["Signature not yet current", "Signature expired"];

/// What to do about a refusal that is about the time, with how far the clock is off by the answer's
/// date, or where a way between has changed that, by the message's; `None` for any other refusal.
pub(super) fn hint(
    code: &str,
    message: &str,
    date: Option<&str>,
    now: SystemTime,
) -> Option<String> {
    let is_untimely =
        SIGNATURE.contains(&code) && UNTIMELY.iter().any(|part| message.contains(part));
    if !is_untimely && !SKEWED.contains(&code) {
        return None;
    }
    let by_date = date.and_then(|it| DateTime::from_str(it, Format::HttpDate).ok());
    let by_date = by_date.map(|aws| DateTime::from(now).secs() - aws.secs());
    let off = by_date
        .filter(|off| off.unsigned_abs() >= 60)
        .or_else(|| by_message(message));
    let off = match off {
        Some(off) => format!(
            "is {} {}",
            length(off.unsigned_abs()),
            if off < 0 { "slow" } else { "fast" }
        ),
        None => "and AWS's do not agree".to_owned(),
    };
    Some(format!(
        "the clock of this machine {off}: set it (`timedatectl set-ntp true` on Linux), then run the same \
         command again; the credentials may well be good"
    ))
}

/// `Signature expired: 20260101T120000Z is now earlier than 20260101T121500Z (20260101T122000Z - 5 min.)`:
/// the first is the signature's time, the last AWS's.
fn by_message(message: &str) -> Option<i64> {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    let times: Vec<_> = words.filter_map(seconds).collect();
    let (ours, aws) = (times.first()?, times.last()?);
    (times.len() > 1).then(|| ours - aws)
}

/// `20260101T120000Z`
fn seconds(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| {
        text.get(from..to)
            .filter(|it| it.bytes().all(|c| c.is_ascii_digit()))
    };
    let is_whole = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    let time = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    DateTime::from_str(&time, Format::DateTime)
        .ok()
        .filter(|_| is_whole)
        .map(|it| it.secs())
}

fn length(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "seconds"),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    /// Noon of the first day of 2026.
    const NOON: u64 = 1_767_268_800;

    fn told(code: &str, message: &str, date: Option<&str>, now: u64) -> Option<String> {
        hint(code, message, date, UNIX_EPOCH + Duration::from_secs(now))
    }

    #[test]
    fn the_answers_date_tells_how_far_the_clock_is_off() {
        let date = Some("Thu, 01 Jan 2026 12:00:00 GMT");
        for (code, message) in [
            ("RequestTimeTooSkewed", "The difference is too large."),
            ("RequestExpired", "Request has expired."),
            (
                "InvalidSignatureException",
                "Signature expired: x is now earlier than y",
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: x is still later than y",
            ),
        ] {
            for (now, words) in [
                (NOON - 840, "is 14 minutes slow"),
                (NOON + 10_800, "is 3 hours fast"),
                (NOON - 61, "is 61 seconds slow"),
                (NOON + 864_000, "is 10 days fast"),
            ] {
                let told = told(code, message, date, now).unwrap();
                assert!(told.contains(words), "{code}: no {words:?} in {told}");
            }
        }
    }

    #[test]
    fn without_a_date_the_message_tells_it() {
        let message = "Signature expired: 20260101T114000Z is now earlier than 20260101T115500Z \
                       (20260101T120000Z - 5 min.)";
        let told_by = |date| told("InvalidSignatureException", message, date, NOON).unwrap();
        assert!(told_by(None).contains("is 20 minutes slow"));
        // The machine's clock was set right between the request and the answer.
        assert!(told_by(Some("Thu, 01 Jan 2026 12:00:05 GMT")).contains("is 20 minutes slow"));
        let blank = told(
            "RequestTimeTooSkewed",
            "no time in it",
            Some("yesterday"),
            NOON,
        )
        .unwrap();
        assert!(blank.contains("do not agree"), "{blank}");
    }

    #[test]
    fn a_wrong_key_is_no_wrong_clock() {
        let message =
            "The request signature we calculated does not match the signature you provided.";
        for code in [
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "ExpiredTokenException",
        ] {
            assert_eq!(told(code, message, None, NOON), None, "{code}");
        }
    }
}
