//! What most commands begin with: the file read, AWS connected, the account checked.

use super::{
    document::first,
    given::quoted,
    stages::{Stages, tell_time},
    tell, variables,
};
use crate::{
    aws::{Aws, Credentials, Purpose, Reads, Target},
    bounded,
    cli::{Building, Global},
    engine::{Deployment, Observed},
    error::{Context, Error, ErrorKind, Result},
    identity::{Endpoints, EndpointsQuery, Http, Part},
    package::{self, Crate, Package, Platform, Prepared, Start},
    plan::{Action, Plan, Step},
    private::Private,
    sandbox::{Running, Sandbox, lack},
    stack::{self, Check, Diagnostic, FunctionTable, Inputs, Program, Stack, path},
    value::{self, Address},
    view::Detail,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

/// A stack.toml without mistakes.
pub(super) struct Loaded {
    pub(super) stack: Stack,
    /// SHA-256 of the file, as hexadecimal digits.
    pub(super) digest: String,
    folder: PathBuf,
    /// What `--var` and `--var-file` say.
    given: BTreeMap<String, String>,
    platform: Platform,
    /// The files besides that the file names and that were read.
    pub(super) named: BTreeSet<PathBuf>,
}

/// What is wrong with a function's program, and the field that says so.
struct Fault {
    field: &'static str,
    error: Error,
}

impl Fault {
    fn of(field: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| Self { field, error }
    }

    fn diagnostic(&self, key: &str) -> Diagnostic {
        let help = self.error.hint.clone().unwrap_or_default();
        let place = path(["functions", key, self.field]);
        Diagnostic::error(place, self.error.to_string(), help)
    }
}

/// Reads the file; its warnings are for the caller to show.
pub(super) fn load(global: &Global) -> Result<Loaded> {
    let file = &global.file;
    let bytes = read(file, MISSING)?;
    let given = variables::given(global)?;
    let mut variables = BTreeMap::new();
    if global.sandbox
        && let Some(database) = Sandbox::beside(file)?.database()?
    {
        variables.extend(database.variables());
    }
    variables.extend(given.clone());
    let named = Rc::<RefCell<BTreeSet<PathBuf>>>::default();
    let inputs = Inputs {
        variables,
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        region: global.region.clone(),
        name: global.stack_name.clone(),
        files: Some(files_beside(file, Rc::clone(&named))),
        strict: global.strict,
    };
    let name = file.display().to_string();
    let text = stack::text(&name, &bytes)?;
    let stack = Stack::parse(&name, text, &inputs)?;
    variables::check_used(&global.variables, &stack, text)?;
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(Loaded {
        stack,
        digest: value::hex(&Sha256::digest(&bytes)),
        folder,
        given,
        named: named.take(),
        platform: match global.sandbox {
            true => Platform::Sandbox,
            false => Platform::Lambda,
        },
    })
}

/// How the files are read that `file` names: those beside it, and in folders there. Each is noted in `named`.
fn files_beside(file: &Path, named: Rc<RefCell<BTreeSet<PathBuf>>>) -> stack::ReadFile {
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    Box::new(move |name| {
        named.borrow_mut().insert(folder.join(name));
        bounded::file_within(&folder, name, stack::LARGEST)
    })
}

/// A stack without its file: nothing is declared, its tags tell what it has.
pub(super) fn named(name: &str, region: &str) -> Result<Loaded> {
    let inputs = Inputs {
        name: Some(name.to_owned()),
        region: Some(region.to_owned()),
        ..Inputs::default()
    };
    let stack = Stack::parse(
        "--stack",
        "[stack]\nname = \"stack\"\nregion = \"eu-west-1\"\n",
        &inputs,
    )?;
    Ok(Loaded {
        stack,
        digest: String::new(),
        folder: PathBuf::new(),
        given: BTreeMap::new(),
        named: BTreeSet::new(),
        platform: Platform::Lambda,
    })
}

const MISSING: &str = "run wsctl in the folder of a stack.toml, or name one with --file; examples/ has some to start from";

/// Reads a file; `missing` is what to do where there is none.
pub(super) fn read(file: &Path, missing: &str) -> Result<Vec<u8>> {
    let shown = file.display();
    if file.is_dir() {
        let hint = format!(
            "name the file in it: --file {}",
            file.join("stack.toml").display()
        );
        return Err(Error::new(ErrorKind::File, format!("{shown} is a folder")).hint(hint));
    }
    let bytes = bounded::beginning(file, stack::LARGEST + 1)
        .context(ErrorKind::File, format!("cannot read {shown}"));
    bytes.map_err(|error| error.hint(missing))
}

impl Loaded {
    /// Opens, or builds, the zip of every function; without building, what was built before.
    pub(super) fn packages(&self, building: &Building) -> Result<Vec<(String, Package)>> {
        let withheld = self.secret_variables();
        // A function that is there already may keep its program.
        let mut packages = vec![];
        for (key, function) in &self.stack.file.functions {
            let Some(program) = function.program() else {
                continue;
            };
            let began = Instant::now();
            let package = self.package(key, function, program, building, &withheld);
            let package = package.map_err(|fault| self.stack.refuse(fault.diagnostic(key)))?;
            let what = Address::new(["functions", key]);
            tell_time(tell, &format!("the program of {what}"), began);
            packages.push((key.clone(), package));
        }
        Ok(packages)
    }

    /// Opens the zips that are there, and packs what needs no building; the warnings are of zips that are
    /// not there, or not yet.
    pub(super) fn check_programs(&self) -> Result<Vec<Diagnostic>> {
        let (mut mistakes, mut missing) = (vec![], vec![]);
        for (key, function) in &self.stack.file.functions {
            let program = function.program();
            let Some(program) = program.filter(|it| !matches!(it, Program::Crate(_))) else {
                continue;
            };
            let place = path(["functions", key, program.field()]);
            if let (Program::Folder(name), Some(_)) = (program, &function.build) {
                let is_there = package::is_folder(&self.folder, name);
                let fault = is_there.map_err(Fault::of(program.field())).err();
                mistakes.extend(fault.map(|it| it.diagnostic(key)));
                continue;
            }
            let file = match program {
                Program::Zip(zip) => Some(self.folder.join(zip)).filter(|it| !it.exists()),
                _ => None,
            };
            if let Some(file) = file {
                let help =
                    "make it before wsctl plan, which needs it; the path begins at stack.toml";
                missing.push(Diagnostic::warning(
                    Check::MissingZip,
                    place,
                    format!("{} is not there", file.display()),
                    help,
                ));
            } else if let Err(fault) = self.packed(key, function, program) {
                mistakes.push(fault.diagnostic(key));
            }
        }
        match mistakes.is_empty() {
            true => self.stack.judged(missing),
            false => Err(self.stack.refuse_all(&mistakes)),
        }
    }

    /// The variables that the file takes into a resource with `${env.NAME}`: they may be secrets.
    fn secret_variables(&self) -> BTreeSet<String> {
        let env = Address::new(["env"]);
        let references = self
            .stack
            .desired
            .iter()
            .flat_map(|it| value::references_in(&it.spec));
        references
            .filter(|it| it.address == env)
            .map(|it| it.output)
            .collect()
    }

    fn package(
        &self,
        key: &str,
        function: &FunctionTable,
        program: Program<'_>,
        building: &Building,
        withheld: &BTreeSet<String>,
    ) -> Result<Package, Fault> {
        let mut progress = |line: &str| tell(line);
        match (program, &function.build) {
            (Program::Crate(folder), _) => {
                let out = Private::beside(&self.folder, "packages");
                let handler = Crate {
                    folder: &self.folder.join(folder),
                    architecture: function.architecture(),
                    platform: self.platform,
                };
                let package = match building.no_build {
                    true => handler.built(&out),
                    false => handler.build(&out, withheld, &mut progress),
                };
                package.map_err(Fault::of(program.field()))
            }
            (Program::Folder(folder), Some(command)) => {
                let start = self.start(key, function);
                let prepared = Prepared {
                    base: &self.folder,
                    folder,
                    command,
                    start,
                };
                let out = Private::beside(&self.folder, "packed");
                let bytes = match building.no_build {
                    true => prepared.built(&out),
                    false => prepared.build(&out, withheld, &mut progress),
                };
                let bytes = bytes
                    .map_err(|error| error.at(format!("functions.{key}")))
                    .map_err(Fault::of("build"))?;
                starts(&bytes, &start, folder, "build")?;
                package::keep(&bytes, &out, &format!("{key}.zip")).map_err(Fault::of("build"))
            }
            (Program::Zip(zip), _) => {
                let bytes = self.packed(key, function, program)?;
                Ok(Package::of(self.folder.join(zip), &bytes))
            }
            (Program::Folder(_) | Program::File(_), _) => {
                let bytes = self.packed(key, function, program)?;
                let out = Private::beside(&self.folder, "packed");
                package::keep(&bytes, &out, &format!("{key}.zip"))
                    .map_err(Fault::of(program.field()))
            }
        }
    }

    /// The checked zip of a program for which nothing has to be built.
    fn packed(
        &self,
        key: &str,
        function: &FunctionTable,
        program: Program<'_>,
    ) -> Result<Vec<u8>, Fault> {
        let start = self.start(key, function);
        let (read, place) = match program {
            Program::Zip(zip) => {
                let path = self.folder.join(zip);
                (package::read(&path), path.display().to_string())
            }
            Program::Folder(name) => (package::folder(&self.folder, name), name.to_owned()),
            Program::File(name) => (package::file(&self.folder, name), name.to_owned()),
            Program::Crate(name) => (
                Err(Error::internal("a crate has to be built")),
                name.to_owned(),
            ),
        };
        let bytes = read.map_err(Fault::of(program.field()))?;
        starts(&bytes, &start, &place, program.field())?;
        Ok(bytes)
    }

    fn start<'a>(&self, key: &str, function: &'a FunctionTable) -> Start<'a> {
        let address = Address::new(["functions", key]);
        let mut desired = self.stack.desired.iter();
        let is_existing = desired.any(|it| it.address == address && it.lifecycle.existing);
        Start::of(function, is_existing)
    }

    /// Starts the local AWS, and its database where the file has a variable for it.
    async fn start_sandbox(&self, global: &Global) -> Result<Running> {
        if global.only_looks {
            return begin(global).await;
        }
        let sandbox = Sandbox::beside(&global.file)?;
        let wants_database =
            self.stack.file.vars.contains_key("db_host") && !self.given.contains_key("db_host");
        if wants_database {
            match sandbox.database()? {
                Some(database) => {
                    let stages = Stages::new(tell);
                    let begin = |line: &str| stages.begin(line);
                    sandbox.start_database(&database, &begin).await?;
                }
                None => tell(
                    "no PostgreSQL on this machine, so the API answers without a database (503); \
                     install one (sudo apt-get install postgresql, brew install postgresql), then apply again",
                ),
            }
        }
        for (lack, functions) in lacks(&self.stack.file) {
            tell(&format!("{}: {lack}", functions.join(", ")));
        }
        start(&sandbox).await
    }

    /// Connects to AWS, or to what stands in for it.
    pub(super) async fn connect(self, global: &Global) -> Result<Session> {
        let region = self.stack.file.stack.region.clone();
        let sandbox = match global.sandbox {
            true => Some(self.start_sandbox(global).await?),
            false => None,
        };
        let Reached { aws, endpoint } = clients(global, sandbox.as_ref(), &region).await;
        let deployment = Deployment::new(aws, self.stack);
        Ok(Session {
            deployment,
            folder: self.folder,
            sandbox,
            endpoint,
            verbose: global.verbose > 0,
        })
    }
}

