//! Other tools' definitions become stacks that can be applied, and every check can be let be or taken for a mistake.

use super::support::{program::Run, sandbox::Sandbox};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The definitions, each in a folder of its own with the stack.toml that it becomes.
fn definitions() -> Vec<PathBuf> {
    let all = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stack/convert");
    let folders = fs::read_dir(all).unwrap().map(|it| it.unwrap().path());
    let mut folders: Vec<_> = folders.filter(|it| it.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 9, "three of each format");
    folders
}

/// A sandbox with the definition in its folder, and what it becomes.
fn converted(definition: &Path) -> (Sandbox, String) {
    let sandbox = Sandbox::empty();
    let folder = sandbox.folder().join(definition.file_name().unwrap());
    fs::create_dir(&folder).unwrap();
    for file in fs::read_dir(definition).unwrap().map(|it| it.unwrap()) {
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let name = definition.file_name().unwrap().to_str().unwrap();
    let said = sandbox.run(&["convert", name]);
    assert_eq!(said.code, 0, "{}", said.err);
    (sandbox, said.out)
}

/// What WSCTL_RECORD writes anew.
#[test]
fn each_definition_becomes_the_file_beside_it() {
    for definition in definitions() {
        let (_, text) = converted(&definition);
        let beside = definition.join("stack.toml");
        if std::env::var_os("WSCTL_RECORD").is_some() {
            fs::write(&beside, &text).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap();
        assert!(text == expected, "{}:\n{text}", definition.display());
    }
}

/// The programs that the file names, each of which answers 200.
fn programs(folder: &Path, text: &str) {
    let file: toml::Table = text.parse().unwrap();
    let functions = file.get("functions").and_then(toml::Value::as_table);
    for function in functions.into_iter().flatten().map(|it| it.1) {
        let says = |key: &str| function.get(key).and_then(toml::Value::as_str);
        let (runtime, handler) = (says("runtime").unwrap(), says("handler").unwrap());
        let (module, name) = handler.rsplit_once('.').unwrap();
        let (ending, program) = match runtime.starts_with("python") {
            true => (
                "py",
                format!("def {name}(event, context):\n    return {{'statusCode': 200}}\n"),
            ),
            false => (
                "js",
                format!("exports.{name} = async () => ({{ statusCode: 200 }})\n"),
            ),
        };
        let path = format!("{module}.{ending}");
        if let Some(zip) = says("zip") {
            let mut archive = ZipWriter::new(fs::File::create(folder.join(zip)).unwrap());
            archive
                .start_file(path, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(program.as_bytes()).unwrap();
            archive.finish().unwrap();
            continue;
        }
        let path = match (says("folder"), says("file")) {
            (Some(within), _) => folder.join(within).join(path),
            (_, Some(file)) => folder.join(file),
            _ => panic!("no program"),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, program).unwrap();
    }
}

/// Google's secret is the one that a definition takes from outside.
fn run(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    Run::from(command.env("GOOGLE_SECRET", "synthetic").output().unwrap())
}

#[test]
fn what_a_definition_becomes_can_be_applied() {
    for definition in definitions() {
        let (sandbox, text) = converted(&definition);
        fs::write(sandbox.folder().join("stack.toml"), &text).unwrap();
        programs(sandbox.folder(), &text);
        for arguments in [
            &["validate"][..],
            &["fmt", "--check"],
            &["apply", "--sandbox", "--yes"],
            &["plan", "--sandbox", "--detailed-exitcode"],
            &[
                "destroy",
                "--sandbox",
                "--yes",
                "--lift-deletion-protection",
            ],
        ] {
            let said = run(&sandbox, arguments);
            assert_eq!(
                said.code,
                0,
                "{} {arguments:?}\n{}{}",
                definition.display(),
                said.out,
                said.err
            );
        }
    }
}

#[test]
fn what_is_no_definition_is_said_with_its_place() {
    let sandbox = Sandbox::of(
        "",
        &[
            ("template.yaml", "Resources:\n  - [\n"),
            ("list/template.yaml", "- a\n"),
            (
                "other/template.yaml",
                "Resources: { Table: { Type: 'AWS::DynamoDB::Table' } }\n",
            ),
            (
                "tf/main.tf",
                "resource \"aws_cognito_user_pool\" {\n  name = \n}\n",
            ),
            ("deep/template.json", &("[".repeat(5000))),
            (
                "loop/main.tf",
                "locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_cognito_user_pool\" \"p\" {\n  name = local.a\n}\n",
            ),
            ("empty/readme", ""),
        ],
    );
    for (path, words) in [
        ("template.yaml", "template.yaml:3:1"),
        ("list", "no table of names and values"),
        ("other", "no user pool, API, function"),
        ("tf", "tf/main.tf:2:"),
        ("deep", "recursion"),
        ("empty", "there is no definition in this folder"),
        ("nowhere", "nowhere"),
    ] {
        let said = sandbox.run(&["convert", path]);
        assert!(said.ended_with(1), "{path}: {}", said.out);
        assert!(
            said.err.contains(words) && said.err.contains("hint:"),
            "{path}: {}",
            said.err
        );
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
    let said = sandbox.run(&["convert", "loop"]);
    assert!(said.out.contains("local."), "{}{}", said.out, said.err);
}

/// Forty lines, each of which has the one before twice: written out, they would be 2⁴⁰.
#[test]
fn what_doubles_itself_comes_to_an_end() {
    let lines = |line: &dyn Fn(usize) -> String| (1..=40).map(line).collect::<String>();
    let terraform = format!(
        "locals {{\n  l0 = \"x\"\n{}}}\nresource \"aws_cognito_user_pool\" \"p\" {{\n  name = \"p\"\n  tags = {{ a = local.l40 }}\n}}\n",
        lines(&|it| format!("  l{it} = [local.l{0}, local.l{0}]\n", it - 1))
    );
    let pool = "Type: AWS::Cognito::UserPool\n";
    let serverless = format!(
        "service: s\nprovider: {{ name: aws }}\ncustom:\n  l0: x\n{}resources:\n  Resources:\n    P:\n      {pool}      Properties: {{ UserPoolName: \"${{self:custom.l40}}\" }}\n",
        lines(&|it| format!(
            "  l{it}: ${{self:custom.l{0}}}${{self:custom.l{0}}}\n",
            it - 1
        ))
    );
    let template = format!(
        "Conditions:\n  C0: !Equals [a, a]\n{}Resources:\n  P:\n    {pool}    Properties:\n      UserPoolName: p\n      DeletionProtection: !If [C40, ACTIVE, INACTIVE]\n",
        lines(&|it| format!("  C{it}: !And [!Condition C{0}, !Condition C{0}]\n", it - 1))
    );
    let files = [
        ("a/main.tf", terraform.as_str()),
        ("b/serverless.yml", &serverless),
        ("c/template.yaml", &template),
    ];
    let sandbox = Sandbox::of("", &files);
    for folder in ["a", "b", "c"] {
        let said = sandbox.run(&["convert", folder]);
        assert_eq!(said.code, 0, "{folder}: {}", said.err);
        assert!(said.out.contains("[user_pool]"), "{folder}: {}", said.out);
    }
}

/// Whatever is not known of who may call a route, or what a role may do, never makes it more.
#[test]
fn what_is_not_known_opens_nothing() {
    let sam = r#"
Parameters: { Who: { Type: String } }
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: { StageName: v1, Auth: { DefaultAuthorizer: !ImportValue auth, ApiKeyRequired: true, ResourcePolicy: { IpRangeWhitelist: [192.0.2.0/24] } } }
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f
      Handler: a.b
      Runtime: python3.13
      PermissionsBoundary: arn:aws:iam::123456789012:policy/least
      Policies:
        - Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: !ImportValue when }]
      Events:
        A: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /default, Method: get } }
        B: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /own, Method: get, Auth: { Authorizer: !Ref Who } } }
        C: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /scoped, Method: get, Auth: { Authorizer: NONE, AuthorizationScopes: [!ImportValue scope] } } }
        D: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /meant, Method: get, Auth: { Authorizer: NONE } } }
