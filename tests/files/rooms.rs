//! Which room of the code uses which: none is in a circle, and the pure ones use only each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What can be said of a stack, and what follows from it: a crate of its own could hold it all.
const PURE: [&str; 12] = [
    "diff", "drift", "duration", "error", "graph", "owner", "plain", "plan", "shape", "spec",
    "stack", "value",
];

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

/// The rooms that `crate::…` names in it, one or several in braces.
fn used(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, it) in code.match_indices("crate::") {
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

fn rooms() -> Rooms {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<_> = sources(&source)
        .into_iter()
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .collect();
    let tests = of_tests(&all);
    let mut rooms = Rooms::new();
    for file in all.iter().filter(|it| !tests.contains(*it)) {
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
                .extend(used(&code(&fs::read_to_string(file).unwrap())));
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
    let rooms = rooms();
    assert!(
        rooms["commands"].contains("engine") && rooms.len() > 20,
        "the rooms are read: {rooms:?}"
    );
    assert_eq!(circles(rooms), Vec::<String>::new());
}

#[test]
fn the_pure_rooms_use_only_each_other() {
    for room in PURE {
        let others: Vec<_> = rooms()[room]
            .iter()
            .filter(|it| !PURE.contains(&it.as_str()))
            .cloned()
            .collect();
        assert_eq!(others, Vec::<String>::new(), "{room}");
    }
}

#[test]
fn a_circle_is_found_and_a_use_in_a_comment_or_a_test_is_none() {
    let text = "// crate::comment\nuse crate::{\n    a::{b, c},\n    d,\n};\nfn f() { crate::e::g() }\n#[cfg(test)]\nmod tests {\n    use crate::h;\n}\n";
    assert_eq!(used(&code(text)), ["a", "d", "e"].map(String::from).into());
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
