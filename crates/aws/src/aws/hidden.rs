//! Secrets that were sent to AWS: an answer may quote them, and is told to people.

use crate::value::HIDDEN;
use std::{collections::BTreeSet, sync::RwLock};

/// A shorter text may be a part of ordinary words: it is hidden where AWS quotes it ("Value 'abc' at
/// 'password' failed to satisfy constraint"), and nowhere else.
const SHORTEST: usize = 6;

/// What AWS quotes a value in.
const AROUND: [(&str, &str); 5] = [("'", "'"), ("\"", "\""), ("`", "`"), ("[", "]"), ("(", ")")];

#[derive(Default)]
pub(super) struct HiddenTexts(RwLock<BTreeSet<String>>);

impl HiddenTexts {
    pub(super) fn add(&self, secret: &str) {
        if !secret.is_empty() {
            let quoted = serde_json::Value::from(secret).to_string();
            let in_json = quoted[1..quoted.len() - 1].to_owned();
            self.0
                .write()
                .expect("no panic while held")
                .extend([secret.to_owned(), in_json]);
        }
    }

    /// `text` without the secrets, the longest first: one may hold another.
    pub(super) fn mask(&self, text: &str) -> String {
        let secrets = self.0.read().expect("no panic while held");
        let mut secrets: Vec<_> = secrets.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let masked = |text: String, secret: &String| match secret.chars().count() >= SHORTEST {
            true => text.replace(secret.as_str(), HIDDEN),
            false => AROUND.iter().fold(text, |text, (from, to)| {
                text.replace(
                    &format!("{from}{secret}{to}"),
                    &format!("{from}{HIDDEN}{to}"),
                )
            }),
        };
        without_environment(secrets.into_iter().fold(text.to_owned(), masked))
    }
}

/// Where Lambda begins to quote the whole environment of a function, and where it ends: of one that is
/// too large (docs/aws.md §8), and of one that its model does not take.
const QUOTES: [(&str, &str); 2] = [("String measured: ", ""), ("Value '", "' at 'environment")];

/// `text` without a quoted environment: also what is no secret by itself is not for everybody.
fn without_environment(mut text: String) -> String {
    for (start, end) in QUOTES {
        let Some(from) = text.find(start).map(|at| at + start.len()) else {
            continue;
        };
        let to = match end {
            "" => Some(text.len()),
            end => text[from..].find(end).map(|at| from + at),
        };
        if let Some(to) = to {
            text.replace_range(from..to, HIDDEN);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_also_where_another_is_a_part_of_it() {
        let hidden = HiddenTexts::default();
        ["secret", "secret-and-more", "a"]
            .iter()
            .for_each(|it| hidden.add(it));
        assert_eq!(
            hidden.mask("a value secret-and-more, secret"),
            "a value (hidden), (hidden)"
        );
    }

    #[test]
    fn a_short_secret_is_masked_where_it_is_quoted() {
        let short = ["a", "12345", "it's", "\"", "\\", "é"];
        for (secret, (from, to)) in short
            .iter()
            .flat_map(|it| AROUND.map(|around| (*it, around)))
        {
            let hidden = HiddenTexts::default();
            hidden.add(secret);
            let told = hidden.mask(&format!(
                "Value {from}{secret}{to} at a place of 123456 failed"
            ));
            assert_eq!(
                told,
                format!("Value {from}(hidden){to} at a place of 123456 failed")
            );
        }
        let hidden = HiddenTexts::default();
        hidden.add("");
        assert_eq!(
            hidden.mask("Value '' at 'password' failed"),
            "Value '' at 'password' failed"
        );
    }

    #[test]
    fn a_secret_is_masked_also_as_json_quotes_it() {
        let hidden = HiddenTexts::default();
        hidden.add("one\"two\\three\n");
        assert_eq!(
            hidden.mask(r#"{"A":"one\"two\\three\n"}"#),
            r#"{"A":"(hidden)"}"#
        );
    }

    #[test]
    fn a_quoted_environment_is_masked_whole() {
        let told = |message: &str| HiddenTexts::default().mask(message);
        let large = "Lambda was unable to configure your environment variables because the environment variables \
                     you have provided exceeded the 4KB limit. String measured: {\"A\":\"b\",\"C\":\"d}\"}";
        assert!(told(large).ends_with("4KB limit. String measured: (hidden)"));
        let odd = told(
            "1 validation error detected: Value '{A=b, C='d'}' at 'environment.variables' failed to satisfy \
             constraint: Map keys must satisfy constraint",
        );
        assert!(
            odd.contains("Value '(hidden)' at 'environment.variables' failed"),
            "{odd}"
        );
    }
}
