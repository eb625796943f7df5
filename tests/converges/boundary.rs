//! A role's permissions boundary: set, changed and taken away as the file says, left where it says nothing.

use super::world::{ACCOUNT, World};
use serde_json::json;

/// What the file says: nothing, none, or one of two.
const CHOICES: [Option<&str>; 4] = [None, Some(""), Some("one"), Some("other")];

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

/// An account that has both.
fn account() -> World {
    let world = World::new();
    for name in CHOICES.into_iter().flatten().filter(|it| !it.is_empty()) {
        let input = json!({ "PolicyName": name, "PolicyDocument": "{}" });
        world.somebody("iam", "CreatePolicy", input);
    }
    world
}

fn file(boundary: Option<&str>) -> String {
    let line = match boundary {
        None => String::new(),
        Some("") => "permissions_boundary = \"\"\n".to_owned(),
        Some(name) => format!("permissions_boundary = \"{}\"\n", arn(name)),
    };
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[functions.users]\nname = \"users\"\n\
         zip = \"users.zip\"\n{line}"
    )
}

#[test]
fn a_boundary_is_what_the_file_says_whatever_it_was() {
    let there = |world: &World| world.cloud().boundary("users-eu-west-1");
    for before in CHOICES {
        for after in CHOICES {
            let (world, what) = (account(), format!("{before:?} to {after:?}"));
            world.apply(&file(before));
            world.is_settled(&file(before));
            let was = before.filter(|it| !it.is_empty()).map(arn);
            assert_eq!(there(&world), was, "{what}");
            world.writes();
            world.apply(&file(after));
            world.is_settled(&file(after));
            let wanted = after.map_or(was.clone(), |it| {
                Some(it).filter(|it| !it.is_empty()).map(arn)
            });
            assert_eq!(there(&world), wanted, "{what}");
            assert_eq!(world.writes().len(), usize::from(wanted != was), "{what}");
            // Somebody loosens it.
            world.edit(|cloud| cloud.set_boundary("users-eu-west-1", None));
            let plan = world.plan(&file(after)).unwrap();
            let is_told = plan
                .steps
                .iter()
                .flat_map(|it| &it.changes)
                .any(|it| it.path == "permissions_boundary");
            assert_eq!(is_told, after.is_some_and(|it| !it.is_empty()), "{what}");
            world.apply(&file(after));
            world.destroy(&file(after));
            assert!(world.names().is_empty(), "{what}: {:?}", world.names());
        }
    }
}

#[test]
fn a_role_is_made_with_its_boundary_and_never_stands_without() {
    let world = account();
    world.apply(&file(Some("one")));
    let sent = world.wire.take();
    let made: Vec<_> = sent
        .iter()
        .filter(|it| it.asked.operation == "CreateRole")
        .collect();
    assert_eq!(made.len(), 1);
    assert!(
        made[0].asked.body.contains("PermissionsBoundary="),
        "{}",
        made[0].asked.body
    );
    assert!(
        !sent
            .iter()
            .any(|it| it.asked.operation.contains("PermissionsBoundary"))
    );
    // A role that is there already is its owner's.
    let role = "role = \"arn:aws:iam::123456789012:role/other\"\n";
    assert!(
        world.takes(&format!("{}{role}", file(None)))
            && !world.takes(&format!("{}{role}", file(Some("one"))))
    );
}
