//! What is attached is given back as it was: for every field that a table with `existing = true` can
//! declare, alone and in pairs, whatever was there before, and wherever a run was cut off.

mod fields;
mod starts;

use super::{
    applied::is_alike,
    sample::{is_one_in, turn},
    world::World,
};
use crate::support::{
    is_thorough,
    story::told,
    wire::{Asked, Verdict},
};
use aws_in_memory::Cloud;
use fields::{Bases, Field, Files, names};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use wsctl::{
    engine::Outcome,
    error::ErrorKind,
    plan::Plan,
    spec::{Produces, parts_of, user_pool::UserPool},
};

/// The account at every write of a run, its end last.
pub(super) fn moments(start: &Cloud, run: impl Fn(&World)) -> Vec<Cloud> {
    let (world, moments) = (World::of(start.clone()), Arc::new(Mutex::new(vec![])));
    let (seen, memory) = (Arc::clone(&moments), world.memory());
    world.wire.on(move |asked: &Asked| {
        if asked.writes() {
            seen.lock().unwrap().push(memory.cloud().clone());
        }
        Verdict::Pass
    });
    run(&world);
    let mut moments = std::mem::take(&mut *moments.lock().unwrap());
    moments.push(world.cloud());
    moments
}

/// What is there, but for what AWS itself never takes away.
fn shown(world: &World) -> String {
    world.edit(|cloud| cloud.lose_attribute("one"));
    world.memory().cloud().dump(|_| true)
}

/// What became of an apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// Everything is as declared.
    Done,
    /// The plan refused it, and nothing was sent.
    Refused,
}

/// Applies, then destroys: it is as it was.
fn is_given_back(start: &Cloud, text: &str) -> End {
    let world = World::of(start.clone());
    let before = shown(&world);
    world.writes();
    let end = match world.try_apply(text) {
        Err(error) => {
            assert!(
                matches!(error.kind, ErrorKind::Refused | ErrorKind::File),
                "{error}\n{text}"
            );
            assert_eq!(world.writes(), Vec::<String>::new(), "{text}");
            End::Refused
        }
        Ok(report) => {
            let failed = report
                .results
                .iter()
                .filter(|it| matches!(it.outcome, Outcome::Failed(_)));
            assert!(
                report.is_complete(),
                "{:?}\n{text}",
                failed.collect::<Vec<_>>()
            );
            world.is_settled(text);
            End::Done
        }
    };
    world.later();
    world.destroy(text);
    is_alike(&shown(&world), &before, text);
    world.later();
    assert!(world.plan_to_destroy(text).is_empty(), "{text}");
    world.is_innocent();
    end
}

/// How each field ended, over all cases.
#[derive(Default)]
struct Told(BTreeMap<String, BTreeMap<End, usize>>);

impl Told {
    fn note(&mut self, fields: &[&Field], end: End) {
        let names: Vec<_> = fields.iter().map(|it| it.path.join(".")).collect();
        *self
            .0
            .entry(names.join(" + "))
            .or_default()
            .entry(end)
            .or_default() += 1;
    }

    fn count(&self, end: &End) -> usize {
        self.0.values().filter_map(|it| it.get(end)).sum()
    }

    fn tell(&self, what: &str) {
        let (done, refused) = (self.count(&End::Done), self.count(&End::Refused));
        println!("{what}: {done} applied, {refused} refused by the plan");
    }
}

/// Those that only the creation of a pool sets, and of which no value is AWS's own.
const REFUSED: [&str; 4] = [
    "user_pool.aliases",
    "user_pool.required_attributes",
    "user_pool.standard_attributes.nickname.max",
    "user_pool.standard_attributes.nickname.min",
];

/// Every field with each of its values, from every start or the first that can have it, beginning at another one for
/// each; the plan refuses each value of `refused`.
fn alone(bases: &Bases<'_>, starts: &[(&str, Cloud)], refused: &[&str]) {
    let files = Files::new();
    let (fields, mut told, mut turn) = (files.fields(bases, 4), Told::default(), turn());
    for field in &fields {
        for value in &field.values {
            turn += 1;
            let texts: Vec<_> = files.taken(bases, &[(&field.path, value)]).collect();
            for (_, start) in starts.iter().cycle().skip(turn).take(starts.len()) {
                // What the plan refuses by itself may pass beside what it needs.
                let is_done = texts.iter().any(|text| {
                    let end = is_given_back(start, text);
                    told.note(&[field], end);
                    end == End::Done
                });
                if is_done && !is_thorough() {
                    break;
                }
            }
        }
    }
    told.tell(&format!("{} alone, {} fields", bases.of_type, fields.len()));
    let never: BTreeSet<_> = names(&fields)
        .into_iter()
        .filter(|it| !told.0[it].contains_key(&End::Done))
        .collect();
    let refused: BTreeSet<_> = refused.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(never, refused, "fields that no case has applied");
}

