//! A fault at every call of every phase: the next apply finishes what was begun, and nothing is
//! there twice.
//!
//! A process that dies before or after a call leaves the account as it was then; so the account
//! is kept at every moment of a run without fault, and an apply is run from each.

use super::{
    applied::is_alike,
    sample::is_one_in,
    stacks::{Declares, stack},
    world::{World, whole},
};
use crate::support::wire::{Asked, Verdict};
use aws_in_memory::Cloud;
use serde_json::json;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use wsctl::{
    engine::{Outcome, Report},
    error::Result,
};

/// The execution logs of an API that is not the stack's.
const OTHERS: &str = "API-Gateway-Execution-Logs_another/dev";

/// What is done in a phase: to what file, or nothing for a destruction.
struct Phase {
    name: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// Whether APIs are made by single requests, as where definitions are not known.
    lacks_definitions: bool,
}

/// The shapes: small and large, with and without a pool, an API, secrets. The large ones are last, so that what
/// all of them have is tried where it takes least.
pub(super) fn shapes() -> Vec<(String, String, String)> {
    let mut seed = 7_u64;
    let mut next = move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u8
    };
    let made = (0..10_usize).map(|index| {
        // Two with all that there is, and eight with less.
        let length = if index < 2 { 160 } else { 30 + 10 * index };
        let mut base: Vec<u8> = (0..length).map(|_| next()).collect();
        base[0] = u8::try_from(index).unwrap();
        // Another value of every setting, but the same parts; and other names of everything.
        let changed: Vec<u8> = base
            .iter()
            .map(|it| {
                if next() % 3 == 0 {
                    it.wrapping_add(2)
                } else {
                    *it
                }
            })
            .collect();
        let replaced: Vec<u8> = base
            .iter()
            .map(|it| {
                if next() % 2 == 0 {
                    it.wrapping_add(1)
                } else {
                    *it
                }
            })
            .collect();
        let same_parts = |mut it: Vec<u8>| {
            it[..3].copy_from_slice(&base[..3]);
            stack(&it, Declares::All)
        };
        (
            stack(&base, Declares::All),
            same_parts(changed),
            same_parts(replaced),
        )
    });
    let mut made: Vec<_> = made.collect();
    made.rotate_left(2);
    made
}

fn phases(
    (base, changed, replaced): &(String, String, String),
    lacks_definitions: bool,
) -> Vec<Phase> {
    let some = |it: &String| Some(it.clone());
    vec![
        Phase {
            name: "create",
            from: None,
            to: some(base),
            lacks_definitions,
        },
        Phase {
            name: "update",
            from: some(base),
            to: some(changed),
            lacks_definitions,
        },
        Phase {
            name: "replace",
            from: some(base),
            to: some(replaced),
            lacks_definitions,
        },
        Phase {
            name: "destroy",
            from: some(base),
            to: None,
            lacks_definitions,
        },
    ]
}

impl Phase {
    fn start(&self) -> Cloud {
        let world = World::with(|it| it.no_definitions = self.lacks_definitions);
        if let Some(from) = &self.from {
            world.apply(from);
            world.later();
        }
        if self.to.is_none() {
            world.edit(Cloud::log_executions);
        }
        world.somebody("logs", "CreateLogGroup", json!({ "logGroupName": OTHERS }));
        world.later();
        world.cloud()
    }

    fn text(&self) -> &str {
        self.to.as_deref().or(self.from.as_deref()).unwrap()
    }

    fn run(&self, world: &World) -> Result<Report> {
        match &self.to {
            Some(to) => world.try_apply(to),
            None => world.try_destroy(self.text()),
        }
    }

    fn succeed(&self, world: &World, why: &str) {
        whole(self.run(world), why);
    }

    /// As a person does: the same command again.
    fn finish(&self, world: &World, why: &str) {
        self.succeed(world, why);
        if self.to.is_none() {
            assert_eq!(world.names(), Vec::<String>::new());
            // Who may not list or tag log groups was told that these are left.
            if !why.contains("access denied") {
                assert_eq!(
                    world.cloud().log_groups("API-Gateway-Execution-Logs_"),
                    [OTHERS],
                    "{why}"
                );
            }
        }
        world.is_innocent();
    }

    /// The account at every moment of an undisturbed run, its end last.
    fn moments(&self, start: &Cloud) -> Vec<Cloud> {
        let world = Rc::new(World::of(start.clone()));
        let moments = Arc::new(Mutex::new(vec![]));
        let (seen, memory) = (Arc::clone(&moments), world.memory());
        world.wire.on(move |asked: &Asked| {
            if asked.writes() {
                seen.lock().unwrap().push(memory.cloud().clone());
            }
            Verdict::Pass
        });
        self.succeed(&world, self.name);
        let mut moments = std::mem::take(&mut *moments.lock().unwrap());
        moments.push(world.cloud());
        moments
    }
}

