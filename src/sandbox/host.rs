//! What the sandbox needs of this machine: a Python and a cache folder. Looks, changes nothing.

use super::folder::tail;
use crate::{
    error::{Error, ErrorKind, Result},
    private,
};
use std::{ffi::OsString, io, path::PathBuf};
use tokio::process::Command;

const INSTALL: &str = "install it (Debian, Ubuntu: `sudo apt-get install python3 python3-venv`; macOS: \
                       `brew install python`), or name another one in WSCTL_PYTHON";

/// Prints the version, then fails unless a virtual environment can be made with it.
const PROBE: &str =
    "import sys; print('%d.%d' % sys.version_info[:2], flush=True); import ensurepip, venv";

/// Where the emulator's code goes, and what runs it.
#[derive(Clone, Debug)]
pub struct Host {
    /// A Python 3.10 or newer: a name on the PATH, or a path.
    pub python: OsString,
    /// The folder of things that can be made again.
    pub cache: PathBuf,
}

impl Host {
    /// `python3` and the user's cache folder, or what WSCTL_PYTHON and WSCTL_CACHE_DIR name.
    pub fn from_env() -> Result<Self> {
        let python = std::env::var_os("WSCTL_PYTHON").filter(|it| !it.is_empty());
        Ok(Self {
            python: python.unwrap_or("python3".into()),
            cache: private::cache()?,
        })
    }

    /// The Python's version, `3.11` for one.
    pub async fn python_version(&self) -> Result<String> {
        let name = self.python.display();
        let probe = Command::new(&self.python)
            .args(["-I", "-c", PROBE])
            .kill_on_drop(true)
            .output();
        let output = probe.await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::input(format!(
                "{name}: not found; the sandbox needs Python 3.10 or newer"
            ))
            .hint(INSTALL),
            _ => Error::input(format!("{name}: cannot be run"))
                .source(error)
                .hint(INSTALL),
        })?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        judge(&version, output.status.success(), &said)
            .map_err(|error| error.at(name).hint(INSTALL))?;
        Ok(version)
    }
}

fn judge(version: &str, is_complete: bool, said: &str) -> Result<()> {
    let minor = version
        .strip_prefix("3.")
        .and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        None if version.is_empty() => {
            Err(Error::of_lines(ErrorKind::Input, format!("is not a working Python 3:{}", tail(said, 5)).lines()))
        }
        Some(10..) if is_complete => Ok(()),
        Some(10..) => {
            Err(Error::input(format!("Python {version} cannot make virtual environments:{}", tail(said, 1)))
                .hint(
                    "install what is missing (Debian, Ubuntu: `sudo apt-get install python3-venv`), or name \
                 another Python in WSCTL_PYTHON",
                ))
        }
        _ => Err(Error::input(format!("is Python {version}; the sandbox needs 3.10 or newer"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_of_today_will_do() {
        assert!(judge("3.10", true, "").is_ok());
        assert!(judge("3.14", true, "").is_ok());
    }

    #[test]
    fn an_old_python_is_named_with_what_is_needed() {
        let error = judge("3.9", true, "").unwrap_err().at("python3");
        assert_eq!(
            error.to_string(),
            "python3: is Python 3.9; the sandbox needs 3.10 or newer"
        );
        assert!(judge("2.7", true, "").is_err());
    }

    #[test]
    fn debians_python_without_its_venv_package_is_told_apart() {
        let error = judge(
            "3.11",
            false,
            "ModuleNotFoundError: No module named 'ensurepip'",
        )
        .unwrap_err();
        assert!(error.to_string().contains("No module named 'ensurepip'"));
        assert!(error.hint.unwrap().contains("python3-venv"));
    }
}
