//! Two applies of one stack at once: one works, the other waits or is refused; and no lock stays.

use crate::support::{
    self,
    program::{Place, Run},
    wire::{Verdict, Wire},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
    panic::AssertUnwindSafe,
    process::{Child, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use wsctl::{
    aws::{Aws, Lock, Purpose},
    engine,
};

const GROUP: &str = "/wsctl/lock/workshop";

/// Somebody else's lock.
async fn lock_for_ann(aws: &Aws) {
    let tags = [
        ("wsctl:lock", "1"),
        ("wsctl:lock-holder", "ann@laptop"),
        ("wsctl:lock-process", "7/1/far"),
    ];
    let tags: HashMap<_, _> = tags
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    aws.logs
        .create_log_group()
        .log_group_name(GROUP)
        .set_tags(Some(tags))
        .send()
        .await
        .unwrap();
}

async fn is_locked(aws: &Aws) -> bool {
    let list = aws
        .logs
        .describe_log_groups()
        .log_group_name_prefix(GROUP)
        .send()
        .await
        .unwrap();
    !list.log_groups().is_empty()
}

/// How many there are of what could be there twice: pools, clients, APIs, deployments.
async fn counts(aws: &Aws) -> [usize; 4] {
    let mut counts = [0; 4];
    for pool in aws
        .cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap()
        .user_pools()
    {
        let clients = aws
            .cognito
            .list_user_pool_clients()
            .user_pool_id(pool.id().unwrap())
            .max_results(60);
        counts[0] += 1;
        counts[1] += clients.send().await.unwrap().user_pool_clients().len();
    }
    for api in aws
        .apigateway
        .get_rest_apis()
        .limit(500)
        .send()
        .await
        .unwrap()
        .items()
    {
        let deployments = aws
            .apigateway
            .get_deployments()
            .rest_api_id(api.id().unwrap());
        counts[2] += 1;
        counts[3] += deployments.send().await.unwrap().items().len();
    }
    counts
}

fn start(place: &Place, arguments: &[&str]) -> Child {
    let mut command = place.command(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads the program's stderr until a line has `words`; what was read.
fn read_until(child: &mut Child, words: &str) -> String {
    let mut read = String::new();
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap());
    while !read.contains(words) {
        assert!(
            lines.read_line(&mut read).unwrap() > 0,
            "no {words:?} in {read}"
        );
    }
    read
}

#[tokio::test]
async fn an_apply_while_another_is_under_way_is_refused_and_told_who_it_is() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    lock_for_ann(&aws).await;
    let refused = place.run(&["apply", "--yes"]);
    assert_eq!(refused.code, 13, "{}", refused.err);
    for words in [
        "being changed by ann@laptop, process 7, since 20",
        "--lock-wait",
        "wsctl unlock",
    ] {
        assert!(
            refused.err.contains(words),
            "no {words:?} in {}",
            refused.err
        );
    }
    assert_eq!(counts(&aws).await, [0; 4]);
    assert_eq!(place.run(&["plan"]).code, 0, "a plan needs no lock");
    assert!(is_locked(&aws).await, "it is ann's to give back");
}

#[tokio::test]
async fn an_apply_that_waits_goes_on_when_the_lock_is_given_back() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    lock_for_ann(&aws).await;
    let mut waiting = start(&place, &["apply", "--yes", "--lock-wait", "2m"]);
    read_until(
        &mut waiting,
        "waiting: stack workshop is being changed by ann@laptop",
    );
    aws.logs
        .delete_log_group()
        .log_group_name(GROUP)
        .send()
        .await
        .unwrap();
    let applied = Run::from(waiting.wait_with_output().unwrap());
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert_eq!(counts(&aws).await, [1; 4]);
    assert!(!is_locked(&aws).await);
}

#[tokio::test]
async fn unlock_says_whose_lock_it_is_and_removes_it_only_when_told_to() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    assert!(
        place
            .run(&["unlock"])
            .out
            .contains("stack workshop is not locked")
    );
    lock_for_ann(&aws).await;
    let asked = place.run(&["unlock"]);
    assert_eq!(asked.code, 14);
    assert!(
        asked.err.contains("ann@laptop") && asked.err.contains("no terminal"),
        "{}",
        asked.err
    );
    assert!(is_locked(&aws).await);
    let unlocked = place.run(&["unlock", "--yes", "--json"]);
    assert_eq!(
        (unlocked.code, &unlocked.json()["removed"]),
        (0, &true.into())
    );
    assert!(!is_locked(&aws).await);
}

