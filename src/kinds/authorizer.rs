//! The calls of an authorizer.

use super::rest_api::wire::{PAGE, replace, replace_set};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    duration::{Duration, Unit},
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

/// Before the header's name, where an authorizer looks for the token.
const HEADER: &str = "method.request.header.";

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
        let spec = explicit(self)?;
        let request = aws
            .apigateway
            .create_authorizer()
            .rest_api_id(&parent.id)
            .name(&self.name)
            .r#type(AuthorizerType::CognitoUserPools)
            .set_provider_arns(Some(spec.user_pool_arns.into_iter().collect()))
            .set_identity_source(spec.token_source.map(|name| format!("{HEADER}{name}")))
            .set_identity_validation_expression(
                spec.validation_expression.filter(|it| !it.is_empty()),
            )
            .set_authorizer_result_ttl_in_seconds(
                spec.ttl.and_then(|it| it.seconds().try_into().ok()),
            );
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
        let operations = patch(self, &live.spec, changes);
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

fn patch(spec: &Authorizer, live: &Authorizer, changes: &[Change]) -> Vec<PatchOperation> {
    let Authorizer {
        name,
        r#type: _,
        user_pool_arns,
        token_source,
        validation_expression,
        ttl,
    } = spec;
    let mut operations = vec![];
    let mut set = |field: &str, path: &str, value: Option<String>| {
        if let (true, Some(value)) = (any_touches(changes, &[field]), value) {
            operations.push(replace(path, value));
        }
    };
    set("name", "/name", Some(name.clone()));
    set(
        "token_source",
        "/identitySource",
        token_source.as_ref().map(|name| format!("{HEADER}{name}")),
    );
    set(
        "validation_expression",
        "/identityValidationExpression",
        validation_expression.clone(),
    );
    set(
        "ttl",
        "/authorizerResultTtlInSeconds",
        ttl.map(|it| it.seconds().to_string()),
    );
    if any_touches(changes, &["user_pool_arns"]) {
        operations.extend(replace_set(
            "/providerARNs",
            &live.user_pool_arns,
            user_pool_arns,
        ));
    }
    operations
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
    let source = authorizer.identity_source().filter(|it| !it.is_empty());
    let seconds = authorizer
        .authorizer_result_ttl_in_seconds()
        .and_then(|it| it.try_into().ok());
    let other = authorizer
        .r#type()
        .filter(|it| **it != AuthorizerType::CognitoUserPools);
    completed(Authorizer {
        name: authorizer.name().unwrap_or_default().to_owned(),
        r#type: other.map(|it| it.as_str().to_owned()),
        user_pool_arns: authorizer.provider_arns().iter().cloned().collect(),
        token_source: source.map(|it| it.strip_prefix(HEADER).unwrap_or(it).to_owned()),
        validation_expression: Some(
            authorizer
                .identity_validation_expression()
                .unwrap_or_default()
                .to_owned(),
        ),
        ttl: seconds.map(|it| Duration::new(it, Unit::Seconds)),
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
    use aws_sdk_apigateway::types::Op;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn change(path: &str) -> Change {
        Change {
            path: path.into(),
            old: json!(null),
            new: json!("x"),
        }
    }

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
        let operations = patch(&spec, &live, &[change("user_pool_arns"), change("ttl")]);
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
