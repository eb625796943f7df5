//! Asks every service for all that it has.

use super::{Inventory, Item, Lock};
use crate::{
    aws::{Aws, Holder, absent, pages},
    error::Result,
    kinds::{api_key, domain_name, identity_pool, rest_api::wire::PAGE, role, tags, usage_plan},
    owner::{ADDRESS_TAG, STACK_TAG, Tags},
    spec::{
        Live, Produces,
        api_key::{ApiKey, ApiKeyOutputs},
        arn::{of_gateway, partition},
        domain_name::{DomainName, DomainNameOutputs},
        function::Function,
        identity_pool::IdentityPool,
        log_group::LogGroup,
        rest_api::RestApi,
        role::Role,
        secret::Secret,
        usage_plan::{UsagePlan, UsagePlanOutputs},
        user_pool::UserPool,
    },
};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_smithy_types::{DateTime, date_time::Format};
use futures::{FutureExt, StreamExt, TryStreamExt, future::join_all, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};
use tokio::sync::OnceCell;

/// The tags of what carries wsctl's, by ARN.
type Tagged = BTreeMap<String, Tags>;

/// The workshop's own names of its roles (sections 5.2.4 and 5.2.6), its misspelling included.
const WORKSHOP_ROLES: [&str; 2] = [
    "workshop-lamda-secretsmng-role",
    "api-gw-push-cloudwatch-logs",
];

/// How many roles are asked for their tags at once.
const AT_ONCE: usize = 6;

/// What of a region is asked for.
#[derive(Clone, Copy)]
enum Scope<'a> {
    All,
    /// What is, or was, one stack's.
    Stack {
        name: &'a str,
        before: &'a [Live],
    },
}

impl Scope<'_> {
    /// Whether the service that has this kind is asked. Nothing but a list knows of a role, a lock, or what AWS made
    /// along; and a secret that waits for its deletion is no longer among what was there before.
    fn has<K: Produces>(self) -> bool {
        let always = [LogGroup::NAME, Role::NAME, Secret::NAME];
        match self {
            Scope::All => true,
            Scope::Stack { before, .. } => {
                always.contains(&K::NAME) || before.iter().any(|it| it.kind == K::NAME)
            }
        }
    }

    fn has_stack(self, stack: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Stack { name, .. } => name == stack,
        }
    }

    /// Whether the index of tags has something of the stack that was not there before, of whatever kind.
    fn is_too_narrow_for(self, tagged: &Tagged) -> bool {
        let Scope::Stack { name, before } = self else {
            return false;
        };
        let is_known = |arn: &str| before.iter().any(|it| it.outputs["arn"] == arn);
        tagged
            .iter()
            .any(|(arn, tags)| tags.get(STACK_TAG).is_some_and(|it| it == name) && !is_known(arn))
    }
}

/// What is in the region of `aws`. What one service refuses to tell does not hide the others.
pub async fn read(aws: &Aws) -> Inventory {
    read_within(aws, Scope::All).await.0
}

/// What is there after a destroy of a stack: what the services list that had something of it, and everything there
/// is where the index of tags has something of it that is new.
pub async fn read_after(aws: &Aws, stack: &str, before: &[Live]) -> Inventory {
    let scope = Scope::Stack {
        name: stack,
        before,
    };
    match read_within(aws, scope).await {
        (_, tagged) if scope.is_too_narrow_for(&tagged) => read(aws).await,
        (inventory, _) => inventory,
    }
}

