//! Scopes of resource servers: AWS refuses a client one that is not there yet, and takes the end of one that
//! a client still has.

use super::world::{NAME, World};
use serde_json::{Value, json};
use wsctl::{error::ErrorKind, stack::Stack};

const POOL: &str =
    "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"made\"\n";
const SERVER: &str = "https://api.example.com";

/// A pool with a server of these scopes, and with clients of those.
fn file(scopes: &[&str], clients: &[&[&str]]) -> String {
    let given: Vec<_> = scopes
        .iter()
        .map(|it| format!("{it:?} = \"May {it}\""))
        .collect();
    let mut text = format!(
        "{POOL}[user_pool.resource_servers.{SERVER:?}]\nscopes = {{ {} }}\n",
        given.join(", ")
    );
    for (index, scopes) in clients.iter().enumerate() {
        let asked: Vec<_> = scopes.iter().map(|it| format!("{SERVER}/{it}")).collect();
        text += &format!(
            "[user_pool.clients.c{index}]\nname = \"c{index}\"\nsecret = true\noauth_grants = {}\n\
             oauth_scopes = {asked:?}\n",
            if asked.is_empty() {
                "[]"
            } else {
                "[\"client_credentials\"]"
            }
        );
    }
    text
}

fn scopes_of(world: &World, client: &str) -> Value {
    world.cloud().client_field(client, "AllowedOAuthScopes")
}

/// The writes to servers and clients of an apply, in order.
fn writes(world: &World, text: &str) -> Vec<String> {
    world.writes_to(&["ResourceServer", "UserPoolClient"], text)
}

#[test]
fn a_server_has_its_scopes_before_a_client_and_loses_them_after() {
    let world = World::new();
    let made = ["CreateResourceServer", "CreateUserPoolClient"];
    assert_eq!(writes(&world, &file(&["read"], &[&["read"]])), made);
    let changed = ["UpdateResourceServer", "UpdateUserPoolClient"];
    let more = file(&["read", "write"], &[&["read", "write"]]);
    assert_eq!(writes(&world, &more), changed, "a scope more");
    let back = ["UpdateUserPoolClient", "UpdateResourceServer"];
    let fewer = file(&["read"], &[&["read"]]);
    assert_eq!(writes(&world, &fewer), back, "a scope less");
    assert_eq!(
        writes(&world, &file(&["list"], &[&["list"]])),
        changed,
        "another one"
    );
    let gone = format!(
        "{POOL}[user_pool.clients.c0]\nname = \"c0\"\nsecret = true\noauth_grants = []\noauth_scopes = []\n"
    );
    let gone = writes(&world, &gone);
    assert_eq!(gone, ["UpdateUserPoolClient", "DeleteResourceServer"]);
    world.is_innocent();
}

/// Files with up to two scopes and two clients, every fifth pair, one made into the other.
#[test]
fn any_scopes_of_any_clients_become_any_others() {
    let sets: [&[&str]; 4] = [&[], &["a"], &["b"], &["a", "b"]];
    let mut files = vec![];
    for given in sets {
        let fits = |it: &&&[&str]| it.iter().all(|scope| given.contains(scope));
        for one in sets.iter().filter(fits) {
            for other in sets.iter().filter(fits) {
                files.push(file(given, &[one, other]));
            }
        }
    }
    assert_eq!(files.len(), 25);
    for (index, before) in files.iter().enumerate() {
        let world = World::new();
        world.apply(before);
        world.later();
        let start = world.cloud();
        for after in files.iter().skip(index % 5).step_by(5) {
            let world = World::of(start.clone());
            world.apply(after);
            world.is_settled(after);
            world.is_innocent();
        }
    }
}

#[test]
fn with_a_pool_that_is_replaced_its_servers_come_before_its_clients_again() {
    let world = World::new();
    let before = file(&["read"], &[&["read"]]);
    world.apply(&before);
    world.later();
    let after = before.replace(
        "name = \"made\"\n[user_pool.res",
        "name = \"made\"\nsign_in = [\"email\"]\n[user_pool.res",
    );
    assert_ne!(before, after);
    let writes = writes(&world, &after);
    let made: Vec<_> = writes
        .iter()
        .filter(|it| it.starts_with("Create"))
        .collect();
    assert_eq!(made, ["CreateResourceServer", "CreateUserPoolClient"]);
    world.is_innocent();
}

#[test]
fn a_scope_does_not_go_while_a_client_of_the_stack_keeps_it() {
    let world = World::new();
    world.apply(&file(&["read", "write"], &[&["read", "write"]]));
    world.later();
    // What is left out stays as it is.
    let silent = |scopes: &[&str]| {
        file(scopes, &[&[]]).replace("oauth_grants = []\noauth_scopes = []\n", "")
    };
    assert!(world.plan(&silent(&["read", "write"])).unwrap().is_empty());
    let no_server = format!("{POOL}[user_pool.clients.c0]\nname = \"c0\"\nsecret = true\n");
    for text in [silent(&["read"]), silent(&[]), no_server] {
        let error = world.plan(&text).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Refused);
        let said = "user_pool.clients.c0: its oauth_scopes has https://api.example.com/write, which this plan takes away";
        assert!(error.message.contains(said), "{error}");
    }
    // Who follows the hint gets there.
    world.apply(&file(&["read"], &[&["read"]]));
    world.destroy(&silent(&["read"]));
}

