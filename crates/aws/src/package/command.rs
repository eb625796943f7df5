//! What a folder's function says has to be run before the folder is packed: runs it, unless the folder is as
//! it was left the last time (docs/decisions/0029).

mod shell;

use super::{
    Start, build, check,
    folder::{self, Written},
    inputs::{Environment, Input, Inputs, Moment},
    record::{Of, Record, this_program},
    zip::zip_of,
};
use crate::{
    error::{Error, Result},
    private::Private,
    value,
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// A folder, and the command that makes it ready to be packed.
#[derive(Clone, Copy)]
pub struct Prepared<'a> {
    /// Where stack.toml is.
    pub base: &'a Path,
    /// The folder's path from there.
    pub folder: &'a str,
    pub command: &'a str,
    /// What the zip has to be for.
    pub start: Start<'a>,
}

impl Prepared<'_> {
    /// Runs the command in the folder and packs what is in it then, what the command wrote included: also
    /// where `.gitignore` names it. Where nothing has changed since this machine did that, nothing is run, and
    /// the zip is the one that it gave.
    ///
    /// The command gets neither `AWS_*` nor the variables of the environment that are `withheld`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::error::ErrorKind) when the command fails, with its last lines, or when what
    /// is there then cannot be packed.
    pub fn build(
        &self,
        out: &Private,
        withheld: &BTreeSet<String>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Vec<u8>> {
        let root = folder::root(self.base, self.folder)?;
        let (zip, record) = (self.zip(), Record::of(&root, self.command, out));
        let unchanged = record
            .as_ref()
            .and_then(|it| it.unchanged(&Environment::new(), out, &zip, &self.start));
        if let Some(package) = unchanged {
            return check::read(&package.path);
        }
        let moment = record.as_ref().and_then(Record::moment);
        let before = folders(&root);
        progress(&format!("{}: {}", self.folder, self.command));
        shell::run(self.command, &root, &build::environment(withheld), progress)?;
        let made = made(&root, before.as_ref(), moment);
        let earlier = record.as_ref().map(Record::made).unwrap_or_default();
        let written = Written {
            folders: made.union(&earlier).cloned().collect(),
            since: moment,
        };
        let packed = folder::built(self.base, self.folder, &written)?;
        if !packed.left_out.is_empty() {
            let names = packed.left_out.into_iter().collect::<Vec<_>>().join(", ");
            progress(&format!(
                "{}: not packed, since .gitignore names it and the command did not write it: {names}; \
                 a .wsctlignore takes its place",
                self.folder
            ));
        }
        let bytes = zip_of(&packed.items)?;
        if let Some(record) = record {
            let package = super::keep(&bytes, out, &zip)?;
            record.remember(&package, of(&root, &made), written.folders);
        }
        Ok(bytes)
    }

    /// The zip that [`Prepared::build`] gave last on this machine; nothing is run.
    ///
    /// # Errors
    /// Where there is none yet, or where it is something else: a folder that was cloned may have come with it.
    pub fn built(&self, out: &Private) -> Result<Vec<u8>> {
        let root = folder::root(self.base, self.folder)?;
        let (zip, shown) = (self.zip(), root.display());
        let path = out.file(&zip);
        if !path.exists() {
            return Err(
                Error::input(format!("{shown}: not built yet")).hint(format!(
                    "build it with wsctl package, which runs `{}` there, or leave out --no-build",
                    self.command
                )),
            );
        }
        let record = Record::of(&root, self.command, out);
        match record.and_then(|it| it.last(out, &zip, &self.start)) {
            Some(package) => check::read(&package.path),
            None => Err(
                Error::input(format!("{}: not what was built here from {shown}", path.display())).hint(
                    "build it again with wsctl package, or take it as it is by naming it with `zip` in place of `folder`",
                ),
            ),
        }
    }

    /// Two functions of one folder and command have one zip.
    fn zip(&self) -> String {
        let mut digest = value::digest(&json!([self.folder, self.command]));
        digest.truncate(16);
        format!("built-{digest}.zip")
    }
}

/// What decides whether the command is run again: all that it left in the folder but for folders that it made
/// itself, what says which of that is packed, and wsctl, which packs it.
fn of(root: &Path, made: &BTreeSet<PathBuf>) -> Option<Of> {
    let root = fs::canonicalize(root).ok()?;
    let lists = folder::lists_above(&root).into_iter().map(Input::File);
    let all = [Input::Content(root.clone()), this_program()?];
    let inputs = Inputs {
        all: all.into_iter().chain(lists).collect(),
        skipped: made.iter().map(|it| root.join(it)).collect(),
    };
    let digest = inputs.look(&Environment::new(), None).ok()?.digest;
    Some(Of { inputs, digest })
}

/// The folders that the command made, or made anew, the topmost of each; by their paths in `root`. Nobody
/// else's work is in them.
fn made(
    root: &Path,
    before: Option<&BTreeSet<PathBuf>>,
    since: Option<Moment>,
) -> BTreeSet<PathBuf> {
    let (Some(before), Some(after)) = (before, folders(root)) else {
        return BTreeSet::new();
    };
    let is_new = |it: &Path| !before.contains(it) || is_born_since(&root.join(it), since);
    let mut made = BTreeSet::<PathBuf>::new();
    // A folder comes before what is in it.
    for folder in after {
        let is_within = folder.ancestors().skip(1).any(|it| made.contains(it));
        if !is_within && is_new(&folder) {
            made.insert(folder);
        }
    }
    made
}

/// Not every file system tells.
fn is_born_since(folder: &Path, since: Option<Moment>) -> bool {
    let born = fs::symlink_metadata(folder).and_then(|it| it.created());
    let (Ok(born), Some((seconds, nanoseconds))) = (born, since) else {
        return false;
    };
    let since = u64::try_from(seconds)
        .ok()
        .zip(u32::try_from(nanoseconds).ok())
        .map(|(seconds, nanoseconds)| UNIX_EPOCH + Duration::new(seconds, nanoseconds));
    since.is_some_and(|since| born >= since)
}

/// Every folder in `root`, by its path there; none where there are too many.
fn folders(root: &Path) -> Option<BTreeSet<PathBuf>> {
    let (mut found, mut left) = (BTreeSet::new(), vec![PathBuf::new()]);
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(root.join(&folder)).ok()? {
            let entry = entry.ok()?;
            if entry.file_type().ok()?.is_dir() {
                let path = folder.join(entry.file_name());
                left.push(path.clone());
                found.insert(path);
            }
        }
        if found.len() > folder::MOST_ENTRIES {
            return None;
        }
    }
    Some(found)
}
