//! What a build has read, from what cargo said of it and wrote beside its results. It only reads files.
//!
//! Whatever cannot be told for sure gives nothing: then cargo is asked the next time too, as it is in any
//! case where anything of this is otherwise. Compared with cargo's own rules (its `fingerprint` module)
//! this looks at more: at contents, not at times, and also at what would be found if it were there.

use super::cargo::{Built, Workspace};
use crate::{
    bounded,
    package::inputs::{Environment, Input, Inputs, heeded},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a configuration, or of a list of files.
const LARGEST: u64 = 16 << 20;

/// What is read wherever it is, before anything is known of the crate: its surroundings.
pub(super) fn around(crate_dir: &Path, environment: &Environment) -> Option<Inputs> {
    let mut all: BTreeSet<_> = ["cargo", "rustc", "cargo-zigbuild"]
        .map(|it| Input::Program(it.into()))
        .into();
    let mut configurations = vec![];
    for folder in crate_dir.ancestors() {
        all.extend(
            ["Cargo.toml", "rust-toolchain", "rust-toolchain.toml"]
                .map(|it| Input::File(folder.join(it))),
        );
        configurations.extend(["config.toml", "config"].map(|it| folder.join(".cargo").join(it)));
    }
    let own = own(environment)?;
    configurations.extend(["config.toml", "config"].map(|it| own.join(it)));
    for configuration in configurations {
        if configuration.exists() {
            all.extend(named(&configuration)?);
        }
        all.insert(Input::File(configuration));
    }
    all.insert(Input::File(
        home(environment, "RUSTUP_HOME", ".rustup")?.join("settings.toml"),
    ));
    for (_, value) in heeded(environment) {
        // Which one it is, and not what is in it: a folder of the user's changes all the time.
        all.extend(
            value
                .to_str()
                .and_then(|text| program(text, crate_dir))
                .and_then(|it| match it {
                    Input::File(path) if path.is_dir() => None,
                    Input::File(path) => Some(Input::Stamp(path)),
                    other => Some(other),
                }),
        );
    }
    Some(Inputs {
        all,
        skipped: BTreeSet::new(),
    })
}

/// cargo's own folder.
fn own(environment: &Environment) -> Option<PathBuf> {
    home(environment, "CARGO_HOME", ".cargo")
}

fn home(environment: &Environment, variable: &str, name: &str) -> Option<PathBuf> {
    let named = environment.get(OsStr::new(variable)).map(PathBuf::from);
    let found =
        named.or_else(|| Some(Path::new(environment.get(OsStr::new("HOME"))?).join(name)))?;
    found.is_absolute().then_some(found)
}

/// The programs and files that a configuration of cargo's may name. It can take in others, which are
/// not followed.
fn named(configuration: &Path) -> Option<Vec<Input>> {
    let table: toml::Table = bounded::text(configuration, LARGEST).ok()?.parse().ok()?;
    if table.contains_key("include") {
        return None;
    }
    // What it names begins at the folder that `.cargo` is in.
    let base = configuration.parent()?.parent()?;
    let (mut found, mut left) = (vec![], vec![toml::Value::Table(table)]);
    while let Some(value) = left.pop() {
        match value {
            toml::Value::String(text) => found.extend(program(&text, base)),
            toml::Value::Array(items) => left.extend(items),
            toml::Value::Table(table) => left.extend(table.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    Some(found)
}

/// What a text names, if it is the name of a program or file.
fn program(text: &str, base: &Path) -> Option<Input> {
    match text {
        "" => None,
        text if text.contains('\0') => None,
        text if text.contains('/') => Some(Input::File(base.join(text))),
        text => Some(Input::Program(text.to_owned())),
    }
}

/// All that the build in `crate_dir` has read, besides its surroundings.
pub(super) fn of_build(
    workspace: &Workspace,
    sysroot: &Path,
    environment: &Environment,
    built: &Built,
) -> Option<Inputs> {
    let own = own(environment)?;
    let mut reader = Reader {
        all: BTreeSet::new(),
        fetched: [own.join("registry"), own.join("git/checkouts")],
        folders: BTreeMap::new(),
        made: vec![],
    };
    reader.workspace(workspace)?;
    reader.compiler(sysroot)?;
    let messages: Vec<Value> = built
        .messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    for message in messages
        .iter()
        .filter(|it| it["reason"] == "compiler-artifact")
    {
        reader.artifact(message)?;
    }
    for message in messages
        .iter()
        .filter(|it| it["reason"] == "build-script-executed")
    {
        reader.script(message)?;
    }
    reader.sources(&built.program.with_extension("d"))?;
    let skipped = BTreeSet::from([
        workspace.target_directory.clone(),
        workspace.build_directory.clone(),
    ]);
    Some(Inputs {
        all: reader.all,
        skipped,
    })
}

struct Reader {
    all: BTreeSet<Input>,
    /// Where cargo keeps what it fetched. What is there is what Cargo.lock says, and cargo itself does not
    /// look whether it was changed.
    fetched: [PathBuf; 2],
    /// Each package's folder, by its id.
    folders: BTreeMap<String, PathBuf>,
    /// Folders of what build scripts made.
    made: Vec<PathBuf>,
}

impl Reader {
    fn workspace(&mut self, workspace: &Workspace) -> Option<()> {
        let root = &workspace.workspace_root;
        let members = workspace.packages.iter().map(|it| it.manifest_path.clone());
        let files = members.chain(["Cargo.toml", "Cargo.lock"].map(|name| root.join(name)));
        self.all.extend(files.map(Input::File));
        let text = bounded::text(&root.join("Cargo.toml"), LARGEST).ok()?;
        let manifest: toml::Table = text.parse().ok()?;
        let lists = manifest
            .get("workspace")
            .into_iter()
            .flat_map(|it| [it.get("members"), it.get("exclude")]);
        let patterns = lists
            .flatten()
            .filter_map(toml::Value::as_array)
            .flatten()
            .filter_map(toml::Value::as_str);
        for pattern in patterns.filter(|it| is_pattern(it)) {
            // A folder that comes later may be a member too.
            let fixed: PathBuf = Path::new(pattern)
                .iter()
                .take_while(|it| !is_pattern(&it.to_string_lossy()))
                .collect();
            self.all.insert(Input::Manifests(root.join(fixed)));
        }
        Some(())
    }

    /// The compiler, its standard library and cargo.
    fn compiler(&mut self, sysroot: &Path) -> Option<()> {
        self.all
            .extend(["bin/rustc", "bin/cargo"].map(|name| Input::Stamp(sysroot.join(name))));
        for name in entries(&sysroot.join("lib"))? {
            if name
                .file_name()?
                .to_str()
                .is_some_and(|it| it.starts_with("librustc_driver"))
            {
                self.all.insert(Input::Stamp(name));
            }
        }
        for target in entries(&sysroot.join("lib/rustlib"))? {
            // Not each entry is a target.
            self.all.extend(
                entries(&target.join("lib"))
                    .unwrap_or_default()
                    .into_iter()
                    .map(Input::Stamp),
            );
        }
        Some(())
    }

    fn is_fetched(&self, path: &Path) -> bool {
        self.fetched.iter().any(|folder| path.starts_with(folder))
    }

    /// One unit that was compiled, or need not be.
    fn artifact(&mut self, message: &Value) -> Option<()> {
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let folder = manifest.parent()?;
        self.folders.insert(
            message["package_id"].as_str()?.to_owned(),
            folder.to_owned(),
        );
        if self.is_fetched(manifest) {
            return Some(());
        }
        // Where sources are found without being named in the manifest.
        self.all
            .extend([manifest.to_owned(), folder.join("build.rs")].map(Input::File));
        self.all.insert(Input::Tree(folder.join("src")));
        self.variables(message)
    }

    /// The variables that a unit's sources read, from what rustc wrote beside the result.
    fn variables(&mut self, message: &Value) -> Option<()> {
        let start = format!("{}-", message["target"]["name"].as_str()?.replace('-', "_"));
        let beside = Path::new(message["filenames"].as_array()?.first()?.as_str()?).parent()?;
        let folders = [beside.to_owned(), beside.join("deps")];
        let files = folders
            .iter()
            .filter_map(|folder| entries(folder))
            .flatten();
        // Those of earlier builds too: which of them is this one's, only the hash in the name says.
        let files: Vec<_> = files
            .filter(|it| it.extension() == Some(OsStr::new("d")))
            .filter(|it| {
                it.file_name()
                    .and_then(OsStr::to_str)
                    .is_some_and(|it| it.starts_with(&start))
            })
            .collect();
        if files.is_empty() {
            return None;
        }
        for file in files {
            let text = bounded::text(&file, LARGEST).ok()?;
            let read = text
                .lines()
                .filter_map(|line| line.strip_prefix("# env-dep:"));
            let names = read.map(|line| line.split_once('=').map_or(line, |it| it.0).to_owned());
            self.all.extend(names.map(Input::Variable));
        }
        Some(())
    }

    /// What a build script asked to watch; without a word, cargo watches all of its package.
    fn script(&mut self, message: &Value) -> Option<()> {
        let folder = self.folders.get(message["package_id"].as_str()?)?.clone();
        let made = PathBuf::from(message["out_dir"].as_str()?);
        let said = bounded::file(&made.parent()?.join("output"), LARGEST).ok()?;
        self.made.push(made);
        let said = String::from_utf8_lossy(&said);
        let asked = said.lines().filter_map(|line| line.strip_prefix("cargo:"));
        let asked = asked.map(|line| line.strip_prefix(':').unwrap_or(line));
        let mut watches_something = false;
        for line in asked {
            if let Some(name) = line.strip_prefix("rerun-if-env-changed=") {
                self.all.insert(Input::Variable(name.trim().to_owned()));
            }
            if let Some(path) = line.strip_prefix("rerun-if-changed=") {
                watches_something = true;
                self.watch(&folder.join(path.trim()))?;
            }
        }
        if !watches_something && !self.is_fetched(&folder) {
            self.all.insert(Input::Tree(folder));
        }
        Some(())
    }

    fn watch(&mut self, path: &Path) -> Option<()> {
        if !self.is_fetched(path) {
            // What is not there makes cargo run the script each time.
            fs::metadata(path).ok()?;
            self.all.insert(Input::Tree(path.to_owned()));
        }
        Some(())
    }

    /// The files of cargo's own list, as a rule of make's: all that is on this machine.
    fn sources(&mut self, list: &Path) -> Option<()> {
        let text = bounded::text(list, LARGEST).ok()?;
        let (_, sources) = text.trim_end().split_once(": ")?;
        for source in unescaped(sources) {
            if !source.is_absolute() {
                return None;
            }
            if !self.made.iter().any(|folder| source.starts_with(folder)) {
                self.all.insert(Input::Tree(source));
            }
        }
        Some(())
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// What is in a folder; none where it cannot be read.
fn entries(folder: &Path) -> Option<Vec<PathBuf>> {
    fs::read_dir(folder)
        .ok()?
        .map(|entry| entry.ok().map(|it| it.path()))
        .collect()
}

/// Paths between spaces; a space in one has a backslash before it.
fn unescaped(text: &str) -> Vec<PathBuf> {
    let (mut paths, mut path) = (vec![], String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&' ') => path.extend(letters.next()),
            ' ' => paths.push(std::mem::take(&mut path)),
            letter => path.push(letter),
        }
    }
    paths.push(path);
    paths
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_space_is_one_path() {
        let paths = unescaped("/a/b\\ c.rs /d\\e.rs  /f\\ \\ g");
        assert_eq!(paths, ["/a/b c.rs", "/d\\e.rs", "/f  g"].map(PathBuf::from));
    }
}
