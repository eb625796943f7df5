use super::*;
use crate::spec::{Live, group::Group};
use std::sync::Arc;

/// A kind like a group, with nothing particular about it.
const fn kind(name: &'static str, parent: &'static str) -> Traits {
    Traits {
        name,
        parent,
        normal: Value::clone,
        ..Traits::of::<Group>()
    }
}

/// The shapes that occur: a pool with a domain of its own life, an API with a stage that comes
/// last, and a function that is found by its name.
const KINDS: &[Traits] = &[
    Traits {
        rename_on: &["name"],
        hidden: &["environment"],
        whole: &["environment"],
        ..kind("function", "stack")
    },
    kind("permission", "function"),
    Traits {
        replace_on: &["sign_in"],
        ..kind("user pool", "stack")
    },
    kind("client", "user pool"),
    Traits {
        goes_with_parent: false,
        ..kind("domain", "user pool")
    },
    kind("REST API", "stack"),
    kind("authorizer", "REST API"),
    kind("route", "REST API"),
    Traits {
        after_siblings: true,
        ..kind("stage", "REST API")
    },
];

fn at(text: &str) -> Address {
    text.parse().unwrap()
}

fn declared(kind: &'static str, address: &str, parent: Option<&str>, spec: Value) -> Desired {
    let name = address.to_owned();
    Desired {
        kind,
        address: at(address),
        parent: parent.map(at),
        name,
        spec: spec.into(),
        ..Desired::default()
    }
}

fn found(kind: &'static str, address: &str, parent: Option<&str>, spec: Value, id: &str) -> Live {
    Live {
        parent: parent.map(at),
        spec: spec.into(),
        outputs: json!({ "id": id }),
        ..Live::owned(kind, at(address))
    }
}

fn desired() -> Vec<Desired> {
    vec![
        declared(
            "function",
            "functions.f",
            None,
            json!({"name": "f", "environment": {"A": "1"}}),
        ),
        declared(
            "user pool",
            "user_pool",
            None,
            json!({"name": "p", "sign_in": ["email"]}),
        ),
        declared(
            "client",
            "user_pool.clients.spa",
            Some("user_pool"),
            json!({"urls": ["a"]}),
        ),
        declared(
            "domain",
            "user_pool.domain",
            Some("user_pool"),
            json!({"prefix": "x"}),
        ),
        declared("REST API", "api", None, json!({"name": "a"})),
        declared(
            "permission",
            "functions.f.permissions.p",
            Some("functions.f"),
            json!({"source": "${api.id}/x"}),
        ),
        declared(
            "authorizer",
            "api.authorizers.c",
            Some("api"),
            json!({"pool": "${user_pool.id}"}),
        ),
        declared(
            "route",
            "api.routes.r",
            Some("api"),
            json!({"uses": "${functions.f.id}", "by": "${api.authorizers.c.id}"}),
        ),
        declared(
            "stage",
            "api.stage",
            Some("api"),
            json!({"deployment": "${api.content.digest}"}),
        ),
    ]
}

fn live() -> Vec<Live> {
    let content = content(&desired(), &BTreeMap::new(), KINDS);
    let known = KnownOutputs::from([
        (at("user_pool"), json!({"id": "pool-1"})),
        (at("api"), json!({"id": "api-1"})),
        (at("functions.f"), json!({"id": "f-1"})),
        (at("api.authorizers.c"), json!({"id": "auth-1"})),
    ]);
    let digest = content_digest(&content[&at("api")], &known).unwrap();
    vec![
        found(
            "function",
            "functions.f",
            None,
            json!({"name": "f", "environment": {"A": "1"}}),
            "f-1",
        ),
        found(
            "permission",
            "functions.f.permissions.p",
            Some("functions.f"),
            json!({"source": "api-1/x"}),
            "perm-1",
        ),
        found(
            "user pool",
            "user_pool",
            None,
            json!({"name": "p", "sign_in": ["email"]}),
            "pool-1",
        ),
        found(
            "client",
            "user_pool.clients.spa",
            Some("user_pool"),
            json!({"urls": ["a"]}),
            "client-1",
        ),
        found(
            "domain",
            "user_pool.domain",
            Some("user_pool"),
            json!({"prefix": "x"}),
            "domain-1",
        ),
        found("REST API", "api", None, json!({"name": "a"}), "api-1"),
        found(
            "authorizer",
            "api.authorizers.c",
            Some("api"),
            json!({"pool": "pool-1"}),
            "auth-1",
        ),
        found(
            "route",
            "api.routes.r",
            Some("api"),
            json!({"uses": "f-1", "by": "auth-1"}),
            "route-1",
        ),
        found(
            "stage",
            "api.stage",
            Some("api"),
            json!({"deployment": digest["digest"]}),
            "stage-1",
        ),
    ]
}

