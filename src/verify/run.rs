//! The run: its order, and the removal of what it made.

use super::{
    checks::{AUTHORIZER_TEST, CLEANED_UP, GOOD_TOKEN},
    expired::delete_client,
    people::SignedIn,
    report::{CheckOutcome, Status, Trouble, failed, look, skipped},
    routes::{Bad, forgeries},
    stranger::{delete_pool, strangers_token},
};
use crate::{
    aws::Aws,
    identity::{Endpoints, Http, Pool, SecretString, Users, authorizer::test},
    spec::client::Client,
    stack::File,
};
use std::time::SystemTime;
use tokio::sync::watch;

/// A stack, and how to reach it.
pub struct Verify<'a> {
    pub aws: &'a Aws,
    pub http: &'a Http,
    pub file: &'a File,
    pub place: &'a Endpoints,
    /// The value of an API key, for routes that want one.
    pub api_key: Option<SecretString>,
    /// Whether rows may be written.
    pub writes: bool,
    /// Whether to wait for a token to expire.
    pub is_slow: bool,
    /// Whether the user signs up also where that sends somebody a message.
    pub signs_up: bool,
    /// Whether the function has no database, so that it answers 503.
    pub lacks_database: bool,
    /// Turns true when the run has to stop.
    pub interrupt: watch::Receiver<bool>,
}

/// What the run made and has to take back.
#[derive(Default)]
pub(super) struct TestData {
    user: Option<String>,
    pool: Option<String>,
    /// A client of the stack's pool.
    pub(super) client: Option<String>,
}

