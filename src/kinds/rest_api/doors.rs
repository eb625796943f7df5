//! Under which names of somebody's own an API answers.

use super::wire::PAGE;
use crate::{
    aws::{Aws, Reads, absent, pages},
    error::Result,
};
use aws_sdk_apigateway::types::{BasePathMapping, DomainName};
use futures::future::try_join_all;

/// A custom domain and what it leads to.
struct Mapped {
    domain: DomainName,
    mappings: Vec<BasePathMapping>,
}

/// The custom domains that lead to the API, as texts.
pub(super) async fn domains(reads: &Reads, api: &str) -> Result<Vec<String>> {
    let all = reads.memo("custom-domains", all(&reads.aws)).await?;
    let lead = all.iter().flat_map(|it| {
        let to_it = it.mappings.iter();
        let to_it = to_it.filter(|mapping| mapping.rest_api_id() == Some(api));
        to_it.map(|mapping| text(&it.domain, mapping))
    });
    Ok(lead.collect())
}

/// Those of the account in its region: it has few.
async fn all(aws: &Aws) -> Result<Vec<Mapped>> {
    let domains = pages(|position| async move {
        let request = aws
            .apigateway
            .get_domain_names()
            .limit(PAGE)
            .set_position(position);
        let page = aws
            .read("apigateway:GetDomainNames", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let mapped = domains.await?.into_iter().map(async |domain| {
        let mappings = mappings(aws, &domain).await?;
        Ok(Mapped { domain, mappings })
    });
    try_join_all(mapped).await
}

async fn mappings(aws: &Aws, domain: &DomainName) -> Result<Vec<BasePathMapping>> {
    let name = domain.domain_name().unwrap_or_default();
    pages(|position| async move {
        let request = aws.apigateway.get_base_path_mappings().domain_name(name);
        // A private domain's name is not the only one of its kind.
        let request = request.set_domain_name_id(domain.domain_name_id().map(ToOwned::to_owned));
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

fn text(domain: &DomainName, mapping: &BasePathMapping) -> String {
    let base = mapping
        .base_path()
        .filter(|it| *it != "(none)")
        .unwrap_or_default();
    let name = domain.domain_name().unwrap_or_default();
    match mapping.stage() {
        Some(stage) => format!("its stage {stage} answers at https://{name}/{base} too"),
        None => format!("all its stages answer at https://{name}/{base} too"),
    }
}
