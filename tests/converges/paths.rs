//! Any set of paths becomes any other: below a resource there is one variable part, whose name may
//! change, and nothing below a greedy one.

use super::{applied::is_alike, cases, world::World};
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use std::{collections::BTreeMap, fmt::Write};

const HEAD: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"
[functions.f]\nname = \"made-0\"\nzip = \"users.zip\"\n[api]\nname = \"made-api\"\nEXISTING[api.stage]\nname = \"dev\"\n";
const PARTS: [&str; 7] = [
    "users", "{id}", "{name}", "{rest+}", "roles", "{id+}", "{x}",
];

/// A file with these paths, as far as API Gateway takes them: the first variable part below a resource
/// counts.
fn file(paths: &[(Vec<usize>, bool)], has_cors: bool) -> String {
    let mut variables: BTreeMap<String, &str> = BTreeMap::new();
    let mut routes = BTreeMap::new();
    for (parts, writes) in paths {
        let mut path = String::new();
        for part in parts.iter().map(|it| PARTS[it % PARTS.len()]) {
            let is_variable = part.starts_with('{');
            let part = if is_variable {
                *variables.entry(path.clone()).or_insert(part)
            } else {
                part
            };
            write!(path, "/{part}").unwrap();
            if part.ends_with("+}") {
                break;
            }
        }
        let path = if path.is_empty() {
            "/".to_owned()
        } else {
            path
        };
        routes.insert(format!("GET {path}"), ());
        if *writes {
            routes.insert(format!("PUT {path}"), ());
        }
    }
    let cors = if has_cors {
        "[api.cors]\norigins = [\"https://example.com\"]\n"
    } else {
        ""
    };
    let routes = routes
        .keys()
        .map(|it| format!("{it:?} = {{ function = \"f\", authorizer = \"none\" }}\n"));
    format!("{HEAD}{cors}[api.routes]\n{}", routes.collect::<String>()).replace("EXISTING", "")
}

fn paths() -> impl Strategy<Value = String> {
    (
        vec((vec(0..PARTS.len(), 0..4), any::<bool>()), 1..6),
        any::<bool>(),
    )
        .prop_map(|(paths, has_cors)| file(&paths, has_cors))
}

proptest! {
    #![proptest_config(cases(150))]
    #[test]
    fn any_paths_become_any_others_as_if_they_were_made_afresh(all in vec(paths(), 3)) {
        let changed = World::new();
        changed.apply(&all[0]);
        for pair in all.windows(2) {
            changed.later();
            changed.apply(&pair[1]);
            let fresh = World::new();
            fresh.apply(&pair[1]);
            is_alike(&changed.owned(), &fresh.owned(), &pair.join("\n────\n"));
            changed.is_settled(&pair[1]);
        }
    }
}

fn with_routes(head: &str, routes: &[&str]) -> String {
    let routes = routes
        .iter()
        .map(|it| format!("{it:?} = {{ function = \"f\", authorizer = \"none\" }}\n"));
    format!("{head}[api.routes]\n{}", routes.collect::<String>())
}

#[test]
fn a_renamed_parameter_is_one_request_and_what_is_below_it_stays() {
    let head = HEAD.replace("EXISTING", "");
    let text = |name: &str| {
        let paths = [
            "/users/{id}",
            "/users/{id}/roles",
            "/users/{id}/roles/{role}",
        ];
        let routes: Vec<_> = paths
            .iter()
            .map(|it| format!("GET {it}").replace("{id}", name))
            .collect();
        with_routes(
            &head,
            &routes.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    let world = World::new();
    world.apply(&text("{id}"));
    world.later();
    world.writes();
    world.apply(&text("{user-id}"));
    let writes = world.writes();
    let of = |operation: &str| writes.iter().filter(|it| it.contains(operation)).count();
    assert_eq!(
        (writes.len(), of("PATCH"), of("/deployments")),
        (3, 2, 1),
        "{writes:?}"
    );
    world.is_settled(&text("{user-id}"));
}

/// An API of somebody else's with `/users/{id}`, and a file that attaches it.
fn attached(there: &str) -> (World, String) {
    let world = World::new();
    world.edit(|cloud| cloud.watched = None);
    world.edit(|cloud| {
        let made = cloud
            .call("apigateway", "CreateRestApi", json!({ "name": "made-api" }))
            .unwrap();
        let mut parent = made["rootResourceId"].clone();
        for part in there.split('/').skip(1) {
            let input = json!({ "restApiId": made["id"], "parentId": parent, "pathPart": part });
            parent = cloud.call("apigateway", "CreateResource", input).unwrap()["id"].clone();
        }
    });
    world.later();
    (world, HEAD.replace("EXISTING", "existing = true\n"))
}

#[test]
fn a_parameter_of_somebody_elses_is_refused_before_anything_is_sent() {
    for (there, route, line) in [
        (
            "/users/{id}",
            "GET /users/{name}",
            "write {id} in place of {name} in the routes below /users/",
        ),
        (
            "/{rest+}",
            "GET /{id}",
            "write {rest+} in place of {id} in the routes below /",
        ),
        (
            "/a/{x}",
            "GET /a/{y+}",
            "write {x} in place of {y+} in the routes below /a/",
        ),
    ] {
        let (world, head) = attached(there);
        let error = world
            .try_apply(&with_routes(&head, &[route]))
            .err()
            .unwrap();
        assert!(
            error
                .message
                .contains(&format!("the API has {there} already")),
            "{error}"
        );
        assert_eq!(error.hint.as_deref(), Some(line));
        assert_eq!(world.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_parameter_of_wsctls_in_somebody_elses_api_is_renamed_and_given_back() {
    let (world, head) = attached("/users");
    let before = world.foreign();
    let one = with_routes(&head, &["GET /users/{id}", "GET /users/{id}/roles"]);
    let other = with_routes(&head, &["GET /users/{name}", "GET /users/{name}/roles"]);
    world.apply(&one);
    world.later();
    world.writes();
    world.apply(&other);
    let writes = world.writes();
    let is_anew = |it: &&String| it.contains("/methods") || it.contains("DELETE /restapis");
    assert_eq!(
        writes.iter().filter(is_anew).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    world.later();
    assert!(world.plan(&other).unwrap().is_empty());
    world.destroy(&other);
    let left = world.foreign();
    let resources = |it: &str| {
        it.lines()
            .filter(|it| it.contains("/users"))
            .map(ToOwned::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(resources(&left), resources(&before));
}
