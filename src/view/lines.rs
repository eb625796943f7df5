//! What is said of a resource below its name, line by line, in every form of a plan. Pure.

use super::{declared, shown};
use crate::{
    diff::{Change, is_empty},
    plain::plain,
    plan::{Action, Step, at_path},
    spec::traits_of,
    value::{KnownOutputs, needs},
};
use serde_json::Value;

/// How much of a plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A line for each resource.
    Brief,
    /// What stack.toml says, and what changes of it.
    Usual,
    /// Also what is empty, or made by wsctl of other fields; and of what is known after apply only, that it is so.
    All,
}

/// What a line says of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It will be there.
    There,
    /// It is taken away.
    Removed,
    /// It comes.
    Added,
    /// It will be another one.
    Changed,
    /// Only about it.
    About,
    /// It is lost, or open to everyone.
    Alarm,
}

#[derive(Debug, PartialEq)]
pub struct Line {
    pub mark: Mark,
    pub text: String,
}

impl Line {
    fn new(mark: Mark, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { mark, text }
    }
}

/// All lines of a step.
pub fn of_step(step: &Step, known: &KnownOutputs, detail: Detail) -> Vec<Line> {
    // What is given back is as AWS had it, not as the file has it.
    let written = if step.gives_back {
        &Value::Null
    } else {
        &step.spec
    };
    let of = Telling {
        derived: traits_of(step.kind).map_or(&[], |it| it.derived),
        written,
        known,
        is_all: detail == Detail::All,
    };
    let mut lines = vec![];
    match step.action {
        Action::Create if detail != Detail::Brief => of.planned(&mut lines, "", &step.planned),
        Action::Update | Action::Replace => {
            step.shown().iter().for_each(|it| of.change(&mut lines, it));
        }
        Action::Create | Action::Delete => {}
    }
    if !step.late.is_empty() {
        lines.push(Line::new(Mark::About, set_last(step)));
    }
    if let Some(lost) = step.lost {
        lines.push(Line::new(Mark::Alarm, lost));
    }
    if is_open_to_everyone(step) {
        lines.push(Line::new(Mark::Alarm, "anyone may call this"));
    }
    lines
}

/// Every leaf of a tree that is there.
pub fn of_tree(tree: &Value, show: &dyn Fn(&str, &Value) -> Option<String>) -> Vec<Line> {
    let mut lines = vec![];
    leaves(&mut lines, "", tree, show);
    lines
}

fn leaves(
    lines: &mut Vec<Line>,
    path: &str,
    tree: &Value,
    show: &dyn Fn(&str, &Value) -> Option<String>,
) {
    match tree {
        Value::Object(map) => {
            for (key, value) in map {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                leaves(lines, &below, value, show);
            }
        }
        Value::Null => {}
        leaf => {
            let text = show(path, leaf).map(|value| format!("{} = {value}", plain(path)));
            lines.extend(text.map(|text| Line::new(Mark::There, text)));
        }
    }
}

/// What stands for a value that apply makes.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

struct Telling<'a> {
    /// Fields that stack.toml does not have.
    derived: &'static [&'static str],
    written: &'a Value,
    known: &'a KnownOutputs,
    is_all: bool,
}

impl Telling<'_> {
    fn is_derived(&self, path: &str) -> bool {
        !self.is_all && self.derived.contains(&path)
    }

    fn declared(&self, path: &str, value: &Value) -> String {
        declared(value, at_path(self.written, path), self.known)
    }

    fn planned(&self, lines: &mut Vec<Line>, path: &str, tree: &Value) {
        leaves(lines, path, tree, &|path, leaf| {
            let value = self.declared(path, leaf);
            if self.is_all {
                return Some(value);
            }
            let is_told = !is_empty(leaf) && !self.is_derived(path);
            match is_told && value.trim_matches(['[', ']']) == KNOWN_AFTER_APPLY {
                true => self.named(path),
                false => is_told.then_some(value),
            }
        });
    }

    fn change(&self, lines: &mut Vec<Line>, change: &Change) {
        let Change { path, old, new } = change;
        let name = plain(path);
        if old == new {
            // The stage is deployed again though its content has the same digest.
            let text = format!("{name}: once more, to make the repairs live");
            lines.push(Line::new(Mark::Changed, text));
        } else if self.is_derived(path) {
            lines.push(Line::new(Mark::Changed, format!("{name}: another one")));
        } else if let (Value::Array(old), Value::Array(new)) = (old, new)
            && old.len() + new.len() > 2
        {
            lines.push(Line::new(Mark::Changed, format!("{name}:")));
            let gone = old.iter().filter(|it| !new.contains(it));
            lines.extend(gone.map(|it| Line::new(Mark::Removed, shown(it))));
            let comes = new.iter().filter(|it| !old.contains(it));
            lines.extend(comes.map(|it| Line::new(Mark::Added, self.item(path, it))));
            if old.iter().all(|it| new.contains(it)) && old.len() == new.len() {
                lines.push(Line::new(Mark::About, "in another order"));
            }
        } else if let (Some(old), Some(text)) = (long(old), long(new))
            // What comes from the environment is never told itself.
            && self.declared(path, new) == shown(new)
        {
            lines.push(Line::new(Mark::Changed, format!("{name}:")));
            by_line(lines, old, text);
        } else {
            let new = self.declared(path, new);
            let named = self
                .named(path)
                .filter(|_| new == KNOWN_AFTER_APPLY && !self.is_all);
            let text = format!("{name}: {} → {}", shown(old), named.unwrap_or(new));
            lines.push(Line::new(Mark::Changed, text));
        }
    }

    /// What a field names of which the value is known after apply only.
    fn named(&self, path: &str) -> Option<String> {
        let written = at_path(self.written, path)?;
        let named: Vec<_> = needs(written).iter().map(ToString::to_string).collect();
        let named = plain(&named.join(", ")).into_owned();
        match written {
            _ if named.is_empty() => None,
            Value::Array(_) => Some(format!("[{named}]")),
            _ => Some(named),
        }
    }

    /// An item of a list, as it is declared there.
    fn item(&self, path: &str, item: &Value) -> String {
        let text = self.declared(path, &Value::Array(vec![item.clone()]));
        let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        inner.unwrap_or(&text).to_owned()
    }
}

