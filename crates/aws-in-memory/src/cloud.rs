//! One account in one region: plain data, to be cloned at any moment and gone on from there.

use crate::{
    answer::Dice,
    call::{Answer, Call, Refusal, refuse, refuse_with},
    cognito::{self, Cognito},
    doors::{self, Doors},
    gateway::{self, Gateway},
    guard,
    iam::{self, Iam},
    identity::{self, Identity},
    lambda::{self, Lambda},
    limits::Limits,
    logs::{self, Logs},
    model::Models,
    secrets::{self, Secrets},
    strict::Strict,
    tagging,
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// How many tags a resource can have, AWS's own apart (docs/aws.md §1.1).
pub(crate) const MOST_TAGS: usize = 50;

/// Everything there is.
#[derive(Clone, Default)]
pub struct Cloud {
    pub account: String,
    pub region: String,
    pub strict: Strict,
    pub(crate) now: Duration,
    pub(crate) cognito: Cognito,
    pub(crate) identity: Identity,
    pub(crate) gateway: Gateway,
    pub(crate) lambda: Lambda,
    pub(crate) logs: Logs,
    pub(crate) iam: Iam,
    pub(crate) secrets: Secrets,
    pub(crate) limits: Limits,
    pub(crate) doors: Doors,
    /// Deleted things that the tagging API still tells of, and until when.
    pub(crate) ghosts: Vec<(Duration, String, Tags)>,
    /// What is being written right now.
    busy: BTreeSet<String>,
    ids: u64,
    /// The only stack whose resources may be written, when that is watched.
    pub watched: Option<String>,
    /// Every write that took effect, where that is asked for.
    pub written: Option<Vec<Call>>,
    /// What a client must never do and did: wrote what is not its own, sent what no model allows.
    pub wrongs: Vec<String>,
}

/// A request that has arrived and not yet taken effect.
pub struct Ticket {
    busy: Option<String>,
    /// The function's policy as it was when the request arrived.
    policy: Option<Vec<Value>>,
}

impl Cloud {
    pub fn new(account: &str, region: &str, strict: Strict) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            strict,
            ..Self::default()
        }
    }

    /// How long its clock has been going.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Forgets who was writing: they are gone.
    pub fn hush(&mut self) {
        self.busy.clear();
    }

    /// Moves the clock; it never goes back.
    pub fn at(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// A request arrives.
    pub fn arrive(&mut self, models: &Models, call: &Call) -> Result<Ticket, Refusal> {
        if self.strict.model {
            let faults = models.faults(&call.service, &call.operation, &call.input);
            if !faults.is_empty() {
                let text = format!("{}: {}", call.name(), faults.join("; "));
                self.wrongs.push(text.clone());
                return refuse(invalid(&call.service), text);
            }
        }
        if self.strict.rates && !self.limits.take(call, self.now) {
            return too_fast(&call.service);
        }
        if let (Some(stack), true) = (self.watched.clone(), call.writes())
            && let Some(wrong) = guard::wrong(self, call, &stack)
        {
            self.wrongs.push(format!("{}: {wrong}", call.name()));
        }
        let lost = call.operation == "AddPermission";
        let policy = lost
            .then(|| lambda::policy(self, call.text("FunctionName")))
            .flatten();
        let busy = self
            .busy_with(call)
            .filter(|_| self.strict.concurrency && !lost);
        if let Some(key) = &busy
            && !self.busy.insert(key.clone())
        {
            return concurrent(&call.service);
        }
        Ok(Ticket { busy, policy })
    }

    /// The request takes effect.
    pub fn settle(&mut self, call: &Call, ticket: Ticket) -> Answer {
        if let Some(key) = ticket.busy {
            self.busy.remove(&key);
        }
        if let (true, Some(written)) = (call.writes(), &mut self.written) {
            written.push(call.clone());
        }
        let ignored = self
            .strict
            .ignores
            .as_ref()
            .filter(|it| it.operation == call.name());
        let deaf = ignored.map(|it| Call {
            input: it.without(&call.input),
            ..call.clone()
        });
        let call = deaf.as_ref().unwrap_or(call);
        if let Some(answer) = doors::answer(self, call) {
            return Ok(answer);
        }
        match call.service.as_str() {
            "cognito-idp" => cognito::answer(self, call),
            "cognito-identity" => identity::answer(self, call),
            "apigateway" => gateway::answer(self, call),
            "lambda" => lambda::answer(self, call, ticket.policy),
            "logs" => logs::answer(self, call),
            "iam" => iam::answer(self, call),
            "secretsmanager" => secrets::answer(self, call),
            "tagging" => tagging::answer(self, call),
            "sts" => Ok(
                json!({ "Account": self.account, "UserId": "AIDA", "Arn": self.arn("iam", "user/x") }),
            ),
            _ => unknown(call),
        }
    }

    /// A whole call at once, by nobody who is watched: a person at the console.
    pub fn call(&mut self, service: &str, operation: &str, input: Value) -> Answer {
        let input = input.as_object().cloned().unwrap_or_default();
        let call = Call {
            service: service.into(),
            operation: operation.into(),
            input,
        };
        let policy = lambda::policy(self, call.text("FunctionName"));
        self.settle(&call, Ticket { busy: None, policy })
    }

    /// The root that a write is to, where AWS takes one write to it at a time (docs/aws.md §1.3).
    fn busy_with(&self, call: &Call) -> Option<String> {
        let member = match call.service.as_str() {
            _ if !call.writes() => return None,
            "apigateway" => "restApiId",
            "cognito-idp" => "UserPoolId",
            "cognito-identity" => "IdentityPoolId",
            "lambda" => "FunctionName",
            _ => return None,
        };
        let id = call.text(member);
        (!id.is_empty()).then(|| format!("{}/{id}", call.service))
    }

    /// Digits and letters that no other resource has.
    pub(crate) fn fresh(&mut self, prefix: &str, length: usize) -> String {
        self.ids += 1;
        let (mut rest, mut digits) = (self.ids, vec![]);
        while digits.len() < length - prefix.len() {
            digits.push(char::from_digit((rest % 36) as u32, 36).expect("a digit"));
            rest /= 36;
        }
        prefix.chars().chain(digits.into_iter().rev()).collect()
    }

    pub(crate) fn uuid(&mut self) -> String {
        self.ids += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.ids)
    }

    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        let region = if service == "iam" { "" } else { &self.region };
        format!("arn:aws:{service}:{region}:{}:{rest}", self.account)
    }

    /// Seconds since 1970, as AWS's answers have them.
    pub(crate) fn date(&self) -> f64 {
        1_767_225_600.0 + self.now.as_secs_f64()
    }

    /// Whether lists know of what was made then.
    pub(crate) fn is_listed(&self, made: Duration) -> bool {
        self.now >= made + self.strict.list_lag
    }

    /// Something tagged is gone; the tagging API learns of it late.
    pub(crate) fn bury(&mut self, arn: String, tags: Tags) {
        self.ghosts
            .push((self.now + self.strict.tag_ghosts, arn, tags));
    }
}

