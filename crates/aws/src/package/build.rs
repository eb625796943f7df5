//! Builds a handler crate with cargo and zips its program as `bootstrap`. Nothing is written but the zip, cargo's own
//! target folder, and what is remembered of it in the cache.

mod cargo;
mod read;
mod target;

use super::{
    Package, Start, check, elf,
    inputs::{Environment, Inputs, Moment},
    record::{Of, Record, this_program},
    zip,
};
use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
    private::Private,
};
pub(super) use cargo::environment;
use cargo::{Built, Order, Workspace};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use target::Target;

/// Who is to run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Lambda,
    /// The sandbox, where a short build counts for more than a small program (docs/decisions/0045).
    Sandbox,
}

/// A crate whose program is a function's.
#[derive(Clone, Copy)]
pub struct Crate<'a> {
    pub folder: &'a Path,
    /// `x86_64` or `arm64`.
    pub architecture: &'a str,
    pub platform: Platform,
}

impl Crate<'_> {
    /// Builds the program and zips it into `PACKAGE-ARCHITECTURE.zip` in `out`, for the sandbox into
    /// `PACKAGE-ARCHITECTURE-sandbox.zip`, which is written only when it changes. `progress` hears cargo's lines.
    ///
    /// A build runs the build scripts of the crate and of all that it needs. They get neither `AWS_*` nor
    /// the variables of the environment that are `withheld`. Where this machine has built it already, and all
    /// that was read for it is as it was, nothing is run, not even cargo: that starts programs which the
    /// crate's repository names.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when cargo or a target is missing, when the build fails (with the compiler's
    /// own words), or when the program could not start on Lambda.
    pub fn build(
        &self,
        out: &Private,
        withheld: &BTreeSet<String>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Package> {
        let (name, start) = (self.zip_name()?, Start::native(self.architecture));
        let environment = cargo::environment(withheld);
        let record = self.record(out);
        let unchanged = record
            .as_ref()
            .and_then(|it| it.unchanged(&environment, out, &name, &start));
        if let Some(package) = unchanged {
            return Ok(package);
        }
        let target = Target::of(self.architecture)?;
        let builder = Builder {
            of: self,
            target: &target,
            environment: &environment,
        };
        let (program, of) = builder
            .build(record.as_ref(), progress)
            .map_err(|error| error.at(self.folder.display()))?;
        let bytes = zip(&program)?;
        check::check(&bytes, &start).map_err(|error| error.at(self.folder.display()))?;
        let package = super::keep(&bytes, out, &name)?;
        if let Some(record) = record {
            record.remember(&package, of, BTreeSet::new());
        }
        Ok(package)
    }

    /// What [`Crate::build`] made the last time on this machine; nothing is run.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where there is nothing yet, or where it is something else: a folder that was cloned may
    /// have come with it.
    pub fn built(&self, out: &Private) -> Result<Package> {
        let name = self.zip_name()?;
        let path = out.file(&name);
        let command = match self.platform {
            Platform::Lambda => "wsctl package",
            Platform::Sandbox => "wsctl package --sandbox",
        };
        if !path.exists() {
            return Err(Error::input(format!("{}: not built yet", self.folder.display())).hint(format!(
                "build it with {command}, which runs the crate's build scripts, or leave out --no-build",
            )));
        }
        // What is wrong with it is told first.
        super::open(&path, self.architecture)?;
        let start = Start::native(self.architecture);
        let last = self.record(out).and_then(|it| it.last(out, &name, &start));
        last.ok_or_else(|| {
            let (zip, folder) = (path.display(), self.folder.display());
            Error::input(format!("{zip}: not what was built here from {folder}")).hint(format!(
                "build it again with {command}, or take it as it is by naming it with `zip` in place of `crate`",
            ))
        })
    }

    fn record(&self, out: &Private) -> Option<Record> {
        Record::of(self.folder, &self.variant(), out)
    }

    fn zip_name(&self) -> Result<String> {
        Ok(format!(
            "{}-{}.zip",
            package_name(self.folder)?,
            self.variant()
        ))
    }

    /// What tells builds of one crate apart.
    fn variant(&self) -> String {
        match self.platform {
            Platform::Lambda => self.architecture.to_owned(),
            Platform::Sandbox => format!("{}-sandbox", self.architecture),
        }
    }
}

/// What a build has read, and what of that has changed since its start.
struct Seen {
    of: Of,
    changed: Vec<PathBuf>,
}

/// What builds one crate.
struct Builder<'a> {
    of: &'a Crate<'a>,
    target: &'a Target,
    environment: &'a Environment,
}