/// A text of several lines.
fn long(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| text.contains('\n'))
}

/// What is between the lines that both begin and end with.
fn by_line(lines: &mut Vec<Line>, old: &str, new: &str) {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let same = |a: &mut dyn Iterator<Item = (&&str, &&str)>| a.take_while(|(a, b)| a == b).count();
    let begin = same(&mut old.iter().zip(&new));
    let most = old.len().min(new.len()) - begin;
    let end = same(&mut old.iter().rev().zip(new.iter().rev()).take(most));
    let part = |mark, all: &[&str]| -> Vec<Line> {
        let middle = all[begin..all.len() - end].iter();
        middle.map(|it| Line::new(mark, plain(it))).collect()
    };
    lines.extend(part(Mark::Removed, &old));
    lines.extend(part(Mark::Added, &new));
}

/// Which fields a write of their own sets, and what it waits for.
fn set_last(step: &Step) -> String {
    let named: Vec<_> = step.waits_for().iter().map(ToString::to_string).collect();
    let are = if named.len() == 1 { "is" } else { "are" };
    format!(
        "sets {} last, once {} {are} ready",
        step.late.join(", "),
        plain(&named.join(", "))
    )
}

fn is_open_to_everyone(step: &Step) -> bool {
    let is_open = traits_of(step.kind).and_then(|it| it.open_to_everyone);
    is_open.is_some_and(|is_open| is_open(&step.name, &step.planned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn lines(path: &str, old: Value, new: Value) -> Vec<(Mark, String)> {
        let (known, mut lines) = (KnownOutputs::new(), vec![]);
        let written = json!({ path: new });
        let telling = Telling {
            derived: &["code"],
            written: &written,
            known: &known,
            is_all: false,
        };
        let change = Change {
            path: path.to_owned(),
            old,
            new,
        };
        telling.change(&mut lines, &change);
        lines.into_iter().map(|it| (it.mark, it.text)).collect()
    }

    #[test]
    fn a_list_is_told_by_item_a_text_by_line_and_a_digest_not_at_all() {
        let urls = lines("urls", json!(["a", "b"]), json!(["b", "c"]));
        let told = [
            (Mark::Changed, "urls:".to_owned()),
            (Mark::Removed, "\"a\"".to_owned()),
            (Mark::Added, "\"c\"".to_owned()),
        ];
        assert_eq!(urls, told);
        let text = lines("body", json!("one\ntwo\nthree"), json!("one\n2\nthree"));
        let told = [
            (Mark::Changed, "body:".to_owned()),
            (Mark::Removed, "two".to_owned()),
            (Mark::Added, "2".to_owned()),
        ];
        assert_eq!(text, told);
        let code = lines("code", json!("x"), json!("y"));
        assert_eq!(code, [(Mark::Changed, "code: another one".to_owned())]);
    }

    #[test]
    fn what_the_environment_gives_is_not_told_in_any_form() {
        let (known, written) = (KnownOutputs::new(), json!({ "body": "${env.CANARY}" }));
        let telling = Telling {
            derived: &[],
            written: &written,
            known: &known,
            is_all: true,
        };
        for new in ["canary", "canary\ntwo"] {
            let mut lines = vec![];
            let change = Change {
                path: "body".into(),
                old: json!("a\nb"),
                new: json!(new),
            };
            telling.change(&mut lines, &change);
            assert!(
                lines.iter().all(|it| !it.text.contains("canary")),
                "{lines:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_lines_that_go_and_come_are_all_that_differs(
            old in prop::collection::vec("[ab]", 2..6), new in prop::collection::vec("[ab]", 2..6),
        ) {
            let mut told = vec![];
            by_line(&mut told, &old.join("\n"), &new.join("\n"));
            let of = |mark| told.iter().filter(move |it| it.mark == mark).count();
            prop_assert_eq!(old.len() - of(Mark::Removed), new.len() - of(Mark::Added));
            prop_assert_eq!(told.is_empty(), old == new);
        }
    }
}