"#;
    let serverless = r#"
service: s
provider: { name: aws, runtime: nodejs22.x }
functions:
  f:
    handler: a.b
    events:
      - http: { path: imported, method: get, authorizer: { type: COGNITO_USER_POOLS, authorizerId: { Ref: Elsewhere } } }
      - http: { path: other, method: get, authorizer: "${ssm:/authorizer}" }
"#;
    let terraform = r#"
variable "who" {}
resource "aws_lambda_function" "f" {
  function_name = "f"
  filename      = "f.zip"
  handler       = "a.b"
  runtime       = "python3.13"
  role          = aws_iam_role.f.arn
}
resource "aws_iam_role" "f" {
  permissions_boundary = "arn:aws:iam::123456789012:policy/least"
  managed_policy_arns  = [aws_s3_bucket.b.policy]
}
resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_method" "m" {
  rest_api_id   = aws_api_gateway_rest_api.a.id
  resource_id   = aws_api_gateway_rest_api.a.root_resource_id
  http_method   = "GET"
  authorization = replace(var.who, "a", "b")
}
resource "aws_api_gateway_integration" "m" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_rest_api.a.root_resource_id
  http_method = aws_api_gateway_method.m.http_method
  type        = "AWS_PROXY"
  uri         = aws_lambda_function.f.invoke_arn
}
"#;
    let files = [
        ("sam/template.yaml", sam),
        ("sls/serverless.yml", serverless),
        ("tf/main.tf", terraform),
    ];
    let sandbox = Sandbox::of("", &files);
    for (folder, open, boundaries) in [("sam", 1, 1), ("sls", 0, 0), ("tf", 0, 1)] {
        let said = sandbox.run(&["convert", folder]);
        assert_eq!(said.code, 0, "{folder}: {}", said.err);
        let lines = || said.out.lines().filter(|it| !it.starts_with('#'));
        let count = |words: &str| lines().filter(|it| it.contains(words)).count();
        assert_eq!(
            count("authorizer = \"none\""),
            open,
            "{folder}: {}",
            said.out
        );
        assert_eq!(
            count("permissions_boundary = "),
            boundaries,
            "{folder}: {}",
            said.out
        );
        assert_eq!(count("s3:GetObject"), 0, "{folder}: {}", said.out);
    }
}

