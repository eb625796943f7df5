//! A folder, or a single file, → what goes into the zip. It only reads files, and follows no link: the
//! folder may have been cloned from anybody's repository.

mod ignored;

use super::{
    check::MOST_UNZIPPED,
    inputs::Moment,
    zip::{Item, Items},
};
use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
};
use ignored::Ignored;
pub(super) use ignored::lists_above;
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt,
    path::{Component, Path, PathBuf},
};

/// More than that is hardly what was meant.
pub(super) const MOST_ENTRIES: usize = 100_000;

/// What is never packed: version control's, wsctl's own, and what says what is left out.
const NEVER: [&str; 4] = [".git", ".wsctl", ignored::OWN, ignored::OF_GIT];

/// What is in the folder `name` of `base`, but for what is ignored.
pub(super) fn folder(base: &Path, name: &str) -> Result<Items> {
    Ok(walk(base, name, None)?.items)
}

/// What a command wrote in a folder: it is packed also where git ignores it.
pub(super) struct Written {
    /// Folders that it made, by their paths there.
    pub(super) folders: BTreeSet<PathBuf>,
    /// When it began.
    pub(super) since: Option<Moment>,
}

impl Written {
    /// Whether it wrote the file or link at `path`, which is `name` in the folder.
    fn has(&self, path: &Path, name: &Path) -> bool {
        let mut around = name.ancestors().skip(1);
        let is_new = |since| {
            let there = path.symlink_metadata();
            there.is_ok_and(|it| (it.ctime(), it.ctime_nsec()) >= since)
        };
        around.any(|it| self.folders.contains(it)) || self.since.is_some_and(is_new)
    }
}

/// What is packed of a folder, and what git's lists keep out of that, the topmost of each.
pub(super) struct Packed {
    pub(super) items: Items,
    pub(super) left_out: BTreeSet<String>,
}

/// The folder `name` of `base`.
pub(super) fn root(base: &Path, name: &str) -> Result<PathBuf> {
    let root = bounded::straight(base, name, HINT)?;
    let shown = root.display();
    let there = fs::metadata(&root).context(ErrorKind::Input, format!("{shown} cannot be read"));
    match there.map_err(|error| error.hint(HINT))?.is_dir() {
        true => Ok(root),
        false => Err(Error::input(format!("{shown} is not a folder"))
            .hint("name its folder, or give the function a single `file`")),
    }
}

/// What is in the folder `name` of `base`, but for what is ignored and not written by its command.
pub(super) fn built(base: &Path, name: &str, written: &Written) -> Result<Packed> {
    walk(base, name, Some(written))
}

fn walk(base: &Path, name: &str, written: Option<&Written>) -> Result<Packed> {
    let root = root(base, name)?;
    let shown = root.display();
    let mut walk = Walk {
        root: root.clone(),
        written,
        left_out: BTreeSet::new(),
        ignored: Ignored::of(&root)?,
        items: Items::new(),
        entries: 0,
        bytes: 0,
    };
    walk.folder(&root, None)?;
    if walk.items.is_empty() {
        return Err(Error::input(format!("{shown} has no files to pack")).hint(
            "what .gitignore names is not packed; a .wsctlignore in the folder, even an empty one, takes its place",
        ));
    }
    Ok(Packed {
        items: walk.items,
        left_out: walk.left_out,
    })
}

/// The file `name` of `base`, under its own name.
pub(super) fn file(base: &Path, name: &str) -> Result<Items> {
    let path = bounded::straight(
        base,
        name,
        "name a file that is there, relative to stack.toml",
    )?;
    let content = bounded::file(&path, MOST_UNZIPPED)
        .map_err(|error| error.hint("name a file that is there, relative to stack.toml"))?;
    let mode = fs::metadata(&path).map_or(0, |it| it.mode());
    let name = path.file_name().unwrap_or_default();
    let item = Item::File {
        content,
        is_executable: mode & 0o111 != 0,
    };
    Ok(Items::from([(text(&path, name)?.to_owned(), item)]))
}

const HINT: &str = "name a folder that is there, relative to stack.toml";