impl Verify<'_> {
    /// Looks at everything, or until it is stopped, and takes back what it made.
    pub async fn run(&self) -> Vec<CheckOutcome> {
        let (mut outcomes, mut made) = (vec![], TestData::default());
        // `None` says no more than that the rest was not looked at.
        let _ = self.walk(&mut outcomes, &mut made).await;
        outcomes.extend(self.clean_up(made).await);
        outcomes
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.interrupt.borrow()
    }

    fn goes_on(&self) -> Option<()> {
        (!self.is_stopped()).then_some(())
    }

    /// The clients that the file declares.
    pub(super) fn clients(&self) -> impl Iterator<Item = (&str, &Client)> {
        let clients = self.file.user_pool.iter().flat_map(|table| &table.clients);
        clients.map(|(key, client)| (key.as_str(), client))
    }

    /// What needs no user, then what a user gets; `None` when it stopped on the way.
    async fn walk(&self, outcomes: &mut Vec<CheckOutcome>, made: &mut TestData) -> Option<()> {
        let url = self.place.api.as_ref().and_then(|api| api.url.as_deref());
        if let Some(url) = url {
            let (open, preflights) = futures::join!(self.without_token(url), self.preflights(url));
            outcomes.extend(open.into_iter().chain(preflights));
        }
        self.goes_on()?;
        let pool = self.place.pool.as_ref()?;
        outcomes.extend(self.login(pool).await);
        self.goes_on()?;
        let visitor = self.visitor(&self.file.user_pool.as_ref()?.settings);
        made.user = Some(visitor.username.clone());
        outcomes.extend(self.make(&visitor, pool).await);
        self.goes_on()?;
        let (signed_in, who) = self.sign_in(&visitor, pool).await;
        outcomes.extend(signed_in);
        self.goes_on()?;
        let url = url?;
        let Some(who) = who else {
            let found = skipped("nobody is signed in");
            outcomes.push(CheckOutcome::new(
                &GOOD_TOKEN,
                "the routes, with tokens good and bad",
                found,
            ));
            return None;
        };
        let short_lived = self
            .short_lived_token(&visitor, pool, &mut made.client)
            .await;
        self.with_tokens(url, &who, outcomes, made).await?;
        let expired = Bad {
            what: "an expired token",
            token: self.expired(short_lived).await,
        };
        outcomes.extend(self.with_bad_token(url, &expired).await);
        Some(())
    }

    /// What the API answers to tokens, good and bad.
    async fn with_tokens(
        &self,
        url: &str,
        who: &SignedIn,
        outcomes: &mut Vec<CheckOutcome>,
        made: &mut TestData,
    ) -> Option<()> {
        let (token, started) = (&who.tokens.id, SystemTime::now());
        outcomes.extend(self.authorizers(token).await);
        let answers = self.with_good_token(url, token).await;
        let is_reached = answers.iter().any(|it| it.status != Status::Failed);
        outcomes.extend(answers);
        self.goes_on()?;
        for bad in self.bad_tokens(who, made).await {
            outcomes.extend(self.with_bad_token(url, &bad).await);
        }
        outcomes.extend(self.readable(url, token).await);
        self.goes_on()?;
        outcomes.extend(self.life_of_a_row(url, token).await);
        self.goes_on()?;
        for key in self.called_functions().into_iter().filter(|_| is_reached) {
            outcomes.push(self.logged(key, &who.sub, started).await);
        }
        self.goes_on()
    }

    async fn bad_tokens(&self, who: &SignedIn, made: &mut TestData) -> Vec<Bad> {
        let stranger = strangers_token(self.aws, &mut made.pool).await;
        let mut bad = forgeries(&who.tokens.id);
        bad.push(Bad {
            what: "an access token",
            token: Ok(who.tokens.access.clone()),
        });
        bad.push(Bad {
            what: "a token of another pool",
            token: stranger.map_err(Trouble::from),
        });
        bad
    }

    /// Asks API Gateway itself what its authorizers think of the token.
    async fn authorizers(&self, token: &SecretString) -> Vec<CheckOutcome> {
        let Some(api) = &self.place.api else {
            return vec![];
        };
        let mut outcomes = vec![];
        let tables = self.file.api.iter().flat_map(|api| &api.authorizers);
        let by_function: Vec<_> = tables
            .filter(|it| !it.1.is_of_user_pools())
            .map(|it| it.0)
            .collect();
        let of_pools = api
            .authorizers
            .iter()
            .filter(|it| !by_function.contains(&it.0));
        for (key, id) in of_pools {
            let subject = format!("authorizer {key} takes the ID token");
            let asked = look(&AUTHORIZER_TEST, subject, async {
                match test(self.aws, &api.id, id, self.token_header(key), token).await? {
                    None => skipped("the emulator cannot test authorizers"),
                    Some(verdict) if verdict.claims.contains_key("sub") => {
                        Ok("and reads the claims".into())
                    }
                    Some(verdict) => failed(format!("it answers {}", verdict.status)),
                }
            });
            outcomes.push(asked.await);
        }
        outcomes
    }

    /// The functions that a call with the ID token reached.
    fn called_functions(&self) -> Vec<&str> {
        let routes = self.routes();
        let called = routes
            .iter()
            .filter(|it| it.method == "GET" && it.takes_id_tokens());
        let mut keys: Vec<_> = called.map(|route| route.table.function.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    async fn clean_up(&self, made: TestData) -> Vec<CheckOutcome> {
        let mut outcomes = vec![];
        if let (Some(user), Some(pool)) = (&made.user, &self.place.pool) {
            outcomes.push(
                look(
                    &CLEANED_UP,
                    "the user of this run is gone again",
                    self.forget(user, pool),
                )
                .await,
            );
        }
        if let (Some(client), Some(pool)) = (&made.client, &self.place.pool) {
            let gone = look(&CLEANED_UP, "the client of this run is gone again", async {
                Ok(delete_client(self.aws, &pool.id, client)
                    .await
                    .map(|()| client.clone())?)
            });
            outcomes.push(gone.await);
        }
        if let Some(pool) = &made.pool {
            let gone = look(&CLEANED_UP, "the other pool is gone again", async {
                Ok(delete_pool(self.aws, pool).await.map(|()| pool.clone())?)
            });
            outcomes.push(gone.await);
        }
        outcomes
    }

    async fn forget(&self, user: &str, pool: &Pool) -> Result<String, Trouble> {
        let users = Users {
            aws: self.aws,
            pool_id: &pool.id,
        };
        users.delete(user).await?;
        match users.get(user).await? {
            None => Ok(user.to_owned()),
            Some(_) => failed(format!("{user} is still there")),
        }
    }
}
