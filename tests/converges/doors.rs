//! A door that somebody puts beside a resource is no member of any answer that a plan reads: `drift` asks
//! for it, tells it, and takes it as it is where the file says so, until it changes.

use super::{
    members::{accepting, applied, text},
    world::{NAME, World},
};
use aws_in_memory::{Cloud, parts::Part};
use serde_json::{Value, json};

const ELSEWHERE: &str = "arn:aws:lambda:eu-west-1:210987654321:function:x";

/// What somebody puts there, of what, and a change of it: the member and its new value.
struct Door {
    operation: &'static str,
    of: String,
    value: Value,
    change: (&'static str, Value),
}

fn door(operation: &'static str, of: &str, value: Value, change: (&'static str, Value)) -> Door {
    Door {
        operation,
        of: of.to_owned(),
        value,
        change,
    }
}

/// A statement as [`Door::value`] of a policy has it.
fn policy(who: &str) -> Value {
    let statement =
        json!({ "Sid": "a", "Effect": "Allow", "Principal": { "AWS": who }, "Action": "*" });
    json!(json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
}

/// Every door that the part can have.
fn doors(cloud: &Cloud, part: &Part) -> Vec<Door> {
    match part {
        Part::Client(_, id) if cloud.has_secret(id) => {
            let secret = |id: &str, date: f64| json!({ "ClientSecretId": id, "ClientSecretCreateDate": date });
            let both = json!([secret("one", 1.0), secret("other", 2.0)]);
            vec![door(
                "ListUserPoolClientSecrets",
                id,
                both,
                ("ClientSecretId", json!("third")),
            )]
        }
        Part::Function(name) => of_a_function(name),
        Part::LogGroup(name) => {
            let filter =
                json!({ "filterName": "tap", "destinationArn": ELSEWHERE, "logGroupName": name });
            let other = (
                "destinationArn",
                json!("arn:aws:kinesis:eu-west-1:210987654321:stream/x"),
            );
            vec![door("DescribeSubscriptionFilters", name, filter, other)]
        }
        Part::Secret(name) => {
            let arn = cloud.secret_arn(name);
            vec![door(
                "GetResourcePolicy",
                &arn,
                policy("210987654321"),
                ("", policy("*")),
            )]
        }
        Part::Api(id) => {
            let mapping = json!({ "basePath": "v1", "restApiId": id, "stage": "dev" });
            vec![door(
                "GetBasePathMappings",
                "others.example.com",
                mapping,
                ("basePath", json!("v2")),
            )]
        }
        _ => vec![],
    }
}

fn of_a_function(name: &str) -> Vec<Door> {
    let url = |auth: &str| {
        json!({ "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "AuthType": auth,
        "FunctionArn": ELSEWHERE, "CreationTime": "2026-01-01T00:00:00Z", "LastModifiedTime": "2026-01-01T00:00:00Z" })
    };
    let queue = |name: &str| json!(format!("arn:aws:sqs:eu-west-1:210987654321:{name}"));
    let events = json!({ "UUID": "a", "EventSourceArn": queue("a"), "State": "Enabled" });
    let kafka = json!({ "UUID": "b", "State": "Disabled" });
    let at = |part: &str| format!("{name}:{part}");
    vec![
        door(
            "ListFunctionUrlConfigs",
            name,
            url("AWS_IAM"),
            ("AuthType", json!("NONE")),
        ),
        door(
            "ListFunctionUrlConfigs",
            name,
            url("NONE"),
            ("FunctionUrl", json!("https://y.on.aws/")),
        ),
        door(
            "ListEventSourceMappings",
            name,
            events.clone(),
            ("EventSourceArn", queue("b")),
        ),
        door("ListEventSourceMappings", name, kafka, ("UUID", json!("c"))),
        door(
            "ListEventSourceMappings",
            &at("live"),
            events,
            ("EventSourceArn", queue("b")),
        ),
        door(
            "GetPolicy",
            &at("live"),
            policy("210987654321"),
            ("", policy("*")),
        ),
    ]
}

fn open(world: &World, door: &Door) {
    world.edit(|cloud| {
        // Two at once, where one alone is no door.
        let all = door
            .value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![door.value.clone()]);
        all.into_iter()
            .for_each(|it| cloud.open(door.operation, &door.of, it));
        if door.operation == "GetBasePathMappings" {
            cloud.open("GetDomainNames", "", json!({ "domainName": door.of }));
        }
        if let Some((function, alias)) = door.of.split_once(':').filter(|it| it.1 == "live") {
            cloud.open(
                "ListAliases",
                function,
                json!({ "Name": alias, "FunctionVersion": "1" }),
            );
        }
    });
}