fn planned(desired: &[Desired], live: Vec<Live>) -> Plan {
    plan(Input {
        desired,
        live,
        kinds: KINDS,
        known: KnownOutputs::new(),
        undeclared: Undeclared::Delete,
        lacks: vec![],
    })
    .unwrap()
}

fn actions(plan: &Plan) -> Vec<(Action, String)> {
    plan.steps
        .iter()
        .map(|step| (step.action, step.address.to_string()))
        .collect()
}

/// The order in which a run that always takes the first ready piece of work does it; panics when
/// the steps wait for one another in a circle.
fn run(plan: &Plan) -> Vec<String> {
    let mut waiting: Vec<Node> = vec![];
    for (index, step) in plan.steps.iter().enumerate() {
        waiting.extend(step.makes().then_some((index, Phase::Make)));
        waiting.extend((!step.late.is_empty()).then_some((index, Phase::Finish)));
        waiting.extend(step.removes().then_some((index, Phase::Remove)));
    }
    let (mut done, mut order) = (BTreeSet::new(), vec![]);
    while !waiting.is_empty() {
        let is_ready = |node: &Node| {
            let step = &plan.steps[node.0];
            let needs = match node.1 {
                Phase::Make => &step.make_after,
                Phase::Finish => &step.finish_after,
                Phase::Remove => &step.remove_after,
            };
            needs.iter().all(|need| done.contains(need))
        };
        let ready = waiting.iter().position(is_ready).expect("no circle");
        let node = waiting.remove(ready);
        done.insert(node);
        order.push(format!("{:?} {}", node.1, plan.steps[node.0].address));
    }
    order
}

fn before(order: &[String], first: &str, then: &str) -> bool {
    let place = |what: &str| {
        order
            .iter()
            .position(|it| it == what)
            .unwrap_or_else(|| panic!("no {what}: {order:?}"))
    };
    place(first) < place(then)
}

#[test]
fn what_is_as_declared_gives_an_empty_plan() {
    let plan = planned(&desired(), live());
    assert!(plan.is_empty(), "{:?}", actions(&plan));
    assert_eq!(plan.unchanged, 9);
}

#[test]
fn what_is_missing_is_created_after_what_it_refers_to() {
    let plan = planned(&desired(), vec![]);
    assert_eq!(plan.count(Action::Create), 9);
    let order = run(&plan);
    assert!(before(&order, "Make user_pool", "Make api.authorizers.c"));
    assert!(before(
        &order,
        "Make api.authorizers.c",
        "Make api.routes.r"
    ));
    assert!(before(&order, "Make api.routes.r", "Make api.stage"));
}

#[test]
fn replacing_a_pool_removes_its_domain_first_and_updates_its_authorizer() {
    let mut desired = desired();
    Arc::make_mut(&mut desired[1].spec)["sign_in"] = json!(["phone"]);
    let plan = planned(&desired, live());
    let order = run(&plan);
    assert!(before(
        &order,
        "Remove user_pool.domain",
        "Remove user_pool"
    ));
    assert!(before(&order, "Remove user_pool", "Make user_pool"));
    assert!(before(
        &order,
        "Make user_pool",
        "Make user_pool.clients.spa"
    ));
    assert!(before(&order, "Make user_pool", "Make api.authorizers.c"));
    assert!(
        before(&order, "Make api.authorizers.c", "Make api.stage"),
        "the change is deployed"
    );
    let authorizer = plan
        .steps
        .iter()
        .find(|step| step.address == at("api.authorizers.c"))
        .unwrap();
    assert_eq!(authorizer.action, Action::Update);
}

#[test]
fn a_renamed_function_is_made_beside_the_old_one_which_goes_after_the_deployment() {
    let mut desired = desired();
    Arc::make_mut(&mut desired[0].spec)["name"] = json!("g");
    let order = run(&planned(&desired, live()));
    assert!(before(&order, "Make functions.f", "Make api.routes.r"));
    assert!(before(&order, "Make api.stage", "Remove functions.f"));
}

