//! The real `bootstrap` as a process, driven over a Lambda Runtime API.

use super::{
    http::{self, Request, Response},
    tether,
};
use serde_json::Value;
use std::{
    collections::{HashMap, VecDeque},
    ffi::OsString,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
    time::{Duration, SystemTime},
};

/// The function's time limit: API Gateway's callers see what happens within it.
const LIMIT: Duration = Duration::from_secs(10);

/// One execution environment.
pub(crate) struct Function {
    process: Child,
    queue: Arc<Queue>,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

/// What API Gateway would get.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u64,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    next_id: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(String, Vec<u8>, Duration)>,
    running: HashMap<String, Sender<Result<Vec<u8>, String>>>,
    /// Whether the function has asked for an invocation: its start is over.
    is_ready: bool,
    has_ended: bool,
}

impl Function {
    /// Starts the process with these variables and no others but those that Lambda sets.
    pub(crate) fn start(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::start_program(&[bootstrap().into()], settings)
    }

    /// Starts another program than `bootstrap`, with its arguments, in the same way.
    pub(crate) fn start_program(
        program: &[OsString],
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        let served = Arc::clone(&queue);
        let api = http::serve(move |request| served.answer(&request));
        let mut process = tether::spawn(command(program, api, settings));
        let log = Arc::new(Log::default());
        let (output, lines) = (process.stdout.take().unwrap(), Arc::clone(&log));
        let ended = Arc::clone(&queue);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lines.lines.lock().unwrap().push(line);
                lines.changed.notify_all();
            }
            ended.end();
        });
        Self {
            process,
            queue,
            log,
        }
    }

    /// Waits until it asks for its first invocation.
    pub(crate) fn wait_until_ready(&self) {
        let state = self.queue.state.lock().unwrap();
        let waiting = |state: &mut State| !state.is_ready && !state.has_ended;
        let waited = self
            .queue
            .changed
            .wait_timeout_while(state, Duration::from_secs(20), waiting);
        assert!(
            waited.unwrap().0.is_ready,
            "the function does not start: {:#?}",
            self.log()
        );
    }

    /// Invokes it with an event of API Gateway.
    pub(crate) fn invoke(&self, event: &Value) -> Reply {
        self.invoke_raw(event.to_string().into_bytes())
    }

    pub(crate) fn invoke_raw(&self, event: Vec<u8>) -> Reply {
        self.invoke_within(event, LIMIT)
    }

    /// Invokes it with the given time limit. An error of the runtime, which API Gateway would
    /// turn into 502, fails the test.
    pub(crate) fn invoke_within(&self, event: Vec<u8>, limit: Duration) -> Reply {
        Reply::read(&self.run(event, limit))
    }

    /// What goes back to a user pool.
    pub(crate) fn hear(&self, event: &Value) -> Value {
        serde_json::from_slice(&self.run(event.to_string().into_bytes(), LIMIT)).unwrap()
    }

    fn run(&self, event: Vec<u8>, limit: Duration) -> Vec<u8> {
        let (sender, receiver) = channel();
        let id = format!(
            "request-{}",
            self.queue.next_id.fetch_add(1, Ordering::Relaxed)
        );
        let mut state = self.queue.state.lock().unwrap();
        assert!(
            !state.has_ended,
            "the function has ended: {:#?}",
            self.log()
        );
        state.running.insert(id.clone(), sender);
        state.waiting.push_back((id, event, limit));
        drop(state);
        self.queue.changed.notify_all();
        match receiver.recv_timeout(Duration::from_secs(60)) {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => panic!("the runtime failed: {error}"),
            Err(_) => panic!("no answer: {:#?}", self.log()),
        }
    }

    /// What it logged, a line each, the line of every request answered so far included.
    pub(crate) fn log(&self) -> Vec<String> {
        let answered = self.queue.next_id.load(Ordering::Relaxed);
        let is_behind = |lines: &mut Vec<String>| {
            let requests = lines
                .iter()
                .filter(|line| line.contains("\"request_id\""))
                .count();
            u64::try_from(requests).unwrap() < answered
        };
        let lines = self.log.lines.lock().unwrap();
        let waited = self
            .log
            .changed
            .wait_timeout_while(lines, Duration::from_secs(5), is_behind);
        waited.unwrap().0.clone()
    }

    /// The most memory that it had at once, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The `bootstrap` to run: cargo's, or that of the variable `HANDLER_BOOTSTRAP`.
