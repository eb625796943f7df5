//! Other people's definitions of such a stack → stack.toml: SAM and CloudFormation templates, serverless.yml, and
//! Terraform. Pure.
//!
//! Each is first brought into one form, resources with CloudFormation's names ([`template::Template`]); from there
//! one way leads on. What stack.toml cannot say is a comment where it would stand.

mod api;
mod cloudformation;
mod code;
mod draft;
mod fields;
mod function;
mod other;
mod places;
mod sam;
mod serverless;
mod statements;
mod template;
mod terraform;
mod user_pool;
mod values;

use crate::{
    error::{Error, Result},
    stack::Lifted,
};
use draft::Draft;
use places::Places;
use template::Template;

/// What a definition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A SAM or CloudFormation template, in YAML or JSON.
    CloudFormation,
    /// A serverless.yml.
    Serverless,
    /// The .tf files of one module.
    Terraform,
}

/// A definition's files: their names and texts.
pub type Files = [(String, String)];

/// The stack.toml that says the same, for a stack of this name.
///
/// # Errors
/// Where a file cannot be read as what it is, with its place, or has nothing that wsctl is for.
pub fn convert(format: Format, files: &Files, name: &str, region: &str) -> Result<Lifted> {
    let template = match format {
        Format::CloudFormation => cloudformation::read(files)?,
        Format::Serverless => serverless::read(files)?,
        Format::Terraform => terraform::read(files)?,
    };
    let mut draft = Draft::new(name, template.region.as_deref().unwrap_or(region));
    if template.region.is_none() {
        draft.comment(
            &["stack", "region"].map(ToOwned::to_owned),
            "The definition names no region: is this the one?",
        );
    }
    draft.say(&template.notes);
    put(&mut draft, &template);
    if draft.is_empty() {
        return Err(Error::input(format!(
            "{}: it has no user pool, API, function, identity pool or secret",
            files.first().map_or("", |it| it.0.as_str())
        ))
        .hint("wsctl is for those; is this the right file?"));
    }
    let mut file = draft.finished(&template);
    file.make_valid()?;
    Ok(file)
}

fn put(draft: &mut Draft, template: &Template) {
    let places = Places::of(template);
    user_pool::put(draft, template, &places);
    other::put(draft, template, &places);
    function::put(draft, template, &places);
    api::put(draft, template, &places);
    places.left_out(draft, template);
}
