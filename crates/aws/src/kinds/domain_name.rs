//! The calls of a custom domain name.
//!
//! Facts: docs/aws.md §6, "Custom domain names".

use super::{
    by_tag::{self, ByTag},
    rest_api::{
        self,
        wire::{PAGE, replace},
    },
    tags,
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    owner::{Retag, StackOutputs, Tags, declared, owner},
    spec::{
        Found,
        domain_name::{DomainName, DomainNameOutputs, EDGE, SECURITY_POLICY},
        rest_api::REGIONAL,
    },
};
use aws_sdk_apigateway::{
    operation::get_domain_name::GetDomainNameOutput,
    types::{
        DomainName as InAws, DomainNameStatus, EndpointConfiguration, PatchOperation, RoutingMode,
    },
};
use std::sync::Arc;

impl ByTag for DomainName {
    const MARKER: &'static str = ":/domainnames/";

    fn name(&self) -> &str {
        &self.name
    }

    fn outputs_by_arn(aws: &Aws, _: &str, id: &str, _: &str) -> DomainNameOutputs {
        DomainNameOutputs::new(&aws.region, id)
    }

    /// AWS knows it by its name.
    fn id_and_name(outputs: &DomainNameOutputs) -> (&str, &str) {
        (&outputs.name, &outputs.name)
    }

    /// Whether it is there is told where it is asked for its tags.
    async fn ids(_: &Aws, name: &str) -> Result<Vec<String>> {
        Ok(vec![name.to_owned()])
    }

    async fn ask(reads: &Reads, id: &str) -> Result<Option<(Tags, DomainNameOutputs)>> {
        let live = described(reads, id).await?;
        let live = live.as_ref().as_ref();
        Ok(live.map(|it| {
            let outputs = outputs(&reads.aws.region, id, host(it));
            (tags::of(it.tags()), outputs)
        }))
    }
}

