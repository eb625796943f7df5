//! The HTTP client that answers from memory.

use crate::{
    answer::Dice,
    call::{Answer, Call},
    clock::Clock,
    cloud::{Cloud, Ticket},
    model::{Models, Protocol},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use serde_json::Value;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// An account in memory; clones are the same one.
#[derive(Clone)]
pub struct Memory {
    models: &'static Models,
    clock: Clock,
    cloud: Arc<Mutex<Cloud>>,
}

impl Memory {
    pub fn new(models: &'static Models, clock: Clock, cloud: Cloud) -> Self {
        Self {
            models,
            clock,
            cloud: Arc::new(Mutex::new(cloud)),
        }
    }

    /// What is there now.
    pub fn cloud(&self) -> MutexGuard<'_, Cloud> {
        let mut cloud = self.cloud.lock().expect("no panic while held");
        cloud.at(self.clock.elapsed());
        cloud
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(call) = Call::of(self.models, &request) else {
            let what = format!(
                "{} {} is no request of a service's",
                request.method(),
                request.uri()
            );
            return Err(ConnectorError::other(what.into(), None));
        };
        let protocol = self
            .models
            .service(&call.service)
            .map_or(Protocol::Json, |it| it.protocol);
        let (arrived, latency) = {
            let mut cloud = self.cloud();
            (cloud.arrive(self.models, &call), cloud.strict.latency)
        };
        let answer = match arrived {
            Ok(ticket) => {
                let mut sent = Sent {
                    memory: &self,
                    call: &call,
                    ticket: Some(ticket),
                };
                self.pass(latency).await;
                sent.settle().expect("it has not settled yet")
            }
            Err(refusal) => {
                self.pass(latency).await;
                Err(refusal)
            }
        };
        let (answer, status) = (
            self.shown(&call, answer),
            self.models.status(&call.service, &call.operation),
        );
        Ok(call.reply(protocol, status, &answer))
    }

    /// The answer as it goes out: checked against the model, and varied where that is wanted.
    fn shown(&self, call: &Call, answer: Answer) -> Answer {
        let tree = answer?;
        let mut cloud = self.cloud();
        let (checks, varied) = (cloud.strict.model, cloud.strict.varied);
        if checks {
            let faults = self
                .models
                .answer_faults(&call.service, &call.operation, &tree);
            let faults = faults
                .iter()
                .map(|it| format!("{} answered: {it}", call.name()));
            cloud.wrongs.extend(faults);
        }
        let Some(seed) = varied else { return Ok(tree) };
        let about = format!("{} {}", call.name(), Value::Object(call.input.clone()));
        Ok(self.models.varied(
            &call.service,
            &call.operation,
            &tree,
            &mut Dice::new(seed, &about),
        ))
    }

    async fn pass(&self, latency: Duration) {
        if !latency.is_zero() {
            self.clock.wait(latency).await;
        }
    }
}

/// A request on its way: it takes effect also when nobody waits for the answer any more.
struct Sent<'a> {
    memory: &'a Memory,
    call: &'a Call,
    ticket: Option<Ticket>,
}

impl Sent<'_> {
    fn settle(&mut self) -> Option<Answer> {
        let ticket = self.ticket.take()?;
        Some(self.memory.cloud().settle(self.call, ticket))
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        self.settle();
    }
}

impl HttpClient for Memory {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().answer(request))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}
