//! Mistakes in stack.toml, as they are shown.

use crate::bad_input::told;
use insta::assert_snapshot;

#[test]
fn mistakes_are_shown_as_here() {
    assert_snapshot!(told("an unknown key"), @r#"
    error: stack.toml has a mistake

    error: unknown key `sing_in`
     --> stack.toml:7:1
      |
    7 | sing_in = ["email"]
      | ^^^^^^^
      |
      = help: did you mean `sign_in`?
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an unknown table that is like no other"), @r#"
    error: stack.toml has a mistake

    error: unknown key `database`
      --> stack.toml:31:2
       |
    31 | [database]
       |  ^^^^^^^^
       |
       = help: known here: stack, vars, user_pool, secrets, functions, identity_pool, api, apis, domain_names, usage_plans, api_keys, drift, checks, account
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a text for a flag"), @r#"
    error: stack.toml has a mistake

    error: secret is a text, not true or false
      --> stack.toml:11:10
       |
    11 | secret = "yes"
       |          ^^^^^
       |
       = help: write true or false
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a reference for a number"), @r#"
    error: stack.toml has a mistake

    error: memory takes no reference
      --> stack.toml:17:10
       |
    17 | memory = "${user_pool.id}"
       |          ^^^^^^^^^^^^^^^^^
       |
       = help: write a whole number out
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a length of time in words"), @r#"
    error: stack.toml has a mistake

    error: access_token_validity cannot be "1 hour"
      --> stack.toml:11:25
       |
    11 | access_token_validity = "1 hour"
       |                         ^^^^^^^^
       |
       = help: write a whole number and one of s, m, h, d in quotes: "90s", "60m", "1h" or "5d"
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a token that lives too long"), @r#"
    error: stack.toml has a mistake

    error: access_token_validity is 2d, outside "5m" to "1d"
      --> stack.toml:11:25
       |
    11 | access_token_validity = "2d"
       |                         ^^^^
       |
       = help: write "5m" to "1d"
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an http callback of another machine"), @r#"
    error: stack.toml has a mistake

    error: `http://app.example.com/` is neither https nor on this machine
      --> stack.toml:13:42
       |
    13 | callback_urls = ["https://example.com/", "http://app.example.com/"]
       |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write https://; AWS takes http:// only for localhost, 127.0.0.1 and [::1]
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an unknown reference"), @r#"
    error: stack.toml has a mistake

    error: there is no `user_pols` in this file
      --> stack.toml:17:24
       |
    17 | environment = { POOL = "${user_pols.id}" }
       |                        ^^^^^^^^^^^^^^^^^
       |
       = help: did you mean `user_pool`?
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an unknown output"), @r#"
    error: stack.toml has a mistake

    error: `user_pool` has no output `idd`
      --> stack.toml:17:24
       |
    17 | environment = { POOL = "${user_pool.idd}" }
       |                        ^^^^^^^^^^^^^^^^^^
       |
       = help: did you mean `id`? There are: id, arn, name, issuer, deletion_protection
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a circle of two"), @r#"
    error: stack.toml has a mistake

    error: these need one another: functions.b → functions.users → functions.b
      --> stack.toml:35:22
       |
    35 | environment = { BB = "${functions.users.arn}" }
       |                      ^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: leave out one of these references, or write the value out
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an environment variable that is not set"), @r#"
    error: stack.toml has a mistake

    error: the environment variable WSCTL_NOT_SET is not set
      --> stack.toml:17:23
       |
    17 | environment = { KEY = "${env.WSCTL_NOT_SET}" }
       |                       ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: set it: export WSCTL_NOT_SET=…, or remove ${env.WSCTL_NOT_SET}
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a variable that is not given"), @r#"
    error: stack.toml has a mistake

    error: the variable pool is not set
     --> stack.toml:6:8
      |
    6 | name = "${var.pool}"
      |        ^^^^^^^^^^^^^
      |
      = help: set pool in [vars], or give it with --var pool=…
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a route to a missing function"), @r#"
    error: stack.toml has a mistake

    error: there is no function `user` in this file
      --> stack.toml:29:29
       |
    29 | "GET /users" = { function = "user", authorizer = "people" }
       |                             ^^^^^^
       |
       = help: did you mean "users"?
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a route without an authorizer"), @r#"
    error: stack.toml has a mistake

    error: [api.routes."GET /users"] lacks `authorizer`
      --> stack.toml:29:1
       |
    29 | "GET /users" = { function = "users" }
       | ^^^^^^^^^^^^
       |
       = help: add `authorizer = …`
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a password that is too short"), @r#"
    error: stack.toml has a mistake

    error: minimum_length is less than 6
      --> stack.toml:32:18
       |
    32 | minimum_length = 5
       |                  ^
       |
       = help: write 6 or more
    hint: nothing was changed
    "#);
    assert_snapshot!(told("two parameters at one place"), @r#"
    error: stack.toml has a mistake

    error: `PUT /users/{name}` and `GET /users/{id}` are alike: below /users/ there can be one parameter
      --> stack.toml:31:1
       |
    31 | "PUT /users/{name}" = { function = "users", authorizer = "people" }
       | ^^^^^^^^^^^^^^^^^^^
       |
       = help: write {id} in both
    hint: nothing was changed
    "#);
    assert_snapshot!(told("both zip and crate"), @r#"
    error: stack.toml has a mistake

    error: zip and crate exclude each other
      --> stack.toml:18:7
       |
    18 | zip = "users.zip"
       |       ^^^^^^^^^^^
       |
       = help: remove one of them
    hint: nothing was changed
    "#);
    assert_snapshot!(told("MFA beside one-time codes"), @r#"
    error: stack.toml has a mistake

    error: AWS refuses mode = "on" beside one-time codes as a first factor
     --> stack.toml:8:7
      |
    8 | mfa = { mode = "on", totp = true }
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write mode = "optional", or remove EMAIL_OTP and SMS_OTP from first_factors
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a flow that rotation does not go with"), @r#"
    error: stack.toml has a mistake

    error: refresh tokens that are rotated take no ALLOW_REFRESH_TOKEN_AUTH
      --> stack.toml:11:38
       |
    11 | auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
       |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: remove it: rotation needs no flow; or write enabled = false
    hint: nothing was changed
    "#);
    assert_snapshot!(told("an unknown flow"), @r#"
    error: stack.toml has a mistake

    error: an item of auth_flows cannot be "ALLOW_USER_SPR_AUTH"
      --> stack.toml:11:34
       |
    11 | auth_flows = ["ALLOW_USER_AUTH", "ALLOW_USER_SPR_AUTH"]
       |                                  ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: did you mean "ALLOW_USER_SRP_AUTH"? One of: ALLOW_USER_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_REFRESH_TOKEN_AUTH, ALLOW_TOKEN_EXCHANGE_DELEGATION, ALLOW_TOKEN_EXCHANGE_IMPERSONATION, ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY, USER_PASSWORD_AUTH
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a secret without a value"), @r#"
    error: stack.toml has a mistake

    error: nothing says what the secret's value is
      --> stack.toml:31:1
       |
    31 | [secrets.db]
       | ^^^^^^^^^^^^
       |
       = help: add generate = ["password"], or from_env = "NAME"
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a syntax error"), @r#"
    error: stack.toml has a mistake

    error: string values must be quoted, expected literal string
     --> stack.toml:7:12
      |
    7 | sign_in = [email]
      |            ^^^^^
      |
      = help: this is not valid TOML; see https://toml.io
    hint: nothing was changed
    "#);
    assert_snapshot!(told("the same key twice"), @r#"
    error: stack.toml has a mistake

    error: duplicate key
     --> stack.toml:8:1
      |
    8 | sign_in = ["email"]
      | ^^^^^^^
      |
      = help: this is not valid TOML; see https://toml.io
    hint: nothing was changed
    "#);
    assert_snapshot!(told("client credentials without a secret"), @r#"
    error: stack.toml has a mistake

    error: client_credentials needs a client with a secret
      --> stack.toml:11:16
       |
    11 | oauth_grants = ["client_credentials"]
       |                ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: add secret = true
    hint: nothing was changed
    "#);
    assert_snapshot!(told("a region that is none"), @r#"
    error: stack.toml has a mistake

    error: region cannot be "Europe"
     --> stack.toml:3:10
      |
    3 | region = "Europe"
      |          ^^^^^^^^
      |
      = help: write a region such as ap-southeast-1
    hint: nothing was changed
    "#);
    assert_snapshot!(told("sign-in by a name and an email address"), @r#"
    error: stack.toml has a mistake

    error: username cannot be combined with email or phone_number
     --> stack.toml:7:11
      |
    7 | sign_in = ["email", "username"]
      |           ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write ["username"] and aliases = ["email"], or sign_in = ["email"] alone
    hint: nothing was changed
    "#);
}
