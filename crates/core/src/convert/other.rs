//! Secrets, identity pools, API keys and usage plans. Pure.

use super::{
    draft::Draft,
    fields::{As, Field, Properties},
    places::{API_KEY, IDENTITY_POOL, Places, SECRET, USAGE_PLAN},
    template::{Resource, Template},
    user_pool::{below, last, path},
    values::Scope,
};
use serde_json::{Value, json};

/// How the properties of one kind are put at a place.
type Convert = fn(&mut Draft, &Scope<'_>, &Resource, &[String], &mut Properties);

pub(super) fn put(draft: &mut Draft, template: &Template, places: &Places) {
    let scope = Scope { template, places };
    let kinds: [(&str, Convert); 4] = [
        (SECRET, secret),
        (IDENTITY_POOL, identity_pool),
        (USAGE_PLAN, usage_plan),
        (API_KEY, api_key),
    ];
    for (kind, convert) in kinds {
        for resource in template.of_kind(kind) {
            if let Some(place) = places.path_of(resource) {
                draft.table(place);
                let mut properties = Properties::new(scope.properties(&resource.properties));
                convert(draft, &scope, resource, place, &mut properties);
                name(draft, resource, place);
                properties.rest(draft, place);
            }
        }
    }
}

/// What AWS names itself where nothing is said has a name of the stack's here.
pub(super) fn name(draft: &mut Draft, resource: &Resource, place: &[String]) {
    let name = below(place, "name");
    if draft.get(&name).is_none() {
        let key = match place {
            [_, key] => key,
            [_, _, .., key] => key,
            _ => &resource.id,
        };
        draft.put(&name, format!("${{stack.name}}-{}", last(key)).into());
    }
}

fn secret(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    properties.fill(
        draft,
        place,
        &[
            ("Name", "name", As::Text),
            ("Description", "description", As::Text),
            ("Tags", "tags", As::Map),
            (
                "GenerateSecretString.PasswordLength",
                "password_length",
                As::Number,
            ),
        ],
    );
    // A value that stands in a definition is no secret any more, and stands in no stack.toml.
    properties.take("SecretString");
    let key = properties.text("GenerateSecretString.GenerateStringKey");
    let pattern = properties.text("GenerateSecretString.SecretStringTemplate");
    let pattern: Value = pattern
        .and_then(|it| serde_json::from_str(&it).ok())
        .unwrap_or_default();
    for (name, value) in pattern.as_object().into_iter().flatten() {
        draft.put(&path(place, &format!("json.{name}")), value.clone());
    }
    draft.put(
        &below(place, "generate"),
        json!([key.unwrap_or_else(|| "password".to_owned())]),
    );
    properties.take("GenerateSecretString");
}

const OF_IDENTITY_POOL: [Field; 5] = [
    ("IdentityPoolName", "name", As::Text),
    (
        "AllowUnauthenticatedIdentities",
        "allow_unauthenticated",
        As::Flag,
    ),
    ("AllowClassicFlow", "allow_classic_flow", As::Flag),
    (
        "OpenIdConnectProviderARNs",
        "openid_connect_providers",
        As::List,
    ),
    ("SamlProviderARNs", "saml_providers", As::List),
];

fn identity_pool(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    properties.fill(draft, place, &OF_IDENTITY_POOL);
    properties.fill(
        draft,
        place,
        &[
            ("SupportedLoginProviders", "login_providers", As::Map),
            ("DeveloperProviderName", "developer_provider", As::Text),
        ],
    );
    properties.take("CognitoIdentityProviders");
    let providers = resource
        .properties
        .get("CognitoIdentityProviders")
        .and_then(Value::as_array);
    let clients = providers.into_iter().flatten().filter_map(|it| {
        let client = scope.template.referred(it.get("ClientId"))?;
        scope.places.path_of(client)?.last().cloned()
    });
    let clients: Vec<_> = clients.map(Value::from).collect();
    if !clients.is_empty() {
        draft.put(&below(place, "clients"), clients.into());
    }
    if scope
        .template
        .of_kind("AWS::Cognito::IdentityPoolRoleAttachment")
        .next()
        .is_some()
    {
        draft.comment(place, "Its roles: declare them in [identity_pool.roles.NAME], and name one in authenticated_role.");
    }
}

fn usage_plan(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    properties.fill(
        draft,
        place,
        &[
            ("UsagePlanName", "name", As::Text),
            ("Description", "description", As::Text),
            ("Throttle.RateLimit", "throttling.rate_limit", As::Number),
            ("Throttle.BurstLimit", "throttling.burst_limit", As::Number),
            ("Quota.Limit", "quota.limit", As::Number),
            ("Quota.Period", "quota.period", As::Text),
            ("Quota.Offset", "quota.offset", As::Number),
            ("Tags", "tags", As::Map),
        ],
    );
    properties.take("ApiStages");
}

fn api_key(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    properties.fill(
        draft,
        place,
        &[
            ("Name", "name", As::Text),
            ("Description", "description", As::Text),
            ("Enabled", "enabled", As::Flag),
            ("Tags", "tags", As::Map),
        ],
    );
    properties.take("StageKeys");
    let plan = scope
        .template
        .of_kind("AWS::ApiGateway::UsagePlanKey")
        .find_map(|it| {
            let key = scope.template.referred(it.properties.get("KeyId"))?;
            let plan = scope.template.referred(it.properties.get("UsagePlanId"))?;
            (key.id == resource.id)
                .then(|| scope.places.path_of(plan)?.last().cloned())
                .flatten()
        });
    if let Some(plan) = plan {
        draft.put(&below(place, "usage_plan"), plan.into());
    }
}
