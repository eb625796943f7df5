//! Things taken out of an account behind everybody's back.

use crate::{
    cloud::{Cloud, Tags},
    gateway::{Api, domain_name, requests::OF_AWS, usage},
};
use serde_json::{Value, json};

/// One thing, by its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Pool(String),
    /// The factors of a pool's MFA: to be set, never lost.
    Factors(String),
    Client(String, String),
    /// What a pool holds by name: the noun of its kind, the pool, the name.
    Named(&'static str, String, String),
    Branding(String, String),
    Domain(String),
    /// What a pool does about risks.
    Risks(String),
    Api(String),
    Resource(String, String),
    Method(String, String, String),
    Integration(String, String, String),
    Authorizer(String, String),
    Model(String, String),
    Validator(String, String),
    ApiKey(String),
    UsagePlan(String),
    DomainName(String),
    BasePath(String, String),
    Response(String, String),
    Stage(String, String),
    Function(String),
    Statement(String, String),
    LogGroup(String),
    Role(String),
    RolePolicy(String, String),
    Secret(String),
}

impl Cloud {
    /// Everything of a stack.
    pub fn parts(&self, stack: &str) -> Vec<Part> {
        let is_ours = |tags: &Tags| tags.get("wsctl:stack").is_some_and(|it| it == stack);
        let mut parts = vec![];
        for (id, pool) in self
            .cognito
            .pools
            .iter()
            .filter(|(_, it)| is_ours(&it.tags()))
        {
            parts.push(Part::Pool(id.clone()));
            if !pool.risks.is_empty() {
                parts.push(Part::Risks(id.clone()));
            }
            parts.extend(
                pool.clients
                    .keys()
                    .map(|it| Part::Client(id.clone(), it.clone())),
            );
            for (noun, all) in &pool.parts {
                let named = all.keys();
                parts.extend(named.map(|it| Part::Named(noun, id.clone(), it.clone())));
            }
            parts.extend(
                pool.brandings
                    .keys()
                    .map(|it| Part::Branding(id.clone(), it.clone())),
            );
            let domains = self.cognito.domains.iter().filter(|(_, it)| it.pool == *id);
            parts.extend(domains.map(|(prefix, _)| Part::Domain(prefix.clone())));
        }
        for (id, api) in self.gateway.apis.iter().filter(|(_, it)| is_ours(&it.tags)) {
            parts.push(Part::Api(id.clone()));
            for (resource, it) in &api.resources {
                if it.parent.is_some() {
                    parts.push(Part::Resource(id.clone(), resource.clone()));
                }
                let of = |verb: &String| (id.clone(), resource.clone(), verb.clone());
                parts.extend(
                    it.methods
                        .keys()
                        .map(of)
                        .map(|(a, b, c)| Part::Method(a, b, c)),
                );
                parts.extend(
                    it.methods
                        .keys()
                        .map(of)
                        .map(|(a, b, c)| Part::Integration(a, b, c)),
                );
            }
            parts.extend(
                api.authorizers
                    .keys()
                    .map(|it| Part::Authorizer(id.clone(), it.clone())),
            );
            let models = api
                .models
                .keys()
                .filter(|it| !OF_AWS.contains(&it.as_str()));
            parts.extend(models.map(|it| Part::Model(id.clone(), it.clone())));
            let validators = api.validators.keys();
            parts.extend(validators.map(|it| Part::Validator(id.clone(), it.clone())));
            parts.extend(
                api.responses
                    .keys()
                    .map(|it| Part::Response(id.clone(), it.clone())),
            );
            parts.extend(
                api.stages
                    .keys()
                    .map(|it| Part::Stage(id.clone(), it.clone())),
            );
        }
        let usage = &self.gateway.usage;
        let keys = usage.keys.iter().filter(|(_, it)| is_ours(&it.tags));
        parts.extend(keys.map(|(id, _)| Part::ApiKey(id.clone())));
        let plans = usage.plans.iter().filter(|(_, it)| is_ours(&it.tags));
        parts.extend(plans.map(|(id, _)| Part::UsagePlan(id.clone())));
        let domains = self.gateway.domains.iter();
        for (name, it) in domains.filter(|(_, it)| is_ours(&it.tags)) {
            parts.push(Part::DomainName(name.clone()));
            let paths = it.mappings.keys();
            parts.extend(paths.map(|it| Part::BasePath(name.clone(), it.clone())));
        }
        for (name, it) in self
            .lambda
            .functions
            .iter()
            .filter(|(_, it)| is_ours(&it.tags))
        {
            parts.push(Part::Function(name.clone()));
            let ids = it.statements.iter().filter_map(|it| it["Sid"].as_str());
            parts.extend(ids.map(|it| Part::Statement(name.clone(), it.to_owned())));
        }
        let groups = self.logs.groups.iter().filter(|(_, it)| is_ours(&it.tags));
        parts.extend(groups.map(|(name, _)| Part::LogGroup(name.clone())));
        for (name, it) in self.iam.roles.iter().filter(|(_, it)| is_ours(&it.tags)) {
            parts.push(Part::Role(name.clone()));
            parts.extend(
                it.policies
                    .keys()
                    .map(|it| Part::RolePolicy(name.clone(), it.clone())),
            );
        }
        let secrets = self
            .secrets
            .secrets
            .iter()
            .filter(|(_, it)| is_ours(&it.tags));
        parts.extend(secrets.map(|(name, _)| Part::Secret(name.clone())));
        parts
    }

