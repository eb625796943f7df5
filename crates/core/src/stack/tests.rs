//! Whatever is in the file: no panic, and every mistake has its place.

use super::*;
use crate::error::ErrorKind;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

const FILES: [&str; 5] = [
    include_str!("../../../../stack.toml"),
    include_str!("../../../../examples/machine-to-machine.toml"),
    include_str!("../../../../examples/pool-only.toml"),
    include_str!("../../../../examples/public-read.toml"),
    include_str!("../../../../examples/two-clients.toml"),
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
fn fault(text: &str) -> Option<String> {
    let parse = || Stack::parse("stack.toml", text, &Inputs::default());
    let parsed =
        catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| panic!("panicked on:\n{text}"));
    let error = parsed.err()?;
    let place = error
        .message
        .split("--> stack.toml:")
        .nth(1)
        .unwrap_or_default();
    let has_place = place.starts_with(|c: char| c.is_ascii_digit());
    let is_well = has_place && error.kind == ErrorKind::File && error.message.contains("help: ");
    (!is_well).then(|| format!("{:?}: {error}\n", error.kind))
}

#[test]
fn every_file_of_this_repository_is_valid() {
    for text in FILES {
        let stack = Stack::parse("stack.toml", text, &Inputs::default()).unwrap();
        assert!(!stack.desired.is_empty());
    }
}

#[test]
fn no_value_of_any_key_panics_or_lacks_a_place() {
    let mut faults = BTreeSet::new();
    for text in &FILES[..2] {
        let lines: Vec<_> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some((key, _)) = line
                .split_once(" = ")
                .filter(|(key, _)| !key.starts_with('#'))
            else {
                continue;
            };
            for value in VALUES {
                let changed = format!("{key} = {value}");
                let mut lines = lines.clone();
                lines[index] = &changed;
                faults.extend(fault(&lines.join("\n")).map(|fault| format!("{changed}: {fault}")));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}",
        faults.into_iter().collect::<String>()
    );
}

#[test]
fn no_mutation_of_the_text_panics_or_lacks_a_place() {
    let mut numbers = Numbers(7);
    let pieces: [&[u8]; 12] = [
        b"\"",
        b"[",
        b"]",
        b"{",
        b"}",
        b"=",
        b"\n",
        b".",
        b"${",
        b"#",
        b"\\",
        "é".as_bytes(),
    ];
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
        assert_eq!(fault(&String::from_utf8_lossy(&bytes)), None);
    }
}

/// With texts of several lines, lists and tables in lists, and quotes in quotes.
const LONG: &str = r##"[stack]
name = "long"
region = "eu-west-1"

[user_pool]
name = "p"                                  # a ] in a comment, and a "
sign_in = ["email"]
required_attributes = [
    "name",                                 # [one
    "phone_number",
]

[user_pool.verification_message]
email_message = """
<p>Hello [you],</p>
your code is {####}
"""
email_subject = 'A "code"'

[user_pool.invitation_message]
email_message = '''
{username}, {####}
'''
email_subject = """Come in"""

[user_pool.clients.spa]
name = "c"
auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
callback_urls = ["http://localhost:3000/a"]

[functions.f]
name = "f"
zip = "f.zip"
vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }

[api]
name = "a"

[api.stage]
name = "dev"
throttling = { rate_limit = 1, burst_limit = 2 }

[api.authorizers.a]
name = "a"

[api.routes]
"GET /x" = { function = "f", authorizer = "a" }
"POST /x" = { function = "f", authorizer = "a" }
"##;

/// How many mistakes are told, and the line of the first.
fn told(error: &Error) -> (usize, usize) {
    let line = error
        .message
        .split("--> stack.toml:")
        .nth(1)
        .unwrap_or_default();
    let number = |text: &str| {
        text.split(|it: char| !it.is_ascii_digit())
            .next()
            .unwrap_or_default()
            .parse()
    };
    let count = error
        .message
        .split(" has ")
        .nth(1)
        .and_then(|rest| number(rest).ok());
    (count.unwrap_or(1), number(line).unwrap_or(0))
}

/// The lines in which a mistake at `at` may be told: its own and the next, and those in which what it is
/// in begins.
fn near(text: &str, at: usize) -> BTreeSet<usize> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let mut lines = BTreeSet::from([line(at), line(at) + 1]);
    let mut start = at;
    // A statement begins with its key, or its table's name.
    while let Some(before) = text[..start].rfind('\n') {
        let first = text[before + 1..].lines().next().unwrap_or_default();
        if first.starts_with('[') || first.contains(" = ") {
            lines.insert(line(before + 1));
            break;
        }
        start = before;
    }
    lines
}

#[test]
fn one_character_too_many_or_too_few_is_few_mistakes_and_the_first_is_there() {
    let mut broken = 0;
    let mut faults = vec![];
    for text in [LONG].iter().chain(&FILES) {
        assert!(fault(text).is_none(), "{:?}", fault(text));
        let mut numbers = Numbers(11);
        for (at, letter) in text.char_indices() {
            let mut mutants = vec![];
            if "[]{}\"'=,\n".contains(letter) {
                mutants.push(format!(
                    "{}{}",
                    &text[..at],
                    &text[at + letter.len_utf8()..]
                ));
            }
            if *text == LONG || numbers.below(8) == 0 {
                let inserted =
                    ["[", "]", "{", "}", "\"", "'", "=", ",", "\n", "#"][numbers.below(10)];
                mutants.push(format!("{}{inserted}{}", &text[..at], &text[at..]));
            }
            for mutant in mutants
                .iter()
                .filter(|it| toml::from_str::<toml::Table>(it).is_err())
            {
                broken += 1;
                let error = Stack::parse("stack.toml", mutant, &Inputs::default())
                    .err()
                    .unwrap();
                let (count, line) = told(&error);
                if count > 3 || !near(text, at).contains(&line) {
                    faults.push(format!("{letter:?} at {:?}: {error}\n", near(text, at)));
                }
            }
        }
    }
    assert!(broken > 1000, "{broken}");
    assert!(
        faults.is_empty(),
        "{} of {broken}\n{}",
        faults.len(),
        faults.join("\n")
    );
}
