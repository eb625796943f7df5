//! The calls of a resource server of a user pool.

use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Produces,
        resource_server::{ResourceServer, ResourceServerOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::{ResourceServerScopeType, ResourceServerType};
use std::collections::BTreeMap;

impl Kind for ResourceServer {
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        _: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let page = |position: Option<String>| async move {
            let send = || {
                let request = reads.aws.cognito.list_resource_servers();
                request
                    .user_pool_id(&pool.id)
                    .max_results(50)
                    .set_next_token(position.clone())
                    .send()
            };
            let answer = absent(
                reads
                    .aws
                    .read("cognito-idp:ListResourceServers", send)
                    .await,
            )?;
            Ok(answer.map_or_else(Default::default, |it| (it.resource_servers, it.next_token)))
        };
        let there = pages(page).await?;
        Ok(there.iter().map(|it| Listed::Full(found(it))).collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        identifier: &str,
    ) -> Result<ResourceServerOutputs> {
        let Self { name, scopes } = self;
        let name = name.clone().unwrap_or_else(|| plain(identifier));
        let scopes = in_aws(scopes.iter().flatten())?;
        let send = || {
            let request = aws.cognito.create_resource_server();
            request
                .user_pool_id(&pool.id)
                .identifier(identifier)
                .name(&name)
                .set_scopes(Some(scopes.clone()))
                .send()
        };
        aws.create("cognito-idp:CreateResourceServer", send).await?;
        Ok(outputs(identifier))
    }

    /// `UpdateResourceServer` wants the name and resets the scopes that it is not sent (docs/aws.md §4).
    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        let Self { name, scopes } = self;
        let name = name.as_ref().or(live.spec.name.as_ref());
        let scopes = scopes.as_ref().or(live.spec.scopes.as_ref());
        let scopes = in_aws(scopes.into_iter().flatten())?;
        let send = || {
            let request = aws.cognito.update_resource_server();
            request
                .user_pool_id(&pool.id)
                .identifier(&live.name)
                .set_name(name.cloned())
                .set_scopes(Some(scopes.clone()))
                .send()
        };
        aws.write("cognito-idp:UpdateResourceServer", send).await?;
        Ok(())
    }

    async fn delete(aws: &Aws, pool: &UserPoolOutputs, live: &ResourceServerOutputs) -> Result<()> {
        let send = || {
            let request = aws.cognito.delete_resource_server();
            request
                .user_pool_id(&pool.id)
                .identifier(&live.identifier)
                .send()
        };
        absent(aws.write("cognito-idp:DeleteResourceServer", send).await)?;
        Ok(())
    }
}

fn found(live: &ResourceServerType) -> Found<ResourceServer> {
    let identifier = live.identifier().unwrap_or_default();
    let scopes: BTreeMap<_, _> = live
        .scopes()
        .iter()
        .map(|it| (it.scope_name.clone(), it.scope_description.clone()))
        .collect();
    let spec = ResourceServer {
        name: live.name.clone(),
        scopes: Some(scopes),
    };
    Found::child(identifier, spec, outputs(identifier))
}

fn outputs(identifier: &str) -> ResourceServerOutputs {
    ResourceServerOutputs {
        identifier: identifier.to_owned(),
    }
}

/// What AWS is sent of each.
fn in_aws<'a>(
    scopes: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<Vec<ResourceServerScopeType>> {
    let scope = |(name, description): (&String, &String)| {
        let scope = ResourceServerScopeType::builder().scope_name(name);
        let scope = scope.scope_description(description).build();
        scope.map_err(|error| Error::internal("a scope without its members").source(error))
    };
    scopes.map(scope).collect()
}

/// An identifier as a name: `https://api.example.com` has characters that a name cannot have.
fn plain(identifier: &str) -> String {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let words: Vec<_> = identifier
        .split(|c| !is_taken(c))
        .filter(|it| !it.is_empty())
        .collect();
    if words.is_empty() {
        ResourceServer::NAME.to_owned()
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::is_of;
    use crate::spec::resource_server::ServerName;

    #[test]
    fn every_identifier_makes_a_name() {
        for (identifier, name) in [
            ("notes", "notes"),
            ("https://api.example.com/v1", "https api.example.com v1"),
            ("::", "resource server"),
        ] {
            assert_eq!(plain(identifier), name);
            assert!(is_of::<ServerName>(name), "{name}");
        }
    }
}
