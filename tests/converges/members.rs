//! Every member of every answer is read, taken back, told or ignored for a reason (`members.txt`); a
//! new one of AWS's is noticed, and whatever somebody sets behind wsctl's back is what the list says.

use super::{
    applied::is_alike,
    stacks::{Declares, stack},
    world::{NAME, World, models},
};
use aws_in_memory::{Cloud, PART_KINDS, PartKind, model::Member, parts::Part};
use serde_json::{Value, json};
use std::sync::OnceLock;
use wsctl::{diff::Change, drift::Drift, plan::Remark};

const LIST: &str = include_str!("members.txt");

/// What becomes of a member.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    Read,
    TakenBack(Value),
    Told(Value),
    Ignored,
}

/// A line of the list.
struct Line {
    service: &'static str,
    operation: String,
    path: String,
    fate: Fate,
    /// Whose member it is, and the path down to that; empty where nothing is to be set.
    of: (String, String),
}

fn lines() -> Vec<Line> {
    let (mut service, mut operation) = ("", "");
    let mut owners: Vec<(&str, &str)> = vec![];
    let mut found = vec![];
    for line in LIST
        .lines()
        .filter(|it| !it.trim().is_empty() && !it.starts_with('#'))
    {
        let Some(indented) = line.strip_prefix("  ") else {
            (service, operation) = line.split_once(' ').unwrap();
            owners.clear();
            continue;
        };
        if let Some(owner) = indented.strip_prefix('@') {
            let (path, owner) = owner.split_once(' ').unwrap();
            owners.push((owner, path));
            continue;
        }
        let (path, what) = indented.split_once(": ").unwrap();
        let value = |text: &str| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{line}: {error}"))
        };
        let fate = match what {
            "read" => Fate::Read,
            _ => match what
                .split_once("taken back ")
                .or_else(|| what.split_once("told "))
            {
                Some(("", text)) if what.starts_with("told") => Fate::Told(value(text)),
                Some(("", text)) => Fate::TakenBack(value(text)),
                _ => {
                    let reason = what.strip_prefix("ignored, ").unwrap_or_default();
                    assert!(reason.len() > 5, "{line}: no reason");
                    Fate::Ignored
                }
            },
        };
        let owner = owners
            .iter()
            .filter(|(_, above)| path.starts_with(above))
            .max_by_key(|it| it.1.len());
        let (owner, above) = owner.copied().unwrap_or_default();
        found.push(Line {
            service,
            operation: operation.to_owned(),
            path: path.to_owned(),
            fate,
            of: (owner.to_owned(), above.to_owned()),
        });
    }
    let is_listed = |kind: &&PartKind| found.iter().any(|it| it.operation == list_of(kind));
    let others: Vec<_> = PART_KINDS.iter().filter(|it| !is_listed(it)).collect();
    found.extend(others.into_iter().flat_map(all_taken_back));
    found
}

fn list_of(kind: &PartKind) -> String {
    format!("List{}s", kind.noun)
}

/// The members of a pool's part that the list says nothing of: its name is its name, and whatever else is
/// changed in it is seen and taken back.
fn all_taken_back(kind: &PartKind) -> Vec<Line> {
    let (operation, owner) = (list_of(kind), format!("{}s[]", kind.noun));
    let members = models().answer("cognito-idp", &operation);
    let line = |path: &str, fate| Line {
        service: "cognito-idp",
        operation: operation.clone(),
        path: path.to_owned(),
        fate,
        of: (kind.noun.to_owned(), owner.clone()),
    };
    let own = members.iter().filter_map(|it| {
        let member = it.path.strip_prefix(&format!("{owner}."))?;
        let fate = match member {
            "UserPoolId" => Fate::Read,
            _ if member == kind.key => Fate::Read,
            _ if kind.reserved.contains(&member) => Fate::Ignored,
            _ if member.contains(['.', '[', '{']) => return None,
            _ => Fate::TakenBack(models().sample("cognito-idp", &it.shape)),
        };
        Some(line(&it.path, fate))
    });
    own.chain([line("NextToken", Fate::Read)]).collect()
}

