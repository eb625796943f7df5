//! What runs a function past its API: URLs of its own, event sources, and the policies of its versions
//! and aliases, which are apart from the function's own (Lambda developer guide, "Resource-based policy").

use super::version;
use crate::{
    aws::{Aws, absent, pages},
    error::Result,
    spec::role::canonical_policy,
};
use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration, FunctionUrlAuthType, FunctionUrlConfig,
};
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
        let (policy, events) =
            futures::try_join!(policy(aws, name, qualifier), events(aws, &qualified))?;
        Ok::<_, crate::error::Error>([policy, events].concat())
    });
    found.extend(try_join_all(parts).await?.into_iter().flatten());
    found.sort();
    found.dedup();
    Ok(found)
}

async fn urls(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let all = pages(|marker| async move {
        let request = aws
            .lambda
            .list_function_url_configs()
            .function_name(name)
            .set_marker(marker);
        let page = aws
            .read("lambda:ListFunctionUrlConfigs", || request.clone().send())
            .await;
        Ok(absent(page)?
            .map(|it| (it.function_url_configs, it.next_marker))
            .unwrap_or_default())
    });
    Ok(all.await?.iter().map(url).collect())
}

fn url(config: &FunctionUrlConfig) -> String {
    let (url, auth) = (config.function_url(), config.auth_type());
    match auth {
        FunctionUrlAuthType::None => {
            format!("its function URL {url} takes calls from everyone (NONE)")
        }
        _ => format!("its function URL {url} takes calls ({})", auth.as_str()),
    }
}

async fn events(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let all = pages(|marker| async move {
        let request = aws
            .lambda
            .list_event_source_mappings()
            .function_name(name)
            .set_marker(marker);
        let page = aws
            .read("lambda:ListEventSourceMappings", || request.clone().send())
            .await;
        Ok(absent(page)?
            .map(|it| (it.event_source_mappings.unwrap_or_default(), it.next_marker))
            .unwrap_or_default())
    });
    Ok(all.await?.iter().map(event).collect())
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
    let all = pages(|marker| async move {
        let request = aws
            .lambda
            .list_aliases()
            .function_name(name)
            .set_marker(marker);
        let page = aws
            .read("lambda:ListAliases", || request.clone().send())
            .await;
        Ok(absent(page)?
            .map(|it| (it.aliases.unwrap_or_default(), it.next_marker))
            .unwrap_or_default())
    });
    Ok(all.await?.into_iter().filter_map(|it| it.name).collect())
}

/// The statements of one version's or alias's own policy.
async fn policy(aws: &Aws, name: &str, qualifier: &str) -> Result<Vec<String>> {
    let answer = aws.read("lambda:GetPolicy", || {
        aws.lambda
            .get_policy()
            .function_name(name)
            .qualifier(qualifier)
            .send()
    });
    let Some(text) = absent(answer.await)?.and_then(|it| it.policy) else {
        return Ok(vec![]);
    };
    let policy = serde_json::from_str(&text)
        .map(canonical_policy)
        .unwrap_or(Value::String(text));
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        _ => vec![policy.clone()],
    };
    let line =
        |it: &Value| format!("its version or alias {qualifier} has a policy of its own: {it}");
    Ok(statements.iter().map(line).collect())
}