/// Every two fields, or each so many-th pair, with other values and from another start.
fn in_pairs(
    bases: &Bases<'_>,
    starts: &[(&str, Cloud)],
    each: usize,
    is_meant: impl Fn(&Field, &Field) -> bool,
) {
    let files = Files::new();
    let (fields, mut told, mut turn, mut tried) =
        (files.fields(bases, 3), Told::default(), 0_usize, 0_usize);
    for (index, one) in fields.iter().enumerate() {
        for other in fields[index + 1..].iter().filter(|it| is_meant(one, it)) {
            turn += 1;
            if turn % each != 0 || !is_one_in(3, turn / each) {
                continue;
            }
            tried += 1;
            let pick = |field: &Field, by: usize| -> Value {
                field.values[by % field.values.len()].clone()
            };
            // Of those that are tried: each so many-th turn would pick the same value each time.
            let (a, b) = (pick(one, tried), pick(other, tried / 3));
            let Some(text) = files.file(bases, &[(&one.path, &a), (&other.path, &b)]) else {
                continue;
            };
            told.note(
                &[one, other],
                is_given_back(&starts[tried % starts.len()].1, &text),
            );
        }
    }
    told.tell(&format!("{} in pairs", bases.of_type));
    assert!(told.count(&End::Done) > tried / 2, "most pairs are applied");
}

/// A run dies at any write, of an apply or of the destroy: a destroy gives back what was there.
fn cut_off(bases: &Bases<'_>, starts: &[(&str, Cloud)]) {
    let files = Files::new();
    let mut count = 0;
    for (turn, field) in files.fields(bases, 2).iter().enumerate() {
        let start = &starts[turn % starts.len()].1;
        let text = files
            .file(
                bases,
                &[(&field.path, &field.values[turn % field.values.len()])],
            )
            .unwrap();
        let before = shown(&World::of(start.clone()));
        let applied = moments(start, |world| drop(world.try_apply(&text)));
        let end = World::of(applied.last().unwrap().clone());
        end.later();
        let destroyed = moments(&end.cloud(), |world| world.destroy(&text));
        for moment in applied.iter().chain(&destroyed) {
            let world = World::of(moment.clone());
            world.later();
            world.destroy(&text);
            is_alike(&shown(&world), &before, &text);
            count += 1;
        }
    }
    println!("{} cut off at {count} writes", bases.of_type);
}

/// Whether both are the pool's own settings: what is in it is a resource by itself.
fn of_the_pool(one: &Field, other: &Field) -> bool {
    let parts: Vec<_> = parts_of(UserPool::NAME).map(|(it, _)| it.table).collect();
    let is_part = |it: &Field| {
        let table = it.path[1].as_str();
        ["clients", "domain", "custom_domain", "risk_configuration"].contains(&table)
            || parts.contains(&table)
    };
    !is_part(one) && !is_part(other)
}

#[test]
fn every_field_of_an_attached_pool_alone() {
    alone(&starts::pool_bases(), &starts::pools(), &REFUSED);
}

#[test]
fn every_fifth_two_fields_of_an_attached_pool() {
    in_pairs(&starts::pool_bases(), &starts::pools(), 5, of_the_pool);
}

#[test]
fn an_attached_pool_wherever_a_run_is_cut_off() {
    cut_off(&starts::pool_bases(), &starts::pools());
}

#[test]
fn every_field_of_an_attached_function_alone_and_in_pairs() {
    alone(&starts::function_bases(), &starts::functions(), &[]);
    in_pairs(
        &starts::function_bases(),
        &starts::functions(),
        1,
        |_, _| true,
    );
}

#[test]
fn an_attached_function_wherever_a_run_is_cut_off() {
    cut_off(&starts::function_bases(), &starts::functions());
}

#[test]
fn every_field_of_an_attached_api_alone_and_in_pairs() {
    alone(&starts::api_bases(), &starts::apis(), &[]);
    in_pairs(&starts::api_bases(), &starts::apis(), 1, |_, _| true);
}

