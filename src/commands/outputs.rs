//! `wsctl outputs`: the ids and URLs that a front end, a script or a person needs.

pub(super) mod front_end;

use super::{
    given::{self, quoted},
    print, print_json, print_others_json,
    session::{Session, load},
    show::did_you_mean,
};
use crate::{
    cli::{Global, OutputsArgs, OutputsFormat},
    engine::{Observed, Outcome, Report, StepResult},
    error::{Error, Result},
    owner::{Owner, StackOutputs},
    plain::plain,
    plan::Action,
    spec::{
        Live, Produces,
        client::{Client, Grant},
        custom_domain::CustomDomain,
        domain::Domain,
        domain_name::DomainName,
        from_tree,
    },
    stack::{APIS, Api, ONLY_API, concrete},
    value::{self, Address, KnownOutputs},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write};

/// The names that there are.
pub(super) async fn names(session: &Session) -> Result<Vec<String>> {
    let observed = session.observe().await?;
    let there = There::seen(session, &observed);
    let outputs = collect(session, &observed.stack, &there);
    Ok(outputs.values.keys().cloned().collect())
}

pub(super) async fn run(global: &Global, args: &OutputsArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    let there = There::seen(&session, &observed);
    if there.known.is_empty() {
        return Err(Error::input(format!(
            "{}: nothing is there yet",
            session.place(&observed)
        ))
        .hint("run wsctl apply first"));
    }
    let outputs = collect(&session, &observed.stack, &there);
    session.tell_calls();
    if let Some(name) = &args.name {
        return one(&outputs, name, global.json);
    }
    match args.format {
        _ if global.json => print_json(&outputs.values),
        Some(OutputsFormat::Json) => print_json(&outputs.values),
        Some(OutputsFormat::Oidc) => {
            print_others_json(&front_end::oidc(&there, &outputs, args.client.as_deref())?)
        }
        Some(OutputsFormat::Amplify) => print_others_json(&front_end::amplify(
            &session,
            &there,
            &outputs,
            args.client.as_deref(),
        )?),
        None if !args.env => show(&table(&outputs)),
        _ => show(&env(&outputs)?),
    }
}

/// What is there of the stack, as it is in AWS: the file may say something else, or less.
pub(super) struct There {
    /// The ids of what the stack has.
    known: KnownOutputs,
    /// The app clients as they are.
    clients: BTreeMap<String, Client>,
}

impl There {
    /// What a look at AWS has found.
    pub(super) fn seen(session: &Session, observed: &Observed) -> Self {
        let is_existing = |at: &Address| {
            session
                .stack
                .desired
                .iter()
                .any(|it| it.address == *at && it.lifecycle.existing)
        };
        let is_used = |live: &&Live| {
            matches!(live.owner, Owner::Ours | Owner::Attached) || is_existing(&live.address)
        };
        let used: Vec<_> = observed.live.iter().filter(is_used).collect();
        let known = used
            .iter()
            .map(|live| (live.address.clone(), live.outputs.clone()))
            .collect();
        let clients = used.iter().filter(|live| live.kind == Client::NAME);
        let clients = clients
            .filter_map(|live| client(&live.name, &live.spec))
            .collect();
        Self { known, clients }
    }

    /// What was seen before an apply, with what that apply declared put into its place.
    pub(super) fn applied(session: &Session, observed: &Observed, report: &Report) -> Self {
        let seen = Self::seen(session, observed);
        let desired = &session.stack.desired;
        let is_declared = |at: &Address| desired.iter().any(|it| it.address == *at);
        let made = report
            .known
            .iter()
            .filter(|(address, _)| is_declared(address));
        let known: KnownOutputs = made
            .map(|(address, outputs)| (address.clone(), outputs.clone()))
            .collect();
        let declared = desired
            .iter()
            .filter(|it| it.kind == Client::NAME && known.contains_key(&it.address));
        let values: KnownOutputs = session
            .stack
            .known
            .iter()
            .chain(&report.known)
            .map(owned)
            .collect();
        let clients = declared.filter_map(|it| {
            let mut spec = seen
                .clients
                .get(&it.name)
                .and_then(|it| serde_json::to_value(it).ok());
            let spec = spec.get_or_insert_with(|| json!({}));
            let fields = value::resolve(&it.spec, &values);
            let fields = fields
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, value)| !value.is_null());
            fields.for_each(|(name, value)| spec[name] = value.clone());
            client(&it.name, spec)
        });
        Self {
            clients: clients.collect(),
            known,
        }
    }

    fn get(&self, address: &Address, output: &str) -> Option<String> {
        self.known
            .get(address)
            .and_then(|it| it[output].as_str())
            .map(ToOwned::to_owned)
    }

    /// The names of what is in a table of stack.toml: `functions`, `secrets`.
    fn in_table(&self, table: &str) -> impl Iterator<Item = (&str, &Address)> {
        self.known
            .keys()
            .filter_map(move |address| match address.segments() {
                [first, name] if first == table => Some((name.as_str(), address)),
                _ => None,
            })
    }

    /// The APIs' names and addresses.
    fn apis(&self) -> impl Iterator<Item = (&str, Address)> {
        let further = self.in_table(APIS);
        let further = further.map(|(name, at)| (name, at.clone()));
        [(ONLY_API, Address::new([ONLY_API]))]
            .into_iter()
            .chain(further)
    }

    /// Where a client's users sign in; none where it has no hosted login, or the pool has none.
    fn login_url(&self, session: &Session, client: &Client, id: &str) -> Option<String> {
        // The name of one's own is the one for people.
        let of = |table| self.get(&Address::new(["user_pool", table]), "login_url");
        let domain = of("custom_domain").or_else(|| of("domain"))?;
        let base = session.endpoint.as_ref().unwrap_or(&domain);
        let (answer, callback) = (answer_of(client)?, client.callback()?);
        let (scopes, callback) = (
            urlencoding::encode(&client.scope()).into_owned(),
            urlencoding::encode(callback).into_owned(),
        );
        Some(format!(
            "{base}/oauth2/authorize?client_id={id}&response_type={answer}&scope={scopes}&redirect_uri={callback}"
        ))
    }
}

