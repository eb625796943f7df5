//! Where in stack.toml each resource stands, and what refers to it. Pure.

use super::{
    draft::Draft,
    sam::DEFAULT,
    template::{Resource, Template},
};
use crate::stack::free_key;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The place of each resource that has one, by its id.
pub(super) struct Places {
    all: BTreeMap<String, Place>,
}

/// Where a resource stands.
#[derive(Clone)]
pub(super) struct Place {
    pub path: Vec<String>,
    /// What its id is there, and what its other attributes are, by the names in the definition.
    outputs: &'static [(&'static str, &'static str)],
}

/// The kinds that have a table, with what `Ref` gives first, and what attributes give. Terraform's names are in
/// small letters.
const KINDS: [(&str, &[(&str, &str)]); 13] = [
    (
        USER_POOL,
        &[
            ("", "id"),
            ("UserPoolId", "id"),
            ("id", "id"),
            ("Arn", "arn"),
            ("arn", "arn"),
            ("ProviderURL", "issuer"),
            ("name", "name"),
        ],
    ),
    (
        CLIENT,
        &[
            ("", "id"),
            ("ClientId", "id"),
            ("id", "id"),
            ("Name", "name"),
            ("name", "name"),
        ],
    ),
    (GROUP, &[("", "name"), ("name", "name")]),
    (
        RESOURCE_SERVER,
        &[("", "identifier"), ("identifier", "identifier")],
    ),
    (
        IDENTITY_PROVIDER,
        &[("", "name"), ("provider_name", "name")],
    ),
    (
        DOMAIN,
        &[("", "prefix"), ("domain", "prefix"), ("id", "prefix")],
    ),
    (
        IDENTITY_POOL,
        &[("", "id"), ("id", "id"), ("Name", "name"), ("arn", "arn")],
    ),
    (
        FUNCTION,
        &[
            ("", "name"),
            ("id", "name"),
            ("function_name", "name"),
            ("Arn", "arn"),
            ("arn", "arn"),
            ("invoke_arn", "arn"),
            ("qualified_arn", "arn"),
        ],
    ),
    (
        API,
        &[
            ("", "id"),
            ("id", "id"),
            ("RestApiId", "id"),
            ("execution_arn", "execute_arn"),
            ("RootResourceId", "root_resource_id"),
            ("root_resource_id", "root_resource_id"),
        ],
    ),
    (
        AUTHORIZER,
        &[("", "id"), ("id", "id"), ("AuthorizerId", "id")],
    ),
    (
        SECRET,
        &[
            ("", "arn"),
            ("id", "arn"),
            ("Id", "arn"),
            ("arn", "arn"),
            ("name", "name"),
        ],
    ),
    (USAGE_PLAN, &[("", "id"), ("id", "id"), ("Id", "id")]),
    (API_KEY, &[("", "id"), ("id", "id"), ("APIKeyId", "id")]),
];

pub(super) const USER_POOL: &str = "AWS::Cognito::UserPool";
pub(super) const CLIENT: &str = "AWS::Cognito::UserPoolClient";
pub(super) const GROUP: &str = "AWS::Cognito::UserPoolGroup";
pub(super) const RESOURCE_SERVER: &str = "AWS::Cognito::UserPoolResourceServer";
pub(super) const IDENTITY_PROVIDER: &str = "AWS::Cognito::UserPoolIdentityProvider";
pub(super) const DOMAIN: &str = "AWS::Cognito::UserPoolDomain";
pub(super) const IDENTITY_POOL: &str = "AWS::Cognito::IdentityPool";
pub(super) const FUNCTION: &str = "AWS::Lambda::Function";
pub(super) const API: &str = "AWS::ApiGateway::RestApi";
pub(super) const AUTHORIZER: &str = "AWS::ApiGateway::Authorizer";
pub(super) const STAGE: &str = "AWS::ApiGateway::Stage";
pub(super) const SECRET: &str = "AWS::SecretsManager::Secret";
pub(super) const USAGE_PLAN: &str = "AWS::ApiGateway::UsagePlan";
pub(super) const API_KEY: &str = "AWS::ApiGateway::ApiKey";
pub(super) const ROLE: &str = "AWS::IAM::Role";

