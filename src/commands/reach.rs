//! What the commands that need no file begin with: a region, and AWS there.

use super::{
    session::{begin, load, target},
    tell,
};
use crate::{
    aws::{self, Aws},
    cli::Global,
    error::{Error, Result},
    inventory::{self, Inventory, regions::REGIONS},
    sandbox::Running,
};
use futures::{StreamExt, stream};
use std::time::{SystemTime, UNIX_EPOCH};

/// A way to AWS, or to what stands in for it, in any region.
pub(super) struct Reach<'a> {
    global: &'a Global,
    sandbox: Option<Running>,
    pub(super) regions: Vec<String>,
}

/// How many regions are asked at once.
const AT_ONCE: usize = 6;

pub(super) async fn reach(global: &Global, all_regions: bool) -> Result<Reach<'_>> {
    let regions = match all_regions {
        true => REGIONS.map(ToOwned::to_owned).to_vec(),
        false => vec![region(global).await?],
    };
    let sandbox = match global.sandbox {
        true => Some(begin(global).await?),
        false => None,
    };
    Ok(Reach {
        global,
        sandbox,
        regions,
    })
}

/// The one that is named, the file's if there is a file, or the one that the AWS CLI would take.
pub(super) async fn region(global: &Global) -> Result<String> {
    if let Some(region) = &global.region {
        return Ok(region.clone());
    }
    if global.file.exists() {
        return Ok(load(global)?.stack.file.stack.region);
    }
    aws::default_region(global.profile.as_deref()).await.ok_or_else(|| {
        Error::input("no region: there is no stack.toml here, and AWS's configuration names none")
            .hint("add --region, such as --region ap-southeast-1, or --all-regions where there is one")
    })
}

impl Reach<'_> {
    /// Clients of one region.
    pub(super) async fn aws(&self, region: &str) -> Aws {
        Aws::connect(target(self.global, self.sandbox.as_ref(), region)).await
    }

    /// What is in each region. One region that cannot be read is an error; of all of them, those
    /// that the account has not turned on are passed over.
    pub(super) async fn inventories(&self) -> Result<Vec<Inventory>> {
        let reads = stream::iter(&self.regions)
            .map(async |region| inventory::read(&self.aws(region).await).await);
        let all: Vec<_> = reads.buffered(AT_ONCE).collect().await;
        let (blank, read): (Vec<_>, Vec<_>) = all.into_iter().partition(Inventory::is_blank);
        if read.is_empty() {
            let first = blank.into_iter().flat_map(|it| it.unread).next();
            return Err(first.unwrap_or_else(|| Error::internal("no region was asked")));
        }
        if !blank.is_empty() {
            let names: Vec<_> = blank.iter().map(|it| it.region.as_str()).collect();
            tell(&format!(
                "passed over, since they answer nothing to this account: {}",
                names.join(", ")
            ));
        }
        for inventory in &read {
            for error in &inventory.unread {
                tell(&format!(
                    "{}: not everything could be read: {error}",
                    inventory.region
                ));
            }
        }
        Ok(read)
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
