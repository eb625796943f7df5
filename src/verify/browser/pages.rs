//! Which pages a browser lets call the API that a file declares: a small browser, a small API Gateway.

use super::Asked;
use crate::{
    plan::Desired,
    stack::{Inputs, Stack},
};
use serde_json::Value;
use std::collections::BTreeSet;

const HERE: &str = "https://here.example.com";
const THERE: &str = "https://there.example.com";
const FOREIGN: &str = "https://foreign.example.com";

/// What is declared: the methods of the one path, who guards them, and `[api.cors]`.
struct File<'a> {
    methods: &'a [&'a str],
    authorizers: &'a [&'a str],
    origins: &'a [&'a str],
    allowed_methods: Option<&'a [&'a str]>,
    allowed_headers: Option<&'a [&'a str]>,
}

impl File<'_> {
    /// The routes, the authorizers taking turns.
    fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.methods
            .iter()
            .copied()
            .zip(self.authorizers.iter().copied().cycle())
    }

    fn lowered(&self) -> Vec<Desired> {
        let list = |name: &str, items: Option<&[&str]>| {
            items.map_or_else(String::new, |items| format!("{name} = {items:?}\n"))
        };
        let (methods, headers) = (
            list("methods", self.allowed_methods),
            list("headers", self.allowed_headers),
        );
        let routes: String = self
            .routes()
            .map(|(method, authorizer)| {
                format!("\"{method} /things/{{id}}\" = {{ function = \"f\", authorizer = {authorizer:?} }}\n")
            })
            .collect();
        let text = format!(
            "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"p\"\n[functions.f]\nname = \"f\"\n\
             zip = \"f.zip\"\n[api]\nname = \"a\"\n[api.stage]\nname = \"dev\"\n[api.cors]\norigins = {:?}\n{methods}\
             {headers}[api.authorizers.usual]\nname = \"u\"\n[api.authorizers.own]\nname = \"o\"\n\
             token_source = \"X-Token\"\n[api.routes]\n{routes}",
            self.origins
        );
        let stack = Stack::parse("stack.toml", &text, &Inputs::default());
        stack
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
            .desired
    }

    /// Whether the file lets a page call a route, signed in where the route wants that.
    fn says(&self, origin: &str, method: &str, authorizer: &str) -> bool {
        let is_origin = self.origins.contains(&"*") || self.origins.contains(&origin);
        let is_method = ["GET", "HEAD", "POST"].contains(&method)
            || self
                .allowed_methods
                .is_none_or(|it| it.contains(&method) || it.contains(&"ANY"));
        let has = |name: &str| {
            self.allowed_headers.is_none_or(|it| {
                it.contains(&name) || (it.contains(&"*") && name != "Authorization")
            })
        };
        is_origin && is_method && has("Content-Type") && header_of(authorizer).is_none_or(has)
    }
}

fn header_of(authorizer: &str) -> Option<&'static str> {
    match authorizer {
        "none" => None,
        "own" => Some("X-Token"),
        _ => Some("Authorization"),
    }
}

fn spec<'a>(desired: &'a [Desired], name: &str) -> Option<&'a Value> {
    desired
        .iter()
        .find(|it| it.kind == "route" && it.name == name)
        .map(|it| &*it.spec)
}

fn items(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect()
}

/// What API Gateway answers to a preflight: a method of its own before ANY, no token let through.
fn preflight(desired: &[Desired], origin: &str) -> (u16, Vec<(String, String)>) {
    let route = ["OPTIONS", "ANY"]
        .iter()
        .find_map(|method| spec(desired, &format!("{method} /things/{{id}}")));
    let Some(route) = route else {
        return (403, vec![]);
    };
    let preflight = &route["preflight"];
    if route["authorizer"] != "none" || preflight.is_null() {
        return (
            401,
            vec![("Access-Control-Allow-Origin".into(), origin.into())],
        );
    }
    let origins = items(&preflight["allow_origins"]);
    // `preflight.rs`: one is fixed; of several, the caller's is echoed where it is among them.
    let answered = if origins.contains(&origin) {
        origin
    } else {
        origins[0]
    };
    let list = |name: &str| items(&preflight[name]).join(",");
    (
        200,
        vec![
            ("Access-Control-Allow-Origin".into(), answered.into()),
            ("Access-Control-Allow-Headers".into(), list("allow_headers")),
            ("Access-Control-Allow-Methods".into(), list("allow_methods")),
        ],
    )
}