fn covers(line: &Line, member: &str) -> bool {
    member
        .strip_prefix(line.path.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{']))
}

#[test]
fn every_member_of_every_answer_has_its_line_and_every_line_its_member() {
    let (lines, mut unknown, mut stale) = (lines(), vec![], vec![]);
    let mut operations: Vec<_> = lines
        .iter()
        .map(|it| (it.service, it.operation.as_str()))
        .collect();
    operations.dedup();
    for (service, operation) in operations {
        let members = models().answer(service, operation);
        let own: Vec<_> = lines
            .iter()
            .filter(|it| it.operation == operation)
            .collect();
        let is_unknown =
            |member: &&Member| member.is_leaf && !own.iter().any(|it| covers(it, &member.path));
        unknown.extend(
            members
                .iter()
                .filter(is_unknown)
                .map(|it| format!("{operation} {}", it.path)),
        );
        let is_stale = |line: &&&Line| !members.iter().any(|member| covers(line, &member.path));
        stale.extend(
            own.iter()
                .filter(is_stale)
                .map(|it| format!("{operation} {}", it.path)),
        );
    }
    assert!(unknown.is_empty(), "not decided: {unknown:#?}");
    assert!(stale.is_empty(), "not in the model: {stale:#?}");
}

#[test]
fn every_operation_that_a_plan_asks_is_in_the_list() {
    let world = applied();
    world.wire.take();
    world.plan(text()).unwrap();
    let lines = lines();
    // Who is asking, what carries which tag, whether a name is taken and the account logs: these find
    // things and describe none.
    let finding = [
        "GetAccount",
        "GetCallerIdentity",
        "GetRole",
        "GetResources",
        // Which of them has a key.
        "GetUsagePlans",
        "ListUserPoolClients",
        "ListTagsForResource",
    ];
    let finding = [
        &finding[..],
        &[
            "ListRolePolicies",
            "ListAttachedRolePolicies",
            "ListRoleTags",
        ],
    ]
    .concat();
    for asked in world.wire.take().into_iter().map(|it| it.asked) {
        // API Gateway and Lambda have paths in place of names.
        let by_path = asked.operation.split_once(' ').and_then(|(method, path)| {
            let path = path.split('?').next().unwrap_or_default();
            models()
                .service(&asked.service)?
                .route(method, path)
                .map(|(operation, _)| operation)
        });
        let operation = by_path.unwrap_or(&asked.operation);
        let is_listed = lines.iter().any(|it| it.operation == operation);
        assert!(
            is_listed || finding.contains(&operation),
            "{}",
            asked.name()
        );
    }
}

/// A stack with one of everything.
pub(super) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut choices = vec![1; 500];
        choices[0] = 0;
        stack(&choices, Declares::All)
    })
}

/// A world in which that is applied.
pub(super) fn applied() -> World {
    static CLOUD: OnceLock<Cloud> = OnceLock::new();
    let cloud = CLOUD.get_or_init(|| {
        let world = World::new();
        world.apply(text());
        world.is_settled(text());
        world.cloud()
    });
    let world = World::of(cloud.clone());
    world.later();
    world
}

/// What the members of an owner are laid over, and below which of its members.
fn parts(cloud: &Cloud, owner: &str) -> Vec<(Part, &'static str)> {
    let is_preflight = |verb: &str| verb == "OPTIONS";
    let parts = cloud
        .parts(NAME)
        .into_iter()
        .filter_map(|part| match (owner, &part) {
            ("api", Part::Api(_)) => Some((part, "")),
            ("method", Part::Method(..)) => Some((part, "")),
            ("integration", Part::Method(_, _, verb)) if !is_preflight(verb) => {
                Some((part, "methodIntegration"))
            }
            ("authorizer", Part::Authorizer(..)) => Some((part, "")),
            ("key", Part::ApiKey(_)) => Some((part, "")),
            ("plan", Part::UsagePlan(_)) => Some((part, "")),
            ("domain name", Part::DomainName(_)) => Some((part, "")),
            ("base path", Part::BasePath(..)) => Some((part, "")),
            ("risks", Part::Risks(_)) => Some((part, "")),
            ("model", Part::Model(..)) => Some((part, "")),
            ("validator", Part::Validator(..)) => Some((part, "")),
            ("response", Part::Response(..)) => Some((part, "")),
            ("stage", Part::Stage(..)) => Some((part, "")),
            ("settings", Part::Stage(..)) => Some((part, "methodSettings.*/*")),
            ("pool", Part::Pool(_)) => Some((part, "")),
            ("factors", Part::Pool(id)) => Some((Part::Factors(id.clone()), "")),
            ("client", Part::Client(..)) => Some((part, "")),
            (owner, Part::Named(noun, ..)) if owner == *noun => Some((part, "")),
            ("function", Part::Function(_)) => Some((part, "Configuration")),
            ("concurrency", Part::Function(_)) => Some((part, "Concurrency")),
            ("log group", Part::LogGroup(_)) => Some((part, "")),
            ("secret", Part::Secret(_)) => Some((part, "")),
            _ => None,
        });
    parts.collect()
}

/// `value` at a line's path below its owner.
fn fields(line: &Line, below: &str, value: Value) -> Value {
    let rest = line.path[line.of.1.len()..].trim_start_matches('.');
    let keys: Vec<_> = below
        .split('.')
        .chain(rest.split('.'))
        .filter(|it| !it.is_empty())
        .collect();
    keys.into_iter()
        .rev()
        .fold(value, |inner, key| json!({ key: inner }))
}

