//! What there is, as text to compare: ids stand as the names of what they identify, and times and
//! digests are left out.

use crate::{
    cloud::{Cloud, Tags},
    gateway::{Api, content},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const STACK: &str = "wsctl:stack";

impl Cloud {
    /// What is of the owners that `of` picks; nobody's has none.
    pub fn dump(&self, of: impl Fn(Option<&str>) -> bool) -> String {
        let (tree, names) = self.collect(of);
        let text = serde_json::to_string_pretty(&tree).expect("a tree");
        names.iter().fold(text, |text, (id, name)| {
            text.replace(id, &name.replace('"', ""))
        })
    }

    /// The names of what is there and is of `stack`, for counting.
    pub fn names(&self, stack: &str) -> Vec<String> {
        self.collect(|owner| owner == Some(stack))
            .0
            .into_keys()
            .collect()
    }

    /// Everything by what it is, name and id; and what each id stands for.
    fn collect(
        &self,
        of: impl Fn(Option<&str>) -> bool,
    ) -> (BTreeMap<String, Value>, Vec<(String, String)>) {
        let fits = |tags: &Tags| of(tags.get(STACK).map(String::as_str));
        let mut names: Vec<(String, String)> = vec![];
        let mut tree = BTreeMap::new();
        for (id, pool) in &self.cognito.pools {
            let name = pool.tree["Name"].as_str().unwrap_or_default();
            names.push((id.clone(), format!("<pool {name}>")));
            for (id, (_, client)) in &pool.clients {
                names.push((id.clone(), format!("<client {}>", client["ClientName"])));
            }
            if fits(&pool.tags()) {
                tree.insert(format!("pool {name} {id}"), self.pool(id));
            }
        }
        for (id, pool) in &self.identity.pools {
            let name = pool.tree["IdentityPoolName"].as_str().unwrap_or_default();
            names.push((id.clone(), format!("<identity pool {name}>")));
            if fits(&pool.tags) {
                let shown = json!({
                    "tree": sorted(without_id(&pool.tree)), "roles": sorted(pool.roles.clone()),
                    "mappings": sorted(pool.mappings.clone()), "tags": pool.tags,
                });
                tree.insert(format!("identity pool {name} {id}"), shown);
            }
        }
        let usage = &self.gateway.usage;
        for (id, key) in &usage.keys {
            names.push((id.clone(), format!("<key {}>", key.name())));
            if fits(&key.tags) {
                let mut shown = key.tree.clone();
                for made in ["id", "value", "createdDate", "lastUpdatedDate"] {
                    shown.as_object_mut().map(|it| it.remove(made));
                }
                let plans = usage.members.iter().filter(|(_, keys)| keys.contains(id));
                let plans: Vec<_> = plans.map(|it| it.0).collect();
                let shown = json!({ "tree": sorted(shown), "plans": plans, "tags": key.tags });
                tree.insert(format!("API key {} {id}", key.name()), shown);
            }
        }
        for (id, plan) in &usage.plans {
            names.push((id.clone(), format!("<usage plan {}>", plan.name())));
            if fits(&plan.tags) {
                let mut shown = plan.tree.clone();
                for made in ["id", "apiStages"] {
                    shown.as_object_mut().map(|it| it.remove(made));
                }
                // By the names of the APIs: what their ids are is AWS's to choose.
                let name = |id: &str| Some(self.gateway.apis.get(id)?.tree["name"].to_string());
                let stages = plan.stages().into_iter().map(|it| {
                    let (api, stage) = it.split_once(':').unwrap_or_default();
                    format!("{}:{stage}", name(api).unwrap_or_default())
                });
                let stages: BTreeSet<_> = stages.collect();
                let shown = json!({ "tree": sorted(shown), "stages": stages, "tags": plan.tags });
                tree.insert(format!("usage plan {} {id}", plan.name()), shown);
            }
        }
        for (name, domain) in &self.gateway.domains {
            if fits(&domain.tags) {
                let shown = json!({
                    "tree": sorted(domain.tree.clone()), "mappings": domain.mappings, "tags": domain.tags,
                });
                tree.insert(format!("domain name {name}"), shown);
            }
        }
        for (id, api) in &self.gateway.apis {
            let name = api.tree["name"].as_str().unwrap_or_default();
            names.push((id.clone(), format!("<api {name}>")));
            names.extend(
                api.resources
                    .keys()
                    .map(|it| (it.clone(), format!("<resource {}>", api.path(it)))),
            );
            let validators = api.validators.iter();
            names.extend(
                validators.map(|(id, it)| (id.clone(), format!("<validator {}>", it["name"]))),
            );
            let models = api.models.values().filter_map(|it| it["id"].as_str());
            names.extend(models.map(|id| (id.to_owned(), "<model>".to_owned())));
            let authorizers = api.authorizers.iter();
            names.extend(
                authorizers.map(|(id, it)| (id.clone(), format!("<authorizer {}>", it["name"]))),
            );
            if fits(&api.tags) {
                tree.insert(format!("api {name} {id}"), shown_api(api));
            }
        }
        for (name, it) in self
            .lambda
            .functions
            .iter()
            .filter(|(_, it)| fits(&it.tags))
        {
            let mut statements = it.statements.clone();
            statements
                .iter_mut()
                .for_each(|it| it["Sid"] = json!(without_digest(it["Sid"].as_str())));
            statements.sort_by_key(|it| it["Sid"].to_string());
            let shown = json!({
                "tree": sorted(json!(it.tree)), "statements": statements, "tags": it.tags,
                "versions": sorted(json!(it.versions)),
            });
            tree.insert(format!("function {name}"), shown);
        }
        for (name, it) in self.logs.groups.iter().filter(|(_, it)| fits(&it.tags)) {
            tree.insert(
                format!("log group {name}"),
                json!({ "retention": it.retention, "tags": it.tags }),
            );
        }
        for it in self.iam.roles.values().filter(|it| fits(&it.tags)) {
            let shown = json!({
                "path": it.path, "trust": it.trust, "description": it.description, "policies": it.policies,
                "attached": it.attached, "boundary": it.boundary, "tags": it.tags,
            });
            tree.insert(format!("role {}", it.name), shown);
        }
        for it in self.secrets.secrets.values() {
            let suffix = it.arn.rsplit('-').next().unwrap_or_default().to_owned();
            names.push((
                format!("{}-{suffix}", it.name),
                format!("<secret {}>", it.name),
            ));
            if fits(&it.tags) && it.deleted.is_none() {
                let shown = json!({ "description": it.description, "tags": it.tags, "value": it.has_value });
                tree.insert(format!("secret {}", it.name), shown);
            }
        }
        (tree, names)
    }

    fn pool(&self, id: &str) -> Value {
        let pool = &self.cognito.pools[id];
        let mut shown = pool.tree.clone();
        for field in ["CreationDate", "LastModifiedDate", "Id", "Arn"] {
            shown.remove(field);
        }
        // Nobody takes it off again.
        if let Some(schema) = shown
            .get_mut("SchemaAttributes")
            .and_then(Value::as_array_mut)
        {
            schema.retain(|it| it["Name"] != "identities");
        }
        let without_dates = |tree: &serde_json::Map<String, Value>| {
            let mut tree = tree.clone();
            ["CreationDate", "UserPoolId"]
                .iter()
                .for_each(|field| drop(tree.remove(*field)));
            sorted(Value::Object(tree))
        };
        let mut clients: Vec<_> = pool
            .clients
            .iter()
            .map(|(id, (_, it))| {
                let branded = pool.brandings.values().filter(|it| it.client == *id);
                let branded: Vec<_> = branded.map(|it| sorted(it.tree.clone().into())).collect();
                json!({ "client": without_dates(it), "brandings": branded })
            })
            .collect();
        clients.sort_by_key(|it| it["client"]["ClientName"].to_string());
        let domains = self.cognito.domains.iter().filter(|(_, it)| it.pool == id);
        let parts = pool.parts.iter().flat_map(|(noun, all)| {
            all.iter()
                .map(move |(name, (_, it))| (format!("{noun} {name}"), without_dates(it)))
        });
        json!({
            "pool": sorted(Value::Object(shown)),
            "risks": sorted(Value::Object(pool.risks.clone())),
            "factors": sorted(Value::Object(pool.factors.clone())),
            "clients": clients,
            "parts": parts.collect::<BTreeMap<_, _>>(),
            "users": pool.users.iter().map(|(name, it)| (name, it.shown())).collect::<BTreeMap<_, _>>(),
            "domains": domains.map(|(name, it)| (name, json!([it.version, it.certificate]))).collect::<BTreeMap<_, _>>(),
        })
    }
}

fn without_id(tree: &serde_json::Map<String, Value>) -> Value {
    let mut tree = tree.clone();
    tree.remove("IdentityPoolId");
    // Never set is off.
    tree.retain(|member, value| member != "AllowClassicFlow" || value != &json!(false));
    tree.into()
}

fn shown_api(api: &Api) -> Value {
    let mut tree = api.tree.clone();
    // A version is a definition's, and says nothing: where none was merged there is none.
    for member in ["createdDate", "version"] {
        tree.as_object_mut().map(|it| it.remove(member));
    }
    let stages = api.stages.iter().map(|(name, stage)| {
        let mut shown = stage.clone();
        if let Some(stage) = shown.as_object_mut() {
            stage.retain(|member, _| !member.ends_with("Date"));
        }
        // Never set is off.
        let settings = shown["methodSettings"]
            .as_object_mut()
            .into_iter()
            .flat_map(|it| it.values_mut());
        for of_method in settings.filter_map(Value::as_object_mut) {
            of_method.retain(|member, value| member != "loggingLevel" || value != "OFF");
        }
        let on = shown
            .as_object_mut()
            .and_then(|it| it.remove("deploymentId"));
        let serves = api
            .deployments
            .iter()
            .find(|it| Some(json!(it.id)) == on)
            .map(|it| it.snapshot.clone());
        (
            name.clone(),
            json!({ "settings": sorted(shown), "serves": serves.map(sorted) }),
        )
    });
    let stages: BTreeMap<_, _> = stages.collect();
    // Of an API of wsctl's own, old ones are kept, and how many there are says nothing.
    let is_own = api.tags.contains_key(STACK);
    let deployments: Vec<_> = api
        .deployments
        .iter()
        .filter(|_| !is_own)
        .map(|it| &it.description)
        .collect();
    json!({
        "deployments": deployments,
        "api": sorted(tree),
        "tags": api.tags,
        "resources": sorted(json!(api.resources.keys().map(|it| api.path(it)).collect::<std::collections::BTreeSet<_>>())),
        "content": sorted(content(api)),
        "stages": stages,
    })
}

/// A statement that took another's place has a digest behind its id, of content with ids in it.
fn without_digest(id: Option<&str>) -> &str {
    let id = id.unwrap_or_default();
    let further = ["wsctl-apis-", "wsctl-authorizers-of-"];
    if further.iter().any(|it| id.starts_with(it)) {
        return id.rsplit_once('-').map_or(id, |it| it.0);
    }
    let own = ["wsctl-api", "wsctl-authorizers", "wsctl-user-pool"];
    own.into_iter().find(|it| id.starts_with(it)).unwrap_or(id)
}

/// With keys and sets in order, and without what is empty.
fn sorted(tree: Value) -> Value {
    match tree {
        Value::Object(map) => {
            let map: BTreeMap<_, _> = map.into_iter().collect();
            let kept = map.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
