//! One request in, one answer out, whatever happens.

use crate::{
    answer::{Done, Refusal, Reply},
    caller::Caller,
    database::Database,
    event::{self, Request, Route},
    input::{Changes, NewUser, Page},
    log::{self, Served},
    settings::{DatabaseSettings, Settings},
    trigger::Trigger,
    users,
};
use lambda_runtime::Context;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};
use tokio::time::timeout;

/// How long opening the connection may hold up the start: Lambda gives it ten seconds.
const START: Duration = Duration::from_secs(8);
/// Kept back from the function's deadline to write the answer.
const RESERVE: Duration = Duration::from_millis(250);
/// The least time for a request, should the deadline have passed by this machine's clock.
const LEAST: Duration = Duration::from_millis(250);

/// What lives as long as the execution environment.
pub(crate) struct Handler {
    settings: Settings,
    /// An error says why there is none.
    database: Result<Database, Refusal>,
}

impl Handler {
    pub(crate) fn new(mut settings: Settings) -> Self {
        let wrong = |cause| Refusal::unavailable("The database is not configured correctly", cause);
        let database = match std::mem::replace(&mut settings.database, DatabaseSettings::Absent) {
            DatabaseSettings::Absent => Err(Refusal::new(
                503,
                "No database is configured: set DB_HOST, DB_NAME and SECRET_NAME of the function",
            )),
            DatabaseSettings::Wrong(cause) => Err(wrong(cause)),
            DatabaseSettings::Present(server) => Database::new(server).map_err(wrong),
        };
        // Wrong settings are not absent ones: claims are echoed only where no database is meant.
        settings.echo_claims &= matches!(&database, Err(Refusal { cause: None, .. }));
        Self { settings, database }
    }

    /// Connects before the first request. A failure is logged; the requests try again.
    pub(crate) async fn start(&self) {
        let Ok(database) = &self.database else { return };
        match timeout(START, database.start()).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => log::fault(&refusal.cause.unwrap_or(refusal.message)),
            Err(_) => log::fault("the database was not reached in time"),
        }
    }

    /// Answers an event (JSON), and logs it.
    pub(crate) async fn answer(&self, event: &str, context: &Context) -> Reply {
        let started = Instant::now();
        let request = Request::parse(event);
        let result = match &request {
            Ok(request) => in_time(context, self.serve(request)).await,
            Err(refusal) => Err(Refusal::new(refusal.status, refusal.message.as_str())),
        };
        let request = request.as_ref().ok();
        let reply = Reply::new(
            &result,
            &self.settings.origins,
            request.and_then(Request::origin),
        );
        log::write(&line(
            context,
            request,
            &reply,
            result.as_ref().err(),
            started.elapsed(),
        ));
        reply
    }

    /// Makes the row of a user who has signed up. Where that fails, the log says so and the user is confirmed
    /// all the same: the first POST makes the row.
    pub(crate) async fn hear(&self, trigger: &Trigger, context: &Context) {
        let Some(claims) = trigger.new_user() else {
            return;
        };
        let (status, cause) = match in_time(context, self.welcome(&claims)).await {
            Ok(done) => (done.status, None),
            Err(refusal) => (
                refusal.status,
                Some(refusal.cause.unwrap_or(refusal.message)),
            ),
        };
        let sub = claims["sub"].as_str();
        let line = log::welcome(&context.request_id, sub, status, cause.as_deref());
        log::write(&line);
    }

    async fn welcome(&self, claims: &Value) -> Result<Done, Refusal> {
        let caller = Caller::of(Some(claims))?;
        users::check_claims(&caller)?;
        users::create(self.database()?, &caller, NewUser::default()).await
    }

    async fn serve(&self, request: &Request) -> Result<Done, Refusal> {
        if self.settings.echo_claims {
            return Ok(Done::new(200, json!({ "claims": request.claims() })));
        }
        if request.method() == "OPTIONS" {
            return Ok(Done::new(200, json!(null)));
        }
        let caller = Caller::of(request.claims())?;
        match (request.method(), &request.route) {
            (_, Route::Other) => Err(Refusal::new(404, "Not found")),
            ("GET", Route::Users) => {
                let page = Page::of(|name| request.parameter(name))?;
                users::list(self.database()?, &page).await
            }
            ("POST", Route::Users) => self.create(&caller, request).await,
            ("GET" | "PUT" | "DELETE", Route::User(id)) => {
                self.serve_user(&caller, request, id).await
            }
            ("PUT" | "DELETE", Route::Users) => Err(Refusal::bad("the path lacks the user's id")),
            _ => Err(Refusal::bad("this method is not supported here")),
        }
    }

    async fn create(&self, caller: &Caller<'_>, request: &Request) -> Result<Done, Refusal> {
        users::check_claims(caller)?;
        let new = NewUser::parse(&request.body()?)?;
        if new.role.as_ref().is_some_and(|role| !caller.may_give(role)) {
            return Err(users::role_refused());
        }
        users::create(self.database()?, caller, new).await
    }

    async fn serve_user(
        &self,
        caller: &Caller<'_>,
        request: &Request,
        id: &str,
    ) -> Result<Done, Refusal> {
        let id = event::id(id)?;
        let changes = match request.method() {
            "PUT" => Changes::parse(&request.body()?)?,
            _ => Changes::default(),
        };
        let database = self.database()?;
        let id = id.ok_or_else(users::not_found)?;
        match request.method() {
            "PUT" => users::update(database, caller, id, &changes).await,
            "DELETE" => users::delete(database, caller, id).await,
            _ => users::get(database, id).await,
        }
    }

    fn database(&self) -> Result<&Database, Refusal> {
        self.database.as_ref().map_err(
            |Refusal {
                 status,
                 message,
                 cause,
             }| Refusal {
                status: *status,
                message: message.clone(),
                cause: cause.clone(),
            },
        )
    }
}

/// What comes of it while the function has time.
async fn in_time(
    context: &Context,
    work: impl Future<Output = Result<Done, Refusal>>,
) -> Result<Done, Refusal> {
    timeout(time_left(context), work).await.unwrap_or_else(|_| {
        Err(Refusal::unavailable(
            "The request took too long",
            "the function's time is over",
        ))
    })
}

fn time_left(context: &Context) -> Duration {
    let left = context
        .deadline()
        .duration_since(SystemTime::now())
        .unwrap_or_default();
    left.saturating_sub(RESERVE).max(LEAST)
}

fn line(
    context: &Context,
    request: Option<&Request>,
    reply: &Reply,
    refusal: Option<&Refusal>,
    took: Duration,
) -> serde_json::Value {
    let served = Served {
        request_id: &context.request_id,
        method: request.map_or("", Request::method),
        route: request.map_or("other", |request| request.route.name()),
        status: reply.status_code,
        took,
        sub: request
            .and_then(Request::claims)
            .and_then(|claims| claims["sub"].as_str()),
        cause: refusal.and_then(|refusal| refusal.cause.as_deref()),
    };
    served.line()
}
