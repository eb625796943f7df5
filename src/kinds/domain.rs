//! The calls of a prefix domain.

use super::user_pool;
use crate::{
    aws::{Aws, Reads, absent},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        domain::{Domain, DomainOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::{DomainDescriptionType, DomainStatusType};
use std::time::Duration;

/// How often to ask whether a domain is ready or gone, and for how long: a prefix takes at most a
/// minute (docs/aws.md §4).
const EVERY: Duration = Duration::from_secs(2);

const BUDGET: Duration = Duration::from_secs(120);

impl Kind for Domain {
    /// The domain that the pool's description names; where it names none, the wanted one, which may be
    /// the pool's all the same.
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let described = user_pool::describe(reads, &pool.id).await?;
        let named = described
            .as_ref()
            .as_ref()
            .and_then(|it| it.domain())
            .filter(|it| !it.is_empty());
        let wanted = wanted
            .values()
            .map(|it| it.prefix.as_str())
            .find(|it| !it.contains("${"));
        let Some(prefix) = named.or(wanted) else {
            return Ok(vec![]);
        };
        let live = describe(&reads.aws, prefix).await?;
        let found = live.and_then(|live| found(&live, &pool.id, prefix, &reads.aws.region));
        Ok(found.map(Listed::Full).into_iter().collect())
    }

    /// The prefix answers within a minute (docs/aws.md §4); nothing else waits for it.
    async fn create(&self, aws: &Aws, pool: &UserPoolOutputs, _: &str) -> Result<DomainOutputs> {
        let prefix = &self.prefix;
        let send = || {
            let request = aws
                .cognito
                .create_user_pool_domain()
                .user_pool_id(&pool.id)
                .domain(prefix);
            request.set_managed_login_version(version(self)).send()
        };
        let created = aws.create("cognito-idp:CreateUserPoolDomain", send).await;
        created.map_err(|error| explain(error, prefix))?;
        Ok(outputs(prefix, &pool.id, &aws.region))
    }

    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        let send = || {
            let request = aws.cognito.update_user_pool_domain().user_pool_id(&pool.id);
            request
                .domain(&live.outputs.prefix)
                .set_managed_login_version(version(self))
                .send()
        };
        aws.write("cognito-idp:UpdateUserPoolDomain", send).await?;
        Ok(())
    }

    async fn delete(aws: &Aws, _: &UserPoolOutputs, live: &DomainOutputs) -> Result<()> {
        let DomainOutputs {
            prefix,
            pool_id,
            login_url: _,
        } = live;
        let send = || {
            aws.cognito
                .delete_user_pool_domain()
                .user_pool_id(pool_id)
                .domain(prefix)
                .send()
        };
        match absent(aws.write("cognito-idp:DeleteUserPoolDomain", send).await) {
            // Cognito's code for a domain that is not there is that of a wrong request.
            Err(error) if error.has_code("InvalidParameterException") => {
                return is_gone(aws, prefix).await?.ok_or(error);
            }
            Ok(None) => return Ok(()),
            deleted => deleted?,
        };
        let what = format!("the end of the domain {prefix}");
        aws.wait(&what, EVERY, BUDGET, || is_gone(aws, prefix))
            .await
    }
}

/// The domain, whoever's it is. Cognito answers for an unknown one too, with nothing in it
/// (docs/aws.md §4).
async fn describe(aws: &Aws, prefix: &str) -> Result<Option<DomainDescriptionType>> {
    let send = || {
        aws.cognito
            .describe_user_pool_domain()
            .domain(prefix)
            .send()
    };
    let answer = absent(aws.read("cognito-idp:DescribeUserPoolDomain", send).await)?;
    Ok(answer
        .and_then(|it| it.domain_description)
        .filter(|it| it.status.is_some()))
}

async fn is_gone(aws: &Aws, prefix: &str) -> Result<Option<()>> {
    Ok(describe(aws, prefix).await?.is_none().then_some(()))
}

/// A taken prefix and a forbidden one have the same code.
fn explain(error: Error, prefix: &str) -> Error {
    if !error.has_code("InvalidParameterException") {
        return error;
    }
    error.hint(format!(
        "choose another prefix than `{prefix}`: it must be free in the whole Region, other accounts included, \
         and hold none of aws, amazon, cognito"
    ))
}

/// Which login pages it shows, as AWS takes it.
fn version(domain: &Domain) -> Option<i32> {
    domain.managed_login_version.map(i32::from)
}

/// A domain that is being deleted is none any more.
fn found(
    live: &DomainDescriptionType,
    pool: &str,
    prefix: &str,
    region: &str,
) -> Option<Found<Domain>> {
    if live.user_pool_id() != Some(pool) || live.status() == Some(&DomainStatusType::Deleting) {
        return None;
    }
    let version = live
        .managed_login_version()
        .and_then(|it| u8::try_from(it).ok());
    let spec = Domain {
        prefix: prefix.to_owned(),
        managed_login_version: Some(version.unwrap_or(1)),
    };
    let mut found = Found::child("", spec, outputs(prefix, pool, region));
    if live.status() == Some(&DomainStatusType::Failed) {
        found
            .notes
            .push("Cognito could not make this domain".into());
    }
    Some(found)
}

fn outputs(prefix: &str, pool: &str, region: &str) -> DomainOutputs {
    DomainOutputs {
        prefix: prefix.to_owned(),
        pool_id: pool.to_owned(),
        login_url: format!("https://{prefix}.auth.{region}.amazoncognito.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn live(pool: &str, status: DomainStatusType) -> DomainDescriptionType {
        DomainDescriptionType::builder()
            .user_pool_id(pool)
            .status(status)
            .build()
    }

    #[test]
    fn a_domain_without_a_version_has_the_classic_pages() {
        let found = found(
            &live("p_1", DomainStatusType::Active),
            "p_1",
            "workshop",
            "eu-west-1",
        )
        .unwrap();
        assert_eq!(found.spec.managed_login_version, Some(1));
        assert_eq!(
            found.outputs.login_url,
            "https://workshop.auth.eu-west-1.amazoncognito.com"
        );
    }

    #[test]
    fn another_pools_domain_and_one_on_its_way_out_are_not_found() {
        assert!(
            found(
                &live("p_2", DomainStatusType::Active),
                "p_1",
                "a",
                "eu-west-1"
            )
            .is_none()
        );
        assert!(
            found(
                &live("p_1", DomainStatusType::Deleting),
                "p_1",
                "a",
                "eu-west-1"
            )
            .is_none()
        );
    }

    #[test]
    fn a_refused_prefix_comes_with_what_to_do() {
        let refused = Error::new(ErrorKind::Aws, "taken").code("InvalidParameterException");
        assert!(
            explain(refused, "workshop")
                .hint
                .unwrap()
                .contains("another prefix")
        );
        assert_eq!(
            explain(Error::new(ErrorKind::Aws, "lost"), "workshop").hint,
            None
        );
    }
}
