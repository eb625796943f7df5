//! What most commands begin with: the file read, AWS connected, the account checked.

use super::tell;
use crate::{
    aws::{Aws, Credentials, Reads, Target},
    cli::Global,
    engine::{self, Observed},
    error::{Context, Error, Kind, Result},
    identity::{Http, Look, Part, Place},
    kind::AnyKind,
    kinds,
    package::{self, Package},
    plan::{Desired, Input, Plan, Remark, Undeclared, plan},
    sandbox::{Running, Sandbox},
    stack::{Diagnostic, Inputs, Stack, code_address, path},
    value::{Address, Known},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A stack.toml without mistakes.
pub(super) struct Loaded {
    pub(super) stack: Stack,
    pub(super) kinds: Vec<Box<dyn AnyKind>>,
    folder: PathBuf,
}

/// Reads the file; its warnings are for the caller to show.
pub(super) fn load(global: &Global) -> Result<Loaded> {
    let file = &global.file;
    let text = read(file)?;
    let mut variables = BTreeMap::new();
    if global.sandbox
        && let Some(database) = Sandbox::beside(file)?.database()?
    {
        variables.extend(database.variables());
    }
    variables.extend(global.variables.iter().cloned());
    let inputs = Inputs {
        variables,
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        region: global.region.clone(),
    };
    let kinds = kinds::all();
    let stack = Stack::parse(&file.display().to_string(), &text, &inputs, &kinds)?;
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(Loaded { stack, kinds, folder })
}

fn read(file: &Path) -> Result<String> {
    let shown = file.display();
    if file.is_dir() {
        let hint = format!("name the file in it: --file {}", file.join("stack.toml").display());
        return Err(Error::input(format!("{shown} is a folder")).hint(hint));
    }
    let bytes = std::fs::read(file).context(Kind::Input, format!("cannot read {shown}"));
    let bytes = bytes.map_err(|error| {
        error.hint("run wsctl in the folder of a stack.toml, or name one with --file; examples/ has some to start from")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Error::input(format!("{shown}:{line}: this is not UTF-8 text"))
            .hint("save the file as UTF-8, as every editor can; or is this the right file?")
    })
}

impl Loaded {
    /// Opens, or builds, the zip of every function.
    pub(super) fn packages(&self) -> Result<Vec<(String, Package)>> {
        let functions = self.stack.file.functions.iter();
        functions.map(|(key, _)| Ok((key.clone(), self.package(key)?))).collect()
    }

    fn package(&self, key: &str) -> Result<Package> {
        let function = &self.stack.file.functions[key];
        let (field, result) = match (&function.zip, &function.crate_folder) {
            (Some(zip), _) => ("zip", package::open(&self.folder.join(zip), &function.architecture)),
            (None, folder) => {
                let folder = self.folder.join(folder.as_deref().unwrap_or_default());
                let out = self.folder.join(".wsctl/packages");
                let mut progress = |line: &str| tell(line);
                ("crate", package::build(&folder, &function.architecture, &out, &mut progress))
            }
        };
        result.map_err(|error| {
            let help = error.hint.clone().unwrap_or_default();
            let place = path(["functions", key, field]);
            self.stack.refuse(Diagnostic::error(place, error.to_string(), help))
        })
    }

    /// Starts the local AWS, and its database where the file has a variable for it.
    async fn start_sandbox(&self, global: &Global) -> Result<Running> {
        let tell = |line: &str| tell(line);
        let sandbox = Sandbox::beside(&global.file)?;
        let wants_database = self.stack.file.vars.contains_key("db_host")
            && !global.variables.iter().any(|(name, _)| name == "db_host");
        if wants_database {
            match sandbox.database()? {
                Some(database) => sandbox.start_database(&database, &tell).await?,
                None => tell(
                    "no PostgreSQL on this machine, so the API answers without a database (503); \
                     install one (sudo apt-get install postgresql, brew install postgresql), then apply again",
                ),
            }
        }
        sandbox.start(&tell).await
    }

    /// Connects to AWS, or to what stands in for it.
    pub(super) async fn connect(self, global: &Global) -> Result<Session> {
        let region = self.stack.file.stack.region.clone();
        let sandbox = match global.sandbox {
            true => Some(self.start_sandbox(global).await?),
            false => None,
        };
        let Reached { aws, endpoint } = clients(global, sandbox.as_ref(), &region).await;
        let Self { stack, kinds, .. } = self;
        Ok(Session { stack, kinds, aws, sandbox, endpoint, verbose: global.verbose })
    }
}

/// AWS, or what stands in for it.
pub(super) struct Reached {
    pub(super) aws: Arc<Aws>,
    /// Where requests go when not to AWS itself.
    pub(super) endpoint: Option<String>,
}

/// Connects without a stack.
pub(super) async fn reach(global: &Global, region: &str) -> Result<Reached> {
    let sandbox = match global.sandbox {
        true => Some(Sandbox::beside(&global.file)?.start(&|line| tell(line)).await?),
        false => None,
    };
    Ok(clients(global, sandbox.as_ref(), region).await)
}

async fn clients(global: &Global, sandbox: Option<&Running>, region: &str) -> Reached {
    let target = match sandbox {
        Some(running) => running.target(region),
        None => Target {
            region: region.to_owned(),
            endpoint_url: global.endpoint_url.clone(),
            credentials: global.profile.clone().map_or(Credentials::Chain, Credentials::Profile),
            http_client: None,
        },
    };
    let endpoint = target.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
    let aws = Arc::new(Aws::connect(target).await);
    aws.on_notice(tell);
    Reached { aws, endpoint: endpoint.map(|it| it.trim_end_matches('/').to_owned()) }
}

/// A stack and the AWS it lives in.
pub(super) struct Session {
    pub(super) stack: Stack,
    pub(super) kinds: Vec<Box<dyn AnyKind>>,
    pub(super) aws: Arc<Aws>,
    pub(super) sandbox: Option<Running>,
    /// Where requests go when not to AWS itself.
    pub(super) endpoint: Option<String>,
    verbose: bool,
}

impl Session {
    /// Makes the functions' zips known to the planner and to the kinds.
    pub(super) fn with_packages(mut self, packages: Vec<(String, Package)>) -> Self {
        for (key, package) in packages {
            self.stack.known.insert(code_address(&key), json!({ "sha256": package.sha256 }));
            let mut zips = self.aws.zips.write().expect("no panic while held");
            zips.insert(package.sha256, package.path);
        }
        self
    }

    /// Looks at everything of the stack.
    pub(super) async fn observe(&self) -> Result<Observed> {
        let reads = Reads::new(Arc::clone(&self.aws), self.stack.name());
        self.guard(&reads).await?;
        engine::observe(&reads, &self.kinds, &self.stack.desired, &self.stack.known).await
    }

    /// Finds parts of the stack, and asks for no more than they need.
    pub(super) async fn find(&self, parts: &[Part]) -> Result<Place> {
        let reads = Reads::new(Arc::clone(&self.aws), self.stack.name());
        self.guard(&reads).await?;
        Look { reads: &reads, stack: &self.stack, endpoint: self.endpoint.as_deref() }.at(parts).await
    }

    /// For requests that are not the SDK's.
    pub(super) fn http(&self) -> Http {
        Http::to(self.endpoint.as_deref())
    }

    /// Refuses credentials of another account than the file names.
    async fn guard(&self, reads: &Reads) -> Result<()> {
        let Some(declared) = &self.stack.file.stack.account else { return Ok(()) };
        let actual = reads.caller_account().await?;
        if *declared == actual {
            return Ok(());
        }
        let place = path(["stack", "account"]);
        let message = format!("the credentials are of account {actual}, not {declared}");
        let help = "use credentials of that account (--profile), or change this line";
        Err(self.stack.refuse(Diagnostic::error(place, message, help)))
    }

    /// The plan that brings what is observed to what is `desired`.
    pub(super) fn plan(
        &self,
        observed: &Observed,
        desired: &[Desired],
        undeclared: Undeclared,
    ) -> Result<Plan> {
        let traits: Vec<_> = self.kinds.iter().map(|kind| kind.traits()).collect();
        let input = Input {
            desired,
            live: observed.live.clone(),
            kinds: &traits,
            known: self.known(observed),
            undeclared,
        };
        let mut plan = plan(input)?;
        if !desired.is_empty() {
            let warnings = self.stack.warnings.iter().map(|it| Remark {
                address: Address::new(it.path.clone()),
                text: format!("{}; {}", it.message, it.help),
            });
            plan.warnings.extend(warnings);
        }
        Ok(plan)
    }

    fn known(&self, observed: &Observed) -> Known {
        let mut known = self.stack.known.clone();
        known.insert(Address::new(["stack"]), json!(observed.stack));
        known
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

    /// With `-v`: how many requests there were.
    pub(super) fn tell_calls(&self) {
        if self.verbose {
            let (reads, writes) = self.aws.calls().reads_and_writes();
            tell(&format!("{} requests: {reads} reads, {writes} writes", reads + writes));
            for (operation, count) in self.aws.calls().by_operation() {
                tell(&format!("  {count:3} {operation}"));
            }
        }
    }
}

/// Refuses what would lose something unless the user named it.
pub(super) fn check_consent(plan: &Plan, consent: &crate::cli::Consent) -> Result<()> {
    let unnamed = plan.losses.iter().find(|loss| consent.delete_users.as_ref() != Some(&loss.name));
    if let Some(loss) = unnamed {
        let message = format!("{}: this would lose {} of `{}` for good", loss.address, loss.what, loss.name);
        let hint = format!("if that is meant, add --delete-users {}", loss.name);
        return Err(Error::refused(message).hint(hint));
    }
    match plan.protected.first() {
        Some(address) if !consent.lift_deletion_protection => {
            let message = format!("{address}: deletion protection is on");
            let hint = "if its deletion is meant, add --lift-deletion-protection";
            Err(Error::refused(message).hint(hint))
        }
        _ => Ok(()),
    }
}
