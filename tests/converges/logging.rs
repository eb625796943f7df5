//! What callers of an API rely on, and what its logs need, is told by the plan.

use super::world::World;
use crate::support::wire::Verdict;
use wsctl::engine::Outcome;

fn text(stage: &str, more: &str) -> String {
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"
[user_pool]\nname = \"made\"\n[user_pool.clients.web]\nname = \"site\"\n[user_pool.groups.admins]
[functions.f]\nname = \"made-0\"\nzip = \"users.zip\"
[api]\nname = \"made-api\"\n[api.stage]\nname = \"{stage}\"\n{more}
[api.routes]\n\"GET /\" = {{ function = \"f\", authorizer = \"none\" }}\n"
    )
}

fn without_a_role() -> World {
    let world = World::new();
    world.edit(|cloud| cloud.strict.no_logging_role = true);
    world
}

const LOGS: [&str; 3] = [
    "logging_level = \"ERROR\"",
    "logging_level = \"INFO\"",
    "access_logs = {}",
];

#[test]
fn an_account_without_a_role_for_logs_is_told_before_anything_is_made() {
    for logs in LOGS {
        let world = without_a_role();
        let error = world.try_apply(&text("dev", logs)).err().unwrap();
        assert!(
            error
                .message
                .starts_with("api.stage: the account has no role"),
            "{error}"
        );
        assert!(
            error
                .hint
                .unwrap()
                .contains("op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN")
        );
        assert_eq!(world.writes(), Vec::<String>::new());
        let plain = text("dev", "logging_level = \"OFF\"");
        world.apply(&plain);
        assert_eq!(asked(&world), 0, "nothing needs it");
        world.later();
        assert!(
            world.try_apply(&text("dev", logs)).is_err(),
            "switched on later"
        );
        world.is_settled(&plain);
    }
}

#[test]
fn an_account_may_be_given_the_role_once_and_keeps_it() {
    for logs in LOGS {
        let may = "[account]\napi_gateway_logging = true\n";
        let text = format!("{may}{}", text("dev", logs));
        let world = without_a_role();
        let plan = world.plan(&text).unwrap();
        let warns = plan
            .warnings
            .iter()
            .filter(|it| it.text.contains("wsctl-api-gateway-logs"));
        assert_eq!(warns.count(), 1);
        world.apply(&text);
        world.is_settled(&text);
        let set = |world: &World| -> Vec<String> {
            let of_account = ["UpdateAccount", "/account", "AttachRolePolicy"];
            let writes = world.writes().into_iter();
            writes
                .filter(|it| of_account.iter().any(|what| it.contains(what)))
                .collect()
        };
        assert_eq!(set(&world).len(), 2);
        world.destroy(&text);
        world.later();
        // The next stack finds it set, and writes nothing of the account's.
        set(&world);
        world.apply(&text);
        assert_eq!(set(&world), Vec::<String>::new());
        world.is_settled(&text);
    }
}

#[test]
fn a_role_for_logs_that_was_cut_off_is_made_and_set_by_the_next_apply() {
    let text = format!(
        "[account]\napi_gateway_logging = true\n{}",
        text("dev", LOGS[0])
    );
    for cut in ["CreateRole", "AttachRolePolicy", "/account"] {
        let world = without_a_role();
        world.wire.on(move |asked| {
            let is_ours = asked.body.contains("wsctl-api-gateway-logs");
            match is_ours && asked.writes() && asked.operation.contains(cut) {
                true => Verdict::refusal(400, "ValidationError"),
                false => Verdict::Pass,
            }
        });
        let report = world.try_apply(&text).unwrap();
        assert!(
            report
                .results
                .iter()
                .any(|it| matches!(it.outcome, Outcome::Failed(_))),
            "{cut}"
        );
        world.wire.on(|_| Verdict::Pass);
        world.later();
        world.apply(&text);
        world.is_settled(&text);
    }
}

#[test]
fn a_role_that_is_set_is_left_as_it_is() {
    let world = World::new();
    let text = format!(
        "[account]\napi_gateway_logging = true\n{}",
        text("dev", LOGS[0])
    );
    world.apply(&text);
    assert!(
        !world.writes().iter().any(|it| it.contains("account")),
        "{:?}",
        world.writes()
    );
    world.is_settled(&text);
}

#[test]
fn the_role_is_asked_for_once_and_a_plan_that_may_not_ask_only_warns() {
    for logs in LOGS {
        let world = World::new();
        let text = text("dev", logs);
        world.plan(&text).unwrap();
        assert_eq!(asked(&world), 1);
        world
            .wire
            .on(|asked| match asked.operation.contains("/account") {
                true => Verdict::refusal(403, "AccessDeniedException"),
                false => Verdict::Pass,
            });
        let warns = |world: &World| {
            let plan = world.plan(&text).unwrap();
            plan.warnings
                .iter()
                .any(|it| it.text.contains("cannot be read"))
        };
        assert!(warns(&world));
        world.apply(&text);
        world.later();
        assert!(!warns(&world), "the logs are written already");
    }
}

fn asked(world: &World) -> usize {
    world
        .wire
        .take()
        .iter()
        .filter(|it| it.asked.operation.contains("/account"))
        .count()
}

/// What may be made only with an explicit word, and what is lost with it.
fn replaced(world: &World, text: &str) -> Vec<(String, &'static str)> {
    let plan = world.plan(text).unwrap();
    plan.replacements()
        .map(|it| (it.address.to_string(), it.lost.unwrap_or_default()))
        .collect()
}

#[test]
fn a_rename_that_changes_what_callers_use_needs_a_word_and_a_repair_does_not() {
    let (before, world) = (text("dev", ""), World::new());
    world.apply(&before);
    world.later();
    for (renamed, address, lost) in [
        (text("live", ""), "api.stage", "the API's URL changes"),
        (
            before.replace("\"site\"", "\"app\""),
            "user_pool.clients.web",
            "the client id changes",
        ),
        (
            before.replace("admins", "owners"),
            "user_pool.groups.owners",
            "members",
        ),
        (
            before.replace("made-0", "made-1"),
            "functions.f",
            "its ARN changes",
        ),
    ] {
        let replaced = replaced(&world, &renamed);
        assert!(
            replaced
                .iter()
                .any(|it| it.0 == address && it.1.contains(lost)),
            "{replaced:?}"
        );
        let again = World::of(world.cloud());
        again.apply(&renamed);
        again.is_settled(&renamed);
    }
    world.edit(|cloud| cloud.open_to_everyone("made-0"));
    assert_eq!(
        replaced(&world, &before),
        [],
        "a permission that is put right"
    );
    world.apply(&before);
    let writes = world.writes();
    let [added, removed] = ["POST", "DELETE"].map(|verb| {
        writes
            .iter()
            .position(|it| it.contains(verb) && it.contains("/policy"))
    });
    assert!(
        added.is_some() && added < removed,
        "nobody is shut out in between: {writes:?}"
    );
    world.is_settled(&before);
}