async fn read_within(aws: &Aws, scope: Scope<'_>) -> (Inventory, Tagged) {
    let mut inventory = Inventory {
        region: aws.region.clone(),
        ..Inventory::default()
    };
    let account = OnceCell::new();
    // On the heap: all of them at once are more than a thread's stack holds without optimising.
    let (tagged, functions, others) = futures::join!(
        tagged(aws, scope).boxed(),
        asked::<Function, _>(scope, functions(aws)).boxed(),
        join_all([
            asked::<UserPool, _>(scope, pools(aws, &account)).boxed(),
            asked::<IdentityPool, _>(scope, identity_pools(aws, &account)).boxed(),
            asked::<RestApi, _>(scope, apis(aws)).boxed(),
            asked::<DomainName, _>(scope, domain_names(aws)).boxed(),
            asked::<ApiKey, _>(scope, api_keys(aws)).boxed(),
            asked::<UsagePlan, _>(scope, usage_plans(aws)).boxed(),
            asked::<LogGroup, _>(scope, log_groups(aws)).boxed(),
            asked::<Secret, _>(scope, secrets(aws, scope)).boxed(),
            asked::<Role, _>(scope, roles(aws, scope)).boxed(),
        ])
    );
    let tagged = tagged.unwrap_or_else(|error| {
        inventory.unread.push(error);
        Tagged::new()
    });
    let functions = functions.map(|(items, roles)| {
        inventory.roles_in_use = roles;
        items
    });
    for items in others.into_iter().chain([functions]) {
        match items {
            Ok(items) => inventory
                .items
                .extend(items.into_iter().map(|item| with_tags(item, &tagged))),
            Err(error) => inventory.unread.push(error),
        }
    }
    match locks(aws, &inventory.items, scope).await {
        Ok(locks) => inventory.locks = locks,
        Err(error) => inventory.unread.push(error),
    }
    inventory
        .items
        .sort_by(|a, b| (a.kind, &a.name, &a.id).cmp(&(b.kind, &b.name, &b.id)));
    (inventory, tagged)
}

/// What `list` gives, where the scope has this kind.
async fn asked<K: Produces, T: Default>(
    scope: Scope<'_>,
    list: impl Future<Output = Result<T>>,
) -> Result<T> {
    match scope.has::<K>() {
        true => list.await,
        false => Ok(T::default()),
    }
}

fn item<K: Produces>(aws: &Aws, name: &str, id: &str, created: Option<i64>) -> Item {
    Item {
        kind: K::NAME,
        name: name.to_owned(),
        id: id.to_owned(),
        region: aws.region.clone(),
        created,
        stack: None,
        address: None,
        pending_until: None,
    }
}

/// What the service itself did not tell of an item's tags, from AWS's index of tags.
fn with_tags(item: Item, tagged: &Tagged) -> Item {
    match tagged.get(&item.id) {
        Some(tags) if item.stack.is_none() => owned(item, tags),
        _ => item,
    }
}

fn owned(item: Item, tags: &Tags) -> Item {
    let address = tags.get(ADDRESS_TAG).and_then(|it| it.parse().ok());
    Item {
        stack: tags.get(STACK_TAG).cloned(),
        address,
        ..item
    }
}

/// Everything that AWS's index of tags has with a stack's tag. What it has may be gone since, and a new one may be
/// missing (docs/aws.md §1.1), so the services' own lists decide.
async fn tagged(aws: &Aws, scope: Scope<'_>) -> Result<Tagged> {
    let filter = TagFilter::builder().key(STACK_TAG);
    let filter = match scope {
        Scope::All => filter.build(),
        Scope::Stack { name, .. } => filter.values(name).build(),
    };
    let all = pages(|token| {
        let filter = filter.clone();
        async move {
            let request = aws
                .tagging
                .get_resources()
                .tag_filters(filter)
                .resources_per_page(100);
            let request = request.set_pagination_token(token);
            let page = aws
                .read("tag:GetResources", || request.clone().send())
                .await?;
            Ok((
                page.resource_tag_mapping_list.unwrap_or_default(),
                page.pagination_token,
            ))
        }
    });
    let pair = |tag: &aws_sdk_resourcegroupstagging::types::Tag| {
        (tag.key().to_owned(), tag.value().to_owned())
    };
    Ok(all
        .await?
        .into_iter()
        .filter_map(|it| {
            Some((
                bare(it.resource_arn()?).to_owned(),
                it.tags().iter().map(pair).collect::<Tags>(),
            ))
        })
        .collect())
}

