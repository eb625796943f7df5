//! The calls of a base path mapping.
//!
//! Facts: docs/aws.md §6, "Custom domain names".

use super::rest_api::wire::{PAGE, replace};
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        base_path_mapping::{BasePathMapping, BasePathMappingOutputs, NO_PATH},
        domain_name::DomainNameOutputs,
    },
};
use aws_sdk_apigateway::types::BasePathMapping as InAws;

impl Kind for BasePathMapping {
    async fn find(
        reads: &Reads,
        domain: &DomainNameOutputs,
        _: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let all = all(&reads.aws, &domain.name, None).await?;
        let found = all.iter().map(|it| Listed::Full(found(&domain.name, it)));
        Ok(found.collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        domain: &DomainNameOutputs,
        name: &str,
    ) -> Result<BasePathMappingOutputs> {
        let request = aws.apigateway.create_base_path_mapping();
        let request = request
            .domain_name(&domain.name)
            .set_base_path(Some(name.to_owned()).filter(|it| it != NO_PATH))
            .rest_api_id(&self.api_id)
            .set_stage(self.stage.clone());
        aws.create("apigateway:CreateBasePathMapping", || {
            request.clone().send()
        })
        .await?;
        Ok(BasePathMappingOutputs::new(&domain.name, name))
    }

    async fn update(
        &self,
        aws: &Aws,
        domain: &DomainNameOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let is_due = |field: &str| any_touches(changes, &[field]);
        let api = is_due("api_id").then(|| replace("/restapiId", &self.api_id));
        let stage = self.stage.as_ref().filter(|_| is_due("stage"));
        let stage = stage.map(|it| replace("/stage", it));
        let operations: Vec<_> = api.into_iter().chain(stage).collect();
        if operations.is_empty() {
            return Ok(());
        }
        let request = aws.apigateway.update_base_path_mapping();
        let request = request
            .domain_name(&domain.name)
            .base_path(&live.name)
            .set_patch_operations(Some(operations));
        let patched = aws
            .write("apigateway:UpdateBasePathMapping", || {
                request.clone().send()
            })
            .await;
        patched.map(drop)
    }

    async fn delete(
        aws: &Aws,
        domain: &DomainNameOutputs,
        live: &BasePathMappingOutputs,
    ) -> Result<()> {
        let send = || {
            let request = aws.apigateway.delete_base_path_mapping();
            let request = request.domain_name(&domain.name);
            request.base_path(&live.base_path).send()
        };
        absent(aws.write("apigateway:DeleteBasePathMapping", send).await).map(drop)
    }
}

/// Those of a domain name; a private one is not the only one of its name, and has an id.
pub(super) async fn all(aws: &Aws, domain: &str, id: Option<&str>) -> Result<Vec<InAws>> {
    pages(|position| async move {
        let request = aws.apigateway.get_base_path_mappings().domain_name(domain);
        let request = request.set_domain_name_id(id.map(ToOwned::to_owned));
        let request = request.limit(PAGE).set_position(position);
        let page = aws
            .read("apigateway:GetBasePathMappings", || request.clone().send())
            .await;
        let page = absent(page)?;
        Ok(page
            .map(|it| (it.items.unwrap_or_default(), it.position))
            .unwrap_or_default())
    })
    .await
}

fn found(domain: &str, live: &InAws) -> Found<BasePathMapping> {
    let path = live.base_path().filter(|it| !it.is_empty());
    let path = path.unwrap_or(NO_PATH);
    let spec = BasePathMapping {
        api_id: live.rest_api_id().unwrap_or_default().to_owned(),
        stage: live.stage().map(ToOwned::to_owned),
    };
    Found::child(path, spec, BasePathMappingOutputs::new(domain, path))
}
