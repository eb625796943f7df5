//! What several test files share: emulators that end with the tests, and a wire that sees and
//! breaks requests.

#![expect(dead_code, reason = "each test file uses a part of this")]

pub(crate) mod bench;
pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod deviations;
pub(crate) mod http;
pub(crate) mod memory;
mod moto;
pub(crate) mod npm;
pub(crate) mod place;
pub(crate) mod program;
pub(crate) mod samples;
pub(crate) mod sandbox;
pub(crate) mod script;
pub(crate) mod story;
pub(crate) mod totp;
pub(crate) mod user;
pub(crate) mod wire;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use wsctl::{
    aws::{Aws, Credentials, Target, emulators_keys},
    sandbox::{Host, Sandbox, Tethered},
};

/// Whether everything is tried that could be, as each night, and not a part of it (docs/decisions/0047).
pub(crate) fn is_thorough() -> bool {
    std::env::var_os("WSCTL_THOROUGH").is_some()
}

pub(crate) const REGION: &str = "eu-west-1";

/// The endpoint of the one MiniStack of this test process. It ends with the process, also after
/// a panic or a kill.
pub(crate) async fn ministack() -> &'static str {
    &MINISTACK.get_or_init(start).await.running.endpoint_url
}

/// What signs its requests, once it runs.
pub(crate) fn key() -> &'static str {
    MINISTACK
        .get()
        .expect("MiniStack was started")
        .running
        .keys
        .secret_access_key()
}

static MINISTACK: OnceCell<Tethered> = OnceCell::const_new();

async fn start() -> Tethered {
    let host = Host::from_env().unwrap();
    let sandbox = Sandbox::within(&folder("ministack"), host).unwrap();
    sandbox
        .start_tethered(&|what| eprintln!("{what}"))
        .await
        .unwrap()
}

/// The endpoint of the one moto of this test process, which ends likewise. Its accounts are told
/// apart by the header of [`wire::Wire::in_moto_account`] only, not by the access key.
pub(crate) async fn moto() -> &'static str {
    moto::endpoint().await
}

/// An account of MiniStack that no other test of this process has.
pub(crate) fn account() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(100_000_000_001);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

/// MiniStack's account of requests without a signature, such as a call of a deployed API.
pub(crate) const UNSIGNED: &str = "000000000000";

/// One test of a program at a time has that account for itself, until it drops this.
pub(crate) async fn alone_in_unsigned() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// Clients of an empty account of MiniStack.
pub(crate) async fn aws() -> Arc<Aws> {
    connect(account(), None).await
}

/// Clients of this account of MiniStack, over this wire if one is given.
pub(crate) async fn connect(account: String, http_client: Option<SharedHttpClient>) -> Arc<Aws> {
    let endpoint_url = Some(ministack().await.to_owned());
    let credentials = Credentials::Emulator(emulators_keys(&account, key()));
    let region = REGION.to_owned();
    let clock = clock::of_tests();
    let target = Target {
        region,
        endpoint_url,
        credentials,
        http_client,
        clock,
        ..Target::default()
    };
    Arc::new(Aws::connect(target).await)
}

/// A folder for this process's emulator, under `target`. Earlier processes left theirs: those
/// older than an hour go.
fn folder(name: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emulators");
    let old = |path: &Path| {
        let age = path
            .metadata()
            .and_then(|it| it.modified())
            .ok()
            .and_then(|it| it.elapsed().ok());
        age.is_some_and(|age| age > Duration::from_secs(3600))
    };
    for entry in fs::read_dir(&all)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|it| old(&it.path()))
    {
        let _ = fs::remove_dir_all(entry.path());
    }
    let folder = all.join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
