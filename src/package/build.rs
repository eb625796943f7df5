//! Builds a handler crate with cargo and zips its `bootstrap`. Nothing is written but the zip and
//! cargo's own target folder.

mod cargo;
mod target;

use super::{Package, check, elf, sha256, zip};
use crate::{
    bounded,
    error::{Context, Error, Kind, Result},
    private::Private,
};
use cargo::Order;
use std::{collections::BTreeSet, path::Path};
use target::Target;

/// Builds the binary `bootstrap` of the crate in `crate_dir` for `architecture` (`x86_64` or
/// `arm64`) and zips it into `PACKAGE-ARCHITECTURE.zip` in `out`, which is written only when it
/// changes. `progress` hears cargo's lines.
///
/// A build runs the build scripts of the crate and of all that it needs. They get neither `AWS_*` nor
/// the variables of the environment that are `withheld`.
///
/// # Errors
/// [`Kind::Input`] when cargo or a target is missing, when the build fails (with the compiler's
/// own words), or when the program could not start on Lambda.
pub fn build(
    crate_dir: &Path,
    architecture: &str,
    out: &Private,
    withheld: &BTreeSet<String>,
    progress: &mut dyn FnMut(&str),
) -> Result<Package> {
    let name = zip_name(crate_dir, architecture)?;
    let target = Target::of(architecture)?;
    let program =
        program(crate_dir, &target, withheld, progress).map_err(|error| error.at(crate_dir.display()))?;
    let bytes = zip(&program)?;
    check::check(&bytes, architecture).map_err(|error| error.at(crate_dir.display()))?;
    write_if_changed(out, &name, &bytes)?;
    Ok(Package { path: out.file(&name), sha256: sha256(&bytes), size: bytes.len() as u64 })
}

/// What [`build`] made the last time; nothing is run.
///
/// # Errors
/// [`Kind::Input`] where there is nothing yet.
pub fn built(crate_dir: &Path, architecture: &str, out: &Private) -> Result<Package> {
    let path = out.file(&zip_name(crate_dir, architecture)?);
    match path.exists() {
        true => super::open(&path, architecture),
        false => Err(Error::input(format!("{}: not built yet", crate_dir.display())).hint(
            "build it with wsctl package, which runs the crate's build scripts, or leave out --no-build",
        )),
    }
}

fn zip_name(crate_dir: &Path, architecture: &str) -> Result<String> {
    Ok(format!("{}-{architecture}.zip", package_name(crate_dir)?))
}

/// The program that starts on Lambda: cargo's, or, where this system's C library is too new for
/// it, the one that cargo-zigbuild links against an older one.
fn program(
    crate_dir: &Path,
    target: &Target,
    withheld: &BTreeSet<String>,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<u8>> {
    let profile = cargo::profile(crate_dir, withheld)?;
    let mut build = |triple: Option<String>, zig: bool| {
        let built = cargo::build(&Order { crate_dir, profile, triple, zig, withheld }, progress)?;
        bounded::file(&built, check::MOST_UNZIPPED)
    };
    if target.links_with_zig {
        return build(Some(target.old_glibc()), true);
    }
    let program = build(target.triple(), false)?;
    if elf::wants_newer_glibc(&program) && target::has_zigbuild() {
        return build(Some(target.old_glibc()), true);
    }
    elf::check(&program, target.architecture).map(|()| program)
}

/// Bytes of a crate's manifest.
pub(super) const LARGEST_MANIFEST: u64 = 1 << 20;

fn package_name(crate_dir: &Path) -> Result<String> {
    let path = crate_dir.join("Cargo.toml");
    let shown = path.display();
    let text = bounded::text(&path, LARGEST_MANIFEST)
        .map_err(|error| error.hint("`crate` names the folder of a Rust crate, relative to stack.toml"))?;
    let manifest: toml::Table = text.parse().context(Kind::Input, format!("{shown} is not TOML"))?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.map(ToOwned::to_owned).ok_or_else(|| {
        Error::input(format!("{shown} has no [package] name"))
            .hint("`crate` names the crate itself, not its workspace")
    })
}

fn write_if_changed(out: &Private, name: &str, bytes: &[u8]) -> Result<()> {
    let there = out.read(name, bytes.len() as u64 + 1)?;
    if there.is_some_and(|there| there == bytes) { Ok(()) } else { out.write(name, bytes) }
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
        let error = build(
            folder.path(),
            "x86_64",
            &Private::beside(folder.path(), "out"),
            &BTreeSet::new(),
            &mut |_| {},
        )
        .unwrap_err();
        assert!(error.message.contains("Cargo.toml cannot be read"), "{error}");
        assert_eq!(error.kind, Kind::Input);
    }
}
