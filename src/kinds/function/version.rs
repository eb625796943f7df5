//! What an attached function was before it was changed. Lambda itself remembers it: a published
//! version holds the code and the configuration as they were, and never changes (Lambda developer
//! guide, "Manage Lambda function versions"). A tag of the function says which version it is.

use super::Function;
use crate::{
    aws::{Aws, Tags, absent},
    error::{Error, Kind, Result},
    kind::Found,
};
use aws_sdk_lambda::types::FunctionConfiguration;

/// Holds the version's number; followed by [`THEIRS`] where the version was there before wsctl.
pub(super) const TAG: &str = "wsctl:version";
const THEIRS: &str = ":theirs";

/// The version's number.
pub(super) fn number(tag: &str) -> &str {
    tag.strip_suffix(THEIRS).unwrap_or(tag)
}

/// Publishes the function as it is, unless that was done before. Lambda makes no version where
/// nothing has changed since the last one: that one is its owner's then, and stays.
pub(super) async fn keep(aws: &Aws, live: &Found<Function>) -> Result<Tags> {
    if live.marks.contains_key(TAG) {
        return Ok(Tags::new());
    }
    let name = &live.outputs.name;
    let before = numbers(aws, name).await?;
    let made = aws.create("lambda:PublishVersion", || {
        let request = aws.lambda.publish_version().function_name(name);
        request.set_code_sha256(live.spec.code.clone()).send()
    });
    let made = made.await?;
    let number = made.version().unwrap_or_default().to_owned();
    let is_theirs = before.contains(&number);
    Ok(Tags::from([(TAG.to_owned(), if is_theirs { format!("{number}{THEIRS}") } else { number })]))
}

async fn numbers(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None::<String>);
    loop {
        let page = aws
            .read("lambda:ListVersionsByFunction", || {
                let request = aws.lambda.list_versions_by_function().function_name(name);
                request.set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.versions().iter().filter_map(|it| it.version().map(ToOwned::to_owned)));
        marker = page.next_marker().filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The configuration of a version; `None` where somebody deleted it.
pub(super) async fn configuration(
    aws: &Aws,
    name: &str,
    number: &str,
) -> Result<Option<FunctionConfiguration>> {
    let answer = aws.read("lambda:GetFunction", || {
        aws.lambda.get_function().function_name(name).qualifier(number).send()
    });
    Ok(absent(answer.await)?.and_then(|it| it.configuration))
}

/// The zip of a version; `$LATEST` is the function as it is now.
pub(super) async fn zip(aws: &Aws, name: &str, number: &str) -> Result<Vec<u8>> {
    let answer = aws.read("lambda:GetFunction", || {
        aws.lambda.get_function().function_name(name).qualifier(number).send()
    });
    let answer = answer.await?;
    let place = answer.code().and_then(|code| code.location()).ok_or_else(|| {
        Error::new(Kind::Refused, format!("function {name}: its code is no zip"))
            .hint("wsctl changes only functions that are packaged as a zip; leave zip and crate out")
    })?;
    aws.download(&format!("the code of function {name}"), place).await
}

/// Deletes the version, unless it is its owner's.
pub(super) async fn delete(aws: &Aws, live: &Found<Function>) -> Result<()> {
    let Some(number) = live.marks.get(TAG).filter(|tag| !tag.ends_with(THEIRS)) else { return Ok(()) };
    let deleted = aws.write("lambda:DeleteFunction", || {
        aws.lambda.delete_function().function_name(&live.outputs.name).qualifier(number).send()
    });
    absent(deleted.await).map(drop)
}
