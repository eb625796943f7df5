//! Under which names of somebody's own an API answers.

use crate::{
    aws::Reads,
    error::Result,
    kinds::{base_path_mapping, domain_name, tags},
    owner::Owner,
    spec::base_path_mapping::NO_PATH,
};
use aws_sdk_apigateway::types::{BasePathMapping, DomainName};
use futures::future::try_join_all;

/// A custom domain and what it leads to.
struct Mapped {
    domain: DomainName,
    mappings: Vec<BasePathMapping>,
}

/// The custom domains that lead to the API, as texts; what the stack's own lead to is in its plan.
pub(super) async fn domains(reads: &Reads, api: &str) -> Result<Vec<String>> {
    let others = reads.memo("custom-domains", others(reads)).await?;
    let lead = others.iter().flat_map(|it| {
        let to_it = it.mappings.iter();
        let to_it = to_it.filter(|mapping| mapping.rest_api_id() == Some(api));
        to_it.map(|mapping| text(&it.domain, mapping))
    });
    Ok(lead.collect())
}

/// Those of the account in its region that are not the stack's: it has few.
async fn others(reads: &Reads) -> Result<Vec<Mapped>> {
    let is_ours = |it: &DomainName| reads.owner_of(&tags::of(it.tags())) == Owner::Ours;
    let domains = domain_name::all(&reads.aws).await?;
    let others = domains.into_iter().filter(|it| !is_ours(it));
    let mapped = others.map(async |domain| {
        let (name, id) = (
            domain.domain_name().unwrap_or_default(),
            domain.domain_name_id(),
        );
        let mappings = base_path_mapping::all(&reads.aws, name, id).await?;
        Ok(Mapped { domain, mappings })
    });
    try_join_all(mapped).await
}

fn text(domain: &DomainName, mapping: &BasePathMapping) -> String {
    let base = mapping
        .base_path()
        .filter(|it| *it != NO_PATH)
        .unwrap_or_default();
    let name = domain.domain_name().unwrap_or_default();
    match mapping.stage() {
        Some(stage) => format!("its stage {stage} answers at https://{name}/{base} too"),
        None => format!("all its stages answer at https://{name}/{base} too"),
    }
}
