//! The calls of a login's custom domain.
//!
//! Facts: docs/aws.md §4, "Domain".

use super::domain::{self, failed, named, version};
use crate::{
    aws::{Aws, Reads},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        custom_domain::{CustomDomain, CustomDomainOutputs},
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::{
    CustomDomainConfigType, DomainDescriptionType, DomainStatusType, UserPoolType,
};
use std::time::Duration;

/// How long to wait until one is gone: CloudFront takes its time.
const BUDGET: Duration = Duration::from_secs(20 * 60);

impl Kind for CustomDomain {
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let wanted = wanted.values().map(|it| it.name.as_str()).next();
        let live = named(reads, &pool.id, UserPoolType::custom_domain, wanted).await?;
        let found = live.map(|(name, live)| found(&live, &pool.id, &name));
        Ok(found.map(Listed::Full).into_iter().collect())
    }

    /// It answers within an hour; nothing else waits for it.
    async fn create(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        _: &str,
    ) -> Result<CustomDomainOutputs> {
        let request = aws
            .cognito
            .create_user_pool_domain()
            .user_pool_id(&pool.id)
            .domain(&self.name)
            .set_managed_login_version(self.managed_login_version.map(i32::from))
            .custom_domain_config(config(self, None)?);
        let made = aws
            .create("cognito-idp:CreateUserPoolDomain", || {
                request.clone().send()
            })
            .await;
        let made = made.map_err(|error| explain(error, &self.name))?;
        Ok(outputs(&self.name, &pool.id, made.cloud_front_domain()))
    }

    /// Without its certificate Cognito takes it for a prefix (docs/aws.md §4).
    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        let request = aws
            .cognito
            .update_user_pool_domain()
            .user_pool_id(&pool.id)
            .domain(&live.outputs.name)
            .set_managed_login_version(self.managed_login_version.map(i32::from))
            .custom_domain_config(config(self, live.spec.security_policy.as_deref())?);
        aws.write("cognito-idp:UpdateUserPoolDomain", || {
            request.clone().send()
        })
        .await
        .map_err(|error| explain(error, &self.name))?;
        Ok(())
    }

    async fn delete(aws: &Aws, _: &UserPoolOutputs, live: &CustomDomainOutputs) -> Result<()> {
        domain::delete(aws, &live.pool_id, &live.name, BUDGET).await
    }
}

/// As it is sent: all of it, since what is left out is none.
fn config(spec: &CustomDomain, live_policy: Option<&str>) -> Result<CustomDomainConfigType> {
    let policy = spec.security_policy.as_deref().or(live_policy);
    let config = CustomDomainConfigType::builder()
        .certificate_arn(&spec.certificate_arn)
        .set_security_policy(policy.map(Into::into))
        .build();
    config.map_err(|error| Error::internal("a certificate without an ARN").source(error))
}

/// A name above it without an address, and a certificate that is not right, have the same code.
fn explain(error: Error, name: &str) -> Error {
    if !error.has_code("InvalidParameterException") {
        return error;
    }
    let above = name.split_once('.').map_or(name, |it| it.1);
    error.hint(format!(
        "{above} needs an A record, whatever it leads to; the certificate has to be issued, in us-east-1, and for \
         {name}; and no other pool may have the name"
    ))
}

fn found(live: &DomainDescriptionType, pool: &str, name: &str) -> Found<CustomDomain> {
    let config = live.custom_domain_config();
    let certificate = config.map(|it| it.certificate_arn().to_owned());
    let policy = config.and_then(|it| it.security_policy());
    let spec = CustomDomain {
        name: name.to_owned(),
        certificate_arn: certificate.unwrap_or_default(),
        security_policy: policy.map(|it| it.as_str().to_owned()),
        managed_login_version: Some(version(live)),
    };
    let being_made = match live.status() {
        Some(DomainStatusType::Creating | DomainStatusType::Updating) => {
            Some("Cognito is still setting it up, which takes up to an hour".to_owned())
        }
        _ => None,
    };
    Found {
        notes: failed(live).into_iter().chain(being_made).collect(),
        ..Found::child(
            "",
            spec,
            outputs(name, pool, live.cloud_front_distribution()),
        )
    }
}

fn outputs(name: &str, pool: &str, target: Option<&str>) -> CustomDomainOutputs {
    CustomDomainOutputs {
        name: name.to_owned(),
        pool_id: pool.to_owned(),
        login_url: format!("https://{name}"),
        target: target.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_refused_name_comes_with_what_it_needs() {
        let refused = Error::new(ErrorKind::Aws, "no").code("InvalidParameterException");
        let hint = explain(refused, "auth.example.com").hint.unwrap();
        assert!(hint.starts_with("example.com needs an A record"), "{hint}");
    }
}
