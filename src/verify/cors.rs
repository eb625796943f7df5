//! What a page of an allowed origin may do, and a page of any other: asked as a browser does.

use super::{
    api::DeployedApi,
    browser::Asked,
    checks::{CORS_HEADERS, PREFLIGHT},
    report::{CheckOutcome, Finding, failed, look, skipped},
    routes::{AT_ONCE, Route},
};
use crate::{
    identity::{Request, Response, SecretString},
    stack::{CorsTable, METHODS_OF_ANY},
};
use futures::{StreamExt, stream};

const FOREIGN: &str = "https://foreign.example.com";
const CONTENT_TYPE: &str = "Content-Type";

/// A page, and whether the file lets it in.
struct Page<'a> {
    origin: &'a str,
    is_allowed: bool,
    /// Whether its origin comes behind others, which takes a response template.
    is_further: bool,
}

impl DeployedApi<'_> {
    fn cors(&self) -> Option<&CorsTable> {
        self.table.cors.as_ref()
    }

    /// The preflight of every route, from every allowed origin and from a foreign one.
    pub(super) async fn preflights(&self) -> Vec<CheckOutcome> {
        let Some(cors) = self.cors() else {
            return vec![];
        };
        let is_open = cors.origins.contains("*");
        let allowed = cors.origins.iter().filter(|it| *it != "*").enumerate();
        let allowed = allowed.map(|(index, origin)| Page {
            origin,
            is_allowed: true,
            is_further: index > 0,
        });
        let foreign = Page {
            origin: FOREIGN,
            is_allowed: is_open,
            is_further: false,
        };
        let pages: Vec<_> = allowed.chain([foreign]).collect();
        let routes = self.routes();
        let called = routes.iter().filter(|route| route.declared != "OPTIONS");
        let looks = called.flat_map(|route| {
            pages
                .iter()
                .map(move |page| self.preflight(cors, route, page))
        });
        stream::iter(looks.collect::<Vec<_>>())
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// Whether pages of an origin may call a route by each of its methods exactly where the file says so.
    async fn preflight(
        &self,
        cors: &CorsTable,
        route: &Route<'_>,
        page: &Page<'_>,
    ) -> CheckOutcome {
        let headers = self.sent_headers(cors, route);
        let is_let_in = |method: &str| page.is_allowed && says(cors, method, self.header_of(route));
        let methods: Vec<_> = match route.declared {
            "ANY" => METHODS_OF_ANY
                .into_iter()
                .filter(|it| *it != "OPTIONS")
                .collect(),
            declared => vec![declared],
        };
        let may = if methods.iter().any(|it| is_let_in(it)) {
            "may"
        } else {
            "may not"
        };
        let subject = format!(
            "a page of {} {may} call {} {}{}",
            page.origin,
            route.declared,
            route.path,
            self.told()
        );
        look(&PREFLIGHT, subject, async {
            if page.is_further && self.aws.is_emulator() {
                return skipped(
                    "the emulator runs no response templates, which more than one origin needs",
                );
            }
            for method in methods {
                let asked = Asked {
                    origin: page.origin,
                    method,
                    headers: &headers,
                };
                let answer = self.http.send(options(self.url, route, &asked)).await?;
                match (
                    asked.judge(answer.status, &answer.headers),
                    is_let_in(method),
                ) {
                    (Ok(()), true) | (Err(_), false) => {}
                    (Ok(()), false) => return failed(format!("it is let in with {method}")),
                    (Err(why), true) => {
                        return failed(format!("it is kept out with {method}: {why}"));
                    }
                }
            }
            Ok(format!("with {}", headers.join(", ")))
        })
        .await
    }

    /// The headers that a page sends: the token's, and that of a JSON body where the file allows it.
    fn sent_headers<'a>(&'a self, cors: &CorsTable, route: &'a Route<'_>) -> Vec<&'a str> {
        let json = Some(CONTENT_TYPE).filter(|name| allows(cors, name));
        self.header_of(route).into_iter().chain(json).collect()
    }

    /// The header in which a route wants a token; none where it wants none.
    fn header_of<'a>(&'a self, route: &'a Route<'_>) -> Option<&'a str> {
        (!route.is_open()).then(|| self.token_header(&route.table.authorizer))
    }

    /// Whether the page may read the API's answers: API Gateway's own refusal, and the function's.
    pub(super) async fn readable(&self, token: &SecretString) -> Vec<CheckOutcome> {
        let Some(origin) = self.cors().and_then(|cors| cors.origins.first()) else {
            return vec![];
        };
        // To `*` belongs any origin.
        let origin = if origin == "*" { FOREIGN } else { origin };
        let routes = self.routes();
        let Some(route) = routes
            .iter()
            .find(|it| it.method == "GET" && it.takes_id_tokens())
        else {
            return vec![];
        };
        let ask = |token: Option<&SecretString>, what: &str| {
            let subject = format!("a page of {origin} may read {} {what}", route.name());
            let request = self.request(route, token).header("Origin", origin);
            look(&CORS_HEADERS, subject, async move {
                may_read(&self.http.send(request).await?, origin)
            })
        };
        let looks = futures::join!(
            ask(None, "when it is refused"),
            ask(Some(token), "when it is answered")
        );
        vec![looks.0, looks.1]
    }
}

/// Whether the file lets pages call by this method, with a token in this header. What it leaves out
/// is what signed-in pages need.
fn says(cors: &CorsTable, method: &str, token_header: Option<&str>) -> bool {
    let has = |name: &str| {
        cors.methods.as_ref().is_none_or(|it| {
            it.iter()
                .any(|it| format!("{it:?}").eq_ignore_ascii_case(name))
        })
    };
    // No list keeps a page from these.
    let is_any_pages = ["GET", "HEAD", "POST"].contains(&method);
    (is_any_pages || has(method) || has("ANY"))
        && token_header.is_none_or(|name| allows(cors, name))
}

fn allows(cors: &CorsTable, header: &str) -> bool {
    let is_wild = |name: &String| name == "*" && !header.eq_ignore_ascii_case("Authorization");
    cors.headers.as_ref().is_none_or(|names| {
        names
            .iter()
            .any(|name| is_wild(name) || name.eq_ignore_ascii_case(header))
    })
}

fn options(url: &str, route: &Route<'_>, asked: &Asked<'_>) -> Request {
    let request = Request::new("OPTIONS", format!("{url}{}", Route::concrete(&route.path)));
    let request = request.header("Origin", asked.origin);
    let request = request.header("Access-Control-Request-Method", asked.method);
    match asked.request_headers() {
        names if names.is_empty() => request,
        names => request.header("Access-Control-Request-Headers", names),
    }
}

fn may_read(answer: &Response, origin: &str) -> Finding {
    match (Asked {
        origin,
        method: "GET",
        headers: &[],
    })
    .check_origin(&answer.headers)
    {
        Ok(()) => Ok(format!("HTTP {}", answer.status)),
        Err(why) => failed(why),
    }
}
