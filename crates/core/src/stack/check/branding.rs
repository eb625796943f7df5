//! What the login looks like. Pure.

use super::{Check, Findings, below};
use crate::{
    spec::branding::{Asset, Branding},
    stack::source::Path,
};

/// What a client's style is to say (docs/aws.md §4).
pub(super) fn check(
    found: &mut Findings<'_>,
    at: &Path,
    branding: &Branding,
    has_managed_login: bool,
) {
    if !has_managed_login {
        let help = "write managed_login_version = 2 in [user_pool.domain], or remove it";
        found.warn(
            Check::IdleBranding,
            at.clone(),
            "no login shows it: it is for managed login",
            help,
        );
    }
    let file = "settings_file";
    if branding.settings.is_some() && branding.settings_file.is_some() {
        let message = format!("settings and {file} say the same");
        found.error(
            below(at, file),
            message,
            format!("remove {file}, or settings"),
        );
    }
    for (name, image) in branding.assets.iter().flatten() {
        let at = below(&below(at, "assets"), name);
        let asset = Asset::of(name, image);
        match asset {
            None if image.starts_with("data:") => found.error(
                at,
                "this is no image that Cognito takes",
                "write data:image/png;base64, and the image behind it; or jpeg, svg+xml, webp or x-icon",
            ),
            Some(it) if it.extension == "ICO" && it.category != "FAVICON_ICO" => found.error(
                at,
                "only FAVICON_ICO is an .ico file",
                "name a file that ends in .png, .jpg, .svg or .webp",
            ),
            Some(it) if it.category == "FAVICON_ICO" && it.extension != "ICO" => found.error(
                at,
                "FAVICON_ICO is an .ico file",
                "name a file that ends in .ico, or write FAVICON_SVG",
            ),
            _ => {}
        }
    }
}
