//! What a function's role may do besides what wsctl gives it: it is what the file says, whatever it was, in
//! no more writes than that takes; and mistakes are told at their line before anything is asked.

use super::world::{ACCOUNT, World};
use crate::support::story::told;
use serde_json::json;
use wsctl::{
    cli::ImportArgs,
    engine::Outcome,
    stack::{Inputs, Stack},
};

const ROLE: &str = "users-eu-west-1";

/// A function with these lines in its table, and what else the file has.
fn file(lines: &str) -> String {
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"people\"\n\
         [functions.users]\nname = \"users\"\nzip = \"users.zip\"\n{lines}\n"
    )
}

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/users";

/// Statements that differ, and beside some of them the same ones written otherwise.
fn statements() -> Vec<Vec<String>> {
    let table = |actions: &str, resources: &str, more: &str| {
        format!("[[functions.users.allow]]\nactions = {actions}\nresources = {resources}\n{more}")
    };
    let index = format!("{TABLE}/index/*");
    let reads = table(
        "[\"dynamodb:GetItem\", \"dynamodb:Query\"]",
        &format!("[{TABLE:?}, {index:?}]"),
        "",
    );
    let same = table(
        "[\"dynamodb:Query\", \"dynamodb:GetItem\"]",
        &format!("[{index:?}, {TABLE:?}]"),
        "",
    );
    let pool = table(
        "[\"cognito-idp:AdminGetUser\"]",
        "[\"${user_pool.arn}\"]",
        "",
    );
    let only = |values: &str| {
        let conditions =
            format!("conditions = {{ StringLike = {{ \"aws:PrincipalTag/team\" = {values} }} }}\n");
        table("[\"s3:*\"]", "[\"*\"]", &conditions)
    };
    vec![
        vec![String::new()],
        vec![reads.clone(), same.clone()],
        vec![format!("{pool}{reads}"), format!("{same}{pool}")],
        vec![only("\"a\""), only("[\"a\"]")],
        vec![
            only("[\"a\", \"$${aws:username}\"]"),
            only("[\"$${aws:username}\", \"a\"]"),
        ],
    ]
}

#[test]
fn a_role_may_do_what_the_file_says_whatever_it_was() {
    let all = statements();
    for (from, before) in all.iter().enumerate() {
        for (to, after) in all.iter().enumerate() {
            let (world, before) = (World::new(), file(&before[0]));
            world.apply(&before);
            world.is_settled(&before);
            world.writes();
            for (index, lines) in after.iter().enumerate() {
                let text = file(lines);
                world.apply(&text);
                world.is_settled(&text);
                let wanted = match (from == to || index > 0, to) {
                    (true, _) => vec![],
                    (false, 0) => vec!["iam:DeleteRolePolicy"],
                    (false, _) => vec!["iam:PutRolePolicy"],
                };
                assert_eq!(world.writes(), wanted, "{before}\n{text}");
                let names = world.cloud().policies(ROLE).0;
                let own = if to == 0 {
                    &["wsctl"][..]
                } else {
                    &["wsctl", "wsctl-allow"]
                };
                assert_eq!(names, own, "{text}");
                comes_back(&world, lines.contains("${user_pool.arn}"));
            }
            world.destroy(&file(&after[0]));
            assert!(world.names().is_empty(), "{:?}", world.names());
        }
    }
}

/// Written down, it is a file of which nothing is to be done, and which refers to the pool as its own does.
fn comes_back(world: &World, names_pool: bool) {
    let all = ImportArgs::default();
    let imported = world.import(&all).unwrap();
    let text = &imported.text;
    let plan = imported.plan.unwrap();
    assert!(plan.is_empty(), "{:#?}\n{text}", told(&plan));
    assert_eq!(text.contains("${user_pool.arn}"), names_pool, "{text}");
    world.is_settled(text);
    world.writes();
}

