//! A token that was good and is over. Cognito gives none that lasts less than five minutes, so it
//! takes a client of its own and patience.

use super::{
    MARK,
    people::Visitor,
    report::{Trouble, failed, skipped},
    run::Verify,
};
use crate::{
    aws::{Aws, absent},
    error::{Error, ErrorKind, Result},
    identity::{Flow, NonInteractive, Pool, SecretString, SignInTarget, sign_in},
};
use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType, TimeUnitsType, TokenValidityUnitsType,
};
use std::time::Duration;
use tokio::time::Instant;

/// The shortest that Cognito takes.
const LIFE: Duration = Duration::from_secs(5 * 60);
/// Clocks may differ.
const GRACE: Duration = Duration::from_secs(5);

/// A token, and when it is over.
pub(super) type ShortLived = Result<(SecretString, Instant), Trouble>;

impl Verify<'_> {
    /// A token of the stack's pool that lasts as short as can be.
    pub(super) async fn short_lived_token(
        &self,
        visitor: &Visitor,
        pool: &Pool,
        made: &mut Option<String>,
    ) -> ShortLived {
        if !self.is_slow {
            return skipped("a token lasts five minutes at least: add --slow to wait for it");
        }
        let client_id = make_client(self.aws, &pool.id).await?;
        *made = Some(client_id.clone());
        let target = SignInTarget {
            pool_id: pool.id.clone(),
            client_id,
            client_secret: None,
        };
        let (flow, user) = (Flow::AdminPassword, &visitor.username);
        let tokens = sign_in(
            self.aws,
            &target,
            flow,
            user,
            &visitor.password,
            &mut NonInteractive,
        )
        .await?;
        match u64::try_from(tokens.expires_in) {
            Ok(seconds) if seconds <= LIFE.as_secs() => {
                Ok((tokens.id, Instant::now() + LIFE + GRACE))
            }
            _ => failed(format!(
                "the token lasts {} s, not {}",
                tokens.expires_in,
                LIFE.as_secs()
            )),
        }
    }

    /// Waits until the token is over, or until the run has to stop.
    pub(super) async fn expired(&self, token: ShortLived) -> Result<SecretString, Trouble> {
        let (token, over) = token?;
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            () = tokio::time::sleep_until(over) => Ok(token),
            _ = interrupt.wait_for(|stopped| *stopped) => skipped("stopped before it was over"),
        }
    }
}

async fn make_client(aws: &Aws, pool_id: &str) -> Result<String> {
    let minutes = TokenValidityUnitsType::builder()
        .id_token(TimeUnitsType::Minutes)
        .access_token(TimeUnitsType::Minutes)
        .build();
    let send = || {
        let request = aws.cognito.create_user_pool_client().user_pool_id(pool_id);
        let request = request
            .client_name(format!("{MARK}short-lived"))
            .token_validity_units(minutes.clone());
        let request = request.id_token_validity(5).access_token_validity(5);
        let request =
            request.explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth);
        request
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
            .send()
    };
    let made = aws.create("cognito-idp:CreateUserPoolClient", send).await?;
    let id = made.user_pool_client.and_then(|it| it.client_id);
    id.ok_or_else(|| {
        Error::new(
            ErrorKind::Aws,
            "Cognito made a client and did not say which",
        )
    })
}

/// Deletes the run's client; that it is gone already is success.
pub(super) async fn delete_client(aws: &Aws, pool_id: &str, id: &str) -> Result<()> {
    let send = || {
        aws.cognito
            .delete_user_pool_client()
            .user_pool_id(pool_id)
            .client_id(id)
            .send()
    };
    absent(aws.write("cognito-idp:DeleteUserPoolClient", send).await).map(|_| ())
}
