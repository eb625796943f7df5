//! Users whom the file names: made once and whole, never somebody else, never deleted.

use super::{given_back::moments, world::World};
use serde_json::{Value, json};
use wsctl::error::ErrorKind;

const POOLS: &str = "cognito-idp";
const ADMIN: &str = "admin@example.com";
const TEXT: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"people\"\n\
    sign_in = [\"email\"]\n[user_pool.groups.admins]\n[user_pool.groups.editors]\n\
    [user_pool.users.\"admin@example.com\"]\ngroups = [\"admins\"]\npassword = \"${env.PROVIDER_SECRET}\"\n\
    attributes = { name = \"Ann\" }\n";
fn ask(world: &World, operation: &str) -> Value {
    let id = world.memory().cloud().pool_field("people", "Id");
    let input = json!({ "UserPoolId": id, "Username": ADMIN });
    world.cloud().call(POOLS, operation, input).unwrap()
}

/// Somebody else makes a user of that name.
fn squatter(world: &World, attributes: &[(&str, &str)]) {
    let id = world.memory().cloud().pool_field("people", "Id");
    let attributes = attributes
        .iter()
        .map(|(name, it)| json!({ "Name": name, "Value": it }));
    let attributes: Vec<_> = attributes.collect();
    let input = json!({ "UserPoolId": id, "Username": ADMIN, "UserAttributes": attributes });
    world.somebody(POOLS, "AdminCreateUser", input);
}

fn has_all(world: &World) {
    let user = ask(world, "AdminGetUser");
    assert_eq!(user["UserStatus"], "CONFIRMED");
    let attributes = user["UserAttributes"].to_string();
    for word in [ADMIN, "email_verified", "true", "Ann"] {
        assert!(attributes.contains(word), "{word} in {attributes}");
    }
    assert_eq!(
        ask(world, "AdminListGroupsForUser")["Groups"],
        json!([{ "GroupName": "admins" }])
    );
}

#[test]
fn a_user_is_made_whole_wherever_it_is_cut_off() {
    let moments = moments(&World::new().cloud(), |world| world.apply(TEXT));
    assert!(moments.len() > 5, "{}", moments.len());
    for mut moment in moments {
        moment.hush();
        let world = World::of(moment);
        world.later();
        world.apply(TEXT);
        world.is_settled(TEXT);
        has_all(&world);
    }
}

/// What they make of themselves stays, and so do groups that others gave them.
#[test]
fn what_is_the_users_own_stays_and_groups_are_only_given() {
    let world = World::new();
    world.apply(TEXT);
    let id = world.memory().cloud().pool_field("people", "Id");
    let name = json!([{ "Name": "name", "Value": "Another" }]);
    let input = json!({ "UserPoolId": id, "Username": ADMIN, "UserAttributes": name });
    world.somebody(POOLS, "AdminUpdateUserAttributes", input);
    let input = json!({ "UserPoolId": id, "Username": ADMIN, "GroupName": "editors" });
    world.somebody(POOLS, "AdminAddUserToGroup", input);
    world.is_settled(TEXT);
    let none = TEXT.replace("groups = [\"admins\"]\n", "");
    world.is_settled(&none);
    let gone = TEXT.split("[user_pool.users").next().unwrap();
    world.is_settled(gone);
    assert!(ask(&world, "AdminGetUser").to_string().contains("Another"));
    assert_eq!(
        ask(&world, "AdminListGroupsForUser")["Groups"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// Whoever may sign up can take a name on.
#[test]
fn nobody_else_of_that_name_is_made_an_administrator() {
    let pool = TEXT.split("[user_pool.users").next().unwrap();
    let verified = [("email", ADMIN), ("email_verified", "true")];
    for (attributes, is_theirs) in [
        (&[][..], false),
        (&[("email", ADMIN)], false),
        (
            &[("email", "other@example.com"), ("email_verified", "true")],
            false,
        ),
        (&verified, true),
    ] {
        let world = World::new();
        world.apply(pool);
        squatter(&world, attributes);
        world.writes();
        match world.try_apply(TEXT) {
            Ok(report) => {
                assert!(is_theirs && report.is_complete(), "{attributes:?}");
                world.is_settled(TEXT);
            }
            Err(error) => {
                assert!(!is_theirs && error.kind == ErrorKind::Refused, "{error}");
                assert!(error.message.contains(ADMIN), "{error}");
                assert_eq!(world.writes(), Vec::<String>::new());
                assert_eq!(ask(&world, "AdminListGroupsForUser")["Groups"], json!([]));
                world.destroy(TEXT);
                assert_eq!(world.names(), Vec::<String>::new());
            }
        }
    }
}
