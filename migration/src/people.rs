//! What the old pool and the new one are asked.

use crate::event::{Attributes, Event, NewPool, OldUser, Status, is_verified, verified_address};
use aws_config::{
    BehaviorVersion, environment::region::EnvironmentVariableRegionProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::ProvideErrorMetadata,
    types::{AttributeType, AuthFlowType, ChallengeNameType},
};
use lambda_runtime::Error;
use std::{env, time::Duration};
use tokio::sync::OnceCell;

/// Both pools. The new one is the one that asks.
pub(crate) struct Pools {
    cognito: Client,
    old_pool: String,
    /// An app client of the old pool, without a secret, that may sign in with passwords.
    old_client: String,
    new: OnceCell<NewPool>,
}

impl Pools {
    /// From `OLD_USER_POOL_ID` and `OLD_CLIENT_ID`; whoever asks without them is told.
    pub(crate) async fn from_environment() -> Self {
        let variable = |name: &str| env::var(name).unwrap_or_default();
        // Cognito waits five seconds for the whole answer.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(1_500))
            .operation_timeout(Duration::from_millis(2_500));
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(EnvironmentVariableRegionProvider::new())
            .timeout_config(timeouts.build())
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        Self {
            old_pool: variable("OLD_USER_POOL_ID"),
            old_client: variable("OLD_CLIENT_ID"),
            cognito: Client::new(&config.load().await),
            new: OnceCell::new(),
        }
    }

    /// Whether there is an old pool to ask.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.old_pool.is_empty() || self.old_client.is_empty() {
            true => Err("OLD_USER_POOL_ID and OLD_CLIENT_ID have to be set".into()),
            false => Ok(()),
        }
    }

    /// Signs in at the old pool with the password that was given at the new one.
    pub(crate) async fn sign_in(&self, event: &Event) -> Result<Status, Error> {
        let request = self
            .cognito
            .admin_initiate_auth()
            .user_pool_id(&self.old_pool)
            .client_id(&self.old_client)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", &event.user_name)
            .auth_parameters("PASSWORD", &event.request.password);
        let answer = request.send().await.map_err(told)?;
        // A second factor is asked only of whoever knows the password.
        Ok(match answer.challenge_name() {
            Some(ChallengeNameType::NewPasswordRequired) => Status::ResetRequired,
            _ => Status::Confirmed,
        })
    }

    /// A user of the old pool, by name or alias.
    pub(crate) async fn old_user(&self, name: &str) -> Result<OldUser, Error> {
        let request = self
            .cognito
            .admin_get_user()
            .user_pool_id(&self.old_pool)
            .username(name);
        let found = request.send().await.map_err(told)?;
        Ok(OldUser {
            attributes: mapped(found.user_attributes()),
            user_name: found.username,
        })
    }

    /// What the new pool is told of an old user.
    pub(crate) async fn brought(&self, event: &Event, user: OldUser) -> Result<Attributes, Error> {
        let describe = || self.describe(&event.user_pool_id);
        let new = self.new.get_or_try_init(describe).await?;
        Ok(new.takes(&event.user_name, user))
    }

    async fn describe(&self, pool: &str) -> Result<NewPool, Error> {
        let request = self.cognito.describe_user_pool().user_pool_id(pool);
        let answer = request.send().await.map_err(told)?;
        let pool = answer.user_pool.ok_or("the new pool is not described")?;
        let names = pool.schema_attributes().iter().filter_map(|it| it.name());
        Ok(NewPool {
            attributes: names.map(ToOwned::to_owned).collect(),
            names_are_addresses: !pool.username_attributes().is_empty(),
        })
    }

    /// Puts a user of the new pool into the groups of the old one who has the same verified address, and
    /// disables the old one: that it is enabled says that it has not been here.
    pub(crate) async fn hand_over_groups(&self, event: &Event) -> Result<(), Error> {
        let Some((attribute, address)) = verified_address(&event.request.user_attributes) else {
            return Ok(());
        };
        for old in self.enabled(attribute, address).await? {
            for group in self.groups(&old).await? {
                self.add(event, &group).await?;
            }
            let request = self
                .cognito
                .admin_disable_user()
                .user_pool_id(&self.old_pool)
                .username(&old);
            request.send().await.map_err(told)?;
        }
        Ok(())
    }

    /// The names of the old pool's enabled users who have shown to be at this address.
    async fn enabled(&self, attribute: &'static str, address: &str) -> Result<Vec<String>, Error> {
        // It is put into a filter between quotes.
        if address.contains(['"', '\\']) {
            return Ok(vec![]);
        }
        let mut pages = self
            .cognito
            .list_users()
            .user_pool_id(&self.old_pool)
            .filter(format!("{attribute} = \"{address}\""))
            .into_paginator()
            .items()
            .send();
        let mut found = vec![];
        while let Some(user) = pages.next().await {
            let user = user.map_err(told)?;
            let attributes = mapped(user.attributes());
            if user.enabled && is_verified(&attributes, attribute) {
                found.extend(user.username);
            }
        }
        Ok(found)
    }

    async fn groups(&self, old: &str) -> Result<Vec<String>, Error> {
        let mut pages = self
            .cognito
            .admin_list_groups_for_user()
            .user_pool_id(&self.old_pool)
            .username(old)
            .into_paginator()
            .items()
            .send();
        let mut found = vec![];
        while let Some(group) = pages.next().await {
            found.extend(group.map_err(told)?.group_name);
        }
        Ok(found)
    }

    async fn add(&self, event: &Event, group: &str) -> Result<(), Error> {
        let request = self
            .cognito
            .admin_add_user_to_group()
            .user_pool_id(&event.user_pool_id)
            .username(&event.user_name)
            .group_name(group);
        match request
            .send()
            .await
            .map_err(aws_sdk_cognitoidentityprovider::Error::from)
        {
            // The new pool does not have this one.
            Err(aws_sdk_cognitoidentityprovider::Error::ResourceNotFoundException(_)) => {
                eprintln!("the new pool has no group {group:?}: left out");
                Ok(())
            }
            other => other.map(drop).map_err(told),
        }
    }
}

/// An error in AWS's own words, which have neither a password nor an address.
fn told(error: impl ProvideErrorMetadata) -> Error {
    let (code, message) = (error.code(), error.message());
    format!(
        "{}: {}",
        code.unwrap_or("the pool cannot be reached"),
        message.unwrap_or_default()
    )
    .into()
}

fn mapped(attributes: &[AttributeType]) -> Attributes {
    let pair = |it: &AttributeType| {
        (
            it.name().to_owned(),
            it.value().unwrap_or_default().to_owned(),
        )
    };
    attributes.iter().map(pair).collect()
}