#[test]
fn what_an_interrupted_rename_left_is_deleted() {
    let mut desired = desired();
    Arc::make_mut(&mut desired[0].spec)["name"] = json!("g");
    let mut live = live();
    live.push(found(
        "function",
        "functions.f",
        None,
        json!({"name": "g", "environment": {"A": "1"}}),
        "f-2",
    ));
    let plan = planned(&desired, live);
    let leftover = plan
        .steps
        .iter()
        .find(|step| step.action == Action::Delete)
        .unwrap();
    assert_eq!(leftover.live.as_ref().unwrap().outputs["id"], "f-1");
    assert_eq!(leftover.reason.as_deref(), Some(REPLACED_BEFORE));
}

#[test]
fn an_undeclared_route_is_deleted_before_the_api_is_deployed() {
    let mut live = live();
    live.push(found(
        "route",
        "api.routes.admin",
        Some("api"),
        json!({}),
        "route-2",
    ));
    let plan = planned(&desired(), live);
    let expected = [
        (Action::Delete, "api.routes.admin".into()),
        (Action::Update, "api.stage".into()),
    ];
    assert_eq!(actions(&plan), expected);
    assert_eq!(run(&plan), ["Remove api.routes.admin", "Make api.stage"]);
    assert_eq!(plan.steps[0].reason.as_deref(), Some(NOT_DECLARED));
}

#[test]
fn what_is_undeclared_is_only_reported_when_the_file_says_so() {
    let mut live = live();
    live.push(found(
        "route",
        "api.routes.admin",
        Some("api"),
        json!({}),
        "route-2",
    ));
    let input = Input {
        desired: &desired(),
        live,
        kinds: KINDS,
        known: KnownOutputs::new(),
        undeclared: Undeclared::Warn,
        lacks: vec![],
    };
    let plan = plan(input).unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.warnings[0].address, at("api.routes.admin"));
}

#[test]
fn what_only_somebody_else_can_have_set_is_taken_back_and_deployed() {
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|it| match it.name {
            "REST API" => Traits {
                beyond: &["policy", "settings"],
                ..*it
            },
            _ => *it,
        })
        .collect();
    let mut live = live();
    let api = live.iter_mut().find(|it| it.kind == "REST API").unwrap();
    Arc::make_mut(&mut api.spec)["policy"] = json!("{}");
    Arc::make_mut(&mut api.spec)["settings"] = json!({ "GET /a.b": false, "other": 1 });
    let known = KnownOutputs::new();
    let plan = plan(Input {
        desired: &desired(),
        live,
        kinds: &kinds,
        known,
        undeclared: Undeclared::Delete,
        lacks: vec![],
    });
    let plan = plan.unwrap();
    let told = |step: &Step| {
        step.changes
            .iter()
            .map(|it| it.path.clone())
            .collect::<Vec<_>>()
    };
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|it| (it.address.to_string(), told(it)))
        .collect();
    let api = ["policy", "settings.GET /a.b", "settings.other"].map(ToOwned::to_owned);
    assert_eq!(
        steps,
        [
            ("api".into(), api.into()),
            ("api.stage".into(), vec!["deployment".to_owned()])
        ]
    );
}

#[test]
fn what_has_to_go_first_blocks_a_plan_that_deletes_and_no_other() {
    let by = Obstacle {
        what: "its custom domain a.example.com".into(),
        command: "aws …".into(),
    };
    let with = |desired: &[Desired]| {
        let mut live = live();
        let pool = live.iter_mut().find(|it| it.kind == "user pool").unwrap();
        pool.obstacles = vec![by.clone()];
        pool.set_elsewhere = vec!["its trigger".into()];
        let undeclared = Undeclared::Delete;
        plan(Input {
            desired,
            live,
            kinds: KINDS,
            known: KnownOutputs::new(),
            undeclared,
            lacks: vec![],
        })
        .unwrap()
    };
    let destroy = with(&[]);
    assert_eq!(
        destroy.blocked,
        [Blocked {
            address: at("user_pool"),
            by: by.clone()
        }]
    );
    let apply = with(&desired());
    assert!(apply.blocked.is_empty() && apply.steps.is_empty());
    assert_eq!(apply.set_elsewhere.len(), 1);
}

