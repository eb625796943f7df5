//! What points at something that is not there, or may not do what it is set up to do: AWS says nothing
//! of it until somebody calls.

use crate::{cloud::Cloud, gateway::Api, iam::Role, identity::IdentityPool, lambda::Function};
use serde_json::{Value, json};

impl Cloud {
    /// Everything that is there in half.
    pub fn dangling(&self) -> Vec<String> {
        let functions = self
            .lambda
            .functions
            .iter()
            .flat_map(|(name, it)| self.of_function(name, it));
        let apis = self
            .gateway
            .apis
            .iter()
            .flat_map(|(id, it)| self.of_api(id, it));
        let pools = self.cognito.pools.values();
        let pools = pools.flat_map(|it| {
            self.of_pool(it)
                .into_iter()
                .chain(self.without_sms_role(it))
        });
        let identities = self.identity.pools.iter();
        let identities = identities.flat_map(|(id, it)| self.of_identity_pool(id, it));
        functions
            .chain(apis)
            .chain(pools)
            .chain(identities)
            .collect()
    }

    fn of_function(&self, name: &str, function: &Function) -> Vec<String> {
        let mut found = vec![];
        let role = self
            .iam
            .roles
            .values()
            .find(|it| function.tree["Role"] == json!(it.arn(self)));
        let is_wsctls = function.tree["Role"]
            .as_str()
            .is_some_and(|it| it.contains(":role/wsctl/"));
        if role.is_none() && is_wsctls {
            found.push(format!("{name} runs as a role that is not there"));
        }
        let may = |role: &Role, action: &str, of: &str| {
            role.policies
                .values()
                .any(|it| it.contains(action) && it.contains(of))
        };
        let network = &function.tree.get("VpcConfig").unwrap_or(&Value::Null)["SubnetIds"];
        let is_inside = network.as_array().is_some_and(|it| !it.is_empty());
        if is_inside && role.is_some_and(|it| !may(it, "ec2:CreateNetworkInterface", "")) {
            found.push(format!("{name} is in a network that its role may not use"));
        }
        let variables = &function.tree.get("Environment").unwrap_or(&Value::Null)["Variables"];
        let values = variables
            .as_object()
            .into_iter()
            .flat_map(|map| map.values())
            .filter_map(Value::as_str);
        for value in values {
            for secret in self
                .secrets
                .secrets
                .values()
                .filter(|it| [&*it.arn, &*it.name].contains(&value))
            {
                if secret.deleted.is_some() {
                    found.push(format!("{name} names the deleted secret {}", secret.name));
                } else if role
                    .is_some_and(|it| !may(it, "secretsmanager:GetSecretValue", &secret.arn))
                {
                    found.push(format!("{name} may not read the secret {}", secret.name));
                }
            }
        }
        let sources = function
            .statements
            .iter()
            .filter_map(|it| it["Condition"]["ArnLike"]["AWS:SourceArn"].as_str());
        for source in sources {
            let rest = source.split(':').nth(5).unwrap_or_default();
            if source.contains(":userpool/") {
                let is_there = self.cognito.pools.values().any(|it| it.arn() == source);
                // Others are of another account.
                if !is_there && source.rsplit('_').next().is_some_and(is_made_here) {
                    found.push(format!("{name} lets {source} call, which is not there"));
                }
                continue;
            }
            let api = rest.split('/').next().unwrap_or_default();
            if !self.gateway.apis.contains_key(api) {
                found.push(format!(
                    "{name} lets the API {api} call, which is not there"
                ));
            }
        }
        found
    }

    fn of_identity_pool(&self, id: &str, pool: &IdentityPool) -> Vec<String> {
        let named = format!("{}{}", pool.roles, pool.mappings);
        let roles: Vec<_> = self.iam.roles.values().map(|it| it.arn(self)).collect();
        let arns = named.split('"').filter(|it| it.contains(":role/wsctl/"));
        let gone = arns.filter(|arn| !roles.iter().any(|it| it == arn));
        let mut found: Vec<_> = gone
            .map(|arn| format!("{id} gives its people {arn}, which is not there"))
            .collect();
        let clients = pool.tree.get("CognitoIdentityProviders");
        for it in clients.and_then(Value::as_array).into_iter().flatten() {
            let of = it["ProviderName"]
                .as_str()
                .and_then(|it| it.rsplit('/').next());
            let user_pool = self.cognito.pools.get(of.unwrap_or_default());
            let client = it["ClientId"].as_str().unwrap_or_default();
            if user_pool.is_some_and(|it| !it.clients.contains_key(client)) {
                found.push(format!("{id} takes tokens of {client}, which is not there"));
            }
        }
        for role in self.iam.roles.values() {
            let trusted = role.trust.split('"').find(|it| is_identity_pool(it));
            if trusted.is_some_and(|it| !self.identity.pools.contains_key(it)) {
                found.push(format!(
                    "{} trusts an identity pool that is not there",
                    role.name
                ));
            }
        }
        found
    }

    fn of_api(&self, id: &str, api: &Api) -> Vec<String> {
        let mut found = vec![];
        for (resource, it) in &api.resources {
            for (verb, method) in &it.methods {
                let route = format!("{verb} {} of {id}", api.path(resource));
                let authorizer = method["authorizerId"].as_str().unwrap_or_default();
                if !authorizer.is_empty() && !api.authorizers.contains_key(authorizer) {
                    found.push(format!("{route} asks an authorizer that is not there"));
                }
                let validator = method["requestValidatorId"].as_str();
                if validator.is_some_and(|it| !api.validators.contains_key(it)) {
                    found.push(format!("{route} names a validator that is not there"));
                }
                let models = method["requestModels"].as_object().into_iter().flatten();
                let mut models = models.filter_map(|it| it.1.as_str());
                if models.any(|it| !api.models.contains_key(it)) {
                    found.push(format!("{route} names a model that is not there"));
                }
                let uri = method["methodIntegration"]["uri"]
                    .as_str()
                    .unwrap_or_default();
                let function = uri
                    .split(":function:")
                    .nth(1)
                    .and_then(|it| it.strip_suffix("/invocations"));
                if function.is_some_and(|it| !self.lambda.functions.contains_key(it)) {
                    found.push(format!("{route} calls a function that is not there"));
                }
            }
        }
        for (name, authorizer) in &api.authorizers {
            let pools = authorizer["providerARNs"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            // Others are of another account.
            let pools = pools.filter(|arn| arn.rsplit('_').next().is_some_and(is_made_here));
            for arn in pools.filter(|arn| !self.cognito.pools.values().any(|it| it.arn() == **arn))
            {
                found.push(format!(
                    "the authorizer {name} of {id} asks the pool {arn}, which is not there"
                ));
            }
        }
        for (name, stage) in &api.stages {
            let to = stage["accessLogSettings"]["destinationArn"]
                .as_str()
                .unwrap_or_default();
            let group = to.split_once(":log-group:").map(|it| it.1);
            if group.is_some_and(|it| !self.logs.groups.contains_key(it)) {
                found.push(format!(
                    "the stage {name} of {id} writes to a log group that is not there"
                ));
            }
        }
        found
    }
}

/// The ids of `cloud::uuid`.
fn is_identity_pool(text: &str) -> bool {
    text.contains(":00000000-0000-4000-8000-")
}

/// Whether a pool of this id was ever made here: the ids of `cloud::fresh`.
fn is_made_here(id: &str) -> bool {
    id.strip_prefix('P').is_some_and(|it| {
        it.len() == 8
            && it
                .bytes()
                .all(|it| it.is_ascii_digit() || it.is_ascii_lowercase())
    })
}
