//! Crashes, lost replies and refused connections: the next apply goes on from there, and nothing
//! is ever there twice.

use crate::support::{self, clock::hurry, story::Story, wire::Verdict};
use futures::future::join_all;
use std::{process::Stdio, time::Duration};

/// What there may be only one of, counted past wsctl's own eyes.
async fn counts(story: &Story) -> (usize, Vec<String>, usize, usize) {
    let aws = &story.aws;
    let pools = aws
        .cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap();
    let mut clients = vec![];
    for pool in pools.user_pools() {
        let list = aws
            .cognito
            .list_user_pool_clients()
            .user_pool_id(pool.id().unwrap())
            .max_results(60);
        let list = list.send().await.unwrap();
        clients.extend(
            list.user_pool_clients()
                .iter()
                .map(|it| it.client_name().unwrap().to_owned()),
        );
    }
    let apis = aws
        .apigateway
        .get_rest_apis()
        .limit(500)
        .send()
        .await
        .unwrap();
    let mut deployments = 0;
    for api in apis.items() {
        let list = aws
            .apigateway
            .get_deployments()
            .rest_api_id(api.id().unwrap())
            .send()
            .await
            .unwrap();
        deployments += list.items().len();
    }
    (
        pools.user_pools().len(),
        clients,
        apis.items().len(),
        deployments,
    )
}

async fn is_whole(story: &Story) {
    story.plan_is_empty().await;
    assert_eq!(
        counts(story).await,
        (1, vec!["workshop-cognito-SPA".to_owned()], 1, 1)
    );
}

/// Runs the real program on this account and kills it after `pause`.
async fn killed(story: &Story, pause: Duration) {
    let folder = story.folder();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_wsctl"))
        .args([
            "apply",
            "--yes",
            "--endpoint-url",
            support::ministack().await,
        ])
        .current_dir(folder.path())
        .env("AWS_ACCESS_KEY_ID", &story.account)
        .env("AWS_SECRET_ACCESS_KEY", support::key())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // A crash at a random moment is what is tested: there is no condition to wait for.
    tokio::time::sleep(pause).await;
    let _ = child.start_kill();
    child.wait().await.unwrap();
}

#[tokio::test]
async fn a_process_killed_at_20_moments_of_an_apply_leaves_nothing_that_apply_cannot_finish() {
    let moments: Vec<u64> = (1..=20).map(|moment| moment * 90).collect();
    for few in moments.chunks(4) {
        let runs = few.iter().map(|moment| async move {
            let story = Story::workshop().await;
            killed(&story, Duration::from_millis(*moment)).await;
            story.apply().await;
            is_whole(&story).await;
        });
        join_all(runs).await;
    }
}

/// Applies with every n-th write answered by `verdict`, then without, for n = 1, 2, ….
async fn survives(verdict: fn() -> Verdict, positions: impl IntoIterator<Item = usize>) {
    hurry();
    for position in positions {
        let story = Story::workshop().await;
        let mut seen = 0;
        story.wire.on(move |asked| {
            seen += usize::from(asked.writes());
            if asked.writes() && seen == position {
                verdict()
            } else {
                Verdict::Pass
            }
        });
        let _ = story.try_apply().await;
        story.wire.on(|_| Verdict::Pass);
        story.apply().await;
        is_whole(&story).await;
    }
}

#[tokio::test]
async fn a_lost_reply_at_any_write_makes_nothing_twice() {
    survives(|| Verdict::LoseReply, (1..=37).step_by(2)).await;
}

#[tokio::test]
async fn a_server_error_at_any_write_is_got_over() {
    let error = || {
        Verdict::Answer(
            500,
            "{\"__type\":\"InternalErrorException\"}".into(),
            vec![],
        )
    };
    survives(error, (2..=37).step_by(3)).await;
}

#[tokio::test]
async fn a_refused_connection_at_any_write_is_got_over() {
    survives(|| Verdict::RefuseConnection, (1..=37).step_by(5)).await;
}

#[tokio::test]
async fn a_destroy_that_is_cut_off_is_finished_by_the_next() {
    hurry();
    for position in [1, 3, 5, 7] {
        let story = Story::workshop().await;
        story.apply().await;
        let mut seen = 0;
        story.wire.on(move |asked| {
            seen += usize::from(asked.writes());
            if asked.writes() && seen >= position {
                Verdict::RefuseConnection
            } else {
                Verdict::Pass
            }
        });
        let _ = story.try_destroy().await;
        story.wire.on(|_| Verdict::Pass);
        story.destroy().await;
        assert!(story.owned().await.is_empty());
    }
}

#[tokio::test]
async fn ctrl_c_finishes_what_is_under_way_and_apply_goes_on_from_there() {
    let story = Story::workshop().await;
    let folder = story.folder();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_wsctl"))
        .args([
            "apply",
            "--yes",
            "--endpoint-url",
            support::ministack().await,
        ])
        .current_dir(folder.path())
        .env("AWS_ACCESS_KEY_ID", &story.account)
        .env("AWS_SECRET_ACCESS_KEY", support::key())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stderr.take().unwrap()));
    let mut said = vec![];
    // The function takes a second to become active: at the third step it is under way.
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("[3/") {
            let pid = rustix::process::Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        }
        said.push(line);
    }
    assert_eq!(child.wait().await.unwrap().code(), Some(130), "{said:#?}");
    assert!(
        said.iter().any(|line| line.contains("not tried: stopped")),
        "{said:#?}"
    );
    story.apply().await;
    is_whole(&story).await;
}