/// Every thing that can have the member, each in a world in which somebody has set it so.
fn each(line: &Line, value: &Value, check: impl Fn(&World, &str)) -> usize {
    let there = parts(&applied().cloud(), &line.of.0);
    assert!(
        !there.is_empty(),
        "nothing has {} {}",
        line.operation,
        line.path
    );
    for (part, below) in &there {
        let world = applied();
        world.edit(|cloud| cloud.put(part, &fields(line, below, value.clone())));
        check(
            &world,
            &format!("{} {} of {part:?} is {value}", line.operation, line.path),
        );
    }
    there.len()
}

/// The file, which takes these as they are.
pub(super) fn accepting(text: &str, remarks: &[Remark]) -> String {
    let lines: Vec<_> = remarks.iter().map(Remark::line).collect();
    format!("{text}\n[drift]\naccept = {}\n", json!(lines))
}

fn changes(world: &World) -> (Vec<Change>, Drift) {
    let plan = world.plan(text()).unwrap();
    (
        plan.steps
            .iter()
            .flat_map(|it| it.changes.clone())
            .collect(),
        Drift::of(&plan),
    )
}

#[test]
fn what_is_set_behind_our_back_is_a_difference_and_taken_back() {
    let before = applied().owned();
    let mut count = 0;
    for line in lines() {
        let Fate::TakenBack(value) = &line.fate else {
            continue;
        };
        count += each(&line, value, |world, what| {
            let (changes, drift) = changes(world);
            assert!(!changes.is_empty() && drift.count() > 0, "not seen: {what}");
            world.apply(text());
            world.is_settled(text());
            is_alike(&world.owned(), &before, what);
        });
    }
    assert!(count >= 25, "only {count} were tried");
}

#[test]
fn what_wsctl_does_not_judge_is_told_and_counts_as_drift() {
    let mut count = 0;
    for line in lines() {
        let Fate::Told(value) = &line.fate else {
            continue;
        };
        count += each(&line, value, |world, what| {
            let (changes, drift) = changes(world);
            assert_eq!(changes, [], "{what}");
            assert!(
                drift.set_elsewhere.len() == 1 && drift.count() == 1,
                "not told: {what}"
            );
            let accepted = world.drift(&accepting(text(), &drift.set_elsewhere));
            assert!(
                accepted.count() == 0 && accepted.accepted.len() == 1,
                "not accepted: {what}"
            );
            let again = world.try_apply(text()).unwrap();
            assert!(again.results.is_empty(), "{what}: {:#?}", again.results);
        });
    }
    assert!(count > 3, "only {count} were tried");
}

#[test]
fn what_has_to_go_before_a_deletion_is_in_the_plan_and_a_plan_without_it_succeeds() {
    let world = applied();
    let replica = json!({ "ReplicationStatus": [{ "Region": "eu-west-2", "Status": "InSync" }] });
    for part in world.cloud().parts(NAME) {
        let (fields, command) = match &part {
            Part::LogGroup(_) => (
                json!({ "deletionProtectionEnabled": true }),
                "put-log-group-deletion-protection",
            ),
            Part::Secret(_) => (replica.clone(), "remove-regions-from-replication"),
            _ => continue,
        };
        let blocked = World::of(world.cloud());
        blocked.edit(|cloud| cloud.put(&part, &fields));
        blocked.later();
        let plan = blocked.plan_to_destroy(text());
        let commands: Vec<_> = plan
            .blocked
            .iter()
            .map(|it| it.by.command.clone())
            .collect();
        assert!(
            commands.len() == 1 && commands[0].contains(command),
            "{part:?}: {commands:?}"
        );
        // AWS itself refuses.
        let report = blocked.try_destroy(text()).unwrap();
        assert!(!report.is_complete(), "{part:?}");
    }
    assert!(world.plan_to_destroy(text()).blocked.is_empty());
    world.destroy(text());
}

#[test]
fn what_is_ignored_makes_no_difference() {
    let mut count = 0;
    for line in lines()
        .iter()
        .filter(|it| it.fate == Fate::Ignored && !it.of.0.is_empty())
    {
        let members = models().answer(line.service, &line.operation);
        let member = members.iter().find(|it| it.path == line.path).unwrap();
        let value = models().sample(line.service, &member.shape);
        count += each(line, &value, |world, what| {
            let (changes, drift) = changes(world);
            assert_eq!(changes, [], "{what}");
            assert_eq!(drift.count(), 0, "{what}");
        });
    }
    assert!(count > 100, "only {count} were tried");
}
