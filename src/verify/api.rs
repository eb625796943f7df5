//! An API of the file that is deployed: what is asked of it.

use super::{
    checks::AUTHORIZER_TEST,
    report::{CheckOutcome, failed, look, skipped},
    run::Verify,
};
use crate::{
    identity::{Api, SecretString, authorizer::test},
    stack::{self, ONLY_API},
};
use std::ops::Deref;

/// One of a stack's APIs within a run.
pub(super) struct DeployedApi<'a> {
    run: &'a Verify<'a>,
    /// As the file has it.
    pub(super) table: stack::Api<'a>,
    pub(super) live: &'a Api,
    /// The stage's address, without a slash at the end.
    pub(super) url: &'a str,
}

impl<'a> Deref for DeployedApi<'a> {
    type Target = Verify<'a>;

    fn deref(&self) -> &Verify<'a> {
        self.run
    }
}

impl DeployedApi<'_> {
    /// What is behind the names of its routes in the report: nothing behind those of `[api]`.
    pub(super) fn told(&self) -> String {
        match self.table.name() {
            ONLY_API => String::new(),
            name => format!(" of {name}"),
        }
    }

    /// Asks API Gateway itself what its authorizers think of the token.
    pub(super) async fn accepting(&self, token: &SecretString) -> Vec<CheckOutcome> {
        let mut outcomes = vec![];
        let is_by_function = |key: &String| {
            let by = self.table.authorizers.get(key);
            by.is_some_and(|it| !it.is_of_user_pools())
        };
        let all = self.live.authorizers.iter();
        let of_pools = all.filter(|it| !is_by_function(it.0));
        for (key, id) in of_pools {
            let subject = format!("authorizer {key}{} takes the ID token", self.told());
            let asked = look(&AUTHORIZER_TEST, subject, async {
                match test(self.aws, &self.live.id, id, self.token_header(key), token).await? {
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
    pub(super) fn called_functions(&self) -> Vec<&str> {
        let routes = self.routes().into_iter();
        let called = routes.filter(|it| it.method == "GET" && it.takes_id_tokens());
        called.map(|route| route.table.function.as_str()).collect()
    }
}

impl Verify<'_> {
    /// Those that the file declares and that have a stage.
    pub(super) fn apis(&self) -> Vec<DeployedApi<'_>> {
        let all = self.file.apis().filter_map(|table| {
            let live = self.place.apis.get(&table.address)?;
            Some(DeployedApi {
                run: self,
                table,
                live,
                url: live.url.as_deref()?,
            })
        });
        all.collect()
    }
}
