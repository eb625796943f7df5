//! The run: its order, and the removal of what it made.

use super::{
    api::DeployedApi,
    checks::{CLEANED_UP, GOOD_TOKEN},
    expired::delete_client,
    people::SignedIn,
    report::{CheckOutcome, Status, Trouble, failed, look, skipped},
    routes::{Bad, forgeries},
    stranger::{delete_pool, strangers_token},
};
use crate::{
    aws::Aws,
    identity::{Endpoints, Http, Pool, SecretString, Users},
    spec::client::Client,
    stack::File,
};
use std::{collections::BTreeSet, time::SystemTime};
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
        clients.map(|(key, client)| (key.as_str(), &client.settings))
    }

    /// What needs no user, then what a user gets; `None` when it stopped on the way.
    async fn walk(&self, outcomes: &mut Vec<CheckOutcome>, made: &mut TestData) -> Option<()> {
        let apis = self.apis();
        for api in &apis {
            let (open, preflights) = futures::join!(api.without_token(), api.preflights());
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
        if apis.is_empty() {
            return None;
        }
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
        self.with_tokens(&apis, &who, outcomes, made).await?;
        let expired = Bad {
            what: "an expired token",
            token: self.expired(short_lived).await,
        };
        for api in &apis {
            outcomes.extend(api.with_bad_token(&expired).await);
        }
        Some(())
    }

    /// What the API answers to tokens, good and bad.
    async fn with_tokens(
        &self,
        apis: &[DeployedApi<'_>],
        who: &SignedIn,
        outcomes: &mut Vec<CheckOutcome>,
        made: &mut TestData,
    ) -> Option<()> {
        let (token, started) = (&who.tokens.id, SystemTime::now());
        let mut reached = BTreeSet::new();
        for api in apis {
            outcomes.extend(api.accepting(token).await);
            let answers = api.with_good_token(token).await;
            if answers.iter().any(|it| it.status != Status::Failed) {
                reached.extend(api.called_functions());
            }
            outcomes.extend(answers);
        }
        self.goes_on()?;
        let bad = self.bad_tokens(who, made).await;
        for api in apis {
            for bad in &bad {
                outcomes.extend(api.with_bad_token(bad).await);
            }
            outcomes.extend(api.readable(token).await);
            self.goes_on()?;
            outcomes.extend(api.life_of_a_row(token).await);
        }
        self.goes_on()?;
        for key in &reached {
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
