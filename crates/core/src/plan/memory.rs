//! What is remembered of something attached, as text for tags of its root. Pure.
//!
//! It is JSON, made small: a message of 20,000 characters fits into the tags that AWS allows. Base64
//! has only characters that every service takes in a tag.

use crate::owner::Tags;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
};

const WAS: &str = "wsctl:was:";
/// A tag's value has at most 256 characters (docs/aws.md §1.1), which hold 192 bytes.
const BYTES: usize = 192;
/// No memory is so large: a tag that somebody else wrote may be anything.
const LARGEST: u64 = 1 << 20;

/// What one thing was before it was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Fields by their dotted paths; null where there was nothing.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) was: Map<String, Value>,
    /// What was added to it and can never be taken away again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) added: BTreeSet<String>,
    /// Fields that were too long to be remembered.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) lost: BTreeSet<String>,
}

impl Memory {
    /// What the tags of a root say of `place`; `None` where they say nothing, or nothing readable.
    pub(super) fn read(ownership_tags: &Tags, place: &str) -> Option<Self> {
        let first = [format!("{WAS}{place}")].into_iter();
        let keys = first.chain((2..).map(|part| format!("{WAS}{place}:{part}")));
        let mut bytes = vec![];
        for part in keys.map_while(|key| ownership_tags.get(&key)) {
            bytes.extend(BASE64.decode(part).ok()?);
        }
        // A tail that a longer memory left behind comes after the end, and is not read.
        let mut text = String::new();
        DeflateDecoder::new(bytes.as_slice())
            .take(LARGEST)
            .read_to_string(&mut text)
            .ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The tags that say this of `place`.
    pub(super) fn tags(&self, place: &str) -> Tags {
        let text = serde_json::to_string(self).unwrap_or_default();
        let mut encoder = DeflateEncoder::new(vec![], Compression::best());
        // Writing into memory does not fail; if it did, nothing would be remembered.
        let bytes = encoder
            .write_all(text.as_bytes())
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        let key = |index: usize| match index {
            0 => format!("{WAS}{place}"),
            _ => format!("{WAS}{place}:{}", index + 1),
        };
        bytes
            .chunks(BYTES)
            .enumerate()
            .map(|(index, part)| (key(index), BASE64.encode(part)))
            .collect()
    }

    /// Those tags, in no more than `room`: what is longest is not remembered.
    pub(super) fn fitted(mut self, place: &str, room: usize) -> (Tags, BTreeSet<String>) {
        let before = self.lost.clone();
        loop {
            let tags = self.tags(place);
            let length = |value: &Value| value.to_string().len();
            let longest = self
                .was
                .iter()
                .max_by_key(|(_, value)| length(value))
                .map(|(path, _)| path.clone());
            match longest.filter(|_| tags.len() > room) {
                Some(path) => {
                    self.was.remove(&path);
                    self.lost.insert(path);
                }
                None => return (tags, self.lost.difference(&before).cloned().collect()),
            }
        }
    }

    /// Notes what was at `path`, unless that is known already.
    pub(super) fn note(&mut self, path: &str, value: Value) {
        let is_within = |known: &String| {
            path.strip_prefix(known.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if !self.was.keys().chain(&self.lost).any(is_within) {
            self.was.insert(path.to_owned(), value);
        }
    }

    /// Whether this key is of a tag about `place`.
    pub(super) fn is_about(key: &str, place: &str) -> bool {
        let rest = key.strip_prefix(WAS).and_then(|it| it.strip_prefix(place));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn memory(texts: &[String]) -> Memory {
        let mut memory = Memory::default();
        for (index, text) in texts.iter().enumerate() {
            memory.note(&format!("field{index}.message"), json!(text));
        }
        memory
    }

    proptest! {
        #[test]
        fn what_is_remembered_reads_back_also_over_a_longer_memory(
            texts in prop::collection::vec(".{0,400}", 0..6),
            before in prop::collection::vec(".{0,400}", 0..6),
        ) {
            let memory = memory(&texts);
            let mut tags = self::memory(&before).tags("root");
            tags.extend(memory.tags("root"));
            let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b"+-=._:/".contains(&it);
            for (key, value) in &tags {
                prop_assert!(Memory::is_about(key, "root") && !Memory::is_about(key, "roo"));
                prop_assert!(value.len() <= 256 && value.bytes().all(is_allowed), "{value}");
            }
            prop_assert_eq!(Memory::read(&tags, "root"), Some(memory));
        }

        #[test]
        fn in_any_room_as_much_as_fits_is_remembered(
            texts in prop::collection::vec("[ -~]{0,900}", 1..5),
            room in 1..8usize,
        ) {
            let whole = memory(&texts);
            let (tags, lost) = whole.clone().fitted("root", room);
            prop_assert!(tags.len() <= room);
            let kept = Memory::read(&tags, "root").unwrap();
            prop_assert_eq!(&kept.lost, &lost);
            prop_assert_eq!(kept.was.len() + lost.len(), whole.was.len());
            prop_assert!(lost.is_empty() == (whole.tags("root").len() <= room));
        }
    }

    #[test]
    fn the_longest_message_that_cognito_takes_fits_beside_a_few_tags() {
        let message: String = (0..)
            .map(|line| format!("<p class=\"line\">Line {line}: your code is</p>\n"))
            .take(480)
            .collect::<String>()
            .chars()
            .take(20_000)
            .collect();
        assert!(memory(&[message]).tags("root").len() < 40);
    }

    #[test]
    fn what_is_known_is_not_noted_again() {
        let mut memory = Memory {
            lost: ["long".to_owned()].into(),
            ..Memory::default()
        };
        memory.note("mfa", json!(null));
        for path in ["mfa", "mfa.sms.role_arn", "long"] {
            memory.note(path, json!("later"));
        }
        memory.note("mfax", json!(1));
        assert_eq!(Value::Object(memory.was), json!({ "mfa": null, "mfax": 1 }));
    }

    #[test]
    fn what_nobody_can_read_says_nothing() {
        for text in ["", "!", "AAAA", "eyJ3YXMiOnt9fQ"] {
            assert_eq!(
                Memory::read(
                    &Tags::from([("wsctl:was:root".into(), text.into())]),
                    "root"
                ),
                None
            );
        }
    }
}