fn check(phase: &Phase, world: &World, expected: &str, what: &str) {
    let why = format!("{}, {what}\n{}", phase.name, phase.text());
    phase.finish(world, &why);
    is_alike(&world.owned(), expected, &why);
}

/// Which shapes a test takes: half each, so that two run side by side.
fn each(half: usize, test: impl Fn(&Phase, &Cloud, &[Cloud], &str)) {
    let told = RefCell::new(0);
    for (index, shape) in shapes().iter().enumerate().skip(half).step_by(2) {
        for phase in phases(shape, index % 5 > 2) {
            let start = phase.start();
            let moments = phase.moments(&start);
            let end = World::of(moments.last().unwrap().clone());
            end.later();
            if let Some(to) = &phase.to {
                end.is_settled(to);
            }
            *told.borrow_mut() += moments.len() - 1;
            test(&phase, &start, &moments, &end.owned());
        }
    }
    println!("{} writes", told.borrow());
}

/// Who takes over the lock of a dead process waits so long, `crates/aws/src/aws/lock.rs`; so does a person
/// who needs new credentials.
const AFTER_A_DEATH: Duration = Duration::from_secs(5);

fn a_death(half: usize) {
    each(half, |phase, _, moments, expected| {
        let tried = moments
            .iter()
            .enumerate()
            .filter(|(index, _)| is_one_in(3, *index));
        for (index, moment) in tried {
            let world = World::of(moment.clone());
            world.pass(AFTER_A_DEATH);
            check(
                phase,
                &world,
                expected,
                &format!("dead before write {index}"),
            );
        }
    });
}

