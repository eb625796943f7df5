//! What is attached: used though it is somebody else's, changed where stack.toml declares
//! something, and given back as it was. Pure.
//!
//! There is no state file, so what has to be remembered stands in tags of the attached root:
//!
//! - `wsctl:attached` is the stack that attached it;
//! - `wsctl:made:PLACE` says that the child there is wsctl's, to be deleted one day;
//! - `wsctl:was:PLACE` holds the fields of what was bound there, as they were before (`memory.rs`);
//!   longer ones go on in `wsctl:was:PLACE:2`, `:3`…
//!
//! They are set before anything else is written, so that a run that is cut off is never forgotten.
//! Tags take few characters: in a place, every other one is written `=` and two hex digits.

use super::{Desired, at_path, memory::Memory};
use crate::{
    diff::Change,
    error::{Error, Result},
    owner::{Owner, Tags},
    spec::{Closing, Live, Traits},
    value::{self, Address},
};
use serde_json::{Map, Value, json};

const MADE: &str = "wsctl:made:";
/// The place of the root itself.
pub(super) const ROOT: &str = "root";
/// A tag's key has at most 128 characters (docs/aws.md §1.1), eleven of which come before a place.
const LONGEST_PLACE: usize = 117;
/// How many tags a resource can have (docs/aws.md §1.1); AWS's own do not count.
const MOST_TAGS: usize = 50;

/// Gives the children of everything attached their owner, and what they were, by the tags.
pub fn resolve(live: Vec<Live>, kinds: &[Traits]) -> Vec<Live> {
    let roots: Vec<_> = live
        .iter()
        .filter(|it| it.parent.is_none() && it.owner != Owner::Ours)
        .cloned()
        .collect();
    let mut live: Vec<_> = live
        .into_iter()
        .map(|it| {
            let root = roots.iter().find(|root| {
                it.address == root.address || it.parent.as_ref() == Some(&root.address)
            });
            match root.filter(|root| root.owner == Owner::Attached) {
                Some(root) => read(it, root, kinds),
                None if root.is_some() && it.parent.is_some() => Live {
                    owner: Owner::Nobody,
                    ..it
                },
                None => it,
            }
        })
        .collect();
    let ours: Vec<_> = live
        .iter()
        .filter(|it| it.owner == Owner::Ours && it.parent.is_some())
        .map(|it| it.address.clone())
        .collect();
    for it in &mut live {
        // What belongs to a child that is wsctl's is wsctl's too: the style of a client.
        if it
            .parent
            .as_ref()
            .is_some_and(|parent| ours.contains(parent))
        {
            it.owner = Owner::Ours;
        }
    }
    live
}

fn read(live: Live, root: &Live, kinds: &[Traits]) -> Live {
    let place = place(&live, super::traits(kinds, live.kind));
    if live.parent.is_some() && root.ownership_tags.contains_key(&format!("{MADE}{place}")) {
        return Live {
            owner: Owner::Ours,
            ..live
        };
    }
    let memory = Memory::read(&root.ownership_tags, &place);
    let owner = if live.parent.is_none() || memory.is_some() {
        Owner::Attached
    } else {
        Owner::Nobody
    };
    let was = live
        .was
        .clone()
        .or_else(|| memory.map(|it| patched(Value::clone(&live.spec), &it.was)));
    Live { owner, was, ..live }
}

/// How a tag names a resource: by what AWS itself knows it by.
fn place(live: &Live, traits: &Traits) -> String {
    if live.parent.is_none() {
        ROOT.to_owned()
    } else {
        place_of(traits, &live.name, &live.spec)
    }
}

fn place_of(traits: &Traits, name: &str, spec: &Value) -> String {
    let name = traits
        .identity
        .and_then(|field| spec[field].as_str())
        .unwrap_or(name);
    let place = quoted(&format!("{}.{name}", traits.table));
    if place.len() <= LONGEST_PLACE {
        return place;
    }
    // A tag's key has no room for all of a long name.
    let digest = value::digest(&json!(place));
    let start: String = place
        .chars()
        .take(LONGEST_PLACE - digest.len() - 2)
        .collect();
    format!("{start}=={digest}")
}

/// The tag that says that a child is wsctl's.
pub(super) fn made(traits: &Traits, name: &str, spec: &Value) -> Tags {
    Tags::from([(
        format!("{MADE}{}", place_of(traits, name, spec)),
        "1".to_owned(),
    )])
}

/// Every tag about this child or root.
pub(super) fn about(live: &Live, root: &Live, traits: &Traits) -> Vec<String> {
    let place = place(live, traits);
    let made = format!("{MADE}{place}");
    let is_about = |key: &&String| **key == made || Memory::is_about(key, &place);
    root.ownership_tags
        .keys()
        .filter(is_about)
        .cloned()
        .collect()
}

/// What is to be remembered of a child before `changes` are made to it, in tags.
pub(super) fn tags_of_child(live: &Live, root: &Live, traits: &Traits, changes: &[Change]) -> Tags {
    let memory = remember(live, root, traits, changes);
    memory
        .map(|it| it.tags(&place(live, traits)))
        .unwrap_or_default()
}

