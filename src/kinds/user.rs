//! The calls of a user whom the file names. All others are nobody's business here: they are neither listed nor
//! deleted.

use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::Owner,
    spec::{
        Found,
        user::{ADDRESSES, User, UserOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::admin_get_user::AdminGetUserOutput,
    types::{AttributeType, MessageActionType, UserStatusType},
};
use futures::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};

impl Kind for User {
    /// Only those that are declared.
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let seen = wanted.iter().map(async |(name, declared)| {
            let (user, groups) = futures::try_join!(
                ask(&reads.aws, &pool.id, name),
                groups(&reads.aws, &pool.id, name, declared)
            )?;
            let found = user.map(|user| found(name, &user, groups, declared));
            Ok::<_, Error>(found)
        });
        let seen = try_join_all(seen).await?;
        Ok(seen.into_iter().flatten().map(Listed::Full).collect())
    }

    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, name: &str) -> Result<UserOutputs> {
        let attributes = attributes(self)?;
        let send = || {
            let request = aws.cognito.admin_create_user().user_pool_id(&pool.id);
            request
                .username(name)
                .message_action(MessageActionType::Suppress)
                .set_user_attributes(Some(attributes.clone()))
                .send()
        };
        aws.create("cognito-idp:AdminCreateUser", send).await?;
        let half = |error: Error| error.at("the user was made").half_done();
        let groups = self.groups.iter().flatten();
        set_password(aws, &pool.id, name, self)
            .await
            .map_err(half)?;
        join(aws, &pool.id, name, groups).await.map_err(half)?;
        Ok(UserOutputs {
            name: name.to_owned(),
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        if any_touches(changes, &["has_password"]) {
            set_password(aws, &pool.id, &live.name, self).await?;
        }
        let there = live.spec.groups.clone().unwrap_or_default();
        let groups = self.groups.iter().flatten();
        let missing = groups.filter(|it| !there.contains(*it));
        join(aws, &pool.id, &live.name, missing).await
    }

    async fn delete(aws: &Aws, pool: &UserPoolOutputs, live: &UserOutputs) -> Result<()> {
        let send = || {
            let request = aws.cognito.admin_delete_user().user_pool_id(&pool.id);
            request.username(&live.name).send()
        };
        gone(aws.write("cognito-idp:AdminDeleteUser", send).await).map(drop)
    }
}

/// A permanent one; nothing where none is declared.
async fn set_password(aws: &Aws, pool: &str, name: &str, declared: &User) -> Result<()> {
    let Some(password) = &declared.password else {
        return Ok(());
    };
    aws.hide(password);
    let send = || {
        let request = aws.cognito.admin_set_user_password().user_pool_id(pool);
        let request = request.username(name).password(password);
        request.permanent(true).send()
    };
    aws.write("cognito-idp:AdminSetUserPassword", send)
        .await
        .map(drop)
}

async fn join(
    aws: &Aws,
    pool: &str,
    name: &str,
    groups: impl Iterator<Item = &String>,
) -> Result<()> {
    for group in groups {
        let send = || {
            let request = aws.cognito.admin_add_user_to_group().user_pool_id(pool);
            request.username(name).group_name(group).send()
        };
        aws.write("cognito-idp:AdminAddUserToGroup", send).await?;
    }
    Ok(())
}

/// An address that the file gives is the user's, unless the file says otherwise.
fn attributes(declared: &User) -> Result<Vec<AttributeType>> {
    let mut all: BTreeMap<_, _> = declared.attributes.clone().unwrap_or_default();
    for (address, verified) in ADDRESSES {
        if all.contains_key(address) {
            all.entry(verified.to_owned())
                .or_insert_with(|| "true".to_owned());
        }
    }
    let attribute = |(name, value)| {
        let attribute = AttributeType::builder().name(name).value(value).build();
        attribute.map_err(|error| Error::internal("an attribute without a name").source(error))
    };
    all.iter().map(attribute).collect()
}

/// `None` where there is no such user, or no pool.
fn gone<T>(answer: Result<T>) -> Result<Option<T>> {
    match absent(answer) {
        Err(error) if error.has_code("UserNotFoundException") => Ok(None),
        other => other,
    }
}

async fn ask(aws: &Aws, pool: &str, name: &str) -> Result<Option<AdminGetUserOutput>> {
    let send = || {
        let request = aws.cognito.admin_get_user().user_pool_id(pool);
        request.username(name).send()
    };
    gone(aws.read("cognito-idp:AdminGetUser", send).await)
}

/// Of the declared groups, those that the user is in.
async fn groups(
    aws: &Aws,
    pool: &str,
    name: &str,
    declared: &User,
) -> Result<Option<BTreeSet<String>>> {
    let Some(declared) = &declared.groups else {
        return Ok(None);
    };
    let (mut seen, mut next) = (BTreeSet::new(), None);
    loop {
        let send = || {
            let request = aws.cognito.admin_list_groups_for_user().user_pool_id(pool);
            let request = request.username(name).set_next_token(next.clone());
            request.send()
        };
        let answer = gone(aws.read("cognito-idp:AdminListGroupsForUser", send).await)?;
        let Some(page) = answer else {
            return Ok(Some(seen));
        };
        let names = page
            .groups
            .into_iter()
            .flatten()
            .filter_map(|it| it.group_name);
        seen.extend(names.filter(|it| declared.contains(it)));
        next = page.next_token;
        if next.is_none() {
            return Ok(Some(seen));
        }
    }
}

/// Somebody else's, where something is to be given to who is not known to be who is meant.
fn found(
    name: &str,
    live: &AdminGetUserOutput,
    groups: Option<BTreeSet<String>>,
    declared: &User,
) -> Found<User> {
    let has_password = live.user_status() != Some(&UserStatusType::ForceChangePassword);
    let lacks = groups != declared.groups || (declared.has_password == Some(true) && !has_password);
    let is_meant = !lacks || is_theirs(live, declared);
    let spec = User {
        attributes: None,
        groups,
        password: None,
        has_password: Some(has_password),
    };
    let name = name.to_owned();
    Found {
        owner: if is_meant { Owner::Ours } else { Owner::Nobody },
        ..Found::child(name.clone(), spec, UserOutputs { name })
    }
}

/// Whether the pool has verified the address that the file gives them: whoever may sign up can take any other
/// name on.
fn is_theirs(live: &AdminGetUserOutput, declared: &User) -> bool {
    let has = |name: &str, value: &str| {
        let mut all = live.user_attributes().iter();
        all.any(|it| it.name() == name && it.value() == Some(value))
    };
    let attributes = declared.attributes.iter().flatten();
    let mut addresses = attributes.filter_map(|(name, value)| {
        let known = ADDRESSES.iter().find(|(address, _)| address == name)?;
        Some(has(name, value) && has(known.1, "true"))
    });
    addresses.any(|it| it)
}
