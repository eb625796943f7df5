//! What an answer has to tell. Pure.

use crate::error::{Error, Result};

/// The id or ARN in the answer of a creation: without it nothing could refer to what was made, and an
/// empty one would be taken for it.
pub(crate) fn told(value: Option<&str>, operation: &str) -> Result<String> {
    value
        .filter(|it| !it.is_empty())
        .map(ToOwned::to_owned)
        .ok_or_else(|| {
            Error::internal(format!(
                "{operation}: the answer does not say what was made"
            ))
            .hint("run the same command again: it finds what was made")
        })
}
