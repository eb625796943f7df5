//! `[usage_plans.NAME]` and `[api_keys.NAME]`. Pure.

use super::{Lowering, reference};
use crate::{
    error::Result,
    spec::{api_key::ApiKey, usage_plan::UsagePlan},
    stack::tables::{Api, File},
    value::Address,
};

/// The table of usage plans.
const PLANS: &str = "usage_plans";

pub(super) fn lower(lowering: &mut Lowering<'_>, file: &File) -> Result<()> {
    for (key, plan) in &file.usage_plans {
        let meant = || file.apis().filter(|api| plan.is_for(api));
        let spec = UsagePlan {
            stages: meant().filter_map(|api| stage(&api)).collect(),
            ..plan.settings.clone()
        };
        let plan = lowering.root::<UsagePlan>(Address::new([PLANS, key]), &spec)?;
        plan.after = meant().map(|api| api.address.join("stage")).collect();
    }
    for (key, api_key) in &file.api_keys {
        let plan = |name: &String| reference(&Address::new([PLANS, name]), "id");
        let spec = ApiKey {
            usage_plan: api_key.usage_plan.as_ref().map(plan),
            ..api_key.clone()
        };
        lowering.root::<ApiKey>(Address::new(["api_keys", key]), &spec)?;
    }
    Ok(())
}

/// What a usage plan is for.
fn stage(api: &Api<'_>) -> Option<String> {
    let stage = api.stage.as_ref()?;
    let id = reference(&api.address, "id");
    Some(format!("{id}:{}", stage.name))
}
