//! `wsctl list`: every wsctl stack of the account.

use super::{
    print, print_json,
    reach::{now, reach},
};
use crate::{
    cli::{Global, ListArgs},
    error::Result,
    inventory::stacks::stacks,
    view,
};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &ListArgs) -> Result<u8> {
    let reach = reach(global, args.all_regions).await?;
    let found: Vec<_> = reach.inventories().await?.iter().flat_map(stacks).collect();
    if global.json {
        return print_json(&json!({ "stacks": found }));
    }
    print(&view::stacks(&found, now()))?;
    Ok(0)
}
