//! In how many lines and files a plain field of stack.toml stands: the price of one more. It may fall, and
//! does not rise.
//!
//! Plain is a field with a single value or a list. Measured are those whose name has two words, since those
//! are seldom the name of anything else. `just places` prints each.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What there is at most. Lower these when it is less.
const MOST: Figures = Figures {
    median_lines: 5,
    median_files: 3,
    most_lines: 16,
    most_files: 9,
};

/// What is the name of something else in the code too: a function, a step's member, a module, a member of
/// AWS's.
const OF_MORE: [&str; 14] = [
    "client_id",
    "client_secret",
    "content_handling",
    "ephemeral_storage",
    "from_env",
    "moved_from",
    "policy",
    "request_validator",
    "role_arn",
    "role_name",
    "sign_in",
    "sign_out",
    "status_code",
    "usage_plan",
];

#[derive(Debug, PartialEq, Eq)]
struct Figures {
    median_lines: usize,
    median_files: usize,
    most_lines: usize,
    most_files: usize,
}

/// The names of the plain fields of a schema's tables.
fn fields(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(schema, schema, &mut found);
    found
}

fn collect(schema: &Value, all: &Value, found: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if name.contains('_') && !OF_MORE.contains(&name.as_str()) && is_plain(field, all) {
            found.insert(name.clone());
        }
    }
    match schema {
        Value::Object(members) => members.values().for_each(|it| collect(it, all, found)),
        Value::Array(items) => items.iter().for_each(|it| collect(it, all, found)),
        _ => {}
    }
}

fn is_plain(field: &Value, all: &Value) -> bool {
    let named = field["$ref"]
        .as_str()
        .and_then(|it| all.pointer(it.trim_start_matches('#')));
    let any_of = field["anyOf"].as_array().into_iter().flatten();
    let is_table = field["type"] == "object" || !field["properties"].is_null();
    !is_table
        && named.is_none_or(|it| is_plain(it, all))
        && any_of.into_iter().all(|it| is_plain(it, all))
}

/// The lines of the product's code by file: no comments, no tests, neither the function nor the AWS in memory, nor
/// what a new field need not have: other tools' word for it, without which it is a comment, and its place in a
/// definition, without which a single request sets it.
fn product() -> BTreeMap<PathBuf, Vec<String>> {
    let (mut found, mut folders) = (
        BTreeMap::new(),
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()],
    );
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_other = [
                "aws-in-memory",
                "target",
                "tests",
                "tests.rs",
                "benches",
                "convert",
                "definition",
                "definition.rs",
                "lambda",
                "node_modules",
            ]
            .contains(&name);
            if is_other || name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path, code(&text));
            }
        }
    }
    found
}

/// The lines of code before a file's own tests.
fn code(text: &str) -> Vec<String> {
    let before = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = before
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.map(ToOwned::to_owned).collect()
}

/// Whether the line has this word, whole.
fn has(line: &str, word: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
    })
}

fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
fn a_field_stands_in_no_more_places_than_before() {
    let (product, fields) = (product(), fields(&wsctl::stack::schema()));
    assert!(
        fields.len() > 40 && product.len() > 100,
        "{} in {}",
        fields.len(),
        product.len()
    );
    let (mut lines, mut files) = (vec![], vec![]);
    for field in &fields {
        let hits = product
            .values()
            .map(|code| code.iter().filter(|line| has(line, field)).count());
        let hits: Vec<_> = hits.filter(|count| *count > 0).collect();
        println!(
            "{field:34} {:3} lines in {:2} files",
            hits.iter().sum::<usize>(),
            hits.len()
        );
        assert!(
            !hits.is_empty(),
            "{field} stands nowhere: is the product all that is measured?"
        );
        lines.push(hits.iter().sum());
        files.push(hits.len());
    }
    let figures = Figures {
        most_lines: lines.iter().copied().max().unwrap_or_default(),
        most_files: files.iter().copied().max().unwrap_or_default(),
        median_lines: median(lines),
        median_files: median(files),
    };
    println!("{figures:?} of {} fields; at most {MOST:?}", fields.len());
    let is_worse = figures.median_lines > MOST.median_lines
        || figures.median_files > MOST.median_files
        || figures.most_lines > MOST.most_lines
        || figures.most_files > MOST.most_files;
    assert!(
        !is_worse,
        "a field stands in more places: {figures:?}, and it was {MOST:?} at most"
    );
}

#[test]
fn what_is_measured_is_code_and_whole_words() {
    let text = "let a_b = a_bc;\n// a_b\nx.a_b(); b.a_b;\n#[cfg(test)]\nmod tests {\n a_b\n}";
    let code = code(text);
    assert_eq!(code.iter().filter(|line| has(line, "a_b")).count(), 2);
    assert_eq!(code.iter().filter(|line| has(line, "a_bc")).count(), 1);
    let table = |field: Value| serde_json::json!({ "properties": { "a_b": field }, "$defs": { "T": { "type": "object" } } });
    assert!(fields(&table(serde_json::json!({ "type": "array" }))).contains("a_b"));
    assert!(fields(&table(serde_json::json!({ "$ref": "#/$defs/T" }))).is_empty());
    assert!(
        fields(&table(
            serde_json::json!({ "anyOf": [{ "$ref": "#/$defs/T" }, { "type": "null" }] })
        ))
        .is_empty()
    );
}
