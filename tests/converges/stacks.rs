//! Valid stack files made of choices: the same choices, the same file; fewer and smaller choices,
//! a simpler file. Pure.

use crate::support::samples::{Samples, of_apis, of_functions, of_pools};
use std::{fmt::Write, sync::LazyLock};

/// The type of a pool's triggers in the schema, and the one that is not behind a function.
const TRIGGERS: &str = "Triggers";
const VERSION: &str = "pre_token_generation_version";

/// The fields of a type in the schema.
fn samples(of_type: &str) -> serde_json::Value {
    static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(wsctl::stack::schema);
    SCHEMA["$defs"][of_type]["properties"].clone()
}

/// A value as a file has it on one line.
fn inline(value: &serde_json::Value) -> String {
    toml::Value::try_from(value).unwrap().to_string()
}

/// A file's choices, one after the other; when they are used up, every choice is the first.
pub(super) struct Choices<'a>(pub(super) &'a [u8]);

impl Choices<'_> {
    pub(super) fn pick(&mut self, among: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first % among
    }

    pub(super) fn of<'b>(&mut self, among: &[&'b str]) -> &'b str {
        among[usize::from(self.pick(u8::try_from(among.len()).unwrap()))]
    }

    pub(super) fn yes(&mut self) -> bool {
        self.pick(2) == 1
    }
}

/// How much of what can be declared is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declares {
    /// What was chosen.
    Some,
    /// All of it, so that nothing of an earlier stack can stay.
    All,
}

/// Where a second factor by e-mail will stand.
const BY_EMAIL: &str = "# by e-mail";

/// The file that these choices make.
pub(crate) fn stack(choices: &[u8], declares: Declares) -> String {
    let mut make = Make {
        choices: Choices(choices),
        declares,
        text: String::new(),
    };
    make.line("[stack]\nname = \"made\"\nregion = \"eu-west-1\"");
    let parts = make.choices.pick(8);
    let functions = usize::from(make.choices.pick(2)) + 1;
    let secrets = usize::from(make.choices.pick(3));
    let (has_pool, has_api) = (parts != 6, parts % 4 != 3);
    if has_pool {
        make.pool();
    }
    for index in 0..secrets {
        make.secret(index);
    }
    if has_api || parts == 7 {
        for index in 0..functions {
            make.function(index);
            make.role(has_pool, has_api);
            make.environment(index, secrets > 0, has_pool);
        }
    }
    if has_api {
        make.api("api", &["made-api", "other-api"], functions, has_pool);
    }
    if has_pool {
        make.triggers();
    }
    make.identity_pool();
    if has_pool {
        make.users();
    }
    if has_api {
        make.requests();
        make.usage();
        make.integrations();
        make.gateway_responses();
    }
    if has_pool {
        make.by_email();
    }
    if has_api {
        make.access();
        make.methods();
        make.further_api(functions, has_pool);
        make.domain_names();
    }
    if has_pool {
        make.custom_domain();
        make.passkeys();
        make.risks();
        make.texts();
        make.branding();
    }
    make.text
}

struct Make<'a> {
    choices: Choices<'a>,
    declares: Declares,
    text: String,
}