/// How the names of an API's outputs end: those of `[apis.NAME]` in `_NAME`.
fn end_of(api: &str) -> String {
    match api {
        ONLY_API => String::new(),
        name => format!("_{name}"),
    }
}

fn owned((address, value): (&Address, &Value)) -> (Address, Value) {
    (address.clone(), value.clone())
}

fn client(name: &str, spec: &Value) -> Option<(String, Client)> {
    Some((name.to_owned(), from_tree(spec).ok()?))
}

/// What the login sends users back with; none where only programs get tokens.
fn answer_of(client: &Client) -> Option<&'static str> {
    match () {
        () if client.has(Grant::Code) => Some("code"),
        () if client.has(Grant::Implicit) => Some("token"),
        () => None,
    }
}

fn show(text: &str) -> Result<u8> {
    print(text)?;
    Ok(0)
}

/// The outputs, in the order in which a person wants them.
pub(super) struct Outputs {
    pub(super) values: serde_json::Map<String, Value>,
}

impl Outputs {
    fn add(&mut self, name: impl Into<String>, value: Option<String>) {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            self.values.insert(name.into(), value.into());
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(ToOwned::to_owned)
    }

    /// The first whose name begins so: of several APIs that of `[api]`, or any.
    pub(super) fn starting(&self, name: &str) -> Option<String> {
        let mut found = self.values.iter().filter(|it| it.0.starts_with(name));
        found
            .next()
            .and_then(|it| it.1.as_str())
            .map(ToOwned::to_owned)
    }
}

pub(super) fn collect(session: &Session, stack: &StackOutputs, there: &There) -> Outputs {
    let pool = Address::new(["user_pool"]);
    let mut outputs = Outputs {
        values: serde_json::Map::new(),
    };
    outputs.add("region", Some(stack.region.clone()));
    for (name, output) in [
        ("user_pool_id", "id"),
        ("user_pool_arn", "arn"),
        ("issuer", "issuer"),
    ] {
        outputs.add(name, there.get(&pool, output));
    }
    for (key, client) in &there.clients {
        let Some(id) = there.get(&pool.join("clients").join(key), "id") else {
            continue;
        };
        outputs.add(format!("client_id_{key}"), Some(id.clone()));
        outputs.add(
            format!("login_url_{key}"),
            there.login_url(session, client, &id),
        );
    }
    let custom = pool.join("custom_domain");
    outputs.add("login_domain_name", there.get(&custom, "name"));
    outputs.add("login_domain_target", there.get(&custom, "target"));
    outputs.add(
        "identity_pool_id",
        there.get(&Address::new(["identity_pool"]), "id"),
    );
    for (name, api) in there.apis() {
        let (end, stage) = (end_of(name), api.join("stage"));
        outputs.add(format!("api_id{end}"), there.get(&api, "id"));
        let url = session
            .endpoint_api(&there.known, &stage)
            .or_else(|| there.get(&stage, "invoke_url"));
        outputs.add(format!("api_url{end}"), url);
    }
    for (key, address) in there.in_table("domain_names") {
        outputs.add(format!("domain_name_{key}"), there.get(address, "name"));
        outputs.add(format!("domain_target_{key}"), there.get(address, "target"));
    }
    for (key, address) in there.in_table("api_keys") {
        outputs.add(format!("api_key_id_{key}"), there.get(address, "id"));
    }
    for (key, address) in there.in_table("functions") {
        outputs.add(format!("function_{key}"), there.get(address, "name"));
    }
    for (key, address) in there.in_table("secrets") {
        outputs.add(format!("secret_arn_{key}"), there.get(address, "arn"));
    }
    outputs
}

