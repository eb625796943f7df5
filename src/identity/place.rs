//! Where a stack's pool, clients and API are, read from live AWS: only what is needed of it.

use crate::{
    aws::Reads,
    engine,
    error::{Error, ErrorKind, Result},
    kinds,
    owner::Owner,
    spec::{
        Live, Produces, api_key::ApiKey, authorizer::Authorizer, client::Client,
        custom_domain::CustomDomain, domain::Domain, from_tree, rest_api::RestApi,
        stage::Stage as ApiStage, user_pool::UserPool,
    },
    stack::Stack,
    value::Address,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which part of a stack a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The pool and its clients.
    Pool,
    /// These, and the hosted login.
    Login,
    /// The APIs, their authorizers and stages.
    Api,
    /// The API keys.
    ApiKeys,
}

/// What is there of the parts that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    pub pool: Option<Pool>,
    /// By their addresses: `api`, `apis.NAME`.
    pub apis: BTreeMap<Address, Api>,
    /// Ids of the API keys, by their names in stack.toml.
    pub api_keys: BTreeMap<String, String>,
}

/// The user pool.
#[derive(Clone, Debug)]
pub struct Pool {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where its public keys are.
    pub keys_url: String,
    /// The hosted login's address, without a slash at the end.
    pub login_url: Option<String>,
    /// By their names in stack.toml.
    pub clients: BTreeMap<String, PoolClient>,
}

/// An app client as it is.
#[derive(Clone, Debug)]
pub struct PoolClient {
    pub key: String,
    pub id: String,
    pub live: Client,
}

/// The API.
#[derive(Clone, Debug)]
pub struct Api {
    pub id: String,
    /// The stage's address, without a slash at the end.
    pub url: Option<String>,
    /// Ids, by their names in stack.toml.
    pub authorizers: BTreeMap<String, String>,
}

/// What is looked at, and with what.
pub struct EndpointsQuery<'a> {
    pub reads: &'a Reads,
    pub stack: &'a Stack,
    /// Where requests go when not to AWS itself.
    pub endpoint: Option<&'a str>,
}

impl EndpointsQuery<'_> {
    /// Finds these parts of the stack.
    pub async fn at(&self, parts: &[Part]) -> Result<Endpoints> {
        let live = self.observe(&kinds_of(parts)).await?;
        Ok(Endpoints {
            pool: self.pool(&live),
            apis: self.apis(&live),
            api_keys: api_keys(&live),
        })
    }

    async fn observe(&self, names: &[&str]) -> Result<Vec<Live>> {
        let kinds: Vec<_> = kinds::all()
            .into_iter()
            .filter(|it| names.contains(&it.traits().name))
            .collect();
        let desired: Vec<_> = self
            .stack
            .desired
            .iter()
            .filter(|it| names.contains(&it.kind))
            .cloned()
            .collect();
        // On the heap: a look at every kind is more than a thread's stack holds without optimising.
        let look = Box::pin(engine::observe(
            self.reads,
            &kinds,
            &desired,
            &self.stack.known,
        ));
        let seen = look.await?;
        Ok(seen
            .live
            .into_iter()
            .filter(|live| !matches!(live.owner, Owner::Nobody | Owner::Stack(_)))
            .collect())
    }

    fn pool(&self, live: &[Live]) -> Option<Pool> {
        let pool = live.iter().find(|it| it.kind == UserPool::NAME)?;
        let output = |name: &str| text(&pool.outputs, name);
        let (id, issuer) = (output("id"), output("issuer"));
        Some(Pool {
            keys_url: keys_url(&issuer),
            arn: output("arn"),
            name: output("name"),
            login_url: self.login_url(live),
            clients: children(live, &pool.address, Client::NAME)
                .filter_map(client)
                .collect(),
            id,
            issuer,
        })
    }

    /// An emulator has the login at its own address; AWS has a host name for each. The one with a prefix needs no
    /// DNS record, and answers sooner.
    fn login_url(&self, live: &[Live]) -> Option<String> {
        let of = |kind: &str| live.iter().find(|it| it.kind == kind);
        let domain = of(Domain::NAME).or_else(|| of(CustomDomain::NAME))?;
        let endpoint = self.endpoint.map(|it| it.trim_end_matches('/').to_owned());
        Some(endpoint.unwrap_or_else(|| text(&domain.outputs, "login_url")))
    }

    fn apis(&self, live: &[Live]) -> BTreeMap<Address, Api> {
        let apis = live.iter().filter(|it| it.kind == RestApi::NAME);
        apis.map(|it| (it.address.clone(), self.api(live, it)))
            .collect()
    }

    fn api(&self, live: &[Live], api: &Live) -> Api {
        let id = text(&api.outputs, "id");
        let stage = children(live, &api.address, ApiStage::NAME).next();
        let url = stage.map(|stage| match self.endpoint {
            Some(endpoint) => {
                let (endpoint, name) =
                    (endpoint.trim_end_matches('/'), text(&stage.outputs, "name"));
                format!("{endpoint}/restapis/{id}/{name}/_user_request_")
            }
            None => text(&stage.outputs, "invoke_url"),
        });
        let authorizers = children(live, &api.address, Authorizer::NAME);
        let authorizers = authorizers
            .map(|it| (it.name.clone(), text(&it.outputs, "id")))
            .collect();
        Api {
            id,
            url,
            authorizers,
        }
    }
}