/// Kinds that wsctl makes by itself, or that are a part of another's table.
const IMPLIED: [&str; 15] = [
    "AWS::Lambda::Permission",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Deployment",
    STAGE,
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::Logs::LogGroup",
    DEFAULT,
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    // Terraform's own.
    "AWS::ApiGateway::Integration",
    "AWS::ApiGateway::MethodResponse",
    "AWS::ApiGateway::IntegrationResponse",
    "AWS::ApiGateway::MethodSettings",
];

impl Places {
    pub fn of(template: &Template) -> Self {
        let mut places = Self {
            all: BTreeMap::new(),
        };
        for (kind, outputs) in KINDS {
            for resource in template.of_kind(kind) {
                if let Some(path) = places.path(template, resource) {
                    places
                        .all
                        .insert(resource.id.clone(), Place { path, outputs });
                }
            }
        }
        places
    }

    pub fn get(&self, id: &str) -> Option<&Place> {
        self.all.get(id)
    }

    pub fn path_of(&self, resource: &Resource) -> Option<&[String]> {
        self.get(&resource.id).map(|it| it.path.as_slice())
    }

    /// Where a resource of a kind goes: one user pool is in a stack, and one identity pool.
    fn path(&self, template: &Template, resource: &Resource) -> Option<Vec<String>> {
        let owned =
            |parts: &[&str]| Some(parts.iter().map(ToString::to_string).collect::<Vec<_>>());
        let id = resource.id.rsplit('.').next().unwrap_or_default();
        let literal = |name: &str| {
            resource
                .properties
                .get(name)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        let named = |table: &[&str], words: &[&str], otherwise: &str| {
            let own = resource.name.clone().filter(|it| is_key(it));
            let key = own.unwrap_or_else(|| key(id, words, otherwise));
            let key = self.free(table, &key);
            let mut path = owned(table)?;
            path.push(key);
            Some(path)
        };
        let of_pool = self.of_pool(template, resource);
        match resource.kind.as_str() {
            USER_POOL => self.only(&["user_pool"]),
            IDENTITY_POOL => self.only(&["identity_pool"]),
            CLIENT if of_pool => named(
                &["user_pool", "clients"],
                &["user", "pool", "client", "app", "cognito"],
                "app",
            ),
            GROUP if of_pool => owned(&[
                "user_pool",
                "groups",
                &literal("GroupName").unwrap_or_else(|| id.to_owned()),
            ]),
            RESOURCE_SERVER if of_pool => owned(&[
                "user_pool",
                "resource_servers",
                &literal("Identifier").unwrap_or_else(|| id.to_owned()),
            ]),
            IDENTITY_PROVIDER if of_pool => owned(&[
                "user_pool",
                "identity_providers",
                &literal("ProviderName").unwrap_or_else(|| id.to_owned()),
            ]),
            DOMAIN if of_pool && resource.properties.contains_key("CustomDomainConfig") => {
                self.only(&["user_pool", "custom_domain"])
            }
            DOMAIN if of_pool => self.only(&["user_pool", "domain"]),
            FUNCTION => named(&["functions"], &["function", "lambda", "fn"], "main"),
            SECRET => named(&["secrets"], &["secret"], "main"),
            USAGE_PLAN => named(&["usage_plans"], &["usage", "plan"], "main"),
            API_KEY => named(&["api_keys"], &["api", "key"], "main"),
            API => self
                .only(&["api"])
                .or_else(|| named(&["apis"], &["rest", "api", "gateway"], "second")),
            AUTHORIZER => {
                let api = template.referred(resource.properties.get("RestApiId"))?;
                let mut table = self.path_of(api)?.to_vec();
                table.push("authorizers".to_owned());
                let table: Vec<_> = table.iter().map(String::as_str).collect();
                named(
                    &table,
                    &["authorizer", "auth", "user", "pool", "api", "gateway"],
                    "cognito",
                )
            }
            _ => None,
        }
    }

    /// Whether it belongs to the pool of the file.
    fn of_pool(&self, template: &Template, resource: &Resource) -> bool {
        let pool = template.referred(resource.properties.get("UserPoolId"));
        pool.is_some_and(|it| self.path_of(it).is_some())
    }

    fn only(&self, path: &[&str]) -> Option<Vec<String>> {
        let path: Vec<_> = path.iter().map(ToString::to_string).collect();
        self.all.values().all(|it| it.path != path).then_some(path)
    }

    /// A key that no other has in this table.
    fn free(&self, table: &[&str], key: &str) -> String {
        let taken: BTreeSet<_> = self
            .all
            .values()
            .filter_map(|it| {
                let (last, of) = it.path.split_last()?;
                of.iter()
                    .map(String::as_str)
                    .eq(table.iter().copied())
                    .then_some(last.as_str())
            })
            .collect();
        free_key(key, |it| !taken.contains(it)).unwrap_or_default()
    }

    /// Says of every resource that has no place why it is not there.
    pub fn left_out(&self, draft: &mut Draft, template: &Template) {
        for it in &template.resources {
            let is_implied = match it.kind.as_str() {
                ROLE => has_user(template, it),
                kind => IMPLIED.contains(&kind),
            };
            if self.all.contains_key(&it.id) || is_implied {
                continue;
            }
            let why = match it.kind.as_str() {
                USER_POOL => "a stack has one user pool",
                CLIENT | GROUP | RESOURCE_SERVER | IDENTITY_PROVIDER | DOMAIN => {
                    "it is of another pool"
                }
                ROLE => "no function or user pool here is given it",
                "AWS::ApiGateway::Model" => "say it in [api.models.NAME]",
                "AWS::ApiGateway::RequestValidator" => "say it in [api.request_validators.NAME]",
                "AWS::ApiGateway::GatewayResponse" => "say it in [api.gateway_responses.TYPE]",
                "AWS::ApiGateway::Account" => "say api_gateway_logging = true in [account]",
                kind if kind.starts_with("AWS::ApiGatewayV2") => "wsctl makes REST APIs",
                _ => "wsctl makes nothing of this kind",
            };
            draft.say(&[format!("Left out: {} ({}): {why}.", it.id, it.kind)]);
        }
    }
}

/// Whether a function runs with a role, or a user pool sends text messages with it.
fn has_user(template: &Template, role: &Resource) -> bool {
    let named = |it: &Resource| {
        let sms = it.properties.get("SmsConfiguration");
        [
            it.properties.get("Role"),
            sms.and_then(|it| it.get("SnsCallerArn")),
        ]
        .into_iter()
        .any(|it| template.referred(it).is_some_and(|it| it.id == role.id))
    };
    template.resources.iter().any(named)
}

impl Place {
    /// The reference to an attribute, as stack.toml writes it.
    pub fn output(&self, attribute: Option<&str>) -> Option<String> {
        let attribute = attribute.unwrap_or_default();
        let (_, output) = self.outputs.iter().find(|it| it.0 == attribute)?;
        let address = crate::value::Address::new(self.path.iter().cloned());
        Some(format!("${{{address}.{output}}}"))
    }
}

/// A name as stack.toml's keys are: `GetUsersFunction` → `get_users`. The words that only repeat the table go.
fn key(id: &str, words: &[&str], otherwise: &str) -> String {
    let all = snake(id);
    let parts: Vec<_> = all.split('_').filter(|it| !it.is_empty()).collect();
    let own: Vec<_> = parts
        .iter()
        .filter(|it| !words.contains(it))
        .copied()
        .collect();
    let key = own.join("_");
    if is_key(&key) {
        key
    } else {
        otherwise.to_owned()
    }
}

/// Whether a table can have the name.
fn is_key(name: &str) -> bool {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.len() <= 64
        && name.chars().all(is_word)
}

/// `MyAPIKey` → `my_api_key`, `my-api` → `my_api`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|it| letters.get(it));
        let after = letters.get(index + 1);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|it| {
                it.is_ascii_lowercase()
                    || it.is_ascii_digit()
                    || (it.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if begins {
            text.push('_');
        }
        match letter.is_ascii_alphanumeric() {
            true => text.push(letter.to_ascii_lowercase()),
            false => text.push('_'),
        }
    }
    text.trim_matches('_').to_owned()
}
