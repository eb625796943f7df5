use super::*;
use crate::package;
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
};

fn write(root: &Path, name: &str, content: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn names(base: &Path) -> Vec<String> {
    folder(base, "f").unwrap().into_keys().collect()
}

fn refusal(base: &Path, name: &str) -> String {
    let error = folder(base, name).err().expect("it was packed");
    assert!(
        error.kind == ErrorKind::Input && error.hint.is_some(),
        "{error}"
    );
    error.message
}

#[test]
fn the_same_files_give_the_same_zip_whenever_and_wherever_they_are_written() {
    let zips = [0, 1].map(|turn| {
        let base = tempfile::tempdir().unwrap();
        let mut files = vec![("f/b/c.js", "c"), ("f/index.mjs", "a"), ("f/b.js", "b")];
        if turn == 1 {
            files.reverse();
        }
        for (name, content) in files {
            write(base.path(), name, content);
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(turn * 1_000_000_000);
            fs::File::open(base.path().join(name))
                .unwrap()
                .set_modified(time)
                .unwrap();
            // What others may do is not this machine's to say.
            let mode = if turn == 1 { 0o600 } else { 0o664 };
            fs::set_permissions(base.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        package::zip::zip_of(&folder(base.path(), "f").unwrap()).unwrap()
    });
    assert_eq!(zips[0], zips[1]);
    let other = tempfile::tempdir().unwrap();
    for (name, content) in [("f/b/c.js", "c"), ("f/index.mjs", "A"), ("f/b.js", "b")] {
        write(other.path(), name, content);
    }
    assert_ne!(
        zips[0],
        package::zip::zip_of(&folder(other.path(), "f").unwrap()).unwrap()
    );
}

#[test]
fn everybody_may_read_what_is_packed_and_programs_stay_executable() {
    let base = tempfile::tempdir().unwrap();
    for (name, mode) in [("f/a", 0o600), ("f/b", 0o700), ("f/c", 0o644)] {
        write(base.path(), name, "x");
        fs::set_permissions(base.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    symlink("a", base.path().join("f/d")).unwrap();
    let zip = package::zip::zip_of(&folder(base.path(), "f").unwrap()).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let modes: Vec<_> = (0..archive.len())
        .map(|index| archive.by_index(index).unwrap().unix_mode().unwrap())
        .collect();
    assert_eq!(modes, [0o100_644, 0o100_755, 0o100_644, 0o120_777]);
}

#[test]
fn what_is_left_out_is_said_by_one_kind_of_list() {
    let base = tempfile::tempdir().unwrap();
    for name in [
        "f/index.mjs",
        "f/a.log",
        "f/b/a.log",
        "f/b/keep.log",
        "f/.env",
        "f/b/.git/config",
        "f/.wsctl/x",
        "f/n/x.js",
    ] {
        write(base.path(), name, "x");
    }
    write(base.path(), "f/.gitignore", "*.log\nn/\n");
    write(base.path(), "f/b/.gitignore", "!keep.log\n");
    assert_eq!(names(base.path()), [".env", "b/keep.log", "index.mjs"]);
    // Above it only within a repository.
    write(base.path(), ".gitignore", ".env\n");
    assert_eq!(names(base.path()), [".env", "b/keep.log", "index.mjs"]);
    fs::create_dir(base.path().join(".git")).unwrap();
    assert_eq!(names(base.path()), ["b/keep.log", "index.mjs"]);
    write(base.path(), "f/.wsctlignore", "# all but\n/b\n.env\r\n");
    assert_eq!(names(base.path()), ["a.log", "index.mjs", "n/x.js"]);
}

#[test]
fn no_link_leads_out_of_the_folder() {
    let base = tempfile::tempdir().unwrap();
    write(base.path(), "secret", "of the user");
    write(base.path(), "f/index.mjs", "x");
    write(base.path(), "f/a/b/c.js", "x");
    for (at, to) in [
        ("f/l", "index.mjs"),
        ("f/a/l", "../index.mjs"),
        ("f/a/b/l", "../../a/./b/c.js"),
        ("f/dir", "a"),
    ] {
        symlink(to, base.path().join(at)).unwrap();
    }
    assert_eq!(
        names(base.path()),
        ["a/b/c.js", "a/b/l", "a/l", "dir", "index.mjs", "l"]
    );
    for to in [
        "../secret",
        "/etc/passwd",
        "a/../../secret",
        "./../f/index.mjs",
        "..",
    ] {
        let at = base.path().join("f/out");
        symlink(to, &at).unwrap();
        assert!(
            refusal(base.path(), "f").contains("is a link out of the folder"),
            "{to}"
        );
        fs::remove_file(at).unwrap();
    }
    symlink(base.path().join("f"), base.path().join("whole")).unwrap();
    assert!(refusal(base.path(), "whole").contains("is a link"));
    assert!(refusal(base.path(), "whole/a").contains("is a link"));
    let linked = file(base.path(), "whole/index.mjs").err().unwrap();
    assert!(linked.message.contains("is a link"));
}

#[test]
fn what_has_no_end_or_no_beginning_is_refused() {
    for at in ["f/pipe", "f/.gitignore", "f/.wsctlignore"] {
        let base = tempfile::tempdir().unwrap();
        write(base.path(), "f/index.mjs", "x");
        let pipe = base.path().join(at);
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert!(
            refusal(base.path(), "f").contains("not a regular file"),
            "{at}"
        );
        fs::remove_file(&pipe).unwrap();
        symlink("/dev/zero", &pipe).unwrap();
        assert!(refusal(base.path(), "f").contains("is a link"), "{at}");
    }
    let base = tempfile::tempdir().unwrap();
    write(base.path(), "f/.gitignore", "*\n");
    assert!(refusal(base.path(), "f").contains("has no files to pack"));
    write(base.path(), "f/a\nb", "x");
    assert!(refusal(base.path(), "f").contains("has no files"));
    write(base.path(), "f/.gitignore", "");
    assert!(refusal(base.path(), "f").contains("no zip for Lambda has such a name"));
    assert!(refusal(base.path(), "f/.gitignore").contains("is not a folder"));
    assert!(refusal(base.path(), "").contains("names nothing"));
}

fn part() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c.js", "..", ".", "a b", "é"]).prop_map(ToOwned::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever links there are: what is packed is within the folder, and so is all that a link names.
    #[test]
    fn whatever_a_link_says_it_stays_inside_or_is_refused(
        files in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["a", "b", "d"]), 1..4), 1..5),
        at in prop::sample::select(vec!["l", "x/l", "x/y/l"]),
        to in prop::collection::vec(part(), 1..6),
    ) {
        let base = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(base.path()).unwrap();
        let root = base.join("f");
        for file in &files {
            let path = root.join(file.join("/") + "_");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let _ = fs::write(path, "x");
        }
        let link = root.join(at);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to.join("/"), &link).unwrap();
        match folder(&base, "f") {
            Ok(items) => {
                let all: BTreeSet<_> = items.keys().cloned().collect();
                prop_assert!(all.contains(at));
                if let Ok(real) = fs::canonicalize(&link) {
                    prop_assert!(real.starts_with(&root), "{to:?}");
                }
            }
            Err(error) => prop_assert!(error.message.contains("out of the folder"), "{error}"),
        }
    }
}
