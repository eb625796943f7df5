//! The calls of an identity provider of a user pool.

mod details;

use super::user_pool;
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::Change,
    error::{Error, ErrorKind, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Spec,
        identity_provider::{IdentityProvider, IdentityProviderOutputs},
        user_pool::{UserPoolOutputs, from_word, word},
    },
};
use aws_sdk_cognitoidentityprovider::types::{IdentityProviderType, ProviderDescription};
use std::collections::{BTreeMap, HashMap};

/// The most providers that a page may have (service model).
const PAGE: i32 = 60;

/// The attribute that a pool has with its first provider (docs/aws.md §2).
const MARK: &str = "identities";

impl Kind for IdentityProvider {
    /// Asks only where there can be some: they are declared, or the pool's schema tells.
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let is_asked = !wanted.is_empty() || reads.is_thorough() || reads.is_for_a_file();
        let asks = is_asked || has_some(reads, &pool.id).await?;
        if !asks {
            return Ok(vec![]);
        }
        let there = pages(|position| list(reads, &pool.id, position)).await?;
        let names = there.into_iter().filter_map(|it| it.provider_name);
        let listed = names.map(|name| Listed::id(name.clone(), IdentityProviderOutputs { name }));
        Ok(listed.collect())
    }

    async fn read(
        reads: &Reads,
        pool: &UserPoolOutputs,
        name: &str,
        _: &IdentityProviderOutputs,
    ) -> Result<Option<Found<Self>>> {
        let live = describe(&reads.aws, &pool.id, name).await?;
        Ok(live.map(|live| Found::child(name, spec(&live), outputs(name))))
    }

    async fn create(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        name: &str,
    ) -> Result<IdentityProviderOutputs> {
        self.hide_secrets(aws);
        let Some(of) = self.provider_type else {
            return Err(Error::internal(format!("the provider {name} has no type")));
        };
        let details = details::of_new(self, of);
        let send = || {
            let request = aws.cognito.create_identity_provider();
            request
                .user_pool_id(&pool.id)
                .provider_name(name)
                .provider_type(word(&of).as_str().into())
                .set_provider_details(Some(details.clone()))
                .set_attribute_mapping(self.attribute_mapping.as_ref().map(in_aws))
                .set_idp_identifiers(
                    self.idp_identifiers
                        .as_ref()
                        .map(|it| it.iter().cloned().collect()),
                )
                .send()
        };
        aws.create("cognito-idp:CreateIdentityProvider", send)
            .await?;
        Ok(outputs(name))
    }

    /// Reads the provider afresh and sends all of it (docs/aws.md §4).
    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        self.hide_secrets(aws);
        let name = &live.name;
        let there = describe(aws, &pool.id, name).await?;
        let there = there.ok_or_else(|| gone(name))?;
        let now = spec(&there);
        let mapping = mapping(
            self.attribute_mapping
                .as_ref()
                .or(now.attribute_mapping.as_ref()),
            &now,
        );
        let identifiers = self
            .idp_identifiers
            .as_ref()
            .or(now.idp_identifiers.as_ref());
        let identifiers: Vec<_> = identifiers.into_iter().flatten().cloned().collect();
        let details = details::laid_over(&there, &now, self);
        let send = || {
            let request = aws.cognito.update_identity_provider();
            request
                .user_pool_id(&pool.id)
                .provider_name(name)
                .set_provider_details(Some(details.clone()))
                .set_attribute_mapping(Some(mapping.clone()))
                .set_idp_identifiers(Some(identifiers.clone()))
                .set_acr_mapping(there.acr_mapping.clone())
                .send()
        };
        aws.write("cognito-idp:UpdateIdentityProvider", send)
            .await?;
        Ok(())
    }

    async fn delete(
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &IdentityProviderOutputs,
    ) -> Result<()> {
        let send = || {
            let request = aws.cognito.delete_identity_provider();
            request
                .user_pool_id(&pool.id)
                .provider_name(&live.name)
                .send()
        };
        absent(aws.write("cognito-idp:DeleteIdentityProvider", send).await)?;
        Ok(())
    }
}

