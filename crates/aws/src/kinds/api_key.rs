//! The calls of an API key. Its value is in AWS alone: it is asked for where somebody calls with it.
//!
//! Facts: docs/aws.md §6, "API keys and usage plans".

use super::{
    by_tag::{self, ByTag},
    rest_api::{self, wire::PAGE},
    rows::{always, blank, name, patched_rows},
    tags, usage_plan,
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    owner::{Owner, Retag, StackOutputs, Tags, declared, owner},
    spec::{
        Found,
        api_key::{ApiKey, ApiKeyOutputs},
        usage_plan::UsagePlan,
    },
};
use aws_sdk_apigateway::{
    operation::get_api_key::GetApiKeyOutput,
    types::{ApiKey as InAws, PatchOperation},
};
use futures::future::try_join_all;
use std::sync::Arc;

patched_rows! { ApiKey in InAws:
    name = name @ "/name": name,
    description = description @ "/description": blank,
    enabled = enabled @ "/enabled": always;
    // By calls of their own.
    but usage_plan, tags
}

impl ByTag for ApiKey {
    const MARKER: &'static str = ":/apikeys/";

    fn name(&self) -> &str {
        &self.name
    }

    fn outputs_by_arn(aws: &Aws, _: &str, id: &str, name: &str) -> ApiKeyOutputs {
        ApiKeyOutputs::new(&aws.region, id, name)
    }

    fn id_and_name(outputs: &ApiKeyOutputs) -> (&str, &str) {
        (&outputs.id, &outputs.name)
    }

    async fn ids(aws: &Aws, name: &str) -> Result<Vec<String>> {
        let begins = all(aws, Some(name)).await?.into_iter();
        let named = begins.filter(|it| it.name() == Some(name));
        Ok(named.filter_map(|it| it.id).collect())
    }

    async fn ask(reads: &Reads, id: &str) -> Result<Option<(Tags, ApiKeyOutputs)>> {
        let told = |it: &GetApiKeyOutput| {
            let name = it.name().unwrap_or_default();
            let outputs = ApiKeyOutputs::new(&reads.aws.region, id, name);
            (tags::of(it.tags()), outputs)
        };
        Ok(described(reads, id).await?.as_ref().as_ref().map(told))
    }
}

