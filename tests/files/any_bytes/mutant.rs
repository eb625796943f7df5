//! Files that are almost stack.tomls: pieces of the real ones with bytes, words and lines changed.

use rand::{RngExt, SeedableRng, rngs::SmallRng};

const CORPUS: [&str; 5] = [
    include_str!("../../../stack.toml"),
    include_str!("../../../examples/machine-to-machine.toml"),
    include_str!("../../../examples/pool-only.toml"),
    include_str!("../../../examples/public-read.toml"),
    include_str!("../../../examples/two-clients.toml"),
];

/// What TOML, references, Unicode and the tables themselves stumble over.
const WORDS: &[&str] = &[
    "=",
    ".",
    ",",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "#",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "\u{202e}",
    "é",
    "ß",
    "🦀",
    "日本",
    "e\u{301}",
    "\\u0000",
    "\\uD800",
    "\\U0010FFFF",
    "\\x",
    "-1",
    "+0",
    "0",
    "007",
    "0x1F",
    "0b2",
    "1e400",
    "-1e-400",
    "1_000",
    "inf",
    "-nan",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "128.5",
    "1.",
    "true",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "[]",
    "{}",
    "\"\"",
    "\" \"",
    "{ a = 1 }",
    "[1, \"a\"]",
    "${",
    "${}",
    "${env.CANARY}",
    "\"${env.CANARY}\"",
    "${env.NONE}",
    "${var.place}",
    "${var.none}",
    "${user_pool.id}",
    "\"${user_pool.arn}\"",
    "\"${user_pool.idd}\"",
    "${api.url}",
    "${functions.users.arn}",
    "${functions.\"a}b\".arn}",
    "${stack.name}",
    "${stack.",
    "$${x}",
    "}\"",
    "..",
    "a.b.c.d",
    "\"a b\"",
    "\"GET /\"",
    "\"GET /users/{id}\"",
    "\"ANY /{proxy+}\"",
    "\"FETCH /\"",
    "\"\" = 1",
    "\"60m\"",
    "\"0s\"",
    "\"99999999999999d\"",
    "\"1 hour\"",
    "\"http://localhost\"",
    "\"http://[::1]:3000/\"",
    "\"https://\"",
    "\"javascript:alert(1)\"",
    "\"*\"",
    "\"aws:x\"",
    "\"wsctl:stack\"",
    "[user_pool]",
    "[api.routes]",
    "[[user_pool.clients]]",
    "[stack]",
];

/// The files, by seed.
pub(crate) struct Mutants {
    heads: Vec<&'static str>,
    tables: Vec<&'static str>,
    words: Vec<&'static str>,
}

impl Mutants {
    pub(crate) fn new() -> Self {
        let tables: Vec<_> = CORPUS.iter().flat_map(|text| tables(text)).collect();
        let is_head = |table: &&&str| table.contains("[stack]");
        let is_word_end = |c: char| c.is_whitespace() || "=[].,\"".contains(c);
        let corpus = CORPUS
            .iter()
            .flat_map(|text| text.split(is_word_end))
            .filter(|word| !word.is_empty());
        Self {
            heads: tables.iter().filter(is_head).copied().collect(),
            words: WORDS.iter().copied().chain(corpus).collect(),
            tables,
        }
    }

    /// The file of this seed.
    pub(crate) fn bytes(&self, seed: u64) -> Vec<u8> {
        let mut mutant = Mutant {
            of: self,
            random: SmallRng::seed_from_u64(seed),
        };
        match mutant.random.random_range(0..20) {
            0 => mutant.noise(),
            1 => mutant.salad(),
            _ => mutant.changed(),
        }
    }
}

/// A file's tables with what is written in them.
fn tables(text: &'static str) -> Vec<&'static str> {
    let mut starts: Vec<_> = text.match_indices("\n[").map(|(at, _)| at + 1).collect();
    starts.push(text.len());
    starts
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect()
}

struct Mutant<'a> {
    of: &'a Mutants,
    random: SmallRng,
}

impl Mutant<'_> {
    /// An index below `length`, or 0.
    fn below(&mut self, length: usize) -> usize {
        self.random.random_range(0..length.max(1))
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.below(texts.len())]
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = self.below(200);
        (0..length).map(|_| self.random.random()).collect()
    }

    fn salad(&mut self) -> Vec<u8> {
        let length = self.below(40);
        let words: Vec<_> = (0..length).map(|_| self.one_of(&self.of.words)).collect();
        words.join([" ", "", "\n"][self.below(3)]).into_bytes()
    }

    /// A file of a few real tables with a few changes.
    fn changed(&mut self) -> Vec<u8> {
        let mut bytes = self.one_of(&self.of.heads).as_bytes().to_vec();
        // Small ones: most of a real file's length would be the same in every mutant.
        for _ in 0..self.below(2) {
            let table = self.one_of(&self.of.tables);
            bytes.extend_from_slice(table.as_bytes());
        }
        for _ in 0..=self.below(3) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let span = at..(at + self.below(9)).min(bytes.len());
        let word = self.one_of(&self.of.words).as_bytes();
        match self.random.random_range(0..8) {
            0 => drop(bytes.drain(span)),
            1 => drop(bytes.splice(at..at, word.iter().copied())),
            2 => drop(bytes.splice(span, word.iter().copied())),
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.random.random_range(0..8);
                }
            }
            4 => self.change_value(bytes, at, word),
            5 => self.change_line(bytes, at, &[]),
            6 => {
                let table = self.one_of(&self.of.tables);
                let line = self.below(table.lines().count());
                let line = format!("{}\n", table.lines().nth(line).unwrap_or_default());
                self.change_line(bytes, at, line.as_bytes());
            }
            _ => {
                let copy = bytes[span].repeat(self.below(4));
                bytes.splice(at..at, copy);
            }
        }
    }

    /// Puts another value behind the `=` that comes next.
    fn change_value(&mut self, bytes: &mut Vec<u8>, at: usize, word: &[u8]) {
        let Some(equals) = bytes[at..]
            .iter()
            .position(|it| *it == b'=')
            .map(|it| at + it + 1)
        else {
            return;
        };
        let end = bytes[equals..]
            .iter()
            .position(|it| *it == b'\n')
            .map_or(bytes.len(), |it| equals + it);
        bytes.splice(equals..end, word.iter().copied());
    }

    /// Puts another line in place of the next whole one.
    fn change_line(&mut self, bytes: &mut Vec<u8>, at: usize, line: &[u8]) {
        let Some(start) = bytes[at..]
            .iter()
            .position(|it| *it == b'\n')
            .map(|it| at + it + 1)
        else {
            return;
        };
        let end = bytes[start..]
            .iter()
            .position(|it| *it == b'\n')
            .map_or(bytes.len(), |it| start + it + 1);
        bytes.splice(start..end, line.iter().copied());
    }
}
