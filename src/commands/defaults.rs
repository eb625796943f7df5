//! What a user wants everywhere: `[defaults]` in a file of the user's own configuration folder. What is typed
//! counts before what is set in the environment, and that before this.

use crate::{
    bounded,
    cli::{Colour, Global, SANDBOX},
    error::{Context, Error, ErrorKind, Result},
};
use clap::ValueEnum;
use directories::ProjectDirs;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The variable that names another file; empty, for none.
pub const CONFIG: &str = "WSCTL_CONFIG";

/// Far above any real one, in bytes.
const LARGEST: u64 = 64 << 10;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    defaults: Defaults,
}

/// A region is not among them: it would take the place of every file's.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Defaults {
    /// As `--sandbox`, unless a profile or an endpoint is named.
    sandbox: bool,
    /// As `--profile`, unless AWS_PROFILE or keys are set.
    profile: Option<String>,
    /// As `--color`.
    color: Option<String>,
}

/// Takes what the file says, where nothing that was typed or set says otherwise.
pub(super) fn take(global: &mut Global) -> Result<()> {
    let Some(path) = path() else { return Ok(()) };
    if !path.exists() {
        return Ok(());
    }
    let defaults = read(&path)?;
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    if let (Some(color), Colour::Auto) = (&defaults.color, global.color) {
        global.color = Colour::from_str(color, false).map_err(|_| {
            Error::new(
                ErrorKind::File,
                format!("{}: color is {color:?}", path.display()),
            )
            .hint("write auto, always or never")
        })?;
    }
    let says_where = [
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        SANDBOX,
    ];
    if !says_where.iter().any(|it| is_set(it)) && !global.sandbox && global.endpoint_url.is_none() {
        if defaults.sandbox {
            global.take_variable("1");
        } else if global.profile.is_none() {
            global.profile = defaults.profile;
        }
    }
    Ok(())
}

fn path() -> Option<PathBuf> {
    match std::env::var_os(CONFIG) {
        Some(given) if given.is_empty() => None,
        Some(given) => Some(given.into()),
        None => Some(
            ProjectDirs::from("", "", "wsctl")?
                .config_dir()
                .join("config.toml"),
        ),
    }
}

fn read(path: &Path) -> Result<Defaults> {
    let text = bounded::text(path, LARGEST)?;
    parse(&text)
        .context(ErrorKind::File, format!("{}", path.display()))
        .map_err(|error| {
            error.hint("it can have [defaults] with sandbox = true or false, profile and color")
        })
}

fn parse(text: &str) -> Result<Defaults, toml::de::Error> {
    toml::from_str::<Config>(text).map(|it| it.defaults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_mistake() {
        let defaults = parse("[defaults]\nsandbox = true\nprofile = \"dev\"\ncolor = \"never\"\n");
        let defaults = defaults.unwrap();
        assert!(defaults.sandbox && defaults.profile.as_deref() == Some("dev"));
        assert_eq!(parse("").unwrap(), Defaults::default());
        for wrong in [
            "[defaults]\nregion = \"eu-west-1\"\n",
            "sandbox = true\n",
            "[defaults]\nsandbox = 1\n",
            "[",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
