//! `[domain_names.NAME]`. Pure.

use super::{Lowering, reference};
use crate::{
    error::Result,
    spec::{base_path_mapping::BasePathMapping, domain_name::DomainName, rest_api::REGIONAL},
    stack::tables::{Api, File},
    value::Address,
};

pub(super) fn lower(lowering: &mut Lowering<'_>, file: &File) -> Result<()> {
    for (key, table) in &file.domain_names {
        let domain = Address::new(["domain_names", key]);
        // Which certificate is right depends on it, so that it is never what somebody else made of it.
        let endpoint = table.settings.endpoint.as_deref().unwrap_or(REGIONAL);
        let settings = DomainName {
            endpoint: Some(endpoint.to_owned()),
            ..table.settings.clone()
        };
        lowering.root::<DomainName>(domain.clone(), &settings)?;
        for (path, api) in &table.base_paths {
            let Some(api) = file.apis().find(|it| it.name() == api) else {
                continue;
            };
            let mapping = lowering.child::<BasePathMapping>(&domain, path, &mapping(&api))?;
            mapping.after = [api.address.join("stage")].into();
        }
    }
    Ok(())
}

/// To the API's stage.
fn mapping(api: &Api<'_>) -> BasePathMapping {
    BasePathMapping {
        api_id: reference(&api.address, "id"),
        stage: api.stage.as_ref().map(|it| it.name.clone()),
    }
}