#[test]
fn an_attached_api_wherever_a_run_is_cut_off() {
    cut_off(&starts::api_bases(), &starts::apis());
}

#[test]
fn of_an_attached_secret_nothing_can_be_declared() {
    let bases = starts::secret_bases();
    assert_eq!(names(&Files::new().fields(&bases, 1)), BTreeSet::new());
    assert_eq!(
        is_given_back(&starts::secret(), &Files::new().file(&bases, &[]).unwrap()),
        End::Done
    );
}

/// A pool with so many tags of its owner's, and an invitation of this text.
fn with_tags(count: usize, message: &str) -> World {
    let tags: BTreeMap<_, _> = (0..count).map(|it| (format!("team{it}"), "a")).collect();
    let world = World::new();
    let invitation = json!({ "AllowAdminCreateUserOnly": false, "InviteMessageTemplate": { "EmailMessage": message } });
    let input =
        json!({ "PoolName": "people", "UserPoolTags": tags, "AdminCreateUserConfig": invitation });
    world.somebody("cognito-idp", "CreateUserPool", input);
    world.later();
    world
}

const WITH_MESSAGE: &str =
    "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nexisting = true
name = \"people\"\n[user_pool.email]\nreply_to = \"a@example.com\"
[user_pool.invitation_message]\nemail_message = \"You are {username}, {####}\"\n";

#[test]
fn a_message_as_long_as_cognito_takes_is_given_back() {
    let lines = (0..)
        .map(|it| format!("<p class=\"line\">{it}: {{username}}, your password is {{####}}</p>\n"));
    let message: String = lines
        .take(300)
        .collect::<String>()
        .chars()
        .take(20_000)
        .collect();
    assert!(message.len() > 15_000);
    assert_eq!(
        is_given_back(&with_tags(10, &message).cloud(), WITH_MESSAGE),
        End::Done
    );
}

#[test]
fn what_there_is_no_room_to_remember_is_said_before_and_after_and_the_rest_is_given_back() {
    // Nothing makes this one shorter.
    let mut seed = 1_u64;
    let noise = std::iter::repeat_with(|| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((seed >> 33) % 90).unwrap())
    });
    let message = format!(
        "{{username}} {{####}} {}",
        noise.take(19_000).collect::<String>()
    );
    let world = with_tags(40, &message);
    let before = world.cloud().pool_field("people", "EmailConfiguration");
    let warnings =
        |plan: Plan| -> Vec<String> { plan.warnings.into_iter().map(|it| it.text).collect() };
    let told = warnings(world.plan(WITH_MESSAGE).unwrap());
    assert!(
        matches!(&told[..], [one] if one.contains("invitation_message.email_message is now is too long")),
        "{told:?}"
    );
    world.apply(WITH_MESSAGE);
    world.is_settled(WITH_MESSAGE);
    let told = warnings(world.plan_to_destroy(WITH_MESSAGE));
    assert!(
        matches!(&told[..], [one] if one.contains("invitation_message.email_message stays as it is")),
        "{told:?}"
    );
    world.destroy(WITH_MESSAGE);
    assert_eq!(
        world.cloud().pool_field("people", "EmailConfiguration"),
        before
    );
    assert_eq!(
        world
            .cloud()
            .pool_field("people", "UserPoolTags")
            .as_object()
            .unwrap()
            .len(),
        40
    );
    assert!(world.plan_to_destroy(WITH_MESSAGE).is_empty());
}

#[test]
fn where_aws_takes_no_more_tags_nothing_is_begun() {
    let world = with_tags(49, "{username} {####}");
    let error = world.plan(WITH_MESSAGE).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.message.contains("AWS takes 50 tags"), "{error}");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn the_plan_of_a_file_that_declares_nothing_any_more_says_what_its_apply_gives_back() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "people" }),
    );
    world.later();
    let before = shown(&world);
    let nothing = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";
    world.apply(&format!(
        "{nothing}[user_pool]\nexisting = true\nname = \"people\"\n\
         [user_pool.password_policy]\nminimum_length = 12\n"
    ));
    world.later();
    let plan = world.plan(nothing).unwrap();
    assert!(
        matches!(&plan.steps[..], [pool] if pool.gives_back),
        "{:?}",
        told(&plan)
    );
    world.apply(nothing);
    is_alike(&shown(&world), &before, nothing);
    world.is_settled(nothing);
}
