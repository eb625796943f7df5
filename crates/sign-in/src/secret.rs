//! A password, a code or a token: text that nothing shows by accident. Pure but for the dice.

use rand::{RngExt, seq::SliceRandom};
use std::fmt;

/// Text that has neither a `Display` nor a JSON form; whoever wants it says [`SecretString::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct SecretString(String);

impl SecretString {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A password of 24 characters that every password policy takes: all four classes are in it.
    pub fn random_password() -> Self {
        const CLASSES: [&[u8]; 4] = [
            b"abcdefghijkmnopqrstuvwxyz",
            b"ABCDEFGHJKLMNPQRSTUVWXYZ",
            b"23456789",
            b"-_.+!@",
        ];
        let mut random = rand::rng();
        let mut letters: Vec<_> = (0..24)
            .map(|place| CLASSES[place % 4])
            .map(|it| it[random.random_range(0..it.len())])
            .collect();
        letters.shuffle(&mut random);
        Self(letters.into_iter().map(char::from).collect())
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_debug_form_does_not_hold_it() {
        assert_eq!(
            format!("{:?}", SecretString::new("Correct-horse-1")),
            "(hidden)"
        );
    }

    #[test]
    fn a_random_password_has_all_four_classes_and_is_never_the_same() {
        let (one, other) = (
            SecretString::random_password(),
            SecretString::random_password(),
        );
        assert_ne!(one, other);
        let has = |is: fn(&char) -> bool| one.expose().chars().any(|letter| is(&letter));
        assert!(has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase));
        assert!(has(char::is_ascii_digit) && has(char::is_ascii_punctuation));
        assert_eq!(one.expose().len(), 24);
    }
}
