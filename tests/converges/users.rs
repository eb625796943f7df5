//! Users are lost with their pool, and the pool's number of them is an estimate that lags: nobody is
//! lost who was not named.

use super::world::World;
use crate::support::wire::{Asked, Verdict};
use serde_json::json;
use wsctl::plan::Plan;

const POOLS: &str = "cognito-idp";

const TEXT: &str =
    "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"people\"
sign_in = [\"email\"]\n[user_pool.clients.web]\nname = \"web\"\n";

fn pool(world: &World) -> serde_json::Value {
    world.memory().cloud().pool_field("people", "Id")
}

fn signs_up(world: &World, name: &str) {
    world.somebody(
        POOLS,
        "AdminCreateUser",
        json!({ "UserPoolId": pool(world), "Username": name }),
    );
}

fn made() -> World {
    let world = World::new();
    world.apply(TEXT);
    world.later();
    world.writes();
    world
}

fn losses(plan: &Plan) -> Vec<(&str, &str)> {
    plan.losses
        .iter()
        .map(|it| (it.name.as_str(), it.what.as_str()))
        .collect()
}

/// Every way in which the pool goes: its destruction, its table's, a replacement.
fn plans(world: &World) -> [Plan; 3] {
    let without = TEXT.split("[user_pool]").next().unwrap().replace(
        "eu-west-1\"\n",
        "eu-west-1\"\n[secrets.x]\nname = \"x\"\ngenerate = [\"password\"]\n",
    );
    let replaced = TEXT.replace("\"email\"", "\"phone_number\"");
    [
        world.plan_to_destroy(TEXT),
        world.plan(&without).unwrap(),
        world.plan(&replaced).unwrap(),
    ]
}

/// How often users were asked for since the last look.
fn looks(world: &World) -> usize {
    world
        .wire
        .take()
        .iter()
        .filter(|it| it.asked.operation == "ListUsers")
        .count()
}

#[test]
fn users_that_the_estimate_does_not_know_are_told_wherever_the_pool_goes() {
    let world = made();
    for plan in plans(&world) {
        assert_eq!(losses(&plan), []);
    }
    signs_up(&world, "ann");
    for plan in plans(&world) {
        assert_eq!(losses(&plan), [("people", "at least 1 user")]);
    }
    // The estimate alone says it, a day later: nobody has to be asked for.
    world.pass(std::time::Duration::from_secs(25 * 3600));
    world.wire.take();
    for plan in plans(&world) {
        assert_eq!(losses(&plan), [("people", "1 user")]);
    }
    assert_eq!(looks(&world), 0);
}

#[test]
fn only_a_plan_in_which_the_pool_goes_asks_for_users() {
    let world = made();
    world.wire.take();
    world.plan(TEXT).unwrap();
    world.apply(&TEXT.replace("\"web\"\n", "\"other\"\n"));
    assert_eq!(looks(&world), 0);
    world.plan_to_destroy(TEXT);
    assert_eq!(looks(&world), 1);
}

#[test]
fn who_may_not_list_users_has_to_say_that_they_may_be_lost() {
    let world = made();
    world
        .wire
        .on(|asked: &Asked| match asked.operation.as_str() {
            "ListUsers" => Verdict::refusal(400, "AccessDeniedException"),
            _ => Verdict::Pass,
        });
    for plan in plans(&world) {
        assert!(
            matches!(losses(&plan)[..], [("people", what)] if what.contains("unknown number")),
            "{:?}",
            plan.losses
        );
    }
}

#[test]
fn who_signs_up_between_the_plan_and_the_deletion_is_not_lost() {
    let world = made();
    let (memory, id, mut asked_for) = (world.memory(), pool(&world), 0);
    world.wire.on(move |asked: &Asked| {
        asked_for += usize::from(asked.operation == "ListUsers");
        if asked.operation == "ListUsers" && asked_for == 2 {
            let user = json!({ "UserPoolId": id, "Username": "ann" });
            memory.cloud().call(POOLS, "AdminCreateUser", user).unwrap();
        }
        Verdict::Pass
    });
    let report = world.try_destroy(TEXT).unwrap();
    assert!(!report.is_complete());
    assert!(!pool(&world).is_null(), "the pool is there, with its user");
    world.wire.on(|_| Verdict::Pass);
    assert_eq!(
        losses(&world.plan_to_destroy(TEXT)),
        [("people", "at least 1 user")]
    );
    // Named by who agreed to the loss, they go.
    world.destroy(TEXT);
    assert!(pool(&world).is_null());
}

#[test]
fn a_pool_that_is_only_attached_never_goes_and_nobody_is_asked_for() {
    let world = World::new();
    world.somebody(POOLS, "CreateUserPool", json!({ "PoolName": "people" }));
    world.later();
    signs_up(&world, "ann");
    let text = TEXT.replace(
        "sign_in = [\"email\"]",
        "existing = true\nself_registration = false",
    );
    world.apply(&text);
    let plan = world.plan_to_destroy(&text);
    assert_eq!((losses(&plan), looks(&world)), (vec![], 0));
}
