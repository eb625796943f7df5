//! Every declared route, called by everybody: without a token, with a bad one, with a good one.
//!
//! Nothing that is there is touched: in place of a path's parameter stands one that no row has, and
//! with a token that is let in only GET is called.

use super::{
    api::DeployedApi,
    checks::{BAD_TOKEN, GOOD_TOKEN, NO_TOKEN},
    report::{CheckOutcome, Finding, Trouble, failed, look, skipped},
};
use crate::{
    identity::{Request, Response, SecretString, Token, api_key},
    spec::authorizer::{AUTHORIZATION, Authorizer},
    spec::route::{NOBODY, Route as Declared, method_and_path},
    stack::concrete,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// At once; API Gateway takes far more, a small function's database may not.
pub(super) const AT_ONCE: usize = 8;

/// Why what needs a database is passed over.
pub(super) const NO_DATABASE: &str = "the function has no database: db_host is empty; the sandbox takes this machine's PostgreSQL, if there is one";

/// A declared route, as it is called.
pub(super) struct Route<'a> {
    /// As the file has it.
    pub(super) declared: &'a str,
    /// With which it is called: ANY is answered for every method.
    pub(super) method: &'a str,
    pub(super) path: String,
    pub(super) table: &'a Declared,
    by: Option<&'a Authorizer>,
    /// Which API's it is, to be told behind its path.
    of: String,
}

impl Route<'_> {
    pub(super) fn name(&self) -> String {
        format!("{} {}{}", self.method, self.path, self.of)
    }

    fn wants_key(&self) -> bool {
        self.table.api_key_required == Some(true)
    }

    pub(super) fn is_open(&self) -> bool {
        self.table.authorizer == NOBODY
    }

    /// Whether an authorizer of user pools guards it, and without scopes: then ID tokens are let in.
    pub(super) fn takes_id_tokens(&self) -> bool {
        self.by.is_some_and(Authorizer::is_of_user_pools) && self.table.scopes.is_empty()
    }

    /// Whether a request is refused that has nothing with it: a function that is given requests as they
    /// are may let in any.
    fn refuses_strangers(&self) -> bool {
        let looks_anywhere = |it: &Authorizer| {
            it.token_header().is_none() && it.identity_sources.iter().flatten().next().is_none()
        };
        !self.is_open() && !self.by.is_some_and(looks_anywhere)
    }

    /// The path with something that no row has in place of each parameter.
    pub(super) fn concrete(path: &str) -> String {
        concrete(path)
    }
}

/// A token that has to be refused, and why.
pub(super) struct Bad {
    pub(super) what: &'static str,
    pub(super) token: Result<SecretString, Trouble>,
}

/// A good token, made bad: what it says is changed, or it is not signed at all.
pub(super) fn forgeries(good: &SecretString) -> Vec<Bad> {
    let Ok(token) = Token::parse(good.expose()) else {
        return vec![];
    };
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut claims = token.claims.clone();
    claims.insert("cognito:groups".into(), json!(["admin"]));
    let mut parts = good.expose().split('.');
    let (header, _, signature) = (parts.next(), parts.next(), parts.next());
    let claims = part(Value::Object(claims));
    let changed = format!(
        "{}.{claims}.{}",
        header.unwrap_or_default(),
        signature.unwrap_or_default()
    );
    let unsigned = format!("{}.{claims}.", part(json!({ "alg": "none", "typ": "JWT" })));
    vec![
        Bad {
            what: "a forged token",
            token: Ok(SecretString::new(changed)),
        },
        Bad {
            what: "an unsigned token",
            token: Ok(SecretString::new(unsigned)),
        },
    ]
}

