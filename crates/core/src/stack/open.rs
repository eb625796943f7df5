//! What can be said of a text that still holds references: each may become anything. Pure.

use crate::value::references;
use jsonschema::error::ValidationErrorKind;
use regex_automata::{
    nfa::thompson::{NFA, State},
    util::{look::Look, primitives::StateID},
};
use std::collections::BTreeSet;

/// The parts of a text that are known; a reference stands between two of them.
pub(super) fn known_parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from) = (vec![], 0);
    for reference in references(text).unwrap_or_default() {
        parts.push(&text[from..reference.range.start]);
        from = reference.range.end;
    }
    parts.push(&text[from..]);
    parts
}

/// How many characters a text has at least.
pub(super) fn known_length(text: &str) -> usize {
    known_parts(text)
        .iter()
        .map(|part| part.chars().count())
        .sum()
}

/// Whether a text that fails as it stands can still pass when its references are resolved.
pub(super) fn may_be_taken(failure: &ValidationErrorKind, text: &str) -> bool {
    match failure {
        ValidationErrorKind::MaxLength { limit } => (known_length(text) as u64) <= *limit,
        ValidationErrorKind::Pattern { pattern } => can_match(pattern, &known_parts(text)),
        _ => true,
    }
}

/// Whether a text of these parts, with anything between them, can match.
fn can_match(pattern: &str, parts: &[&str]) -> bool {
    // A pattern that this automaton cannot have is judged when the text is known.
    let Ok(nfa) = NFA::new(pattern) else {
        return true;
    };
    let walk = Walk(&nfa);
    let mut states = walk.free([nfa.start_unanchored()].into(), &[Look::Start]);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            states = walk.anything(states);
        }
        for byte in part.bytes() {
            states = walk.free(walk.byte(&states, byte), &[]);
        }
    }
    let is_empty = parts.iter().all(|part| part.is_empty());
    let ends: &[Look] = if is_empty {
        &[Look::Start, Look::End]
    } else {
        &[Look::End]
    };
    walk.free(states, ends)
        .iter()
        .any(|it| matches!(nfa.state(*it), State::Match { .. }))
}

type States = BTreeSet<StateID>;

/// Through a pattern's automaton, in all of its states at once.
struct Walk<'a>(&'a NFA);

impl Walk<'_> {
    /// With the states that need no further byte, where `looks` hold.
    fn free(&self, from: States, looks: &[Look]) -> States {
        self.spread(from, |state| match state {
            State::Look { look, next } if looks.contains(look) => vec![*next],
            state => without_byte(state),
        })
    }

    /// After any number of any bytes.
    fn anything(&self, from: States) -> States {
        self.spread(from, |state| match state {
            State::ByteRange { trans } => vec![trans.next],
            State::Sparse(sparse) => sparse.transitions.iter().map(|it| it.next).collect(),
            State::Dense(dense) => (0..=u8::MAX)
                .filter_map(|byte| dense.matches_byte(byte))
                .collect(),
            state => without_byte(state),
        })
    }

    /// After one byte.
    fn byte(&self, from: &States, byte: u8) -> States {
        let after = |state: &State| match state {
            State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
            State::Sparse(sparse) => sparse.matches_byte(byte),
            State::Dense(dense) => dense.matches_byte(byte),
            _ => None,
        };
        from.iter()
            .filter_map(|it| after(self.0.state(*it)))
            .collect()
    }

    fn spread(&self, from: States, next: impl Fn(&State) -> Vec<StateID>) -> States {
        let (mut reached, mut waiting) = (from.clone(), Vec::from_iter(from));
        while let Some(state) = waiting.pop() {
            waiting.extend(
                next(self.0.state(state))
                    .into_iter()
                    .filter(|it| reached.insert(*it)),
            );
        }
        reached
    }
}

fn without_byte(state: &State) -> Vec<StateID> {
    match state {
        State::Union { alternates } => alternates.to_vec(),
        State::BinaryUnion { alt1, alt2 } => vec![*alt1, *alt2],
        State::Capture { next, .. } => vec![*next],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_refused_for_what_is_known_of_it_only() {
        const NAME: &str = "^[a-z][a-z0-9-]*$";
        for (pattern, text, is_possible) in [
            (NAME, "${a.b}", true),
            (NAME, "x-${a.b}-y", true),
            (NAME, "X-${a.b}", false),
            (NAME, "${a.b} y", false),
            (NAME, "1${a.b}", false),
            (NAME, "${a.b}1", true),
            ("^arn:x:[0-9]{3}$", "arn:${a.b}", true),
            ("^arn:x:[0-9]{3}$", "${a.b}:x:${a.c}", true),
            ("^arn:x:[0-9]{3}$", "${a.b}0000", false),
            ("^.*\\{####\\}.*$", "the code is ${a.b}", true),
            ("^é+$", "é${a.b}é", true),
            ("^é+$", "e${a.b}", false),
        ] {
            assert_eq!(
                can_match(pattern, &known_parts(text)),
                is_possible,
                "{pattern} {text}"
            );
        }
        assert_eq!(known_length("ab${a.b}c${d.e}"), 3);
    }
}