/// What is known before `changes` are made, where that is not remembered yet. What is remembered
/// already stays: it was before.
pub(super) fn remember(
    live: &Live,
    root: &Live,
    traits: &Traits,
    changes: &[Change],
) -> Option<Memory> {
    let before = Memory::read(&root.ownership_tags, &place(live, traits));
    let mut all = before.clone().unwrap_or_default();
    for field in traits.remembered {
        all.note(field, live.spec[*field].clone());
    }
    let is_added = |change: &&Change| traits.added_to.iter().any(|field| change.touches(field));
    for change in changes
        .iter()
        .filter(|it| traits.remembered.is_empty() && !is_added(it))
    {
        let whole = traits
            .together
            .iter()
            .copied()
            .find(|field| change.touches(field));
        let path = known_path(&live.spec, whole.unwrap_or(&change.path));
        all.note(path, at_path(&live.spec, path).cloned().unwrap_or_default());
    }
    (before.as_ref() != Some(&all)).then_some(all)
}

/// The path as far as there is anything: what is below nothing was never there by itself.
fn known_path<'a>(live: &Value, path: &'a str) -> &'a str {
    let parents = path.match_indices('.').map(|(at, _)| &path[..at]);
    let is_nothing = |path: &&str| at_path(live, path).is_none_or(Value::is_null);
    parents.chain([path]).find(is_nothing).unwrap_or(path)
}

/// How many tags a root has room for, beside its owner's, those of wsctl that stay, and `more`;
/// `None` where these are too many already. `later` are set by the root's kind itself.
pub(super) fn room(root: &Live, more: &Tags, later: usize) -> Option<usize> {
    let theirs = root.spec["tags"].as_object().map_or(0, Map::len);
    let stays = |key: &&String| !Memory::is_about(key, ROOT) && !more.contains_key(*key);
    let ours = root.ownership_tags.keys().filter(stays).count() + more.len();
    MOST_TAGS.checked_sub(theirs + ours + later)
}

fn patched(mut spec: Value, was: &Map<String, Value>) -> Value {
    for (path, old) in was {
        let place = path.split('.').fold(&mut spec, |tree, key| {
            if !tree.is_object() {
                *tree = json!({});
            }
            &mut tree[key]
        });
        *place = old.clone();
    }
    spec
}

/// The one resource that an existing table is about.
pub(super) fn the_one(desired: &Desired, mut there: Vec<Live>) -> Result<Live> {
    let what = format!(
        "{}: {} `{}`",
        desired.address,
        desired.kind,
        desired.spec["name"].as_str().unwrap_or_default()
    );
    let Some(live) = there.pop() else {
        return Err(Error::refused(format!("{what} is not there")).hint(
            "existing = true is for what is there already: correct the name, or remove that line",
        ));
    };
    if !there.is_empty() {
        let ids = there
            .iter()
            .chain([&live])
            .map(|it| it.outputs["id"].as_str().unwrap_or_default());
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        return Err(Error::refused(format!(
            "{what} is there {} times: {}",
            ids.len(),
            ids.join(", ")
        ))
        .hint("write id = \"…\" with one of them in place of the name"));
    }
    if live.owner == Owner::Ours {
        return Err(
            Error::refused(format!("{what} is this stack's own")).hint(format!(
                "remove existing = true; or give it away with `wsctl release {}`",
                desired.address
            )),
        );
    }
    Ok(live)
}

/// The spec of an existing root as far as it is managed: which one it is is no field to change,
/// and its tags stay its owner's.
pub(super) fn managed(desired: &Desired, live: &Live) -> Value {
    let mut spec = Value::clone(&desired.spec);
    if let Some(map) = spec.as_object_mut() {
        map.remove("tags");
        map.insert("name".into(), value::escaped(&live.spec["name"]));
    }
    spec
}

/// `spec` with every key that `live` has beside the declared ones, in the fields that AWS takes as
/// a whole.
pub fn laid_over(mut spec: Value, live: &Live, traits: &Traits) -> Value {
    for field in traits.whole {
        if let (Some(declared), Some(there)) =
            (spec[*field].as_object(), live.spec[*field].as_object())
        {
            let mut all = there.clone();
            all.extend(declared.clone());
            spec[*field] = Value::Object(all);
        }
    }
    spec
}

/// Why one that was bound cannot be what it was; it is then left closed.
pub(super) fn lost(
    closing: Closing,
    was: Option<&Value>,
    live: &[Live],
    parent: Option<&Address>,
) -> Option<String> {
    let Some(was) = was else {
        return Some("what it was is not known any more".into());
    };
    let is_there = |id: &str| {
        live.iter()
            .any(|it| it.parent.as_ref() == parent && it.outputs["id"] == id)
    };
    (closing.why)(was, &is_there)
}

/// Letters, digits and `+-._/` stay.
fn quoted(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'_' | b'/' => {
                all.push(char::from(byte));
            }
            other => all.push_str(&format!("={other:02X}")),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tag_cannot_hold_is_quoted_and_nothing_else_is_the_same() {
        let tag = quoted("routes.GET /users/{id}é");
        assert_eq!(tag, "routes.GET=20/users/=7Bid=7D=C3=A9");
        assert_ne!(quoted("a=20"), quoted("a "));
    }

    #[test]
    fn below_what_was_not_there_nothing_is_remembered() {
        let live = json!({ "a": { "b": null }, "c": "" });
        for (path, known) in [
            ("a.b.c.d", "a.b"),
            ("a.x.y", "a.x"),
            ("c", "c"),
            ("z.y", "z"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(known_path(&live, path), known);
        }
    }

    #[test]
    fn a_field_as_it_was_is_laid_over_what_is_there() {
        let was = json!({"a.b": 1, "c": null}).as_object().unwrap().clone();
        assert_eq!(
            patched(json!({"a": {"b": 2, "x": 3}, "c": "d"}), &was),
            json!({"a": {"b": 1, "x": 3}, "c": null})
        );
    }
}
