//! However a file says what it says, after an apply the plan is empty: with references in every text,
//! list and map that may hold one, with lists and maps that are empty, with its sets in another order
//! and its lines ended otherwise.

use super::{
    cases, choices,
    stacks::{Declares, stack},
    world::World,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Stands for the end of a line in a text, until the file is written.
const LINE: &str = "¶";

/// The same choices, the same file, with lists that have several items or none.
fn rich(choices: &[u8]) -> Table {
    let mut tree: Table = stack(choices, Declares::Some).parse().unwrap();
    let choice = |index: usize| usize::from(choices.get(index).copied().unwrap_or(0));
    let has_api = tree.contains_key("api");
    let tags = "tags = { team = \"a\", more = \"eu-west-1 of made\" }"
        .parse::<Table>()
        .unwrap();
    tree["stack"].as_table_mut().unwrap().extend(tags);
    if let Some(pool) = tree.get_mut("user_pool") {
        user_pool(pool.as_table_mut().unwrap(), has_api, choice(1));
    }
    for (_, function) in tree
        .get_mut("functions")
        .and_then(Value::as_table_mut)
        .into_iter()
        .flatten()
    {
        let function = function.as_table_mut().unwrap();
        let secrets =
            "reads_secrets = [\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:z-AbCdEf\",
            \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf\", \"\"]";
        let lists = [
            "",
            secrets,
            "vpc = { subnet_ids = [\"subnet-2\", \"subnet-1\"], security_group_ids = [\"sg-1\"] }",
        ];
        function.extend(lists[choice(2) % 3].parse::<Table>().unwrap());
    }
    if let Some(api) = tree.get_mut("api") {
        self::api(api.as_table_mut().unwrap(), choice(3));
    }
    tree
}

fn user_pool(pool: &mut Table, has_api: bool, choice: usize) {
    let attributes = "custom_attributes = { flag = { type = \"boolean\", min = 0, max = 1 },
        day = { type = \"datetime\", max = 9 }, level = { type = \"number\", min = 0 } }";
    pool.extend(attributes.parse::<Table>().unwrap());
    let message = format!(
        "verification_message = {{ email_message = \"Hello{LINE}{LINE}it is {{####}}{LINE}\" }}"
    );
    pool.extend(message.parse::<Table>().unwrap());
    let api = if has_api {
        ", \"https://${api.id}.example.com/\""
    } else {
        ""
    };
    for (index, (_, client)) in pool
        .get_mut("clients")
        .and_then(Value::as_table_mut)
        .into_iter()
        .flatten()
        .enumerate()
    {
        let client = client.as_table_mut().unwrap();
        client.remove("default_redirect_uri");
        // The flows below do not go with it.
        client.remove("refresh_token_rotation");
        let lists = format!(
            "oauth_grants = [\"implicit\", \"code\"]\noauth_scopes = [\"profile\", \"openid\", \"email\"]
            callback_urls = [\"https://example.com/b\", \"https://${{user_pool.id}}.example.com/\", \"https://example.com/a\"{api}]
            logout_urls = [\"https://example.com/c\"{api}, \"https://a.example.com/\"]
            default_redirect_uri = \"https://example.com/b\"
            identity_providers = [\"COGNITO\"]"
        );
        client.extend(lists.parse::<Table>().unwrap());
        let more = [
            "auth_flows = []\nread_attributes = []\nwrite_attributes = []",
            "auth_flows = [\"ALLOW_USER_SRP_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\", \"ALLOW_CUSTOM_AUTH\"]
            read_attributes = [\"nickname\", \"email\", \"name\"]\nwrite_attributes = [\"name\", \"email\"]",
        ];
        client.extend(more[(choice + index) % 2].parse::<Table>().unwrap());
    }
}

fn api(api: &mut Table, choice: usize) {
    let cors = [
        "headers = [\"X-B\", \"Authorization\", \"X-A\"]\nmethods = [\"PUT\", \"GET\"]",
        "headers = []\nmethods = []",
    ];
    if let Some(table) = api.get_mut("cors").and_then(Value::as_table_mut) {
        table.extend(cors[choice % 2].parse::<Table>().unwrap());
    }
    for (_, authorizer) in api
        .get_mut("authorizers")
        .and_then(Value::as_table_mut)
        .into_iter()
        .flatten()
    {
        let arns = "user_pool_arns = [\"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_ZZZZZZZZZ\",
            \"${user_pool.arn}\", \"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_0AAAAAAAA\"]";
        let authorizer = authorizer.as_table_mut().unwrap();
        if !authorizer.contains_key("function") {
            authorizer.extend(arns.parse::<Table>().unwrap());
        }
    }
    for (_, route) in api["routes"].as_table_mut().unwrap() {
        let route = route.as_table_mut().unwrap();
        if route.contains_key("scopes") {
            route.extend(
                "scopes = [\"profile\", \"openid\", \"email\"]"
                    .parse::<Table>()
                    .unwrap(),
            );
        }
    }
    if choice % 3 == 1 {
        let format = "access_logs = { format = \"$context.requestId made eu-west-1\" }";
        api["stage"]
            .as_table_mut()
            .unwrap()
            .extend(format.parse::<Table>().unwrap());
    }
}

/// The file of a tree.
fn written(tree: &Table) -> String {
    let text = toml::to_string(tree).unwrap();
    let lines =
        text.lines().map(
            |line| match (line.contains(LINE), line.find('"'), line.rfind('"')) {
                (true, Some(first), Some(last)) => {
                    let inner = line[first + 1..last].replace(LINE, "\n");
                    format!(
                        "{}\"\"\"\n{inner}\"\"\"{}\n",
                        &line[..first],
                        &line[last + 1..]
                    )
                }
                _ => format!("{line}\n"),
            },
        );
    lines.collect()
}

/// Calls `visit` with every text, and where it stands.
fn each_text(
    tree: &mut Value,
    place: &mut Vec<String>,
    visit: &mut dyn FnMut(&[String], &mut String),
) {
    match tree {
        Value::String(text) => visit(place, text),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                place.push(index.to_string());
                each_text(item, place, visit);
                place.pop();
            }
        }
        Value::Table(map) => {
            for (key, value) in map {
                place.push(key.clone());
                each_text(value, place, visit);
                place.pop();
            }
        }
        _ => {}
    }
}

/// Every place with its text.
fn texts(tree: &Table) -> Vec<(Vec<String>, String)> {
    let mut found = vec![];
    let mut whole = Value::Table(tree.clone());
    each_text(&mut whole, &mut vec![], &mut |place, text| {
        found.push((place.to_vec(), text.clone()))
    });
    found
}

/// `tree` with another text at these places.
fn with(tree: &Table, places: &[&Vec<String>], new: &str) -> Table {
    let mut whole = Value::Table(tree.clone());
    each_text(&mut whole, &mut vec![], &mut |place, text| {
        if places.iter().any(|it| *it == place) {
            new.clone_into(text);
        }
    });
    match whole {
        Value::Table(tree) => tree,
        _ => unreachable!("a table stays one"),
    }
}

/// A file in which texts are references, and the environment that some of them are to.
struct Referring {
    tree: Table,
    environment: BTreeMap<String, String>,
}

impl Referring {
    /// Says each text of `tree` by a reference, wherever the file then has no mistake.
    fn of(tree: Table, choices: &[u8]) -> Self {
        let all = texts(&tree);
        let mut values: Vec<_> = all.iter().map(|(_, text)| text.clone()).collect();
        values.sort();
        values.dedup();
        let mut made = Self {
            tree,
            environment: BTreeMap::new(),
        };
        for (index, value) in values.iter().enumerate() {
            let places: Vec<_> = all
                .iter()
                .filter(|(_, text)| text == value)
                .map(|it| &it.0)
                .collect();
            made.refer(
                value,
                &places,
                index,
                choices.get(index).copied().unwrap_or(0),
            );
        }
        made
    }

    fn refer(&mut self, value: &str, places: &[&Vec<String>], index: usize, choice: u8) {
        // The later a value, the earlier the name of what stands for it.
        let name = format!("V{:03}", 999 - index);
        let (mut tree, mut environment) = (self.tree.clone(), self.environment.clone());
        let new = match choice % 4 {
            0 if !value.contains("${") => {
                environment.insert(name.clone(), value.replace(LINE, "\n"));
                format!("${{env.{name}}}")
            }
            1 if !value.contains(LINE) && !value.contains("${") => {
                let variables = tree.entry("vars").or_insert(Value::Table(Table::new()));
                variables
                    .as_table_mut()
                    .unwrap()
                    .insert(name.clone(), Value::String(value.to_owned()));
                format!("${{var.{name}}}")
            }
            2 => value
                .replace("eu-west-1", "${stack.region}")
                .replace("123456789012", "${stack.account}")
                .replace("made", "${stack.name}"),
            _ if value.starts_with("https://example.com/")
                || ["one", "other", "a", "b"].contains(&value) =>
            {
                let output = [
                    "user_pool.arn",
                    "api.id",
                    "functions.function0.name",
                    "secrets.secret0.name",
                ];
                format!("{value}${{{}}}", output[index % 4])
            }
            _ => return,
        };
        let without_variables = std::mem::replace(&mut self.environment, environment);
        // Everywhere at once, since some texts have to be the same; or else wherever it may stand.
        let all_at_once = with(&tree, places, &new);
        if self.is_valid(&all_at_once) {
            self.tree = all_at_once;
            return;
        }
        let mut is_used = false;
        for place in places {
            let here = with(&tree, &[place], &new);
            if self.is_valid(&here) {
                (tree, is_used) = (here, true);
            }
        }
        match is_used {
            true => self.tree = tree,
            false => self.environment = without_variables,
        }
    }

    fn is_valid(&self, tree: &Table) -> bool {
        World::new()
            .with_environment(self.environment.clone())
            .accepts(&written(tree))
    }
}

/// The lists whose order counts: AWS asks for the first way to recover first, and lays a later layer over an
/// earlier one.
const ORDERED: [&str; 2] = ["account_recovery", "layers"];

/// Every list the other way round, but for those whose order counts.
fn permuted(tree: &mut Value, key: &str) {
    match tree {
        Value::Array(items) if !ORDERED.contains(&key) => items.reverse(),
        Value::Table(map) => map.iter_mut().for_each(|(key, value)| permuted(value, key)),
        _ => {}
    }
}

fn is_never_undone(choices: &[u8]) {
    let made = Referring::of(rich(choices), choices);
    let text = written(&made.tree);
    let world = World::new().with_environment(made.environment.clone());
    world.apply(&text);
    world.is_settled(&text);
    let mut other = Value::Table(made.tree);
    permuted(&mut other, "");
    let Value::Table(other) = other else {
        unreachable!("a table stays one")
    };
    world.is_settled(&written(&other));
    world.is_settled(&text.replace('\n', "\r\n"));
}

proptest! {
    #![proptest_config(cases(25))]
    #[test]
    fn references_permuted_sets_and_other_line_ends_plan_nothing(choices in choices()) {
        is_never_undone(&choices);
    }
}

/// Every place of a list or a map.
fn collections(tree: &Value, place: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if let Value::Array(_) = tree {
        found.push(place.clone());
    }
    if let Value::Table(map) = tree {
        found.push(place.clone());
        for (key, value) in map {
            place.push(key.clone());
            collections(value, place, found);
            place.pop();
        }
    }
}

fn at<'a>(tree: &'a mut Value, place: &[String]) -> &'a mut Value {
    place.iter().fold(tree, |tree, key| &mut tree[key.as_str()])
}

#[test]
fn whatever_may_be_empty_is_empty_and_plans_nothing() {
    let tree = Value::Table(rich(&[0].into_iter().chain([1; 159]).collect::<Vec<_>>()));
    let mut places = vec![];
    collections(&tree, &mut vec![], &mut places);
    let mut tried = vec![];
    for place in places {
        let mut emptied = tree.clone();
        let value = at(&mut emptied, &place);
        *value = if value.is_array() {
            Value::Array(vec![])
        } else {
            Value::Table(Table::new())
        };
        let Value::Table(emptied) = emptied else {
            continue;
        };
        let (text, world) = (written(&emptied), World::new());
        if world.accepts(&text) {
            world.apply(&text);
            world.is_settled(&text);
            tried.push(place.join("."));
        }
    }
    assert!(tried.len() > 20, "{tried:#?}");
}

#[test]
fn a_text_of_several_lines_is_the_same_with_either_end() {
    let text = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"made\"
[user_pool.invitation_message]\nemail_message = \"\"\"\nHello {username},\n{####}\n\"\"\"\n";
    for (first, then) in [
        (text.replace('\n', "\r\n"), text.to_owned()),
        (text.to_owned(), text.replace('\n', "\r\n")),
    ] {
        let world = World::new();
        world.apply(&first);
        world.is_settled(&then);
    }
    // One that is written out is meant.
    let world = World::new();
    world.apply(text);
    assert!(
        !world
            .plan(&text.replace("{username},\n", "{username},\\r\\n"))
            .unwrap()
            .is_empty()
    );
}

/// Names that are known before anything is asked, whose number only an answer tells.
#[test]
fn a_name_with_the_accounts_number_is_found_again() {
    let text = "[stack]\nname = \"made\"\nregion = \"eu-west-1\"
[user_pool]\nname = \"made-${stack.account}\"
[user_pool.clients.web]\nname = \"web-${stack.account}\"
[functions.f]\nname = \"f-${stack.account}\"\nzip = \"users.zip\"
[api]\nname = \"made-${stack.account}\"
[api.stage]\nname = \"dev\"
[api.authorizers.pool]\nname = \"pool-${stack.account}\"
[api.routes]\n\"GET /\" = { function = \"f\", authorizer = \"pool\" }\n";
    let world = World::new();
    world.apply(text);
    world.is_settled(text);
}
