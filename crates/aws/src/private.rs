//! Folders and files that are this user's alone: `.wsctl` beside a stack file, and the user's
//! cache. Effects only.
//!
//! A stack folder may come from a stranger's repository, and other users share the machine. So
//! nothing in these places is followed (a symbolic link could lead anywhere), nothing of another
//! user's is used, and nobody else may look in, whatever the umask is.

use crate::{
    bounded,
    error::{Context, Error, ErrorKind, Result},
};
use rustix::fs::OFlags;
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError},
    io::{self, Read},
    mem,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// What keeps `.wsctl` out of version control: tokens may be in it.
const IGNORED: (&str, &str) = (".gitignore", "*\n");
const BESIDE: &str = ".wsctl";
/// Between two looks whether a lock is free.
const PAUSE: Duration = Duration::from_millis(50);

/// The user's own folder of things that can be made again, or the one that WSCTL_CACHE_DIR names.
pub fn cache() -> Result<PathBuf> {
    let named = std::env::var_os("WSCTL_CACHE_DIR")
        .filter(|it| !it.is_empty())
        .map(PathBuf::from);
    let own =
        || directories::ProjectDirs::from("", "", "wsctl").map(|it| it.cache_dir().to_path_buf());
    let cache = named.or_else(own).ok_or_else(|| {
        Error::input("there is no home folder to keep anything in")
            .hint("name a folder in WSCTL_CACHE_DIR")
    })?;
    std::path::absolute(cache).context(ErrorKind::Input, "the cache folder's path is unusable")
}

/// A folder below one that is taken as it is; every part of the way there is checked.
#[derive(Clone, Debug)]
pub struct Private {
    base: PathBuf,
    parts: Vec<String>,
}

impl Private {
    /// The folder with this name, as one part, in the folder of a stack file.
    pub fn beside(stack_folder: &Path, name: &str) -> Self {
        Self {
            base: stack_folder.to_owned(),
            parts: vec![BESIDE.into(), name.into()],
        }
    }

    /// This folder itself. What is above it is taken as it is.
    pub fn at(path: &Path) -> Result<Self> {
        match (path.parent(), path.file_name().and_then(|it| it.to_str())) {
            (Some(base), Some(name)) => Ok(Self {
                base: base.to_owned(),
                parts: vec![name.into()],
            }),
            _ => Err(Error::input(format!(
                "{}: cannot be a folder of wsctl's",
                path.display()
            ))),
        }
    }

    /// A folder in it.
    pub fn join(&self, name: &str) -> Self {
        let mut all = self.clone();
        all.parts.push(name.into());
        all
    }

    pub fn path(&self) -> PathBuf {
        self.base.join(self.parts.iter().collect::<PathBuf>())
    }

    /// Where a file in it is, for programs that open it themselves.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Makes it and what is above it, down from the base.
    ///
    /// # Errors
    /// Refuses where a part is a link, no folder, or another user's.
    pub fn make(&self) -> Result<()> {
        fs::create_dir_all(&self.base).context(ErrorKind::Input, cannot("be made", &self.base))?;
        for path in self.ways() {
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error).context(ErrorKind::Input, cannot("be made", &path));
                }
                _ => own_folder(&path)?,
            }
            fs::set_permissions(&path, Permissions::from_mode(0o700))
                .context(ErrorKind::Input, cannot("be closed to others", &path))?;
        }
        self.ignore()
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// As [`Private::make`].
    pub fn exists(&self) -> Result<bool> {
        for path in self.ways() {
            let there = match fs::symlink_metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                other => other.context(ErrorKind::Input, cannot("be looked at", &path))?,
            };
            own(&path, &there, there.is_dir(), "folder")?;
        }
        Ok(true)
    }

    /// A file of it, to be looked at; `None` where there is none.
    ///
    /// # Errors
    /// As [`Private::make`], though nothing is made.
    pub fn find(&self, name: &str) -> Result<Option<File>> {
        if !self.exists()? {
            return Ok(None);
        }
        let path = self.file(name);
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags())
            .open(&path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.context(ErrorKind::Input, cannot("be read", &path))?,
        };
        own_file(&path, &file).map(|()| Some(file))
    }

    /// What is in a file of it, at most `most` bytes; `None` where there is none.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.find(name)? else {
            return Ok(None);
        };
        let mut bytes = vec![];
        file.take(most)
            .read_to_end(&mut bytes)
            .context(ErrorKind::Input, cannot("be read", &self.file(name)))?;
        Ok(Some(bytes))
    }

    /// The names of what is in it, in their order.
    ///
    /// # Errors
    /// As [`Private::make`].
    pub fn names(&self) -> Result<Vec<String>> {
        if !self.exists()? {
            return Ok(vec![]);
        }
        let path = self.path();
        let all = fs::read_dir(&path).context(ErrorKind::Input, cannot("be read", &path))?;
        let names = all.filter_map(|it| it.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Writes a file beside it and moves that over: what a link leads to is never written, nor is
    /// half a file ever there, nor one that others may read.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.make()?;
        self.replace(&self.path(), name, bytes)
    }

    /// The lock of a file of it, which is made where it is not there; who gets it has it until the file is dropped.
    /// Who has to wait for it is told so once.
    ///
    /// # Errors
    /// As [`Private::make`], and where it cannot be locked.
    pub async fn lock(&self, name: &str, waiting: impl Fn()) -> Result<File> {
        let file = self.open(name)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .context(ErrorKind::Input, cannot("be locked", &self.file(name)));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if !mem::replace(&mut told, true) {
                waiting();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same, where nobody has it.
    pub fn try_lock(&self, name: &str) -> Result<Option<File>> {
        let file = self.open(name)?;
        Ok(file.try_lock().is_ok().then_some(file))
    }

    /// A file to be locked, made where it is not there.
    fn open(&self, name: &str) -> Result<File> {
        self.make()?;
        let path = self.file(name);
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let file = options.mode(0o600).custom_flags(flags()).open(&path);
        let file = file.context(ErrorKind::Input, cannot("be opened", &path))?;
        own_file(&path, &file).map(|()| file)
    }

    /// Deletes it with all that is in it; false where there was nothing.
    pub fn remove(&self) -> Result<bool> {
        if !self.exists()? {
            return Ok(false);
        }
        fs::remove_dir_all(self.path())
            .context(ErrorKind::Input, cannot("be deleted", &self.path()))?;
        Ok(true)
    }

    /// Each part's path, from the base down.
    fn ways(&self) -> impl Iterator<Item = PathBuf> {
        (1..=self.parts.len()).map(|end| {
            self.base
                .join(self.parts[..end].iter().collect::<PathBuf>())
        })
    }

    fn ignore(&self) -> Result<()> {
        let (name, text) = IGNORED;
        let Some(top) = self.ways().next().filter(|it| it.ends_with(BESIDE)) else {
            return Ok(());
        };
        let path = top.join(name);
        let is_so = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file())
            && fs::read(&path).is_ok_and(|it| it == text.as_bytes());
        if is_so {
            Ok(())
        } else {
            self.replace(&top, name, text.as_bytes())
        }
    }

    fn replace(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
        let path = folder.join(name);
        bounded::replace(&path, bytes, Permissions::from_mode(0o600))
            .context(ErrorKind::Input, cannot("be written", &path))
    }
}

/// A link is not followed, and a pipe without a writer is not waited for.
fn flags() -> i32 {
    i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits())
        .unwrap_or_default()
}