#[test]
fn a_repaired_route_is_deployed_although_the_digest_is_the_same() {
    let mut live = live();
    Arc::make_mut(&mut live[7].spec)["by"] = json!("");
    let plan = planned(&desired(), live);
    assert_eq!(
        actions(&plan),
        [
            (Action::Update, "api.routes.r".into()),
            (Action::Update, "api.stage".into())
        ]
    );
    let change = &plan.steps[1].changes[0];
    assert_eq!(change.old, change.new);
}

#[test]
fn a_function_without_its_route_goes_after_the_api_is_deployed() {
    let mut desired = desired();
    desired.retain(|it| it.kind != "function" && it.kind != "route");
    let order = run(&planned(&desired, live()));
    assert!(before(&order, "Remove api.routes.r", "Make api.stage"));
    assert!(before(&order, "Make api.stage", "Remove functions.f"));
}

#[test]
fn destroying_removes_the_api_before_the_function_and_the_domain_before_the_pool() {
    let order = run(&planned(&[], live()));
    assert!(before(&order, "Remove api", "Remove functions.f"));
    assert!(before(
        &order,
        "Remove user_pool.domain",
        "Remove user_pool"
    ));
    assert_eq!(order.len(), 9);
}

#[test]
fn a_resource_of_that_name_that_is_not_ours_is_refused() {
    for (owner, word) in [
        (Owner::Nobody, "not made by wsctl"),
        (Owner::Stack("other".into()), "`other`"),
    ] {
        let mut live = live();
        live[2].owner = owner;
        let input = Input {
            desired: &desired(),
            live,
            kinds: KINDS,
            known: KnownOutputs::new(),
            undeclared: Undeclared::Delete,
            lacks: vec![],
        };
        let error = plan(input).err().unwrap();
        assert!(
            error.message.contains(word) && error.message.starts_with("user_pool:"),
            "{error}"
        );
    }
}

#[test]
fn a_foreign_namesake_beside_our_own_is_left_alone() {
    let mut live = live();
    let mut namesake = live[2].clone();
    namesake.owner = Owner::Nobody;
    live.insert(0, namesake);
    assert!(planned(&desired(), live).is_empty());
}

#[test]
fn two_pools_with_our_tags_are_refused_by_id() {
    let mut live = live();
    let mut second = live[2].clone();
    second.outputs = json!({"id": "pool-2"});
    live.push(second);
    let input = Input {
        desired: &desired(),
        live,
        kinds: KINDS,
        known: KnownOutputs::new(),
        undeclared: Undeclared::Delete,
        lacks: vec![],
    };
    let error = plan(input).err().unwrap();
    assert!(
        error.message.contains("pool-1") && error.message.contains("pool-2"),
        "{error}"
    );
}

#[test]
fn a_plan_never_holds_a_live_environment_or_a_value_from_the_environment() {
    let mut desired = desired();
    Arc::make_mut(&mut desired[0].spec)["environment"] = json!({"A": "${env.TOKEN}"});
    let mut live = live();
    Arc::make_mut(&mut live[0].spec)["environment"] =
        json!({"A": "old-canary", "B": "extra-canary"});
    let known = KnownOutputs::from([(at("env"), json!({"TOKEN": "new-canary"}))]);
    let input = Input {
        desired: &desired,
        live,
        kinds: KINDS,
        known,
        undeclared: Undeclared::Delete,
        lacks: vec![],
    };
    let text = serde_json::to_string(&plan(input).unwrap()).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert!(
        text.contains("environment.A") && text.contains("environment.B"),
        "{text}"
    );
}

#[test]
fn a_pool_with_users_that_would_go_is_counted_as_a_loss() {
    let mut live = live();
    live[2].holds = Some("12 users".into());
    live[2].protected = true;
    let plan = planned(&[], live);
    assert_eq!(
        plan.losses,
        [Loss {
            address: at("user_pool"),
            name: "p".into(),
            what: "12 users".into()
        }]
    );
    assert_eq!(plan.protected, [at("user_pool")]);
}

/// A new function beside the old one, as an apply that was cut off left them.
fn half_renamed() -> Vec<Live> {
    let mut all = live();
    let mut old = all.iter().find(|it| it.kind == "function").unwrap().clone();
    Arc::make_mut(&mut old.spec)["name"] = json!("old");
    old.outputs["id"] = json!("old-1");
    let permission = all.iter_mut().find(|it| it.kind == "permission").unwrap();
    permission.parent_outputs = old.outputs.clone().into();
    all.push(old);
    all
}