#[tokio::test]
async fn unlock_refuses_while_the_holder_lives_on_this_machine() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    let mut child = start(&place, &["apply", "--yes"]);
    read_until(&mut child, "[1/");
    // It holds the lock and does nothing more.
    kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
    let refused = place.run(&["unlock", "--yes"]);
    assert_eq!(refused.code, 14, "{}", refused.out);
    assert!(
        refused.err.contains(&format!(
            "process {} of this machine still runs",
            child.id()
        )),
        "{}",
        refused.err
    );
    assert!(is_locked(&aws).await);
    child.kill().unwrap();
    child.wait().unwrap();
    let unlocked = place.run(&["unlock", "--yes"]);
    assert_eq!(unlocked.code, 0, "{}", unlocked.err);
    assert!(!is_locked(&aws).await);
}

#[tokio::test]
async fn the_lock_adds_four_requests_to_a_new_stacks_46_and_none_where_nothing_changes() {
    let place = Place::new().await;
    let applied = place.run(&["apply", "--yes", "-v"]);
    let told = |run: &Run| {
        run.err
            .lines()
            .find(|line| line.contains(" requests: "))
            .unwrap()
            .to_owned()
    };
    let numbers = |run: &Run| -> Vec<usize> {
        told(run)
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|it| it.parse().ok())
            .collect()
    };
    let all = numbers(&applied);
    // Made, looked at and deleted. The fourth is a look at the tagging API without the lock: whether to
    // take it at once.
    assert!(all[0] <= 50 && all[2..] == [15, 3], "{}", applied.err);
    let again = place.run(&["apply", "--yes", "-v"]);
    let all = numbers(&again);
    assert!(all[0] <= 23 && all[2..] == [0, 0], "{}", again.err);
    place.edit("minimum_length = 8", "minimum_length = 9");
    let updated = place.run(&["apply", "--yes", "-v"]);
    assert_eq!(
        numbers(&updated)[2..],
        [1, 3],
        "one write, and the lock's: {}",
        updated.err
    );
    assert!(
        numbers(&updated)[0] <= 29,
        "one look, and one read of what was changed: {}",
        updated.err
    );
}

#[tokio::test]
async fn a_lock_whose_holder_was_killed_is_taken_over_on_the_same_machine() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    let mut child = start(&place, &["apply", "--yes"]);
    read_until(&mut child, "[3/");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_locked(&aws).await);
    let applied = place.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert!(
        applied
            .err
            .contains("taking over from a dead process: stack workshop"),
        "{}",
        applied.err
    );
    assert_eq!(counts(&aws).await, [1; 4]);
    assert!(!is_locked(&aws).await);
}

/// The tags of the lock that is there.
async fn tags_of_lock(aws: &Aws) -> HashMap<String, String> {
    let list = aws
        .logs
        .describe_log_groups()
        .log_group_name_prefix(GROUP)
        .send()
        .await
        .unwrap();
    let arn = list.log_groups()[0]
        .arn()
        .unwrap()
        .trim_end_matches(":*")
        .to_owned();
    aws.logs
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap()
}

