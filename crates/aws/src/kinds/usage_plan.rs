//! The calls of a usage plan.
//!
//! Facts: docs/aws.md §6, "API keys and usage plans".

mod limits;

use super::{
    by_tag::{self, ByTag},
    rest_api::{
        self,
        wire::{PAGE, replace_set},
    },
    rows::{blank, name, patched_rows},
    tags,
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    owner::{Retag, StackOutputs, Tags, declared, owner},
    spec::{
        Found,
        usage_plan::{UsagePlan, UsagePlanOutputs},
    },
};
use aws_sdk_apigateway::{
    operation::get_usage_plan::GetUsagePlanOutput,
    types::{ApiStage, PatchOperation, UsagePlan as InAws},
};
use limits::{quota, throttling};
use std::{collections::BTreeSet, sync::Arc};

patched_rows! { UsagePlan in InAws:
    name = name @ "/name": name,
    description = description @ "/description": blank;
    // Each limit by itself, each stage by its name, and tags by calls of their own.
    but throttling, quota, stages, tags
}

impl ByTag for UsagePlan {
    const MARKER: &'static str = ":/usageplans/";

    fn name(&self) -> &str {
        &self.name
    }

    fn outputs_by_arn(aws: &Aws, _: &str, id: &str, name: &str) -> UsagePlanOutputs {
        UsagePlanOutputs::new(&aws.region, id, name)
    }

    fn id_and_name(outputs: &UsagePlanOutputs) -> (&str, &str) {
        (&outputs.id, &outputs.name)
    }

    async fn ids(aws: &Aws, name: &str) -> Result<Vec<String>> {
        let all = all(aws, None).await?.into_iter();
        let named = all.filter(|it| it.name() == Some(name));
        Ok(named.filter_map(|it| it.id).collect())
    }

    async fn ask(reads: &Reads, id: &str) -> Result<Option<(Tags, UsagePlanOutputs)>> {
        let told = |it: &GetUsagePlanOutput| {
            let name = it.name().unwrap_or_default();
            let outputs = UsagePlanOutputs::new(&reads.aws.region, id, name);
            (tags::of(it.tags()), outputs)
        };
        Ok(described(reads, id).await?.as_ref().as_ref().map(told))
    }
}

