//! An identity pool and the roles that trust it: each needs the other, nothing is made twice, and what somebody
//! else lets in is taken back.

use super::{given_back::moments, world::World};
use serde_json::{Value, json};
use wsctl::cli::ImportArgs;

const IDENTITY: &str = "cognito-identity";
const STACK: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n";
const POOL: &str = "[user_pool]\nname = \"people\"\n[user_pool.clients.web]\nname = \"web\"\n\
    [user_pool.groups.admins]\nrole = \"${identity_pool.roles.admin.arn}\"\n";
const IDENTITIES: &str = "[identity_pool]\nname = \"people\"\nclients = [\"web\"]\nallow_unauthenticated = true\n\
    authenticated_role = \"member\"\nunauthenticated_role = \"guest\"\n\
    role_mappings = [{ provider = \"web\", otherwise = \"authenticated_role\" }]\n";
const ROLES: &str = "[identity_pool.roles.member]\n\
    allow = [{ actions = [\"execute-api:Invoke\"], resources = [\"${api.execute_arn}/*\"] }]\n\
    [identity_pool.roles.guest]\n[identity_pool.roles.admin]\n\
    allow = [{ actions = [\"cognito-idp:ListUsers\"], resources = [\"${user_pool.arn}\"] }]\n";
const USERS: &str = "[functions.users]\nname = \"users\"\nzip = \"users.zip\"\n\
    environment = { IDENTITIES = \"${identity_pool.id}\", ADMIN = \"${identity_pool.roles.admin.arn}\" }\n\
    [api]\nname = \"api\"\n[api.stage]\nname = \"dev\"\n[api.routes]\n\
    \"GET /users\" = { function = \"users\", authorizer = \"none\" }\n";
const TRIGGER: &str = "[user_pool.triggers]\npost_confirmation = \"users\"\n";

fn whole() -> String {
    [STACK, POOL, TRIGGER, IDENTITIES, ROLES, USERS].concat()
}

