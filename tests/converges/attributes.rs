//! Custom attributes: Cognito adds one, and never changes or removes one. What it cannot do is told
//! in the plan, and nothing is sent.

use super::{cases, world::World};
use proptest::{option, prelude::*, sample::select};
use wsctl::{error::ErrorKind, plan::Action, spec::user_pool::STANDARD};

/// An attribute as a file declares it.
#[derive(Clone, Debug, PartialEq)]
struct Attribute {
    of_type: &'static str,
    mutable: Option<bool>,
    min: Option<i64>,
    max: Option<i64>,
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let of_type = select(vec!["string", "number", "datetime", "boolean"]);
    let (mutable, min, max) = (
        option::of(any::<bool>()),
        option::of(0..3_i64),
        option::of(5..8_i64),
    );
    (of_type, mutable, min, max).prop_map(|(of_type, mutable, min, max)| {
        let is_bounded = ["string", "number"].contains(&of_type);
        let (min, max) = if is_bounded { (min, max) } else { (None, None) };
        Attribute {
            of_type,
            mutable,
            min,
            max,
        }
    })
}

impl Attribute {
    fn line(&self) -> String {
        let mutable = self
            .mutable
            .map(|it| format!(", mutable = {it}"))
            .unwrap_or_default();
        let bound = |name: &str, it: Option<i64>| {
            it.map(|it| format!(", {name} = {it}")).unwrap_or_default()
        };
        format!(
            "{{ type = \"{}\"{mutable}{}{} }}",
            self.of_type,
            bound("min", self.min),
            bound("max", self.max)
        )
    }

    /// Whether everything that this one declares is so in what the other one made.
    fn is_as(&self, made: &Self) -> bool {
        let is_mutable = |it: &Self| it.mutable.unwrap_or(true);
        self.of_type == made.of_type
            && is_mutable(self) == is_mutable(made)
            && (self.min.is_none() || self.min == made.min)
            && (self.max.is_none() || self.max == made.max)
    }
}

const HEAD: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";

fn owned(more: &str, attributes: &[(&str, &Attribute)]) -> String {
    declared(
        &format!("[user_pool]\nname = \"people\"\n{more}"),
        attributes,
    )
}

fn attached(more: &str, attributes: &[(&str, &Attribute)]) -> String {
    declared(
        &format!("[user_pool]\nexisting = true\nname = \"people\"\n{more}"),
        attributes,
    )
}

fn declared(table: &str, attributes: &[(&str, &Attribute)]) -> String {
    let lines = attributes
        .iter()
        .map(|(name, it)| format!("{name} = {}\n", it.line()));
    format!(
        "{HEAD}{table}[user_pool.custom_attributes]\n{}",
        lines.collect::<String>()
    )
}

/// A pool with the attribute `level`, and what declares it so or otherwise.
fn made(is_owned: bool, first: &Attribute) -> World {
    let world = World::new();
    world.apply(&owned("", &[("level", first)]));
    world.later();
    if !is_owned {
        world
            .edit(|cloud| cloud.set_on_pools("people", &serde_json::json!({ "UserPoolTags": {} })));
    }
    world.writes();
    world
}

proptest! {
    #![proptest_config(cases(200))]
    #[test]
    fn a_changed_attribute_is_refused_with_the_line_to_write_and_no_other_change_is_lost(
        first in attribute(), second in attribute(), is_owned in any::<bool>(),
    ) {
        let world = made(is_owned, &first);
        let file = if is_owned { owned } else { attached };
        let text = file("self_registration = false\n", &[("level", &second), ("other", &first)]);
        match world.plan(&text) {
            Ok(plan) => {
                prop_assert!(second.is_as(&first), "{:#?}\n{text}", crate::support::story::told(&plan));
                world.apply(&text);
                world.is_settled(&text);
            }
            Err(error) => {
                prop_assert!(!second.is_as(&first), "{error}\n{text}");
                prop_assert_eq!(error.kind, ErrorKind::Refused);
                prop_assert!(error.message.contains("user_pool: custom_attributes.level is there"), "{}", error);
                prop_assert_eq!(world.writes(), Vec::<String>::new());
                // What the hint says to write is right.
                let hint = error.hint.unwrap();
                let line = hint.split('`').nth(1).unwrap();
                let right = text.lines().map(|it| if it.starts_with("level = ") { line } else { it });
                let right = right.map(|it| format!("{it}\n")).collect::<String>();
                world.apply(&right);
                world.is_settled(&right);
            }
        }
    }
}

