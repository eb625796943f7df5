//! Whether an e-mail address or a phone number has the form that Cognito takes. Pure.

use crate::error::{Error, Result};

/// Checks an e-mail address: one `@`, a name before it, a domain with a dot after it.
///
/// Cognito answers with one sentence for every mistake; and full RFC 5322 addresses, with quotes
/// and comments, it does not take.
pub fn email(text: &str) -> Result<()> {
    let is_local = |it: &str| {
        !it.is_empty()
            && it.len() <= 64
            && !it.starts_with('.')
            && !it.ends_with('.')
            && !it.contains("..")
            && it.chars().all(|letter| {
                letter.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(letter)
            })
    };
    let is_label = |it: &str| {
        !it.is_empty()
            && it.len() <= 63
            && !it.starts_with('-')
            && !it.ends_with('-')
            && it
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    let is_domain = |it: &str| it.len() <= 253 && it.contains('.') && it.split('.').all(is_label);
    match text.split_once('@') {
        Some((local, domain)) if is_local(local) && is_domain(domain) => Ok(()),
        _ => Err(Error::usage(format!("{text:?} is not an e-mail address"))
            .hint("write one such as ann@example.com")),
    }
}

/// Checks a phone number: E.164, a plus and 8 to 15 digits, the first of which is not zero.
pub fn phone(text: &str) -> Result<()> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_number = digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0');
    if is_number && (8..=15).contains(&digits.len()) {
        return Ok(());
    }
    Err(Error::usage(format!("{text:?} is not a phone number in E.164 form")).hint(
        "write a plus, the country's code and the number, without spaces and without the leading 0: \
         +15555550100",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_only_looks_like_them() {
        for good in [
            "ann@example.com",
            "ann.b+tag@mail.example.co.uk",
            "a@b.co",
            "o'neil@example.com",
        ] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann@@example.com",
            "ann @example.com",
            "ann@exa mple.com",
            ".ann@example.com",
            "ann.@example.com",
            "a..b@example.com",
            "ann@-example.com",
            "ann@example..com",
            "ann@example.com\n",
            "ann@example.com.",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_e164() {
        for good in [
            "+15555550100",
            "+84123456789",
            "+12345678",
            "+123456789012345",
        ] {
            assert!(phone(good).is_ok(), "{good}");
        }
        // The second is the workshop's own.
        for bad in [
            "",
            "+84 0123456789",
            "15555550100",
            "+0123456789",
            "+1234567",
            "+1234567890123456",
            "+1555555010a",
        ] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }
}
