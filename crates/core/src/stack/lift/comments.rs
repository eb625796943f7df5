//! What the file says beside its tables. Pure.

use crate::plain::steers;
use serde_json::Value;
use std::collections::BTreeMap;

/// The way to a table or a key.
pub(super) type Path = Vec<String>;

/// Lines above a table or a key, by its path.
#[derive(Default)]
pub(super) struct Comments(BTreeMap<Path, Vec<String>>);

impl Comments {
    pub(super) fn add(&mut self, path: impl IntoIterator<Item = String>, text: impl Into<String>) {
        let (lines, text) = (
            self.0.entry(path.into_iter().collect()).or_default(),
            text.into(),
        );
        if !lines.contains(&text) {
            lines.push(text);
        }
    }

    /// The same comments, each at a place that `tree` has: what was about something that is not
    /// there stands above the table around it.
    pub(super) fn at_home(&self, tree: &Value) -> Self {
        let mut home = Self::default();
        for (path, lines) in &self.0 {
            let there = (0..=path.len())
                .rev()
                .map(|end| &path[..end])
                .find(|path| at(tree, path).is_some());
            lines
                .iter()
                .for_each(|line| home.add(there.unwrap_or_default().to_vec(), line.clone()));
        }
        home
    }

    /// The lines at a place, as TOML takes them: it allows no control characters in a comment.
    pub(super) fn lines(&self, path: &[String]) -> impl Iterator<Item = String> {
        let printable = |c: char| if steers(c) && c != '\t' { ' ' } else { c };
        let lines = self.0.get(path).into_iter().flatten();
        lines.map(move |line| line.chars().map(printable).collect())
    }
}

/// What stands at a path.
pub(super) fn at<'a>(tree: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(tree, |tree, key| match tree {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => tree.get(key),
    })
}

/// A value as a comment shows it: on one line, and not all of a long one.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_comment_on_what_is_not_there_stands_above_the_table_around_it() {
        let mut comments = Comments::default();
        let path = |text: &str| text.split('.').map(ToOwned::to_owned).collect::<Path>();
        comments.add(path("a.b.c"), "one\nline\u{7f}");
        comments.add(path("x.y"), "nowhere");
        let home = comments.at_home(&json!({ "a": { "b": {} } }));
        assert_eq!(home.lines(&path("a.b")).collect::<Vec<_>>(), ["one line "]);
        assert_eq!(home.lines(&[]).collect::<Vec<_>>(), ["nowhere"]);
    }
}
