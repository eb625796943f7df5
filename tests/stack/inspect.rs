//! Looking without changing anything: drift, show and graph.

use crate::support::{self, program::Place};
use aws_sdk_lambda::types::Environment;

async fn applied() -> Place {
    let place = Place::new().await;
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    place
}

#[tokio::test]
async fn drift_names_what_is_missing_different_and_unmanaged_and_exits_with_2() {
    let place = applied().await;
    let none = place.run(&["drift"]);
    assert_eq!(none.code, 0, "{}", none.out);
    assert!(
        none.out.contains("No drift: all 23 resources"),
        "{}",
        none.out
    );

    let aws = support::connect(place.account.clone(), None).await;
    let environment = Environment::builder()
        .variables("TOKEN", "canary-of-a-secret")
        .build();
    let update = aws
        .lambda
        .update_function_configuration()
        .function_name("workshop-lambda-sm-rds");
    update
        .memory_size(512)
        .environment(environment)
        .send()
        .await
        .unwrap();
    let pool = place.run(&["outputs", "--json"]).json()["user_pool_id"]
        .as_str()
        .unwrap()
        .to_owned();
    aws.cognito
        .create_group()
        .user_pool_id(&pool)
        .group_name("strangers")
        .send()
        .await
        .unwrap();
    aws.cognito
        .delete_group()
        .user_pool_id(&pool)
        .group_name("admin")
        .send()
        .await
        .unwrap();

    let drift = place.run(&["drift"]);
    assert_eq!(drift.code, 2, "{}", drift.err);
    for line in [
        "Missing\n  user_pool.groups.admin",
        "memory: 512; stack.toml has 128",
        "There, but not in stack.toml\n  user_pool.groups.strangers",
    ] {
        assert!(drift.out.contains(line), "no {line:?} in {}", drift.out);
    }
    for advice in ["to create", "to update", "to delete", "canary"] {
        assert!(!drift.out.contains(advice), "{advice:?} in {}", drift.out);
    }
    let json = place.run(&["drift", "--json"]);
    assert_eq!(json.code, 2);
    assert_eq!(
        json.json()["missing"][0]["address"],
        "user_pool.groups.admin"
    );
    assert_eq!(
        json.json()["unmanaged"][0]["address"],
        "user_pool.groups.strangers"
    );
    assert_eq!(json.json()["different"][0]["address"], "functions.users");
}

#[tokio::test]
async fn drift_tells_when_another_version_of_the_api_is_deployed() {
    let place = applied().await;
    let aws = support::connect(place.account.clone(), None).await;
    let api = place.run(&["outputs", "--json"]).json()["api_id"]
        .as_str()
        .unwrap()
        .to_owned();
    aws.apigateway
        .create_deployment()
        .rest_api_id(&api)
        .stage_name("dev")
        .description("by hand")
        .send()
        .await
        .unwrap();
    let drift = place.run(&["drift", "--json"]);
    assert_eq!(drift.code, 2, "{}", drift.out);
    assert_eq!(drift.json()["not_deployed"][0]["address"], "api.stage");
    assert_eq!(drift.json()["different"], serde_json::json!([]));
}

#[tokio::test]
async fn drift_exits_with_2_on_a_way_in_beside_the_stack_until_a_line_of_the_file_accepts_it() {
    use aws_sdk_lambda::types::FunctionUrlAuthType;
    let place = applied().await;
    let aws = support::connect(place.account.clone(), None).await;
    let url = aws
        .lambda
        .create_function_url_config()
        .function_name("workshop-lambda-sm-rds");
    url.auth_type(FunctionUrlAuthType::None)
        .send()
        .await
        .unwrap();
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 0);

    let found = place.run(&["drift"]);
    assert_eq!(found.code, 2, "{}{}", found.out, found.err);
    assert!(
        found
            .out
            .contains("Set elsewhere: functions.users: its function URL http"),
        "{}",
        found.out
    );
    // The lines that it prints are the ones that accept it.
    let lines: Vec<_> = found
        .out
        .lines()
        .skip_while(|it| it.trim() != "[drift]")
        .map(str::trim)
        .collect();
    let end = lines.iter().position(|it| *it == "]").unwrap();
    let file = place.folder.path().join("stack.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{}\n", lines[..=end].join("\n"))).unwrap();
    let accepted = place.run(&["drift"]);
    assert_eq!(accepted.code, 0, "{}{}", accepted.out, accepted.err);
    assert!(
        accepted
            .out
            .contains("Accepted: functions.users: its function URL"),
        "{}",
        accepted.out
    );
    assert_eq!(
        place.run(&["drift", "--json"]).json()["accepted"][0]["address"],
        "functions.users"
    );
}