type Fault = (&'static str, fn() -> Verdict);

/// What happens to one request; the others pass.
const FAULTS: [Fault; 8] = [
    ("access denied", || {
        Verdict::refusal(403, "AccessDeniedException")
    }),
    ("reply lost", || Verdict::LoseReply),
    ("500 after success", || Verdict::FailAfter(500)),
    ("connection refused", || Verdict::RefuseConnection),
    ("slower than the timeout", || Verdict::Stall),
    ("credentials expired", || {
        Verdict::refusal(400, "ExpiredTokenException")
    }),
    ("500 before any effect", || {
        Verdict::Answer(500, "{}".into(), vec![])
    }),
    (LATE, || Verdict::Repeat),
];

/// A process that died had sent it too, and it takes effect after this one's look.
const LATE: &str = "sent twice";

/// Whether AWS refuses a second one: what has no name would be there twice, whoever asks.
fn makes_what_has_a_name(asked: &Asked) -> bool {
    let (operation, is_path) = (asked.operation.as_str(), asked.operation.contains(" /"));
    let unnamed = ["CreateUserPool", "CreateUserPoolClient", "POST /restapis"];
    let makes = operation.starts_with(if is_path { "P" } else { "Create" });
    makes
        && !operation.starts_with("PATCH")
        && !unnamed.contains(&operation)
        && !operation.contains("/deployments")
}

/// The requests of an undisturbed run.
fn requests(phase: &Phase, start: &Cloud) -> Vec<Asked> {
    let world = World::of(start.clone());
    phase.succeed(&world, phase.name);
    world.wire.take().into_iter().map(|it| it.asked).collect()
}

/// An operation whatever ids are in its path.
fn operation(asked: &Asked) -> String {
    let is_id = |part: &str| part.len() > 8 && part.chars().any(|c| c.is_ascii_digit());
    let path = asked
        .operation
        .split('?')
        .next()
        .unwrap_or_default()
        .split('/');
    let path: Vec<_> = path
        .map(|part| if is_id(part) { "*" } else { part })
        .collect();
    format!("{}:{}", asked.service, path.join("/"))
}

/// The requests of every phase meet faults. An operation that comes often enough meets all of them, and
/// then now and then another; with `WSCTL_EVERY_FAULT` every request meets all of them.
fn a_fault(half: usize) {
    let every = std::env::var_os("WSCTL_EVERY_FAULT").is_some();
    let (met, kinds) = (RefCell::new(BTreeMap::new()), RefCell::new(BTreeSet::new()));
    each(half, |phase, start, _, expected| {
        for (position, asked) in requests(phase, start).iter().enumerate() {
            let mut met = met.borrow_mut();
            let times: &mut usize = met.entry(operation(asked)).or_default();
            if !every && *times >= FAULTS.len() && !is_one_in(24, position) {
                continue;
            }
            for _ in 0..if every { FAULTS.len() } else { 1 } {
                let fault = FAULTS[*times % FAULTS.len()];
                *times += 1;
                let world = World::of(start.clone());
                if meet(phase, &world, position, fault) {
                    kinds.borrow_mut().insert(fault.0);
                }
                check(
                    phase,
                    &world,
                    expected,
                    &format!("{} at request {position}", fault.0),
                );
            }
        }
    });
    assert_eq!(kinds.borrow().len(), FAULTS.len());
}

/// What leaves it open whether a request took effect, and a run that makes a stack gets over by itself.
const UNCLEAR: [&str; 5] = [
    "reply lost",
    "500 after success",
    "connection refused",
    "slower than the timeout",
    "500 before any effect",
];

/// Whether the fault came to pass.
fn meet(phase: &Phase, world: &World, position: usize, (name, verdict): Fault) -> bool {
    let (mut seen, is_lasting) = (0, name == "credentials expired");
    let has_come = Arc::new(AtomicBool::new(false));
    let comes = Arc::clone(&has_come);
    world.wire.on(move |asked| {
        seen += 1;
        let is_due = if is_lasting {
            seen > position
        } else {
            seen == position + 1
        };
        let is_right = name != LATE || makes_what_has_a_name(asked);
        if !is_due || !is_right {
            return Verdict::Pass;
        }
        comes.store(true, Ordering::Relaxed);
        verdict()
    });
    let run = phase.run(world);
    let is_complete = run.as_ref().is_ok_and(Report::is_complete);
    // A change that is made in several requests may end, and go on with the next apply.
    let is_got_over = name == LATE || UNCLEAR.contains(&name);
    let why = || match &run {
        Ok(report) => {
            format!(
                "{:#?}",
                report
                    .results
                    .iter()
                    .filter(|it| !matches!(it.outcome, Outcome::Done(_)))
                    .collect::<Vec<_>>()
            )
        }
        Err(error) => error.to_string(),
    };
    assert!(
        is_complete || !is_got_over,
        "{}, {name} at request {position}: {}\n{}",
        phase.name,
        why(),
        phase.text()
    );
    world.wire.on(|_| Verdict::Pass);
    if is_lasting {
        world.pass(AFTER_A_DEATH);
    }
    has_come.load(Ordering::Relaxed)
}

/// Whether a second one could make a second thing, so that it is not repeated blindly.
fn creates(asked: &Asked) -> bool {
    let (service, operation) = (asked.service.as_str(), asked.operation.as_str());
    let makes = ["Create", "AddCustomAttributes", "POST ", "PUT "];
    let is_put = ["/tags/", "gatewayresponses"]
        .iter()
        .any(|part| operation.contains(part))
        || (service == "lambda" && operation.starts_with("PUT "));
    let is_lock = asked.body.contains("/wsctl/lock/");
    asked.writes() && !is_lock && !is_put && makes.iter().any(|it| operation.starts_with(it))
}

/// A create of which it is not clear whether it took effect is got over in the same run, and nothing is
/// there twice. Each operation meets each such fault, in the shapes of one half or the other.
fn a_doubt(half: usize) {
    let met = RefCell::new(BTreeSet::new());
    each(half, |phase, start, moments, expected| {
        let counts = moments.last().unwrap().counts();
        for (position, asked) in requests(phase, start)
            .iter()
            .enumerate()
            .filter(|(_, it)| creates(it))
        {
            let unclear = FAULTS.iter().filter(|(name, _)| UNCLEAR.contains(name));
            for fault in unclear.skip(half).step_by(2) {
                if met.borrow_mut().insert((operation(asked), fault.0)) {
                    let world = World::of(start.clone());
                    let why = format!(
                        "{}, {} at {}\n{}",
                        phase.name,
                        fault.0,
                        asked.name(),
                        phase.text()
                    );
                    assert!(meet(phase, &world, position, *fault), "{why}");
                    assert_eq!(
                        world.cloud().counts(),
                        counts,
                        "pools, clients, APIs, deployments: {why}"
                    );
                    check(phase, &world, expected, &why);
                }
            }
        }
    });
    let met = met.borrow();
    let operations: BTreeSet<_> = met.iter().map(|(operation, _)| operation).collect();
    println!("{} doubts about {operations:?}", met.len());
    assert!(met.len() >= 30, "{}", met.len());
}

/// Every operation is refused for its rate 1, 2, 4 or 8 times: the apply itself gets over it.
fn a_storm(half: usize) {
    each(half, |phase, start, _, expected| {
        let world = World::of(start.clone());
        let (storms, mut left) = ([1, 2, 4, 8], std::collections::BTreeMap::new());
        world.wire.on(move |asked| {
            let next = storms[left.len() % 4];
            let left = left.entry(asked.name()).or_insert(next);
            if *left == 0 {
                return Verdict::Pass;
            }
            *left -= 1;
            Verdict::refusal(429, "TooManyRequestsException")
        });
        phase.succeed(&world, phase.name);
        check(phase, &world, expected, "storms");
    });
}

macro_rules! halves {
    ($($name:ident: $test:ident,)*) => {$(
        mod $name {
            #[test]
            fn in_one_half_of_the_shapes() {
                super::$test(0);
            }

            #[test]
            fn in_the_other_half() {
                super::$test(1);
            }
        }
    )*};
}

halves! {
    a_process_may_die_before_or_after_any_write: a_death,
    a_fault_at_any_request_is_got_over: a_fault,
    a_create_in_doubt_is_got_over_in_the_same_run: a_doubt,
    storms_of_throttling_are_weathered: a_storm,
}