/// Without the `:*` that CloudWatch Logs appends in some answers.
fn bare(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

async fn pools(aws: &Aws, asked: &OnceCell<String>) -> Result<Vec<Item>> {
    let all = pages(|token| async move {
        let request = aws
            .cognito
            .list_user_pools()
            .max_results(60)
            .set_next_token(token);
        let page = aws
            .read("cognito-idp:ListUserPools", || request.clone().send())
            .await?;
        Ok((page.user_pools.unwrap_or_default(), page.next_token))
    });
    let all = all.await?;
    if all.is_empty() {
        return Ok(vec![]);
    }
    let account = account(aws, asked).await?;
    Ok(all
        .iter()
        .map(|pool| {
            let (region, id) = (&aws.region, pool.id().unwrap_or_default());
            let arn = format!(
                "arn:{}:cognito-idp:{region}:{account}:userpool/{id}",
                partition(region)
            );
            item::<UserPool>(
                aws,
                pool.name().unwrap_or_default(),
                &arn,
                pool.creation_date().map(DateTime::secs),
            )
        })
        .collect())
}

async fn identity_pools(aws: &Aws, asked: &OnceCell<String>) -> Result<Vec<Item>> {
    let all = identity_pool::all(aws).await?;
    if all.is_empty() {
        return Ok(vec![]);
    }
    let account = account(aws, asked).await?;
    let items = all.iter().map(|pool| {
        let (id, name) = (pool.identity_pool_id(), pool.identity_pool_name());
        let id = id.unwrap_or_default();
        let arn = identity_pool::arn(aws, account, id);
        item::<IdentityPool>(aws, name.unwrap_or_default(), &arn, None)
    });
    Ok(items.collect())
}

/// The account, which the lists of pools leave out: asked for once, unless it is known.
async fn account<'a>(aws: &Aws, asked: &'a OnceCell<String>) -> Result<&'a String> {
    let ask = || async {
        match aws.known_account() {
            Some(account) => Ok(account.to_owned()),
            None => aws.caller_account().await,
        }
    };
    asked.get_or_try_init(ask).await
}