/// Every one of the account and region, or those whose names begin so; without their values.
pub(crate) async fn all(aws: &Aws, name: Option<&str>) -> Result<Vec<InAws>> {
    pages(|position| async move {
        let request = aws.apigateway.get_api_keys().limit(PAGE);
        let request = request
            .set_name_query(name.map(ToOwned::to_owned))
            .include_values(false)
            .set_position(position);
        let page = aws
            .read("apigateway:GetApiKeys", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// One, asked once in an observation; `None` when there is none with this id.
async fn described(reads: &Reads, id: &str) -> Result<Arc<Option<GetApiKeyOutput>>> {
    let key = format!("api_key/{id}");
    reads.memo(&key, get(&reads.aws, id)).await
}

async fn get(aws: &Aws, id: &str) -> Result<Option<GetApiKeyOutput>> {
    let send = || {
        let request = aws.apigateway.get_api_key().api_key(id);
        request.include_value(false).send()
    };
    absent(aws.read("apigateway:GetApiKey", send).await)
}

/// The usage plans that it is in: the stack's own, and those of others, which may be for other APIs.
async fn plans(reads: &Reads, id: &str) -> Result<(Vec<String>, Vec<String>)> {
    let all = usage_plan::all(&reads.aws, Some(id)).await?.into_iter();
    let ids: Vec<_> = all.filter_map(|it| it.id).collect();
    let asked = try_join_all(ids.iter().map(|it| UsagePlan::ask(reads, it))).await?;
    let ours = asked.iter().map(|it| {
        let tags = it.as_ref().map(|it| &it.0);
        tags.is_some_and(|it| reads.owner_of(it) == Owner::Ours)
    });
    let (ours, others): (Vec<_>, Vec<_>) = ids.iter().cloned().zip(ours).partition(|it| it.1);
    let ids = |of: Vec<(String, bool)>| of.into_iter().map(|it| it.0).collect();
    Ok((ids(ours), ids(others)))
}

impl Kind for ApiKey {
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
        outputs: &ApiKeyOutputs,
    ) -> Result<Option<Found<Self>>> {
        let id = &outputs.id;
        let (key, plans) = futures::try_join!(described(reads, id), plans(reads, id))?;
        let Some(key) = key.as_ref() else {
            return by_tag::confirm_gone::<Self>(reads, outputs)
                .await
                .map(|()| None);
        };
        let (ours, others) = plans;
        let mut ours = ours.into_iter();
        let usage_plan = ours.next();
        let more = ours.chain(others);
        let members = InAws::builder()
            .set_name(key.name.clone())
            .set_description(key.description.clone())
            .enabled(key.enabled())
            .build();
        let tags = tags::of(key.tags());
        let spec = ApiKey {
            usage_plan,
            tags: Some(declared(&tags)),
            ..self::read(&members)
        };
        let called = key.name().unwrap_or_default();
        let outputs = ApiKeyOutputs::new(&reads.aws.region, id, called);
        Ok(Some(Found {
            set_elsewhere: more
                .map(|it| format!("the usage plan {it} has it"))
                .collect(),
            ..by_tag::found(reads, name, &tags, spec, outputs)
        }))
    }

    async fn create(&self, aws: &Aws, parent: &StackOutputs, name: &str) -> Result<ApiKeyOutputs> {
        let mut wanted = InAws::builder().enabled(true).build();
        write(&mut wanted, self);
        let request = aws
            .apigateway
            .create_api_key()
            .set_name(wanted.name)
            .set_description(wanted.description)
            .enabled(wanted.enabled)
            .set_tags(Some(owner(parent, name, self.tags.as_ref())));
        let operation = "apigateway:CreateApiKey";
        let made = aws.create(operation, || request.clone().send()).await?;
        let outputs = ApiKeyOutputs::new(&aws.region, &told(made.id(), operation)?, &self.name);
        if let Some(plan) = self.usage_plan.as_ref().filter(|it| !it.is_empty()) {
            join(aws, &outputs.id, plan).await.map_err(|error| {
                let made = format!("the API key {} was made, and is in no plan", outputs.id);
                error.at(made).half_done()
            })?;
        }
        Ok(outputs)
    }

    /// It leaves one plan before it is in another: in two for one stage it cannot be.
    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let id = &live.outputs.id;
        let operations = patch(self, &live.spec, |field| any_touches(changes, &[field]));
        if !operations.is_empty() {
            let request = aws.apigateway.update_api_key().api_key(id);
            let request = request.set_patch_operations(Some(operations));
            aws.write("apigateway:UpdateApiKey", || request.clone().send())
                .await?;
        }
        if any_touches(changes, &["usage_plan"]) {
            if let Some(plan) = &live.spec.usage_plan {
                leave(aws, id, plan).await?;
            }
            if let Some(plan) = self.usage_plan.as_ref().filter(|it| !it.is_empty()) {
                join(aws, id, plan).await?;
            }
        }
        Self::mark(aws, &live.outputs, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &ApiKeyOutputs) -> Result<()> {
        let send = || aws.apigateway.delete_api_key().api_key(&live.id).send();
        absent(aws.write("apigateway:DeleteApiKey", send).await).map(drop)
    }

    async fn mark(aws: &Aws, live: &ApiKeyOutputs, tags: Retag) -> Result<()> {
        rest_api::retag(aws, &live.arn, tags).await
    }
}

/// Puts it into a usage plan; that it is there already, as after an answer that was lost, is success. AWS's words
/// for that are not known, nor for a key that another plan has for the stage, so it is asked which it is.
async fn join(aws: &Aws, id: &str, plan: &str) -> Result<()> {
    let send = || {
        let request = aws.apigateway.create_usage_plan_key();
        request
            .usage_plan_id(plan)
            .key_id(id)
            .key_type("API_KEY")
            .send()
    };
    match aws.write("apigateway:CreateUsagePlanKey", send).await {
        Err(error) if error.has_code("ConflictException") => {
            let there = usage_plan::all(aws, Some(id)).await?;
            let is_in = there.iter().any(|it| it.id() == Some(plan));
            if is_in { Ok(()) } else { Err(error) }
        }
        other => other.map(drop),
    }
}

async fn leave(aws: &Aws, id: &str, plan: &str) -> Result<()> {
    let send = || {
        let request = aws.apigateway.delete_usage_plan_key();
        request.usage_plan_id(plan).key_id(id).send()
    };
    absent(aws.write("apigateway:DeleteUsagePlanKey", send).await).map(drop)
}
