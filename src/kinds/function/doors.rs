//! What runs a function past its API: URLs of its own, event sources, and the policies of its versions
//! and aliases, which are apart from the function's own (Lambda developer guide, "Resource-based policy").

use super::version;
use crate::{
    aws::{Aws, absent},
    error::Result,
    kinds::role::canonical_policy,
};
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionUrlAuthType, FunctionUrlConfig};
use futures::future::try_join_all;
use serde_json::Value;

/// All of them, as texts.
pub(super) async fn all(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let whole = futures::future::try_join(urls(aws, name), events(aws, name));
    let (mut found, qualifiers) = futures::try_join!(
        async { whole.await.map(|(urls, events)| [urls, events].concat()) },
        qualifiers(aws, name)
    )?;
    let parts = qualifiers.iter().map(async |qualifier| {
        let qualified = format!("{name}:{qualifier}");
        let (policy, events) = futures::try_join!(policy(aws, name, qualifier), events(aws, &qualified))?;
        Ok::<_, crate::error::Error>([policy, events].concat())
    });
    found.extend(try_join_all(parts).await?.into_iter().flatten());
    found.sort();
    found.dedup();
    Ok(found)
}

async fn urls(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None::<String>);
    loop {
        let page = aws.read("lambda:ListFunctionUrlConfigs", || {
            let request = aws.lambda.list_function_url_configs().function_name(name);
            request.set_marker(marker.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(vec![]) };
        found.extend(page.function_url_configs.iter().map(url));
        marker = page.next_marker.filter(|it| !it.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

fn url(config: &FunctionUrlConfig) -> String {
    let (url, auth) = (config.function_url(), config.auth_type());
    match auth {
        FunctionUrlAuthType::None => format!("its function URL {url} takes calls from everyone (NONE)"),
        _ => format!("its function URL {url} takes calls ({})", auth.as_str()),
    }
}

async fn events(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None::<String>);
    loop {
        let page = aws.read("lambda:ListEventSourceMappings", || {
            let request = aws.lambda.list_event_source_mappings().function_name(name);
            request.set_marker(marker.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(vec![]) };
        found.extend(page.event_source_mappings.iter().flatten().map(event));
        marker = page.next_marker.filter(|it| !it.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// A source without an ARN is a Kafka cluster of somebody's own.
fn event(mapping: &EventSourceMappingConfiguration) -> String {
    let id = mapping.uuid().unwrap_or_default();
    match mapping.event_source_arn() {
        Some(source) => format!("the events of {source} run it (event source {id})"),
        None => format!("events from outside AWS run it (event source {id})"),
    }
}

/// Its published versions and its aliases.
async fn qualifiers(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let versions = async { absent(version::list(aws, name).await).map(Option::unwrap_or_default) };
    let (versions, mut found) = futures::try_join!(versions, aliases(aws, name))?;
    let numbers = versions.into_iter().filter_map(|it| it.version);
    found.extend(numbers.filter(|it| it != version::LATEST));
    Ok(found)
}

async fn aliases(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None::<String>);
    loop {
        let page = aws.read("lambda:ListAliases", || {
            aws.lambda.list_aliases().function_name(name).set_marker(marker.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(vec![]) };
        found.extend(page.aliases.into_iter().flatten().filter_map(|it| it.name));
        marker = page.next_marker.filter(|it| !it.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The statements of one version's or alias's own policy.
async fn policy(aws: &Aws, name: &str, qualifier: &str) -> Result<Vec<String>> {
    let answer = aws
        .read("lambda:GetPolicy", || aws.lambda.get_policy().function_name(name).qualifier(qualifier).send());
    let Some(text) = absent(answer.await)?.and_then(|it| it.policy) else { return Ok(vec![]) };
    let policy = serde_json::from_str(&text).map(canonical_policy).unwrap_or(Value::String(text));
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        _ => vec![policy.clone()],
    };
    let line = |it: &Value| format!("its version or alias {qualifier} has a policy of its own: {it}");
    Ok(statements.iter().map(line).collect())
}
