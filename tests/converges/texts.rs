//! Every text of stack.toml that is sent: what AWS's models take is valid, and what they do not take
//! is refused at its line.

use super::world::models;
use aws_in_memory::as_java_means;
use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wsctl::{
    kind::AnyKind,
    kinds,
    stack::{Inputs, Stack},
};

/// A file with every text in it, each in a line of its own. Somebody else may have made the resource server
/// of a scope.
const FILE: &str = r#"[stack]
name = "demo"
region = "eu-west-1"
undeclared = "warn"

[stack.tags]
common = "a"

[user_pool]
name = "people"
first_factors = ["PASSWORD"]

[user_pool.tags]
pool = "a"

[user_pool.custom_attributes]
level = { type = "string" }

[user_pool.mfa]
mode = "optional"

[user_pool.mfa.sms]
role_arn = "arn:aws:iam::123456789012:role/sms"
external_id = "x"
region = "eu-west-1"
message = "{####}"

[user_pool.email]
ses_source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"
from = "x"
reply_to = "a@b"
configuration_set = "x"

[user_pool.verification_message]
email_subject = "x"
email_message = "{####}"
email_subject_by_link = "x"
email_message_by_link = "{##x##}"
sms_message = "{####}"

[user_pool.invitation_message]
email_subject = "x"
email_message = "{username} {####}"
sms_message = "{username} {####}"

[user_pool.domain]
prefix = "people"

[user_pool.custom_domain]
name = "auth.example.com"
certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a"

[user_pool.groups]
admins = {}

[user_pool.resource_servers]
notes = {}

[user_pool.clients.web]
name = "web"
auth_flows = ["ALLOW_USER_SRP_AUTH"]
oauth_scopes = ["openid"]
callback_urls = ["https://example.com/"]
logout_urls = ["https://example.com/"]
identity_providers = ["COGNITO"]
read_attributes = ["email"]
write_attributes = ["email"]

[user_pool.clients.other]
name = "other"
default_redirect_uri = ""

[secrets.db]
name = "db"
description = "x"
from_env = "X"

[secrets.db.tags]
secret = "a"

[functions.users]
name = "users"
description = "x"
zip = "users.zip"
role_name = "users"

[functions.users.environment]
AA = "x"

[functions.users.tags]
function = "a"

[functions.mine]
name = "mine"
zip = "users.zip"
role = "arn:aws:iam::123456789012:role/mine"

[identity_pool]
name = "people"
clients = ["web"]
developer_provider = "x"
authenticated_role = "arn:aws:iam::123456789012:role/mine"
login_providers = { "accounts.google.com" = "x" }
role_mappings = [{ provider = "web", otherwise = "deny", rules = [{ claim = "a", match = "equals", value = "b", role = "arn:aws:iam::123456789012:role/mine" }] }]

[identity_pool.tags]
identity = "a"

[identity_pool.roles.member]
role_name = "member"

[api]
name = "users"

[api.tags]
api = "a"

[api.stage]
name = "dev"

[api.stage.access_logs]
format = "$context.requestId"

[api.cors]
origins = ["*"]
headers = ["X-A"]

[api.authorizers.people]
name = "people"
token_source = "Authorization"
user_pool_arns = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a"]

[api.models.Order]
description = "x"
schema = "{}"

[api.request_validators.all]
body = true

[domain_names.public]
name = "api.example.com"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a"

[domain_names.public.tags]
domain = "a"

[domain_names.public.base_paths]
v1 = "api"

[usage_plans.gold]
name = "gold"
description = "x"

[usage_plans.gold.tags]
plan = "a"

[api_keys.ali]
name = "ali"
description = "x"

[api_keys.ali.tags]
key = "a"

[api.routes."POST /users"]
function = "users"
authorizer = "people"
request_models = { "a/b" = "Order" }
request_parameters = { "method.request.header.x" = true }

[api.routes]
"GET /users" = { function = "users", authorizer = "people", scopes = ["openid"] }
"#;

