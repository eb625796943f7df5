//! The fields of an identity pool, where AWS keeps them, but for its roles. Pure.

use crate::{
    diff::{Change, any_touches},
    error::{Error, Result},
    kinds::{
        rows::{map, sent_rows, switch, text, words},
        tags::kept,
    },
    spec::{Spec, from_tree, identity_pool::IdentityPool, to_tree},
};
use aws_sdk_cognitoidentity::{
    operation::{
        create_identity_pool::builders::CreateIdentityPoolFluentBuilder,
        describe_identity_pool::DescribeIdentityPoolOutput,
        update_identity_pool::builders::UpdateIdentityPoolFluentBuilder,
    },
    types::CognitoIdentityProvider,
};
use serde_json::Value;
use std::collections::BTreeSet;

sent_rows! {
    IdentityPool in DescribeIdentityPoolOutput by CreateIdentityPoolFluentBuilder, UpdateIdentityPoolFluentBuilder:
    allow_classic_flow = allow_classic_flow set_allow_classic_flow: switch,
    login_providers = supported_login_providers set_supported_login_providers: map,
    openid_connect_providers = open_id_connect_provider_arns set_open_id_connect_provider_arns: words,
    saml_providers = saml_provider_arns set_saml_provider_arns: words,
    developer_provider = developer_provider_name set_developer_provider_name: text;
    but name, allow_unauthenticated, clients, server_side_token_check, authenticated_role, unauthenticated_role,
    role_mappings, tags
}

/// What AWS tells, without the roles.
pub(super) fn spec(pool: &DescribeIdentityPoolOutput) -> IdentityPool {
    let clients = pool.cognito_identity_providers();
    let checks: BTreeSet<_> = clients
        .iter()
        .map(|it| it.server_side_token_check.unwrap_or(false))
        .collect();
    IdentityPool {
        name: pool.identity_pool_name.clone(),
        allow_unauthenticated: Some(pool.allow_unauthenticated_identities),
        clients: Some(clients.iter().filter_map(client).collect()),
        // Where clients differ, it is neither.
        server_side_token_check: match checks.len() {
            0 => Some(false),
            1 => checks.first().copied(),
            _ => None,
        },
        tags: Some(crate::owner::declared(&super::find::tags(pool))),
        ..read(pool)
    }
}

/// `POOL:CLIENT`.
fn client(provider: &CognitoIdentityProvider) -> Option<String> {
    let pool = provider.provider_name()?.rsplit('/').next()?;
    Some(format!("{pool}:{}", provider.client_id()?))
}

/// As a token's issuer is called, without its scheme: `cognito-idp.REGION.amazonaws.com/POOL`.
pub(super) fn provider(pool: &str) -> String {
    let region = pool.split('_').next().unwrap_or_default();
    format!("cognito-idp.{region}.amazonaws.com/{pool}")
}

pub(super) fn create_request(
    request: CreateIdentityPoolFluentBuilder,
    spec: &IdentityPool,
) -> Result<CreateIdentityPoolFluentBuilder> {
    let nothing = DescribeIdentityPoolOutput::builder().identity_pool_id("");
    let nothing = nothing.identity_pool_name("").build();
    let nothing = nothing
        .map_err(|error| Error::internal("an identity pool has no members").source(error))?;
    let mut pool = laid_over(nothing, spec);
    Ok(request
        .sent(&mut pool)
        .identity_pool_name(pool.identity_pool_name)
        .allow_unauthenticated_identities(pool.allow_unauthenticated_identities)
        .set_cognito_identity_providers(pool.cognito_identity_providers))
}

/// What is there goes out again, its tags included: what is not sent is reset.
pub(super) fn update_request(
    request: UpdateIdentityPoolFluentBuilder,
    live: DescribeIdentityPoolOutput,
    spec: &IdentityPool,
) -> UpdateIdentityPoolFluentBuilder {
    let mut pool = laid_over(live, spec);
    let tags = kept(pool.identity_pool_tags.take(), None);
    request
        .sent(&mut pool)
        .identity_pool_id(pool.identity_pool_id)
        .identity_pool_name(pool.identity_pool_name)
        .allow_unauthenticated_identities(pool.allow_unauthenticated_identities)
        .set_cognito_identity_providers(pool.cognito_identity_providers)
        .set_identity_pool_tags(Some(tags))
}

fn laid_over(
    mut pool: DescribeIdentityPoolOutput,
    spec: &IdentityPool,
) -> DescribeIdentityPoolOutput {
    write(&mut pool, spec);
    pool.identity_pool_name.clone_from(&spec.name);
    if let Some(allow) = spec.allow_unauthenticated {
        pool.allow_unauthenticated_identities = allow;
    }
    let there = pool.cognito_identity_providers.take().unwrap_or_default();
    let of = |text: &String| {
        let (pool, client) = text.split_once(':').unwrap_or_default();
        let new = CognitoIdentityProvider::builder()
            .provider_name(provider(pool))
            .client_id(client)
            .build();
        let same = there
            .iter()
            .find(|it| self::client(it).as_ref() == Some(text));
        same.cloned().unwrap_or(new)
    };
    let mut clients: Vec<_> = match &spec.clients {
        Some(all) => all.iter().map(of).collect(),
        None => there.clone(),
    };
    if spec.server_side_token_check.is_some() {
        for it in &mut clients {
            it.server_side_token_check = spec.server_side_token_check;
        }
    }
    pool.cognito_identity_providers = Some(clients);
    pool
}

/// With nothing in the place of what somebody else has set, where that is a change.
pub(super) fn without_others(
    spec: &IdentityPool,
    live: &IdentityPool,
    changes: &[Change],
) -> Result<IdentityPool> {
    let (mut wanted, live) = (to_tree(spec)?, to_tree(live)?);
    for field in IdentityPool::TRAITS.beyond {
        if wanted[*field].is_null() && any_touches(changes, &[field]) {
            wanted[*field] = match &live[*field] {
                Value::Bool(_) => false.into(),
                Value::String(_) => "".into(),
                Value::Array(_) => Value::Array(vec![]),
                _ => Value::Object(serde_json::Map::new()),
            };
        }
    }
    from_tree(&wanted)
}
