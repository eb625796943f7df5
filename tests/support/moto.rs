//! moto, the second emulator: what two of them agree on is less likely a quirk of one.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;
use wsctl::sandbox::{Host, Venv};

const MOTO: Venv = Venv {
    name: "moto-5.2.5",
    requirements: include_str!("moto.txt"),
};

/// Serves at the port given until standard input ends, which it does with the test process.
const LAUNCHER: &str = "
import os, sys, threading
def end_with_starter():
    while os.read(0, 1): pass
    os._exit(0)
threading.Thread(target=end_with_starter, daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', sys.argv[1]])
";

/// Where its botocore keeps the services' published models.
pub(super) async fn botocore() -> PathBuf {
    let host = Host::from_env().unwrap();
    let venv = MOTO
        .install(&host, &|what| eprintln!("{what}"))
        .await
        .unwrap();
    let libraries = std::fs::read_dir(venv.join("lib"))
        .unwrap()
        .flatten()
        .map(|it| it.path());
    let data = libraries
        .map(|it| it.join("site-packages/botocore/data"))
        .find(|it| it.is_dir());
    data.expect("botocore's data")
}

struct Moto {
    endpoint_url: String,
    _child: Child,
}

pub(crate) async fn endpoint() -> &'static str {
    static RUNNING: OnceCell<Moto> = OnceCell::const_new();
    &RUNNING.get_or_init(start).await.endpoint_url
}

/// A Python that has boto3.
pub(crate) async fn python() -> PathBuf {
    let host = Host::from_env().unwrap();
    MOTO.install(&host, &|what| eprintln!("{what}"))
        .await
        .unwrap()
        .join("bin/python")
}

async fn start() -> Moto {
    let python = python().await;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(python);
    command
        .args(["-I", "-B", "-c", LAUNCHER, &port.to_string()])
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
    let log = std::fs::File::create(super::folder("moto").join("moto.log")).unwrap();
    command
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .is_err()
    {
        assert!(child.try_wait().unwrap().is_none(), "moto ended at once");
        assert!(Instant::now() < deadline, "moto did not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Moto {
        endpoint_url: format!("http://127.0.0.1:{port}"),
        _child: child,
    }
}
