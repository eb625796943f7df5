//! Requests that are wrong in every way API Gateway lets through.

use crate::support::event::{admin, claims, request};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

pub(super) const USERS: [&str; 6] = ["ana", "bob", "eve", "kim", "lee", "max"];

/// Text that has broken something somewhere.
const NASTY: [&str; 24] = [
    "",
    " ",
    "user",
    "admin",
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1); DELETE FROM users; --",
    "$1",
    "%s%n%x",
    "\\",
    "\\'",
    "\u{0}",
    "a\u{0}b",
    "\u{202e}nimda",
    "😀😀😀😀",
    "Ω≈ç√∫",
    "null",
    "NaN",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "ana@example.com",
];
const FIELDS: [&str; 10] = [
    "username",
    "email",
    "role",
    "phoneNumber",
    "phone_number",
    "cognito_sub",
    "id",
    "__proto__",
    "sub",
    "isAdmin",
];
const METHODS: [&str; 9] = [
    "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "put", "';--",
];

/// One request, and who sends it.
pub(super) struct Hostile {
    pub(super) event: Vec<u8>,
    pub(super) method: String,
    pub(super) claims: Value,
    pub(super) is_admin: bool,
}

impl Hostile {
    /// A request about one of the rows `ids`, or about none.
    pub(super) fn make(random: &mut StdRng, ids: &[i32]) -> Self {
        let is_admin = random.random_ratio(1, 12);
        let claims = if is_admin { admin() } else { sender(random) };
        let method = method(random).to_owned();
        let is_proper = method == "POST" && random.random_ratio(3, 4);
        let path = if is_proper {
            "/users".to_owned()
        } else {
            path(random, ids)
        };
        let mut event = request(&claims, &method, &path, None);
        set_body(&mut event, random);
        let event = mangled(event, random);
        Self {
            event,
            method,
            claims,
            is_admin,
        }
    }

    /// The event, shortened to what a person reads.
    pub(super) fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.event)
            .chars()
            .take(2_000)
            .collect()
    }
}

fn method(random: &mut StdRng) -> &'static str {
    // Mostly those that change something.
    let likely = ["PUT", "PUT", "PUT", "DELETE", "POST", "POST"];
    if random.random_ratio(3, 4) {
        pick(&likely, random)
    } else {
        pick(&METHODS, random)
    }
}

/// A user, somebody who resembles one, or nobody. Never an admin.
fn sender(random: &mut StdRng) -> Value {
    let newcomer = format!("user{}", random.random_range(0..1_000));
    let name = if random.random_ratio(1, 8) {
        &newcomer
    } else {
        pick(&USERS, random)
    };
    let mut claims = claims(name);
    match random.random_range(0..10) {
        0 => return Value::Null,
        1 => claims["sub"] = value(random),
        2 => claims["email"] = value(random),
        3 => {
            let groups = [
                "",
                "Admin",
                "administrators",
                "admin2",
                "[admin]",
                "admin;user",
                "\u{0}admin",
            ];
            claims["cognito:groups"] = json!(pick(&groups, random));
        }
        4 => claims["cognito:username"] = value(random),
        5 => claims["phone_number"] = value(random),
        6 => {
            claims["sub"] = json!(format!(
                "{}{}",
                claims["sub"].as_str().unwrap(),
                pick(&NASTY, random)
            ))
        }
        _ => {}
    }
    claims
}

fn path(random: &mut StdRng, ids: &[i32]) -> String {
    match random.random_range(0..12) {
        0 | 1 => "/users".to_owned(),
        2 => format!("/users/{}", random.random::<i64>()),
        3 | 4 => format!("/users/{}", pick(&NASTY, random)),
        5 => format!("/{}", "x/".repeat(random.random_range(0..500))),
        6 => format!("/users/{}", "9".repeat(random.random_range(1..5_000))),
        _ => format!("/users/{}", ids.choose(random).unwrap_or(&1)),
    }
}

