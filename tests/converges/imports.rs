//! Whatever is in an account, import writes it as a file that can be used; with `--existing`, one that
//! changes nothing.

use super::{
    by_hand::{self, ByHand, SECRETS, VARIABLE},
    cases, choices,
    stacks::{self, Choices, Declares},
    world::World,
};
use crate::support::story::told;
use proptest::prelude::*;
use wsctl::{
    cli::ImportArgs,
    commands::import::Imported,
    stack::{Inputs, Stack},
};

/// What is asked for, by choice: a pool, an API, functions, or all of it.
fn wishes(there: &ByHand, which: u8, existing: bool, environment: bool) -> ImportArgs {
    let all = which == 3;
    ImportArgs {
        stack: None,
        pool: (all || which == 0).then(|| there.pool.clone()),
        identity_pool: None,
        apis: (all || which == 1)
            .then(|| there.api.clone())
            .into_iter()
            .collect(),
        functions: if all || which == 2 {
            there.functions.clone()
        } else {
            vec![]
        },
        existing,
        environment,
    }
}

/// The file is without mistakes, and no secret is in it.
fn imported(world: &World, args: &ImportArgs) -> Imported {
    let imported = world
        .import(args)
        .unwrap_or_else(|error| panic!("{args:?}: {error}"));
    let text = &imported.text;
    let stack = Stack::parse("stack.toml", text, &Inputs::default());
    stack.unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"));
    for secret in SECRETS
        .iter()
        .chain((!args.environment).then_some(&VARIABLE))
    {
        assert!(!text.contains(secret), "{args:?}: {secret}\n{text}");
    }
    imported
}

/// With `--existing`, a look of its own finds nothing to do; otherwise what is there after the adopts
/// is what import said.
fn is_as_said(world: &World, args: &ImportArgs) {
    let Imported {
        text, adopt, plan, ..
    } = imported(world, args);
    assert_eq!(imported(world, args).text, text, "twice the same");
    let said = plan.unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"));
    if args.existing {
        assert!(adopt.is_empty(), "{args:?}: {adopt:?}\n{text}");
        let plan = world
            .plan(&text)
            .unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"));
        assert!(plan.is_empty(), "{args:?}: {:#?}\n{text}", told(&plan));
        return;
    }
    world.adopt(&text, &adopt);
    world.later();
    let plan = world
        .plan(&text)
        .unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"));
    assert_eq!(told(&plan), told(&said), "{args:?}\n{text}");
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn whatever_is_there_is_written_down_as_a_file_that_can_be_used(choices in proptest::collection::vec(any::<u8>(), 0..300)) {
        let there = by_hand::account(&choices);
        let mut more = Choices(&choices);
        let (which, environment) = (more.pick(4), more.yes());
        for existing in [true, false] {
            let world = World::of(there.cloud.clone());
            world.later();
            is_as_said(&world, &wishes(&there, which, existing, environment));
        }
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn a_stack_of_wsctls_own_comes_back(choices in choices()) {
        let world = World::new();
        let text = stacks::stack(&choices, Declares::Some);
        world.apply(&text);
        world.later();
        let none = ImportArgs { environment: true, ..ImportArgs::default() };
        let Imported { text: written, adopt, plan, .. } = imported(&world, &none);
        prop_assert!(adopt.is_empty());
        let plan = plan.unwrap_or_else(|error| panic!("{error}\n{written}"));
        prop_assert!(plan.is_empty(), "{:#?}\n{written}\n{text}", told(&plan));
        world.is_settled(&written);
    }
}
