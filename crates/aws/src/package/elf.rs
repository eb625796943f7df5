//! What a Linux program needs in order to start on Lambda, read off its ELF headers. Pure.

use crate::error::{Error, Result};
use object::{
    Endianness, FileKind,
    elf::{EM_AARCH64, EM_X86_64},
    read::elf::{ElfFile64, FileHeader, ProgramHeader},
};

/// The C library of `provided.al2023`.
const LAMBDA_GLIBC: Version = (2, 34);

/// A version of glibc, `(2, 34)`.
pub(super) type Version = (u32, u32);

/// Makes sure that a program starts on `provided.al2023` with this architecture.
pub(super) fn check(program: &[u8], architecture: &str) -> Result<()> {
    let file = parse(program)?;
    let has = machine(&file)?;
    if has != architecture {
        return Err(Error::input(format!(
            "bootstrap is built for {has}, not for {architecture}"
        ))
        .hint(format!(
            "build it for {architecture}, or declare architecture = \"{has}\""
        )));
    }
    if let Some(loader) = loader(&file).filter(|loader| loader.contains("musl")) {
        return Err(Error::input(format!(
            "bootstrap wants {loader}, which Lambda does not have"
        ))
        .hint("link it statically, or build it for the -gnu target"));
    }
    match newest_glibc(&file)? {
        Some(version) if version > LAMBDA_GLIBC => Err(too_new(version)),
        _ => Ok(()),
    }
}

fn too_new((major, minor): Version) -> Error {
    Error::input(format!(
        "bootstrap needs GLIBC_{major}.{minor}, and provided.al2023 has GLIBC_{}.{}",
        LAMBDA_GLIBC.0, LAMBDA_GLIBC.1
    ))
    .hint("install cargo-zigbuild with `pip install ziglang cargo-zigbuild`, which builds for an older one")
}

/// Whether the program needs a newer glibc than Lambda's: what another linker mends.
pub(super) fn wants_newer_glibc(program: &[u8]) -> bool {
    let newest = parse(program).and_then(|file| newest_glibc(&file));
    newest.is_ok_and(|version| version.is_some_and(|version| version > LAMBDA_GLIBC))
}

fn parse(program: &[u8]) -> Result<ElfFile64<'_, Endianness>> {
    let no_program = || {
        Error::input("bootstrap is not a 64-bit Linux program (ELF)")
            .hint("put the compiled program itself there, built for x86_64 or aarch64 Linux")
    };
    match FileKind::parse(program) {
        Ok(FileKind::Elf64) => ElfFile64::parse(program).map_err(|_| no_program()),
        _ => Err(no_program()),
    }
}

fn machine(file: &ElfFile64<'_, Endianness>) -> Result<&'static str> {
    match file.elf_header().e_machine(file.endian()) {
        EM_X86_64 => Ok("x86_64"),
        EM_AARCH64 => Ok("arm64"),
        _ => Err(
            Error::input("bootstrap is built for a processor that Lambda does not have")
                .hint("build it for x86_64 or aarch64 Linux"),
        ),
    }
}

/// The dynamic loader that the program asks for; none when it is static.
fn loader(file: &ElfFile64<'_, Endianness>) -> Option<String> {
    let headers = file.elf_program_headers().iter();
    let mut loaders =
        headers.filter_map(|it| it.interpreter(file.endian(), file.data()).ok().flatten());
    loaders
        .next()
        .map(|path| String::from_utf8_lossy(path).into_owned())
}

/// The newest `GLIBC_` version in `.gnu.version_r`; none for a static program.
fn newest_glibc(file: &ElfFile64<'_, Endianness>) -> Result<Option<Version>> {
    glibc_needs(file)
        .map_err(|error| Error::input("the ELF headers of bootstrap are damaged").source(error))
}

fn glibc_needs(file: &ElfFile64<'_, Endianness>) -> object::Result<Option<Version>> {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_section_table();
    let Some((mut needs, strings)) = sections.gnu_verneed(endian, data)? else {
        return Ok(None);
    };
    let strings = sections.strings(endian, data, strings)?;
    let mut newest = None;
    while let Some((_, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            newest = newest.max(glibc(version.name(endian, strings)?));
        }
    }
    Ok(newest)
}

/// `GLIBC_2.34` → (2, 34); `GLIBC_2.2.5` → (2, 2).
fn glibc(name: &[u8]) -> Option<Version> {
    let mut numbers = std::str::from_utf8(name)
        .ok()?
        .strip_prefix("GLIBC_")?
        .split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_name_reads_as_numbers() {
        assert_eq!(glibc(b"GLIBC_2.34"), Some((2, 34)));
        assert_eq!(glibc(b"GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!(glibc(b"GCC_3.0"), None);
        assert_eq!(glibc(b"GLIBC_PRIVATE"), None);
        assert!(glibc(b"GLIBC_2.4") < glibc(b"GLIBC_2.34"));
    }

    #[test]
    fn what_is_no_program_is_refused() {
        for bytes in [&b"#!/bin/sh"[..], b"", b"\x7fELF"] {
            assert!(
                check(bytes, "x86_64")
                    .unwrap_err()
                    .message
                    .contains("not a 64-bit Linux program")
            );
        }
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn the_architecture_must_be_the_declared_one() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = check(&this, "arm64").unwrap_err();
        assert_eq!(
            error.message,
            "bootstrap is built for x86_64, not for arm64"
        );
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn a_dynamic_program_names_its_glibc() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let newest = newest_glibc(&parse(&this).unwrap()).unwrap();
        assert!(
            newest.is_some_and(|version| version >= (2, 2)),
            "{newest:?}"
        );
    }
}
