//! Which of a stack's APIs a command is about.

use crate::{
    error::{Error, Result},
    stack::{Api, File, ONLY_API},
};

/// The API of this name in stack.toml. Without a name: the only one that `fits`; otherwise `[api]`, or the only
/// one that there is.
pub(super) fn chosen<'a>(
    file: &'a File,
    named: Option<&str>,
    fits: impl Fn(&Api<'a>) -> bool,
) -> Result<Api<'a>> {
    let names = || {
        let names: Vec<_> = file.apis().map(|it| it.name().to_owned()).collect();
        names.join(", ")
    };
    if let Some(name) = named {
        let api = file.apis().find(|it| it.name() == name);
        return api.ok_or_else(|| {
            Error::usage(format!("there is no API `{name}` in this file"))
                .hint(format!("there are: {}", names()))
        });
    }
    let all: Vec<_> = file.apis().collect();
    let fitting: Vec<_> = all.iter().filter(|it| fits(it)).collect();
    match (fitting.as_slice(), all.as_slice()) {
        ([only], _) => Ok((*only).clone()),
        (_, []) => {
            Err(Error::usage("there is no API in this file")
                .hint("declare [api], and run wsctl apply"))
        }
        (_, [first, ..]) if first.name() == ONLY_API || all.len() == 1 => Ok(first.clone()),
        _ => Err(Error::usage("which API?").hint(format!("add --api, one of: {}", names()))),
    }
}
