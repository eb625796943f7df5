//! The calls of a group of a user pool.

use crate::{
    aws::{Aws, Reads, absent},
    diff::Change,
    error::Result,
    kind::{Declared, Kind, Listed},
    kinds::rows::{same, sent_rows},
    spec::{
        Found,
        group::{Group, GroupOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        create_group::builders::CreateGroupFluentBuilder,
        update_group::builders::UpdateGroupFluentBuilder,
    },
    types::GroupType,
};

sent_rows! { Group in GroupType by CreateGroupFluentBuilder, UpdateGroupFluentBuilder:
    description = description set_description: same,
    precedence = precedence set_precedence: same,
    role = role_arn set_role_arn: same,
}

fn wanted(declared: &Group) -> GroupType {
    let mut wanted = GroupType::builder().build();
    write(&mut wanted, declared);
    wanted
}

/// Whether Cognito has made it for who signs in with an identity provider (docs/aws.md §4).
fn is_of_provider(pool: &UserPoolOutputs, name: &str) -> bool {
    let rest = name.strip_prefix(&pool.id);
    rest.is_some_and(|it| it.starts_with('_'))
}

impl Kind for Group {
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let (mut seen, mut next) = (vec![], None);
        loop {
            let send = || {
                let request = reads
                    .aws
                    .cognito
                    .list_groups()
                    .user_pool_id(&pool.id)
                    .limit(60);
                request.set_next_token(next.clone()).send()
            };
            let Some(page) = absent(reads.aws.read("cognito-idp:ListGroups", send).await)? else {
                return Ok(vec![]);
            };
            let is_said = |it: &GroupType| {
                let declared = wanted.get(it.group_name().unwrap_or_default());
                reads.is_for_a_file() || declared.is_some_and(|it| it.role.is_some())
            };
            let groups = page.groups().iter().map(|it| found(it, is_said(it)));
            let groups = groups
                .filter(|it| wanted.contains_key(&it.name) || !is_of_provider(pool, &it.name));
            seen.extend(groups.map(Listed::Full));
            next = page.next_token;
            if next.is_none() {
                return Ok(seen);
            }
        }
    }

    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, name: &str) -> Result<GroupOutputs> {
        let mut wanted = wanted(self);
        wanted.description = wanted.description.filter(|text| !text.is_empty());
        let request = aws.cognito.create_group().sent(&mut wanted);
        let request = request.user_pool_id(&pool.id).group_name(name);
        aws.create("cognito-idp:CreateGroup", || request.clone().send())
            .await?;
        Ok(GroupOutputs {
            name: name.to_owned(),
        })
    }

    /// `UpdateGroup` keeps what it is not sent (docs/aws.md §4), among it the group's role.
    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        let request = aws.cognito.update_group().sent(&mut wanted(self));
        let request = request.user_pool_id(&pool.id).group_name(&live.name);
        aws.write("cognito-idp:UpdateGroup", || request.clone().send())
            .await?;
        Ok(())
    }

    async fn delete(aws: &Aws, pool: &UserPoolOutputs, live: &GroupOutputs) -> Result<()> {
        let send = || {
            aws.cognito
                .delete_group()
                .user_pool_id(&pool.id)
                .group_name(&live.name)
                .send()
        };
        absent(aws.write("cognito-idp:DeleteGroup", send).await)?;
        Ok(())
    }
}

/// A role counts as set elsewhere where the file says none.
fn found(live: &GroupType, says_role: bool) -> Found<Group> {
    let name = live.group_name().unwrap_or_default();
    let role = live.role_arn().filter(|arn| !arn.is_empty() && !says_role);
    let set_elsewhere =
        role.map(|arn| format!("an identity pool gives its members the role {arn}"));
    let is_many = name.contains(',').then(|| {
        let seen = name.split(',').map(str::trim).collect::<Vec<_>>().join(" and ");
        format!("API Gateway writes groups with commas in between: to a function its members are in {seen}")
    });
    Found {
        set_elsewhere: set_elsewhere.into_iter().collect(),
        notes: is_many.into_iter().collect(),
        ..Found::child(
            name,
            read(live),
            GroupOutputs {
                name: name.to_owned(),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_seen_whole_in_the_list() {
        let live = GroupType::builder()
            .group_name("admins")
            .precedence(0)
            .role_arn("arn")
            .build();
        let found = found(&live, false);
        assert_eq!(found.name, "admins");
        assert_eq!(
            found.spec,
            Group {
                description: None,
                precedence: Some(0),
                role: Some("arn".into()),
            }
        );
        assert_eq!(found.outputs.name, "admins");
    }
}
