//! Identity providers: AWS refuses a client one that is not there yet, fills in what nobody said, and gives
//! back a secret that nobody is to see.

use super::world::{NAME, World};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write};
use wsctl::{
    error::ErrorKind,
    spec::{
        identity_provider::{ProviderType, SECRETS},
        user_pool::word,
    },
};

const POOL: &str =
    "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"made\"\n";

/// A value of each field, and another; of one that is optional also none.
fn values(field: &str) -> [&'static str; 2] {
    match field {
        "client_id" => ["\"one\"", "\"two\""],
        "client_secret" | "private_key" => ["\"${env.ONE}\"", "\"${env.TWO}\""],
        "scopes" => ["[\"email\", \"public_profile\"]", "[\"email\"]"],
        "team_id" | "key_id" => ["\"AAAAA\"", "\"BBBBB\""],
        "issuer" => ["\"https://one.example.com\"", "\"https://two.example.com\""],
        "attributes_request_method" => ["\"POST\"", "\"GET\""],
        "api_version" => ["\"v17.0\"", "\"v18.0\""],
        "metadata" => ["\"<one/>\"", "\"<two/>\""],
        "attribute_mapping" => ["{ email = \"mail\" }", "{ name = \"n\", username = \"u\" }"],
        "idp_identifiers" => ["[\"one.example.com\"]", "[\"two.example.com\", \"2\"]"],
        _ if field.ends_with("url") || field.ends_with("uri") => [
            "\"https://one.example.com/x\"",
            "\"https://one.example.com/y\"",
        ],
        _ => ["true", "false"],
    }
}

/// The fields of a type but for its type; of the three that say the metadata, one.
fn fields(of: ProviderType) -> Vec<&'static str> {
    let said_once = |it: &&str| !["type", "metadata_file", "metadata"].contains(it);
    of.fields().filter(said_once).collect()
}

fn name(of: ProviderType) -> String {
    match of.has_one_name() {
        true => word(&of),
        false => format!("My-{}", word(&of)),
    }
}

/// A pool with a provider of this type and these fields, and a client that offers it.
fn file(of: ProviderType, declared: &BTreeMap<&str, &str>) -> String {
    let (name, its_type) = (name(of), word(&of));
    let mut text = format!(
        "{POOL}[user_pool.clients.web]\nname = \"web\"\nidentity_providers = [\"COGNITO\", \"{name}\"]\n\
         [user_pool.identity_providers.{name}]\ntype = \"{its_type}\"\n"
    );
    for (field, value) in declared {
        writeln!(text, "{field} = {value}").unwrap();
    }
    text
}

fn world() -> World {
    let variables = [("ONE", "the-first-secret"), ("TWO", "the-second-secret")];
    let variables = variables.map(|(name, it)| (name.to_owned(), it.to_owned()));
    World::new().with_environment(variables.into())
}

/// The writes to providers and clients of an apply, in order.
fn writes(world: &World, text: &str) -> Vec<String> {
    world.writes_to(&["IdentityProvider", "UserPoolClient"], text)
}

fn google(client: &str) -> String {
    format!(
        "{POOL}[user_pool.clients.web]\nname = \"web\"\n{client}[user_pool.identity_providers.Google]\n\
         type = \"Google\"\nclient_id = \"one\"\nclient_secret = \"${{env.ONE}}\"\nscopes = [\"email\"]\n"
    )
}

const OFFERS: &str = "identity_providers = [\"COGNITO\", \"Google\"]\n";

#[test]
fn a_provider_is_there_before_a_client_and_goes_after_it() {
    let world = world();
    let made = ["CreateIdentityProvider", "CreateUserPoolClient"];
    assert_eq!(writes(&world, &google(OFFERS)), made);
    let without = format!(
        "{POOL}[user_pool.clients.web]\nname = \"web\"\nidentity_providers = [\"COGNITO\"]\n"
    );
    let gone = ["UpdateUserPoolClient", "DeleteIdentityProvider"];
    assert_eq!(writes(&world, &without), gone);
    let back = ["CreateIdentityProvider", "UpdateUserPoolClient"];
    assert_eq!(writes(&world, &google(OFFERS)), back);
    world.destroy(&google(OFFERS));
    world.is_innocent();
}

