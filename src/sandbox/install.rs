//! A private Python environment in the cache, made once. Runs Python and its pip.

use super::{Tell, folder::tail, host::Host, installed};
use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
    private::Private,
    value,
};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Output,
};
use tokio::process::Command;

/// A set of Python packages, each at one version, in a virtual environment of its own.
#[derive(Clone, Copy, Debug)]
pub struct Venv {
    /// What it is, for people and for the folder's name.
    pub name: &'static str,
    /// pip's requirements file; every package that comes along is in it, with its digests.
    pub requirements: &'static str,
}

impl Venv {
    /// The folder of this environment; it is made where it is not there yet, or not as it was made.
    ///
    /// Its name holds the requirements' digest and Python's version, since an environment works
    /// with the Python it was made by only.
    pub async fn install(&self, host: &Host, tell: Tell<'_>) -> Result<PathBuf> {
        let version = host.python_version().await?;
        let name = self.folder_name(&version);
        let folder = host.cache.join(&name);
        let cache = Private::at(&host.cache)?;
        if cache.join(&name).exists()? && state(&folder) == State::AsInstalled {
            return Ok(folder);
        }
        // What is in it is run: nobody else may have put it there.
        cache
            .make()
            .map_err(|error| error.hint("name another folder in WSCTL_CACHE_DIR"))?;
        let waiting = || {
            tell(&format!(
                "waiting for another wsctl that installs {}",
                self.name
            ))
        };
        let _lock = cache.lock(&format!("{name}.lock"), waiting).await?;
        match state(&folder) {
            State::AsInstalled => return Ok(folder),
            State::Changed => tell(&format!(
                "{}: what was installed here has changed since; installing {} again",
                folder.display(),
                self.name
            )),
            State::Incomplete => {
                tell(&format!(
                    "installing {} into {} (only this once)",
                    self.name,
                    host.cache.display()
                ));
            }
        }
        self.fill(host, &folder).await?;
        Ok(folder)
    }

    fn folder_name(&self, version: &str) -> String {
        let digest = Sha256::digest([MARKER, self.requirements].concat());
        let digest = value::hex(&digest[..6]);
        format!("{}-python{version}-{digest}", self.name)
    }

    async fn fill(&self, host: &Host, folder: &Path) -> Result<()> {
        let failed = || format!("{}: cannot be written", folder.display());
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).context(ErrorKind::Input, failed());
            }
            _ => {}
        }
        let made = run(Command::new(&host.python)
            .args(["-I", "-m", "venv"])
            .arg(folder))
        .await?;
        succeeded(&made, "making a virtual environment failed")?;
        let list = folder.join("requirements.txt");
        fs::write(&list, self.requirements).context(ErrorKind::Input, failed())?;
        let mut pip = Command::new(python(folder));
        pip.args([
            "-I",
            "-m",
            "pip",
            "install",
            "--no-input",
            "--disable-pip-version-check",
            "--no-user",
        ]);
        // What is not the file that was pinned is not installed, and nothing is built: a build runs code.
        pip.args(["--require-hashes", "--only-binary", ":all:"]);
        let done = run(pip.arg("-r").arg(&list)).await?;
        succeeded(&done, &format!("pip could not install {}", self.name))?;
        // Last: what lacks this file is not complete, whatever ended the work.
        let digest =
            installed::digest(folder, &marker(folder)).context(ErrorKind::Input, failed())?;
        fs::write(marker(folder), digest).context(ErrorKind::Input, failed())
    }
}

