//! The writes of a function. Each sends only what it has to set.

use super::{code, wait};
use crate::{
    aws::{Aws, absent, told},
    diff::{Change, any_touches},
    duration::Duration,
    error::Result,
    kinds::tags::{as_map, retag},
    owner::{Retag, StackOutputs, owner},
    spec::function::{ACTIVE, Function, Vpc},
};
use aws_sdk_lambda::{
    operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder as Configuration,
    types::{
        Architecture, Environment, EphemeralStorage, FunctionCode, PackageType, Runtime, State,
        TracingConfig, TracingMode, VpcConfig,
    },
};
use aws_smithy_types::Blob;
use std::collections::BTreeMap;

pub(super) struct Created {
    pub(super) arn: String,
    pub(super) state: Option<State>,
}

pub(super) async fn create(
    spec: &Function,
    aws: &Aws,
    parent: &StackOutputs,
    address: &str,
) -> Result<Created> {
    let role = super::required(spec, "role", spec.role.as_ref())?;
    let bytes = Blob::new(code::bytes(
        aws,
        super::required(spec, "code", spec.code.as_ref())?,
    )?);
    let tags = owner(parent, address, spec.tags.as_ref());
    let made = aws.create_as(role, "lambda:CreateFunction", || {
        let code = FunctionCode::builder().zip_file(bytes.clone()).build();
        let request = aws
            .lambda
            .create_function()
            .function_name(&spec.name)
            .role(role);
        let request = request
            .package_type(PackageType::Zip)
            .code(code)
            .publish(false);
        let request = request.set_runtime(spec.runtime.as_deref().map(Runtime::from));
        let request = request
            .set_handler(spec.handler.clone())
            .set_tags(Some(tags.clone()));
        let request = request.set_architectures(architectures(spec));
        let request = request.set_description(spec.description.clone());
        let request = request
            .set_memory_size(spec.memory.map(number))
            .set_timeout(spec.timeout.map(seconds));
        let declared = spec
            .environment
            .as_ref()
            .filter(|variables| !variables.is_empty());
        let request = request.set_environment(declared.map(environment));
        let vpc_config = spec.vpc.as_ref().filter(|it| **it != Vpc::default());
        request
            .set_vpc_config(vpc_config.map(vpc))
            .set_layers(spec.layers.clone().filter(|it| !it.is_empty()))
            .set_tracing_config(tracing(spec))
            .set_ephemeral_storage(ephemeral_storage(spec))
            .send()
    });
    let made = made.await?;
    Ok(Created {
        arn: told(made.function_arn(), "lambda:CreateFunction")?,
        state: made.state().cloned(),
    })
}

/// Sends the changed fields; AWS keeps the others, but takes the variables as a whole (docs/aws.md §8).
pub(super) async fn configuration(spec: &Function, aws: &Aws, changes: &[Change]) -> Result<()> {
    let role = spec.role.as_deref().unwrap_or_default();
    let answer = aws.write_as(role, "lambda:UpdateFunctionConfiguration", || {
        let request = aws
            .lambda
            .update_function_configuration()
            .function_name(&spec.name);
        changed(spec, request, changes).send()
    });
    let answer = answer.await?;
    wait::until_updated(aws, &spec.name, answer.last_update_status().cloned()).await
}

fn changed(spec: &Function, mut request: Configuration, changes: &[Change]) -> Configuration {
    let is_changed = |field| any_touches(changes, &[field]);
    if is_changed("description") {
        request = request.description(spec.description.clone().unwrap_or_default());
    }
    if is_changed("runtime") {
        request = request.set_runtime(spec.runtime.as_deref().map(Runtime::from));
    }
    if is_changed("handler") {
        request = request.set_handler(spec.handler.clone());
    }
    if is_changed("memory") {
        request = request.set_memory_size(spec.memory.map(number));
    }
    if is_changed("timeout") {
        request = request.set_timeout(spec.timeout.map(seconds));
    }
    if is_changed("role") {
        request = request.set_role(spec.role.clone());
    }
    if is_changed("environment") {
        request = request.set_environment(spec.environment.as_ref().map(environment));
    }
    // An empty list takes them all off (docs/aws.md §8).
    if is_changed("layers") {
        request = request.set_layers(Some(spec.layers.clone().unwrap_or_default()));
    }
    if is_changed("tracing") {
        request = request.set_tracing_config(tracing(spec));
    }
    if is_changed("ephemeral_storage") {
        request = request.set_ephemeral_storage(ephemeral_storage(spec));
    }
    if is_changed("vpc") {
        request = request.set_vpc_config(spec.vpc.as_ref().map(vpc));
    }
    request
}

