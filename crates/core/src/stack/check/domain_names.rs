//! Custom domain names: where their certificates are, and which APIs answer at their paths. Pure.

use super::{Check, Findings, api::suggestion, below, is_open};
use crate::{
    spec::{
        domain_name::EDGE,
        rest_api::{PRIVATE, REGIONAL},
    },
    stack::{
        source::{Path, path},
        tables::{DomainNameTable, File},
    },
};

/// The Region of the certificates that CloudFront uses (docs/aws.md §6).
pub(super) const OF_CLOUDFRONT: &str = "us-east-1";

pub(super) fn check(found: &mut Findings<'_>, file: &File) {
    for (key, table) in &file.domain_names {
        let place = path(["domain_names", key]);
        found.known_name(&place, &table.settings.name);
        certificate(found, &place, table, &file.stack.region);
        for (base_path, api) in &table.base_paths {
            let at = below(&below(&place, "base_paths"), base_path);
            of_api(found, file, at, api);
        }
        if table.base_paths.is_empty() {
            found.warn(Check::IdleDomainName,
                place,
                "no API answers at this name",
                "set base_paths to { \"(none)\" = \"api\" }, unless its paths are given out elsewhere",
            );
        }
    }
}

fn certificate(found: &mut Findings<'_>, place: &Path, table: &DomainNameTable, region: &str) {
    let regional = (
        region,
        REGIONAL,
        "the name is served from the stack's Region",
    );
    let edge = (OF_CLOUDFRONT, EDGE, "CloudFront serves an EDGE name");
    let ((wanted, _, why), (there, endpoint, _)) = match table.settings.is_edge() {
        true => (edge, regional),
        false => (regional, edge),
    };
    if let Some(of) = elsewhere(&table.settings.certificate_arn, wanted) {
        let message = format!("the certificate is in {of}, and {why}");
        let other = match of == there {
            true => format!("write endpoint = {endpoint:?}, or "),
            false => String::new(),
        };
        let help = format!("{other}name a certificate in {wanted}");
        found.error(below(place, "certificate_arn"), message, help);
    }
}

/// The Region of a certificate that is not in this one.
pub(super) fn elsewhere<'a>(arn: &'a str, wanted: &str) -> Option<&'a str> {
    let of = arn.split(':').nth(3)?;
    (of != wanted && !is_open(of)).then_some(of)
}

/// Another API than one of the file's that has a stage, and one that only VPCs reach.
fn of_api(found: &mut Findings<'_>, file: &File, at: Path, name: &str) {
    let staged: Vec<_> = file.apis().filter(|it| it.stage.is_some()).collect();
    let Some(api) = staged.iter().find(|it| it.name() == name) else {
        let known: Vec<_> = staged.iter().map(|it| it.name().to_owned()).collect();
        let message = format!("there is no API `{name}` with a stage in this file");
        let otherwise = "declare [apis.NAME] with a stage, and name it here";
        found.error(at, message, suggestion(name, &known, otherwise));
        return;
    };
    if api.settings.endpoint.as_deref() == Some(PRIVATE) {
        let message = format!("the API `{name}` is private, and this name is for everybody");
        found.error(at, message, "remove it, or name an API that is not PRIVATE");
    }
}
