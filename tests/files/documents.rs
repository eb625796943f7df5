//! What the documents say of each other and the code of them: every link leads somewhere, and every
//! section of docs/aws.md that is cited is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const AWS: &str = "docs/aws.md";

/// What is made, or somebody else's.
const NOT_OURS: [&str; 4] = ["target", ".git", ".wsctl", "node_modules"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text of the project, by its path from the root.
fn texts() -> BTreeMap<String, String> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root().to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if NOT_OURS.iter().any(|name| path.ends_with(name)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.insert(
                    path.strip_prefix(root())
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                    text,
                );
            }
        }
    }
    found
}

/// A text whose comments and paragraphs stand in one line each.
fn joined(text: &str) -> String {
    let markers: &[_] = &[' ', '/', '!', '#', '*', '>'];
    text.lines()
        .map(|line| line.trim().trim_start_matches(markers).trim_start())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The number that a text begins with: `1.3` of `1.3: throttles`.
fn number(text: &str) -> &str {
    let end = text
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The sections that follow on a mention of the page: 2, 3 and 8 of ` §2, §3 and §8`.
fn sections(mut rest: &str) -> Vec<&str> {
    let mut found = vec![];
    loop {
        rest = rest.trim_start_matches([' ', ',', '–', '`']);
        rest = rest
            .strip_prefix("and ")
            .or_else(|| rest.strip_prefix("to "))
            .unwrap_or(rest);
        let Some(section) = rest.strip_prefix('§') else {
            return found;
        };
        found.push(number(section));
        rest = &section[number(section).len()..];
    }
}

/// The sections that `text` cites, and how often it has a section's number that nobody can look up, since
/// it does not say of what.
fn cited(text: &str) -> (Vec<&str>, usize) {
    let sections = text
        .split(AWS)
        .skip(1)
        .flat_map(sections)
        .filter(|it| !it.is_empty());
    let sections: Vec<_> = sections.collect();
    let is_standards = |before: &str| {
        let words: Vec<_> = before
            .split([' ', '('])
            .rev()
            .filter(|it| !it.is_empty())
            .take(2)
            .collect();
        matches!(words[..], ["Core" | "Discovery", ..] | [_, "RFC"])
    };
    let numbered = text.match_indices('§').filter(|(at, mark)| {
        let is_number = !number(&text[at + mark.len()..]).is_empty();
        is_number && !is_standards(&text[..*at])
    });
    let unknown = numbered.count() - sections.len();
    (sections, unknown)
}

#[test]
fn what_the_code_cites_of_docs_aws_is_there() {
    let texts = texts();
    let headings = texts[AWS].lines().filter(|line| line.starts_with('#'));
    let there: BTreeSet<_> = headings
        .map(|line| number(line.trim_start_matches('#').trim()))
        .collect();
    let mut count = 0;
    // What this test is tried on below cites what is not there.
    for (path, text) in texts.iter().filter(|it| it.0 != file!()) {
        let text = match path == AWS {
            // Its own numbers are of itself.
            true => joined(text).replace('§', &format!("{AWS} §")),
            false => joined(text),
        };
        let (sections, unknown) = cited(&text);
        assert_eq!(unknown, 0, "{path} cites sections without their page");
        for section in sections {
            assert!(
                there.contains(section),
                "{path} cites {AWS} §{section}, which is not there"
            );
            count += 1;
        }
    }
    assert!(count > 150, "only {count} are cited");
}

#[test]
fn a_citation_is_read_to_its_end() {
    let (numbers, unknown) =
        cited("(docs/aws.md §2–§4, §1.3, §6 and §8). docs/aws.md says, RFC 8725 §3.1; §9");
    assert_eq!((numbers, unknown), (vec!["2", "4", "1.3", "6", "8"], 1));
    assert_eq!(
        cited(&joined("/// (docs/aws.md\n    /// §6), of it all")),
        (vec!["6"], 0)
    );
}

/// What is not in the repository cannot be looked up in it.
#[test]
fn no_comment_cites_a_page_that_nobody_has() {
    let word = concat!("dos", "sier");
    let with: Vec<_> = texts()
        .into_iter()
        .filter(|it| it.1.to_lowercase().contains(word))
        .collect();
    assert!(
        with.is_empty(),
        "{:?}",
        with.iter().map(|it| &it.0).collect::<Vec<_>>()
    );
}

/// The lines of a document outside its blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where the links of a document lead, those to other hosts left out.
fn links(text: &str) -> Vec<&str> {
    let targets = prose(text)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|it| it.split(')').next());
    targets
        .filter(|it| !it.contains("://") && !it.starts_with("mailto:"))
        .collect()
}

/// The anchors that headings get: in small letters, without punctuation, hyphens for blanks.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for heading in prose(text).filter(|line| line.starts_with('#')) {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading
            .chars()
            .filter(|it| it.is_alphanumeric() || " -_".contains(*it));
        let anchor: String = kept.map(|it| if it == ' ' { '-' } else { it }).collect();
        let again = (1..)
            .map(|number| format!("{anchor}-{number}"))
            .find(|it| !found.contains(it));
        found.insert(if found.contains(&anchor) {
            again.unwrap_or_default()
        } else {
            anchor
        });
    }
    found
}