/// Every one of the account and region, or those that this key is in.
pub(crate) async fn all(aws: &Aws, key: Option<&str>) -> Result<Vec<InAws>> {
    pages(|position| async move {
        let request = aws.apigateway.get_usage_plans().limit(PAGE);
        let request = request
            .set_key_id(key.map(ToOwned::to_owned))
            .set_position(position);
        let page = aws
            .read("apigateway:GetUsagePlans", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// One, asked once in an observation; `None` when there is none with this id.
async fn described(reads: &Reads, id: &str) -> Result<Arc<Option<GetUsagePlanOutput>>> {
    let key = format!("usage_plan/{id}");
    reads.memo(&key, get(&reads.aws, id)).await
}

async fn get(aws: &Aws, id: &str) -> Result<Option<GetUsagePlanOutput>> {
    let send = || aws.apigateway.get_usage_plan().usage_plan_id(id).send();
    absent(aws.read("apigateway:GetUsagePlan", send).await)
}

impl Kind for UsagePlan {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        by_tag::find(reads, wanted).await
    }

    async fn read(
        reads: &Reads,
        _: &StackOutputs,
        name: &str,
        outputs: &UsagePlanOutputs,
    ) -> Result<Option<Found<Self>>> {
        let plan = described(reads, &outputs.id).await?;
        let Some(plan) = plan.as_ref() else {
            return by_tag::confirm_gone::<Self>(reads, outputs)
                .await
                .map(|()| None);
        };
        let tags = tags::of(plan.tags());
        let by_method = plan.api_stages().iter().filter_map(throttles);
        let called = plan.name().unwrap_or_default();
        let outputs = UsagePlanOutputs::new(&reads.aws.region, &outputs.id, called);
        Ok(Some(Found {
            set_elsewhere: by_method.collect(),
            ..by_tag::found(reads, name, &tags, live_spec(plan), outputs)
        }))
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<UsagePlanOutputs> {
        let mut wanted = InAws::builder().build();
        write(&mut wanted, self);
        let request = aws
            .apigateway
            .create_usage_plan()
            .set_name(wanted.name)
            .set_description(wanted.description)
            .set_throttle(self.throttling.as_ref().map(throttling::sent))
            .set_quota(self.quota.as_ref().map(quota::sent))
            .set_api_stages(Some(self.stages.iter().map(|it| stage(it)).collect()))
            .set_tags(Some(owner(parent, name, self.tags.as_ref())));
        let operation = "apigateway:CreateUsagePlan";
        let made = aws.create(operation, || request.clone().send()).await?;
        let id = told(made.id(), operation)?;
        Ok(UsagePlanOutputs::new(&aws.region, &id, &self.name))
    }

    /// What it is for is read again: a stage that was deleted meanwhile took itself out.
    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let id = &live.outputs.id;
        let is_due = |field: &str| any_touches(changes, &[field]);
        let mut operations = patch(self, &live.spec, is_due);
        if is_due("throttling") {
            let (new, old) = (self.throttling.as_ref(), live.spec.throttling.as_ref());
            operations.extend(throttling::patches(new, old));
        }
        if is_due("quota") {
            let (new, old) = (self.quota.as_ref(), live.spec.quota.as_ref());
            operations.extend(quota::patches(new, old));
        }
        if is_due("stages") {
            let plan = get(aws, id).await?;
            let plan = plan.ok_or_else(|| by_tag::gone::<Self>(id))?;
            operations.extend(replace_stages(&stages(plan.api_stages()), &self.stages));
        }
        patch_plan(aws, id, operations).await?;
        Self::mark(aws, &live.outputs, Retag::of(changes)).await
    }

    /// AWS deletes none that is for anything.
    async fn delete(aws: &Aws, _: &StackOutputs, live: &UsagePlanOutputs) -> Result<()> {
        let Some(plan) = get(aws, &live.id).await? else {
            return Ok(());
        };
        let operations = replace_stages(&stages(plan.api_stages()), &BTreeSet::new());
        patch_plan(aws, &live.id, operations).await?;
        let send = || {
            let request = aws.apigateway.delete_usage_plan();
            request.usage_plan_id(&live.id).send()
        };
        absent(aws.write("apigateway:DeleteUsagePlan", send).await).map(drop)
    }

    async fn mark(aws: &Aws, live: &UsagePlanOutputs, tags: Retag) -> Result<()> {
        rest_api::retag(aws, &live.arn, tags).await
    }
}

async fn patch_plan(aws: &Aws, id: &str, operations: Vec<PatchOperation>) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let request = aws.apigateway.update_usage_plan().usage_plan_id(id);
    let request = request.set_patch_operations(Some(operations));
    let patched = aws
        .write("apigateway:UpdateUsagePlan", || request.clone().send())
        .await;
    patched.map(drop)
}

fn live_spec(plan: &GetUsagePlanOutput) -> UsagePlan {
    let members = InAws::builder()
        .set_name(plan.name.clone())
        .set_description(plan.description.clone())
        .build();
    UsagePlan {
        throttling: plan.throttle().and_then(throttling::of),
        quota: plan.quota().and_then(quota::of),
        stages: stages(plan.api_stages()),
        tags: Some(declared(&tags::of(plan.tags()))),
        ..read(&members)
    }
}

/// `API:STAGE` of each.
fn stages(there: &[ApiStage]) -> BTreeSet<String> {
    let text = |it: &ApiStage| Some(format!("{}:{}", it.api_id()?, it.stage()?));
    there.iter().filter_map(text).collect()
}

fn stage(text: &str) -> ApiStage {
    let (api, stage) = text.split_once(':').unwrap_or((text, ""));
    ApiStage::builder().api_id(api).stage(stage).build()
}

fn replace_stages(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Vec<PatchOperation> {
    replace_set("/apiStages", old, new)
}

/// What somebody limits in one method of a stage alone.
fn throttles(stage: &ApiStage) -> Option<String> {
    let methods = stage.throttle().filter(|it| !it.is_empty())?;
    let mut methods: Vec<_> = methods.keys().cloned().collect();
    methods.sort();
    Some(format!(
        "in {} it limits single methods: {}",
        stage.stage().unwrap_or_default(),
        methods.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_reads_as_it_is_written() {
        let set = |items: &[&str]| items.iter().map(ToString::to_string).collect();
        let there: BTreeSet<String> = set(&["a1:dev"]);
        assert_eq!(stages(&[stage("a1:dev")]), there);
        let moved = replace_stages(&there, &set(&["a1:live"]));
        let values: Vec<_> = moved.iter().filter_map(PatchOperation::value).collect();
        assert_eq!(values, ["a1:live", "a1:dev"]);
    }
}
