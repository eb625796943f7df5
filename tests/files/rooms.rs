//! Which room of the code uses which: none is in a circle, and those of `crates/core` have nothing with which
//! to reach AWS, the network, files or other processes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The crates, each by the folder of its sources, with a room of it and one that this uses.
const CRATES: [(&str, &str, &str); 4] = [
    ("src", "commands", "cli"),
    ("crates/aws/src", "engine", "kinds"),
    ("crates/core/src", "plan", "spec"),
    ("crates/sign-in/src", "check", "keys"),
];

/// With one of these, or with what begins so, a crate could call something, or wait for it.
const EFFECTS: [&str; 13] = [
    "async-",
    "aws-",
    "curl",
    "h2",
    "http",
    "hyper",
    "mio",
    "native-tls",
    "reqwest",
    "rustls",
    "smol",
    "tokio",
    "ureq",
];
/// And with these of the standard library.
const OUTSIDE: [&str; 5] = ["env", "fs", "net", "process", "thread"];

type Rooms = BTreeMap<String, BTreeSet<String>>;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries
        .flat_map(|it| if it.is_dir() { sources(&it) } else { vec![it] })
        .collect()
}

/// The files that are there for tests alone: `#[cfg(test)] mod NAME;`.
fn of_tests(all: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for file in all {
        let text = fs::read_to_string(file).unwrap();
        for (_, after) in text
            .match_indices("#[cfg(test)]\nmod ")
            .map(|(at, it)| text[at..].split_at(it.len()))
        {
            let name: String = after
                .chars()
                .take_while(|it| it.is_alphanumeric() || *it == '_')
                .collect();
            found.insert(file.with_extension("").join(format!("{name}.rs")));
        }
    }
    found
}

/// The code without its comments and its tests.
fn code(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that `crate::…` names in it, one or several in braces; or what another `root` is followed by.
fn used(code: &str, root: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, it) in code.match_indices(root) {
        let rest = &code[at + it.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_words(list)),
            None => drop(found.insert(word(rest))),
        }
    }
    found
}

fn word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|it| it.is_alphanumeric() || *it == '_')
        .collect()
}