async fn lock_with(aws: &Aws, tags: HashMap<String, String>) {
    aws.logs
        .create_log_group()
        .log_group_name(GROUP)
        .set_tags(Some(tags))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_dead_processs_lock_is_seen_by_list_and_removed_by_sweep_and_destroy() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    let mut child = start(&place, &["apply", "--yes"]);
    read_until(&mut child, "[3/");
    child.kill().unwrap();
    child.wait().unwrap();
    let tags = tags_of_lock(&aws).await;

    let listed = place.run(&["list"]);
    assert!(
        listed.out.contains("that process is dead"),
        "{}{}",
        listed.out,
        listed.err
    );
    let listed = &place.run(&["list", "--json"]).json()["stacks"];
    assert_eq!(
        (&listed[0]["name"], &listed[0]["lock"]["is_dead"]),
        (&"workshop".into(), &true.into())
    );
    let swept = place.run(&["sweep", "--yes", "--json"]);
    assert_eq!(swept.code, 0, "{}", swept.err);
    assert_eq!(swept.json()["swept"][0]["name"], GROUP);
    assert!(!is_locked(&aws).await);

    lock_with(&aws, tags.clone()).await;
    let destroyed = place.run(&["destroy", "--yes", "--lift-deletion-protection"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    assert!(!is_locked(&aws).await);

    // Nothing is left but the lock.
    lock_with(&aws, tags.clone()).await;
    assert!(place.run(&["list"]).out.contains("workshop"));
    let destroyed = place.run(&["destroy", "--yes"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    assert!(
        destroyed.out.contains("Nothing of the stack is left."),
        "{}",
        destroyed.out
    );
    assert!(!is_locked(&aws).await);
}

#[tokio::test]
async fn a_lock_whose_holder_may_be_alive_is_never_removed_by_sweep_or_destroy() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    lock_for_ann(&aws).await;
    let listed = place.run(&["list"]);
    assert!(
        listed.out.contains("ann@laptop") && listed.out.contains("wsctl unlock"),
        "{}",
        listed.out
    );
    let swept = place.run(&["sweep", "--yes"]);
    assert_eq!(swept.code, 0, "{}", swept.err);
    let named = place.run(&["sweep", GROUP, "--yes"]);
    assert_eq!(named.code, 10, "{}", named.out);
    let destroyed = place.run(&["destroy", "--yes"]);
    assert_eq!(destroyed.code, 14, "{}", destroyed.out);
    assert!(destroyed.err.contains("ann@laptop"), "{}", destroyed.err);
    assert!(
        !destroyed.out.contains("Nothing of the stack is left."),
        "{}",
        destroyed.out
    );
    assert!(is_locked(&aws).await);
}

#[tokio::test]
async fn ctrl_c_a_request_to_end_and_a_closed_terminal_give_the_lock_back() {
    // Where the tests themselves were started to outlive their terminal, so is wsctl.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .unwrap();
    let hears_hangup = u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 0;
    let signals = [Signal::INT, Signal::TERM]
        .into_iter()
        .chain(hears_hangup.then_some(Signal::HUP));
    for signal in signals {
        let place = Place::new().await;
        let aws = support::connect(place.account.clone(), None).await;
        let mut child = start(&place, &["apply", "--yes"]);
        read_until(&mut child, "[3/");
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        child
            .stderr
            .as_mut()
            .unwrap()
            .read_to_string(&mut rest)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
        assert!(rest.contains("of 23 steps are done"), "{rest}");
        assert!(!is_locked(&aws).await, "{rest}");
    }
}

#[tokio::test]
async fn two_or_three_applies_at_once_make_nothing_twice_and_each_ends_or_is_refused() {
    for seed in 0..6 {
        let mut random = SmallRng::seed_from_u64(seed);
        let place = Place::new().await;
        let aws = support::connect(place.account.clone(), None).await;
        let children: Vec<_> = (0..2 + seed % 2)
            .map(|_| {
                std::thread::sleep(Duration::from_millis(random.random_range(0..400)));
                start(&place, &["apply", "--yes"])
            })
            .collect();
        let runs: Vec<_> = children
            .into_iter()
            .map(|it| Run::from(it.wait_with_output().unwrap()))
            .collect();
        let is_clear =
            |run: &Run| run.code == 0 || run.err.contains("stack workshop is being changed by ");
        assert!(
            runs.iter().all(is_clear),
            "seed {seed}: {:#?}",
            runs.iter().map(|it| &it.err).collect::<Vec<_>>()
        );
        assert!(
            runs.iter().any(|run| run.code == 0),
            "seed {seed}: none was done"
        );
        assert_eq!(counts(&aws).await, [1; 4], "seed {seed}");
        assert!(!is_locked(&aws).await, "seed {seed}");
    }
}

/// An account whose requests the test sees and breaks.
async fn wired() -> (Arc<Aws>, Wire) {
    wired_to(support::account()).await
}

async fn wired_to(account: String) -> (Arc<Aws>, Wire) {
    let (wire, client) = Wire::new();
    (support::connect(account, Some(client)).await, wire)
}

async fn take(aws: &Arc<Aws>) -> wsctl::error::Result<Lock> {
    let (_keep, interrupt) = watch::channel(false);
    Lock::take(Arc::clone(aws), "workshop", Duration::ZERO, &interrupt).await
}

#[tokio::test]
async fn a_lock_whose_reply_was_lost_is_known_by_its_token() {
    let (aws, wire) = wired().await;
    let mut is_first = true;
    wire.on(move |asked| {
        match asked.operation == "CreateLogGroup" && std::mem::take(&mut is_first) {
            true => Verdict::LoseReply,
            false => Verdict::Pass,
        }
    });
    let lock = take(&aws).await.unwrap();
    assert!(
        take(&aws).await.is_err(),
        "another of this process is refused"
    );
    lock.release().await.unwrap();
    assert!(!is_locked(&aws).await);
    assert_eq!(aws.calls().of(Purpose::Write), 0);
}

#[tokio::test]
async fn a_lock_given_back_with_a_lost_reply_does_not_take_the_next_ones_along() {
    let account = support::account();
    let (aws, wire) = wired_to(account.clone()).await;
    let lock = take(&aws).await.unwrap();
    let mut is_first = true;
    wire.on(move |asked| {
        match asked.operation == "DeleteLogGroup" && std::mem::take(&mut is_first) {
            true => Verdict::LoseReply,
            false => Verdict::Pass,
        }
    });
    let other = support::connect(account, None).await;
    let next = async {
        while is_locked(&other).await {
            tokio::task::yield_now().await;
        }
        lock_for_ann(&other).await;
    };
    let (released, ()) = futures::join!(lock.release(), next);
    released.unwrap();
    let asked = wire.take();
    assert_eq!(
        asked
            .iter()
            .filter(|it| it.asked.operation == "DeleteLogGroup")
            .count(),
        1
    );
    assert!(is_locked(&other).await);
}

/// However young it is: somebody else's `wsctl unlock`, and the apply after it, need no time. Before and
/// after the account is known, and whatever the next one's holder wrote on it.
#[tokio::test]
async fn a_lock_that_was_taken_away_is_not_given_back_for_the_next_ones_holder() {
    let tags = |token: &str| HashMap::from([("wsctl:lock".to_owned(), token.to_owned())]);
    let next = [
        Some(tags("another")),
        Some(tags("")),
        Some(HashMap::new()),
        None,
    ];
    for (knows_account, next) in [false, true]
        .into_iter()
        .flat_map(|it| next.clone().map(|next| (it, next)))
    {
        let account = support::account();
        let (aws, wire) = wired_to(account.clone()).await;
        let other = support::connect(account, None).await;
        let lock = take(&aws).await.unwrap();
        if knows_account {
            wsctl::aws::Reads::new(Arc::clone(&aws), "workshop")
                .account()
                .await
                .unwrap();
        }
        wsctl::aws::Lock::clear(&other, "workshop")
            .await
            .unwrap()
            .unwrap()
            .remove(&other)
            .await
            .unwrap();
        match &next {
            // An owner of AWS's console names none.
            Some(tags) if tags.is_empty() => {
                other
                    .logs
                    .create_log_group()
                    .log_group_name(GROUP)
                    .send()
                    .await
                    .unwrap();
            }
            Some(tags) => lock_with(&other, tags.clone()).await,
            None => {}
        }
        wire.take();
        lock.release().await.unwrap();
        let asked = wire.take();
        assert!(
            asked
                .iter()
                .all(|it| it.asked.operation != "DeleteLogGroup"),
            "{next:?}"
        );
        assert_eq!(is_locked(&other).await, next.is_some(), "{next:?}");
    }
    // Its own, with one look where that is enough.
    for (knows_account, requests) in [(false, 3), (true, 2)] {
        let (aws, wire) = wired().await;
        let lock = take(&aws).await.unwrap();
        if knows_account {
            wsctl::aws::Reads::new(Arc::clone(&aws), "workshop")
                .account()
                .await
                .unwrap();
        }
        wire.take();
        lock.release().await.unwrap();
        assert_eq!(wire.take().len(), requests);
        assert!(!is_locked(&aws).await);
    }
}

#[tokio::test]
async fn errors_and_panics_give_the_lock_back() {
    let (aws, _wire) = wired().await;
    let (_keep, interrupt) = watch::channel(false);
    let fails = async { Err::<(), _>(wsctl::error::Error::input("no")) };
    let failed = engine::locked(&aws, "workshop", Duration::ZERO, &interrupt, fails).await;
    assert_eq!(failed.unwrap_err().message, "no");
    assert!(!is_locked(&aws).await);
    let panics = async { panic!("on purpose") };
    let work = engine::locked::<()>(&aws, "workshop", Duration::ZERO, &interrupt, panics);
    let panicked = futures::FutureExt::catch_unwind(AssertUnwindSafe(work)).await;
    assert!(panicked.is_err());
    assert!(!is_locked(&aws).await);
}
