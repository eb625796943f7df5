//! `wsctl outputs`: the ids and URLs that a front end, a script or a person needs.

use super::{
    print, print_json,
    session::{Session, load},
};
use crate::{
    cli::{Global, OutputsArgs, OutputsFormat},
    error::{Error, Result},
    kind::{Live, Owner},
    kinds::client::Client,
    value::{Address, Known},
};
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) async fn run(global: &Global, args: &OutputsArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    let is_existing =
        |at: &Address| session.stack.desired.iter().any(|it| it.address == *at && it.fate.existing);
    let is_used =
        |live: &&Live| matches!(live.owner, Owner::Ours | Owner::Attached) || is_existing(&live.address);
    let ours = observed.live.iter().filter(is_used);
    let mut known: Known = ours.map(|live| (live.address.clone(), live.outputs.clone())).collect();
    if known.is_empty() {
        return Err(Error::refused(format!("{}: nothing is there yet", session.place(&observed)))
            .hint("run wsctl apply first"));
    }
    known.insert(Address::new(["stack"]), json!(observed.stack));
    let outputs = collect(&session, &known);
    session.tell_calls();
    match args.format {
        _ if global.json => print_json(&outputs.values),
        Some(OutputsFormat::Json) => print_json(&outputs.values),
        Some(OutputsFormat::Oidc) => print_json(&oidc(&session, &outputs, args.client.as_deref())?),
        None if !args.env => show(&table(&outputs)),
        _ => show(&env(&outputs)?),
    }
}

fn show(text: &str) -> Result<u8> {
    print(text);
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
}

pub(super) fn collect(session: &Session, known: &Known) -> Outputs {
    let get = |address: &Address, output: &str| {
        known.get(address).and_then(|it| it[output].as_str()).map(ToOwned::to_owned)
    };
    let (stack, pool) = (Address::new(["stack"]), Address::new(["user_pool"]));
    let mut outputs = Outputs { values: serde_json::Map::new() };
    outputs.add("region", get(&stack, "region"));
    outputs.add("user_pool_id", get(&pool, "id"));
    outputs.add("user_pool_arn", get(&pool, "arn"));
    outputs.add("issuer", session.endpoint_issuer(get(&pool, "id")).or_else(|| get(&pool, "issuer")));
    let clients = session.stack.file.user_pool.iter().flat_map(|table| &table.clients);
    for (key, client) in clients {
        let address = pool.join("clients").join(key);
        let id = get(&address, "id");
        outputs.add(format!("client_id_{key}"), id.clone());
        let base = session.endpoint.clone().or_else(|| get(&pool.join("domain"), "login_url"));
        if let (Some(base), Some(id), Some(callback)) = (base, id, callback(client)) {
            let scopes: Vec<_> = client.oauth_scopes.iter().flatten().map(String::as_str).collect();
            let (scopes, callback) =
                (urlencoding::encode(&scopes.join(" ")).into_owned(), urlencoding::encode(callback));
            let url = format!(
                "{base}/oauth2/authorize?client_id={id}&response_type=code&scope={scopes}&redirect_uri={callback}"
            );
            outputs.add(format!("login_url_{key}"), Some(url));
        }
    }
    let stage = Address::new(["api", "stage"]);
    outputs.add("api_id", get(&Address::new(["api"]), "id"));
    outputs.add("api_url", session.endpoint_api(known, &stage).or_else(|| get(&stage, "invoke_url")));
    for key in session.stack.file.functions.keys() {
        outputs.add(format!("function_{key}"), get(&Address::new(["functions", key]), "name"));
    }
    for key in session.stack.file.secrets.keys() {
        outputs.add(format!("secret_arn_{key}"), get(&Address::new(["secrets", key]), "arn"));
    }
    outputs
}

impl Session {
    /// Where an emulator serves a deployed API; AWS has a host name for each.
    fn endpoint_api(&self, known: &Known, stage: &Address) -> Option<String> {
        let (endpoint, stage) = (self.endpoint.as_ref()?, known.get(stage)?);
        let (api, name) = (stage["rest_api_id"].as_str()?, stage["name"].as_str()?);
        Some(format!("{endpoint}/restapis/{api}/{name}/_user_request_"))
    }

    fn endpoint_issuer(&self, pool: Option<String>) -> Option<String> {
        Some(format!("{}/{}", self.endpoint.as_ref()?, pool?))
    }
}

/// What a front end has to know to sign users in with a client; nothing in it is a secret.
fn oidc(session: &Session, outputs: &Outputs, wanted: Option<&str>) -> Result<Value> {
    let clients = session.stack.file.user_pool.iter().flat_map(|pool| &pool.clients);
    let mut clients = clients.filter(|(key, _)| wanted.is_none_or(|wanted| wanted == key.as_str()));
    let (key, client) = clients.next().ok_or_else(|| Error::input("stack.toml has no such app client"))?;
    if clients.next().is_some() {
        return Err(Error::input("the stack has several app clients").hint("add --client NAME"));
    }
    let login = outputs.text(&format!("login_url_{key}"));
    let base = login.and_then(|url| url.split_once("/oauth2/authorize")).map(|it| it.0);
    let scopes: Vec<_> = client.oauth_scopes.iter().flatten().map(String::as_str).collect();
    Ok(json!({
        "authority": outputs.text("issuer"),
        "client_id": outputs.text(&format!("client_id_{key}")),
        "redirect_uri": callback(client),
        "post_logout_redirect_uri": client.logout_urls.iter().flatten().next(),
        "response_type": "code",
        "scope": scopes.join(" "),
        "login_url": login,
        "logout_url": base.map(|base| format!("{base}/logout")),
        "api_url": outputs.text("api_url"),
    }))
}

/// Where the login sends users that name no other place.
fn callback(client: &Client) -> Option<&String> {
    client.default_redirect_uri.as_ref().or(client.callback_urls.iter().flatten().next())
}

fn table(outputs: &Outputs) -> String {
    let width = outputs.values.keys().map(String::len).max().unwrap_or_default();
    outputs.values.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name:width$} = {}", value.as_str().unwrap_or_default());
        text
    })
}

/// `NAME=value` lines for a shell to evaluate: what it would read otherwise, such as the `&` of a
/// URL, is in quotes.
fn env(outputs: &Outputs) -> Result<String> {
    let lines = outputs.values.iter().map(|(name, value)| {
        let value = shlex::try_quote(value.as_str().unwrap_or_default());
        let value = value.map_err(|error| Error::internal("an output cannot be quoted").source(error))?;
        Ok(format!("{}={value}\n", name.to_uppercase().replace('-', "_")))
    });
    lines.collect()
}

/// The outputs after an apply, with what to do next.
pub(super) fn human(session: &Session, outputs: &Outputs) -> String {
    let mut text = format!("\nOutputs\n{}", table(outputs));
    let flag = if session.sandbox.is_some() { " --sandbox" } else { "" };
    text.push_str("\nNext\n");
    let first_route = session
        .stack
        .file
        .api
        .iter()
        .flat_map(|api| api.routes.keys())
        .find_map(|it| it.strip_prefix("GET "));
    if let (Some(url), Some(path)) = (outputs.text("api_url"), first_route) {
        let _ = writeln!(text, "  curl -i {url}{path}");
    }
    let _ = writeln!(text, "  wsctl plan{flag}       # what differs from stack.toml");
    let _ = writeln!(text, "  wsctl destroy{flag}    # remove it all again");
    text
}