fn own_folder(path: &Path) -> Result<()> {
    let there =
        fs::symlink_metadata(path).context(ErrorKind::Input, cannot("be looked at", path))?;
    own(path, &there, there.is_dir(), "folder")
}

fn own_file(path: &Path, file: &File) -> Result<()> {
    let there = file
        .metadata()
        .context(ErrorKind::Input, cannot("be looked at", path))?;
    own(path, &there, there.is_file(), "file")
}

fn own(path: &Path, there: &Metadata, is_right: bool, what: &str) -> Result<()> {
    let problem = if !is_right {
        format!("is no {what} of its own")
    } else if there.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::refused(format!("{}: {problem}", path.display()))
        .hint("wsctl did not make it so; look at what it is, then remove it: wsctl makes its own"))
}

fn cannot(what: &str, path: &Path) -> String {
    format!("{}: cannot {what}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn it_is_its_users_alone_and_out_of_version_control() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".wsctl")).unwrap();
        fs::set_permissions(folder.path().join(".wsctl"), Permissions::from_mode(0o777)).unwrap();
        let tokens = Private::beside(folder.path(), "tokens");
        tokens.write("spa.json", b"{}").unwrap();
        for (path, wanted) in [
            (".wsctl", 0o700),
            (".wsctl/tokens", 0o700),
            (".wsctl/tokens/spa.json", 0o600),
        ] {
            assert_eq!(mode(&folder.path().join(path)), wanted, "{path}");
        }
        assert_eq!(
            fs::read(folder.path().join(".wsctl/.gitignore")).unwrap(),
            b"*\n"
        );
        assert_eq!(
            tokens.read("spa.json", 9).unwrap().as_deref(),
            Some(&b"{}"[..])
        );
        assert_eq!(fs::read_dir(tokens.path()).unwrap().count(), 1);
    }

    /// Each thing that a repository could hold instead, at each place on the way.
    #[test]
    fn no_link_is_followed_wherever_it_stands() {
        for linked in [
            ".wsctl",
            ".wsctl/tokens",
            ".wsctl/tokens/spa.json",
            ".wsctl/.gitignore",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (elsewhere, victim) = (
                folder.path().join("elsewhere"),
                folder.path().join("victim"),
            );
            fs::create_dir_all(elsewhere.join("tokens")).unwrap();
            fs::write(&victim, "mine").unwrap();
            let place = folder.path().join(linked);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let is_file = linked.contains("json") || linked.contains("gitignore");
            symlink(if is_file { &victim } else { &elsewhere }, &place).unwrap();
            let tokens = Private::beside(folder.path(), "tokens");
            if linked.contains("json") {
                assert!(tokens.read("spa.json", 9).is_err(), "{linked}");
                assert!(tokens.open("spa.json").is_err(), "{linked}");
            }
            assert_eq!(tokens.write("spa.json", b"{}").is_ok(), is_file, "{linked}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), "mine", "{linked}");
            assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1, "{linked}");
            assert_eq!(
                fs::read_dir(elsewhere.join("tokens")).unwrap().count(),
                0,
                "{linked}"
            );
        }
    }

    #[test]
    fn a_pipe_is_neither_waited_for_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        let own = Private::beside(folder.path(), "tokens");
        own.make().unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(own.file("pipe"))
            .status()
            .unwrap();
        assert!(made.success());
        assert!(own.read("pipe", 9).is_err() && own.open("pipe").is_err());
    }

    #[test]
    fn what_another_user_made_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let own = Private::beside(folder.path(), "tokens");
        own.make().unwrap();
        // Only root can give a folder away; elsewhere `/` has the part.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(own.path(), Some(65534), None).unwrap();
            assert!(
                own.make()
                    .unwrap_err()
                    .to_string()
                    .contains("belongs to another user")
            );
        } else {
            assert!(Private::at(Path::new("/tmp")).unwrap().make().is_err());
        }
    }
}