impl Endpoints {
    pub fn pool(&self) -> Result<&Pool> {
        self.pool.as_ref().ok_or_else(|| not_found("user pool"))
    }

    /// The API at an address, and where its stage is.
    pub fn api(&self, at: &Address) -> Result<(&Api, &str)> {
        let api = self.apis.get(at).ok_or_else(|| not_found("API"))?;
        let url = api
            .url
            .as_deref()
            .ok_or_else(|| not_found("stage of the API"))?;
        Ok((api, url))
    }
}

impl Pool {
    /// The part of the id after the underscore, which SRP wants.
    pub fn short_name(&self) -> &str {
        short_name(&self.id)
    }

    /// The client of this name in stack.toml; without a name, the only one.
    pub fn client(&self, key: Option<&str>) -> Result<&PoolClient> {
        let keys = || {
            self.clients
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match key {
            Some(key) => self.clients.get(key).ok_or_else(|| {
                Error::usage(format!("the pool has no app client `{key}` of this stack"))
                    .hint(format!("name one of: {}; or run wsctl apply first", keys()))
            }),
            None if self.clients.len() > 1 => {
                Err(Error::usage("the stack has several app clients")
                    .hint(format!("add --client, one of: {}", keys())))
            }
            None => self
                .clients
                .values()
                .next()
                .ok_or_else(|| not_found("app client")),
        }
    }
}

/// The part of a pool's id after the underscore.
pub fn short_name(pool_id: &str) -> &str {
    pool_id.split_once('_').map_or(pool_id, |it| it.1)
}

/// Where the keys of an issuer are.
pub fn keys_url(issuer: &str) -> String {
    format!("{issuer}/.well-known/jwks.json")
}

fn kinds_of(parts: &[Part]) -> Vec<&'static str> {
    let of = |part: &Part| match part {
        Part::Pool => vec![UserPool::NAME, Client::NAME],
        Part::Login => {
            vec![
                UserPool::NAME,
                Client::NAME,
                Domain::NAME,
                CustomDomain::NAME,
            ]
        }
        Part::Api => vec![RestApi::NAME, Authorizer::NAME, ApiStage::NAME],
        Part::ApiKeys => vec![ApiKey::NAME],
    };
    parts.iter().flat_map(of).collect()
}

fn api_keys(live: &[Live]) -> BTreeMap<String, String> {
    let keys = live.iter().filter(|it| it.kind == ApiKey::NAME);
    let name = |it: &Live| it.address.segments().last().cloned();
    keys.filter_map(|it| Some((name(it)?, text(&it.outputs, "id"))))
        .collect()
}

fn children<'a>(
    live: &'a [Live],
    parent: &'a Address,
    kind: &'a str,
) -> impl Iterator<Item = &'a Live> {
    live.iter()
        .filter(move |it| it.kind == kind && it.parent.as_ref() == Some(parent))
}

fn client(live: &Live) -> Option<(String, PoolClient)> {
    let spec = from_tree(&live.spec).ok()?;
    let client = PoolClient {
        key: live.name.clone(),
        id: text(&live.outputs, "id"),
        live: spec,
    };
    Some((live.name.clone(), client))
}

fn text(outputs: &Value, name: &str) -> String {
    outputs[name].as_str().unwrap_or_default().to_owned()
}

fn not_found(what: &str) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("there is no {what} of this stack yet"),
    )
    .hint("run wsctl apply first")
}
