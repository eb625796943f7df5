//! What a person reads of a stack, from the first plan to the end: inline snapshots of stdout and
//! stderr. What is new in each run stands for itself: ids by their outputs' names, times, hashes.

use crate::support::program::{Place, Run};
use insta::assert_snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is different in each run, and what stands for it. The longest comes first.
struct Masks(Vec<(String, String)>);

impl Masks {
    fn of(place: &Place) -> Self {
        let mut known = BTreeMap::from([
            (place.account.clone(), "ACCOUNT".to_owned()),
            (place.endpoint.clone(), "ENDPOINT".to_owned()),
            (
                place.folder.path().display().to_string(),
                "FOLDER".to_owned(),
            ),
        ]);
        let outputs = place.run(&["outputs", "--json"]);
        if let Ok(Value::Object(outputs)) = serde_json::from_str(&outputs.out) {
            let ids = outputs.into_iter().filter(|(name, _)| name.contains("_id"));
            known.extend(
                ids.filter_map(|(name, id)| Some((id.as_str()?.to_owned(), name.to_uppercase()))),
            );
        }
        let mut masks: Vec<_> = known.into_iter().collect();
        masks.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(masks)
    }

    fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (known, name) in &self.0 {
            text = text.replace(known.as_str(), name);
        }
        let varied = [
            (r"\b\d+(\.\d+)? (ms|s)\b", "TIME"),
            (r"\b\d+ (second|minute)s?\b *", "TIME  "),
            (r"\bAGE +", "AGE  "),
            (r"[A-Za-z0-9+/]{43}=", "HASH"),
            (r"\b[0-9a-f]{12,64}\b", "HASH"),
            (r"\b\d{4}-\d\d-\d\dT[0-9:.]+Z?", "WHEN"),
        ];
        for (pattern, name) in varied {
            text = regex(pattern).replace_all(&text, name).into_owned();
        }
        text
    }
}

fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).unwrap()
}

/// An API's routes are listed in any order by an emulator; lines that begin with them are put in one.
fn in_order(text: &str) -> String {
    let mut lines: Vec<_> = text.split('\n').collect();
    for run in lines.chunk_by_mut(|a, b| [a, b].iter().all(|it| it.starts_with("api.routes."))) {
        run.sort_unstable();
    }
    lines.join("\n")
}

/// Exit code, stdout and stderr. Steps end in any order, so what is told of them is put in one.
fn shown(place: &Place, run: &Run) -> String {
    let (mut done, told): (Vec<_>, Vec<_>) = run
        .err
        .lines()
        // Whether something is waited for is the emulator's affair.
        .filter(|line| !line.starts_with("waiting: "))
        .map(|line| {
            regex(r"^\[ *\d+/(\d+)\]")
                .replace(line, "[N/$1]")
                .into_owned()
        })
        .partition(|line| line.starts_with("[N/"));
    done.sort();
    let text = format!(
        "exit code {}\n\n{}\n--- stderr\n{}\n{}",
        run.code,
        in_order(&run.out),
        done.join("\n"),
        told.join("\n")
    );
    Masks::of(place).hide(&text)
}

/// All that wsctl says to these arguments.
fn shows(place: &Place, arguments: &[&str]) -> String {
    let run = place.run(arguments);
    shown(place, &run)
}

/// What follows on the plan, which is shown elsewhere.
fn after_the_plan(place: &Place, arguments: &[&str]) -> String {
    let mut run = place.run(arguments);
    let (_, rest) = run.out.split_once(" unchanged.\n").unwrap();
    run.out = rest.to_owned();
    shown(place, &run)
}