/// Where a link from `from` leads; `..` is taken out by hand, since what is not there has no other name.
fn target(from: &str, link: &str) -> PathBuf {
    let mut path = root().join(from);
    path.pop();
    for part in Path::new(link).components() {
        match part.as_os_str() == ".." {
            true => _ = path.pop(),
            false => path.push(part),
        }
    }
    path
}

/// What is wrong with a link of the document `from`.
fn fault(texts: &BTreeMap<String, String>, from: &str, link: &str) -> Option<String> {
    let (file, anchor) = link
        .split_once('#')
        .map_or((link, None), |it| (it.0, Some(it.1)));
    let path = if file.is_empty() {
        root().join(from)
    } else {
        target(from, file)
    };
    if !path.exists() {
        return Some(format!("{from}: {link} leads nowhere"));
    }
    let name = path.strip_prefix(root()).ok()?.to_str()?;
    let is_there = |anchor: &str| {
        texts
            .get(name)
            .is_some_and(|it| anchors(it).contains(anchor))
    };
    anchor
        .filter(|it| !is_there(it))
        .map(|_| format!("{from}: {link} has no such heading"))
}

#[test]
fn every_link_leads_somewhere() {
    let texts = texts();
    // Those among the sources are the beginnings of documents that are made.
    let is_document = |path: &str| path.ends_with(".md") && !path.contains("src/");
    let documents: Vec<_> = texts.iter().filter(|it| is_document(it.0)).collect();
    let all = documents
        .iter()
        .flat_map(|(path, text)| links(text).into_iter().map(move |it| (*path, it)));
    let all: Vec<_> = all.collect();
    assert!(
        documents.len() > 8 && all.len() >= 20,
        "{} in {}",
        all.len(),
        documents.len()
    );
    let faults: Vec<_> = all
        .iter()
        .filter_map(|(from, link)| fault(&texts, from, link))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_link_to_nothing_is_found() {
    let text = "# A b: `c`\n[a](#a-b-c) [b](b.md#x) ![c](../no.png)\n```\n[d](e)\n```\n[f](https://example.com/)";
    assert_eq!(links(text), ["#a-b-c", "b.md#x", "../no.png"]);
    let texts = BTreeMap::from([("docs/aws.md".to_owned(), text.to_owned())]);
    let is_wrong = |link: &str| fault(&texts, AWS, link).is_some();
    assert!(!is_wrong("#a-b-c") && !is_wrong("../stack.toml") && !is_wrong("aws.md#a-b-c"));
    assert!(
        is_wrong("#a-b")
            && is_wrong("../no.png")
            && is_wrong("stack.toml")
            && is_wrong("../stack.toml#a")
    );
    assert_eq!(
        anchors("# A\n## A\n## A-1"),
        BTreeSet::from(["a", "a-1", "a-1-1"].map(String::from))
    );
}

/// The files of the code that a document names, by what stands between two backticks.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let spans = prose(text).flat_map(|line| line.split('`').skip(1).step_by(2));
    let ends = [".rs", ".py", ".md", ".txt", ".yml"];
    let is_path = move |it: &&str| {
        !it.contains([' ', '*', '…', '~'])
            && it.contains('/')
            && ends.iter().any(|end| it.ends_with(end))
    };
    spans.filter(is_path)
}

