//! What is remembered of a build: which zip it made, and of what. Reads and writes files of the cache.
//!
//! It lies in the user's cache and not beside the zip, since a repository that was cloned may come with
//! files beside its stack.toml, and what is said here is uploaded without looking at the sources.

use super::{
    Package, Start, check,
    inputs::{Environment, Input, Inputs, Moment},
    sha256,
};
use crate::{
    private::{self, Private},
    value,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Where it is remembered of one folder, how it is built and the place of the zip.
pub(super) struct Record {
    folder: Private,
    name: String,
    source: PathBuf,
}

/// What was built last.
#[derive(Serialize, Deserialize)]
struct Written {
    /// Whose it is, so that it can go with it.
    #[serde(rename = "crate_dir")]
    source: PathBuf,
    /// The zip's digest.
    zip: String,
    /// What it was made of, where that can be told for sure.
    of: Option<Of>,
    /// Folders that builds have made in it.
    #[serde(default)]
    made: BTreeSet<PathBuf>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Of {
    pub(super) inputs: Inputs,
    pub(super) digest: String,
}

/// Bytes of one of these files, which names a path for each source.
const LARGEST: u64 = 16 << 20;
const MOMENT: &str = "moment";

impl Record {
    /// Of what is in the folder `source`, built for an architecture, or with a command. None where there is no
    /// place to remember anything, or no such folder.
    pub(super) fn of(source: &Path, how: &str, out: &Private) -> Option<Self> {
        let cache = Private::at(&private::cache().ok()?).ok()?;
        Self::within(cache.join("builds"), source, how, out)
    }

    fn within(folder: Private, source: &Path, how: &str, out: &Private) -> Option<Self> {
        let source = fs::canonicalize(source).ok()?;
        let out = std::path::absolute(out.path()).ok()?;
        let name = format!(
            "{}.json",
            value::digest(&json!([source.to_str()?, how, out.to_str()?]))
        );
        Some(Self {
            folder,
            name,
            source,
        })
    }

    /// This moment, as the times of files are told.
    pub(super) fn moment(&self) -> Option<Moment> {
        self.folder.write(MOMENT, b"").ok()?;
        let there = fs::metadata(self.folder.file(MOMENT)).ok()?;
        Some((there.mtime(), there.mtime_nsec()))
    }

    /// The zip that was built last, where a build would read the same again. Nothing is run.
    pub(super) fn unchanged(
        &self,
        environment: &Environment,
        out: &Private,
        zip: &str,
        start: &Start<'_>,
    ) -> Option<Package> {
        let of = self.read()?.of?;
        let now = of.inputs.look(environment, None).ok()?;
        (now.digest == of.digest)
            .then(|| self.last(out, zip, start))
            .flatten()
    }

    /// The zip that was built last, of whatever.
    pub(super) fn last(&self, out: &Private, zip: &str, start: &Start<'_>) -> Option<Package> {
        let bytes = out.read(zip, check::MOST_ZIPPED).ok()??;
        let is_it = sha256(&bytes) == self.read()?.zip && check::check(&bytes, start).is_ok();
        is_it.then(|| Package::of(out.file(zip), &bytes))
    }

    /// The folders that builds have made in it, by their paths there.
    pub(super) fn made(&self) -> BTreeSet<PathBuf> {
        self.read().map(|it| it.made).unwrap_or_default()
    }

    /// Remembers it. Where that fails, it is built the next time, as it is without.
    pub(super) fn remember(&self, zip: &Package, of: Option<Of>, made: BTreeSet<PathBuf>) {
        // A path may be no text.
        let of = of.filter(|it| serde_json::to_vec(it).is_ok());
        let written = Written {
            source: self.source.clone(),
            zip: zip.sha256.clone(),
            of,
            made,
        };
        if let Ok(text) = serde_json::to_vec(&written) {
            let _ = self.folder.write(&self.name, &text);
        }
        self.forget_what_is_gone();
    }

    fn read(&self) -> Option<Written> {
        read(&self.folder, &self.name)
    }

    /// A record whose folder was deleted is nobody's.
    fn forget_what_is_gone(&self) {
        for entry in fs::read_dir(self.folder.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name();
            let written = name.to_str().and_then(|name| read(&self.folder, name));
            if written.is_some_and(|it| !it.source.exists()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn read(folder: &Private, name: &str) -> Option<Written> {
    serde_json::from_slice(&folder.read(name, LARGEST).ok()??).ok()
}

/// This very program: another one may build or pack otherwise.
pub(super) fn this_program() -> Option<Input> {
    std::env::current_exe().ok().map(Input::Stamp)
}