#[test]
fn every_door_is_told_and_counts_until_the_file_accepts_it_and_again_when_it_changes() {
    let cloud = applied().cloud();
    let (mut count, mut operations) = (0, std::collections::BTreeSet::new());
    for part in cloud.parts(NAME) {
        for door in doors(&cloud, &part) {
            let (world, what) = (applied(), format!("{} of {part:?}", door.operation));
            let before = world.drift(text());
            assert_eq!(
                before.count(),
                0,
                "{what}: {:#?}",
                serde_json::to_value(&before).unwrap()
            );
            open(&world, &door);
            let drift = world.drift(text());
            assert!(
                drift.set_elsewhere.len() == 1 && drift.count() == 1,
                "not told: {what}"
            );
            // Nothing that wsctl could take back, and nothing that an apply touches.
            assert!(world.plan(text()).unwrap().is_empty(), "{what}");
            let accepted = accepting(text(), &drift.set_elsewhere);
            let taken = world.drift(&accepted);
            assert!(
                taken.count() == 0 && taken.accepted == drift.set_elsewhere,
                "not accepted: {what}"
            );
            let (member, value) = door.change;
            world.edit(|cloud| cloud.change_door(door.operation, &door.of, member, value));
            let changed = world.drift(&accepted);
            assert_eq!(
                (changed.count(), changed.accepted.len()),
                (1, 0),
                "its change is not told: {what}"
            );
            assert!(
                changed
                    .notes
                    .iter()
                    .any(|it| it.text.contains("the line can go")),
                "{what}"
            );
            (count, _) = (count + 1, operations.insert(door.operation));
        }
    }
    assert!(
        count > 12 && operations.len() == 7,
        "only {count} were tried: {operations:?}"
    );
}

#[test]
fn what_a_reference_stands_for_is_accepted_and_a_secret_of_the_environment_is_not_shown() {
    let (world, parts) = (applied(), applied().cloud().parts(NAME));
    let ids = parts.into_iter().filter_map(|it| match it {
        Part::Api(id) => Some(id),
        _ => None,
    });
    let domain = format!("api.{}.example.com", super::world::ACCOUNT);
    world.edit(|cloud| {
        cloud.open("GetDomainNames", "", json!({ "domainName": domain }));
        for (index, id) in ids.enumerate().take(1) {
            let mapping =
                json!({ "restApiId": id, "basePath": format!("v{index}"), "stage": "live" });
            cloud.open("GetBasePathMappings", &domain, mapping);
        }
    });
    let told = world.drift(text()).set_elsewhere;
    let line = told[0].line();
    let line = line.replace(super::world::ACCOUNT, "${stack.account}");
    let file = format!(
        "{}\n[drift]\naccept = [{line:?}, \"${{env.KEY}}\"]\n",
        text()
    );
    let world = world.with_environment([("KEY".to_owned(), "canary".to_owned())].into());
    let drift = world.drift(&file);
    assert_eq!((drift.count(), drift.accepted.len()), (0, 1));
    let notes = format!("{:?}", drift.notes);
    assert!(
        notes.contains("${env.KEY}") && !notes.contains("canary"),
        "{notes}"
    );
}

#[test]
fn a_plan_asks_for_no_door_and_drift_asks_once_for_each() {
    let world = applied();
    let asked = |world: &World| -> Vec<String> {
        world
            .wire
            .take()
            .into_iter()
            .map(|it| format!("{} {}", it.asked.operation, it.asked.body))
            .collect()
    };
    world.wire.take();
    world.plan(text()).unwrap();
    let plan = asked(&world);
    world.drift(text());
    let drift = asked(&world);
    assert!(
        !plan
            .iter()
            .any(|it| it.contains("ListUserPoolClientSecrets") || it.contains("event-source"))
    );
    let mut more: Vec<_> = drift.iter().filter(|it| !plan.contains(it)).collect();
    let all = more.len();
    more.sort();
    more.dedup();
    assert_eq!(more.len(), all, "{more:#?}");
    // What is lacked for what is to be made, only a plan asks.
    let less: Vec<_> = plan.iter().filter(|it| !drift.contains(it)).collect();
    assert!(
        less.iter().all(|it| it.starts_with("GET /account")),
        "{less:#?}"
    );
    assert_eq!(drift.len() + less.len(), plan.len() + all);
}
