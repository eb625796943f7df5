//! Users written down as a list, and made from one.

use crate::support::{program::Run, sandbox::Sandbox};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const PASSWORD: &str = "Correct-horse-1";

const POOL: &str = r#"
[stack]
name = "lists"
region = "eu-west-1"

[user_pool]
name = "lists"
sign_in = ["email"]
auto_verify = ["email"]

[user_pool.custom_attributes.team]
type = "string"

[user_pool.groups.admins]
[user_pool.groups.guests]

[user_pool.clients.app]
name = "app"
auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
"#;

/// Ann is an administrator and confirmed, Bob has a formula for a name, and Cleo has no verified address.
const LIST: &str = "email,email_verified,name,phone_number,groups,enabled,team\n\
    ann@example.com,true,Ann,+15555550100,admins guests,,a\n\
    bob@example.com,true,=1+1,,,FALSE,\n\
    cleo@example.com,,\"Cleo, the third\",,guests,,\n";

fn pool() -> Sandbox {
    let sandbox = Sandbox::of(POOL, &[("users.csv", LIST)]);
    sandbox.apply();
    sandbox
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn run(sandbox: &Sandbox, line: &str) -> Run {
    sandbox.answer(0, &words(line), &[])
}

/// All users but for what each pool and each moment has of its own.
fn everybody(sandbox: &Sandbox) -> Vec<Value> {
    let Value::Array(mut users) = run(sandbox, "user export --format json").json() else {
        panic!("no list");
    };
    for user in &mut users {
        let fields = user.as_object_mut().unwrap();
        for name in ["username", "created", "modified"] {
            fields.remove(name);
        }
        user["attributes"].as_object_mut().unwrap().remove("sub");
        if let Some(groups) = user["groups"].as_array_mut() {
            groups.sort_by_key(|it| it.as_str().map(ToOwned::to_owned));
        }
    }
    users.sort_by_key(|it| it["attributes"]["email"].as_str().map(ToOwned::to_owned));
    users
}

#[test]
fn a_list_is_imported_exported_and_imported_elsewhere_as_it_was() {
    let (first, second) = (pool(), pool());
    let said = run(&first, "user import users.csv").out;
    assert!(said.starts_with("3 users were made\n"), "{said}");
    assert!(
        said.contains("cleo@example.com has no verified address"),
        "{said}"
    );
    let made = everybody(&first);
    let ann = json!({
        "status": "CONFIRMED", "enabled": true, "groups": ["admins", "guests"],
        "attributes": {
            "email": "ann@example.com", "email_verified": "true", "name": "Ann",
            "phone_number": "+15555550100", "custom:team": "a",
        },
    });
    assert_eq!(made[0], ann);
    assert_eq!(made[1]["enabled"], false);
    assert_eq!(made[2]["attributes"]["name"], "Cleo, the third");

    run(&first, "user export --output all.csv");
    let path = first.folder().join("all.csv");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains(",'=1+1,") && text.contains("'+15555550100"),
        "{text}"
    );
    let again = first
        .answer(1, &words("user export --output all.csv"), &[])
        .err;
    assert!(again.contains("not there yet"), "{again}");

    std::fs::write(second.folder().join("all.csv"), &text).unwrap();
    run(&second, "user import all.csv");
    assert_eq!(everybody(&second), made);
    let said = run(&second, "user import all.csv --json").json()["users"].take();
    assert_eq!(said["made"], json!([]));
    assert_eq!(said["there"].as_array().map(Vec::len), Some(3));
    assert_eq!(everybody(&second), made);
}

#[test]
fn a_room_of_test_users_gets_one_password() {
    let sandbox = pool();
    let import = words("user import users.csv --password-stdin");
    sandbox.answer(0, &import, &[PASSWORD]);
    let token = words("token ann@example.com --password-stdin --json");
    let tokens = sandbox.answer(0, &token, &[PASSWORD]).json();
    assert!(tokens.to_string().contains("eyJ"), "{tokens}");
    // Who is disabled stays out.
    sandbox.answer(
        1,
        &words("token bob@example.com --password-stdin"),
        &[PASSWORD],
    );
}

#[test]
fn a_list_with_a_mistake_makes_nobody() {
    let sandbox = pool();
    let bad = |text: &str, place: &str| {
        std::fs::write(sandbox.folder().join("bad.csv"), text).unwrap();
        let said = sandbox.answer(1, &words("user import bad.csv"), &[]).err;
        assert!(said.contains(place), "{said}");
    };
    bad(
        "email,groups\nann@example.com,\nbob@example.com,none\n",
        "bad.csv:3: the pool has no group \"none\"",
    );
    bad(
        "email\nann@example.com\nbob\n",
        "bad.csv:3: \"bob\" is not an e-mail address",
    );
    bad(
        "email,shoe_size\nann@example.com,44\n",
        "bad.csv:2: the pool has no attribute \"shoe_size\"",
    );
    bad(
        "email,password\nann@example.com,x\n",
        "bad.csv:1: a list with passwords",
    );
    assert_eq!(everybody(&sandbox), Vec::<Value>::new());
    let said = run(&sandbox, "user import users.csv --dry-run").out;
    assert!(
        said.starts_with("+ ann@example.com admins guests\n"),
        "{said}"
    );
    assert_eq!(everybody(&sandbox), Vec::<Value>::new());
    // Invitations are asked about, and there is nobody to ask.
    let said = sandbox
        .answer(14, &words("user import users.csv --invite"), &[])
        .err;
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(everybody(&sandbox), Vec::<Value>::new());
}

#[test]
fn whoever_took_a_name_before_gets_no_groups_by_a_list() {
    let sandbox = pool();
    let taken = words("user create ann@example.com --no-invitation --permanent --password-stdin");
    sandbox.answer(0, &taken, &[PASSWORD]);
    let said = run(&sandbox, "user import users.csv").out;
    assert!(
        said.contains("ann@example.com: put into no group"),
        "{said}"
    );
    let groups = |sandbox: &Sandbox| run(sandbox, "user show ann@example.com --json").json();
    assert_eq!(groups(&sandbox)["groups"], Value::Null);
    // Once the address is shown to be the same, the same list gives them.
    run(&sandbox, "user confirm ann@example.com --admin");
    let said = run(&sandbox, "user import users.csv --json").json()["users"].take();
    assert_eq!(said["there"][0]["groups_left"], false, "{said}");
    let Value::Array(all) = groups(&sandbox)["groups"].clone() else {
        panic!("no groups");
    };
    assert_eq!(all.len(), 2);
}
