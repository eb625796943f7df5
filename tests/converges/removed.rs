//! Any key or table is removed from an applied stack's file: what was declared with it stays as it is, or
//! goes with what hangs on it, and the plan says so; nothing that stays points at what is gone.

use super::{
    cases, choices,
    stacks::{Declares, stack},
    world::World,
};
use crate::support::is_thorough;
use proptest::prelude::*;
use std::cell::RefCell;
use toml::{Table, Value};
use wsctl::spec::{Produces, parts_of, rest_api::RestApi, user_pool::UserPool};

/// Keys that have a default of wsctl's own, which `docs/stack-toml.md` states, and maps in which every
/// key counts; without a resource's own tags the stack's are all that it has. `*` stands for any one
/// name.
const HAS_DEFAULT: [&str; 92] = [
    "api.authorizers.*.function",
    "api.authorizers.*.user_pool_arns",
    "api.cors.credentials",
    "api.cors.exposed_headers",
    "api.cors.headers",
    "api.cors.max_age",
    "api.cors.methods",
    "api.gateway_responses.*.headers",
    "api.gateway_responses.*.headers.*",
    "api.gateway_responses.*.status_code",
    "api.gateway_responses.*.templates",
    "api.gateway_responses.*.templates.*",
    "api.policy",
    "api.roles.*.allow",
    "api.roles.*.managed_policies",
    "api.roles.*.role_name",
    "api.routes.*.api_key_required",
    "api.routes.*.request_models",
    "api.routes.*.request_models.*",
    "api.routes.*.request_parameters",
    "api.routes.*.request_parameters.*",
    "api.routes.*.request_validator",
    "api.routes.*.scopes",
    "api.stage.access_logs.format",
    // What the settings of a single method leave out is the stage's, where the file says that.
    "api.stage.logging_level",
    "api.stage.metrics",
    "api.stage.throttling",
    "api.stage.methods",
    "api.stage.methods.*",
    "api.stage.methods.*.logging_level",
    "api.stage.methods.*.metrics",
    "api.stage.methods.*.throttling",
    "api.stage.variables",
    "api.stage.variables.*",
    "api.tags",
    "api.tags.*",
    "api_keys.*.tags",
    "api_keys.*.tags.*",
    "api_keys.*.usage_plan",
    "domain_names.*.base_paths",
    "domain_names.*.base_paths.*",
    "domain_names.*.endpoint",
    "domain_names.*.tags",
    "domain_names.*.tags.*",
    "functions.*.allow",
    "functions.*.architecture",
    "functions.*.environment.*",
    "functions.*.layers",
    "functions.*.managed_policies",
    "functions.*.reads_secrets",
    "functions.*.role_name",
    "functions.*.runtime",
    "functions.*.tags",
    "functions.*.tags.*",
    "identity_pool.allow_classic_flow",
    "identity_pool.allow_unauthenticated",
    "identity_pool.authenticated_role",
    "identity_pool.clients",
    "identity_pool.login_providers",
    "identity_pool.login_providers.*",
    "identity_pool.openid_connect_providers",
    "identity_pool.role_mappings",
    "identity_pool.roles.*.allow",
    "identity_pool.roles.*.managed_policies",
    "identity_pool.roles.*.role_name",
    "identity_pool.saml_providers",
    "identity_pool.tags",
    "identity_pool.tags.*",
    "identity_pool.unauthenticated_role",
    "secrets.*.tags",
    "secrets.*.tags.*",
    "stack.tags.*",
    "user_pool.devices",
    "user_pool.devices.challenge_new_devices",
    "user_pool.risk_configuration.account_takeover",
    "user_pool.risk_configuration.blocked_ip_ranges",
    "user_pool.risk_configuration.compromised_credentials",
    "user_pool.risk_configuration.skipped_ip_ranges",
    "user_pool.tags",
    "user_pool.tags.*",
    "user_pool.triggers",
    "user_pool.triggers.*",
    "usage_plans.*.quota",
    "usage_plans.*.quota.offset",
    "usage_plans.*.tags",
    "usage_plans.*.tags.*",
    "usage_plans.*.throttling",
    "user_pool.clients.*.branding.assets.*",
    "user_pool.mfa.sms.role_arn",
    "user_pool.roles",
    "user_pool.roles.sms",
    "user_pool.roles.sms.role_name",
];

/// Tables that are a resource, or several.
const IS_RESOURCE: [&str; 20] = [
    "api",
    "api.authorizers.*",
    "api.cors",
    "api.gateway_responses.*",
    "api.roles.*",
    "api.routes.*",
    "api.stage.access_logs",
    "api_keys.*",
    "domain_names.*",
    "functions.*",
    "identity_pool",
    "identity_pool.roles.*",
    "secrets.*",
    "stack.tags",
    "usage_plans.*",
    "user_pool",
    "user_pool.clients.*",
    "user_pool.custom_domain",
    "user_pool.domain",
    "user_pool.risk_configuration",
];

