//! The calls of a pool's risk configuration.
//!
//! Facts: docs/aws.md §4, "Risk configuration".

use super::user_pool;
use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    plan::laid_over_all,
    spec::{
        Found, from_tree,
        risk_configuration::{
            AccountTakeover, CompromisedCredentials, Notify, NotifyEmail, RiskConfiguration,
            RiskConfigurationOutputs, TOP, TakeoverAction,
        },
        to_tree,
        user_pool::UserPoolOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::set_risk_configuration::builders::SetRiskConfigurationInputBuilder,
    types::{
        AccountTakeoverActionType, AccountTakeoverActionsType,
        AccountTakeoverRiskConfigurationType, CompromisedCredentialsActionsType,
        CompromisedCredentialsRiskConfigurationType, NotifyConfigurationType, NotifyEmailType,
        RiskConfigurationType, RiskExceptionConfigurationType, UserPoolTierType,
    },
};
use serde_json::Value;
use std::collections::BTreeSet;

impl Kind for RiskConfiguration {
    /// Asked of a pool in the PLUS plan, the only one that has any, and where one is wanted.
    async fn find(
        reads: &Reads,
        pool: &UserPoolOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let described = user_pool::describe(reads, &pool.id).await?;
        let plan = described.as_ref().as_ref();
        let plan = plan.and_then(|it| it.user_pool_tier());
        if wanted.is_empty() && plan != Some(&UserPoolTierType::Plus) {
            return Ok(vec![]);
        }
        let send = || {
            let request = reads.aws.cognito.describe_risk_configuration();
            request.user_pool_id(&pool.id).send()
        };
        let answer = reads
            .aws
            .read("cognito-idp:DescribeRiskConfiguration", send)
            .await;
        let live = absent(answer)?.and_then(|it| it.risk_configuration);
        let spec = live.as_ref().map(spec).filter(|it| !it.is_none());
        let outputs = RiskConfigurationOutputs {
            pool_id: pool.id.clone(),
        };
        let found = spec.map(|it| Listed::Full(Found::child("", it, outputs)));
        Ok(found.into_iter().collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        _: &str,
    ) -> Result<RiskConfigurationOutputs> {
        set(aws, &pool.id, Some(self)).await?;
        Ok(RiskConfigurationOutputs {
            pool_id: pool.id.clone(),
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        pool: &UserPoolOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        set(aws, &pool.id, Some(&over(&live.spec, self, changes)?)).await
    }

    /// It is never gone: it is what a pool has that nobody set any of.
    async fn delete(aws: &Aws, pool: &UserPoolOutputs, _: &RiskConfigurationOutputs) -> Result<()> {
        absent(set(aws, &pool.id, None).await).map(drop)
    }
}

/// What is declared over what is there, since Cognito resets what it is not sent; what somebody else set and is to
/// go is left out.
fn over(
    live: &RiskConfiguration,
    declared: &RiskConfiguration,
    changes: &[Change],
) -> Result<RiskConfiguration> {
    let (mut there, declared) = (to_tree(live)?, to_tree(declared)?);
    for field in TOP {
        if declared[*field].is_null() && any_touches(changes, &[field]) {
            there[*field] = Value::Null;
        }
    }
    from_tree(&laid_over_all(&there, &declared))
}

async fn set(aws: &Aws, pool: &str, spec: Option<&RiskConfiguration>) -> Result<()> {
    let input = SetRiskConfigurationInputBuilder::default().user_pool_id(pool);
    let input = match spec {
        Some(spec) => sent(input, spec)?,
        None => input,
    };
    aws.write("cognito-idp:SetRiskConfiguration", || {
        input.clone().send_with(&aws.cognito)
    })
    .await
    .map(drop)
}

fn sent(
    input: SetRiskConfigurationInputBuilder,
    spec: &RiskConfiguration,
) -> Result<SetRiskConfigurationInputBuilder> {
    let credentials = spec.compromised_credentials.as_ref().map(credentials_sent);
    let takeover = spec.account_takeover.as_ref().map(takeover_sent);
    let ranges = |of: &Option<BTreeSet<String>>| {
        let of = of.iter().flatten().cloned().collect::<Vec<_>>();
        Some(of).filter(|it| !it.is_empty())
    };
    let blocked = ranges(&spec.blocked_ip_ranges);
    let skipped = ranges(&spec.skipped_ip_ranges);
    let has_ranges = blocked.is_some() || skipped.is_some();
    let exceptions = RiskExceptionConfigurationType::builder()
        .set_blocked_ip_range_list(blocked)
        .set_skipped_ip_range_list(skipped);
    Ok(input
        .set_compromised_credentials_risk_configuration(credentials.transpose()?)
        .set_account_takeover_risk_configuration(takeover.transpose()?)
        .set_risk_exception_configuration(has_ranges.then(|| exceptions.build())))
}

/// Every part that has to be there is: the schema wants it.
fn whole<T, E: std::error::Error + Send + Sync + 'static>(built: Result<T, E>) -> Result<T> {
    built.map_err(|error| Error::internal("a part of a risk configuration").source(error))
}

fn credentials_sent(
    declared: &CompromisedCredentials,
) -> Result<CompromisedCredentialsRiskConfigurationType> {
    let actions =
        CompromisedCredentialsActionsType::builder().event_action(declared.action.as_str().into());
    let events = declared.events.as_ref();
    let events = events.map(|it| it.iter().map(|it| it.as_str().into()).collect());
    Ok(CompromisedCredentialsRiskConfigurationType::builder()
        .set_event_filter(events)
        .actions(whole(actions.build())?)
        .build())
}

fn takeover_sent(declared: &AccountTakeover) -> Result<AccountTakeoverRiskConfigurationType> {
    let action = |it: &Option<TakeoverAction>| {
        let built = it.as_ref().map(|it| {
            AccountTakeoverActionType::builder()
                .event_action(it.action.as_str().into())
                .notify(it.notify)
                .build()
        });
        built.map(whole).transpose()
    };
    let actions = AccountTakeoverActionsType::builder()
        .set_low_action(action(&declared.low)?)
        .set_medium_action(action(&declared.medium)?)
        .set_high_action(action(&declared.high)?);
    let notify = declared.notify.as_ref().map(notify_sent).transpose()?;
    Ok(AccountTakeoverRiskConfigurationType::builder()
        .actions(actions.build())
        .set_notify_configuration(notify)
        .build())
}

fn notify_sent(declared: &Notify) -> Result<NotifyConfigurationType> {
    let email = |it: &Option<NotifyEmail>| {
        let built = it.as_ref().map(|it| {
            NotifyEmailType::builder()
                .subject(&it.subject)
                .set_html_body(it.html_body.clone())
                .set_text_body(it.text_body.clone())
                .build()
        });
        built.map(whole).transpose()
    };
    let settings = NotifyConfigurationType::builder()
        .source_arn(&declared.ses_source_arn)
        .set_from(declared.from.clone())
        .set_reply_to(declared.reply_to.clone())
        .set_block_email(email(&declared.block_email)?)
        .set_no_action_email(email(&declared.no_action_email)?)
        .set_mfa_email(email(&declared.mfa_email)?);
    whole(settings.build())
}

fn spec(live: &RiskConfigurationType) -> RiskConfiguration {
    let exceptions = live.risk_exception_configuration();
    let set = |it: &[String]| Some(it.iter().cloned().collect());
    RiskConfiguration {
        compromised_credentials: live
            .compromised_credentials_risk_configuration()
            .and_then(credentials),
        account_takeover: live.account_takeover_risk_configuration().map(takeover),
        blocked_ip_ranges: set(exceptions.map_or(&[], |it| it.blocked_ip_range_list())),
        skipped_ip_ranges: set(exceptions.map_or(&[], |it| it.skipped_ip_range_list())),
    }
}

fn credentials(
    live: &CompromisedCredentialsRiskConfigurationType,
) -> Option<CompromisedCredentials> {
    let events = live.event_filter().iter().map(|it| it.as_str().to_owned());
    Some(CompromisedCredentials {
        action: live.actions()?.event_action().as_str().to_owned(),
        events: Some(events.collect()),
    })
}

fn takeover(live: &AccountTakeoverRiskConfigurationType) -> AccountTakeover {
    let action = |it: Option<&AccountTakeoverActionType>| {
        it.map(|it| TakeoverAction {
            action: it.event_action().as_str().to_owned(),
            notify: it.notify(),
        })
    };
    let actions = live.actions();
    AccountTakeover {
        low: action(actions.and_then(|it| it.low_action())),
        medium: action(actions.and_then(|it| it.medium_action())),
        high: action(actions.and_then(|it| it.high_action())),
        notify: live.notify_configuration().map(notify),
    }
}

fn notify(live: &NotifyConfigurationType) -> Notify {
    let email = |it: Option<&NotifyEmailType>| {
        it.map(|it| NotifyEmail {
            subject: it.subject().to_owned(),
            html_body: it.html_body().map(ToOwned::to_owned),
            text_body: it.text_body().map(ToOwned::to_owned),
        })
    };
    Notify {
        ses_source_arn: live.source_arn().to_owned(),
        from: live.from().map(ToOwned::to_owned),
        reply_to: live.reply_to().map(ToOwned::to_owned),
        block_email: email(live.block_email()),
        no_action_email: email(live.no_action_email()),
        mfa_email: email(live.mfa_email()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(tree: Value) -> RiskConfiguration {
        from_tree(&tree).unwrap()
    }

    fn read_back(declared: &RiskConfiguration) -> RiskConfiguration {
        let input = sent(SetRiskConfigurationInputBuilder::default(), declared).unwrap();
        let live = RiskConfigurationType::builder()
            .set_compromised_credentials_risk_configuration(
                input
                    .get_compromised_credentials_risk_configuration()
                    .clone(),
            )
            .set_account_takeover_risk_configuration(
                input.get_account_takeover_risk_configuration().clone(),
            )
            .set_risk_exception_configuration(input.get_risk_exception_configuration().clone());
        spec(&live.build())
    }

    #[test]
    fn all_that_can_be_said_reads_back() {
        let email = |text: &str| json!({ "subject": text, "html_body": "<p>{city}</p>", "text_body": "{country}" });
        let whole = of(json!({
            "compromised_credentials": { "action": "BLOCK", "events": ["SIGN_IN", "SIGN_UP"] },
            "account_takeover": {
                "low": { "action": "NO_ACTION", "notify": true },
                "medium": { "action": "MFA_IF_CONFIGURED", "notify": false },
                "high": { "action": "BLOCK", "notify": true },
                "notify": {
                    "ses_source_arn": "arn:aws:ses:eu-west-1:123456789012:identity/a@example.com",
                    "from": "a@example.com", "reply_to": "b@example.com",
                    "block_email": email("a"), "no_action_email": email("b"), "mfa_email": email("c"),
                },
            },
            "blocked_ip_ranges": ["192.0.2.0/24"],
            "skipped_ip_ranges": ["198.51.100.0/24"],
        }));
        assert_eq!(read_back(&whole), whole);
        let none = read_back(&RiskConfiguration::default());
        assert!(none.is_none(), "{none:?}");
    }

    #[test]
    fn what_is_left_out_within_stays_and_what_somebody_else_set_goes() {
        let live = of(json!({
            "account_takeover": { "low": { "action": "BLOCK", "notify": true } },
            "skipped_ip_ranges": ["198.51.100.0/24"],
            "blocked_ip_ranges": [],
        }));
        let declared =
            of(json!({ "account_takeover": { "high": { "action": "BLOCK", "notify": false } } }));
        let changes = [Change {
            path: "skipped_ip_ranges".into(),
            old: Value::Null,
            new: Value::Null,
        }];
        let set = over(&live, &declared, &changes).unwrap();
        assert_eq!(set.skipped_ip_ranges, None);
        let takeover = set.account_takeover.unwrap();
        assert!(takeover.low.is_some() && takeover.high.is_some());
    }
}