pub(crate) fn bootstrap() -> PathBuf {
    std::env::var_os("HANDLER_BOOTSTRAP")
        .map_or(env!("CARGO_BIN_EXE_bootstrap").into(), PathBuf::from)
}

fn command(
    program: &[OsString],
    api: SocketAddr,
    settings: impl IntoIterator<Item = (String, String)>,
) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).args(program);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command.envs([
        ("AWS_LAMBDA_RUNTIME_API", api.to_string().as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "users"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_REGION", "ap-southeast-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ]);
    command.envs(settings);
    command
}

impl Queue {
    fn answer(&self, request: &Request) -> Response {
        let path = request
            .path
            .strip_prefix("/2018-06-01/runtime/")
            .unwrap_or_default();
        let words: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), words.as_slice()) {
            ("GET", ["invocation", "next"]) => self.next(),
            ("POST", ["invocation", id, "response"]) => self.done(id, Ok(request.body.clone())),
            ("POST", ["invocation", id, "error"]) => {
                self.done(id, Err(String::from_utf8_lossy(&request.body).into_owned()))
            }
            _ => Response {
                status: 404,
                headers: vec![],
                body: vec![],
            },
        }
    }

    /// Waits for an invocation, as Lambda's own does.
    fn next(&self) -> Response {
        let mut state = self.state.lock().unwrap();
        state.is_ready = true;
        self.changed.notify_all();
        let state = self
            .changed
            .wait_while(state, |it| it.waiting.is_empty() && !it.has_ended);
        let (id, body, limit) = state.unwrap().waiting.pop_front().unwrap_or_default();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let headers = vec![
            ("lambda-runtime-aws-request-id", id),
            (
                "lambda-runtime-deadline-ms",
                (now + limit).as_millis().to_string(),
            ),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:::function:users".to_owned(),
            ),
        ];
        Response {
            status: 200,
            headers,
            body,
        }
    }

    fn done(&self, id: &str, result: Result<Vec<u8>, String>) -> Response {
        let sender = self
            .state
            .lock()
            .unwrap()
            .running
            .remove(id)
            .expect("a running invocation");
        let _ = sender.send(result);
        Response {
            status: 202,
            headers: vec![],
            body: vec![],
        }
    }

    /// Lets everybody know that the process is gone: nobody waits for an answer any more.
    fn end(&self) {
        let mut state = self.state.lock().unwrap();
        state.has_ended = true;
        state.running.clear();
        drop(state);
        self.changed.notify_all();
    }
}

impl Reply {
    /// Takes what API Gateway would take, and checks what every answer of the API has.
    fn read(reply: &[u8]) -> Self {
        let reply: Value = serde_json::from_slice(reply).unwrap();
        assert_eq!(reply["isBase64Encoded"], false, "{reply}");
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        let headers: HashMap<String, String> =
            serde_json::from_value(reply["headers"].clone()).unwrap();
        assert_eq!(headers["Content-Type"], "application/json");
        assert_eq!(
            headers["Access-Control-Allow-Methods"],
            "GET,POST,PUT,DELETE,OPTIONS"
        );
        let status = reply["statusCode"].as_u64().unwrap();
        assert_eq!(body["success"], status < 300, "{status} {body}");
        assert!(status < 300 || body["error"].is_string(), "{status} {body}");
        Self {
            status,
            headers,
            body,
        }
    }

    /// The reason in the envelope.
    pub(crate) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}
