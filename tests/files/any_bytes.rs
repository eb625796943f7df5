//! Whatever bytes are in stack.toml: wsctl never panics, and every mistake has its line and column.
//!
//! `WSCTL_INPUTS` sets how many inputs are tried, `WSCTL_SEED` which ones; a failure is printed with
//! what makes it happen again, and its bytes belong into [`cases::FOUND`].

mod cases;
mod mutant;

use mutant::Mutants;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
};
use wsctl::{
    error::{Error, ErrorKind},
    kind::AnyKind,
    kinds,
    stack::{Inputs, Stack},
};

const NAME: &str = "stack.toml";
const INPUTS: u64 = 100_000;
/// The value of an environment variable that the inputs may use and no message may show.
const CANARY: &str = "canary-in-the-environment";
/// How long a message may be, whatever the input: it is read by a person.
const LONGEST: usize = 64 * 1024;

fn inputs() -> Inputs {
    let environment = BTreeMap::from([("CANARY".to_owned(), CANARY.to_owned())]);
    let variables = BTreeMap::from([("place".to_owned(), "here".to_owned())]);
    Inputs {
        variables,
        environment,
        ..Inputs::default()
    }
}

/// Whether these bytes are a valid file, or else what is wrong with wsctl's answer to them.
fn answer(bytes: &[u8], inputs: &Inputs, _kinds: &[Box<dyn AnyKind>]) -> Result<bool, String> {
    let read = AssertUnwindSafe(|| Stack::read(NAME, bytes, inputs));
    let answer = catch_unwind(read).map_err(|_| "it panics")?;
    let is_valid = answer.is_ok();
    let fault = match answer {
        Ok(stack) => stack
            .shown_warnings()
            .iter()
            .find_map(|warning| misplaced(warning, bytes)),
        Err(error) => refusal(&error, bytes),
    };
    fault.map_or(Ok(is_valid), Err)
}

fn refusal(error: &Error, bytes: &[u8]) -> Option<String> {
    let text = error.to_string();
    if error.kind != ErrorKind::File || error.hint.is_none() {
        return Some(format!("no mistake of the file, or no hint: {text}"));
    }
    if text.len() > LONGEST {
        return Some(format!("a message of {} bytes", text.len()));
    }
    if text.contains(CANARY)
        || error
            .hint
            .as_ref()
            .is_some_and(|hint| hint.contains(CANARY))
    {
        return Some(format!("it shows the environment: {text}"));
    }
    misplaced(&text, bytes)
}

/// Whether a place is missing in `text`, or is not in the file.
fn misplaced(text: &str, bytes: &[u8]) -> Option<String> {
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    let places: Vec<_> = text.lines().filter_map(place).collect();
    let is_there = |(line, column): &(usize, usize)| (1..=lines).contains(line) && *column >= 1;
    match places.is_empty() || !places.iter().all(is_there) {
        true => Some(format!("places {places:?} of {lines} lines: {text}")),
        false => None,
    }
}

/// The line and column in `--> stack.toml:3:14`, or in `stack.toml:3:14: …`.
fn place(line: &str) -> Option<(usize, usize)> {
    let line = line.trim_start().trim_start_matches("--> ");
    let mut numbers = line.strip_prefix(NAME)?.strip_prefix(':')?.split(':');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |it| {
        it.parse().unwrap_or_else(|_| panic!("{name}={it}"))
    })
}

#[test]
fn whatever_is_in_a_file_is_read_without_panic_and_every_mistake_has_its_place() {
    let (count, seed) = (
        from_environment("WSCTL_INPUTS", INPUTS),
        from_environment("WSCTL_SEED", 1),
    );
    let (next, mutants) = (AtomicU64::new(0), Mutants::new());
    let work = || {
        let (inputs, kinds) = (inputs(), kinds::all());
        let mut accepted = 0;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return accepted;
            }
            let bytes = mutants.bytes(seed.wrapping_add(index));
            let is_valid = answer(&bytes, &inputs, &kinds).unwrap_or_else(|fault| {
                let again = format!("WSCTL_SEED={} WSCTL_INPUTS=1", seed.wrapping_add(index));
                panic!("{again}\n{:?}\n{fault}", String::from_utf8_lossy(&bytes))
            });
            accepted += u64::from(is_valid);
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let accepted: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    });
    println!("seed {seed}: {count} inputs, {accepted} of them valid");
    // Mutants that are all refused at their first byte would show nothing.
    assert!(
        count < 1000 || accepted > count / 100,
        "{accepted} of {count} are valid"
    );
}

#[test]
fn what_was_found_once_stays_mended() {
    let (inputs, kinds) = (inputs(), kinds::all());
    for (name, bytes) in cases::found() {
        assert_eq!(answer(&bytes, &inputs, &kinds), Ok(false), "{name}");
    }
}
