//! stack.toml → what it declares. Pure.

mod check;
mod checks;
mod files;
mod lifecycle;
mod lift;
mod lower;
mod open;
mod parts;
mod reference;
mod route;
mod schema;
mod source;
mod tables;
#[cfg(test)]
mod tests;
mod variables;

use crate::{
    error::{Error, Mistake, Result},
    plan::{Accepted, Desired, Plan, Undeclared},
    spec::{Live, Produces, function::Function},
    value::{self, Address, KnownOutputs},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub use checks::Check;
pub use files::ReadFile;
pub use lift::{ImportOptions, Lifted, bare, defaults::told_apart, free_key, lift};
pub use lower::{METHODS_OF_ANY, code_address};
pub use reference::reference;
pub use route::{concrete, route_for};
pub use schema::{for_editors as schema_for_editors, is_region, schema};
pub use source::{Diagnostic, LARGEST, Path, Severity, path, text};
pub use tables::{
    APIS, Api, CorsTable, File, FunctionTable, ONLY_API, Program, UndeclaredTable, split_api,
};
pub use variables::variables;

/// What a file is read with besides its text.
#[derive(Default)]
pub struct Inputs {
    /// `${var.NAME}`, in place of what `[vars]` says.
    pub variables: BTreeMap<String, String>,
    /// `${env.NAME}`: the process's environment.
    pub environment: BTreeMap<String, String>,
    /// Takes the place of `[stack] region`.
    pub region: Option<String>,
    /// Takes the place of `[stack] name`.
    pub name: Option<String>,
    /// How the files that it names are read; without, none is.
    pub files: Option<ReadFile>,
    /// Whether what is only warned of is a mistake.
    pub strict: bool,
}

/// A stack.toml that has no mistake that can be seen without AWS.
pub struct Stack {
    source: source::Source,
    /// What the file says, the environment's values not in their places.
    tree: Value,
    pub file: File,
    /// In dependency order.
    pub desired: Vec<Desired>,
    pub warnings: Vec<Diagnostic>,
    /// Whether what is only warned of is a mistake.
    strict: bool,
    /// `stack` (without the account), `env` and `var`.
    pub known: KnownOutputs,
}

impl Stack {
    /// Reads `bytes`, the content of the file called `name`.
    pub fn read(name: &str, bytes: &[u8], inputs: &Inputs) -> Result<Self> {
        Self::parse(name, source::text(name, bytes)?, inputs)
    }

    /// Reads `text`, the content of the file called `name`.
    pub fn parse(name: &str, text: &str, inputs: &Inputs) -> Result<Self> {
        let (source, mut tree) = source::parse(name, text)?;
        replace(
            &mut tree,
            "region",
            inputs.region.as_ref(),
            "--region",
            "this is not an AWS region",
        )?;
        replace(
            &mut tree,
            "name",
            inputs.name.as_ref(),
            "--stack-name",
            "no stack can have this name",
        )?;
        lifecycle::name_by_id(&mut tree);
        let unread = files::put_in(&mut tree, inputs.files.as_ref());
        if !unread.is_empty() {
            return Err(source.refuse(&unread));
        }
        let known = known(&tree, inputs);
        let read = Read::of(&tree, &known).map_err(|fault| match fault {
            Fault::Mistakes(mistakes) => source.refuse(&mistakes),
            Fault::Other(error) => error.at(name),
        })?;
        let Read {
            tree,
            file,
            desired,
            warnings,
        } = read;
        let stack = Self {
            source,
            tree,
            file,
            desired,
            warnings: vec![],
            strict: inputs.strict,
            known,
        };
        // What is a mistake where nothing is there has no id: beside what is there, it is judged again.
        let (named, others) = warnings.into_iter().partition(|it| it.check.is_some());
        let warnings = stack.judged(named)?.into_iter().chain(others).collect();
        Ok(Self { warnings, ..stack })
    }

    pub fn name(&self) -> &str {
        &self.file.stack.name
    }

    pub fn undeclared(&self) -> Undeclared {
        match self.file.stack.undeclared {
            UndeclaredTable::Delete => Undeclared::Delete,
            UndeclaredTable::Warn => Undeclared::Warn,
        }
    }

    /// The warnings that the file does not let be; where warnings are mistakes, there are none.
    pub fn judged(&self, warnings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>> {
        let left = checks::left(warnings, &self.file.checks.allow);
        if !self.strict || left.is_empty() {
            return Ok(left);
        }
        let mistakes: Vec<_> = left.into_iter().map(Diagnostic::as_error).collect();
        Err(self.refuse_all(&mistakes))
    }

    /// Refuses what shows only beside what is there: values that are no longer open, and what a
    /// resource cannot have that is only now made. The warnings are those of what is there.
    pub fn check_planned(&self, plan: &Plan, live: &[Live]) -> Result<Vec<Diagnostic>> {
        let resolved = value::resolve(&self.tree, &plan.known);
        let mut mistakes = schema::check(&resolved, &self.tree);
        mistakes.extend(check::planned(plan, &resolved, &self.warnings)?);
        if mistakes.is_empty() {
            self.judged(check::unprotected(&self.file, live))
        } else {
            Err(self.refuse_all(&mistakes))
        }
    }

    /// What `[drift] accept` names, with what is known.
    pub fn accepted(&self, known: &KnownOutputs) -> Vec<Accepted> {
        let written = self.tree["drift"]["accept"]
            .as_array()
            .into_iter()
            .flatten();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        written
            .map(|it| Accepted {
                written: text(it),
                text: text(&value::resolve(it, known)),
            })
            .collect()
    }

    /// Takes the program that each function has for the file's: to know that, it would have to be built.
    pub fn take_code_as_it_is(&mut self, live: &[Live]) {
        for live in live.iter().filter(|live| live.kind == Function::NAME) {
            if let [_, key] = live.address.segments() {
                self.known
                    .insert(code_address(key), json!({ "sha256": live.spec["code"] }));
            }
        }
    }

    /// A mistake found later (a zip that is not a zip) as an error that shows its place.
    pub fn refuse(&self, diagnostic: Diagnostic) -> Error {
        self.refuse_all(&[diagnostic])
    }

    /// Several of them.
    pub fn refuse_all(&self, diagnostics: &[Diagnostic]) -> Error {
        self.source.refuse(diagnostics)
    }

    /// The warnings, each with its place.
    pub fn shown_warnings(&self) -> Vec<String> {
        self.show(&self.warnings)
    }

    /// The file, and the line of the table that declares an address; of what no table declares, of the one
    /// around it.
    pub fn line_of(&self, address: &Address) -> (String, usize) {
        let table = Diagnostic::error(address.segments().to_vec(), "", "").at_key();
        let place = self.source.place_of(&table);
        (place.file, place.line)
    }

    /// The warnings for programs.
    pub fn warned(&self, further: &[Diagnostic]) -> Vec<Mistake> {
        let all: Vec<_> = self.warnings.iter().chain(further).cloned().collect();
        let ordered = self.source.in_order(&all).into_iter();
        ordered.map(|it| self.source.place_of(it)).collect()
    }

    /// Each with its place, in the file's order.
    pub fn show(&self, diagnostics: &[Diagnostic]) -> Vec<String> {
        self.source
            .in_order(diagnostics)
            .into_iter()
            .map(|it| self.source.show(it))
            .collect()
    }
}

/// The values of a TOML text, whatever they are.
///
/// # Errors
/// Where it is no TOML, with every place.
pub fn tree(name: &str, text: &str) -> Result<Value> {
    source::parse(name, text).map(|(_, tree)| tree)
}

/// What a tree declares.
struct Read {
    /// As it is written, with all in its place that may be shown.
    tree: Value,
    file: File,
    desired: Vec<Desired>,
    warnings: Vec<Diagnostic>,
}

/// Why a tree declares nothing that could be used.
enum Fault {
    Mistakes(Vec<Diagnostic>),
    Other(Error),
}

impl Read {
    fn of(tree: &Value, known: &KnownOutputs) -> Result<Self, Fault> {
        refuse(check::references::well_formed(tree, known))?;
        refuse(check::references::bounded(tree, known))?;
        let tree = value::fill(tree, &without_environment(known));
        let resolved = value::resolve(&tree, known);
        refuse(schema::check(&resolved, &tree))?;
        // Where the environment's values are not in their places: those that could not stay open.
        let plain = value::resolve(&tree, &KnownOutputs::new());
        refuse(schema::check(&plain, &tree))?;
        // As AWS has its texts, and as the file writes them, where a literal `${` is `$${`.
        let (file, written) = (tables(&plain)?, tables(&tree)?);
        let (mistakes, warnings) = split(check::check(&file, &plain, known));
        refuse(mistakes)?;
        let desired = lower::lower(&written, &tree, known).map_err(Fault::Other)?;
        refuse(check::references::known(&tree, &desired))?;
        refuse(check::long_policies(&desired))?;
        let desired = check::references::sort(desired, &tree);
        let desired = desired.map_err(|mistake| Fault::Mistakes(vec![*mistake]))?;
        Ok(Self {
            tree,
            file,
            desired,
            warnings,
        })
    }
}

fn tables(tree: &Value) -> Result<File, Fault> {
    let wrong = |error| Error::input(format!("{error}")).hint("see the reference of stack.toml");
    serde_json::from_value(tree.clone())
        .map_err(|error: serde_json::Error| Fault::Other(wrong(error)))
}

/// Every mistake that can be seen in a tree without AWS.
fn mistakes(tree: &Value) -> Result<Vec<Diagnostic>> {
    let mut tree = tree.clone();
    lifecycle::name_by_id(&mut tree);
    // Whoever uses the file sets the variables that it names.
    let named = value::references_in(&tree)
        .into_iter()
        .filter(|it| it.address == Address::new(["env"]));
    let inputs = Inputs {
        environment: named.map(|it| (it.output, "set".to_owned())).collect(),
        ..Inputs::default()
    };
    match Read::of(&tree, &known(&tree, &inputs)) {
        Ok(_) => Ok(vec![]),
        Err(Fault::Mistakes(mistakes)) => Ok(mistakes),
        Err(Fault::Other(error)) => Err(error),
    }
}

/// Lets an option take the place of a key of `[stack]`; a mistake in it is not the file's.
fn replace(
    tree: &mut Value,
    key: &str,
    value: Option<&String>,
    option: &str,
    mistake: &str,
) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    if let Some(help) = schema::help_in_stack(key, value) {
        return Err(Error::usage(format!("{option} {value}: {mistake}")).hint(help));
    }
    if let Some(table) = tree.get_mut("stack").and_then(Value::as_object_mut) {
        table.insert(key.into(), json!(value));
    }
    Ok(())
}

fn known(tree: &Value, inputs: &Inputs) -> KnownOutputs {
    let mut variables = tree["vars"].as_object().cloned().unwrap_or_default();
    variables.extend(
        inputs
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), json!(value))),
    );
    let mut known = KnownOutputs::from([
        (Address::new(["env"]), json!(inputs.environment)),
        (Address::new(["var"]), Value::Object(variables)),
    ]);
    // Where a variable gives them, others refer to what it stands for.
    let of_stack = |key: &str| value::fill(&tree["stack"][key], &known);
    let stack = json!({ "name": of_stack("name"), "region": of_stack("region") });
    known.insert(Address::new(["stack"]), stack);
    known
}

/// Values from the environment may be secrets: in a plan they stay references.
fn without_environment(known: &KnownOutputs) -> KnownOutputs {
    known
        .iter()
        .filter(|(address, _)| **address != Address::new(["env"]))
        .map(|(a, v)| (a.clone(), v.clone()))
        .collect()
}

fn split(diagnostics: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    diagnostics
        .into_iter()
        .partition(|it| it.severity == Severity::Error)
}

fn refuse(mistakes: Vec<Diagnostic>) -> Result<(), Fault> {
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(Fault::Mistakes(mistakes))
    }
}
