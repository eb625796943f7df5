//! The one way to set and remove tags, whatever a service calls that.

use crate::{error::Result, owner::Tags};
use std::collections::HashMap;

/// Sends what a `Retag` has to set and to remove, each only where there is any; `form` makes of tags what
/// the service takes.
macro_rules! retag {
    ($aws:ident, $retag:ident, $form:path, $tag:literal: $set:expr, $untag:literal: $unset:expr) => {{
        let $crate::owner::Retag { set, unset } = $retag;
        if !set.is_empty() {
            let request = $set.set_tags(Some($form(set)?));
            $aws.write($tag, || request.clone().send()).await?;
        }
        if !unset.is_empty() {
            let request = $unset.set_tag_keys(Some(unset));
            $aws.write($untag, || request.clone().send()).await?;
        }
        Ok(())
    }};
}
pub(super) use retag;

/// Tags as most services take them.
pub(super) fn as_map(tags: Tags) -> Result<HashMap<String, String>> {
    Ok(tags.into_iter().collect())
}

/// All tags that a service tells, ours and AWS's included.
pub(crate) fn of(told: Option<&HashMap<String, String>>) -> Tags {
    let told = told.into_iter().flatten();
    told.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The tags to send with an update: the declared ones, and those that are not stack.toml's to
/// declare; without declared ones, all that are there. AWS's own cannot be sent.
pub(super) fn kept(
    live: Option<HashMap<String, String>>,
    declared: Option<&Tags>,
) -> HashMap<String, String> {
    let mut tags = live.unwrap_or_default();
    tags.retain(|key, _| {
        !key.starts_with("aws:") && (declared.is_none() || key.starts_with("wsctl:"))
    });
    tags.extend(
        declared
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<C: FromIterator<(String, String)>>(keys: &[&str]) -> C {
        keys.iter()
            .map(|key| ((*key).to_owned(), String::new()))
            .collect()
    }

    #[test]
    fn only_declared_tags_and_ours_are_sent() {
        let live = || Some(of(&["wsctl:stack", "aws:cloudformation:stack-id", "team"]));
        let sent = |declared: Option<&Tags>| {
            kept(live(), declared)
                .into_keys()
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(
            sent(None),
            ["team", "wsctl:stack"].map(ToOwned::to_owned).into()
        );
        let declared = of(&["other"]);
        assert_eq!(
            sent(Some(&declared)),
            ["other", "wsctl:stack"].map(ToOwned::to_owned).into()
        );
    }
}