async fn apis(aws: &Aws) -> Result<Vec<Item>> {
    let all = pages(|position| async move {
        let request = aws
            .apigateway
            .get_rest_apis()
            .limit(PAGE)
            .set_position(position);
        let page = aws
            .read("apigateway:GetRestApis", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let found = |api: aws_sdk_apigateway::types::RestApi| {
        let arn = of_gateway(&aws.region, "restapis", api.id()?);
        let created = api.created_date().map(DateTime::secs);
        let item = item::<RestApi>(aws, api.name().unwrap_or_default(), &arn, created);
        Some(owned(item, &tags::of(api.tags())))
    };
    Ok(all.await?.into_iter().filter_map(found).collect())
}

/// The custom domain names of API Gateway.
async fn domain_names(aws: &Aws) -> Result<Vec<Item>> {
    let all = domain_name::all(aws).await?;
    let found = all.iter().filter_map(|it| {
        let name = it.domain_name()?;
        let arn = DomainNameOutputs::new(&aws.region, name).arn;
        let item = item::<DomainName>(aws, name, &arn, None);
        Some(owned(item, &tags::of(it.tags())))
    });
    Ok(found.collect())
}

async fn api_keys(aws: &Aws) -> Result<Vec<Item>> {
    let all = api_key::all(aws, None).await?;
    let found = all.iter().filter_map(|it| {
        let name = it.name().unwrap_or_default();
        let arn = ApiKeyOutputs::new(&aws.region, it.id()?, name).arn;
        let created = it.created_date().map(DateTime::secs);
        Some(item::<ApiKey>(aws, name, &arn, created))
    });
    Ok(found.collect())
}

async fn usage_plans(aws: &Aws) -> Result<Vec<Item>> {
    let all = usage_plan::all(aws, None).await?;
    let found = all.iter().filter_map(|it| {
        let name = it.name().unwrap_or_default();
        let arn = UsagePlanOutputs::new(&aws.region, it.id()?, name).arn;
        Some(item::<UsagePlan>(aws, name, &arn, None))
    });
    Ok(found.collect())
}

/// The functions, and the roles that they run as.
async fn functions(aws: &Aws) -> Result<(Vec<Item>, BTreeSet<String>)> {
    let all = pages(|marker| async move {
        let request = aws.lambda.list_functions().max_items(50).set_marker(marker);
        let page = aws
            .read("lambda:ListFunctions", || request.clone().send())
            .await?;
        Ok((page.functions.unwrap_or_default(), page.next_marker))
    });
    let all = all.await?;
    let items = all.iter().map(|it| {
        let changed = it.last_modified().and_then(seconds);
        item::<Function>(
            aws,
            it.function_name().unwrap_or_default(),
            it.function_arn().unwrap_or_default(),
            changed,
        )
    });
    let roles = all.iter().filter_map(|it| it.role().map(ToOwned::to_owned));
    Ok((items.collect(), roles.collect()))
}

/// Lambda writes its zone as `+0000`, which RFC 3339 does not know.
fn seconds(text: &str) -> Option<i64> {
    let text = text.replace("+0000", "Z");
    DateTime::from_str(&text, Format::DateTime)
        .ok()
        .map(|it| it.secs())
}

async fn log_groups(aws: &Aws) -> Result<Vec<Item>> {
    let all = pages(|token| async move {
        let request = aws
            .logs
            .describe_log_groups()
            .limit(50)
            .set_next_token(token);
        let page = aws
            .read("logs:DescribeLogGroups", || request.clone().send())
            .await?;
        Ok((page.log_groups.unwrap_or_default(), page.next_token))
    });
    let found = |group: aws_sdk_cloudwatchlogs::types::LogGroup| {
        let arn = group
            .log_group_arn()
            .or(group.arn())
            .map(bare)
            .unwrap_or_default();
        let created = group
            .creation_time()
            .map(|milliseconds| milliseconds / 1000);
        item::<LogGroup>(
            aws,
            group.log_group_name().unwrap_or_default(),
            arn,
            created,
        )
    };
    Ok(all.await?.into_iter().map(found).collect())
}

/// Who holds the locks among these, each asked for; mostly there is none.
async fn locks(aws: &Aws, items: &[Item], scope: Scope<'_>) -> Result<Vec<Lock>> {
    let groups = items.iter().filter(|it| it.is_of::<LogGroup>());
    let locked =
        groups.filter_map(|it| Some((it.name.clone(), Holder::locked_by(&it.name)?.to_owned())));
    let locked = locked.filter(|(_, stack)| scope.has_stack(stack));
    let asked = locked.map(async |(group, stack)| {
        let holder = Holder::of(aws, &stack).await?;
        Ok(holder.map(|holder| Lock {
            stack,
            group,
            holder,
        }))
    });
    let found: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn secrets(aws: &Aws, scope: Scope<'_>) -> Result<Vec<Item>> {
    let all = pages(|token| async move {
        let request = aws
            .secrets
            .list_secrets()
            .include_planned_deletion(true)
            .set_next_token(token);
        let page = aws
            .read("secretsmanager:ListSecrets", || request.clone().send())
            .await?;
        Ok((page.secret_list.unwrap_or_default(), page.next_token))
    });
    let mut found = vec![];
    for secret in all.await? {
        let tag = |tag: &aws_sdk_secretsmanager::types::Tag| {
            Some((
                tag.key()?.to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            ))
        };
        let (name, arn) = (
            secret.name().unwrap_or_default(),
            secret.arn().unwrap_or_default(),
        );
        let item = item::<Secret>(aws, name, arn, secret.created_date().map(DateTime::secs));
        let item = owned(item, &secret.tags().iter().filter_map(tag).collect());
        // The list lags by up to five minutes (docs/aws.md §11), so a stack's own are asked for.
        let is_meant = match &item.stack {
            Some(stack) => scope.has_stack(stack),
            None => secret.deleted_date().is_some(),
        };
        let pending_until = match is_meant {
            true => deletion_date(aws, arn).await?,
            false => None,
        };
        found.push(Item {
            pending_until,
            ..item
        });
    }
    Ok(found)
}

/// The list gives the day of the deletion, the description the day until which it can be taken
/// back (service model).
async fn deletion_date(aws: &Aws, arn: &str) -> Result<Option<String>> {
    let seen = aws.read("secretsmanager:DescribeSecret", || {
        aws.secrets.describe_secret().secret_id(arn).send()
    });
    let seen = absent(seen.await)?;
    Ok(seen.and_then(|it| it.deleted_date()?.fmt(Format::DateTime).ok()))
}

/// wsctl's roles of this region, and those of the workshop's names. The tagging API knows none
/// (docs/aws.md §1.1); where a role stands says whose it is, unless it was released since: its path
/// cannot change, its tags can.
async fn roles(aws: &Aws, scope: Scope<'_>) -> Result<Vec<Item>> {
    let prefix = match scope {
        Scope::All => "/wsctl/".to_owned(),
        Scope::Stack { name, .. } => role::prefix(&aws.region, name),
    };
    let all = pages(|marker| async {
        let request = aws
            .iam
            .list_roles()
            .path_prefix(&prefix)
            .max_items(1000)
            .set_marker(marker);
        let page = aws.read("iam:ListRoles", || request.clone().send()).await?;
        Ok((page.roles, page.marker.filter(|_| page.is_truncated)))
    });
    let ours = |seen: aws_sdk_iam::types::Role| {
        let (region, stack, address) = role::owner_by(seen.path())?;
        let item = item::<Role>(
            aws,
            seen.role_name(),
            seen.arn(),
            Some(seen.create_date().secs()),
        );
        (region == aws.region).then_some(Item {
            stack: Some(stack),
            address: address.parse().ok(),
            ..item
        })
    };
    let ours = all.await?.into_iter().filter_map(ours);
    let asked = ours.map(async |item| match carries_tag(aws, &item).await? {
        true => Ok(item),
        false => Ok(Item {
            stack: None,
            address: None,
            ..item
        }),
    });
    let mut found: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let workshop = WORKSHOP_ROLES
        .iter()
        .filter(|_| matches!(scope, Scope::All));
    for name in workshop {
        let seen = absent(
            aws.read("iam:GetRole", || aws.iam.get_role().role_name(*name).send())
                .await,
        )?;
        if let Some(seen) = seen.and_then(|it| it.role) {
            found.push(item::<Role>(
                aws,
                name,
                seen.arn(),
                Some(seen.create_date().secs()),
            ));
        }
    }
    Ok(found)
}

/// Whether the service itself says that a log group or a role carries this stack's tag; anything
/// else is not for sweeping. The index of tags also has what lost its tag (docs/aws.md §1.1).
pub async fn carries_tag(aws: &Aws, item: &Item) -> Result<bool> {
    let Some(stack) = &item.stack else {
        return Ok(false);
    };
    let tag = if item.is_of::<LogGroup>() {
        let asked = aws.read("logs:ListTagsForResource", || {
            aws.logs
                .list_tags_for_resource()
                .resource_arn(&item.id)
                .send()
        });
        absent(asked.await)?.and_then(|it| it.tags()?.get(STACK_TAG).cloned())
    } else if item.is_of::<Role>() {
        let asked = aws.read("iam:ListRoleTags", || {
            aws.iam.list_role_tags().role_name(&item.name).send()
        });
        let tags = absent(asked.await)?.map(|it| it.tags).unwrap_or_default();
        tags.iter()
            .find(|tag| tag.key() == STACK_TAG)
            .map(|tag| tag.value().to_owned())
    } else {
        None
    };
    Ok(tag.as_ref() == Some(stack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_time_is_read() {
        assert_eq!(seconds("1970-01-02T00:00:00.000+0000"), Some(86_400));
        assert_eq!(seconds("yesterday"), None);
    }
}
