//! Names of one's own for the APIs: they come and go with what they lead to, and an API goes only once it has none.

use super::{usage::becomes, world::World};
use serde_json::json;

const ONE: &str = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
    [functions.users]\nname = \"users\"\nzip = \"users.zip\"\n";

fn api(table: &str, name: &str, stage: &str) -> String {
    format!(
        "[{table}]\nname = \"{name}\"\n[{table}.stage]\nname = \"{stage}\"\n\
         [{table}.routes]\n\"GET /users\" = {{ function = \"users\", authorizer = \"none\" }}\n"
    )
}

fn domain(name: &str, endpoint: &str, paths: &str) -> String {
    let region = match endpoint {
        "EDGE" => "us-east-1",
        _ => "eu-west-1",
    };
    format!(
        "[domain_names.public]\nname = \"{name}\"\nendpoint = \"{endpoint}\"\n\
         certificate_arn = \"arn:aws:acm:{region}:123456789012:certificate/a\"\n\
         base_paths = {{ {paths} }}\n"
    )
}

fn file(parts: &[&str]) -> String {
    format!("{ONE}{}", parts.concat())
}

#[test]
fn a_name_moves_between_apis_stages_and_endpoints() {
    let (first, live) = (api("api", "first", "dev"), api("api", "first", "live"));
    let admin = api("apis.admin", "admin", "dev");
    let to = |paths: &str| domain("api.example.com", "REGIONAL", paths);
    let (one, two) = (
        to("\"(none)\" = \"api\""),
        to("\"(none)\" = \"api\", admin = \"admin\""),
    );
    let other = to("\"(none)\" = \"admin\"");
    let renamed = domain("other.example.com", "REGIONAL", "\"(none)\" = \"api\"");
    let edge = domain("api.example.com", "EDGE", "\"(none)\" = \"api\"");
    let files = [
        file(&[]),
        file(&[&first]),
        file(&[&first, &one]),
        file(&[&first, &admin, &two]),
        file(&[&admin, &other]),
        file(&[&live, &one]),
        file(&[&first, &renamed]),
        file(&[&first, &edge]),
        file(&[&first, &to("")]),
        file(&[&live, &renamed]),
        file(&[
            &live,
            &admin,
            &domain("other.example.com", "EDGE", "v1 = \"admin\""),
        ]),
    ];
    for (before, after) in [
        (0, 2),
        (1, 3),
        (3, 4),
        (4, 2),
        (2, 5),
        (2, 6),
        (6, 7),
        (3, 8),
        (3, 0),
        (2, 1),
        (2, 9),
        (2, 10),
    ] {
        becomes(&files[before], &files[after]);
    }
}

/// A second name of the same API, which somebody else made, is told; the stack's own is not.
#[test]
fn only_what_somebody_else_leads_to_an_api_is_a_door() {
    let text = file(&[
        &api("api", "first", "dev"),
        &domain("api.example.com", "REGIONAL", "v1 = \"api\""),
    ]);
    let world = World::new();
    world.apply(&text);
    world.later();
    let told = |world: &World| {
        let told = world.drift(&text).set_elsewhere;
        told.iter().map(|it| it.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&world), [""; 0]);
    let id = {
        let mut cloud = world.cloud();
        let apis = cloud.call("apigateway", "GetRestApis", json!({})).unwrap();
        apis["item"][0]["id"].as_str().unwrap().to_owned()
    };
    let others = "others.example.com";
    world.edit(|cloud| {
        cloud.open("GetDomainNames", "", json!({ "domainName": others }));
        let mapping = json!({ "restApiId": id, "basePath": "x", "stage": "dev" });
        cloud.open("GetBasePathMappings", others, mapping);
    });
    assert_eq!(
        told(&world),
        ["its stage dev answers at https://others.example.com/x too"]
    );
}

/// A plan asks for each name once, by whichever way it is found.
#[test]
fn a_name_is_asked_for_once() {
    let text = file(&[
        &api("api", "first", "dev"),
        &domain("api.example.com", "REGIONAL", "v1 = \"api\""),
    ]);
    let asked = |world: &World| {
        world.wire.take();
        let _ = world.plan(&text);
        let asked = world.wire.take().into_iter();
        asked
            .filter(|it| {
                it.asked.operation.contains("/domainnames/api.example.com")
                    && !it.asked.operation.contains("basepath")
            })
            .count()
    };
    let world = World::new();
    assert_eq!(asked(&world), 1, "before it is there");
    world.apply(&text);
    // The index of tags does not have it yet, and then it has.
    assert_eq!(asked(&world), 1, "when it is new");
    world.later();
    assert_eq!(asked(&world), 1, "once the index has it");
}

/// What somebody maps by hand goes, as all that no file declares; with `undeclared = "warn"` it stays.
#[test]
fn a_path_that_no_file_declares_goes() {
    let text = file(&[
        &api("api", "first", "dev"),
        &domain("api.example.com", "REGIONAL", "v1 = \"api\""),
    ]);
    let world = World::new();
    world.apply(&text);
    let before = world.owned();
    let apis = world
        .cloud()
        .call("apigateway", "GetRestApis", json!({}))
        .unwrap();
    let by_hand = json!({
        "domainName": "api.example.com", "basePath": "by-hand",
        "restApiId": apis["item"][0]["id"], "stage": "dev",
    });
    world.edit(|cloud| {
        let made = cloud.call("apigateway", "CreateBasePathMapping", by_hand.clone());
        made.unwrap();
    });
    world.later();
    let kept = text.replace(
        "region = \"eu-west-1\"",
        "region = \"eu-west-1\"\nundeclared = \"warn\"",
    );
    world.apply(&kept);
    assert_ne!(world.owned(), before);
    world.apply(&text);
    assert_eq!(world.owned(), before);
    world.destroy(&text);
    assert_eq!(world.owned(), World::new().owned());
}
