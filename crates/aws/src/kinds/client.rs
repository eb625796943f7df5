//! The calls of an app client. Its secret is never read further than "there is one".

use crate::{
    aws::{Aws, Reads, absent, told},
    diff::Change,
    error::{Error, ErrorKind, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        client::{Client, ClientOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::UserPoolClientType;

mod doors;
mod fields;
mod find;
mod validity;

impl Kind for Client {
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let there = reads
            .memo(
                &format!("clients of {}", pool.id),
                find::list(reads, &pool.id),
            )
            .await?;
        let named = find::name(there.to_vec(), wanted)?;
        Ok(named
            .into_iter()
            .map(|(name, outputs)| Listed::id(name, outputs))
            .collect())
    }

    async fn read(
        reads: &Reads,
        _: &UserPoolOutputs,
        name: &str,
        outputs: &ClientOutputs,
    ) -> Result<Option<Found<Self>>> {
        let Some(live) = describe(&reads.aws, outputs).await? else {
            return Ok(None);
        };
        let spec = fields::spec(&live)?;
        let outputs = ClientOutputs {
            name: spec.name.clone(),
            ..outputs.clone()
        };
        Ok(Some(Found::child(name, spec, outputs)))
    }

    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, _: &str) -> Result<ClientOutputs> {
        let input = fields::create_input(&pool.id, self)?;
        let send = || input.clone().send_with(&aws.cognito);
        let answer = aws.create("cognito-idp:CreateUserPoolClient", send).await?;
        let made = answer
            .user_pool_client
            .as_ref()
            .and_then(|it| it.client_id());
        let id = told(made, "cognito-idp:CreateUserPoolClient")?;
        Ok(ClientOutputs {
            id,
            name: self.name.clone(),
            pool_id: pool.id.clone(),
        })
    }

    /// Reads the client afresh and sends all of it: what `UpdateUserPoolClient` is not sent is
    /// reset (docs/aws.md §3).
    async fn update(
        &self,
        aws: &Aws,
        _: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        let client = describe(aws, &live.outputs)
            .await?
            .ok_or_else(|| gone(&live.outputs.id))?;
        let input = fields::update_input(fields::overlay(client, self)?);
        let send = || input.clone().send_with(&aws.cognito);
        aws.write("cognito-idp:UpdateUserPoolClient", send).await?;
        Ok(())
    }

    async fn is_there(aws: &Aws, live: &ClientOutputs) -> Result<bool> {
        Ok(describe(aws, live).await?.is_some())
    }

    async fn doors(reads: &Reads, live: &Found<Self>) -> Result<Vec<String>> {
        let aws = &reads.aws;
        match live.spec.secret {
            Some(true) => doors::secrets(aws, &live.outputs).await,
            _ => Ok(vec![]),
        }
    }

    async fn delete(aws: &Aws, _: &UserPoolOutputs, live: &ClientOutputs) -> Result<()> {
        let send = || {
            let request = aws.cognito.delete_user_pool_client();
            request
                .user_pool_id(&live.pool_id)
                .client_id(&live.id)
                .send()
        };
        absent(aws.write("cognito-idp:DeleteUserPoolClient", send).await)?;
        Ok(())
    }
}

/// Asks for a client afresh; `None` when it is gone, or its pool is.
async fn describe(aws: &Aws, outputs: &ClientOutputs) -> Result<Option<UserPoolClientType>> {
    let send = || {
        let request = aws.cognito.describe_user_pool_client();
        request
            .user_pool_id(&outputs.pool_id)
            .client_id(&outputs.id)
            .send()
    };
    let answer = absent(aws.read("cognito-idp:DescribeUserPoolClient", send).await)?;
    Ok(answer.and_then(|it| it.user_pool_client))
}

fn gone(id: &str) -> Error {
    Error::new(ErrorKind::Aws, format!("the user pool client {id} is gone"))
        .hint("it was deleted meanwhile; run the same command again")
}