fn aws(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

/// `managed_policies` of these of the account's own, by number.
fn managed(numbers: impl IntoIterator<Item = usize>) -> String {
    let own = |number| format!("arn:aws:iam::{ACCOUNT}:policy/own-{number}");
    let all: Vec<_> = numbers.into_iter().map(own).collect();
    format!("managed_policies = {all:?}")
}

#[test]
fn managed_policies_are_those_of_the_file_also_where_there_is_room_for_no_more() {
    let world = World::new();
    for number in 0..20 {
        let input = json!({ "PolicyName": format!("own-{number}"), "PolicyDocument": "{}" });
        world.somebody("iam", "CreatePolicy", input);
    }
    let (attach, detach) = ("iam:AttachRolePolicy", "iam:DetachRolePolicy");
    let steps: [(String, Vec<&str>); 6] = [
        (managed(0..2), vec![]),
        // The new one comes first.
        (managed(1..3), vec![attach, detach]),
        (managed(1..11), [attach].repeat(8)),
        (managed(2..12), vec![detach, attach]),
        (managed((2..12).rev()), vec![]),
        (String::new(), [detach].repeat(10)),
    ];
    for (lines, writes) in steps {
        let is_first = world.names().is_empty();
        let text = file(&lines);
        world.apply(&text);
        world.is_settled(&text);
        let sent = world.writes();
        assert!(is_first || sent == writes, "{lines}: {sent:?}");
        assert_eq!(
            world.cloud().policies(ROLE).1.len(),
            lines.matches("arn:").count()
        );
        comes_back(&world, false);
    }
    let eleven = file(&managed(0..11));
    let error = Stack::parse("stack.toml", &eleven, &Inputs::default())
        .err()
        .unwrap();
    assert!(error.message.contains("too many items"), "{error}");
}

#[test]
fn what_somebody_attaches_is_told_and_taken_off_and_what_the_file_names_stays() {
    let world = World::new();
    let text = file(&format!(
        "managed_policies = [{:?}]",
        aws("PowerUserAccess")
    ));
    world.apply(&text);
    world.later();
    let other = json!({ "RoleName": ROLE, "PolicyArn": aws("AdministratorAccess") });
    world.somebody("iam", "AttachRolePolicy", other);
    let taken = json!({ "RoleName": ROLE, "PolicyArn": aws("PowerUserAccess") });
    world.somebody("iam", "DetachRolePolicy", taken);
    let plan = world.plan(&text).unwrap();
    let changes: Vec<_> = plan.steps.iter().flat_map(|it| &it.changes).collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].old, json!([aws("AdministratorAccess")]));
    assert_eq!(changes[0].new, json!([aws("PowerUserAccess")]));
    world.writes();
    world.apply(&text);
    assert_eq!(
        world.writes(),
        ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    );
    world.is_settled(&text);
    assert_eq!(world.cloud().policies(ROLE).1, [aws("PowerUserAccess")]);
}

#[test]
fn a_policy_that_is_not_there_is_named_with_what_to_do() {
    let world = World::new();
    let text = file(&managed([7]));
    let report = world.try_apply(&text).unwrap();
    let failed = report.results.into_iter().find_map(|it| match it.outcome {
        Outcome::Failed(error) => Some((it.address.to_string(), error)),
        _ => None,
    });
    let (address, error) = failed.unwrap();
    assert_eq!(address, "functions.users.role");
    let hint = error.hint.clone().unwrap_or_default();
    assert!(
        error.message.contains("does not exist") && hint.contains("policy/own-7"),
        "{error}: {hint}"
    );
    let input = json!({ "PolicyName": "own-7", "PolicyDocument": "{}" });
    world.somebody("iam", "CreatePolicy", input);
    world.later();
    world.apply(&text);
    world.is_settled(&text);
}

#[test]
fn a_boundary_is_there_before_more_is_allowed_and_until_less_is() {
    let more = format!(
        "permissions_boundary = {:?}\nmanaged_policies = [{:?}]\n{}",
        aws("PowerUserAccess"),
        aws("AmazonS3ReadOnlyAccess"),
        statements()[1][0],
    );
    let (less, more) = (file("permissions_boundary = \"\""), file(&more));
    let world = World::new();
    world.apply(&less);
    world.later();
    world.writes();
    world.apply(&more);
    world.is_settled(&more);
    let [set, put, attach] = [
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "AttachRolePolicy",
    ];
    assert_eq!(
        world.writes(),
        [set, put, attach].map(|it| format!("iam:{it}"))
    );
    world.apply(&less);
    world.is_settled(&less);
    let [delete, detach, free] = [
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "DeleteRolePermissionsBoundary",
    ];
    assert_eq!(
        world.writes(),
        [delete, detach, free].map(|it| format!("iam:{it}"))
    );
}

/// Statements of about so many characters, which all begin alike.
fn long(start: &str, characters: usize) -> String {
    let actions: Vec<_> = (0..characters / 20)
        .map(|it| format!("s3:{start}{it:012}"))
        .collect();
    format!("[[functions.users.allow]]\nactions = {actions:?}\nresources = [\"*\"]\n")
}

