//! Finding functions and mapping them to their spec.

use super::version;
use crate::{
    aws::{Reads, absent},
    duration::{Duration, Unit},
    error::{Error, ErrorKind, Result},
    kind::Declared,
    kinds::tags,
    owner::{Owner, Tags, declared, ownership_tags},
    spec::{
        Found, completed,
        function::{ACTIVE, Function, FunctionOutputs, PASS_THROUGH, Vpc},
    },
    value::Address,
};
use aws_sdk_lambda::{
    operation::get_function::GetFunctionOutput,
    types::{FunctionConfiguration, LastUpdateStatus, State, TracingMode, VpcConfigResponse},
};
use futures::future::try_join_all;
use std::{collections::BTreeMap, sync::Arc};

/// Every function with a wanted name, and every other one that carries the stack's tag.
pub(super) async fn find(
    reads: &Reads,
    wanted: &Declared<Function>,
) -> Result<Vec<Found<Function>>> {
    let by_name: Vec<_> = wanted
        .iter()
        .filter(|(_, spec)| !spec.name.contains("${"))
        .collect();
    let named = try_join_all(by_name.iter().map(|(_, spec)| ask(reads, &spec.name)));
    let (named, tagged) = futures::try_join!(named, reads.tagged_after(":function:"))?;
    let is_wanted = |name: &str| by_name.iter().any(|(_, spec)| spec.name == name);
    // A colon would be a version or an alias.
    let others = tagged
        .iter()
        .filter(|name| !name.contains(':') && !is_wanted(name));
    let others = try_join_all(others.map(|name| ask(reads, name))).await?;
    let named = by_name.iter().map(|(key, _)| Some(key.as_str())).zip(named);
    let all = named.chain(others.into_iter().map(|seen| (None, seen)));
    let found = all.map(|(key, seen)| {
        seen.as_ref()
            .as_ref()
            .map_or(Ok(None), |it| found(reads, key, wanted, it))
    });
    let found = found.collect::<Result<Vec<_>>>()?.into_iter().flatten();
    try_join_all(found.map(|it| remembered(reads, it))).await
}

/// What an attached function was: Lambda has it as a version.
async fn remembered(reads: &Reads, found: Found<Function>) -> Result<Found<Function>> {
    let Some(version) = found
        .ownership_tags
        .get(version::TAG)
        .filter(|_| found.owner == Owner::Attached)
    else {
        return Ok(found);
    };
    let was =
        version::configuration(&reads.aws, &found.outputs.name, version::number(version)).await?;
    // Tags are never changed in what is attached, so they are not given back either; and no version knows
    // what is reserved.
    let was = was.map(|seen| spec(&seen, &Tags::new())).transpose()?;
    let was = was.map(|it| {
        Box::new(Function {
            tags: None,
            reserved_concurrency: None,
            ..it
        })
    });
    Ok(Found { was, ..found })
}

/// The function's answer, which holds its environment and a link to its code: never to be shown.
async fn ask(reads: &Reads, name: &str) -> Result<Arc<Option<GetFunctionOutput>>> {
    let ask = async {
        let lambda = &reads.aws.lambda;
        absent(
            reads
                .aws
                .read("lambda:GetFunction", || {
                    lambda.get_function().function_name(name).send()
                })
                .await,
        )
    };
    reads.memo(&format!("function/{name}"), ask).await
}

/// `None` for a function that is neither wanted nor ours.
fn found(
    reads: &Reads,
    key: Option<&str>,
    wanted: &Declared<Function>,
    seen: &GetFunctionOutput,
) -> Result<Option<Found<Function>>> {
    let Some(configuration) = seen.configuration() else {
        return Ok(None);
    };
    let outputs = FunctionOutputs {
        arn: configuration.function_arn().unwrap_or_default().to_owned(),
        name: configuration.function_name().unwrap_or_default().to_owned(),
    };
    let tags = tags(seen, &outputs.name)?;
    let owner = reads.owner_of(&tags);
    if key.is_none() && !matches!(owner, Owner::Ours | Owner::Attached) {
        return Ok(None);
    }
    let reserved = reserved(seen);
    // One that is meant is compared as a number.
    let is_declared = key
        .and_then(|key| wanted.get(key))
        .is_some_and(|it| it.reserved_concurrency.is_some());
    let fallback = Address::new(["functions", &outputs.name]).to_string();
    Ok(Some(Found {
        name: reads.address_of(&tags, key, &fallback),
        spec: Function {
            switched_off: (reserved == 0 && !is_declared).then_some(true),
            reserved_concurrency: (reserved != 0 || is_declared).then_some(reserved),
            ..spec(configuration, &tags)?
        },
        outputs,
        owner,
        notes: notes(configuration),
        set_elsewhere: vec![],
        obstacles: vec![],
        holds: None,
        protected: false,
        ownership_tags: ownership_tags(&tags),
        was: None,
    }))
}