/// Why functions of the file cannot be called on this machine, and which those are: once for a runtime.
fn lacks(file: &stack::File) -> BTreeMap<String, Vec<String>> {
    let mut lacks = BTreeMap::<_, Vec<_>>::new();
    for (key, function) in &file.functions {
        let lack = function.program().and_then(|_| lack(function.runtime()));
        if let Some(lack) = lack {
            lacks
                .entry(lack)
                .or_default()
                .push(format!("functions.{key}"));
        }
    }
    lacks
}

/// Whether Lambda would start what is in a zip that `field` says to pack.
fn starts(bytes: &[u8], start: &Start<'_>, place: &str, field: &'static str) -> Result<(), Fault> {
    package::check(bytes, start)
        .map_err(|error| error.at(place))
        .map_err(Fault::of(field))?;
    package::finds_handler(bytes, start).map_err(Fault::of("handler"))
}

/// AWS, or what stands in for it.
pub(super) struct Reached {
    pub(super) aws: Arc<Aws>,
    /// Where requests go when not to AWS itself.
    pub(super) endpoint: Option<String>,
}

/// A region of AWS, or of what stands in for it.
pub(super) fn target(global: &Global, sandbox: Option<&Running>, region: &str) -> Target {
    match sandbox {
        Some(running) => Target {
            trace: global.trace.clone(),
            ..running.target(region)
        },
        None => Target {
            trace: global.trace.clone(),
            region: region.to_owned(),
            endpoint_url: global.endpoint_url.clone(),
            credentials: global
                .profile
                .clone()
                .map_or(Credentials::Chain, Credentials::Profile),
            ..Target::default()
        },
    }
}