/// The Python of an environment.
pub(super) fn python(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// In it is the digest of all the other files.
const MARKER: &str = "installed-files";

fn marker(folder: &Path) -> PathBuf {
    folder.join(MARKER)
}

#[derive(Debug, PartialEq)]
enum State {
    AsInstalled,
    Changed,
    Incomplete,
}

fn state(folder: &Path) -> State {
    let Ok(then) = bounded::file(&marker(folder), 64) else {
        return State::Incomplete;
    };
    match installed::digest(folder, &marker(folder)) {
        Ok(now) if now.as_bytes() == then => State::AsInstalled,
        _ => State::Changed,
    }
}

async fn run(command: &mut Command) -> Result<Output> {
    let name = command.as_std().get_program().to_owned();
    let output = command
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    output.context(
        ErrorKind::Input,
        format!("{}: cannot be run", name.display()),
    )
}

fn succeeded(output: &Output, failure: &str) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = tail(&String::from_utf8_lossy(&said), 10);
    Err(Error::of_lines(ErrorKind::Input, format!("{failure}:{said}").lines()).hint(
        "where that is about the network, run the same command again once it is there; otherwise mend what is \
         named",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const EMPTY: Venv = Venv {
        name: "empty",
        requirements: "# nothing\n",
    };

    #[test]
    fn other_requirements_or_another_python_mean_another_folder() {
        let other = Venv {
            requirements: "# nothing else\n",
            ..EMPTY
        };
        assert_ne!(EMPTY.folder_name("3.11"), other.folder_name("3.11"));
        assert_ne!(EMPTY.folder_name("3.11"), EMPTY.folder_name("3.12"));
    }

    #[test]
    fn every_package_of_the_sandbox_is_pinned() {
        let text = crate::sandbox::MINISTACK.requirements.replace("\\\n", " ");
        let packages: Vec<_> = text
            .lines()
            .filter(|it| !it.is_empty() && !it.starts_with('#'))
            .collect();
        for package in &packages {
            assert!(
                package.contains("==") && package.contains(" --hash=sha256:"),
                "{package}"
            );
        }
        assert!(packages.len() > 20);
    }

    #[tokio::test]
    async fn an_install_that_was_cut_off_is_done_again() {
        let cache = tempfile::tempdir().unwrap();
        let host = Host {
            python: "python3".into(),
            cache: cache.path().into(),
        };
        let version = host.python_version().await.unwrap();
        let half = cache.path().join(EMPTY.folder_name(&version));
        fs::create_dir_all(half.join("bin")).unwrap();
        fs::write(half.join("bin/left-over"), "").unwrap();
        let folder = EMPTY.install(&host, &|_| {}).await.unwrap();
        assert_eq!(folder, half);
        assert_eq!(state(&folder), State::AsInstalled);
        assert!(python(&folder).exists());
        assert!(!folder.join("bin/left-over").exists());
    }

    /// Each file that a start would run, or that would be run in place of one.
    #[tokio::test]
    async fn what_was_changed_since_is_installed_again() {
        let cache = tempfile::tempdir().unwrap();
        let host = Host {
            python: "python3".into(),
            cache: cache.path().into(),
        };
        let told = Mutex::new(vec![]);
        let tell = |line: &str| told.lock().unwrap().push(line.to_owned());
        let folder = EMPTY.install(&host, &tell).await.unwrap();
        let pip = fs::read_dir(folder.join("lib"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let pip = pip.join("site-packages/pip");
        let compiled = fs::read_dir(pip.join("__pycache__"))
            .unwrap()
            .flatten()
            .map(|it| it.path());
        let compiled = compiled.into_iter().next().expect("pip compiles itself");
        for file in [pip.join("__init__.py"), compiled] {
            let mut bytes = fs::read(&file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(&file, &bytes).unwrap();
            told.lock().unwrap().clear();
            EMPTY.install(&host, &tell).await.unwrap();
            assert_ne!(fs::read(&file).unwrap(), bytes, "{}", file.display());
            let lines = std::mem::take(&mut *told.lock().unwrap());
            assert!(
                lines.len() == 1 && lines[0].contains("has changed since; installing empty again"),
                "{lines:?}"
            );
        }
        // Running what is there leaves nothing behind.
        let ran = run(Command::new(python(&folder)).args(["-I", "-B", "-m", "pip", "--version"]))
            .await
            .unwrap();
        assert!(ran.status.success());
        EMPTY.install(&host, &tell).await.unwrap();
        assert!(told.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_has_no_digest_is_not_installed_and_its_set_up_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let ran = folder.path().join("ran");
        fs::create_dir(folder.path().join("package")).unwrap();
        let script = format!(
            "open({:?}, 'w')\nfrom setuptools import setup\nsetup(name='package')\n",
            ran.display()
        );
        fs::write(folder.path().join("package/setup.py"), script).unwrap();
        let host = Host {
            python: "python3".into(),
            cache: folder.path().join("cache"),
        };
        let requirements: &str = format!("{}\n", folder.path().join("package").display()).leak();
        let error = Venv {
            requirements,
            ..EMPTY
        }
        .install(&host, &|_| {})
        .await
        .unwrap_err()
        .to_string();
        assert!(error.contains("hash"), "{error}");
        assert!(!ran.exists());
    }

    #[tokio::test]
    async fn what_pip_says_is_in_the_error() {
        let cache = tempfile::tempdir().unwrap();
        let host = Host {
            python: "python3".into(),
            cache: cache.path().into(),
        };
        let wrong = Venv {
            requirements: "not a requirement\n",
            ..EMPTY
        };
        let error = wrong.install(&host, &|_| {}).await.unwrap_err().to_string();
        assert!(
            error.starts_with("pip could not install empty:\n    "),
            "{error}"
        );
        assert!(error.contains("not a requirement"), "{error}");
        assert!(!marker(&cache.path().join(wrong.folder_name("3.11"))).exists());
    }
}