impl Make<'_> {
    fn line(&mut self, text: &str) {
        writeln!(self.text, "{text}").unwrap();
    }

    /// Declares one of `values`, or nothing.
    fn maybe(&mut self, key: &str, values: &[&str]) {
        let is_declared = self.choices.yes() || self.declares == Declares::All;
        let value = self.choices.of(values);
        if is_declared {
            self.line(&format!("{key} = {value}"));
        }
    }

    fn tags(&mut self) {
        self.maybe(
            "tags",
            &["{ team = \"a\" }", "{ team = \"b\", more = \"c\" }", "{}"],
        );
    }

    fn pool(&mut self) {
        let name = self.choices.of(&["made-pool", "other-pool"]);
        let tier = self.choices.of(&["ESSENTIALS", "PLUS", "LITE"]);
        self.line(&format!(
            "[user_pool]\nname = \"{name}\"\nfeature_plan = \"{tier}\""
        ));
        let sign_in = self.choices.of(&[
            "[\"email\"]",
            "[\"email\", \"phone_number\"]",
            "[\"username\"]",
        ]);
        self.line(&format!("sign_in = {sign_in}"));
        self.line("case_sensitive = false");
        let required = self.choices.of(&["[\"email\"]", "[\"email\", \"name\"]"]);
        self.line(&format!("required_attributes = {required}"));
        self.maybe("self_registration", &["true", "false"]);
        let verified = self.choices.of(&["[\"email\"]", "[]"]);
        if self.choices.yes() || self.declares == Declares::All {
            self.line(&format!("auto_verify = {verified}"));
            self.maybe("keep_until_verified", &[verified, "[]"]);
        }
        self.maybe(
            "account_recovery",
            &["[\"verified_email\"]", "[\"admin_only\"]"],
        );
        self.maybe("deletion_protection", &["false", "true"]);
        self.tags();
        let mode = self.choices.of(&["off", "optional", "on"]);
        let one_time = tier != "LITE" && mode != "on" && self.choices.yes();
        let factors = if one_time {
            "[\"EMAIL_OTP\", \"PASSWORD\"]"
        } else {
            "[\"PASSWORD\"]"
        };
        self.line(&format!("first_factors = {factors}"));
        let longest = self.choices.of(&["2048", "100"]);
        self.line(&format!(
            "[user_pool.standard_attributes.nickname]\nmax = {longest}"
        ));
        self.line("[user_pool.devices]");
        let remember = self.choices.of(&["always", "opt_in", "no"]);
        self.line(&format!("remember = \"{remember}\""));
        let challenges = if remember == "no" { "false" } else { "true" };
        self.maybe("challenge_new_devices", &[challenges, "false"]);
        self.line("[user_pool.password_policy]");
        self.maybe("minimum_length", &["8", "12"]);
        self.maybe("require_symbols", &["true", "false"]);
        self.maybe("temporary_password_validity_days", &["7", "3"]);
        let totp = if mode == "off" { "" } else { "\ntotp = true" };
        self.line(&format!("[user_pool.mfa]\nmode = \"{mode}\"{totp}"));
        self.line(BY_EMAIL);
        self.line("[user_pool.verification_message]");
        self.maybe("email_subject", &["\"Your code\"", "\"A code\""]);
        self.maybe("email_message", &["\"It is {####}\"", "\"{####} it is\""]);
        self.line("[user_pool.invitation_message]");
        self.maybe("email_subject", &["\"Come\"", "\"Come in\""]);
        self.maybe(
            "email_message",
            &["\"{username} {####}\"", "\"{####} {username}\""],
        );
        self.domain(tier);
        self.parts();
        (0..self.choices.pick(3)).for_each(|index| self.client(index));
    }

    /// Who is there from the start, with groups that the file has; but users stay, whatever comes after.
    fn users(&mut self) {
        if self.declares == Declares::All {
            return;
        }
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let groups = file["user_pool"]
            .get("groups")
            .and_then(toml::Value::as_table);
        let groups = groups.into_iter().flatten().map(|(name, _)| name.clone());
        let groups: Vec<_> = groups.collect();
        for index in 0..self.choices.pick(3) {
            let name = format!("user{index}@example.com");
            self.line(&format!("[user_pool.users.{name:?}]"));
            self.line(&format!(
                "attributes = {{ email = {name:?}, name = \"Ann\" }}"
            ));
            let some: Vec<_> = groups
                .iter()
                .filter(|_| self.choices.yes())
                .cloned()
                .collect();
            self.line(&format!("groups = {}", inline(&some.into())));
        }
    }

    /// What a pool holds by name, with the examples of its fields.
    fn parts(&mut self) {
        static SAMPLES: LazyLock<Vec<Samples>> = LazyLock::new(of_pools);
        self.parts_of("user_pool", &SAMPLES);
    }

    fn parts_of(&mut self, owner: &str, all: &[Samples]) {
        for samples in all {
            let kind = samples.kind;
            for index in 0..self.choices.pick(3) {
                let name = format!("{}{index}", kind.part.unwrap().noun);
                self.line(&format!("[{owner}.{}.{name}]", kind.table));
                for (field, values) in &samples.fields {
                    let mut values = values.each_ref().map(inline);
                    if samples.unlike.contains(field) {
                        values = values.map(|it| it.replace("example", &format!("example{index}")));
                    }
                    if samples.needs(field) {
                        let value = self.choices.of(&[&values[0], &values[1]]);
                        self.line(&format!("{field} = {value}"));
                    } else {
                        self.maybe(field, &[&values[0], &values[1]]);
                    }
                }
            }
        }
    }

    fn domain(&mut self, tier: &str) {
        let which = self.choices.pick(4);
        if which > 0 {
            let prefix = if which == 3 {
                "made-other"
            } else {
                "made-login"
            };
            let version = if which == 2 || tier == "LITE" { 1 } else { 2 };
            let declared = format!("prefix = \"{prefix}\"\nmanaged_login_version = {version}");
            self.line(&format!("[user_pool.domain]\n{declared}"));
        }
    }

    fn client(&mut self, index: u8) {
        let name = self.choices.of(&["made", "renamed"]);
        self.line(&format!(
            "[user_pool.clients.client{index}]\nname = \"{name}-{index}\""
        ));
        let secret = self.choices.of(&["false", "true"]);
        self.line(&format!("secret = {secret}"));
        self.maybe(
            "auth_flows",
            &[
                "[\"ALLOW_USER_SRP_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"]",
                "[\"ALLOW_REFRESH_TOKEN_AUTH\", \"ALLOW_ADMIN_USER_PASSWORD_AUTH\"]",
                "[\"ALLOW_USER_SRP_AUTH\"]",
            ],
        );
        self.rotation();
        self.maybe("access_token_validity", &["\"1h\"", "\"15m\""]);
        self.maybe("id_token_validity", &["\"1h\"", "\"5m\""]);
        self.maybe("refresh_token_validity", &["\"30d\"", "\"8h\""]);
        self.maybe("auth_session_validity", &["\"3m\"", "\"5m\""]);
        self.maybe("prevent_user_existence_errors", &["true", "false"]);
        self.maybe("token_revocation", &["true", "false"]);
        if secret == "true" {
            self.maybe("additional_user_context", &["true", "false"]);
        }
        self.maybe("identity_providers", &["[\"COGNITO\"]"]);
        self.maybe("read_attributes", &["[\"email\"]", "[\"email\", \"name\"]"]);
        self.maybe(
            "write_attributes",
            &[
                "[\"email\", \"name\"]",
                "[\"email\", \"name\", \"nickname\"]",
            ],
        );
        if self.choices.yes() || self.declares == Declares::All {
            let urls = self
                .choices
                .of(&["https://example.com/a", "https://example.com/b"]);
            let mut scopes = vec!["openid".to_owned(), "email".to_owned()];
            scopes.extend(self.scopes().into_iter().filter(|_| self.choices.yes()));
            self.line("oauth_grants = [\"code\"]");
            self.line(&format!("oauth_scopes = {}", inline(&scopes.into())));
            self.line(&format!(
                "callback_urls = [\"{urls}\"]\nlogout_urls = [\"https://example.com/\"]"
            ));
            self.line(&format!("default_redirect_uri = \"{urls}\""));
        }
    }

    /// What is asked of requests before a function sees them; routes say which.
    fn requests(&mut self) {
        static SAMPLES: LazyLock<Vec<Samples>> = LazyLock::new(of_apis);
        self.parts_of("api", &SAMPLES);
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let names = |table: &str| -> Vec<String> {
            let all = file["api"].get(table).and_then(toml::Value::as_table);
            all.into_iter().flatten().map(|it| it.0.clone()).collect()
        };
        let (models, validators) = (names("models"), names("request_validators"));
        self.each_route(|make, route| {
            let mut more = String::new();
            if make.choices.pick(4) == 3 {
                more += ", api_key_required = true";
            }
            let which = usize::from(make.choices.pick(3));
            if let Some(name) = which.checked_sub(1).and_then(|it| validators.get(it)) {
                more += &format!(", request_validator = \"{name}\"");
            }
            let media = make.choices.of(&["application/json", "$default"]);
            let which = usize::from(make.choices.pick(4));
            let own = ["Empty".to_owned()];
            if let Some(name) = models.iter().chain(&own).nth(which) {
                more += &format!(", request_models = {{ \"{media}\" = \"{name}\" }}");
            }
            let place = make.choices.of(&["", "querystring", "header"]);
            if !place.is_empty() {
                let is_required = make.choices.yes();
                more += &format!(
                    ", request_parameters = {{ \"method.request.{place}.x\" = {is_required} }}"
                );
            }
            format!("{route}{more}")
        });
    }

    /// Every route that a function answers is what is made of it.
    fn each_route(&mut self, change: impl Fn(&mut Self, &str) -> String) {
        let lines = std::mem::take(&mut self.text);
        for line in lines.lines() {
            let is_route = line.contains("\" = { function = ");
            let Some(route) = line.strip_suffix(" }").filter(|_| is_route) else {
                self.line(line);
                continue;
            };
            let changed = change(self, route);
            self.line(&format!("{changed} }}"));
        }
    }

    /// Codes by e-mail, where the pool can have them, from an address of the account's own.
    fn by_email(&mut self) {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let pool = &file["user_pool"];
        let recovers = pool.get("account_recovery").and_then(toml::Value::as_array);
        let by_email_alone = recovers.is_some_and(|it| it == &["verified_email".into()]);
        let is_possible = pool["feature_plan"].as_str() != Some("LITE") && !by_email_alone;
        let factor = match pool["mfa"]["mode"].as_str() {
            Some("off") => String::new(),
            _ if is_possible && self.choices.yes() => {
                let subject = self.choices.of(&["A code", "Your code"]);
                format!("email = true\nemail_subject = \"{subject}\"\nemail_message = \"{{####}}\"")
            }
            _ => "email = false".to_owned(),
        };
        self.text = self.text.replace(BY_EMAIL, &factor);
        let address = self.choices.of(&["a", "b"]);
        self.line(&format!(
            "[user_pool.email]\nsender = \"DEVELOPER\"\nses_source_arn = \"arn:aws:ses:eu-west-1:123456789012:identity/{address}@example.com\""
        ));
    }

    /// What API Gateway answers itself.
    fn gateway_responses(&mut self) {
        for kind in ["UNAUTHORIZED", "DEFAULT_4XX", "THROTTLED"] {
            if self.choices.pick(3) != 2 {
                continue;
            }
            self.line(&format!("[api.gateway_responses.{kind}]"));
            self.maybe("status_code", &["403", "418"]);
            self.maybe(
                "headers",
                &["{ X-One = \"'one'\" }", "{ X-Two = \"context.requestId\" }"],
            );
            let text = "{ \"text/plain\" = \"$context.error.message\" }";
            self.maybe("templates", &["{ \"application/json\" = \"{}\" }", text]);
        }
        if self.choices.pick(3) == 2 {
            self.line("[api.stage.variables]");
            self.maybe("table", &["\"users\"", "\"people\""]);
            self.maybe("mode", &["\"quiet\"", "\"loud?a=b\""]);
        }
    }

    /// Routes that no function answers by itself.
    fn integrations(&mut self) {
        self.each_route(Self::otherwise);
        if self.text.contains("credentials = \"calls\"") {
            self.line("[api.roles.calls]");
            let sends = "{ actions = [\"sqs:SendMessage\"], resources = [\"*\"] }";
            self.line(&format!("allow = [{sends}]"));
            let policy = "[\"arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess\"]";
            self.maybe("managed_policies", &["[]", policy]);
        }
    }

    /// A route as it is, or one that no function answers by itself.
    fn otherwise(&mut self, route: &str) -> String {
        const KINDS: [&str; 9] = [
            "",
            "",
            "",
            "",
            "HTTP_PROXY",
            "HTTP",
            "MOCK",
            "AWS",
            "function",
        ];
        let kind = self.choices.of(&KINDS);
        if kind.is_empty() {
            return route.to_owned();
        }
        let (name, rest) = route.split_once("function = \"").unwrap();
        let (function, rest) = rest.split_once("\", ").unwrap();
        let uri = match kind {
            "HTTP_PROXY" | "HTTP" => ", uri = \"https://example.com/a\"",
            "AWS" => ", uri = \"arn:aws:apigateway:eu-west-1:sqs:path/123456789012/a\"",
            _ => "",
        };
        let method = self.choices.of(&["", "PUT"]);
        let method = match method.is_empty() || kind == "MOCK" {
            true => String::new(),
            false => format!(", method = \"{method}\""),
        };
        let role = match kind {
            "AWS" => match self.choices.yes() {
                true => ", credentials = \"calls\"",
                false => ", credentials = \"arn:aws:iam::123456789012:role/x\"",
            },
            _ => "",
        };
        let hands_on = self.choices.of(&["", "method.request.header.y", "'one'"]);
        let parameters = match hands_on.is_empty() || kind == "MOCK" {
            true => String::new(),
            false => {
                format!(
                    ", request_parameters = {{ \"integration.request.header.X\" = \"{hands_on}\" }}"
                )
            }
        };
        let (function, kind) = match kind {
            "function" => (format!("function = \"{function}\", "), "AWS"),
            other => (String::new(), other),
        };
        let answers = match kind {
            "HTTP_PROXY" => String::new(),
            _ => self.answers(),
        };
        let inner = format!("type = \"{kind}\"{uri}{method}{role}{parameters}{answers}");
        format!("{name}{function}{rest}, integration = {{ {inner} }}")
    }

    /// What is made of a request, and of what comes back.
    fn answers(&mut self) -> String {
        let template = self.choices.of(&["", "text/plain", "application/json"]);
        let of_request = match template {
            "" => String::new(),
            media => {
                let body = "{\\\"statusCode\\\":200}";
                let passthrough = self.choices.of(&["NEVER", "WHEN_NO_MATCH"]);
                format!(
                    ", request_templates = {{ \"{media}\" = \"{body}\" }}, passthrough_behavior = \"{passthrough}\""
                )
            }
        };
        let answer = match self.choices.pick(4) {
            0 => "",
            1 => "headers = { X-One = \"'one'\" }",
            2 => "templates = { \"text/plain\" = \"$input.body\" }",
            _ => {
                "headers = { X-One = \"context.requestId\", X-Two = \"'two'\" }, content_handling = \"CONVERT_TO_TEXT\""
            }
        };
        let status = self.choices.of(&["200", "202"]);
        let other = match self.choices.yes() {
            true => ", 404 = { selection_pattern = \"4..\" }",
            false => "",
        };
        format!("{of_request}, responses = {{ {status} = {{ {answer} }}{other} }}")
    }

    /// Usage plans, and keys of which each is in one of them or in none.
    fn usage(&mut self) {
        let plans = self.choices.pick(3);
        for index in 0..plans {
            let name = self.choices.of(&["made", "other"]);
            self.line(&format!(
                "[usage_plans.plan{index}]\nname = \"{name}-{index}\""
            ));
            self.maybe("description", &["\"one\"", "\"other\""]);
            if self.choices.yes() {
                let rate = self.choices.of(&["10.0", "2.5"]);
                self.line(&format!(
                    "throttling = {{ rate_limit = {rate}, burst_limit = 20 }}"
                ));
            }
            let quota = self
                .choices
                .of(&["", "", "limit = 9", "limit = 5, offset = 1"]);
            let period = self.choices.of(&["DAY", "MONTH"]);
            if !quota.is_empty() {
                self.line(&format!("quota = {{ {quota}, period = \"{period}\" }}"));
            }
            self.tags();
        }
        for index in 0..self.choices.pick(3) {
            let name = self.choices.of(&["key", "other key"]);
            self.line(&format!("[api_keys.key{index}]\nname = \"{name}-{index}\""));
            self.maybe("description", &["\"one\"", "\"other\""]);
            self.maybe("enabled", &["true", "false"]);
            let plan = self.choices.pick(3);
            if plan < plans {
                self.line(&format!("usage_plan = \"plan{plan}\""));
            }
            self.tags();
        }
    }

    /// The scopes of the resource servers that the file has so far.
    fn scopes(&self) -> Vec<String> {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let servers = file["user_pool"].get("resource_servers");
        let servers = servers.and_then(toml::Value::as_table);
        let scopes = |(server, table): (&String, &toml::Value)| {
            let scopes = table.get("scopes").and_then(toml::Value::as_table).cloned();
            let names = scopes.unwrap_or_default().into_iter().map(|(name, _)| name);
            names
                .map(|name| format!("{server}/{name}"))
                .collect::<Vec<_>>()
        };
        servers.into_iter().flatten().flat_map(scopes).collect()
    }

    /// It goes with flows that are declared, and without the one for refreshing. Left out, it would stay
    /// what another file made it, beside that flow.
    fn rotation(&mut self) {
        let client = self
            .text
            .rsplit("[user_pool.clients")
            .next()
            .unwrap_or_default();
        if client.contains("ALLOW_REFRESH_TOKEN_AUTH") {
            self.line("refresh_token_rotation = { enabled = false, retry_grace_period = \"0s\" }");
        } else if client.contains("auth_flows") {
            let on = ["20s", "0s"]
                .map(|it| format!("{{ enabled = true, retry_grace_period = \"{it}\" }}"));
            self.maybe("refresh_token_rotation", &[&on[0], &on[1]]);
        }
    }

    /// What the login looks like to who comes from the first client.
    fn branding(&mut self) {
        let is_there = self.text.contains("\n[user_pool.clients.client0]\n");
        if !is_there || (self.choices.yes() && self.declares != Declares::All) {
            return;
        }
        self.line("[user_pool.clients.client0.branding]");
        let image = |format: &str| format!("\"data:image/{format};base64,AAAA\"");
        let one = format!("{{ FORM_LOGO = {} }}", image("png"));
        let other = format!(
            "{{ FORM_LOGO = {}, PAGE_BACKGROUND_DARK = {} }}",
            image("svg+xml"),
            image("jpeg")
        );
        self.maybe("assets", &[&one, &other]);
        let of = |mode: &str, radius: &str| {
            format!(
                "{{ categories.global.colorSchemeMode = \"{mode}\", \
                 componentClasses.buttons.borderRadius = {radius} }}"
            )
        };
        self.maybe("settings", &[&of("LIGHT", "8.0"), &of("DARK", "4.5")]);
    }

    /// Text messages, with a role of the stack's, or with another's.
    fn texts(&mut self) {
        let is_declared = self.choices.pick(3) == 1 || self.declares == Declares::All;
        if !is_declared {
            return;
        }
        self.line("[user_pool.mfa.sms]\nregion = \"eu-west-1\"");
        self.maybe("message", &["\"{####}\"", "\"It is {####}\""]);
        if self.choices.yes() {
            let arn = "arn:aws:iam::123456789012:role/sms";
            self.line(&format!("external_id = \"a\"\nrole_arn = \"{arn}\""));
            return;
        }
        self.line("[user_pool.roles.sms]");
        self.maybe("role_name", &["\"texts\"", "\"other-texts\""]);
    }

    fn secret(&mut self, index: usize) {
        let name = self.choices.of(&["made", "renamed"]);
        self.line(&format!(
            "[secrets.secret{index}]\nname = \"{name}/{index}\"\ngenerate = [\"password\"]"
        ));
        self.maybe("description", &["\"one\"", "\"other\""]);
        self.tags();
    }

    /// Functions of the file, which may know the pool, and others.
    fn triggers(&mut self) {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let functions = file.get("functions").and_then(toml::Value::as_table);
        let names = functions
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone());
        let others = samples(TRIGGERS)["pre_sign_up"]["examples"].clone();
        let others = others.as_array().unwrap().clone().into_iter();
        let others = others.map(|it| it.as_str().unwrap().to_owned());
        let all: Vec<_> = names.chain(others).map(|it| format!("{it:?}")).collect();
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let is_declared = self.choices.yes() || self.declares == Declares::All;
        if !is_declared {
            return;
        }
        self.line("[user_pool.triggers]");
        let triggers = samples(TRIGGERS);
        for trigger in triggers.as_object().unwrap().keys() {
            let is_function = !["kms_key", VERSION].contains(&trigger.as_str());
            if is_function && self.choices.pick(3) == 1 {
                let value = self.choices.of(&all);
                self.line(&format!("{trigger} = {value}"));
            }
        }
        if self.text.contains("\ncustom_sms_sender") || self.text.contains("\ncustom_email_sender")
        {
            let key = &triggers["kms_key"]["examples"][0];
            self.line(&format!("kms_key = {key}"));
        }
        let takes_all = file["user_pool"]["feature_plan"].as_str() != Some("LITE");
        if takes_all && self.text.contains("\npre_token_generation =") {
            self.maybe(VERSION, &["\"V2_0\"", "\"V1_0\""]);
        }
    }

    fn identity_pool(&mut self) {
        if self.choices.pick(3) == 0 {
            return;
        }
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let clients = file.get("user_pool").and_then(|it| it.get("clients"));
        let clients = clients.and_then(toml::Value::as_table).into_iter();
        let mut clients: Vec<_> = clients.flatten().map(|(name, _)| name.clone()).collect();
        clients.push("eu-west-1_AbCdEf:1example".to_owned());
        let name = self.choices.of(&["made-identities", "other-identities"]);
        self.line(&format!("[identity_pool]\nname = \"{name}\""));
        self.maybe("allow_unauthenticated", &["true", "false"]);
        self.maybe("allow_classic_flow", &["true", "false"]);
        self.maybe("clients", &[&inline(&clients.clone().into()), "[]"]);
        let providers =
            r#"{ "accounts.google.com" = "1.example", "www.amazon.com" = "2.example" }"#;
        self.maybe("login_providers", &[providers, "{}"]);
        let arn = |kind: &str| format!("[\"arn:aws:iam::123456789012:{kind}/made\"]");
        self.maybe("openid_connect_providers", &[&arn("oidc-provider"), "[]"]);
        self.maybe("saml_providers", &[&arn("saml-provider"), "[]"]);
        self.maybe(
            "developer_provider",
            &["\"a.example.com\"", "\"b.example.com\""],
        );
        self.tags();
        let other = r#""arn:aws:iam::123456789012:role/other""#;
        self.maybe("authenticated_role", &["\"member\"", other, "\"\""]);
        self.maybe("unauthenticated_role", &["\"guest\"", other, "\"\""]);
        // A mapping is of a provider that is there.
        let is_there = self.text.rsplit("[identity_pool]").next().unwrap();
        if is_there.contains("\nclients = [\"") {
            let of = |more: &str| format!("[{{ provider = {:?}, {more} }}]", clients[0]);
            let rule =
                r#"{ claim = "custom:a", match = "starts_with", value = "b", role = "member" }"#;
            let last =
                format!(r#"{{ claim = "sub", match = "not_equal", value = "c", role = {other} }}"#);
            let rules = format!(r#"otherwise = "deny", rules = [{rule}, {last}]"#);
            let token = r#"otherwise = "authenticated_role""#;
            self.maybe("role_mappings", &[&of(&rules), &of(token), "[]"]);
            self.maybe("server_side_token_check", &["true", "false"]);
        } else {
            self.maybe("role_mappings", &["[]"]);
            self.maybe("server_side_token_check", &["false"]);
        }
        for role in ["member", "guest"] {
            self.line(&format!("[identity_pool.roles.{role}]"));
            self.role(file.contains_key("user_pool"), file.contains_key("api"));
        }
    }

    fn function(&mut self, index: usize) {
        let name = self.choices.of(&["made", "renamed"]);
        self.line(&format!(
            "[functions.function{index}]\nname = \"{name}-{index}\"\nzip = \"users.zip\""
        ));
        let runtime = self.choices.of(&[
            "",
            "runtime = \"nodejs22.x\"\nhandler = \"index.handler\"",
            "runtime = \"nodejs24.x\"\nhandler = \"src/index.handler\"",
            "runtime = \"python3.13\"\nhandler = \"app.handler\"",
            "runtime = \"java21\"\nhandler = \"com.example.Users::handle\"",
        ]);
        self.line(runtime);
        let architecture = self.choices.of(&["\"x86_64\"", "\"arm64\""]);
        self.line(&format!("architecture = {architecture}"));
        self.maybe("description", &["\"one\"", "\"other\""]);
        self.maybe("memory", &["128", "256"]);
        self.maybe("timeout", &["\"10s\"", "\"3s\""]);
        self.maybe("log_retention_days", &["14", "30"]);
        let layers = ["a:1", "b:2"]
            .map(|it| format!("\"arn:aws:lambda:eu-west-1:123456789012:layer:{it}\""));
        let lists = [
            format!("[{}]", layers.join(", ")),
            format!("[{}, {}]", layers[1], layers[0]),
            "[]".to_owned(),
        ];
        self.maybe("layers", &[&lists[0], &lists[1], &lists[2]]);
        self.maybe("tracing", &["\"active\"", "\"pass_through\""]);
        self.maybe("ephemeral_storage", &["512", "1024"]);
        self.maybe("reserved_concurrency", &["-1", "3", "5"]);
        self.tags();
    }

    /// What its role may do, with the examples of the fields; and with what has its ARN only once it is
    /// there.
    fn role(&mut self, has_pool: bool, has_api: bool) {
        static FIELDS: LazyLock<Vec<(&str, Vec<String>)>> = LazyLock::new(|| {
            let fields = ["allow", "managed_policies", "permissions_boundary"];
            let values = |field| of_functions(field).iter().map(inline).collect();
            fields.map(|it| (it, values(it))).into()
        });
        for (field, values) in &*FIELDS {
            let mut values: Vec<_> = values.iter().map(String::as_str).collect();
            let pool = "[{ actions = [\"cognito-idp:AdminGetUser\"], resources = [\"${user_pool.arn}\"] }]";
            let api = "[{ actions = [\"execute-api:Invoke\"], resources = [\"${api.execute_arn}/*/GET/*\"] }]";
            let open = [(has_pool, pool), (has_api, api)];
            values.extend(
                open.iter()
                    .filter(|it| it.0 && *field == "allow")
                    .map(|it| it.1),
            );
            self.maybe(field, &values);
        }
    }

    fn environment(&mut self, index: usize, has_secret: bool, has_pool: bool) {
        let secret = if has_secret {
            "\nSECRET = \"${secrets.secret0.arn}\""
        } else {
            ""
        };
        let pool = if has_pool && self.choices.yes() {
            "\nPOOL = \"${user_pool.id}\""
        } else {
            ""
        };
        let mode = self.choices.of(&["one", "other"]);
        self.line(&format!(
            "[functions.function{index}.environment]\nMODE = \"{mode}\"{secret}{pool}"
        ));
        let vpc = self.choices.of(&["[]", "[\"subnet-1\"]"]);
        let groups = if vpc == "[]" { "[]" } else { "[\"sg-1\"]" };
        if vpc != "[]" || self.declares == Declares::All {
            self.line(&format!("[functions.function{index}.vpc]"));
            self.line(&format!(
                "subnet_ids = {vpc}\nsecurity_group_ids = {groups}"
            ));
        }
    }

    /// What holds for single routes.
    fn methods(&mut self) {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let routes: Vec<_> = file["api"]["routes"]
            .as_table()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        for route in routes {
            if self.choices.pick(3) != 2 {
                continue;
            }
            let settings = self.choices.of(&[
                "{ metrics = true }",
                "{ throttling = { rate_limit = 5, burst_limit = 9 } }",
                "{ metrics = false, logging_level = \"OFF\", throttling = { rate_limit = 1.5, burst_limit = 2 } }",
                "{}",
            ]);
            self.line(&format!("[api.stage.methods]\n\"{route}\" = {settings}"));
            // A table stands once.
            return;
        }
    }

    /// Who may call the API at all.
    fn access(&mut self) {
        let policy = |of: &str| {
            format!(
                "policy = '{{ \"Version\": \"2012-10-17\", \"Statement\": {{ \"Effect\": \"Allow\", \"Principal\": \"*\", \
                 \"Action\": \"execute-api:Invoke\", \"Resource\": [\"execute-api:/{of}\"] }} }}'\n"
            )
        };
        let lines = match self.choices.pick(5) {
            2 => policy("*"),
            3 => policy("dev/GET/*"),
            4 => {
                let id = self
                    .choices
                    .of(&["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"]);
                format!(
                    "{}endpoint = \"PRIVATE\"\nvpc_endpoints = [\"{id}\"]\n",
                    policy("*")
                )
            }
            _ => return,
        };
        self.text = self.text.replacen("[api]\n", &format!("[api]\n{lines}"), 1);
    }

    /// One more, which may have the same functions.
    fn further_api(&mut self, functions: usize, has_pool: bool) {
        let table = ["", "apis.admin", "apis.b-2"][usize::from(self.choices.pick(3))];
        if !table.is_empty() {
            self.api(table, &["further-api", "another-api"], functions, has_pool);
        }
    }

    /// What is done about risks, where the pool looks for any.
    fn risks(&mut self) {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let tier = file["user_pool"]["feature_plan"].as_str().unwrap();
        let protection = match tier {
            "PLUS" => self.choices.of(&["OFF", "ENFORCED", "AUDIT"]),
            _ => "OFF",
        };
        let plan = format!("feature_plan = \"{tier}\"");
        let protected = format!("{plan}\nthreat_protection = \"{protection}\"");
        self.text = self.text.replace(&plan, &protected);
        if protection == "OFF" || !self.choices.yes() {
            return;
        }
        self.line("[user_pool.risk_configuration]");
        self.maybe(
            "compromised_credentials",
            &[
                "{ action = \"BLOCK\" }",
                "{ action = \"NO_ACTION\", events = [\"SIGN_IN\"] }",
            ],
        );
        self.maybe("blocked_ip_ranges", &["[\"192.0.2.0/24\"]", "[]"]);
        self.maybe("skipped_ip_ranges", &["[\"198.51.100.0/24\"]", "[]"]);
        if self.choices.yes() {
            let action = self.choices.of(&["BLOCK", "MFA_IF_CONFIGURED"]);
            self.line("[user_pool.risk_configuration.account_takeover]");
            self.line(&format!(
                "low = {{ action = \"NO_ACTION\" }}\nhigh = {{ action = \"{action}\", notify = true }}"
            ));
            self.line("[user_pool.risk_configuration.account_takeover.notify]");
            self.line(
                "ses_source_arn = \"arn:aws:ses:eu-west-1:123456789012:identity/a@example.com\"",
            );
            self.maybe("from", &["\"a@example.com\"", "\"b@example.com\""]);
            self.maybe(
                "block_email",
                &[
                    "{ subject = \"No\", text_body = \"In {city}\" }",
                    "{ subject = \"Not you\", text_body = \"In {city}\" }",
                ],
            );
        }
    }

    /// Passkeys, where the pool can have them.
    fn passkeys(&mut self) {
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let pool = &file["user_pool"];
        let mode = pool["mfa"]["mode"].as_str().unwrap();
        let is_possible = pool["feature_plan"].as_str() != Some("LITE");
        if !is_possible || (!self.choices.yes() && self.declares != Declares::All) {
            return;
        }
        let party = self.choices.of(&["example.com", "auth.example.com"]);
        let (verification, strong) = match mode {
            "on" => ("required", true),
            _ => (
                self.choices.of(&["preferred", "required"]),
                self.choices.yes(),
            ),
        };
        let head = format!("mode = \"{mode}\"");
        let passkeys = format!(
            "passkeys = {{ relying_party = \"{party}\", user_verification = \"{verification}\", multi_factor = {strong} }}"
        );
        self.text = self.text.replace(&head, &format!("{head}\n{passkeys}"));
        let factors = "first_factors = [";
        self.text = self
            .text
            .replace(factors, &format!("{factors}\"WEB_AUTHN\", "));
    }

    /// The login under a name of one's own.
    fn custom_domain(&mut self) {
        let which = self.choices.pick(4);
        if which == 0 {
            return;
        }
        let name = ["auth", "auth", "login"][usize::from(which) - 1];
        let id = self.choices.of(&["one", "other"]);
        self.line(&format!(
            "[user_pool.custom_domain]\nname = \"{name}.example.com\"\n\
             certificate_arn = \"arn:aws:acm:us-east-1:123456789012:certificate/{id}\""
        ));
        let version = if which == 2 || self.text.contains("feature_plan = \"LITE\"") {
            1
        } else {
            2
        };
        self.line(&format!("managed_login_version = {version}"));
        self.maybe(
            "security_policy",
            &["\"TLS_V1_2_2021\"", "\"TLS_V1_3_2025\""],
        );
    }

    /// A name of one's own, at whose paths the APIs that there are answer.
    fn domain_names(&mut self) {
        if !self.choices.yes() && self.declares != Declares::All {
            return;
        }
        let file: toml::Table = toml::from_str(&self.text).unwrap();
        let further = file.get("apis").and_then(toml::Value::as_table);
        let further = further.into_iter().flatten();
        let all = further.map(|(name, api)| (name.as_str(), api));
        // A private one has no name that is for everybody.
        let apis: Vec<_> = [("api", &file["api"])]
            .into_iter()
            .chain(all)
            .filter(|(_, api)| api.get("endpoint").and_then(toml::Value::as_str) != Some("PRIVATE"))
            .map(|(name, _)| name)
            .collect();
        let name = self.choices.of(&["api.example.com", "other.example.com"]);
        self.line(&format!("[domain_names.public]\nname = \"{name}\""));
        let endpoint = self.choices.of(&["", "REGIONAL", "EDGE"]);
        let region = if endpoint == "EDGE" {
            "us-east-1"
        } else {
            "eu-west-1"
        };
        let id = self.choices.of(&["one", "other"]);
        self.line(&format!(
            "certificate_arn = \"arn:aws:acm:{region}:123456789012:certificate/{id}\""
        ));
        if !endpoint.is_empty() {
            self.line(&format!("endpoint = \"{endpoint}\""));
        }
        self.maybe("security_policy", &["\"TLS_1_2\"", "\"TLS_1_0\""]);
        self.tags();
        let mut paths = vec![];
        for path in ["(none)", "v1", "a.b-c"] {
            let api = usize::from(self.choices.pick(3));
            let api = apis.get(api % apis.len().max(1));
            if let Some(api) = api.filter(|_| self.choices.yes()) {
                paths.push(format!("\"{path}\" = \"{api}\""));
            }
        }
        if !paths.is_empty() {
            self.line(&format!("base_paths = {{ {} }}", paths.join(", ")));
        }
    }

    fn api(&mut self, table: &str, names: &[&str], functions: usize, has_pool: bool) {
        let name = self.choices.of(names);
        self.line(&format!("[{table}]\nname = \"{name}\""));
        self.maybe("description", &["\"one\"", "\"other\""]);
        self.tags();
        self.maybe(
            "binary_media_types",
            &["[\"image/png\"]", "[\"image/png\", \"*/*\"]", "[]"],
        );
        let cors = self.choices.pick(3);
        if cors > 0 {
            let more = if cors == 2 {
                ", \"https://example.org\""
            } else {
                ""
            };
            self.line(&format!(
                "[{table}.cors]\norigins = [\"https://example.com\"{more}]"
            ));
            self.maybe("credentials", &["true", "false"]);
            self.maybe("max_age", &["\"10m\"", "\"0s\""]);
            self.maybe("exposed_headers", &["[\"X-A\"]", "[\"X-A\", \"X-B\"]"]);
        }
        let stage = self.choices.of(&["dev", "live"]);
        self.line(&format!("[{table}.stage]\nname = \"{stage}\""));
        self.maybe("description", &["\"one\"", "\"other\""]);
        self.maybe("metrics", &["true", "false"]);
        self.maybe("logging_level", &["\"OFF\"", "\"ERROR\""]);
        self.maybe(
            "throttling",
            &[
                "{ rate_limit = 10, burst_limit = 20 }",
                "{ rate_limit = 5, burst_limit = 9 }",
            ],
        );
        let is_guarded = has_pool && self.choices.pick(4) != 3;
        if is_guarded {
            let name = self.choices.of(&["Made", "Other"]);
            self.line(&format!("[{table}.authorizers.pool]\nname = \"{name}\""));
            self.maybe("ttl", &["\"300s\"", "\"0s\""]);
        }
        let asked = self.choices.pick(4);
        if asked > 1 {
            let name = self.choices.of(&["Asked", "Other one"]);
            let by = usize::from(self.choices.pick(2)) % functions;
            self.line(&format!(
                "[{table}.authorizers.asked]\nname = \"{name}\"\nfunction = \"function{by}\""
            ));
            self.maybe("ttl", &["\"300s\"", "\"60s\""]);
        }
        if asked == 3 {
            let headers =
                ["Authorization", "X-Key"].map(|it| format!("\"method.request.header.{it}\""));
            let sources = self.choices.pick(2);
            let sources = headers[..=sources.into()].join(", ");
            self.line(&format!(
                "type = \"REQUEST\"\nidentity_sources = [{sources}]"
            ));
        }
        self.line(&format!("[{table}.routes]"));
        let count = 1 + self.choices.pick(4);
        for route in ["GET /users", "POST /users", "GET /users/{id}", "PUT /a/b"]
            .iter()
            .take(count.into())
        {
            let function = usize::from(self.choices.pick(2)) % functions;
            let guard = match self.choices.pick(4) {
                0 if is_guarded => ", authorizer = \"pool\"",
                1 if is_guarded => ", authorizer = \"pool\", scopes = [\"openid\"]",
                2 if asked > 1 => ", authorizer = \"asked\"",
                _ => ", authorizer = \"none\"",
            };
            self.line(&format!(
                "\"{route}\" = {{ function = \"function{function}\"{guard} }}"
            ));
        }
    }
}