/// The sandbox of a command that needs no stack.
pub(super) async fn begin(global: &Global) -> Result<Running> {
    let sandbox = Sandbox::beside(&global.file)?;
    match global.only_looks {
        true => sandbox.join().await,
        false => start(&sandbox).await,
    }
}

/// Starts a sandbox, and says what takes its time.
pub(super) async fn start(sandbox: &Sandbox) -> Result<Running> {
    let stages = Stages::new(tell);
    sandbox.start(&|line| stages.begin(line)).await
}

/// Connects without a stack.
pub(super) async fn reach(global: &Global, region: &str) -> Result<Reached> {
    let sandbox = match global.sandbox {
        true => Some(begin(global).await?),
        false => None,
    };
    Ok(clients(global, sandbox.as_ref(), region).await)
}

async fn clients(global: &Global, sandbox: Option<&Running>, region: &str) -> Reached {
    let target = target(global, sandbox, region);
    let endpoint = sandbox
        .map(|it| it.endpoint_url.clone())
        .or_else(|| endpoint(global));
    let aws = Arc::new(Aws::connect(target).await);
    aws.on_notice(tell);
    Reached { aws, endpoint }
}

/// Where requests go when neither to AWS itself nor to the sandbox, without a slash at the end.
pub(super) fn endpoint(global: &Global) -> Option<String> {
    let given = global
        .endpoint_url
        .clone()
        .or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
    given.map(|it| it.trim_end_matches('/').to_owned())
}

