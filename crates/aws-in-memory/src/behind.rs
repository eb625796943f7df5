//! What somebody sets on something behind everybody's back, whatever operation it takes.

use crate::{cloud::Cloud, parts::Part};
use serde_json::{Map, Value, json};

impl Cloud {
    /// Lays `fields` over what AWS answers of `part`; a function's are those of `GetFunction`, whose
    /// configuration is one of them. Nothing, if it is gone.
    pub fn put(&mut self, part: &Part, fields: &Value) {
        let _ = self.try_put(part, fields);
    }

    fn try_put(&mut self, part: &Part, fields: &Value) -> Option<()> {
        match part {
            Part::Pool(id) => lay_over_map(&mut self.cognito.pools.get_mut(id)?.tree, fields),
            Part::Risks(id) => lay_over_map(&mut self.cognito.pools.get_mut(id)?.risks, fields),
            Part::Factors(id) => lay_over_map(&mut self.cognito.pools.get_mut(id)?.factors, fields),
            Part::Client(pool, id) => {
                lay_over_map(
                    &mut self.cognito.pools.get_mut(pool)?.clients.get_mut(id)?.1,
                    fields,
                );
            }
            Part::Named(noun, pool, name) => {
                let pool = self.cognito.pools.get_mut(pool)?;
                lay_over_map(&mut pool.parts.get_mut(noun)?.get_mut(name)?.1, fields);
            }
            Part::Api(id) => lay_over(&mut self.gateway.apis.get_mut(id)?.tree, fields),
            Part::Method(api, resource, verb) => {
                let resource = self
                    .gateway
                    .apis
                    .get_mut(api)?
                    .resources
                    .get_mut(resource)?;
                lay_over(resource.methods.get_mut(verb)?, fields);
            }
            Part::Authorizer(api, id) => {
                lay_over(
                    self.gateway.apis.get_mut(api)?.authorizers.get_mut(id)?,
                    fields,
                );
            }
            Part::Model(api, name) => {
                let api = self.gateway.apis.get_mut(api)?;
                lay_over(api.models.get_mut(name)?, fields);
            }
            Part::ApiKey(id) => lay_over(&mut self.gateway.usage.keys.get_mut(id)?.tree, fields),
            Part::UsagePlan(id) => {
                lay_over(&mut self.gateway.usage.plans.get_mut(id)?.tree, fields)
            }
            Part::DomainName(name) => {
                lay_over(&mut self.gateway.domains.get_mut(name)?.tree, fields)
            }
            Part::BasePath(domain, path) => {
                let domain = self.gateway.domains.get_mut(domain)?;
                lay_over(domain.mappings.get_mut(path)?, fields)
            }
            Part::Validator(api, id) => {
                let api = self.gateway.apis.get_mut(api)?;
                lay_over(api.validators.get_mut(id)?, fields);
            }
            Part::Response(api, kind) => {
                lay_over(
                    self.gateway.apis.get_mut(api)?.responses.get_mut(kind)?,
                    fields,
                );
            }
            Part::Stage(api, name) => {
                lay_over(
                    self.gateway.apis.get_mut(api)?.stages.get_mut(name)?,
                    fields,
                );
            }
            Part::Function(name) => {
                let function = self.lambda.functions.get_mut(name)?;
                lay_over_map(&mut function.tree, &fields["Configuration"]);
                let beside = fields
                    .as_object()?
                    .iter()
                    .filter(|(name, _)| *name != "Configuration");
                for (name, value) in beside {
                    lay_over(function.beside.entry(name).or_insert(Value::Null), value);
                }
            }
            Part::LogGroup(name) => {
                lay_over_map(&mut self.logs.groups.get_mut(name)?.beside, fields)
            }
            Part::Secret(name) => {
                lay_over_map(&mut self.secrets.secrets.get_mut(name)?.beside, fields)
            }
            _ => panic!("{part:?} has no members to set"),
        }
        Some(())
    }
}

fn lay_over_map(tree: &mut Map<String, Value>, fields: &Value) {
    let mut whole = Value::Object(std::mem::take(tree));
    lay_over(&mut whole, fields);
    if let Value::Object(map) = whole {
        *tree = map;
    }
}

/// Objects key by key, everything else as a whole.
fn lay_over(tree: &mut Value, fields: &Value) {
    let Value::Object(fields) = fields else {
        if !fields.is_null() {
            *tree = fields.clone();
        }
        return;
    };
    if !tree.is_object() {
        *tree = json!({});
    }
    for (name, value) in fields {
        lay_over(&mut tree[name], value);
    }
}