#[test]
fn a_provider_does_not_go_while_a_client_of_the_stack_keeps_it() {
    let world = world();
    world.apply(&google(OFFERS));
    world.later();
    // What is left out stays as it is.
    assert!(world.plan(&google("")).unwrap().is_empty());
    let silent = format!("{POOL}[user_pool.clients.web]\nname = \"web\"\n");
    let error = world.plan(&silent).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Refused);
    let said =
        "user_pool.clients.web: its identity_providers has Google, which this plan takes away";
    assert!(error.message.contains(said), "{error}");
}

/// Each type with all its fields: then each field otherwise, and each that is not needed left out.
#[test]
fn every_field_of_every_type_is_set_changed_and_left_as_it_is() {
    let mut tried = 0;
    for of in ProviderType::ALL {
        let all: BTreeMap<_, _> = fields(of)
            .into_iter()
            .map(|it| (it, values(it)[0]))
            .collect();
        let world = world();
        world.apply(&file(of, &all));
        world.is_settled(&file(of, &all));
        world.later();
        let start = world.cloud();
        for field in fields(of) {
            let again = World::of(start.clone()).with_environment(world.environment().clone());
            let mut changed = all.clone();
            changed.insert(field, values(field)[1]);
            let seen = field != "private_key";
            let expected: &[&str] = if seen {
                &["UpdateIdentityProvider"]
            } else {
                &[]
            };
            assert_eq!(
                writes(&again, &file(of, &changed)),
                expected,
                "{of:?}: {field}"
            );
            again.is_innocent();
            let mut fewer = all.clone();
            fewer.remove(field);
            let fewer = file(of, &fewer);
            let same = World::of(start.clone()).with_environment(world.environment().clone());
            if same.takes(&fewer) {
                assert!(same.plan(&fewer).unwrap().is_empty(), "{of:?}: {field}");
            }
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

/// Only what it needs, so that AWS fills in all the rest: none of that is a difference, nor is it pinned by
/// an update.
#[test]
fn what_aws_fills_in_is_no_difference_and_follows_what_it_comes_from() {
    for of in ProviderType::ALL {
        let mut needed: BTreeMap<_, _> = of.needs().iter().map(|it| (*it, values(it)[0])).collect();
        if of == ProviderType::Saml {
            needed.insert("metadata_url", values("metadata_url")[0]);
        }
        let world = world();
        world.apply(&file(of, &needed));
        world.is_settled(&file(of, &needed));
        let Some(issuer) = needed.get_mut("issuer") else {
            continue;
        };
        *issuer = values("issuer")[1];
        world.apply(&file(of, &needed));
        world.is_settled(&file(of, &needed));
        let details = described(&world, &name(of));
        assert_eq!(details["token_url"], "https://two.example.com/token");
    }
}

fn described(world: &World, name: &str) -> Value {
    let pool = world.cloud().pool_field("made", "Id");
    let input = json!({ "UserPoolId": pool, "ProviderName": name });
    let answer = world
        .cloud()
        .call("cognito-idp", "DescribeIdentityProvider", input);
    answer.unwrap()["IdentityProvider"]["ProviderDetails"].clone()
}

#[test]
fn metadata_are_taken_from_an_address_or_as_they_are() {
    let world = world();
    let of = |field: &'static str| file(ProviderType::Saml, &[(field, values(field)[0])].into());
    for field in ["metadata", "metadata_url", "metadata"] {
        world.apply(&of(field));
        world.is_settled(&of(field));
    }
    let details = described(&world, "My-SAML");
    assert_eq!(
        (&details["MetadataFile"], &details["MetadataURL"]),
        (&json!("<one/>"), &Value::Null)
    );
}

#[test]
fn a_secret_is_compared_and_shown_nowhere() {
    for of in ProviderType::ALL {
        let fields = fields(of);
        let Some(secret) = SECRETS.into_iter().find(|it| fields.contains(it)) else {
            continue;
        };
        let mut declared: BTreeMap<_, _> = fields.iter().map(|it| (*it, values(it)[0])).collect();
        let world = world();
        world.apply(&file(of, &declared));
        world.later();
        declared.insert(secret, values(secret)[1]);
        let plan = world.plan(&file(of, &declared)).unwrap();
        assert_eq!(
            plan.is_empty(),
            secret == "private_key",
            "AWS never tells that one"
        );
        let told = serde_json::to_string(&plan).unwrap();
        let drift = serde_json::to_string(&world.drift(&file(of, &declared))).unwrap();
        for text in [&told, &drift] {
            assert!(
                !text.contains("first-secret") && !text.contains("second-secret"),
                "{text}"
            );
        }
        // With anything else the key is sent along: AWS takes no details without it.
        declared.insert("client_id", values("client_id")[1]);
        world.apply(&file(of, &declared));
        world.is_settled(&file(of, &declared));
        world.is_innocent();
    }
}

#[test]
fn a_pool_without_providers_is_not_asked_for_them_and_one_that_had_some_is() {
    let world = world();
    let none = format!("{POOL}[user_pool.clients.web]\nname = \"web\"\n");
    world.apply(&none);
    world.later();
    let asked = |text: &str| {
        world.wire.take();
        let plan = world.plan(text).unwrap();
        let calls = world.wire.take().into_iter().map(|it| it.asked.operation);
        let lists = calls.filter(|it| it.contains("IdentityProvider")).count();
        (lists, plan.steps.len())
    };
    assert_eq!(asked(&none), (0, 0));
    world.apply(&google(""));
    world.later();
    // Nothing of it is declared, and it is the stack's: so it goes.
    assert_eq!(asked(&none), (2, 1));
    world.apply(&none);
    world.is_settled(&none);
}

#[test]
fn in_a_pool_that_is_there_a_client_offers_what_it_has() {
    let world = world();
    world.somebody(
        "cognito-idp",
        "CreateUserPool",
        json!({ "PoolName": "theirs" }),
    );
    world.later();
    let pool = world.cloud().pool_field("theirs", "Id");
    let details = json!({ "MetadataURL": "https://id.example.com" });
    let provider = json!({ "UserPoolId": pool, "ProviderName": "Okta", "ProviderType": "SAML",
        "ProviderDetails": details });
    world.somebody("cognito-idp", "CreateIdentityProvider", provider);
    world.later();
    let before = world.foreign();
    let file = |name: &str| {
        format!(
            "[stack]\nname = \"{NAME}\"\nregion = \"eu-west-1\"\n[user_pool]\nexisting = true\nname = \"theirs\"\n\
             [user_pool.clients.web]\nname = \"web\"\nidentity_providers = [\"COGNITO\", \"{name}\"]\n"
        )
    };
    let error = world.plan(&file("Otka")).err().unwrap().to_string();
    assert!(
        error.contains("the pool has no identity provider `Otka`"),
        "{error}"
    );
    assert!(
        error.contains("stack.toml:9:34") && error.contains("\"Okta\""),
        "{error}"
    );
    world.apply(&file("Okta"));
    world.is_settled(&file("Okta"));
    let own = format!(
        "{}[user_pool.identity_providers.Google]\ntype = \"Google\"\nclient_id = \"one\"\n\
         client_secret = \"${{env.ONE}}\"\nscopes = [\"email\"]\n",
        file("Google")
    );
    world.later();
    world.apply(&own);
    world.is_settled(&own);
    world.later();
    world.destroy(&own);
    assert_eq!(world.foreign(), before);
    world.is_innocent();
}

#[test]
fn a_table_without_its_secret_is_taken_while_the_provider_is_there() {
    let world = world();
    let without = google(OFFERS).replace("client_secret = \"${env.ONE}\"\n", "");
    let error = world.plan(&without).err().unwrap().to_string();
    assert!(
        error.contains("lacks `client_secret`, without which it cannot be made"),
        "{error}"
    );
    assert!(error.contains("${env.GOOGLE_CLIENT_SECRET}"), "{error}");
    world.apply(&google(OFFERS));
    world.later();
    assert!(world.plan(&without).unwrap().is_empty());
}