/// A stack and the AWS it lives in, and how a person named both.
pub(super) struct Session {
    pub(super) deployment: Deployment,
    /// Where stack.toml is.
    pub(super) folder: PathBuf,
    pub(super) sandbox: Option<Running>,
    /// Where requests go when not to AWS itself.
    pub(super) endpoint: Option<String>,
    verbose: bool,
}

/// What can be done with its deployment can be done with a session.
impl Deref for Session {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.deployment
    }
}

impl Session {
    /// Makes the functions' zips known to the planner and to the kinds.
    pub(super) fn with_packages(mut self, packages: Vec<(String, Package)>) -> Self {
        for (key, package) in packages {
            self.deployment.use_package(&key, package);
        }
        self
    }

    /// Finds parts of the stack, and asks for no more than they need.
    pub(super) async fn find(&self, parts: &[Part]) -> Result<Endpoints> {
        let reads = Reads::new(Arc::clone(&self.aws), self.stack.name());
        self.guard(&reads).await?;
        EndpointsQuery {
            reads: &reads,
            stack: &self.stack,
            endpoint: self.endpoint.as_deref(),
        }
        .at(parts)
        .await
    }

    /// For requests that are not the SDK's.
    pub(super) fn http(&self) -> Http {
        Http::to(self.endpoint.as_deref())
    }

    /// A result with where it is from, for programs.
    pub(super) fn placed(&self, result: &impl Serialize) -> Result<Value> {
        let result = serde_json::to_value(result);
        let result =
            result.map_err(|error| Error::internal("a result has no JSON").source(error))?;
        let target = match (&self.sandbox, &self.endpoint) {
            (Some(_), _) => "sandbox",
            (None, Some(url)) => url,
            (None, None) => "aws",
        };
        let head = [
            ("stack", self.stack.name().into()),
            ("region", self.stack.file.stack.region.as_str().into()),
            ("target", target.into()),
        ];
        Ok(first(head, result))
    }

    /// Where this is: for the first line of what a person reads.
    pub(super) fn place(&self, observed: &Observed) -> String {
        let stack = &observed.stack;
        let target = match (&self.sandbox, &self.endpoint) {
            (Some(_), _) => "the sandbox".to_owned(),
            (None, Some(url)) => url.clone(),
            (None, None) => format!("account {}", stack.account),
        };
        format!("stack {} in {target}, {}", stack.name, stack.region)
    }

    /// With `-v`, everything of a plan.
    pub(super) fn detail(&self) -> Detail {
        match self.verbose {
            true => Detail::All,
            false => Detail::Usual,
        }
    }

    /// With `-v`: how many requests there were.
    pub(super) fn tell_calls(&self) {
        if self.verbose {
            let of = |purpose| self.aws.calls().of(purpose);
            let (reads, writes, lock) = (of(Purpose::Read), of(Purpose::Write), of(Purpose::Lock));
            let all = reads + writes + lock;
            tell(&format!(
                "{all} requests: {reads} reads, {writes} writes, {lock} for the lock"
            ));
            for (operation, count) in self.aws.calls().by_operation() {
                tell(&format!("  {count:3} {operation}"));
            }
        }
    }
}