fn id(world: &World) -> String {
    let all = world
        .cloud()
        .call(IDENTITY, "ListIdentityPools", json!({ "MaxResults": 60 }));
    let all = all.unwrap()["IdentityPools"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    all[0]["IdentityPoolId"].as_str().unwrap().to_owned()
}

fn of(world: &World, operation: &str) -> Value {
    let input = json!({ "IdentityPoolId": id(world) });
    world.cloud().call(IDENTITY, operation, input).unwrap()
}

#[test]
fn a_circle_through_a_trigger_a_group_and_its_role_is_made_changed_and_destroyed() {
    let world = World::new();
    world.writes();
    world.apply(&whole());
    let made = world.writes();
    world.is_settled(&whole());
    let place = |what: &str| made.iter().position(|it| it.contains(what)).unwrap();
    assert!(
        place("CreateIdentityPool") < place("SetIdentityPoolRoles"),
        "{made:#?}"
    );
    let roles = made.iter().filter(|it| it.contains("SetIdentityPoolRoles"));
    assert_eq!(roles.count(), 1, "{made:#?}");
    let other = whole()
        .replace(
            "authenticated_role = \"member\"",
            "authenticated_role = \"admin\"",
        )
        .replace(
            "allow_unauthenticated = true",
            "server_side_token_check = true",
        )
        .replace("unauthenticated_role = \"guest\"\n", "");
    world.apply(&other);
    world.is_settled(&other);
    assert_eq!(
        of(&world, "DescribeIdentityPool")["AllowUnauthenticatedIdentities"],
        json!(false),
        "nobody says that guests may, and the identity pool is wsctl's"
    );
    world.destroy(&other);
    assert_eq!(world.names(), Vec::<String>::new());
    world.is_innocent();
}

/// Cut off at each write, and once more.
#[test]
fn whatever_is_cut_off_there_is_one_identity_pool_with_its_roles_afterwards() {
    for text in [
        whole(),
        [STACK, POOL, IDENTITIES, ROLES]
            .concat()
            .replace("${api.execute_arn}/*", "*"),
    ] {
        let moments = moments(&World::new().cloud(), |world| world.apply(&text));
        assert!(moments.len() > 8, "{}", moments.len());
        for moment in moments {
            let mut moment = moment;
            moment.hush();
            let world = World::of(moment);
            world.later();
            world.apply(&text);
            world.is_settled(&text);
            let roles = of(&world, "GetIdentityPoolRoles");
            let count = roles["Roles"].as_object().map(serde_json::Map::len);
            assert_eq!(count, Some(2), "{roles}");
        }
    }
}

/// Who the roles are for follows from what names them, by name or by reference.
#[test]
fn a_role_that_becomes_the_guests_trusts_them_alone() {
    let world = World::new();
    let refers = whole().replace("\"guest\"", "\"${identity_pool.roles.guest.arn}\"");
    world.apply(&refers);
    world.is_settled(&refers);
    world.is_settled(&whole());
    let swapped = whole()
        .replace(
            "authenticated_role = \"member\"",
            "authenticated_role = \"MEMBER\"",
        )
        .replace(
            "\nunauthenticated_role = \"guest\"",
            "\nunauthenticated_role = \"member\"",
        )
        .replace("\"MEMBER\"", "\"guest\"");
    world.apply(&swapped);
    world.is_settled(&swapped);
    let trust = |name: &str| {
        let input = json!({ "RoleName": format!("made-{name}-eu-west-1") });
        let role = world.cloud().call("iam", "GetRole", input).unwrap();
        role["Role"]["AssumeRolePolicyDocument"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        trust("member").contains("%22unauthenticated%22"),
        "{}",
        trust("member")
    );
    assert!(
        trust("guest").contains("%22authenticated%22"),
        "{}",
        trust("guest")
    );
}

#[test]
fn what_somebody_else_lets_in_is_a_difference_and_taken_back() {
    let world = World::new();
    let plain = format!("{STACK}[identity_pool]\nname = \"people\"\n");
    world.apply(&plain);
    let id = id(&world);
    let before = world.owned();
    let arn = |kind: &str| format!("arn:aws:iam::123456789012:{kind}/other");
    let tags = of(&world, "DescribeIdentityPool")["IdentityPoolTags"].clone();
    let doors = [
        json!({ "AllowUnauthenticatedIdentities": true }),
        json!({ "AllowClassicFlow": true }),
        json!({ "SupportedLoginProviders": { "accounts.google.com": "1.example" } }),
        json!({ "OpenIdConnectProviderARNs": [arn("oidc-provider")] }),
        json!({ "SamlProviderARNs": [arn("saml-provider")] }),
        json!({ "CognitoIdentityProviders": [{
            "ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other", "ClientId": "other" }] }),
    ];
    for door in doors {
        let mut input = json!({ "IdentityPoolId": id, "IdentityPoolName": "people",
            "AllowUnauthenticatedIdentities": false, "IdentityPoolTags": tags });
        input
            .as_object_mut()
            .unwrap()
            .extend(door.as_object().unwrap().clone());
        world.somebody(IDENTITY, "UpdateIdentityPool", input);
        assert!(!world.plan(&plain).unwrap().is_empty(), "{door}");
        world.apply(&plain);
        world.is_settled(&plain);
        assert_eq!(world.owned(), before, "{door}");
    }
    for of in ["authenticated", "unauthenticated"] {
        let input = json!({ "IdentityPoolId": id, "Roles": { of: arn("role") } });
        world.somebody(IDENTITY, "SetIdentityPoolRoles", input);
        assert!(!world.plan(&plain).unwrap().is_empty(), "{of}");
        world.apply(&plain);
        world.is_settled(&plain);
        assert_eq!(world.owned(), before, "{of}");
    }
}

/// An apply made it, and neither the index of tags nor the list has it yet.
#[test]
fn one_that_no_list_has_yet_is_not_made_twice() {
    let world = World::with(|strict| strict.list_lag = std::time::Duration::from_secs(20));
    let text = [STACK, IDENTITIES, ROLES]
        .concat()
        .replace("clients = [\"web\"]", "clients = []")
        .replace(
            "role_mappings = [{ provider = \"web\", otherwise = \"authenticated_role\" }]\n",
            "",
        )
        .replace("${api.execute_arn}/*", "*")
        .replace("${user_pool.arn}", "*");
    world.apply(&text);
    world.is_settled(&text);
    assert!(!id(&world).is_empty());
}

#[test]
fn one_made_by_hand_is_written_down_and_adopted_as_it_is() {
    let world = World::new();
    let input = json!({ "IdentityPoolName": "by hand old", "AllowUnauthenticatedIdentities": true,
        "SupportedLoginProviders": { "accounts.google.com": "1.example" },
        "CognitoIdentityProviders": [{ "ClientId": "other", "ServerSideTokenCheck": true,
            "ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other" }] });
    world.somebody(IDENTITY, "CreateIdentityPool", input);
    world.later();
    let arn = "arn:aws:iam::123456789012:role/service-role/old";
    let mapping = json!({ "Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": { "Rules": [
        { "Claim": "sub", "MatchType": "NotEqual", "Value": "a", "RoleARN": arn }] } });
    let input = json!({ "IdentityPoolId": id(&world), "Roles": { "authenticated": arn },
        "RoleMappings": { "accounts.google.com": mapping } });
    world.somebody(IDENTITY, "SetIdentityPoolRoles", input);
    let before = of(&world, "GetIdentityPoolRoles");
    for named in ["by hand old".to_owned(), id(&world)] {
        let args = ImportArgs {
            identity_pool: Some(named),
            ..ImportArgs::default()
        };
        let imported = world.import(&args).unwrap();
        assert!(
            imported.text.contains("provider = \"accounts.google.com\""),
            "{}",
            imported.text
        );
        assert!(
            imported
                .text
                .contains("clients = [\"eu-west-1_other:other\"]"),
            "{}",
            imported.text
        );
        let world = World::of(world.cloud());
        world.adopt(&imported.text, &imported.adopt);
        assert!(world.plan(&imported.text).unwrap().is_empty());
        assert_eq!(of(&world, "GetIdentityPoolRoles"), before);
    }
    let args = ImportArgs {
        identity_pool: Some("by hand old".into()),
        existing: true,
        ..ImportArgs::default()
    };
    assert!(
        world
            .import(&args)
            .is_err_and(|it| it.message.contains("--identity-pool"))
    );
}

/// Every way in which it goes: its destruction, its table's, a replacement.
#[test]
fn whoever_has_an_identity_is_told_as_lost_with_it() {
    let world = World::new();
    let table = "[identity_pool]\nname = \"people\"\ndeveloper_provider = \"a.example.com\"\n";
    let text = format!("{STACK}{table}");
    world.apply(&text);
    world.later();
    let other = format!("{STACK}[user_pool]\nname = \"people\"\n");
    let replaced = text.replace("a.example.com", "b.example.com");
    let plans = || {
        [
            world.plan_to_destroy(&text),
            world.plan(&other).unwrap(),
            world.plan(&replaced).unwrap(),
        ]
    };
    assert!(plans().iter().all(|plan| plan.losses.is_empty()));
    world.somebody(IDENTITY, "GetId", json!({ "IdentityPoolId": id(&world) }));
    for plan in plans() {
        let losses: Vec<_> = plan
            .losses
            .iter()
            .map(|it| (&*it.name, &*it.what))
            .collect();
        assert_eq!(losses, [("people", "at least 1 identity")]);
    }
}
