//! One file for many people in one account: each has a whole stack, and nobody touches another's.

use crate::support::{self, program::Place, story::Story};
use futures::future::join_all;
use std::collections::BTreeSet;

const FILE: &str = include_str!("../../examples/attendees/stack.toml");
const ATTENDEES: usize = 20;

async fn room() -> Vec<Story> {
    let account = support::account();
    let stories = (1..=ATTENDEES).map(|number| {
        let account = account.clone();
        async move {
            let mut story = Story::in_account(FILE, account).await;
            story.name = Some(format!("attendee-{number:02}"));
            story
        }
    });
    join_all(stories).await
}

#[tokio::test]
async fn twenty_stacks_live_side_by_side_and_go_one_by_one() {
    let stories = room().await;
    let made = join_all(stories.iter().map(Story::apply)).await;
    let resources: BTreeSet<_> = made.iter().map(|report| report.results.len()).collect();
    assert_eq!(resources.len(), 1, "everybody has the same: {resources:?}");
    let apis: BTreeSet<_> = join_all(stories.iter().map(|it| it.output("api", "id")))
        .await
        .into_iter()
        .collect();
    assert_eq!(apis.len(), ATTENDEES);

    let (leaving, staying) = stories.split_at(ATTENDEES / 2);
    join_all(leaving.iter().map(Story::plan_is_empty)).await;
    join_all(leaving.iter().map(Story::destroy)).await;
    join_all(staying.iter().map(Story::plan_is_empty)).await;
    for story in leaving {
        assert!(story.owned().await.is_empty());
    }

    join_all(staying.iter().map(Story::destroy)).await;
    let aws = &stories[0].aws;
    assert!(
        aws.cognito
            .list_user_pools()
            .max_results(60)
            .send()
            .await
            .unwrap()
            .user_pools()
            .is_empty()
    );
    assert!(
        aws.apigateway
            .get_rest_apis()
            .send()
            .await
            .unwrap()
            .items()
            .is_empty()
    );
    assert!(
        aws.lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty()
    );
    assert!(
        aws.iam
            .list_roles()
            .send()
            .await
            .unwrap()
            .roles()
            .is_empty()
    );
    assert!(
        aws.logs
            .describe_log_groups()
            .send()
            .await
            .unwrap()
            .log_groups()
            .is_empty()
    );
}

#[tokio::test]
async fn a_file_whose_names_are_the_same_for_all_is_refused_for_the_second() {
    let place = Place::new().await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let refused = place.run(&["apply", "--yes", "--stack-name", "another"]);
    assert_eq!(refused.code, 14, "{}", refused.out);
    for word in [
        "`workshop-lambda-sm-rds` exists already",
        "belongs to the wsctl stack `workshop`",
    ] {
        assert!(refused.err.contains(word), "no {word:?} in {}", refused.err);
    }
    assert_eq!(
        place.run(&["plan", "--detailed-exitcode"]).code,
        0,
        "the first is as it was"
    );
}

#[tokio::test]
async fn a_variable_file_counts_more_than_the_file_and_less_than_the_command_line() {
    let place = Place::new().await;
    let venue = place.folder.path().join("venue.toml");
    std::fs::write(&venue, "db_host = \"db.example.com\"\ndb_name = \"room\"\n").unwrap();
    let planned = place
        .run(&[
            "plan",
            "--json",
            "--var-file",
            "venue.toml",
            "--var",
            "db_name=mine",
        ])
        .json();
    let steps = planned["steps"].as_array().unwrap();
    let function = steps
        .iter()
        .find(|it| it["address"] == "functions.users")
        .unwrap();
    let environment = &function["planned"]["environment"];
    assert_eq!(
        (&environment["DB_HOST"], &environment["DB_NAME"]),
        (&"db.example.com".into(), &"mine".into())
    );
    assert_eq!(
        environment["DB_PORT"], "5432",
        "what neither says is the file's"
    );

    std::fs::write(&venue, "db_port = 5432\n").unwrap();
    let refused = place.run(&["validate", "--var-file", "venue.toml"]);
    assert_eq!(refused.code, 11);
    assert!(
        refused.err.contains("venue.toml:1:11") && refused.err.contains("quotes"),
        "{}",
        refused.err
    );
    let missing = place.run(&["validate", "--var-file", "nowhere.toml"]);
    assert!(
        missing.err.contains("cannot read nowhere.toml"),
        "{}",
        missing.err
    );
}

#[tokio::test]
async fn a_misspelt_variable_and_an_impossible_name_are_refused() {
    let place = Place::new().await;
    let refused = place.run(&["validate", "--var", "db_hots=x"]);
    assert_eq!(refused.code, 10, "{}", refused.out);
    assert!(
        refused.err.contains("--var db_hots") && refused.err.contains("db_host"),
        "{}",
        refused.err
    );
    let refused = place.run(&["validate", "--stack-name", "Ann Smith"]);
    assert_eq!(refused.code, 10);
    assert!(
        refused.err.contains("--stack-name Ann Smith") && refused.err.contains("lower-case"),
        "{}",
        refused.err
    );
    assert_eq!(place.run(&["validate", "--stack-name", "ann"]).code, 0);
}