#[test]
fn every_file_of_the_code_that_a_document_names_is_there() {
    let (texts, mut count) = (texts(), 0);
    for (path, text) in texts
        .iter()
        .filter(|it| it.0.ends_with(".md") && it.0 != "CHANGELOG.md")
    {
        for file in named(text) {
            let is_there = |folder: &str| root().join(folder).join(file).is_file();
            assert!(
                [
                    "",
                    "src",
                    "crates/aws/src",
                    "crates/core/src",
                    "crates/sign-in/src"
                ]
                .into_iter()
                .any(is_there),
                "{path} names {file}, which is not there"
            );
            count += 1;
        }
    }
    assert!(count > 30, "only {count}");
    assert_eq!(
        named("a `b/c.rs`, `d.rs` and `e f/g.rs`").collect::<Vec<_>>(),
        ["b/c.rs"]
    );
}

/// Who comes for the first time reads the first page only.
#[test]
fn the_readme_is_short_and_begins_with_what_is_run() {
    let texts = texts();
    let readme = &texts["README.md"];
    assert!(
        readme.lines().count() < 150,
        "{} lines",
        readme.lines().count()
    );
    let first: Vec<_> = readme.lines().take(20).collect();
    for command in ["cargo run -- apply --sandbox ", "cargo test --workspace "] {
        assert!(
            first.iter().any(|line| line.starts_with(command)),
            "{command}"
        );
    }
    let documents = texts
        .keys()
        .filter(|it| it.starts_with("docs/") && it.ends_with(".md"));
    let linked: BTreeSet<_> = links(readme).into_iter().collect();
    let hidden: Vec<_> = documents
        .filter(|it| !linked.contains(it.as_str()) && !it.starts_with("docs/decisions/0"))
        .collect();
    assert!(hidden.is_empty(), "README.md does not lead to {hidden:?}");
}

#[test]
fn every_decision_has_a_number_a_date_and_what_was_rejected() {
    let texts = texts();
    let list = &texts["docs/decisions/README.md"];
    let decisions = texts
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("docs/decisions/")?, text)));
    let decisions: Vec<_> = decisions.filter(|(name, _)| *name != "README.md").collect();
    assert!(decisions.len() >= 20);
    for (index, (name, text)) in decisions.iter().enumerate() {
        assert!(
            name.starts_with(&format!("{:04}-", index + 1)),
            "{name} is not number {}",
            index + 1
        );
        assert!(
            text.starts_with(&format!("# {:04}. ", index + 1)),
            "{name} has another number in its title"
        );
        assert!(text.contains("\nDecided on 20"), "{name} has no date");
        assert!(
            text.split_once("\n## Rejected\n")
                .is_some_and(|it| it.1.contains("- **")),
            "{name}"
        );
        assert!(
            list.contains(&format!("]({name})")),
            "{name} is not in the list"
        );
    }
}

/// What runs on somebody's machine with the repository's name may read it, and is what was looked at.
#[test]
fn the_hosted_ci_may_only_read_and_runs_actions_of_a_known_content() {
    let texts = texts();
    let workflows = texts
        .iter()
        .filter(|it| it.0.starts_with(".github/workflows/"));
    let (mut count, mut calls) = (0, 0);
    for (path, text) in workflows {
        assert!(
            text.contains("\npermissions:\n  contents: read\n"),
            "{path}"
        );
        assert!(
            !text.contains(": write") && !text.contains("pull_request_target"),
            "{path}"
        );
        for action in text
            .lines()
            .filter_map(|line| line.split_once("uses: "))
            .map(|it| it.1)
        {
            let pinned = action
                .split_once('@')
                .map_or("", |it| it.1)
                .split(' ')
                .next()
                .unwrap_or_default();
            let is_hash = pinned.len() == 40 && pinned.chars().all(|it| it.is_ascii_hexdigit());
            assert!(is_hash && action.contains(" # v"), "{path}: {action}");
            count += 1;
        }
        calls += text.matches("run: .ci/run\n").count();
    }
    assert!(
        count > 0 && calls == 1,
        "{count} actions, {calls} calls of .ci/run"
    );
}