#[test]
fn an_attribute_that_left_the_file_is_told_and_stays() {
    let level = Attribute {
        of_type: "string",
        mutable: None,
        min: None,
        max: None,
    };
    let world = made(true, &level);
    for (undeclared, is_warned) in [("", false), ("undeclared = \"warn\"\n", true)] {
        let text = owned("", &[("other", &level)])
            .replace("[user_pool]\n", &format!("{undeclared}[user_pool]\n"));
        let plan = world.plan(&text).unwrap();
        let remarks = if is_warned {
            &plan.warnings
        } else {
            &plan.notes
        };
        let is_told = |it: &wsctl::plan::Remark| {
            it.text
                .starts_with("custom_attributes.level is there, but not in")
        };
        assert_eq!(
            remarks.iter().filter(|it| is_told(it)).count(),
            1,
            "{:?} {:?}",
            plan.notes,
            plan.warnings
        );
        world.apply(&text);
        world.is_settled(&text);
    }
}

#[test]
fn what_only_creation_sets_is_a_replacement_of_an_owned_pool_and_refused_in_an_attached_one() {
    let level = Attribute {
        of_type: "string",
        mutable: None,
        min: None,
        max: None,
    };
    let number = Attribute {
        of_type: "number",
        ..level.clone()
    };
    let required = "required_attributes = [\"email\"]\n";
    // A new pool has the attribute as it is declared.
    let plan = made(true, &level)
        .plan(&owned(required, &[("level", &number)]))
        .unwrap();
    let pool = plan
        .steps
        .iter()
        .find(|it| it.address.to_string() == "user_pool")
        .unwrap();
    assert_eq!(pool.action, Action::Replace);
    assert_eq!(plan.replacements().count(), 1, "it has to be allowed");
    let error = made(false, &level)
        .plan(&attached(required, &[]))
        .err()
        .unwrap();
    assert!(
        error
            .message
            .contains("required_attributes cannot be changed"),
        "{error}"
    );
}

/// Each standard attribute, required in a table or in the list, with every other member: made so, imported
/// without what is AWS's own, and never changed.
#[test]
fn standard_attributes_are_made_as_declared_and_never_changed() {
    for name in STANDARD {
        let (min, max) = match *name {
            "birthdate" => (9, 11),
            _ => (2, 50),
        };
        let table = |mutable: bool, max: i64| {
            let text = format!(
                "[user_pool.standard_attributes.{name}]\nrequired = true\nmutable = {mutable}\n\
                 min = {min}\nmax = {max}\n"
            );
            owned(&text, &[])
        };
        let world = World::new();
        world.apply(&table(false, max));
        world.is_settled(&table(false, max));
        world.later();
        // Said otherwise, and the same.
        let listed = table(false, max).replace("required = true\n", "").replace(
            "[user_pool.st",
            &format!("required_attributes = [{name:?}]\n[user_pool.st"),
        );
        for same in [listed, owned("", &[])] {
            assert!(world.plan(&same).unwrap().is_empty(), "{same}");
        }
        for other in [table(true, max), table(false, max + 1)] {
            let plan = world.plan(&other).unwrap();
            assert_eq!(plan.replacements().count(), 1, "{other}");
        }
    }
}

#[test]
fn what_is_added_to_an_attached_pool_is_said_to_stay_before_and_after() {
    let level = Attribute {
        of_type: "string",
        mutable: None,
        min: None,
        max: None,
    };
    let world = made(false, &level);
    let text = attached("", &[("level", &level), ("more", &level)]);
    let told = |warnings: &[wsctl::plan::Remark]| -> Vec<String> {
        warnings
            .iter()
            .map(|it| format!("{}: {}", it.address, it.text))
            .collect()
    };
    let before = told(&world.plan(&text).unwrap().warnings);
    assert!(
        matches!(before.as_slice(), [one] if one.starts_with("user_pool: custom_attributes.more is added for good")),
        "{before:?}"
    );
    world.apply(&text);
    world.is_settled(&text);
    let after = told(&world.plan_to_destroy(&text).warnings);
    assert!(
        matches!(after.as_slice(), [one] if one.starts_with("user_pool: custom_attributes.more stays")),
        "{after:?}"
    );
    world.destroy(&text);
    assert!(world.plan_to_destroy(&text).is_empty());
}
