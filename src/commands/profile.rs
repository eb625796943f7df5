//! Whether the profile that was asked for is there. Without it the SDK goes on to the next place where
//! credentials may be, and what it says in the end speaks of that one.

use crate::{
    cli::Global,
    error::{Error, ErrorKind, Result},
};
use std::{collections::BTreeSet, ffi::OsString, path::PathBuf};

/// A file with profiles, and what a profile's heading begins with in it.
struct Profiles {
    path: PathBuf,
    is_config: bool,
}

/// Refuses a profile that is in neither of AWS's files, which it names.
pub(super) fn check(global: &Global) -> Result<()> {
    let Some((name, asked)) = wanted(global) else {
        return Ok(());
    };
    let known = names();
    if known.contains(&name) {
        return Ok(());
    }
    let looked: Vec<_> = files().iter().map(Profiles::shown).collect();
    let known: Vec<_> = known.into_iter().collect();
    let hint = match known.as_slice() {
        [] => format!("there is none at all; make one: aws configure --profile {name}"),
        known => format!("there are: {}", known.join(", ")),
    };
    Err(Error::new(
        ErrorKind::Credentials,
        format!(
            "{asked}: there is no profile of this name in {}",
            looked.join(" or ")
        ),
    )
    .hint(hint))
}

/// Those that there are.
pub(super) fn names() -> BTreeSet<String> {
    files().iter().flat_map(Profiles::names).collect()
}

/// The profile, and how it was asked for. That of the environment counts only where no keys do.
fn wanted(global: &Global) -> Option<(String, String)> {
    if global.sandbox {
        return None;
    }
    if let Some(name) = &global.profile {
        return Some((name.clone(), format!("--profile {name}")));
    }
    let name = set("AWS_PROFILE")?.into_string().ok()?;
    let is_asked = set("AWS_ACCESS_KEY_ID").is_none() && name != "default";
    is_asked.then(|| (name.clone(), format!("AWS_PROFILE={name}")))
}

fn set(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}

/// Where the SDK looks (AWS SDKs and Tools Reference Guide, "Location of the shared config and
/// credentials files").
fn files() -> [Profiles; 2] {
    let file = |variable: &str, name: &str| {
        let home = || {
            PathBuf::from(set("HOME").unwrap_or_default())
                .join(".aws")
                .join(name)
        };
        set(variable).map_or_else(home, PathBuf::from)
    };
    [
        Profiles {
            path: file("AWS_CONFIG_FILE", "config"),
            is_config: true,
        },
        Profiles {
            path: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            is_config: false,
        },
    ]
}

impl Profiles {
    fn names(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        text.lines()
            .filter_map(|line| name_in(line, self.is_config))
            .collect()
    }

    fn shown(&self) -> String {
        let missing = if self.path.exists() {
            ""
        } else {
            " (which is not there)"
        };
        format!("{}{missing}", self.path.display())
    }
}

/// The profile that a line begins: `[profile NAME]` in the configuration, `[NAME]` among credentials,
/// `[default]` in both. A name with blanks is in quotes.
fn name_in(line: &str, is_config: bool) -> Option<String> {
    let heading = line.trim_end().strip_prefix('[')?.split(']').next()?.trim();
    let name = match heading
        .strip_prefix("profile")
        .filter(|rest| rest.starts_with(char::is_whitespace))
    {
        Some(name) if is_config => name.trim(),
        _ if is_config && heading != "default" => return None,
        _ => heading,
    };
    Some(name.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_a_heading_of_its_file() {
        for (line, in_config) in [
            ("[default]", Some("default")),
            ("[profile work]  # mine", Some("work")),
            ("[profile \"at work\"]", Some("at work")),
            ("[work]", None),
            ("[sso-session work]", None),
            ("[services x]", None),
            ("region = [eu]", None),
        ] {
            assert_eq!(name_in(line, true).as_deref(), in_config, "{line}");
        }
        for (line, in_credentials) in [
            ("[default]", Some("default")),
            ("[work] ", Some("work")),
            ("a = [b]", None),
        ] {
            assert_eq!(name_in(line, false).as_deref(), in_credentials, "{line}");
        }
    }
}