fn set_body(event: &mut Value, random: &mut StdRng) {
    let bytes = match random.random_range(0..20) {
        0 => {
            event["body"] = value(random);
            return;
        }
        1 => (0..random.random_range(0..300))
            .map(|_| random.random())
            .collect(),
        2 => "[".repeat(random.random_range(1..70_000)).into_bytes(),
        3 => format!("{}1{}", "{\"role\":".repeat(500), "}".repeat(500)).into_bytes(),
        4 => huge(random),
        5 => cut(fields(random).to_string().into_bytes(), random),
        6 => flipped(fields(random).to_string().into_bytes(), random),
        7 => value(random).to_string().into_bytes(),
        8 => br#"{"role":"user","role":"admin","username":"a","username":"b"}"#.to_vec(),
        9..13 => sensible(random).to_string().into_bytes(),
        _ => fields(random).to_string().into_bytes(),
    };
    if random.random_ratio(1, 3) {
        event["body"] = json!(BASE64_STANDARD.encode(&bytes));
        event["isBase64Encoded"] = json!(random.random_ratio(9, 10));
    } else {
        event["body"] = json!(String::from_utf8_lossy(&bytes));
        event["isBase64Encoded"] = json!(random.random_ratio(1, 20));
    }
}

fn fields(random: &mut StdRng) -> Value {
    let chosen = (0..random.random_range(0..5)).map(|_| pick(&FIELDS, random).to_owned());
    let chosen: Vec<String> = chosen.collect();
    chosen
        .into_iter()
        .map(|field| (field, value(random)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What an owner may send, or what only looks like it.
fn sensible(random: &mut StdRng) -> Value {
    let mut fields =
        json!({ "username": pick(&NASTY[4..12], random), "cognito_sub": "sub-eve", "id": 1 });
    match random.random_range(0..4) {
        0 => fields["role"] = json!(pick(&["user", "admin", "editor"], random)),
        1 => fields["email"] = json!(format!("{}@example.com", pick(&USERS, random))),
        2 => fields["phoneNumber"] = json!("+15555550101"),
        _ => {}
    }
    fields
}

/// A value for any field: mostly text.
fn value(random: &mut StdRng) -> Value {
    match random.random_range(0..12) {
        0 => Value::Null,
        1 => json!(random.random::<i64>()),
        2 => json!(random.random::<f64>()),
        3 => json!(random.random::<bool>()),
        4 => json!([pick(&NASTY, random)]),
        5 => json!({ "$ne": pick(&NASTY, random) }),
        6 => json!("é".repeat(random.random_range(1..400))),
        7 => json!(
            (0..random.random_range(0..40))
                .map(|_| random.random::<char>())
                .collect::<String>()
        ),
        8 => json!(format!("{}@example.com", pick(&USERS, random))),
        _ => json!(pick(&NASTY, random)),
    }
}

fn huge(random: &mut StdRng) -> Vec<u8> {
    let size = *[60_000, 65_536, 65_537, 65_537, 100_000, 100_000, 1_000_000]
        .choose(random)
        .unwrap();
    json!({ "username": "x".repeat(size) })
        .to_string()
        .into_bytes()
}

fn cut(mut bytes: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
    bytes.truncate(random.random_range(0..=bytes.len()));
    bytes
}

fn flipped(mut bytes: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
    let at = random.random_range(0..bytes.len());
    bytes[at] = random.random();
    bytes
}

/// Now and then the event itself is not as API Gateway makes it.
fn mangled(mut event: Value, random: &mut StdRng) -> Vec<u8> {
    if random.random_ratio(1, 6) {
        event["queryStringParameters"] = json!({ pick(&["after", "limit", "id"], random): value(random), "limit": value(random) });
    }
    match random.random_range(0..60) {
        8 => event["queryStringParameters"] = value(random),
        0 => event["headers"] = value(random),
        1 => event["pathParameters"] = value(random),
        2 => event["path"] = value(random),
        3 => event["requestContext"]["authorizer"] = value(random),
        4 => event["headers"]["origin"] = value(random),
        5 => {
            return event
                .to_string()
                .replace("very-secret-token", "\\ud800")
                .into_bytes();
        }
        6 => {
            return event
                .to_string()
                .replace(
                    "\"dev\"",
                    &format!("{}{}", "[".repeat(200), "]".repeat(200)),
                )
                .into();
        }
        7 => return value(random).to_string().into_bytes(),
        _ => {}
    }
    event.to_string().into_bytes()
}

fn pick<'a>(from: &[&'a str], random: &mut StdRng) -> &'a str {
    from.choose(random).unwrap()
}