/// Every one of the account and region.
pub(crate) async fn all(aws: &Aws) -> Result<Vec<InAws>> {
    pages(|position| async move {
        let request = aws.apigateway.get_domain_names().limit(PAGE);
        let request = request.set_position(position);
        let page = aws
            .read("apigateway:GetDomainNames", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// One, asked once in an observation; `None` when there is none of this name.
async fn described(reads: &Reads, name: &str) -> Result<Arc<Option<GetDomainNameOutput>>> {
    let aws = &reads.aws;
    let send = || aws.apigateway.get_domain_name().domain_name(name).send();
    let get = async { absent(aws.read("apigateway:GetDomainName", send).await) };
    reads.memo(&format!("domain_name/{name}"), get).await
}

impl Kind for DomainName {
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
        it: &DomainNameOutputs,
    ) -> Result<Option<Found<Self>>> {
        let live = described(reads, &it.name).await?;
        let Some(live) = live.as_ref() else {
            return Ok(None);
        };
        let outputs = outputs(&reads.aws.region, &it.name, host(live));
        let tags = tags::of(live.tags());
        Ok(Some(Found {
            notes: state(live).into_iter().collect(),
            set_elsewhere: mutual_tls(live).into_iter().chain(by_rules(live)).collect(),
            ..by_tag::found(reads, name, &tags, spec(&it.name, live), outputs)
        }))
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<DomainNameOutputs> {
        let endpoint = self.endpoint.as_deref().unwrap_or(REGIONAL);
        // What AWS takes where none is sent is told nowhere for sure.
        let policy = self.security_policy.as_deref().unwrap_or(SECURITY_POLICY);
        let endpoint = EndpointConfiguration::builder().types(endpoint.into());
        let request = aws.apigateway.create_domain_name().domain_name(&self.name);
        let request = match self.is_edge() {
            true => request.certificate_arn(&self.certificate_arn),
            false => request.regional_certificate_arn(&self.certificate_arn),
        };
        let request = request
            .endpoint_configuration(endpoint.build())
            .security_policy(policy.into())
            .set_tags(Some(owner(parent, name, self.tags.as_ref())));
        let operation = "apigateway:CreateDomainName";
        let made = aws.create(operation, || request.clone().send()).await?;
        told(made.domain_name(), operation)?;
        let host = match self.is_edge() {
            true => (
                made.distribution_domain_name(),
                made.distribution_hosted_zone_id(),
            ),
            false => (made.regional_domain_name(), made.regional_hosted_zone_id()),
        };
        Ok(outputs(&aws.region, &self.name, host))
    }

    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let is_due = |field: &str| any_touches(changes, &[field]);
        let mut operations = vec![];
        if is_due("certificate_arn") {
            let path = match live.spec.is_edge() {
                true => "/certificateArn",
                false => "/regionalCertificateArn",
            };
            operations.push(replace(path, &self.certificate_arn));
        }
        let policy = self.security_policy.iter();
        let policy = policy.filter(|_| is_due("security_policy"));
        operations.extend(policy.map(|it| replace("/securityPolicy", it)));
        patch(aws, &live.outputs.name, operations).await?;
        Self::mark(aws, &live.outputs, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &DomainNameOutputs) -> Result<()> {
        let send = || {
            let request = aws.apigateway.delete_domain_name();
            request.domain_name(&live.name).send()
        };
        absent(aws.write("apigateway:DeleteDomainName", send).await).map(drop)
    }

    async fn mark(aws: &Aws, live: &DomainNameOutputs, tags: Retag) -> Result<()> {
        rest_api::retag(aws, &live.arn, tags).await
    }
}

async fn patch(aws: &Aws, name: &str, operations: Vec<PatchOperation>) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let request = aws.apigateway.update_domain_name().domain_name(name);
    let request = request.set_patch_operations(Some(operations));
    let patched = aws
        .write("apigateway:UpdateDomainName", || request.clone().send())
        .await;
    patched.map(drop)
}

fn is_edge(live: &GetDomainNameOutput) -> bool {
    let types = live.endpoint_configuration().map(|it| it.types());
    types.is_some_and(|it| it.iter().any(|it| it.as_str() == EDGE))
}

fn spec(name: &str, live: &GetDomainNameOutput) -> DomainName {
    let is_edge = is_edge(live);
    let certificate = match is_edge {
        true => live.certificate_arn(),
        false => live.regional_certificate_arn(),
    };
    DomainName {
        name: name.to_owned(),
        certificate_arn: certificate.unwrap_or_default().to_owned(),
        endpoint: Some(if is_edge { EDGE } else { REGIONAL }.to_owned()),
        security_policy: live.security_policy().map(|it| it.as_str().to_owned()),
        tags: Some(declared(&tags::of(live.tags()))),
    }
}

/// The host that serves it, and the hosted zone of that.
type Host<'a> = (Option<&'a str>, Option<&'a str>);

fn host(live: &GetDomainNameOutput) -> Host<'_> {
    match is_edge(live) {
        true => (
            live.distribution_domain_name(),
            live.distribution_hosted_zone_id(),
        ),
        false => (live.regional_domain_name(), live.regional_hosted_zone_id()),
    }
}

fn outputs(region: &str, name: &str, (target, zone): Host<'_>) -> DomainNameOutputs {
    DomainNameOutputs {
        target: target.unwrap_or_default().to_owned(),
        hosted_zone_id: zone.unwrap_or_default().to_owned(),
        ..DomainNameOutputs::new(region, name)
    }
}

/// Why it does not answer yet, or not as it should.
fn state(live: &GetDomainNameOutput) -> Option<String> {
    let why = live.domain_name_status_message();
    let why = why.map(|it| format!(": {it}")).unwrap_or_default();
    match live.domain_name_status()? {
        DomainNameStatus::Available => None,
        DomainNameStatus::Pending | DomainNameStatus::Updating => {
            Some("API Gateway is still setting it up".into())
        }
        DomainNameStatus::Failed => Some(format!("API Gateway could not set it up{why}")),
        other => Some(format!("it is not served: {}{why}", other.as_str())),
    }
}

/// Callers have to show a certificate of their own.
fn mutual_tls(live: &GetDomainNameOutput) -> Option<String> {
    let store = live.mutual_tls_authentication()?.truststore_uri()?;
    (!store.is_empty()).then(|| format!("callers need a certificate that is in {store}"))
}

/// Rules lead callers past the base path mappings, or in their place.
fn by_rules(live: &GetDomainNameOutput) -> Option<String> {
    let mode = live.routing_mode()?;
    let text = format!("where it leads say routing rules: {}", mode.as_str());
    (*mode != RoutingMode::BasePathMappingOnly).then_some(text)
}
