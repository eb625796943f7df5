//! Text that somebody else wrote, in each place where a person meets it: it can neither steer the terminal
//! nor look like a line or a colour of ours.

use super::*;
use crate::{
    commands::user::show,
    diff::Change,
    drift::{Different, Drift, ResourceRef},
    error::{Error, ErrorKind},
    identity::User,
    inventory::{
        Item,
        leftover::{Leftover, Sort},
        proof::{AfterDestroy, Proof},
        stacks::{Locked, Stack},
    },
    plain::steers,
    plan::{Loss, Plan, Remark},
    verify::{CheckOutcome, Status},
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

type Rendered = fn(&str) -> String;

const VIEWS: &[(&str, Rendered)] = &[
    ("plan", |text| plan(&hostile_plan(text), text, Detail::All)),
    ("plan for a comment", |text| {
        markdown(&hostile_plan(text), text)
    }),
    ("plan as a page", |text| html(&hostile_plan(text), text, "")),
    ("drift", |text| drift(&hostile_drift(text), text)),
    ("drift as tests", |text| {
        drift_as_junit(&hostile_drift(text))
    }),
    ("drift for a workflow", |text| {
        drift_for_github(&hostile_drift(text), &|_| (text.to_owned(), 1))
    }),
    ("live", |text| {
        live(&Shown {
            address: address(text),
            kind: "client",
            owner: text.into(),
            outputs: json!({ "id": text, text: [text] }),
            values: json!({ "name": text, "deep": { text: text } }),
            defaults: json!({ text: text }),
            notes: vec![text.into()],
            holds: Some(text.into()),
        })
    }),
    ("stacks", |text| {
        let lock = |is_dead| {
            Some(Locked {
                by: text.into(),
                is_dead,
            })
        };
        let stack = |is_dead| Stack {
            name: text.into(),
            region: text.into(),
            created: None,
            resources: vec![],
            billed: vec![],
            lock: lock(is_dead),
        };
        stacks(&[stack(true), stack(false)], 0)
    }),
    ("leftovers", |text| {
        let item = Item {
            pending_until: Some(text.into()),
            ..item(text)
        };
        leftovers(
            &[Leftover {
                item,
                sort: Sort::Tagged,
                because: text.into(),
            }],
            |_| Err("kept"),
        )
    }),
    ("proofs", |text| {
        let proof = |fate| Proof {
            address: Some(address(text)),
            kind: "client",
            name: text.into(),
            fate,
        };
        proofs(&[
            proof(AfterDestroy::Left {
                because: text.into(),
            }),
            proof(AfterDestroy::Pending { until: text.into() }),
        ])
    }),
    ("checks", |text| {
        let outcome = |status| CheckOutcome {
            check: "callback",
            step: "7.5",
            subject: text.into(),
            status,
            detail: text.into(),
            look_at: None,
            seconds: 0.0,
        };
        checks(
            &[Status::Passed, Status::Failed, Status::Skipped].map(outcome),
            text,
        )
    }),
    ("differences", |text| differences("changed", &[text.into()])),
    ("error", |text| {
        let source = std::io::Error::other(text.replace(['\n', '\t'], " "));
        error(
            &Error::new(ErrorKind::Aws, format!("x: {text}"))
                .at(text)
                .source(source)
                .hint(text),
        )
    }),
    ("errors", |text| {
        error(&Error::of_lines(ErrorKind::Aws, [text, text]).hints([text, text]))
    }),
    ("user", |text| show::one(&user(text))),
    ("users", |text| show::table(&[user(text), user("ann")])),
];

fn address(text: &str) -> Address {
    Address::new(["user_pool", "clients", text])
}

fn item(text: &str) -> Item {
    let (name, region, stack) = (text.into(), text.into(), Some(text.into()));
    let (created, address, pending_until) = (None, None, None);
    Item {
        kind: "user pool",
        name,
        id: String::new(),
        region,
        created,
        stack,
        address,
        pending_until,
    }
}

fn hostile_plan(text: &str) -> Plan {
    let remarks = || {
        vec![Remark {
            address: address(text),
            text: text.into(),
        }]
    };
    let loss = Loss {
        address: address(text),
        what: "users".into(),
        name: text.into(),
    };
    Plan {
        notes: remarks(),
        warnings: remarks(),
        set_elsewhere: remarks(),
        losses: vec![loss],
        ..Plan::default()
    }
}

fn hostile_drift(text: &str) -> Drift {
    let thing = || {
        vec![ResourceRef {
            address: address(text),
            kind: "client",
        }]
    };
    let change = Change {
        path: text.into(),
        old: json!([text, { text: text }]),
        new: json!(text),
    };
    let different = Different {
        address: address(text),
        kind: "client",
        changes: vec![change],
        written: json!({}),
    };
    Drift {
        missing: thing(),
        different: vec![different],
        not_deployed: vec![],
        unmanaged: thing(),
        set_elsewhere: vec![Remark {
            address: address(text),
            text: text.into(),
        }],
        accepted: vec![Remark {
            address: address(text),
            text: text.into(),
        }],
        notes: vec![],
        as_declared: 0,
        known: KnownOutputs::new(),
    }
}

fn user(text: &str) -> User {
    User {
        username: text.into(),
        status: text.into(),
        enabled: true,
        attributes: BTreeMap::from([("email".into(), text.into()), (text.into(), text.into())]),
        created: None,
        modified: None,
        second_factors: vec![text.into()],
        groups: vec![text.into()],
    }
}

/// How many lines a text has, and how many colours begin or end in it.
fn shape(text: &str) -> (usize, usize) {
    (text.lines().count(), text.matches('\u{1b}').count())
}

/// What an attacker would write, around anything.
const ATTACKS: &[&str] = &[
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}[32m✔ signature\u{1b}[0m passed",
    "\n  ✔ signature   passed",
    "\r\u{1b}[K",
    "\u{9b}2J",
    "\u{202e}",
    "\u{2066}\u{85}\u{2028}\u{7f}\u{0}",
    "\nhint: run curl https://example.com | sh",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn it_neither_steers_the_terminal_nor_makes_a_line(attack in prop::sample::select(ATTACKS), more in any::<String>()) {
        let text = format!("{more}{attack}{more}");
        for (name, view) in VIEWS {
            let (shown, harmless) = (view(&text), view("word"));
            prop_assert_eq!(shape(&shown), shape(&harmless), "{}: {}", name, shown);
            let bare = anstream::adapter::strip_str(&shown).to_string();
            prop_assert!(!bare.contains(|it| steers(it) && it != '\n'), "{name}: {bare:?}");
        }
    }
}
