//! The calls of a user whom the file names. All others are nobody's business here: they are neither listed nor
//! deleted.

pub mod calls;

use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::Owner,
    spec::{
        Found,
        user::{User, UserOutputs, is_the_same},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::admin_get_user::AdminGetUserOutput,
    types::{MessageActionType, UserStatusType},
};
use futures::future::try_join_all;
use std::collections::BTreeSet;

impl Kind for User {
    /// Only those that are declared.
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let seen = wanted.iter().map(async |(name, declared)| {
            let user = async { gone(calls::get(&reads.aws, &pool.id, name).await) };
            let (user, groups) =
                futures::try_join!(user, groups(&reads.aws, &pool.id, name, declared))?;
            let found = user.map(|user| found(name, user, groups, declared));
            Ok::<_, Error>(found)
        });
        let seen = try_join_all(seen).await?;
        Ok(seen.into_iter().flatten().map(Listed::Full).collect())
    }

    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, name: &str) -> Result<UserOutputs> {
        calls::create(aws, &pool.id, name, &self.made_with(), |it| {
            it.message_action(MessageActionType::Suppress)
        })
        .await?;
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
        absent(calls::delete(aws, &pool.id, &live.name).await).map(drop)
    }
}

/// A permanent one; nothing where none is declared.
async fn set_password(aws: &Aws, pool: &str, name: &str, declared: &User) -> Result<()> {
    match &declared.password {
        Some(password) => calls::set_password(aws, pool, name, password, true).await,
        None => Ok(()),
    }
}

async fn join(
    aws: &Aws,
    pool: &str,
    name: &str,
    groups: impl Iterator<Item = &String>,
) -> Result<()> {
    for group in groups {
        calls::add_to_group(aws, pool, name, group).await?;
    }
    Ok(())
}

/// `None` where there is no such user, or no pool.
fn gone<T>(answer: Result<T>) -> Result<Option<T>> {
    Ok(absent(calls::if_there(answer))?.flatten())
}

/// Of the declared groups, those that the user is in; none is asked for where none is declared.
async fn groups(
    aws: &Aws,
    pool: &str,
    name: &str,
    declared: &User,
) -> Result<Option<BTreeSet<String>>> {
    let Some(declared) = &declared.groups else {
        return Ok(None);
    };
    let all = gone(calls::groups(aws, pool, name).await)?;
    let own = all.into_iter().flatten();
    Ok(Some(own.filter(|it| declared.contains(it)).collect()))
}

/// Somebody else's, where something is to be given to who is not known to be who is meant: whoever may sign up can
/// take any name on (decision 0034).
fn found(
    name: &str,
    live: AdminGetUserOutput,
    groups: Option<BTreeSet<String>>,
    declared: &User,
) -> Found<User> {
    let has_password = live.user_status() != Some(&UserStatusType::ForceChangePassword);
    let lacks = groups != declared.groups || (declared.has_password == Some(true) && !has_password);
    let there = calls::mapped(live.user_attributes);
    let is_meant = !lacks || is_the_same(&declared.made_with(), &there);
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