/// Without its tags nobody knows whose the function is.
fn tags(seen: &GetFunctionOutput, name: &str) -> Result<Tags> {
    if let Some(error) = seen.tags_error().filter(|it| !it.error_code().is_empty()) {
        let code = error.error_code();
        return Err(Error::new(
            ErrorKind::Aws,
            format!("the tags of function {name} cannot be read: {code}"),
        )
        .hint("the caller needs permission for lambda:ListTags on this function"));
    }
    Ok(tags::of(seen.tags()))
}

/// AWS's defaults made explicit (docs/aws.md §8). A container image has neither runtime nor handler.
fn spec(seen: &FunctionConfiguration, tags: &Tags) -> Result<Function> {
    let live = completed(Function {
        name: seen.function_name().unwrap_or_default().to_owned(),
        description: Some(seen.description().unwrap_or_default().to_owned()),
        runtime: None,
        handler: None,
        architecture: seen
            .architectures()
            .first()
            .map(|it| it.as_str().to_owned()),
        memory: seen.memory_size().and_then(|mb| mb.try_into().ok()),
        timeout: seen
            .timeout()
            .and_then(|it| it.try_into().ok())
            .map(|it| Duration::new(it, Unit::Seconds)),
        environment: Some(environment(seen)),
        vpc: Some(seen.vpc_config().map(vpc).unwrap_or_default()),
        role: seen.role().map(ToOwned::to_owned),
        code: seen.code_sha256().map(ToOwned::to_owned),
        tags: Some(declared(tags)),
        switched_off: None,
        layers: Some(
            seen.layers()
                .iter()
                .filter_map(|it| it.arn.clone())
                .collect(),
        ),
        tracing: seen.tracing_config().and_then(|it| it.mode()).map(tracing),
        ephemeral_storage: seen
            .ephemeral_storage()
            .and_then(|it| it.size().try_into().ok()),
        reserved_concurrency: None,
    })?;
    Ok(Function {
        runtime: seen.runtime().map(|runtime| runtime.as_str().to_owned()),
        handler: seen.handler().map(ToOwned::to_owned),
        ..live
    })
}

/// What is reserved; less than none where nothing is. 0 is how the console throttles a function for good.
fn reserved(seen: &GetFunctionOutput) -> i32 {
    seen.concurrency()
        .and_then(|it| it.reserved_concurrent_executions())
        .unwrap_or(-1)
}

fn tracing(mode: &TracingMode) -> String {
    match mode {
        TracingMode::Active => ACTIVE.to_owned(),
        TracingMode::PassThrough => PASS_THROUGH.to_owned(),
        other => other.as_str().to_owned(),
    }
}

fn environment(seen: &FunctionConfiguration) -> BTreeMap<String, String> {
    let variables = seen
        .environment()
        .and_then(|environment| environment.variables());
    variables
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn vpc(seen: &VpcConfigResponse) -> Vpc {
    Vpc {
        subnet_ids: seen.subnet_ids().iter().cloned().collect(),
        security_group_ids: seen.security_group_ids().iter().cloned().collect(),
    }
}

/// What keeps the function from running.
fn notes(seen: &FunctionConfiguration) -> Vec<String> {
    let mut notes = vec![];
    if seen.state() == Some(&State::Failed) {
        notes.push(format!(
            "AWS could not make it: {}",
            seen.state_reason().unwrap_or("no reason given")
        ));
    }
    if seen.last_update_status() == Some(&LastUpdateStatus::Failed) {
        let reason = seen
            .last_update_status_reason()
            .unwrap_or("no reason given");
        notes.push(format!("its last update failed: {reason}"));
    }
    let usual = format!("/aws/lambda/{}", seen.function_name().unwrap_or_default());
    let group = seen.logging_config().and_then(|it| it.log_group());
    if let Some(group) = group.filter(|it| *it != usual && !it.is_empty()) {
        notes.push(format!("it writes its log to {group}"));
    }
    if let Some(error) = seen
        .environment()
        .and_then(|environment| environment.error())
    {
        let code = error.error_code().unwrap_or("no reason given");
        notes.push(format!("AWS cannot decrypt its environment: {code}"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_that_aws_leaves_out_are_made_explicit() {
        let seen = FunctionConfiguration::builder()
            .function_name("users")
            .build();
        let spec = spec(&seen, &Tags::new()).unwrap();
        assert_eq!(
            (spec.memory, spec.timeout),
            (Some(128), Some(Duration::new(3, Unit::Seconds)))
        );
        assert_eq!(spec.architecture.as_deref(), Some("x86_64"));
        assert!(spec.vpc == Some(Vpc::default()) && spec.environment == Some(BTreeMap::new()));
    }

    #[test]
    fn a_failed_update_is_remarked() {
        let seen = FunctionConfiguration::builder()
            .last_update_status(LastUpdateStatus::Failed)
            .last_update_status_reason("The role cannot be assumed")
            .build();
        assert_eq!(
            notes(&seen),
            ["its last update failed: The role cannot be assumed"]
        );
    }
}