/// Methods as a browser sends them.
fn real(method: &str) -> Vec<&str> {
    if method == "ANY" {
        vec!["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]
    } else {
        vec![method]
    }
}

fn files() -> Vec<File<'static>> {
    const METHODS: [&[&str]; 7] = [
        &["GET"],
        &["ANY"],
        &["GET", "POST"],
        &["ANY", "GET"],
        &["DELETE", "PUT"],
        &["PATCH"],
        &["HEAD", "ANY", "PUT"],
    ];
    const AUTHORIZERS: [&[&str]; 6] = [
        &["none"],
        &["AWS_IAM"],
        &["usual"],
        &["own"],
        &["usual", "own"],
        &["none", "own"],
    ];
    const ORIGINS: [&[&str]; 3] = [&["*"], &[HERE], &[HERE, THERE]];
    const ALLOWED_METHODS: [Option<&[&str]>; 4] = [
        None,
        Some(&["ANY"]),
        Some(&["GET", "PUT"]),
        Some(&["DELETE"]),
    ];
    const ALLOWED_HEADERS: [Option<&[&str]>; 4] = [
        None,
        Some(&["Content-Type", "X-Token"]),
        Some(&["Authorization", "Content-Type"]),
        Some(&["*"]),
    ];
    let mut files = vec![];
    for methods in METHODS {
        for authorizers in AUTHORIZERS {
            for origins in ORIGINS {
                for allowed_methods in ALLOWED_METHODS {
                    for allowed_headers in ALLOWED_HEADERS {
                        files.push(File {
                            methods,
                            authorizers,
                            origins,
                            allowed_methods,
                            allowed_headers,
                        });
                    }
                }
            }
        }
    }
    files
}

#[test]
fn a_page_is_let_in_exactly_where_the_file_says_so() {
    let (mut asked, mut let_in) = (0, 0);
    for file in files() {
        let desired = file.lowered();
        for (declared, authorizer) in file.routes() {
            let headers: Vec<_> = header_of(authorizer)
                .into_iter()
                .chain(["Content-Type"])
                .collect();
            for (origin, method) in [HERE, THERE, FOREIGN]
                .iter()
                .flat_map(|it| real(declared).into_iter().map(move |m| (*it, m)))
            {
                let (status, answer) = preflight(&desired, origin);
                let found = Asked {
                    origin,
                    method,
                    headers: &headers,
                }
                .judge(status, &answer);
                let File {
                    methods,
                    authorizers,
                    origins,
                    allowed_methods,
                    allowed_headers,
                } = &file;
                assert_eq!(
                    found.is_ok(),
                    file.says(origin, method, authorizer),
                    "{method} behind {authorizer} from {origin}: {found:?} with {methods:?} {authorizers:?} \
                     {origins:?} {allowed_methods:?} {allowed_headers:?}"
                );
                asked += 1;
                let_in += usize::from(found.is_ok());
            }
        }
    }
    assert!(
        asked > 20_000 && let_in > 4_000,
        "{asked} asked, {let_in} let in"
    );
}

/// A plan of a stack that was right before stays empty.
#[test]
fn without_any_and_a_header_of_its_own_a_preflight_is_what_it_always_was() {
    let usual = [
        "Authorization",
        "Content-Type",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "X-Api-Key",
    ];
    let mut seen = 0;
    for file in files() {
        let is_plain = !file.methods.contains(&"ANY") && !file.authorizers.contains(&"own");
        if !is_plain || file.allowed_methods.is_some() || file.allowed_headers.is_some() {
            continue;
        }
        let desired = file.lowered();
        let preflight = &spec(&desired, "OPTIONS /things/{id}").unwrap()["preflight"];
        assert_eq!(items(&preflight["allow_headers"]), usual);
        let methods: BTreeSet<_> = file.methods.iter().copied().chain(["OPTIONS"]).collect();
        assert_eq!(
            items(&preflight["allow_methods"]),
            methods.into_iter().collect::<Vec<_>>()
        );
        seen += 1;
    }
    assert!(seen >= 30, "{seen}");
}
