//! What is not wsctl's, and what others do to what is.

use super::{
    applied::is_alike,
    cases, choices,
    sample::is_one_in,
    stacks::{Declares, stack},
    world::{NAME, World},
};
use proptest::prelude::*;
use serde_json::json;

const API: &str = "apigateway";
const POOLS: &str = "cognito-idp";

/// Things that look like the stack's: the same names without tags, another stack's tags, names
/// that begin alike.
fn look_alikes(world: &World) {
    let other = json!({ "wsctl:stack": "made-2", "wsctl:address": "user_pool" });
    for name in ["made-pool", "other-pool"] {
        world.somebody(POOLS, "CreateUserPool", json!({ "PoolName": name }));
        world.somebody(
            POOLS,
            "CreateUserPool",
            json!({ "PoolName": name, "UserPoolTags": other }),
        );
    }
    for name in ["made-api", "other-api"] {
        world.somebody(API, "CreateRestApi", json!({ "name": name }));
        world.somebody(API, "CreateRestApi", json!({ "name": name, "tags": other }));
    }
    for name in ["made-0x", "renamed-0-2", "mad"] {
        world.somebody(
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": format!("/aws/lambda/{name}") }),
        );
        let trust = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
        let role =
            json!({ "RoleName": format!("{name}-eu-west-1"), "AssumeRolePolicyDocument": trust });
        world.somebody("iam", "CreateRole", role);
        let path = "/wsctl/eu-west-1/made-2/function0/";
        let tags = json!([{ "Key": "wsctl:stack", "Value": "made-2" }]);
        let role = json!({ "RoleName": format!("{name}-2"), "Path": path, "Tags": tags,
            "AssumeRolePolicyDocument": trust });
        world.somebody("iam", "CreateRole", role);
        world.somebody(
            "secretsmanager",
            "CreateSecret",
            json!({ "Name": format!("{name}/0-x"), "Tags": tags }),
        );
        let function = json!({ "FunctionName": format!("{name}-y"), "Role": "arn:aws:iam::123456789012:role/x",
            "Runtime": "nodejs22.x", "Handler": "index.handler",
            "Code": {}, "Tags": { "wsctl:stack": "made-2" } });
        world.somebody("lambda", "CreateFunction", function);
    }
}

proptest! {
    #![proptest_config(cases(300))]
    #[test]
    fn look_alikes_are_neither_changed_nor_in_the_way(before in choices(), after in choices()) {
        let (before, after) = (stack(&before, Declares::Some), stack(&after, Declares::Some));
        let world = World::new();
        world.apply(&before);
        world.later();
        look_alikes(&world);
        world.later();
        let foreign = world.foreign();
        // Where no pool or API of the stack's is there yet, one of the same name is in the way.
        if let Ok(report) = world.try_apply(&after) {
            prop_assert!(report.is_complete(), "{:#?}\n{before}\n────\n{after}", report.results);
        }
        is_alike(&world.foreign(), &foreign, "after an apply");
        world.later();
        world.destroy(&after);
        prop_assert_eq!(world.names(), Vec::<String>::new());
        is_alike(&world.foreign(), &foreign, "after a destroy");
        world.is_innocent();
    }
}

/// A stack with one of everything.
pub(super) fn of_everything() -> String {
    let mut choices = vec![1; 500];
    choices[0] = 0;
    stack(&choices, Declares::All)
}

#[test]
fn whatever_disappears_one_apply_mends_it() {
    let (text, world) = (of_everything(), World::new());
    world.apply(&text);
    world.is_settled(&text);
    let (whole, expected) = (world.cloud(), world.owned());
    let parts = whole.parts(NAME);
    assert!(parts.len() > 20, "{parts:?}");
    for (index, one) in parts.iter().enumerate() {
        for (position, other) in parts.iter().enumerate().skip(index) {
            // Each alone, and pairs of every distance.
            if position != index && !is_one_in(6, index + position) {
                continue;
            }
            let mut cloud = whole.clone();
            // The second may have gone with the first.
            [one, other].into_iter().for_each(|part| cloud.lose(part));
            let world = World::of(cloud);
            world.later();
            world.apply(&text);
            world.is_innocent();
            is_alike(&world.owned(), &expected, &format!("{one:?} and {other:?}"));
        }
    }
}