    /// Takes it out, whatever AWS would say to that; nothing, if it is gone already.
    pub fn lose(&mut self, part: &Part) {
        let _ = self.try_lose(part);
    }

    fn try_lose(&mut self, part: &Part) -> Option<()> {
        match part {
            Part::Pool(id) => {
                let pool = self.cognito.pools.remove(id)?;
                self.cognito.domains.retain(|_, it| it.pool != *id);
                self.bury(pool.arn(), pool.tags());
            }
            Part::Risks(id) => self.cognito.pools.get_mut(id)?.risks.clear(),
            Part::Factors(id) => self.cognito.pools.get_mut(id)?.factors.clear(),
            Part::Client(pool, id) => {
                let pool = self.cognito.pools.get_mut(pool)?;
                pool.clients.remove(id);
                pool.brandings.retain(|_, it| it.client != *id);
            }
            Part::Named(noun, pool, name) => {
                let pool = self.cognito.pools.get_mut(pool)?;
                drop(pool.parts.get_mut(noun)?.remove(name));
            }
            Part::Branding(pool, id) => {
                drop(self.cognito.pools.get_mut(pool)?.brandings.remove(id))
            }
            Part::Domain(prefix) => drop(self.cognito.domains.remove(prefix)),
            Part::Api(id) => {
                let api = self.gateway.apis.remove(id)?;
                self.gateway.usage.forget(id, None);
                for domain in self.gateway.domains.values_mut() {
                    domain.mappings.retain(|_, it| it["restApiId"] != **id);
                }
                self.bury(api.arn(self, id), api.tags);
            }
            Part::Resource(api, id) => {
                let _ = self.call(
                    "apigateway",
                    "DeleteResource",
                    json!({ "restApiId": api, "resourceId": id }),
                );
            }
            Part::Method(api, resource, verb) => {
                self.gateway
                    .apis
                    .get_mut(api)?
                    .resources
                    .get_mut(resource)?
                    .methods
                    .remove(verb);
            }
            Part::Integration(api, resource, verb) => {
                let resource = self
                    .gateway
                    .apis
                    .get_mut(api)?
                    .resources
                    .get_mut(resource)?;
                resource
                    .methods
                    .get_mut(verb)?
                    .as_object_mut()?
                    .remove("methodIntegration");
            }
            Part::Authorizer(api, id) => self.lose_authorizer(api, id)?,
            Part::Model(api, name) => {
                let api = self.gateway.apis.get_mut(api)?;
                drop(api.models.remove(name)?);
                // A model that named it goes along, and methods no longer name either.
                let names = format!("/models/{name}\"");
                let text = |it: &Value| it["schema"].as_str().unwrap_or_default().to_owned();
                api.models.retain(|_, it| !text(it).contains(&names));
                let known: Vec<_> = api.models.keys().cloned().collect();
                for method in methods(api) {
                    if let Some(models) = method["requestModels"].as_object_mut() {
                        models.retain(|_, it| known.iter().any(|known| it == known));
                    }
                }
            }
            Part::ApiKey(id) => {
                let gone = self.gateway.usage.keys.get(id)?.tags.clone();
                self.gateway.usage.lose_key(id);
                self.bury(usage::arn(self, "apikeys", id), gone);
            }
            Part::UsagePlan(id) => {
                let gone = self.gateway.usage.plans.get(id)?.tags.clone();
                self.gateway.usage.lose_plan(id);
                self.bury(usage::arn(self, "usageplans", id), gone);
            }
            Part::DomainName(name) => {
                let gone = self.gateway.domains.remove(name)?;
                self.bury(domain_name::arn(self, name), gone.tags);
            }
            Part::BasePath(domain, path) => {
                drop(self.gateway.domains.get_mut(domain)?.mappings.remove(path))
            }
            Part::Validator(api, id) => {
                let api = self.gateway.apis.get_mut(api)?;
                drop(api.validators.remove(id)?);
                for method in methods(api) {
                    if method["requestValidatorId"] == json!(id) {
                        drop(method.as_object_mut()?.remove("requestValidatorId"));
                    }
                }
            }
            Part::Response(api, kind) => {
                drop(self.gateway.apis.get_mut(api)?.responses.remove(kind))
            }
            Part::Stage(api, name) => {
                self.gateway.apis.get_mut(api)?.stages.remove(name)?;
                self.gateway.usage.forget(api, Some(name));
                for domain in self.gateway.domains.values_mut() {
                    let leads = |it: &Value| it["restApiId"] == **api && it["stage"] == **name;
                    domain.mappings.retain(|_, it| !leads(it));
                }
            }
            Part::Function(name) => {
                let function = self.lambda.functions.remove(name)?;
                self.bury(function.arn(), function.tags);
            }
            Part::Statement(function, id) => {
                let function = self.lambda.functions.get_mut(function)?;
                function.statements.retain(|it| it["Sid"] != json!(id));
            }
            Part::LogGroup(name) => drop(self.logs.groups.remove(name)),
            Part::Role(name) => drop(self.iam.roles.remove(name)),
            Part::RolePolicy(role, name) => {
                drop(self.iam.roles.get_mut(role)?.policies.remove(name))
            }
            Part::Secret(name) => drop(self.secrets.secrets.remove(name)),
        }
        Some(())
    }

