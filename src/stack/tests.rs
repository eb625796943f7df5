//! Whatever is in the file: no panic, and every mistake has its place.

use super::*;
use crate::{error::Kind, kinds};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

const FILES: [&str; 4] = [
    include_str!("../../stack.toml"),
    include_str!("../../examples/pool-only.toml"),
    include_str!("../../examples/public-read.toml"),
    include_str!("../../examples/two-clients.toml"),
];

/// Values that some key or other takes, and some that none does.
const VALUES: [&str; 24] = [
    "0",
    "-1",
    "1",
    "128.0",
    "1.5",
    "99999999999",
    "9223372036854775807",
    "1e300",
    "inf",
    "true",
    "1979-05-27",
    "\"\"",
    "\" \"",
    "\"é\"",
    "\"x\"",
    "\"99999999d\"",
    "\"${user_pool.id}\"",
    "\"${stack.region}\"",
    "\"${api.id\"",
    "\"${x.y}\"",
    "[]",
    "[\"x\", 1]",
    "{}",
    "{ name = \"x\", mode = \"on\", type = \"string\" }",
];

/// A small generator of numbers, the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

/// What is wrong with what is said about `text`; nothing when all is well.
fn fault(text: &str, kinds: &[Box<dyn AnyKind>]) -> Option<String> {
    let parse = || Stack::parse("stack.toml", text, &Inputs::default(), kinds);
    let parsed = catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| panic!("panicked on:\n{text}"));
    let error = parsed.err()?;
    let place = error.message.split("--> stack.toml:").nth(1).unwrap_or_default();
    let has_place = place.starts_with(|c: char| c.is_ascii_digit());
    let is_well = has_place && error.kind == Kind::Input && error.message.contains("help: ");
    (!is_well).then(|| format!("{:?}: {error}\n", error.kind))
}

#[test]
fn every_file_of_this_repository_is_valid() {
    for text in FILES {
        let stack = Stack::parse("stack.toml", text, &Inputs::default(), &kinds::all()).unwrap();
        assert!(!stack.desired.is_empty());
    }
}

#[test]
fn no_value_of_any_key_panics_or_lacks_a_place() {
    let (kinds, mut faults) = (kinds::all(), BTreeSet::new());
    for text in &FILES[..2] {
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with('#')) else {
                continue;
            };
            for value in VALUES {
                let changed = format!("{key} = {value}");
                let mut lines = lines.clone();
                lines[index] = &changed;
                faults.extend(fault(&lines.join("\n"), &kinds).map(|fault| format!("{changed}: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.into_iter().collect::<String>());
}

#[test]
fn no_mutation_of_the_text_panics_or_lacks_a_place() {
    let (kinds, mut numbers) = (kinds::all(), Numbers(7));
    let pieces: [&[u8]; 12] =
        [b"\"", b"[", b"]", b"{", b"}", b"=", b"\n", b".", b"${", b"#", b"\\", "é".as_bytes()];
    for round in 0..1000 {
        let mut bytes = FILES[round % FILES.len()].as_bytes().to_vec();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len());
            let end = (at + numbers.below(12)).min(bytes.len());
            let piece = pieces[numbers.below(pieces.len())];
            match numbers.below(4) {
                0 => bytes[at] = bytes[at].wrapping_add(1),
                1 => drop(bytes.drain(at..end)),
                2 => drop(bytes.splice(at..at, piece.iter().copied())),
                _ => {
                    let copy = bytes[at..end].to_vec();
                    let to = numbers.below(bytes.len());
                    drop(bytes.splice(to..to, copy));
                }
            }
        }
        assert_eq!(fault(&String::from_utf8_lossy(&bytes), &kinds), None);
    }
}