/// Uploads the zip together with its architecture, so that neither is ever without the other.
pub(super) async fn code(
    spec: &Function,
    aws: &Aws,
    zip: &[u8],
    architecture: Option<&str>,
) -> Result<()> {
    let bytes = Blob::new(zip);
    let architectures = architecture.map(|it| vec![Architecture::from(it)]);
    let answer = aws.write("lambda:UpdateFunctionCode", || {
        let request = aws
            .lambda
            .update_function_code()
            .function_name(&spec.name)
            .publish(false);
        request
            .zip_file(bytes.clone())
            .set_architectures(architectures.clone())
            .send()
    });
    let answer = answer.await?;
    wait::until_updated(aws, &spec.name, answer.last_update_status().cloned()).await
}

pub(super) async fn retag(aws: &Aws, arn: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_map,
        "lambda:TagResource": aws.lambda.tag_resource().resource(arn),
        "lambda:UntagResource": aws.lambda.untag_resource().resource(arn)
    )
}

/// Reserves concurrency; takes the reservation off where it is less than none, or not declared.
pub(super) async fn concurrency(aws: &Aws, name: &str, reserved: Option<i32>) -> Result<()> {
    if let Some(reserved) = reserved.filter(|it| *it >= 0) {
        let put = aws.write("lambda:PutFunctionConcurrency", || {
            aws.lambda
                .put_function_concurrency()
                .function_name(name)
                .reserved_concurrent_executions(reserved)
                .send()
        });
        return put.await.map(drop);
    }
    let deleted = aws.write("lambda:DeleteFunctionConcurrency", || {
        aws.lambda
            .delete_function_concurrency()
            .function_name(name)
            .send()
    });
    deleted.await.map(drop)
}

pub(super) async fn delete(aws: &Aws, name: &str) -> Result<()> {
    let deleted = aws.write("lambda:DeleteFunction", || {
        aws.lambda.delete_function().function_name(name).send()
    });
    match absent(deleted.await)? {
        Some(_) => wait::until_gone(aws, name).await,
        None => Ok(()),
    }
}

fn tracing(spec: &Function) -> Option<TracingConfig> {
    let mode = spec.tracing.as_deref().map(|it| match it {
        ACTIVE => TracingMode::Active,
        _ => TracingMode::PassThrough,
    });
    mode.map(|mode| TracingConfig::builder().mode(mode).build())
}

fn ephemeral_storage(spec: &Function) -> Option<EphemeralStorage> {
    let size = spec.ephemeral_storage.map(number);
    size.and_then(|size| EphemeralStorage::builder().size(size).build().ok())
}

fn architectures(spec: &Function) -> Option<Vec<Architecture>> {
    spec.architecture
        .as_deref()
        .map(|it| vec![Architecture::from(it)])
}

/// An empty map clears the variables; an environment without one would keep them.
fn environment(variables: &BTreeMap<String, String>) -> Environment {
    Environment::builder()
        .set_variables(Some(variables.clone().into_iter().collect()))
        .build()
}

/// Empty lists take the function out of its VPC.
fn vpc(vpc: &Vpc) -> VpcConfig {
    let Vpc {
        subnet_ids,
        security_group_ids,
    } = vpc;
    VpcConfig::builder()
        .set_subnet_ids(Some(subnet_ids.iter().cloned().collect()))
        .set_security_group_ids(Some(security_group_ids.iter().cloned().collect()))
        .build()
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.seconds()).unwrap_or(i32::MAX)
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_is_explicit() {
        let cleared = environment(&BTreeMap::new());
        assert!(
            cleared
                .variables()
                .is_some_and(|variables| variables.is_empty())
        );
        let left = vpc(&Vpc::default());
        assert!(left.subnet_ids.is_some_and(|ids| ids.is_empty()));
        assert!(left.security_group_ids.is_some_and(|ids| ids.is_empty()));
    }
}
