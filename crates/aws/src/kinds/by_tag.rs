//! Finding roots to which AWS gives an id, and of which several may have one name: by tag and by name, since
//! neither tells everything.

use crate::{
    aws::{Aws, Reads},
    error::{Error, ErrorKind, Result},
    kind::{Declared, Kind, Listed},
    owner::{Owner, Tags, ownership_tags},
    spec::Found,
};
use futures::future::try_join_all;
use std::{collections::BTreeSet, future::Future};

/// A kind with a list that tells names and ids.
pub(super) trait ByTag: Kind {
    /// What stands before the id in its ARN.
    const MARKER: &'static str;

    fn name(&self) -> &str;

    /// As far as its ARN tells them; `name` is what it should be called.
    fn outputs_by_arn(aws: &Aws, arn: &str, id: &str, name: &str) -> Self::Outputs;

    /// The id and the name among its outputs.
    fn id_and_name(outputs: &Self::Outputs) -> (&str, &str);

    /// The ids of all of this name, whoever's they are.
    fn ids(aws: &Aws, name: &str) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// The tags and outputs of the one with this id; `None` where there is none.
    fn ask(
        reads: &Reads,
        id: &str,
    ) -> impl Future<Output = Result<Option<(Tags, Self::Outputs)>>> + Send;
}

/// Some of a kind by address, which need not be one that the file declares.
type Seen<K> = Vec<(String, <K as crate::spec::Produces>::Outputs)>;

/// The stack's as the tagging API has them; where it has none for an address, those of the wanted name,
/// whoever's they are.
pub(super) async fn find<K: ByTag>(reads: &Reads, wanted: &Declared<K>) -> Result<Vec<Listed<K>>> {
    let mut seen = tagged::<K>(reads, wanted).await?;
    let is_seen = |address: &String| seen.iter().any(|(it, _)| it == address);
    let lacking = wanted.iter().filter(|(address, _)| !is_seen(address));
    let named = lacking.map(|(address, it)| named::<K>(reads, address, it.name()));
    for (ours, others) in try_join_all(named).await? {
        let more = if ours.is_empty() { others } else { ours };
        for it in more {
            let id = |it: &(String, K::Outputs)| K::id_and_name(&it.1).0.to_owned();
            if !seen.iter().any(|there| id(there) == id(&it)) {
                seen.push(it);
            }
        }
    }
    Ok(seen
        .into_iter()
        .map(|(name, outputs)| Listed::id(name, outputs))
        .collect())
}

/// Makes sure that one which the tagging API has, and the service has not, leaves none to be found.
///
/// That index names a deleted one for up to 30 days and learns of a new one late (docs/aws.md §1.1).
/// When the one of this name was just made anew, to go on would make it once more.
pub(super) async fn confirm_gone<K: ByTag>(reads: &Reads, gone: &K::Outputs) -> Result<()> {
    let (_, name) = K::id_and_name(gone);
    if name.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<_> = tagged::<K>(reads, &Declared::new())
        .await?
        .iter()
        .map(|(_, outputs)| K::id_and_name(outputs).0.to_owned())
        .collect();
    let (ours, _) = named::<K>(reads, "", name).await?;
    let mut ids = ours.iter().map(|(_, outputs)| K::id_and_name(outputs).0);
    match ids.find(|id| !known.contains(*id)) {
        None => Ok(()),
        Some(new) => Err(Error::new(
            ErrorKind::Aws,
            format!(
                "the {} {new} is this stack's, but AWS's index of tags does not have it yet",
                K::NAME
            ),
        )
        .hint("wait a minute, then run the same command again")),
    }
}

/// One that is there, with what its tags say of it.
pub(super) fn found<K: ByTag>(
    reads: &Reads,
    name: &str,
    tags: &Tags,
    spec: K,
    outputs: K::Outputs,
) -> Found<K> {
    Found {
        name: reads.address_of(tags, Some(name), name),
        owner: reads.owner_of(tags),
        ownership_tags: ownership_tags(tags),
        ..Found::child(name, spec, outputs)
    }
}

/// One that was there at the look is not any more.
pub(super) fn gone<K: ByTag>(id: &str) -> Error {
    Error::new(ErrorKind::Aws, format!("the {} {id} is gone", K::NAME))
        .hint("it was deleted meanwhile; run the same command again")
}

/// Those that the tagging API has as the stack's. One without an address in its tags is the only one that the
/// file declares.
async fn tagged<K: ByTag>(reads: &Reads, wanted: &Declared<K>) -> Result<Seen<K>> {
    let all = reads.tagged().await?;
    let ours = all
        .iter()
        .filter_map(|it| Some((it, it.arn.split_once(K::MARKER)?.1)));
    let usual = || K::NAME.replace(' ', "_");
    let only = wanted.keys().next().cloned().unwrap_or_else(usual);
    Ok(ours
        .map(|(it, id)| {
            let address = reads.address_of(&it.tags, None, &only);
            let name = wanted.get(&address).map_or("", K::name);
            let outputs = K::outputs_by_arn(&reads.aws, &it.arn, id, name);
            (address, outputs)
        })
        .collect())
}

/// Those of this name: the stack's own, and others, which may become the one of the address.
async fn named<K: ByTag>(reads: &Reads, address: &str, name: &str) -> Result<(Seen<K>, Seen<K>)> {
    let key = format!("each {} named {name}", K::NAME);
    let ids = reads.memo(&key, K::ids(&reads.aws, name)).await?;
    let seen = try_join_all(ids.iter().map(|id| K::ask(reads, id))).await?;
    let (mut ours, mut others) = (vec![], vec![]);
    for (tags, outputs) in seen.into_iter().flatten() {
        let seen = if reads.owner_of(&tags) == Owner::Ours {
            &mut ours
        } else {
            &mut others
        };
        seen.push((reads.address_of(&tags, None, address), outputs));
    }
    Ok((ours, others))
}