#[tokio::test]
async fn show_gives_one_resource_without_its_secrets() {
    let place = applied().await;
    let aws = support::connect(place.account.clone(), None).await;
    let environment = Environment::builder()
        .variables("TOKEN", "canary-of-a-secret")
        .build();
    let update = aws
        .lambda
        .update_function_configuration()
        .function_name("workshop-lambda-sm-rds");
    update.environment(environment).send().await.unwrap();

    let function = place.run(&["show", "functions.users"]);
    assert_eq!(function.code, 0, "{}", function.err);
    for line in [
        "belongs to this stack",
        "environment.TOKEN = (hidden)",
        "memory = 128",
        "arn = \"arn:aws:lambda:",
    ] {
        assert!(
            function.out.contains(line),
            "no {line:?} in {}",
            function.out
        );
    }
    assert!(!function.out.contains("canary"), "{}", function.out);

    let route = place
        .run(&["show", r#"api.routes."GET /users""#, "--json"])
        .json();
    let authorizer = place
        .run(&["show", "api.authorizers.cognito", "--json"])
        .json();
    assert!(authorizer["outputs"]["id"].is_string(), "{authorizer}");
    assert_eq!(route["values"]["authorizer"], authorizer["outputs"]["id"]);

    let missing = place.run(&["show", "user_pool.clients.spaa"]);
    assert_eq!(missing.code, 10);
    assert!(
        missing
            .err
            .contains("did you mean 'user_pool.clients.spa'?"),
        "{}",
        missing.err
    );
    assert_eq!(place.run(&["show", "a b"]).code, 1);
}

#[tokio::test]
async fn a_picture_is_coloured_by_the_plan() {
    let place = applied().await;
    place.edit("memory = 128", "memory = 256");
    place.edit(
        "\"DELETE /users/{id}\" = { function = \"users\", authorizer = \"cognito\" }\n",
        "",
    );
    let offline = place.run(&["graph"]);
    assert_eq!(offline.code, 0, "{}", offline.err);
    assert!(
        offline.out.starts_with("flowchart LR\n") && !offline.out.contains("~users"),
        "{}",
        offline.out
    );
    let coloured = place.run(&["graph", "--plan"]);
    for line in [
        "[\"~users<br/><small>function</small>\"]",
        "[\"-DELETE /users/{id}",
        "classDef update",
        "classDef unchanged",
    ] {
        assert!(
            coloured.out.contains(line),
            "no {line:?} in {}",
            coloured.out
        );
    }
    let svg = place.run(&["graph", "--plan", "--format", "svg", "--all"]);
    assert!(
        svg.out.starts_with("<svg ") && svg.out.trim_end().ends_with("</svg>"),
        "{}",
        svg.out
    );
    assert!(
        svg.out.contains("-DELETE /users/{id}") && svg.out.contains("class=\"delete\""),
        "{}",
        svg.out
    );
    let json = place.run(&["graph", "--plan", "--json"]).json();
    let states: Vec<_> = json["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["state"].clone())
        .collect();
    assert!(
        states.contains(&"update".into()) && states.contains(&"delete".into()),
        "{states:?}"
    );
}

#[test]
fn the_tour_has_the_workshops_picture() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command.arg("graph");
    let graph = support::program::Run::of(command, root).out;
    let tour = std::fs::read_to_string(root.join("docs/tour.md")).unwrap();
    assert!(
        tour.contains(&format!("```mermaid\n{graph}```")),
        "put the output of `wsctl graph` into docs/tour.md"
    );
}
