//! What a function runs: where its program comes from, on which runtime, and what that calls. Pure.

use crate::{
    spec::function::runtime::{Family, KNOWN, Module, newest},
    stack::{
        check::{Findings, below, is_open},
        checks::Check,
        source::Path,
        tables::{FunctionTable, Program},
    },
};

pub(super) fn check(
    found: &mut Findings<'_>,
    place: &Path,
    function: &FunctionTable,
    is_existing: bool,
) {
    source(found, place, function, is_existing);
    known(found, place, function);
    build(found, place, function);
    let is_packed = matches!(
        function.program(),
        Some(Program::Folder(_) | Program::File(_))
    );
    match &function.settings.runtime {
        None if is_packed => {
            let field = function.program().map_or("", Program::field);
            found.error(
                below(place, field),
                "nothing says what the function runs on",
                "add runtime = \"nodejs22.x\", or another one",
            );
        }
        // Of one that is there nobody knows yet what it runs on.
        None if is_existing && function.program().is_none() => {}
        _ => handler(found, place, function, is_existing),
    }
}

/// Exactly one program; a function that is there already may keep its own.
fn source(found: &mut Findings<'_>, place: &Path, function: &FunctionTable, is_existing: bool) {
    match function.programs().as_slice() {
        [] if !is_existing => found.error(
            place.clone(),
            "nothing says what the function runs",
            "add zip = \"FILE.zip\" or crate = \"FOLDER\"; or, with a runtime, folder = \"FOLDER\" or \
             file = \"index.mjs\"",
        ),
        [one, other, ..] => found.error(
            below(place, one.field()),
            format!("{} and {} exclude each other", one.field(), other.field()),
            "remove one of them",
        ),
        _ => {}
    }
}

/// A command is the file's own text: what comes from the environment may be a secret, and what from AWS is
/// not known when it runs.
fn build(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    let Some(command) = &function.build else {
        return;
    };
    let place = below(place, "build");
    if !matches!(function.program(), Some(Program::Folder(_))) {
        let help = "add folder = \"FOLDER\", or remove build";
        found.error(place, "build makes a folder ready, and there is none", help);
    } else if is_open(command) {
        let help = "write it out, or take it from ${var.NAME}; a ${ of the shell's is written $${";
        found.error(
            place,
            "build takes no reference to what is not in this file",
            help,
        );
    }
}

/// Lambda has a new runtime every year, and gives old ones up.
fn known(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    let runtime = function.runtime();
    if !is_open(runtime) && !KNOWN.contains(&runtime) {
        found.warn(Check::UnknownRuntime,
            below(place, "runtime"),
            format!("wsctl does not know the runtime {runtime}"),
            format!(
                "AWS may have it since, or no longer make functions with it; known are {} and those before them",
                newest().join(", ")
            ),
        );
    }
}

fn handler(found: &mut Findings<'_>, place: &Path, function: &FunctionTable, is_existing: bool) {
    let runtime = function.runtime();
    let Some(family) = Family::of(runtime).filter(|_| !is_open(runtime)) else {
        return;
    };
    if family == Family::Provided {
        return native(found, place, function);
    }
    if let Some(Program::Crate(_)) = function.program() {
        let message = format!("a crate is a native program, which {runtime} does not run");
        let help = "remove runtime, or give the function a zip, folder or file";
        return found.error(below(place, "runtime"), message, help);
    }
    let example = family.example();
    let Some(handler) = &function.settings.handler else {
        // It has one already.
        if !(is_existing && function.program().is_none()) {
            let help = format!("add handler = \"{example}\", or where it is");
            found.error(
                below(place, "runtime"),
                format!("{runtime} needs a handler"),
                help,
            );
        }
        return;
    };
    if is_open(handler) {
        return;
    }
    match (Module::of(family, handler), function.program()) {
        (Err(_), _) => found.error(
            below(place, "handler"),
            format!("{runtime} finds no file in the handler \"{handler}\""),
            format!(
                "write it as in \"{example}\": the file without its ending, a dot, the function"
            ),
        ),
        (Ok(Some(module)), Some(Program::File(file)))
            if !module.is_in(base(file)) && !function.has_layers() =>
        {
            found.error(
                below(place, "handler"),
                format!(
                    "the handler is in {}, and the file is {}",
                    module.names().join(" or "),
                    base(file)
                ),
                "name the function of that file",
            )
        }
        _ => {}
    }
}

fn native(found: &mut Findings<'_>, place: &Path, function: &FunctionTable) {
    if let Some(Program::File(file)) = function.program()
        && base(file) != "bootstrap"
    {
        let runtime = function.runtime();
        found.error(
            below(place, "file"),
            format!("{runtime} starts a file called bootstrap"),
            "name that file, or another runtime",
        );
    }
}

/// The name that a single file has in its zip.
fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
