//! What is said of the people who are lost with a pool.

use crate::{
    aws::{absent, is_denied},
    error::Result,
};

/// How one of them and many are called.
pub(super) type Names = (&'static str, &'static str);

/// What is lost, by the answer to `operation`, which asks for one of them; `None` where there is nobody.
///
/// Who may not ask cannot know, and has to say so: there may be any number.
pub(super) fn lost<T>(
    answer: Result<T>,
    is_there: impl FnOnce(&T) -> bool,
    (one, many): Names,
    operation: &str,
) -> Result<Option<String>> {
    match absent(answer) {
        Ok(answer) => Ok(answer.filter(is_there).map(|_| format!("at least 1 {one}"))),
        Err(error) if is_denied(&error) => Ok(Some(format!(
            "an unknown number of {many} ({operation} is not allowed)"
        ))),
        Err(error) => Err(error),
    }
}
