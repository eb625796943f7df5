//! What of a folder is not packed, as git reads such lists. It only reads files.

use crate::{
    bounded,
    error::{Error, Result},
};
use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// A list of wsctl's own; where the folder has one, git's do not count.
pub(super) const OWN: &str = ".wsctlignore";
pub(super) const OF_GIT: &str = ".gitignore";
/// Bytes of such a list.
const LARGEST: u64 = 256 << 10;

/// The lists that hold where the walk is, from the outermost on.
pub(super) struct Ignored {
    name: &'static str,
    lists: Vec<Gitignore>,
}

impl Ignored {
    /// Those that hold for the whole folder. Git's reach down from the root of its repository, wherever
    /// that was cloned to; the lists of this machine and of this user do not count.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let name = match is_there(&folder.join(OWN)) {
            true => OWN,
            false => OF_GIT,
        };
        let mut ignored = Self {
            name,
            lists: vec![],
        };
        if name == OF_GIT {
            let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            for above in above(&absolute) {
                ignored.read(&above)?;
            }
        }
        Ok(ignored)
    }

    /// Whether git's lists decide.
    pub(super) fn is_of_git(&self) -> bool {
        self.name == OF_GIT
    }

    /// Takes in the list of a folder; how many there were before.
    pub(super) fn enter(&mut self, folder: &Path) -> Result<usize> {
        let before = self.lists.len();
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        self.read(&folder)?;
        Ok(before)
    }

    pub(super) fn leave(&mut self, before: usize) {
        self.lists.truncate(before);
    }

    /// The innermost list that names it decides.
    pub(super) fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        for list in self.lists.iter().rev() {
            match list.matched(&path, is_folder) {
                Match::None => {}
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }

    fn read(&mut self, folder: &Path) -> Result<()> {
        let path = folder.join(self.name);
        if !is_there(&path) {
            return Ok(());
        }
        let shown = path.display();
        // Nor does git follow one.
        if path.is_symlink() {
            return Err(
                Error::input(format!("{shown} is a link")).hint("put the list itself there")
            );
        }
        let text = bounded::text(&path, LARGEST)?;
        let mut list = GitignoreBuilder::new(folder);
        let wrong = |error: ignore::Error| {
            Error::input(format!("{shown} cannot be understood"))
                .source(error)
                .hint("write a pattern on each line, as in a .gitignore")
        };
        for line in text.trim_start_matches('\u{feff}').lines() {
            list.add_line(None, line).map_err(wrong)?;
        }
        self.lists.push(list.build().map_err(wrong)?);
        Ok(())
    }
}

/// Git's lists around a folder that hold for it.
pub(in crate::package) fn lists_above(folder: &Path) -> Vec<PathBuf> {
    above(folder).iter().map(|it| it.join(OF_GIT)).collect()
}

/// The folders around this one up to the root of its repository; none outside of one.
fn above(folder: &Path) -> Vec<PathBuf> {
    let around: Vec<_> = folder.ancestors().map(Path::to_owned).collect();
    let root = around.iter().position(|it| is_there(&it.join(".git")));
    let mut above = around[..=root.unwrap_or(0)].to_vec();
    above.remove(0);
    above.reverse();
    above
}

fn is_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound)
}
