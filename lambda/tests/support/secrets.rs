//! A Secrets Manager that knows one secret.

use super::{
    SECRET,
    http::{self, Request, Response},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The server and what it holds.
pub(crate) struct Secrets {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    current: String,
    pending: Option<String>,
    is_down: bool,
    calls: usize,
}

impl Secrets {
    /// Holds the user and password, as the secrets that RDS makes do.
    pub(crate) fn start(user: &str, password: &str) -> Self {
        let state = State {
            current: login(user, password),
            pending: None,
            is_down: false,
            calls: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        let address = http::serve(move |request| served.lock().unwrap().answer(&request));
        Self {
            url: format!("http://{address}"),
            state,
        }
    }

    /// Makes this the secret's text.
    pub(crate) fn set(&self, text: &str) {
        self.state.lock().unwrap().current = text.to_owned();
    }

    /// Stages a new password, as the first step of a rotation does.
    pub(crate) fn stage(&self, user: &str, password: &str) {
        self.state.lock().unwrap().pending = Some(login(user, password));
    }

    /// Makes the staged password current: the last step of a rotation.
    pub(crate) fn finish(&self) {
        let mut state = self.state.lock().unwrap();
        if let Some(pending) = state.pending.take() {
            state.current = pending;
        }
    }

    /// From now on every call fails.
    pub(crate) fn go_down(&self) {
        self.state.lock().unwrap().is_down = true;
    }

    /// How often it was asked.
    pub(crate) fn calls(&self) -> usize {
        self.state.lock().unwrap().calls
    }
}

fn login(user: &str, password: &str) -> String {
    json!({ "username": user, "password": password }).to_string()
}

impl State {
    fn answer(&mut self, request: &Request) -> Response {
        self.calls += 1;
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        assert_eq!(
            request.header("x-amz-target"),
            Some("secretsmanager.GetSecretValue")
        );
        if self.is_down {
            return fault(500, "InternalServiceError");
        }
        let value = match asked["VersionStage"].as_str() {
            Some("AWSPENDING") => self.pending.clone(),
            _ => Some(self.current.clone()),
        };
        match value.filter(|_| asked["SecretId"] == SECRET) {
            None => fault(400, "ResourceNotFoundException"),
            Some(text) => respond(200, &json!({ "Name": SECRET, "SecretString": text })),
        }
    }
}

fn fault(status: u16, code: &str) -> Response {
    respond(status, &json!({ "__type": code, "Message": "no" }))
}

fn respond(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Response {
        status,
        headers,
        body: body.to_string().into_bytes(),
    }
}