#[test]
fn policies_that_are_too_long_are_a_mistake_and_long_ones_take_each_others_place() {
    let secrets = |count: usize| {
        let arn = |it| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:s{it}-AbCdEf");
        format!(
            "reads_secrets = {:?}\n",
            (0..count).map(arn).collect::<Vec<_>>()
        )
    };
    let world = World::new();
    for lines in [
        long("A", 12_000),
        format!("{}{}", secrets(30), long("A", 6000)),
    ] {
        let error = Stack::parse("stack.toml", &file(&lines), &Inputs::default())
            .err()
            .unwrap();
        assert!(
            error.message.contains("IAM takes 10240 in all")
                && error.message.contains("functions.users.allow"),
            "{error}"
        );
    }
    let (one, other) = (
        format!("{}{}", secrets(30), long("A", 2000)),
        long("A", 9000),
    );
    for lines in [&one, &other, &one, &secrets(30), &other, &String::new()] {
        world.apply(&file(lines));
        world.is_settled(&file(lines));
    }
    // Somebody's own policy leaves no room for what takes its place.
    let document = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Resource": "*",
        "Action": (0..450).map(|it| format!("s3:B{it:012}")).collect::<Vec<_>>() } });
    let input =
        json!({ "RoleName": ROLE, "PolicyName": "own", "PolicyDocument": document.to_string() });
    world.somebody("iam", "PutRolePolicy", input);
    world.writes();
    world.apply(&file(&other));
    assert_eq!(
        world.writes(),
        ["iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    );
    world.is_settled(&file(&other));
}

/// What is wrong with a file, and the line that is shown.
fn mistake(lines: &str) -> (String, String) {
    let text = file(lines);
    let error = Stack::parse("stack.toml", &text, &Inputs::default()).err();
    let message = error.unwrap_or_else(|| panic!("{text}")).message;
    let number = message.split("stack.toml:").nth(1).unwrap();
    let number: usize = number.split(':').next().unwrap().parse().unwrap();
    (
        message.clone(),
        text.lines().nth(number - 1).unwrap().to_owned(),
    )
}

#[test]
fn every_mistake_in_a_statement_is_shown_at_its_line() {
    let of = |actions: &str, resources: &str, more: &str| {
        format!(
            "[[functions.users.allow]]\nactions = [{actions}]\nresources = [{resources}]\n{more}\n"
        )
    };
    let (get, all) = ("\"s3:GetObject\"", "\"*\"");
    for (lines, words, line) in [
        (of("\"GetObject\"", all, ""), "SERVICE:ACTION", "actions"),
        (of("\"s3\", \"s3:Get*\"", all, ""), "SERVICE:ACTION", "actions"),
        (of("", all, ""), "too few items", "actions"),
        (of(get, "", ""), "too few items", "resources"),
        (of(get, "\"users\"", ""), "an ARN", "resources"),
        (of(get, "\"arn:aws:s3\"", ""), "an ARN", "resources"),
        (of(get, all, "conditions = { StringEqual = { \"aws:x\" = \"a\" } }"), "an operator of IAM's", "conditions"),
        (of(get, all, "conditions = { Bool = { secure = \"true\" } }"), "a condition key", "conditions"),
        (of(get, all, "conditions = { Bool = { \"aws:x\" = true } }"), "a text in quotes or a list", "conditions"),
        (of(get, all, "effect = \"Deny\""), "unknown key `effect`", "effect"),
        ("allow = []".into(), "too few items", "allow"),
        ("managed_policies = [\"AmazonDynamoDBReadOnlyAccess\"]".into(), "a policy's ARN", "managed_policies"),
        ("role = \"arn:aws:iam::123456789012:role/x\"\nallow = [{ actions = [\"s3:*\"], resources = [\"*\"] }]".into(),
            "does not make", "allow"),
        ("role = \"arn:aws:iam::123456789012:role/x\"\nmanaged_policies = []".into(), "does not make", "managed_policies"),
        ("role = \"arn:aws:iam::123456789012:role/x\"\nreads_secrets = []".into(), "does not make", "reads_secrets"),
        ("existing = true\nmanaged_policies = []".into(), "not wsctl's to set", "managed_policies"),
        (of(get, "\"${functions.users.arn}\"", ""), "these need one another: functions.users", "resources"),
        (of(get, "\"${functions.others.arn}\"", ""), "there is no `functions.others`", "resources"),
    ] {
        let (message, shown) = mistake(&lines);
        assert!(message.contains(words) && shown.starts_with(line), "{shown}: {message}\n{lines}");
    }
}

#[test]
fn everything_on_everything_is_a_warning_and_less_is_none() {
    let warnings = |actions: &str, resources: &str| {
        let lines = format!(
            "[[functions.users.allow]]\nactions = [{actions}]\nresources = [{resources}]\n"
        );
        let stack = Stack::parse("stack.toml", &file(&lines), &Inputs::default()).unwrap();
        stack.shown_warnings().concat()
    };
    for all in ["\"*\"", "\"s3:GetObject\", \"*:*\""] {
        let said = warnings(all, "\"arn:aws:s3:::x\", \"*\"");
        assert!(
            said.contains("may do everything") && said.contains("stack.toml:10:"),
            "{said}"
        );
    }
    assert_eq!(warnings("\"*\"", "\"arn:aws:s3:::x\""), "");
    assert_eq!(warnings("\"s3:*\"", "\"*\""), "");
}
