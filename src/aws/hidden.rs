//! Secrets that were sent to AWS: an answer may quote them, and is told to people.

use crate::plan::HIDDEN;
use std::{collections::BTreeSet, sync::RwLock};

/// A shorter text is no secret, and would hide parts of ordinary words.
const SHORTEST: usize = 6;

#[derive(Default)]
pub(super) struct Hidden(RwLock<BTreeSet<String>>);

impl Hidden {
    pub(super) fn add(&self, secret: &str) {
        if secret.chars().count() >= SHORTEST {
            self.0.write().expect("no panic while held").insert(secret.to_owned());
        }
    }

    /// `text` without the secrets, the longest first: one may hold another.
    pub(super) fn mask(&self, text: &str) -> String {
        let secrets = self.0.read().expect("no panic while held");
        let mut secrets: Vec<_> = secrets.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_also_where_another_is_a_part_of_it() {
        let hidden = Hidden::default();
        ["secret", "secret-and-more", "a"].iter().for_each(|it| hidden.add(it));
        assert_eq!(hidden.mask("a value secret-and-more, secret"), "a value (hidden), (hidden)");
    }
}