impl Builder<'_> {
    /// The program, and what it is made of, where that can be told.
    fn build(
        &self,
        record: Option<&Record>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(Vec<u8>, Option<Of>)> {
        let start = record.and_then(Record::moment);
        let (program, seen) = self.build_once(start, progress)?;
        match seen {
            Some(seen) if seen.changed.is_empty() => Ok((program, Some(seen.of))),
            // The first build makes cargo's own files. The second one has nothing to do.
            Some(seen) if seen.changed.iter().all(|it| is_cargos(it)) => {
                let start = record.and_then(Record::moment);
                let (program, seen) = self.build_once(start, &mut |_| {})?;
                Ok((
                    program,
                    seen.filter(|it| it.changed.is_empty()).map(|it| it.of),
                ))
            }
            // Somebody, or the build itself, writes what is read: who knows which of it was read.
            Some(_) | None => Ok((program, None)),
        }
    }

    /// One build, what it is made of, and what of that has changed since its start.
    fn build_once(
        &self,
        start: Option<Moment>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(Vec<u8>, Option<Seen>)> {
        let before = start.and_then(|_| self.around());
        let workspace = cargo::workspace(self.of.folder, self.environment)?;
        let (built, program) = self.program(&workspace, progress)?;
        let seen = start.zip(before).and_then(|(start, before)| {
            let after = self.around().filter(|it| it.1 == before.1)?;
            self.seen(start, after.0, &workspace, &built)
        });
        Ok((program, seen))
    }

    /// The surroundings, and their digest: what is taken away from them leaves no time behind.
    fn around(&self) -> Option<(Inputs, String)> {
        let inputs = read::around(&fs::canonicalize(self.of.folder).ok()?, self.environment)?;
        let look = inputs.look(self.environment, None).ok()?;
        Some((inputs, look.digest))
    }

    fn seen(
        &self,
        start: Moment,
        around: Inputs,
        workspace: &Workspace,
        built: &Built,
    ) -> Option<Seen> {
        let sysroot = cargo::sysroot(self.of.folder, self.environment)?;
        let mut inputs = read::of_build(workspace, &sysroot, self.environment, built)?;
        inputs.all.extend(around.all);
        inputs.all.insert(this_program()?);
        let look = inputs.look(self.environment, Some(start)).ok()?;
        Some(Seen {
            of: Of {
                inputs,
                digest: look.digest,
            },
            changed: look.changed,
        })
    }

    /// The program that starts on Lambda: cargo's, or, where this system's C library is too new for
    /// it, the one that cargo-zigbuild links against an older one.
    fn program(
        &self,
        workspace: &Workspace,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(Built, Vec<u8>)> {
        let Self {
            of,
            target,
            environment,
        } = self;
        let binary = cargo::binary(workspace, of.folder)?;
        let (profile, shares, only_for_backtraces) = match of.platform {
            Platform::Lambda => (cargo::profile(workspace)?, false, false),
            Platform::Sandbox => (
                "dev",
                cargo::is_alone(workspace, binary),
                !cargo::says_debug(workspace)?,
            ),
        };
        let mut build = |triple: Option<String>, zig: bool| {
            let built = cargo::build(
                &Order {
                    crate_dir: of.folder,
                    profile,
                    binary,
                    shares,
                    only_for_backtraces,
                    triple,
                    zig,
                    environment,
                },
                progress,
            )?;
            let program = bounded::file(&built.program, check::MOST_UNZIPPED)?;
            Ok::<_, Error>((built, program))
        };
        if target.links_with_zig {
            return build(Some(target.old_glibc()), true);
        }
        let (built, program) = build(target.triple(), false)?;
        if elf::wants_newer_glibc(&program) && target::has_zigbuild() {
            return build(Some(target.old_glibc()), true);
        }
        elf::check(&program, target.architecture).map(|()| (built, program))
    }
}

/// Whether cargo itself made it: the list of versions, or a folder that its target folder is new in.
fn is_cargos(path: &Path) -> bool {
    path.ends_with("Cargo.lock") || path.is_dir()
}

/// Bytes of a crate's manifest.
pub(super) const LARGEST_MANIFEST: u64 = 1 << 20;

fn package_name(crate_dir: &Path) -> Result<String> {
    let path = crate_dir.join("Cargo.toml");
    let shown = path.display();
    let text = bounded::text(&path, LARGEST_MANIFEST).map_err(|error| {
        error.hint("`crate` names the folder of a Rust crate, relative to stack.toml")
    })?;
    let manifest: toml::Table = text
        .parse()
        .context(ErrorKind::Input, format!("{shown} is not TOML"))?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    name.map(ToOwned::to_owned).ok_or_else(|| {
        Error::input(format!("{shown} has no [package] name"))
            .hint("`crate` names the crate itself, not its workspace")
    })
}

pub(super) fn write_if_changed(out: &Private, name: &str, bytes: &[u8]) -> Result<()> {
    let there = out.read(name, bytes.len() as u64 + 1)?;
    if there.is_some_and(|there| there == bytes) {
        Ok(())
    } else {
        out.write(name, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_zip_that_is_there_already_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let (out, name) = (Private::beside(folder.path(), "packages"), "users.zip");
        let path = out.file(name);
        write_if_changed(&out, name, b"one").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        write_if_changed(&out, name, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        write_if_changed(&out, name, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_without_a_crate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let handler = Crate {
            folder: folder.path(),
            architecture: "x86_64",
            platform: Platform::Lambda,
        };
        let out = Private::beside(folder.path(), "out");
        let error = handler
            .build(&out, &BTreeSet::new(), &mut |_| {})
            .unwrap_err();
        assert!(
            error.message.contains("Cargo.toml cannot be read"),
            "{error}"
        );
        assert_eq!(error.kind, ErrorKind::Input);
    }
}
