//! The help of every command, as somebody without a terminal's width reads it.

use insta::assert_snapshot;
use std::{collections::BTreeSet, process::Command};

/// The help of a command; of one that is not wsctl itself without the options that all of them take.
fn help(command: &str) -> String {
    let mut wsctl = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    let output = wsctl
        .args(command.split_whitespace())
        .arg("--help")
        .env_clear();
    let text = String::from_utf8(output.output().unwrap().stdout).unwrap();
    if command.is_empty() {
        return text;
    }
    let (own, global) = text.split_once("\nGlobal options:\n").unwrap();
    assert!(global.contains("--trace <FILE>"), "{text}");
    let lines: Vec<_> = own.lines().map(str::trim).collect();
    for pair in lines.windows(2) {
        let is_bare = pair[0].starts_with(['<', '[']) && !pair[0].contains(' ');
        assert!(
            !is_bare || pair[1].starts_with(char::is_uppercase),
            "{} is not explained",
            pair[0]
        );
    }
    // Between paragraphs clap leaves the indentation.
    own.lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// The commands that a help lists, each after `of`.
fn listed(of: &str, text: &str) -> Vec<String> {
    // Those of wsctl itself stand in groups.
    let lines: Vec<_> = match of {
        "" => text.lines().skip_while(|line| *line != "Stack:").collect(),
        _ => {
            let (_, list) = text.split_once("\nCommands:\n").unwrap_or_default();
            list.lines().take_while(|line| !line.is_empty()).collect()
        }
    };
    let lines = lines
        .into_iter()
        .take_while(|line| *line != "Global options:");
    let names = lines.filter_map(|line| {
        let name = line.strip_prefix("  ")?;
        (!name.starts_with(' ')).then(|| name.split_whitespace().next())?
    });
    let commands = names.filter(|name| *name != "help");
    commands
        .map(|name| format!("{of} {name}").trim().to_owned())
        .collect()
}

#[test]
fn the_help_of_every_command_is_shown_here() {
    let mut commands = BTreeSet::new();
    let mut open = vec![String::new()];
    while let Some(command) = open.pop() {
        open.extend(listed(&command, &help(&command)));
        commands.insert(command);
    }
    let shown: BTreeSet<_> = include_str!("help.rs")
        .split("assert_snapshot!(help(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(command, _)| command.to_owned())
        .filter(|command| !command.contains('\\'))
        .collect();
    assert_eq!(shown, commands);
}

#[test]
fn help_of_wsctl() {
    assert_snapshot!(help(""), @r#"
    Provisions the Amazon Cognito workshop stack from one stack.toml. Live AWS is the state

    Usage: wsctl [OPTIONS] <COMMAND>

    Stack:
      init         Write a stack.toml to start from
      validate     Check the file, offline
      plan         Show what apply would do
      apply        Create, update and delete in AWS until it matches the file
      destroy      Delete everything that belongs to the stack
      outputs      Print the stack's ids and URLs
      verify       Check a running stack as the workshop page does, with a user made for it
      drift        Show how AWS differs from the file, whoever changed it; the exit code is 2 when anything differs
      import       Write a stack.toml from what is in AWS
      adopt        Take over a resource that exists already: it belongs to the stack from now on
      release      Give a resource up: it stays as it is, and no longer belongs to the stack
      unlock       Remove the lock of an apply that died

    People:
      user         Sign up, confirm, list, change and delete the pool's users
      token        Sign a user in and print the tokens, or decode and verify one
      login        Sign in through the hosted login in the browser and print the tokens

    Look:
      call         Send one request to the API
      logs         Print what a function wrote to its log
      show         Show one resource as AWS has it, secrets hidden
      graph        Draw the stack: Mermaid, DOT or SVG
      authorizer   Ask the API's authorizer whether it lets a token in
      list         List every wsctl stack of the account in this region
      sweep        Delete what is left of stacks that are gone, and list what only looks like it
      open         Open what the stack has in the browser

    Local:
      dev          Keep the stack in the sandbox as the files are: build and apply at every save, and show what the functions write
      sandbox      Manage the local AWS
      package      Build and pack the functions that have a crate

    Tools:
      convert      Write a stack.toml from a SAM or CloudFormation template, a serverless.yml, or Terraform
      fmt          Put stack.toml in one form; comments stay
      doctor       Say what is missing on this machine or in the account, and what to do about it
      schema       Print the JSON Schema of stack.toml, for editors
      permissions  Print the IAM policy that lets somebody do these tasks
      completions  Print completions for a shell
      help         Print this, or the help of a command

    Global options:
      -f, --file <FILE>
              The stack's file; left out, stack.toml here or in a folder above

          --sandbox
              Use the local AWS that wsctl starts itself: no account, no credentials, no cost;
              WSCTL_SANDBOX=1 does the same

          --endpoint-url <URL>
              Send requests to this URL instead of AWS (an emulator); AWS_ENDPOINT_URL does the same

          --profile <NAME>
              The profile in ~/.aws to take credentials from

          --region <REGION>
              The region, in place of the one in the file

          --stack-name <NAME>
              The stack's name, in place of the one in the file: one file for many stacks

          --var-file <FILE>
              A file of NAME = "value" lines for ${var.NAME}; may be given several times, the last
              counts

          --var <NAME=VALUE>
              A value for ${var.NAME} in the file; may be given several times, before --var-file

          --strict
              Take what the file is only warned of for a mistake; [checks] allow names what is meant

          --json
              Print the result as JSON

      -v, --verbose...
              Say each request with its time and AWS's id of it, and all that is in a plan; -vv what was
              sent and came back too, secrets masked

      -q, --quiet
              Say nothing but the result, questions and errors

          --color <WHEN>
              Whether to colour what is printed

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always
              - never
              
              [default: auto]

          --trace <FILE>
              Write every request to AWS and its answer into this new file, as JSON lines, for a report:
              secrets, people, addresses, account numbers and ids are masked; names, texts and tags are
              not

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version



    wsctl COMMAND --help has examples; wsctl help environment lists the variables that count.
    "#);
}

#[test]
fn help_of_plan() {
    assert_snapshot!(help("plan"), @r#"
    Show what apply would do. Crates that changed are built first, which runs their build scripts as you

    Usage: wsctl plan [OPTIONS]

    Options:
          --detailed-exitcode
              Exit with 0 when there is nothing to do, 1 on an error, 2 when there are changes

          --out <FILE>
              Save the plan in this file, for `apply --plan`

          --format <FORMAT>
              How the plan is written

              Possible values:
              - text:     For a terminal or a log
              - json:     As --json does
              - markdown: For the comment of a pull request
              - html:     One page with the stack's picture

              [default: text]

          --no-build
              Build nothing, so that no program of the repository runs: take what was built last on this
              machine

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_apply() {
    assert_snapshot!(help("apply"), @r#"
    Create, update and delete in AWS until it matches the file

    Usage: wsctl apply [OPTIONS]

    Options:
      -y, --yes
              Do not ask for confirmation

          --delete-users <POOL-NAME>
              Let this pool be deleted or replaced although it has users or identities; may be given
              several times

          --lift-deletion-protection
              Also delete what AWS's deletion protection keeps

          --allow-replace <ADDRESS>
              Let this resource be deleted and made anew; may be given several times

          --no-build
              Build nothing, so that no program of the repository runs: take what was built last on this
              machine

          --lock-wait <TIME>
              Wait this long, such as 2m, for another apply or destroy of the stack to end

              [default: 0s]

          --plan <FILE>
              Carry out the plan that `plan --out` saved in this file, without asking, if it still holds

          --no-proof
              Do not read again at the end what was made and changed: "done" is then only what AWS
              answered

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_destroy() {
    assert_snapshot!(help("destroy"), @r#"
    Delete everything that belongs to the stack

    Usage: wsctl destroy [OPTIONS]

    Options:
          --stack <NAME>
              Destroy this stack by its tags, without its file

      -y, --yes
              Do not ask for confirmation

          --delete-users <POOL-NAME>
              Let this pool be deleted or replaced although it has users or identities; may be given
              several times

          --lift-deletion-protection
              Also delete what AWS's deletion protection keeps

          --lock-wait <TIME>
              Wait this long, such as 2m, for another apply or destroy of the stack to end

              [default: 0s]

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_adopt() {
    assert_snapshot!(help("adopt"), @r#"
    Take over a resource that exists already: it belongs to the stack from now on

    Usage: wsctl adopt [OPTIONS] <ADDRESS>

    Arguments:
      <ADDRESS>
              Where it stands in the file, as `wsctl plan` says it: user_pool, apis.NAME, secrets.NAME

    Options:
          --id <ID>
              Its id, where several have its name

      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_release() {
    assert_snapshot!(help("release"), @r#"
    Give a resource up: it stays as it is, and no longer belongs to the stack

    Usage: wsctl release [OPTIONS] <ADDRESS>

    Arguments:
      <ADDRESS>
              Where it stands in the file

    Options:
      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_unlock() {
    assert_snapshot!(help("unlock"), @r#"
    Remove the lock of an apply that died

    Usage: wsctl unlock [OPTIONS]

    Options:
      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_verify() {
    assert_snapshot!(help("verify"), @r#"
    Check a running stack as the workshop page does, with a user made for it

    Usage: wsctl verify [OPTIONS]

    Options:
          --write
              Also register, change and delete a row of the temporary user; no other row is ever written

          --slow
              Also wait five minutes for a token to expire, which no route may take then

          --sign-up
              Sign the temporary user up as a visitor does, where users may: it sends an e-mail, of
              which Cognito itself sends 50 a day for an account. Left out, an administrator makes the
              user, silently

          --junit <FILE>
              Write the result as JUnit XML, for CI

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_drift() {
    assert_snapshot!(help("drift"), @r#"
    Show how AWS differs from the file, whoever changed it; the exit code is 2 when anything differs

    Usage: wsctl drift [OPTIONS]

    Options:
          --format <FORMAT>
              How what is found is written

              Possible values:
              - text:   For a terminal or a log
              - json:   As --json does
              - junit:  JUnit XML: a failed test for each difference
              - github: Commands of a GitHub workflow, which shows each difference at its line of
                stack.toml

              [default: text]

          --no-build
              Build nothing, so that no program of the repository runs: take what was built last on this
              machine

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_show() {
    assert_snapshot!(help("show"), @r#"
    Show one resource as AWS has it, secrets hidden

    Usage: wsctl show [OPTIONS] <ADDRESS>

    Arguments:
      <ADDRESS>
              The resource's address, as plan writes it: user_pool.clients.spa, 'api.routes."GET
              /users"'

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_import() {
    assert_snapshot!(help("import"), @r#"
    Write a stack.toml from what is in AWS

    Usage: wsctl import [OPTIONS]

    Options:
          --stack <NAME>
              The wsctl stack to write down; left out, the only one of the region. Of what no stack
              owns: the name of the stack that it is to belong to; left out, workshop

          --pool <NAME|ID>
              The user pool, by its name or id

          --identity-pool <NAME|ID>
              The identity pool, by its name or id

          --api <NAME|ID>
              A REST API, by its name or id; may be given several times

          --function <NAME>
              A function, by its name; may be given several times

          --existing
              Write existing = true beside what is named: it stays its owner's, and is used as it is

          --environment
              Write the functions' environment variables out too, and the texts that routes send along:
              they may be secrets

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_list() {
    assert_snapshot!(help("list"), @r#"
    List every wsctl stack of the account in this region

    Usage: wsctl list [OPTIONS]

    Options:
          --all-regions
              Look in every region that the account has turned on

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_sweep() {
    assert_snapshot!(help("sweep"), @r#"
    Delete what is left of stacks that are gone, and list what only looks like it

    Usage: wsctl sweep [OPTIONS] [NAME]...

    Arguments:
      [NAME]...
              Leftovers without a tag to delete too, by their names in AWS

    Options:
          --all-regions
              Look in every region that the account has turned on

          --older-than <TIME>
              Leave alone what is younger than this: it may belong to a stack that is just being made

              [default: 1h]

      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_graph() {
    assert_snapshot!(help("graph"), @r#"
    Draw the stack: Mermaid, DOT or SVG

    Usage: wsctl graph [OPTIONS]

    Options:
          --format <FORMAT>
              How the picture is written

              [default: mermaid]
              [possible values: mermaid, dot, svg]

          --plan
              Look at AWS, and colour each resource by what apply would do with it

          --no-build
              Build nothing, so that no program of the repository runs: take what was built last on this
              machine

          --all
              Draw the API's paths, preflights and error responses too

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_validate() {
    assert_snapshot!(help("validate"), @r#"
    Check the file, offline

    Usage: wsctl validate [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_outputs() {
    assert_snapshot!(help("outputs"), @r#"
    Print the stack's ids and URLs

    Usage: wsctl outputs [OPTIONS] [NAME]

    Arguments:
      [NAME]
              Print the value of this one alone, such as user_pool_id

    Options:
          --env
              Print NAME=value lines; short for --format env

          --format <FORMAT>
              The format

              Possible values:
              - env:     NAME=value lines, for a .env file
              - json:    All of them as JSON, as --json does
              - oidc:    What an OpenID Connect client wants to know, as JSON
              - amplify: amplify_outputs.json, for Amplify's libraries

          --client <NAME>
              The app client that `--format oidc` or `amplify` is about, by its name in stack.toml

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_user() {
    assert_snapshot!(help("user"), @r#"
    Sign up, confirm, list, change and delete the pool's users

    Usage: wsctl user [OPTIONS] <COMMAND>

    Commands:
      sign-up       Sign up as a new user does; Cognito sends a code
      confirm       Confirm a sign-up with the code that was sent
      resend        Send the code again
      create        Make a user, who sets a password at the first sign-in
      list          List the users
      export        Write all users down, with their attributes and groups; nobody can read passwords
      import        Make users from a list, with their attributes and groups
      migrate       Show how far the move from another pool is, or end it
      show          Show a user, with attributes and groups
      delete        Delete a user
      set-password  Set a user's password
      group         Put a user into a group, or take one out
      help          Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user export"), @r#"
    Write all users down, with their attributes and groups; nobody can read passwords

    Usage: wsctl user export [OPTIONS]

    Options:
      -o, --output <FILE>
              Write into this file, which only you can read; without it, to stdout

          --format <FORMAT>
              How to write it; left out, as the file's ending says, or csv

              Possible values:
              - csv:  A line a user, under the attributes' names: for spreadsheets
              - json: As `user list --json` prints it

          --pool <POOL>
              From this pool of the account in place of the stack's: REGION_ID

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user import"), @r#"
    Make users from a list, with their attributes and groups

    Usage: wsctl user import [OPTIONS] <FILE>

    Arguments:
      <FILE>
              The list: a CSV file with a line of names at its top, or JSON; - for stdin

    Options:
          --format <FORMAT>
              How it is written; left out, as the file's ending says, or csv

              Possible values:
              - csv:  A line a user, under the attributes' names: for spreadsheets
              - json: As `user list --json` prints it

          --dry-run
              Check the list and say what would be made

          --invite
              Send each an invitation with a temporary password

          --email-verified
              Mark the e-mail addresses as verified, whatever the list says

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --temporary
              The password is a temporary one: each has to set another at the first sign-in

      -y, --yes
              Do not ask before invitations are sent

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user migrate"), @r#"
    Show how far the move from another pool is, or end it

    Usage: wsctl user migrate [OPTIONS] --from <POOL>

    Options:
          --from <POOL>
              The pool that is left: REGION_ID

          --rest
              Bring those who have not come yet, without their passwords: each sets a new one

          --delete-old
              Delete the old pool, where nobody is left in it

      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user sign-up"), @r#"
    Sign up as a new user does; Cognito sends a code

    Usage: wsctl user sign-up [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name: in a pool with sign_in = ["email"], the e-mail address

    Options:
          --email <ADDRESS>
              The e-mail address; left out where the user name is one

          --phone <NUMBER>
              The phone number: a plus and digits, +15555550100; left out where the user name is one

          --name <NAME>
              The full name

          --attribute <NAME=VALUE>
              Any other attribute; may be given several times

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user confirm"), @r#"
    Confirm a sign-up with the code that was sent

    Usage: wsctl user confirm [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name

    Options:
          --admin
              Without a code, as the console does; marks the e-mail address as verified

          --code-stdin
              Read the code from stdin

          --code-env <VARIABLE>
              Take the code from this environment variable

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user resend"), @r#"
    Send the code again

    Usage: wsctl user resend [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name

    Options:
          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user create"), @r#"
    Make a user, who sets a password at the first sign-in

    Usage: wsctl user create [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name: in a pool with sign_in = ["email"], the e-mail address

    Options:
          --email <ADDRESS>
              The e-mail address; left out where the user name is one

          --phone <NUMBER>
              The phone number: a plus and digits, +15555550100; left out where the user name is one

          --name <NAME>
              The full name

          --attribute <NAME=VALUE>
              Any other attribute; may be given several times

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --permanent
              Make the password permanent and the user confirmed

          --no-invitation
              Send no invitation

          --email-verified
              Mark the e-mail address as verified

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user list"), @r#"
    List the users

    Usage: wsctl user list [OPTIONS]

    Options:
          --filter <FILTER>
              Only users that this filter matches, as Cognito writes it: 'email ^= "ann"',
              'cognito:user_status = "CONFIRMED"'

          --limit <COUNT>
              At most this many; 0 for all

              [default: 60]

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user show"), @r#"
    Show a user, with attributes and groups

    Usage: wsctl user show [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user delete"), @r#"
    Delete a user

    Usage: wsctl user delete [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name

    Options:
      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user set-password"), @r#"
    Set a user's password

    Usage: wsctl user set-password [OPTIONS] <USER>

    Arguments:
      <USER>
              The user name

    Options:
          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --temporary
              The user has to set another one at the next sign-in

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user group"), @r#"
    Put a user into a group, or take one out

    Usage: wsctl user group [OPTIONS] <COMMAND>

    Commands:
      add     Put a user into a group
      remove  Take a user out of a group
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user group add"), @r#"
    Put a user into a group

    Usage: wsctl user group add [OPTIONS] <USER> <GROUP>

    Arguments:
      <USER>
              The user name

      <GROUP>
              The group, by its name in AWS

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("user group remove"), @r#"
    Take a user out of a group

    Usage: wsctl user group remove [OPTIONS] <USER> <GROUP>

    Arguments:
      <USER>
              The user name

      <GROUP>
              The group, by its name in AWS

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_token() {
    assert_snapshot!(help("token"), @r#"
    Sign a user in and print the tokens, or decode and verify one

    Usage: wsctl token [OPTIONS] [USER]
           wsctl token <COMMAND>

    Commands:
      decode  Show what is in a token, and whether it is to be believed
      help    Print this message or the help of the given subcommand(s)

    Arguments:
      [USER]
              Who signs in

    Options:
          --srp
              Prove the password with SRP instead of sending it; needs no AWS credentials where
              --user-pool-id and --client-id say where

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --new-password-env <VARIABLE>
              Where Cognito wants a new password: take it from this environment variable

          --code-env <VARIABLE>
              Where Cognito wants a one-time code: take it from this environment variable

          --refresh
              Get new tokens with the refresh token that --save kept

          --refresh-stdin
              Get new tokens with the refresh token on stdin

          --id
              Print only the ID token, which is the default; routes without scopes take it

          --access
              Print only the access token, which routes with scopes take

          --save
              Keep the tokens in .wsctl/tokens/, readable by you only: `call` and `authorizer test` take
              them from there, and renew them

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

          --user-pool-id <ID>
              A pool of your choice; no stack is looked for

          --client-id <ID>
              A client of that pool

          --client-secret-env <VARIABLE>
              Take that client's secret, if it has one, from this environment variable

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("token decode"), @r#"
    Show what is in a token, and whether it is to be believed

    Exit codes: 0 every check passed; otherwise the first that failed: 2 signature, 3 issuer, 4 audience
    or client, 5 expiry, 6 token_use. 1 is any other error.

    Usage: wsctl token decode [OPTIONS] [TOKEN|-]

    Arguments:
      [TOKEN|-]
              The token; - reads it from stdin, which keeps it out of the process list

    Options:
          --any-pool
              Verify against the token's own pool, whichever it is; no stack is looked for

          --client-id <ID>
              The app client that the token has to be for, by its id

          --token-use <USE>
              The token has to be an ID token or an access token

              [possible values: id, access]

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_login() {
    assert_snapshot!(help("login"), @r#"
    Sign in through the hosted login in the browser and print the tokens

    Usage: wsctl login [OPTIONS]

    Options:
          --print-url
              Only print the address on stderr, and open no browser; the address that the browser ends
              at can be pasted here

          --callback <URL>
              The callback URL to come back to; one of the client's, on this machine

          --timeout <TIME>
              How long to wait for the sign-in

              [default: 5m]

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

          --id
              Print only the ID token, which is the default; routes without scopes take it

          --access
              Print only the access token, which routes with scopes take

          --save
              Keep the tokens in .wsctl/tokens/, readable by you only: `call` and `authorizer test` take
              them from there, and renew them

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_authorizer() {
    assert_snapshot!(help("authorizer"), @r#"
    Ask the API's authorizer whether it lets a token in

    Usage: wsctl authorizer [OPTIONS] <COMMAND>

    Commands:
      test  Ask the authorizer whether it would let a token in
      help  Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("authorizer test"), @r#"
    Ask the authorizer whether it would let a token in

    Exit code 2 when it would not.

    Usage: wsctl authorizer test [OPTIONS]

    Options:
          --token <TOKEN|->
              The token; - reads it from stdin, which keeps it out of the process list. Left out, that
              of who is signed in

          --as <USER>
              Sign this user in, and use the token; left out, that of who signed in with --save

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --srp
              Prove the password with SRP instead of sending it

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

          --api <NAME>
              The API, by its name in stack.toml: NAME of [apis.NAME], api for [api]; left out, the one
              that has such an authorizer

          --authorizer <NAME>
              The authorizer, by its name in stack.toml; needed when there are several

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_call() {
    assert_snapshot!(help("call"), @r#"
    Send one request to the API

    Usage: wsctl call [OPTIONS] <METHOD> <PATH>

    Arguments:
      <METHOD>
              GET, POST, PUT, …

      <PATH>
              The path below the stage: /users/1

    Options:
          --token <TOKEN|->
              The token; - reads it from stdin, which keeps it out of the process list

          --as <USER>
              Sign this user in, and use the token; left out, that of who signed in with --save

          --password-stdin
              Read the password from the first line of stdin, and what else is asked from the next ones

          --password-env <VARIABLE>
              Take the password from this environment variable

          --srp
              Prove the password with SRP instead of sending it

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

          --anonymous
              Send no token, and no API key

          --token-use <USE>
              Which of the user's tokens to send; left out, the one that the route takes

              [possible values: id, access]

          --api <NAME>
              The API, by its name in stack.toml: NAME of [apis.NAME], api for [api]; left out, the one
              that has the route

          --api-key <NAME>
              The API key to send, by its name in stack.toml; left out, the only one, where the route
              wants one

      -d, --data <BODY|@FILE|->
              The body, JSON; @FILE reads it from a file, - from stdin

      -H, --header <NAME: VALUE>
              A further request header; may be given several times

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_logs() {
    assert_snapshot!(help("logs"), @r#"
    Print what a function wrote to its log

    Usage: wsctl logs [OPTIONS] [FUNCTION]

    Arguments:
      [FUNCTION]
              The function, by its name in stack.toml; needed when there are several

    Options:
          --follow
              Go on with new lines as they come, until Ctrl-C

          --since <TIME>
              Start this long ago, such as 10m

              [default: 10m]

          --filter <PATTERN>
              Only lines that match, in CloudWatch's words: ERROR, '{ $.status = 500 }'

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_sandbox() {
    assert_snapshot!(help("sandbox"), @r#"
    Manage the local AWS

    Usage: wsctl sandbox [OPTIONS] <COMMAND>

    Commands:
      start   Start it, or show where it is running; it runs on when this command ends
      stop    Stop it; what is in it stays for the next start
      env     Print what points any AWS SDK at it, for a shell to evaluate
      list    List your sandboxes, and which of them run
      status  Show whether it is running
      reset   Stop it and forget what is in it
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("sandbox start"), @r#"
    Start it, or show where it is running; it runs on when this command ends

    Usage: wsctl sandbox start [OPTIONS]

    Options:
          --detach
              Leave it running in the background, as it is done anyway

          --port <NUMBER>
              The port on 127.0.0.1; left out, the last one where it is free

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("sandbox stop"), @r#"
    Stop it; what is in it stays for the next start

    Usage: wsctl sandbox stop [OPTIONS]

    Options:
          --all
              Every sandbox of yours, whichever folder it is of

      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("sandbox status"), @r#"
    Show whether it is running

    Usage: wsctl sandbox status [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
    assert_snapshot!(help("sandbox reset"), @r#"
    Stop it and forget what is in it

    Usage: wsctl sandbox reset [OPTIONS]

    Options:
      -y, --yes
              Do not ask for confirmation

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_package() {
    assert_snapshot!(help("package"), @r#"
    Build and pack the functions that have a crate

    Usage: wsctl package [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_schema() {
    assert_snapshot!(help("schema"), @r#"
    Print the JSON Schema of stack.toml, for editors

    Usage: wsctl schema [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_permissions() {
    assert_snapshot!(help("permissions"), @r#"
    Print the IAM policy that lets somebody do these tasks

    Usage: wsctl permissions [OPTIONS] [TASKS]...

    Arguments:
      [TASKS]...
              The tasks; apply where none is named

              Possible values:
              - plan:    Look, and change nothing: plan, show, outputs, graph
              - drift:   Look also for ways in past the file: drift
              - apply:   Make and change: apply, adopt, release
              - destroy: Delete: destroy
              - people:  Manage people, and act as one: user, token, login, call, authorizer, logs
              - verify:  Check a running stack: verify
              - list:    Look at whole services: list, import, and the proof after destroy
              - sweep:   Delete what is left of stacks: sweep

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_completions() {
    assert_snapshot!(help("completions"), @r#"
    Print completions for a shell

    Usage: wsctl completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>
              The shell

              [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_init() {
    assert_snapshot!(help("init"), @r#"
    Write a stack.toml to start from

    Usage: wsctl init [OPTIONS]

    Options:
          --from <TEMPLATE>
              What to start from

              Possible values:
              - workshop:           The workshop's stack: sign-up, hosted login, an API for who is
                signed in
              - public-read:        Everybody may read, who is signed in may write
              - machine-to-machine: Programs without a user, by scopes
              - node:               A small API answered by Node.js
              - attach:             An API and a function that are there stay their owner's

              [default: workshop]

          --origin <URL>
              The page that may call the API

      -y, --yes
              Ask nothing: --stack-name, --region and --origin count, or what is usual

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_convert() {
    assert_snapshot!(help("convert"), @r#"
    Write a stack.toml from a SAM or CloudFormation template, a serverless.yml, or Terraform

    Usage: wsctl convert [OPTIONS] <FILE|FOLDER>

    Arguments:
      <FILE|FOLDER>
              The template or serverless.yml, or the folder of a Terraform module

    Options:
          --from <FORMAT>
              What it is written in; left out, as its name and content say

              Possible values:
              - cloudformation: A template of SAM or CloudFormation
              - serverless:     A serverless.yml
              - terraform:      The .tf files of a folder

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_fmt() {
    assert_snapshot!(help("fmt"), @r#"
    Put stack.toml in one form; comments stay

    Usage: wsctl fmt [OPTIONS] [FILE|-]

    Arguments:
      [FILE|-]
              The file, or - for stdin; left out, the stack's

    Options:
          --check
              Change nothing, and exit with 2 where the file is not in order

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_doctor() {
    assert_snapshot!(help("doctor"), @r#"
    Say what is missing on this machine or in the account, and what to do about it

    Usage: wsctl doctor [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_open() {
    assert_snapshot!(help("open"), @r#"
    Open what the stack has in the browser

    Usage: wsctl open [OPTIONS] <WHAT>

    Arguments:
      <WHAT>
              What to open

              Possible values:
              - login:   The hosted login of an app client
              - api:     The API's address
              - console: The API in AWS's console
              - pool:    The user pool in AWS's console
              - app:     The page that the login comes back to

    Options:
          --print-url
              Only print its address

          --client <NAME>
              The app client, by its name in stack.toml; needed when there are several

      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_sandbox_env() {
    assert_snapshot!(help("sandbox env"), @r#"
    Print what points any AWS SDK at it, for a shell to evaluate

    Usage: wsctl sandbox env [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_sandbox_list() {
    assert_snapshot!(help("sandbox list"), @r#"
    List your sandboxes, and which of them run

    Usage: wsctl sandbox list [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    "#);
}

#[test]
fn help_of_dev() {
    assert_snapshot!(help("dev"), @r#"
    Keep the stack in the sandbox as the files are: build and apply at every save, and show what the
    functions write

    Usage: wsctl dev [OPTIONS]

    Options:
          --spa <FOLDER>
              A front end's folder: config.json is written there, for the app client's sign-in

          --client <NAME>
              The app client of --spa, by its name in stack.toml; needed when there are several

      -y, --yes
              Do not ask for confirmation

          --delete-users <POOL-NAME>
              Let this pool be deleted or replaced although it has users or identities; may be given
              several times

          --lift-deletion-protection
              Also delete what AWS's deletion protection keeps

          --allow-replace <ADDRESS>
              Let this resource be deleted and made anew; may be given several times

          --no-build
              Build nothing, so that no program of the repository runs: take what was built last on this
              machine

      -h, --help
              Print help (see a summary with '-h')
    "#);
}
