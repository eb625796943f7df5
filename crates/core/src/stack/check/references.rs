//! Whether every `${…}` leads somewhere, and none in a circle. Pure.

use crate::{
    plan::Desired,
    spec,
    stack::{
        schema::closest,
        source::{Diagnostic, Path, path},
    },
    value::{self, Address, KnownOutputs, Reference},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Malformed references, and those to the environment or to variables that are not set.
pub(crate) fn well_formed(tree: &Value, known: &KnownOutputs) -> Vec<Diagnostic> {
    let mut found = vec![];
    each_text(
        tree,
        &mut vec![],
        &mut |place, text| match value::references(text) {
            Err(error) => {
                let help = error
                    .hint
                    .clone()
                    .unwrap_or_else(|| "write ${ADDRESS.OUTPUT}".into());
                found.push(Diagnostic::error(place.clone(), error.message, help));
            }
            Ok(references) => {
                found.extend(references.iter().filter_map(|it| unset(place, it, known)))
            }
        },
    );
    found
}

fn unset(place: &Path, reference: &Reference, known: &KnownOutputs) -> Option<Diagnostic> {
    let name = &reference.output;
    let is_set = known
        .get(&reference.address)
        .is_some_and(|map| map.get(name).is_some());
    let (what, help) = match reference.address.segments() {
        [only] if only == "env" && !is_set => (
            "environment variable",
            format!("set it: export {name}=…, or remove ${{env.{name}}}"),
        ),
        [only] if only == "var" && !is_set => (
            "variable",
            format!("set {name} in [vars], or give it with --var {name}=…"),
        ),
        _ => return None,
    };
    Some(Diagnostic::error(
        place.clone(),
        format!("the {what} {name} is not set"),
        help,
    ))
}

/// Texts that become far more than a stack can need, such as variables made of each other ten times over.
pub(crate) fn bounded(tree: &Value, known: &KnownOutputs) -> Vec<Diagnostic> {
    if value::stays_bounded(tree, known) {
        return vec![];
    }
    let mut largest = (path(["vars"]), 0);
    each_text(tree, &mut vec![], &mut |place, text| {
        let count = value::references(text).map_or(0, |it| it.len());
        if count > largest.1 {
            largest = (place.clone(), count);
        }
    });
    let message = format!(
        "with its references resolved, the file has more than {} MB",
        value::MOST_RESOLVED >> 20
    );
    vec![Diagnostic::error(
        largest.0,
        message,
        "refer to a variable fewer times, or make it shorter",
    )]
}

/// References to resources or outputs that are not there.
pub(crate) fn known(tree: &Value, desired: &[Desired]) -> Vec<Diagnostic> {
    let mut found = vec![];
    each_text(tree, &mut vec![], &mut |place, text| {
        let references = value::references(text).unwrap_or_default();
        found.extend(
            references
                .iter()
                .filter_map(|it| unknown(place, it, desired)),
        );
    });
    found
}

fn unknown(place: &Path, reference: &Reference, desired: &[Desired]) -> Option<Diagnostic> {
    let Reference {
        address, output, ..
    } = reference;
    let mistake = |message: String, word: &str, words: Vec<String>| {
        let help = match closest(word, &words) {
            Some(close) => format!("did you mean `{close}`? There are: {}", words.join(", ")),
            None => format!("there are: {}", words.join(", ")),
        };
        Some(Diagnostic::error(place.clone(), message, help))
    };
    match address.segments() {
        [only] if only == "env" || only == "var" => return None,
        [only] if only == "stack" => {
            let words: Vec<_> = ["name", "region", "account"].map(String::from).into();
            let message = format!("the stack has no output `{output}`");
            return if words.contains(output) {
                None
            } else {
                mistake(message, output, words)
            };
        }
        _ => {}
    }
    let Some(target) = desired.iter().find(|it| it.address == *address) else {
        let message = format!("there is no `{address}` in this file");
        let word = address.to_string();
        let all: Vec<_> = desired.iter().map(|it| it.address.to_string()).collect();
        return match closest(&word, &all) {
            Some(close) => Some(Diagnostic::error(
                place.clone(),
                message,
                format!("did you mean `{close}`?"),
            )),
            // A stack has dozens of addresses: the short ones show the way.
            None => mistake(
                message,
                &word,
                all.into_iter()
                    .filter(|it| !it.contains('"'))
                    .take(12)
                    .collect(),
            ),
        };
    };
    let kind = spec::all()
        .into_iter()
        .find(|kind| kind.name == target.kind);
    let words = kind.map(|kind| (kind.outputs)()).unwrap_or_default();
    if words.contains(output) {
        return None;
    }
    mistake(
        format!("`{address}` has no output `{output}`"),
        output,
        words,
    )
}

fn each_text(tree: &Value, place: &mut Path, visit: &mut dyn FnMut(&Path, &str)) {
    match tree {
        Value::String(text) => visit(place, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                place.push(index.to_string());
                each_text(item, place, visit);
                place.pop();
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                place.push(key.clone());
                each_text(value, place, visit);
                place.pop();
            }
        }
        _ => {}
    }
}