    /// Whoever deletes an authorizer has opened its methods before.
    fn lose_authorizer(&mut self, api: &str, id: &str) -> Option<()> {
        let api = self.gateway.apis.get_mut(api)?;
        for method in methods(api) {
            if method["authorizerId"] == json!(id) {
                method["authorizationType"] = json!("NONE");
                method.as_object_mut()?.remove("authorizerId");
            }
        }
        api.authorizers.remove(id);
        Some(())
    }

    /// Lets everyone call a function, as somebody at the console does.
    pub fn open_to_everyone(&mut self, function: &str) {
        let function = self.lambda.functions.get_mut(function);
        for statement in function.into_iter().flat_map(|it| &mut it.statements) {
            statement["Principal"] = json!("*");
            statement["Condition"] = Value::Null;
        }
    }

    /// Sets fields of every pool of that name, as somebody at the console does.
    pub fn set_on_pools(&mut self, name: &str, fields: &Value) {
        let pools = self
            .cognito
            .pools
            .values_mut()
            .filter(|it| it.tree["Name"] == *name);
        pools.for_each(|it| {
            it.tree
                .extend(fields.as_object().cloned().unwrap_or_default())
        });
    }

    /// Takes every custom attribute of that name out of every pool, which AWS itself never does.
    pub fn lose_attribute(&mut self, name: &str) {
        let attributes = self
            .cognito
            .pools
            .values_mut()
            .filter_map(|it| it.tree["SchemaAttributes"].as_array_mut());
        let names = [format!("custom:{name}"), format!("dev:custom:{name}")];
        attributes.for_each(|it| it.retain(|it| !names.iter().any(|name| it["Name"] == *name)));
    }

