//! A fault at every call of every phase: the next apply finishes what was begun, and nothing is
//! there twice.
//!
//! A process that dies before or after a call leaves the account as it was then; so the account
//! is kept at every moment of a run without fault, and an apply is run from each.

use super::{
    applied::is_alike,
    stacks::{Declares, stack},
    world::World,
};
use crate::support::wire::{Asked, Verdict};
use aws_in_memory::Cloud;
use std::{
    cell::RefCell,
    collections::BTreeSet,
    rc::Rc,
    sync::{Arc, Mutex},
};

/// What is done in a phase: to what file, or nothing for a destruction.
struct Phase {
    name: &'static str,
    from: Option<String>,
    to: Option<String>,
}

/// The choices of the shapes: small and large, with and without a pool, an API, secrets.
fn shapes() -> Vec<(String, String, String)> {
    let mut seed = 7_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u8
    };
    let made = (0..10_usize).map(|index| {
        // Two with all that there is, and eight with less.
        let length = if index < 2 { 160 } else { 30 + 10 * index };
        let mut base: Vec<u8> = (0..length).map(|_| next()).collect();
        base[0] = u8::try_from(index).unwrap();
        // Another value of every setting, but the same parts; and other names of everything.
        let changed: Vec<u8> =
            base.iter().map(|it| if next() % 3 == 0 { it.wrapping_add(2) } else { *it }).collect();
        let replaced: Vec<u8> =
            base.iter().map(|it| if next() % 2 == 0 { it.wrapping_add(1) } else { *it }).collect();
        let same_parts = |mut it: Vec<u8>| {
            it[..3].copy_from_slice(&base[..3]);
            stack(&it, Declares::All)
        };
        (stack(&base, Declares::All), same_parts(changed), same_parts(replaced))
    });
    made.collect()
}

fn phases((base, changed, replaced): &(String, String, String)) -> Vec<Phase> {
    let some = |it: &String| Some(it.clone());
    vec![
        Phase { name: "create", from: None, to: some(base) },
        Phase { name: "update", from: some(base), to: some(changed) },
        Phase { name: "replace", from: some(base), to: some(replaced) },
        Phase { name: "destroy", from: some(base), to: None },
    ]
}

impl Phase {
    fn start(&self) -> Cloud {
        let world = World::new();
        if let Some(from) = &self.from {
            world.apply(from);
            world.later();
        }
        world.cloud()
    }

    fn text(&self) -> &str {
        self.to.as_deref().or(self.from.as_deref()).unwrap()
    }

    fn attempt(&self, world: &World) -> bool {
        let report = match &self.to {
            Some(to) => world.try_apply(to),
            None => world.try_destroy(self.text()),
        };
        report.is_ok_and(|it| it.is_complete())
    }

    fn succeed(&self, world: &World) {
        match &self.to {
            Some(to) => world.apply(to),
            None => world.destroy(self.text()),
        }
    }

    /// As a person does: the same command again, a while later.
    fn finish(&self, world: &World) {
        world.later();
        self.succeed(world);
        if self.to.is_none() {
            assert_eq!(world.names(), Vec::<String>::new());
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
        self.succeed(&world);
        let mut moments = std::mem::take(&mut *moments.lock().unwrap());
        moments.push(world.cloud());
        moments
    }
}

fn check(phase: &Phase, world: &World, expected: &str, what: &str) {
    phase.finish(world);
    let why = format!("{}, {what}\n{}", phase.name, phase.text());
    is_alike(&world.owned(), expected, &why);
}

/// Which shapes a test takes: half each, so that two run side by side.
fn each(half: usize, test: impl Fn(&Phase, &Cloud, &[Cloud], &str)) {
    let told = RefCell::new(0);
    for shape in shapes().iter().skip(half).step_by(2) {
        for phase in phases(shape) {
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

fn a_death(half: usize) {
    each(half, |phase, _, moments, expected| {
        for (index, moment) in moments.iter().enumerate() {
            check(phase, &World::of(moment.clone()), expected, &format!("dead before write {index}"));
        }
    });
}

type Fault = (&'static str, fn() -> Verdict);

/// What happens to one write; the others pass.
const FAULTS: [Fault; 8] = [
    ("reply lost", || Verdict::LoseReply),
    ("500 after success", || Verdict::FailAfter(500)),
    ("connection refused", || Verdict::RefuseConnection),
    ("reply lost", || Verdict::LoseReply),
    ("slower than the timeout", || Verdict::Stall),
    ("credentials expired", || Verdict::refusal(400, "ExpiredTokenException")),
    ("access denied", || Verdict::refusal(403, "AccessDeniedException")),
    ("500 before any effect", || Verdict::Answer(500, "{}".into(), vec![])),
];

fn a_fault(half: usize) {
    let kinds = RefCell::new(BTreeSet::new());
    each(half, |phase, start, moments, expected| {
        for position in 1..moments.len() {
            let (name, verdict) = FAULTS[(position + phase.name.len()) % FAULTS.len()];
            let world = World::of(start.clone());
            let mut seen = 0;
            let is_lasting = name == "credentials expired";
            world.wire.on(move |asked| {
                seen += usize::from(asked.writes());
                let is_due = if is_lasting { seen >= position } else { asked.writes() && seen == position };
                if is_due { verdict() } else { Verdict::Pass }
            });
            phase.attempt(&world);
            world.wire.on(|_| Verdict::Pass);
            kinds.borrow_mut().insert(name);
            check(phase, &world, expected, &format!("{name} at write {position}"));
        }
    });
    assert_eq!(kinds.borrow().len(), 7);
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
        phase.succeed(&world);
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
    a_fault_at_any_write_is_got_over: a_fault,
    storms_of_throttling_are_weathered: a_storm,
}