impl DeployedApi<'_> {
    pub(super) fn routes(&self) -> Vec<Route<'_>> {
        let routes = self.table.routes.iter().filter_map(|(key, table)| {
            let (declared, path) = method_and_path(key)?;
            let method = if declared == "ANY" { "GET" } else { declared };
            Some(Route {
                declared,
                method,
                path: path.to_owned(),
                table,
                by: self.table.authorizers.get(&table.authorizer),
                of: self.told(),
            })
        });
        routes.collect()
    }

    /// A call of this route; its token goes into the header that the authorizer reads.
    pub(super) fn request(&self, route: &Route<'_>, token: Option<&SecretString>) -> Request {
        let request = Request::new(
            route.method,
            format!("{}{}", self.url, Route::concrete(&route.path)),
        );
        let request = match self.api_key.as_ref().filter(|_| route.wants_key()) {
            Some(key) => request.header(api_key::HEADER, key.expose()),
            None => request,
        };
        match token {
            Some(token) => request.token(self.token_header(&route.table.authorizer), token),
            None => request,
        }
    }

    /// The header in which an authorizer of the file looks for the token.
    pub(super) fn token_header(&self, authorizer: &str) -> &str {
        let authorizer = self.table.authorizers.get(authorizer);
        let header = authorizer.and_then(Authorizer::token_header);
        header.unwrap_or(AUTHORIZATION)
    }

    /// Every route without a token: refused where it is guarded, let in where it is open.
    pub(super) async fn without_token(&self) -> Vec<CheckOutcome> {
        let routes = self.routes();
        let asked = routes
            .iter()
            .filter(|it| it.refuses_strangers() || (it.is_open() && it.method == "GET"));
        let looks = asked.map(|route| {
            let way = if route.is_open() {
                "is open"
            } else {
                "is refused without a token"
            };
            look(&NO_TOKEN, format!("{} {way}", route.name()), async move {
                let answer = self.http.send(self.request(route, None)).await?;
                if !route.is_open() {
                    return refused(&answer);
                }
                self.with_database(&answer)?;
                let_in(&answer)
            })
        });
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    /// Passes over an answer that says no more than that the function has no database, which is known.
    fn with_database(&self, answer: &Response) -> Result<(), Trouble> {
        let is_functions = answer.header("x-amzn-errortype").is_none();
        match answer.status {
            503 if self.lacks_database && is_functions => skipped(NO_DATABASE),
            _ => Ok(()),
        }
    }

    /// Every guarded route with a bad token.
    pub(super) async fn with_bad_token(&self, bad: &Bad) -> Vec<CheckOutcome> {
        let token = match &bad.token {
            Ok(token) => token,
            Err(trouble) => {
                let subject = format!("every route{} refuses {}", self.told(), bad.what);
                return vec![CheckOutcome::new(&BAD_TOKEN, subject, Err(trouble.clone()))];
            }
        };
        let routes = self.routes();
        let looks = routes
            .iter()
            .filter(|it| it.takes_id_tokens())
            .map(|route| {
                look(
                    &BAD_TOKEN,
                    format!("{} refuses {}", route.name(), bad.what),
                    async move {
                        refused(
                            &self
                                .http
                                .send(self.request(route, Some(token)))
                                .await?,
                        )
                    },
                )
            });
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    /// Every guarded route that reads, with the ID token: the function's answer.
    pub(super) async fn with_good_token(&self, token: &SecretString) -> Vec<CheckOutcome> {
        let routes = self.routes();
        let read = routes
            .iter()
            .filter(|it| it.takes_id_tokens() && it.method == "GET");
        let looks = read.map(|route| {
            look(
                &GOOD_TOKEN,
                format!("{} answers who has an ID token", route.name()),
                async move {
                    let answer = self.http.send(self.request(route, Some(token))).await?;
                    self.with_database(&answer)?;
                    answered(&answer)
                },
            )
        });
        stream::iter(looks).buffered(AT_ONCE).collect().await
    }
}

/// Whether API Gateway itself refused. A function that says 401 has been reached, which is a fault.
fn refused(answer: &Response) -> Finding {
    let by = answer.header("x-amzn-errortype").unwrap_or_default();
    let is_gateways = by.starts_with("UnauthorizedException")
        || by.starts_with("MissingAuthenticationTokenException")
        || by.starts_with("AccessDeniedException");
    match answer.status {
        401 | 403 if is_gateways => Ok(format!("HTTP {} by API Gateway", answer.status)),
        401 | 403 => failed(format!(
            "the call reached the function, which answered {}",
            answer.status
        )),
        500 => failed("HTTP 500: the authorizer itself does not work"),
        status => failed(format!("HTTP {status}: the call was let in")),
    }
}

/// Whether the call reached the function, whatever that thinks of it.
fn let_in(answer: &Response) -> Finding {
    match answer.header("x-amzn-errortype") {
        None if answer.status < 500 => Ok(format!("HTTP {} by the function", answer.status)),
        by => failed(format!("HTTP {} {}", answer.status, by.unwrap_or_default())),
    }
}

/// Whether the function answered: also that there is no such row, or that the path's id is none.
fn answered(answer: &Response) -> Finding {
    let said: String = answer.text().chars().take(200).collect();
    match answer.status {
        200..=299 | 400 | 404 => Ok(format!("HTTP {}", answer.status)),
        status => failed(format!("HTTP {status}: {said}")),
    }
}
