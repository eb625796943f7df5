//! An endpoint that answers Cognito's operations from a script, for what the emulators never ask.

use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// An operation's name and what was sent.
type Asked = (String, Value);

pub(crate) struct Script {
    pub(crate) endpoint: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// Tokens, as every sign-in ends.
pub(crate) fn tokens() -> Value {
    json!({ "AuthenticationResult": {
        "IdToken": "the-id-token", "AccessToken": "the-access-token", "RefreshToken": "the-refresh-token",
        "ExpiresIn": 3600, "TokenType": "Bearer",
    } })
}

/// A challenge, as the reference of RespondToAuthChallenge has it.
pub(crate) fn challenge(name: &str, parameters: Value) -> Value {
    json!({ "ChallengeName": name, "Session": format!("session-of-{name}"), "ChallengeParameters": parameters })
}

/// A refusal with this code.
pub(crate) fn refusal(code: &str, message: &str) -> Value {
    json!({ "__type": code, "message": message })
}

impl Script {
    /// Gives these answers in their order, whatever is asked; the server ends with the process.
    pub(crate) fn of(answers: impl IntoIterator<Item = Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (asked, mut answers) = (
            Arc::<Mutex<Vec<_>>>::default(),
            answers.into_iter().collect::<VecDeque<_>>(),
        );
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else {
                    continue;
                };
                noted.lock().unwrap().push(request);
                let end = || refusal("InternalErrorException", "the script is over");
                write(stream, &answers.pop_front().unwrap_or_else(end));
            }
        });
        Self { endpoint, asked }
    }

    /// The operations that were asked for.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .map(|it| it.0.clone())
            .collect()
    }

    /// What was sent with the last request.
    pub(crate) fn last(&self) -> Value {
        self.asked.lock().unwrap().last().unwrap().1.clone()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .ok()
            .filter(|count| *count > 0)?;
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("x-amz-target") => {
                operation = value.split('.').next_back()?.to_owned();
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?
            }
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((operation, serde_json::from_slice(&body).ok()?))
}

fn write(mut stream: TcpStream, answer: &Value) {
    let status = if answer["__type"].is_string() {
        "400 Bad Request"
    } else {
        "200 OK"
    };
    let body = answer.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
}