/// One of each kind of change: a table less, a table more, a value, a list, a replacement.
const CHANGES: [(&str, &str); 5] = [
    ("minimum_length = 8", "minimum_length = 12"),
    (
        "\"http://localhost:3000/callback\"",
        "\"http://localhost:3000/callback\", \"https://app.example.com/callback\"",
    ),
    ("[user_pool.groups.admin]", "[user_pool.groups.staff]"),
    (
        "prefix = \"workshop-${stack.account}\"",
        "prefix = \"other-${stack.account}\"",
    ),
    ("memory = 128", "memory = 512"),
];

#[tokio::test]
async fn a_stack_from_its_first_plan_to_its_end() {
    let place = Place::new().await;
    assert_snapshot!(shows(&place, &["plan"]), @r#"
    exit code 0

    Plan for stack workshop in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    api
      + api (REST API)
          name = "workshop-user-api"
          description = "The workshop's users API"
          endpoint = "REGIONAL"
      + api.authorizers.cognito (authorizer)
          name = "CognitoUserPoolAuthorizer"
          user_pool_arns = [user_pool]
          token_source = "Authorization"
      + api.resources."/users" (resource)
      + api.gateway_responses.DEFAULT_4XX (gateway response)
          headers.Access-Control-Allow-Headers = "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'"
          headers.Access-Control-Allow-Methods = "'DELETE,GET,OPTIONS,POST,PUT'"
          headers.Access-Control-Allow-Origin = "'http://localhost:3000'"
      + api.gateway_responses.DEFAULT_5XX (gateway response)
          headers.Access-Control-Allow-Headers = "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'"
          headers.Access-Control-Allow-Methods = "'DELETE,GET,OPTIONS,POST,PUT'"
          headers.Access-Control-Allow-Origin = "'http://localhost:3000'"
      + api.resources."/users/{id}" (resource)
      + api.routes."OPTIONS /users" (route)
          authorizer = "none"
          preflight.allow_origins = ["http://localhost:3000"]
          preflight.allow_headers = ["Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key"]
          preflight.allow_methods = ["GET", "OPTIONS", "POST"]
      + api.routes."DELETE /users/{id}" (route)
          function = functions.users
          authorizer = api.authorizers.cognito
      + api.routes."GET /users" (route)
          function = functions.users
          authorizer = api.authorizers.cognito
      + api.routes."GET /users/{id}" (route)
          function = functions.users
          authorizer = api.authorizers.cognito
      + api.routes."POST /users" (route)
          function = functions.users
          authorizer = api.authorizers.cognito
      + api.routes."PUT /users/{id}" (route)
          function = functions.users
          authorizer = api.authorizers.cognito
      + api.routes."OPTIONS /users/{id}" (route)
          authorizer = "none"
          preflight.allow_origins = ["http://localhost:3000"]
          preflight.allow_headers = ["Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key"]
          preflight.allow_methods = ["DELETE", "GET", "OPTIONS", "PUT"]
      + api.stage (stage)
          name = "dev"
          throttling.rate_limit = 1000.0
          throttling.burst_limit = 2000
          metrics = true

    functions.users
      + functions.users.log_group (log group)
          name = "/aws/lambda/workshop-lambda-sm-rds"
          retention_days = 14
      + functions.users.role (role)
          name = "workshop-lambda-sm-rds-eu-west-1"
          assumed_by = "lambda.amazonaws.com"
          policies.wsctl.Statement = [{"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":["${functions.users.log_group.arn}:*"],"Sid":"WriteLogs"}]
          policies.wsctl.Version = "2012-10-17"
      + functions.users (function)
          name = "workshop-lambda-sm-rds"
          runtime = "provided.al2023"
          handler = "bootstrap"
          architecture = "x86_64"
          memory = 128
          timeout = "10s"
          environment.ALLOWED_ORIGINS = "http://localhost:3000"
          environment.DB_NAME = "workshopdb"
          environment.DB_PORT = "5432"
          environment.DB_TLS = "on"
          role = functions.users.role
      + functions.users.permissions.wsctl-api (permission)
          principal = "apigateway.amazonaws.com"
          action = "lambda:InvokeFunction"
          source_arn = api

    user_pool
      + user_pool (user pool)
          name = "workshop-user-pool"
          sign_in = ["email"]
          self_registration = true
          required_attributes = ["name", "phone_number"]
          password_policy.minimum_length = 8
          password_policy.require_lowercase = true
          password_policy.require_uppercase = true
          password_policy.require_numbers = true
          password_policy.require_symbols = true
          password_policy.temporary_password_validity_days = 7
          auto_verify = ["email"]
          account_recovery = ["verified_email"]
          mfa.mode = "off"
          feature_plan = "ESSENTIALS"
          deletion_protection = true
      + user_pool.groups.admin (group)
          description = "May change every user's row"
          precedence = 1
      + user_pool.clients.spa (user pool client)
          name = "workshop-cognito-SPA"
          secret = false
          auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH"]
          auth_session_validity = "3m"
          access_token_validity = "1h"
          id_token_validity = "1h"
          refresh_token_validity = "5d"
          oauth_grants = ["code"]
          oauth_scopes = ["email", "openid", "phone"]
          callback_urls = ["http://localhost:3000/callback"]
          logout_urls = ["http://localhost:3000/"]
          identity_providers = ["COGNITO"]
          prevent_user_existence_errors = true
          token_revocation = true
      + user_pool.domain (user pool domain)
          prefix = "workshop-ACCOUNT"
          managed_login_version = 2
      + user_pool.clients.spa.branding (managed login branding)

    23 to create; 0 unchanged.

    --- stderr

    next: wsctl apply --endpoint-url ENDPOINT
    "#);
    assert_snapshot!(after_the_plan(&place, &["apply"]), @r#"
    exit code 14


    --- stderr

    error: nothing was changed: there is no terminal to ask on
    hint: add --yes to go ahead without being asked
    "#);
    assert_snapshot!(after_the_plan(&place, &["apply", "--yes"]), @r#"
    exit code 0


    Outputs
    region         = eu-west-1
    user_pool_id   = USER_POOL_ID
    user_pool_arn  = arn:aws:cognito-idp:eu-west-1:ACCOUNT:userpool/USER_POOL_ID
    issuer         = ENDPOINT/USER_POOL_ID
    client_id_spa  = CLIENT_ID_SPA
    login_url_spa  = ENDPOINT/oauth2/authorize?client_id=CLIENT_ID_SPA&response_type=code&scope=email%20openid%20phone&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback
    api_id         = API_ID
    api_url        = ENDPOINT/restapis/API_ID/dev/_user_request_
    function_users = workshop-lambda-sm-rds

    Next
      curl -i ENDPOINT/restapis/API_ID/dev/_user_request_/users
      wsctl plan --endpoint-url ENDPOINT       # what differs from stack.toml
      wsctl destroy --endpoint-url ENDPOINT    # remove it all again

    --- stderr
    [N/23] + api created in TIME
    [N/23] + api.authorizers.cognito created in TIME
    [N/23] + api.gateway_responses.DEFAULT_4XX created in TIME
    [N/23] + api.gateway_responses.DEFAULT_5XX created in TIME
    [N/23] + api.resources."/users" created in TIME
    [N/23] + api.resources."/users/{id}" created in TIME
    [N/23] + api.routes."DELETE /users/{id}" created in TIME
    [N/23] + api.routes."GET /users" created in TIME
    [N/23] + api.routes."GET /users/{id}" created in TIME
    [N/23] + api.routes."OPTIONS /users" created in TIME
    [N/23] + api.routes."OPTIONS /users/{id}" created in TIME
    [N/23] + api.routes."POST /users" created in TIME
    [N/23] + api.routes."PUT /users/{id}" created in TIME
    [N/23] + api.stage created in TIME
    [N/23] + functions.users created in TIME
    [N/23] + functions.users.log_group created in TIME
    [N/23] + functions.users.permissions.wsctl-api created in TIME
    [N/23] + functions.users.role created in TIME
    [N/23] + user_pool created in TIME
    [N/23] + user_pool.clients.spa created in TIME
    [N/23] + user_pool.clients.spa.branding created in TIME
    [N/23] + user_pool.domain created in TIME
    [N/23] + user_pool.groups.admin created in TIME
    23 of 23 done in TIME
    "#);
    assert_snapshot!(shows(&place, &["plan"]), @r#"
    exit code 0

    Plan for stack workshop in ENDPOINT, eu-west-1

    No changes: all 23 resources are as stack.toml has them.

    --- stderr
    "#);
    assert_snapshot!(shows(&place, &["outputs", "--env"]), @r#"
    exit code 0

    REGION=eu-west-1
    USER_POOL_ID=USER_POOL_ID
    USER_POOL_ARN=arn:aws:cognito-idp:eu-west-1:ACCOUNT:userpool/USER_POOL_ID
    ISSUER=ENDPOINT/USER_POOL_ID
    CLIENT_ID_SPA=CLIENT_ID_SPA
    LOGIN_URL_SPA='ENDPOINT/oauth2/authorize?client_id=CLIENT_ID_SPA&response_type=code&scope=email%20openid%20phone&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback'
    API_ID=API_ID
    API_URL=ENDPOINT/restapis/API_ID/dev/_user_request_
    FUNCTION_USERS=workshop-lambda-sm-rds

    --- stderr
    "#);
    assert_snapshot!(shows(&place, &["drift"]), @r#"
    exit code 0

    Drift of stack workshop in ENDPOINT, eu-west-1

    No drift: all 23 resources are as stack.toml has them.

    --- stderr
    "#);
    assert_snapshot!(shows(&place, &["show", "user_pool"]), @r#"
    exit code 0

    user_pool (user pool)
      belongs to this stack

    Outputs
          id = "USER_POOL_ID"
          arn = "arn:aws:cognito-idp:eu-west-1:ACCOUNT:userpool/USER_POOL_ID"
          name = "workshop-user-pool"
          issuer = "ENDPOINT/USER_POOL_ID"
          deletion_protection = true

    Values
          name = "workshop-user-pool"
          sign_in = ["email"]
          aliases = []
          self_registration = true
          required_attributes = ["name", "phone_number"]
          standard_attributes.name.required = true
          standard_attributes.phone_number.required = true
          password_policy.minimum_length = 8
          password_policy.require_lowercase = true
          password_policy.require_uppercase = true
          password_policy.require_numbers = true
          password_policy.require_symbols = true
          password_policy.temporary_password_validity_days = 7
          auto_verify = ["email"]
          keep_until_verified = []
          account_recovery = ["verified_email"]
          mfa.mode = "off"
          feature_plan = "ESSENTIALS"
          deletion_protection = true
          email.ses_source_arn = ""
          email.from = ""
          email.reply_to = ""
          email.configuration_set = ""
          verification_message.email_subject = ""
          verification_message.email_message = ""
          verification_message.email_subject_by_link = ""
          verification_message.email_message_by_link = ""
          verification_message.sms_message = ""
          invitation_message.email_subject = ""
          invitation_message.email_message = ""
          invitation_message.sms_message = ""

    Defaults, unless somebody set them so
          case_sensitive = false
          standard_attributes = ["address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name", "nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at", "website", "zoneinfo"]
          password_policy.history = 0
          first_factors = ["PASSWORD"]
          mfa.totp = false
          mfa.email = false
          threat_protection = "OFF"
          devices.remember = "no"
          devices.challenge_new_devices = false
          email.sender = "COGNITO_DEFAULT"
          verification_message.email_option = "CONFIRM_WITH_CODE"

    --- stderr
    "#);
    assert_snapshot!(shows(&place, &["show", "user_pools"]), @r#"
    exit code 10


    --- stderr

    error: user_pools: there is no such resource
    hint: did you mean 'user_pool'? There are: api, api.authorizers.cognito, api.gateway_responses.DEFAULT_4XX, api.gateway_responses.DEFAULT_5XX, api.resources."/users", api.resources."/users/{id}", api.routes."DELETE /users/{id}", api.routes."GET /users", api.routes."GET /users/{id}", api.routes."OPTIONS /users", api.routes."OPTIONS /users/{id}", api.routes."POST /users", api.routes."PUT /users/{id}", api.stage, functions.users, functions.users.log_group, functions.users.permissions.wsctl-api, functions.users.role, user_pool, user_pool.clients.spa, user_pool.clients.spa.branding, user_pool.domain, user_pool.groups.admin
    "#);
    assert_snapshot!(shows(&place, &["list"]), @r#"
    exit code 0

    STACK     REGION     AGE  RESOURCES
    workshop  eu-west-1  TIME  user pool, REST API, function, log group, role

    What AWS may bill
      1 REST API: by requests
      1 function: by calls and their running time
      1 log group: by what is written and kept
      1 user pool: by users who are active in the month
      At rest about 0.00 USD a month, after the prices of us-east-1 in September 2026, and for the logs that are kept
      Prices and what is free each month: https://aws.amazon.com/pricing

    --- stderr
    "#);
    for (old, new) in CHANGES {
        place.edit(old, new);
    }
    assert_snapshot!(shows(&place, &["plan"]), @r#"
    exit code 0

    Plan for stack workshop in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    functions.users
      ~ functions.users (function)
          memory: 128 → 512

    user_pool
      ~ user_pool (user pool)
          password_policy.minimum_length: 8 → 12
      + user_pool.groups.staff (group): in the place of user_pool.groups.admin
          description = "May change every user's row"
          precedence = 1
          ! the old one's members are not in the new one, and tokens no longer name it
      ~ user_pool.clients.spa (user pool client)
          callback_urls:
            + "https://app.example.com/callback"
      ± user_pool.domain (user pool domain): prefix is set at creation only
          prefix: "workshop-ACCOUNT" → "other-ACCOUNT"
          ! the login's URL changes, and the old one is free for anybody to take
      - user_pool.groups.admin (group): not in stack.toml

    1 to create, 3 to update, 1 to replace, 1 to delete; 18 unchanged.

    --- stderr

    next: wsctl apply --endpoint-url ENDPOINT
    "#);
    assert_snapshot!(shows(&place, &["drift"]), @r#"
    exit code 2

    Drift of stack workshop in ENDPOINT, eu-west-1

    Missing
      user_pool.groups.staff (group)

    Different
      user_pool (user pool)
          password_policy.minimum_length: 8; stack.toml has 12
      user_pool.clients.spa (user pool client)
          callback_urls: ["http://localhost:3000/callback"]; stack.toml has ["http://localhost:3000/callback", "https://app.example.com/callback"]
      user_pool.domain (user pool domain)
          prefix: "workshop-ACCOUNT"; stack.toml has "other-ACCOUNT"
      functions.users (function)
          memory: 128; stack.toml has 512

    There, but not in stack.toml
      user_pool.groups.admin (group)

    6 differences; 18 resources are as stack.toml has them.

    --- stderr
    "#);
    assert_snapshot!(after_the_plan(&place, &["apply", "--yes"]), @r#"
    exit code 14


    --- stderr

    error: user_pool.groups.staff: it would be made in the place of user_pool.groups.admin: the old one's members are not in the new one, and tokens no longer name it
    user_pool.domain: this would replace it: the login's URL changes, and the old one is free for anybody to take
    hint: if that is meant, add --allow-replace user_pool.groups.staff --allow-replace user_pool.domain
    "#);
    let allowed = ["user_pool.groups.staff", "user_pool.domain"].map(|it| ["--allow-replace", it]);
    let apply = [&["apply", "--yes"], allowed.as_flattened()].concat();
    assert_snapshot!(after_the_plan(&place, &apply), @r#"
    exit code 0


    Outputs
    region         = eu-west-1
    user_pool_id   = USER_POOL_ID
    user_pool_arn  = arn:aws:cognito-idp:eu-west-1:ACCOUNT:userpool/USER_POOL_ID
    issuer         = ENDPOINT/USER_POOL_ID
    client_id_spa  = CLIENT_ID_SPA
    login_url_spa  = ENDPOINT/oauth2/authorize?client_id=CLIENT_ID_SPA&response_type=code&scope=email%20openid%20phone&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback
    api_id         = API_ID
    api_url        = ENDPOINT/restapis/API_ID/dev/_user_request_
    function_users = workshop-lambda-sm-rds

    Next
      curl -i ENDPOINT/restapis/API_ID/dev/_user_request_/users
      wsctl plan --endpoint-url ENDPOINT       # what differs from stack.toml
      wsctl destroy --endpoint-url ENDPOINT    # remove it all again

    --- stderr
    [N/6] + user_pool.groups.staff created in TIME
    [N/6] - user_pool.groups.admin deleted in TIME
    [N/6] ~ functions.users updated in TIME
    [N/6] ~ user_pool updated in TIME
    [N/6] ~ user_pool.clients.spa updated in TIME
    [N/6] ± user_pool.domain created in TIME
    [N/6] ± user_pool.domain deleted in TIME
    6 of 6 done in TIME
    "#);
    assert_snapshot!(after_the_plan(&place, &["destroy", "--yes"]), @r#"
    exit code 14


    --- stderr

    error: user_pool: deletion protection is on
    hint: if that is meant, add --lift-deletion-protection
    "#);
    assert_snapshot!(shows(&place, &["destroy", "--yes", "--lift-deletion-protection"]), @r#"
    exit code 0

    Plan for stack workshop in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    api
      - api (REST API)
      - api.authorizers.cognito (authorizer)
      - api.gateway_responses.DEFAULT_4XX (gateway response)
      - api.gateway_responses.DEFAULT_5XX (gateway response)
      - api.resources."/users" (resource)
      - api.resources."/users/{id}" (resource)
      - api.routes."DELETE /users/{id}" (route)
      - api.routes."GET /users" (route)
      - api.routes."GET /users/{id}" (route)
      - api.routes."OPTIONS /users" (route)
      - api.routes."OPTIONS /users/{id}" (route)
      - api.routes."POST /users" (route)
      - api.routes."PUT /users/{id}" (route)
      - api.stage (stage)

    functions.users
      - functions.users (function)
      - functions.users.log_group (log group)
      - functions.users.permissions.wsctl-api (permission)
      - functions.users.role (role)

    user_pool
      - user_pool (user pool)
      - user_pool.clients.spa (user pool client)
      - user_pool.clients.spa.branding (managed login branding)
      - user_pool.domain (user pool domain)
      - user_pool.groups.staff (group)

    23 to delete; 0 unchanged.

    ADDRESS                                KIND                    NAME                                NOW
    functions.users.log_group              log group               /aws/lambda/workshop-lambda-sm-rds  gone
    functions.users.role                   role                    workshop-lambda-sm-rds-eu-west-1    gone
    functions.users                        function                workshop-lambda-sm-rds              gone
    functions.users.permissions.wsctl-api  permission              wsctl-api                           gone
    user_pool                              user pool               workshop-user-pool                  gone
    user_pool.groups.staff                 group                   staff                               gone
    user_pool.clients.spa                  user pool client        workshop-cognito-SPA                gone
    user_pool.clients.spa.branding         managed login branding                                      gone
    user_pool.domain                       user pool domain        other-ACCOUNT                  gone
    api                                    REST API                workshop-user-api                   gone
    api.authorizers.cognito                authorizer              cognito                             gone
    api.resources."/users"                 resource                /users                              gone
    api.resources."/users/{id}"            resource                /users/{id}                         gone
    api.routes."DELETE /users/{id}"        route                   DELETE /users/{id}                  gone
    api.routes."GET /users"                route                   GET /users                          gone
    api.routes."GET /users/{id}"           route                   GET /users/{id}                     gone
    api.routes."OPTIONS /users"            route                   OPTIONS /users                      gone
    api.routes."OPTIONS /users/{id}"       route                   OPTIONS /users/{id}                 gone
    api.routes."POST /users"               route                   POST /users                         gone
    api.routes."PUT /users/{id}"           route                   PUT /users/{id}                     gone
    api.gateway_responses.DEFAULT_4XX      gateway response        DEFAULT_4XX                         gone
    api.gateway_responses.DEFAULT_5XX      gateway response        DEFAULT_5XX                         gone
    api.stage                              stage                   dev                                 gone

    Nothing of the stack is left.

    --- stderr
    [N/6] - api deleted in TIME
    [N/6] - functions.users deleted in TIME
    [N/6] - functions.users.log_group deleted in TIME
    [N/6] - functions.users.role deleted in TIME
    [N/6] - user_pool deleted in TIME
    [N/6] - user_pool.domain deleted in TIME
    23 of 23 done in TIME
    "#);
    assert_snapshot!(shows(&place, &["outputs"]), @r#"
    exit code 1


    --- stderr

    error: stack workshop in ENDPOINT, eu-west-1: nothing is there yet
    hint: run wsctl apply --endpoint-url ENDPOINT first
    "#);
}

/// Long texts and long lists.
const WIDE: &str = r#"
[stack]
name = "wide"
region = "eu-west-1"

[user_pool]
name = "wide"
sign_in = ["email"]
required_attributes = ["address", "birthdate", "family_name", "given_name", "locale", "nickname", "website"]

[user_pool.invitation_message]
email_subject = "An account was made for you, {username}, and it waits for your first sign-in"
email_message = "You are {username}, and your temporary password is {####}: choose one of your own at the first sign-in."

[user_pool.clients.web]
name = "wide-web"
auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
oauth_grants = ["implicit"]
oauth_scopes = ["openid", "email"]
callback_urls = ["https://app.example.com/a/long/address/that/stays/in/one/piece/whatever/the/width/of/the/terminal/is"]
"#;

/// The same on a terminal of so many columns.
fn shows_at(place: &Place, columns: &str, arguments: &[&str]) -> String {
    let mut command = place.command(arguments);
    let mut run = Run::from(command.env("COLUMNS", columns).output().unwrap());
    run.out = run.out.replace('\u{1b}', "␛");
    run.err = run.err.replace('\u{1b}', "␛");
    shown(place, &run)
}

#[tokio::test]
async fn what_is_wider_than_the_terminal_goes_on_below() {
    let place = Place::of(WIDE).await;
    assert_snapshot!(shows_at(&place, "80", &["plan"]), @r#"
    exit code 0

    Plan for stack wide in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    user_pool
      + user_pool (user pool)
          name = "wide"
          sign_in = ["email"]
          required_attributes = ["address", "birthdate", "family_name",
              "given_name", "locale", "nickname", "website"]
          invitation_message.email_subject = "An account was made for you,
              {username}, and it waits for your first sign-in"
          invitation_message.email_message = "You are {username}, and your temporary
              password is {####}: choose one of your own at the first sign-in."
      + user_pool.clients.web (user pool client)
          name = "wide-web"
          auth_flows = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
          oauth_grants = ["implicit"]
          oauth_scopes = ["email", "openid"]
          callback_urls =
              ["https://app.example.com/a/long/address/that/stays/in/one/piece/whatever/the/width/of/the/terminal/is"]

    Warning: user_pool.clients.web.oauth_grants: implicit puts tokens into the
        browser's address bar and history; use "code" (with PKCE) alone unless an
        old front end needs implicit [implicit-grant]

    2 to create; 0 unchanged.

    --- stderr

    next: wsctl apply --endpoint-url ENDPOINT
    "#);
    assert_snapshot!(shows_at(&place, "120", &["plan"]), @r#"
    exit code 0

    Plan for stack wide in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    user_pool
      + user_pool (user pool)
          name = "wide"
          sign_in = ["email"]
          required_attributes = ["address", "birthdate", "family_name", "given_name", "locale", "nickname", "website"]
          invitation_message.email_subject = "An account was made for you, {username}, and it waits for your first sign-in"
          invitation_message.email_message = "You are {username}, and your temporary password is {####}: choose one of your
              own at the first sign-in."
      + user_pool.clients.web (user pool client)
          name = "wide-web"
          auth_flows = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
          oauth_grants = ["implicit"]
          oauth_scopes = ["email", "openid"]
          callback_urls =
              ["https://app.example.com/a/long/address/that/stays/in/one/piece/whatever/the/width/of/the/terminal/is"]

    Warning: user_pool.clients.web.oauth_grants: implicit puts tokens into the browser's address bar and history; use "code"
        (with PKCE) alone unless an old front end needs implicit [implicit-grant]

    2 to create; 0 unchanged.

    --- stderr

    next: wsctl apply --endpoint-url ENDPOINT
    "#);
    assert_snapshot!(shows_at(&place, "80", &["validate", "--color", "always"]), @r#"
    exit code 0

    stack.toml is valid: 2 resources

    --- stderr

    warning[implicit-grant]: implicit puts tokens into the browser's address bar and
        history
      --> stack.toml:18:16
       |
    18 | oauth_grants = ["implicit"]
       |                ^^^^^^^^^^^^
       |
       = help: use "code" (with PKCE) alone unless an old front end needs implicit
    "#);
    assert_snapshot!(shows_at(&place, "80", &["plan", "--color", "always"]), @r#"
    exit code 0

    ␛[1mPlan for stack wide in ENDPOINT, eu-west-1␛[0m
    ␛[2m+ create  ~ update  ± replace  - delete␛[0m

    ␛[1muser_pool␛[0m
      ␛[32m+ user_pool␛[0m ␛[2m(user pool)␛[0m
          name = "wide"
          sign_in = ["email"]
          required_attributes = ["address", "birthdate", "family_name",
              "given_name", "locale", "nickname", "website"]
          invitation_message.email_subject = "An account was made for you,
              {username}, and it waits for your first sign-in"
          invitation_message.email_message = "You are {username}, and your temporary
              password is {####}: choose one of your own at the first sign-in."
      ␛[32m+ user_pool.clients.web␛[0m ␛[2m(user pool client)␛[0m
          name = "wide-web"
          auth_flows = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
          oauth_grants = ["implicit"]
          oauth_scopes = ["email", "openid"]
          callback_urls =
              ["https://app.example.com/a/long/address/that/stays/in/one/piece/whatever/the/width/of/the/terminal/is"]

    Warning: user_pool.clients.web.oauth_grants: implicit puts tokens into the
        browser's address bar and history; use "code" (with PKCE) alone unless an
        old front end needs implicit [implicit-grant]

    ␛[1m2 to create; 0 unchanged.␛[0m

    --- stderr

    next: wsctl apply --endpoint-url ENDPOINT
    "#);
    place.run(&["apply", "--yes"]);
    assert_snapshot!(shows_at(&place, "60", &["destroy"]), @r#"
    exit code 14

    Plan for stack wide in ENDPOINT, eu-west-1
    + create  ~ update  ± replace  - delete

    user_pool
      - user_pool (user pool)
      - user_pool.clients.web (user pool client)

    2 to delete; 0 unchanged.

    --- stderr

    error: nothing was changed: there is no terminal to ask on
    hint: add --yes to go ahead without being asked
    "#);
}
