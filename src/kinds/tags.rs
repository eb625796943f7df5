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
