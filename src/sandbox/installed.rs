//! Whether what was installed is still what is there. Reads files, changes nothing.

use crate::value;
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    thread,
};

/// A digest of all that is in a folder, but for the file `aside` in it: each path, and what is there. What
/// Python compiled is part of it: it is run in place of the source that it belongs to.
///
/// # Errors
/// Where something cannot be read, or is neither file, folder nor link.
pub(super) fn digest(folder: &Path, aside: &Path) -> io::Result<String> {
    let mut files = vec![];
    walk(folder, &mut |path| {
        if path != aside {
            files.push(path);
        }
    })?;
    files.sort();
    let mut sum = Sha256::new();
    for (path, found) in files.iter().zip(digests(&files)?) {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(path)
            .as_os_str()
            .as_bytes();
        sum.update((name.len() as u64).to_le_bytes());
        sum.update(name);
        sum.update(found);
    }
    Ok(value::hex(&sum.finalize()))
}

/// All that is in a folder and below, but for folders. A link is not followed.
fn walk(folder: &Path, found: &mut impl FnMut(PathBuf)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => walk(&entry.path(), found)?,
            false => found(entry.path()),
        }
    }
    Ok(())
}

/// Of each file in its turn. A start waits for it, so all of the machine's processors work on it.
fn digests(files: &[PathBuf]) -> io::Result<Vec<[u8; 33]>> {
    let each = files
        .len()
        .div_ceil(thread::available_parallelism().map_or(1, Into::into))
        .max(1);
    let of = |files: &[PathBuf]| {
        files
            .iter()
            .map(|file| of_file(file))
            .collect::<io::Result<Vec<_>>>()
    };
    thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(each)
            .map(|part| scope.spawn(move || of(part)))
            .collect();
        let mut all = vec![];
        for part in parts {
            all.extend(
                part.join()
                    .map_err(|_| io::Error::other("a thread ended"))??,
            );
        }
        Ok(all)
    })
}

/// Which of the two it is, and its content or where it leads.
fn of_file(path: &Path) -> io::Result<[u8; 33]> {
    let there = fs::symlink_metadata(path)?;
    let (kind, sum) = if there.is_symlink() {
        (
            b'l',
            Sha256::digest(fs::read_link(path)?.as_os_str().as_bytes()),
        )
    } else if there.is_file() {
        let (mut file, mut sum, mut part) =
            (fs::File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut part)? {
                0 => break,
                count => sum.update(&part[..count]),
            }
        }
        (b'f', sum.finalize())
    } else {
        return Err(io::Error::other("neither a file nor a link"));
    };
    let mut digest = [kind; 33];
    digest[1..].copy_from_slice(&sum);
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// An environment in small.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("bin/run", "#!python"),
            ("lib/a/__init__.py", "x = 1"),
            ("lib/a/__pycache__/__init__.cpython-311.pyc", "compiled"),
            ("lib/b.py", ""),
            ("marker", "aside"),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        symlink("/usr/bin/python3", folder.path().join("bin/python")).unwrap();
        folder
    }

    #[test]
    fn every_change_of_what_could_be_run_is_seen() {
        let kept = folder();
        let seen = |folder: &Path| digest(folder, &folder.join("marker"));
        let whole = seen(kept.path()).unwrap();
        assert_eq!(
            seen(folder().path()).unwrap(),
            whole,
            "it hangs on what is there alone"
        );
        fs::write(kept.path().join("marker"), "another").unwrap();
        fs::create_dir(kept.path().join("lib/empty")).unwrap();
        assert_eq!(seen(kept.path()).unwrap(), whole, "nothing that is run");

        type Change = (&'static str, fn(&Path));
        let changes: [Change; 11] = [
            ("a byte", |it| {
                fs::write(it.join("lib/a/__init__.py"), "x = 2").unwrap()
            }),
            ("a compiled byte", |it| {
                fs::write(
                    it.join("lib/a/__pycache__/__init__.cpython-311.pyc"),
                    "compilee",
                )
                .unwrap()
            }),
            ("a new compiled file", |it| {
                fs::write(it.join("lib/a/__pycache__/c.cpython-311.pyc"), "").unwrap()
            }),
            ("a new file", |it| {
                fs::write(it.join("lib/sitecustomize.py"), "").unwrap()
            }),
            ("a file less", |it| {
                fs::remove_file(it.join("lib/b.py")).unwrap()
            }),
            ("another name", |it| {
                fs::rename(it.join("lib/b.py"), it.join("lib/c.py")).unwrap()
            }),
            ("another place", |it| {
                fs::rename(it.join("lib/b.py"), it.join("lib/a/b.py")).unwrap()
            }),
            ("content that moved on", |it| {
                fs::write(it.join("lib/a/__init__.py"), "").unwrap();
                fs::write(it.join("lib/b.py"), "x = 1").unwrap();
            }),
            ("another link", |it| {
                fs::remove_file(it.join("bin/python")).unwrap();
                symlink("/tmp/python", it.join("bin/python")).unwrap();
            }),
            ("a file for a link", |it| {
                fs::remove_file(it.join("bin/python")).unwrap();
                fs::write(it.join("bin/python"), "/usr/bin/python3").unwrap();
            }),
            ("a link for a file, to the same content", |it| {
                fs::rename(it.join("lib/b.py"), it.join("bin/b.py")).unwrap();
                symlink("../bin/b.py", it.join("lib/b.py")).unwrap();
            }),
        ];
        for (what, change) in changes {
            let folder = folder();
            change(folder.path());
            assert_ne!(seen(folder.path()).unwrap(), whole, "{what}");
        }
        assert!(
            std::process::Command::new("mkfifo")
                .arg(kept.path().join("pipe"))
                .status()
                .unwrap()
                .success()
        );
        assert!(seen(kept.path()).is_err(), "a pipe is not waited for");
    }
}