/// The first word of each item in braces, of which the first is open.
fn first_words(list: &str) -> Vec<String> {
    let (mut depth, mut words) = (1, vec![word(list)]);
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => words.push(word(&list[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

/// The files of a crate but for its tests.
fn product(source: &Path) -> Vec<PathBuf> {
    let mut all = sources(source);
    all.retain(|it| it.extension().is_some_and(|it| it == "rs"));
    let tests = of_tests(&all);
    all.retain(|it| !tests.contains(it));
    all
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rooms(source: &str) -> Rooms {
    let source = root().join(source);
    let mut rooms = Rooms::new();
    for file in product(&source) {
        let first = file
            .strip_prefix(&source)
            .unwrap()
            .components()
            .next()
            .unwrap();
        let room = Path::new(first.as_os_str())
            .with_extension("")
            .display()
            .to_string();
        if room != "lib" && room != "main" {
            rooms
                .entry(room)
                .or_default()
                .extend(used(&code(&fs::read_to_string(file).unwrap()), "crate::"));
        }
    }
    for (room, uses) in &mut rooms {
        uses.remove(room);
    }
    rooms
}

/// What is left when every room goes that uses none that is left: the circles, and what uses them.
fn circles(mut rooms: Rooms) -> Vec<String> {
    loop {
        let there: BTreeSet<_> = rooms.keys().cloned().collect();
        let before = rooms.len();
        rooms.retain(|_, uses| uses.iter().any(|it| there.contains(it)));
        if rooms.len() == before {
            return rooms.into_keys().collect();
        }
    }
}

#[test]
fn no_room_is_in_a_circle() {
    for (source, room, uses) in CRATES {
        let rooms = rooms(source);
        assert!(rooms[room].contains(uses), "the rooms are read: {rooms:?}");
        assert_eq!(circles(rooms), Vec::<String>::new(), "{source}");
    }
}

fn table(path: &str) -> toml::Table {
    fs::read_to_string(root().join(path))
        .unwrap()
        .parse()
        .unwrap()
}

/// Everything that a package of the lock file is made of, on whatever machine.
fn made_of(package: &str, lock: &toml::Table) -> BTreeSet<String> {
    let packages = lock["package"].as_array().unwrap();
    let (mut found, mut rest) = (BTreeSet::new(), vec![package.to_owned()]);
    while let Some(name) = rest.pop() {
        let of_name = packages
            .iter()
            .filter(|it| it["name"].as_str() == Some(&name));
        for needed in of_name.filter_map(|it| it.get("dependencies")?.as_array()) {
            let needed = needed
                .iter()
                .map(|it| it.as_str().unwrap().split(' ').next().unwrap());
            rest.extend(
                needed
                    .filter(|it| found.insert((*it).to_owned()))
                    .map(ToOwned::to_owned),
            );
        }
    }
    found
}

fn effects(package: &str, lock: &toml::Table) -> Vec<String> {
    let has_effects = |it: &String| EFFECTS.iter().any(|effect| it.starts_with(effect));
    made_of(package, lock)
        .into_iter()
        .filter(has_effects)
        .collect()
}

/// By the lock file, so that what is found is also what a dependency brings, or a test.
#[test]
fn the_core_is_made_of_nothing_that_could_reach_aws_or_the_network() {
    let (manifest, lock) = (table("crates/core/Cargo.toml"), table("Cargo.lock"));
    let name = manifest["package"]["name"].as_str().unwrap();
    let direct = manifest["dependencies"].as_table().unwrap();
    let all = made_of(name, &lock);
    assert!(
        direct.len() > 5 && direct.keys().all(|it| all.contains(it)),
        "{all:?}"
    );
    assert_eq!(effects(name, &lock), Vec::<String>::new());
    assert!(
        effects("wsctl", &lock).len() > 20,
        "what has effects is found"
    );
}

#[test]
fn the_core_opens_no_file_and_starts_no_process() {
    let mut count = 0;
    for file in product(&root().join("crates/core/src")) {
        let used = used(&code(&fs::read_to_string(&file).unwrap()), "std::");
        let outside: Vec<_> = OUTSIDE.iter().filter(|it| used.contains(**it)).collect();
        assert!(outside.is_empty(), "{}: {outside:?}", file.display());
        count += used.len();
    }
    assert!(count > 50, "only {count} uses of the standard library");
}

/// Who publishes it, or takes it out, finds nothing in it that is of this program.
#[test]
fn the_sign_in_protocol_knows_nothing_of_wsctl() {
    let folder = root().join("crates/sign-in");
    let files = sources(&folder);
    let with: Vec<_> = files
        .iter()
        .filter(|it| fs::read_to_string(it).unwrap().contains("wsctl"))
        .collect();
    assert!(files.len() > 8 && with.is_empty(), "{with:?}");
    let foreign = made_of("cognito-sign-in", &table("Cargo.lock"));
    assert!(!foreign.iter().any(|it| it.starts_with("wsctl")));
    assert!(foreign.contains("hmac"));
}

#[test]
fn a_circle_is_found_and_a_use_in_a_comment_or_a_test_is_none() {
    let text = "// crate::comment\nuse crate::{\n    a::{b, c},\n    d,\n};\nfn f() { crate::e::g() }\n#[cfg(test)]\nmod tests {\n    use crate::h;\n}\n";
    assert_eq!(
        used(&code(text), "crate::"),
        ["a", "d", "e"].map(String::from).into()
    );
    assert_eq!(
        used(
            "use std::{\n    fs,\n    path::Path,\n};\nstd::env::args()",
            "std::"
        ),
        ["env", "fs", "path"].map(String::from).into()
    );
    let uses = |of: &[(&str, &str)]| -> Rooms {
        of.iter()
            .map(|(room, used)| ((*room).to_owned(), [(*used).to_owned()].into()))
            .collect()
    };
    assert_eq!(
        circles(uses(&[("a", "b"), ("b", "a"), ("c", "a"), ("d", "e")])),
        ["a", "b", "c"]
    );
}
