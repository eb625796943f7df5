//! The stack's file where none is named: here, or in a folder above.

use crate::{
    cli::{Cli, Command, FILE, Global},
    error::{Error, Result},
};
use rustix::process::getuid;
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The file that is meant. One of another user above this folder is refused: whoever may write into a
/// folder above, such as /tmp, could have put it there, and it says which programs run. (git asks the same
/// of a repository.)
pub(super) fn file(cli: &Cli) -> Result<PathBuf> {
    match needs_one(&cli.command) {
        true => nearest(&cli.global),
        false => Ok(cli.global.typed_file()),
    }
}

/// The one that was named, or the nearest.
pub(super) fn nearest(global: &Global) -> Result<PathBuf> {
    let typed = global.typed_file();
    if global.given_file.is_some() || is_there(&typed) {
        return Ok(typed);
    }
    match std::env::current_dir() {
        Ok(here) => above(&here, getuid().as_raw()).map(|found| found.unwrap_or(typed)),
        Err(_) => Ok(typed),
    }
}

/// Whether it matters which one is meant: what needs none is not refused for anybody's.
fn needs_one(command: &Command) -> bool {
    match command {
        Command::Init(_) | Command::Convert(_) | Command::Environment | Command::Man { .. } => {
            false
        }
        Command::Schema { .. } | Command::Permissions { .. } | Command::Completions { .. } => false,
        Command::Fmt(args) => args.file.is_none(),
        _ => true,
    }
}

fn is_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// The nearest one above a folder, from there: `../stack.toml`.
fn above(here: &Path, user: u32) -> Result<Option<PathBuf>> {
    let mut way = PathBuf::new();
    for folder in here.ancestors().skip(1) {
        way.push("..");
        let found = way.join(FILE);
        let Ok(there) = fs::symlink_metadata(folder.join(FILE)) else {
            continue;
        };
        return match there.is_file() && there.uid() == user && is_own(folder, user) {
            true => Ok(Some(found)),
            false => Err(foreign(&found)),
        };
    }
    Ok(None)
}

/// Whether only this user and root can put a file into a folder.
fn is_own(folder: &Path, user: u32) -> bool {
    fs::metadata(folder).is_ok_and(|it| [user, 0].contains(&it.uid()))
}

fn foreign(found: &Path) -> Error {
    let found = found.display();
    Error::refused(format!(
        "there is no {FILE} in this folder, and {found} is another user's, or a link"
    ))
    .hint(format!("if that one is meant, name it: --file {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_above_is_found_unless_it_is_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        let user = getuid().as_raw();
        fs::write(folder.path().join(FILE), "").unwrap();
        let found = |user| above(&deep, user);
        assert_eq!(found(user).unwrap().unwrap(), Path::new("../../stack.toml"));
        assert!(
            found(user + 1)
                .unwrap_err()
                .hint
                .unwrap()
                .contains("--file ../../stack.toml")
        );
        fs::write(folder.path().join("a").join(FILE), "").unwrap();
        assert_eq!(found(user).unwrap().unwrap(), Path::new("../stack.toml"));
        fs::remove_file(folder.path().join("a").join(FILE)).unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.path().join("a").join(FILE)).unwrap();
        assert!(found(user).is_err());
    }
}