fn text<'a>(path: &Path, name: &'a OsStr) -> Result<&'a str> {
    let is_plain = |it: &&str| !it.contains('\\') && !it.chars().any(char::is_control);
    name.to_str().filter(is_plain).ok_or_else(|| {
        Error::input(format!("{path:?}: no zip for Lambda has such a name"))
            .hint("give it a name of plain text, or leave it out with a line in .wsctlignore")
    })
}

struct Walk<'a> {
    root: PathBuf,
    ignored: Ignored,
    written: Option<&'a Written>,
    left_out: BTreeSet<String>,
    items: Items,
    entries: usize,
    bytes: u64,
}

impl Walk<'_> {
    /// Whether something that is ignored is the command's all the same, or may have such in it: where git's
    /// lists say so, and not one of wsctl's own.
    fn may_be_written(&self, path: &Path, name: &Path, is_folder: bool) -> bool {
        let written = self.written.filter(|_| self.ignored.is_of_git());
        written.is_some_and(|it| is_folder || it.has(path, name))
    }

    /// What is in one that git ignores, or that is in such a one, `out`, is packed only if the command wrote it.
    fn folder(&mut self, folder: &Path, out: Option<&Path>) -> Result<()> {
        let unreadable = || format!("{} cannot be read", folder.display());
        let before = self.ignored.enter(folder)?;
        for entry in fs::read_dir(folder).context(ErrorKind::Input, unreadable())? {
            let entry = entry.context(ErrorKind::Input, unreadable())?;
            let kind = entry.file_type().context(ErrorKind::Input, unreadable())?;
            let path = entry.path();
            if NEVER.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let name = path.strip_prefix(&self.root).unwrap_or(&path).to_owned();
            let is_ignored = out.is_some() || self.ignored.is_ignored(&path, kind.is_dir());
            let out = is_ignored.then(|| out.unwrap_or(&name));
            if let Some(out) = out
                && !self.may_be_written(&path, &name, kind.is_dir())
            {
                self.left_out.insert(out.display().to_string());
                continue;
            }
            if kind.is_dir() {
                self.folder(&path, out)?;
                continue;
            }
            self.count(folder)?;
            let name = text(&path, name.as_os_str())?.to_owned();
            if kind.is_symlink() {
                let item = Item::Link(link(&path, &name)?);
                self.items.insert(name, item);
            } else {
                let item = self.content(&path)?;
                self.items.insert(name, item);
            }
        }
        self.ignored.leave(before);
        Ok(())
    }

    fn count(&mut self, folder: &Path) -> Result<()> {
        self.entries += 1;
        match self.entries > MOST_ENTRIES {
            true => Err(Error::input(format!(
                "{}: more than {MOST_ENTRIES} files",
                folder.display()
            ))
            .hint("leave out what the function does not need with a .wsctlignore")),
            false => Ok(()),
        }
    }

    fn content(&mut self, path: &Path) -> Result<Item> {
        let content = bounded::file(path, MOST_UNZIPPED).map_err(|error| {
            error.hint("leave out what the function does not need with a .wsctlignore")
        })?;
        self.bytes += content.len() as u64;
        if self.bytes > MOST_UNZIPPED {
            return Err(Error::input(format!(
                "{}: with it there are more than {MOST_UNZIPPED} bytes, which is what Lambda unpacks",
                path.display()
            ))
            .hint("leave out what the function does not need with a .wsctlignore"));
        }
        let mode = fs::metadata(path).map_or(0, |it| it.mode());
        Ok(Item::File {
            content,
            is_executable: mode & 0o111 != 0,
        })
    }
}

/// Where the link at `path`, which is `name` in the zip, leads to: within the folder, since it is kept as
/// a link.
fn link(path: &Path, name: &str) -> Result<String> {
    let shown = path.display();
    let target =
        fs::read_link(path).context(ErrorKind::Input, format!("{shown} cannot be read"))?;
    let mut depth = name.matches('/').count();
    for part in target.components() {
        let next = match part {
            Component::Normal(_) => Some(depth + 1),
            Component::CurDir => Some(depth),
            Component::ParentDir => depth.checked_sub(1),
            Component::RootDir | Component::Prefix(_) => None,
        };
        depth = next.ok_or_else(|| {
            Error::input(format!(
                "{shown} is a link out of the folder, to {target:?}"
            ))
            .hint("put what it leads to into the folder, or leave the link out with a .wsctlignore")
        })?;
    }
    text(path, target.as_os_str()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests;
