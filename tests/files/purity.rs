//! Which part of the code may do what: `crates/core` has no dependency with which it could touch AWS, the
//! network or an async runtime; other pure parts do not name one; and only the commands print.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Outside of crates/core: a file, or a folder with all below it.
const PURE: &[&str] = &[
    "src/permissions.rs",
    "src/verify/browser.rs",
    "src/verify/checks.rs",
    "src/verify/declared.rs",
    "src/view.rs",
    "src/view",
    "src/identity/contact.rs",
];
const PROGRESS: &str = "src/view/progress.rs";
const EFFECTS: [&str; 5] = ["aws_sdk", "aws_config", "tokio", "std::net", "reqwest"];
const PRINTS: [&str; 8] = [
    "println!",
    "print!(",
    "eprintln!",
    "eprint!(",
    "dbg!(",
    "stdout()",
    "stderr()",
    "Term::",
];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut found: Vec<_> = fs::read_dir(path)
        .unwrap()
        .flat_map(|entry| files(&entry.unwrap().path()))
        .collect();
    found.retain(|file| file.extension().is_some_and(|it| it == "rs"));
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lines of code, not of comments, that hold one of `words`, as `file:line: text`.
fn mentions(file: &Path, words: &[&str]) -> Vec<String> {
    mentions_in(file, &fs::read_to_string(file).unwrap(), words)
}

fn mentions_in(file: &Path, text: &str, words: &[&str]) -> Vec<String> {
    let shown = file.strip_prefix(root()).unwrap().display();
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    found
        .map(|(index, line)| format!("{shown}:{}: {}", index + 1, line.trim()))
        .collect()
}

#[test]
fn the_pure_parts_touch_neither_aws_nor_the_network() {
    let pure = PURE.iter().flat_map(|path| files(&root().join(path)));
    let pure = pure.filter(|file| !file.ends_with(PROGRESS));
    let found: Vec<_> = pure.flat_map(|file| mentions(&file, &EFFECTS)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_commands_print() {
    let commands = root().join("src/commands");
    let others = ["src", "crates"].map(|it| files(&root().join(it)));
    let others = others.into_iter().flatten();
    let others = others.filter(|file| !file.starts_with(&commands) && !file.ends_with(PROGRESS));
    let others = others.filter(|file| !file.ends_with("src/commands.rs"));
    let found: Vec<_> = others.flat_map(|file| mentions(&file, &PRINTS)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Where every kind is like any other, but for its traits.
const KNOW_NO_KIND: [&str; 9] = [
    "crates/core/src/plan.rs",
    "crates/core/src/plan",
    "src/view.rs",
    "src/view",
    "crates/core/src/graph.rs",
    "crates/core/src/graph",
    "crates/core/src/drift.rs",
    "crates/aws/src/engine.rs",
    "crates/aws/src/engine",
];

#[test]
fn planner_views_graph_and_engine_know_no_kind_by_its_name() {
    let names: Vec<_> = wsctl::spec::all()
        .iter()
        .map(|it| format!("\"{}\"", it.name))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).chain(["::NAME"]).collect();
    let known = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        mentions_in(file, text.split("\nmod tests {").next().unwrap(), &names)
    };
    let rooms = KNOW_NO_KIND
        .iter()
        .flat_map(|path| files(&root().join(path)));
    let rooms = rooms.filter(|file| !file.ends_with("tests.rs") && !file.ends_with("strangers.rs"));
    let found: Vec<_> = rooms.flat_map(|file| known(&file)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(
        !known(&root().join("src/commands/outputs.rs")).is_empty(),
        "what is named is found"
    );
}

#[test]
fn a_mention_in_code_is_found_and_one_in_a_comment_is_not() {
    let file = root().join("tests/files/purity.rs");
    // a mention of aws_smithy in a comment
    assert_eq!(mentions(&file, &["aws_smithy"]).len(), 1);
}

#[test]
fn no_test_file_is_forgotten() {
    let is_program =
        |it: &Path| it.ends_with("main.rs") || it.parent() == Some(&root().join("tests"));
    let all = files(&root().join("tests"));
    let text: String = all
        .iter()
        .map(|it| fs::read_to_string(it).unwrap())
        .collect();
    let is_declared = |it: &Path| {
        let name = if it.ends_with("mod.rs") {
            it.parent().unwrap()
        } else {
            it
        };
        let name = name.file_stem().unwrap().to_str().unwrap();
        text.lines()
            .any(|line| line.trim_start().ends_with(&format!("mod {name};")))
    };
    let forgotten: Vec<_> = all
        .iter()
        .filter(|it| !is_program(it) && !is_declared(it))
        .collect();
    assert!(forgotten.is_empty(), "no program has {forgotten:?}");
    assert!(!is_declared(Path::new("not_there.rs")));
}