    /// Sets fields of every client of that name.
    pub fn set_on_clients(&mut self, name: &str, fields: &Value) {
        let clients = self
            .cognito
            .pools
            .values_mut()
            .flat_map(|it| it.clients.values_mut());
        let clients = clients.filter(|(_, it)| it["ClientName"] == *name);
        clients.for_each(|(_, it)| it.extend(fields.as_object().cloned().unwrap_or_default()));
    }

    /// How many there are of what could be there twice: pools, clients, APIs, deployments.
    pub fn counts(&self) -> [usize; 4] {
        let (pools, apis) = (&self.cognito.pools, &self.gateway.apis);
        let clients = pools.values().map(|it| it.clients.len()).sum();
        let deployments = apis.values().map(|it| it.deployments.len()).sum();
        [pools.len(), clients, apis.len(), deployments]
    }

    /// The log groups whose names begin so.
    pub fn log_groups(&self, prefix: &str) -> Vec<String> {
        self.logs
            .groups
            .keys()
            .filter(|it| it.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// What API Gateway does where a stage's execution is logged: a log group for each, without tags.
    pub fn log_executions(&mut self) {
        let stages = self
            .gateway
            .apis
            .iter()
            .flat_map(|(id, it)| it.stages.keys().map(move |stage| (id, stage)));
        let names = stages.map(|(api, stage)| format!("API-Gateway-Execution-Logs_{api}/{stage}"));
        for name in names.collect::<Vec<_>>() {
            let _ = self.call("logs", "CreateLogGroup", json!({ "logGroupName": name }));
        }
    }

    /// Whether a client, by its id, was made with a secret.
    pub fn has_secret(&self, client: &str) -> bool {
        let mut pools = self.cognito.pools.values();
        pools.any(|it| {
            it.clients
                .get(client)
                .is_some_and(|(_, it)| it.contains_key("ClientSecret"))
        })
    }

    /// The inline policies of the role of that name, and what is attached to it.
    pub fn policies(&self, role: &str) -> (Vec<String>, Vec<String>) {
        let role = self.iam.roles.get(role);
        let names = role.map(|it| it.policies.keys().cloned().collect());
        let attached = role.map(|it| it.attached.iter().cloned().collect());
        (names.unwrap_or_default(), attached.unwrap_or_default())
    }

    /// The permissions boundary of the role of that name.
    pub fn boundary(&self, role: &str) -> Option<String> {
        self.iam.roles.get(role).and_then(|it| it.boundary.clone())
    }

    /// Somebody sets it, or takes it away.
    pub fn set_boundary(&mut self, role: &str, arn: Option<String>) {
        if let Some(role) = self.iam.roles.get_mut(role) {
            role.boundary = arn;
        }
    }

    /// The ARN of the secret of that name.
    pub fn secret_arn(&self, name: &str) -> String {
        self.secrets
            .secrets
            .get(name)
            .map(|it| it.arn.clone())
            .unwrap_or_default()
    }

    /// A field of the pool of that name.
    pub fn pool_field(&self, name: &str, field: &str) -> Value {
        let pool = self
            .cognito
            .pools
            .values()
            .find(|it| it.tree["Name"] == *name);
        pool.and_then(|it| it.tree.get(field))
            .cloned()
            .unwrap_or_default()
    }

    /// A field of the client of that name.
    pub fn client_field(&self, name: &str, field: &str) -> Value {
        let mut clients = self
            .cognito
            .pools
            .values()
            .flat_map(|it| it.clients.values());
        let client = clients.find(|(_, it)| it["ClientName"] == *name);
        client
            .and_then(|(_, it)| it.get(field))
            .cloned()
            .unwrap_or_default()
    }
}

fn methods(api: &mut Api) -> impl Iterator<Item = &mut Value> {
    let resources = api.resources.values_mut();
    resources.flat_map(|it| it.methods.values_mut())
}