pub(crate) fn unknown(call: &Call) -> Answer {
    panic!("{} is not an operation of the memory", call.name())
}

fn invalid(service: &str) -> &'static str {
    match service {
        "cognito-identity" | "cognito-idp" | "logs" | "secretsmanager" => {
            "InvalidParameterException"
        }
        "apigateway" => "BadRequestException",
        "lambda" => "InvalidParameterValueException",
        _ => "ValidationError",
    }
}

fn too_fast<T>(service: &str) -> Result<T, Refusal> {
    match service {
        "cognito-identity" | "cognito-idp" => refuse("TooManyRequestsException", "Rate exceeded"),
        "apigateway" | "lambda" => {
            refuse_with(429, "TooManyRequestsException", "Too Many Requests")
        }
        _ => refuse("Throttling", "Rate exceeded"),
    }
}

fn concurrent<T>(service: &str) -> Result<T, Refusal> {
    match service {
        "apigateway" => refuse_with(
            409,
            "ConflictException",
            "Unable to complete operation due to concurrent modification. Please try again later.",
        ),
        "lambda" => refuse_with(
            409,
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource",
        ),
        _ => refuse(
            "ConcurrentModificationException",
            "Another write is under way",
        ),
    }
}

/// A listed thing where lists are incomplete: some of these members are left out.
pub(crate) fn in_part(tree: &Value, incomplete: Option<u64>, members: &[&str]) -> Value {
    let Some(seed) = incomplete else {
        return tree.clone();
    };
    let mut dice = Dice::new(seed, &format!("{}{}", tree["id"], tree["Id"]));
    let mut part = tree.clone();
    for member in members {
        if dice.pick(2) == 0 {
            part.as_object_mut()
                .expect("a thing has members")
                .remove(*member);
        }
    }
    part
}

/// The tags in a map of an input or of a resource.
pub(crate) fn tags_of(value: &Value) -> Tags {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// The tags in a list of `Key` and `Value`.
pub(crate) fn tags_in(list: &Value) -> Tags {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    list.as_array()
        .into_iter()
        .flatten()
        .map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
        .collect()
}

/// The texts of a list.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned)
        .collect()
}

/// The input without some members and without nulls.
pub(crate) fn without(input: &Map<String, Value>, members: &[&str]) -> Map<String, Value> {
    let kept = input
        .iter()
        .filter(|(name, value)| !members.contains(&name.as_str()) && !value.is_null());
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
