//! The calls of an authorizer.

use super::{
    rest_api::wire::PAGE,
    rows::{blank, name, patched_rows, seconds, set},
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        authorizer::{Authorizer, AuthorizerOutputs},
        completed, explicit,
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::{Authorizer as AwsAuthorizer, AuthorizerType, PatchOperation};
use futures::future::try_join_all;

patched_rows! { Authorizer in AwsAuthorizer:
    name = name @ "/name": name,
    token_source = identity_source @ "/identitySource": header,
    validation_expression = identity_validation_expression @ "/identityValidationExpression": blank,
    ttl = authorizer_result_ttl_in_seconds @ "/authorizerResultTtlInSeconds": seconds,
    user_pool_arns = provider_arns @ "/providerARNs": set;
    // Only of what no file has made.
    but r#type
}

/// A request's header, behind what API Gateway writes before it.
mod header {
    const HEADER: &str = "method.request.header.";

    pub(super) fn read(live: &Option<String>) -> Option<String> {
        let source = live.as_deref().filter(|it| !it.is_empty())?;
        Some(source.strip_prefix(HEADER).unwrap_or(source).to_owned())
    }

    pub(super) fn write(live: &mut Option<String>, declared: &Option<String>) {
        if let Some(name) = declared {
            *live = Some(format!("{HEADER}{name}"));
        }
    }
}

impl Kind for Authorizer {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let listed = list(&reads.aws, &parent.id).await?;
        let whole = listed
            .into_iter()
            .map(|it| described(&reads.aws, &parent.id, it));
        let authorizers = try_join_all(whole).await?;
        authorizers
            .iter()
            .map(|it| found(it, wanted).map(Listed::Full))
            .collect()
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        _name: &str,
    ) -> Result<AuthorizerOutputs> {
        let mut wanted = AwsAuthorizer::builder().build();
        write(&mut wanted, &explicit(self)?);
        let request = aws
            .apigateway
            .create_authorizer()
            .rest_api_id(&parent.id)
            .set_name(wanted.name)
            .r#type(AuthorizerType::CognitoUserPools)
            .set_provider_arns(wanted.provider_arns)
            .set_identity_source(wanted.identity_source)
            .set_identity_validation_expression(wanted.identity_validation_expression)
            .set_authorizer_result_ttl_in_seconds(wanted.authorizer_result_ttl_in_seconds);
        let made = aws
            .create("apigateway:CreateAuthorizer", || request.clone().send())
            .await?;
        Ok(AuthorizerOutputs {
            id: told(made.id(), "apigateway:CreateAuthorizer")?,
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let operations = patch(self, &live.spec, |field| any_touches(changes, &[field]));
        if operations.is_empty() {
            return Ok(());
        }
        let request = aws.apigateway.update_authorizer().rest_api_id(&parent.id);
        let request = request
            .authorizer_id(&live.outputs.id)
            .set_patch_operations(Some(operations));
        aws.write("apigateway:UpdateAuthorizer", || request.clone().send())
            .await
            .map(drop)
    }

    async fn delete(aws: &Aws, parent: &RestApiOutputs, live: &AuthorizerOutputs) -> Result<()> {
        let request = aws
            .apigateway
            .delete_authorizer()
            .rest_api_id(&parent.id)
            .authorizer_id(&live.id);
        let deleted = aws
            .write("apigateway:DeleteAuthorizer", || request.clone().send())
            .await;
        absent(deleted).map(drop)
    }
}

async fn list(aws: &Aws, api: &str) -> Result<Vec<AwsAuthorizer>> {
    pages(|position| async move {
        let request = aws.apigateway.get_authorizers().rest_api_id(api);
        let request = request.limit(PAGE).set_position(position);
        let page = aws
            .read("apigateway:GetAuthorizers", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// A listed authorizer; one that the list has in part is asked for by itself. Cognito's is never
/// without a pool and a header (docs/aws.md §6).
async fn described(aws: &Aws, api: &str, listed: AwsAuthorizer) -> Result<AwsAuthorizer> {
    let is_cognito = listed
        .r#type()
        .is_none_or(|it| *it == AuthorizerType::CognitoUserPools);
    let is_whole = listed.r#type().is_some() && listed.name().is_some();
    let is_whole =
        is_whole && !listed.provider_arns().is_empty() && listed.identity_source().is_some();
    let Some(id) = listed.id().filter(|_| is_cognito && !is_whole) else {
        return Ok(listed);
    };
    let request = aws
        .apigateway
        .get_authorizer()
        .rest_api_id(api)
        .authorizer_id(id);
    let asked = absent(
        aws.read("apigateway:GetAuthorizer", || request.clone().send())
            .await,
    )?;
    Ok(asked.map_or_else(
        || listed.clone(),
        |it| {
            AwsAuthorizer::builder()
                .set_id(it.id)
                .set_name(it.name)
                .set_type(it.r#type)
                .set_provider_arns(it.provider_arns)
                .set_identity_source(it.identity_source)
                .set_identity_validation_expression(it.identity_validation_expression)
                .set_authorizer_result_ttl_in_seconds(it.authorizer_result_ttl_in_seconds)
                .build()
        },
    ))
}

fn found(authorizer: &AwsAuthorizer, wanted: &Declared<Authorizer>) -> Result<Found<Authorizer>> {
    let spec = live_spec(authorizer)?;
    let id = authorizer.id().unwrap_or_default();
    let outputs = AuthorizerOutputs { id: id.to_owned() };
    Ok(Found::child(name_of(&spec.name, id, wanted), spec, outputs))
}

fn live_spec(authorizer: &AwsAuthorizer) -> Result<Authorizer> {
    let other = authorizer
        .r#type()
        .filter(|it| **it != AuthorizerType::CognitoUserPools);
    completed(Authorizer {
        r#type: other.map(|it| it.as_str().to_owned()),
        ..read(authorizer)
    })
}

/// The key in stack.toml of the authorizer that AWS calls `name`; AWS's name where none has it.
fn name_of(name: &str, id: &str, wanted: &Declared<Authorizer>) -> String {
    match wanted.iter().find(|(_, spec)| spec.name == name) {
        Some((key, _)) => key.clone(),
        // Another one's key happens to be this one's name: it must not be taken for that.
        None if wanted.contains_key(name) => format!("{name} ({id})"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::{Duration, Unit};
    use aws_sdk_apigateway::types::Op;
    use std::collections::BTreeSet;

    #[test]
    fn what_aws_leaves_out_reads_as_its_default() {
        let live = live_spec(
            &AwsAuthorizer::builder()
                .name("a")
                .provider_arns("arn:b")
                .build(),
        )
        .unwrap();
        assert_eq!(
            (live.ttl, live.r#type),
            (Some(Duration::new(5, Unit::Minutes)), None)
        );
        assert_eq!(live.token_source.as_deref(), Some("Authorization"));
        assert_eq!(live.validation_expression.as_deref(), Some(""));
    }

    #[test]
    fn an_undeclared_authorizer_never_passes_for_a_declared_one() {
        let spec = Authorizer {
            name: "Pool".into(),
            ..Default::default()
        };
        let wanted = Declared::from([("cognito".to_owned(), spec)]);
        assert_eq!(name_of("Pool", "1", &wanted), "cognito");
        assert_eq!(name_of("other", "2", &wanted), "other");
        assert_eq!(name_of("cognito", "3", &wanted), "cognito (3)");
    }

    #[test]
    fn one_patch_holds_every_changed_field_and_no_other() {
        let arns = |arn: &str| BTreeSet::from([arn.to_owned()]);
        let live = Authorizer {
            user_pool_arns: arns("arn:old"),
            ..Default::default()
        };
        let spec = Authorizer {
            user_pool_arns: arns("arn:new"),
            ttl: Some(Duration::new(1, Unit::Minutes)),
            ..Default::default()
        };
        let operations = patch(&spec, &live, |field| {
            ["user_pool_arns", "ttl"].contains(&field)
        });
        let short: Vec<_> = operations
            .iter()
            .map(|it| (it.op().cloned(), it.path(), it.value()))
            .collect();
        let arns = Some("/providerARNs");
        assert_eq!(
            short,
            [
                (
                    Some(Op::Replace),
                    Some("/authorizerResultTtlInSeconds"),
                    Some("60")
                ),
                (Some(Op::Add), arns, Some("arn:new")),
                (Some(Op::Remove), arns, Some("arn:old")),
            ]
        );
    }
}
