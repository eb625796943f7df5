//! What a page of an allowed origin may read, and a page of any other.

use super::{
    checks::{CORS_HEADERS, PREFLIGHT},
    report::{Found, Outcome, failed, look, skipped},
    routes::Route,
    run::Verify,
};
use crate::identity::{Hidden, Request, Response};
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

const FOREIGN: &str = "https://foreign.example.com";
const ALLOWED: &str = "access-control-allow-origin";

impl Verify<'_> {
    /// Preflights of every path, from every allowed origin and from a foreign one.
    pub(super) async fn preflights(&self, url: &str) -> Vec<Outcome> {
        let Some(cors) = self.file.api.as_ref().and_then(|api| api.cors.as_ref()) else { return vec![] };
        let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let routes = self.routes();
        for route in &routes {
            paths.entry(&route.path).or_default().insert(&route.method);
        }
        let is_open = cors.origins.contains("*");
        let mut looks = vec![];
        for (path, methods) in &paths {
            let origins = cors.origins.iter().filter(|it| *it != "*").map(|it| (it.as_str(), true));
            for (index, (origin, is_allowed)) in origins.chain([(FOREIGN, is_open)]).enumerate() {
                let is_further = index > 0 && is_allowed && !is_open;
                looks.push(self.preflight(url, path, methods, (origin, is_allowed, is_further)));
            }
        }
        join_all(looks).await
    }

    async fn preflight(
        &self,
        url: &str,
        path: &str,
        methods: &BTreeSet<&str>,
        (origin, is_allowed, is_further): (&str, bool, bool),
    ) -> Outcome {
        let way = if is_allowed { "lets in" } else { "keeps out" };
        look(&PREFLIGHT, format!("OPTIONS {path} {way} {origin}"), async {
            if is_further && self.aws.is_emulator {
                return skipped("the emulator runs no response templates, which more than one origin needs");
            }
            let method = methods.first().copied().unwrap_or("GET");
            let request = Request::new("OPTIONS", format!("{url}{}", Route::concrete(path)));
            let request = request
                .header("Origin", origin)
                .header("Access-Control-Request-Method", method)
                .header("Access-Control-Request-Headers", "authorization,content-type");
            let answer = self.http.send(request).await?;
            if !(200..300).contains(&answer.status) {
                return failed(format!("HTTP {}", answer.status));
            }
            let origin = judge_origin(&answer, origin, is_allowed)?;
            if is_allowed {
                judge_methods(&answer, methods).map(|methods| format!("{origin}, {methods}"))
            } else {
                Ok(origin)
            }
        })
        .await
    }

    /// Whether the page may read the API's answers: API Gateway's own refusal, and the function's.
    pub(super) async fn readable(&self, url: &str, token: &Hidden) -> Vec<Outcome> {
        let cors = self.file.api.as_ref().and_then(|api| api.cors.as_ref());
        let Some(origin) = cors.and_then(|cors| cors.origins.first()) else { return vec![] };
        // To `*` belongs any origin.
        let origin = if origin == "*" { FOREIGN } else { origin };
        let routes = self.routes();
        let Some(route) = routes.iter().find(|it| it.method == "GET" && it.takes_id_tokens()) else {
            return vec![];
        };
        let ask = |token: Option<&Hidden>, what: &str| {
            let subject = format!("a page of {origin} may read {} {what}", route.name());
            let request = self.request(url, route, token).header("Origin", origin);
            look(&CORS_HEADERS, subject, async move {
                let answer = self.http.send(request).await?;
                let found = judge_origin(&answer, origin, true)?;
                Ok(format!("HTTP {}: {found}", answer.status))
            })
        };
        let looks = futures::join!(ask(None, "when it is refused"), ask(Some(token), "when it is answered"));
        vec![looks.0, looks.1]
    }
}

fn judge_origin(answer: &Response, origin: &str, is_allowed: bool) -> Found {
    let allowed = answer.header(ALLOWED);
    let found = allowed.map_or("no Access-Control-Allow-Origin".to_owned(), |it| {
        format!("Access-Control-Allow-Origin: {it}")
    });
    match allowed.is_some_and(|it| it == origin || it == "*") == is_allowed {
        true => Ok(found),
        false => failed(found),
    }
}

fn judge_methods(answer: &Response, wanted: &BTreeSet<&str>) -> Found {
    let allowed = answer.header("access-control-allow-methods").unwrap_or_default();
    let listed: BTreeSet<_> = allowed.split(',').map(str::trim).collect();
    let missing: Vec<_> =
        wanted.iter().filter(|it| **it != "ANY" && !listed.contains(**it)).copied().collect();
    match missing.as_slice() {
        [] => Ok(format!("methods {allowed}")),
        missing => failed(format!("methods {allowed}, without {}", missing.join(", "))),
    }
}