const OPEN: &str = r#"[stack]
name = "checks"
region = "eu-west-1"

[functions.f]
name = "f"
zip = "f.zip"

[api]
name = "a"

[api.stage]
name = "dev"

[api.routes]
"GET /one" = { function = "f", authorizer = "none" }
"GET /two" = { function = "f", authorizer = "none" }
"#;

#[test]
fn a_check_can_be_let_be_everywhere_or_at_one_place_and_is_a_mistake_with_strict() {
    let answer = |checks: &str, arguments: &[&str]| {
        let sandbox = Sandbox::of(&format!("{OPEN}{checks}"), &[]);
        let said = sandbox.run(arguments);
        let ids = said
            .err
            .lines()
            .filter_map(|it| it.split_once('[')?.1.split_once("]: "));
        let ids = ids.map(|it| it.0.to_owned()).collect::<Vec<_>>();
        (said.code, ids, said.err)
    };
    let (code, ids, _) = answer("", &["validate"]);
    assert_eq!(
        (code, ids),
        (
            0,
            vec![
                "open-method".into(),
                "open-method".into(),
                "missing-zip".to_owned()
            ]
        )
    );
    let (code, ids, _) = answer(
        "[checks]\nallow = ['open-method at api.routes.\"GET /one\"']\n",
        &["validate"],
    );
    assert_eq!(
        (code, ids),
        (0, vec!["open-method".to_owned(), "missing-zip".to_owned()])
    );
    let (code, ids, _) = answer(
        "[checks]\nallow = ['open-method', 'missing-zip']\n",
        &["validate", "--strict"],
    );
    assert_eq!((code, ids), (0, vec![]));
    let (code, ids, said) = answer("", &["validate", "--strict"]);
    assert_eq!((code, ids.len()), (11, 2), "{said}");
    assert!(
        said.contains("error[open-method]") && said.contains("[checks] allow"),
        "{said}"
    );
    let (code, ids, said) = answer(
        "[checks]\nallow = ['open-method', 'wide-role']\n",
        &["validate"],
    );
    assert_eq!(
        (code, ids),
        (
            0,
            vec!["idle-allowance".to_owned(), "missing-zip".to_owned()]
        ),
        "{said}"
    );
    for (line, words) in [
        ("'open-metod'", "did you mean \"open-method\"?"),
        ("'open-method at '", "is no address"),
        ("''", "there is no check ``"),
    ] {
        let (code, _, said) = answer(&format!("[checks]\nallow = [{line}]\n"), &["validate"]);
        assert!(code == 11 && said.contains(words), "{line}: {said}");
    }
}

#[test]
fn people_in_a_pool_that_nothing_protects_are_warned_of() {
    let stack = "[stack]\nname = \"people\"\nregion = \"eu-west-1\"\n\n[user_pool]\nname = \"people\"\nsign_in = [\"email\"]\n";
    let sandbox = Sandbox::of(stack, &[]);
    sandbox.apply();
    let plan = || sandbox.run(&["plan", "--sandbox"]);
    assert!(!plan().out.contains("unprotected-users"));
    sandbox.answer(
        0,
        &["user", "create", "ann@example.com", "--no-invitation"],
        &[],
    );
    assert!(
        plan()
            .out
            .contains("which has 1 user; write deletion_protection = true [unprotected-users]"),
        "{}",
        plan().out
    );
    let strict = sandbox.run(&["plan", "--sandbox", "--strict"]);
    assert_eq!(strict.code, 11, "{}", strict.out);
    let allowed = format!("{stack}\n[checks]\nallow = [\"unprotected-users\"]\n");
    fs::write(sandbox.folder().join("stack.toml"), allowed).unwrap();
    assert!(!plan().out.contains("unprotected-users"));
    assert_eq!(
        sandbox
            .run(&["plan", "--sandbox", "--strict", "--detailed-exitcode"])
            .code,
        0
    );
}
