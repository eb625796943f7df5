//! `wsctl package`: builds and packs the functions.

use super::{print, print_json, session::load};
use crate::{
    cli::{Building, Global},
    error::Result,
};
use serde_json::json;

pub(super) fn run(global: &Global) -> Result<u8> {
    let packages = load(global)?.packages(&Building::default())?;
    if global.json {
        let list = packages.iter().map(|(key, package)| {
            json!({ "function": key, "zip": package.path, "sha256": package.sha256, "bytes": package.size })
        });
        return print_json(&json!({ "packages": list.collect::<Vec<_>>() }));
    }
    for (key, package) in packages {
        let size = format!("{:.1} MB", package.size as f64 / 1e6);
        print(&format!(
            "functions.{key}: {} ({size}, sha256 {})\n",
            package.path.display(),
            package.sha256
        ))?;
    }
    Ok(0)
}