/// Groups of resources.
const IS_RESOURCES: [&str; 11] = [
    "api.authorizers",
    "api.gateway_responses",
    "api.roles",
    "api.routes",
    "api_keys",
    "domain_names",
    "functions",
    "identity_pool.roles",
    "secrets",
    "usage_plans",
    "user_pool.clients",
];

/// Whether it is one of a pool's or an API's parts, several of them, or an entry of a map of one in which every key
/// counts.
fn is_of_parts(path: &[String]) -> bool {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    let [owner, table, name @ ..] = path.as_slice() else {
        return false;
    };
    let mut kinds = match *owner {
        "user_pool" => parts_of(UserPool::NAME),
        "api" => parts_of(RestApi::NAME),
        _ => return false,
    };
    kinds.any(|(kind, _)| match name {
        [] | [_] => *table == kind.table,
        [_, field, _] => *table == kind.table && kind.whole.contains(field),
        _ => false,
    })
}

/// Whether it is a part of what answers a route, all of which counts.
fn is_of_integration(path: &[String]) -> bool {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    matches!(path.as_slice(), ["api", "routes", _, "integration", ..])
}

fn fits(path: &[String], patterns: &[&str]) -> bool {
    let is_of = |pattern: &&str| {
        let parts: Vec<_> = pattern.split('.').collect();
        parts.len() == path.len()
            && parts
                .iter()
                .zip(path)
                .all(|(part, key)| *part == "*" || part == key)
    };
    patterns.iter().any(is_of)
}

fn child<'a>(table: &'a mut Table, key: &str) -> &'a mut Table {
    let below = table
        .entry(key)
        .or_insert_with(|| Value::Table(Table::new()));
    below.as_table_mut().unwrap()
}

/// A stack of these choices with every sort of key that the others have not.
fn file(choices: &[u8]) -> Table {
    let mut file: Table = toml::from_str(&stack(choices, Declares::All)).unwrap();
    let pick = |index: usize| choices.get(index).copied().unwrap_or_default();
    if pick(1) % 3 == 0 {
        child(child(&mut file, "stack"), "tags").insert("all".into(), "x".into());
    }
    for (key, function) in file
        .get_mut("functions")
        .and_then(Value::as_table_mut)
        .into_iter()
        .flatten()
    {
        let function = function.as_table_mut().unwrap();
        function.insert("role_name".into(), format!("role-of-{key}").into());
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:outside-AbCdEf";
        function.insert("reads_secrets".into(), Value::Array(vec![arn.into()]));
        // With empty lists it leaves its network, for which its role stays as it is.
        for (field, id) in [("subnet_ids", "subnet-1"), ("security_group_ids", "sg-1")] {
            child(function, "vpc").insert(field.into(), Value::Array(vec![id.into()]));
        }
        if pick(2) % 2 == 0 {
            child(function, "environment").insert("OUTSIDE".into(), arn.into());
        }
    }
    let has_pool = file.contains_key("user_pool");
    let Some(api) = file.get_mut("api").and_then(Value::as_table_mut) else {
        return file;
    };
    if pick(3) % 2 == 0 {
        let logs = child(child(api, "stage"), "access_logs");
        logs.insert("retention_days".into(), 14.into());
        logs.insert("format".into(), "$context.requestId".into());
    }
    if has_pool && let Some(authorizers) = api.get_mut("authorizers").and_then(Value::as_table_mut)
    {
        for (_, it) in authorizers {
            let it = it.as_table_mut().unwrap();
            if it.contains_key("type") {
                continue;
            }
            it.insert("token_source".into(), "X-Token".into());
            it.insert("validation_expression".into(), ".*".into());
            it.insert("ttl".into(), "60s".into());
        }
    }
    for (_, it) in child(api, "routes") {
        it.as_table_mut()
            .unwrap()
            .insert("timeout".into(), "10s".into());
    }
    if let Some(cors) = api.get_mut("cors").and_then(Value::as_table_mut) {
        cors.insert("headers".into(), Value::Array(vec!["X-One".into()]));
        cors.insert(
            "methods".into(),
            Value::Array(vec!["GET".into(), "POST".into()]),
        );
    }
    file
}

/// The paths of all keys and tables.
fn paths(table: &Table) -> Vec<Vec<String>> {
    let mut found = vec![];
    for (key, value) in table {
        found.push(vec![key.clone()]);
        let below = value.as_table().map(paths).unwrap_or_default();
        found.extend(
            below
                .into_iter()
                .map(|path| [vec![key.clone()], path].concat()),
        );
    }
    found
}

fn without(file: &Table, path: &[String]) -> String {
    let mut file = file.clone();
    let (last, above) = path.split_last().unwrap();
    above
        .iter()
        .fold(&mut file, |table, key| table[key].as_table_mut().unwrap())
        .remove(last);
    toml::to_string(&file).unwrap()
}

/// How many removals there were: of no file any more, without effect, refused, and carried out.
#[derive(Default, Debug)]
struct Counts {
    invalid: usize,
    unmanaged: usize,
    refused: usize,
    gone: usize,
}