trait HideSecrets {
    /// Keeps what is sent out of every error, and out of the trace.
    fn hide_secrets(&self, aws: &Aws);
}

impl HideSecrets for IdentityProvider {
    fn hide_secrets(&self, aws: &Aws) {
        let secrets = [&self.client_secret, &self.private_key];
        secrets.into_iter().flatten().for_each(|it| aws.hide(it));
    }
}

/// Whether the pool's schema tells that it has, or had, a provider.
async fn has_some(reads: &Reads, pool: &str) -> Result<bool> {
    let pool = user_pool::describe(reads, pool).await?;
    let schema = pool
        .as_ref()
        .as_ref()
        .map_or(&[][..], |it| it.schema_attributes());
    Ok(schema.iter().any(|it| it.name() == Some(MARK)))
}

type Page = (Vec<ProviderDescription>, Option<String>);

async fn list(reads: &Reads, pool: &str, position: Option<String>) -> Result<Page> {
    let send = || {
        let request = reads.aws.cognito.list_identity_providers();
        request
            .user_pool_id(pool)
            .max_results(PAGE)
            .set_next_token(position.clone())
            .send()
    };
    let answer = absent(
        reads
            .aws
            .read("cognito-idp:ListIdentityProviders", send)
            .await,
    )?;
    Ok(answer.map_or_else(Default::default, |it| (it.providers, it.next_token)))
}

/// Asks for a provider afresh; `None` when it is gone, or its pool is.
async fn describe(aws: &Aws, pool: &str, name: &str) -> Result<Option<IdentityProviderType>> {
    let send = || {
        let request = aws.cognito.describe_identity_provider();
        request.user_pool_id(pool).provider_name(name).send()
    };
    let answer = absent(aws.read("cognito-idp:DescribeIdentityProvider", send).await)?;
    let live = answer.and_then(|it| it.identity_provider);
    // An answer may quote what was sent.
    let details = live.iter().filter_map(|it| it.provider_details());
    let secrets = details.filter_map(|it| it.get("client_secret"));
    secrets.for_each(|it| aws.hide(it));
    Ok(live)
}

/// What AWS tells of it, without what it has filled in itself.
fn spec(live: &IdentityProviderType) -> IdentityProvider {
    let of = live.provider_type().and_then(|it| from_word(it.as_str()));
    let mapping = live.attribute_mapping().cloned().unwrap_or_default();
    let spec = IdentityProvider {
        provider_type: of,
        attribute_mapping: Some(mapping.into_iter().collect()),
        idp_identifiers: Some(live.idp_identifiers().iter().cloned().collect()),
        ..details::read(live, of)
    };
    spec.normal()
}

fn in_aws<'a>(
    mapping: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> HashMap<String, String> {
    mapping
        .into_iter()
        .map(|(to, from)| (to.clone(), from.clone()))
        .collect()
}

/// The whole mapping: the username comes from where it comes from if nobody says it.
fn mapping(
    declared: Option<&BTreeMap<String, String>>,
    live: &IdentityProvider,
) -> HashMap<String, String> {
    let mut mapping = in_aws(declared.into_iter().flatten());
    if let Some(usual) = live.provider_type.and_then(|it| it.username()) {
        mapping
            .entry("username".to_owned())
            .or_insert_with(|| usual.to_owned());
    }
    mapping
}

fn outputs(name: &str) -> IdentityProviderOutputs {
    IdentityProviderOutputs {
        name: name.to_owned(),
    }
}

fn gone(name: &str) -> Error {
    Error::new(
        ErrorKind::Aws,
        format!("the identity provider {name} is gone"),
    )
    .hint("it was deleted meanwhile; run the same command again")
}