#[test]
fn a_client_that_is_somebody_elses_is_warned_of_and_not_touched() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "theirs" }),
    );
    world.later();
    let attached = |text: &str| {
        text.replace(
            "[user_pool]\nname = \"made\"",
            "[user_pool]\nexisting = true\nname = \"theirs\"",
        )
    };
    let text = attached(&file(&["read"], &[&["read"]]));
    world.apply(&text);
    world.later();
    let pool = world.cloud().pool_field("theirs", "Id");
    let client = json!({ "UserPoolId": pool, "ClientName": "foreign", "GenerateSecret": true,
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": [format!("{SERVER}/read")] });
    world.somebody("cognito-idp", "CreateUserPoolClient", client);
    world.later();
    world.is_settled(&text);
    let warnings: Vec<_> = world
        .plan_to_destroy(&text)
        .warnings
        .iter()
        .map(|it| it.line())
        .collect();
    assert_eq!(
        warnings,
        [
            "user_pool.clients.foreign: its oauth_scopes has https://api.example.com/read, which goes; it is not wsctl's, and loses it"
        ]
    );
    world.destroy(&text);
    assert_eq!(
        scopes_of(&world, "foreign"),
        json!([format!("{SERVER}/read")])
    );
    world.is_innocent();
}

#[test]
fn in_a_pool_that_is_there_the_plan_knows_its_scopes() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "theirs" }),
    );
    world.later();
    let pool = world.cloud().pool_field("theirs", "Id");
    let scopes = json!([{ "ScopeName": "read", "ScopeDescription": "Read" }]);
    let server =
        json!({ "UserPoolId": pool, "Identifier": "notes", "Name": "Notes", "Scopes": scopes });
    world.somebody("cognito-idp", "CreateResourceServer", server);
    world.later();
    let before = world.foreign();
    let file = |scope: &str| {
        format!(
            "[stack]\nname = \"{NAME}\"\nregion = \"eu-west-1\"\n[user_pool]\nexisting = true\nname = \"theirs\"\n\
        [user_pool.clients.web]\nname = \"web\"\nsecret = true\noauth_grants = [\"client_credentials\"]\noauth_scopes = [\"{scope}\"]\n"
        )
    };
    for lacking in ["notes/write", "other/read"] {
        let error = world.plan(&file(lacking)).err().unwrap().to_string();
        assert!(
            error.contains(&format!("the pool has no scope `{lacking}`")),
            "{error}"
        );
        assert!(error.contains("stack.toml:11:17"), "{error}");
    }
    world.apply(&file("notes/read"));
    world.is_settled(&file("notes/read"));
    world.destroy(&file("notes/read"));
    assert_eq!(world.foreign(), before);
    // It is nobody's to change here.
    let taken = format!(
        "{}[user_pool.resource_servers.notes]\nscopes = {{ read = \"x\" }}\n",
        file("notes/read")
    );
    let error = world.plan(&taken).err().unwrap().to_string();
    assert!(
        error.contains("a resource server named `Notes` exists already"),
        "{error}"
    );
}

#[test]
fn a_server_of_a_long_identifier_is_remembered_in_a_pool_that_is_attached() {
    let world = World::new();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "theirs" }),
    );
    world.later();
    let before = world.foreign();
    let identifiers = [
        "x".repeat(256),
        format!("{}y", "x".repeat(255)),
        "é!~*".replace('é', "/").repeat(50),
    ];
    let mut text = format!(
        "[stack]\nname = \"{NAME}\"\nregion = \"eu-west-1\"\n[user_pool]\nexisting = true\nname = \"theirs\"\n"
    );
    for identifier in &identifiers {
        text += &format!(
            "[user_pool.resource_servers.{identifier:?}]\nscopes = {{ read = \"Read\" }}\n"
        );
    }
    world.apply(&text);
    world.later();
    world.is_settled(&text);
    let fewer = text.split("[user_pool.resource_servers").next().unwrap();
    let fewer = format!("{fewer}[user_pool.groups.readers]\nprecedence = 1\n");
    world.apply(&fewer);
    world.later();
    world.is_settled(&fewer);
    world.destroy(&fewer);
    assert_eq!(world.foreign(), before);
    world.is_innocent();
}

#[test]
fn what_another_run_leaves_undeclared_is_judged_with_what_is_there() {
    let world = World::new();
    let base = file(&["read"], &[]).replace("region", "undeclared = \"warn\"\nregion");
    world.apply(&base);
    world.later();
    let pool = world.cloud().pool_field("made", "Id");
    let scopes = json!([{ "ScopeName": "a", "ScopeDescription": "A" }]);
    let server =
        json!({ "UserPoolId": pool, "Identifier": "theirs", "Name": "x", "Scopes": scopes });
    world.somebody("cognito-idp", "CreateResourceServer", server);
    world.later();
    let client = "[user_pool.clients.web]\nname = \"web\"\noauth_grants = [\"code\"]\n\
        callback_urls = [\"https://example.com/\"]\noauth_scopes = [\"theirs/a\"]\n";
    let text = format!("{base}{client}");
    world.apply(&text);
    let lacking = text.replace("theirs/a", "theirs/b");
    let error = world.plan(&lacking).err().unwrap().to_string();
    assert!(
        error.contains("the pool has no scope `theirs/b`"),
        "{error}"
    );
    // One that is only now made has none but the file's.
    let error = World::new().plan(&text).err().unwrap().to_string();
    assert_eq!(error.matches("stack.toml:").count(), 1, "{error}");
    assert!(
        error.contains("the pool has no scope `theirs/a`"),
        "{error}"
    );
    // Without that word what is undeclared goes, so that this can be told offline.
    let deleting = text.replace("undeclared = \"warn\"\n", "");
    let error = Stack::parse("stack.toml", &deleting, &Default::default())
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("the pool has no resource server \"theirs\""),
        "{error}"
    );
}