/// Removes `path`, and what comes of it; the account afterwards, where the file still is one.
fn remove(
    world: &World,
    file: &Table,
    path: &[String],
    counts: &mut Counts,
) -> Option<(World, String)> {
    let text = without(file, path);
    if !world.takes(&text) {
        counts.invalid += 1;
        return None;
    }
    let after = World::of(world.cloud());
    let plan = match after.plan(&text) {
        Ok(plan) => plan,
        Err(error) => {
            assert!(
                error.message.contains("which this plan takes away")
                    || error.message.contains("and routes ask it"),
                "{path:?}: {error}\n{text}"
            );
            counts.refused += 1;
            return None;
        }
    };
    if plan.is_empty() {
        counts.unmanaged += 1;
        after.is_innocent();
        return Some((after, text));
    }
    // A further API can have what the other has.
    let as_api = match path {
        [apis, _, rest @ ..] if apis == "apis" => [&["api".to_owned()], rest].concat(),
        [apis] if apis == "apis" => vec!["api".to_owned()],
        path => path.to_vec(),
    };
    let is_known = [&HAS_DEFAULT[..], &IS_RESOURCE[..], &IS_RESOURCES[..]]
        .iter()
        .any(|it| fits(&as_api, it));
    assert!(
        is_known || is_of_parts(&as_api) || is_of_integration(&as_api),
        "{path:?}: {:#?}\n{}",
        crate::support::story::told(&plan),
        toml::to_string(file).unwrap()
    );
    after.apply(&text);
    after.is_settled(&text);
    counts.gone += 1;
    Some((after, text))
}

fn applied(choices: &[u8]) -> (Table, World) {
    let (file, world) = (file(choices), World::new());
    let text = toml::to_string(&file).unwrap();
    world.apply(&text);
    world.is_settled(&text);
    (file, world)
}

/// Of a stack's keys, each so many-th is removed: all of them, once, would take minutes.
fn each() -> usize {
    if is_thorough() { 6 } else { 12 }
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

proptest! {
    #![proptest_config(cases(24))]
    #[test]
    fn whatever_is_removed_from_the_file_stays_as_it_is_or_goes_as_a_whole(
        choices in choices(), first in 0..each(),
    ) {
        let (file, world) = applied(&choices);
        COUNTS.with_borrow_mut(|counts| {
            for path in paths(&file).iter().skip(first).step_by(each()) {
                remove(&world, &file, path, counts);
            }
            println!("{counts:?}");
        });
    }
}

proptest! {
    #![proptest_config(cases(6))]
    #[test]
    fn what_is_no_longer_declared_is_not_forgotten_when_something_else_goes(
        choices in choices(), from in 0..each(),
    ) {
        let (file, world) = applied(&choices);
        let firsts = ["environment", "vpc", "access_logs", "reads_secrets", "cors", "ttl", "domain"];
        COUNTS.with_borrow_mut(|counts| {
            for first in paths(&file).iter().filter(|it| firsts.iter().any(|key| it.last().unwrap() == key)) {
                let Some((world, text)) = remove(&world, &file, first, counts) else { continue };
                let file: Table = toml::from_str(&text).unwrap();
                for second in paths(&file).iter().skip(from).step_by(each()) {
                    remove(&world, &file, second, counts);
                }
            }
            println!("{counts:?}");
        });
    }
}

#[test]
fn each_key_of_a_stack_of_everything_stays_or_goes_as_a_whole() {
    let mut counts = Counts::default();
    for choice in [1, 3, 6] {
        let mut choices = vec![choice; 160];
        choices[0] = 0;
        let (file, world) = applied(&choices);
        paths(&file)
            .iter()
            .for_each(|path| drop(remove(&world, &file, path, &mut counts)));
    }
    println!("{counts:?}");
    assert!(
        [counts.invalid, counts.unmanaged, counts.gone]
            .iter()
            .all(|it| *it > 20),
        "{counts:?}"
    );
}

#[test]
fn children_that_are_left_alone_go_also_where_undeclared_ones_only_warn() {
    let head = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\nundeclared = \"warn\"\n";
    let function =
        |key: &str| format!("[functions.{key}]\nname = \"made-{key}\"\nzip = \"users.zip\"\n");
    let api = |routes: &str| {
        format!("[api]\nname = \"made\"\n[api.stage]\nname = \"dev\"\n[api.routes]\n{routes}")
    };
    let route = |path: &str, of: &str| {
        format!("\"GET {path}\" = {{ function = \"{of}\", authorizer = \"none\" }}\n")
    };
    let (one, two) = (function("one"), function("two"));
    let both = format!(
        "{head}{one}{two}{}",
        api(&(route("/a", "one") + &route("/b", "two")))
    );
    let without_api = format!("{head}{one}{two}");
    let without_two = format!("{head}{one}{}", api(&route("/a", "one")));
    for text in [without_two, without_api] {
        let world = World::new();
        world.apply(&both);
        world.later();
        world.apply(&text);
        world.is_settled(&text);
    }
}
