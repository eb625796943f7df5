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
use aws_sdk_cognitoidentityprovider::types::{
    DomainDescriptionType, DomainStatusType, UserPoolType,
};
use std::time::Duration;

/// How often to ask whether a domain is gone, and for how long: a prefix takes at most a
/// minute (docs/aws.md §4).
const EVERY: Duration = Duration::from_secs(2);

const BUDGET: Duration = Duration::from_secs(120);

impl Kind for Domain {
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let wanted = wanted.values().map(|it| it.prefix.as_str()).next();
        let live = named(reads, &pool.id, UserPoolType::domain, wanted).await?;
        let region = &reads.aws.region;
        let found = live.map(|(prefix, live)| found(&live, &pool.id, &prefix, region));
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
            let version = self.managed_login_version.map(i32::from);
            request.set_managed_login_version(version).send()
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
                .set_managed_login_version(self.managed_login_version.map(i32::from))
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
        delete(aws, pool_id, prefix, BUDGET).await
    }
}

/// The domain that the pool's description names; where it names none, the wanted one, which may be the pool's all
/// the same. One that is being deleted is none any more.
pub(super) async fn named(
    reads: &Reads,
    pool: &str,
    in_pool: impl Fn(&UserPoolType) -> Option<&str>,
    wanted: Option<&str>,
) -> Result<Option<(String, DomainDescriptionType)>> {
    let described = user_pool::describe(reads, pool).await?;
    let there = described.as_ref().as_ref().and_then(in_pool);
    let there = there.filter(|it| !it.is_empty());
    let wanted = wanted.filter(|it| !it.contains("${"));
    let Some(name) = there.or(wanted) else {
        return Ok(None);
    };
    let live = describe(&reads.aws, name).await?;
    let live = live.filter(|it| is_of(it, pool));
    Ok(live.map(|it| (name.to_owned(), it)))
}

fn is_of(live: &DomainDescriptionType, pool: &str) -> bool {
    live.user_pool_id() == Some(pool) && live.status() != Some(&DomainStatusType::Deleting)
}

/// Deletes one of either sort, and waits until it is gone.
pub(super) async fn delete(aws: &Aws, pool: &str, name: &str, budget: Duration) -> Result<()> {
    let send = || {
        let request = aws.cognito.delete_user_pool_domain().user_pool_id(pool);
        request.domain(name).send()
    };
    match absent(aws.write("cognito-idp:DeleteUserPoolDomain", send).await) {
        // Cognito's code for a domain that is not there is that of a wrong request.
        Err(error) if error.has_code("InvalidParameterException") => {
            return is_gone(aws, name).await?.ok_or(error);
        }
        Ok(None) => return Ok(()),
        deleted => deleted?,
    };
    let what = format!("the end of the domain {name}");
    aws.wait(&what, EVERY, budget, || is_gone(aws, name)).await
}

/// The domain, whoever's it is. Cognito answers for an unknown one too, with nothing in it
/// (docs/aws.md §4).
async fn describe(aws: &Aws, name: &str) -> Result<Option<DomainDescriptionType>> {
    let send = || aws.cognito.describe_user_pool_domain().domain(name).send();
    let answer = absent(aws.read("cognito-idp:DescribeUserPoolDomain", send).await)?;
    Ok(answer
        .and_then(|it| it.domain_description)
        .filter(|it| it.status.is_some()))
}

async fn is_gone(aws: &Aws, name: &str) -> Result<Option<()>> {
    Ok(describe(aws, name).await?.is_none().then_some(()))
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

fn found(live: &DomainDescriptionType, pool: &str, prefix: &str, region: &str) -> Found<Domain> {
    let spec = Domain {
        prefix: prefix.to_owned(),
        managed_login_version: Some(version(live)),
    };
    Found {
        notes: failed(live).into_iter().collect(),
        ..Found::child("", spec, outputs(prefix, pool, region))
    }
}

/// Which login pages it shows.
pub(super) fn version(live: &DomainDescriptionType) -> u8 {
    let version = live.managed_login_version();
    version.and_then(|it| u8::try_from(it).ok()).unwrap_or(1)
}

pub(super) fn failed(live: &DomainDescriptionType) -> Option<String> {
    let is_failed = live.status() == Some(&DomainStatusType::Failed);
    is_failed.then(|| "Cognito could not make this domain".into())
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
        let live = live("p_1", DomainStatusType::Active);
        let found = found(&live, "p_1", "workshop", "eu-west-1");
        assert_eq!(found.spec.managed_login_version, Some(1));
        assert_eq!(
            found.outputs.login_url,
            "https://workshop.auth.eu-west-1.amazoncognito.com"
        );
    }

    #[test]
    fn another_pools_domain_and_one_on_its_way_out_are_not_found() {
        assert!(is_of(&live("p_1", DomainStatusType::Active), "p_1"));
        assert!(!is_of(&live("p_2", DomainStatusType::Active), "p_1"));
        assert!(!is_of(&live("p_1", DomainStatusType::Deleting), "p_1"));
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