impl Session {
    /// Where an emulator serves a deployed API; AWS has a host name for each.
    fn endpoint_api(&self, known: &KnownOutputs, stage: &Address) -> Option<String> {
        let (endpoint, stage) = (self.endpoint.as_ref()?, known.get(stage)?);
        let (api, name) = (stage["rest_api_id"].as_str()?, stage["name"].as_str()?);
        Some(format!("{endpoint}/restapis/{api}/{name}/_user_request_"))
    }
}

/// The value of one of them, for a script.
fn one(outputs: &Outputs, name: &str, is_json: bool) -> Result<u8> {
    let Some(value) = outputs.values.get(name) else {
        let there: Vec<_> = outputs.values.keys().cloned().collect();
        let error = Error::usage(format!("{name}: there is no such output"));
        return Err(error.hint(did_you_mean(name, &there).unwrap_or_default()));
    };
    match is_json {
        true => print_json(value),
        false => show(&format!("{}\n", plain(value.as_str().unwrap_or_default()))),
    }
}

fn table(outputs: &Outputs) -> String {
    let width = outputs
        .values
        .keys()
        .map(String::len)
        .max()
        .unwrap_or_default();
    outputs
        .values
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(
                text,
                "{:width$} = {}",
                plain(name),
                plain(value.as_str().unwrap_or_default())
            );
            text
        })
}

/// `NAME=value` lines for a shell to evaluate: what it would read otherwise, such as the `&` of a
/// URL, is in quotes.
fn env(outputs: &Outputs) -> Result<String> {
    let lines = outputs.values.iter().map(|(name, value)| {
        let value = shlex::try_quote(value.as_str().unwrap_or_default());
        let value =
            value.map_err(|error| Error::internal("an output cannot be quoted").source(error))?;
        // A client that somebody else made may have any name.
        let letter = |it: char| {
            if it.is_ascii_alphanumeric() {
                it.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        Ok(format!(
            "{}={value}\n",
            name.chars().map(letter).collect::<String>()
        ))
    });
    lines.collect()
}

/// The outputs after an apply, with what to do next.
pub(super) fn human(session: &Session, outputs: &Outputs, report: &Report) -> String {
    let mut text = format!("\nOutputs\n{}", table(outputs));
    if session.endpoint.is_none() {
        if is_login_new(report) {
            text.push_str("\nThe login is new: AWS may take a minute until its pages answer.\n");
        }
        text.push_str(&records(outputs, report));
    }
    text.push_str("\nNext\n");
    let mut apis = session.stack.file.apis();
    let url = apis.find_map(|api| {
        let url = outputs.text(&format!("api_url{}", end_of(api.name())))?;
        Some(format!("{url}{}", path_to_get(&api)?))
    });
    if let Some(url) = url {
        let _ = writeln!(text, "  curl -i {}", quoted(&url));
    }
    let next = [
        ("wsctl plan", "what differs from stack.toml"),
        ("wsctl destroy", "remove it all again"),
    ];
    let next = next.map(|(words, what)| (given::command(words), what));
    let width = next.iter().map(|it| it.0.len()).max().unwrap_or_default();
    for (command, what) in next {
        let _ = writeln!(text, "  {command:width$}    # {what}");
    }
    text
}

/// Whether this apply made the login's domain: a prefix is ready within a minute (docs/aws.md §4).
fn is_login_new(report: &Report) -> bool {
    made(report, Domain::NAME).next().is_some()
}

/// What this apply made of a kind.
fn made<'a>(report: &'a Report, kind: &'a str) -> impl Iterator<Item = &'a StepResult> {
    report.results.iter().filter(move |it| {
        it.kind == kind
            && matches!(it.action, Action::Create | Action::Replace)
            && matches!(it.outcome, Outcome::Done(_))
    })
}

/// The DNS records that the new domain names need, which are not wsctl's to make.
fn records(outputs: &Outputs, report: &Report) -> String {
    let mut text = String::new();
    let of_login = made(report, CustomDomain::NAME);
    let of_login =
        of_login.map(|_| ["login_domain_name", "login_domain_target"].map(ToOwned::to_owned));
    let of_apis = made(report, DomainName::NAME).map(|it| {
        let key = it.address.segments().last().map_or("", String::as_str);
        ["name", "target"].map(|what| format!("domain_{what}_{key}"))
    });
    for [name, target] in of_login.chain(of_apis) {
        if let (Some(name), Some(target)) = (outputs.text(&name), outputs.text(&target)) {
            let (name, target) = (plain(name), plain(target));
            let _ = writeln!(
                text,
                "\nThe name {name} needs a DNS record, a CNAME or an alias, to {target}\n\
                 AWS takes up to an hour until it answers there."
            );
        }
    }
    text
}

/// A path that can be asked for; one without a parameter before any with.
fn path_to_get(api: &Api<'_>) -> Option<String> {
    let routes = api.routes.keys();
    let paths = routes.filter_map(|it| it.strip_prefix("GET ").or_else(|| it.strip_prefix("ANY ")));
    paths.min_by_key(|path| path.contains('{')).map(concrete)
}
