//! `[usage_plans.NAME]` and `[api_keys.NAME]`. Pure.

use super::{Lowering, reference};
use crate::{
    error::Result,
    spec::{api_key::ApiKey, usage_plan::UsagePlan},
    stack::tables::File,
    value::Address,
};

/// The table of usage plans.
const PLANS: &str = "usage_plans";

pub(super) fn lower(lowering: &mut Lowering<'_>, file: &File) -> Result<()> {
    for (key, plan) in &file.usage_plans {
        let spec = UsagePlan {
            stages: stage(file).into_iter().collect(),
            ..plan.clone()
        };
        let plan = lowering.root::<UsagePlan>(Address::new([PLANS, key]), &spec)?;
        plan.after = Some(Address::new(["api", "stage"]));
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

/// What all of a file's usage plans are for.
fn stage(file: &File) -> Option<String> {
    let stage = file.api.as_ref()?.stage.as_ref()?;
    let id = reference(&Address::new(["api"]), "id");
    Some(format!("{id}:{}", stage.name))
}