/// Puts what is needed before what needs it; a circle is a mistake, shown in `tree`.
pub(crate) fn sort(desired: Vec<Desired>, tree: &Value) -> Result<Vec<Desired>, Box<Diagnostic>> {
    let needs = Needs::of(&desired);
    let (mut sorted, mut done, mut rest) = (vec![], BTreeSet::new(), desired);
    while !rest.is_empty() {
        let is_ready = |it: &Desired| needs.at(it).all(|need| done.contains(need));
        let (ready, waiting): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_ready);
        if ready.is_empty() {
            return Err(Box::new(circle(&waiting, &needs, tree)));
        }
        done.extend(ready.iter().map(|it| it.address.clone()));
        sorted.extend(ready);
        rest = waiting;
    }
    Ok(sorted)
}

/// What each needs of all that is declared. A stage needs whatever else its API has.
struct Needs(BTreeMap<Address, BTreeSet<Address>>);

impl Needs {
    fn of(desired: &[Desired]) -> Self {
        let all: BTreeSet<_> = desired.iter().map(|it| it.address.clone()).collect();
        let kinds = spec::all().into_iter().filter(|it| it.after_siblings);
        let last: Vec<_> = kinds.map(|it| it.name).collect();
        let is_last = |it: &Desired| last.contains(&it.kind);
        let siblings = |of: &Desired| {
            let parent = of.parent.clone().filter(|_| is_last(of));
            let parent = parent.into_iter();
            let all = parent.flat_map(|parent| {
                let children = desired.iter();
                children.filter(move |it| it.parent.as_ref() == Some(&parent) && !is_last(it))
            });
            all.map(|it| it.address.clone()).collect::<Vec<_>>()
        };
        let needs = desired.iter().map(|it| {
            let needs = it.needs().into_iter().filter(|need| all.contains(need));
            (it.address.clone(), needs.chain(siblings(it)).collect())
        });
        Self(needs.collect())
    }

    fn at(&self, it: &Desired) -> impl Iterator<Item = &Address> {
        self.0.get(&it.address).into_iter().flatten()
    }
}

fn circle(waiting: &[Desired], needs: &Needs, tree: &Value) -> Diagnostic {
    let needs_waiting = |it: &Desired| {
        waiting
            .iter()
            .find(|other| needs.at(it).any(|need| *need == other.address))
    };
    let mut way = vec![&waiting[0]];
    while let Some(next) = way.last().and_then(|it| needs_waiting(it)) {
        if let Some(start) = way.iter().position(|it| it.address == next.address) {
            way.drain(..start);
            way.push(next);
            break;
        }
        way.push(next);
    }
    let names: Vec<_> = way.iter().map(|it| it.address.to_string()).collect();
    let table = path(way[0].address.segments().iter().take(2).cloned());
    let place = first_reference(tree, &table, &way).unwrap_or(table);
    let help = "leave out one of these references, or write the value out";
    Diagnostic::error(
        place,
        format!("these need one another: {}", names.join(" → ")),
        help,
    )
}

/// The first text below `table` that leads further along `way`.
fn first_reference(tree: &Value, table: &Path, way: &[&Desired]) -> Option<Path> {
    let below = table.iter().try_fold(tree, |tree, key| tree.get(key))?;
    let mut found = None;
    each_text(below, &mut table.clone(), &mut |place, text| {
        let references = value::references(text).unwrap_or_default();
        if found.is_none()
            && references
                .iter()
                .any(|it| way.iter().any(|on| on.address == it.address))
        {
            found = Some(place.clone());
        }
    });
    found
}