/// Refuses to take away what stack.toml protects; no option allows it.
pub(super) fn check_kept(plan: &Plan) -> Result<()> {
    let Some(address) = plan.kept.first() else {
        return Ok(());
    };
    let message = format!("{address}: protect = true keeps it from being deleted or replaced");
    Err(Error::refused(message).hint("if that is meant, remove protect from its table first"))
}

/// Refuses what would lose or replace something that the user did not name: all of it at once, with
/// every option that would allow it.
pub(super) fn check_allowed(
    plan: &Plan,
    consent: &crate::cli::Consent,
    replaceable: &[Address],
) -> Result<()> {
    check_kept(plan)?;
    check_blocked(plan)?;
    let losses = plan
        .losses
        .iter()
        .filter(|loss| !consent.delete_users.contains(&loss.name));
    let losses = losses.map(|loss| {
        let message = format!(
            "{}: this would lose {} of `{}` for good",
            loss.address, loss.what, loss.name
        );
        (message, format!("--delete-users {}", quoted(&loss.name)))
    });
    let protected = plan
        .protected
        .iter()
        .filter(|_| !consent.lift_deletion_protection);
    let protected = protected.map(|address| {
        (
            format!("{address}: deletion protection is on"),
            "--lift-deletion-protection".to_owned(),
        )
    });
    let is_allowed = |step: &&Step| replaceable.iter().any(|it| step.address.is_within(it));
    let replaced = plan
        .replacements()
        .filter(|step| !is_allowed(step))
        .map(|step| {
            let lost = step
                .lost
                .map(|lost| format!(": {lost}"))
                .unwrap_or_default();
            let what = match (step.action, &step.reason) {
                (Action::Create, Some(reason)) => format!("it would be made {reason}"),
                _ => "this would replace it".to_owned(),
            };
            let message = format!("{}: {what}{lost}", step.address);
            (
                message,
                format!("--allow-replace {}", quoted(&step.address.to_string())),
            )
        });
    let (messages, options): (Vec<_>, Vec<_>) = losses.chain(protected).chain(replaced).unzip();
    match messages.is_empty() {
        true => Ok(()),
        false => Err(Error::of_lines(ErrorKind::Refused, messages)
            .hint(format!("if that is meant, add {}", options.join(" ")))),
    }
}

/// What AWS would stop half-way at is refused before anything is done.
fn check_blocked(plan: &Plan) -> Result<()> {
    if plan.blocked.is_empty() {
        return Ok(());
    }
    let lines = plan.blocked.iter().map(|it| {
        format!(
            "{}: AWS does not delete it before {}, which is not wsctl's",
            it.address, it.by.what
        )
    });
    let commands: Vec<_> = plan
        .blocked
        .iter()
        .map(|it| it.by.command.as_str())
        .collect();
    Err(Error::of_lines(ErrorKind::Refused, lines).hint(format!(
        "nothing was changed; if it may go, remove it first: {}",
        commands.join("; ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Blocked, spec::Obstacle};

    #[test]
    fn a_runtime_that_this_machine_lacks_is_told_once() {
        let function = |name: &str, runtime: &str| {
            format!(
                "[functions.{name}]\nname = \"{name}\"\nzip = \"a.zip\"\nruntime = \"{runtime}\"\nhandler = \"a.b::c\"\n"
            )
        };
        let text = [
            "[stack]\nname = \"a\"\nregion = \"eu-west-1\"\n".to_owned(),
            function("one", "java21"),
            function("two", "python3.13").replace("::c", ""),
            function("three", "java21"),
        ];
        let stack = Stack::parse("stack.toml", &text.concat(), &Inputs::default()).unwrap();
        let lacks: Vec<_> = lacks(&stack.file).into_iter().collect();
        let [(why, functions)] = &lacks[..] else {
            panic!("{lacks:?}")
        };
        assert!(why.starts_with("java21: "), "{why}");
        assert_eq!(functions, &["functions.one", "functions.three"]);
    }

    #[test]
    fn what_aws_would_not_delete_is_refused_with_the_command_that_lets_it() {
        let mut plan = Plan::default();
        check_blocked(&plan).unwrap();
        let by = Obstacle {
            what: "its custom domain auth.example.com".into(),
            command: "aws cognito-idp delete-user-pool-domain".into(),
        };
        plan.blocked.push(Blocked {
            address: Address::new(["user_pool"]),
            by,
        });
        let error = check_blocked(&plan).unwrap_err();
        assert!(
            error.message.contains("user_pool") && error.message.contains("auth.example.com"),
            "{error}"
        );
        assert!(
            error
                .hint
                .unwrap()
                .contains("aws cognito-idp delete-user-pool-domain")
        );
    }
}
