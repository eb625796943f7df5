//! Reading files that somebody else may have put there: a device has no end, and a pipe no beginning.

use crate::error::{Context, Error, ErrorKind, Result};
use rustix::fs::OFlags;
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path, PathBuf},
};

/// The beginning of what somebody has typed the name of, which may well be a pipe.
pub fn beginning(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file whose name stands in another file: a regular one, of at most this many bytes.
///
/// # Errors
/// [`ErrorKind::Input`] where it cannot be read, is something else, or has more.
pub fn file(path: &Path, most: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    // Opening a pipe would wait for whoever writes to it; without waiting it can be looked at first.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let unreadable = || format!("{shown} cannot be read");
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = file.context(ErrorKind::Input, unreadable())?;
    let found = file.metadata().context(ErrorKind::Input, unreadable())?;
    if !found.is_file() {
        return Err(Error::input(format!("{shown} is not a regular file"))
            .hint("name a file itself: no folder, device or pipe"));
    }
    let mut bytes = vec![];
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .context(ErrorKind::Input, unreadable())?;
    if bytes.len() as u64 > most {
        return Err(Error::input(format!("{shown} has more than {most} bytes"))
            .hint("name another file, or make it smaller"));
    }
    Ok(bytes)
}

/// Writes a file beside the one at `path` and moves that over it: what a link leads to is never written, nor
/// is half a file ever there, nor one that others may read.
pub fn replace(path: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    // Of a process of this number that died.
    let _ = fs::remove_file(&new);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        file.set_permissions(permissions)?;
        file.write_all(bytes)?;
        fs::rename(&new, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&new)))
}

/// The same of a text.
pub fn text(path: &Path, most: u64) -> Result<String> {
    let bytes = file(path, most)?;
    String::from_utf8(bytes).context(
        ErrorKind::Input,
        format!("{} is not UTF-8 text", path.display()),
    )
}

/// The path of what is named in a file of the folder `base`. A link on the way would lead to what the
/// file does not name.
///
/// # Errors
/// [`ErrorKind::Input`] where one is on the way, or nothing is named.
pub fn straight(base: &Path, name: &str, hint: &str) -> Result<PathBuf> {
    let mut path = base.to_owned();
    for part in Path::new(name).components() {
        path.push(part);
        let is_named = matches!(part, Component::Normal(_)) && !Path::new(name).is_absolute();
        if is_named && path.is_symlink() {
            return Err(Error::input(format!("{} is a link", path.display()))
                .hint("name what it leads to: no link is followed here"));
        }
    }
    match name.is_empty() {
        true => Err(Error::input("an empty path names nothing").hint(hint)),
        false => Ok(path),
    }
}

/// A file in the folder `base`, which will be shown: whoever wrote the name must not have another file of this
/// user's shown.
///
/// # Errors
/// As [`file`], and where the name leads out of the folder.
pub fn file_within(base: &Path, name: &str, most: u64) -> Result<Vec<u8>> {
    let hint = "name a file in the folder of stack.toml, or below it";
    let leads_on = |it: Component<'_>| matches!(it, Component::Normal(_) | Component::CurDir);
    if !Path::new(name).components().all(leads_on) {
        return Err(
            Error::input(format!("{name} leads out of the folder of stack.toml")).hint(hint),
        );
    }
    file(&straight(base, name, hint)?, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink, process::Command, sync::mpsc, thread, time::Duration};

    /// What is said of it, within ten seconds.
    fn said(path: &Path) -> String {
        let (path, (send, receive)) = (path.to_owned(), mpsc::channel());
        thread::spawn(move || {
            send.send(file(&path, 1000).map_or_else(|it| it.to_string(), |it| it.len().to_string()))
        });
        receive
            .recv_timeout(Duration::from_secs(10))
            .expect("it never ends")
    }

    #[test]
    fn only_a_regular_file_of_a_bounded_size_is_read_and_nothing_waits_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(
            Command::new("mkfifo")
                .arg(at("pipe"))
                .status()
                .unwrap()
                .success()
        );
        symlink("/dev/zero", at("link")).unwrap();
        symlink(at("pipe"), at("link to a pipe")).unwrap();
        for size in [0, 1, 999, 1000, 1001, 100_000] {
            fs::write(at("file"), vec![b'a'; size]).unwrap();
            let said = said(&at("file"));
            match size {
                ..=1000 => assert_eq!(said, size.to_string()),
                _ => assert!(said.contains("more than 1000 bytes"), "{said}"),
            }
        }
        let odd = ["/dev/zero", "/dev/urandom", "/dev/tty", "/dev/null", "/"].map(Path::new);
        for path in odd
            .into_iter()
            .map(ToOwned::to_owned)
            .chain(["pipe", "link", "link to a pipe"].map(at))
        {
            let said = said(&path);
            assert!(
                said.contains("not a regular file") || said.contains("cannot be read"),
                "{said}"
            );
        }
        assert!(said(&at("nothing")).contains("cannot be read"));
    }

    #[test]
    fn only_a_file_of_the_folder_is_shown() {
        let base = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "a secret").unwrap();
        let folder = base.path().join("stack");
        fs::create_dir_all(folder.join("below")).unwrap();
        fs::write(base.path().join("above"), "a secret").unwrap();
        for name in ["beside", "below/one"] {
            fs::write(folder.join(name), "shown").unwrap();
        }
        symlink(outside.path().join("secret"), folder.join("link")).unwrap();
        symlink(outside.path(), folder.join("way")).unwrap();
        let absolute = outside.path().join("secret");
        for name in ["beside", "./beside", "below/one", "below/./one"] {
            assert_eq!(file_within(&folder, name, 100).unwrap(), b"shown", "{name}");
        }
        for name in [
            "",
            "link",
            "./link",
            "way/secret",
            "../above",
            "below/../../above",
            "below/../beside",
            absolute.to_str().unwrap(),
        ] {
            let error = file_within(&folder, name, 100).unwrap_err();
            assert!(!error.to_string().contains("a secret"), "{name}");
        }
    }
}
