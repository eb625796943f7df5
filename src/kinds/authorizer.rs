//! The calls of an authorizer.

use super::rest_api::wire::{PAGE, replace, replace_set};
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::{Change, any_touches},
    error::Result,
    kind::{Kind, Sighting, Wanted},
    spec::{
        Found,
        authorizer::{Authorizer, AuthorizerOutputs, COGNITO},
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::{Authorizer as AwsAuthorizer, AuthorizerType, PatchOperation};
use futures::future::try_join_all;

/// Where the console's authorizers look for the token.
const AUTHORIZATION_HEADER: &str = "method.request.header.Authorization";

/// Seconds for which a result is kept where AWS names none (docs/aws.md §6).
const DEFAULT_TTL: u32 = 300;

impl Kind for Authorizer {
    async fn find(
        reads: &Reads,
        within: &RestApiOutputs,
        wanted: &Wanted<Self>,
    ) -> Result<Vec<Sighting<Self>>> {
        let listed = list(&reads.aws, &within.id).await?;
        let whole = listed.into_iter().map(|it| completed(&reads.aws, &within.id, it));
        let authorizers = try_join_all(whole).await?;
        Ok(authorizers.iter().map(|it| Sighting::Whole(found(it, wanted))).collect())
    }

    async fn create(&self, aws: &Aws, within: &RestApiOutputs, _name: &str) -> Result<AuthorizerOutputs> {
        let request = aws
            .apigateway
            .create_authorizer()
            .rest_api_id(&within.id)
            .name(&self.name)
            .r#type(AuthorizerType::CognitoUserPools)
            .set_provider_arns(Some(self.provider_arns.iter().cloned().collect()))
            .identity_source(self.identity_source.as_deref().unwrap_or(AUTHORIZATION_HEADER))
            .set_identity_validation_expression(
                self.validation_expression.clone().filter(|it| !it.is_empty()),
            )
            .set_authorizer_result_ttl_in_seconds(self.ttl.and_then(|ttl| ttl.try_into().ok()));
        let made = aws.create("apigateway:CreateAuthorizer", || request.clone().send()).await?;
        Ok(AuthorizerOutputs { id: made.id().unwrap_or_default().to_owned() })
    }

    async fn update(
        &self,
        aws: &Aws,
        within: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let operations = self.patch(&live.spec, changes);
        if operations.is_empty() {
            return Ok(());
        }
        let request = aws.apigateway.update_authorizer().rest_api_id(&within.id);
        let request = request.authorizer_id(&live.outputs.id).set_patch_operations(Some(operations));
        aws.write("apigateway:UpdateAuthorizer", || request.clone().send()).await.map(drop)
    }

    async fn delete(aws: &Aws, within: &RestApiOutputs, live: &AuthorizerOutputs) -> Result<()> {
        let request = aws.apigateway.delete_authorizer().rest_api_id(&within.id).authorizer_id(&live.id);
        let deleted = aws.write("apigateway:DeleteAuthorizer", || request.clone().send()).await;
        absent(deleted).map(drop)
    }
}

impl Authorizer {
    fn patch(&self, live: &Self, changes: &[Change]) -> Vec<PatchOperation> {
        let Self { name, r#type: _, provider_arns, identity_source, validation_expression, ttl } = self;
        let mut operations = vec![];
        let mut set = |field: &str, path: &str, value: Option<String>| {
            if let (true, Some(value)) = (any_touches(changes, &[field]), value) {
                operations.push(replace(path, value));
            }
        };
        set("name", "/name", Some(name.clone()));
        set("identity_source", "/identitySource", identity_source.clone());
        set("validation_expression", "/identityValidationExpression", validation_expression.clone());
        set("ttl", "/authorizerResultTtlInSeconds", ttl.map(|ttl| ttl.to_string()));
        if any_touches(changes, &["provider_arns"]) {
            operations.extend(replace_set("/providerARNs", &live.provider_arns, provider_arns));
        }
        operations
    }
}

async fn list(aws: &Aws, api: &str) -> Result<Vec<AwsAuthorizer>> {
    pages(|position| async move {
        let request = aws.apigateway.get_authorizers().rest_api_id(api);
        let request = request.limit(PAGE).set_position(position);
        let page = aws.read("apigateway:GetAuthorizers", || request.clone().send()).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// A listed authorizer; one that the list has in part is asked for by itself. Cognito's is never
/// without a pool and a header (docs/aws.md §6).
async fn completed(aws: &Aws, api: &str, listed: AwsAuthorizer) -> Result<AwsAuthorizer> {
    let is_cognito = listed.r#type().is_none_or(|it| *it == AuthorizerType::CognitoUserPools);
    let is_whole = listed.r#type().is_some() && listed.name().is_some();
    let is_whole = is_whole && !listed.provider_arns().is_empty() && listed.identity_source().is_some();
    let Some(id) = listed.id().filter(|_| is_cognito && !is_whole) else { return Ok(listed) };
    let request = aws.apigateway.get_authorizer().rest_api_id(api).authorizer_id(id);
    let asked = absent(aws.read("apigateway:GetAuthorizer", || request.clone().send()).await)?;
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

fn found(authorizer: &AwsAuthorizer, wanted: &Wanted<Authorizer>) -> Found<Authorizer> {
    let spec = live_spec(authorizer);
    let id = authorizer.id().unwrap_or_default();
    Found::child(name_of(&spec.name, id, wanted), spec, AuthorizerOutputs { id: id.to_owned() })
}

fn live_spec(authorizer: &AwsAuthorizer) -> Authorizer {
    let text = |value: Option<&str>| Some(value.unwrap_or_default().to_owned());
    let ttl = authorizer.authorizer_result_ttl_in_seconds().and_then(|ttl| ttl.try_into().ok());
    Authorizer {
        name: authorizer.name().unwrap_or_default().to_owned(),
        r#type: authorizer.r#type().map_or(COGNITO, AuthorizerType::as_str).to_owned(),
        provider_arns: authorizer.provider_arns().iter().cloned().collect(),
        identity_source: text(authorizer.identity_source()),
        validation_expression: text(authorizer.identity_validation_expression()),
        ttl: Some(ttl.unwrap_or(DEFAULT_TTL)),
    }
}

/// The key in stack.toml of the authorizer that AWS calls `name`; AWS's name where none has it.
fn name_of(name: &str, id: &str, wanted: &Wanted<Authorizer>) -> String {
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
        Change { path: path.into(), old: json!(null), new: json!("x") }
    }

    #[test]
    fn what_aws_leaves_out_reads_as_its_default() {
        let live = live_spec(&AwsAuthorizer::builder().name("a").provider_arns("arn:b").build());
        assert_eq!((live.ttl, live.r#type.as_str()), (Some(300), COGNITO));
        assert_eq!(live.validation_expression.as_deref(), Some(""));
    }

    #[test]
    fn an_undeclared_authorizer_never_passes_for_a_declared_one() {
        let spec = Authorizer { name: "Pool".into(), ..Default::default() };
        let wanted = Wanted::from([("cognito".to_owned(), spec)]);
        assert_eq!(name_of("Pool", "1", &wanted), "cognito");
        assert_eq!(name_of("other", "2", &wanted), "other");
        assert_eq!(name_of("cognito", "3", &wanted), "cognito (3)");
    }

    #[test]
    fn one_patch_holds_every_changed_field_and_no_other() {
        let arns = |arn: &str| BTreeSet::from([arn.to_owned()]);
        let live = Authorizer { provider_arns: arns("arn:old"), ..Default::default() };
        let spec = Authorizer { provider_arns: arns("arn:new"), ttl: Some(60), ..Default::default() };
        let operations = spec.patch(&live, &[change("provider_arns"), change("ttl")]);
        let short: Vec<_> = operations.iter().map(|it| (it.op().cloned(), it.path(), it.value())).collect();
        let arns = Some("/providerARNs");
        assert_eq!(
            short,
            [
                (Some(Op::Replace), Some("/authorizerResultTtlInSeconds"), Some("60")),
                (Some(Op::Add), arns, Some("arn:new")),
                (Some(Op::Remove), arns, Some("arn:old")),
            ]
        );
    }

    #[test]
    fn a_declared_authorizer_is_a_cognito_one() {
        let spec: Authorizer =
            serde_json::from_value(json!({"name": "a", "provider_arns": ["arn:b"]})).unwrap();
        assert_eq!(spec.r#type, COGNITO);
    }
}
