//! Where the dependencies come from and under which licences, by the lock file and `deny.toml`, without the
//! network; and the notices of a released program.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};
use toml::Table;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table(name: &str) -> Table {
    std::fs::read_to_string(root().join(name))
        .unwrap()
        .parse()
        .unwrap()
}

/// What cargo answers of this repository by its lock file, without the network.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What cargo says of the packages of this machine's platform: the others are not on it.
fn packages() -> Vec<Value> {
    let said = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let host = said
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let said = cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        host,
    ]);
    let found: Value = serde_json::from_str(&said).unwrap();
    found["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| !it["source"].is_null())
        .cloned()
        .collect()
}

/// What cargo builds for this machine with these edges, each package with its features.
fn built(edges: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--prefix", "none", "--format", "{p} {f}", "--edges"];
    cargo(&[&tree, edges].concat())
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

/// With another feature a package, and all that stands on it, would be compiled once for the program and
/// once for the tests.
#[test]
fn the_program_alone_is_made_of_what_the_tests_are() {
    let alone = built(&["normal,build"]);
    let with_tests = built(&["normal,build,dev", "--workspace"]);
    let other: Vec<_> = alone.difference(&with_tests).collect();
    assert!(!alone.is_empty() && other.is_empty(), "{other:?}");
}

/// The licences that `deny.toml` allows a crate.
fn allowed(deny: &Table, name: &str) -> BTreeSet<String> {
    let texts = |list: &toml::Value| -> Vec<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect()
    };
    let exceptions = deny["licenses"]["exceptions"].as_array().unwrap();
    let own = exceptions
        .iter()
        .filter(|it| it["crate"].as_str() == Some(name))
        .flat_map(|it| texts(&it["allow"]));
    texts(&deny["licenses"]["allow"])
        .into_iter()
        .chain(own)
        .collect()
}

/// Whether an SPDX expression can be met; `/` is an old way of writing OR. Ands bind before ors.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "{expression} is not understood");
    met
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut name = words[*at].to_owned();
    *at += 1;
    if name == "(" {
        let met = either(words, at, allowed);
        assert_eq!(words.get(*at), Some(&")"));
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words[*at + 1]);
        *at += 2;
    }
    allowed.contains(&name)
}

#[test]
fn an_expression_is_met_by_one_side_of_an_or_and_by_both_of_an_and() {
    let allowed = ["MIT", "ISC", "A WITH e"].map(ToOwned::to_owned).into();
    for met in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "MIT AND ISC",
        "(GPL-3.0 OR ISC) AND MIT",
        "A WITH e",
    ] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "A",
        "(MIT OR ISC) AND GPL-3.0",
        "GPL-3.0 OR ISC AND GPL-3.0",
    ] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_crate_is_of_the_one_registry_with_a_checksum_and_of_a_licence_that_is_allowed() {
    let deny = table("deny.toml");
    let lock = table("Cargo.lock");
    let locked = lock["package"].as_array().unwrap();
    let foreign = locked.iter().filter(|it| it.get("source").is_some());
    let mut count = 0;
    for package in foreign {
        assert_eq!(package["source"].as_str(), Some(CRATES_IO), "{package}");
        assert_eq!(
            package["checksum"].as_str().map(str::len),
            Some(64),
            "{package}"
        );
        let name = package["name"].as_str().unwrap();
        let denied = deny["bans"]["deny"].as_array().unwrap();
        assert!(
            !denied.iter().any(|it| it["crate"].as_str() == Some(name)),
            "{name} is denied"
        );
        count += 1;
    }
    assert!(count > 300, "only {count}");
    let packages = packages();
    for package in &packages {
        let (name, license) = (
            package["name"].as_str().unwrap(),
            package["license"].as_str().unwrap_or("none"),
        );
        assert!(is_met(license, &allowed(&deny, name)), "{name}: {license}");
    }
    // What is allowed and nobody needs would only let something in.
    let needed = |licence: &str| {
        packages
            .iter()
            .any(|it| it["license"].as_str().unwrap().contains(licence))
    };
    let needless: Vec<_> = allowed(&deny, "")
        .into_iter()
        .filter(|it| !needed(it))
        .collect();
    assert!(needless.is_empty(), "{needless:?}");
}

#[test]
fn the_notices_name_every_crate_of_the_program_with_its_licence() {
    let output = Command::new(root().join(".ci/notices"))
        .env("CARGO_NET_OFFLINE", "true")
        .current_dir(root())
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let (list, texts) = text.split_once("\n====").unwrap();
    let named: BTreeMap<_, _> = list
        .lines()
        .filter_map(|it| it.split_once(": "))
        .filter(|it| !it.0.starts_with(' '))
        .collect();
    let manifest = table("Cargo.toml");
    let of_more_than_one = manifest["workspace"]["dependencies"].as_table().unwrap();
    let direct = manifest["dependencies"].as_table().unwrap();
    let is_told_here = |it: &toml::Value| it.get("path").or(it.get("workspace")).is_none();
    let direct = direct.iter().chain(of_more_than_one);
    for (direct, _) in direct.filter(|it| is_told_here(it.1)) {
        assert!(
            named
                .keys()
                .any(|it| it.rsplit_once(' ').unwrap().0 == direct),
            "{direct} is not named"
        );
    }
    // What tests use is not in the program.
    assert!(
        !named
            .keys()
            .any(|it| it.starts_with("proptest ") || it.starts_with("insta "))
    );
    for (name, licence) in &named {
        let is_there = texts.contains(*name)
            || list.contains(&format!("{name}: {licence}\n    (published without a text"));
        assert!(is_there, "{name} has no text");
    }
    assert!(
        texts.matches("Permission is hereby granted").count() > 20
            && texts.contains("Apache License")
    );
}
