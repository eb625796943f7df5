//! How a function gets another runtime and another program without a moment in which it cannot start.
//!
//! Code and configuration are two calls (docs/aws.md §8), and each alone would leave a runtime without
//! its program. So the first upload holds both programs: with it the old runtime still finds its
//! own, the configuration then names the new one, and last comes the new zip as it is.

use super::version;
use crate::{
    aws::Aws,
    diff::{Change, any_touches},
    error::{Error, Result},
    package,
    spec::{Found, function::Function},
};
use std::{
    collections::BTreeSet,
    io::{Cursor, Read, Seek, Write},
};
use zip::{ZipArchive, ZipWriter};

/// The zip to upload before the configuration changes; none where one program serves both.
pub(super) async fn before(
    spec: &Function,
    aws: &Aws,
    live: &Found<Function>,
    changes: &[Change],
) -> Result<Option<Vec<u8>>> {
    if !any_touches(changes, &["code"]) || !any_touches(changes, &["runtime", "handler"]) {
        return Ok(None);
    }
    let there = version::zip(aws, &live.outputs.name, "$LATEST").await?;
    let both = union(&super::zip(spec, aws, live).await?, &there)?;
    Ok(fits(&both).then_some(both))
}

/// Whether Lambda takes them together. Where it does not, the function cannot start for as long as the
/// second write waits for the first, which is better than never to become what is declared.
fn fits(both: &[u8]) -> bool {
    let unpacked = || {
        let mut archive = ZipArchive::new(Cursor::new(both)).ok()?;
        (0..archive.len())
            .map(|index| archive.by_index_raw(index).ok().map(|it| it.size()))
            .sum::<Option<u64>>()
    };
    (both.len() as u64) < package::MOST_ZIPPED
        && unpacked().is_some_and(|size| size <= package::MOST_UNZIPPED)
}

/// All files of both; the new one's where both have one of a name.
fn union(new: &[u8], old: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: zip::result::ZipError| {
        Error::internal("the two programs cannot be packed together").source(error)
    };
    let mut all = ZipWriter::new(Cursor::new(vec![]));
    let mut names = BTreeSet::new();
    for zip in [new, old] {
        let archive = ZipArchive::new(Cursor::new(zip)).map_err(failed)?;
        add(&mut all, archive, &mut names).map_err(failed)?;
    }
    Ok(all.finish().map_err(failed)?.into_inner())
}

fn add<W: Write + Seek, R: Read + Seek>(
    all: &mut ZipWriter<W>,
    mut from: ZipArchive<R>,
    names: &mut BTreeSet<String>,
) -> zip::result::ZipResult<()> {
    for index in 0..from.len() {
        let file = from.by_index_raw(index)?;
        if names.insert(file.name()?.into_owned()) {
            all.raw_copy_file(file)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::sha256;
    use zip::write::SimpleFileOptions;

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(vec![]));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn both_programs_are_in_the_zip_between_them() {
        let (new, old) = (
            packed(&[("bootstrap", "new")]),
            packed(&[("index.mjs", "old"), ("bootstrap", "old")]),
        );
        let mut both = ZipArchive::new(Cursor::new(union(&new, &old).unwrap())).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            both.by_name(name)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        assert_eq!(
            (read("bootstrap"), read("index.mjs")),
            ("new".into(), "old".into())
        );
        assert_ne!(sha256(&new), sha256(&old));
    }
}
