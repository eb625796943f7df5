//! The calls of an identity pool.
//!
//! Facts: docs/aws.md §4, "Identity pools".

mod fields;
mod find;
mod roles;

pub(crate) use find::{all, arn};

use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    kinds::{
        by_tag,
        people::lost,
        tags::{as_map, retag},
    },
    owner::{Retag, StackOutputs, owner},
    spec::{
        Found,
        identity_pool::{IdentityPool, IdentityPoolOutputs, OF_ROLES},
    },
};
use aws_sdk_cognitoidentity::operation::list_identities::ListIdentitiesOutput;

impl Kind for IdentityPool {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        by_tag::find(reads, wanted).await
    }

    async fn read(
        reads: &Reads,
        _: &StackOutputs,
        name: &str,
        outputs: &IdentityPoolOutputs,
    ) -> Result<Option<Found<Self>>> {
        let (pool, roles) = futures::try_join!(
            find::describe(reads, &outputs.id),
            roles::ask(&reads.aws, &outputs.id)
        )?;
        let (Some(pool), Some(roles)) = (pool.as_ref(), roles) else {
            return by_tag::confirm_gone::<Self>(reads, outputs)
                .await
                .map(|()| None);
        };
        let tags = find::tags(pool);
        let spec = roles::with(fields::spec(pool), &roles);
        let outputs = IdentityPoolOutputs {
            name: pool.identity_pool_name.clone(),
            ..outputs.clone()
        };
        Ok(Some(Found {
            set_elsewhere: roles::beyond_words(&roles),
            ..by_tag::found(reads, name, &tags, spec, outputs)
        }))
    }

    /// Without its roles, which trust it and so are made after it.
    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<IdentityPoolOutputs> {
        let tags = owner(parent, name, self.tags.as_ref());
        let request = fields::create_request(aws.identity.create_identity_pool(), self)?;
        let request = request.set_identity_pool_tags(Some(tags));
        let send = || request.clone().send();
        let made = aws
            .create("cognito-identity:CreateIdentityPool", send)
            .await?;
        let outputs = find::outputs(aws, &parent.account, &made.identity_pool_id, &self.name);
        if self.has_roles() {
            let set = roles::set(aws, &outputs.id, self).await;
            set.map_err(|error| {
                error
                    .at(format!(
                        "the identity pool {} was made, but its roles not set",
                        outputs.id
                    ))
                    .half_done()
            })?;
        }
        Ok(outputs)
    }

    /// `UpdateIdentityPool` and `SetIdentityPoolRoles` reset what they are not sent.
    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let id = &live.outputs.id;
        let gone = || by_tag::gone::<Self>(id);
        let wanted = fields::without_others(self, &live.spec, changes)?;
        let is_elsewhere =
            |it: &Change| it.touches("tags") || OF_ROLES.iter().any(|field| it.touches(field));
        if !changes.iter().all(is_elsewhere) {
            let pool = find::ask(aws, id).await?.ok_or_else(gone)?;
            let request =
                fields::update_request(aws.identity.update_identity_pool(), pool, &wanted);
            let send = || request.clone().send();
            aws.write("cognito-identity:UpdateIdentityPool", send)
                .await?;
        }
        if any_touches(changes, &OF_ROLES) {
            let there = roles::ask(aws, id).await?.ok_or_else(gone)?;
            roles::set_over(aws, id, there, &wanted).await?;
        }
        Self::mark(aws, &live.outputs, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &IdentityPoolOutputs) -> Result<()> {
        let send = || {
            let request = aws.identity.delete_identity_pool();
            request.identity_pool_id(&live.id).send()
        };
        absent(aws.write("cognito-identity:DeleteIdentityPool", send).await)?;
        Ok(())
    }

    /// Identities: what people store elsewhere is kept under their ids.
    async fn loses(aws: &Aws, live: &IdentityPoolOutputs) -> Result<Option<String>> {
        let send = || {
            let request = aws.identity.list_identities().max_results(1);
            request.identity_pool_id(&live.id).send()
        };
        let operation = "cognito-identity:ListIdentities";
        let answer = aws.read(operation, send).await;
        let is_there = |it: &ListIdentitiesOutput| !it.identities().is_empty();
        lost(answer, is_there, ("identity", "identities"), operation)
    }

    async fn mark(aws: &Aws, live: &IdentityPoolOutputs, tags: Retag) -> Result<()> {
        retag!(aws, tags, as_map,
            "cognito-identity:TagResource": aws.identity.tag_resource().resource_arn(&live.arn),
            "cognito-identity:UntagResource": aws.identity.untag_resource().resource_arn(&live.arn)
        )
    }
}
