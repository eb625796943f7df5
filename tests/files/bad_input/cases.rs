//! The mistakes, each as edits of the base: what is replaced, by what (`""` adds at the end). `¦`
//! marks the place that the error has to show.

use std::io::Write;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [(&'static str, &'static str)],
    pub(crate) message: &'static str,
    pub(crate) help: &'static str,
    /// The `users.zip` beside stack.toml.
    pub(crate) zip: Option<fn() -> Vec<u8>>,
}

macro_rules! cases {
    ($($name:literal: [$($from:literal => $to:literal),+], $message:literal, $help:literal;)+) => {
        &[$(Case {
            name: $name,
            edits: &[$(($from, $to)),+],
            message: $message,
            help: $help,
            zip: None,
        }),+]
    };
}

pub(crate) const CASES: &[Case] = cases! {
    "an unknown key": ["sign_in" => "¦sing_in"],
        "unknown key `sing_in`", "did you mean `sign_in`?";
    "an unknown key that is like no other": ["sign_in" => "¦colour"],
        "unknown key `colour`", "known here: name, sign_in";
    "an unknown table": ["[functions.users]" => "[¦function.users]", r#"function = "users","# => r#"function = "users","#],
        "unknown key `function`", "did you mean `functions`?";
    "an unknown table that is like no other": ["" => "\n[¦database]\nsize = 3\n"],
        "unknown key `database`", "known here: stack, ";
    "an unknown key in a nested table": ["" => "\n[user_pool.password_policy]\n¦minimum_lenght = 8\n"],
        "unknown key `minimum_lenght`", "did you mean `minimum_length`?";
    "an unknown key in an inline table": [r#"authorizer = "people""# => r#"authorizer = "people", ¦scope = ["a"]"#],
        "unknown key `scope`", "did you mean `scopes`?";
    "a text for a flag": [r#"name = "web""# => "name = \"web\"\nsecret = ¦\"yes\""],
        "secret is a text, not true or false", "write true or false";
    "a text for a number": ["zip =" => "memory = ¦\"128\"\nzip ="],
        "memory is a text, not a whole number", "write a whole number";
    "a fraction for a whole number": ["zip =" => "memory = ¦128.5\nzip ="],
        "memory is a number, not a whole number", "write a whole number";
    "a number for a text": [r#"name = "demo""# => "name = ¦7"],
        "name is a number, not a text in quotes", "lower-case letters";
    "a reference for a number": ["zip =" => "memory = ¦\"${user_pool.id}\"\nzip ="],
        "memory takes no reference", "write a whole number out";
    "the environment for a length of time": ["zip =" => "timeout = ¦\"${env.AWS_ACCESS_KEY_ID}s\"\nzip ="],
        "timeout cannot be the value of \"${env.AWS_ACCESS_KEY_ID}s\"\n", r#"in quotes: "90s""#;
    "a reference for a length of time": ["zip =" => "timeout = ¦\"${api.id}\"\nzip ="],
        "timeout takes no reference", "write the length of time out, or take it from ${var.NAME}";
    "a text for a list": [r#"["email"]"# => r#"¦"email""#],
        "sign_in is a text, not a list", "write a list";
    "a length of time in words": [r#"name = "web""# => "name = \"web\"\naccess_token_validity = ¦\"1 hour\""],
        r#"access_token_validity cannot be "1 hour""#, r#""60m", "1h""#;
    "a length of time as a number": ["zip =" => "timeout = ¦10\nzip ="],
        "timeout is a number, not a text in quotes", r#"one of s, m, h, d in quotes: "90s""#;
    "a token that lives too long": [r#"name = "web""# => "name = \"web\"\naccess_token_validity = ¦\"2d\""],
        r#"access_token_validity is 2d, outside "5m" to "1d""#, r#"write "5m" to "1d""#;
    "a function's timeout above Lambda's": ["zip =" => "timeout = ¦\"16m\"\nzip ="],
        "timeout is 16m", r#""1s" to "15m""#;
    "a route's timeout above API Gateway's": [r#"authorizer = "people""# => r#"authorizer = "people", timeout = ¦"30s""#],
        "timeout is 30s", r#""1s" to "29s""#;
    "an http callback of another machine": [r#"http://localhost:3000/callback""# => r#"https://example.com/", ¦"http://app.example.com/""#],
        "neither https nor on this machine", "AWS takes http:// only for localhost";
    "a callback that looks like this machine's": [r#"http://localhost:3000/callback""# => r#"https://example.com/", ¦"http://localhost:3000@evil.example/""#],
        "leads to evil.example: what stands before @ is a user's name", "write https://HOST/PATH without it";
    "a callback with a user's name": [r#"["http://localhost:3000/callback"]"# => r#"[¦"https://app.example.com@evil.example/callback"]"#],
        "leads to evil.example", "without it";
    "a callback with a fragment": [r#"["http://localhost:3000/callback"]"# => r#"[¦"https://example.com/#home"]"#],
        "has a fragment", "remove everything from the # on";
    "the second callback that sorts first": [r#"["http://localhost:3000/callback"]"# => r#"["https://example.com/", ¦"example.com"]"#],
        "is not an absolute URL", "write https://";
    "an unknown reference": ["zip =" => "environment = { POOL = ¦\"${user_pols.id}\" }\nzip ="],
        "there is no `user_pols` in this file", "did you mean `user_pool`?";
    "a reference to nothing like it": ["zip =" => "environment = { TABLE = ¦\"${database.arn}\" }\nzip ="],
        "there is no `database` in this file", "there are:";
    "an unknown output": ["zip =" => "environment = { POOL = ¦\"${user_pool.idd}\" }\nzip ="],
        "`user_pool` has no output `idd`", "did you mean `id`?";
    "an unknown output of the stack": ["zip =" => "environment = { WHERE = ¦\"${stack.regoin}\" }\nzip ="],
        "the stack has no output `regoin`", "did you mean `region`?";
    "a circle of one": ["zip =" => "environment = { SELF = ¦\"${functions.users.arn}\" }\nzip ="],
        "these need one another: functions.users → functions.users", "leave out one";
    "a circle of two": ["zip =" => "environment = { AA = \"${functions.b.arn}\" }\nzip =", "" => "\n[functions.b]\nname = \"b\"\nzip = \"b.zip\"\nenvironment = { BB = ¦\"${functions.users.arn}\" }\n"],
        "these need one another: functions.b → functions.users → functions.b", "leave out one";
    "a reference without its end": ["zip =" => "environment = { POOL = ¦\"${user_pool.id\" }\nzip ="],
        "`${user_pool.id` has no closing }", "write $";
    "a reference without an output": ["zip =" => "environment = { POOL = ¦\"${user_pool}\" }\nzip ="],
        "`${user_pool}` names no output", "as in ${user_pool.id}";
    "a reference with a space": ["zip =" => "environment = { POOL = ¦\"${user pool.id}\" }\nzip ="],
        "`${user pool.id}` is not a reference", "write ${user_pool.id}";
    "an environment variable that is not set": ["zip =" => "environment = { KEY = ¦\"${env.WSCTL_NOT_SET}\" }\nzip ="],
        "the environment variable WSCTL_NOT_SET is not set", "export WSCTL_NOT_SET=";
    "a variable that is not given": ["name = \"people\"\nsign_in" => "name = ¦\"${var.pool}\"\nsign_in"],
        "the variable pool is not set", "--var pool=";
    "a route to a missing function": [r#"function = "users""# => r#"function = ¦"user""#],
        "there is no function `user` in this file", r#"did you mean "users"?"#;
    "a route to a missing authorizer": [r#"authorizer = "people""# => r#"authorizer = ¦"peple""#],
        "there is no authorizer `peple` in this file", r#"did you mean "people"?"#;
    "a route without an authorizer": [r#""GET /users" = { function = "users", authorizer = "people" }"# => r#"¦"GET /users" = { function = "users" }"#],
        r#"[api.routes."GET /users"] lacks `authorizer`"#, "add `authorizer =";
    "a password that is too short": ["" => "\n[user_pool.password_policy]\nminimum_length = ¦5\n"],
        "minimum_length is less than 6", "write 6 or more";
    "a number beyond its type": ["" => "\n[user_pool.groups.admin]\nprecedence = ¦3000000000\n"],
        "precedence is more than 2147483647", "or less";
    "a number beyond any type": ["zip =" => "memory = ¦99999999999999999999\nzip ="],
        "memory is more than 10240", "or less";
    "no number": ["" => "\n[api.stage.throttling]\nrate_limit = ¦nan\nburst_limit = 1\n"],
        "rate_limit is inf or nan, not a number", "write a number";
    "a login's certificate of another Region": ["" => "\n[user_pool.custom_domain]\nname = \"auth.example.com\"\ncertificate_arn = ¦\"arn:aws:acm:eu-west-1:${stack.account}:certificate/a\"\n"],
        "the certificate is in eu-west-1, and CloudFront serves a login's custom domain", "name a certificate in us-east-1";
    "managed login of a custom domain without its plan": ["sign_in" => "feature_plan = \"LITE\"\nsign_in", "" => "\n[user_pool.custom_domain]\nname = \"auth.example.com\"\ncertificate_arn = \"arn:aws:acm:us-east-1:123456789012:certificate/a\"\nmanaged_login_version = ¦2\n"],
        "managed login needs a plan above LITE", "write managed_login_version = 1";
    "an API's certificate of another Region": ["" => "\n[domain_names.public]\nname = \"api.example.com\"\ncertificate_arn = ¦\"arn:aws:acm:us-west-2:123456789012:certificate/a\"\n"],
        "the certificate is in us-west-2, and the name is served from the stack's Region", "name a certificate in eu-west-1";
    "an API's certificate of CloudFront's Region": ["" => "\n[domain_names.public]\nname = \"api.example.com\"\ncertificate_arn = ¦\"arn:aws:acm:us-east-1:123456789012:certificate/a\"\n"],
        "the certificate is in us-east-1, and the name is served from the stack's Region", "write endpoint = \"EDGE\", or name a certificate in eu-west-1";
    "a certificate of the stack's Region for CloudFront": ["" => "\n[domain_names.public]\nname = \"api.example.com\"\nendpoint = \"EDGE\"\ncertificate_arn = ¦\"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\n"],
        "CloudFront serves an EDGE name", "write endpoint = \"REGIONAL\", or name a certificate in us-east-1";
    "a path to no API": ["" => "\n[domain_names.public]\nname = \"api.example.com\"\ncertificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\nbase_paths = { v1 = ¦\"apis\" }\n"],
        "there is no API `apis` with a stage in this file", "did you mean \"api\"?";
    "a path to a private API": ["[api]\nname" => "[api]\nendpoint = \"PRIVATE\"\npolicy = '{ \"Statement\": [] }'\nname", "" => "\n[domain_names.public]\nname = \"api.example.com\"\ncertificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\nbase_paths = { v1 = ¦\"api\" }\n"],
        "the API `api` is private", "remove it, or name an API that is not PRIVATE";
    "two parts in a base path": ["" => "\n[domain_names.public]\nname = \"api.example.com\"\ncertificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\nbase_paths = { ¦\"v1/users\" = \"api\" }\n"],
        "`v1/users` cannot be a base path", "the first part of a path";
    "a domain name that waits for something": ["" => "\n[domain_names.public]\nname = ¦\"${api.id}.example.com\"\ncertificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\n"],
        "it is found by its name, which cannot wait for ${api.id}", "write the name out";
    "passkeys that nobody begins with": ["" => "\n¦[user_pool.mfa.passkeys]\nrelying_party = \"example.com\"\n", "sign_in" => "mfa.mode = \"off\"\nsign_in"],
        "nobody can sign in with a passkey", "remove it, or add \"WEB_AUTHN\" to first_factors";
    "MFA beside passkeys of one factor": ["sign_in" => "first_factors = [\"PASSWORD\", \"WEB_AUTHN\"]\nmfa = ¦{ mode = \"on\", totp = true }\nsign_in"],
        r#"AWS refuses mode = "on" beside passkeys"#, "add multi_factor = true to [user_pool.mfa.passkeys]";
    "an external id for a role of wsctl's": ["" => "\n[user_pool.mfa.sms]\nexternal_id = ¦\"texts\"\n", "sign_in" => "mfa.mode = \"off\"\nsign_in"],
        "asks for an external id of its own", "remove external_id, or add role_arn";
    "a role for text messages that nobody sends": ["" => "\n[user_pool.roles.¦sms]\nrole_name = \"texts\"\n"],
        "no role is made for text messages", "add [user_pool.mfa.sms]";
    "a role for text messages beside another": ["" => "\n[user_pool.mfa.sms]\nrole_arn = \"arn:aws:iam::123456789012:role/sms\"\n[user_pool.roles.¦sms]\nrole_name = \"texts\"\n", "sign_in" => "mfa.mode = \"off\"\nsign_in"],
        "role_arn of [user_pool.mfa.sms] names another role already", "remove it, or role_arn";
    "a role for text messages of somebody else's pool": ["sign_in" => "existing = true\nmfa = { mode = \"off\", ¦sms = {} }\n#"],
        "wsctl makes roles for pools of its own alone", "add role_arn";
    "an image of the login for nothing": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { ¦LOGO = \"data:image/png;base64,AAAA\" } }"],
        "`LOGO` cannot be an image of the login", "FORM_LOGO";
    "an image of the login that is not there": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FORM_LOGO = ¦\"logo.png\" } }"],
        "logo.png cannot be read", "name a file beside this one";
    "an image of the login outside": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FORM_LOGO = ¦\"../logo.png\" } }"],
        "leads out of the folder", "name a file in the folder";
    "an image of the login that is none": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FORM_LOGO = ¦\"users.zip\" } }"],
        "users.zip is no image by its name", "ends in .ico, .jpg, .png, .svg or .webp";
    "a text for an image of the login": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FORM_LOGO = ¦\"data:text/plain;base64,AAAA\" } }"],
        "this is no image that Cognito takes", "data:image/png;base64,";
    "an icon for a logo": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FORM_LOGO = ¦\"data:image/x-icon;base64,AAAA\" } }"],
        "only FAVICON_ICO is an .ico file", "ends in .png";
    "a favicon that is no icon": [r#"name = "web""# => "name = \"web\"\nbranding = { assets = { FAVICON_ICO = ¦\"data:image/png;base64,AAAA\" } }"],
        "FAVICON_ICO is an .ico file", "FAVICON_SVG";
    "settings of the login twice": [r#"name = "web""# => "name = \"web\"\nbranding = { settings_file = ¦\"style.json\", settings = { categories = {} } }"],
        "settings and settings_file say the same", "remove settings_file, or settings";
    "settings of the login that are none": [r#"name = "web""# => "name = \"web\"\nbranding = { settings_file = ¦\"stack.toml\" }"],
        "stack.toml has no settings in JSON", "name a file beside this one";
    "risks that nothing looks for": ["sign_in" => "risk_configuration = ¦{ blocked_ip_ranges = [\"192.0.2.0/24\"] }\nsign_in"],
        "nothing looks for risks", "set threat_protection = \"ENFORCED\"";
    "e-mails about risks from nowhere": ["sign_in" => "feature_plan = \"PLUS\"\nthreat_protection = \"ENFORCED\"\nrisk_configuration = { account_takeover = ¦{ low = { action = \"BLOCK\", notify = true } } }\nsign_in"],
        "users are told by e-mail, and nothing says from where", "with ses_source_arn";
    "a range of addresses that is one address": ["sign_in" => "feature_plan = \"PLUS\"\nthreat_protection = \"ENFORCED\"\nrisk_configuration = { blocked_ip_ranges = [¦\"192.0.2.1\"] }\nsign_in"],
        "an item of blocked_ip_ranges cannot be", "such as 192.0.2.0/24";
    "a reserved word in the prefix": ["" => "\n[user_pool.domain]\nprefix = ¦\"my-cognito-login\"\n"],
        "AWS keeps the word `cognito` out of domain prefixes", "choose a prefix without it";
    "a prefix in capitals": ["" => "\n[user_pool.domain]\nprefix = ¦\"My_App\"\n"],
        r#"prefix cannot be "My_App""#, "lower-case letters, digits and -";
    "a function's name that is too long": ["name = \"users\"\nzip" => "name = ¦\"a2345678901234567890123456789012345678901234567890123456789012345\"\nzip"],
        "name has 65 characters, 64 are allowed", "at most 64";
    "an empty name": ["name = \"people\"\nsign_in" => "name = ¦\"\"\nsign_in"],
        "name is empty", "write a text";
    "a description that is too long": ["zip =" => "description = ¦\"ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\"\nzip ="],
        "description has 257 characters, 256 are allowed", "at most 256";
    "a name of a table with a space": ["[functions.users]" => r#"[functions.¦"my users"]"#],
        "`my users` cannot be a name here", "use letters, digits, _ and -";
    "two parameters at one place": ["" => "\"GET /users/{id}\" = { function = \"users\", authorizer = \"people\" }\n¦\"PUT /users/{name}\" = { function = \"users\", authorizer = \"people\" }\n"],
        "below /users/ there can be one parameter", "write {id} in both";
    "an unknown method": [r#""GET /users""# => r#"¦"GTE /users""#],
        "`GTE /users` is not a route", r#"did you mean "GET"?"#;
    "a slash at the end of a route": [r#""GET /users""# => r#"¦"GET /users/""#],
        "`GET /users/` is not a route", "no slash at the end";
    "a route without a method": [r#""GET /users""# => r#"¦"/users""#],
        "`/users` is not a route", r#""GET /users""#;
    "two clients with one name": ["" => "\n[user_pool.clients.web2]\nname = ¦\"web\"\n"],
        "a second app client named `web`", "[user_pool.clients.web] has that name";
    "two functions with one name": ["" => "\n[functions.zz]\nname = ¦\"users\"\nzip = \"z.zip\"\n"],
        "a second function named `users`", "[functions.users] has that name";
    "both zip and crate": ["zip = \"" => "crate = \"lambda\"\nzip = ¦\""],
        "zip and crate exclude each other", "remove one of them";
    "neither zip nor crate": ["[functions.users]" => "¦[functions.users]", r#"zip = "users.zip""# => "memory = 128"],
        "nothing says what the function runs", r#"add zip = "FILE.zip" or crate = "FOLDER""#;
    "memory below Lambda's": ["zip =" => "memory = ¦12\nzip ="],
        "memory is less than 128", "write 128 or more";
    "a reserved environment variable": ["zip =" => "environment = { ¦AWS_REGION = \"x\" }\nzip ="],
        "Lambda keeps the variable AWS_REGION for itself", "choose another name";
    "a runtime that is none": ["zip =" => "runtime = ¦\"node22\"\nzip ="],
        "runtime", "such as nodejs22.x, python3.13 or provided.al2023";
    "a managed runtime without a handler": ["zip =" => "runtime = ¦\"nodejs22.x\"\nzip ="],
        "nodejs22.x needs a handler", "add handler = \"index.handler\"";
    "a handler without a file": ["zip =" => "runtime = \"python3.13\"\nhandler = ¦\"handler\"\nzip ="],
        "python3.13 finds no file in the handler \"handler\"", "write it as in \"app.handler\"";
    "a handler above its folder": ["zip =" => "runtime = \"nodejs22.x\"\nhandler = ¦\"../index.handler\"\nzip ="],
        "finds no file in the handler", "write it as in \"index.handler\"";
    "a handler with a blank": ["zip =" => "runtime = \"nodejs22.x\"\nhandler = ¦\"index handler\"\nzip ="],
        "handler", "a handler without blanks";
    "a crate on a managed runtime": [r#"zip = "users.zip""# => "runtime = ¦\"nodejs22.x\"\nhandler = \"index.handler\"\ncrate = \"users\""],
        "a crate is a native program, which nodejs22.x does not run", "remove runtime";
    "a folder without a runtime": [r#"zip = "users.zip""# => "folder = ¦\"users\""],
        "nothing says what the function runs on", "add runtime = \"nodejs22.x\"";
    "a zip and a folder": ["zip = " => "runtime = \"nodejs22.x\"\nhandler = \"index.handler\"\nfolder = \"users\"\nzip = ¦"],
        "zip and folder exclude each other", "remove one of them";
    "a file that is not the handler's": [r#"zip = "users.zip""# => "runtime = \"nodejs22.x\"\nhandler = ¦\"index.handler\"\nfile = \"src/users.mjs\""],
        "the handler is in index.mjs or index.js or index.cjs, and the file is users.mjs", "name the function of that file";
    "a native file of another name": [r#"zip = "users.zip""# => "runtime = \"provided.al2023\"\nfile = ¦\"users\""],
        "provided.al2023 starts a file called bootstrap", "name that file";
    "OPTIONS behind an authorizer": [r#""GET /users" = { function = "users", authorizer = "people" }"# => r#""OPTIONS /users" = { function = "users", authorizer = ¦"people" }"#],
        "OPTIONS behind an authorizer breaks CORS", "leave OPTIONS to [api.cors]";
    "scopes without Cognito": [r#"authorizer = "people" }"# => r#"authorizer = "AWS_IAM", scopes = ¦["a/b"] }"#],
        "scopes need a Cognito authorizer", "remove scopes";
    "MFA beside one-time codes": ["sign_in" => "first_factors = [\"PASSWORD\", \"EMAIL_OTP\"]\nmfa = ¦{ mode = \"on\", totp = true }\nsign_in"],
        r#"AWS refuses mode = "on" beside one-time codes"#, r#"mode = "optional""#;
    "MFA without a factor": ["" => "\n¦[user_pool.mfa]\nmode = \"optional\"\n"],
        "no second factor is declared", "add totp = true";
    "the old name of a flow": [r#"name = "web""# => "name = \"web\"\nauth_flows = [\"ALLOW_USER_SRP_AUTH\", ¦\"ADMIN_NO_SRP_AUTH\"]"],
        "ADMIN_NO_SRP_AUTH is the old name", "write ALLOW_ADMIN_USER_PASSWORD_AUTH";
    "a flow that rotation does not go with": [r#"name = "web""# => "name = \"web\"\nauth_flows = [\"ALLOW_USER_SRP_AUTH\", ¦\"ALLOW_REFRESH_TOKEN_AUTH\"]\nrefresh_token_rotation = { enabled = true }"],
        "rotated take no ALLOW_REFRESH_TOKEN_AUTH", "remove it: rotation needs no flow";
    "rotation beside the flows that nobody named": [r#"name = "web""# => "name = \"web\"\nrefresh_token_rotation = ¦{ enabled = true }"],
        "a client without auth_flows has ALLOW_REFRESH_TOKEN_AUTH", "add auth_flows =";
    "a session of half minutes": [r#"name = "web""# => "name = \"web\"\nauth_session_validity = ¦\"200s\""],
        "auth_session_validity takes whole minutes", r#"write "3m", say"#;
    "an unknown flow": [r#"name = "web""# => "name = \"web\"\nauth_flows = [\"ALLOW_USER_AUTH\", ¦\"ALLOW_USER_SPR_AUTH\"]"],
        r#"an item of auth_flows cannot be "ALLOW_USER_SPR_AUTH""#, r#"did you mean "ALLOW_USER_SRP_AUTH"?"#;
    "an origin with a path": ["" => "\n[api.cors]\norigins = [\"https://z.example.com\", ¦\"https://example.com/app\"]\n"],
        "an item of origins cannot be", "scheme, host and port only";
    "a star beside an origin": ["" => "\n[api.cors]\norigins = [\"https://example.com\", ¦\"*\"]\n"],
        "`*` already allows every origin", r#"list "*" alone"#;
    "a reserved tag": ["sign_in" => "tags = { team = \"a\", ¦\"wsctl:stack\" = \"other\" }\nsign_in"],
        "the tag `wsctl:stack` is reserved", "does not start with aws: or wsctl:";
    "a secret without a name": ["" => "\n[secrets.¦db]\ngenerate = [\"password\"]\n"],
        "[secrets.db] lacks `name`", "add `name = …`";
    "a secret without a value": ["" => "\n¦[secrets.db]\nname = \"db\"\n"],
        "nothing says what the secret's value is", r#"generate = ["password"]"#;
    "a syntax error": [r#"sign_in = ["email"]"# => "sign_in = [¦email]"],
        "string values must be quoted", "not valid TOML";
    "a key without a value": [r#"sign_in = ["email"]"# => "sign_in =¦"],
        "string values must be quoted", "not valid TOML";
    "a text without its end": [r#"name = "demo""# => r#"name = "demo¦"#],
        "invalid basic string, expected `\"`", "not valid TOML";
    "the same key twice": [r#"sign_in = ["email"]"# => "sign_in = [\"email\"]\n¦sign_in = [\"email\"]"],
        "duplicate key", "not valid TOML";
    "a default redirect that is not listed": [r#"name = "web""# => "name = \"web\"\ndefault_redirect_uri = ¦\"https://example.com/\""],
        "is not one of callback_urls", "add it to callback_urls";
    "client credentials without a secret": [r#"["code"]"# => r#"¦["client_credentials"]"#],
        "client_credentials needs a client with a secret", "add secret = true";
    "client credentials with a scope about people": [r#"["code"]"# => r#"["client_credentials"]"#, r#"name = "web""# => "name = \"web\"\nsecret = true", r#"["openid"]"# => r#"[¦"openid"]"#,
        "" => "\n[user_pool.resource_servers.\"https://api.example.com\"]\nscopes = { read = \"Read\" }\n"],
        "`openid` is about a user", r#"write oauth_scopes = ["https://api.example.com/read"]"#;
    "client credentials with a scope about people, and no other": [r#"["code"]"# => r#"["client_credentials"]"#, r#"name = "web""# => "name = \"web\"\nsecret = true", r#"["openid"]"# => r#"[¦"openid"]"#],
        "`openid` is about a user", "declare [user_pool.resource_servers.SERVER]";
    "a scope of no server": [r#"["openid"]"# => r#"["openid", ¦"notes/read"]"#],
        "the pool has no resource server \"notes\"", "add [user_pool.resource_servers.notes] with scopes = { \"read\" = ";
    "a scope of a server that is written otherwise": [r#"["openid"]"# => r#"["openid", ¦"note/read"]"#,
        "" => "\n[user_pool.resource_servers.notes]\nscopes = { read = \"Read\" }\n"],
        "the pool has no resource server \"note\"", "did you mean \"notes/read\"?";
    "a scope that its server has not": [r#"["openid"]"# => r#"["openid", ¦"notes/raed"]"#,
        "" => "\n[user_pool.resource_servers.notes]\nscopes = { read = \"Read\" }\n"],
        "the resource server \"notes\" has no scope \"raed\"", "did you mean \"notes/read\"?";
    "a scope of a server without any": [r#"["openid"]"# => r#"["openid", ¦"notes/read"]"#,
        "" => "\n[user_pool.resource_servers.notes]\nname = \"Notes\"\n"],
        "the resource server \"notes\" has no scope \"read\"", "add \"read\" to the scopes of [user_pool.resource_servers.notes]";
    "a scope of an attached pool that its own server has not": ["name = \"people\"\nsign_in = [\"email\"]" => "name = \"people\"\nexisting = true", r#"["openid"]"# => r#"["openid", ¦"notes/write"]"#,
        "" => "\n[user_pool.resource_servers.notes]\nscopes = { read = \"Read\" }\n"],
        "the resource server \"notes\" has no scope \"write\"", "add \"write\" to the scopes";
    "a scope with a slash": ["" => "\n[user_pool.resource_servers.notes]\nscopes = { ¦\"all/read\" = \"Read\" }\n"],
        "`all/read` cannot be a scope's name", "without blanks, \", \\ and /";
    "a scope that says nothing": ["" => "\n[user_pool.resource_servers.notes]\nscopes = { read = ¦\"\" }\n"],
        "read is empty", "write a text";
    "a client that offers what the pool has not": [r#"name = "web""# => "name = \"web\"\nidentity_providers = [\"COGNITO\", ¦\"Google\"]"],
        "the pool has no identity provider `Google`", "add [user_pool.identity_providers.Google]";
    "a client that offers what is written otherwise": [r#"name = "web""# => "name = \"web\"\nidentity_providers = [¦\"Otka\"]",
        "" => "\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\n"],
        "the pool has no identity provider `Otka`", "write \"Okta\"";
    "the pool's own users in small letters": [r#"name = "web""# => "name = \"web\"\nidentity_providers = [¦\"cognito\"]"],
        "the pool has no identity provider `cognito`", "write \"COGNITO\"";
    "a provider without its type": ["" => "\n[user_pool.identity_providers.¦Google]\nclient_id = \"one\"\n"],
        "[user_pool.identity_providers.Google] lacks `type`", "add type = \"Google\"";
    "a provider of Google's under another name": ["" => "\n[user_pool.identity_providers.¦Gmail]\ntype = \"Google\"\nclient_id = \"one\"\nscopes = [\"email\"]\n"],
        "AWS takes a provider of type Google under no other name", "write [user_pool.identity_providers.Google]";
    "a provider with a short name": ["" => "\n[user_pool.identity_providers.¦Ok]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\n"],
        "`Ok` cannot be an identity provider's name", "3 to 32 characters";
    "a provider with a field of another type": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\n¦issuer = \"https://id.example.com\"\n"],
        "a provider of type SAML has no issuer", "take it out; it has type, ";
    "a provider that lacks what it needs": ["" => "\n[user_pool.identity_providers.¦Okta]\ntype = \"OIDC\"\nclient_id = \"one\"\nscopes = [\"openid\"]\n"],
        "[user_pool.identity_providers.Okta] lacks `issuer`", "add `issuer = …`";
    "a SAML provider without metadata": ["" => "\n[user_pool.identity_providers.¦Okta]\ntype = \"SAML\"\n"],
        "[user_pool.identity_providers.Okta] lacks `metadata_url`", "or metadata_file with a file beside this one";
    "metadata twice": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\n¦metadata = \"<x/>\"\n"],
        "metadata_url and metadata say the same", "keep one of them";
    "a secret in the file": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"OIDC\"\nissuer = \"https://id.example.com\"\nclient_id = \"one\"\nscopes = [\"openid\"]\nclient_secret = ¦\"abc\"\n"],
        "client_secret is a secret: it comes from the environment", "write client_secret = \"${env.OKTA_CLIENT_SECRET}\", say";
    "an issuer without https": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"OIDC\"\nissuer = ¦\"http://id.example.com\"\nclient_id = \"one\"\nscopes = [\"openid\"]\n"],
        "issuer cannot be \"http://id.example.com\"", "an address that begins with https://";
    "a mapping to an attribute that nobody has": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\nattribute_mapping = { ¦mail = \"mail\" }\n"],
        "`mail` is not an attribute of a user", "did you mean \"email\"?";
    "a mapping to an attribute that cannot be changed": ["" => "\n[user_pool.custom_attributes.number]\ntype = \"string\"\nmutable = false\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\nattribute_mapping = { ¦\"custom:number\" = \"no\" }\n"],
        "`custom:number` cannot be changed, so that people sign in only once", "make it mutable";
    "an identifier of two providers": ["" => "\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\nidp_identifiers = [\"a\"]\n[user_pool.identity_providers.Other]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\nidp_identifiers = [¦\"a\"]\n"],
        "a second provider has the identifier `a`", "[user_pool.identity_providers.Okta] has it";
    "the pool itself as a provider": ["" => "\n[user_pool.identity_providers.¦COGNITO]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\n"],
        "`COGNITO` is the pool itself", "take it out";
    "a resource server with a blank": ["" => "\n[user_pool.resource_servers.¦\"my notes\"]\nscopes = { read = \"Read\" }\n"],
        "`my notes` cannot be a resource server's identifier", "without blanks";
    "a URL for the name of a resource server": ["" => "\n[user_pool.resource_servers.notes]\nname = ¦\"https://example.com\"\n"],
        "name cannot be \"https://example.com\"", "letters, digits, blanks and _+=,.@-";
    "grants without a callback": [r#"["code"]"# => r#"¦["code"]"#, r#"callback_urls = ["http://localhost:3000/callback"]"# => ""],
        "these grants need a callback URL", "add callback_urls";
    "no stack": ["[stack]\nname = \"demo\"\nregion = \"eu-west-1\"" => "¦"],
        "the file lacks `stack`", "add a [stack] table";
    "no name": ["[stack]\nname = \"demo\"" => "[¦stack]"],
        "[stack] lacks `name`", "add `name =";
    "a region that is none": [r#""eu-west-1""# => r#"¦"Europe""#],
        r#"region cannot be "Europe""#, "a region such as ap-southeast-1";
    "an account with 11 digits": [r#"name = "demo""# => "name = \"demo\"\naccount = ¦\"12345678901\""],
        r#"account cannot be "12345678901""#, "the 12 digits of the account in quotes";
    "an account as a number": [r#"name = "demo""# => "name = \"demo\"\naccount = ¦123456789012"],
        "account is a number, not a text in quotes", "the 12 digits of the account in quotes";
    "an API without routes": ["[api.routes]" => "¦[api.routes]", r#""GET /users" = { function = "users", authorizer = "people" }"# => ""],
        "an API without a route cannot be deployed", r#"add "GET /" ="#;
    "a word that is none": [r#"name = "demo""# => "name = \"demo\"\nundeclared = ¦\"delet\""],
        r#"undeclared cannot be "delet""#, r#"did you mean "delete"?"#;
    "an item that is none": [r#"["email"]"# => r#"["phone_number", ¦"emial"]"#],
        r#"an item of sign_in cannot be "emial""#, r#"did you mean "email"?"#;
    "a standard attribute that is none": ["" => "\n[user_pool.standard_attributes.¦nikname]\nmax = 10\n"],
        "`nikname` is not a standard attribute", "did you mean \"nickname\"?";
    "an attribute that is required and is not": ["sign_in" => "required_attributes = [\"name\"]\nsign_in",
        "" => "\n[user_pool.standard_attributes.name]\nrequired = ¦false\n"],
        "required_attributes has name", "take name out of required_attributes, or write required = true";
    "an attribute that is longer than any": ["" => "\n[user_pool.standard_attributes.name]\nmax = ¦4000\n"],
        "max is more than 2048", "write 2048 or less";
    "an attribute that nothing fits": ["" => "\n[user_pool.standard_attributes.¦birthdate]\nmax = 8\n"],
        "min is more than max", "make max larger, or min smaller";
    "a mapping to a standard attribute that cannot be changed": ["" => "\n[user_pool.standard_attributes.name]\nmutable = false\n[user_pool.identity_providers.Okta]\ntype = \"SAML\"\nmetadata_url = \"https://id.example.com\"\nattribute_mapping = { ¦name = \"n\" }\n"],
        "`name` cannot be changed, so that people sign in only once", "make it mutable";
    "an attribute that is none": ["sign_in" => "required_attributes = [\"name\", ¦\"gander\"]\nsign_in"],
        "`gander` is not a standard attribute", r#"did you mean "gender"?"#;
    "sign-in by a name and an email address": [r#"["email"]"# => r#"¦["email", "username"]"#],
        "username cannot be combined", r#"aliases = ["email"]"#;
    "a group with a space": ["" => "\n[user_pool.groups.¦\"the admins\"]\nprecedence = 1\n"],
        "`the admins` cannot be a group's name", "without blanks";
};

/// Mistakes in a function's code: `validate` opens a zip that is there.
pub(crate) const CODE: &[Case] = &[
    Case {
        name: "a zip that is not there",
        message: "users.zip cannot be read",
        help: "name a file that is there, relative to stack.toml",
        ..IN_CODE
    },
    Case {
        name: "a zip that is none",
        message: "this is not a zip",
        help: "make it with `zip users.zip bootstrap`",
        zip: Some(|| b"PK, or so it says".to_vec()),
        ..IN_CODE
    },
    Case {
        name: "a zip without a bootstrap",
        message: "there is no `bootstrap` at the root of the zip",
        help: "zip it without its folder",
        zip: Some(|| zip("release/bootstrap", b"\x7fELF")),
        ..IN_CODE
    },
    Case {
        name: "a bootstrap that only its owner may run",
        message: "has mode 0750: Lambda runs it as another user",
        help: "run `chmod 755 bootstrap`",
        zip: Some(|| zip_with("bootstrap", 0o750, b"\x7fELF")),
        ..IN_CODE
    },
    Case {
        name: "a bootstrap that is no program",
        message: "bootstrap is not a 64-bit Linux program",
        help: "put the compiled program itself there",
        zip: Some(|| zip("bootstrap", b"#!/bin/sh\n")),
        ..IN_CODE
    },
    Case {
        name: "a zip without the handler's file",
        edits: &[(
            "zip = ",
            "runtime = \"nodejs22.x\"\nhandler = ¦\"index.handler\"\nzip = ",
        )],
        message: "nodejs22.x looks for the handler \"index.handler\" in index.mjs, index.js, index.cjs",
        help: "at the root of what is packed",
        zip: Some(|| zip("function/index.mjs", b"")),
    },
    Case {
        name: "a handler that only its owner may read",
        edits: &[(
            "zip = ",
            "runtime = \"python3.13\"\nhandler = ¦\"app.handler\"\nzip = ",
        )],
        message: "`app.py` in the zip has mode 0600: Lambda reads it as another user",
        help: "run `chmod 644 app.py`",
        zip: Some(|| zip_with("app.py", 0o600, b"")),
    },
    Case {
        name: "a folder that is not there",
        edits: &[(
            "zip = \"users.zip\"",
            "runtime = \"ruby3.4\"\nhandler = \"app.handler\"\nfolder = ¦\"nowhere\"",
        )],
        message: "nowhere cannot be read",
        help: "name a folder that is there",
        ..IN_CODE
    },
    Case {
        name: "a file that is not there",
        edits: &[(
            "zip = \"users.zip\"",
            "runtime = \"python3.13\"\nhandler = \"app.handler\"\nfile = ¦\"app.py\"",
        )],
        message: "app.py cannot be read",
        help: "name a file that is there",
        ..IN_CODE
    },
    Case {
        name: "a crate that is not there",
        edits: &[("zip = \"users.zip\"", "crate = ¦\"handler\"")],
        message: "handler",
        help: "names the folder of a Rust crate",
        ..IN_CODE
    },
];

const IN_CODE: Case = Case {
    name: "",
    edits: &[("zip = ", "zip = ¦")],
    message: "",
    help: "",
    zip: None,
};

fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    zip_with(name, 0o755, content)
}

fn zip_with(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    zip.start_file(
        name,
        zip::write::SimpleFileOptions::default().unix_permissions(mode),
    )
    .unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}