#[test]
fn a_child_of_a_function_that_is_left_over_is_none_of_the_new_one() {
    let plan = planned(&desired(), half_renamed());
    run(&plan);
    let of = |address: &str| {
        let steps = plan.steps.iter().filter(|it| it.address == at(address));
        steps.map(|it| it.action).collect::<Vec<_>>()
    };
    assert_eq!(of("functions.f"), [Action::Delete]);
    assert_eq!(
        of("functions.f.permissions.p"),
        [Action::Create, Action::Delete]
    );
    let deletion = plan
        .steps
        .iter()
        .find(|it| it.kind == "permission" && it.removes())
        .unwrap();
    assert!(deletion.goes_along);
}

#[test]
fn a_domain_that_is_not_declared_goes_before_its_pool_is_made_anew() {
    let mut desired = desired();
    desired.retain(|it| it.kind != "domain");
    Arc::make_mut(&mut desired[1].spec)["sign_in"] = json!(["phone_number"]);
    let order = run(&planned(&desired, live()));
    let pool = order.iter().position(|it| it == "Remove user_pool");
    assert!(
        order.iter().position(|it| it == "Remove user_pool.domain") < pool,
        "{order:?}"
    );
}

fn renamed(old: &Desired, address: &str, name: &str) -> Desired {
    declared(old.kind, address, None, json!({ "name": name }))
}

#[test]
fn a_table_renamed_without_moved_from_is_refused_with_the_line_to_write() {
    let mut desired = desired();
    desired[0] = renamed(&desired[0], "functions.g", "f");
    desired.retain(|it| !["permission", "route"].contains(&it.kind));
    let input = |desired: &[Desired]| {
        plan(Input {
            desired,
            live: live(),
            kinds: KINDS,
            known: KnownOutputs::new(),
            undeclared: Undeclared::Delete,
            lacks: vec![],
        })
    };
    let error = input(&desired).err().unwrap();
    assert_eq!(
        error.message,
        "functions.g: the function `f` is functions.f of this stack"
    );
    let line = "to keep what is there, write moved_from = \"functions.f\" in [functions.g]";
    assert_eq!(error.hint.as_deref(), Some(line));
    desired[0].lifecycle.moved_from = Some(at("functions.f"));
    assert_eq!(
        actions(&input(&desired).unwrap())[0],
        (Action::Update, "functions.g".into())
    );
}

#[test]
fn a_client_under_another_name_is_hinted_at_and_its_id_is_not_lost_without_a_word() {
    let mut desired = desired();
    desired[2] = declared(
        "client",
        "user_pool.clients.web",
        Some("user_pool"),
        json!({"name": "w", "urls": ["a"]}),
    );
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|it| {
            if it.name == "client" {
                Traits {
                    lost: "its id changes",
                    ..*it
                }
            } else {
                *it
            }
        })
        .collect();
    let input = Input {
        desired: &desired,
        live: live(),
        kinds: &kinds,
        known: KnownOutputs::new(),
        undeclared: Undeclared::Delete,
        lacks: vec![],
    };
    let plan = plan(input).unwrap();
    let hints: Vec<_> = plan
        .notes
        .iter()
        .map(|it| format!("{}: {}", it.address, it.text))
        .collect();
    assert_eq!(hints.len(), 1, "{hints:?}");
    assert!(
        hints[0].contains("write moved_from = \"user_pool.clients.spa\""),
        "{hints:?}"
    );
    let replaced: Vec<_> = plan
        .replacements()
        .map(|it| (it.address.to_string(), it.lost))
        .collect();
    assert_eq!(
        replaced,
        [("user_pool.clients.web".to_owned(), Some("its id changes"))]
    );
}

#[test]
fn an_older_deployment_has_one_digest_and_a_new_one_is_the_same_by_either() {
    assert!(
        deployed::is_same("a", "a.b")
            && deployed::is_same("a.b", "a.c")
            && deployed::is_same("c.b", "a.b")
    );
    assert!(
        !deployed::is_same("a", "b.a")
            && !deployed::is_same("", "a.b")
            && !deployed::is_same("", "")
    );
}
