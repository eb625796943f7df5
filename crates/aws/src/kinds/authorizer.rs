//! The calls of an authorizer.

use super::{
    rest_api::wire::{PAGE, replace},
    rows::{blank, name, patched_rows, seconds, set},
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Spec,
        authorizer::{Authorizer, AuthorizerOutputs},
        completed, explicit,
        rest_api::RestApiOutputs,
        route::{function_at, uri},
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
    // Cognito's type is none; a function has an address that names the region; and the sources of a
    // request stand where other types have one header.
    but r#type, function, identity_sources
}

/// A request's header, behind what API Gateway writes before it.
mod header {
    use crate::spec::authorizer::HEADER;

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
            .map(|it| found(it, &reads.aws.region, wanted).map(Listed::Full))
            .collect()
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        _name: &str,
    ) -> Result<AuthorizerOutputs> {
        let wanted = in_aws(self)?;
        let r#type = self.r#type.as_deref().map(Into::into);
        let request = aws
            .apigateway
            .create_authorizer()
            .rest_api_id(&parent.id)
            .set_name(wanted.name)
            .r#type(r#type.unwrap_or(AuthorizerType::CognitoUserPools))
            .set_provider_arns(wanted.provider_arns.filter(|it| !it.is_empty()))
            .set_authorizer_uri(uri_of(self, &aws.region))
            .set_identity_source(sources(self).or(wanted.identity_source))
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
        let is_due = |field: &str| any_touches(changes, &[field]);
        let mut operations = patch(self, &live.spec, is_due);
        if is_due("function") {
            let uri = uri_of(self, &aws.region).unwrap_or_default();
            operations.push(replace("/authorizerUri", uri));
        }
        if is_due("identity_sources") {
            let sources = sources(self).unwrap_or_default();
            operations.push(replace("/identitySource", sources));
        }
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

/// It in AWS's words, as far as those are its rows.
pub(super) fn in_aws(spec: &Authorizer) -> Result<AwsAuthorizer> {
    let mut wanted = AwsAuthorizer::builder().build();
    write(&mut wanted, &explicit(spec)?.normal());
    Ok(wanted)
}

/// Where API Gateway finds its function.
pub(super) fn uri_of(spec: &Authorizer, region: &str) -> Option<String> {
    spec.function.as_deref().map(|it| uri(it, region))
}

/// What of a request is looked at, as API Gateway lists it.
pub(super) fn sources(spec: &Authorizer) -> Option<String> {
    let sources = spec.identity_sources.as_ref()?;
    Some(sources.iter().cloned().collect::<Vec<_>>().join(","))
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
/// without a pool and a header, any other never without the address of its function, and without a place to look
/// at only where nothing is remembered (docs/aws.md §6).
async fn described(aws: &Aws, api: &str, listed: AwsAuthorizer) -> Result<AwsAuthorizer> {
    let has_insides = match listed.r#type() {
        None => false,
        Some(AuthorizerType::CognitoUserPools) => {
            !listed.provider_arns().is_empty() && listed.identity_source().is_some()
        }
        Some(_) => {
            let looks = listed.identity_source().is_some();
            let remembers = listed.authorizer_result_ttl_in_seconds() != Some(0);
            listed.authorizer_uri().is_some() && (looks || !remembers)
        }
    };
    let is_whole = has_insides && listed.name().is_some();
    let Some(id) = listed.id().filter(|_| !is_whole) else {
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
                .set_authorizer_uri(it.authorizer_uri)
                .set_identity_source(it.identity_source)
                .set_identity_validation_expression(it.identity_validation_expression)
                .set_authorizer_result_ttl_in_seconds(it.authorizer_result_ttl_in_seconds)
                .build()
        },
    ))
}

fn found(
    authorizer: &AwsAuthorizer,
    region: &str,
    wanted: &Declared<Authorizer>,
) -> Result<Found<Authorizer>> {
    let spec = live_spec(authorizer, region)?;
    let id = authorizer.id().unwrap_or_default();
    let outputs = AuthorizerOutputs { id: id.to_owned() };
    Ok(Found::child(name_of(&spec.name, id, wanted), spec, outputs))
}

fn live_spec(authorizer: &AwsAuthorizer, region: &str) -> Result<Authorizer> {
    let other = authorizer
        .r#type()
        .filter(|it| **it != AuthorizerType::CognitoUserPools);
    let uri = authorizer.authorizer_uri().filter(|it| !it.is_empty());
    let sources = authorizer.identity_source().unwrap_or_default();
    let sources = sources.split(',').map(str::trim);
    let spec = Authorizer {
        r#type: other.map(|it| it.as_str().to_owned()),
        function: uri.map(|it| function_at(it, region)),
        identity_sources: Some(
            sources
                .filter(|it| !it.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        ),
        ..read(authorizer)
    };
    Ok(completed(spec)?.normal())
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
            "eu-west-1",
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