/// A text: the table and the line that it stands in, with `§` for it, and where it is sent.
struct Text {
    table: &'static str,
    /// How the line begins in [`FILE`].
    begins: &'static str,
    line: &'static str,
    shape: Shape,
    /// What further rules ask for: the text stands behind this, and has none of these characters.
    behind: &'static str,
    without: &'static str,
}

enum Shape {
    /// Service, operation and place in its input.
    Of(&'static str, &'static str, &'static str),
    /// What the documentation says where the model says nothing: pattern, least and most characters.
    Said(&'static str, u64, u64),
}
use Shape::{Of, Said};

const fn text(table: &'static str, begins: &'static str, line: &'static str, shape: Shape) -> Text {
    Text {
        table,
        begins,
        line,
        shape,
        behind: "",
        without: "",
    }
}

const IDENTITY: &str = "cognito-identity";
const IDENTITIES: &str = "CreateIdentityPool";
const POOL: &str = "CreateUserPool";
const CLIENT: &str = "CreateUserPoolClient";
const TAG_KEY: Shape = Said(r"[\p{L}\p{Z}\p{N}_.:/=+@-]+", 1, 128);
const TAG_VALUE: Shape = Said(r"[\p{L}\p{Z}\p{N}_.:/=+@-]*", 0, 256);

fn texts() -> Vec<Text> {
    let idp = "cognito-idp";
    let of = |table, begins, line, operation, place| {
        text(table, begins, line, Of(idp, operation, place))
    };
    let server = |line, place| {
        of(
            "user_pool.resource_servers",
            "notes",
            line,
            "CreateResourceServer",
            place,
        )
    };
    let url = |begins, line, place| Text {
        behind: "https://example.com/",
        without: "#",
        ..of("user_pool.clients.web", begins, line, CLIENT, place)
    };
    vec![
        of("user_pool", "name", "name = §", POOL, "PoolName"),
        of(
            "user_pool",
            "first",
            "first_factors = [§]",
            POOL,
            "Policies.SignInPolicy.AllowedFirstAuthFactors.[]",
        ),
        Text {
            without: ":",
            ..of(
                "user_pool.custom_attributes",
                "level",
                "§ = { type = \"string\" }",
                POOL,
                "Schema.[].Name",
            )
        },
        of(
            "user_pool.mfa.sms",
            "role",
            "role_arn = §",
            POOL,
            "SmsConfiguration.SnsCallerArn",
        ),
        of(
            "user_pool.mfa.sms",
            "external",
            "external_id = §",
            POOL,
            "SmsConfiguration.ExternalId",
        ),
        of(
            "user_pool.mfa.sms",
            "region",
            "region = §",
            POOL,
            "SmsConfiguration.SnsRegion",
        ),
        of(
            "user_pool.mfa.sms",
            "message",
            "message = §",
            POOL,
            "SmsAuthenticationMessage",
        ),
        of(
            "user_pool.email",
            "ses",
            "ses_source_arn = §",
            POOL,
            "EmailConfiguration.SourceArn",
        ),
        of(
            "user_pool.email",
            "from",
            "from = §",
            POOL,
            "EmailConfiguration.From",
        ),
        of(
            "user_pool.email",
            "reply",
            "reply_to = §",
            POOL,
            "EmailConfiguration.ReplyToEmailAddress",
        ),
        of(
            "user_pool.email",
            "conf",
            "configuration_set = §",
            POOL,
            "EmailConfiguration.ConfigurationSet",
        ),
        of(
            "user_pool.verification_message",
            "email_subject =",
            "email_subject = §",
            POOL,
            "VerificationMessageTemplate.EmailSubject",
        ),
        of(
            "user_pool.verification_message",
            "email_message =",
            "email_message = §",
            POOL,
            "VerificationMessageTemplate.EmailMessage",
        ),
        of(
            "user_pool.verification_message",
            "email_subject_by",
            "email_subject_by_link = §",
            POOL,
            "VerificationMessageTemplate.EmailSubjectByLink",
        ),
        of(
            "user_pool.verification_message",
            "email_message_by",
            "email_message_by_link = §",
            POOL,
            "VerificationMessageTemplate.EmailMessageByLink",
        ),
        of(
            "user_pool.verification_message",
            "sms",
            "sms_message = §",
            POOL,
            "VerificationMessageTemplate.SmsMessage",
        ),
        of(
            "user_pool.invitation_message",
            "email_subject",
            "email_subject = §",
            POOL,
            "AdminCreateUserConfig.InviteMessageTemplate.EmailSubject",
        ),
        of(
            "user_pool.invitation_message",
            "email_message",
            "email_message = §",
            POOL,
            "AdminCreateUserConfig.InviteMessageTemplate.EmailMessage",
        ),
        of(
            "user_pool.invitation_message",
            "sms",
            "sms_message = §",
            POOL,
            "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage",
        ),
        text(
            "user_pool.domain",
            "prefix",
            "prefix = §",
            Said("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", 1, 63),
        ),
        // API Gateway writes groups with commas in between, so wsctl takes no name with one.
        Text {
            without: ",",
            ..of(
                "user_pool.groups",
                "admins",
                "§ = {}",
                "CreateGroup",
                "GroupName",
            )
        },
        of(
            "user_pool.groups",
            "admins",
            "admins = { description = § }",
            "CreateGroup",
            "Description",
        ),
        server("§ = {}", "Identifier"),
        server("notes = { name = § }", "Name"),
        server("notes = { scopes = { § = 'x' } }", "Scopes.[].ScopeName"),
        server(
            "notes = { scopes = { x = § } }",
            "Scopes.[].ScopeDescription",
        ),
        of(
            "user_pool.clients.web",
            "name",
            "name = §",
            CLIENT,
            "ClientName",
        ),
        of(
            "user_pool.clients.web",
            "auth",
            "auth_flows = [§]",
            CLIENT,
            "ExplicitAuthFlows.[]",
        ),
        Text {
            behind: "server/",
            ..of(
                "user_pool.clients.web",
                "oauth_scopes",
                "oauth_scopes = [§]",
                CLIENT,
                "AllowedOAuthScopes.[]",
            )
        },
        url("callback", "callback_urls = [§]", "CallbackURLs.[]"),
        url("logout", "logout_urls = [§]", "LogoutURLs.[]"),
        Text {
            behind: "https://example.com/",
            without: "#",
            ..of(
                "user_pool.clients.other",
                "default",
                "default_redirect_uri = §\ncallback_urls = [§]",
                CLIENT,
                "DefaultRedirectURI",
            )
        },
        of(
            "user_pool.clients.web",
            "identity",
            "identity_providers = [§]",
            CLIENT,
            "SupportedIdentityProviders.[]",
        ),
        Text {
            behind: "custom:",
            ..of(
                "user_pool.clients.web",
                "read",
                "read_attributes = [§]",
                CLIENT,
                "ReadAttributes.[]",
            )
        },
        Text {
            behind: "custom:",
            ..of(
                "user_pool.clients.web",
                "write",
                "write_attributes = [§]",
                CLIENT,
                "WriteAttributes.[]",
            )
        },
        text(
            "functions.users",
            "name",
            "name = §",
            Said("[A-Za-z0-9_-]+", 1, 64),
        ),
        text(
            "functions.users",
            "desc",
            "description = §",
            Of("lambda", "CreateFunction", "Description"),
        ),
        text(
            "functions.users",
            "role_name",
            "role_name = §",
            Of("iam", "CreateRole", "RoleName"),
        ),
        text(
            "functions.mine",
            "role",
            "role = §",
            Of("lambda", "CreateFunction", "Role"),
        ),
        text(
            "functions.users.environment",
            "AA",
            "§ = \"x\"",
            Of("lambda", "CreateFunction", "Environment.Variables.{key}"),
        ),
        text(
            "secrets.db",
            "name",
            "name = §",
            Said("[A-Za-z0-9/_+=.@-]+", 1, 512),
        ),
        text(
            "secrets.db",
            "desc",
            "description = §",
            Of("secretsmanager", "CreateSecret", "Description"),
        ),
        text(
            "identity_pool",
            "name",
            "name = §",
            Of(IDENTITY, IDENTITIES, "IdentityPoolName"),
        ),
        text(
            "identity_pool",
            "developer",
            "developer_provider = §",
            Of(IDENTITY, IDENTITIES, "DeveloperProviderName"),
        ),
        text(
            "identity_pool",
            "login",
            "login_providers = { \"accounts.google.com\" = § }",
            Of(IDENTITY, IDENTITIES, "SupportedLoginProviders.{value}"),
        ),
        text(
            "identity_pool",
            "role_mappings",
            "role_mappings = [{ provider = \"web\", otherwise = \"deny\", \
             rules = [{ claim = §, match = \"equals\", value = \"b\", role = \"member\" }] }]",
            Of(
                IDENTITY,
                "SetIdentityPoolRoles",
                "RoleMappings.{value}.RulesConfiguration.Rules.[].Claim",
            ),
        ),
        text(
            "identity_pool.roles.member",
            "role_name",
            "role_name = §",
            Of("iam", "CreateRole", "RoleName"),
        ),
        text("identity_pool.tags", "identity", "§ = \"a\"", TAG_KEY),
        text("identity_pool.tags", "identity", "identity = §", TAG_VALUE),
        text("user_pool.tags", "pool", "§ = \"a\"", TAG_KEY),
        text("user_pool.tags", "pool", "pool = §", TAG_VALUE),
        text("secrets.db.tags", "secret", "§ = \"a\"", TAG_KEY),
        text("secrets.db.tags", "secret", "secret = §", TAG_VALUE),
        text(
            "functions.users.tags",
            "function",
            "§ = \"a\"",
            Of("logs", "CreateLogGroup", "tags.{key}"),
        ),
        text(
            "functions.users.tags",
            "function",
            "function = §",
            Of("iam", "CreateRole", "Tags.[].Value"),
        ),
        text(
            "stack.tags",
            "common",
            "§ = \"a\"",
            Said(r"[a-zA-Z0-9+=._:/-]+", 1, 128),
        ),
        text(
            "stack.tags",
            "common",
            "common = §",
            Of("logs", "CreateLogGroup", "tags.{value}"),
        ),
        text(
            "api.tags",
            "api",
            "§ = \"a\"",
            Said(r"[a-zA-Z0-9+=._:/-]+", 1, 128),
        ),
        text("api.tags", "api", "api = §", TAG_VALUE),
        text(
            "api.stage",
            "name",
            "name = §",
            Said("[A-Za-z0-9_-]+", 1, 128),
        ),
        text(
            "api.stage.access_logs",
            "format",
            "format = §",
            Said(
                r"[^\r\n]*\$context\.(requestId|extendedRequestId)[^\r\n]*\n?",
                1,
                3000,
            ),
        ),
        text(
            "api.cors",
            "headers",
            "headers = [§]",
            Said("[A-Za-z0-9!#$%&*+.^_`|~-]+", 0, 1_000_000),
        ),
        text(
            "api.authorizers.people",
            "token",
            "token_source = §",
            Said("[A-Za-z0-9._$-]+", 0, 1_000_000),
        ),
        text(
            "api.authorizers.people",
            "user_pool_arns",
            "user_pool_arns = [§]",
            Said(
                "arn:aws:cognito-idp:[a-z]{2}-[a-z]{4}-[1-9]:[0-9]{12}:userpool/[A-Za-z0-9_-]+_[0-9a-zA-Z]+",
                0,
                1_000_000,
            ),
        ),
        text(
            "api.routes.\"POST /users\"",
            "request_models",
            "request_models = { § = \"Order\" }",
            Said(r"[A-Za-z0-9!#&^_.+*-]+/[A-Za-z0-9!#&^_.+*-]+", 3, 128),
        ),
        text(
            "api.routes.\"POST /users\"",
            "request_parameters",
            "request_parameters = { § = true }",
            Said(
                r"method\.request\.(path|querystring|multivaluequerystring|header|multivalueheader)\.[A-Za-z0-9._$-]+",
                0,
                1_000_000,
            ),
        ),
        text(
            "user_pool.custom_domain",
            "name",
            "name = §",
            // The first half is in the second, and makes short ones.
            Said(
                r"[a-z0-9]\.[a-z]{2,3}|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
                4,
                63,
            ),
        ),
        text(
            "user_pool.custom_domain",
            "certificate_arn",
            "certificate_arn = §",
            Said(
                r"arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+",
                20,
                2048,
            ),
        ),
        text(
            "domain_names.public",
            "name",
            "name = §",
            Said(
                r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
                4,
                253,
            ),
        ),
        text(
            "domain_names.public",
            "certificate_arn",
            "certificate_arn = §",
            Said(
                r"arn:aws[a-z-]*:acm:eu-west-1:[0-9]{12}:certificate/.+",
                20,
                2048,
            ),
        ),
        text(
            "domain_names.public.base_paths",
            "v1",
            "§ = \"api\"",
            Said(r"\(none\)|[A-Za-z0-9$_.+!*'-]+", 1, 255),
        ),
        text(
            "domain_names.public.tags",
            "domain",
            "§ = \"a\"",
            Said(r"[a-zA-Z0-9+=._:/-]+", 1, 128),
        ),
        text(
            "domain_names.public.tags",
            "domain",
            "domain = §",
            TAG_VALUE,
        ),
        text(
            "usage_plans.gold.tags",
            "plan",
            "§ = \"a\"",
            Said(r"[a-zA-Z0-9+=._:/-]+", 1, 128),
        ),
        text("usage_plans.gold.tags", "plan", "plan = §", TAG_VALUE),
        text(
            "api_keys.ali.tags",
            "key",
            "§ = \"a\"",
            Said(r"[a-zA-Z0-9+=._:/-]+", 1, 128),
        ),
        text("api_keys.ali.tags", "key", "key = §", TAG_VALUE),
        text(
            "api.routes",
            "\"GET",
            "\"GET /users\" = { function = \"users\", authorizer = \"people\", scopes = [§] }",
            Of(idp, CLIENT, "AllowedOAuthScopes.[]"),
        ),
        text(
            "api.routes",
            "\"GET",
            "§ = { function = \"users\", authorizer = \"people\" }",
            Said(
                r"(GET|POST|ANY) /[a-zA-Z0-9._:-]+(/\{[a-zA-Z0-9._-]+\})?(/[a-zA-Z0-9._-]+)?",
                0,
                1_000_000,
            ),
        ),
    ]
}

/// A text as TOML has it in quotes.
fn quoted(text: &str) -> String {
    json!(text).to_string().replace('\u{7f}', "\\u007F")
}

impl Text {
    fn shape(&self) -> Value {
        match self.shape {
            Of(service, operation, place) => models()
                .text_shape(service, operation, &place.split('.').collect::<Vec<_>>())
                .clone(),
            Said(pattern, min, max) => {
                json!({ "type": "string", "pattern": pattern, "min": min, "max": max })
            }
        }
    }

    /// The file with `value` in the text's place, and the number of its line.
    fn file(&self, value: &str) -> (String, usize) {
        let header = format!("[{}]", self.table);
        let mut lines: Vec<_> = FILE.lines().map(ToOwned::to_owned).collect();
        let table = lines
            .iter()
            .position(|line| *line == header)
            .unwrap_or_else(|| panic!("no {header}"));
        let after = lines[table..]
            .iter()
            .position(|line| line.starts_with(self.begins));
        let at = table + after.unwrap_or_else(|| panic!("no {} in {header}", self.begins));
        lines[at] = self.line.replace('§', &quoted(value));
        (lines.join("\n"), at + 1)
    }

    fn may_be_inside(&self, value: &str) -> bool {
        let reserved = ["aws", "amazon", "cognito", "wsctl:"]
            .iter()
            .any(|it| value.to_lowercase().contains(it));
        let is_arn = value.starts_with("arn:");
        value.starts_with(self.behind)
            && !value[self.behind.len()..].contains(|c| self.without.contains(c))
            && (is_arn || !reserved)
            && !value.contains("${")
    }
}

/// Characters that some shape or other does not take.
const ODD: [&str; 14] = [
    "", " ", "\n", "\r", "\u{1}", "\u{7f}", "\u{a0}", "\"", "\\", "é", "#", "*", "😀", "A_b!/:?",
];

/// Texts of a shape, and texts around it that are not.
fn candidates(shape: &Value, behind: &str, runner: &mut TestRunner) -> BTreeSet<String> {
    let most = shape["max"].as_u64().map(|it| usize::try_from(it).unwrap());
    let pattern = as_java_means(shape["pattern"].as_str().unwrap_or("(?s).*"));
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let strategy = string_regex(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    let mut found: BTreeSet<String> = shape["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it.as_str().unwrap().into())
        .collect();
    for round in 0..ODD.len() {
        let plain = strategy.new_tree(runner).unwrap().current();
        let plain = if plain.starts_with(behind) {
            plain
        } else {
            format!("{behind}{plain}")
        };
        let middle = plain
            .char_indices()
            .nth(plain.chars().count() / 2)
            .map_or(0, |it| it.0);
        let odd = ODD[round % ODD.len()];
        found.insert(format!("{}{odd}{}", &plain[..middle], &plain[middle..]));
        found.insert(format!("{odd}{plain}"));
        found.insert(format!("{plain}{odd}"));
        if let Some(most) = most.filter(|it| round == 0 && *it < 150_000) {
            for length in [most, most + 1] {
                let missing = length.saturating_sub(plain.chars().count());
                found.insert(format!("{plain}{}", "a".repeat(missing)));
            }
        }
        found.insert(plain);
    }
    found.extend(ODD.map(ToOwned::to_owned));
    found
}

fn parsed(file: &str, _kinds: &[Box<dyn AnyKind>]) -> Result<(), String> {
    Stack::parse("stack.toml", file, &Inputs::default())
        .map(drop)
        .map_err(|error| error.message)
}

#[test]
fn what_aws_takes_is_valid_and_what_it_does_not_take_is_refused_at_its_line() {
    let (kinds, mut runner) = (kinds::all(), TestRunner::deterministic());
    assert_eq!(parsed(FILE, &kinds), Ok(()));
    let (mut inside, mut outside, mut faults) = (0, 0, vec![]);
    for text in texts() {
        let shape = text.shape();
        let before = (inside, outside);
        for value in candidates(&shape, text.behind, &mut runner) {
            let (file, line) = text.file(&value);
            let place = format!("{} {} {value:?}", text.table, text.line);
            let said = parsed(&file, &kinds);
            if value.is_empty() {
                // Never sent: it removes what is there, or is no name.
            } else if models().takes(&shape, &value) {
                if text.may_be_inside(&value) {
                    inside += 1;
                    faults.extend(said.err().map(|said| format!("{place} is refused: {said}")));
                }
            } else {
                outside += 1;
                let is_told =
                    said.is_err_and(|said| said.contains(&format!("--> stack.toml:{line}:")));
                faults.extend((!is_told).then(|| format!("{place} is not refused at line {line}")));
            }
        }
        assert!(
            inside > before.0 && outside > before.1,
            "{} {}: none",
            text.table,
            text.line
        );
    }
    println!(
        "{inside} texts inside of {} shapes, {outside} outside",
        texts().len()
    );
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}
