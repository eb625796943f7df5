//! What the file alone cannot tell, and the plan tells at the file's line before anything is done.

use super::world::{NAME, World};
use serde_json::json;

fn file(client: &str) -> String {
    format!(
        "[stack]\nname = \"{NAME}\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"people\"\n\
         [user_pool.clients.web]\nname = \"web\"\n{client}\n"
    )
}

/// What the plan says, shown at line 8.
fn refusal(world: &World, client: &str) -> String {
    let error = world
        .plan(&file(client))
        .err()
        .unwrap_or_else(|| panic!("{client} is planned"));
    assert!(error.message.contains("--> stack.toml:8:"), "{error}");
    error.message
}

#[test]
fn a_client_that_rotates_takes_no_flow_for_refreshing_and_the_plan_says_which_line_it_does_take() {
    let world = World::new();
    assert!(
        world
            .try_apply(&file("auth_flows = [\"ALLOW_USER_SRP_AUTH\"]"))
            .unwrap()
            .is_complete()
    );
    world.later();
    world.edit(|cloud| {
        cloud.set_on_clients(
            "web",
            &json!({ "RefreshTokenRotation": { "Feature": "ENABLED" } }),
        )
    });
    for others in [
        &["ALLOW_USER_SRP_AUTH"][..],
        &["ALLOW_CUSTOM_AUTH", "ALLOW_USER_SRP_AUTH"],
        &[],
    ] {
        let flows = |extra: &[&str]| {
            let all: Vec<_> = others
                .iter()
                .chain(extra)
                .map(|it| format!("{it:?}"))
                .collect();
            format!("auth_flows = [{}]", all.join(", "))
        };
        let said = refusal(&world, &flows(&["ALLOW_REFRESH_TOKEN_AUTH"]));
        assert!(
            said.contains(&format!("help: write {}", flows(&[]))),
            "{said}"
        );
        if !others.is_empty() {
            assert!(world.try_apply(&file(&flows(&[]))).unwrap().is_complete());
            assert!(world.plan(&file(&flows(&[]))).unwrap().is_empty());
        }
    }
}

#[test]
fn what_a_pool_cannot_have_that_is_only_now_made_is_refused_before_it_is_made() {
    for client in [
        "read_attributes = [\"custom:level\"]",
        "write_attributes = [\"email\", \"custom:level\"]",
    ] {
        let world = World::new();
        let said = refusal(&world, client);
        assert!(
            said.contains("a pool that wsctl makes has n")
                || said.contains("the pool that wsctl makes has no"),
            "{said}"
        );
        assert!(world.try_apply(&file("")).unwrap().is_complete());
        world.later();
        assert!(
            world.plan(&file(client)).is_ok(),
            "a pool that is there may have it: {client}"
        );
    }
}

#[test]
fn what_takes_a_clients_place_in_an_attached_pool_has_nothing_of_the_client() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "people" }),
    );
    world.later();
    let file = |client: &str| {
        let file = file(client).replace("[user_pool]\n", "[user_pool]\nexisting = true\n");
        assert!(file.contains("existing"));
        file
    };
    let (urls, scopes) = (
        "callback_urls = [\"https://example.com/\"]\n",
        "oauth_scopes = [\"openid\"]\n",
    );
    let (grants, default) = (
        "oauth_grants = [\"code\"]\n",
        "default_redirect_uri = \"https://example.com/\"\n",
    );
    assert!(
        world
            .try_apply(&file(&[urls, scopes, grants, default].concat()))
            .unwrap()
            .is_complete()
    );
    world.later();
    for left_out in [
        [grants, scopes].concat(),
        [grants, urls].concat(),
        default.to_owned(),
    ] {
        assert!(
            world.plan(&file(&left_out)).unwrap().is_empty(),
            "what is there goes on: {left_out}"
        );
        let error = world
            .plan(&file(&format!("{left_out}secret = true\n")))
            .err()
            .unwrap();
        assert!(error.message.contains("--> stack.toml:9:"), "{error}");
        assert!(
            error.message.contains("callback") || error.message.contains("scopes"),
            "{error}"
        );
    }
    let whole = file(&[urls, scopes, grants, default, "secret = true\n"].concat());
    assert!(world.plan(&whole).is_ok());
}
