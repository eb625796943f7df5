//! The role with which a pool sends text messages: made along, let go of, and kept where AWS keeps it.

use super::{usage::becomes, world::World};
use serde_json::json;

fn pool(more: &str) -> String {
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
         [user_pool]\nname = \"people\"\nsign_in = [\"email\"]\n{more}"
    )
}

const MADE: &str = "[user_pool.mfa]\nmode = \"optional\"\ntotp = true\n[user_pool.mfa.sms]\n";

fn others() -> String {
    format!("{MADE}role_arn = \"arn:aws:iam::123456789012:role/sms\"\nexternal_id = \"a\"\n")
}

#[test]
fn a_role_comes_changes_and_goes_with_what_names_it() {
    let made = pool(MADE);
    let given = pool(&others());
    let renamed = pool(&format!(
        "{MADE}[user_pool.roles.sms]\nrole_name = \"texts\"\n"
    ));
    let verified = pool(&format!("auto_verify = [\"phone_number\"]\n{MADE}"));
    let off = made
        .replace("\"optional\"", "\"off\"")
        .replace("totp = true\n", "");
    let none = pool("[user_pool.mfa]\nmode = \"optional\"\ntotp = true\n");
    becomes(&none, &made);
    becomes(&none, &off);
    becomes(&off, &verified);
    for other in [given, renamed] {
        becomes(&made, &other);
        becomes(&other, &made);
    }
}

/// Nobody else's pool, and no other account's, can have messages sent and paid for with it.
#[test]
fn only_pools_of_the_account_that_tell_its_external_id_get_the_role() {
    let world = World::new();
    world.apply(&pool(MADE));
    let name = "made-sms-eu-west-1";
    let mut cloud = world.cloud();
    let mut of_role = |operation: &str, more: serde_json::Value| {
        let mut input = more;
        input["RoleName"] = json!(name);
        cloud.call("iam", operation, input).unwrap()
    };
    let role = of_role("GetRole", json!({}));
    let trust = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap();
    let trust: serde_json::Value =
        serde_json::from_str(&urlencoding::decode(trust).unwrap()).unwrap();
    assert_eq!(
        trust["Statement"],
        json!([{
            "Effect": "Allow", "Action": ["sts:AssumeRole"],
            "Principal": { "Service": ["cognito-idp.amazonaws.com"] },
            "Condition": { "StringEquals": {
                "aws:SourceAccount": ["123456789012"], "sts:ExternalId": [name] } },
        }])
    );
    let policy = of_role("GetRolePolicy", json!({ "PolicyName": "wsctl" }));
    let policy = urlencoding::decode(policy["PolicyDocument"].as_str().unwrap()).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], json!(["sns:Publish"]));
    let mut with = |external_id: Option<&str>| {
        let arn = role["Role"]["Arn"].clone();
        let texts = json!({ "SnsCallerArn": arn, "ExternalId": external_id });
        let other = json!({ "PoolName": "other", "SmsConfiguration": texts });
        cloud.call("cognito-idp", "CreateUserPool", other).is_ok()
    };
    assert_eq!(
        [None, Some("made"), Some(name)].map(&mut with),
        [false, false, true]
    );
}

/// A pool keeps its settings for text messages when the file no longer has them, and the role with them.
#[test]
fn the_role_stays_as_long_as_the_pool_sends_with_it() {
    let world = World::new();
    world.apply(&pool(MADE));
    world.later();
    let bare = pool("[user_pool.mfa]\nmode = \"optional\"\ntotp = true\n");
    let plan = world.plan(&bare).unwrap();
    assert_eq!(plan.steps.len(), 0);
    let notes: Vec<_> = plan.notes.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        notes,
        ["it stays, since AWS keeps the mfa.sms.role_arn of user_pool as it is"]
    );
    world.apply(&bare);
    assert!(world.names().iter().any(|it| it.contains("made-sms")));
    // With another role it goes, and with the pool.
    let other = World::of(world.cloud());
    other.apply(&pool(&others()));
    other.is_settled(&pool(&others()));
    assert!(!other.names().iter().any(|it| it.contains("made-sms")));
    world.destroy(&bare);
    assert_eq!(world.names(), [""; 0]);
}
