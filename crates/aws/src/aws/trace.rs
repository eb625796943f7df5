//! What was asked of AWS and what it answered, one exchange a line, so that a report of a fault becomes
//! a test: `tests/recorded/` replays such a file.
//!
//! A line has `op` and `answer`, as botocore would show it, and beside them `service`, `request`,
//! `status`, `code` and `ms`. Secrets, people, addresses, account numbers and ids are masked, the same
//! value always by the same placeholder ([`mask::Mask`]); names, descriptions and tags stay.

mod exchange;
mod mask;
mod xml;

use crate::{
    error::{Context, Error, ErrorKind, Result},
    plain::plain,
};
use aws_smithy_runtime_api::client::{
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use exchange::Asked;
use mask::Mask;
use serde_json::{Value, json};
use std::{
    fmt,
    fs::{File, OpenOptions},
    future::Future,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

tokio::task_local! {
    static OPERATION: String;
}

/// Runs a request under the name of its operation, `apigateway:GetResources`: on the wire API
/// Gateway and Lambda have only paths.
pub(super) fn named<F: Future>(operation: &str, request: F) -> impl Future<Output = F::Output> {
    OPERATION.scope(operation.to_owned(), request)
}

/// Who sees the exchanges with AWS: a file, a person, or both.
pub struct Trace {
    path: PathBuf,
    shown: Option<Shown>,
    state: Mutex<State>,
}

/// How a person is told of each exchange.
#[derive(Clone, Copy)]
pub struct Shown {
    /// Whether with what was asked and answered, masked as in a file.
    pub bodies: bool,
    /// Takes one or more lines.
    pub tell: fn(&str),
}

struct State {
    file: Option<File>,
    mask: Mask,
    /// Why a line could not be written.
    failed: Option<String>,
}

impl Trace {
    /// Makes the file, for its owner alone. One that is there, a link included, is not written over.
    pub fn create(path: &Path) -> Result<Self> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let file = made.context(
            ErrorKind::Input,
            format!("--trace: cannot make {}", path.display()),
        );
        let file = file.map_err(|error| {
            error.hint("name a file that is not there yet, in a folder that is")
        })?;
        Ok(Self {
            path: path.to_owned(),
            ..Self::to(Some(file), None)
        })
    }

    /// Without a file.
    pub fn told(shown: Shown) -> Self {
        Self::to(None, Some(shown))
    }

    /// The same, with a person who is told too.
    pub fn and_told(self, shown: Shown) -> Self {
        Self {
            shown: Some(shown),
            ..self
        }
    }

    fn to(file: Option<File>, shown: Option<Shown>) -> Self {
        Self {
            path: PathBuf::new(),
            shown,
            state: Mutex::new(State {
                file,
                mask: Mask::default(),
                failed: None,
            }),
        }
    }

    /// Refuses to go on where a line could not be written: the trace would lack what comes next.
    pub fn check(&self) -> Result<()> {
        let state = self.state();
        let Some(why) = &state.failed else {
            return Ok(());
        };
        let message = format!("--trace: cannot write {}: {why}", self.path.display());
        Err(Error::new(ErrorKind::Input, message)
            .hint("make room there, or run the command without --trace"))
    }

    /// Says something of the requests to whoever is told of each.
    pub(super) fn say(&self, text: &str) {
        if let Some(Shown { tell, .. }) = self.shown {
            tell(&plain(text));
        }
    }

    /// Keeps a secret out of every line.
    pub(super) fn hide(&self, secret: &str) {
        self.state().mask.hide(secret);
    }

    /// The id of a request is AWS's own, by which its support finds it; it is told, and in no file.
    fn write(&self, mut line: Value, request_id: Option<&str>) {
        let mut state = self.state();
        state.mask.mask(&mut line);
        if let Some(file) = &mut state.file
            && let Err(error) = file.write_all(format!("{line}\n").as_bytes())
        {
            state.failed.get_or_insert_with(|| error.to_string());
        }
        drop(state);
        if let Some(Shown { bodies, tell }) = self.shown {
            tell(&as_told(&line, request_id, bodies));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while held")
    }
}

/// `cognito-idp DescribeUserPool: 200 in 35 ms, request 1a2b…`, and with `bodies` what was sent and came back.
fn as_told(line: &Value, request_id: Option<&str>, bodies: bool) -> String {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let came = match (line["status"].as_u64(), text("code")) {
        (Some(status), "") => status.to_string(),
        (Some(status), code) => format!("{status} {code}"),
        (None, _) => text("lost").to_owned(),
    };
    let id = request_id
        .map(|it| format!(", request {it}"))
        .unwrap_or_default();
    let head = format!(
        "{} {}: {came} in {} ms{id}",
        text("service"),
        text("op"),
        line["ms"]
    );
    let head = plain(&head).into_owned();
    match bodies {
        false => head,
        true => format!(
            "{head}\n  > {}\n  < {}",
            body(&line["request"]),
            body(&line["answer"])
        ),
    }
}

/// On one line, and not all of a long one.
fn body(tree: &Value) -> String {
    let text = plain(&tree.to_string()).into_owned();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Characters of a body that a person is shown.
const LONGEST: usize = 2000;

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({})", self.path.display())
    }
}

/// A request that is on its way. Dropped before it ended, it is one that was given up.
pub(super) struct Entry {
    trace: Arc<Trace>,
    asked: Asked,
    began: Instant,
    has_ended: bool,
}

impl Entry {
    pub(super) fn begin(trace: &Arc<Trace>, request: &HttpRequest) -> Self {
        let operation = OPERATION.try_with(Clone::clone).ok();
        let asked = Asked::of(operation, request);
        Self {
            trace: Arc::clone(trace),
            asked,
            began: Instant::now(),
            has_ended: false,
        }
    }

    pub(super) fn end(mut self, answer: &Result<HttpResponse, ConnectorError>) {
        self.has_ended = true;
        match answer {
            Ok(it) => self.write(exchange::answered(it), exchange::request_id(it)),
            Err(error) => self.write(exchange::lost(&crate::error::innermost(error)), None),
        }
    }

    fn write(&self, answer: Value, request_id: Option<&str>) {
        let Asked {
            service,
            operation,
            request,
        } = &self.asked;
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut line = json!({ "op": operation, "service": service, "ms": ms, "request": request });
        line.as_object_mut()
            .into_iter()
            .for_each(|it| it.extend(answer.as_object().cloned().unwrap_or_default()));
        self.trace.write(line, request_id);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.has_ended {
            self.write(exchange::lost("given up before an answer came"), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn the_file_is_its_owners_alone_and_takes_no_others_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        Trace::create(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Trace::create(&path).unwrap_err().hint.is_some());
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        symlink(&target, &link).unwrap();
        assert!(Trace::create(&link).is_err());
        assert!(!target.exists());
    }

    #[test]
    fn a_full_disk_is_an_error_before_the_next_request() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let trace = Trace {
            path: "/dev/full".into(),
            ..Trace::to(Some(full), None)
        };
        trace.check().unwrap();
        trace.write(json!({ "op": "GetRole" }), None);
        assert!(
            trace
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("--trace: cannot write /dev/full: ")
        );
    }
}
