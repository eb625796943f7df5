//! The calls of a Lambda function.
//!
//! Facts: docs/aws.md §8.

mod code;
mod doors;
mod read;
mod transition;
mod version;
mod wait;
mod write;

use crate::{
    aws::{Aws, Reads},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::{Retag, StackOutputs, Tags},
    spec::{
        Found,
        function::{Function, FunctionOutputs},
    },
};

/// The fields that UpdateFunctionConfiguration sets.
const CONFIGURATION: &[&str] = &[
    "description",
    "runtime",
    "handler",
    "memory",
    "timeout",
    "environment",
    "vpc",
    "role",
    "layers",
    "tracing",
    "ephemeral_storage",
];

/// The fields that UpdateFunctionCode sets.
const CODE: &[&str] = &["code", "architecture"];

impl Kind for Function {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let found = read::find(reads, wanted).await?;
        Ok(found.into_iter().map(Listed::Full).collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<FunctionOutputs> {
        let made = write::create(self, aws, parent, name).await?;
        wait::until_active(aws, &self.name, made.state).await?;
        if self.reserved_concurrency.is_some_and(|it| it >= 0) {
            write::concurrency(aws, &self.name, self.reserved_concurrency).await?;
        }
        Ok(FunctionOutputs {
            arn: made.arn,
            name: self.name.clone(),
        })
    }

    /// Configuration first: a new program may need the new environment, role or network, and if
    /// AWS refuses the configuration the function still runs as before. Where both the runtime and
    /// the program change, one zip with both programs bridges them (see [`transition`]).
    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let before = transition::before(self, aws, live, changes).await?;
        if let Some(zip) = &before {
            // Without its architecture AWS would take the zip for x86_64.
            write::code(self, aws, zip, live.spec.architecture.as_deref()).await?;
        }
        if any_touches(changes, CONFIGURATION) {
            write::configuration(self, aws, changes).await?;
        }
        if any_touches(changes, CODE) {
            let zip = zip(self, aws, live).await?;
            write::code(self, aws, &zip, self.architecture.as_deref()).await?;
        }
        if any_touches(changes, &["switched_off", "reserved_concurrency"]) {
            write::concurrency(aws, &self.name, self.reserved_concurrency).await?;
        }
        write::retag(aws, &live.outputs.arn, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &FunctionOutputs) -> Result<()> {
        write::delete(aws, &live.name).await
    }

    async fn snapshot(aws: &Aws, live: &Found<Self>) -> Result<Tags> {
        version::keep(aws, live).await
    }

    async fn detach(aws: &Aws, live: &Found<Self>) -> Result<()> {
        version::delete(aws, live).await
    }

    async fn doors(reads: &Reads, live: &Found<Self>) -> Result<Vec<String>> {
        let aws = &reads.aws;
        doors::all(aws, &live.outputs.name).await
    }

    async fn mark(aws: &Aws, live: &FunctionOutputs, tags: Retag) -> Result<()> {
        write::retag(aws, &live.arn, tags).await
    }
}

/// Its zip: one of this machine, or that of the version which is given back.
async fn zip(spec: &Function, aws: &Aws, live: &Found<Function>) -> Result<Vec<u8>> {
    let code = required(spec, "code", spec.code.as_ref())?;
    let version = live.ownership_tags.get(version::TAG);
    if let Some(version) = version.filter(|_| !code::is_known(aws, code)) {
        return version::zip(aws, &live.outputs.name, version::number(version)).await;
    }
    code::bytes(aws, code)
}

/// A field without which AWS makes no function.
fn required<'a>(spec: &Function, field: &str, value: Option<&'a String>) -> Result<&'a str> {
    value.map(String::as_str).ok_or_else(|| {
        Error::input(format!("function {}: {field} is not declared", spec.name))
            .hint(format!("a function that wsctl makes needs its {field}"))
    })
}
