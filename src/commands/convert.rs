//! `wsctl convert`: a stack.toml from another tool's definition of the stack.

use super::{fmt, init::of_folder, print_json, tell, write_stdout};
use crate::{
    bounded,
    cli::{ConvertArgs, DefinitionFormat, Global},
    convert::{self, Format},
    error::{Context, Error, ErrorKind, Result},
    stack::LARGEST,
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where no definition says one.
const REGION: &str = "us-east-1";

pub(super) fn run(global: &Global, args: &ConvertArgs) -> Result<u8> {
    let (format, paths) = files(args)?;
    let files: Result<Vec<_>> = paths
        .iter()
        .map(|it| Ok((it.display().to_string(), bounded::text(it, LARGEST)?)))
        .collect();
    let beside = match args.definition.is_dir() {
        true => args.definition.clone(),
        false => args
            .definition
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
    };
    let name = global
        .stack_name
        .clone()
        .unwrap_or_else(|| of_folder(&beside, "workshop"));
    let region = global.region.as_deref();
    let made = convert::convert(format, &files?, &name, region.unwrap_or(REGION))?;
    let text = fmt::formatted("stack.toml", &made.text())?;
    if global.json {
        return print_json(&json!({ "stack": name, "text": text }));
    }
    write_stdout(format!("{}\n", text.trim_end()).as_bytes())?;
    let beside = beside.join("stack.toml");
    tell(&format!(
        "hint: saved as {}, its files are found; read the comments, then: wsctl validate, and wsctl plan",
        beside.display()
    ));
    Ok(0)
}

/// The files of the definition, and what they are written in.
fn files(args: &ConvertArgs) -> Result<(Format, Vec<PathBuf>)> {
    let path = &args.definition;
    if !path.exists() {
        let there = format!("{}: there is no such file or folder", path.display());
        return Err(
            Error::input(there).hint("name a template, a serverless.yml, or a folder of .tf files")
        );
    }
    if !path.is_dir() {
        let format = args
            .from
            .map_or_else(|| format_of(path), |it| Ok(it.into()))?;
        return Ok((format, vec![path.clone()]));
    }
    let unreadable = || format!("{} cannot be read", path.display());
    let all = fs::read_dir(path).context(ErrorKind::Input, unreadable())?;
    let all: Result<Vec<_>, _> = all.map(|it| it.map(|it| it.path())).collect();
    let mut all = all.context(ErrorKind::Input, unreadable())?;
    all.sort();
    let terraform: Vec<_> = all
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "tf"))
        .cloned()
        .collect();
    let usual = |names: &[&str]| {
        all.iter()
            .find(|it| names.iter().any(|name| it.ends_with(name)))
            .cloned()
    };
    let serverless = usual(&["serverless.yml", "serverless.yaml"]);
    let template = usual(&["template.yaml", "template.yml", "template.json"]);
    match (args.from, terraform.is_empty(), serverless, template) {
        (None | Some(DefinitionFormat::Terraform), false, ..) => Ok((Format::Terraform, terraform)),
        (None | Some(DefinitionFormat::Serverless), _, Some(file), _) => {
            Ok((Format::Serverless, vec![file]))
        }
        (None | Some(DefinitionFormat::CloudFormation), _, _, Some(file)) => {
            Ok((Format::CloudFormation, vec![file]))
        }
        _ => Err(Error::input(format!(
            "{}: there is no definition in this folder",
            path.display()
        ))
        .hint("name the file, or a folder with .tf files, a serverless.yml or a template.yaml")),
    }
}

/// What a file is written in, by its name, and else by its first keys.
fn format_of(path: &Path) -> Result<Format> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.extension().is_some_and(|it| it == "tf") {
        return Ok(Format::Terraform);
    }
    let text = bounded::text(path, LARGEST)?;
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    let is_serverless = name.starts_with("serverless.")
        || (has("service:") && has("provider:") && !has("Resources:"));
    Ok(if is_serverless {
        Format::Serverless
    } else {
        Format::CloudFormation
    })
}

impl From<DefinitionFormat> for Format {
    fn from(format: DefinitionFormat) -> Self {
        match format {
            DefinitionFormat::CloudFormation => Self::CloudFormation,
            DefinitionFormat::Serverless => Self::Serverless,
            DefinitionFormat::Terraform => Self::Terraform,
        }
    }
}
