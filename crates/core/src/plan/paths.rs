//! A path parameter that was renamed, `/users/{id}` → `/users/{name}`. Pure.
//!
//! Below a resource API Gateway takes one variable part (docs/aws.md §5), so the new one cannot be made
//! beside the old one: the old one is renamed in place, and everything below it stays. Callers notice
//! nothing, since the stage serves its deployment.

use super::{Action, Desired, Step, attach, traits};
use crate::{
    error::{Error, ErrorKind, Result},
    owner::{Owner, Retag},
    spec::{Live, Traits},
    value::Address,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// By renamed resource, what has to be remembered and forgotten of it and of what is below it in an
/// attached API, whose tags tell what is wsctl's by its path.
pub(super) type Renamed = BTreeMap<Address, Retag>;

/// Gives every resource that is there under another parameter's name, and what is declared below it,
/// its new address.
pub(super) fn follow(
    desired: &[Desired],
    live: Vec<Live>,
    kinds: &[Traits],
) -> Result<(Vec<Live>, Renamed)> {
    let mut paths = Paths {
        desired,
        kinds,
        before: live.clone(),
        now: live,
    };
    let (mut renamed, mut refusals) = (Renamed::new(), vec![]);
    for new in desired
        .iter()
        .filter(|it| is_variable(part(&it.name)) && is_path(kinds, it))
    {
        match paths
            .other(new)
            .map(|at| (at, paths.now[at].owner == Owner::Ours))
        {
            Some((at, true)) => drop(renamed.insert(new.address.clone(), paths.rename(at, new))),
            Some((at, false)) => refusals.push(refusal(new, &paths.before[at].name)),
            None => {}
        }
    }
    match refusals.into_iter().reduce(all_of) {
        Some(error) => Err(error),
        None => Ok((paths.now, renamed)),
    }
}

/// A parameter that somebody else's resource has another name for.
fn refusal(new: &Desired, there: &str) -> Error {
    let (above, wanted) = new.name.rsplit_once('/').unwrap_or_default();
    Error::refused(format!(
        "{}: the API has {there} already, which is not wsctl's, and below {above}/ there can be one parameter",
        new.address
    ))
    .hint(format!("write {} in place of {wanted} in the routes below {above}/", part(there)))
}

fn all_of(all: Error, next: Error) -> Error {
    let hints = [&all.hint, &next.hint]
        .into_iter()
        .flatten()
        .flat_map(|hint| hint.lines());
    Error::of_lines(ErrorKind::Refused, format!("{all}\n{next}").lines()).hints(hints)
}

struct Paths<'a> {
    desired: &'a [Desired],
    kinds: &'a [Traits],
    /// What is there, as AWS calls it.
    before: Vec<Live>,
    /// The same, with its new addresses.
    now: Vec<Live>,
}

impl Paths<'_> {
    /// The resource that is where `new` belongs under another parameter's name.
    fn other(&self, new: &Desired) -> Option<usize> {
        if self.now.iter().any(|it| it.address == new.address) {
            return None;
        }
        let (above, _) = new.name.rsplit_once('/')?;
        let api = new.parent.as_ref()?;
        let id = match above {
            "" => &self.now.iter().find(|it| it.address == *api)?.outputs["root_resource_id"],
            above => {
                &self
                    .now
                    .iter()
                    .find(|it| is_beside(it, new) && it.name == above)?
                    .outputs["id"]
            }
        };
        let is_sibling = |it: &Live| it.kind == new.kind && it.spec["parent_id"] == *id;
        self.now
            .iter()
            .position(|it| is_sibling(it) && it.spec["path_part"].as_str().is_some_and(is_variable))
    }

    /// Renames a resource, and what is declared below it.
    fn rename(&mut self, at: usize, new: &Desired) -> Retag {
        let mut tags = Retag::default();
        let old = self.before[at].name.clone();
        let root = self
            .now
            .iter()
            .find(|it| Some(&it.address) == new.parent.as_ref())
            .cloned();
        for index in 0..self.now.len() {
            let Some(moved) = self
                .moved(index, &old, new)
                .filter(|it| index == at || self.is_declared(it))
            else {
                continue;
            };
            let before = &self.before[index];
            if let Some(root) = root.as_ref().filter(|it| it.owner != Owner::Ours) {
                let traits = traits(self.kinds, moved.kind);
                tags.set
                    .extend(attach::made(traits, &moved.name, &moved.spec));
                tags.unset.extend(attach::about(before, root, traits));
            }
            self.now[index] = moved;
        }
        tags
    }

    /// What is at the path `old` or below it, as it will be called.
    fn moved(&self, index: usize, old: &str, new: &Desired) -> Option<Live> {
        let (live, api) = (&self.before[index], new.parent.as_ref()?);
        if live.parent.as_ref() != Some(api) || live.owner != Owner::Ours {
            return None;
        }
        let traits = traits(self.kinds, live.kind);
        let (before, path) = traits.path?(&live.name);
        let below = path
            .strip_prefix(old)
            .filter(|it| it.is_empty() || it.starts_with('/'))?;
        let path = format!("{}{below}", new.name);
        let name = format!("{before}{path}");
        let address = api.join(traits.table).join(&name);
        let mut outputs = live.outputs.clone();
        if let Some(it) = outputs.get_mut("path") {
            *it = json!(path);
        }
        Some(Live {
            address,
            name,
            outputs,
            ..live.clone()
        })
    }

    fn is_declared(&self, live: &Live) -> bool {
        self.desired.iter().any(|it| it.address == live.address)
    }
}

fn is_beside(live: &Live, new: &Desired) -> bool {
    live.kind == new.kind && live.parent == new.parent
}

/// Whether its name is a path, and it is the last part of that.
fn is_path(kinds: &[Traits], it: &Desired) -> bool {
    traits(kinds, it.kind)
        .path
        .is_some_and(|path| path(&it.name).0.is_empty())
}

fn part(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |it| it.1)
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

/// Whether the step makes a resource take all of the rest of a path: nothing may be below it then.
pub(super) fn becomes_greedy(step: &Step) -> bool {
    let is_greedy = |it: &Value| it.as_str().is_some_and(|part| part.ends_with("+}"));
    step.action == Action::Update
        && step
            .changes
            .iter()
            .any(|change| change.path == "path_part" && is_greedy(&change.new))
}
