//! The names of users' attributes, wherever the file has some. Pure.

use super::{Findings, is_open};
use crate::{
    spec::user_pool::{STANDARD, UserPool},
    stack::{schema::closest, source::Path},
};

/// Says what is wrong with the name of an attribute: it is a standard one, one of the pool's own, or one of
/// those that are `given` there besides.
pub(super) fn known(
    found: &mut Findings<'_>,
    at: Path,
    name: &str,
    pool: &UserPool,
    given: &[&str],
) {
    if is_open(name) {
        return;
    }
    let declared = pool.custom_attributes.as_ref();
    match name.strip_prefix("custom:") {
        Some(own)
            if declared.is_some_and(|it| it.contains_key(own)) || found.is_pool_existing() => {}
        Some(own) => {
            let message = format!("the pool that wsctl makes has no attribute `{name}`");
            let help =
                format!("add [user_pool.custom_attributes.{own}], unless the pool has it already");
            found.warn_of_pool(at, message, help);
        }
        None if name.starts_with("dev:") || name.starts_with("cognito:") => {}
        None if STANDARD.contains(&name) || given.contains(&name) => {}
        None => {
            let words: Vec<_> = STANDARD
                .iter()
                .chain(given)
                .map(ToString::to_string)
                .collect();
            let help = match closest(name, &words) {
                _ if declared.is_some_and(|it| it.contains_key(name)) => {
                    format!("write \"custom:{name}\"")
                }
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("write one of: {}; or custom:NAME", words.join(", ")),
            };
            found.error(at, format!("`{name}` is not an attribute of a user"), help);
        }
    }
}

/// The same of a name that is a key.
pub(super) fn known_key(
    found: &mut Findings<'_>,
    at: Path,
    name: &str,
    pool: &UserPool,
    given: &[&str],
) {
    let before = found.found.len();
    known(found, at, name, pool, given);
    let said = found.found.iter_mut().skip(before);
    said.for_each(|it| it.at_key = true);
}
