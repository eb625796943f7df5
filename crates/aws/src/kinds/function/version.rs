//! What an attached function was before it was changed. Lambda itself remembers it: a published
//! version holds the code and the configuration as they were, and never changes (Lambda developer
//! guide, "Manage Lambda function versions"). A tag of the function says which version it is.

use crate::{
    aws::{Aws, absent, told},
    error::{Error, ErrorKind, Result},
    owner::Tags,
    spec::{Found, function::Function},
};
use aws_sdk_lambda::types::FunctionConfiguration;
use std::collections::BTreeSet;

/// Holds the version's number; followed by [`THEIRS`] where the version was there before wsctl.
pub(super) const TAG: &str = "wsctl:version";
const THEIRS: &str = ":theirs";
/// Ends the description of a version that wsctl made: a run that was cut off before its tag is set
/// leaves a version that says itself whose it is.
const MARK: &str = " (wsctl: as it was)";
/// A description has at most 256 characters (Lambda API reference, PublishVersion).
const LONGEST: usize = 256;
/// The function as it is now: never to be deleted as a version.
pub(super) const LATEST: &str = "$LATEST";

/// The version's number.
pub(super) fn number(tag: &str) -> &str {
    tag.strip_suffix(THEIRS).unwrap_or(tag)
}

/// Publishes the function as it is, unless that was done before. Lambda makes no version where
/// nothing has changed since the last one: without the mark that one is its owner's, and stays.
pub(super) async fn keep(aws: &Aws, live: &Found<Function>) -> Result<Tags> {
    if live.ownership_tags.contains_key(TAG) {
        return Ok(Tags::new());
    }
    let name = &live.outputs.name;
    let before = list(aws, name).await?;
    let description = marked(live.spec.description.as_deref().unwrap_or_default());
    let made = aws.create("lambda:PublishVersion", || {
        let request = aws.lambda.publish_version().function_name(name);
        request
            .set_code_sha256(live.spec.code.clone())
            .set_description(description.clone())
            .send()
    });
    let made = made.await?;
    let number = told(made.version(), "lambda:PublishVersion")?;
    let is_theirs =
        before.iter().any(|it| it.version() == Some(&number)) && !is_marked(&made.description);
    Ok(Tags::from([(
        TAG.to_owned(),
        if is_theirs {
            format!("{number}{THEIRS}")
        } else {
            number
        },
    )]))
}

/// `None` where there is no room for the mark: the function's own description stays whole.
fn marked(description: &str) -> Option<String> {
    let marked = format!("{description}{MARK}");
    (marked.chars().count() <= LONGEST).then_some(marked)
}

fn is_marked(description: &Option<String>) -> bool {
    description.as_ref().is_some_and(|it| it.ends_with(MARK))
}

pub(super) async fn list(aws: &Aws, name: &str) -> Result<Vec<FunctionConfiguration>> {
    let (mut found, mut marker) = (vec![], None::<String>);
    loop {
        let page = aws
            .read("lambda:ListVersionsByFunction", || {
                let request = aws.lambda.list_versions_by_function().function_name(name);
                request.set_marker(marker.clone()).send()
            })
            .await?;
        marker = page
            .next_marker()
            .filter(|it| !it.is_empty())
            .map(ToOwned::to_owned);
        found.extend(page.versions.unwrap_or_default());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The configuration of a version, without the mark; `None` where somebody deleted it.
pub(super) async fn configuration(
    aws: &Aws,
    name: &str,
    number: &str,
) -> Result<Option<FunctionConfiguration>> {
    let answer = aws.read("lambda:GetFunction", || {
        aws.lambda
            .get_function()
            .function_name(name)
            .qualifier(number)
            .send()
    });
    let mut found = absent(answer.await)?.and_then(|it| it.configuration);
    if let Some(description) = found.as_mut().and_then(|it| it.description.as_mut()) {
        *description = description
            .strip_suffix(MARK)
            .unwrap_or(description)
            .to_owned();
    }
    Ok(found)
}

/// What Lambda takes unpacked (docs/aws.md §8); no zip of it has more.
const MOST_CODE: usize = 250 << 20;

/// The zip of a version; `$LATEST` is the function as it is now.
pub(super) async fn zip(aws: &Aws, name: &str, number: &str) -> Result<Vec<u8>> {
    let answer = aws.read("lambda:GetFunction", || {
        aws.lambda
            .get_function()
            .function_name(name)
            .qualifier(number)
            .send()
    });
    let answer = answer.await?;
    let place = answer
        .code()
        .and_then(|code| code.location())
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Refused,
                format!("function {name}: its code is not a zip"),
            )
            .hint(
                "wsctl changes only functions that are packaged as a zip; leave zip and crate out",
            )
        })?;
    aws.download(&format!("the code of function {name}"), place, MOST_CODE)
        .await
}

/// Deletes every version that wsctl made.
pub(super) async fn delete(aws: &Aws, live: &Found<Function>) -> Result<()> {
    let name = &live.outputs.name;
    let tagged = live
        .ownership_tags
        .get(TAG)
        .filter(|tag| !tag.ends_with(THEIRS))
        .cloned();
    let marked = list(aws, name)
        .await?
        .into_iter()
        .filter(|it| is_marked(&it.description));
    let numbers: BTreeSet<_> = marked.filter_map(|it| it.version).chain(tagged).collect();
    for number in numbers.iter().filter(|it| *it != LATEST) {
        let request = aws
            .lambda
            .delete_function()
            .function_name(name)
            .qualifier(number);
        absent(
            aws.write("lambda:DeleteFunction", || request.clone().send())
                .await,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_marked_where_there_is_room() {
        assert!(
            is_marked(&marked("Users"))
                && marked("Users").is_some_and(|it| it.starts_with("Users "))
        );
        assert_eq!(marked(&"x".repeat(LONGEST - MARK.len() + 1)), None);
    }
}
